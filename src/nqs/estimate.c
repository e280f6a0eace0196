/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/estimate.h"
#include <math.h>
#include <stdlib.h>

static double re(const double complex *x, size_t k) { return creal(x[k]); }

/* Split R-hat (Gelman et al., BDA3 eq. 11.4; Vehtari et al., arXiv:1903.08008): every chain is cut into two halves,
 * W = mean variance within a half, B = variance of the half means;  R^2 = ((n-1)/n W + B)/W. */
static double split_rhat(size_t n_chains, size_t n_time, const double complex *x) {
  const size_t half = n_time / 2, m = 2 * n_chains;
  if (half < 2) return NAN;
  double w = 0, mean = 0, mean2 = 0;
  for (size_t h = 0; h < m; h++) {
    const double complex *at = x + (h / 2) * n_time + (h % 2 ? n_time - half : 0);
    double a = 0, v = 0;
    for (size_t t = 0; t < half; t++) a += re(at, t) / (double)half;
    for (size_t t = 0; t < half; t++) v += (re(at, t) - a) * (re(at, t) - a);
    w += v / (double)(half - 1) / (double)m;
    const double d = a - mean; /* running variance of the half means */
    mean += d / (double)(h + 1);
    mean2 += d * (a - mean);
  }
  const double b = mean2 / (double)(m - 1);
  if (w == 0) return b == 0 ? 1 : INFINITY;
  return sqrt(((double)(half - 1) / (double)half * w + b) / w);
}

/* gamma(t) averaged over all chains about the common mean. */
static double autocovariance(size_t n_chains, size_t n_time, const double complex *x, double mean,
                             size_t lag) {
  double sum = 0;
  for (size_t c = 0; c < n_chains; c++) {
    const double complex *at = x + c * n_time;
    for (size_t t = 0; t + lag < n_time; t++) sum += (re(at, t) - mean) * (re(at, t + lag) - mean);
  }
  return sum / (double)(n_chains * (n_time - lag));
}

/* Integrated autocorrelation time with the automatic window of Wolff (hep-lat/0306017, eqs. 35, 49-52):
 * tau(W) = 1/2 + sum_{t<=W} rho(t); stop where exp(-W/t_exp) - t_exp/sqrt(W N) < 0, t_exp = S/log((2 tau+1)/(2 tau-1));
 * then the bias correction tau (1 + (2W+1)/N). */
static double autocorrelation(size_t n_chains, size_t n_time, const double complex *x, double mean) {
  const double s = 1.5, n = (double)(n_chains * n_time), g0 = autocovariance(n_chains, n_time, x, mean, 0);
  if (!(g0 > 0) || n_time < 4) return NAN;
  double tau = 0.5;
  size_t w = 1;
  for (; w < n_time / 2; w++) {
    tau += autocovariance(n_chains, n_time, x, mean, w) / g0;
    const double t_exp = tau > 0.5 ? s / log((2 * tau + 1) / (2 * tau - 1)) : 1e-300;
    if (exp(-(double)w / t_exp) < t_exp / sqrt((double)w * n)) break;
  }
  return fmax(tau, 0.5) * (1 + (2 * (double)w + 1) / n);
}

/* Variance of the mean from the spread of the chain means; NAN with one chain. */
static double chain_error2(size_t n_chains, size_t n_time, const double complex *x, double mean) {
  if (n_chains < 2) return NAN;
  double sum = 0;
  for (size_t c = 0; c < n_chains; c++) {
    double a = 0;
    for (size_t t = 0; t < n_time; t++) a += re(x, c * n_time + t) / (double)n_time;
    sum += (a - mean) * (a - mean);
  }
  return sum / (double)((n_chains - 1) * n_chains);
}

/* 99.9 % point of chi^2/nu (Wilson, Hilferty 1931): above it the chains disagree by more than their own fluctuations. */
static double chi2_limit(double nu) {
  const double z = 3.090232306167813, k = 2 / (9 * nu);
  return pow(1 - k + z * sqrt(k), 3);
}

static void weighted(size_t n, const double complex *x, const double *w, nqs_estimate *e) {
  double complex mean = 0;
  for (size_t k = 0; k < n; k++) mean += w[k] * x[k];
  for (size_t k = 0; k < n; k++) {
    const double complex d = x[k] - mean;
    e->variance += w[k] * (creal(d) * creal(d) + cimag(d) * cimag(d));
  }
  e->mean = creal(mean), e->imag = cimag(mean);
}

void nqs_estimate_series(size_t n_chains, size_t n_time, const double complex *x, const double *weight,
                         nqs_estimate *e) {
  const size_t n = n_chains * n_time;
  *e = (nqs_estimate){.tau = NAN, .rhat = NAN, .n_eff = NAN, .n = n};
  if (weight) {
    weighted(n, x, weight, e);
    return;
  }
  double complex mean = 0;
  double var_re = 0;
  for (size_t k = 0; k < n; k++) mean += x[k];
  mean /= (double)n;
  for (size_t k = 0; k < n; k++) {
    const double complex d = x[k] - mean;
    var_re += creal(d) * creal(d) / (double)n;
    e->variance += (creal(d) * creal(d) + cimag(d) * cimag(d)) / (double)n;
  }
  e->mean = creal(mean), e->imag = cimag(mean);
  if (!isfinite(e->variance)) {
    e->error = e->variance = NAN;
    return;
  }
  e->tau = var_re > 0 ? autocorrelation(n_chains, n_time, x, e->mean) : 0.5;
  e->rhat = split_rhat(n_chains, n_time, x);
  const double chains = chain_error2(n_chains, n_time, x, e->mean);
  double err2 = isnan(e->tau) ? NAN : 2 * e->tau * var_re / (double)n;
  if (!(err2 * chi2_limit((double)n_chains - 1) >= chains)) err2 = isnan(chains) ? err2 : chains;
  e->error = sqrt(err2);
  e->n_eff = err2 > 0 ? var_re / err2 : (double)n;
}

double nqs_estimate_v_score(const nqs_estimate *e, size_t n_sites, double e_inf) {
  const double d = e->mean - e_inf;
  return (double)n_sites * e->variance / (d * d);
}

com_status nqs_estimate_json(com_ctx *c, const nqs_estimate *e, size_t n_sites, double v_score, cJSON **out) {
  COM_ALLOC(c, *out = com_json_object());
  COM_TRY(com_json_add(c, *out, "mean", com_json_real(e->mean)));
  COM_TRY(com_json_add(c, *out, "error", com_json_real(e->error)));
  COM_TRY(com_json_add(c, *out, "per_site", com_json_real(e->mean / (double)n_sites)));
  COM_TRY(com_json_add(c, *out, "variance", com_json_real(e->variance)));
  COM_TRY(com_json_add(c, *out, "tau", com_json_real(e->tau)));
  COM_TRY(com_json_add(c, *out, "rhat", com_json_real(e->rhat)));
  if (isfinite(v_score)) COM_TRY(com_json_add(c, *out, "v_score", com_json_real(v_score)));
  return com_json_add(c, *out, "n", com_json_int((long long)e->n));
}
