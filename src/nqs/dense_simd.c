/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/dense_simd.h"
#include <stdint.h>
#include "common/simd.h"

COM_CLONES void nqs_dense_simd_forward(size_t rows, size_t in, size_t out, const double *restrict x,
                                       const double *restrict wt, const double *restrict b,
                                       double *restrict y) {
  for (size_t r = 0; r < rows; r++, x += in, y += out) {
    for (size_t o = 0; o < out; o++) y[o] = b[o];
    for (size_t i = 0; i < in; i++) {
      const double a = x[i], *w = wt + i * out;
      for (size_t o = 0; o < out; o++) y[o] += a * w[o];
    }
  }
}

COM_CLONES void nqs_dense_simd_axpy(size_t n, double a, const double *restrict x, double *restrict y) {
  for (size_t i = 0; i < n; i++) y[i] += a * x[i];
}

/* Eight partial sums: the compiler may not reorder a sum by itself, and the order must not depend on the machine. */
COM_CLONES double nqs_dense_simd_dot(size_t n, const double *restrict x, const double *restrict y) {
  enum { LANES = 8 };
  double part[LANES] = {0}, sum = 0;
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    for (size_t l = 0; l < LANES; l++) part[l] += x[i + l] * y[i + l];
  for (; i < n; i++) sum += x[i] * y[i];
  for (size_t l = 0; l < LANES; l++) sum += part[l];
  return sum;
}

/* expm1(y) for -42 <= y <= 0: y = k ln 2 + f, |f| <= ln2/2, expm1(y) = 2^k P(f) + (2^k - 1) with the Taylor polynomial
 * of degree 13 (remainder 2e-17).  No branch and no call, so the loop becomes vector code. */
static inline double expm1_negative(double y) {
  static const double log2e = 0x1.71547652b82fep0, ln2_high = 0x1.62e42fefa3800p-1,
                      ln2_low = 0x1.ef35793c76730p-45, to_integer = 0x1.8p52;
  union {
    double d;
    int64_t i;
  } k, scale;
  k.d = y * log2e + to_integer;
  const double kd = k.d - to_integer, f = (y - kd * ln2_high) - kd * ln2_low;
  double p = 1.0 / 6227020800;
  p = p * f + 1.0 / 479001600;
  p = p * f + 1.0 / 39916800;
  p = p * f + 1.0 / 3628800;
  p = p * f + 1.0 / 362880;
  p = p * f + 1.0 / 40320;
  p = p * f + 1.0 / 5040;
  p = p * f + 1.0 / 720;
  p = p * f + 1.0 / 120;
  p = p * f + 1.0 / 24;
  p = p * f + 1.0 / 6;
  p = p * f + 0.5;
  p = (p * f) * f + f;
  scale.i = (int64_t)((uint64_t)(k.i + 1023) << 52); /* 2^k */
  return scale.d * p + (scale.d - 1);
}

/* tanh x = sign(x) (-m)/(2 + m), m = expm1(-2|x|); beyond |x| = 20 it is 1 in double precision. */
COM_CLONES void nqs_dense_simd_tanh(size_t n, double *restrict x) {
  for (size_t i = 0; i < n; i++) {
    double t = __builtin_fabs(x[i]);
    t = t > 20 ? 20 : t; /* this way round a NaN stays one */
    const double m = expm1_negative(-2 * t);
    x[i] = __builtin_copysign(-m / (2 + m), x[i]);
  }
}
