/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Constrained least squares by Levenberg-Marquardt in sheared coordinates: the residuals of infer_target with the rows of the prior
 * weighted down (likelihood) or not (posterior), and one more row that holds the quantity.  From the maximum outwards, each point
 * starting at the last. */
#include "ads/infer_profile.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/replicas.h"
#include "common/sample_stats.h"
#include "common/table.h"

/* Weights of a row of the prior: the posterior, then a prior three times as wide (its size stays), which keeps h from becoming so wild
 * that one of its many roots meets any datum, and which is not counted. */
static const double PRIOR[] = {1, 0.3};
static const double GAIN = 0.02; /* of the objective in WINDOW steps: settled */
/* The quantity is held to this part of the step between points.  It need not be exact: the minimum of chi2 + ((Q - aim)/hold)^2 is a point
 * of the profile at its own Q. */
static const double HOLD = 0.1;
static const double REACH = 0.5; /* beyond the central 99 % of the draws by this part of its width */
enum { N_PRIOR = 2, CHI2 = 1, POSTERIOR = 2 }; /* columns of a row */
enum {
  MAX_STEPS = 120,
  FEW_STEPS = 40,
  FEW_POINTS = 7,
  RENEW = 5,
  WINDOW = 8
}; /* few: the screening distance, by differences of backgrounds */

typedef struct task {
  const ads_infer_profile_job *job;
  com_ctx *c;
  ads_infer_target *t;
  ads_fit *fit;
  const ads_infer_space *space;
  size_t chain, k, nq, m, n_data, steps;
  int secant, age; /* the gradient of the quantity is learned from its values for RENEW steps */
  double aim, hold, prior, last;
  double *x, *q, *D, *r, *J, *g, *before;
} task;

static const ads_infer_quantity *quantity(const task *w) { return w->job->list->v + w->k; }

/* ---- one point ---- */

/* Does row `row` of the residuals belong to a q whose name begins so? */
static int is_named(const task *w, size_t row, const char *begin) {
  char name[96];
  if (row < w->n_data || row - w->n_data >= w->nq) return 0;
  ads_infer_space_name(w->space, row - w->n_data, name);
  return strncmp(name, begin, strlen(begin)) == 0;
}

/* The error of a nuisance of the data belongs to chi2. */
static int is_prior(const task *w, size_t row) { return row >= w->n_data && !is_named(w, row, "data"); }

/* The gradient of the quantity at w->q; where it costs backgrounds, Broyden's update of the last one. */
static com_status gradient(task *w, double value) {
  const size_t n = w->nq;
  double step2 = 0, miss = value - w->last;
  const int learn = w->secant && isfinite(w->last) && w->age < RENEW;
  w->age = learn ? w->age + 1 : 0;
  for (size_t i = 0; i < n && learn; i++) {
    const double d = w->q[i] - w->before[i];
    step2 += d * d;
    miss -= w->g[i] * d;
  }
  for (size_t i = 0; i < n && learn && step2 > 0; i++) w->g[i] += miss * (w->q[i] - w->before[i]) / step2;
  w->last = value;
  memcpy(w->before, w->q, n * sizeof *w->q);
  if (learn) return COM_OK;
  return ads_infer_quantity_gradient(w->c, w->job->list, w->fit, w->space, w->k, w->q, w->g);
}

/* Residuals at w->x with the row of the constraint last. */
static com_status residuals(task *w, int *ok) {
  const size_t n = w->nq, m = w->m;
  double value = NAN;
  COM_TRY(ads_infer_target_squares(w->t, w->chain, w->x, w->r, w->J, ok));
  if (*ok) COM_TRY(ads_infer_target_q(w->t, w->chain, w->x, w->q, w->D, ok));
  if (!*ok) return COM_OK;
  for (size_t i = 0; i < m; i++) {
    const double f = is_prior(w, i) && !is_named(w, i, "prior.scale") ? w->prior : 1;
    w->r[i] *= f;
    for (size_t j = 0; j < n && f != 1; j++) w->J[i * n + j] *= f;
  }
  COM_TRY(ads_infer_quantity_value(w->c, w->job->list, w->fit, w->space, w->k, w->q, &value));
  if (isfinite(value)) COM_TRY(gradient(w, value));
  const int log_ = quantity(w)->log;
  w->r[m] = ((log_ ? log(value) : value) - w->aim) / w->hold;
  *ok = isfinite(w->r[m]) != 0;
  double *row = w->J + m * n;
  memset(row, 0, n * sizeof *row);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++) row[j] += w->g[i] * w->D[i * n + j] / (w->hold * (log_ ? value : 1));
  for (size_t j = 0; j < n; j++) *ok &= isfinite(row[j]) != 0;
  return COM_OK;
}

/* From w->x to the constrained minimum under this weight of the prior; objective with the prior or without. */
static com_status settle(task *w, double prior, int with_prior, double *value, double *objective) {
  com_optim *lm = NULL;
  com_stop stop = COM_STOP_NONE;
  w->prior = prior;
  w->last = NAN;
  COM_TRY(ads_infer_posterior_lm(w->c, w->nq, &lm));
  com_status s = COM_OK;
  int ok = 1, settled = 0;
  double best = INFINITY, mark = INFINITY;
  for (size_t it = 0; it < w->steps && !stop && !settled && !s; it++) {
    com_eval e = {.f = INFINITY, .m = w->m + 1, .r = w->r, .J = w->J};
    ok = 1;
    s = residuals(w, &ok);
    if (ok) e.f = 0;
    for (size_t i = 0; i <= w->m && ok; i++) e.f += w->r[i] * w->r[i];
    best = fmin(best, e.f);
    if (it % WINDOW == WINDOW - 1) {
      settled = mark - best < GAIN;
      mark = best;
    }
    if (!s) stop = com_optim_step(lm, &e, w->x);
  }
  if (!s && com_optim_best_x(lm)) memcpy(w->x, com_optim_best_x(lm), w->nq * sizeof *w->x);
  com_optim_destroy(lm);
  ok = 1;
  if (!s) s = residuals(w, &ok);
  *value = *objective = NAN;
  if (s || !ok || !(stop || settled)) return s; /* no point of the profile */
  *value = w->r[w->m] * w->hold + w->aim;
  if (quantity(w)->log) *value = exp(*value);
  *objective = 0;
  for (size_t i = 0; i < w->m; i++)
    if (with_prior || !is_prior(w, i)) *objective += w->r[i] * w->r[i];
  return COM_OK;
}

/* ---- one quantity ---- */

static size_t width_of(size_t nq) { return 3 + nq; } /* value, chi2, -2 log posterior, q of the former */

/* The range that the draws span, in the variable of the steps, and the value at the maximum. */
static com_status range(task *w, double *lo, double *mid, double *hi) {
  enum { USED = 200 };
  const ads_infer_profile_job *j = w->job;
  const size_t n = j->n_draws < USED ? j->n_draws : USED;
  const int log_ = quantity(w)->log;
  double *v = malloc((n + 1) * sizeof *v);
  COM_ALLOC(w->c, v);
  size_t used = 0;
  com_status s = ads_infer_quantity_value(w->c, j->list, w->fit, w->space, w->k, j->q, mid);
  if (log_) *mid = log(*mid);
  for (size_t i = 0; i < n && !s; i++) {
    s = ads_infer_quantity_value(w->c, j->list, w->fit, w->space, w->k, j->draws + i * j->n_draws / n * w->nq,
                                 v + used);
    if (log_) v[used] = log(v[used]);
    used += isfinite(v[used]) != 0;
  }
  com_sample_stats_sort(used, v);
  *lo = com_sample_stats_quantile(used, v, 0.005);
  *hi = com_sample_stats_quantile(used, v, 0.995);
  const double more = REACH * (*hi - *lo);
  *lo = fmin(*lo, *mid) - more;
  *hi = fmax(*hi, *mid) + more;
  free(v);
  return s;
}

static com_status profile(task *w, const double *x0, double *last, double *rows) {
  const size_t nq = w->nq, all = w->job->points, width = width_of(nq);
  const int slow = quantity(w)->kind == ADS_INFER_SCREENING;
  const size_t points = slow && all > FEW_POINTS ? FEW_POINTS : all, half = points / 2;
  double lo = NAN, mid = NAN, hi = NAN;
  w->steps = slow ? FEW_STEPS : MAX_STEPS;
  w->secant = slow;
  COM_TRY(range(w, &lo, &mid, &hi));
  if (!isfinite(mid) || !(hi > lo)) return COM_OK;
  w->hold = HOLD * (hi - lo) / (double)points;
  for (int side = -1; side <= 1; side += 2) {
    double value = 0;
    memcpy(last, x0, nq * sizeof *x0);
    ads_infer_target_home(w->t, w->chain);
    for (size_t p = side < 0 ? 0 : 1; p <= half && isfinite(value); p++) {
      const double part = (double)p / (double)half;
      double *row = rows + (side < 0 ? half - p : half + p) * width;
      w->aim = mid + part * (side < 0 ? lo - mid : hi - mid);
      memcpy(w->x, last, nq * sizeof *last);
      COM_TRY(settle(w, PRIOR[0], 1, &value, row + POSTERIOR));
      memcpy(last, w->x, nq * sizeof *last);
      for (int k = 1; k < N_PRIOR && isfinite(value); k++)
        COM_TRY(settle(w, PRIOR[k], 0, &value, row + CHI2));
      row[0] = value;
      memcpy(row + 3, w->q, nq * sizeof *row);
    }
  }
  return COM_OK;
}

static com_status one(size_t k, size_t worker, double *rows, void *user) {
  const ads_infer_profile_job *j = user;
  ads_infer_target *t = j->target;
  const size_t nq = ads_infer_target_n(t), m = ads_infer_target_n_squares(t);
  com_ctx *c = NULL;
  COM_TRY(com_ctx_child(ads_infer_target_context(t), &c));
  task w = {.job = j,
            .c = c,
            .t = t,
            .fit = ads_infer_target_fit(t),
            .space = ads_infer_target_space(t),
            .chain = worker,
            .k = k,
            .nq = nq,
            .m = m,
            .n_data = ads_infer_target_points(t)};
  double *mem = malloc((6 * nq + nq * nq + (m + 1) * (nq + 1)) * sizeof *mem);
  com_status s = mem ? COM_OK : COM_E_MEM;
  int ok = 1;
  for (size_t i = 0; i < j->points * width_of(nq); i++) rows[i] = NAN;
  if (!s) {
    double *x0 = mem;
    w.x = x0 + nq;
    w.q = w.x + nq;
    w.g = w.q + nq;
    w.before = w.g + nq;
    w.D = w.before + nq + nq;
    w.r = w.D + nq * nq;
    w.J = w.r + m + 1;
    ads_infer_target_home(t, worker);
    s = ads_infer_target_x(t, worker, j->q, x0, &ok);
    if (!s && ok) s = profile(&w, x0, w.before + nq, rows);
  }
  free(mem);
  com_ctx_destroy(c);
  return s;
}

/* ---- report ---- */

/* Column w of the table from q of one row: couplings in natural units. */
static double nuisance(const ads_infer_profile_job *j, const double *q, size_t k, double *full) {
  char name[96];
  const ads_infer_space *space = ads_infer_target_space(j->target);
  const com_params *p = ads_fit_params(ads_infer_target_fit(j->target));
  ads_infer_space_name(space, k, name);
  const com_block *b = com_params_find(p, name);
  if (!b || !b->scalar) return q[k];
  ads_infer_space_full(space, q, full);
  return full[b->off];
}

void ads_infer_profile_interval(size_t n, const double *x, const double *delta, double level, double *lo,
                                double *hi) {
  size_t low = 0;
  *lo = *hi = NAN;
  for (size_t i = 1; i < n; i++)
    if (delta[i] < delta[low]) low = i;
  for (size_t i = low; i + 1 < n; i++)
    if (delta[i + 1] > level && !isfinite(*hi))
      *hi = x[i] + (x[i + 1] - x[i]) * (level - delta[i]) / (delta[i + 1] - delta[i]);
  for (size_t i = low; i > 0; i--)
    if (delta[i - 1] > level && !isfinite(*lo))
      *lo = x[i] + (x[i - 1] - x[i]) * (level - delta[i]) / (delta[i - 1] - delta[i]);
}

static com_status intervals(com_ctx *c, size_t n, const double *x, const double *delta, cJSON *out) {
  static const double level[] = {0.9889465, 2.705543, 3.841459}; /* chi2 of one degree of freedom */
  static const double share[] = {0.68, 0.90, 0.95};
  cJSON *list = com_json_array();
  com_status s = list ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  for (size_t k = 0; k < 3 && !s; k++) {
    double lo, hi;
    cJSON *e = com_json_object();
    ads_infer_profile_interval(n, x, delta, level[k], &lo, &hi);
    s = com_json_add(c, e, "probability", com_json_real(share[k]));
    if (!s) s = com_json_add(c, e, "lo", com_json_real(lo));
    if (!s) s = com_json_add(c, e, "hi", com_json_real(hi));
    if (s)
      com_json_free(e);
    else
      s = com_json_push(c, list, e);
  }
  if (!s) return com_json_add(c, out, "intervals", list);
  com_json_free(list);
  return s;
}

/* Points at which the sampler's integrator and the config's at rel_tol 1e-11 disagree about chi2 become NAN: far from the maximum h is
 * wilder than its steps. */
static com_status check_flow(com_ctx *c, const ads_infer_profile_job *j, double *row, size_t *dropped) {
  static const double AGREE = 0.1;
  ads_infer_target *t = j->target;
  ads_fit *fit = ads_infer_target_fit(t);
  const ads_infer_space *space = ads_infer_target_space(t);
  const size_t n = ads_infer_target_points(t), nf = com_params_n(ads_fit_params(fit));
  double *full = malloc((nf + 4 * n + 1) * sizeof *full), chi2 = 0;
  COM_ALLOC(c, full);
  double *R = full + nf, *pull = R + n, *r = pull + n, *r2 = r + n;
  int ok = 1;
  memcpy(full, com_params_values(ads_fit_params(fit)), nf * sizeof *full);
  ads_infer_space_full(space, row + 3, full);
  com_status s = ads_infer_target_residuals(t, 0, row + 3, r, NULL, &ok);
  if (!s) s = ads_fit_predict(fit, full, R, pull, &chi2);
  size_t at = 0;
  for (size_t g = 0; g < ads_fit_n_groups(fit); g++) {
    const ads_group *a = ads_fit_group(fit, g);
    const double scale = ads_loss_n_extra(a->loss) > 0 ? 1 : ads_infer_space_scale(space, g, row + 3);
    for (size_t i = 0; i < a->data->n; i++) R[at++] *= scale;
  }
  double x2 = 0, y2 = 0;
  if (!s) ads_infer_target_whiten(t, R, r2);
  for (size_t i = 0; i < n; i++) {
    x2 += r[i] * r[i];
    y2 += r2[i] * r2[i];
  }
  if (!s && !(ok && fabs(x2 - y2) < AGREE)) {
    row[0] = NAN;
    ++*dropped;
  }
  free(full);
  return s;
}

static com_status report(com_ctx *c, const ads_infer_profile_job *j, size_t k, double *rows, cJSON *out) {
  const ads_infer_space *space = ads_infer_target_space(j->target);
  const ads_infer_quantity *v = j->list->v + k;
  const size_t nq = ads_infer_target_n(j->target), width = width_of(nq);
  const size_t nf = com_params_n(ads_fit_params(ads_infer_target_fit(j->target)));
  double lowest[2] = {INFINITY, INFINITY}, *col = malloc((width * (j->points + 1) + nf) * sizeof *col),
         *full = col + width * (j->points + 1);
  size_t n = 0;
  COM_ALLOC(c, col);
  memcpy(full, com_params_values(ads_fit_params(ads_infer_target_fit(j->target))), nf * sizeof *full);
  size_t dropped = 0;
  for (size_t p = 0; p < j->points; p++)
    if (isfinite(rows[p * width])) COM_TRY(check_flow(c, j, rows + p * width, &dropped));
  for (size_t p = 0; p < j->points; p++) {
    if (!isfinite(rows[p * width]) || !isfinite(rows[p * width + 1])) continue;
    if (n > 0 && !(rows[p * width] > col[n - 1])) continue; /* it cannot be moved further */
    for (size_t w = 0; w < 3; w++) col[w * j->points + n] = rows[p * width + w];
    for (size_t w = 3; w < width; w++)
      col[w * j->points + n] = nuisance(j, rows + p * width + 3, w - 3, full);
    for (size_t k2 = 0; k2 < 2; k2++) lowest[k2] = fmin(lowest[k2], rows[p * width + 1 + k2]);
    n++;
  }
  for (size_t i = 0; i < n; i++)
    for (size_t k2 = 0; k2 < 2; k2++) col[(1 + k2) * j->points + i] -= lowest[k2];
  com_table *t = NULL;
  com_status s = com_table_create(c, &t);
  for (size_t w = 0; w < width && !s; w++) {
    char name[112] = "value";
    if (w == 1) snprintf(name, sizeof name, "delta_chi2");
    if (w == 2) snprintf(name, sizeof name, "delta_posterior");
    if (w > 2) ads_infer_space_name(space, w - 3, name);
    s = com_table_add(c, t, name, w ? "1" : v->unit, NULL, n, col + w * j->points, NULL);
  }
  cJSON *e = s ? NULL : com_table_json(t);
  if (!s && !e) s = COM_FAIL(c, COM_E_MEM, "out of memory");
  const size_t tried = v->kind == ADS_INFER_SCREENING && j->points > FEW_POINTS ? FEW_POINTS : j->points;
  if (!s) s = com_json_add(c, e, "dropped", com_json_int((long long)dropped));
  if (!s) s = com_json_add(c, e, "unsettled", com_json_int((long long)(tried - n - dropped)));
  if (!s) s = com_json_add(c, e, "chi2_min", com_json_real(lowest[0]));
  if (!s) s = intervals(c, n, col, col + j->points, e);
  com_table_destroy(t);
  free(col);
  if (!s) return com_json_add(c, out, v->name, e);
  com_json_free(e);
  return s;
}

com_status ads_infer_profile(com_ctx *c, const ads_infer_profile_job *job, cJSON **out) {
  const size_t n = job->list->n, width = job->points * width_of(ads_infer_target_n(job->target));
  double *rows = malloc((n * width + 1) * sizeof *rows);
  *out = NULL;
  COM_ALLOC(c, rows);
  const com_replicas_spec spec = {.what = "infer/profile", .n = n, .width = width, .pool = job->pool};
  cJSON *j = com_json_object();
  com_status s = j ? ads_infer_target_anchor(job->target, job->q, ADS_INFER_STIFF)
                   : COM_FAIL(c, COM_E_MEM, "out of memory");
  if (!s) s = com_replicas_run(c, &spec, rows, one, (void *)job);
  for (size_t k = 0; k < n && !s; k++) s = report(c, job, k, rows + k * width, j);
  free(rows);
  if (s) com_json_free(j);
  *out = s ? NULL : j;
  return s;
}
