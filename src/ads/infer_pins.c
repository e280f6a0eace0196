/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/infer_pins.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "common/linalg.h"

enum { MAX_NEWTON = 25, MAX_STRIDES = 40 };
static const double STEP =
    1e-10; /* Newton's last step: slopes of the stiff directions must be good to nine digits */
static const double STRIDE = 1; /* longest Newton step, in widths of the prior */
static const double FAR =
    12; /* a solution further out in the prior than this is none: there are spurious ones */

com_status ads_infer_pins_init(com_ctx *c, size_t nq, size_t n, ads_infer_pins *p) {
  const size_t K = n < nq ? n : nq;
  *p = (ads_infer_pins){.nq = nq};
  COM_ALLOC(c, p->group = calloc(K + 1, sizeof *p->group));
  COM_ALLOC(c, p->s = calloc(2 * K + nq * nq + K * K + 2 * nq + 1, sizeof *p->s));
  p->r = p->s + K;
  p->Q = p->r + K;
  p->A = p->Q + nq * nq;
  p->q = p->A + K * K;
  p->y = p->q + nq;
  return COM_OK;
}

void ads_infer_pins_finish(ads_infer_pins *p) {
  free(p->group);
  free(p->s);
}

com_status ads_infer_pins_state_init(com_ctx *c, size_t n, ads_infer_pins_state *s) {
  COM_ALLOC(c, s->y = calloc(6 * n + 4 * n * n + ADS_INFER_PINS_RING * (n + n * n), sizeof *s->y));
  s->dw = s->y + n; /* neighbours: kept and put back together */
  s->keep = s->dw + n * n;
  s->b = s->keep + n + n * n;
  s->try_ = s->b + n;
  s->move = s->try_ + n;
  s->v = s->move + n;
  s->J = s->v + n;
  s->a = s->J + n * n;
  s->ring = s->a + n * n;
  return COM_OK;
}

void ads_infer_pins_state_finish(ads_infer_pins_state *s) { free(s->y); }

void ads_infer_pins_reset(const ads_infer_pins *p, ads_infer_pins_state *s) {
  memcpy(s->y, p->y, p->nq * sizeof *s->y);
  memset(s->dw, 0,
         p->K * (p->nq - p->K) *
             sizeof *s->dw); /* at the anchor w* is stationary, to the accuracy of the pins */
}

/* ---- rotation ---- */

static void to_q(const ads_infer_pins *p, const double *y, double *q) {
  memset(q, 0, p->nq * sizeof *q);
  for (size_t i = 0; i < p->nq; i++)
    for (size_t k = 0; k < p->nq; k++) q[k] += y[i] * p->Q[i * p->nq + k];
}

static void to_y(const ads_infer_pins *p, const double *q, double *y) {
  for (size_t i = 0; i < p->nq; i++) {
    y[i] = 0;
    for (size_t k = 0; k < p->nq; k++) y[i] += q[k] * p->Q[i * p->nq + k];
  }
}

/* ---- the pinned equations ---- */

/* Rows a..end-1, all of one group. */
static com_status equations_of_group(const ads_infer_pins *p, const ads_infer_pins_at *at, size_t a,
                                     size_t end, double *b, double *J, int *ok) {
  const size_t group = p->group[a], m = end - a;
  const ads_group *g = ads_fit_group(at->fit, group);
  const double k = ads_infer_space_scale(at->space, group, at->q);
  double spread = 0;
  const size_t scale = ads_infer_space_scale_index(at->space, group, &spread);
  ads_model_eval ev;
  ads_fit_gather(at->fit, group, at->full, at->p);
  for (size_t i = 0; i < m; i++) at->r[i] = p->r[a + i] / k;
  COM_TRY(ads_model_run(at->models[group], ADS_MODEL_JAC, at->p, m, p->s + a, at->r, &ev));
  for (size_t i = 0; i < m; i++) {
    const double s = p->s[a + i], unit = ev.Fs[i] * (s != 0 ? s : 1);
    *ok = !ev.frozen[i] && isfinite(ev.F[i]) && unit != 0;
    if (!*ok) break;
    memset(at->row, 0, com_params_n(ads_fit_params(at->fit)) * sizeof *at->row);
    for (size_t j = 0; j < ev.np; j++) at->row[g->map[j]] += ev.Fp[i * ev.np + j] / unit;
    ads_infer_space_chain(at->space, at->q, at->full, at->row, at->line);
    if (scale != (size_t)-1) at->line[scale] -= spread * at->r[i] * ev.Fr[i] / unit;
    to_y(p, at->line, J + (a + i) * p->nq);
    b[a + i] = ev.F[i] / unit;
  }
  return COM_OK;
}

/* b[K] = F / F_s and J[K][nq] = dF/dy / F_s at y, in units of the source, so that rows have comparable size.  The pins of a group
 * are neighbours (choose) and go through one batch. */
static com_status equations(const ads_infer_pins *p, const ads_infer_pins_at *at, const double *y, double *b,
                            double *J, int *ok) {
  to_q(p, y, at->q);
  ads_infer_space_full(at->space, at->q, at->full);
  for (size_t a = 0, end; a < p->K && *ok; a = end) {
    for (end = a; end < p->K && p->group[end] == p->group[a]; end++) {}
    COM_TRY(equations_of_group(p, at, a, end, b, J, ok));
  }
  return COM_OK;
}

/* a = dF/dw of the rows J. */
static void block(const ads_infer_pins *p, const double *J, double *a) {
  for (size_t i = 0; i < p->K; i++) memcpy(a + i * p->K, J + i * p->nq, p->K * sizeof *a);
}

/* s->dw = -(dF/dw)^-1 dF/dv */
static com_status slopes(const ads_infer_pins *p, ads_infer_pins_state *s, const ads_infer_pins_at *at) {
  const size_t K = p->K, nv = p->nq - K;
  for (size_t j = 0; j < nv; j++) {
    block(p, s->J, s->a);
    for (size_t i = 0; i < K; i++) s->b[i] = -s->J[i * p->nq + K + j];
    COM_TRY(com_linalg_solve(at->c, K, s->a, s->b));
    for (size_t i = 0; i < K; i++) s->dw[i * nv + j] = s->b[i];
  }
  return COM_OK;
}

/* Newton from the guess in y[0..K); on success s holds the solution and its slopes. */
static com_status newton(const ads_infer_pins *p, ads_infer_pins_state *s, const ads_infer_pins_at *at,
                         double *y, int *ok) {
  double step = INFINITY, last = INFINITY;
  for (int it = 0; it < MAX_NEWTON && step > STEP; it++) {
    *ok = 1;
    COM_TRY(equations(p, at, y, s->b, s->J, ok));
    if (!*ok) return COM_OK;
    block(p, s->J, s->a);
    COM_TRY(com_linalg_solve(at->c, p->K, s->a, s->b));
    step = 0;
    for (size_t k = 0; k < p->K; k++) step = fmax(step, fabs(s->b[k]));
    *ok = isfinite(step);
    for (size_t k = 0; k < p->K && *ok; k++) {
      y[k] -= s->b[k] * fmin(1, STRIDE / step);
      *ok &= fabs(y[k] - p->y[k]) < FAR;
    }
    if (!*ok) return COM_OK;
    if (step < 1e3 * STEP && step >= 0.5 * last) break; /* rounding: it does not get better */
    last = step;
  }
  *ok = step <= 1e3 * STEP;
  if (!*ok) return COM_OK;
  memcpy(s->y, y, p->nq * sizeof *y);
  return slopes(p, s, at);
}

/* One Newton solve at v, started from the state (w, dw); a failure of the model is a failure of the step. */
static com_status step_to(const ads_infer_pins *p, ads_infer_pins_state *s, const ads_infer_pins_at *at,
                          const double *v, int *ok) {
  const size_t K = p->K, nv = p->nq - K;
  double *y = s->move;
  memcpy(y + K, v, nv * sizeof *y);
  for (size_t k = 0; k < K; k++) {
    y[k] = s->y[k];
    for (size_t j = 0; j < nv; j++) y[k] += s->dw[k * nv + j] * (v[j] - s->y[K + j]);
    y[k] = p->y[k] + fmin(fmax(y[k] - p->y[k], -FAR), FAR);
  }
  const com_status status = newton(p, s, at, y, ok);
  if (status != COM_E_NUM) return status;
  com_ctx_clear(at->c);
  *ok = 0;
  return COM_OK;
}

/* From the state to v, in one stride or in ever smaller ones. */
static com_status walk(const ads_infer_pins *p, ads_infer_pins_state *s, const ads_infer_pins_at *at,
                       const double *v, int *ok) {
  const size_t K = p->K, nv = p->nq - K;
  double stride = 1;
  for (int it = 0; it < MAX_STRIDES; it++) {
    for (size_t j = 0; j < nv; j++) s->v[j] = s->y[K + j] + stride * (v[j] - s->y[K + j]);
    COM_TRY(step_to(p, s, at, stride < 1 ? s->v : v, ok));
    if (*ok && stride == 1) return COM_OK;
    stride = *ok ? fmin(1, 2 * stride) : 0.5 * stride; /* fraction of what is left */
    if (stride < 1.0 / 64) break;
  }
  *ok = 0;
  return COM_OK;
}

/* |v - v'|^2 of two states */
static double apart(const ads_infer_pins *p, const double *v, const double *y) {
  double d = 0;
  for (size_t j = 0; j < p->nq - p->K; j++) d += (v[j] - y[p->K + j]) * (v[j] - y[p->K + j]);
  return d;
}

static size_t state_size(const ads_infer_pins *p) {
  return p->nq + p->K * (p->nq - p->K);
} /* y and dw are neighbours */

/* The entry of the ring nearest to v; NULL when it is empty. */
static const double *nearest(const ads_infer_pins *p, const ads_infer_pins_state *s, const double *v) {
  const double *best = NULL;
  for (size_t i = 0; i < s->n_ring; i++) {
    const double *e = s->ring + i * state_size(p);
    if (!best || apart(p, v, e) < apart(p, v, best)) best = e;
  }
  return best;
}

static void remember(const ads_infer_pins *p, ads_infer_pins_state *s) {
  static const double APART = 0.3; /* widths of the prior */
  const double *near = nearest(p, s, s->y + p->K);
  if (near && apart(p, s->y + p->K, near) < APART * APART) return;
  memcpy(s->ring + s->next * state_size(p), s->y, state_size(p) * sizeof *s->y);
  s->next = (s->next + 1) % ADS_INFER_PINS_RING;
  if (s->n_ring < ADS_INFER_PINS_RING) s->n_ring++;
}

static void to_anchor(const ads_infer_pins *p, ads_infer_pins_state *s) {
  memcpy(s->y, p->y, p->nq * sizeof *s->y);
  memset(s->dw, 0, p->K * (p->nq - p->K) * sizeof *s->dw);
}

/* y holds v; its first K entries become w*(v): from the nearest known solution (so that a far excursion does not come back on another
 * branch), else from the last, else from the anchor.  After a failure the last solution stays. */
static com_status solve(const ads_infer_pins *p, ads_infer_pins_state *s, const ads_infer_pins_at *at,
                        double *y, int *ok) {
  const double *v = y + p->K, *near = nearest(p, s, v);
  double best = apart(p, v, s->y);
  memcpy(s->keep, s->y, state_size(p) * sizeof *s->keep);
  if (near && apart(p, v, near) < best) {
    best = apart(p, v, near);
    memcpy(s->y, near, state_size(p) * sizeof *s->y);
  }
  if (apart(p, v, p->y) < best) to_anchor(p, s);
  COM_TRY(walk(p, s, at, v, ok));
  if (!*ok) {
    memcpy(s->y, s->keep, state_size(p) * sizeof *s->keep);
    COM_TRY(walk(p, s, at, v, ok));
  }
  if (!*ok) {
    to_anchor(p, s);
    COM_TRY(walk(p, s, at, v, ok));
  }
  if (!*ok) {
    memcpy(s->y, s->keep, state_size(p) * sizeof *s->keep);
    return COM_OK;
  }
  memcpy(y, s->y, p->K * sizeof *y);
  remember(p, s);
  return COM_OK;
}

/* ---- the map ---- */

com_status ads_infer_pins_q(const ads_infer_pins *p, ads_infer_pins_state *s, const ads_infer_pins_at *at,
                            const double *x, double *q, double *D, int *ok) {
  const size_t n = p->nq, K = p->K, nv = n - K;
  double *y = s->try_;
  memcpy(y + K, x, nv * sizeof *y);
  if (K) COM_TRY(solve(p, s, at, y, ok));
  if (!*ok) return COM_OK;
  for (size_t k = 0; k < K; k++)
    for (size_t i = 0; i <= k; i++) y[k] += p->A[k * K + i] * x[nv + i];
  to_q(p, y, q);
  if (!D) return COM_OK;
  memset(D, 0, n * n * sizeof *D);
  for (size_t a = 0; a < n; a++) {
    double *row = D + a * n;
    for (size_t j = 0; j < nv; j++) {
      row[j] = p->Q[(K + j) * n + a];
      for (size_t k = 0; k < K; k++) row[j] += p->Q[k * n + a] * s->dw[k * nv + j];
    }
    for (size_t k = 0; k < K; k++)
      for (size_t i = 0; i <= k; i++) row[nv + i] += p->Q[k * n + a] * p->A[k * K + i];
  }
  return COM_OK;
}

com_status ads_infer_pins_x(const ads_infer_pins *p, ads_infer_pins_state *s, const ads_infer_pins_at *at,
                            const double *q, double *x, int *ok) {
  const size_t K = p->K, nv = p->nq - K;
  double *y = s->try_;
  to_y(p, q, y);
  memcpy(x + nv, y, K * sizeof *x);
  if (K) COM_TRY(solve(p, s, at, y, ok));
  if (!*ok) return COM_OK;
  memcpy(x, y + K, nv * sizeof *x);
  for (size_t k = 0; k < K; k++) x[nv + k] -= y[k];
  com_linalg_forward(K, p->A, x + nv);
  return COM_OK;
}

/* ---- the choice ---- */

/* The rows of a[rows][cols] that are most independent: greedy Gram-Schmidt. */
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

/* Rows K.. of Q: the unit vectors, each made orthogonal to the rows before it, the longest remainder first. */
static void complete(ads_infer_pins *p) {
  const size_t n = p->nq;
  for (size_t m = p->K; m < n; m++) {
    double *out = p->Q + m * n, top = -1;
    size_t best = 0;
    for (size_t e = 0; e < n; e++) { /* |remainder of e|^2 = 1 - sum of squares of the components */
      double left = 1;
      for (size_t i = 0; i < m; i++) left -= p->Q[i * n + e] * p->Q[i * n + e];
      if (left > top) {
        top = left;
        best = e;
      }
    }
    memset(out, 0, n * sizeof *out);
    out[best] = 1;
    for (int twice = 0; twice < 2; twice++) {
      for (size_t i = 0; i < m; i++) {
        double s = 0;
        for (size_t k = 0; k < n; k++) s += out[k] * p->Q[i * n + k];
        for (size_t k = 0; k < n; k++) out[k] -= s * p->Q[i * n + k];
      }
      double norm = 0;
      for (size_t k = 0; k < n; k++) norm += out[k] * out[k];
      for (size_t k = 0; k < n; k++) out[k] /= sqrt(norm);
    }
  }
}

/* A A^T = (J_w^T J_w + 1)^-1: the width of w at fixed v.  Jw[n][K] */
static com_status widths(ads_infer_pins *p, const ads_infer_pins_spec *o, const double *Jw, double *work) {
  const size_t K = p->K;
  double *H = work, *inv = work + K * K;
  memset(inv, 0, K * K * sizeof *inv);
  com_linalg_syrk(K, o->n, 1, Jw, 0, H);
  for (size_t a = 0; a < K; a++) {
    inv[a * K + a] = 1;
    H[a * K + a] += 1;
  }
  COM_TRY(com_linalg_chol_solve(o->c, K, H, K, inv));
  memcpy(p->A, inv, K * K * sizeof *inv);
  COM_TRY(com_linalg_chol(o->c, K, p->A));
  for (size_t k = 0; k < K; k++) p->log_det += log(p->A[k * K + k]);
  return COM_OK;
}

static int ascending(const void *a, const void *b) {
  const size_t x = *(const size_t *)a, y = *(const size_t *)b;
  return (x > y) - (x < y);
}

static com_status choose(ads_infer_pins *p, const ads_infer_pins_spec *o, size_t *chosen, double *work) {
  const size_t n = o->n, nq = o->nq, r = n < nq ? n : nq;
  double *J = work, *s = J + n * nq, *vt = s + r, *Jw = vt + r * nq, *rest = Jw + n * r;
  memcpy(J, o->J, n * nq * sizeof *J);
  memcpy(p->q, o->q, nq * sizeof *p->q);
  COM_TRY(com_linalg_svd(o->c, n, nq, J, s, NULL, vt));
  p->K = 0;
  while (p->K < r && s[p->K] > o->stiff) p->K++;
  p->log_det = 0;
  memcpy(p->Q, vt, p->K * nq * sizeof *vt);
  complete(p);
  to_y(p, p->q, p->y);
  if (p->K == 0) return COM_OK;
  com_linalg_gemm(0, 1, n, p->K, nq, 1, o->J, nq, p->Q, nq, 0, Jw, p->K);
  COM_TRY(widths(p, o, Jw, rest));
  pick(n, p->K, Jw, p->K, chosen);
  qsort(chosen, p->K, sizeof *chosen, ascending);
  for (size_t a = 0; a < p->K; a++) {
    size_t g = 0;
    while (chosen[a] >= o->first[g + 1]) g++;
    p->group[a] = g;
    p->s[a] = ads_fit_group(o->fit, g)->data->source[chosen[a] - o->first[g]];
    p->r[a] = o->R[chosen[a]];
  }
  return COM_OK;
}

com_status ads_infer_pins_choose(ads_infer_pins *p, const ads_infer_pins_spec *o) {
  const size_t n = o->n, nq = o->nq, r = n < nq ? n : nq;
  double *work = malloc((n * nq + r + r * nq + n * r + 2 * r * r + 1) * sizeof *work);
  size_t *chosen = malloc((r + 1) * sizeof *chosen);
  const com_status status =
      work && chosen ? choose(p, o, chosen, work) : COM_FAIL(o->c, COM_E_MEM, "out of memory");
  free(chosen);
  free(work);
  return status;
}
