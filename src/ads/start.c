/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/start.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "common/linalg.h"

/* ---- the data as a curve ---- */

/* Normal equations of min sum w (s - a r - b r^3)^2. */
static void solve_cubic(size_t n, const double *s, const double *r, const double *sigma, double *a,
                        double *b) {
  double m11 = 0, m12 = 0, m22 = 0, v1 = 0, v2 = 0;
  for (size_t i = 0; i < n; i++) {
    const double w = 1 / (sigma[i] * sigma[i]), x = r[i], x3 = x * x * x;
    m11 += w * x * x;
    m12 += w * x * x3;
    m22 += w * x3 * x3;
    v1 += w * x * s[i];
    v2 += w * x3 * s[i];
  }
  const double det = m11 * m22 - m12 * m12;
  const int line = !(det > 1e-12 * m11 * m22); /* one distinct point: only the slope */
  *b = line ? 0 : (m11 * v2 - m12 * v1) / det;
  *a = line ? v1 / m11 : (m22 * v1 - m12 * v2) / det;
}

void ads_start_fit(size_t n, const double *s, const double *r, const double *sigma_r, ads_start_curve *out,
                   double *sigma_s) {
  enum { ROUNDS = 50 };
  out->a = out->b = out->r_max = out->s_max = 0;
  double slope = 0; /* typical |s/r|, stands in where a point sits at the origin */
  for (size_t i = 0; i < n; i++) {
    if (fabs(r[i]) > out->r_max) out->r_max = fabs(r[i]), out->s_max = fabs(s[i]);
    if (r[i] != 0) slope = fmax(slope, fabs(s[i] / r[i]));
  }
  for (size_t i = 0; i < n; i++)
    sigma_s[i] = sigma_r[i] * (r[i] != 0 && s[i] != 0 ? fabs(s[i] / r[i]) : slope);
  for (int k = 0; k < ROUNDS; k++) {
    solve_cubic(n, s, r, sigma_s, &out->a, &out->b);
    for (size_t i = 0; i < n; i++) {
      const double local = r[i] != 0 && s[i] != 0 ? fabs(s[i] / r[i]) : slope;
      sigma_s[i] = sigma_r[i] * fmax(fabs(out->a + 3 * out->b * r[i] * r[i]), 0.1 * local);
    }
  }
}

/* ---- the shift of h ---- */

enum { N_GRID = 33 };
static const double L0 = 2.5; /* GeV^-1: where the ratio is aimed when L is free */
static const double FAINT =
    1e-3; /* amplitude that is linear in a bulk whose nonlinearity lambda does not switch off */
static const double SHIFT_MAX = 40, SHIFT_STEP = 0.25;

typedef struct search {
  com_ctx *c;
  ads_model *m;
  double *p;         /* work copy of the parameters: tiny lambda, L = L0 */
  double *theta;     /* theta before the shift */
  double *direction; /* theta change that adds 1 to h everywhere */
  size_t n_theta;
  double s, r; /* amplitudes of the two probes */
  double a;    /* wanted ratio s/r of the linear response */
  double A_r;  /* dF/dr of the last probe */
} search;

/* d theta with h(theta + t) = h + 1 on a grid, in the least-squares sense (exact for every metric that is linear in theta and contains
 * the constant). */
static com_status unit_shift(search *w) {
  const ads_metric *m = ads_model_metric(w->m);
  const size_t n = w->n_theta, rows = N_GRID + n;
  double eta[N_GRID], *A = calloc(rows * n, sizeof *A), *b = calloc(rows, sizeof *b);
  com_status status = A && b ? COM_OK : COM_FAIL(w->c, COM_E_MEM, "out of memory");
  if (!status) {
    for (size_t i = 0; i < N_GRID; i++)
      eta[i] = m->span.eta_ir + (m->span.eta_uv - m->span.eta_ir) * (double)i / (N_GRID - 1);
    ads_metric_jac(m, w->theta, N_GRID, eta, A);
    for (size_t i = 0; i < N_GRID; i++) b[i] = 1;
    for (size_t k = 0; k < n; k++) A[(N_GRID + k) * n + k] = 1e-7; /* idle directions stay put */
    status = com_linalg_lstsq(w->c, rows, n, A, b, w->direction);
  }
  free(A);
  free(b);
  return status;
}

/* q(delta) = (A_r r + a-part) : F of the pair (a r, r) in units of hypot(F_s, F_r); zero when the linear response has the wanted ratio.
 * ok = 0 where a probe ran away. */
static com_status ratio(search *w, double delta, double *q, double *A_s, int *ok) {
  for (size_t k = 0; k < w->n_theta; k++) w->p[k] = w->theta[k] + delta * w->direction[k];
  const double s[2] = {w->s, 0}, r[2] = {0, w->r};
  ads_model_eval ev;
  const com_status status = ads_model_run(w->m, ADS_MODEL_F, w->p, 2, s, r, &ev);
  *ok = 0;
  if (status == COM_E_NUM) { /* too stiff to integrate: as bad as a run-away */
    com_ctx_clear(w->c);
    return COM_OK;
  }
  COM_TRY(status);
  *A_s = ev.F[0] / w->s;
  const double A_r = w->A_r = ev.F[1] / w->r;
  *ok = !ev.frozen[0] && !ev.frozen[1] && isfinite(*A_s) && isfinite(A_r) && (*A_s != 0 || A_r != 0);
  *q = (-A_r - w->a * *A_s) / hypot(*A_s, A_r);
  return COM_OK;
}

static com_status bisect(search *w, double lo, double hi, double q_lo, double *root) {
  for (int it = 0; it < 40; it++) {
    const double mid = 0.5 * (lo + hi);
    double q = 0, A_s = 0;
    int ok = 0;
    COM_TRY(ratio(w, mid, &q, &A_s, &ok));
    if (!ok) break;
    if (q * q_lo > 0)
      lo = mid;
    else
      hi = mid;
  }
  *root = 0.5 * (lo + hi);
  return COM_OK;
}

/* The sign change of q nearest delta = 0 over which A_s keeps its sign. */
static com_status find_shift(search *w, double *delta, int *found) {
  const int half = (int)(SHIFT_MAX / SHIFT_STEP);
  double best = INFINITY, q0 = 0, s0 = 0, best_q = 0;
  int ok0 = 0;
  for (int k = -half; k <= half; k++) {
    const double x = k * SHIFT_STEP;
    double q = 0, A_s = 0;
    int ok = 0;
    COM_TRY(ratio(w, x, &q, &A_s, &ok));
    if (ok && ok0 && q * q0 <= 0 && A_s * s0 > 0 && fabs(x - 0.5 * SHIFT_STEP) < fabs(best)) {
      best = x - 0.5 * SHIFT_STEP;
      best_q = q0;
    }
    q0 = q;
    s0 = A_s;
    ok0 = ok;
  }
  *found = isfinite(best);
  if (*found) COM_TRY(bisect(w, best - 0.5 * SHIFT_STEP, best + 0.5 * SHIFT_STEP, best_q, delta));
  return COM_OK;
}

/* ---- L and lambda ---- */

static size_t index_of(const ads_trainable *rows, size_t n, const char *name) {
  for (size_t k = 0; k < n; k++)
    if (strcmp(rows[k].name, name) == 0) return k;
  return n;
}

/* Where "lambda" and "L" stand in p; the number of parameters when absent. */
static size_t lambda_index(const ads_model *m) {
  const ads_bulk *b = ads_model_bulk(m);
  const size_t k = index_of(b->ops->kappa, b->ops->n_kappa, "lambda");
  return k < b->ops->n_kappa ? ads_model_n_theta(m) + k : ads_model_n_params(m);
}

static size_t phi_c_index(const ads_model *m) {
  const ads_bulk *b = ads_model_bulk(m);
  const size_t k = index_of(b->ops->kappa, b->ops->n_kappa, "phi_c");
  return k < b->ops->n_kappa ? ads_model_n_theta(m) + k : ads_model_n_params(m);
}

static size_t L_index(const ads_model *m) {
  const ads_dictionary *d = ads_model_dictionary(m);
  const size_t k = index_of(d->ops->par, d->ops->n_par, "L");
  return k < d->ops->n_par ? ads_model_n_theta(m) + ads_model_n_kappa(m) + k : ads_model_n_params(m);
}

static double clip(double x, double lo, double hi) { return fmin(fmax(x, lo), hi); }

/* a = a1 L^2 exactly at zero amplitude (alpha ~ L, beta ~ L^3), so a fixed metric fixes L. */
static com_status scale_L(search *w, double *L) {
  double q = 0, A_s = 0;
  int ok = 0;
  memset(w->direction, 0, w->n_theta * sizeof *w->direction);
  COM_TRY(ratio(w, 0, &q, &A_s, &ok));
  const double now = ok && A_s != 0 ? -w->A_r / A_s : 0;
  if (now * w->a > 0) *L = clip(L0 * sqrt(w->a / now), 0.5, 8);
  return COM_OK;
}

/* lambda is an exact scaling of the cubic response: b(lambda) = lambda b(1) at leading order, so with F = F_s (s - a r - b r^3 ...)
 * measured at s = a r the new value is lambda b_data / b_measured. */
static com_status scale_lambda(search *w, const ads_start_curve *curve, size_t il, double lambda, double *p) {
  enum { SMALL = 20 }; /* the cubic term is 1/SMALL of the linear one at the probe */
  if (!(curve->b * curve->a > 0)) return COM_OK;
  const double r[1] = {sqrt(curve->a / curve->b / SMALL)}, s[1] = {curve->a * r[0]};
  ads_model_eval ev;
  double linear = 0, full = 0;
  for (int pass = 0; pass < 2;
       pass++) { /* difference of two couplings: the mismatch of the linear part drops out */
    w->p[il] = pass ? lambda : 1e-6 * lambda;
    COM_TRY(ads_model_run(w->m, ADS_MODEL_SR, w->p, 1, s, r, &ev));
    if (ev.frozen[0] || ev.Fs[0] == 0) return COM_OK;
    *(pass ? &full : &linear) = -ev.F[0] / ev.Fs[0];
  }
  const double b1 = (full - linear) / (r[0] * r[0] * r[0]);
  if (isfinite(b1) && b1 > 0) p[il] = clip(lambda * curve->b / b1, 1e-4, 10);
  return COM_OK;
}

/* phi_c, the field where a power-law bulk turns nonlinear: the on-shell curve shall pass through the strongest point.  From weak
 * coupling to strong, the first sign change of F there, then bisection in log phi_c. */
static com_status place_phi_c(search *w, const ads_start_curve *curve, size_t ic, double *p) {
  enum { STEPS = 60, BISECT = 30 };
  const double s[1] = {curve->s_max}, r[1] = {curve->r_max};
  double lo = NAN, hi = NAN, F0 = NAN;
  for (int k = 0; k < STEPS + BISECT; k++) {
    const double x = k < STEPS ? pow(10, 3 - 5 * (double)k / STEPS) : sqrt(lo * hi);
    ads_model_eval ev;
    w->p[ic] = x;
    COM_TRY(ads_model_run(w->m, ADS_MODEL_F, w->p, 1, s, r, &ev));
    if (k < STEPS) {
      if (ev.frozen[0] || ev.F[0] * F0 <= 0) {
        if (isnan(F0) || ev.frozen[0]) return COM_OK; /* no crossing before the field runs away */
        lo = x, k = STEPS - 1;
      } else {
        hi = x, F0 = ev.F[0];
      }
    } else if (ev.frozen[0] || ev.F[0] * F0 <= 0) {
      lo = x;
    } else {
      hi = x;
    }
  }
  p[ic] = hi;
  return COM_OK;
}

static com_status run(search *w, const ads_start_curve *curve, const unsigned char *free_, double *p) {
  const size_t np = ads_model_n_params(w->m), il = lambda_index(w->m), iL = L_index(w->m);
  const int free_L = iL < np && (!free_ || free_[iL]), free_lambda = il < np && (!free_ || free_[il]);
  const int free_theta = w->n_theta > 0 && (!free_ || free_[0]);
  memcpy(w->p, p, np * sizeof *p);
  memcpy(w->theta, p, w->n_theta * sizeof *p);
  w->a = curve->a;
  if (il < np) w->p[il] = 1e-6; /* linear response */
  if (free_L) w->p[iL] = L0;
  w->r = ads_model_bulk(w->m)->ops->cubic ? curve->r_max : FAINT * curve->r_max;
  w->s = fabs(curve->a) * w->r;
  if (!(w->s > 0)) return COM_OK;
  if (free_theta) {
    double delta = 0;
    int found = 0;
    COM_TRY(unit_shift(w));
    COM_TRY(find_shift(w, &delta, &found));
    if (!found) return COM_OK;
    for (size_t k = 0; k < w->n_theta; k++) p[k] = w->p[k] = w->theta[k] + delta * w->direction[k];
  }
  if (free_L && !free_theta)
    COM_TRY(scale_L(w, &p[iL]));
  else if (free_L)
    p[iL] =
        L0; /* the shift made the ratio right for this L; a scales as L^2, so any other L has its own shift */
  const size_t ic = phi_c_index(w->m);
  if (ic < np && (!free_ || free_[ic])) COM_TRY(place_phi_c(w, curve, ic, p));
  return free_lambda ? scale_lambda(w, curve, il, 0.1, p) : COM_OK;
}

com_status ads_start_basin(com_ctx *c, ads_model *m, const ads_start_curve *curve, const unsigned char *free_,
                           double *p) {
  const size_t np = ads_model_n_params(m), nt = ads_model_n_theta(m);
  search w = {.c = c, .m = m, .n_theta = nt};
  double *work = malloc((np + 2 * nt + 1) * sizeof *work);
  COM_ALLOC(c, work);
  w.p = work;
  w.theta = work + np;
  w.direction = w.theta + nt;
  com_status status = run(&w, curve, free_, p);
  free(work);
  if (status == COM_E_NUM) { /* a probe cannot be integrated: the start stays as far as it was improved */
    com_ctx_clear(c);
    status = COM_OK;
  }
  return status;
}
