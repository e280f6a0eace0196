/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file shapes.h  What the commands write, key by key (common/shape.h): for schemas and for docs/formats.md. */
#ifndef HOLOGRAD_CLI_SHAPES_H
#define HOLOGRAD_CLI_SHAPES_H
#include "common/shape.h"

extern const com_shape cli_shapes_train[], cli_shapes_evaluation[], cli_shapes_gradcheck[], cli_shapes_diff[],
    cli_shapes_comparison[], cli_shapes_inference[], cli_shapes_study[], cli_shapes_background[],
    cli_shapes_backgrounds[], cli_shapes_lattice[], cli_shapes_masses[], cli_shapes_reference[],
    cli_shapes_potential[], cli_shapes_spectrum[], cli_shapes_nqs[], cli_shapes_evolution[], cli_shapes_dbm[],
    cli_shapes_path[], cli_shapes_machine[];

#endif
