/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file units.h  Unit strings such as "MeV^3", "fm^-1", "T", "muB", "1" and their conversion (hbar = c = 1). */
#ifndef HOLOGRAD_ADS_UNITS_H
#define HOLOGRAD_ADS_UNITS_H
#include "common/ctx.h"
#define ADS_UNITS_HBARC 0.1973269804 /**< GeV fm, CODATA 2018 */
/** factor such that value[from] * factor = value[to]; COM_E_DATA when unknown or of different dimension. `where` opens the message. */
com_status ads_units_factor(com_ctx *c, const char *where, const char *from, const char *to, double *factor);
#endif
