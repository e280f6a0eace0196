/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file helptext.h  Help, made of the tables. */
#ifndef HOLOGRAD_CLI_HELPTEXT_H
#define HOLOGRAD_CLI_HELPTEXT_H
#include "cli/cli.h"
#include "common/field.h"
#include "common/text.h"

/** Help of one command. @param full with its text and the exit codes; else only usage, options, examples */
void cli_helptext_command(const cli_cmd *cmd, int full, com_text *out);
/** The commands with one line each. */
void cli_helptext_commands(com_text *out);
void cli_helptext_exit_codes(com_text *out);
/** All that is known of one component. */
com_status cli_helptext_component(com_ctx *c, const com_kind *kind, const com_component *component,
                                  com_text *out);
/** "  name  doc" lines, aligned; NULL-ended. */
void cli_helptext_kind(const com_kind *kind, com_text *out);
/** cli_helptext_command to standard output or -o. */
com_status cli_helptext_print(const cli_env *env, const cli_cmd *cmd, int full);
/** Hand the text over to -o or standard output; frees it. */
com_status cli_helptext_send(const cli_env *env, com_text *text);
void cli_cmd_help_topics(com_text *out); /**< names of the topics of `help`, for completion */

#endif
