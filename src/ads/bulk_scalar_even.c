/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scalar field with an even potential whose coefficients, and mass, may be trained (arXiv:1802.08313 eqs. (4)-(5) with a general V):
 *   V = lambda/4 phi^4 + c6/6 phi^6 + c8/8 phi^8,   U(phi) = m2 phi + V'(phi),
 *   phi' = pi,   pi' = -h pi + U(phi).      Horizon residual: F = (2/eta) pi - U(phi), in the limit eta -> 0 simply F = pi.
 * A quartic potential gives a response r ~ s^(1/3) at strong sources; higher powers let it saturate. */
#include <math.h>
#include <stddef.h>
#include <string.h>
#include "ads/bulk.h"

enum { M2, LAMBDA, C6, C8, N_KAPPA };

typedef struct options {
  double d, kappa[N_KAPPA];
} options;

static const com_field fields[] = {
    {"d", "dimension of the boundary theory", "1", COM_F_REAL, offsetof(options, d), 4, 1, 20, NULL, NULL, 0},
    {"m2", "mass squared of the field", "1/L^2", COM_F_REAL, offsetof(options, kappa[M2]), -3, -100, 1000,
     NULL, NULL, 0},
    {"lambda", "quartic coupling; drawn at random when absent", "1/L", COM_F_REAL,
     offsetof(options, kappa[LAMBDA]), NAN, 0, 0, NULL, NULL, 0},
    {"c6", "coefficient of phi^6/6", "1", COM_F_REAL, offsetof(options, kappa[C6]), 0, 0, 0, NULL, NULL, 0},
    {"c8", "coefficient of phi^8/8", "1", COM_F_REAL, offsetof(options, kappa[C8]), 0, 0, 0, NULL, NULL, 0},
    {0}};

/* The mass is kept off the bound by the dictionary that needs it; the couplings may have either sign. */
static const ads_trainable kappa_rows[] = {
    {"m2", offsetof(options, kappa[M2]), ADS_DRAW_UNIFORM, -0.9, -0.1, 0, -100, 1000},
    {"lambda", offsetof(options, kappa[LAMBDA]), ADS_DRAW_LOGUNIFORM, 0.1, 3, 1, 1e-6, 1e3},
    {"c6", offsetof(options, kappa[C6]), ADS_DRAW_UNIFORM, -0.1, 0.1, 0, -1e6, 1e6},
    {"c8", offsetof(options, kappa[C8]), ADS_DRAW_UNIFORM, -0.1, 0.1, 0, -1e6, 1e6},
    {0}};

static double dimension(const void *o) { return ((const options *)o)->d; }
static double mass2(const void *o) { return ((const options *)o)->kappa[M2]; }

/* U and dU/dphi by Horner in x = phi^2. */
static double force(const double *k, double phi, double *slope) {
  const double x = phi * phi;
  *slope = k[M2] + x * (3 * k[LAMBDA] + x * (5 * k[C6] + x * 7 * k[C8]));
  return phi * (k[M2] + x * (k[LAMBDA] + x * (k[C6] + x * k[C8])));
}

static int rhs(const void *o, const double *kappa, double eta, double h, size_t n, const double *y,
               double *f) {
  (void)o, (void)eta;
  int bad = 0;
  for (size_t i = 0; i < n; i++) {
    double slope;
    f[i] = y[n + i];
    f[n + i] = force(kappa, y[i], &slope) - h * y[n + i];
    bad |= !isfinite(f[i]) || !isfinite(f[n + i]);
  }
  return bad;
}

/* dU/dkappa_k = phi^(2k+1) */
static void couplings(double weight, double phi, size_t n, size_t i, double *out) {
  for (size_t k = 0; k < N_KAPPA; k++, weight *= phi * phi) out[k * n + i] = weight * phi;
}

static int vjp(const void *o, const double *kappa, double eta, double h, size_t n, const double *y,
               const double *lam, double *lam_fy, double *lam_fh, double *lam_fk) {
  (void)o, (void)eta;
  for (size_t i = 0; i < n; i++) {
    const double l1 = lam[n + i];
    double slope;
    force(kappa, y[i], &slope);
    if (lam_fy) lam_fy[i] = slope * l1, lam_fy[n + i] = lam[i] - h * l1;
    if (lam_fh) lam_fh[i] = -y[n + i] * l1;
    if (lam_fk) couplings(l1, y[i], n, i, lam_fk);
  }
  return 0;
}

static int ir(const void *o, const double *kappa, int horizon, double eta, double h, size_t n,
              const double *y, double *res, double *d_dy, double *d_dk, double *d_dh) {
  (void)o, (void)h;
  const double on = horizon ? 1 : 0, slope = horizon ? 2 / eta : 1;
  int bad = 0;
  for (size_t i = 0; i < n; i++) {
    double dU;
    const double U = force(kappa, y[i], &dU);
    res[i] = horizon ? slope * y[n + i] - U : y[n + i];
    if (d_dy) d_dy[i] = horizon ? -dU : 0, d_dy[n + i] = slope;
    if (d_dk) couplings(-on, y[i], n, i, d_dk);
    bad |= !isfinite(res[i]);
  }
  if (d_dh) memset(d_dh, 0, n * sizeof *d_dh);
  return bad;
}

const ads_bulk_ops ads_bulk_scalar_even = {
    .c = {.name = "scalar_even",
          .doc = "scalar field with even powers up to phi^8; couplings and mass may be trained",
          .ref = "arXiv:1802.08313 eqs. (4)-(5) with a general even potential",
          .fields = fields,
          .opt_size = sizeof(options)},
    .dim = 2,
    .n_kappa = N_KAPPA,
    .kappa = kappa_rows,
    .d = dimension,
    .m2 = mass2,
    .rhs = rhs,
    .vjp = vjp,
    .ir = ir};
