/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file datacurve.h  An odd, monotone curve r = g(s) through the origin and the data: the response that a source would have by the data alone. */
#ifndef HOLOGRAD_ADS_DATACURVE_H
#define HOLOGRAD_ADS_DATACURVE_H
#include "common/ctx.h"

typedef struct ads_datacurve ads_datacurve;
/** @param s, r [in] n pairs of any order and sign  @param out [out] */
com_status ads_datacurve_create(com_ctx *c, size_t n, const double *s, const double *r, ads_datacurve **out);
void ads_datacurve_destroy(ads_datacurve *g);
/** g(s), and dg/ds when slope is not NULL.  Beyond the strongest source a power law with the slope of the end. */
double ads_datacurve_at(const ads_datacurve *g, double s, double *slope);
/** s = a r + b r^3 through the weakest point and the one in the middle. */
void ads_datacurve_start(const ads_datacurve *g, double *a, double *b);
#endif
