/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scalar field with an even potential whose coefficients, and mass, may be trained (arXiv:1802.08313 eqs. (4)-(5) with a general V):
 *   V = lambda/4 phi^4 + c6/6 phi^6 + ... + c16/16 phi^16,   U(phi) = m2 phi + V'(phi),   phi' = pi,   pi' = -h pi + U(phi).
 * A quartic potential gives a response r ~ s^(1/3) at strong sources; a power p gives s^(1/(p-1)): the 16th is the critical isotherm
 * of the two-dimensional Ising class, r ~ s^(1/15). */
#include <math.h>
#include <stddef.h>
#include "ads/bulk.h"
#include "ads/bulk_potential.h"

enum { M2, LAMBDA, C6, C8, C10, C12, C14, C16, N_KAPPA };

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
    {"c10", "coefficient of phi^10/10", "1", COM_F_REAL, offsetof(options, kappa[C10]), 0, 0, 0, NULL, NULL,
     0},
    {"c12", "coefficient of phi^12/12", "1", COM_F_REAL, offsetof(options, kappa[C12]), 0, 0, 0, NULL, NULL,
     0},
    {"c14", "coefficient of phi^14/14", "1", COM_F_REAL, offsetof(options, kappa[C14]), 0, 0, 0, NULL, NULL,
     0},
    {"c16", "coefficient of phi^16/16", "1", COM_F_REAL, offsetof(options, kappa[C16]), 0, 0, 0, NULL, NULL,
     0},
    {0}};

/* The mass is kept off the bound by the dictionary that needs it; the couplings may have either sign, and are drawn so that the powers are alike at phi = 1.8. */
static const ads_trainable kappa_rows[] = {
    {"m2", offsetof(options, kappa[M2]), ADS_DRAW_UNIFORM, -0.9, -0.1, 0, -100, 1000},
    {"lambda", offsetof(options, kappa[LAMBDA]), ADS_DRAW_LOGUNIFORM, 0.1, 3, 1, 1e-6, 1e3},
    {"c6", offsetof(options, kappa[C6]), ADS_DRAW_UNIFORM, -0.1, 0.1, 0, -1e6, 1e6},
    {"c8", offsetof(options, kappa[C8]), ADS_DRAW_UNIFORM, -0.1, 0.1, 0, -1e6, 1e6},
    {"c10", offsetof(options, kappa[C10]), ADS_DRAW_UNIFORM, -0.03, 0.03, 0, -1e6, 1e6},
    {"c12", offsetof(options, kappa[C12]), ADS_DRAW_UNIFORM, -0.01, 0.01, 0, -1e6, 1e6},
    {"c14", offsetof(options, kappa[C14]), ADS_DRAW_UNIFORM, -3e-3, 3e-3, 0, -1e6, 1e6},
    {"c16", offsetof(options, kappa[C16]), ADS_DRAW_UNIFORM, -1e-3, 1e-3, 0, -1e6, 1e6},
    {0}};

static double dimension(const void *o) { return ((const options *)o)->d; }
static double mass2(const void *o) { return ((const options *)o)->kappa[M2]; }

/* U = phi sum_k kappa_k x^k, x = phi^2, by Horner; dU/dkappa_k = phi x^k. */
static double force(const double *kappa, double phi, double *slope, double *dk) {
  const double x = phi * phi;
  double u = 0, s = 0, power = phi;
  for (size_t k = N_KAPPA; k-- > 0;) {
    u = u * x + kappa[k];
    s = s * x + (double)(2 * k + 1) * kappa[k];
  }
  for (size_t k = 0; dk && k < N_KAPPA; k++, power *= x) dk[k] = power;
  *slope = s;
  return phi * u;
}

static const ads_bulk_potential potential = {N_KAPPA, force};

static int rhs(const void *o, const double *kappa, double eta, double h, size_t n, const double *y,
               double *f) {
  (void)o, (void)eta;
  return ads_bulk_potential_rhs(&potential, kappa, h, n, y, f);
}

static int vjp(const void *o, const double *kappa, double eta, double h, size_t n, const double *y,
               const double *lam, double *lam_fy, double *lam_fh, double *lam_fk) {
  (void)o, (void)eta;
  return ads_bulk_potential_vjp(&potential, kappa, h, n, y, lam, lam_fy, lam_fh, lam_fk);
}

static int ir(const void *o, const double *kappa, int horizon, double eta, double h, size_t n,
              const double *y, double *res, double *d_dy, double *d_dk, double *d_dh) {
  (void)o, (void)h;
  return ads_bulk_potential_ir(&potential, kappa, horizon, eta, n, y, res, d_dy, d_dk, d_dh);
}

const ads_bulk_ops ads_bulk_scalar_even = {
    .c = {.name = "scalar_even",
          .doc = "scalar field with even powers up to phi^16; couplings and mass may be trained",
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
