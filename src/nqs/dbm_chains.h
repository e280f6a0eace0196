/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file dbm_chains.h
 *  What sampling of an exact machine is, whatever its moves are: chains with streams of their own, series of the energy, of <Z> and
 *  of the correlations with site 0, and their estimates. */
#ifndef HOLOGRAD_NQS_DBM_CHAINS_H
#define HOLOGRAD_NQS_DBM_CHAINS_H
#include "common/rng.h"
#include "nqs/dbm_exact_sample.h"

typedef struct nqs_dbm_chains {
  void *machine;
  size_t n; /**< sites */
  void (*start)(void *machine, com_rng *r);
  void (*sweep)(void *machine, com_rng *r);
  /** @param energy [out] total  @param z [out] per site  @param corr [out] [n] Z_0 Z_r */
  void (*measure)(void *machine, double *energy, double *z, double *corr);
} nqs_dbm_chains;

/** @param out [out] correlation: caller frees; NULL when an error is returned */
com_status nqs_dbm_chains_run(com_ctx *c, const nqs_dbm_chains *d, const nqs_dbm_exact_sample_opts *o,
                              nqs_dbm_exact_sample_result *out);
/** Representative of i in a forest of spins that are tied together; paths are halved on the way. */
size_t nqs_dbm_chains_root(size_t *root, size_t i);
#endif
