/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file infer_bootstrap.h  Bootstraps: the maximum of the posterior found again for data that are drawn again, a second opinion on the
 *  bands of the chains. */
#ifndef HOLOGRAD_ADS_INFER_BOOTSTRAP_H
#define HOLOGRAD_ADS_INFER_BOOTSTRAP_H
#include "ads/infer_posterior.h"
#include "ads/infer_quantity.h"

typedef struct ads_infer_bootstrap_job {
  const ads_infer_target_spec *spec; /**< a target is made for every thread */
  const ads_infer_quantities *list;
  const double *q; /**< [nq] the maximum for the real data */
  size_t replicas;
  double credible;
  com_pool *pool;
} ads_infer_bootstrap_job;

/** Object {"parametric": {...}, "resampled": {...}}: replicas, failed, and per quantity median and bands. @param out [out] */
com_status ads_infer_bootstrap(com_ctx *c, const ads_infer_bootstrap_job *job, cJSON **out);
#endif
