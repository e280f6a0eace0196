/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file ladder.h
 *  Replicas beside the Markov chains (parallel tempering, Swendsen, Wang 1986; Geyer 1991): each samples |psi|^(2 beta), with
 *  beta from 0 (uniform) in steps of 1/n up to 1 - 1/n and on the other side of 1 up to about 3/2.  One ladder serves all
 *  chains (beta = 1): the two replicas next to 1 are exchanged with them now and then, so that a region of configurations
 *  which no local move reaches is entered with its true weight.  The hot side crosses barriers; the cold side keeps hold of
 *  peaks of |psi| that are narrow, so that they are met before they weigh much.  Without this a trained state can hold most of
 *  its weight where no chain ever looks (docs/physics.md). */
#ifndef HOLOGRAD_NQS_LADDER_H
#define HOLOGRAD_NQS_LADDER_H
#include "nqs/ansatz.h"
#include "nqs/propose.h"

typedef struct nqs_ladder nqs_ladder;
/** @param n steps between 0 and 1, >= 1; n + n/2 replicas  @param stream name of its random stream; the configurations start at random */
com_status nqs_ladder_create(com_ctx *c, const nqs_hamiltonian *h, const nqs_ansatz *a, const char *stream,
                             size_t n, nqs_ladder **out);
void nqs_ladder_destroy(nqs_ladder *l);
void nqs_ladder_restart(nqs_ladder *l);
void nqs_ladder_refresh(nqs_ladder *l);       /**< the weights have changed */
void nqs_ladder_sweep(nqs_ladder *l);         /**< one sweep, then exchanges of neighbours */
void nqs_ladder_grad(nqs_ladder *l, void *O); /**< row sets of all replicas */
size_t nqs_ladder_replicas(const nqs_ladder *l);
/** Offer the two replicas next to beta = 1 to n configurations, one after the other: s[n][sites] changes where accepted.
 *  @param log_psi [n] of s, updated  @param changed [n] set to 1 where accepted, else 0 */
void nqs_ladder_exchange(nqs_ladder *l, size_t n, int8_t *s, double complex *log_psi, unsigned char *changed);
double
nqs_ladder_acceptance(const nqs_ladder *l); /**< lowest of the exchange rates between neighbours so far */
com_status nqs_ladder_save(com_ctx *c, const nqs_ladder *l, cJSON **out);
com_status nqs_ladder_load(com_ctx *c, nqs_ladder *l, const cJSON *in);
#endif
