/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file bulk_scalar_simd.h  Sample loops of the scalar bulk equation; arrays are [2][n], phi first; none may overlap. */
#ifndef HOLOGRAD_ADS_BULK_SCALAR_SIMD_H
#define HOLOGRAD_ADS_BULK_SCALAR_SIMD_H
#include <stddef.h>

/** f = (pi, -h pi + m2 phi + lambda phi^3); returns 1 when an entry is not finite. */
int ads_bulk_scalar_simd_rhs(size_t n, double h, double m2, double lambda, const double *y, double *f);
/** out = (df/dy)^T lam. */
void ads_bulk_scalar_simd_adjoint(size_t n, double h, double m2, double lambda, const double *y,
                                  const double *lam, double *out);
/** fh = lam^T df/dh = -pi lam_pi;  fk = lam^T df/dlambda = phi^3 lam_pi. */
void ads_bulk_scalar_simd_params(size_t n, const double *y, const double *lam, double *fh, double *fk);
#endif
