/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file hilbert.h
 *  Configurations: n sites with d levels each; the stored value of level k is lo + step k (spin 1/2: -1, +1; bosons:
 *  0..d-1), optionally with a fixed total.  Rank and unrank by counting, so sectors are enumerated without tables of states. */
#ifndef HOLOGRAD_NQS_HILBERT_H
#define HOLOGRAD_NQS_HILBERT_H
#include "common/rng.h"
#include "nqs/lattice.h"

typedef struct nqs_hilbert {
  size_t n;
  int d, lo, step; /**< value = lo + step * level, level in 0..d-1 */
  int fixed;       /**< 1: the sum of all values is `total` */
  long total;
  double dim;    /**< number of states (may exceed 2^53: then only its size matters) */
  double *count; /**< [n+1][n*(d-1)+1]: configurations of k sites with a given sum of levels; fixed only */
} nqs_hilbert;

com_status nqs_hilbert_create(com_ctx *c, size_t n, int d, int lo, int step, int fixed, long total,
                              nqs_hilbert **out);
void nqs_hilbert_destroy(nqs_hilbert *h);
void nqs_hilbert_unrank(const nqs_hilbert *h, size_t index, int8_t *s); /**< index < dim <= 2^40 */
size_t nqs_hilbert_rank(const nqs_hilbert *h, const int8_t *s);         /**< (size_t)-1 outside the space */
int nqs_hilbert_contains(const nqs_hilbert *h, const int8_t *s);
/** n_conf configurations from index `first` on, s[n_conf][n]. */
void nqs_hilbert_range(const nqs_hilbert *h, size_t first, size_t n_conf, int8_t *s);
void nqs_hilbert_random(const nqs_hilbert *h, com_rng *r, int8_t *s); /**< uniform over the space */
/** Neel start: +1 on one sublattice (site parity without a two-colouring), adjusted to the total; bosons: as even as possible. */
void nqs_hilbert_neel(const nqs_hilbert *h, const nqs_lattice *l, int8_t *s);
#endif
