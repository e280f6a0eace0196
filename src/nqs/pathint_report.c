/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/pathint_report.h"
#include <stdlib.h>
#include "common/configured.h"
#include "common/table.h"
#include "nqs/pathint.h"

typedef struct config {
  char *schema;
  com_seed seed;
  nqs_pathint_opts path;
} config;

const com_field nqs_pathint_report_fields[] = {
    {"schema", "holograd/path/1", NULL, COM_F_STRING, offsetof(config, schema), 0, 0, 0, NULL, NULL, 0},
    {"seed", "root of all random streams", NULL, COM_F_SEED, offsetof(config, seed), 0, 0, 0, NULL, NULL, 0},
    {"path", "the particle, the network, the sampling", NULL, COM_F_OBJECT, offsetof(config, path), 0, 0, 0,
     nqs_pathint_fields, NULL, COM_FF_REQUIRED},
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

static const com_configured spec = {.schema = "holograd/path/1",
                                    .fields = nqs_pathint_report_fields,
                                    .seed = offsetof(config, seed),
                                    .valid = valid,
                                    .fill = compute};

com_status nqs_pathint_report_run(com_ctx *c, const char *file, const cJSON *j, cJSON **doc) {
  return com_configured_run(c, &spec, file, j, doc);
}

com_status nqs_pathint_report_paths(com_ctx *c, const char *file, const cJSON *j, long *paths,
                                    size_t *intervals) {
  config cfg;
  COM_TRY(com_configured_read(c, &spec, file, j, &cfg));
  *paths = (long)cfg.path.chains * cfg.path.draws;
  *intervals = cfg.path.steps.n;
  com_field_finish(nqs_pathint_report_fields, &cfg);
  return COM_OK;
}
