/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file wilson_variation.h
 *  First variation of the quark-antiquark potential at fixed distance.  The string is stationary, so only the explicit change of the
 *  background counts: with w = log(f g) - log(f0 g0), q = sqrt(1 - exp(-w)), at a turning point eta0,
 *    dV = 2 int_eta0^inf n sqrt f [ dlnf (1/q - 1)/2 + dlnn (q - 1) + dlng exp(-w)/(2 q) ] deta - 2 d int_lo^eta0 n sqrt f deta. */
#ifndef HOLOGRAD_ADS_WILSON_VARIATION_H
#define HOLOGRAD_ADS_WILSON_VARIATION_H
#include "ads/wilson_shift.h"

/** How far in eta above its turning point a string is integrated: the shift must reach that far. */
double ads_wilson_variation_reach(void);
/** @param eta0 turning point of a string of the physical branch  @param dV [out] [n of the shift] */
com_status ads_wilson_variation(com_ctx *c, const ads_background *b, double eta0, ads_wilson_shift *shift,
                                double *dV);
#endif
