/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file bulk_potential.h  The scalar equation phi' = pi, pi' = -h pi + U(phi; kappa), U = m2 phi + V'(phi), for any potential given by a
 *  function; what bulk components with a potential of their own share. */
#ifndef HOLOGRAD_ADS_BULK_POTENTIAL_H
#define HOLOGRAD_ADS_BULK_POTENTIAL_H
#include <stddef.h>

enum { ADS_BULK_POTENTIAL_MAX = 16 }; /* couplings */

typedef struct ads_bulk_potential {
  size_t n_kappa;
  /** U at phi; slope = dU/dphi; dk[n_kappa] = dU/dkappa or NULL.  Not finite outside the domain of V. */
  double (*force)(const double *kappa, double phi, double *slope, double *dk);
} ads_bulk_potential;

/** The functions of ads_bulk_ops, same arguments after the first. */
int ads_bulk_potential_rhs(const ads_bulk_potential *v, const double *kappa, double h, size_t n,
                           const double *y, double *f);
int ads_bulk_potential_vjp(const ads_bulk_potential *v, const double *kappa, double h, size_t n,
                           const double *y, const double *lam, double *lam_fy, double *lam_fh,
                           double *lam_fk);
int ads_bulk_potential_ir(const ads_bulk_potential *v, const double *kappa, int horizon, double eta, size_t n,
                          const double *y, double *res, double *d_dy, double *d_dk, double *d_dh);
#endif
