/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file cheb.h
 *  A function on an interval as piecewise Chebyshev series: made once by adaptive bisection, then value, slope and antiderivative cost
 *  a few nanoseconds.  Break points put kinks on panel edges. */
#ifndef HOLOGRAD_COMMON_CHEB_H
#define HOLOGRAD_COMMON_CHEB_H
#include "common/ctx.h"

typedef struct com_cheb com_cheb;
typedef double (*com_cheb_fn)(double x, void *user);

/** Panels are halved until the tail of each series is below rel_tol of its own size, or below abs_tol after multiplication by the
 *  width of the panel (so that rounding noise in a tiny panel is not chased).
 *  @param breaks [in] n_breaks >= 2 ascending points, ends included; f is never evaluated on them
 *  COM_E_NUM when f is not finite somewhere or cannot be resolved. */
com_status com_cheb_create(com_ctx *c, size_t n_breaks, const double *breaks, double rel_tol, double abs_tol,
                           com_cheb **out, com_cheb_fn f, void *user);
void com_cheb_destroy(com_cheb *s); /**< NULL is fine */
double com_cheb_value(const com_cheb *s,
                      double x); /**< outside the interval: the end panel's series continued */
double com_cheb_slope(const com_cheb *s, double x);    /**< derivative of the series */
double com_cheb_integral(const com_cheb *s, double x); /**< from the lower end to x */
size_t com_cheb_panels(const com_cheb *s);
#endif
