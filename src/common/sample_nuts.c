/* SPDX-License-Identifier: GPL-3.0-or-later */
/* H(q, p) = -log pi(q) + p^T M^-1 p / 2.  A trajectory doubles, forwards or backwards at random, until it turns back on itself:
 *   stop when  p#_left . rho <= 0  or  p#_right . rho <= 0,   rho = sum of momenta, p# = M^-1 p,
 * also checked across the seams of the two halves (Betancourt 2017, appendix A.4); the next state is drawn among its points with weights
 * exp(-H), favouring the newer half at the top level. */
#include "common/sample_nuts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "common/linalg.h"

static const double DIVERGED = 1000; /* energy error above which the integrator has lost the trajectory */

/* ---- life ---- */

enum { WORK = 13 }; /* vectors per level of the recursion */

static void carve(com_sample_nuts_point *z, double **mem, size_t n) {
  z->q = *mem;
  z->p = *mem + n;
  z->g = *mem + 2 * n;
  *mem += 3 * n;
}

com_status com_sample_nuts_init(com_ctx *c, const com_sample_opts *o, size_t chain, com_rng *rng,
                                com_sample_fn fn, void *user, com_sample_nuts *s) {
  const size_t n = o->n, levels = (size_t)o->max_depth + 1;
  *s = (com_sample_nuts){.c = c,
                         .n = n,
                         .chain = chain,
                         .dense = o->dense,
                         .max_depth = o->max_depth,
                         .fn = fn,
                         .user = user,
                         .rng = rng,
                         .step = 1};
  COM_ALLOC(c, s->mem = calloc((12 + 1 + levels * WORK) * n, sizeof *s->mem));
  COM_ALLOC(c, s->minv = calloc(o->dense ? n * n : n, sizeof *s->minv));
  COM_ALLOC(c, s->chol = calloc(o->dense ? n * n : n, sizeof *s->chol));
  double *m = s->mem;
  carve(&s->z, &m, n);
  carve(&s->left, &m, n);
  carve(&s->right, &m, n);
  carve(&s->propose, &m, n);
  s->v = m;
  s->level = m + n;
  for (size_t i = 0; i < n; i++) s->minv[o->dense ? i * n + i : i] = s->chol[o->dense ? i * n + i : i] = 1;
  return COM_OK;
}

void com_sample_nuts_finish(com_sample_nuts *s) {
  free(s->mem);
  free(s->minv);
  free(s->chol);
  com_rng_destroy(s->rng);
  *s = (com_sample_nuts){0};
}

com_status com_sample_nuts_mass(com_sample_nuts *s, const double *covariance) {
  const size_t n = s->n;
  if (!s->dense) {
    for (size_t i = 0; i < n; i++) {
      s->minv[i] = covariance[i];
      s->chol[i] = sqrt(covariance[i]);
    }
    return COM_OK;
  }
  memcpy(s->minv, covariance, n * n * sizeof *covariance);
  memcpy(s->chol, covariance, n * n * sizeof *covariance);
  return com_linalg_chol(s->c, n, s->chol);
}

/* ---- the Hamiltonian ---- */

static double dot(size_t n, const double *a, const double *b) {
  double s = 0;
  for (size_t i = 0; i < n; i++) s += a[i] * b[i];
  return s;
}

/* v = M^-1 p */
static void sharp(const com_sample_nuts *s, const double *p, double *v) {
  const size_t n = s->n;
  for (size_t i = 0; i < n; i++) v[i] = s->dense ? dot(n, s->minv + i * n, p) : s->minv[i] * p[i];
}

/* p ~ N(0, M) */
static void refresh(com_sample_nuts *s, double *p) {
  const size_t n = s->n;
  for (size_t i = 0; i < n; i++) p[i] = com_rng_normal(s->rng);
  if (s->dense)
    com_linalg_backward(n, s->chol, p); /* minv = L L^T, so M = L^-T L^-1 */
  else
    for (size_t i = 0; i < n; i++) p[i] /= s->chol[i];
}

com_status com_sample_nuts_density(com_sample_nuts *s, com_sample_nuts_point *z) {
  s->calls++;
  const com_status status = s->fn(s->chain, z->q, &z->logp, z->g, s->user);
  int good = isfinite(z->logp);
  for (size_t i = 0; good && i < s->n; i++) good = isfinite(z->g[i]);
  if (!good) z->logp = -INFINITY;
  return status;
}

static double energy(com_sample_nuts *s, const com_sample_nuts_point *z) {
  sharp(s, z->p, s->v);
  return 0.5 * dot(s->n, z->p, s->v) - z->logp;
}

static com_status leapfrog(com_sample_nuts *s, com_sample_nuts_point *z, double step) {
  const size_t n = s->n;
  for (size_t i = 0; i < n; i++) z->p[i] += 0.5 * step * z->g[i];
  sharp(s, z->p, s->v);
  for (size_t i = 0; i < n; i++) z->q[i] += step * s->v[i];
  COM_TRY(com_sample_nuts_density(s, z));
  if (!isfinite(z->logp)) return COM_OK;
  for (size_t i = 0; i < n; i++) z->p[i] += 0.5 * step * z->g[i];
  return COM_OK;
}

static void copy_point(size_t n, const com_sample_nuts_point *from, com_sample_nuts_point *to) {
  memcpy(to->q, from->q, 3 * n * sizeof(double));
  to->logp = from->logp;
}

com_status com_sample_nuts_guess(com_sample_nuts *s) {
  enum { TRIES = 60 };
  static const double HALF = 0.2231435513142097; /* -log 0.8 */
  int direction = 0;
  for (int k = 0; k < TRIES; k++) {
    copy_point(s->n, &s->z, &s->left);
    refresh(s, s->left.p);
    const double h0 = energy(s, &s->left);
    COM_TRY(leapfrog(s, &s->left, s->step));
    const double h1 = isfinite(s->left.logp) ? energy(s, &s->left) : INFINITY;
    const int now = h0 - h1 > -HALF ? 1 : -1;
    if (direction && now != direction) break;
    direction = now;
    s->step *= direction > 0 ? 2 : 0.5;
  }
  COM_CHECK(s->c, s->step > 1e-14 && s->step < 1e14, COM_E_NUM,
            "chain %zu: no step size gives a finite energy at the start; the density is flat or "
            "discontinuous there",
            s->chain);
  return COM_OK;
}

/* ---- the trajectory ---- */

typedef struct tree {
  double log_weight; /* log sum exp(H0 - H) */
  double *rho, *p_beg, *p_end, *sharp_beg, *sharp_end;
} tree;

typedef struct walk {
  com_sample_nuts *s;
  com_sample_nuts_point *z; /* the moving end */
  double h0, sum_accept, signed_step;
  unsigned long n_steps;
  int divergent;
} walk;

static double log_add(double a, double b) {
  const double m = fmax(a, b);
  return isfinite(m) ? m + log(exp(a - m) + exp(b - m)) : m;
}

static int goes_on(size_t n, const double *sharp_a, const double *sharp_b, const double *rho) {
  return dot(n, sharp_a, rho) > 0 && dot(n, sharp_b, rho) > 0;
}

static com_status leaf(walk *w, com_sample_nuts_point *propose, tree *t, int *valid) {
  com_sample_nuts *s = w->s;
  const size_t n = s->n;
  COM_TRY(leapfrog(s, w->z, w->signed_step));
  w->n_steps++;
  double h = isfinite(w->z->logp) ? energy(s, w->z) : INFINITY;
  if (isnan(h)) h = INFINITY;
  w->divergent |= h - w->h0 > DIVERGED;
  *valid = !w->divergent;
  t->log_weight = log_add(t->log_weight, w->h0 - h);
  w->sum_accept += fmin(1, exp(w->h0 - h));
  copy_point(n, w->z, propose);
  sharp(s, w->z->p, t->sharp_beg);
  memcpy(t->sharp_end, t->sharp_beg, n * sizeof(double));
  memcpy(t->p_beg, w->z->p, n * sizeof(double));
  memcpy(t->p_end, w->z->p, n * sizeof(double));
  for (size_t i = 0; i < n; i++) t->rho[i] += w->z->p[i];
  return COM_OK;
}

/* Checks of the union of two neighbouring trees and across their seam. */
static int joins(com_sample_nuts *s, const tree *a, const tree *b, const double *rho_a, const double *rho_b) {
  const size_t n = s->n;
  double *v = s->v;
  for (size_t i = 0; i < n; i++) v[i] = rho_a[i] + rho_b[i];
  if (!goes_on(n, a->sharp_beg, b->sharp_end, v)) return 0;
  for (size_t i = 0; i < n; i++) v[i] = rho_a[i] + b->p_beg[i];
  if (!goes_on(n, a->sharp_beg, b->sharp_beg, v)) return 0;
  for (size_t i = 0; i < n; i++) v[i] = rho_b[i] + a->p_end[i];
  return goes_on(n, a->sharp_end, b->sharp_end, v);
}

/* 2^depth steps from w->z; t->rho, t->log_weight are added to, the ends are set, propose is one of its points. */
static com_status build(walk *w, int depth, com_sample_nuts_point *propose, tree *t, int *valid) {
  if (depth == 0) return leaf(w, propose, t, valid);
  com_sample_nuts *s = w->s;
  const size_t n = s->n;
  double *m = s->level + (size_t)depth * WORK * n;
  com_sample_nuts_point second;
  tree a = {-INFINITY, m, t->p_beg, m + n, t->sharp_beg, m + 2 * n};
  tree b = {-INFINITY, m + 3 * n, m + 4 * n, t->p_end, m + 5 * n, t->sharp_end};
  m += 6 * n;
  carve(&second, &m, n);
  memset(a.rho, 0, n * sizeof(double));
  memset(b.rho, 0, n * sizeof(double));
  COM_TRY(build(w, depth - 1, propose, &a, valid));
  if (!*valid) return COM_OK;
  COM_TRY(build(w, depth - 1, &second, &b, valid));
  if (!*valid) return COM_OK;
  const double both = log_add(a.log_weight, b.log_weight);
  if (com_rng_uniform(s->rng) < exp(b.log_weight - both)) copy_point(n, &second, propose);
  *valid = joins(s, &a, &b, a.rho, b.rho);
  t->log_weight = log_add(t->log_weight, both);
  for (size_t i = 0; i < n; i++) t->rho[i] += a.rho[i] + b.rho[i];
  return COM_OK;
}

com_status com_sample_nuts_transition(com_sample_nuts *s, com_sample_nuts_info *out) {
  const size_t n = s->n;
  double *m = s->level; /* level 0 of the recursion needs none */
  tree whole = {0, m, m + n, m + 2 * n, m + 3 * n, m + 4 * n};
  refresh(s, s->z.p);
  walk w = {.s = s, .h0 = energy(s, &s->z)};
  copy_point(n, &s->z, &s->left);
  copy_point(n, &s->z, &s->right);
  sharp(s, s->z.p, whole.sharp_beg);
  memcpy(whole.sharp_end, whole.sharp_beg, n * sizeof(double));
  memcpy(whole.p_beg, s->z.p, n * sizeof(double));
  memcpy(whole.p_end, s->z.p, n * sizeof(double));
  memcpy(whole.rho, s->z.p, n * sizeof(double));
  *out = (com_sample_nuts_info){.energy = w.h0};
  double *spare = m + 5 * n; /* the new half: rho, two inner ends, two outer ends */
  while (out->depth < s->max_depth) {
    const int forward = com_rng_uniform(s->rng) > 0.5;
    int valid = 1;
    /* the half grows away from the old tree: its "beg" is the seam */
    tree half = {-INFINITY, spare, spare + n, spare + 2 * n, spare + 3 * n, spare + 4 * n};
    memset(half.rho, 0, n * sizeof(double));
    w.z = forward ? &s->right : &s->left;
    w.signed_step = forward ? s->step : -s->step;
    COM_TRY(build(&w, out->depth, &s->propose, &half, &valid));
    if (!valid) break;
    out->depth++;
    if (com_rng_uniform(s->rng) < exp(half.log_weight - whole.log_weight)) {
      memcpy(s->z.q, s->propose.q, n * sizeof(double));
      memcpy(s->z.g, s->propose.g, n * sizeof(double));
      s->z.logp = s->propose.logp;
    }
    whole.log_weight = log_add(whole.log_weight, half.log_weight);
    tree flipped = {half.log_weight, half.rho, half.p_end, half.p_beg, half.sharp_end, half.sharp_beg};
    const int on = forward ? joins(s, &whole, &half, whole.rho, half.rho)
                           : joins(s, &flipped, &whole, half.rho, whole.rho);
    for (size_t i = 0; i < n; i++) whole.rho[i] += half.rho[i];
    memcpy(forward ? whole.p_end : whole.p_beg, half.p_end, n * sizeof(double));
    memcpy(forward ? whole.sharp_end : whole.sharp_beg, half.sharp_end, n * sizeof(double));
    if (!on) break;
  }
  out->accept = w.n_steps ? w.sum_accept / (double)w.n_steps : 0;
  out->divergent = w.divergent;
  return COM_OK;
}
