/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file linalg.h
 *  BLAS/LAPACK (OpenBLAS) behind row-major arrays and our status codes; the only file that calls them.  OpenBLAS is
 *  pinned to one thread: parallelism is over blocks of samples (pool.h), so digits do not depend on thread counts. */
#ifndef HOLOGRAD_COMMON_LINALG_H
#define HOLOGRAD_COMMON_LINALG_H
#include <complex.h>
#include "common/ctx.h"

/** C[m][n] = alpha op(A) op(B) + beta C, row-major, ta/tb: transpose flags. */
void com_linalg_gemm(int ta, int tb, size_t m, size_t n, size_t k, double alpha, const double *a, size_t lda,
                     const double *b, size_t ldb, double beta, double *c, size_t ldc);
void com_linalg_zgemm(int ta, int tb, size_t m, size_t n, size_t k, double complex alpha,
                      const double complex *a, size_t lda, const double complex *b, size_t ldb,
                      double complex beta, double complex *c,
                      size_t ldc); /**< ta/tb: 0 none, 1 transpose, 2 conjugate transpose */
/** Symmetric rank-k: C[n][n] (both triangles filled) = alpha A^T A + beta C, A[k][n] row-major. */
void com_linalg_syrk(size_t n, size_t k, double alpha, const double *a, double beta, double *c);
void com_linalg_zherk(size_t n, size_t k, double alpha, const double complex *a, double beta,
                      double complex *c); /**< A^H A */
/** In place Cholesky solve of a symmetric positive definite A[n][n] x = b (b overwritten, nrhs columns as rows of b[nrhs][n]).
 *  COM_E_NUM when not positive definite; A is destroyed. */
com_status com_linalg_chol_solve(com_ctx *c, size_t n, double *a, size_t nrhs, double *b);
com_status com_linalg_zchol_solve(com_ctx *c, size_t n, double complex *a, size_t nrhs, double complex *b);
/** Lower Cholesky factor in place (strict upper zeroed). */
com_status com_linalg_chol(com_ctx *c, size_t n, double *a);
/** Solve L y = b (forward) with lower-triangular L[n][n]; b overwritten. */
void com_linalg_forward(size_t n, const double *l, double *b);
void com_linalg_backward(size_t n, const double *l, double *b); /**< L^T y = b */
/** Symmetric eigenproblem: a[n][n] in, row k of a = eigenvector of w[k] out, ascending. */
com_status com_linalg_eigh(com_ctx *c, size_t n, double *a, double *w);
com_status com_linalg_zeigh(com_ctx *c, size_t n, double complex *a, double *w);
/** Singular values of A[m][n] (destroyed), descending into s[min]; vt[min][n] right vectors as rows or NULL;
 *  u[m][min] or NULL. */
com_status com_linalg_svd(com_ctx *c, size_t m, size_t n, double *a, double *s, double *u, double *vt);
/** Least squares min |A x - b| by column-pivoted QR; A[m][n], m >= n, destroyed; x[n] out. */
com_status com_linalg_lstsq(com_ctx *c, size_t m, size_t n, double *a, double *b, double *x);
/** General solve A x = b by LU; A, b destroyed, b -> x. */
com_status com_linalg_solve(com_ctx *c, size_t n, double *a, double *b);
/** Symmetric tridiagonal eigenvalues: d[n], e[n-1] destroyed; lowest k ascending into w; vectors z[k][n] or NULL. */
com_status com_linalg_tridiag(com_ctx *c, size_t n, double *d, double *e, size_t k, double *w, double *z);

#endif
