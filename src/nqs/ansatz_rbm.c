/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "nqs/ansatz.h"
#include "nqs/dense_simd.h"
#include "nqs/rbm_simd.h"

/* Restricted Boltzmann machine (Carleo, Troyer, arXiv:1606.02318):
 *     log psi(s) = sum_i a_i s_i + sum_j log 2cosh(theta_j),   theta_j = b_j + sum_i W_ij s_i.
 * With a symmetry group G the hidden units are j = (filter f, sign c, element g) and share weights:
 *     theta_fcg = b_f + c sum_i W_fi (g s)_i,   (g s)_i = s_{g(i)},
 * c = +1, or both signs with "spin_flip".  Without symmetry G is the identity and every unit is a filter.
 * Parameters in order: a (one, or one per site without symmetry), b_f, W_fi.  Derivatives: docs/physics.md. */
typedef struct {
  int alpha, weights, symmetry, spin_flip, visible_bias, hidden_bias;
} opts;

enum { REFRESH = 512 }; /* commits after which a walker's caches are recomputed: drift stays near 1e-13 */

/* Biases start that much smaller than weights: a state near the spin-flip symmetric ones does not lock into one of two
 * broken halves; at exactly 0 the odd sector would be out of reach. */
static const double small_bias = 0.01;

typedef struct rbm {
  size_t n, n_group, n_filter, n_sign, m, mp; /* sites, |G|, filters, 1 or 2, hidden units, padded */
  size_t n_a, n_b, n_params, planes;          /* planes: 2 complex, 1 real */
  int step;                                   /* value difference of neighbouring levels */
  int max_rows;                               /* table rows that one move may need */
  uint32_t *perm;                             /* [n_group][n] */
  double *w;                                  /* parameters as given */
  double *dense;                              /* [n][planes][mp]: W_ij */
  double *bias;                               /* [planes][mp] */
  double *table, *pref;                       /* rows 2i (level up), 2i+1 (down) of site i: see rbm_simd.h */
} rbm;

typedef struct walk {
  size_t n;
  double *pq;                   /* [n][p planes, q planes][mp] */
  unsigned *age;                /* commits since the caches of a configuration were exact */
  uint32_t *conf, *first, *row; /* batch in terms of rows */
  size_t cap, cap_rows;
  double *theta, *spin, *o_re, *o_im, *t_re, *t_im; /* scratch */
} walk;

static double complex weight(const rbm *r, const double *w, size_t k) {
  return r->planes == 2 ? w[2 * k] + I * w[2 * k + 1] : w[k];
}

static size_t unit(const rbm *r, size_t f, size_t c, size_t g) {
  return (f * r->n_sign + c) * r->n_group + g;
}

static void destroy(void *self) {
  rbm *r = self;
  if (!r) return;
  free(r->perm);
  free(r->w);
  free(r->dense);
  free(r->bias);
  free(r->table);
  free(r->pref);
  free(r);
}

static com_status create(com_ctx *c, const void *op, const nqs_lattice *l, const nqs_hilbert *h,
                         nqs_shape *shape, void **self) {
  const opts *o = op;
  rbm *r;
  COM_ALLOC(c, r = calloc(1, sizeof *r));
  *self = r;
  COM_TRY(nqs_lattice_group(c, l, (nqs_symmetry)o->symmetry, &r->n_group, &r->perm));
  r->n = l->n, r->planes = o->weights == 0 ? 2 : 1, r->step = h->step, r->n_sign = o->spin_flip ? 2 : 1;
  r->n_filter = (size_t)o->alpha * (o->symmetry == NQS_SYM_NONE ? l->n : 1);
  r->m = r->n_filter * r->n_sign * r->n_group;
  r->mp = (r->m + NQS_RBM_LANES - 1) / NQS_RBM_LANES * NQS_RBM_LANES;
  r->n_a = !o->visible_bias || o->spin_flip ? 0 : o->symmetry == NQS_SYM_NONE ? l->n : 1;
  r->n_b = o->hidden_bias ? r->n_filter : 0;
  r->n_params = r->n_a + r->n_b + r->n_filter * r->n;
  r->max_rows = (int)r->n * (h->d - 1);
  COM_ALLOC(c, r->w = calloc(r->n_params * r->planes, sizeof(double)));
  COM_ALLOC(c, r->dense = calloc(r->n * r->planes * r->mp, sizeof(double)));
  COM_ALLOC(c, r->bias = calloc(r->planes * r->mp, sizeof(double)));
  COM_ALLOC(c, r->table = aligned_alloc(64, 2 * r->n * r->planes * r->mp * sizeof(double)));
  for (size_t k = 0; k < 2 * r->n * r->planes * r->mp; k++)
    r->table[k] = k / r->mp % r->planes == 0; /* the padding units stay so: E = 1 */
  COM_ALLOC(c, r->pref = calloc(2 * r->n * r->planes, sizeof(double)));
  *shape = (nqs_shape){r->planes == 2 ? NQS_HOLO : NQS_REAL, r->n_params};
  return COM_OK;
}

static void init(const void *self, double sigma, com_rng *rng, double *w) {
  const rbm *r = self;
  const size_t biases = (r->n_a + r->n_b) * r->planes;
  for (size_t k = 0; k < r->n_params * r->planes; k++)
    w[k] = (k < biases ? small_bias : 1) * sigma * com_rng_normal(rng);
}

static void param_name(const void *self, size_t k, char out[48]) {
  const rbm *r = self;
  if (k < r->n_a) {
    snprintf(out, 48, "a[%zu]", k);
  } else if (k < r->n_a + r->n_b) {
    snprintf(out, 48, "b[%zu]", k - r->n_a);
  } else {
    snprintf(out, 48, "W[%zu][%zu]", (k - r->n_a - r->n_b) / r->n, (k - r->n_a - r->n_b) % r->n);
  }
}

/* Unit j = (f,c,g) couples with c W_fi to site g(i). */
static void fill_dense(rbm *r) {
  memset(r->dense, 0, r->n * r->planes * r->mp * sizeof(double));
  for (size_t f = 0; f < r->n_filter; f++)
    for (size_t c = 0; c < r->n_sign; c++)
      for (size_t g = 0; g < r->n_group; g++)
        for (size_t i = 0; i < r->n; i++) {
          const double complex v = (c ? -1.0 : 1.0) * weight(r, r->w, r->n_a + r->n_b + f * r->n + i);
          double *at = r->dense + r->perm[g * r->n + i] * r->planes * r->mp + unit(r, f, c, g);
          at[0] += creal(v);
          if (r->planes == 2) at[r->mp] += cimag(v);
        }
}

/* Rows 2i (up) and 2i+1 (down): E_j = exp(-+2 W_ij step).  Units that share a weight share its exponential. */
static void fill_table(rbm *r) {
  const size_t len = r->planes * r->mp;
  for (size_t f = 0; f < r->n_filter; f++)
    for (size_t c = 0; c < r->n_sign; c++)
      for (size_t i = 0; i < r->n; i++) {
        const double complex v = (c ? -1.0 : 1.0) * weight(r, r->w, r->n_a + r->n_b + f * r->n + i),
                             e = cexp(-2 * r->step * v), inv = 1 / e;
        for (size_t g = 0; g < r->n_group; g++) {
          double *up = r->table + 2 * r->perm[g * r->n + i] * len + unit(r, f, c, g), *down = up + len;
          up[0] = creal(e), down[0] = creal(inv);
          if (r->planes == 2) up[r->mp] = cimag(e), down[r->mp] = cimag(inv);
        }
      }
}

/* pref = exp(+-step (a_i + sum_j W_ij)) */
static void fill_prefactors(rbm *r) {
  for (size_t i = 0; i < r->n; i++) {
    const double *re = r->dense + i * r->planes * r->mp, *im = re + r->mp;
    double complex sum = r->n_a ? weight(r, r->w, r->n_a == 1 ? 0 : i) : 0;
    for (size_t j = 0; j < r->mp; j++) sum += re[j] + (r->planes == 2 ? I * im[j] : 0);
    const double complex p = cexp(r->step * sum), inv = 1 / p;
    r->pref[2 * i * r->planes] = creal(p);
    r->pref[(2 * i + 1) * r->planes] = creal(inv);
    if (r->planes == 2) r->pref[4 * i + 1] = cimag(p), r->pref[4 * i + 3] = cimag(inv);
  }
}

static com_status load(com_ctx *c, void *self, const double *w) {
  (void)c;
  rbm *r = self;
  memcpy(r->w, w, r->n_params * r->planes * sizeof *w);
  for (size_t f = 0; f < r->n_filter && r->n_b; f++)
    for (size_t j = unit(r, f, 0, 0); j < unit(r, f + 1, 0, 0); j++) {
      r->bias[j] = creal(weight(r, w, r->n_a + f));
      if (r->planes == 2) r->bias[r->mp + j] = cimag(weight(r, w, r->n_a + f));
    }
  fill_dense(r);
  fill_table(r);
  fill_prefactors(r);
  return COM_OK;
}

/* theta [planes][mp] of one configuration */
static void angles(const rbm *r, const int8_t *s, double *theta) {
  const size_t len = r->planes * r->mp;
  memcpy(theta, r->bias, len * sizeof *theta);
  for (size_t i = 0; i < r->n; i++)
    if (s[i]) nqs_dense_simd_axpy(len, s[i], r->dense + i * len, theta);
}

static double complex angle(const rbm *r, const double *theta, size_t j) {
  return r->planes == 2 ? theta[j] + I * theta[r->mp + j] : theta[j];
}

/* p = 1/(1 + e^{-2 theta}), q = 1 - p without cancellation: always exponentiate a number with negative real part. */
static void fractions(double complex theta, double complex *p, double complex *q) {
  const int flip = creal(theta) < 0;
  const double complex u = cexp(flip ? 2 * theta : -2 * theta), big = 1 / (1 + u), small = u * big;
  *p = flip ? small : big;
  *q = flip ? big : small;
}

static double complex log_2cosh(double complex z) {
  if (creal(z) < 0) z = -z;
  const double complex u = cexp(-2 * z);
  /* log(1 + u): the real part through log1p of |1+u|^2 - 1 */
  const double x = creal(u), y = cimag(u);
  return z + 0.5 * log1p(x * (2 + x) + y * y) + I * atan2(y, 1 + x);
}

static size_t work_size(const void *self, size_t n) {
  const rbm *r = self;
  (void)n;
  return (r->planes * r->mp + 3 * r->n + 2 * r->mp) * sizeof(double);
}

static void log_psi_of(const void *self, size_t n, const int8_t *s, void *work, double complex *out) {
  const rbm *r = self;
  double *theta = work;
  for (size_t k = 0; k < n; k++, s += r->n) {
    angles(r, s, theta);
    double complex sum = 0;
    for (size_t i = 0; i < r->n && r->n_a; i++) sum += weight(r, r->w, r->n_a == 1 ? 0 : i) * s[i];
    for (size_t j = 0; j < r->m; j++) sum += log_2cosh(angle(r, theta, j));
    out[k] = sum;
  }
}

/* One row of O from tanh theta (planes t_re, t_im; t is overwritten):
 *     O_a = sum s (or s_i),  O_bf = sum_cg t_fcg,  O_Wfi = sum_g s_g(i) sum_c c t_fcg. */
static void grad_row(const rbm *r, const int8_t *s, double *t_re, double *t_im, double *spin, double *o_re,
                     double *o_im, double *row) {
  const size_t p = r->planes;
  double total = 0;
  for (size_t i = 0; i < r->n; i++) spin[i] = s[i], total += s[i];
  for (size_t i = 0; i < r->n_a; i++, row += p) {
    row[0] = r->n_a == 1 ? total : spin[i];
    if (p == 2) row[1] = 0;
  }
  for (size_t f = 0; f < r->n_b; f++, row += p) {
    double re = 0, im = 0;
    for (size_t j = unit(r, f, 0, 0); j < unit(r, f + 1, 0, 0); j++)
      re += t_re[j], im += p == 2 ? t_im[j] : 0;
    row[0] = re;
    if (p == 2) row[1] = im;
  }
  for (size_t f = 0; f < r->n_filter; f++) {
    const size_t j0 = unit(r, f, 0, 0), j1 = unit(r, f, 1, 0);
    for (size_t g = 0; g < r->n_group && r->n_sign == 2; g++) {
      t_re[j0 + g] -= t_re[j1 + g];
      if (p == 2) t_im[j0 + g] -= t_im[j1 + g];
    }
    nqs_rbm_simd_orbit(r->n_group, r->n, r->perm, spin, t_re + j0, p == 2 ? t_im + j0 : NULL, o_re, o_im);
    if (p == 2) {
      for (size_t i = 0; i < r->n; i++, row += 2) row[0] = o_re[i], row[1] = o_im[i];
    } else {
      memcpy(row, o_re, r->n * sizeof *row);
      row += r->n;
    }
  }
}

static void grad_of(const void *self, size_t n, const int8_t *s, void *work, void *O) {
  const rbm *r = self;
  double *theta = work, *spin = theta + r->planes * r->mp, *o_re = spin + r->n, *o_im = o_re + r->n;
  double *t_re = o_im + r->n, *t_im = t_re + r->mp, *row = O;
  for (size_t k = 0; k < n; k++, s += r->n, row += r->n_params * r->planes) {
    angles(r, s, theta);
    for (size_t j = 0; j < r->m; j++) {
      double complex p, q;
      fractions(angle(r, theta, j), &p, &q);
      t_re[j] = creal(p - q), t_im[j] = cimag(p - q);
    }
    grad_row(r, s, t_re, t_im, spin, o_re, o_im, row);
  }
}

/* ---- walkers ---- */

static void walk_destroy(void *ptr) {
  walk *w = ptr;
  if (!w) return;
  free(w->pq);
  free(w->age);
  free(w->conf);
  free(w->first);
  free(w->row);
  free(w->theta);
  free(w);
}

static com_status walk_create(com_ctx *c, const void *self, size_t n, void **out) {
  enum { BATCH = 256 };
  const rbm *r = self;
  walk *w;
  COM_ALLOC(c, w = calloc(1, sizeof *w));
  *out = w;
  w->n = n, w->cap = BATCH;
  w->cap_rows = BATCH * 2 > r->max_rows ? BATCH * 2 : (size_t)r->max_rows;
  const size_t len = 2 * r->planes * r->mp;
  w->pq = aligned_alloc(64, n * len * sizeof(double));
  w->age = calloc(n, sizeof *w->age);
  w->conf = malloc(w->cap * sizeof *w->conf);
  w->first = calloc(w->cap + 1, sizeof *w->first);
  w->row = malloc(w->cap_rows * sizeof *w->row);
  w->theta = calloc(2 * r->mp + 3 * r->n + 2 * r->mp, sizeof(double));
  if (!w->pq || !w->age || !w->conf || !w->first || !w->row || !w->theta) {
    walk_destroy(w);
    *out = NULL;
    return COM_FAIL(c, COM_E_MEM, "out of memory");
  }
  for (size_t k = 0; k < n * len; k++)
    w->pq[k] = k % len < r->mp ? 1 : 0; /* also the padding units: p = 1, q = 0 */
  w->spin = w->theta + 2 * r->mp;
  w->o_re = w->spin + r->n, w->o_im = w->o_re + r->n;
  w->t_re = w->o_im + r->n, w->t_im = w->t_re + r->mp;
  return COM_OK;
}

static void refresh(const rbm *r, walk *w, size_t k, const int8_t *s) {
  double *p = w->pq + k * 2 * r->planes * r->mp, *q = p + r->planes * r->mp;
  angles(r, s, w->theta);
  for (size_t j = 0; j < r->m; j++) {
    double complex a, b;
    fractions(angle(r, w->theta, j), &a, &b);
    p[j] = creal(a), q[j] = creal(b);
    if (r->planes == 2) p[r->mp + j] = cimag(a), q[r->mp + j] = cimag(b);
  }
  w->age[k] = 0;
}

static void walk_set(const void *self, void *ptr, const int8_t *s) {
  const rbm *r = self;
  walk *w = ptr;
  for (size_t k = 0; k < w->n; k++) refresh(r, w, k, s + k * r->n);
}

/* Rows of move k: one per level by which a site changes. Returns their number. */
static size_t rows_of(const rbm *r, const int8_t *s, const nqs_moves *m, size_t k, uint32_t *row) {
  const int8_t *at = s + m->conf[k] * r->n;
  size_t n = 0;
  for (uint32_t i = m->first[k]; i < m->first[k + 1]; i++) {
    const int levels = (m->to[i] - at[m->site[i]]) / r->step;
    for (int t = 0; t < abs(levels); t++) row[n++] = 2 * m->site[i] + (levels < 0);
  }
  return n;
}

static nqs_rbm_batch batch(const rbm *r, const walk *w) {
  return (nqs_rbm_batch){
      .mp = r->mp, .conf = w->conf, .first = w->first, .row = w->row, .table = r->table, .pref = r->pref};
}

static void ratio(const void *self, void *ptr, const int8_t *s, const nqs_moves *m, double complex *out) {
  const rbm *r = self;
  walk *w = ptr;
  nqs_rbm_batch b = batch(r, w);
  for (size_t k = 0; k < m->n;) {
    const size_t k0 = k;
    for (b.n = 0; k < m->n && b.n < w->cap; b.n++, k++) {
      const size_t sites = m->first[k + 1] - m->first[k], at = w->first[b.n];
      if (b.n > 0 && at + sites * (size_t)r->max_rows / r->n > w->cap_rows) break;
      w->first[b.n + 1] = (uint32_t)(at + rows_of(r, s, m, k, w->row + at));
      w->conf[b.n] = m->conf[k];
    }
    if (r->planes == 2) {
      nqs_rbm_simd_ratio_z(&b, w->pq, (double *)(out + k0));
    } else {
      nqs_rbm_simd_ratio_d(&b, w->pq, (double *)(out + k0));
    }
  }
}

static void commit(const void *self, void *ptr, const int8_t *s, const nqs_moves *m,
                   const unsigned char *accepted) {
  const rbm *r = self;
  walk *w = ptr;
  const nqs_rbm_batch b = batch(r, w);
  for (size_t k = 0; k < m->n; k++) {
    if (!accepted[k]) continue;
    const uint32_t conf = m->conf[k];
    if (++w->age[conf] >= REFRESH) {
      int8_t *moved = (int8_t *)w->spin; /* n doubles are room for n bytes */
      memcpy(moved, s + conf * r->n, r->n);
      for (uint32_t i = m->first[k]; i < m->first[k + 1]; i++) moved[m->site[i]] = m->to[i];
      refresh(r, w, conf, moved);
      continue;
    }
    w->conf[0] = conf;
    w->first[1] = (uint32_t)rows_of(r, s, m, k, w->row);
    if (r->planes == 2) {
      nqs_rbm_simd_commit_z(&b, 0, w->pq);
    } else {
      nqs_rbm_simd_commit_d(&b, 0, w->pq);
    }
  }
}

static void grad(const void *self, void *ptr, const int8_t *s, void *O) {
  const rbm *r = self;
  walk *w = ptr;
  const size_t len = r->planes * r->mp;
  double *row = O;
  for (size_t k = 0; k < w->n; k++, s += r->n, row += r->n_params * r->planes) {
    const double *p = w->pq + k * 2 * len, *q = p + len;
    for (size_t j = 0; j < r->m; j++) w->t_re[j] = p[j] - q[j];
    for (size_t j = 0; j < r->m && r->planes == 2; j++) w->t_im[j] = p[r->mp + j] - q[r->mp + j];
    grad_row(r, s, w->t_re, w->t_im, w->spin, w->o_re, w->o_im, row);
  }
}

static const com_field fields[] = {{.key = "alpha",
                                    .doc = "hidden units per site (filters, with a symmetry)",
                                    .type = COM_F_INT,
                                    .off = offsetof(opts, alpha),
                                    .def = 1,
                                    .lo = 1,
                                    .hi = 1000},
                                   NQS_ANSATZ_WEIGHTS(opts),
                                   NQS_ANSATZ_SYMMETRY(opts, "weight sharing"),
                                   {.key = "spin_flip",
                                    .doc = "share weights between a unit and its spin-flipped image",
                                    .type = COM_F_BOOL,
                                    .off = offsetof(opts, spin_flip),
                                    .def = 0},
                                   {.key = "visible_bias",
                                    .doc = "bias of the visible units",
                                    .type = COM_F_BOOL,
                                    .off = offsetof(opts, visible_bias),
                                    .def = 1},
                                   {.key = "hidden_bias",
                                    .doc = "bias of the hidden units",
                                    .type = COM_F_BOOL,
                                    .off = offsetof(opts, hidden_bias),
                                    .def = 1},
                                   {0}};

const nqs_ansatz_ops nqs_ansatz_rbm = {
    .c = {.name = "rbm",
          .doc = "restricted Boltzmann machine, real or complex, with symmetry by weight sharing",
          .ref = "Carleo, Troyer, Science 355, 602 (2017); arXiv:1606.02318",
          .fields = fields,
          .opt_size = sizeof(opts)},
    NQS_ANSATZ_FUNCTIONS,
    NQS_ANSATZ_WALKS,
    .init = init,
    .work_size = work_size,
    .grad = grad};
