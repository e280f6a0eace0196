/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file dbm_heisenberg.h
 *  Deep Boltzmann machine that is the imaginary-time evolution of the Heisenberg antiferromagnet, H = J sum_bonds (XX + YY + ZZ), on a
 *  bipartite lattice (Carleo, Nomura, Imada, arXiv:1802.09558).  In the Marshall-rotated basis a bond's factor exp(-x (XX + YY + ZZ)),
 *  x = J dt, from spins a1 a2 to b1 b2 is e^{-x} for aligned spins, e^x cosh 2x where both stay, e^x sinh 2x where both
 *  exchange, else 0: four hidden units,
 *    sqrt(sinh 2x) exp(p a1 a2 + q a1 b1) cos(pi D/4) cos(pi D/8),   D = a1 + a2 - b1 - b2,
 *    p = -x - log(cosh 2x)/2,  q = log(coth 2x)/2,
 *  two of real weights for p and q, two of imaginary weights for the conserved spin.  The start is a product of singlets. */
#ifndef HOLOGRAD_NQS_DBM_HEISENBERG_H
#define HOLOGRAD_NQS_DBM_HEISENBERG_H
#include <complex.h>
#include "nqs/dbm_exact_sample.h"

typedef struct nqs_dbm_heisenberg_factor {
  uint32_t a[2], b[2]; /**< spins before and after */
  uint32_t site[2];
  double x;
} nqs_dbm_heisenberg_factor;

typedef struct nqs_dbm_heisenberg {
  size_t n, n_spins; /**< sites; spins of all layers */
  double J;
  size_t n_bonds, n_factors, n_dimers;
  nqs_bond *bond, *dimer;            /**< dimers: bonds of the singlets, spins 0 .. n-1 */
  nqs_dbm_heisenberg_factor *factor; /**< in the order of time */
  uint32_t *visible;                 /**< [n] the spin of each site that is last */
} nqs_dbm_heisenberg;

/** The factor from its hidden units, summed one by one; real up to rounding. s: a1 a2 b1 b2 */
double complex nqs_dbm_heisenberg_units(double x, const double s[4]);
/** Symmetric Trotter product over colours of bonds that share no site; the first colour must cover every site. @param J > 0 */
com_status nqs_dbm_heisenberg_create(com_ctx *c, const nqs_lattice *l, double J, double dt, size_t n_steps,
                                     nqs_dbm_heisenberg **out);
void nqs_dbm_heisenberg_destroy(nqs_dbm_heisenberg *d);
/** psi[2^n] by the sum over deep units of products of units, the definition; for a few spins. Bit i set: s_i = -1. */
com_status nqs_dbm_heisenberg_enumerate(com_ctx *c, const nqs_dbm_heisenberg *d, double *psi);
/** psi[2^n] by applying the factors to the state, without the machine. */
com_status nqs_dbm_heisenberg_trotter(com_ctx *c, const nqs_dbm_heisenberg *d, double *psi);
/** <psi|H|psi>/<psi|psi> of a vector in that order. */
com_status nqs_dbm_heisenberg_energy(com_ctx *c, const nqs_dbm_heisenberg *d, const double *psi,
                                     double *energy);
/** The doubled machine by loops (Evertz, Lana, Marcu 1993): a factor ties its spins along time or as singlets, loops flip freely.
 *  The state is a singlet, so energy = 3 J sum <ZZ>.  o->cluster is not looked at. */
com_status nqs_dbm_heisenberg_sample(com_ctx *c, const nqs_dbm_heisenberg *d,
                                     const nqs_dbm_exact_sample_opts *o, nqs_dbm_exact_sample_result *out);
#endif
