/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Randomise, then optimise (Bardsley et al. 2014, doi:10.1137/140964023, without its reweighting): the data are drawn again about the
 * prediction of the maximum, every centre of the prior from that prior, and the maximum is found again.  For a linear model the maxima are
 * draws of the posterior.
 *   parametric: data = prediction + errors of the covariance
 *   resampled:  data = prediction + L (whitened residuals drawn with replacement), for errors that are not those stated. */
#include "ads/infer_bootstrap.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/replicas.h"
#include "common/rng.h"
#include "common/sample_stats.h"

static const char *const kinds[] = {"parametric", "resampled"};
enum { N_KINDS = 2 };

typedef struct job {
  const ads_infer_bootstrap_job *o;
  com_ctx *c;
  ads_infer_target **target; /* per worker */
  size_t n, nq, n_factors;
  double *R, *r; /* [n] prediction, whitened residuals at the maximum */
  size_t kind;
} job;

static com_status data(const job *w, ads_infer_target *t, com_rng *rng) {
  double *y = ads_infer_target_data(t), *centre = ads_infer_target_pull_of_prior(t);
  for (size_t i = 0; i < w->n; i++)
    y[i] = w->kind == 0 ? com_rng_normal(rng) : w->r[com_rng_below(rng, w->n)];
  ads_infer_target_noise(t, y);
  for (size_t i = 0; i < w->n; i++) y[i] += w->R[i];
  for (size_t i = 0; i < w->nq + w->n_factors; i++) centre[i] = com_rng_normal(rng);
  return COM_OK;
}

/* Row: every quantity at the maximum; all NAN when there is none. */
static com_status one(size_t k, size_t worker, double *row, void *user) {
  const job *w = user;
  ads_infer_target *t = w->target[worker];
  com_ctx *c = ads_infer_target_context(t);
  com_rng *rng = NULL;
  char name[64];
  double logp = 0, chi2 = 0, *q = malloc((w->nq + 1) * sizeof *q);
  int ok = 1;
  COM_ALLOC(c, q);
  for (size_t i = 0; i < w->o->list->n; i++) row[i] = NAN;
  memcpy(q, w->o->q, w->nq * sizeof *q);
  snprintf(name, sizeof name, "infer/bootstrap/%s/%zu", kinds[w->kind], k);
  com_status s = com_rng_create(c, com_ctx_seed(c), name, &rng);
  if (!s) s = data(w, t, rng);
  if (!s) s = ads_infer_posterior_climb(c, t, q, &logp, &chi2, &ok);
  if (s == COM_E_NUM) {
    com_ctx_clear(c);
    s = COM_OK, ok = 0;
  }
  for (size_t i = 0; i < w->o->list->n && !s && ok; i++)
    s = ads_infer_quantity_value(c, w->o->list, ads_infer_target_fit(t), ads_infer_target_space(t), i, q,
                                 row + i);
  com_rng_destroy(rng);
  free(q);
  return s;
}

/* ---- report ---- */

static com_status number(const job *w, size_t n, const double *rows, size_t k, double *work, cJSON *out) {
  const double half = 0.5 * w->o->credible;
  static const char *const keys[] = {"median", "lo68", "hi68", "lo", "hi"};
  const double level[] = {0.5, 0.16, 0.84, 0.5 - half, 0.5 + half};
  size_t used = 0;
  for (size_t i = 0; i < n; i++)
    if (isfinite(rows[i * w->o->list->n + k])) work[used++] = rows[i * w->o->list->n + k];
  com_sample_stats_sort(used, work);
  cJSON *e = com_json_object();
  com_status s = com_json_add(w->c, e, "unit", com_json_string(w->o->list->v[k].unit));
  for (size_t l = 0; l < 5 && !s; l++)
    s = com_json_add(w->c, e, keys[l], com_json_real(com_sample_stats_quantile(used, work, level[l])));
  if (!s) return com_json_add(w->c, out, w->o->list->v[k].name, e);
  com_json_free(e);
  return s;
}

static com_status run_kind(job *w, double *rows, cJSON *out) {
  const size_t n = w->o->replicas, width = w->o->list->n;
  size_t failed = 0;
  char what[64];
  snprintf(what, sizeof what, "infer/bootstrap/%s", kinds[w->kind]);
  const com_replicas_spec spec = {.what = what, .n = n, .width = width, .pool = w->o->pool};
  COM_TRY(com_replicas_run(w->c, &spec, rows, one, w));
  for (size_t i = 0; i < n; i++) failed += isfinite(rows[i * width]) ? 0 : 1;
  double *work = malloc((n + 1) * sizeof *work);
  cJSON *j = com_json_object();
  com_status s = work && j ? COM_OK : COM_FAIL(w->c, COM_E_MEM, "out of memory");
  if (!s) s = com_json_add(w->c, j, "replicas", com_json_int((long long)n));
  if (!s) s = com_json_add(w->c, j, "failed", com_json_int((long long)failed));
  for (size_t k = 0; k < width && !s; k++) s = number(w, n, rows, k, work, j);
  free(work);
  if (!s) return com_json_add(w->c, out, kinds[w->kind], j);
  com_json_free(j);
  return s;
}

static com_status prepare(job *w, size_t threads) {
  com_ctx *c = w->c;
  int ok = 1;
  COM_ALLOC(c, w->target = calloc(threads, sizeof *w->target));
  for (size_t k = 0; k < threads; k++) {
    ads_infer_target_spec spec = *w->o->spec;
    spec.chains = 1;
    COM_TRY(ads_infer_target_create(c, &spec, w->target + k));
  }
  ads_infer_target *t = w->target[0];
  w->n = ads_infer_target_points(t);
  w->nq = ads_infer_target_n(t);
  w->n_factors = ads_infer_target_n_squares(t) - w->n - w->nq;
  COM_ALLOC(c, w->R = malloc((2 * w->n + 1) * sizeof *w->R));
  w->r = w->R + w->n;
  COM_TRY(ads_infer_target_predict(t, 0, w->o->q, w->R, NULL, &ok));
  ads_infer_target_whiten(t, w->R, w->r);
  return COM_OK;
}

com_status ads_infer_bootstrap(com_ctx *c, const ads_infer_bootstrap_job *o, cJSON **out) {
  job w = {.o = o, .c = c};
  const size_t threads = com_pool_threads(o->pool);
  double *rows = malloc((o->replicas * o->list->n + 1) * sizeof *rows);
  cJSON *j = com_json_object();
  com_status s = rows && j ? prepare(&w, threads) : COM_FAIL(c, COM_E_MEM, "out of memory");
  for (w.kind = 0; w.kind < N_KINDS && !s; w.kind++) s = run_kind(&w, rows, j);
  for (size_t k = 0; w.target && k < threads; k++) ads_infer_target_destroy(w.target[k]);
  free(w.target);
  free(w.R);
  free(rows);
  if (s) com_json_free(j);
  *out = s ? NULL : j;
  return s;
}
