/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file start.h
 *  The basin search: from any random start into the condensed region where the data lie.  docs/training.md says why it is needed. */
#ifndef HOLOGRAD_ADS_START_H
#define HOLOGRAD_ADS_START_H
#include "ads/model.h"

/** The data as an odd on-shell curve s = a r + b r^3 (weighted least squares), and its strongest point. */
typedef struct ads_start_curve {
  double a, b, r_max, s_max;
} ads_start_curve;

/** Weighted least squares of s = a r + b r^3 with sigma_s = sigma_r |a + 3 b r^2|, iterated to consistency; sigma_s[n] is set
 *  (bounded below by a tenth of sigma_r |s/r|, so that a fold of the fitted cubic gives no infinite weight). */
void ads_start_fit(size_t n, const double *s, const double *r, const double *sigma_r, ads_start_curve *out,
                   double *sigma_s);

/** Improve p in place (entries with free[i] only; free may be NULL = all): shift h by a constant so that the linear response has the ratio
 *  of the data, then L and lambda from their exact scalings. */
com_status ads_start_basin(com_ctx *c, ads_model *m, const ads_start_curve *curve, const unsigned char *free_,
                           double *p);
#endif
