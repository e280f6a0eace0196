/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file dense_simd.h  Vector kernels of layers of neurons.  Row-major; wt is the transposed weight matrix [in][out]. */
#ifndef HOLOGRAD_NQS_DENSE_SIMD_H
#define HOLOGRAD_NQS_DENSE_SIMD_H
#include <stddef.h>

/** y[rows][out] = b[out] + x[rows][in] wt[in][out] */
void nqs_dense_simd_forward(size_t rows, size_t in, size_t out, const double *x, const double *wt,
                            const double *b, double *y);
/** x <- tanh x, relative error below 6e-16 */
void nqs_dense_simd_tanh(size_t n, double *x);
/** y[i] += a x[i] */
void nqs_dense_simd_axpy(size_t n, double a, const double *x, double *y);
double nqs_dense_simd_dot(size_t n, const double *x, const double *y);
#endif
