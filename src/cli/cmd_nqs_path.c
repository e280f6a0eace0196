/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "cli/output.h"
#include "cli/registry.h"
#include "common/table.h"
#include "nqs/figures.h"
#include "nqs/pathint_report.h"

typedef struct args {
  cli_output_files to;
} args;

static const cli_opt opts[] = {CLI_OUTPUT_OPTS(args, to, "energy and gap against the interval"),
                               {0, "steps", "D,...", "intervals to run", CLI_LIST, 0, "path.steps", NULL},
                               {0, "net", "NAME", "step, relu or cosine", CLI_STRING, 0, "path.net", NULL},
                               {0}};

static com_status run(cli_env *env) {
  return cli_output_made(env, nqs_pathint_report_run, &((const args *)env->args)->to);
}

const cli_cmd cli_cmd_nqs_path = {
    .name = "nqs path",
    .usage = "CONFIG",
    .doc = "path integral of one particle as a sum over network weights",
    .text = "Samples the weights of a network whose output is the path, V(x) = k x^2/2 + lambda x^4, at each "
            "interval "
            "path.steps, and\nextrapolates the ground energy to D = 0.",
    .examples = "holograd nqs path examples/52_path_integral/path.json -o path-result.json",
    .opts = opts,
    .args_size = sizeof(args),
    .min_files = 1,
    .max_files = 1,
    .run = run};

static com_status check(const cli_env *env, const char *file, const cJSON *j, com_text *out) {
  long paths;
  size_t intervals;
  COM_TRY(nqs_pathint_report_paths(env->ctx, file, j, &paths, &intervals));
  com_text_printf(out, "%s: would sample %ld paths at each of %zu intervals.\n", file, paths, intervals);
  return COM_OK;
}

static com_status words(const cli_env *env, const cJSON *j, char **out) {
  const cJSON *r = com_json_get(j, "result");
  com_table *runs = NULL;
  char *rows = NULL;
  com_text t = {0};
  if (!r) return com_text_take(env->ctx, &t, out);
  COM_TRY(com_table_read(env->ctx, "result.runs", com_json_get(r, "runs"), NULL, &runs));
  const com_status s = com_table_print(env->ctx, runs, &rows);
  com_table_destroy(runs);
  if (s) return s;
  for (const char *line = rows; *line;) { /* behind four blanks: a page has the table itself */
    const size_t n = strcspn(line, "\n");
    com_text_add(&t, "    ");
    com_text_bytes(&t, line, n);
    com_text_add(&t, "\n");
    line += n + (line[n] == '\n');
  }
  free(rows);
  if (com_json_get(r, "energy"))
    com_text_printf(&t, "D -> 0: E = %.6f +- %.2g, diagonalisation %.6f\n",
                    com_json_num(com_json_get(r, "energy"), NAN),
                    com_json_num(com_json_get(r, "energy_error"), NAN),
                    com_json_num(com_json_get(r, "exact_energy"), NAN));
  return com_text_take(env->ctx, &t, out);
}

static com_status plot(const cli_env *env, const char *file, const cJSON *j, com_svg **out) {
  return nqs_figures_path(env->ctx, file, j, out);
}

const cli_schema cli_cmd_nqs_path_schema = {
    .kind = "path", .check = check, .plot = plot, .words = words, .reads = "nqs path"};
