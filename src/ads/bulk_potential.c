/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/bulk_potential.h"
#include <math.h>
#include <string.h>

int ads_bulk_potential_rhs(const ads_bulk_potential *v, const double *kappa, double h, size_t n,
                           const double *y, double *f) {
  int bad = 0;
  for (size_t i = 0; i < n; i++) {
    double slope;
    f[i] = y[n + i];
    f[n + i] = v->force(kappa, y[i], &slope, NULL) - h * y[n + i];
    bad |= !isfinite(f[i]) || !isfinite(f[n + i]);
  }
  return bad;
}

static void couplings(const ads_bulk_potential *v, double weight, const double *dk, size_t n, size_t i,
                      double *out) {
  for (size_t k = 0; k < v->n_kappa; k++) out[k * n + i] = weight * dk[k];
}

int ads_bulk_potential_vjp(const ads_bulk_potential *v, const double *kappa, double h, size_t n,
                           const double *y, const double *lam, double *lam_fy, double *lam_fh,
                           double *lam_fk) {
  double dk[ADS_BULK_POTENTIAL_MAX];
  for (size_t i = 0; i < n; i++) {
    const double l1 = lam[n + i];
    double slope;
    v->force(kappa, y[i], &slope, lam_fk ? dk : NULL);
    if (lam_fy) lam_fy[i] = slope * l1, lam_fy[n + i] = lam[i] - h * l1;
    if (lam_fh) lam_fh[i] = -y[n + i] * l1;
    if (lam_fk) couplings(v, l1, dk, n, i, lam_fk);
  }
  return 0;
}

int ads_bulk_potential_ir(const ads_bulk_potential *v, const double *kappa, int horizon, double eta, size_t n,
                          const double *y, double *res, double *d_dy, double *d_dk, double *d_dh) {
  const double on = horizon ? 1 : 0, weight = horizon ? 2 / eta : 1;
  double dk[ADS_BULK_POTENTIAL_MAX];
  int bad = 0;
  for (size_t i = 0; i < n; i++) {
    double slope;
    const double U = v->force(kappa, y[i], &slope, d_dk ? dk : NULL);
    res[i] = horizon ? weight * y[n + i] - U : y[n + i];
    if (d_dy) d_dy[i] = horizon ? -slope : 0, d_dy[n + i] = weight;
    if (d_dk) couplings(v, -on, dk, n, i, d_dk);
    bad |= !isfinite(res[i]);
  }
  if (d_dh) memset(d_dh, 0, n * sizeof *d_dh);
  return bad;
}
