/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file renyi.h
 *  Renyi entropy S_2 = -ln tr rho_A^2 of a region A of the sites: of a state vector, or by the swap of two replicas. */
#ifndef HOLOGRAD_NQS_RENYI_H
#define HOLOGRAD_NQS_RENYI_H
#include "nqs/estimate.h"

/** Samples, or all configurations with the weights of a state vector; borrowed. */
typedef struct nqs_source {
  size_t n_chains, n_time, n_sites;
  const int8_t *s;           /**< [n_chains n_time][n_sites] */
  const double *weight;      /**< NULL: 1/n */
  const nqs_ansatz *a;       /**< or */
  const double complex *psi; /**< [n_time], n_chains = 1 */
  com_pool *pool;
} nqs_source;

/** @param part [in] [sites] 1 inside the region  @param e [out] S_2; its error is 0 from a vector or a full summation */
com_status nqs_renyi_measure(com_ctx *c, const nqs_hilbert *h, const unsigned char *part, const nqs_source *x,
                             nqs_estimate *e);
#endif
