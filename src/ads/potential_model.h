/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file potential_model.h
 *  The quark-antiquark potential as a function of the parameters of a fit: metric.theta and the temperature give a background, the background
 *  V at given distances.  f and g contain T L as a common factor only, so that V r and all else depend on r T: in units of
 *  L^2/(2 pi alpha') the potential does not know L.  Two straight strings cost V = 0.  Where several connected
 *  strings hang at one distance (d rises and falls along the branch when f g has a plateau) the lowest V counts: V is continuous in r and in
 *  the parameters, with kinks where the lowest changes. */
#ifndef HOLOGRAD_ADS_POTENTIAL_MODEL_H
#define HOLOGRAD_ADS_POTENTIAL_MODEL_H
#include "ads/config.h"

typedef struct ads_potential_model ads_potential_model;
/** @param cfg [in] its metric, range of the flow and block "background" (closure, continuations)  @param out [out] */
com_status ads_potential_model_create(com_ctx *c, const ads_config *cfg, size_t n_theta,
                                      ads_potential_model **out);
void ads_potential_model_destroy(ads_potential_model *m);
/** V[i] at r[i] in units of L^2/(2 pi alpha'): GeV.  J[n][n_theta + 1] = dV/d(theta, T), may be NULL: exact in the shape of the string
 *  (wilson_variation.h), central differences of the background (wilson_shift.h).  Several threads may call it.
 *  @param theta [in] [n_theta]  @param T GeV  @param r [in] fm, positive  COM_E_NUM when there is no background at these parameters. */
com_status ads_potential_model_eval(const ads_potential_model *m, const double *theta, double T, size_t n,
                                    const double *r, double *V, double *J);
#endif
