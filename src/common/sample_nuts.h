/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file sample_nuts.h  One chain: its phase-space point, mass matrix, and the No-U-Turn transition.  Private to sample*.c. */
#ifndef HOLOGRAD_COMMON_SAMPLE_NUTS_H
#define HOLOGRAD_COMMON_SAMPLE_NUTS_H
#include "common/rng.h"
#include "common/sample.h"

/** A point: position, momentum, gradient of log p, log p. */
typedef struct com_sample_nuts_point {
  double *q, *p, *g, logp;
} com_sample_nuts_point;

typedef struct com_sample_nuts {
  com_ctx *c;
  size_t n, chain;
  int dense, max_depth;
  com_sample_fn fn;
  void *user;
  com_rng *rng;
  double *minv; /**< inverse mass: [n] or [n][n] (the covariance of the target) */
  double *chol; /**< dense: lower factor of minv */
  double step;
  com_sample_nuts_point z; /**< the current state */
  double *mem;             /**< all vectors below and in the levels */
  com_sample_nuts_point left, right, propose;
  double *level; /**< [max_depth + 1][13][n] work of the recursion */
  double *v;     /**< [n] */
  unsigned long calls;
} com_sample_nuts;

typedef struct com_sample_nuts_info {
  double accept, energy; /**< mean Metropolis acceptance of the trajectory; H at its start */
  int depth, divergent;
} com_sample_nuts_info;

com_status com_sample_nuts_init(com_ctx *c, const com_sample_opts *o, size_t chain, com_rng *rng,
                                com_sample_fn fn, void *user, com_sample_nuts *out);
void com_sample_nuts_finish(com_sample_nuts *s);
/** Mass matrix from a covariance (dense) or variances (diagonal). */
com_status com_sample_nuts_mass(com_sample_nuts *s, const double *covariance);
/** First guess of the step size: one leapfrog step is accepted with probability near 0.8. */
com_status com_sample_nuts_guess(com_sample_nuts *s);
com_status com_sample_nuts_density(com_sample_nuts *s, com_sample_nuts_point *z);
com_status com_sample_nuts_transition(com_sample_nuts *s, com_sample_nuts_info *out);
#endif
