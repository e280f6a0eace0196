/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file replicas.h
 *  Walkers that share one random stream and each sample |psi|^(2 beta) at a beta of their own: the rungs of the ladder
 *  (ladder.h) and the probes (probe.h). */
#ifndef HOLOGRAD_NQS_REPLICAS_H
#define HOLOGRAD_NQS_REPLICAS_H
#include "nqs/ansatz.h"
#include "nqs/propose.h"

typedef struct nqs_replicas {
  size_t n, sites;
  double *beta; /**< [n] inverse temperature, set by the owner */
  nqs_propose propose;
  nqs_walkers *walkers;
  const nqs_hilbert *space;
  com_rng *rng;
  double complex *log_psi; /**< [n] as of the last nqs_replicas_set or nqs_replicas_logs */
  double *log_abs;         /**< [n] log|psi|, follows the sweeps */
  int8_t *s;               /**< [n][sites] scratch: configurations on their way into the walkers */
  double *draw;
  nqs_moves moves;
  double complex *ratio;
  unsigned char *accepted;
} nqs_replicas;

/** All at beta = 1 and at random configurations. @param max_moves [in] largest batch of moves that the caller gives to the
 *  walkers (0: only the sweeps)  @param r [out] finish it even after a failure */
com_status nqs_replicas_init(com_ctx *c, const nqs_hamiltonian *h, const nqs_ansatz *a, const char *stream,
                             size_t n, size_t max_moves, nqs_replicas *r);
void nqs_replicas_finish(nqs_replicas *r);
void nqs_replicas_draw(nqs_replicas *r);   /**< random configurations in s, not yet in the walkers */
void nqs_replicas_random(nqs_replicas *r); /**< new random configurations */
void nqs_replicas_set(nqs_replicas *r, const int8_t *s); /**< exact caches of these (NULL: present) ones */
void nqs_replicas_logs(nqs_replicas *r);                 /**< log_psi of the present ones, from scratch */
void nqs_replicas_sweep(nqs_replicas *r); /**< as many proposals as sites; min(1, |psi'/psi|^(2 beta)) */
#endif
