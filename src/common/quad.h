/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file quad.h  GSL quadrature and roots behind our status codes. */
#ifndef HOLOGRAD_COMMON_QUAD_H
#define HOLOGRAD_COMMON_QUAD_H
#include "common/ctx.h"

typedef double (*com_quad_fn)(double x, void *user);
com_status com_quad_finite(com_ctx *c, double a, double b, double rel_tol, double abs_tol, double *value,
                           double *abs_err, com_quad_fn f, void *user); /**< adaptive Gauss-Kronrod */
com_status com_quad_upper(com_ctx *c, double a, double rel_tol, double abs_tol, double *value,
                          double *abs_err, com_quad_fn f, void *user); /**< a .. infinity */
/** n Gauss-Legendre nodes and weights on [a,b]. */
com_status com_quad_legendre(com_ctx *c, size_t n, double a, double b, double *x, double *w);
/** Brent root in [a,b] with f(a) f(b) <= 0, to rel_tol. */
com_status com_quad_root(com_ctx *c, double a, double b, double rel_tol, double *x, com_quad_fn f,
                         void *user);
com_status com_quad_minimum(com_ctx *c, double a, double b, double rel_tol, double *x, com_quad_fn f,
                            void *user); /**< Brent, unimodal */

#endif
