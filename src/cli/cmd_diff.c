/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include "cli/io.h"
#include "files/diff.h"

typedef struct diff_args {
  double sigma, rel;
  cli_strings columns;
  int all;
} diff_args;

static const cli_opt opts[] = {
    {0, "sigma", "X", "largest difference that agrees, in units of the combined errors", CLI_REAL,
     offsetof(diff_args, sigma), NULL, "3"},
    {0, "rel", "X", "the same for columns without errors: relative to the largest entry", CLI_REAL,
     offsetof(diff_args, rel), NULL, "1e-6"},
    {0, "column", "NAME", "compare only this column (or all that begin with NAME.); repeatable", CLI_STRINGS,
     offsetof(diff_args, columns), NULL, NULL},
    {0, "all", NULL, "a column of A that B lacks differs, instead of being passed over", CLI_FLAG,
     offsetof(diff_args, all), NULL, NULL},
    {0}};

static com_status output(const cli_env *env, const com_table *table) {
  com_ctx *c = env->ctx;
  cJSON *doc = NULL;
  char *text = NULL;
  com_status s = env->common->output ? files_diff_wrap(c, table, &doc) : com_table_print(c, table, &text);
  if (!s) s = doc ? cli_io_save(env, doc) : cli_io_save_text(env, NULL, text);
  com_json_free(doc);
  free(text);
  return s;
}

static com_status run(cli_env *env) {
  const diff_args *a = env->args;
  const files_diff_opts o = {
      .sigma = a->sigma, .rel = a->rel, .column = {a->columns.n, a->columns.v}, .all = a->all};
  com_table *table = NULL;
  cJSON *j[2] = {NULL, NULL};
  com_status made = COM_OK, written = COM_OK;
  for (size_t k = 0; k < 2 && !made; k++) made = cli_io_load_plain(env, env->files[k], &j[k]);
  if (!made) made = files_diff_run(env->ctx, &o, env->files, (const cJSON *const[2]){j[0], j[1]}, &table);
  if (table) written = output(env, table);
  com_table_destroy(table);
  for (size_t k = 0; k < 2; k++) com_json_free(j[k]);
  return written ? written : made;
}

const cli_cmd cli_cmd_diff = {
    .name = "diff",
    .usage = "A B",
    .doc = "compare two results, column by column in units of their errors",
    .text =
        "Columns are matched by name: columns of tables, members of rows (predictions.response), parameters\n"
        "(parameters.metric.theta), scalars.  Units are converted.  Where neither file gives an error, the\n"
        "difference relative to the largest entry of the column counts.  Exit code 0: agree, 1: differ.",
    .examples = "holograd diff a.json b.json\nholograd diff a.json b.json --column predictions --sigma 2",
    .opts = opts,
    .args_size = sizeof(diff_args),
    .min_files = 2,
    .max_files = 2,
    .run = run};
