/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file registry.h
 *  What exists, for the introspecting commands: kinds of components (kind_list.h), what is done with kinds of files
 *  (schema_list.h), commands (cmd_list.h).  Each list has one line per entry; nothing else names them. */
#ifndef HOLOGRAD_CLI_REGISTRY_H
#define HOLOGRAD_CLI_REGISTRY_H
#include "cli/cli.h"
#include "common/field.h"
#include "common/svg.h"
#include "common/text.h"

/** What the program does with a kind of file (a row of files/kind.c) beyond reading and writing it.  Its owner ends one of its sources with
 *  `const cli_schema cli_cmd_x_schema` and adds CLI_SCHEMA(cli_cmd_x_schema) to schema_list.h. */
typedef struct cli_schema {
  const char *kind; /**< "train" of "holograd/train/1" */
  /** Validate fully, as the command that reads it would, and say in words what would run and how long it may take.
   *  NULL: only the schema line and the rows are checked. */
  com_status (*check)(const cli_env *env, const char *file, const cJSON *j, com_text *out);
  /** The picture of such a file. NULL: tables are drawn from their columns, others have none. */
  com_status (*plot)(const cli_env *env, const char *file, const cJSON *j, com_svg **out);
  /** What such a file says, in words; the caller frees.  NULL: nothing is said.  A line is a sentence, behind two blanks
   *  an item of a list; behind four a row of figures, which a page leaves out because it has them in its tables. */
  com_status (*words)(const cli_env *env, const cJSON *j, char **out);
  const char *reads; /**< command that takes it, as "train"; NULL = none */
  /** Which command makes this very file again, where several write the kind.  NULL: `reads`. */
  const char *(*again)(const cJSON *j);
} cli_schema;

extern const cli_cmd cli_cmd_check; /**< what --dry-run runs */

const com_kind *const *cli_registry_kinds(void);     /**< NULL-terminated */
const cli_cmd *const *cli_registry_commands(void);   /**< NULL-terminated, in the order of cmd_list.h */
const com_kind *cli_registry_kind(const char *name); /**< by name or plural; NULL when unknown */
/** Of a kind that nothing more is done with: an empty table.  NULL when there is no such kind. */
const cli_schema *cli_registry_schema(const char *kind);
/** The command whose name opens argv; *words = 1 or 2 words used.  NULL when none. */
const cli_cmd *cli_registry_command(int argc, char **argv, int *words);

#endif
