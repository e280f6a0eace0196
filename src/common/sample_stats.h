/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file sample_stats.h
 *  What draws say: mean and error, quantiles, rank-normalised split R-hat, bulk and tail effective sample size (Vehtari, Gelman, Simpson,
 *  Carpenter, Buerkner 2021, arXiv:1903.08008). */
#ifndef HOLOGRAD_COMMON_SAMPLE_STATS_H
#define HOLOGRAD_COMMON_SAMPLE_STATS_H
#include "common/ctx.h"

typedef struct com_sample_stats {
  double mean, sd, mcse; /**< standard deviation of the draws; Monte Carlo error of the mean */
  double q05, q16, q50, q84, q95;
  double rhat, ess_bulk, ess_tail; /**< rhat: the larger of bulk and folded; NAN for constant draws */
} com_sample_stats;

/** @param x [in] [chains][draws]; draws >= 4 for rhat and ess (NAN below) */
com_status com_sample_stats_of(com_ctx *c, size_t chains, size_t draws, const double *x,
                               com_sample_stats *out);
/** Effective sample size of the mean of x itself, without rank normalisation (split chains, Geyer's initial monotone sequence). */
com_status com_sample_stats_ess(com_ctx *c, size_t chains, size_t draws, const double *x, double *ess);
/** Linear interpolation between order statistics. @param sorted [in] ascending */
double com_sample_stats_quantile(size_t n, const double *sorted, double p);
void com_sample_stats_sort(size_t n, double *x); /**< ascending; NAN last */
/** Probability of a chi2 at least as large as that of these counts under equal expectation. */
double com_sample_stats_flat(size_t bins, const size_t *counts);
#endif
