/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file infer_criticise.h  Does the model describe the data?  Posterior predictive check, leave-one-out by Pareto smoothed importance
 *  sampling (arXiv:1507.04544) with refits where that fails, WAIC. */
#ifndef HOLOGRAD_ADS_INFER_CRITICISE_H
#define HOLOGRAD_ADS_INFER_CRITICISE_H
#include "ads/infer_posterior.h"

typedef struct ads_infer_criticise_job {
  ads_infer_target *target;
  size_t n_draws;
  const double *R;              /**< [n_draws][n] predictions of the posterior, all modes by weight */
  const double *q;              /**< [nq] the best mode: refits start there */
  const com_sample_opts *refit; /**< chains of a refit; NULL: none is made */
  com_pool *pool;
} ads_infer_criticise_job;

/** Object "criticism".  Log densities are in units of the errors; a datum is left out of its correlations as well. @param out [out] */
com_status ads_infer_criticise(com_ctx *c, const ads_infer_criticise_job *job, cJSON **out);
#endif
