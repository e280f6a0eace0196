/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file lattice.h
 *  Sites, bonds and symmetries.  Types: chain {n}, square {lx,ly}, ladder {lx,ly} (open in y), triangular {lx,ly}, edges
 *  {n, edges}.  Site (x, y) has index x + lx*y.  Repeated bonds are kept (they add), so a 2-site ring has a double bond. */
#ifndef HOLOGRAD_NQS_LATTICE_H
#define HOLOGRAD_NQS_LATTICE_H
#include <stdint.h>
#include "common/field.h"

extern const com_kind nqs_lattice_kind; /**< "lattice" block of a config */

typedef struct nqs_bond {
  uint32_t i, j;
} nqs_bond; /**< i != j */

typedef struct nqs_lattice {
  size_t n;              /**< sites, >= 2 */
  size_t n_near, n_next; /**< nearest and next-nearest bonds (chain: distance 2; square: diagonals) */
  nqs_bond *near, *next;
  int8_t *sublattice; /**< [n] +1/-1 two-colouring of the nearest bonds; NULL when not bipartite */
  /** Symmetries as permutations: site i is carried to perm[g*n + i]; g = 0 is the identity. */
  size_t n_trans, n_point;
  uint32_t *trans; /**< [n_trans][n]; only the identity on an open or custom lattice */
  uint32_t *point; /**< [n_point][n] rotations and reflections about site 0 (ring, square), or the identity */
  int *momentum_unit;   /**< [n_trans][2] displacement (dx, dy) of each translation */
  int lx, ly, periodic; /**< 0 extents on a custom lattice */
} nqs_lattice;

typedef enum nqs_symmetry { NQS_SYM_NONE, NQS_SYM_TRANSLATION, NQS_SYM_SPACE } nqs_symmetry;
/** Enum names for option rows: "none", "translation", "space" (translations times point group). */
extern const char *const nqs_lattice_symmetry_names[];

/** @param ch [in] of nqs_lattice_kind  @param out [out] caller destroys */
com_status nqs_lattice_create(com_ctx *c, const com_choice *ch, nqs_lattice **out);
void nqs_lattice_destroy(nqs_lattice *l);
/** All group elements of a symmetry as permutations, perm[g*n+i] = image of site i; distinct, the identity first.
 *  @param perm [out] caller frees; n_group is its number of rows */
com_status nqs_lattice_group(com_ctx *c, const nqs_lattice *l, nqs_symmetry sym, size_t *n_group,
                             uint32_t **perm);
#endif
