/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file model.h
 *  The model: dictionary + metric + bulk + flow = the on-shell function F(s, r; p) and its derivatives, for any batch of (source, response)
 *  pairs.  p is ordered [metric.theta | bulk kappa | dictionary par] in natural units. */
#ifndef HOLOGRAD_ADS_MODEL_H
#define HOLOGRAD_ADS_MODEL_H
#include "ads/dictionary.h"
#include "ads/flow.h"
#include "common/params.h"

/** The four choices of a config; [keep]. */
typedef struct ads_model_parts {
  const com_choice *metric, *bulk, *dictionary, *flow;
} ads_model_parts;

/** Output arrays of an evaluation, owned by the model, valid until the next call; SoA, n samples. */
typedef struct ads_model_eval {
  size_t n, np;
  const double *y0, *y1; /**< [2][n]: phi, pi at eta_uv and eta_ir */
  const double *F;       /**< [n] residual; +-cap (sign of pi) for frozen samples, whose derivatives are 0 */
  const unsigned char *frozen; /**< [n] */
  size_t n_frozen;
  const double *Fs, *Fr; /**< [n] dF/dsource, dF/dresponse (what >= ADS_MODEL_SR) */
  const double *Fp;      /**< [n][np] (what = ADS_MODEL_JAC) */
} ads_model_eval;
/** What to compute.  VALUE: F alone, nothing recorded, so that ads_model_gradient may not follow (fastest). */
enum { ADS_MODEL_VALUE = -1, ADS_MODEL_F = 0, ADS_MODEL_SR = 1, ADS_MODEL_JAC = 2 };

typedef struct ads_model ads_model;
com_status ads_model_create(com_ctx *c, const ads_model_parts *parts, com_pool *pool, ads_model **out);
void ads_model_destroy(ads_model *m);
size_t ads_model_n_params(const ads_model *m);
size_t ads_model_n_theta(const ads_model *m);
size_t ads_model_n_kappa(const ads_model *m);
const ads_metric *ads_model_metric(const ads_model *m);
const ads_bulk *ads_model_bulk(const ads_model *m);
const ads_dictionary *ads_model_dictionary(const ads_model *m);
ads_flow *ads_model_flow(ads_model *m);
/** Add this model's blocks to p with names "metric.theta" / "metric[group].theta" (group NULL or ""), bounds, trained
 *  flags from the config; values are those given (NAN = missing, to be drawn by ads_model_start). */
com_status ads_model_params(com_ctx *c, const ads_model *m, const char *group, com_params *p);
/** Draw a random start: all entries (missing_only = 0) or only those that are NAN.  Entry order is fixed: theta, kappa, par. */
void ads_model_start(const ads_model *m, com_rng *rng, int missing_only, double *p);
com_status ads_model_run(ads_model *m, int what, const double *p, size_t n, const double *s, const double *r,
                         ads_model_eval *out);
/** Gradient of sum_i w[i] F_i: g[np] += (one adjoint pass, no Jacobian); after ads_model_run(F) with tape.
 *  For the classifier: call ads_model_run(m, ADS_MODEL_F...) then this. */
com_status ads_model_gradient(ads_model *m, const double *w, double *g);
/** Labelled data: start from (phi, pi) at eta_uv directly, bypassing the dictionary (dF/dpar = 0); then model_gradient as usual.
 *  Fs, Fr are dF/dphi and dF/dpi at eta_uv. */
com_status ads_model_run_bulk(ads_model *m, int what, const double *p, size_t n, const double *phi,
                              const double *pi, ads_model_eval *out);
#endif
