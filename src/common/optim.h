/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file optim.h
 *  Optimisers as components, ask/tell: the caller evaluates, the optimiser proposes.
 *    x = start; loop: evaluate at x -> com_eval; stop = step(self, &eval, x); until stop.
 *  One step call is one iteration.  f = +INFINITY (or NaN) marks an inadmissible point: it is rejected.  When step returns
 *  a stop reason x holds the best point seen (for LM, L-BFGS) or the last (Adam). */
#ifndef HOLOGRAD_COMMON_OPTIM_H
#define HOLOGRAD_COMMON_OPTIM_H
#include "common/field.h"

enum { COM_WANT_F = 1, COM_WANT_G = 2, COM_WANT_RJ = 4 };

typedef struct com_eval {
  double f;        /**< value; for RJ users f = sum r^2 */
  const double *g; /**< gradient [n], NULL when not wanted */
  size_t m;
  const double *r, *J; /**< residuals [m], Jacobian [m][n] row-major, NULL when not wanted */
} com_eval;

/** Options that all optimisers share (kind->shared). */
typedef struct com_optim_shared {
  int max_iter;
  double loss_tol, grad_tol, step_tol;
} com_optim_shared;

typedef struct com_optim_ops {
  com_component c;
  unsigned wants;
  com_status (*create)(com_ctx *ctx, const void *opts, const com_optim_shared *sh, size_t n, const double *lo,
                       const double *hi, void **self);        /**< lo, hi copied; NULL = none */
  com_stop (*step)(void *self, const com_eval *e, double *x); /**< x: in the point of e, out the next point */
  com_status (*save)(com_ctx *ctx, const void *self, cJSON **out);
  com_status (*load)(com_ctx *ctx, void *self, const cJSON *in);
  void (*destroy)(void *self);
  int keeps_best; /**< on a stop x becomes the best point seen; 0: x is the last proposal */
} com_optim_ops;

extern const com_kind com_optim_kind;
typedef struct com_optim com_optim;
com_status com_optim_create(com_ctx *c, const com_choice *which, size_t n, const double *lo, const double *hi,
                            com_optim **out); /**< which [in] copied where needed */
void com_optim_destroy(com_optim *o);
unsigned com_optim_wants(const com_optim *o);
com_stop com_optim_step(com_optim *o, const com_eval *e,
                        double *x); /**< counts iterations, applies max_iter, loss_tol */
long com_optim_iterations(const com_optim *o);
double com_optim_best(const com_optim *o); /**< lowest f seen, +INFINITY before the first finite one */
const double *
com_optim_best_x(const com_optim *o); /**< where that was [n]; borrowed; NULL before the first */
com_status com_optim_save(com_ctx *c, const com_optim *o, cJSON **out);
com_status com_optim_load(com_ctx *c, com_optim *o, const cJSON *in);

#endif
