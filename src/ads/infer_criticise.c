/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/infer_criticise.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/rng.h"
#include "common/sample_weigh.h"

static const double HALF_LOG_2PI = 0.918938533204672741780329736406;
static const double RELIABLE = 0.7; /* largest Pareto shape of an estimate that can be used */

/* Log densities of every draw and datum given the others: ll[n_draws][n]. */
static void densities(const ads_infer_criticise_job *j, size_t m, const double *R, double *ll) {
  const size_t n = ads_infer_target_points(j->target);
  for (size_t i = 0; i < m; i++) {
    double *v = ll + i * n;
    ads_infer_target_conditional(j->target, R + i * n, v);
    for (size_t k = 0; k < n; k++) v[k] = -0.5 * v[k] * v[k] - HALF_LOG_2PI;
  }
}

/* Share of the draws whose own data would fit worse than the real ones. */
static com_status predictive(com_ctx *c, const ads_infer_criticise_job *j, double *p) {
  const size_t n = ads_infer_target_points(j->target);
  com_rng *rng = NULL;
  double exceed = 0, *r = malloc((n + 1) * sizeof *r);
  COM_ALLOC(c, r);
  com_status s = com_rng_create(c, com_ctx_seed(c), "infer/predictive", &rng);
  for (size_t i = 0; i < j->n_draws && !s; i++) {
    double chi2 = 0, rep = 0;
    ads_infer_target_whiten(j->target, j->R + i * n, r);
    for (size_t k = 0; k < n; k++) {
      const double z = com_rng_normal(rng);
      chi2 += r[k] * r[k];
      rep += z * z;
    }
    exceed += rep > chi2;
  }
  *p = exceed / (double)j->n_draws;
  com_rng_destroy(rng);
  free(r);
  return s;
}

/* Log density of datum k under a posterior without it, from chains of its own. */
static com_status refit(com_ctx *c, const ads_infer_criticise_job *j, size_t k, double *loo) {
  const size_t nq = ads_infer_target_n(j->target), n = ads_infer_target_points(j->target);
  char name[64];
  ads_infer_draws d = {0};
  int ok = 1;
  double *q = malloc((nq + 1) * sizeof *q), *ll = NULL, top = -INFINITY, sum = 0;
  COM_ALLOC(c, q);
  memcpy(q, j->q, nq * sizeof *q);
  ads_infer_mode m = {.q = q};
  snprintf(name, sizeof name, "infer/left-out/%zu", k);
  com_status s = ads_infer_target_leave_out(j->target, k);
  if (!s) s = ads_infer_posterior_climb(c, j->target, q, &m.logp, &m.chi2, &ok);
  if (!s && ok) s = ads_infer_posterior_draw(c, j->target, j->refit, name, j->pool, &m, NULL, 0, &d);
  const com_status back = ads_infer_target_leave_out(j->target, (size_t)-1);
  if (!s) s = back;
  const size_t total = d.chains * d.draws;
  if (!s && ok && !(ll = malloc((total * n + 1) * sizeof *ll))) s = COM_FAIL(c, COM_E_MEM, "out of memory");
  if (!s && ok) {
    densities(j, total, d.R, ll);
    for (size_t i = 0; i < total; i++) top = fmax(top, ll[i * n + k]);
    for (size_t i = 0; i < total; i++) sum += exp(ll[i * n + k] - top);
    *loo = top + log(sum / (double)total);
  }
  ads_infer_posterior_draws_finish(&d);
  free(ll);
  free(q);
  return s;
}

typedef struct totals {
  double loo, loo_var, waic, p_waic, worst;
  size_t refits;
} totals;

static com_status points(com_ctx *c, const ads_infer_criticise_job *j, com_sample_weigh_point *pt, totals *t,
                         cJSON *list) {
  const size_t n = ads_infer_target_points(j->target);
  com_status s = COM_OK;
  for (size_t k = 0; k < n && !s; k++) {
    const int unreliable = !(pt[k].k <= RELIABLE), again = unreliable && j->refit;
    cJSON *e = com_json_object();
    if (again) s = refit(c, j, k, &pt[k].loo);
    if (!again) t->worst = fmax(t->worst, pt[k].k);
    t->refits += (size_t)again;
    t->loo += pt[k].loo;
    t->waic += pt[k].waic;
    t->p_waic += pt[k].p_waic;
    if (!s) s = com_json_add(c, e, "loo", com_json_real(pt[k].loo));
    if (!s) s = com_json_add(c, e, "waic", com_json_real(pt[k].waic));
    if (!s) s = com_json_add(c, e, "pareto_k", com_json_real(pt[k].k));
    if (!s) s = com_json_add(c, e, "refit", com_json_bool(again));
    if (s)
      com_json_free(e);
    else
      s = com_json_push(c, list, e);
  }
  for (size_t k = 0; k < n; k++) {
    const double d = pt[k].loo - t->loo / (double)n;
    t->loo_var += d * d * (double)n / (double)(n > 1 ? n - 1 : 1);
  }
  return s;
}

static com_status report(com_ctx *c, const totals *t, double p, cJSON *j) {
  COM_TRY(com_json_add(c, j, "elpd_loo", com_json_real(t->loo)));
  COM_TRY(com_json_add(c, j, "elpd_loo_error", com_json_real(sqrt(t->loo_var))));
  COM_TRY(com_json_add(c, j, "elpd_waic", com_json_real(t->waic)));
  COM_TRY(com_json_add(c, j, "p_waic", com_json_real(t->p_waic)));
  COM_TRY(com_json_add(c, j, "pareto_k_max", com_json_real(t->worst)));
  COM_TRY(com_json_add(c, j, "refits", com_json_int((long long)t->refits)));
  COM_TRY(com_json_add(c, j, "predictive_p", com_json_real(p)));
  if (p < 0.01)
    com_ctx_warn(c, "predictive",
                 "posterior predictive check: p = %.2g; the model does not describe the data within their "
                 "errors, so the bands are those of a model that misses them",
                 p);
  if (t->worst > RELIABLE)
    com_ctx_warn(c, "loo",
                 "leave-one-out: Pareto shape %.2f of some point: its estimate is not reliable (infer.refit)",
                 t->worst);
  return COM_OK;
}

com_status ads_infer_criticise(com_ctx *c, const ads_infer_criticise_job *job, cJSON **out) {
  const size_t n = ads_infer_target_points(job->target), m = job->n_draws;
  com_sample_weigh_point *pt = malloc((n + 1) * sizeof *pt);
  double *ll = malloc((m * n + 1) * sizeof *ll), p = NAN;
  cJSON *j = com_json_object(), *list = com_json_array();
  totals t = {0};
  com_status s = pt && ll && j && list ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  if (!s) densities(job, m, job->R, ll);
  if (!s) s = predictive(c, job, &p);
  if (!s) s = com_sample_weigh_points(c, m, n, ll, pt);
  if (!s) s = points(c, job, pt, &t, list);
  if (!s) s = report(c, &t, p, j);
  if (s)
    com_json_free(list);
  else
    s = com_json_add(c, j, "points", list);
  free(pt);
  free(ll);
  if (s) com_json_free(j);
  *out = s ? NULL : j;
  return s;
}
