/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file wilson_shift.h
 *  How a background changes with parameters: the derivatives of log f, log g and log n by each of them, from backgrounds on either side,
 *  as piecewise Chebyshev series in eta that all share their panels.  Many strings need them at thousands of eta. */
#ifndef HOLOGRAD_ADS_WILSON_SHIFT_H
#define HOLOGRAD_ADS_WILSON_SHIFT_H
#include "ads/background.h"

/** Two backgrounds on either side; a derivative is (plus - minus)/step. */
typedef struct ads_wilson_shift_pair {
  const ads_background *plus, *minus;
  double step;
} ads_wilson_shift_pair;

typedef struct ads_wilson_shift ads_wilson_shift;
/** For lo <= eta <= hi.  @param pair [keep] [n]  @param b [in] its kinks divide the range  @param out [out] */
com_status ads_wilson_shift_create(com_ctx *c, const ads_background *b, size_t n,
                                   const ads_wilson_shift_pair *pair, double lo, double hi,
                                   ads_wilson_shift **out);
void ads_wilson_shift_destroy(ads_wilson_shift *s);
size_t ads_wilson_shift_n(const ads_wilson_shift *s);
const ads_wilson_shift_pair *ads_wilson_shift_pairs(const ads_wilson_shift *s);
/** d(lnf, lng, lnn)/d(parameter k) = v[k], v[n + k], v[2 n + k]; borrowed until the next call. */
const double *ads_wilson_shift_at(ads_wilson_shift *s, double eta);
#endif
