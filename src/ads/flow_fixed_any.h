/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file flow_fixed_any.h
 *  The fixed-step flows for any bulk equation, through its rhs and vjp: one block at a time, plain loops. */
#ifndef HOLOGRAD_ADS_FLOW_FIXED_ANY_H
#define HOLOGRAD_ADS_FLOW_FIXED_ANY_H
#include "ads/flow_fixed.h"

typedef struct ads_flow_fixed_any {
  const ads_flow_fixed_method *method;
  const ads_bulk *bulk;
  const double *kappa;
  size_t n_steps, stride, dim;
  const double *eta, *h, *w; /**< [n_eta]; w = dx deta/dx at the h-points */
  double cap;
} ads_flow_fixed_any;

size_t ads_flow_fixed_any_scratch(const ads_flow_fixed_any *p,
                                  size_t ld); /**< doubles needed as `work` below */
/** As the fused kernels of flow_fixed_simd.h: tape[ring][dim][ld], alive[ld]. */
void ads_flow_fixed_any_forward(const ads_flow_fixed_any *p, size_t ld, double *tape, size_t ring,
                                int64_t *alive, double *work);
/** lam[dim][ld] in place; per sample, added: gh[n_eta][ld] of dl/dh, gk[n_kappa][ld] of dl/dkappa. */
void ads_flow_fixed_any_backward(const ads_flow_fixed_any *p, size_t ld, const double *tape, double *lam,
                                 double *gh, double *gk, double *work);
#endif
