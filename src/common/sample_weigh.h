/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file sample_weigh.h
 *  What a sample is worth: evidence by bridge sampling (Meng, Wong 1996; Gronau et al. 2017, arXiv:1703.05984), leave-one-out prediction by
 *  Pareto smoothed importance sampling (Vehtari, Gelman, Gabry 2017, arXiv:1507.04544) and WAIC (Watanabe 2010). */
#ifndef HOLOGRAD_COMMON_SAMPLE_WEIGH_H
#define HOLOGRAD_COMMON_SAMPLE_WEIGH_H
#include "common/sample.h"

/** log of the integral of exp(logp), from draws [chains][draws] of it: a normal density is fitted to the first half of each chain and
 *  bridged to the second.  chain 0 of fn is used; stream name/bridge.  error: standard error of log Z
 *  (Fruehwirth-Schnatter 2004 eq. (32), with the effective number of draws). */
com_status com_sample_weigh_evidence(com_ctx *c, const com_sample_opts *o, const double *draws,
                                     const double *logp, const char *name, double *log_z, double *error,
                                     com_sample_fn fn, void *user);

typedef struct com_sample_weigh_point {
  double loo, waic; /**< expected log predictive density of the point left out */
  double k;         /**< Pareto shape: above 0.7 the loo of this point is not reliable */
  double p_waic;    /**< its share of the effective number of parameters */
} com_sample_weigh_point;
/** @param loglik [in] [draws][n] log p(y_i | draw)  @param out [out] [n], caller's array */
com_status com_sample_weigh_points(com_ctx *c, size_t draws, size_t n, const double *loglik,
                                   com_sample_weigh_point *out);
/** Smooths log importance ratios in place and normalises them to log weights. @param work [2 n]
 *  @return Pareto shape, NAN when the tail is too short */
double com_sample_weigh_smooth(size_t n, double *log_ratio, double *work);
#endif
