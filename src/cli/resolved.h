/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file resolved.h  The configuration that a command would work with, each value with where it comes from. */
#ifndef HOLOGRAD_CLI_RESOLVED_H
#define HOLOGRAD_CLI_RESOLVED_H
#include "cli/cli.h"
#include "common/field.h"
#include "common/text.h"

/** Lines "path = value   origin"; origin: default, preset NAME, file, --set, an option, --seed.
 *  @param plain [in] the config as the file has it; NULL: cannot be read twice, then what the file says and what the command line
 *  says are both "given"
 *  @param config [in] the config after the command line's changes  @param fields [in] its rows */
com_status cli_resolved_print(const cli_env *env, const char *file, const cJSON *plain, const cJSON *config,
                              const com_field *fields, com_text *out);

#endif
