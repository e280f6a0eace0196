/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file figure.h  The picture of any file: that of its kind, or its table drawn column by column. */
#ifndef HOLOGRAD_CLI_FIGURE_H
#define HOLOGRAD_CLI_FIGURE_H
#include "cli/cli.h"
#include "common/svg.h"
#include "common/table.h"

/** @param out [out] com_svg_destroy it; NULL when there is nothing to draw */
com_status cli_figure(const cli_env *env, const char *file, const cJSON *j, com_svg **out);
/** One panel per column, two side by side: columns of one table rarely share a unit.
 *  @param x name of the column on the horizontal axis, NULL: the first, by row number when it holds names  @param y columns to draw, none: all */
com_status cli_figure_table(com_ctx *c, const char *file, const com_table *t, const char *x,
                            const cli_strings *y, com_svg **out);

#endif
