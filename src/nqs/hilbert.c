/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/hilbert.h"
#include <stdlib.h>

static size_t width(const nqs_hilbert *h) { return h->n * (size_t)(h->d - 1) + 1; }
static double count_of(const nqs_hilbert *h, size_t sites, long levels) {
  return levels < 0 || levels >= (long)width(h) ? 0 : h->count[sites * width(h) + (size_t)levels];
}
/* Sum of the levels of all sites in a fixed sector. */
static long level_sum(const nqs_hilbert *h) { return (h->total - (long)h->n * h->lo) / h->step; }

com_status nqs_hilbert_create(com_ctx *c, size_t n, int d, int lo, int step, int fixed, long total,
                              nqs_hilbert **out) {
  nqs_hilbert *h;
  COM_ALLOC(c, h = calloc(1, sizeof *h));
  *h = (nqs_hilbert){.n = n, .d = d, .lo = lo, .step = step, .fixed = fixed, .total = total};
  h->count = calloc(fixed ? (n + 1) * width(h) : 1, sizeof *h->count);
  if (!h->count) {
    free(h);
    return COM_FAIL(c, COM_E_MEM, "out of memory");
  }
  /* count(k sites, sum) = sum over the level v of the last site of count(k-1, sum - v) */
  h->count[0] = 1;
  for (size_t k = 1; k <= n && fixed; k++)
    for (long sum = 0; sum < (long)width(h); sum++) {
      double t = 0;
      for (int v = 0; v < d; v++) t += count_of(h, k - 1, sum - v);
      h->count[k * width(h) + (size_t)sum] = t;
    }
  if (fixed) {
    h->dim = (total - (long)n * lo) % step == 0 ? count_of(h, n, level_sum(h)) : 0;
  } else {
    h->dim = 1;
    for (size_t k = 0; k < n; k++) h->dim *= d;
  }
  const int empty = h->dim < 1;
  if (empty) nqs_hilbert_destroy(h), h = NULL;
  *out = h;
  COM_CHECK(c, !empty, COM_E_CONFIG,
            "hamiltonian: no configuration of %zu sites has total %ld; choose another sector", n, total);
  return COM_OK;
}

void nqs_hilbert_destroy(nqs_hilbert *h) {
  if (!h) return;
  free(h->count);
  free(h);
}

/* Lexicographic order, site 0 most significant. */
void nqs_hilbert_unrank(const nqs_hilbert *h, size_t index, int8_t *s) {
  if (!h->fixed) {
    for (size_t i = h->n; i-- > 0; index /= (size_t)h->d)
      s[i] = (int8_t)(h->lo + h->step * (int)(index % (size_t)h->d));
    return;
  }
  long left = level_sum(h);
  for (size_t i = 0; i < h->n; i++) {
    int v = 0;
    for (; v < h->d - 1; v++) {
      const size_t below = (size_t)count_of(h, h->n - 1 - i, left - v);
      if (index < below) break;
      index -= below;
    }
    s[i] = (int8_t)(h->lo + h->step * v);
    left -= v;
  }
}

size_t nqs_hilbert_rank(const nqs_hilbert *h, const int8_t *s) {
  size_t index = 0;
  long left = h->fixed ? level_sum(h) : 0;
  for (size_t i = 0; i < h->n; i++) {
    const int off = s[i] - h->lo, level = off / h->step;
    if (off < 0 || off % h->step || level >= h->d) return (size_t)-1;
    if (!h->fixed) {
      index = index * (size_t)h->d + (size_t)level;
      continue;
    }
    for (int v = 0; v < level; v++) index += (size_t)count_of(h, h->n - 1 - i, left - v);
    left -= level;
  }
  return left ? (size_t)-1 : index;
}

int nqs_hilbert_contains(const nqs_hilbert *h, const int8_t *s) {
  long sum = 0;
  for (size_t i = 0; i < h->n; i++) {
    const int off = s[i] - h->lo;
    if (off < 0 || off % h->step || off / h->step >= h->d) return 0;
    sum += s[i];
  }
  return !h->fixed || sum == h->total;
}

void nqs_hilbert_range(const nqs_hilbert *h, size_t first, size_t n_conf, int8_t *s) {
  for (size_t k = 0; k < n_conf; k++) nqs_hilbert_unrank(h, first + k, s + k * h->n);
}

void nqs_hilbert_random(const nqs_hilbert *h, com_rng *r, int8_t *s) {
  long left = h->fixed ? level_sum(h) : 0;
  for (size_t i = 0; i < h->n; i++) {
    int v = 0;
    if (!h->fixed) {
      v = (int)com_rng_below(r, (size_t)h->d);
    } else {
      double u = com_rng_uniform(r) * count_of(h, h->n - i, left);
      for (; v < h->d - 1; v++) {
        const double below = count_of(h, h->n - 1 - i, left - v);
        if (u < below) break;
        u -= below;
      }
      while (v > 0 && count_of(h, h->n - 1 - i, left - v) == 0) v--; /* rounding at the upper end */
      left -= v;
    }
    s[i] = (int8_t)(h->lo + h->step * v);
  }
}

void nqs_hilbert_neel(const nqs_hilbert *h, const nqs_lattice *l, int8_t *s) {
  const long levels = h->fixed ? level_sum(h) : (long)(h->n * (size_t)(h->d - 1)) / 2;
  long left = levels;
  /* As even as possible, the remainder on the + sublattice first: Neel for spins, Mott-like for bosons. */
  const long base = levels / (long)h->n;
  for (size_t i = 0; i < h->n; i++) s[i] = (int8_t)(h->lo + h->step * base), left -= base;
  for (int want = 1; want >= -1; want -= 2)
    for (size_t i = 0; i < h->n && left > 0; i++) {
      const int colour = l->sublattice ? l->sublattice[i] : i % 2 ? -1 : 1;
      if (colour == want) s[i] = (int8_t)(s[i] + h->step), left--;
    }
}
