/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file opt.h
 *  Parsing from option tables: -o FILE, -oFILE, --output FILE, --output=FILE, bundled flags, "--", "-" as a file,
 *  options and files in any order.  No abbreviations: an unknown option is an error with the nearest name. */
#ifndef HOLOGRAD_CLI_OPT_H
#define HOLOGRAD_CLI_OPT_H
#include "cli/cli.h"

typedef struct cli_opt_parsed {
  cli_common common;
  void *args;         /**< cmd->args_size bytes */
  const char **files; /**< borrowed from argv */
  size_t n_files;
} cli_opt_parsed;

const cli_opt *cli_opt_common(void); /**< rows of the options that every command has */
/** Parse what follows the command name.  COM_E_USAGE with a one-line text that ends in the usage.  With --help
 *  given, common.help is set and the number of files is not checked.
 *  @param out [out] cli_opt_finish it, also after a failure */
com_status cli_opt_parse(com_ctx *c, const cli_cmd *cmd, int argc, char **argv, cli_opt_parsed *out);
void cli_opt_finish(const cli_cmd *cmd, cli_opt_parsed *p);
/** "holograd train [options] CONFIG" */
void cli_opt_usage(const cli_cmd *cmd, char *out, size_t size);
/** Every output named on the command line can be created, and no two are the same file. */
com_status cli_opt_outputs(com_ctx *c, const cli_cmd *cmd, const cli_opt_parsed *p);

#endif
