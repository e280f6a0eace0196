/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scalar field with a quartic potential, arXiv:1802.08313 eqs. (4)-(5), V = lambda/4 phi^4, L = 1:
 *   phi' = pi,   pi' = -h pi + m2 phi + lambda phi^3.
 * Horizon residual, eq. (10): F = (2/eta) pi - m2 phi - lambda phi^3, in the limit eta -> 0 simply F = pi. */
#include <math.h>
#include <stddef.h>
#include <string.h>
#include "ads/bulk.h"
#include "ads/bulk_scalar_simd.h"

typedef struct options {
  double d, m2, lambda;
} options;

static const com_field fields[] = {
    {"d", "dimension of the boundary theory", "1", COM_F_REAL, offsetof(options, d), 4, 1, 20, NULL, NULL, 0},
    {"m2", "mass squared of the field", "1/L^2", COM_F_REAL, offsetof(options, m2), -3, -100, 1000, NULL,
     NULL, 0},
    {"lambda", "quartic coupling; drawn at random when absent", "1/L", COM_F_REAL, offsetof(options, lambda),
     NAN, 0, 0, NULL, NULL, 0},
    {0}};

static const ads_trainable kappa_rows[] = {
    {"lambda", offsetof(options, lambda), ADS_DRAW_LOGUNIFORM, 0.1, 3, 1, 1e-6, 1e3}, {0}};

static double dimension(const void *o) { return ((const options *)o)->d; }
static double mass2(const void *o) { return ((const options *)o)->m2; }

static int rhs(const void *o, const double *kappa, double eta, double h, size_t n, const double *y,
               double *f) {
  (void)eta;
  return ads_bulk_scalar_simd_rhs(n, h, mass2(o), kappa[0], y, f);
}

static int vjp(const void *o, const double *kappa, double eta, double h, size_t n, const double *y,
               const double *lam, double *lam_fy, double *lam_fh, double *lam_fk) {
  (void)eta;
  if (lam_fy) ads_bulk_scalar_simd_adjoint(n, h, mass2(o), kappa[0], y, lam, lam_fy);
  if (lam_fh && lam_fk) ads_bulk_scalar_simd_params(n, y, lam, lam_fh, lam_fk);
  for (size_t i = 0; !lam_fk && lam_fh && i < n; i++) lam_fh[i] = -y[n + i] * lam[n + i];
  for (size_t i = 0; !lam_fh && lam_fk && i < n; i++) lam_fk[i] = y[i] * y[i] * y[i] * lam[n + i];
  return 0;
}

static int ir(const void *o, const double *kappa, int horizon, double eta, double h, size_t n,
              const double *y, double *res, double *d_dy, double *d_dk, double *d_dh) {
  (void)h;
  double m2 = horizon ? mass2(o) : 0, lambda = horizon ? kappa[0] : 0, slope = horizon ? 2 / eta : 1;
  int bad = 0;
  for (size_t i = 0; i < n; i++) {
    double phi = y[i], phi3 = horizon ? phi * phi * phi : 0;
    res[i] = slope * y[n + i] - m2 * phi - lambda * phi3;
    if (d_dy) {
      d_dy[i] = -m2 - 3 * lambda * phi * phi;
      d_dy[n + i] = slope;
    }
    if (d_dk) d_dk[i] = -phi3;
    bad |= !isfinite(res[i]);
  }
  if (d_dh) memset(d_dh, 0, n * sizeof *d_dh);
  return bad;
}

/* pi' = c0 h pi + c1 phi + c2 phi^3 */
static void cubic(const void *o, const double *kappa, double c[3], double *dc) {
  c[0] = -1, c[1] = mass2(o), c[2] = kappa[0];
  dc[0] = dc[1] = 0, dc[2] = 1;
}

const ads_bulk_ops ads_bulk_scalar_phi4 = {.c = {.name = "scalar_phi4",
                                                 .doc = "scalar field with a quartic potential",
                                                 .ref = "arXiv:1802.08313 eqs. (4)-(5)",
                                                 .fields = fields,
                                                 .opt_size = sizeof(options)},
                                           .dim = 2,
                                           .n_kappa = 1,
                                           .kappa = kappa_rows,
                                           .d = dimension,
                                           .m2 = mass2,
                                           .rhs = rhs,
                                           .vjp = vjp,
                                           .ir = ir,
                                           .cubic = cubic};
