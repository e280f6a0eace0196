/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file ode_simd.h
 *  Kernels over raw doubles for the vector operations of the integrators (Debian's SUNDIALS has no packed arithmetic).
 *  Outputs may be the very same array as an input, but must not overlap one otherwise.  Sums run over a fixed number of
 *  lanes in a fixed order, whatever the instruction set. */
#ifndef HOLOGRAD_COMMON_ODE_SIMD_H
#define HOLOGRAD_COMMON_ODE_SIMD_H
#include <stddef.h>

void com_ode_simd_fill(size_t n, double a, double *z);                             /**< z = a */
void com_ode_simd_scale(size_t n, double a, const double *x, double *z);           /**< z = a x */
void com_ode_simd_shift(size_t n, double a, const double *x, double *z);           /**< z = x + a */
void com_ode_simd_abs(size_t n, const double *x, double *z);                       /**< z = |x| */
void com_ode_simd_inverse(size_t n, const double *x, double *z);                   /**< z = 1/x */
void com_ode_simd_product(size_t n, const double *x, const double *y, double *z);  /**< z = x y */
void com_ode_simd_quotient(size_t n, const double *x, const double *y, double *z); /**< z = x / y */
void com_ode_simd_axpby(size_t n, double a, const double *x, double b, const double *y,
                        double *z); /**< z = a x + b y */
/** z = sum_k c[k] x[k], 0 < m; of the x[k] only the first four may be z. */
void com_ode_simd_combine(size_t n, size_t m, const double *c, const double *const *x, double *z);
double com_ode_simd_dot(size_t n, const double *x, const double *y);
double com_ode_simd_sum(size_t n, const double *x);
double com_ode_simd_sum_squares(size_t n, const double *x, const double *w); /**< sum (x w)^2 */
double com_ode_simd_max_abs(size_t n, const double *x);                      /**< NaN is passed over */
double com_ode_simd_min(size_t n, const double *x);                          /**< n > 0 */
/** 1 when some |x[i]| > limit or x[i] is NaN. */
int com_ode_simd_above(size_t n, double limit, const double *x);
#endif
