/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file pathint.h
 *  The path integral of one particle as a sum over network weights (Hashimoto et al., arXiv:2403.11420).  A path of n intervals of
 *  length D in Euclidean time is x_j = (net of weights w)(t_j), j = 0..n, a linear map with constant Jacobian:
 *    step:   x_j = b + D sum_{k<j} W_k                     velocities
 *    relu:   x_j = b + D sum_{k<j} (j - k) w_k              accelerations times D
 *    cosine: x_j = sum_k a_k cos(pi k j/n)                   frequencies
 *  sampled with weight exp(-S/hbar), free ends, S the action with V at the middle of each interval or at its ends. */
#ifndef HOLOGRAD_NQS_PATHINT_H
#define HOLOGRAD_NQS_PATHINT_H
#include "common/field.h"

typedef enum nqs_pathint_net { NQS_PATHINT_STEP, NQS_PATHINT_RELU, NQS_PATHINT_COSINE } nqs_pathint_net;
typedef enum nqs_pathint_rule { NQS_PATHINT_MIDPOINT, NQS_PATHINT_TRAPEZOID } nqs_pathint_rule;

/** V(x) = k x^2/2 + lambda x^4. */
typedef struct nqs_pathint_system {
  double m, k, lambda, hbar;
} nqs_pathint_system;

typedef struct nqs_pathint_opts {
  nqs_pathint_system system;
  int net, rule;
  double time;     /**< total Euclidean time */
  com_reals steps; /**< intervals D to run, for the extrapolation D -> 0 */
  int chains, draws, warmup;
  double
      reference; /**< stiffness of the oscillator that whitens the weights; NAN: k + 6 lambda <x^2>-like guess */
} nqs_pathint_opts;
extern const com_field nqs_pathint_fields[];

typedef struct nqs_pathint_result {
  size_t n; /**< intervals */
  double step;
  double x2, x2_error;         /**< <x^2> in the middle half of the path */
  double energy, energy_error; /**< virial: <V + x V'/2> */
  double gap, gap_error;       /**< log of the correlator's decay over one correlation time */
  double rhat;                 /**< of <x^2> */
} nqs_pathint_result;

/** x[n+1] from w[n+1], and the transpose gw from gx. */
void nqs_pathint_path(nqs_pathint_net net, size_t n, double step, const double *w, double *x);
void nqs_pathint_pull(nqs_pathint_net net, size_t n, double step, const double *gx, double *gw);
/** S and dS/dx (NULL: none) of x[n+1]. */
double nqs_pathint_action(const nqs_pathint_system *s, nqs_pathint_rule rule, size_t n, double step,
                          const double *x, double *gradient);
/** Propagator log K_n(x_f, x_i) of the oscillator (lambda = 0): the Gaussian integral over velocities, by elimination; and the closed
 *  form of the midpoint rule, theta = 2 artanh(omega D/2). */
com_status nqs_pathint_kernel(com_ctx *c, const nqs_pathint_system *s, size_t n, double step, double xf,
                              double xi, double *log_k);
double nqs_pathint_kernel_closed(const nqs_pathint_system *s, size_t n, double step, double xf, double xi);
/** Lowest energies by diagonalisation in an oscillator basis. out[n_levels] */
com_status nqs_pathint_levels(com_ctx *c, const nqs_pathint_system *s, size_t n_levels, double *out);
/** Sample at one step. */
com_status nqs_pathint_sample(com_ctx *c, const nqs_pathint_opts *o, double step, nqs_pathint_result *out);
/** Weighted fit E(D) = E_0 + c D^p (+ e D^2p from three steps on) of energy +- energy_error.  p = 1 for the midpoint rule, whose
 *  factor exp(-D V((x+x')/2)) is the Weyl symbol of H + O(D) V''; p = 2 for the trapezoid, a symmetric product. */
com_status nqs_pathint_extrapolate(com_ctx *c, nqs_pathint_rule rule, size_t n, const nqs_pathint_result *r,
                                   double *e0, double *error);
#endif
