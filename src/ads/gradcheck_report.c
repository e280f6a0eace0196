/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/gradcheck_report.h"
#include <stdlib.h>
#include <string.h>
#include "ads/gradcheck.h"
#include "ads/report.h"
#include "ads/spectrum_report.h"
#include "common/result.h"

const com_field ads_gradcheck_report_fields[] = {{"tol", "largest error that passes", "1", COM_F_REAL,
                                                  offsetof(ads_gradcheck_report_opts, tol), 1e-6, 0, 1e6,
                                                  NULL, NULL, COM_FF_LO_OPEN},
                                                 {0}};

/* What was checked, and how it came out. */
typedef struct outcome {
  com_table *table;
  cJSON *config;
  double worst, tol;
} outcome;

static com_status read_tol(com_ctx *c, const char *file, const cJSON *block, double *tol) {
  ads_gradcheck_report_opts o;
  cJSON *none = block ? NULL : com_json_object();
  COM_CHECK(c, block || none, COM_E_MEM, "out of memory");
  const com_status s = com_field_read(c, COM_E_CONFIG, ads_gradcheck_report_fields, file, "gradcheck",
                                      block ? block : none, &o);
  com_json_free(none);
  *tol = o.tol;
  return s;
}

static com_status check_fit(com_ctx *c, const char *file, const cJSON *j, outcome *o) {
  ads_config cfg = {0};
  ads_fit *fit = NULL;
  const cJSON *parameters = NULL;
  com_status status = COM_OK;
  COM_TRY(ads_config_open(c, file, j, &cfg, &parameters));
  COM_GOTO(done, read_tol(c, file, cfg.gradcheck, &o->tol));
  COM_GOTO(done, ads_fit_create(c, &cfg, NULL, &fit));
  COM_GOTO(done, ads_gradcheck_run(c, &cfg, file, parameters, &o->table, &o->worst));
  status = ads_report_config(c, fit, &o->config);
done:
  ads_fit_destroy(fit);
  ads_config_finish(&cfg);
  return status;
}

/* The trainings of a spectrum. */
static com_status check_spectrum(com_ctx *c, const char *file, const cJSON *j, outcome *o) {
  const cJSON *inner = com_json_get(j, "config");
  ads_spectrum_report *r = NULL;
  ads_task *task = NULL;
  com_status status = COM_OK;
  COM_TRY(read_tol(c, file, com_json_get(inner ? inner : j, "gradcheck"), &o->tol));
  COM_TRY(ads_spectrum_report_create(c, file, j, &r));
  const size_t n = ads_spectrum_report_n_trainers(r);
  if (n == 0) {
    status = COM_FAIL(c, COM_E_CONFIG,
                      "%s: spectrum.train is false and spectrum.profiles is empty: no gradient to check; "
                      "--set spectrum.train=true",
                      file);
    goto done;
  }
  task = malloc(n * sizeof *task);
  if (!task) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
  for (size_t k = 0; k < n; k++) task[k] = *ads_trainer_task(ads_spectrum_report_trainers(r)[k]);
  COM_GOTO(done, ads_gradcheck_tasks(c, n, task, &o->table, &o->worst));
  status = ads_spectrum_report_config(r, &o->config);
done:
  free(task);
  ads_spectrum_report_destroy(r);
  return status;
}

int ads_gradcheck_report_of_background(const cJSON *j) {
  const cJSON *inner = com_json_get(j, "config");
  return !strncmp(com_json_str(com_json_get(inner ? inner : j, "schema"), ""), "holograd/background/", 20);
}

static com_status wrap(com_ctx *c, outcome *o, cJSON **doc) {
  cJSON *result = com_table_json(o->table), *config = o->config;
  com_status s = com_json_add(c, result, "worst", com_json_real(o->worst));
  if (!s) s = com_json_add(c, result, "tol", com_json_real(o->tol));
  if (s) {
    com_json_free(result);
    return s;
  }
  o->config = NULL;
  return com_result_wrap(c, "holograd/gradcheck/1", config, result, doc);
}

com_status ads_gradcheck_report_run(com_ctx *c, const char *file, const cJSON *j, com_table **table,
                                    cJSON **doc) {
  outcome o = {0};
  *doc = NULL;
  if (table) *table = NULL;
  com_status s =
      ads_gradcheck_report_of_background(j) ? check_spectrum(c, file, j, &o) : check_fit(c, file, j, &o);
  if (!s) s = wrap(c, &o, doc);
  if (!s && !(o.worst <= o.tol))
    s = COM_FAIL(c, COM_E_NEGATIVE, "%s: gradient error %.3g is above gradcheck.tol = %.3g", file, o.worst,
                 o.tol);
  if (table && *doc) *table = o.table, o.table = NULL;
  com_table_destroy(o.table);
  com_json_free(o.config);
  return s;
}
