/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/sample_weigh.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/linalg.h"
#include "common/rng.h"
#include "common/sample_stats.h"

static double log_sum(size_t n, const double *x) {
  double m = -INFINITY, s = 0;
  for (size_t i = 0; i < n; i++) m = fmax(m, x[i]);
  if (!isfinite(m)) return m;
  for (size_t i = 0; i < n; i++) s += exp(x[i] - m);
  return m + log(s);
}

/* ---- bridge sampling ---- */

typedef struct bridge {
  com_ctx *c;
  size_t n, n1, n2;
  double *mean, *chol; /* the normal g */
  double *l1, *l2;     /* log p - log g of the draws of p, of the draws of g */
  double log_det;
} bridge;

static com_status fit_normal(bridge *b, const com_sample_opts *o, const double *draws) {
  const size_t n = b->n, half = o->draws / 2;
  const double m = (double)(half * o->chains);
  for (size_t k = 0; k < o->chains; k++)
    for (size_t i = 0; i < half; i++)
      for (size_t a = 0; a < n; a++) b->mean[a] += draws[(k * o->draws + i) * n + a] / m;
  for (size_t k = 0; k < o->chains; k++)
    for (size_t i = 0; i < half; i++) {
      const double *x = draws + (k * o->draws + i) * n;
      for (size_t a = 0; a < n; a++)
        for (size_t d = 0; d < n; d++)
          b->chol[a * n + d] += (x[a] - b->mean[a]) * (x[d] - b->mean[d]) / (m - 1);
    }
  const com_status s = com_linalg_chol(b->c, n, b->chol);
  if (s)
    return com_ctx_while(b->c, s, "fitting a normal to %.0f draws in %zu dimensions: take more draws", m, n);
  for (size_t a = 0; a < n; a++) b->log_det += log(b->chol[a * n + a]);
  return COM_OK;
}

static double log_normal(const bridge *b, const double *x, double *work) {
  static const double HALF_LOG_2PI = 0.918938533204672741780329736406;
  double s = 0;
  for (size_t a = 0; a < b->n; a++) work[a] = x[a] - b->mean[a];
  com_linalg_forward(b->n, b->chol, work);
  for (size_t a = 0; a < b->n; a++) s += work[a] * work[a];
  return -0.5 * s - b->log_det - (double)b->n * HALF_LOG_2PI;
}

static com_status propose(bridge *b, const char *name, com_sample_fn fn, void *user) {
  char stream[160];
  const size_t n = b->n;
  com_rng *rng = NULL;
  com_status status = COM_OK;
  snprintf(stream, sizeof stream, "%s/bridge", name);
  double *u = calloc(4 * n, sizeof *u), *x = u ? u + n : NULL, *work = u ? u + 2 * n : NULL,
         *g = u ? u + 3 * n : NULL;
  COM_ALLOC(b->c, u);
  COM_GOTO(done, com_rng_create(b->c, com_ctx_seed(b->c), stream, &rng));
  for (size_t i = 0; i < b->n2; i++) {
    double logp = 0;
    for (size_t a = 0; a < n; a++) u[a] = com_rng_normal(rng);
    for (size_t a = 0; a < n; a++) {
      x[a] = b->mean[a];
      for (size_t d = 0; d <= a; d++) x[a] += b->chol[a * n + d] * u[d];
    }
    COM_GOTO(done, fn(0, x, &logp, g, user));
    b->l2[i] = isfinite(logp) ? logp - log_normal(b, x, work) : -INFINITY;
  }
done:
  com_rng_destroy(rng);
  free(u);
  return status;
}

/* Fixed point of  Z = mean_2[ l2 / (s1 l2 + s2 Z) ] / mean_1[ 1 / (s1 l1 + s2 Z) ],  in logarithms, s1 = n_eff / (n_eff + n2). */
static void solve(const bridge *b, double s1, double *log_z, double *error, double ess) {
  enum { ROUNDS = 1000 };
  const double s2 = 1 - s1;
  double lz = log_sum(b->n1, b->l1) - log((double)b->n1), change = INFINITY;
  for (int k = 0; k < ROUNDS && change > 1e-10; k++) {
    double top = 0, bottom = 0;
    for (size_t i = 0; i < b->n2; i++) {
      const double e = exp(b->l2[i] - lz);
      top += isfinite(e) ? e / (s1 * e + s2) : 1 / s1;
    }
    for (size_t i = 0; i < b->n1; i++) bottom += 1 / (s1 * exp(b->l1[i] - lz) + s2);
    const double next = lz + log(top / (double)b->n2) - log(bottom / (double)b->n1);
    change = fabs(next - lz);
    lz = next;
  }
  /* relative mean squared error: variances of f1 = e/(s1 e + s2) over g and f2 = 1/(s1 e + s2) over p */
  double m1 = 0, v1 = 0, m2 = 0, v2 = 0;
  for (size_t i = 0; i < b->n2; i++) {
    const double e = exp(b->l2[i] - lz), f = isfinite(e) ? e / (s1 * e + s2) : 1 / s1;
    m1 += f / (double)b->n2;
    v1 += f * f / (double)b->n2;
  }
  for (size_t i = 0; i < b->n1; i++) {
    const double f = 1 / (s1 * exp(b->l1[i] - lz) + s2);
    m2 += f / (double)b->n1;
    v2 += f * f / (double)b->n1;
  }
  *log_z = lz;
  *error = sqrt(fmax(0, v1 / (m1 * m1) - 1) / (double)b->n2 + fmax(0, v2 / (m2 * m2) - 1) / ess);
}

com_status com_sample_weigh_evidence(com_ctx *c, const com_sample_opts *o, const double *draws,
                                     const double *logp, const char *name, double *log_z, double *error,
                                     com_sample_fn fn, void *user) {
  const size_t n = o->n, half = o->draws / 2, rest = o->draws - half;
  bridge b = {.c = c, .n = n, .n1 = rest * o->chains, .n2 = rest * o->chains};
  com_status status = COM_OK;
  double ess = 0, *mem = calloc(n * n + 2 * n + b.n1 + b.n2 + 1, sizeof *mem);
  COM_CHECK(c, half * o->chains > 2 * n + 2, COM_E_CONFIG,
            "%zu draws are too few for an evidence in %zu dimensions: at least %zu are needed",
            o->draws * o->chains, n, 2 * (2 * n + 3));
  COM_ALLOC(c, mem);
  b.mean = mem;
  b.chol = mem + n;
  b.l1 = b.chol + n * n;
  b.l2 = b.l1 + b.n1;
  double *work = b.l2 + b.n2;
  COM_GOTO(done, fit_normal(&b, o, draws));
  for (size_t k = 0; k < o->chains; k++)
    for (size_t i = 0; i < rest; i++) {
      const size_t at = k * o->draws + half + i;
      b.l1[k * rest + i] = logp[at] - log_normal(&b, draws + at * n, work);
    }
  if (com_sample_stats_ess(c, o->chains, rest, b.l1, &ess) || !(ess > 1)) ess = (double)b.n1;
  if (ess > (double)b.n1) ess = (double)b.n1;
  COM_GOTO(done, propose(&b, name, fn, user));
  solve(&b, ess / (ess + (double)b.n2), log_z, error, ess);
done:
  free(mem);
  return status;
}

/* ---- Pareto smoothing ---- */

/* Shape and scale of a generalised Pareto distribution of sorted excesses x > 0: Zhang, Stephens 2009, with the weak prior of
 * arXiv:1507.02646 (10 pseudo-observations at k = 0.5). */
static void pareto_fit(size_t n, const double *x, double *k, double *sigma) {
  const size_t m = 30 + (size_t)sqrt((double)n);
  const double q1 = x[(size_t)((double)n / 4 + 0.5) - 1];
  double sum = 0, theta = 0, top = -INFINITY;
  double profile[512], b[512];
  const size_t used = m < 512 ? m : 512;
  for (size_t j = 0; j < used; j++) {
    b[j] = 1 / x[n - 1] + (1 - sqrt((double)used / ((double)j + 0.5))) / (3 * q1);
    double kk = 0;
    for (size_t i = 0; i < n; i++) kk += log1p(-b[j] * x[i]) / (double)n;
    profile[j] = (double)n * (log(-b[j] / kk) - kk - 1);
    if (!isfinite(profile[j])) profile[j] = -INFINITY;
    top = fmax(top, profile[j]);
  }
  for (size_t j = 0; j < used; j++) sum += exp(profile[j] - top);
  for (size_t j = 0; j < used; j++) theta += b[j] * exp(profile[j] - top) / sum;
  double kk = 0;
  for (size_t i = 0; i < n; i++) kk += log1p(-theta * x[i]) / (double)n;
  *sigma = -kk / theta;
  *k = (kk * (double)n + 0.5 * 10) / ((double)n + 10);
}

double com_sample_weigh_smooth(size_t n, double *lw, double *work) {
  const size_t tail = (size_t)fmin(0.2 * (double)n, 3 * sqrt((double)n));
  double top = -INFINITY, k = NAN, sigma = 0;
  for (size_t i = 0; i < n; i++) top = fmax(top, lw[i]);
  for (size_t i = 0; i < n; i++) lw[i] -= top;
  if (tail >= 5) {
    memcpy(work, lw, n * sizeof *work);
    com_sample_stats_sort(n, work);
    const double cut = work[n - tail - 1], base = exp(cut);
    double *x = work + n; /* excesses of the tail */
    for (size_t i = 0; i < tail; i++) x[i] = exp(work[n - tail + i]) - base;
    if (x[0] > 0 && x[tail - 1] > x[0]) {
      pareto_fit(tail, x, &k, &sigma);
      for (size_t i = 0; i < n; i++) { /* the r-th largest becomes the expected r-th order statistic */
        if (!(lw[i] > cut)) continue;
        size_t lo = n - tail, hi = n;
        while (lo + 1 < hi) {
          const size_t mid = (lo + hi) / 2;
          if (work[mid] <= lw[i])
            lo = mid;
          else
            hi = mid;
        }
        const double p = ((double)(lo - (n - tail)) + 0.5) / (double)tail;
        const double q = fabs(k) > 1e-12 ? sigma * (pow(1 - p, -k) - 1) / k : -sigma * log(1 - p);
        lw[i] = fmin(0, log(q + base));
      }
    }
  }
  const double norm = log_sum(n, lw);
  for (size_t i = 0; i < n; i++) lw[i] -= norm;
  return k;
}

com_status com_sample_weigh_points(com_ctx *c, size_t draws, size_t n, const double *loglik,
                                   com_sample_weigh_point *out) {
  double *lw = malloc((4 * draws + 1) * sizeof *lw), *work = lw ? lw + 2 * draws : NULL,
         *ll = lw ? lw + draws : NULL;
  COM_ALLOC(c, lw);
  for (size_t i = 0; i < n; i++) {
    double mean = 0, var = 0;
    for (size_t s = 0; s < draws; s++) {
      ll[s] = loglik[s * n + i];
      lw[s] = -ll[s];
      mean += ll[s] / (double)draws;
    }
    for (size_t s = 0; s < draws; s++) var += (ll[s] - mean) * (ll[s] - mean) / (double)(draws - 1);
    const double lpd = log_sum(draws, ll) - log((double)draws);
    out[i].k = com_sample_weigh_smooth(draws, lw, work);
    for (size_t s = 0; s < draws; s++) lw[s] += ll[s];
    out[i].loo = log_sum(draws, lw);
    out[i].waic = lpd - var;
    out[i].p_waic = var;
  }
  free(lw);
  return COM_OK;
}
