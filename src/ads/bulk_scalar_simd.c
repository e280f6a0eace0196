/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/bulk_scalar_simd.h"
#include <float.h>
#include <math.h>
#include "common/simd.h"

COM_CLONES int ads_bulk_scalar_simd_rhs(size_t n, double h, double m2, double lambda,
                                        const double *restrict y, double *restrict f) {
  const double *restrict phi = y, *restrict pi = y + n;
  double *restrict f0 = f, *restrict f1 = f + n;
  long long bad = 0; /* as wide as a double, so that the comparison stays in vector registers */
  for (size_t i = 0; i < n; i++) {
    double v = phi[i] * (m2 + lambda * phi[i] * phi[i]) - h * pi[i];
    f0[i] = pi[i];
    f1[i] = v;
    bad |= !(fabs(v) <= DBL_MAX);
    bad |= !(fabs(pi[i]) <= DBL_MAX);
  }
  return bad != 0;
}

COM_CLONES void ads_bulk_scalar_simd_adjoint(size_t n, double h, double m2, double lambda,
                                             const double *restrict y, const double *restrict lam,
                                             double *restrict out) {
  const double *restrict phi = y, *restrict l0 = lam, *restrict l1 = lam + n;
  double *restrict o0 = out, *restrict o1 = out + n;
  for (size_t i = 0; i < n; i++) {
    o0[i] = (m2 + 3 * lambda * phi[i] * phi[i]) * l1[i];
    o1[i] = l0[i] - h * l1[i];
  }
}

COM_CLONES void ads_bulk_scalar_simd_params(size_t n, const double *restrict y, const double *restrict lam,
                                            double *restrict fh, double *restrict fk) {
  const double *restrict phi = y, *restrict pi = y + n, *restrict l1 = lam + n;
  for (size_t i = 0; i < n; i++) {
    fh[i] = -pi[i] * l1[i];
    fk[i] = phi[i] * phi[i] * phi[i] * l1[i];
  }
}
