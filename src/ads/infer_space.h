/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file infer_space.h
 *  The prior as a change of variables: q[n], all N(0, 1) under the base prior, to the parameters of a fit and the nuisance of its data.
 *    metric.theta = mean + sigma C xi   (mean, C: projection of d coth(d eta) and of a Gaussian process onto the metric)
 *    log scalars  = centre exp(spread q),   others = centre + spread q
 *    sigma = scale exp(scale_spread q),  scale of the responses k = exp(scale_error q),  temperature = T + error q
 *  The factors exp(-weight P/2) multiply the base prior.  docs/inference.md. */
#ifndef HOLOGRAD_ADS_INFER_SPACE_H
#define HOLOGRAD_ADS_INFER_SPACE_H
#include "ads/fit.h"
#include "ads/infer_opts.h"

typedef struct ads_infer_space ads_infer_space;
/** @param fit, prior [keep] */
com_status ads_infer_space_create(com_ctx *c, ads_fit *fit, const ads_infer_prior *prior,
                                  ads_infer_space **out);
void ads_infer_space_destroy(ads_infer_space *s);
size_t ads_infer_space_n(const ads_infer_space *s);
void ads_infer_space_name(const ads_infer_space *s, size_t k,
                          char out[96]); /**< "metric.xi[2]", "dictionary.L", ... */
/** Is q[k] a scalar of the model (lambda, L, ...)? */
int ads_infer_space_scalar(const ads_infer_space *s, size_t k);
/** The entry of q that is the trained scalar at entry `off` of the parameters, and its spread; (size_t)-1: not trained. */
size_t ads_infer_space_entry(const ads_infer_space *s, size_t off, double *spread);
/** Does q[k] change the predicted responses? (the temperature of a condensate does not) */
int ads_infer_space_seen(const ads_infer_space *s, size_t k);
/** Natural parameters, full vector; untrained entries keep what `full` holds. */
void ads_infer_space_full(const ads_infer_space *s, const double *q, double *full);
/** Row d/dq[n] (set) of a row d/dfull. */
void ads_infer_space_chain(const ads_infer_space *s, const double *q, const double *full, const double *row,
                           double *out);
/** The q of given parameters: exact where the map is one to one, least squares where it is not; sigma such that |xi| is typical;
 *  nuisance 0. */
void ads_infer_space_back(const ads_infer_space *s, const double *full, double *q);
double ads_infer_space_scale(const ads_infer_space *s, size_t group, const double *q); /**< k */
size_t ads_infer_space_scale_index(const ads_infer_space *s, size_t group,
                                   double *spread); /**< (size_t)-1: none */
double ads_infer_space_temperature(const ads_infer_space *s, size_t group,
                                   const double *q); /**< GeV, NAN when not given */
size_t ads_infer_space_temperature_index(const ads_infer_space *s, size_t group,
                                         double *error); /**< (size_t)-1: the temperature is fixed */
double ads_infer_space_sigma(const ads_infer_space *s, const double *q); /**< NAN: no linear metric */
double ads_infer_space_range(const ads_infer_space *s);                  /**< prior.range; 0: none */
/** Residuals of the factors: prior factor = exp(-sum r^2 / 2).  J[n_factors][n] set, may be NULL. */
size_t ads_infer_space_n_factors(const ads_infer_space *s);
com_status ads_infer_space_factors(const ads_infer_space *s, const double *q, const double *full, double *r,
                                   double *J);
#endif
