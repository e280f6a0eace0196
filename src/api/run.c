/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The work of the program's commands on JSON text.  A command is one row of the table below. */
#include <stdlib.h>
#include <string.h>
#include "ads/background_file.h"
#include "ads/background_report.h"
#include "ads/compare.h"
#include "ads/generate.h"
#include "ads/infer.h"
#include "ads/potential.h"
#include "ads/report.h"
#include "ads/spectrum_report.h"
#include "api/fit.h"
#include "common/result.h"
#include "nqs/driver.h"
#include <holograd/nqs.h>

/* ---- by way of the typed calls ---- */

static holograd_status train(holograd_ctx *c, const char *name, const char *config, char **out) {
  holograd_trainer *t = NULL;
  holograd_status s = holograd_trainer_create(c, name, config, &t);
  while (!s && holograd_trainer_stop(t) == HOLOGRAD_STOP_NONE) s = holograd_trainer_iterate(t);
  if (!s && holograd_trainer_stop(t) == HOLOGRAD_STOP_INTERRUPTED) s = HOLOGRAD_INTERRUPTED;
  if (!s) s = holograd_trainer_result(t, out);
  holograd_trainer_destroy(t);
  return s;
}

static holograd_status nqs_run(holograd_ctx *c, const char *name, const char *config, char **out) {
  holograd_nqs *q = NULL;
  holograd_status s = holograd_nqs_create(c, name, config, &q);
  while (!s && holograd_nqs_stop(q) == HOLOGRAD_STOP_NONE) s = holograd_nqs_iterate(q);
  if (!s && holograd_nqs_stop(q) == HOLOGRAD_STOP_INTERRUPTED) s = HOLOGRAD_INTERRUPTED;
  if (!s) s = holograd_nqs_measure(q);
  if (!s) s = holograd_nqs_result(q, out);
  holograd_nqs_destroy(q);
  return s;
}

/* ---- on a fit ---- */

static com_status evaluate(holograd_fit *f, const char *name, cJSON **doc) {
  double *full = malloc((com_params_n(ads_fit_params(f->fit)) + 1) * sizeof *full);
  COM_ALLOC(f->c, full);
  com_status s = ads_evaluate_parameters(f->c, f->fit, name, f->parameters, full);
  if (!s) s = ads_evaluate_run(f->c, f->fit, full, 1, doc);
  free(full);
  return s;
}

static com_status infer(holograd_fit *f, const char *name, cJSON **doc) {
  ads_infer_opts o;
  ads_infer_output r = {0};
  cJSON *config = NULL;
  COM_TRY(ads_infer_opts_read(f->c, name, f->cfg.infer, &o));
  const int restarts = f->cfg.restarts;
  f->cfg.restarts = o.starts; /* the search of modes has its own number of starts */
  com_status s = ads_infer_run(f->c, f->fit, f->parameters, &o, &r);
  f->cfg.restarts = restarts;
  if (!s) s = ads_report_config(f->c, f->fit, &config);
  if (!s) {
    s = com_result_wrap(f->c, "holograd/inference/1", config, r.result, doc);
    r.result = NULL;
  }
  ads_infer_finish(&r);
  com_field_finish(ads_infer_opts_fields, &o);
  return s;
}

/* ---- on a document ---- */

static com_status with_config(com_ctx *c, const char *name, const cJSON *j, int compare, cJSON **doc) {
  const cJSON *parameters = NULL;
  ads_config cfg = {0};
  COM_TRY(ads_config_read(c, name, j, &cfg, &parameters));
  if (cfg.seed.given) com_ctx_reseed(c, cfg.seed.value);
  const com_status s = compare ? ads_compare_run(c, &cfg, doc) : ads_generate_run(c, &cfg, parameters, doc);
  ads_config_finish(&cfg);
  return s;
}

static com_status compare(com_ctx *c, const char *name, const cJSON *j, cJSON **doc) {
  return with_config(c, name, j, 1, doc);
}

static com_status generate(com_ctx *c, const char *name, const cJSON *j, cJSON **doc) {
  return with_config(c, name, j, 0, doc);
}

static com_status background(com_ctx *c, const char *name, const cJSON *j, cJSON **doc) {
  cJSON *docs = NULL;
  com_status s = ads_background_file_documents(c, name, j, &docs);
  if (!s) s = ads_background_report_run(c, name, com_json_at(docs, 0), doc);
  com_json_free(docs);
  return s;
}

static com_status potential(com_ctx *c, const char *name, const cJSON *j, cJSON **doc) {
  cJSON *docs = NULL, *config = NULL, *result = NULL;
  com_status s = ads_background_file_documents(c, name, j, &docs);
  if (!s) s = ads_potential_run(c, name, docs, &config, &result);
  if (!s) s = com_result_wrap(c, "holograd/potential/1", config, result, doc);
  com_json_free(docs);
  return s;
}

static com_status spectrum(com_ctx *c, const char *name, const cJSON *j, cJSON **doc) {
  ads_spectrum_report *r = NULL;
  com_status s = ads_spectrum_report_create(c, name, j, &r);
  for (size_t k = 0; !s && k < ads_spectrum_report_n_trainers(r); k++) {
    s = ads_trainer_run(ads_spectrum_report_trainers(r)[k]);
    if (!s) s = com_ctx_cancelled(c, "spectrum");
  }
  if (!s) s = ads_spectrum_report_finish(r, doc);
  ads_spectrum_report_destroy(r);
  return s;
}

/* Exactly one of the three functions is given: what the command works on. */
static const struct row {
  const char *name;
  holograd_status (*typed)(holograd_ctx *c, const char *name, const char *config, char **out);
  com_status (*fit)(holograd_fit *f, const char *name, cJSON **doc);
  com_status (*document)(com_ctx *c, const char *name, const cJSON *j, cJSON **doc);
} rows[] = {
    {"train", train, NULL, NULL},         {"evaluate", NULL, evaluate, NULL},
    {"generate", NULL, NULL, generate},   {"compare", NULL, NULL, compare},
    {"infer", NULL, infer, NULL},         {"background", NULL, NULL, background},
    {"potential", NULL, NULL, potential}, {"spectrum", NULL, NULL, spectrum},
    {"nqs run", nqs_run, NULL, NULL},
};
enum { N_ROWS = sizeof rows / sizeof *rows };

static holograd_status run_fit(holograd_ctx *c, const struct row *r, const char *name, const char *config,
                               char **out) {
  holograd_fit f;
  cJSON *doc = NULL;
  com_status s = holograd_fit_init(c, name, config, &f);
  if (!s) s = r->fit(&f, name, &doc);
  if (!s) s = holograd_ctx_text(f.c, doc, out);
  const holograd_status status = holograd_fit_join(&f, s);
  holograd_fit_finish(&f);
  return status;
}

static holograd_status run_document(holograd_ctx *c, const struct row *r, const char *name,
                                    const char *config, char **out) {
  com_ctx *own = NULL;
  cJSON *j = NULL, *doc = NULL;
  size_t seen = 0;
  com_status s = holograd_ctx_fork(c, &own);
  if (!s) s = holograd_ctx_parse(own, &name, config, &j);
  if (!s) s = r->document(own, name, j, &doc);
  if (!s) s = holograd_ctx_text(own, doc, out);
  com_json_free(j);
  const holograd_status status = holograd_ctx_join(c, own, &seen, s);
  com_ctx_destroy(own);
  return status;
}

/* An error that belongs to no object. */
static holograd_status refuse(holograd_ctx *c, const char *text, const char *word) {
  com_ctx *own = NULL;
  size_t seen = 0;
  com_status s = holograd_ctx_fork(c, &own);
  if (!s) s = COM_FAIL(own, COM_E_USAGE, text, word ? word : "(null)");
  const holograd_status status = holograd_ctx_join(c, own, &seen, s);
  com_ctx_destroy(own);
  return status;
}

holograd_status holograd_run(holograd_ctx *c, const char *command, const char *name, const char *config,
                             char **result) {
  if (!c || !result) return HOLOGRAD_E_USAGE;
  *result = NULL;
  for (const struct row *r = rows; command && r < rows + N_ROWS; r++) {
    if (strcmp(r->name, command)) continue;
    if (!name) name = "config";
    if (r->typed) return r->typed(c, name, config, result);
    return r->fit ? run_fit(c, r, name, config, result) : run_document(c, r, name, config, result);
  }
  return refuse(c, "command '%s': none that the library runs; see holograd_run_command()", command);
}

const char *holograd_run_command(size_t i) { return i < N_ROWS ? rows[i].name : NULL; }

holograd_status holograd_run_schema(holograd_ctx *c, const char *kind, char **text) {
  if (!c || !text) return HOLOGRAD_E_USAGE;
  *text = NULL;
  const com_field *fields = !kind                    ? NULL
                            : !strcmp(kind, "train") ? ads_config_fields
                            : !strcmp(kind, "nqs")   ? nqs_driver_fields
                                                     : NULL;
  if (!fields) return refuse(c, "kind '%s': the library has the schemas of train and nqs", kind);
  return (holograd_status)com_status_exit(holograd_ctx_text(NULL, com_field_schema(fields), text));
}
