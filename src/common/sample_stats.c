/* SPDX-License-Identifier: GPL-3.0-or-later */
/* With m split chains of n draws, W the mean within-chain variance, B/n the variance of the chain means,
 *   var+ = (n-1)/n W + B/n,   R-hat = sqrt(var+ / W),   rho_t = 1 - (W - mean autocovariance_t) / var+,
 *   ESS = m n / (-1 + 2 sum of Geyer's initial monotone positive pairs rho_2k + rho_2k+1).
 * Bulk quantities use z = Phi^-1((rank - 3/8)/(S + 1/4)); the tail ESS is the smaller of those of 1(x <= q05) and 1(x <= q95). */
#include "common/sample_stats.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  if (isnan(x) || isnan(y)) return isnan(x) - isnan(y);
  return (x > y) - (x < y);
}

void com_sample_stats_sort(size_t n, double *x) { qsort(x, n, sizeof *x, ascending); }

double com_sample_stats_quantile(size_t n, const double *sorted, double p) {
  if (n == 0) return NAN;
  const double at = p * (double)(n - 1);
  const size_t k = (size_t)at;
  return k + 1 < n ? sorted[k] + (at - (double)k) * (sorted[k + 1] - sorted[k]) : sorted[n - 1];
}

double com_sample_stats_flat(size_t bins, const size_t *counts) {
  double n = 0, chi2 = 0;
  for (size_t k = 0; k < bins; k++) n += (double)counts[k];
  const double want = n / (double)bins;
  if (bins < 2 || n == 0) return NAN;
  for (size_t k = 0; k < bins; k++) chi2 += ((double)counts[k] - want) * ((double)counts[k] - want) / want;
  return gsl_cdf_chisq_Q(chi2, (double)bins - 1);
}

/* ---- between and within ---- */

typedef struct halves {
  size_t m, n;     /* split chains, draws of each */
  const double *x; /* [chains][draws]; half h of chain k starts at k draws + h (draws - n) */
  size_t draws;
} halves;

static const double *half(const halves *h, size_t i) {
  return h->x + (i / 2) * h->draws + (i % 2) * (h->draws - h->n);
}

static double mean_of(size_t n, const double *x) {
  double s = 0;
  for (size_t i = 0; i < n; i++) s += x[i];
  return s / (double)n;
}

static double autocov(size_t n, const double *x, double mean, size_t lag) {
  double s = 0;
  for (size_t i = 0; i + lag < n; i++) s += (x[i] - mean) * (x[i + lag] - mean);
  return s / (double)n;
}

/* W and var+ of the split chains. */
static void variances(const halves *h, double *w, double *plus) {
  double sum = 0, sum2 = 0;
  *w = 0;
  for (size_t i = 0; i < h->m; i++) {
    const double mean = mean_of(h->n, half(h, i));
    *w += autocov(h->n, half(h, i), mean, 0) * (double)h->n / (double)(h->n - 1) / (double)h->m;
    sum += mean;
    sum2 += mean * mean;
  }
  const double m = (double)h->m, between = fmax(0, (sum2 - sum * sum / m) / (m - 1));
  *plus = (double)(h->n - 1) / (double)h->n * *w + between;
}

static double rhat(const halves *h) {
  double w = 0, plus = 0;
  variances(h, &w, &plus);
  return w > 0 ? sqrt(plus / w) : NAN;
}

static double ess(const halves *h) {
  double w = 0, plus = 0, tau = -1, pair_before = INFINITY;
  variances(h, &w, &plus);
  if (!(plus > 0)) return NAN;
  for (size_t t = 0; t + 1 < h->n; t += 2) {
    double pair = 0;
    for (size_t k = 0; k < 2; k++) {
      double c = 0;
      for (size_t i = 0; i < h->m; i++)
        c += autocov(h->n, half(h, i), mean_of(h->n, half(h, i)), t + k) / (double)h->m;
      pair += t + k == 0 ? 1 : 1 - (w - c * (double)h->n / (double)(h->n - 1)) / plus;
    }
    if (pair <= 0) break;
    if (pair > pair_before) pair = pair_before;
    pair_before = pair;
    tau += 2 * pair;
  }
  const double total = (double)(h->m * h->n);
  tau = fmax(tau, 1 / log10(total)); /* antithetic chains: at most S log10 S */
  return total / tau;
}

/* ---- rank normalisation ---- */

typedef struct ranked {
  double x;
  size_t at;
} ranked;

static int by_value(const void *a, const void *b) {
  const ranked *x = a, *y = b;
  if (x->x != y->x) return (x->x > y->x) - (x->x < y->x);
  return (x->at > y->at) - (x->at < y->at);
}

static void rank_normal(size_t n, const double *x, ranked *r, double *z) {
  for (size_t i = 0; i < n; i++) r[i] = (ranked){x[i], i};
  qsort(r, n, sizeof *r, by_value);
  for (size_t i = 0, j; i < n; i = j) { /* ties share their mean rank */
    for (j = i; j < n && r[j].x == r[i].x; j++) {}
    const double rank = 0.5 * (double)(i + 1 + j);
    for (size_t k = i; k < j; k++) z[r[k].at] = gsl_cdf_ugaussian_Pinv((rank - 0.375) / ((double)n + 0.25));
  }
}

static double tail(const halves *plain, size_t n, const double *x, double level, double *work) {
  for (size_t i = 0; i < n; i++) work[i] = x[i] <= level;
  const halves h = {plain->m, plain->n, work, plain->draws};
  return ess(&h);
}

static void diagnostics(const halves *plain, size_t n, const double *x, ranked *r, double *work,
                        com_sample_stats *o) {
  const halves z = {plain->m, plain->n, work, plain->draws};
  for (size_t i = 0; i < n; i++) work[n + i] = fabs(x[i] - o->q50);
  rank_normal(n, work + n, r, work);
  o->rhat = rhat(&z);
  rank_normal(n, x, r, work);
  o->rhat = fmax(o->rhat, rhat(&z));
  o->ess_bulk = ess(&z);
  o->ess_tail = fmin(tail(plain, n, x, o->q05, work), tail(plain, n, x, o->q95, work));
}

com_status com_sample_stats_of(com_ctx *c, size_t chains, size_t draws, const double *x,
                               com_sample_stats *o) {
  const size_t n = chains * draws;
  *o = (com_sample_stats){.rhat = NAN, .ess_bulk = NAN, .ess_tail = NAN, .mcse = NAN};
  double *work = malloc((2 * n + 1) * sizeof *work);
  ranked *r = malloc((n + 1) * sizeof *r);
  if (!work || !r) {
    free(work);
    free(r);
    return COM_FAIL(c, COM_E_MEM, "out of memory");
  }
  memcpy(work, x, n * sizeof *work);
  com_sample_stats_sort(n, work);
  double *const q[] = {&o->q05, &o->q16, &o->q50, &o->q84, &o->q95};
  static const double level[] = {0.05, 0.16, 0.5, 0.84, 0.95};
  for (size_t k = 0; k < 5; k++) *q[k] = com_sample_stats_quantile(n, work, level[k]);
  o->mean = mean_of(n, x);
  o->sd = n > 1 ? sqrt(autocov(n, x, o->mean, 0) * (double)n / (double)(n - 1)) : NAN;
  const halves h = {2 * chains, draws / 2, x, draws};
  int finite = 1;
  for (size_t i = 0; i < n; i++) finite &= isfinite(x[i]) != 0;
  if (h.n >= 2 && finite) {
    o->mcse = o->sd / sqrt(ess(&h));
    diagnostics(&h, n, x, r, work, o);
  }
  free(work);
  free(r);
  return COM_OK;
}

com_status com_sample_stats_ess(com_ctx *c, size_t chains, size_t draws, const double *x, double *out) {
  const halves h = {2 * chains, draws / 2, x, draws};
  COM_CHECK(c, h.n >= 2, COM_E_CONFIG, "%zu draws per chain are too few for an effective sample size", draws);
  *out = ess(&h);
  return COM_OK;
}
