/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file infer_spectrum.h  Identifiability at the optimum: which combinations of the parameters the data determine. */
#ifndef HOLOGRAD_ADS_INFER_SPECTRUM_H
#define HOLOGRAD_ADS_INFER_SPECTRUM_H
#include "ads/infer_target.h"
#include "common/json.h"

/** Singular values of d(predicted response)/d(trained parameters) in units of the errors at rel_tol 1e-11 (theta, logarithms of the
 *  couplings), the directions as changes of h(eta) and of the couplings, Fisher information, condition.  Object "identifiability".
 *  @param full parameters  @param n_determined [out] singular values above 1  @param out [out] */
com_status ads_infer_spectrum(com_ctx *c, ads_fit *f, const double *full, size_t n_eta, size_t *n_determined,
                              cJSON **out);
/** What one further datum would add, from the spread of its prediction over the draws: gain = ln(1 + var/error^2)/2 in nats.  Candidates:
 *  sources of every group (masses at each temperature, distances of a potential) between a quarter of the
 *  smallest and four times the largest, measured as well as the nearest datum.  Table, best first.
 *  @param q [in] [n_draws][nq]  @param R [in] [n_draws][n] their predictions */
com_status ads_infer_spectrum_design(com_ctx *c, ads_infer_target *t, size_t n_draws, const double *q,
                                     const double *R, cJSON **out);
#endif
