/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file exact.h
 *  Small-lattice diagonalisation, the oracle of the tests: matrix-free Lanczos (about 20 spins), dense spectrum, thermal
 *  averages, exact real-time evolution. */
#ifndef HOLOGRAD_NQS_EXACT_H
#define HOLOGRAD_NQS_EXACT_H
#include "common/pool.h"
#include "nqs/hamiltonian.h"

enum { NQS_EXACT_DENSE_MAX = 4096 }; /**< states: above this no dense spectrum */

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
/** <A> of a state for a sum of Pauli strings (same rotation as h). */
com_status nqs_exact_expect(com_ctx *c, const nqs_hamiltonian *h, const nqs_pauli *a,
                            const double complex *psi, double *mean);
/** psi <- exp(-i H t) psi by Krylov steps, error per unit time below tol. */
com_status nqs_exact_evolve(com_ctx *c, const nqs_hamiltonian *h, com_pool *pool, double t, double tol,
                            double complex *psi);

#endif
