/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file flow_runaway.h
 *  Samples that run away (lambda > 0 drives phi to infinity at finite eta) inside an adaptive integration of many samples at
 *  once.  Following them would shrink the steps of the whole block, so the first sign of growth starts a cheap Runge-Kutta
 *  screening of the block; what passes the cap there is held still and the block starts again without it.  Tame blocks pay
 *  one comparison per right-hand side. */
#ifndef HOLOGRAD_ADS_FLOW_RUNAWAY_H
#define HOLOGRAD_ADS_FLOW_RUNAWAY_H
#include "ads/flow.h"

enum { ADS_FLOW_RUNAWAY_MAX_FN = 16 }; /**< functions of one background */

typedef struct ads_flow_runaway {
  const ads_problem *p;
  const double *params, *y0; /**< of this integration: [theta | kappa], [dim][n] */
  size_t n, dim, n_held;
  size_t *held;               /**< [room] samples held, in the order found */
  unsigned char *frozen;      /**< [room] */
  double *state;              /**< [dim][n] where a held sample stopped */
  double *work;               /**< [6 dim][n] of the screening */
  double limit;               /**< |y| beyond it needs attention */
  int screened, found, above; /**< screening done; found somebody in this run; last y was beyond the cap */
} ads_flow_runaway;

/** Arrays for blocks of up to `room` samples (a second call replaces them). ads_flow_runaway_finish it. */
com_status ads_flow_runaway_init(com_ctx *ctx, const ads_problem *p, size_t room, ads_flow_runaway *r);
void ads_flow_runaway_finish(ads_flow_runaway *r);
/** A new integration from y0[dim][n].  @param params, y0 [keep] until the next start */
void ads_flow_runaway_start(ads_flow_runaway *r, const double *params, size_t n, const double *y0);
/** Inspect a trial state: 0 go on, 1 try a smaller step, -1 give up (then ask ads_flow_runaway_again). */
int ads_flow_runaway_check(ads_flow_runaway *r, const double *y);
/** After a failed integration: 1 when held samples were added, so that a repetition makes sense. */
int ads_flow_runaway_again(ads_flow_runaway *r);
/** Zero the entries of the held samples in v[dim][n]. */
void ads_flow_runaway_hold(const ads_flow_runaway *r, double *v);
/** After a good integration to y1[dim][n]: final flags, and the last states of the held samples into y1. */
void ads_flow_runaway_result(ads_flow_runaway *r, double *y1, unsigned char *frozen);
#endif
