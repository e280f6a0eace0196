/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file dbm_exact_sample.h
 *  Sampling |psi|^2 of an exact machine by the doubled machine: a ket and a bra copy of the deep and hidden units that share the
 *  visible layer.  All weights are real, so this is a Boltzmann machine: no sign, no optimisation. */
#ifndef HOLOGRAD_NQS_DBM_EXACT_SAMPLE_H
#define HOLOGRAD_NQS_DBM_EXACT_SAMPLE_H
#include "nqs/dbm_exact.h"
#include "nqs/estimate.h"

typedef struct nqs_dbm_exact_sample_opts {
  size_t chains, sweeps, discard; /**< sweeps recorded and thrown away, per chain */
  int cluster; /**< 0: block Gibbs, hidden units against spins; 1: clusters of spins tied by hidden units */
} nqs_dbm_exact_sample_opts;

typedef struct nqs_dbm_exact_sample_result {
  nqs_estimate energy;       /**< total */
  nqs_estimate z;            /**< <Z> per site */
  nqs_estimate *correlation; /**< [n] <Z_0 Z_r>, caller frees */
} nqs_dbm_exact_sample_result;

com_status nqs_dbm_exact_sample_run(com_ctx *c, const nqs_dbm_exact *d, const nqs_dbm_exact_sample_opts *o,
                                    nqs_dbm_exact_sample_result *out);
#endif
