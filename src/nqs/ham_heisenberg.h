/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file ham_heisenberg.h  What "heisenberg" and its second name "xxz" share. */
#ifndef HOLOGRAD_NQS_HAM_HEISENBERG_H
#define HOLOGRAD_NQS_HAM_HEISENBERG_H
#include "nqs/hamiltonian.h"

/** H = J sum_<ij> (XX + YY + delta ZZ) + J2 sum_<<ij>> (XX + YY + delta ZZ) */
typedef struct nqs_ham_heisenberg_opts {
  double J, J2, delta;
  int marshall;
} nqs_ham_heisenberg_opts;
extern const com_field nqs_ham_heisenberg_fields[];
com_status nqs_ham_heisenberg_strings(com_ctx *c, const void *opts, const nqs_lattice *l, double factor,
                                      nqs_pauli *p);
int nqs_ham_heisenberg_rotation(const void *opts, const nqs_lattice *l, int8_t *sign);
int nqs_ham_heisenberg_fixed(const void *opts);
int nqs_ham_heisenberg_reference(const void *opts, const nqs_lattice *l, double factor, double *energy,
                                 const char **source);
#endif
