/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file propose.h  Symmetric Metropolis proposals, described as moves. */
#ifndef HOLOGRAD_NQS_PROPOSE_H
#define HOLOGRAD_NQS_PROPOSE_H
#include "nqs/hamiltonian.h"

typedef enum nqs_move_kind {
  NQS_MOVE_AUTO,         /**< flip; exchange in a fixed sector; hop for bosons at fixed number */
  NQS_MOVE_FLIP,         /**< new values at `flips` random sites */
  NQS_MOVE_EXCHANGE,     /**< swap the ends of a random nearest bond */
  NQS_MOVE_EXCHANGE_ANY, /**< swap two random sites */
  NQS_MOVE_MIXED,        /**< exchange of nearest or of any two, with equal probability */
  NQS_MOVE_HOP           /**< move one quantum along a random nearest bond */
} nqs_move_kind;
extern const char *const nqs_propose_names[];

typedef struct nqs_propose {
  const nqs_hilbert *space;
  const nqs_lattice *lattice;
  nqs_move_kind kind;
  size_t flips, n_draws; /**< uniforms that one proposal consumes */
} nqs_propose;

/** The proposal of chains that must reach everything soon: also exchanges of far sites, where spins have a fixed total. */
nqs_move_kind nqs_propose_far(const nqs_hamiltonian *h);
/** Resolve "auto" and refuse what cannot work. @param h [keep] */
com_status nqs_propose_init(com_ctx *c, const nqs_hamiltonian *h, nqs_move_kind kind, size_t flips,
                            nqs_propose *out);
/** Append the move of configuration conf with values s, or nothing when it would change nothing. u[n_draws] in [0,1). */
void nqs_propose_move(const nqs_propose *p, const int8_t *s, const double *u, uint32_t conf, nqs_moves *m);
#endif
