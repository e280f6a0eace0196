/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file exact.h
 *  Small-lattice diagonalisation, the oracle of the tests: matrix-free Lanczos (about 20 spins), dense spectrum, thermal
 *  averages, exact real-time evolution. */
#ifndef HOLOGRAD_NQS_EXACT_H
#define HOLOGRAD_NQS_EXACT_H
#include "common/pool.h"
#include "nqs/hamiltonian.h"

enum { NQS_EXACT_DENSE_MAX = 4096 }; /**< states: above this no dense spectrum */

/** "exact" block. */
typedef struct nqs_exact_opts {
  int levels;             /**< lowest energies to report from the full spectrum */
  com_reals temperatures; /**< thermal averages at these, from the full spectrum */
  double tol;             /**< relative convergence of Lanczos */
  int reference;          /**< only the closed form or Bethe energy */
} nqs_exact_opts;
extern const com_field nqs_exact_fields[];

/** y = H x over the whole space; x, y [dim]. One pool task per fixed block of rows. pool NULL: inline. */
com_status nqs_exact_apply(com_ctx *c, const nqs_hamiltonian *h, com_pool *pool, const double complex *x,
                           double complex *y);
/** Lowest eigenpair by Lanczos with restarts. @param psi [dim] out, normalised, may be NULL */
com_status nqs_exact_ground(com_ctx *c, const nqs_hamiltonian *h, com_pool *pool, double tol, double *energy,
                            double complex *psi, int *iterations);
/** Dense H[dim][dim], row-major Hermitian. @param out [out] caller frees */
com_status nqs_exact_dense(com_ctx *c, const nqs_hamiltonian *h, double complex **out);
/** All energies ascending (and, if v != NULL, eigenvectors as rows of *v, caller frees). */
com_status nqs_exact_spectrum(com_ctx *c, const nqs_hamiltonian *h, double **w, double complex **v);
/** Canonical averages from a spectrum w[n] ascending: energy <H>, heat capacity (<H^2> - <H>^2)/T^2, entropy
 *  ln Z + <H>/T, free energy -T ln Z; Boltzmann constant 1, T > 0. */
typedef struct nqs_exact_thermal {
  double energy, heat, entropy, free;
} nqs_exact_thermal;
void nqs_exact_average(size_t n, const double *w, double T, nqs_exact_thermal *out);
/** <A> of a state for a sum of Pauli strings (same rotation as h). */
com_status nqs_exact_expect(com_ctx *c, const nqs_hamiltonian *h, const nqs_pauli *a,
                            const double complex *psi, double *mean);
/** psi <- exp(-i H t) psi by Krylov steps, error per unit time below tol. */
com_status nqs_exact_evolve(com_ctx *c, const nqs_hamiltonian *h, com_pool *pool, double t, double tol,
                            double complex *psi);

#endif
