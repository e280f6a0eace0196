/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An explicit tableau over any right-hand side, and its exact adjoint:
 *     k_s = w_s f(eta_s, Y_s),   Y_s = y + sum_t a_st k_t,   y1 = y + sum_s b_s k_s
 *     K_s = b_s lam + sum_{t>s} a_ts X_t,   X_s = w_s (df/dy)^T K_s,   lam0 = lam + sum_s X_s
 * (Hager, Numer. Math. 87, 247 (2000): the adjoint of a Runge-Kutta method is itself one.)
 * Euler layers that kick with the new field are the two half steps phi += w f_phi(phi, pi), pi += w f_pi(phi', pi). */
#include <math.h>
#include <string.h>
#include "ads/flow_fixed_any.h"

typedef struct layout {
  size_t row;
  double *y, *f, *k, *x, *sum, *lk;
} layout;

size_t ads_flow_fixed_any_scratch(const ads_flow_fixed_any *p, size_t ld) {
  const size_t row = p->dim * ld, S = p->method->n_stages;
  return row * (3 + 3 * S) + ld * (1 + p->bulk->ops->n_kappa);
}

/* y: stage states [S]; k: increments [S]; x: adjoint stages [S]; f, sum, lk: one row each (lk followed by dl/dh, dl/dkappa). */
static layout divide(const ads_flow_fixed_any *p, size_t ld, double *work) {
  const size_t row = p->dim * ld, S = p->method->n_stages;
  return (layout){.row = row,
                  .y = work,
                  .k = work + S * row,
                  .x = work + 2 * S * row,
                  .f = work + 3 * S * row,
                  .sum = work + (3 * S + 1) * row,
                  .lk = work + (3 * S + 2) * row};
}

static void axpy(size_t n, double a, const double *x, double *y) {
  for (size_t i = 0; i < n; i++) y[i] += a * x[i];
}

/* Stage states and increments of step s from y; eta, h, w by node. */
static void run_stages(const ads_flow_fixed_any *p, size_t s, size_t ld, const double *y, layout *l) {
  const ads_flow_fixed_method *m = p->method;
  const size_t S = m->n_stages, half = l->row / 2;
  for (size_t t = 0; t < S; t++) {
    const size_t e = s * p->stride + m->node[t];
    double *Y = l->y + t * l->row, *k = l->k + t * l->row;
    memcpy(Y, y, l->row * sizeof *Y);
    for (size_t u = 0; u < t; u++)
      if (m->a[t * S + u] != 0) axpy(l->row, m->a[t * S + u], l->k + u * l->row, Y);
    p->bulk->ops->rhs(p->bulk->opts, p->kappa, p->eta[e], p->h[e], ld, Y, k);
    for (size_t i = 0; i < l->row; i++) k[i] *= p->w[e];
    if (m->kick) {
      axpy(half, 1, k, Y); /* Y = (phi', pi): where the kick is evaluated */
      p->bulk->ops->rhs(p->bulk->opts, p->kappa, p->eta[e], p->h[e], ld, Y, l->f);
      for (size_t i = half; i < l->row; i++) k[i] = p->w[e] * l->f[i];
    }
  }
}

static void hold(const ads_flow_fixed_any *p, size_t ld, const double *y, double *z, int64_t *alive) {
  for (size_t i = 0; i < ld; i++) {
    for (size_t c = 0; c < p->dim; c++)
      if (!(fabs(z[c * ld + i]) <= p->cap)) alive[i] = 0;
    if (!alive[i])
      for (size_t c = 0; c < p->dim; c++) z[c * ld + i] = y[c * ld + i];
  }
}

void ads_flow_fixed_any_forward(const ads_flow_fixed_any *p, size_t ld, double *tape, size_t ring,
                                int64_t *alive, double *work) {
  const ads_flow_fixed_method *m = p->method;
  layout l = divide(p, ld, work);
  for (size_t s = 0; s < p->n_steps; s++) {
    const double *y = tape + (s % ring) * l.row;
    double *z = tape + ((s + 1) % ring) * l.row;
    run_stages(p, s, ld, y, &l);
    memcpy(z, y, l.row * sizeof *z);
    for (size_t t = 0; t < m->n_stages; t++) axpy(l.row, m->b[t], l.k + t * l.row, z);
    hold(p, ld, y, z, alive);
  }
}

/* X = w (df/dy)^T K at one stage; dl/dh and dl/dkappa are added to the per-sample sums. */
static void pull(const ads_flow_fixed_any *p, size_t e, size_t ld, const double *y, const double *K,
                 layout *l, double *X, double *gh, double *gk) {
  const ads_bulk_ops *ops = p->bulk->ops;
  double *lh = l->lk + l->row, *lk = lh + ld;
  for (size_t i = 0; i < l->row; i++) l->f[i] = p->w[e] * K[i];
  ops->vjp(p->bulk->opts, p->kappa, p->eta[e], p->h[e], ld, y, l->f, X, lh, ops->n_kappa ? lk : NULL);
  axpy(ld, 1, lh, gh + e * ld);
  axpy(ops->n_kappa * ld, 1, lk, gk);
}

/* Reverse of phi' = phi + w f_phi(phi, pi); pi' = pi + w f_pi(phi', pi). */
static void reverse_kick(const ads_flow_fixed_any *p, size_t s, size_t ld, const double *y, layout *l,
                         double *lam, double *gh, double *gk) {
  const size_t e = s * p->stride, half = l->row / 2;
  memset(l->lk, 0, half * sizeof *l->lk);
  memcpy(l->lk + half, lam + half, half * sizeof *lam);
  pull(p, e, ld, l->y, l->lk, l, l->x, gh, gk);
  axpy(l->row, 1, l->x, lam); /* now lam_phi is dl/dphi' */
  memcpy(l->lk, lam, half * sizeof *lam);
  memset(l->lk + half, 0, half * sizeof *lam);
  pull(p, e, ld, y, l->lk, l, l->x, gh, gk);
  axpy(l->row, 1, l->x, lam);
}

void ads_flow_fixed_any_backward(const ads_flow_fixed_any *p, size_t ld, const double *tape, double *lam,
                                 double *gh, double *gk, double *work) {
  const ads_flow_fixed_method *m = p->method;
  const size_t S = m->n_stages;
  layout l = divide(p, ld, work);
  for (size_t s = p->n_steps; s-- > 0;) {
    const double *y = tape + s * l.row;
    run_stages(p, s, ld, y, &l);
    if (m->kick) {
      reverse_kick(p, s, ld, y, &l, lam, gh, gk);
      continue;
    }
    memcpy(l.sum, lam, l.row * sizeof *lam);
    for (size_t t = S; t-- > 0;) {
      for (size_t i = 0; i < l.row; i++) l.lk[i] = m->b[t] * lam[i];
      for (size_t u = t + 1; u < S; u++)
        if (m->a[u * S + t] != 0) axpy(l.row, m->a[u * S + t], l.x + u * l.row, l.lk);
      pull(p, s * p->stride + m->node[t], ld, l.y + t * l.row, l.lk, &l, l.x + t * l.row, gh, gk);
      axpy(l.row, 1, l.x + t * l.row, l.sum);
    }
    memcpy(lam, l.sum, l.row * sizeof *lam);
  }
}
