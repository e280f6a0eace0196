/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file meson.h
 *  Meson masses as eigenvalues: -psi'' + U psi = m^2 psi on z > 0, U = (nu^2 - 1/4)/z^2 + regular; by a matrix with Richardson
 *  extrapolation and, independently, by shooting with CVODES.  docs/potential.md, section spectrum. */
#ifndef HOLOGRAD_ADS_MESON_H
#define HOLOGRAD_ADS_MESON_H
#include "ads/profile.h"

typedef enum ads_meson_sector {
  ADS_MESON_RHO,
  ADS_MESON_A2,
  ADS_MESON_A1,
  ADS_MESON_F0,
  ADS_MESON_SECTORS
} ads_meson_sector;
extern const char *const ads_meson_names[]; /**< "rho", "a2", "a1", "f0", NULL */

/** The chiral sector, needed for a1 and f0: v(z) = (alpha z + beta z^3)/(1 + (z/z_c)^3), potential 3 v^2/2 + k1 v^3/3 + k2 v^4/4
 *  (arXiv:2512.16450); alpha = sqrt(Nc)/(2 pi) m_q L, beta = 2 pi/sqrt(Nc) Sigma L^3 over z in GeV^-1. */
typedef struct ads_meson_chiral {
  double alpha, beta, zc, k1, k2, g5sq;
  int given;
} ads_meson_chiral;

typedef struct ads_meson {
  ads_profile profile;
  ads_meson_chiral chiral;
} ads_meson;

/** Regular part of U (without (nu^2 - 1/4)/z^2) and nu. */
double ads_meson_potential(const ads_meson *m, ads_meson_sector s, double z);
double ads_meson_nu(ads_meson_sector s);
/** v'' - B_2' v' + e^(2A) (-3 v + k1 v^2 + k2 v^3) relative to its terms: is v a solution in this background? */
double ads_meson_chiral_residual(const ads_meson *m, double z);

/** Lowest n masses squared [GeV^2] by the matrix; err: estimated error (difference of the last two extrapolations), may be NULL.
 *  grad[n][4]: d m^2/d(k_1, a_1, k_2, a_2) by Hellmann-Feynman, may be NULL (rho and a2 only). */
com_status ads_meson_matrix(com_ctx *c, const ads_meson *m, ads_meson_sector s, size_t points, size_t n,
                            double *m2, double *err, double *grad);
/** The same masses by shooting from both ends (Prufer angle, CVODES at rel_tol). */
com_status ads_meson_shoot(com_ctx *c, const ads_meson *m, ads_meson_sector s, double rel_tol, size_t n,
                           double *m2);
/** Wave function psi_k(z) of state k, normalised to int psi^2 dz = 1, on the matrix grid; z, psi [out] caller frees. */
com_status ads_meson_wave(com_ctx *c, const ads_meson *m, ads_meson_sector s, size_t points, size_t k,
                          size_t *n, double **z, double **psi);
#endif
