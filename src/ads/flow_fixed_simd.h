/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file flow_fixed_simd.h
 *  Fused kernels of the fixed-step flows for the cubic oscillator phi' = pi, pi' = a pi + (m + c phi^2) phi.
 *  Rows have leading dimension ld, a multiple of ADS_FLOW_FIXED_LANES, aligned to 64 bytes; n <= ld samples (rounded up to
 *  full lanes) are worked on. */
#ifndef HOLOGRAD_ADS_FLOW_FIXED_SIMD_H
#define HOLOGRAD_ADS_FLOW_FIXED_SIMD_H
#include "ads/flow_fixed.h"

/** All steps of one block.  tape[ring][2][ld], row 0 filled; step s writes row (s+1) mod ring.  alive[ld]: -1 runs, 0 is
 *  frozen and keeps its state. */
typedef void (*ads_flow_fixed_simd_forward)(const ads_flow_fixed_plan *p, size_t n, size_t ld, double *tape,
                                            size_t ring, int64_t *alive);
/** The exact adjoint.  lam[2][ld] in place.  With K = dl/dk_pi of a stage:
 *  gh[n_eta][width] += K pi at the h-point of the stage, gm[width] += w K phi, gc[width] += w K phi^3; width = lanes, or ld
 *  in the per-sample kernels; gm may be NULL. */
typedef void (*ads_flow_fixed_simd_backward)(const ads_flow_fixed_plan *p, size_t n, size_t ld,
                                             const double *tape, double *lam, double *gh, double *gm,
                                             double *gc);
void ads_flow_fixed_simd_rk4(const ads_flow_fixed_plan *p, size_t n, size_t ld, double *tape, size_t ring,
                             int64_t *alive);
void ads_flow_fixed_simd_rk4_adj(const ads_flow_fixed_plan *p, size_t n, size_t ld, const double *tape,
                                 double *lam, double *gh, double *gm, double *gc);
void ads_flow_fixed_simd_tableau(const ads_flow_fixed_plan *p, size_t n, size_t ld, double *tape, size_t ring,
                                 int64_t *alive);
void ads_flow_fixed_simd_tableau_adj(const ads_flow_fixed_plan *p, size_t n, size_t ld, const double *tape,
                                     double *lam, double *gh, double *gm, double *gc);
void ads_flow_fixed_simd_tableau_jac(const ads_flow_fixed_plan *p, size_t n, size_t ld, const double *tape,
                                     double *lam, double *gh, double *gm, double *gc);
void ads_flow_fixed_simd_euler(const ads_flow_fixed_plan *p, size_t n, size_t ld, double *tape, size_t ring,
                               int64_t *alive);
void ads_flow_fixed_simd_euler_adj(const ads_flow_fixed_plan *p, size_t n, size_t ld, const double *tape,
                                   double *lam, double *gh, double *gm, double *gc);
void ads_flow_fixed_simd_euler_jac(const ads_flow_fixed_plan *p, size_t n, size_t ld, const double *tape,
                                   double *lam, double *gh, double *gm, double *gc);
/** v[rows][ld] of samples that are not alive becomes zero, whatever it was. */
void ads_flow_fixed_simd_mask(size_t rows, size_t ld, const int64_t *alive, double *v);
/** jt[n_theta][ld] = sum_e scale[e] jac[e][n_theta] gh[e][ld]: the chain rule through h, per sample. */
void ads_flow_fixed_simd_chain(size_t n_eta, size_t n_theta, size_t ld, const double *scale,
                               const double *jac, const double *gh, double *jt);
#endif
