/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file metric.h
 *  Metric models h(eta; theta) = d/deta log sqrt(f g^(d-1)), units L = 1.  Stateless: theta is passed in.  A background with
 *  several functions is a model with n_fn > 1 (function-major arrays: h[k*n + i]). */
#ifndef HOLOGRAD_ADS_METRIC_H
#define HOLOGRAD_ADS_METRIC_H
#include "common/field.h"
#include "common/rng.h"

/** Options shared by all metrics: "theta" (start values, may be absent), "train". */
typedef struct ads_metric_shared {
  com_reals theta;
  int train;
} ads_metric_shared;

/** What a metric may need to know of its problem. */
typedef struct ads_span {
  double d, eta_uv, eta_ir;
} ads_span;

typedef struct ads_metric_ops {
  com_component c;
  size_t n_fn; /**< 0 is read as 1 */
  /** Number of parameters; n_given = length of theta in the config or 0. COM_E_CONFIG when they disagree.
   *  May complete opts (e.g. n from theta). */
  com_status (*n_params)(com_ctx *ctx, void *opts, size_t n_given, size_t *n);
  void (*param_name)(const void *opts, size_t i, char out[32]); /**< NULL: "theta[i]" */
  void (*init)(const void *opts, const ads_span *s, com_rng *rng,
               double *theta); /**< one random start; NULL: N(3,1), N(0,2) */
  /** h and dh/deta at n values of eta; dh may be NULL. */
  void (*eval)(const void *opts, const ads_span *s, const double *theta, size_t n, const double *eta,
               double *h, double *dh);
  /** g += sum_i w[i] dh_i/dtheta + dw[i] dh'_i/dtheta; w or dw may be NULL. */
  void (*vjp)(const void *opts, const ads_span *s, const double *theta, size_t n, const double *eta,
              const double *w, const double *dw, double *g);
  /** Places where h or h' is not smooth (knots), inside the span, at most max of them; NULL = none. */
  size_t (*kinks)(const void *opts, const ads_span *s, size_t max, double *eta);
  /** Residuals of the smoothness penalty in the metric's own terms (one value per layer: sum_k eta_k^power (h_(k+1) - h_k)^2);
   *  NULL: the integral of eta^power h'^2.  Returns their number; r == NULL only counts.  J[n_res][n_theta] set, may be NULL. */
  size_t (*smooth_res)(const void *opts, const ads_span *s, double power, const double *theta, double *r,
                       double *J);
  /** The parameters are the values of h at equally spaced nodes first + k step; returns their number.  NULL: they are not.
   *  `layers` != 0 asks whether h is meant to live on the nodes alone (difference forms of penalties): else 0 is returned. */
  size_t (*nodes)(const void *opts, const ads_span *s, int layers, double *first, double *step);
} ads_metric_ops;

extern const com_kind ads_metric_kind;

/** A metric bound to its options and span. */
typedef struct ads_metric {
  const ads_metric_ops *ops;
  const void *opts;
  ads_span span;
  size_t n_theta;
} ads_metric;

/** Bind a choice: COM_E_CONFIG when theta and the metric's own size options disagree.  @param ch [keep] */
com_status ads_metric_bind(com_ctx *c, const com_choice *ch, const ads_span *span, ads_metric *out);
void ads_metric_eval(const ads_metric *m, const double *theta, size_t n, const double *eta, double *h,
                     double *dh);
void ads_metric_vjp(const ads_metric *m, const double *theta, size_t n, const double *eta, const double *w,
                    const double *dw, double *g);
void ads_metric_start(const ads_metric *m, com_rng *rng, double *theta); /**< one random start */
/** dh/dtheta rows at n points: jac[n][n_theta]. */
void ads_metric_jac(const ads_metric *m, const double *theta, size_t n, const double *eta, double *jac);
#endif
