/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file flow.h
 *  Flows: realisations of the bulk integration from eta_uv to eta_ir (adjoint CVODES, ResNet, fixed-step Runge-Kutta).  All expose the
 *  same functions, so the trainer cannot tell them apart and a product test compares them.
 *  params = [theta | kappa] in natural units.  Batches are structure-of-arrays, split into blocks, one workspace per
 *  thread, reduced in block order.  A sample whose |y| passes `cap` is frozen: flagged, its state held, its gradient zero. */
#ifndef HOLOGRAD_ADS_FLOW_H
#define HOLOGRAD_ADS_FLOW_H
#include "ads/bulk.h"
#include "ads/metric.h"
#include "common/pool.h"

/** Options shared by all flows. */
typedef struct ads_flow_shared {
  double eta_uv, eta_ir; /**< default 1, 1/15 */
  int ir;                /**< 0 "pi", 1 "horizon" */
  double cap;            /**< run-away threshold on |phi|, |pi|: default 1e6 */
  int block;             /**< samples per block: default 256 */
} ads_flow_shared;

typedef struct ads_problem {
  ads_metric metric;
  ads_bulk bulk;
  const ads_flow_shared *at;
  com_pool *pool; /**< [keep] may be NULL: one thread */
} ads_problem;

typedef struct ads_flow_stats {
  long steps, rhs, steps_back, rhs_back, checkpoints, forward_calls, backward_calls;
} ads_flow_stats;

typedef struct ads_flow_ops {
  com_component c;
  int exact_gradient; /**< resnet, rk: 1 (discrete adjoint); cvodes: 0 (agrees to its tolerance) */
  com_status (*create)(com_ctx *ctx, const void *opts, const ads_problem *p, void **self); /**< p [keep] */
  /** y0[dim][n] -> y1[dim][n]; frozen[n] set to 0/1.  tape != 0: backward or jacobian will follow. */
  com_status (*forward)(void *self, size_t n, const double *params, const double *y0, double *y1,
                        unsigned char *frozen, int tape);
  /** lam1[dim][n] = dl/dy1 -> lam0[dim][n] = dl/dy0 (set, may be NULL), g[n_theta + n_kappa] += dl/dparams.  After a taped forward. */
  com_status (*backward)(void *self, const double *lam1, double *lam0, double *g);
  /** As backward, per sample: J[n][n_theta + n_kappa] (set) of the scalar whose dl/dy1 per sample is lam1. */
  com_status (*jacobian)(void *self, const double *lam1, double *lam0, double *J);
  void (*stats)(const void *self, ads_flow_stats *out);
  void (*destroy)(void *self);
} ads_flow_ops;

extern const com_kind ads_flow_kind;

typedef struct ads_flow ads_flow; /* an instance: ops + self */
com_status ads_flow_create(com_ctx *c, const com_choice *ch, const ads_problem *p,
                           ads_flow **out); /**< p copied; what it points to [keep] */
void ads_flow_destroy(ads_flow *f);
com_status ads_flow_forward(ads_flow *f, size_t n, const double *params, const double *y0, double *y1,
                            unsigned char *frozen, int tape);
com_status ads_flow_backward(ads_flow *f, const double *lam1, double *lam0, double *g);
com_status ads_flow_jacobian(ads_flow *f, const double *lam1, double *lam0, double *J);
void ads_flow_statistics(const ads_flow *f, ads_flow_stats *out);
const ads_flow_ops *ads_flow_operations(const ads_flow *f);
const ads_problem *ads_flow_problem(const ads_flow *f);
size_t ads_flow_n_params(const ads_flow *f);
#endif
