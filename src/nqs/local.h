/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file local.h
 *  Local energies E_loc(s) = sum_s' <s|H|s'> psi(s')/psi(s) of a block of walkers, batched over configurations and moves. */
#ifndef HOLOGRAD_NQS_LOCAL_H
#define HOLOGRAD_NQS_LOCAL_H
#include "nqs/ansatz.h"
#include "nqs/hamiltonian.h"

typedef struct nqs_local nqs_local; /**< scratch of one block, for up to n_max configurations */
com_status nqs_local_create(com_ctx *c, const nqs_hamiltonian *h, size_t n_max,
                            nqs_local **out); /**< h [keep] */
void nqs_local_destroy(nqs_local *l);
void nqs_local_energy(nqs_local *l, nqs_walkers *w,
                      double complex *eloc); /**< eloc[n] of all walkers of the block */
/** The same for any closed sum of Pauli strings (observables). p [keep] */
com_status nqs_local_create_for(com_ctx *c, const nqs_pauli *p, size_t n_max, nqs_local **out);
size_t nqs_local_max_moves(const nqs_local *l); /**< what nqs_ansatz_walkers must have room for */
#endif
