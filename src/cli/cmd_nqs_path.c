/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cli/configured.h"
#include "cli/registry.h"
#include "cli/shapes.h"
#include "common/table.h"
#include "nqs/figures.h"
#include "nqs/pathint.h"

typedef struct config {
  char *schema;
  com_seed seed;
  nqs_pathint_opts path;
} config;

static const com_field fields[] = {
    {"schema", "holograd/path/1", NULL, COM_F_STRING, offsetof(config, schema), 0, 0, 0, NULL, NULL, 0},
    {"seed", "root of all random streams", NULL, COM_F_SEED, offsetof(config, seed), 0, 0, 0, NULL, NULL, 0},
    {"path", "the particle, the network, the sampling", NULL, COM_F_OBJECT, offsetof(config, path), 0, 0, 0,
     nqs_pathint_fields, NULL, COM_FF_REQUIRED},
    {0}};

typedef struct args {
  cli_output_files to;
} args;

static const cli_opt opts[] = {CLI_OUTPUT_OPTS(args, to, "energy and gap against the interval"),
                               {0, "steps", "D,...", "intervals to run", CLI_LIST, 0, "path.steps", NULL},
                               {0, "net", "NAME", "step, relu or cosine", CLI_STRING, 0, "path.net", NULL},
                               {0}};

static com_status valid(com_ctx *c, const char *file, const void *given) {
  COM_CHECK(c, ((const config *)given)->path.steps.n, COM_E_CONFIG, "%s: path.steps: must not be empty",
            file);
  return COM_OK;
}

static com_status add_table(com_ctx *c, size_t n, const nqs_pathint_result *r, cJSON *result) {
  static const char *const names[] = {"D", "x2", "energy", "gap", "rhat"};
  com_table *t = NULL;
  double *v = malloc(2 * n * sizeof *v);
  com_status s = v ? com_table_create(c, &t) : COM_FAIL(c, COM_E_MEM, "out of memory");
  for (size_t k = 0; k < 5 && !s; k++) {
    for (size_t i = 0; i < n; i++) {
      const double all[] = {r[i].step, r[i].x2, r[i].energy, r[i].gap, r[i].rhat};
      const double error[] = {0, r[i].x2_error, r[i].energy_error, r[i].gap_error, 0};
      v[i] = all[k], v[n + i] = error[k];
    }
    s = com_table_add(c, t, names[k], "1", NULL, n, v, k >= 1 && k <= 3 ? v + n : NULL);
  }
  if (!s) s = com_json_add(c, result, "runs", com_table_json(t));
  com_table_destroy(t);
  free(v);
  return s;
}

static com_status add_summary(com_ctx *c, const nqs_pathint_opts *o, const nqs_pathint_result *r,
                              cJSON *result) {
  double e0, error, level[2];
  COM_TRY(nqs_pathint_levels(c, &o->system, 2, level));
  COM_TRY(com_json_add(c, result, "exact_energy", com_json_real(level[0])));
  COM_TRY(com_json_add(c, result, "exact_gap", com_json_real((level[1] - level[0]) / o->system.hbar)));
  if (o->steps.n < 2) return COM_OK;
  COM_TRY(nqs_pathint_extrapolate(c, (nqs_pathint_rule)o->rule, o->steps.n, r, &e0, &error));
  COM_TRY(com_json_add(c, result, "energy", com_json_real(e0)));
  return com_json_add(c, result, "energy_error", com_json_real(error));
}

static com_status compute(com_ctx *c, const void *given, cJSON *result) {
  const nqs_pathint_opts *o = &((const config *)given)->path;
  nqs_pathint_result *r;
  COM_ALLOC(c, r = calloc(o->steps.n, sizeof *r));
  com_status s = COM_OK;
  for (size_t k = 0; k < o->steps.n && !s; k++) s = nqs_pathint_sample(c, o, o->steps.v[k], r + k);
  if (!s) s = add_table(c, o->steps.n, r, result);
  if (!s) s = add_summary(c, o, r, result);
  free(r);
  return s;
}

static const cli_configured spec = {.schema = "holograd/path/1",
                                    .fields = fields,
                                    .seed = offsetof(config, seed),
                                    .valid = valid,
                                    .fill = compute};

static com_status run(cli_env *env) {
  config cfg;
  return cli_configured_run(env, &spec, &cfg, &((const args *)env->args)->to);
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
  config cfg;
  COM_TRY(cli_configured_read(env->ctx, &spec, file, j, &cfg));
  com_text_printf(out, "%s: would sample %d paths at each of %zu intervals.\n", file,
                  cfg.path.chains * cfg.path.draws, cfg.path.steps.n);
  com_field_finish(fields, &cfg);
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

const cli_schema cli_cmd_nqs_path_schema = {.kind = "path",
                                            .doc = "path integral over network weights: config and result",
                                            .fields = fields,
                                            .check = check,
                                            .plot = plot,
                                            .words = words,
                                            .reads = "nqs path",
                                            .shape = cli_shapes_path,
                                            .config = "path"};
