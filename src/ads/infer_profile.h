/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file infer_profile.h  Profiles: chi2 minimised over everything but one quantity, which is held at a row of values. */
#ifndef HOLOGRAD_ADS_INFER_PROFILE_H
#define HOLOGRAD_ADS_INFER_PROFILE_H
#include "ads/infer_posterior.h"
#include "ads/infer_quantity.h"

typedef struct ads_infer_profile_job {
  ads_infer_target *target; /**< a work space per thread of the pool */
  const ads_infer_quantities *list;
  const double *q; /**< [nq] the maximum of the posterior */
  size_t n_draws;
  const double *draws; /**< [n_draws][nq] of the posterior: they say how far to go */
  size_t points;       /**< odd: values of a quantity, the middle one at the maximum */
  com_pool *pool;
} ads_infer_profile_job;

/** Object {name: {"columns", "rows": value, delta_chi2, delta_posterior, nuisance..., "intervals": [...]}}.
 *  delta_chi2: of the data and the errors of the nuisance, without the prior; delta_posterior: -2 log posterior density. @param out [out] */
com_status ads_infer_profile(com_ctx *c, const ads_infer_profile_job *job, cJSON **out);
/** Where delta, given at ascending x[n], crosses `level` on either side of its minimum; NAN: it does not. */
void ads_infer_profile_interval(size_t n, const double *x, const double *delta, double level, double *lo,
                                double *hi);
#endif
