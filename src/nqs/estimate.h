/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file estimate.h
 *  Means with honest errors: binned and autocorrelation-aware, split R-hat over chains, V-score = N Var / (E - E_inf)^2
 *  (arXiv:2302.04919). */
#ifndef HOLOGRAD_NQS_ESTIMATE_H
#define HOLOGRAD_NQS_ESTIMATE_H
#include <complex.h>
#include "nqs/sampler.h"

typedef struct nqs_estimate {
  double mean, imag; /**< of the mean */
  double error;      /**< one standard error of `mean` */
  double variance;   /**< of the single sample (|x - mean|^2) */
  double tau;   /**< integrated autocorrelation time in sweeps, 1/2 when uncorrelated; NAN when unknown */
  double rhat;  /**< split R-hat; NAN with fewer than 2 halves of 2 */
  double n_eff; /**< variance / error^2 */
  size_t n;
} nqs_estimate;

/** x[n_chains][n_time]; weight [n] or NULL.  With weights the sum is exact: error 0, tau and rhat NAN.  The error comes from
 *  the autocorrelation time with Wolff's window (hep-lat/0306017), pooled over chains; when the chain means scatter more than
 *  that allows (chi^2 beyond 99.9 %), from their scatter instead. */
void nqs_estimate_series(size_t n_chains, size_t n_time, const double complex *x, const double *weight,
                         nqs_estimate *out);
double nqs_estimate_v_score(const nqs_estimate *e, size_t n_sites, double e_inf);
/** {"mean","error","per_site","variance","tau","rhat","n"} (+ "v_score" when finite). */
com_status nqs_estimate_json(com_ctx *c, const nqs_estimate *e, size_t n_sites, double v_score, cJSON **out);
#endif
