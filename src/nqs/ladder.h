/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file ladder.h
 *  Hot replicas for a Metropolis sampler (parallel tempering, Swendsen, Wang 1986; Geyer 1991): replica k samples |psi|^(2 beta),
 *  beta = k/n for k = 0..n-1, from uniform to nearly |psi|^2.  One ladder serves all cold chains (beta = 1): its top replica is
 *  exchanged with them now and then, so that a region of configurations that no local move reaches is entered with its true
 *  weight.  Without this a trained state can hold most of its weight where no chain ever looks (docs/physics.md). */
#ifndef HOLOGRAD_NQS_LADDER_H
#define HOLOGRAD_NQS_LADDER_H
#include "nqs/ansatz.h"
#include "nqs/propose.h"

typedef struct nqs_ladder nqs_ladder;
/** @param n replicas >= 1  @param stream name of its random stream; the configurations start at random */
com_status nqs_ladder_create(com_ctx *c, const nqs_hamiltonian *h, const nqs_ansatz *a, const char *stream,
                             size_t n, nqs_ladder **out);
void nqs_ladder_destroy(nqs_ladder *l);
void nqs_ladder_restart(nqs_ladder *l);
void nqs_ladder_refresh(nqs_ladder *l);       /**< the weights have changed */
void nqs_ladder_sweep(nqs_ladder *l);         /**< one sweep, then exchanges of neighbours */
void nqs_ladder_grad(nqs_ladder *l, void *O); /**< row sets of all replicas */
/** Offer the top replica to n cold configurations, one after the other: s[n][sites] changes where accepted.
 *  @param log_psi [n] of s, updated  @param changed [n] set to 1 where accepted, else 0 */
void nqs_ladder_exchange(nqs_ladder *l, size_t n, int8_t *s, double complex *log_psi, unsigned char *changed);
double
nqs_ladder_acceptance(const nqs_ladder *l); /**< lowest of the exchange rates between neighbours so far */
com_status nqs_ladder_save(com_ctx *c, const nqs_ladder *l, cJSON **out);
com_status nqs_ladder_load(com_ctx *c, nqs_ladder *l, const cJSON *in);
#endif
