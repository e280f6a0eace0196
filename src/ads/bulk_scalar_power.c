/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scalar field with a single power, the exponent a number that may be trained:
 *   U(phi) = m2 phi + phi (|phi|/phi_c)^(delta-1),   phi' = pi,   pi' = -h pi + U(phi).
 * Strong sources give r ~ s^(1/delta): delta is the exponent of the critical isotherm (3 in mean field, 15 in the two-dimensional Ising
 * class), and a large delta is a wall at phi_c, against which a response saturates.  delta = 3 is scalar_phi4 with lambda = 1/phi_c^2;
 * written with phi_c because a coupling in front of phi^delta would range over decades as delta moves. */
#include <math.h>
#include <stddef.h>
#include "ads/bulk.h"
#include "ads/bulk_potential.h"

enum { M2, PHI_C, DELTA, N_KAPPA };

typedef struct options {
  double d, kappa[N_KAPPA];
} options;

static const com_field fields[] = {
    {"d", "dimension of the boundary theory", "1", COM_F_REAL, offsetof(options, d), 4, 1, 20, NULL, NULL, 0},
    {"m2", "mass squared of the field", "1/L^2", COM_F_REAL, offsetof(options, kappa[M2]), -3, -100, 1000,
     NULL, NULL, 0},
    {"phi_c", "field at which U - m2 phi = phi; drawn at random when absent", "1", COM_F_REAL,
     offsetof(options, kappa[PHI_C]), NAN, 0, 0, NULL, NULL, 0},
    {"delta", "power of the field in U; drawn at random when absent", "1", COM_F_REAL,
     offsetof(options, kappa[DELTA]), NAN, 0, 0, NULL, NULL, 0},
    {0}};

static const ads_trainable kappa_rows[] = {
    {"m2", offsetof(options, kappa[M2]), ADS_DRAW_UNIFORM, -0.9, -0.1, 0, -100, 1000},
    {"phi_c", offsetof(options, kappa[PHI_C]), ADS_DRAW_LOGUNIFORM, 2, 2, 1, 1e-3, 1e6},
    {"delta", offsetof(options, kappa[DELTA]), ADS_DRAW_LOGUNIFORM, 5, 3, 1, 3, 99},
    {0}};

static double dimension(const void *o) { return ((const options *)o)->d; }
static double mass2(const void *o) { return ((const options *)o)->kappa[M2]; }

static double force(const double *kappa, double phi, double *slope, double *dk) {
  const double x = fabs(phi) / kappa[PHI_C], w = pow(x, kappa[DELTA] - 1);
  *slope = kappa[M2] + kappa[DELTA] * w;
  if (dk) {
    dk[M2] = phi;
    dk[PHI_C] = (1 - kappa[DELTA]) * phi * w / kappa[PHI_C];
    dk[DELTA] = x > 0 ? phi * w * log(x) : 0;
  }
  return (kappa[M2] + w) * phi;
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

const ads_bulk_ops ads_bulk_scalar_power = {
    .c =
        {.name = "scalar_power",
         .doc =
             "scalar field with one power of phi, whose exponent may be trained: response ~ source^(1/delta)",
         .ref = "arXiv:1802.08313 eqs. (4)-(5) with V ~ |phi|^(delta+1)",
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
