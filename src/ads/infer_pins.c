/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/infer_pins.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "common/linalg.h"

enum { MAX_NEWTON = 25 };
static const double STEP = 1e-7;   /* Newton's last step; the error of the result is its square */
static const double STRIDE = 2;    /* longest Newton step, in widths of the prior */
static const double FAR = 8;      /* a solution further out in the prior than this is none */
static const double USABLE = 1e-3; /* pivots are good when they span the stiff directions to this fraction */

com_status ads_infer_pins_init(com_ctx *c, size_t nq, size_t n, ads_infer_pins *p) {
  const size_t K = n < nq ? n : nq;
  *p = (ads_infer_pins){.nq = nq};
  COM_ALLOC(c, p->pivot = calloc(3 * nq + 2 * K + 1, sizeof *p->pivot));
  p->rest = p->pivot + nq;
  p->group = p->rest + nq;
  COM_ALLOC(c, p->s = calloc(2 * K + K * K + nq + K * nq + 1, sizeof *p->s));
  p->r = p->s + K;
  p->A = p->r + K;
  p->q = p->A + K * K;
  p->dw = p->q + nq;
  return COM_OK;
}

void ads_infer_pins_finish(ads_infer_pins *p) {
  free(p->pivot);
  free(p->s);
}

com_status ads_infer_pins_state_init(com_ctx *c, size_t n, ads_infer_pins_state *s) {
  COM_ALLOC(c, s->v = calloc(4 * n + 3 * n * n, sizeof *s->v));
  s->w = s->v + n;
  s->b = s->w + n;
  s->trial = s->b + n;
  s->dw = s->trial + n;
  s->J = s->dw + n * n;
  s->a = s->J + n * n;
  return COM_OK;
}

void ads_infer_pins_state_finish(ads_infer_pins_state *s) { free(s->v); }

void ads_infer_pins_reset(const ads_infer_pins *p, ads_infer_pins_state *s) {
  memcpy(s->v, p->q, p->nq * sizeof *s->v);
  memcpy(s->dw, p->dw, p->K * p->nq * sizeof *s->dw);
}

/* ---- the pinned equations ---- */

/* b[K] = F / F_s and J[K][nq] = dF/dq / F_s at q: in units of the source, so that rows have comparable size. */
static com_status equations(const ads_infer_pins *p, const ads_infer_pins_at *at, const double *q, double *b,
                            double *J, int *ok) {
  ads_infer_space_full(at->space, q, at->full);
  for (size_t a = 0; a < p->K && *ok; a++) {
    const ads_group *g = ads_fit_group(at->fit, p->group[a]);
    const double k = ads_infer_space_scale(at->space, p->group[a], q), s[1] = {p->s[a]}, r[1] = {p->r[a] / k};
    const double unit = s[0] != 0 ? s[0] : 1;
    double spread = 0, *row = J + a * p->nq;
    const size_t scale = ads_infer_space_scale_index(at->space, p->group[a], &spread);
    ads_model_eval ev;
    ads_fit_gather(at->fit, p->group[a], at->full, at->p);
    COM_TRY(ads_model_run(at->models[p->group[a]], ADS_MODEL_JAC, at->p, 1, s, r, &ev));
    *ok = !ev.frozen[0] && isfinite(ev.F[0]) && ev.Fs[0] != 0;
    if (!*ok) break;
    memset(at->row, 0, com_params_n(ads_fit_params(at->fit)) * sizeof *at->row);
    for (size_t j = 0; j < ev.np; j++) at->row[g->map[j]] += ev.Fp[j] / (ev.Fs[0] * unit);
    ads_infer_space_chain(at->space, q, at->full, at->row, row);
    if (scale != (size_t)-1) row[scale] -= spread * r[0] * ev.Fr[0] / (ev.Fs[0] * unit);
    b[a] = ev.F[0] / (ev.Fs[0] * unit);
  }
  return COM_OK;
}

/* a = dF/dw of the rows J. */
static void block(const ads_infer_pins *p, const double *J, double *a) {
  for (size_t i = 0; i < p->K; i++)
    for (size_t k = 0; k < p->K; k++) a[i * p->K + k] = J[i * p->nq + p->pivot[k]];
}

/* s->dw = -(dF/dw)^-1 dF/dq, columns of the pivots 0. */
static com_status slopes(const ads_infer_pins *p, ads_infer_pins_state *s, const ads_infer_pins_at *at) {
  const size_t K = p->K;
  memset(s->dw, 0, K * p->nq * sizeof *s->dw);
  for (size_t j = 0; j < p->nq - K; j++) {
    block(p, s->J, s->a);
    for (size_t i = 0; i < K; i++) s->b[i] = -s->J[i * p->nq + p->rest[j]];
    COM_TRY(com_linalg_solve(at->c, K, s->a, s->b));
    for (size_t i = 0; i < K; i++) s->dw[i * p->nq + p->rest[j]] = s->b[i];
  }
  return COM_OK;
}

/* Newton from the guess in q[pivots]; on success s holds the solution and its slopes. */
static com_status newton(const ads_infer_pins *p, ads_infer_pins_state *s, const ads_infer_pins_at *at,
                         double *q, int *ok) {
  double step = INFINITY;
  for (int it = 0; it < MAX_NEWTON && step > STEP; it++) {
    *ok = 1;
    COM_TRY(equations(p, at, q, s->b, s->J, ok));
    if (!*ok) return COM_OK;
    block(p, s->J, s->a);
    COM_TRY(com_linalg_solve(at->c, p->K, s->a, s->b));
    step = 0;
    for (size_t k = 0; k < p->K; k++) step = fmax(step, fabs(s->b[k]));
    *ok = isfinite(step);
    if (!*ok) return COM_OK;
    for (size_t k = 0; k < p->K; k++) {
      double *w = q + p->pivot[k];
      *w -= s->b[k] * fmin(1, STRIDE / step);
      *ok &= fabs(*w) < FAR;
    }
    if (!*ok) return COM_OK;
  }
  *ok = step <= STEP;
  if (!*ok) return COM_OK;
  /* the slopes belong to the point before the last step, STEP away: good to STEP */
  memcpy(s->v, q, p->nq * sizeof *q);
  return slopes(p, s, at);
}

/* q holds v; its pivots become w*(v). */
static com_status solve(const ads_infer_pins *p, ads_infer_pins_state *s, const ads_infer_pins_at *at,
                        double *q, int *ok) {
  for (int pass = 0; pass < 2; pass++) { /* from the last solution, then from the anchor */
    for (size_t k = 0; k < p->K; k++) {
      double w = s->v[p->pivot[k]];
      for (size_t j = 0; j < p->nq - p->K; j++)
        w += s->dw[k * p->nq + p->rest[j]] * (q[p->rest[j]] - s->v[p->rest[j]]);
      q[p->pivot[k]] = fmin(fmax(w, -FAR), FAR);
    }
    const com_status status = newton(p, s, at, q, ok);
    if (status == COM_E_NUM) {
      com_ctx_clear(at->c);
      *ok = 0;
    } else if (status)
      return status;
    if (*ok) return COM_OK;
    ads_infer_pins_reset(p, s);
  }
  return COM_OK;
}

/* ---- the map ---- */

com_status ads_infer_pins_q(const ads_infer_pins *p, ads_infer_pins_state *s, const ads_infer_pins_at *at,
                            const double *x, double *q, double *D, int *ok) {
  const size_t n = p->nq, K = p->K, nv = n - K;
  for (size_t j = 0; j < nv; j++) q[p->rest[j]] = x[j];
  if (K) COM_TRY(solve(p, s, at, q, ok));
  if (!*ok) return COM_OK;
  for (size_t k = 0; k < K; k++)
    for (size_t i = 0; i <= k; i++) q[p->pivot[k]] += p->A[k * K + i] * x[nv + i];
  if (!D) return COM_OK;
  memset(D, 0, n * n * sizeof *D);
  for (size_t j = 0; j < nv; j++) {
    D[p->rest[j] * n + j] = 1;
    for (size_t k = 0; k < K; k++) D[p->pivot[k] * n + j] = s->dw[k * n + p->rest[j]];
  }
  for (size_t k = 0; k < K; k++)
    for (size_t i = 0; i <= k; i++) D[p->pivot[k] * n + nv + i] = p->A[k * K + i];
  return COM_OK;
}

com_status ads_infer_pins_x(const ads_infer_pins *p, ads_infer_pins_state *s, const ads_infer_pins_at *at,
                            const double *q, double *x, int *ok) {
  const size_t K = p->K, nv = p->nq - K;
  memcpy(s->trial, q, p->nq * sizeof *q);
  if (K) COM_TRY(solve(p, s, at, s->trial, ok));
  if (!*ok) return COM_OK;
  for (size_t j = 0; j < nv; j++) x[j] = q[p->rest[j]];
  for (size_t k = 0; k < K; k++) x[nv + k] = q[p->pivot[k]] - s->trial[p->pivot[k]];
  com_linalg_forward(K, p->A, x + nv);
  return COM_OK;
}

/* ---- the choice ---- */

/* Rows of J that are most independent on the columns `col`: greedy Gram-Schmidt (pivoted QR) over rows. */
static void pick(size_t rows, size_t cols, double *a, size_t want, size_t *out) {
  for (size_t k = 0; k < want; k++) {
    size_t best = 0;
    double top = -1;
    for (size_t i = 0; i < rows; i++) {
      double s = 0;
      for (size_t j = 0; j < cols; j++) s += a[i * cols + j] * a[i * cols + j];
      if (s > top) {
        top = s;
        best = i;
      }
    }
    out[k] = best;
    for (size_t i = 0; i < rows && top > 0; i++) {
      if (i == best) continue;
      double s = 0;
      for (size_t j = 0; j < cols; j++) s += a[i * cols + j] * a[best * cols + j];
      for (size_t j = 0; j < cols; j++) a[i * cols + j] -= s / top * a[best * cols + j];
    }
    for (size_t j = 0; j < cols; j++) a[best * cols + j] = 0;
  }
}

static void use_pivots(ads_infer_pins *p) {
  size_t m = 0;
  for (size_t k = 0; k < p->nq; k++) {
    int taken = 0;
    for (size_t i = 0; i < p->K; i++) taken |= p->pivot[i] == k;
    if (!taken) p->rest[m++] = k;
  }
}

/* Pivots: scalars of the model when they span the stiff directions (their solution is then global: exact scalings), else the entries of q
 * that do so best.  us[nq][K]: rows = sensitivities of the stiff combinations of the data. */
static com_status pivots(ads_infer_pins *p, const ads_infer_pins_spec *o, const double *us, double *work) {
  const size_t K = p->K;
  size_t m = 0;
  double *s = work + o->nq * K;
  for (size_t k = 0; k < o->nq; k++) {
    if (!ads_infer_space_scalar(o->space, k)) continue;
    memcpy(work + m * K, us + k * K, K * sizeof *work);
    p->rest[m++] = k; /* candidates, for now */
  }
  if (m >= K) {
    size_t *chosen = p->group;
    double *b = s + K;
    pick(m, K, work, K, chosen);
    for (size_t i = 0; i < K; i++) {
      p->pivot[i] = p->rest[chosen[i]];
      memcpy(b + i * K, us + p->pivot[i] * K, K * sizeof *b);
    }
    COM_TRY(com_linalg_svd(o->c, K, K, b, s, NULL, NULL));
    if (s[K - 1] > USABLE * o->stiff) return COM_OK;
  }
  memcpy(work, us, o->nq * K * sizeof *work);
  pick(o->nq, K, work, K, p->pivot);
  return COM_OK;
}

/* A A^T = (J_w^T J_w + 1)^-1: the width of w at fixed v. */
static com_status widths(ads_infer_pins *p, const ads_infer_pins_spec *o, double *work) {
  const size_t K = p->K;
  double *H = work, *inv = work + K * K;
  memset(inv, 0, K * K * sizeof *inv);
  for (size_t a = 0; a < K; a++) {
    inv[a * K + a] = 1;
    for (size_t b = 0; b < K; b++) {
      H[a * K + b] = a == b;
      for (size_t i = 0; i < o->n; i++)
        H[a * K + b] += o->J[i * o->nq + p->pivot[a]] * o->J[i * o->nq + p->pivot[b]];
    }
  }
  COM_TRY(com_linalg_chol_solve(o->c, K, H, K, inv));
  memcpy(p->A, inv, K * K * sizeof *inv);
  COM_TRY(com_linalg_chol(o->c, K, p->A));
  p->log_det = 0;
  for (size_t k = 0; k < K; k++) p->log_det += log(p->A[k * K + k]);
  return COM_OK;
}

static void pins(ads_infer_pins *p, const ads_infer_pins_spec *o, double *work) {
  size_t *chosen = p->group + p->K; /* spare half of the array */
  for (size_t i = 0; i < o->n; i++)
    for (size_t k = 0; k < p->K; k++) work[i * p->K + k] = o->J[i * o->nq + p->pivot[k]];
  pick(o->n, p->K, work, p->K, chosen);
  for (size_t a = 0; a < p->K; a++) {
    size_t g = 0;
    while (chosen[a] >= o->first[g + 1]) g++;
    p->group[a] = g;
    p->s[a] = ads_fit_group(o->fit, g)->data->source[chosen[a] - o->first[g]];
    p->r[a] = o->R[chosen[a]];
  }
}

static com_status choose(ads_infer_pins *p, const ads_infer_pins_spec *o, double *work) {
  const size_t n = o->n, nq = o->nq, r = n < nq ? n : nq;
  double *J = work, *s = J + n * nq, *u = s + r, *us = u + n * r, *rest = us + nq * r;
  memcpy(J, o->J, n * nq * sizeof *J);
  memcpy(p->q, o->q, nq * sizeof *p->q);
  COM_TRY(com_linalg_svd(o->c, n, nq, J, s, u, NULL));
  p->K = 0;
  while (p->K < r && s[p->K] > o->stiff) p->K++;
  p->log_det = 0;
  if (p->K > 0) {
    for (size_t k = 0; k < nq; k++)
      for (size_t a = 0; a < p->K; a++) {
        us[k * p->K + a] = 0;
        for (size_t i = 0; i < n; i++) us[k * p->K + a] += u[i * r + a] * o->J[i * nq + k];
      }
    COM_TRY(pivots(p, o, us, rest));
  }
  use_pivots(p);
  if (p->K == 0) return COM_OK;
  COM_TRY(widths(p, o, rest));
  pins(p, o, rest);
  memset(p->dw, 0, p->K * nq * sizeof *p->dw);
  return COM_OK;
}

com_status ads_infer_pins_choose(ads_infer_pins *p, const ads_infer_pins_spec *o) {
  const size_t n = o->n, nq = o->nq, r = n < nq ? n : nq;
  double *work = malloc((n * nq + r + n * r + 2 * nq * r + 4 * nq * nq + n * nq + 16) * sizeof *work);
  COM_ALLOC(o->c, work);
  const com_status status = choose(p, o, work);
  free(work);
  return status;
}
