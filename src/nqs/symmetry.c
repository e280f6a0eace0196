/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/symmetry.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double two_pi = 6.283185307179586477;
static const double same_phase = 1e-9; /* between products of phases of unit modulus: rounding is 1e-15 */

/* Index of a permutation among the first m, or m. */
static size_t find(size_t m, size_t n, const uint32_t *all, const uint32_t *p) {
  size_t g = 0;
  while (g < m && memcmp(all + g * n, p, n * sizeof *p) != 0) g++;
  return g;
}

/* e^{i k r} of translation t */
static double complex translation_phase(const nqs_symmetry_spec *spec, const nqs_lattice *l, size_t t) {
  double angle = 0;
  if (spec->kx) angle += spec->kx * (double)l->momentum_unit[2 * t] / l->lx;
  if (spec->ky) angle += spec->ky * (double)l->momentum_unit[2 * t + 1] / l->ly;
  return cexp(I * two_pi * angle);
}

/* All products translation x point element, each once; a coincidence must carry the same phase. */
static com_status fill(com_ctx *c, const nqs_symmetry_spec *spec, const nqs_lattice *l,
                       nqs_symmetry_sector *x) {
  const size_t nt = spec->symmetry == NQS_SYM_NONE ? 1 : l->n_trans;
  const size_t np = spec->symmetry == NQS_SYM_SPACE ? l->n_point : 1, n = l->n;
  for (size_t p = 0; p < np; p++)
    for (size_t t = 0; t < nt; t++) {
      uint32_t *at = x->perm + x->n_images * n;
      for (size_t i = 0; i < n; i++) at[i] = l->trans[t * n + l->point[p * n + i]];
      const double complex chi =
          translation_phase(spec, l, t) * (spec->n_characters ? spec->characters[p] : 1.0);
      const size_t known = find(x->n_images, n, x->perm, at);
      COM_CHECK(
          c, known == x->n_images || cabs(x->chi[known] - chi) < same_phase, COM_E_CONFIG,
          "ansatz.characters: one permutation of the sites has two phases on this lattice; the sector is "
          "empty, choose another momentum or other characters");
      x->chi[known] = chi;
      if (known == x->n_images) x->n_images++;
    }
  return COM_OK;
}

/* chi_g chi_h = chi_gh for every g and the generators h: translations and point elements themselves. */
static com_status check_representation(com_ctx *c, const nqs_symmetry_spec *spec, const nqs_lattice *l,
                                       const nqs_symmetry_sector *x) {
  const size_t n = l->n, np = spec->symmetry == NQS_SYM_SPACE ? l->n_point : 1;
  uint32_t *both;
  com_status status = COM_OK;
  COM_ALLOC(c, both = malloc(n * sizeof *both));
  for (size_t p = 0; p < np && !status; p++) {
    const size_t h = find(x->n_images, n, x->perm, l->point + p * n);
    for (size_t g = 0; g < x->n_images && !status; g++) {
      for (size_t i = 0; i < n; i++) both[i] = x->perm[h * n + x->perm[g * n + i]];
      const size_t gh = find(x->n_images, n, x->perm, both);
      if (gh == x->n_images || cabs(x->chi[gh] - x->chi[g] * x->chi[h]) > same_phase)
        status =
            COM_FAIL(c, COM_E_CONFIG,
                     "ansatz.characters: these characters with momentum (%d, %d) are no one-dimensional "
                     "representation; use symmetry \"translation\" or a momentum that the point group keeps",
                     spec->kx, spec->ky);
    }
  }
  free(both);
  return status;
}

static com_status check(com_ctx *c, const nqs_symmetry_spec *spec, const nqs_lattice *l,
                        const nqs_hilbert *h) {
  COM_CHECK(c, spec->symmetry != NQS_SYM_NONE || (!spec->kx && !spec->ky), COM_E_CONFIG,
            "ansatz.kx = %d, ky = %d: needs symmetry \"translation\" or \"space\"", spec->kx, spec->ky);
  COM_CHECK(c,
            spec->symmetry == NQS_SYM_NONE ||
                l->n_trans * (spec->symmetry == NQS_SYM_SPACE ? l->n_point : 1) > 1,
            COM_E_CONFIG,
            "ansatz.symmetry = %s: this lattice has no such symmetry; use \"none\" or a periodic lattice",
            nqs_lattice_symmetry_names[spec->symmetry]);
  COM_CHECK(c,
            spec->n_characters == 0 || (spec->symmetry == NQS_SYM_SPACE && spec->n_characters == l->n_point),
            COM_E_CONFIG,
            "ansatz.characters: %zu numbers; the point group has %zu elements and needs symmetry \"space\"",
            spec->n_characters, l->n_point);
  COM_CHECK(c, !spec->spin_flip || (h->d == 2 && h->lo == -1 && (!h->fixed || h->total == 0)), COM_E_CONFIG,
            "ansatz.spin_flip = %d: needs spins, in the free space or the sector of total S^z = 0",
            spec->spin_flip);
  return COM_OK;
}

com_status nqs_symmetry_init(com_ctx *c, const nqs_symmetry_spec *spec, const nqs_lattice *l,
                             const nqs_hilbert *h, nqs_symmetry_sector *out) {
  const size_t n = l->n, room = 2 * l->n_trans * l->n_point;
  COM_TRY(check(c, spec, l, h));
  nqs_symmetry_sector x = {.n = n, .mirror = 2 * h->lo + h->step * (h->d - 1)};
  com_status status = COM_OK;
  x.perm = malloc(room * n * sizeof *x.perm);
  x.inverse = malloc(room * n * sizeof *x.inverse);
  x.flipped = calloc(room, 1);
  x.chi = calloc(room, sizeof *x.chi);
  if (!x.perm || !x.inverse || !x.flipped || !x.chi) status = COM_FAIL(c, COM_E_MEM, "out of memory");
  if (!status) status = fill(c, spec, l, &x);
  if (!status) status = check_representation(c, spec, l, &x);
  if (status) {
    nqs_symmetry_finish(&x);
    return status;
  }
  if (spec->spin_flip) {
    const size_t m = x.n_images;
    memcpy(x.perm + m * n, x.perm, m * n * sizeof *x.perm);
    memset(x.flipped + m, 1, m);
    for (size_t g = 0; g < m; g++) x.chi[m + g] = spec->spin_flip * x.chi[g];
    x.n_images = 2 * m;
  }
  for (size_t g = 0; g < x.n_images; g++)
    for (size_t i = 0; i < n; i++) x.inverse[g * n + x.perm[g * n + i]] = (uint32_t)i;
  *out = x;
  return COM_OK;
}

void nqs_symmetry_finish(nqs_symmetry_sector *x) {
  free(x->perm);
  free(x->inverse);
  free(x->flipped);
  free(x->chi);
  *x = (nqs_symmetry_sector){0};
}

void nqs_symmetry_images(const nqs_symmetry_sector *x, const int8_t *s, int8_t *images) {
  for (size_t g = 0; g < x->n_images; g++, images += x->n) {
    const uint32_t *p = x->perm + g * x->n;
    if (x->flipped[g]) {
      for (size_t i = 0; i < x->n; i++) images[i] = (int8_t)(x->mirror - s[p[i]]);
    } else {
      for (size_t i = 0; i < x->n; i++) images[i] = s[p[i]];
    }
  }
}
