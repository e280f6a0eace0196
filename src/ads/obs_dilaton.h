/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file obs_dilaton.h  f, g, h along eta, the dilaton and its potential V(Phi) with the expansion about Phi = 0. */
#ifndef HOLOGRAD_ADS_OBS_DILATON_H
#define HOLOGRAD_ADS_OBS_DILATON_H
#include "ads/observable.h"

/** The block "background". */
typedef struct ads_obs_dilaton_opts {
  com_reals eta; /**< grid; default `points` values from just above the lower end to eta_max */
  int points;
  double eta_max, window, T;
  char *closure, *frame;
} ads_obs_dilaton_opts;

extern const ads_observable_ops ads_obs_dilaton;

/** V(Phi) = V0 + V2 Phi^2 + V3 Phi^3 + V4 Phi^4 for 0 < Phi < window, V0 = d(d-1); V0_fit is left free as a check. */
typedef struct ads_obs_dilaton_expansion {
  double V0, V2, V3, V4, m2, window, rms;
  double growth; /**< d log V/d Phi at the deepest point: 4/3 marks confinement (arXiv:0707.1349) */
} ads_obs_dilaton_expansion;
/** COM_E_NUM with the reason when there is no dilaton. Constant Phi: all coefficients but V0 are NAN. */
com_status ads_obs_dilaton_expand(com_ctx *c, const ads_background *b, double window, double eta_max,
                                  ads_obs_dilaton_expansion *out);
#endif
