/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file io.h  What commands read and write: files with the command line's changes applied, outputs by the rules of
 *  -o and --force. */
#ifndef HOLOGRAD_CLI_IO_H
#define HOLOGRAD_CLI_IO_H
#include "cli/cli.h"

/** Load a file and apply --set, the shorthands of the command's options and --seed, to the config inside when the
 *  file is a result.  Relative files named on the command line are made absolute where the file that is read lies
 *  in another folder than the working directory.  @param out [out] com_json_free it */
com_status cli_io_load(const cli_env *env, const char *file, cJSON **out);
/** Load a file as it is: the second file of a command. */
com_status cli_io_load_plain(const cli_env *env, const char *file, cJSON **out);
/** Write where -o says (default: standard output), atomically; --force overwrites. */
com_status cli_io_save(const cli_env *env, const cJSON *j);
/** The same for text. @param path NULL: where -o says */
com_status cli_io_save_text(const cli_env *env, const char *path, const char *text);

#endif
