/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file bulk.h
 *  Bulk equations y' = f(eta, y; h, kappa) over a batch.  The bulk never sees theta; the chain rule through h is done once, in the flows.
 *  State is structure-of-arrays: component k of sample i at y[k*n + i].  All samples share eta. */
#ifndef HOLOGRAD_ADS_BULK_H
#define HOLOGRAD_ADS_BULK_H
#include "ads/trainable.h"
#include "common/field.h"

typedef struct ads_bulk_shared {
  com_strings train;
  int coordinates; /**< ads_coordinates */
} ads_bulk_shared;

typedef struct ads_bulk_ops {
  com_component c;
  size_t dim, n_kappa;            /**< state components (2: phi, pi); trainables */
  const ads_trainable *kappa;     /**< n_kappa rows, {0}-ended */
  double (*d)(const void *opts);  /**< boundary dimension d: UV value of h */
  double (*m2)(const void *opts); /**< mass squared; NULL = 0 */
  /** f = y'; returns 0, or 1 when something is not finite.  n samples, leading dimension n. */
  int (*rhs)(const void *o, const double *kappa, double eta, double h, size_t n, const double *y, double *f);
  /** lam_fy[dim][n] = (df/dy)^T lam;  lam_fh[n] = lam^T df/dh;  lam_fk[n_kappa][n] = lam^T df/dkappa; any may be NULL. */
  int (*vjp)(const void *o, const double *kappa, double eta, double h, size_t n, const double *y,
             const double *lam, double *lam_fy, double *lam_fh, double *lam_fk);
  /** Residual at the horizon. horizon = 0: F = pi; 1: F = (2/eta) pi - m2 phi - dV/dphi.  d_dy[dim][n], d_dk[n_kappa][n], d_dh[n]; any derivative may be NULL. */
  int (*ir)(const void *o, const double *kappa, int horizon, double eta, double h, size_t n, const double *y,
            double *res, double *d_dy, double *d_dk, double *d_dh);
  /** Optional (NULL: none): the equation reads phi' = pi, pi' = c[0] h pi + c[1] phi + c[2] phi^3, which lets the
   *  fixed-step flows run fused kernels.  dc[3][n_kappa] = dc/dkappa. */
  void (*cubic)(const void *o, const double *kappa, double c[3], double *dc);
} ads_bulk_ops;

extern const com_kind ads_bulk_kind;

typedef struct ads_bulk {
  const ads_bulk_ops *ops;
  const void *opts;
} ads_bulk;
com_status ads_bulk_bind(com_ctx *c, const com_choice *ch, ads_bulk *out);
#endif
