/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Data drawn again and again from one truth, each set fitted as the config says.
 * What the data determine has pulls u_k . L^-1 (R_fit - R_truth), u_k the left singular vectors of the Jacobian at the truth: mean 0, width 1
 * for an unbiased fit with honest errors.  Everything else returns to where penalties and starts put it: bias and spread say where. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ads/infer_target.h"
#include "ads/replica.h"
#include "ads/study.h"
#include "ads/fit_task.h"
#include "ads/trainer.h"
#include "common/linalg.h"
#include "common/replicas.h"
#include "common/rng.h"
#include "common/table.h"

enum { FITTED, CHI2, N_EXTRA }; /* of a row; then the pulls, then value and error of every quantity */

typedef struct job {
  const ads_study *s;
  ads_infer_quantities list;
  ads_infer_space *space;
  ads_infer_target *target; /* of the truth; one work space per thread */
  size_t n, nq, nf, n_pulls, width;
  double *full, *q, *R, *r0, *u,
      *singular; /* truth: [nf], [nq], [n], whitened residuals [n]; [n_pulls][n]; [n_pulls] */
} job;

/* ---- truth ---- */

/* The result's parameters, else the best fit of the config's data. */
static com_status find_truth(job *j) {
  const ads_study *s = j->s;
  com_ctx *c = s->c;
  com_params *p = ads_fit_params(s->fit);
  if (s->parameters) {
    COM_TRY(com_params_read(c, ads_fit_config(s->fit)->file, s->parameters, p));
    memcpy(j->full, com_params_values(p), j->nf * sizeof *j->full);
    return COM_OK;
  }
  ads_trainer *t = NULL;
  COM_TRY(ads_trainer_create(c, ads_fit_task(s->fit), &t));
  com_status status = ads_trainer_run(t);
  if (!status && com_ctx_stop(c))
    status = COM_FAIL(c, COM_E_INTERRUPTED, "study: stopped while the truth was fitted");
  if (!status) memcpy(j->full, ads_trainer_best(t), j->nf * sizeof *j->full);
  ads_trainer_destroy(t);
  return status;
}

/* Directions that the data determine: left singular vectors whose singular value is above 1. */
static com_status find_pulls(job *j, const double *predicted) {
  com_ctx *c = j->s->c;
  const size_t n = j->n, nt = com_params_n_trained(ads_fit_params(j->s->fit)), r = n < nt ? n : nt;
  double *J = malloc((n * nt + r + n * r + r * nt + 1) * sizeof *J);
  COM_ALLOC(c, J);
  double *sv = J + n * nt, *u = sv + r, *vt = u + n * r;
  com_status s = ads_fit_sensitivity(j->s->fit, j->full, predicted, J);
  if (!s) s = com_linalg_svd(c, n, nt, J, sv, u, vt);
  j->n_pulls = 0;
  while (!s && j->n_pulls < r && sv[j->n_pulls] > 1) j->n_pulls++;
  if (!s && !(j->u = malloc((j->n_pulls * (n + 1) + 1) * sizeof *j->u)))
    s = COM_FAIL(c, COM_E_MEM, "out of memory");
  j->singular = s ? NULL : j->u + j->n_pulls * n;
  for (size_t k = 0; k < j->n_pulls && !s; k++) {
    j->singular[k] = sv[k];
    for (size_t i = 0; i < n; i++) j->u[k * n + i] = u[i * r + k];
  }
  free(J);
  return s;
}

static com_status prepare(job *j) {
  const ads_study *s = j->s;
  com_ctx *c = s->c;
  static const double at = 0.3;
  const size_t n_eta = s->o->eta.n ? s->o->eta.n : 1;
  double chi2 = 0;
  int ok = 1;
  j->n = ads_fit_n_points(s->fit);
  j->nf = com_params_n(ads_fit_params(s->fit));
  COM_TRY(ads_infer_space_create(c, s->fit, &s->infer->prior, &j->space));
  j->nq = ads_infer_space_n(j->space);
  COM_ALLOC(c, j->full = malloc((j->nf + j->nq + 4 * j->n + 1) * sizeof *j->full));
  j->q = j->full + j->nf;
  j->R = j->q + j->nq;
  j->r0 = j->R + j->n;
  double *predicted = j->r0 + j->n, *pull = predicted + j->n;
  COM_TRY(find_truth(j));
  COM_TRY(ads_infer_quantity_init(c, s->fit, n_eta, s->o->eta.n ? s->o->eta.v : &at, 0, &j->list));
  const ads_infer_target_spec spec = {s->fit, j->space, s->flow, com_pool_threads(s->pool), NULL};
  COM_TRY(ads_infer_target_create(c, &spec, &j->target));
  ads_infer_space_back(j->space, j->full, j->q);
  COM_TRY(ads_infer_target_residuals(j->target, 0, j->q, j->r0, NULL, &ok));
  if (ok) COM_TRY(ads_infer_target_predict(j->target, 0, j->q, j->R, NULL, &ok));
  COM_CHECK(c, ok, COM_E_NUM, "the truth has no response at some source of the data");
  COM_TRY(ads_fit_predict(s->fit, j->full, predicted, pull, &chi2));
  COM_TRY(find_pulls(j, predicted));
  j->width = N_EXTRA + j->n_pulls + 2 * j->list.n;
  return COM_OK;
}

static void finish(job *j) {
  ads_infer_target_destroy(j->target);
  ads_infer_space_destroy(j->space);
  ads_infer_quantity_finish(&j->list);
  free(j->full);
  free(j->u);
}

/* ---- one replica ---- */

/* Value of every quantity (logarithm where it has one) and its error: (J^T J + 1 + factors)^-1 carried through its gradient. */
static com_status values(const job *j, size_t worker, const double *q, double *out) {
  com_ctx *c = j->s->c;
  const size_t nq = j->nq, nf = ads_infer_space_n_factors(j->space), m = j->n + nf;
  double *J = malloc((m * nq + m + nq * nq + 3 * nq + j->nf + 1) * sizeof *J);
  COM_ALLOC(c, J);
  double *r = J + m * nq, *H = r + m, *copy = H + nq * nq, *g = copy + nq, *x = g + nq, *full = x + nq;
  int ok = 1;
  com_status s = ads_infer_target_residuals(j->target, worker, q, r, J, &ok);
  memcpy(full, j->full, j->nf * sizeof *full);
  ads_infer_space_full(j->space, q, full);
  if (!s && ok && nf) s = ads_infer_space_factors(j->space, q, full, r + j->n, J + j->n * nq);
  for (size_t k = 0; k < j->list.n && !s; k++) {
    double var = 0;
    s = ads_infer_quantity_value(c, &j->list, j->s->fit, j->space, k, q, out + 2 * k);
    if (!s) s = ads_infer_quantity_gradient(c, &j->list, j->s->fit, j->space, k, q, g);
    if (s || !ok) continue;
    com_linalg_syrk(nq, m, 1, J, 0, H);
    for (size_t i = 0; i < nq; i++) H[i * nq + i] += 1;
    memcpy(x, g, nq * sizeof *x);
    s = com_linalg_chol_solve(c, nq, H, 1, x);
    for (size_t i = 0; i < nq; i++) var += g[i] * x[i];
    out[2 * k + 1] = sqrt(var) / (j->list.v[k].log ? out[2 * k] : 1);
  }
  for (size_t k = 0; k < j->list.n && !s; k++)
    if (j->list.v[k].log) out[2 * k] = log(out[2 * k]);
  free(J);
  return s;
}

/* The best of the starts, by chi2. */
static com_status fit_replica(const job *j, ads_replica *r, double *full, double *best, double *chi2) {
  double *predicted = malloc((2 * j->n + 1) * sizeof *predicted);
  COM_ALLOC(r->c, predicted);
  com_status s = COM_OK;
  *chi2 = NAN;
  for (int k = 1; k <= (j->s->o->starts ? j->s->o->starts : 1) && !s; k++) {
    double x2 = NAN;
    int ok = 1;
    s = ads_fit_start(r->fit, (size_t)k, full);
    if (!s) s = ads_replica_train(r, full, NULL, &ok);
    if (!s && ok) s = ads_fit_predict(r->fit, full, predicted, predicted + j->n, &x2);
    if (s || !isfinite(x2) || !(x2 < *chi2 || isnan(*chi2))) continue;
    *chi2 = x2;
    memcpy(best, full, j->nf * sizeof *best);
  }
  free(predicted);
  return s;
}

static com_status compare(const job *j, size_t worker, const double *best, double *row) {
  double *q = malloc((j->nq + j->n + 1) * sizeof *q), *r = q ? q + j->nq : NULL;
  COM_ALLOC(j->s->c, q);
  int ok = 1;
  ads_infer_space_back(j->space, best, q);
  com_status s = ads_infer_target_residuals(j->target, worker, q, r, NULL, &ok);
  row[FITTED] = ok;
  for (size_t k = 0; k < j->n_pulls && !s && ok; k++) {
    row[N_EXTRA + k] = 0;
    for (size_t i = 0; i < j->n; i++) row[N_EXTRA + k] += j->u[k * j->n + i] * (j->r0[i] - r[i]);
  }
  if (!s && ok) s = values(j, worker, q, row + N_EXTRA + j->n_pulls);
  free(q);
  return s;
}

static com_status replica(const job *j, size_t k, size_t worker, ads_replica *r, com_rng *rng, double *mem,
                          double *row) {
  double *y = mem, *full = y + j->n;
  for (size_t i = 0; i < j->n; i++) y[i] = com_rng_normal(rng);
  ads_infer_target_noise(j->target, y);
  for (size_t i = 0; i < j->n; i++) y[i] += j->R[i];
  COM_TRY(ads_replica_init(j->s->c, j->s->fit, y, r));
  const com_status s = fit_replica(j, r, full, full + j->nf, row + CHI2);
  if (s == COM_E_INTERRUPTED) return s;
  if (s) return COM_FAIL(j->s->c, s, "replica %zu: %s", k, com_ctx_error(r->c));
  return isfinite(row[CHI2]) ? compare(j, worker, full + j->nf, row) : COM_OK;
}

static com_status one(size_t k, size_t worker, double *row, void *user) {
  const job *j = user;
  com_ctx *c = j->s->c;
  ads_replica r = {0};
  com_rng *rng = NULL;
  char name[64];
  double *mem = malloc((j->n + 2 * j->nf + 1) * sizeof *mem);
  COM_ALLOC(c, mem);
  snprintf(name, sizeof name, "study/replica/%zu", k);
  for (size_t i = 0; i < j->width; i++) row[i] = NAN;
  row[FITTED] = 0;
  com_status s = com_rng_create(c, com_ctx_seed(c), name, &rng);
  if (!s) s = replica(j, k, worker, &r, rng, mem, row);
  ads_replica_finish(&r);
  com_rng_destroy(rng);
  free(mem);
  return s;
}

/* ---- report ---- */

/* Mean and spread of column `at` over the rows that were fitted, less shift and over scale[row][by] (by = NONE: 1). */
typedef struct moments {
  size_t n;
  double mean, sd;
} moments;

static moments moments_of(const job *j, const double *rows, size_t n, size_t at, double shift, size_t by) {
  moments m = {0};
  double sum2 = 0;
  for (size_t i = 0; i < n; i++) {
    const double *v = rows + i * j->width, x = (v[at] - shift) / (by ? v[by] : 1);
    if (!(v[FITTED] > 0) || !isfinite(x)) continue;
    m.n++;
    const double d = x - m.mean;
    m.mean += d / (double)m.n;
    sum2 += d * (x - m.mean);
  }
  m.sd = m.n > 1 ? sqrt(sum2 / (double)(m.n - 1)) : NAN;
  return m;
}

static com_status put(com_ctx *c, cJSON *e, const moments *m, const char *mean, const char *width) {
  char key[64];
  const double n = (double)m->n;
  COM_TRY(com_json_add(c, e, mean, com_json_real(m->mean)));
  snprintf(key, sizeof key, "%s_error", mean);
  COM_TRY(com_json_add(c, e, key, com_json_real(m->sd / sqrt(n))));
  COM_TRY(com_json_add(c, e, width, com_json_real(m->sd)));
  snprintf(key, sizeof key, "%s_error", width);
  return com_json_add(c, e, key, com_json_real(m->sd / sqrt(2 * (n - 1))));
}

static com_status direction(const job *j, const double *rows, size_t n, size_t k, cJSON *list) {
  com_ctx *c = j->s->c;
  const moments m = moments_of(j, rows, n, N_EXTRA + k, 0, 0);
  cJSON *e = com_json_object();
  com_status s = com_json_add(c, e, "singular_value", com_json_real(j->singular[k]));
  if (!s) s = put(c, e, &m, "pull_mean", "pull_width");
  if (!s) return com_json_push(c, list, e);
  com_json_free(e);
  return s;
}

static com_status quantity(const job *j, const double *rows, size_t n, size_t k, cJSON *list) {
  com_ctx *c = j->s->c;
  const ads_infer_quantity *v = j->list.v + k;
  const size_t at = N_EXTRA + j->n_pulls + 2 * k;
  double truth = NAN;
  char name[120];
  COM_TRY(ads_infer_quantity_value(c, &j->list, j->s->fit, j->space, k, j->q, &truth));
  if (v->log) truth = log(truth);
  snprintf(name, sizeof name, "%s%s", v->log ? "ln " : "", v->name);
  const moments bias = moments_of(j, rows, n, at, truth, 0), error = moments_of(j, rows, n, at + 1, 0, 0),
                pull = moments_of(j, rows, n, at, truth, at + 1);
  cJSON *e = com_json_object();
  com_status s = com_json_add(c, e, "name", com_json_string(name));
  if (!s) s = com_json_add(c, e, "unit", com_json_string(v->log ? "1" : v->unit));
  if (!s) s = com_json_add(c, e, "truth", com_json_real(truth));
  if (!s) s = put(c, e, &bias, "bias", "spread");
  if (!s) s = com_json_add(c, e, "stated_error", com_json_real(error.mean));
  if (!s) s = put(c, e, &pull, "pull_mean", "pull_width");
  if (!s) return com_json_push(c, list, e);
  com_json_free(e);
  return s;
}

static com_status report(const job *j, const double *rows, size_t n, cJSON *out) {
  com_ctx *c = j->s->c;
  const moments chi2 = moments_of(j, rows, n, CHI2, 0, 0);
  COM_TRY(com_json_add(c, out, "n", com_json_int((long long)n)));
  COM_TRY(com_json_add(c, out, "fitted", com_json_int((long long)chi2.n)));
  COM_TRY(com_json_add(c, out, "n_points", com_json_int((long long)j->n)));
  COM_TRY(com_json_add(c, out, "parameters", com_params_json(ads_fit_params(j->s->fit), j->full)));
  COM_TRY(put(c, out, &chi2, "chi2_mean", "chi2_spread"));
  cJSON *list = com_json_array();
  com_status s = list ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  for (size_t k = 0; k < j->n_pulls && !s; k++) s = direction(j, rows, n, k, list);
  if (s)
    com_json_free(list);
  else
    s = com_json_add(c, out, "directions", list);
  list = s ? NULL : com_json_array();
  for (size_t k = 0; k < j->list.n && !s; k++) s = quantity(j, rows, n, k, list);
  if (s)
    com_json_free(list);
  else
    s = com_json_add(c, out, "quantities", list);
  return s;
}

com_status ads_study_replicas(const ads_study *s, int *good, cJSON *out) {
  job j = {.s = s};
  const size_t n = ads_study_n(s->o);
  double *rows = NULL;
  *good = 1;
  com_status status = prepare(&j);
  if (!status && !(rows = malloc((n * j.width + 1) * sizeof *rows)))
    status = COM_FAIL(s->c, COM_E_MEM, "out of memory");
  const com_replicas_spec spec = {"study", n, j.width, s->pool, s->checkpoint, s->resume};
  if (!status) status = com_replicas_run(s->c, &spec, rows, one, &j);
  if (!status) status = report(&j, rows, n, out);
  finish(&j);
  free(rows);
  return status;
}
