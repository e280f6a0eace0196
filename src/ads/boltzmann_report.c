/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/boltzmann_report.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "ads/boltzmann_file.h"
#include "common/result.h"
#include "common/table.h"

static com_status read_config(com_ctx *c, const char *file, const cJSON *j, ads_boltzmann_file *f) {
  cJSON *config = NULL;
  COM_TRY(ads_boltzmann_file_config(c, file, j, &config));
  const com_status s = com_field_read(c, COM_E_CONFIG, ads_boltzmann_file_fields, file, "", config, f);
  com_json_free(config);
  COM_TRY(s);
  if (f->seed.given) com_ctx_reseed(c, f->seed.value);
  f->seed = (com_seed){1, com_ctx_seed(c)};
  return COM_OK;
}

/* ---- the result ---- */

/* One row per layer: place, weights, running kernel, saddle and mean field (at a fixed source). */
static com_status layers(com_ctx *c, const ads_boltzmann_file *f, const ads_boltzmann *b, const double *eta,
                         const ads_boltzmann_sample_result *sampled, cJSON **out) {
  const size_t n1 = b->n + 1;
  double *v = calloc(3 * n1, sizeof *v), *a = v, *K = a + n1, *phi = K + n1;
  com_table *t = NULL;
  com_status status = v ? com_table_create(c, &t) : COM_FAIL(c, COM_E_MEM, "out of memory");
  if (status) goto done;
  memcpy(a, b->a, b->n * sizeof *a);
  a[b->n] = NAN; /* no weight below the last layer */
  ads_boltzmann_kernel(b, K);
  COM_GOTO(done, com_table_add(c, t, f->origin ? "eta" : "z", "L", NULL, n1, eta, NULL));
  COM_GOTO(done, com_table_add(c, t, "K", "1", "K_k", n1, K, NULL));
  COM_GOTO(done, com_table_add(c, t, "a", "1", "a_k", n1, a, NULL));
  COM_GOTO(done, com_table_add(c, t, "s", "1", "s_k", n1, b->s, NULL));
  COM_GOTO(done, com_table_add(c, t, "c", "1", "c_k", n1, b->c, NULL));
  if (isfinite(f->dbm.source)) {
    COM_GOTO(done, ads_boltzmann_saddle(c, b, f->dbm.source, phi));
    COM_GOTO(done, com_table_add(c, t, "phi_saddle", "1", NULL, n1, phi, NULL));
  }
  if (sampled->mean) COM_GOTO(done, com_table_add(c, t, "phi", "1", NULL, n1, sampled->mean, sampled->error));
  if (!(*out = com_table_json(t))) status = COM_FAIL(c, COM_E_MEM, "out of memory");
done:
  com_table_destroy(t);
  free(v);
  return status;
}

static com_status add_two_point(com_ctx *c, const ads_boltzmann_file *f, double kernel,
                                const ads_boltzmann_sample_result *r, cJSON *result) {
  cJSON *j = com_json_object();
  com_status s = com_json_add(c, j, "mean", com_json_real(r->two_point));
  if (!s) s = com_json_add(c, j, "error", com_json_real(r->two_point_error));
  if (!s) s = com_json_add(c, j, "gaussian", com_json_real(1 / (f->dbm.N * kernel)));
  if (s) {
    com_json_free(j);
    return s;
  }
  return com_json_add(c, result, "two_point", j);
}

static com_status sample(com_ctx *c, const ads_boltzmann_file *f, const ads_boltzmann *b,
                         ads_boltzmann_sample_result *r) {
  const ads_boltzmann_file_opts *o = &f->dbm;
  const ads_boltzmann_sample_opts so = {
      (size_t)o->chains, (size_t)o->draws, (size_t)o->warmup, o->update, o->N, o->source};
  return o->draws ? ads_boltzmann_sample_run(c, b, &so, r) : COM_OK;
}

static com_status result_of(com_ctx *c, const ads_boltzmann_file *f, const ads_boltzmann *b,
                            const double *eta, cJSON **out) {
  ads_boltzmann_sample_result r = {0};
  cJSON *result = NULL;
  const double kernel = ads_boltzmann_kernel(b, NULL);
  com_status status = COM_OK;
  COM_GOTO(done, sample(c, f, b, &r));
  COM_GOTO(done, layers(c, f, b, eta, &r, &result));
  COM_GOTO(done, com_json_add(c, result, "weights", ads_boltzmann_file_weights_json(c, b)));
  COM_GOTO(done, com_json_add(c, result, "kernel", com_json_real(kernel)));
  if (f->dbm.draws && isnan(f->dbm.source)) COM_GOTO(done, add_two_point(c, f, kernel, &r, result));
  *out = result, result = NULL;
done:
  com_json_free(result);
  ads_boltzmann_sample_finish(&r);
  return status;
}

/* ---- weights -> metric ---- */

static com_status metric_of(com_ctx *c, const char *file, const cJSON *j, const ads_boltzmann_file *f,
                            const ads_boltzmann *built, cJSON *result, cJSON **metric) {
  const cJSON *stated = com_json_get(j, "result");
  ads_boltzmann b = {0};
  double worst;
  const int own = com_json_get(stated, "weights") != NULL;
  if (own) COM_TRY(ads_boltzmann_file_weights(c, file, stated, &b));
  com_status s = ads_boltzmann_file_metric(c, file, f, own ? &b : built, metric, &worst);
  if (!s) s = com_json_add(c, result, "metric_residual", com_json_real(worst));
  if (!s && worst > 1e-8)
    com_ctx_warn(c, "metric",
                 "the metric misses the h of the weights by up to %.3g: it has too few coefficients", worst);
  if (own) ads_boltzmann_finish(&b);
  return s;
}

static com_status work(com_ctx *c, const char *file, const cJSON *j, const ads_boltzmann_file *f,
                       cJSON **metric, cJSON **doc) {
  ads_boltzmann b = {0};
  double *eta = NULL;
  cJSON *echo = com_json_object(), *result = NULL;
  com_status status = echo ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  if (status) goto done;
  COM_GOTO(done, ads_boltzmann_file_build(c, file, f, &b, &eta));
  COM_GOTO(done, result_of(c, f, &b, eta, &result));
  if (metric) COM_GOTO(done, metric_of(c, file, j, f, &b, result, metric));
  if (f->dbm.metric) COM_GOTO(done, com_json_add(c, result, "metric", com_json_copy(*metric)));
  COM_GOTO(done, com_field_write(c, ads_boltzmann_file_fields, f, echo));
  status = com_result_wrap(c, "holograd/dbm/1", echo, result, doc);
  echo = result = NULL;
done:
  com_json_free(result);
  com_json_free(echo);
  free(eta);
  ads_boltzmann_finish(&b);
  return status;
}

com_status ads_boltzmann_report_run(com_ctx *c, const char *file, const cJSON *j, cJSON **metric,
                                    cJSON **doc) {
  ads_boltzmann_file f = {0};
  cJSON *own = NULL;
  *doc = NULL;
  if (metric) *metric = NULL;
  com_status s = read_config(c, file, j, &f);
  if (!s) s = work(c, file, j, &f, metric ? metric : f.dbm.metric ? &own : NULL, doc);
  if (s && metric) {
    com_json_free(*metric);
    *metric = NULL;
  }
  com_json_free(own);
  com_field_finish(ads_boltzmann_file_fields, &f);
  return s;
}

com_status ads_boltzmann_report_size(com_ctx *c, const char *file, const cJSON *j, size_t *layers,
                                     long *draws) {
  ads_boltzmann_file f = {0};
  ads_boltzmann b = {0};
  double *eta = NULL;
  com_status s = read_config(c, file, j, &f);
  if (!s) s = ads_boltzmann_file_build(c, file, &f, &b, &eta);
  *layers = b.n;
  *draws = (long)f.dbm.chains * f.dbm.draws;
  free(eta);
  ads_boltzmann_finish(&b);
  com_field_finish(ads_boltzmann_file_fields, &f);
  return s;
}
