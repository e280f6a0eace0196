/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file observables.h
 *  Expectation values of a frozen state from its samples, each with an honest error.  A list entry is a name
 *    "magnetisation" (X, Y, Z per site), "profile" (<Z> or occupation site by site),
 *    "correlations" (<Z_i Z_j> by displacement, by pair where there are no translations), "structure_factor" (of Z),
 *    "renyi2" (first half of the sites, by swap), {"name":"renyi2","sites":[0,1,2]}
 *  or a sum of Pauli strings {"name":"stabiliser","terms":[[coefficient,"ZXZ",[0,1,2]],...]}.  Strings are given in the
 *  frame of the user: a Marshall rotation of the Hamiltonian is applied to them. */
#ifndef HOLOGRAD_NQS_OBSERVABLES_H
#define HOLOGRAD_NQS_OBSERVABLES_H
#include "nqs/estimate.h"

typedef struct nqs_observables nqs_observables;
/** Checks everything before a long run starts.
 *  @param list [in] JSON array, or NULL: ["magnetisation"], nothing for bosons  @param h [keep]  @param file for messages  @param out [out] */
com_status nqs_observables_create(com_ctx *c, const char *file, const cJSON *list, const nqs_hamiltonian *h,
                                  nqs_observables **out);
void nqs_observables_destroy(nqs_observables *o);
size_t nqs_observables_n(const nqs_observables *o);
/** From samples collected with NQS_WANT_S. @param out [out] object: name -> estimate, or {"columns","rows"} table */
com_status nqs_observables_measure(com_ctx *c, const nqs_observables *o, const nqs_ansatz *a, com_pool *pool,
                                   const nqs_samples *s, cJSON **out);
/** The same from a normalised state vector psi[dim] of the whole space (diagonalisation). */
com_status nqs_observables_exact(com_ctx *c, const nqs_observables *o, const double complex *psi,
                                 cJSON **out);
#endif
