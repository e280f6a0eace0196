/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file infer_target.h
 *  The posterior as a target of the sampler.  Likelihood: chi2 in the response direction, the one that is reported.
 *  Its two (or few) stiff directions bend through the prior by many thousand times their width, so the sampler moves in sheared
 *  coordinates x = (u, zeta):   q = Q^T (w, v),   v = v_0 + B u,   w_k = W_k(w_(k+1).., v) + A_k zeta_k,
 *  Q: a rotation whose first K rows are the stiff directions at the anchor; W keeps chosen points of the on-shell curve (the pins)
 *  where they are at the anchor; A_k and B scale zeta_k and u to unit width.  |dq/dx| is constant.  infer_pins.h. */
#ifndef HOLOGRAD_ADS_INFER_TARGET_H
#define HOLOGRAD_ADS_INFER_TARGET_H
#include "ads/infer_space.h"
#include "common/sample.h"

typedef struct ads_infer_target ads_infer_target;

typedef struct ads_infer_target_spec {
  ads_fit *fit;            /**< [keep] data, parameters */
  ads_infer_space *space;  /**< [keep] */
  const com_choice *flow;  /**< [keep] the sampler's integrator */
  size_t chains;           /**< work spaces */
  const double *reference; /**< [n] or NULL: where `range` of the prior is centred; NULL: the data */
} ads_infer_target_spec;

com_status ads_infer_target_create(com_ctx *c, const ads_infer_target_spec *spec, ads_infer_target **out);
void ads_infer_target_destroy(ads_infer_target *t);
size_t ads_infer_target_points(const ads_infer_target *t); /**< n */
size_t ads_infer_target_n(const ads_infer_target *t);      /**< dimension of q and of x */
const ads_infer_space *ads_infer_target_space(const ads_infer_target *t);
com_ctx *ads_infer_target_context(const ads_infer_target *t);
ads_fit *ads_infer_target_fit(const ads_infer_target *t);
double *ads_infer_target_data(ads_infer_target *t); /**< [n] responses; may be changed (bootstrap) */
double *ads_infer_target_pull_of_prior(
    ads_infer_target *
        t); /**< [n_q + n_factors] centres of q and of the factors' residuals, 0; may be changed (bootstrap) */
/** Standard normal z[n] to a draw of the errors of the data, in place. */
void ads_infer_target_noise(const ads_infer_target *t, double *z);
/** r[n] = L^-1 (data - R). */
void ads_infer_target_whiten(const ads_infer_target *t, const double *R, double *r);
/** z[n]: each datum less its expectation given R and all the other data, in units of that error; without correlations the pull. */
void ads_infer_target_conditional(const ads_infer_target *t, const double *R, double *z);
/** Leave point i out (NONE = (size_t)-1: none). */
com_status ads_infer_target_leave_out(ads_infer_target *t, size_t i);

/** Predicted responses R[n] (physical, with the scale k) and dR/dq[n][nq] (may be NULL).  *ok = 0: some response does not exist. */
com_status ads_infer_target_predict(ads_infer_target *t, size_t chain, const double *q, double *R, double *J,
                                    int *ok);
/** The same at other sources: group, m sources, guesses in R. */
com_status ads_infer_target_curve(ads_infer_target *t, size_t chain, const double *q, size_t group, size_t m,
                                  const double *source, double *R, unsigned char *ok);
/** Whitened residuals r[n] = L^-1 (data - R) and their derivatives by q (may be NULL). */
com_status ads_infer_target_residuals(ads_infer_target *t, size_t chain, const double *q, double *r,
                                      double *J, int *ok);
/** log posterior in q: -(|q|^2 + factors + chi2)/2; gradient g[nq] may be NULL; chi2 may be NULL.  -INFINITY outside the support. */
com_status ads_infer_target_logp(ads_infer_target *t, size_t chain, const double *q, double *logp, double *g,
                                 double *chi2);

/** Choose Q, pins and A at q, from now on the origin of x is q.  COM_E_NUM when no response exists there.
 *  @param stiff singular values of d(residual)/dq above this are stiff */
com_status ads_infer_target_anchor(ads_infer_target *t, const double *q, double stiff);
/** The pins of a chain go back to the anchor: what follows does not depend on what came before. */
void ads_infer_target_home(ads_infer_target *t, size_t chain);
size_t ads_infer_target_n_stiff(const ads_infer_target *t);       /**< K */
double ads_infer_target_log_det(const ads_infer_target *t);       /**< log |dq/dx| */
const double *ads_infer_target_origin(const ads_infer_target *t); /**< q of the anchor */
/** q of x; *ok = 0: the pins cannot be held.  dq/dx in D[nq][nq], may be NULL. */
com_status ads_infer_target_q(ads_infer_target *t, size_t chain, const double *x, double *q, double *D,
                              int *ok);
/** x of q; *ok = 0: the pins cannot be held at this v. */
com_status ads_infer_target_x(ads_infer_target *t, size_t chain, const double *q, double *x, int *ok);
/** The com_sample_fn: log posterior in x (with log |dq/dx|); user = the target. */
com_status ads_infer_target_density(size_t chain, const double *x, double *logp, double *g, void *user);
/** One point of a chain as it was evaluated: where pins have several solutions, x alone does not say which branch it is on. */
typedef struct ads_infer_point {
  double *x, *q, *R; /**< [n_q], [n_q], [n] */
  double logp, chi2; /**< in q */
} ads_infer_point;
/** The chain stands at x, which was evaluated since the last call or is where it stood then; borrowed until the next call. */
com_status ads_infer_target_stand(ads_infer_target *t, size_t chain, const double *x,
                                  const ads_infer_point **out);
/** Least squares in x: r[m] = (residuals, q, factors), J[m][n] (may be NULL), m = points + n + factors. */
size_t ads_infer_target_n_squares(const ads_infer_target *t);
com_status ads_infer_target_squares(ads_infer_target *t, size_t chain, const double *x, double *r, double *J,
                                    int *ok);
#endif
