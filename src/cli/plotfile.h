/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file plotfile.h  Pictures of commands with --plot FILE. */
#ifndef HOLOGRAD_CLI_PLOTFILE_H
#define HOLOGRAD_CLI_PLOTFILE_H
#include "cli/cli.h"
#include "common/svg.h"

typedef enum cli_plotfile_format {
  CLI_PLOTFILE_AUTO, /**< by the ending of the name */
  CLI_PLOTFILE_SVG,
  CLI_PLOTFILE_PNG,
  CLI_PLOTFILE_GNUPLOT
} cli_plotfile_format;

/** Write a figure by the ending of the name: .gp or .gnuplot a script with inline data, .png through rsvg-convert
 *  (COM_E_CREATE with the remedy when it is not installed), anything else SVG. @param path NULL: where -o says */
com_status cli_plotfile_save(const cli_env *env, const char *path, const com_svg *figure);
com_status cli_plotfile_save_as(const cli_env *env, const char *path, cli_plotfile_format format,
                                const com_svg *figure);

#endif
