/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file symmetry.h  A one-dimensional symmetry sector: group elements with their phases, and images of configurations. */
#ifndef HOLOGRAD_NQS_SYMMETRY_H
#define HOLOGRAD_NQS_SYMMETRY_H
#include <complex.h>
#include "nqs/hilbert.h"

typedef struct nqs_symmetry_spec {
  nqs_symmetry symmetry;
  int kx, ky;    /**< momentum in units of 2 pi / lx, 2 pi / ly */
  int spin_flip; /**< parity +1 or -1, 0: not used */
  size_t n_characters;
  const double *characters; /**< of the lattice's point elements in their order; n_characters = 0: all 1 */
} nqs_symmetry_spec;

typedef struct nqs_symmetry_sector {
  size_t n, n_images;
  uint32_t *perm;         /**< [n_images][n]: site i of the image shows site perm[i] */
  uint32_t *inverse;      /**< [n_images][n] */
  unsigned char *flipped; /**< [n_images] values v become mirror - v as well */
  double complex *chi;    /**< [n_images] phase of the image; element 0 is the identity with phase 1 */
  int mirror;
} nqs_symmetry_sector;

/** COM_E_CONFIG when the phases are not a representation of the group (e.g. momentum and reflections that do not leave it
 *  alone), when the lattice lacks the symmetry, or the space has no spin flip.  @param l, h [in] */
com_status nqs_symmetry_init(com_ctx *c, const nqs_symmetry_spec *spec, const nqs_lattice *l,
                             const nqs_hilbert *h, nqs_symmetry_sector *out);
void nqs_symmetry_finish(nqs_symmetry_sector *x); /**< {0} is a valid empty value */
/** images[n_images][n] of one configuration s[n] */
void nqs_symmetry_images(const nqs_symmetry_sector *x, const int8_t *s, int8_t *images);
#endif
