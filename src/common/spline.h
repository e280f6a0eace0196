/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file spline.h  Cubic interpolation with the not-a-knot end condition: error O(step^4) up to the ends, exact for cubics. */
#ifndef HOLOGRAD_COMMON_SPLINE_H
#define HOLOGRAD_COMMON_SPLINE_H
#include "common/ctx.h"

typedef struct com_spline com_spline;
/** @param x [in] strictly ascending, n >= 4 (COM_E_DATA otherwise)  @param y [in] finite */
com_status com_spline_create(com_ctx *c, size_t n, const double *x, const double *y, com_spline **out);
void com_spline_destroy(com_spline *s);
/** Value and, where not NULL, first and second derivative; outside the data the end cubics continue. */
double com_spline_at(const com_spline *s, double x, double *d1, double *d2);
#endif
