/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file infer_follow.h
 *  Nuisance that follows the metric.  Predictions R_i = kappa V_i + constant (a loss that is `affine`) fix kappa and the constant far better than
 *  the shape of V fixes the metric: at a metric that moves they have to move along by many of their widths.  So the sampler's entries stand for
 *  what the data see, the weighted spread and mean of the predictions:
 *    ln kappa = ln kappa' - ln(S/S_0)/2,            S = sum w (V - mean V)^2,   0: at the anchor
 *    constant = constant' - kappa mean V + kappa_0 mean V_0,                    w = 1/error^2, sum w = 1
 *  a shear of q: |dq/dq'| = 1.  Private to infer_target. */
#ifndef HOLOGRAD_ADS_INFER_FOLLOW_H
#define HOLOGRAD_ADS_INFER_FOLLOW_H
#include "ads/infer_space.h"

typedef struct ads_infer_follow {
  size_t group, n;
  size_t kappa, constant; /**< entries of q; (size_t)-1: not trained */
  int own_kappa,
      own_constant; /**< moved by this group; no: fixed, or moved by an earlier group that shares it */
  double kappa_spread, constant_spread;
  double *weight;    /**< [n] heap */
  double S0, level0; /**< S and kappa mean V at the anchor */
} ads_infer_follow;

/** One map per group with an affine loss.  @param out [out] [*n], ads_infer_follow_finish it */
com_status ads_infer_follow_init(com_ctx *c, ads_fit *fit, const ads_infer_space *space, size_t *n,
                                 ads_infer_follow **out);
void ads_infer_follow_finish(size_t n, ads_infer_follow *f);
/** From now on q = q' where predictions are R[n].  @param kappa, constant of these predictions */
void ads_infer_follow_anchor(ads_infer_follow *f, double kappa, double constant, const double *R);
/** q' to q in place, R[n] and rows J[n][nq] (by q; may be NULL) with them; alpha[nq], beta[nq] (may be NULL with J): what dq/dq' has beside the
 *  unit matrix in the rows `kappa` and `constant`. */
void ads_infer_follow_forward(const ads_infer_follow *f, size_t nq, double kappa, double constant, double *q,
                              double *R, double *J, double *alpha, double *beta);
/** q to q' in place. @param R predictions at q */
void ads_infer_follow_back(const ads_infer_follow *f, double kappa, double constant, const double *R,
                           double *q);
#endif
