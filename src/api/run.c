/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The work of the program's commands on JSON text.  A command is one row of the table below. */
#include <string.h>
#include "ads/background_file.h"
#include "ads/background_report.h"
#include "ads/boltzmann_report.h"
#include "ads/compare.h"
#include "ads/fit_task.h"
#include "ads/generate.h"
#include "ads/gradcheck_report.h"
#include "ads/infer.h"
#include "ads/potential.h"
#include "ads/report.h"
#include "ads/spectrum_report.h"
#include "ads/study.h"
#include "ads/trainer.h"
#include "api/fit.h"
#include "common/result.h"
#include "files/diff.h"
#include "files/kind.h"
#include "files/schema.h"
#include "nqs/dbm_report.h"
#include "nqs/evolve_report.h"
#include "nqs/exact_report.h"
#include "nqs/pathint_report.h"
#include "nqs/response_report.h"
#include "nqs/run.h"

/* ---- on a fit ---- */

static com_status train(holograd_fit *f, const char *name, cJSON **doc) {
  ads_trainer *t = NULL;
  cJSON *result = NULL;
  com_status s = ads_trainer_create(f->c, ads_fit_task(f->fit), &t);
  if (!s) s = ads_trainer_run(t);
  if (!s && ads_trainer_stop(t) == COM_STOP_INTERRUPTED)
    s = COM_FAIL(f->c, COM_E_INTERRUPTED, "%s: interrupted in the training", name);
  if (!s) s = ads_trainer_result(t, &result);
  if (!s) s = ads_report_wrap(f->c, f->fit, "holograd/train-result/1", result, doc);
  if (!s) s = ads_report_verdict(f->c, *doc);
  ads_trainer_destroy(t);
  return s;
}

static com_status evaluate(holograd_fit *f, const char *name, cJSON **doc) {
  return ads_evaluate_document(f->c, name, f->fit, f->parameters, 1, doc);
}

static com_status infer(holograd_fit *f, const char *name, cJSON **doc) {
  ads_infer_output draws;
  COM_TRY(ads_infer_document(f->c, name, f->fit, f->parameters, &draws, doc));
  ads_infer_finish(&draws);
  return COM_OK;
}

static com_status study(holograd_fit *f, const char *name, cJSON **doc) {
  return ads_study_document(f->c, name, f->fit, f->parameters, NULL, NULL, doc);
}

/* ---- on a document ---- */

static com_status gradcheck(com_ctx *c, const char *name, const cJSON *j, cJSON **doc) {
  return ads_gradcheck_report_run(c, name, j, NULL, doc);
}

static com_status dbm(com_ctx *c, const char *name, const cJSON *j, cJSON **doc) {
  return ads_boltzmann_report_run(c, name, j, NULL, doc);
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

static com_status nqs_state(com_ctx *c, const char *name, const cJSON *j, cJSON **doc) {
  nqs_driver *d = NULL;
  com_status s = nqs_run_open(c, name, j, &d);
  if (!s) s = nqs_run_loop(c, NULL, d);
  if (!s && nqs_driver_stop(d) == COM_STOP_INTERRUPTED)
    s = COM_FAIL(c, COM_E_INTERRUPTED, "%s: interrupted in the optimisation", name);
  if (!s) s = nqs_driver_measure(d);
  if (!s) s = nqs_run_document(c, d, doc);
  nqs_driver_destroy(d);
  return s;
}

static com_status nqs_answer(com_ctx *c, const char *name, const cJSON *j, cJSON **doc) {
  nqs_response *r = NULL;
  com_status s = nqs_response_create(c, name, j, &r);
  if (!s) s = nqs_response_report_scan(c, r);
  if (!s) s = nqs_response_report_document(c, r, doc);
  if (!s) s = nqs_response_report_verdict(c, r);
  nqs_response_destroy(r);
  return s;
}

/* Exactly one of the two functions is given: what the command works on.  A document may be made with any status. */
static const struct row {
  const char *name;
  com_status (*fit)(holograd_fit *f, const char *name, cJSON **doc);
  com_status (*document)(com_ctx *c, const char *name, const cJSON *j, cJSON **doc);
} rows[] = {
    {"train", train, NULL},
    {"evaluate", evaluate, NULL},
    {"generate", NULL, ads_generate_document},
    {"compare", NULL, ads_compare_document},
    {"infer", infer, NULL},
    {"study", study, NULL},
    {"gradcheck", NULL, gradcheck},
    {"background", NULL, background},
    {"potential", NULL, potential},
    {"spectrum", NULL, spectrum},
    {"dbm", NULL, dbm},
    {"nqs run", NULL, nqs_state},
    {"nqs exact", NULL, nqs_exact_report_run},
    {"nqs evolve", NULL, nqs_evolve_report_run},
    {"nqs response", NULL, nqs_answer},
    {"nqs dbm", NULL, nqs_dbm_report_run},
    {"nqs path", NULL, nqs_pathint_report_run},
    {"diff", NULL, files_diff_document},
};
enum { N_ROWS = sizeof rows / sizeof *rows };

/* What was made goes out beside the status. */
static com_status hand_over(com_ctx *c, com_status made, cJSON *doc, char **out) {
  const com_status s = doc ? holograd_ctx_text(c, doc, out) : COM_OK;
  return s ? s : made;
}

static holograd_status run_fit(holograd_ctx *c, const struct row *r, const char *name, const char *config,
                               char **out) {
  holograd_fit f;
  cJSON *doc = NULL;
  com_status s = holograd_fit_init(c, name, config, &f);
  if (!s) s = r->fit(&f, name, &doc);
  s = hand_over(f.c, s, doc, out);
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
  s = hand_over(own, s, doc, out);
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
    return r->fit ? run_fit(c, r, name, config, result) : run_document(c, r, name, config, result);
  }
  return refuse(c, "command '%s': none that the library runs; see holograd_run_command()", command);
}

const char *holograd_run_command(size_t i) { return i < N_ROWS ? rows[i].name : NULL; }

holograd_status holograd_run_schema(holograd_ctx *c, const char *kind, char **text) {
  com_ctx *own = NULL;
  cJSON *j = NULL;
  size_t seen = 0;
  if (!c || !text) return HOLOGRAD_E_USAGE;
  *text = NULL;
  com_status s = holograd_ctx_fork(c, &own);
  if (!s) s = files_schema_make(own, kind, &j);
  if (!s) s = holograd_ctx_text(own, j, text);
  const holograd_status status = holograd_ctx_join(c, own, &seen, s);
  com_ctx_destroy(own);
  return status;
}

const char *holograd_run_kind(size_t i) { return files_kind_at(i) ? files_kind_at(i)->name : NULL; }
