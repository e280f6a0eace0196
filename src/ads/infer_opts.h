/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file infer_opts.h  The block "infer" of a train config.  What each prior means: docs/inference.md. */
#ifndef HOLOGRAD_ADS_INFER_OPTS_H
#define HOLOGRAD_ADS_INFER_OPTS_H
#include "common/field.h"

/** h = d coth(d eta) + Gaussian process, projected onto the metric; couplings log-normal; factors exp(-weight P / 2). */
typedef struct ads_infer_prior {
  double length; /**< correlation length of h in eta */
  double scale,
      scale_spread; /**< size of the deviation of h: median and logarithmic spread; spread 0 fixes it */
  double theta;     /**< width of each parameter of a metric that is not linear in them */
  double temperature_length; /**< GeV; correlation length of h between groups in T; 0 = independent */
  cJSON *centre, *spread;    /**< {"dictionary.L": 3, ...}: median (log) or mean, and (logarithmic) width */
  com_choices factors;       /**< penalties used as priors; none given: uv_value and ir_pole */
  double range; /**< responses further than this factor from the data are excluded; 0 = none are */
  double width; /**< multiplies every width above except `length`, `range` */
} ads_infer_prior;

typedef struct ads_infer_opts {
  ads_infer_prior prior;
  int chains, warmup, draws, max_depth, starts;
  double accept;
  com_choice flow; /**< of the sampler; not given: rk when the config's flow is cvodes */
  double check;    /**< largest relative difference of F between the two flows */
  int bands, eta_points;
  double credible; /**< probability of a band */
  int sensitivity, design;
  int profile;          /**< points of a profile; 0: none */
  com_reals eta;        /**< where h is profiled; none given: 0.3 */
  int bootstrap;        /**< replicas; 0: none */
  int refit;            /**< leave-one-out by new chains where importance sampling fails */
  com_choices families; /**< metrics to compare with the config's */
} ads_infer_opts;

extern const com_field ads_infer_opts_fields[];
/** Block "infer" of a config (NULL: defaults). @param out [out] com_field_finish(ads_infer_opts_fields, out) */
com_status ads_infer_opts_read(com_ctx *c, const char *file, const cJSON *block, ads_infer_opts *out);
#endif
