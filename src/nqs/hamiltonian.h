/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file hamiltonian.h
 *  Hamiltonians as components.  Pauli matrices everywhere; "convention":"spin" for S.S.  A spin Hamiltonian only fills a
 *  sum of Pauli strings; others (Bose-Hubbard) give `connected` themselves. */
#ifndef HOLOGRAD_NQS_HAMILTONIAN_H
#define HOLOGRAD_NQS_HAMILTONIAN_H
#include "nqs/pauli.h"

/** Rows that every Hamiltonian accepts. */
typedef struct nqs_ham_shared {
  int spin;   /**< "convention": 0 pauli, 1 spin (each Pauli letter counts 1/2) */
  int sector; /**< "sector": 0 auto (fixed Sz when conserved), 1 free, 2 fixed */
  double sz;  /**< "sz": total S^z of the fixed sector (default 0, or 1/2 for odd n) */
} nqs_ham_shared;

typedef struct nqs_ham_ops {
  com_component c;
  /** Spin systems: add the strings (factor: strings of k letters are to be multiplied by factor^k, 1/2 for "spin"). */
  com_status (*strings)(com_ctx *c, const void *opts, const nqs_lattice *l, double factor, nqs_pauli *p);
  /** Sites whose X and Y change sign (Marshall rotation): fill sign[n] with +1 there, -1 elsewhere and return 1; 0: none.
   *  NULL: never. */
  int (*rotation)(const void *opts, const nqs_lattice *l, int8_t *sign);
  int (*fixed_sector)(const void *opts); /**< is "sector":"auto" the fixed one; NULL: no */
  /** Other systems: own space and own matrix elements; NULL when `strings` is given. */
  com_status (*space)(com_ctx *c, const void *opts, const nqs_lattice *l, nqs_hilbert **out);
  com_status (*create)(com_ctx *c, const void *opts, const nqs_lattice *l, const nqs_hilbert *h, void **self);
  void (*connected)(const void *self, size_t n, const int8_t *s, double complex *diag, nqs_moves *m,
                    double complex *mel);
  size_t (*max_moves)(const void *self); /**< per configuration; each changes at most two sites */
  double (*trace)(const void *self);     /**< Tr H / dim */
  void (*destroy)(void *self);
  /** Exact ground-state energy where a closed form or the Bethe ansatz gives it (1), else 0. factor as in strings. NULL: never. */
  int (*reference)(const void *opts, const nqs_lattice *l, double factor, double *energy,
                   const char **source);
} nqs_ham_ops;

extern const com_kind nqs_hamiltonian_kind;

/** A Hamiltonian bound to a lattice, with its Hilbert space. */
typedef struct nqs_hamiltonian {
  const nqs_ham_ops *ops;
  const nqs_lattice *lattice; /**< borrowed */
  nqs_hilbert *space;
  nqs_pauli *pauli; /**< spin systems, else NULL */
  void *self;       /**< other systems, else NULL */
  int8_t *rotation; /**< [n] +1 where X and Y changed sign (observables must follow), NULL: not rotated */
  double trace;     /**< E_inf = Tr H / dim, for spins over the free space (V-score) */
  size_t max_moves, max_sites; /**< per configuration: moves, and sites of all moves together */
} nqs_hamiltonian;

/** @param field_op, field extra source term - field * sum_i (X, Y or Z)_i for `nqs response`; '\0' = none.
 *  @param l [keep]  @param out [out] caller destroys */
com_status nqs_hamiltonian_create(com_ctx *c, const com_choice *ch, const nqs_lattice *l, char field_op,
                                  double field, nqs_hamiltonian **out);
void nqs_hamiltonian_destroy(nqs_hamiltonian *h);
/** Overwrites m, mel, diag with everything connected to the n configurations s[n][n_sites]. */
void nqs_hamiltonian_connected(const nqs_hamiltonian *h, size_t n, const int8_t *s, double complex *diag,
                               nqs_moves *m, double complex *mel);
/** Does the Hamiltonian have an exact reference energy (closed form, Bethe)?  1 and *energy when so. */
int nqs_hamiltonian_reference(const nqs_hamiltonian *h, const com_choice *ch, double *energy,
                              const char **source);
#endif
