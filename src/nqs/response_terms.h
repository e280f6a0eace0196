/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file response_terms.h  Sources and observables of a response scan as explicit sums of Pauli strings. */
#ifndef HOLOGRAD_NQS_RESPONSE_TERMS_H
#define HOLOGRAD_NQS_RESPONSE_TERMS_H
#include "nqs/hamiltonian.h"

/** [[scale c, letters, [sites]], ...] of one letter on every site (staggered: with the sign of its sublattice), two letters on
 *  every nearest bond, or of the terms given.  @param key for messages  @param label [out] "Z", "staggered Z", "ZZ", "source"
 *  @param out [out] caller frees */
com_status nqs_response_terms_expand(com_ctx *c, const char *key, const cJSON *spec, int staggered,
                                     const nqs_lattice *l, double scale, char label[48], cJSON **out);
/** The terms as a closed operator in the frame of h; factor as in a Hamiltonian's convention. @param out [out] */
com_status nqs_response_terms_operator(com_ctx *c, const cJSON *terms, double factor,
                                       const nqs_hamiltonian *h, nqs_pauli **out);
#endif
