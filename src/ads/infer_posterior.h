/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file infer_posterior.h  Modes of the posterior, and draws from each of them.  docs/inference.md. */
#ifndef HOLOGRAD_ADS_INFER_POSTERIOR_H
#define HOLOGRAD_ADS_INFER_POSTERIOR_H
#include "ads/infer_target.h"
#include "common/json.h"
#include "common/optim.h"
#include "common/sample.h"

/** A maximum of the posterior density in q. */
typedef struct ads_infer_mode {
  double *q; /**< [nq] heap */
  double logp, chi2;
  size_t found;              /**< starts that ended here */
  double log_z, log_z_error; /**< evidence; NAN before ads_infer_posterior_draw */
  double weight;
} ads_infer_mode;

typedef struct ads_infer_modes {
  size_t n;
  ads_infer_mode *mode; /**< best first */
  size_t failed;        /**< starts that ended nowhere */
  double
      *trained; /**< [n] of the fit: the end that train would report; NULL when every start failed.  heap */
} ads_infer_modes;

typedef struct ads_infer_draws {
  size_t chains, draws, nq, n;
  double *q, *logp, *chi2, *R; /**< [chains][draws] of [nq], 1, 1, [n] (predicted responses) */
  unsigned char *divergent;
  com_sample_chain *chain; /**< [chains] */
  double seconds;
} ads_infer_draws;

enum {
  ADS_INFER_STIFF = 10
}; /**< singular value (errors per width of the prior) above which a direction is sheared away */

/** From parameters to the nearest maximum of the posterior: Levenberg-Marquardt in sheared coordinates; the target ends anchored there.
 *  *ok = 0: no response exists at the start.  @param q [in/out] [nq] */
com_status ads_infer_posterior_climb(com_ctx *c, ads_infer_target *t, double *q, double *logp, double *chi2,
                                     int *ok);
/** The Levenberg-Marquardt optimiser of that climb. @param out [out] com_optim_destroy it */
com_status ads_infer_posterior_lm(com_ctx *c, size_t n, com_optim **out);
/** Train from so many random starts and from `full` (may be NULL), climb from every end, join what is the same
 *  maximum. */
com_status ads_infer_posterior_modes(com_ctx *c, ads_infer_target *t, size_t starts, const double *full,
                                     com_pool *pool, ads_infer_modes *out);
void ads_infer_posterior_modes_finish(ads_infer_modes *m);
/** Chains from the mode; with evidence != 0 its log_z as well.  A chain that stands above the mode takes all to the maximum there, and the mode
 *  becomes that (warning "higher_mode"); where that is one of `earlier` (may be NULL) no draws are made: out->draws = 0.
 *  @param name stream prefix  @param pool may be NULL  @param out [out] finish it */
com_status ads_infer_posterior_draw(com_ctx *c, ads_infer_target *t, const com_sample_opts *o,
                                    const char *name, com_pool *pool, ads_infer_mode *mode,
                                    const ads_infer_modes *earlier, int evidence, ads_infer_draws *out);
void ads_infer_posterior_draws_finish(ads_infer_draws *d);
#endif
