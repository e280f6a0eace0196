/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file ode.h
 *  CVODES forward and adjoint over one vector.  The only SUNDIALS user.  Adams with the fixed-point solver (or BDF),
 *  CV_HERMITE interpolation always (CV_POLYNOMIAL is wrong for decreasing t in 6.4.1), checkpoints above the step count,
 *  vectorised N_Vector operations, memory reused between calls of the same length.  Thread-compatible: one com_ode per thread.
 *  Callback contract: 0 good, > 0 "try a smaller step", < 0 give up. */
#ifndef HOLOGRAD_COMMON_ODE_H
#define HOLOGRAD_COMMON_ODE_H
#include "common/ctx.h"

typedef struct com_ode com_ode;
typedef int (*com_ode_rhs)(double t, const double *y, double *ydot, void *user);
/** Adjoint right-hand side lamdot = -(df/dy)^T lam, and quadrature integrand qdot (dL/dp = -int qdot dt with qdot =
 *  -lam^T df/dp, i.e. the callback writes lam^T df/dp and com_ode returns +int_{t0}^{t1} lam^T df/dp dt). */
typedef int (*com_ode_adj)(double t, const double *y, const double *lam, double *lamdot, void *user);
typedef int (*com_ode_quad)(double t, const double *y, const double *lam, double *qdot, void *user);

typedef struct com_ode_opts {
  int bdf;                 /**< 0 Adams + fixed point, 1 BDF + fixed point */
  double rel_tol, abs_tol; /**< forward */
  double rel_tol_b, abs_tol_b,
      abs_tol_q;    /**< backward and quadrature; 0 = as forward; scaled per call by `scale` */
  int quad_control; /**< quadratures take part in the error test */
  long max_steps;   /**< per call, both directions */
} com_ode_opts;

typedef struct com_ode_stats {
  long steps, rhs, steps_back, rhs_back, checkpoints;
} com_ode_stats;

com_status com_ode_create(com_ctx *c, const com_ode_opts *o, com_ode_rhs f, com_ode_adj adj,
                          com_ode_quad quad, void *user,
                          com_ode **out); /**< user [keep]; adj, quad, c may be NULL */
void com_ode_destroy(com_ode *o);
/** Integrate y (length n) from t0 to t1 (either direction).  tape != 0 records for a later backward. */
com_status com_ode_forward(com_ode *o, size_t n, double t0, double t1, const double *y0, double *y1,
                           int tape);
/** lam(t1) = lam1 -> lam0 = lam(t0); q[nq] = int_{t0}^{t1} lam^T df/dp dt (signed), quad not called when nq = 0.
 *  @param scale size of lam1 and q relative to 1: absolute tolerances of the backward pass are multiplied by it */
com_status com_ode_backward(com_ode *o, const double *lam1, double scale, double *lam0, size_t nq, double *q);
/** Dense output of a forward solve without tape at n_out times, monotone from t0 to t1: y[n_out][n]. */
com_status com_ode_path(com_ode *o, size_t n, size_t n_out, const double *t, const double *y0, double *y);
void com_ode_statistics(const com_ode *o, com_ode_stats *out); /**< sums over all calls so far */
const char *
com_ode_error(const com_ode *o); /**< text of the last failure of this object, "" when none; borrowed */
void com_ode_library(char *out, size_t n); /**< "SUNDIALS 6.4.1": version of the library linked */

#endif
