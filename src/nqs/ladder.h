/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file ladder.h
 *  Replicas beside the Markov chains (parallel tempering, Swendsen, Wang 1986; Geyer 1991): each samples |psi|^(2 beta).  One
 *  ladder climbs from beta = 0 (uniform) to just below 1, another from just above 1 to about 3/2; both serve all chains (beta =
 *  1): the replica next to 1 is exchanged with them now and then, so that a region of configurations which no local move
 *  reaches is entered with its true weight.  The hot ladder crosses barriers; the cold one keeps hold of peaks of |psi| that are
 *  narrow, so that they are met before they weigh much.  Without this a trained state can hold most of its weight where no
 *  chain ever looks (docs/nqs.md). */
#ifndef HOLOGRAD_NQS_LADDER_H
#define HOLOGRAD_NQS_LADDER_H
#include "nqs/ansatz.h"
#include "nqs/propose.h"

typedef struct nqs_ladder nqs_ladder;
typedef struct nqs_ladder_levels {
  size_t n;           /**< replicas, >= 1 */
  double first, step; /**< beta of level k: first + k step, none of them 1 */
} nqs_ladder_levels;
/** @param stream name of its random stream; the configurations start at random */
com_status nqs_ladder_create(com_ctx *c, const nqs_hamiltonian *h, const nqs_ansatz *a, const char *stream,
                             nqs_ladder_levels levels, nqs_ladder **out);
void nqs_ladder_destroy(nqs_ladder *l);
void nqs_ladder_restart(nqs_ladder *l);
void nqs_ladder_refresh(nqs_ladder *l);       /**< the weights have changed */
void nqs_ladder_sweep(nqs_ladder *l);         /**< one sweep, then exchanges of neighbours */
void nqs_ladder_grad(nqs_ladder *l, void *O); /**< row sets of all replicas */
size_t nqs_ladder_replicas(const nqs_ladder *l);
/** Offer the replica next to beta = 1 to n configurations, one after the other: s[n][sites] changes where accepted.
 *  @param log_psi [n] of s, updated  @param changed [n] set to 1 where accepted, else left as it is */
void nqs_ladder_exchange(nqs_ladder *l, size_t n, int8_t *s, double complex *log_psi, unsigned char *changed);
double
nqs_ladder_acceptance(const nqs_ladder *l); /**< lowest of the exchange rates between neighbours so far */
com_status nqs_ladder_save(com_ctx *c, const nqs_ladder *l, cJSON **out);
com_status nqs_ladder_load(com_ctx *c, nqs_ladder *l, const cJSON *in);
#endif
