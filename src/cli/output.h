/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file output.h
 *  How every command hands over what it made. */
#ifndef HOLOGRAD_CLI_OUTPUT_H
#define HOLOGRAD_CLI_OUTPUT_H
#include "cli/cli.h"

/** Where picture and page go; NULL: nowhere. */
typedef struct cli_output_files {
  const char *plot, *report;
} cli_output_files;

/** The rows of --plot and --report in a command's option table; `member` is the cli_output_files in its args struct,
 *  `what` says what the picture shows. */
#define CLI_OUTPUT_OPTS(args, member, what)                                                                  \
  {                                                                                                          \
      0,    "plot", "FILE", "draw " what " (.svg, .png, .gp)", CLI_OUTPUT, offsetof(args, member.plot),      \
      NULL, NULL},                                                                                           \
  {                                                                                                          \
    0, "report", "FILE", "one HTML page: words, numbers, pictures, how to rerun, what to cite", CLI_OUTPUT,  \
        offsetof(args, member.report), NULL, NULL                                                            \
  }

/** Write `doc` to -o; draw it; put it on a page; say it in words unless -q: on standard output, or on standard error
 *  when the document itself goes there.  Picture, page and words are those of the document's cli_schema. */
com_status cli_output(const cli_env *env, const cJSON *doc, const cli_output_files *to);
/** A whole command: env->files[0] with the command line's changes -> `make` -> cli_output.  What was made is handed over whatever the
 *  status says (a negative verdict, an interrupted run that keeps what it has). */
com_status cli_output_made(const cli_env *env,
                           com_status (*make)(com_ctx *c, const char *file, const cJSON *j, cJSON **doc),
                           const cli_output_files *to);

#endif
