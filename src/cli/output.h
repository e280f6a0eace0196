/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file output.h
 *  How every command hands over what it made. */
#ifndef HOLOGRAD_CLI_OUTPUT_H
#define HOLOGRAD_CLI_OUTPUT_H
#include "cli/cli.h"

/** Write `doc` to -o; draw it to `plot` unless that is NULL; say it in words unless -q: on standard output, or on
 *  standard error when the document itself goes there.  Picture and words are those of the document's cli_schema. */
com_status cli_output(const cli_env *env, const cJSON *doc, const char *plot);

#endif
