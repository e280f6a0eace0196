/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/ode_simd.h"
#include <math.h>
#include "common/simd.h"

/* An output that is an input is harmless element by element; ivdep spares the run-time overlap test, which would send
 * exactly these calls into the scalar loop. */
#if defined(__clang__)
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define INDEPENDENT _Pragma("GCC ivdep")
#endif

enum { LANES = 16 }; /* partial sums: two AVX-512 registers, eight SSE ones */

COM_CLONES void com_ode_simd_fill(size_t n, double a, double *z) {
  for (size_t i = 0; i < n; i++) z[i] = a;
}

COM_CLONES void com_ode_simd_scale(size_t n, double a, const double *x, double *z) {
  INDEPENDENT for (size_t i = 0; i < n; i++) z[i] = a * x[i];
}

COM_CLONES void com_ode_simd_shift(size_t n, double a, const double *x, double *z) {
  INDEPENDENT for (size_t i = 0; i < n; i++) z[i] = x[i] + a;
}

COM_CLONES void com_ode_simd_abs(size_t n, const double *x, double *z) {
  INDEPENDENT for (size_t i = 0; i < n; i++) z[i] = fabs(x[i]);
}

COM_CLONES void com_ode_simd_inverse(size_t n, const double *x, double *z) {
  INDEPENDENT for (size_t i = 0; i < n; i++) z[i] = 1 / x[i];
}

COM_CLONES void com_ode_simd_product(size_t n, const double *x, const double *y, double *z) {
  INDEPENDENT for (size_t i = 0; i < n; i++) z[i] = x[i] * y[i];
}

COM_CLONES void com_ode_simd_quotient(size_t n, const double *x, const double *y, double *z) {
  INDEPENDENT for (size_t i = 0; i < n; i++) z[i] = x[i] / y[i];
}

COM_CLONES void com_ode_simd_axpby(size_t n, double a, const double *x, double b, const double *y,
                                   double *z) {
  INDEPENDENT for (size_t i = 0; i < n; i++) z[i] = a * x[i] + b * y[i];
}

/* Up to four terms in one sweep, which covers the interpolation of the tape; longer sums take several. */
COM_CLONES void com_ode_simd_combine(size_t n, size_t m, const double *c, const double *const *x, double *z) {
  const double *a = x[0], *b = m > 1 ? x[1] : a, *d = m > 2 ? x[2] : a, *e = m > 3 ? x[3] : a;
  const double p = c[0], q = m > 1 ? c[1] : 0, r = m > 2 ? c[2] : 0, s = m > 3 ? c[3] : 0;
  if (m <= 2) {
    INDEPENDENT for (size_t i = 0; i < n; i++) z[i] = p * a[i] + q * b[i];
  } else if (m == 3) {
    INDEPENDENT for (size_t i = 0; i < n; i++) z[i] = p * a[i] + q * b[i] + r * d[i];
  } else {
    INDEPENDENT for (size_t i = 0; i < n; i++) z[i] = (p * a[i] + q * b[i]) + (r * d[i] + s * e[i]);
  }
  for (size_t k = 4; k < m; k++) {
    const double *y = x[k], t = c[k];
    INDEPENDENT for (size_t i = 0; i < n; i++) z[i] += t * y[i];
  }
}

/* Lanes are folded pairwise: 0+8, 1+9, ...; 0+4, ...: the same tree on every machine. */
static double fold(double s[LANES]) {
  for (size_t half = LANES / 2; half > 0; half /= 2)
    for (size_t l = 0; l < half; l++) s[l] += s[l + half];
  return s[0];
}

COM_CLONES double com_ode_simd_dot(size_t n, const double *x, const double *y) {
  double s[LANES] = {0};
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    for (size_t l = 0; l < LANES; l++) s[l] += x[i + l] * y[i + l];
  for (size_t l = 0; i < n; i++, l++) s[l] += x[i] * y[i];
  return fold(s);
}

COM_CLONES double com_ode_simd_sum(size_t n, const double *x) {
  double s[LANES] = {0};
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    for (size_t l = 0; l < LANES; l++) s[l] += x[i + l];
  for (size_t l = 0; i < n; i++, l++) s[l] += x[i];
  return fold(s);
}

COM_CLONES double com_ode_simd_sum_squares(size_t n, const double *x, const double *w) {
  double s[LANES] = {0};
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    for (size_t l = 0; l < LANES; l++) {
      double t = x[i + l] * w[i + l];
      s[l] += t * t;
    }
  for (size_t l = 0; i < n; i++, l++) {
    double t = x[i] * w[i];
    s[l] += t * t;
  }
  return fold(s);
}

COM_CLONES double com_ode_simd_max_abs(size_t n, const double *x) {
  double s[LANES] = {0}, best = 0;
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    for (size_t l = 0; l < LANES; l++) s[l] = fabs(x[i + l]) > s[l] ? fabs(x[i + l]) : s[l];
  for (size_t l = 0; i < n; i++, l++) s[l] = fabs(x[i]) > s[l] ? fabs(x[i]) : s[l];
  for (size_t l = 0; l < LANES; l++) best = s[l] > best ? s[l] : best;
  return best;
}

COM_CLONES double com_ode_simd_min(size_t n, const double *x) {
  double s[LANES], best;
  size_t i = 0;
  for (size_t l = 0; l < LANES; l++) s[l] = x[0];
  for (; i + LANES <= n; i += LANES)
    for (size_t l = 0; l < LANES; l++) s[l] = x[i + l] < s[l] ? x[i + l] : s[l];
  for (size_t l = 0; i < n; i++, l++) s[l] = x[i] < s[l] ? x[i] : s[l];
  best = s[0];
  for (size_t l = 1; l < LANES; l++) best = s[l] < best ? s[l] : best;
  return best;
}

COM_CLONES int com_ode_simd_above(size_t n, double limit, const double *x) {
  long long bad = 0; /* as wide as a double, so that the comparison stays in vector registers */
  for (size_t i = 0; i < n; i++) bad |= !(fabs(x[i]) <= limit);
  return bad != 0;
}
