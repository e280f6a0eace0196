/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file pauli.h
 *  Sums of Pauli strings, the common engine of every spin-1/2 Hamiltonian and observable.  Strings that flip the same
 *  sites are grouped: <s|H|s'> = sum_t c_t prod_{z in t} s_z for the one s' that differs from s on the flip set.
 *  Pauli Y at site k contributes a flip and the factor <s|Y|s'> = -i s_k. */
#ifndef HOLOGRAD_NQS_PAULI_H
#define HOLOGRAD_NQS_PAULI_H
#include <complex.h>
#include "nqs/hilbert.h"
#include "nqs/moves.h"

typedef struct nqs_pauli nqs_pauli;
com_status nqs_pauli_create(com_ctx *c, size_t n_sites, nqs_pauli **out);
void nqs_pauli_destroy(nqs_pauli *p);
/** Add (real) coefficient * prod_k letters[k] on site sites[k]; letters in "IXYZ", all sites different. */
com_status nqs_pauli_add(com_ctx *c, nqs_pauli *p, double coefficient, const char *letters,
                         const size_t *sites);
/** Conjugate with prod Z over the sites with sublattice[i] = +1: X and Y there change sign (Marshall rotation). Before close. */
void nqs_pauli_rotate(nqs_pauli *p, const int8_t *sublattice);
com_status nqs_pauli_close(com_ctx *c, nqs_pauli *p); /**< group by flip set; after this nothing is added */
int nqs_pauli_conserves(const nqs_pauli *p);          /**< 1 when every matrix element conserves sum_i s_i */
double nqs_pauli_trace(const nqs_pauli *p);  /**< Tr H / dim of the free space: the identity's coefficient */
size_t nqs_pauli_groups(const nqs_pauli *p); /**< off-diagonal flip sets: bound on moves per configuration */
size_t nqs_pauli_flip_sites(const nqs_pauli *p); /**< sites of all flip sets together */
/** Diagonal and connected configurations of conf = 0..n-1: appends to moves and mel (one entry per move, <s|H|s'>);
 *  zero elements are skipped. @param mel [out] capacity of m */
void nqs_pauli_connected(const nqs_pauli *p, size_t n, const int8_t *s, double complex *diag, nqs_moves *m,
                         double complex *mel);
#endif
