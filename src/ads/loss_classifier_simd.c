/* SPDX-License-Identifier: GPL-3.0-or-later */
/*     t(F) = [tanh(k(F - e)) - tanh(k(F + e)) + 2]/2,  even in F;  with z = exp(-2k|F|), K = exp(2ke), a = Kz, b = z/K:
 *     t = 1/(1+a) + b/(1+b),   1 - t = a/(1+a) - b/(1+b),   dt/d|F| = 2k [a/(1+a)^2 - b/(1+b)^2]:
 * one exponential and no cancellation.  exp by reduction to |r| <= log(2)/2 and a Taylor polynomial of degree 11. */
#include "ads/loss_classifier_simd.h"
#include <math.h>
#include <stdint.h>
#include <string.h>
#include "common/simd.h"

static inline double exp_of_negative(double x) {
  const double shift = 0x1.8p52; /* adding it rounds to an integer in the low bits */
  x = x < -700 ? -700 : x;
  const double t = x * 1.4426950408889634 + shift, k = t - shift;
  const double r = (x - k * 0x1.62e42fefap-1) - k * 0x1.cf79abc9e3b3ap-40;
  double p = 1.0 / 39916800;
  p = p * r + 1.0 / 3628800, p = p * r + 1.0 / 362880, p = p * r + 1.0 / 40320, p = p * r + 1.0 / 5040;
  p = p * r + 1.0 / 720, p = p * r + 1.0 / 120, p = p * r + 1.0 / 24, p = p * r + 1.0 / 6, p = p * r + 0.5;
  p = p * r + 1, p = p * r + 1;
  int64_t bits, power;
  memcpy(&power, &t, sizeof power);
  memcpy(&bits, &p, sizeof bits);
  bits += (int64_t)((uint64_t)power << 52);
  memcpy(&p, &bits, sizeof p);
  return p;
}

COM_CLONES
void ads_loss_classifier_simd_bump(size_t n, double eps, double steep, const double *restrict F,
                                   const double *restrict label, double *restrict miss,
                                   double *restrict slope) {
  const double K = exp(fmin(2 * steep * eps, 300));
  for (size_t i = 0; i < n; i++) {
    const double z = exp_of_negative(-2 * steep * fabs(F[i])), a = K * z, b = z / K;
    const double p = 1 / (1 + a), q = 1 / (1 + b), t = p + b * q, s = 2 * steep * (a * p * p - b * q * q);
    const double sign = (F[i] < 0 ? -1.0 : 1.0) * (1 - 2 * label[i]);
    miss[i] = label[i] * (a * p - b * q) + (1 - label[i]) * t;
    slope[i] = sign * s;
  }
}
