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
  /** Joint fits: between the metrics of two neighbours in temperature, dT > 0 apart: r[n_pair], J[side][n_pair][n_theta of the side] (J NULL
   *  allowed).  Both NULL: a penalty of each metric by itself. */
  size_t (*n_pair)(const void *opts, const ads_metric *m);
  void (*pair)(const void *opts, const ads_metric *const m[2], const double *const theta[2], double dT,
               double *r, double *const J[2]);
} ads_penalty_ops;
extern const com_kind ads_penalty_kind;
/** All penalties of a config: residuals scaled by sqrt(weight), stacked. J[n][n_theta]. */
size_t ads_penalty_count(const com_choices *ps, const ads_metric *m);
com_status ads_penalty_eval(com_ctx *c, const com_choices *ps, const ads_metric *m, const double *theta,
                            double *r, double *J);
/** The same for what two neighbours in temperature have between them. */
size_t ads_penalty_pair_count(const com_choices *ps, const ads_metric *m);
com_status ads_penalty_pair_eval(com_ctx *c, const com_choices *ps, const ads_metric *const m[2],
                                 const double *const theta[2], double dT, double *r, double *const J[2]);
#endif
