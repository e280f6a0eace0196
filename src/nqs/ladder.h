/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file ladder.h
 *  Replicas beside the Markov chains (parallel tempering, Swendsen, Wang 1986; Geyer 1991): they sample |psi|^(2 beta) with
 *  beta climbing from 0 (uniform) to just below 1 and serve all chains (beta = 1): the replica next to 1 is exchanged with them
 *  now and then, so that a region of configurations which no local move reaches is entered with its true weight. */
#ifndef HOLOGRAD_NQS_LADDER_H
#define HOLOGRAD_NQS_LADDER_H
#include "nqs/ansatz.h"
#include "nqs/replicas.h"

typedef struct nqs_ladder nqs_ladder;
/** @param stream name of its random stream; the configurations start at random  @param n levels, beta = 0, 1/n, .. 1 - 1/n */
com_status nqs_ladder_create(com_ctx *c, const nqs_hamiltonian *h, const nqs_ansatz *a, const char *stream,
                             size_t n, nqs_ladder **out);
void nqs_ladder_destroy(nqs_ladder *l);
void nqs_ladder_restart(nqs_ladder *l);
/** Before sweeps: caches follow what the last exchange or new weights changed. */
void nqs_ladder_begin(nqs_ladder *l, int new_weights);
void nqs_ladder_sweep(nqs_ladder *l); /**< one sweep, then exchanges of neighbours */
void nqs_ladder_end(nqs_ladder *l);   /**< after them: what an exchange needs */
size_t nqs_ladder_replicas(const nqs_ladder *l);
/** After nqs_ladder_end: offer the replica of the highest beta to n configurations, one after the other: s[n][sites] changes where accepted.
 *  @param log_psi [n] of s, updated  @param changed [n] set to 1 where accepted, else left as it is */
void nqs_ladder_exchange(nqs_ladder *l, size_t n, int8_t *s, double complex *log_psi, unsigned char *changed);
com_status nqs_ladder_save(com_ctx *c, const nqs_ladder *l, cJSON **out);
com_status nqs_ladder_load(com_ctx *c, nqs_ladder *l, const cJSON *in);
#endif
