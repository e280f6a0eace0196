/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file fit_pairs.h  Penalties of a joint fit between metrics that are neighbours in temperature.  Private to fit.c. */
#ifndef HOLOGRAD_ADS_FIT_PAIRS_H
#define HOLOGRAD_ADS_FIT_PAIRS_H
#include "ads/fit.h"

/** COM_E_CONFIG where a penalty between temperatures has no two of them to stand between. */
com_status ads_fit_pairs_check(const ads_fit *f);
/** Residuals of all pairs. */
size_t ads_fit_pairs_count(const ads_fit *f);
/** r[count] and, added to what is there, J[count][n] by all parameters (may be NULL). */
com_status ads_fit_pairs_eval(const ads_fit *f, const double *full, double *r, double *J);
/** value += sum of squares, g[n] += its gradient (may be NULL). */
com_status ads_fit_pairs_value(const ads_fit *f, const double *full, double *value, double *g);
#endif
