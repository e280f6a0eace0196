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
  COM_ALLOC(c, p->s = calloc(2 * K + 2 * nq * nq + K * K + 2 * nq + 1, sizeof *p->s));
  p->r = p->s + K;
  p->Q = p->r + K;
  p->A = p->Q + nq * nq;
  p->B = p->A + K * K;
  p->q = p->B + nq * nq;
  p->y = p->q + nq;
  return COM_OK;
}

void ads_infer_pins_finish(ads_infer_pins *p) {
  free(p->group);
  free(p->s);
}

com_status ads_infer_pins_state_init(com_ctx *c, size_t n, ads_infer_pins_state *s) {
  COM_ALLOC(c, s->y = calloc(7 * n + 7 * n * n + ADS_INFER_PINS_RING * (n + n * n), sizeof *s->y));
  s->dw = s->y + n; /* neighbours: kept and put back together */
  s->keep = s->dw + n * n;
  s->b = s->keep + n + n * n;
  s->try_ = s->b + n;
  s->move = s->try_ + n;
  s->v = s->move + n;
  s->J = s->v + n;
  s->a = s->J + n * n;
  s->rows = s->a + n * n;
  s->line = s->rows + n * n;
  s->work = s->line + n * n;
  s->zeta = s->work + n * n;
  s->ring = s->zeta + n;
  return COM_OK;
}

void ads_infer_pins_state_finish(ads_infer_pins_state *s) { free(s->y); }

void ads_infer_pins_reset(const ads_infer_pins *p, ads_infer_pins_state *s) {
  s->n_ring = s->next = 0;
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

/* b[K] = F / F_s and J[K][nq] = dF/dy / F_s at y of the first K pins, in units of the source, so that rows have comparable size.
 * Neighbours of one group go through one batch. */
static com_status equations(const ads_infer_pins *p, const ads_infer_pins_at *at, size_t K, const double *y,
                            double *b, double *J, int *ok) {
  to_q(p, y, at->q);
  ads_infer_space_full(at->space, at->q, at->full);
  for (size_t a = 0, end; a < K && *ok; a = end) {
    for (end = a; end < K && p->group[end] == p->group[a]; end++) {}
    COM_TRY(equations_of_group(p, at, a, end, b, J, ok));
  }
  return COM_OK;
}

/* a[K][K] = dF/dw of the rows J. */
static void block(const ads_infer_pins *p, size_t K, const double *J, double *a) {
  for (size_t i = 0; i < K; i++) memcpy(a + i * K, J + i * p->nq, K * sizeof *a);
}

/* dw[K][nq - K] = -(dF/dw)^-1 dF/d(rest of y), from the rows s->J of the first K pins. */
static com_status slopes(const ads_infer_pins *p, ads_infer_pins_state *s, const ads_infer_pins_at *at,
                         size_t K, double *dw) {
  const size_t rest = p->nq - K;
  for (size_t j = 0; j < rest; j++) {
    block(p, K, s->J, s->a);
    for (size_t i = 0; i < K; i++) s->b[i] = -s->J[i * p->nq + K + j];
    COM_TRY(com_linalg_solve(at->c, K, s->a, s->b));
    for (size_t i = 0; i < K; i++) dw[i * rest + j] = s->b[i];
  }
  return COM_OK;
}

/* Newton for the first K entries of y from the guess in them; the rest of y stays.  s->J holds the rows at the end. */
static com_status newton(const ads_infer_pins *p, ads_infer_pins_state *s, const ads_infer_pins_at *at,
                         size_t K, double *y, int *ok) {
  double step = INFINITY, last = INFINITY;
  for (int it = 0; it < MAX_NEWTON && step > STEP; it++) {
    *ok = 1;
    COM_TRY(equations(p, at, K, y, s->b, s->J, ok));
    if (!*ok) return COM_OK;
    block(p, K, s->J, s->a);
    COM_TRY(com_linalg_solve(at->c, K, s->a, s->b));
    step = 0;
    for (size_t k = 0; k < K; k++) step = fmax(step, fabs(s->b[k]));
    *ok = isfinite(step);
    for (size_t k = 0; k < K && *ok; k++) {
      y[k] -= s->b[k] * fmin(1, STRIDE / step);
      *ok &= fabs(y[k] - p->y[k]) < FAR;
    }
    if (!*ok) return COM_OK;
    if (step < 1e3 * STEP && step >= 0.5 * last) break; /* rounding: it does not get better */
    last = step;
  }
  *ok = step <= 1e3 * STEP;
  return COM_OK;
}

/* A failure of the model is a failure of the step. */
static com_status tolerant(const ads_infer_pins_at *at, com_status status, int *ok) {
  if (status != COM_E_NUM) return status;
  com_ctx_clear(at->c);
  *ok = 0;
  return COM_OK;
}

/* All pins at the v of y; on success s holds the solution and its slopes. */
static com_status outer(const ads_infer_pins *p, ads_infer_pins_state *s, const ads_infer_pins_at *at,
                        double *y, int *ok) {
  COM_TRY(newton(p, s, at, p->K, y, ok));
  if (!*ok) return COM_OK;
  COM_TRY(slopes(p, s, at, p->K, s->dw));
  memcpy(s->y, y, p->nq * sizeof *y);
  memcpy(s->rows, s->J, p->K * p->nq * sizeof *s->J);
  return COM_OK;
}

/* One Newton solve at v, started from the state (w, dw). */
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
  return tolerant(at, outer(p, s, at, y, ok), ok);
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

static void add_slope(size_t n, double f, const double *from, double *to) {
  for (size_t i = 0; i < n; i++) to[i] += f * from[i];
}

/* Level k < K: y_1..y_k solve the first k pins at the rest of y.  Guess: the solution of level k + 1, moved along its slope by what
 * y_(k+1) was moved.  at_k[k] solution; s->line[k][nq - k] becomes the slopes of its last entry. */
static com_status level(const ads_infer_pins *p, ads_infer_pins_state *s, const ads_infer_pins_at *at,
                        size_t k, double moved, double *y, int *ok) {
  const size_t n = p->nq, rest = n - k;
  double *dw = s->work;
  memcpy(s->J, s->rows, (k + 1) * n * sizeof *s->J);
  COM_TRY(tolerant(at, slopes(p, s, at, k, dw), ok));
  if (!*ok) return COM_OK;
  for (size_t i = 0; i < k; i++) y[i] += moved * dw[i * rest];
  COM_TRY(tolerant(at, newton(p, s, at, k, y, ok), ok));
  if (!*ok) return COM_OK;
  memcpy(s->rows, s->J, k * n * sizeof *s->J);
  COM_TRY(tolerant(at, slopes(p, s, at, k, dw), ok));
  memcpy(s->line + (k - 1) * n, dw + (k - 1) * rest, rest * sizeof *dw);
  return COM_OK;
}

/* Levels K..1 of y, whose v is given: shift(k, y_k) says where entry k goes from its pinned value. */
static com_status levels(const ads_infer_pins *p, ads_infer_pins_state *s, const ads_infer_pins_at *at,
                         const double *target, double *zeta, double *y, int *ok) {
  const size_t K = p->K, n = p->nq;
  if (K == 0) return COM_OK;
  COM_TRY(solve(p, s, at, y, ok));
  if (!*ok) return COM_OK;
  memcpy(s->line + (K - 1) * n, s->dw + (K - 1) * (n - K), (n - K) * sizeof *s->dw);
  for (size_t k = K; k-- > 0 && *ok;) { /* entry k belongs to level k + 1 */
    const double pinned = y[k];
    if (target)
      zeta[k] = (target[k] - pinned) / p->A[k];
    else
      y[k] += p->A[k] * zeta[k];
    if (target) y[k] = target[k];
    if (k > 0) COM_TRY(level(p, s, at, k, y[k] - pinned, y, ok));
  }
  return COM_OK;
}

com_status ads_infer_pins_q(const ads_infer_pins *p, ads_infer_pins_state *s, const ads_infer_pins_at *at,
                            const double *x, double *q, double *D, int *ok) {
  const size_t n = p->nq, K = p->K, nv = n - K;
  double *y = s->try_, *zeta = s->zeta;
  for (size_t j = 0; j < nv; j++) { /* v = v of the anchor + B u */
    y[K + j] = p->y[K + j];
    for (size_t i = 0; i <= j; i++) y[K + j] += p->B[j * nv + i] * x[i];
  }
  memcpy(zeta, x + nv, K * sizeof *x);
  COM_TRY(levels(p, s, at, NULL, zeta, y, ok));
  if (!*ok) return COM_OK;
  to_q(p, y, q);
  if (!D) return COM_OK;
  double *dy = s->work; /* dy/dx */
  memset(dy, 0, n * n * sizeof *dy);
  for (size_t j = 0; j < nv; j++) memcpy(dy + (K + j) * n, p->B + j * nv, nv * sizeof *dy);
  for (size_t k = K; k-- > 0;) {
    dy[k * n + nv + k] = p->A[k];
    for (size_t j = k + 1; j < n; j++) add_slope(n, s->line[k * n + j - k - 1], dy + j * n, dy + k * n);
  }
  memset(D, 0, n * n * sizeof *D);
  for (size_t a = 0; a < n; a++)
    for (size_t i = 0; i < n; i++) add_slope(n, p->Q[i * n + a], dy + i * n, D + a * n);
  return COM_OK;
}

com_status ads_infer_pins_x(const ads_infer_pins *p, ads_infer_pins_state *s, const ads_infer_pins_at *at,
                            const double *q, double *x, int *ok) {
  const size_t K = p->K, nv = p->nq - K;
  double *y = s->try_, *want = s->zeta;
  to_y(p, q, y);
  memcpy(want, y, K * sizeof *y);
  for (size_t j = 0; j < nv; j++) x[j] = y[K + j] - p->y[K + j];
  com_linalg_forward(nv, p->B, x);
  return levels(p, s, at, want, x + nv, y, ok);
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

/* A[k]: the width of entry k when the pins before it are held: 1 / |d residual / dy_k| along that direction.  Jw[n][K] residuals,
 * chosen[K] pins. */
static com_status widths(ads_infer_pins *p, const ads_infer_pins_spec *o, const double *Jw,
                         const size_t *chosen, double *work) {
  const size_t K = p->K;
  double *a = work, *b = a + K * K;
  for (size_t k = 0; k < K; k++) {
    for (size_t i = 0; i < k; i++) {
      for (size_t j = 0; j < k; j++) a[i * k + j] = Jw[chosen[i] * K + j];
      b[i] = -Jw[chosen[i] * K + k];
    }
    if (k > 0) COM_TRY(com_linalg_solve(o->c, k, a, b));
    double sum = 1; /* the prior */
    for (size_t r = 0; r < o->n; r++) {
      double d = Jw[r * K + k];
      for (size_t i = 0; i < k; i++) d += b[i] * Jw[r * K + i];
      sum += d * d;
    }
    p->A[k] = 1 / sqrt(sum);
    p->log_det += log(p->A[k]);
  }
  return COM_OK;
}

/* B B^T = (J_v^T J_v + 1)^-1: what data, factors and prior leave of v at the anchor, where w stays.  Jv[rows][m], work[2 m m] */
static com_status scale_rest(ads_infer_pins *p, const ads_infer_pins_spec *o, const double *Jv,
                             double *work) {
  const size_t m = p->nq - p->K;
  double *H = work, *inv = work + m * m;
  memset(inv, 0, m * m * sizeof *inv);
  com_linalg_syrk(m, o->n + o->n_factors, 1, Jv, 0, H);
  for (size_t a = 0; a < m; a++) {
    inv[a * m + a] = 1;
    H[a * m + a] += 1;
  }
  COM_TRY(com_linalg_chol_solve(o->c, m, H, m, inv));
  memcpy(p->B, inv, m * m * sizeof *inv);
  COM_TRY(com_linalg_chol(o->c, m, p->B));
  for (size_t k = 0; k < m; k++) p->log_det += log(p->B[k * m + k]);
  return COM_OK;
}

/* Rows of a[n][cols] of data that are on no on-shell curve and cannot be pinned to one: 0. */
static void blank(const ads_infer_pins_spec *o, size_t cols, double *a) {
  for (size_t g = 0; o->first[g] < o->n; g++)
    if (ads_loss_operations(ads_fit_group(o->fit, g)->loss)->predict)
      memset(a + o->first[g] * cols, 0, (o->first[g + 1] - o->first[g]) * cols * sizeof *a);
}

static com_status choose(ads_infer_pins *p, const ads_infer_pins_spec *o, size_t *chosen, double *work) {
  const size_t n = o->n, nq = o->nq, r = n < nq ? n : nq;
  double *J = work, *s = J + n * nq, *vt = s + r, *Jw = vt + r * nq, *rest = Jw + (n + o->n_factors) * nq;
  memcpy(J, o->J, n * nq * sizeof *J);
  blank(o, nq, J);
  memcpy(p->q, o->q, nq * sizeof *p->q);
  COM_TRY(com_linalg_svd(o->c, n, nq, J, s, NULL, vt));
  p->K = 0;
  while (p->K < r && s[p->K] > o->stiff) p->K++;
  p->log_det = 0;
  memcpy(p->Q, vt, p->K * nq * sizeof *vt);
  complete(p);
  to_y(p, p->q, p->y);
  const size_t nv = nq - p->K;
  com_linalg_gemm(0, 1, n + o->n_factors, nv, nq, 1, o->J, nq, p->Q + p->K * nq, nq, 0, Jw, nv);
  if (nv) COM_TRY(scale_rest(p, o, Jw, rest));
  if (p->K == 0) return COM_OK;
  com_linalg_gemm(0, 1, n, p->K, nq, 1, o->J, nq, p->Q, nq, 0, Jw, p->K);
  memcpy(rest, Jw, n * p->K * sizeof *Jw);
  blank(o, p->K, rest);
  pick(n, p->K, rest, p->K, chosen);
  COM_TRY(widths(p, o, Jw, chosen, rest));
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
  const size_t most = n * r + r * r + r > 2 * nq * nq ? n * r + r * r + r : 2 * nq * nq;
  double *work = malloc(((2 * n + o->n_factors) * nq + r + r * nq + most + 1) * sizeof *work);
  size_t *chosen = malloc((r + 1) * sizeof *chosen);
  const com_status status =
      work && chosen ? choose(p, o, chosen, work) : COM_FAIL(o->c, COM_E_MEM, "out of memory");
  free(chosen);
  free(work);
  return status;
}
