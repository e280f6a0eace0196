/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file flow_fixed.h
 *  What the explicit one-step flows (resnet, rk) share: grid, blocks, tape, frozen samples, fixed-order reductions and the
 *  chain rule through h.  A method is a Butcher tableau, or Euler layers whose momentum uses the new field.
 *  Integration variable x with w = deta/dx: x = eta (w = 1) or x = log eta (w = eta); N equal steps in x.
 *  Equations that declare themselves cubic oscillators (bulk.h) run in fused kernels, all others through rhs and vjp. */
#ifndef HOLOGRAD_ADS_FLOW_FIXED_H
#define HOLOGRAD_ADS_FLOW_FIXED_H
#include <stdint.h>
#include "ads/flow.h"

enum { ADS_FLOW_FIXED_MAX_STAGES = 12, ADS_FLOW_FIXED_LANES = 8 };

/** An explicit Runge-Kutta method: stage s lies at node[s]; c[0] = 0; h is evaluated once per node. */
typedef struct ads_flow_fixed_method {
  size_t n_stages, n_nodes;
  const unsigned char *node; /**< [n_stages] */
  const double *c;           /**< [n_nodes] */
  const double *a, *b;       /**< [n_stages][n_stages] strictly lower, [n_stages] */
  int share;                 /**< the last node is c = 1 and serves as node 0 of the next step */
  int kick;                  /**< one stage only: pi is updated with the new phi ("euler_new") */
} ads_flow_fixed_method;

/** One step and stage of the cubic oscillator, step width folded in: k_phi = w pi, k_pi = a pi + (m + c phi^2) phi. */
typedef struct ads_flow_fixed_coef {
  double w, a, m, c;
} ads_flow_fixed_coef;

/** What a fused kernel needs to know of the method and of the metric at the current parameters. */
typedef struct ads_flow_fixed_plan {
  const ads_flow_fixed_method *method;
  size_t n_steps, stride;          /**< node k of step s is h-point s*stride + k */
  const ads_flow_fixed_coef *coef; /**< [n_steps][n_stages] */
  double cap;
} ads_flow_fixed_plan;

typedef struct ads_flow_fixed ads_flow_fixed;
/** @param m [keep] static table  @param log_grid 1: equal steps in log eta
 *  @param out [out] as the `self` of ads_flow_ops; the functions below have the signatures of that table */
com_status ads_flow_fixed_create(com_ctx *ctx, const ads_problem *p, const ads_flow_fixed_method *m,
                                 size_t n_steps, int log_grid, void **out);
com_status ads_flow_fixed_forward(void *self, size_t n, const double *params, const double *y0, double *y1,
                                  unsigned char *frozen, int tape);
com_status ads_flow_fixed_backward(void *self, const double *lam1, double *lam0, double *g);
com_status ads_flow_fixed_jacobian(void *self, const double *lam1, double *lam0, double *J);
void ads_flow_fixed_stats(const void *self, ads_flow_stats *out);
void ads_flow_fixed_destroy(void *self);
#endif
