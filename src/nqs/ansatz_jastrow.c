/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "nqs/ansatz.h"

/* Two-body Jastrow factor (Jastrow, Phys. Rev. 98, 1479 (1955)):
 *     log psi(s) = sum_i a_i s_i + sum_{i<j} v_ij s_i s_j   (+ sum_i v_ii s_i^2 when a site has more than two levels).
 * With a symmetry, a and v are constant on the orbits of sites and of pairs.  Parameters in order: a, v.
 * Derivatives: O_a = sum over the orbit of s_i, O_v = sum over the orbit of s_i s_j. */
typedef struct opts {
  int weights, symmetry, site_term;
} opts;

typedef struct jastrow {
  size_t n, n_a, n_params;
  int complex_weights, self_pair;
  size_t *site_orbit;    /* [n] index into the parameters */
  size_t *pair_orbit;    /* [n][n] */
  double complex *a, *v; /* [n], [n][n] symmetric: derived tables */
} jastrow;

typedef struct walk {
  size_t n;
  double complex *field; /* [n][sites]: a_i + sum_{j != i} v_ij s_j */
} walk;

enum { UNSET = -1 };

static void destroy(void *self) {
  jastrow *t = self;
  if (!t) return;
  free(t->site_orbit);
  free(t->pair_orbit);
  free(t->a);
  free(t->v);
  free(t);
}

/* Orbits of sites and of unordered pairs under the group. */
static void find_orbits(jastrow *t, int site_term, size_t n_group, const uint32_t *perm) {
  const size_t n = t->n, unset = (size_t)UNSET;
  for (size_t i = 0; i < n; i++) t->site_orbit[i] = unset;
  for (size_t i = 0; i < n * n; i++) t->pair_orbit[i] = unset;
  size_t k = 0;
  for (size_t i = 0; i < n && site_term; i++) {
    if (t->site_orbit[i] != unset) continue;
    for (size_t g = 0; g < n_group; g++) t->site_orbit[perm[g * n + i]] = k;
    k++;
  }
  t->n_a = k;
  for (size_t i = 0; i < n; i++)
    for (size_t j = t->self_pair ? i : i + 1; j < n; j++) {
      if (t->pair_orbit[i * n + j] != unset) continue;
      for (size_t g = 0; g < n_group; g++) {
        const size_t gi = perm[g * n + i], gj = perm[g * n + j];
        t->pair_orbit[gi * n + gj] = t->pair_orbit[gj * n + gi] = k;
      }
      k++;
    }
  t->n_params = k;
}

static com_status create(com_ctx *c, const void *op, const nqs_lattice *l, const nqs_hilbert *h,
                         nqs_shape *shape, void **self) {
  const opts *o = op;
  size_t n_group = 0;
  uint32_t *perm = NULL;
  jastrow *t;
  COM_ALLOC(c, t = calloc(1, sizeof *t));
  *self = t;
  t->n = l->n, t->complex_weights = o->weights == 0, t->self_pair = h->d > 2;
  COM_ALLOC(c, t->site_orbit = malloc(t->n * sizeof *t->site_orbit));
  COM_ALLOC(c, t->pair_orbit = malloc(t->n * t->n * sizeof *t->pair_orbit));
  COM_ALLOC(c, t->a = calloc(t->n, sizeof *t->a));
  COM_ALLOC(c, t->v = calloc(t->n * t->n, sizeof *t->v));
  COM_TRY(nqs_lattice_group(c, l, (nqs_symmetry)o->symmetry, &n_group, &perm));
  find_orbits(t, o->site_term, n_group, perm);
  free(perm);
  *shape = (nqs_shape){t->complex_weights ? NQS_HOLO : NQS_REAL, t->n_params};
  return COM_OK;
}

static void param_name(const void *self, size_t k, char out[48]) {
  const jastrow *t = self;
  for (size_t i = 0; i < t->n; i++) {
    if (t->site_orbit[i] == k) {
      snprintf(out, 48, "a[%zu]", i);
      return;
    }
    for (size_t j = i; j < t->n; j++)
      if (t->pair_orbit[i * t->n + j] == k) {
        snprintf(out, 48, "v[%zu,%zu]", i, j);
        return;
      }
  }
  snprintf(out, 48, "w[%zu]", k);
}

static com_status load(com_ctx *c, void *self, const double *w) {
  (void)c;
  jastrow *t = self;
  const size_t n = t->n;
  for (size_t i = 0; i < n + n * n; i++) {
    const size_t k = i < n ? t->site_orbit[i] : t->pair_orbit[i - n];
    double complex value = 0;
    if (k != (size_t)UNSET) value = t->complex_weights ? w[2 * k] + I * w[2 * k + 1] : w[k];
    if (i < n) {
      t->a[i] = value;
    } else {
      t->v[i - n] = value;
    }
  }
  return COM_OK;
}

static double complex field_at(const jastrow *t, const int8_t *s, size_t i) {
  double complex sum = t->a[i];
  for (size_t j = 0; j < t->n; j++)
    if (j != i) sum += t->v[i * t->n + j] * s[j];
  return sum;
}

static void log_psi_of(const void *self, size_t n, const int8_t *s, void *work, double complex *out) {
  (void)work;
  const jastrow *t = self;
  for (size_t k = 0; k < n; k++, s += t->n) {
    double complex sum = 0;
    for (size_t i = 0; i < t->n; i++) {
      double complex f = t->a[i];
      for (size_t j = 0; j < i; j++) f += t->v[i * t->n + j] * s[j];
      sum += (f + (t->self_pair ? t->v[i * t->n + i] * s[i] : 0)) * s[i];
    }
    out[k] = sum;
  }
}

static void grad_of(const void *self, size_t n, const int8_t *s, void *work, void *O) {
  (void)work;
  const jastrow *t = self;
  const size_t stride = t->complex_weights ? 2 : 1;
  double *row = O;
  memset(row, 0, n * t->n_params * stride * sizeof *row);
  for (size_t k = 0; k < n; k++, s += t->n, row += t->n_params * stride) {
    for (size_t i = 0; i < t->n && t->n_a; i++) row[stride * t->site_orbit[i]] += s[i];
    for (size_t i = 0; i < t->n; i++)
      for (size_t j = t->self_pair ? i : i + 1; j < t->n; j++)
        row[stride * t->pair_orbit[i * t->n + j]] += s[i] * s[j];
  }
}

/* ---- walkers ---- */

static void walk_destroy(void *ptr) {
  walk *w = ptr;
  if (!w) return;
  free(w->field);
  free(w);
}

static com_status walk_create(com_ctx *c, const void *self, size_t n, void **out) {
  const jastrow *t = self;
  walk *w;
  COM_ALLOC(c, w = calloc(1, sizeof *w));
  w->n = n;
  if (!(w->field = calloc(n * t->n, sizeof *w->field))) {
    free(w);
    return COM_FAIL(c, COM_E_MEM, "out of memory");
  }
  *out = w;
  return COM_OK;
}

static void walk_set(const void *self, void *ptr, const int8_t *s) {
  const jastrow *t = self;
  walk *w = ptr;
  for (size_t k = 0; k < w->n; k++)
    for (size_t i = 0; i < t->n; i++) w->field[k * t->n + i] = field_at(t, s + k * t->n, i);
}

/* With d_k = s_k' - s_k on the changed sites:
 *     log psi(s')/psi(s) = sum_k d_k (field_k + v_kk (2 s_k + d_k)) + sum_{k<l} v_kl d_k d_l. */
static void ratio(const void *self, void *ptr, const int8_t *s, const nqs_moves *m, double complex *out) {
  const jastrow *t = self;
  const walk *w = ptr;
  for (size_t q = 0; q < m->n; q++) {
    const int8_t *at = s + m->conf[q] * t->n;
    const double complex *field = w->field + m->conf[q] * t->n;
    double complex sum = 0;
    for (uint32_t x = m->first[q]; x < m->first[q + 1]; x++) {
      const size_t i = m->site[x];
      const int d = m->to[x] - at[i];
      double complex f = field[i];
      if (t->self_pair) f += t->v[i * t->n + i] * (2 * at[i] + d);
      for (uint32_t y = m->first[q]; y < x; y++)
        f += t->v[i * t->n + m->site[y]] * (m->to[y] - at[m->site[y]]);
      sum += d * f;
    }
    out[q] = cexp(sum);
  }
}

static void commit(const void *self, void *ptr, const int8_t *s, const nqs_moves *m,
                   const unsigned char *accepted) {
  const jastrow *t = self;
  walk *w = ptr;
  for (size_t q = 0; q < m->n; q++) {
    if (!accepted[q]) continue;
    double complex *field = w->field + m->conf[q] * t->n;
    for (uint32_t x = m->first[q]; x < m->first[q + 1]; x++) {
      const size_t i = m->site[x];
      const int d = m->to[x] - s[m->conf[q] * t->n + i];
      const double complex *v = t->v + i * t->n, keep = field[i];
      for (size_t j = 0; j < t->n; j++) field[j] += d * v[j];
      field[i] = keep; /* the field at i does not contain s_i */
    }
  }
}

static const com_field fields[] = {NQS_ANSATZ_WEIGHTS(opts),
                                   NQS_ANSATZ_SYMMETRY(opts, "share parameters"),
                                   {.key = "site_term",
                                    .doc = "one-body factors a_i",
                                    .type = COM_F_BOOL,
                                    .off = offsetof(opts, site_term),
                                    .def = 1},
                                   {0}};

const nqs_ansatz_ops nqs_ansatz_jastrow = {.c = {.name = "jastrow",
                                                 .doc = "one- and two-body Jastrow factor",
                                                 .ref = "Jastrow, Phys. Rev. 98, 1479 (1955)",
                                                 .fields = fields,
                                                 .opt_size = sizeof(opts)},
                                           NQS_ANSATZ_FUNCTIONS,
                                           NQS_ANSATZ_WALKS};
