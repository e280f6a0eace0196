/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file cli.h
 *  The frame of every command: one option table, one table per command, one environment handed to it.  A command is
 *  one file cmd_x.c that ends in `const cli_cmd cli_cmd_x` and one line CLI_CMD(x) in cmd_list.h. */
#ifndef HOLOGRAD_CLI_CLI_H
#define HOLOGRAD_CLI_CLI_H
#include <stddef.h>
#include "common/json.h"

/** What an option's value is, and what is stored at `off` in the command's args struct. */
typedef enum cli_type {
  CLI_FLAG = 'b',   /**< no value; int, counted: -v -v is 2 */
  CLI_STRING = 's', /**< const char * */
  CLI_INPUT = 'f',  /**< const char *, a file to read, relative to the working directory */
  CLI_OUTPUT =
      'o', /**< const char *, a file to write: checked before the command runs, --force to overwrite */
  CLI_REPLACED =
      'w', /**< const char *, a file that is always replaced (checkpoint): checked before the command runs */
  CLI_INT = 'i',     /**< int */
  CLI_REAL = 'r',    /**< double, finite */
  CLI_STRINGS = 'm', /**< cli_strings, repeatable */
  CLI_LIST =
      'l', /**< only with `set`: MIN:MAX:N (N numbers at equal distances) or A,B,C, set as a JSON array */
  CLI_JSON = 'j' /**< only with `set`: any JSON, or a bare string */
} cli_type;

typedef struct cli_opt {
  char shrt; /**< 'o', or 0 */
  const char *lng,
      *arg; /**< "output", "FILE" (NULL for a flag); the name of a kind, as FLOW, is completed from it */
  const char *doc; /**< one line */
  int type;        /**< cli_type */
  size_t off;      /**< in the args struct; ignored when `set` is given */
  const char
      *set; /**< key path in the file that the command reads: the value is applied like --set, after it */
  const char *def; /**< default as one would type it; NULL = zero bits (not given) */
} cli_opt;         /* a table ends with {0} */

typedef struct cli_strings {
  size_t n;
  char **v;
} cli_strings;

/** Options that every command has. */
typedef struct cli_common {
  const char *output; /**< NULL or "-": standard output */
  cli_strings sets;   /**< --set expressions, in order */
  cli_strings
      shorthands; /**< expressions made of the command's `set` options, in order; applied after sets */
  unsigned long long seed; /**< valid when seed_given */
  int seed_given;
  const char *seed_text; /**< as typed */
  int threads;           /**< 0 = all cores */
  double max_time;       /**< seconds, 0 = none */
  int quiet, verbose;
  const char *log_json;
  int force, dry_run, no_progress, help;
} cli_common;

typedef struct cli_cmd cli_cmd;
typedef struct cli_env {
  com_ctx *ctx;
  const cli_cmd *cmd;
  const cli_common *common;
  const void *args; /**< the command's args struct */
  size_t n_files;
  const char *const *files;
} cli_env;

struct cli_cmd {
  const char *name;     /**< "train", "nqs run" */
  const char *usage;    /**< what follows the name and "[options]": "CONFIG" */
  const char *doc;      /**< one line, no full stop */
  const char *text;     /**< paragraphs of the long help, NULL = none */
  const char *examples; /**< lines of the long help, NULL = none */
  const cli_opt *opts;  /**< NULL = only the common ones */
  size_t args_size;
  int min_files, max_files; /**< max_files < 0: any number */
  com_status (*run)(cli_env *env);
  com_status (*dry)(cli_env *env); /**< --dry-run; NULL: `check` of every file */
};

#endif
