/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file penalty.h
 *  Penalties P(theta): each a sum of squares, so that Levenberg-Marquardt can use it.  `weight` multiplies P itself. */
#ifndef HOLOGRAD_ADS_PENALTY_H
#define HOLOGRAD_ADS_PENALTY_H
#include "ads/metric.h"

typedef struct ads_penalty_shared {
  double weight;
} ads_penalty_shared;
typedef struct ads_penalty_ops {
  com_component c;
  size_t (*n_res)(const void *opts, const ads_metric *m);
  /** r[n_res] with P = sum r^2, J[n_res][n_theta] (NULL allowed). */
  void (*eval)(const void *opts, const ads_metric *m, const double *theta, double *r, double *J);
} ads_penalty_ops;
extern const com_kind ads_penalty_kind;
/** All penalties of a config: residuals scaled by sqrt(weight), stacked. J[n][n_theta]. */
size_t ads_penalty_count(const com_choices *ps, const ads_metric *m);
com_status ads_penalty_eval(com_ctx *c, const com_choices *ps, const ads_metric *m, const double *theta,
                            double *r, double *J);
#endif
