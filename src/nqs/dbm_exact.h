/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file dbm_exact.h
 *  Deep Boltzmann machine that is the imaginary-time evolution of a transverse-field Ising model, weight by weight (Carleo, Nomura,
 *  Imada, arXiv:1802.09558):   H = -J sum_bonds Z Z - h sum X - hz sum Z,   psi = prod_Trotter |+...+>.
 *  Spins of layer 0 .. n_steps; the last layer is visible, the others are deep; one hidden unit mediates each coupling. */
#ifndef HOLOGRAD_NQS_DBM_EXACT_H
#define HOLOGRAD_NQS_DBM_EXACT_H
#include "nqs/lattice.h"

/** exp(a s s') = exp(log_c) sum_{u=+-1} exp(w u (s + sign s')), sign = sign of a. */
typedef struct nqs_dbm_exact_unit {
  double w, log_c;
  int sign;
} nqs_dbm_exact_unit;
nqs_dbm_exact_unit nqs_dbm_exact_bond(double a);
/** <s|exp(x X)|s'> = exp(log_a) exp(g s s'), x > 0: the coupling g and, with it, the hidden unit of (s, s'); log_c includes log_a.
 *  @param g [out] may be NULL */
nqs_dbm_exact_unit nqs_dbm_exact_field(double x, double *g);

/** A hidden unit of the machine and the two spins (layer * n + site) that it ties together. */
typedef struct nqs_dbm_exact_hidden {
  uint32_t a, b;
  double w;
  int sign;
} nqs_dbm_exact_hidden;

typedef struct nqs_dbm_exact_model {
  double J, h, hz; /**< h > 0 */
  double dt;       /**< Trotter step */
  size_t n_steps;
  int order; /**< 1: exp(-dt Hx) exp(-dt Hz);  2: half steps of Hz around each, merged between steps */
} nqs_dbm_exact_model;

typedef struct nqs_dbm_exact {
  nqs_dbm_exact_model m;
  size_t n, n_layers; /**< sites; layers of spins, n_steps + 1 */
  size_t n_bonds;
  nqs_bond *bond;        /**< [n_bonds] */
  double *share;         /**< [n_layers] part of dt that Hz acts for on this layer */
  double field_coupling; /**< g between a site and itself one layer on */
  size_t n_hidden;
  nqs_dbm_exact_hidden *hidden; /**< [n_hidden] */
  double log_norm;              /**< sum of all log constants */
} nqs_dbm_exact;

/** @param l [in] copied  @param out [out] */
com_status nqs_dbm_exact_create(com_ctx *c, const nqs_lattice *l, const nqs_dbm_exact_model *m,
                                nqs_dbm_exact **out);
void nqs_dbm_exact_destroy(nqs_dbm_exact *d);
/** The machine as ansatz "dbm" with real weights: alpha hidden units per site (those that are missing have no weights) and `deep` deep units,
 *  layer by layer; w[n_w] in the order of its parameters.  psi is that of the ansatz up to one factor. @param w [out] the caller frees */
com_status nqs_dbm_exact_ansatz(com_ctx *c, const nqs_dbm_exact *d, size_t *alpha, size_t *deep, size_t *n_w,
                                double **w);
/** psi[2^n] by the sum over every hidden and deep unit, the definition; exponential, for a few sites. Bit i of the index set: s_i = -1. */
com_status nqs_dbm_exact_enumerate(com_ctx *c, const nqs_dbm_exact *d, double *psi);
/** psi[2^n] by applying the Trotter factors to the state, without the machine. */
com_status nqs_dbm_exact_trotter(com_ctx *c, const nqs_dbm_exact *d, double *psi);
/** <psi|H|psi>/<psi|psi> of a vector in that order. */
com_status nqs_dbm_exact_energy(com_ctx *c, const nqs_dbm_exact *d, const double *psi, double *energy);
#endif
