/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file sample.h
 *  Posterior sampling by Hamiltonian Monte Carlo: the No-U-Turn sampler with multinomial weights (Hoffman, Gelman 2014; Betancourt
 *  2017, arXiv:1701.02434), step size by dual averaging, mass matrix (diagonal or dense) adapted in growing windows of the warm-up.
 *  The caller owns the loop: create -> start every chain -> while (!done) advance -> gather -> draws.  Chains run over a pool and over
 *  processes; chain k draws from the stream "<name>/chain/k" alone, so any number of threads or processes gives the same digits. */
#ifndef HOLOGRAD_COMMON_SAMPLE_H
#define HOLOGRAD_COMMON_SAMPLE_H
#include "common/comm.h"
#include "common/pool.h"

/** log density (up to a constant) and its gradient[n] at x[n].  logp = -INFINITY or NAN: outside of the support (gradient ignored).
 *  Must be a function of x and of what earlier calls with the same chain left behind, nothing else; calls with different chains may
 *  run at the same time. */
typedef com_status (*com_sample_fn)(size_t chain, const double *x, double *logp, double *gradient,
                                    void *user);

/** Told after every transition of a chain (warm-up transitions come first) where it stands. */
typedef com_status (*com_sample_after)(size_t chain, size_t transition, const double *x, void *user);

typedef struct com_sample_opts {
  size_t n, chains;       /**< dimension; number of chains >= 1 */
  size_t warmup, draws;   /**< per chain; warm-up draws are thrown away */
  int max_depth;          /**< at most 2^max_depth - 1 steps per draw; 0 = 10 */
  double accept;          /**< wanted mean acceptance; 0 = 0.8 */
  int dense;              /**< mass matrix: 0 diagonal, 1 dense */
  com_sample_after after; /**< NULL: nobody is told */
} com_sample_opts;

/** What happened in one chain after the warm-up. */
typedef struct com_sample_chain {
  double step, accept; /**< final step size, mean acceptance */
  double bfmi;         /**< energy Bayesian fraction of missing information; below 0.3 is a warning */
  size_t divergences, saturated;             /**< draws that diverged; draws that hit max_depth */
  unsigned long gradients_warmup, gradients; /**< density calls */
} com_sample_chain;

typedef struct com_sample com_sample;
/** @param name stream prefix  @param pool [keep] NULL: one thread  @param comm [keep] NULL: one process  @param user [keep] */
com_status com_sample_create(com_ctx *c, const com_sample_opts *o, const char *name, com_pool *pool,
                             com_comm *comm, com_sample **out, com_sample_fn fn, void *user);
void com_sample_destroy(com_sample *s);
/** Start point of a chain; COM_E_NUM when the density is not finite there (checked at the first advance). @param x [in] [n] */
void com_sample_start(com_sample *s, size_t chain, const double *x);
/** Every chain of this process makes n more transitions (fewer at the end). */
com_status com_sample_advance(com_sample *s, size_t n);
double com_sample_progress(const com_sample *s); /**< 0 .. 1; at 1 all draws are made */
/** After the last advance: the draws of all chains on all processes. */
com_status com_sample_gather(com_sample *s);
const double *com_sample_draws(const com_sample *s, size_t chain);            /**< [draws][n], borrowed */
const double *com_sample_logp(const com_sample *s, size_t chain);             /**< [draws] */
const unsigned char *com_sample_divergent(const com_sample *s, size_t chain); /**< [draws] */
com_sample_chain com_sample_report(const com_sample *s, size_t chain);
#endif
