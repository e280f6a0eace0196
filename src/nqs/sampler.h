/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file sampler.h
 *  Samplers as components: metropolis (many chains in lock step), sum (all configurations with their weights); further ones
 *  (tempering, exact autoregressive sampling) are files of their own.  A collection evaluates local energies and
 *  log-derivatives on the fly, one pool task per block of chains; chain k owns the stream "chain/k". */
#ifndef HOLOGRAD_NQS_SAMPLER_H
#define HOLOGRAD_NQS_SAMPLER_H
#include "common/pool.h"
#include "nqs/ansatz.h"
#include "nqs/hamiltonian.h"
#include "nqs/probe.h"

/** What a collection produced. Sample (chain c, time t) is row c*n_time + t; blocks of chains are contiguous rows. */
typedef struct nqs_samples {
  size_t n, n_chains, n_time, n_sites;
  size_t n_blocks, cap, cap_rows; /**< reductions run over blocks in order */
  size_t *block;                  /**< [n_blocks+1] first row of each block */
  int8_t *s;                      /**< [n][n_sites], or NULL when not wanted */
  double complex *eloc;           /**< [n] */
  double *weight;                 /**< [n] normalised probabilities (full summation); NULL: all 1/n */
  void *O;                        /**< [n] row sets (nqs_scalar), or NULL when not wanted */
  size_t n_probe;                 /**< probes (probe.h); with O they have row sets behind those n */
  nqs_finding *probe;             /**< [n_probe] */
  double accept;                  /**< accepted / proposed */
  size_t n_bad;                   /**< samples with a non-finite local energy or derivative */
} nqs_samples;

enum { NQS_WANT_O = 1, NQS_WANT_S = 2, NQS_WANT_PROBE = 4 }; /* PROBE: where the sampler has probes */

typedef struct nqs_task {
  const nqs_hamiltonian *ham;
  nqs_ansatz *ansatz;
  com_pool *pool;
  const char *stream;
} nqs_task;

typedef struct nqs_sampler_ops {
  com_component c;
  com_status (*create)(com_ctx *c, const void *opts, const nqs_task *t, void **self); /**< t [keep] copied */
  void (*destroy)(void *self);
  size_t (*sweeps)(const void *opts); /**< recorded sweeps of one iteration over all chains */
  /** Record `sweeps` sweeps over all chains (0: as configured) after `discard` ones (split evenly, rounded up). */
  com_status (*collect)(com_ctx *c, void *self, size_t sweeps, unsigned want, nqs_samples *out);
  com_status (*restart)(com_ctx *c, void *self); /**< fresh starts (after a rollback); NULL: nothing to do */
  com_status (*save)(com_ctx *c, const void *self, cJSON **out); /**< NULL: stateless */
  com_status (*load)(com_ctx *c, void *self, const cJSON *in);
} nqs_sampler_ops;

extern const com_kind nqs_sampler_kind;
typedef struct nqs_sampler {
  const nqs_sampler_ops *ops;
  const void *opts;
  void *self;
} nqs_sampler;

com_status nqs_sampler_create(com_ctx *c, const com_choice *ch, const nqs_task *t,
                              nqs_sampler **out); /**< ch [keep] */
void nqs_sampler_destroy(nqs_sampler *s);
com_status nqs_sampler_collect(com_ctx *c, nqs_sampler *s, size_t sweeps, unsigned want, nqs_samples *out);
com_status nqs_sampler_restart(com_ctx *c, nqs_sampler *s);
com_status nqs_sampler_save(com_ctx *c, const nqs_sampler *s, cJSON **out);
com_status nqs_sampler_load(com_ctx *c, nqs_sampler *s, const cJSON *in);

/** Make room for n samples and n_probe probes; keeps the storage of earlier, larger collections. For implementers of samplers. */
com_status nqs_sampler_reserve(com_ctx *c, const nqs_task *t, size_t n_chains, size_t n_time, size_t n_blocks,
                               size_t n_probe, unsigned want, nqs_samples *out);
void nqs_sampler_samples_finish(nqs_samples *s); /**< {0} is a valid empty value */
#endif
