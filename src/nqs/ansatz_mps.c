/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "nqs/ansatz.h"

/* Matrix product state (Schollwoeck, arXiv:1008.3477):
 *     psi(s) = tr A_0^{s_0} A_1^{s_1} ... A_{n-1}^{s_{n-1}},
 * square matrices of size `bond`; with open ends A_0 is a row and A_{n-1} a column, so the trace is of one number.
 * "uniform" uses the same matrices on all sites of a ring.  Parameters in order: A[site][level][a][b].
 * Derivative: d psi/d A_i^{s_i}[a][b] = E_i[b][a] with the environment E_i = A_{i+1} ... A_{n-1} A_0 ... A_{i-1}.
 * Real weights give amplitudes of either sign: log psi has the imaginary part 0 or pi. */
typedef struct opts {
  int bond, periodic, uniform, weights;
} opts;

typedef struct mps {
  size_t n, d, bond, n_params;
  int lo, step, complex_weights, uniform;
  size_t *left, *right; /* [n] shape of the matrices of each site */
  size_t *at;           /* [n] where its matrices begin */
  double complex *w;    /* [n_params] */
} mps;

static void destroy(void *self) {
  mps *t = self;
  if (!t) return;
  free(t->left);
  free(t->right);
  free(t->at);
  free(t->w);
  free(t);
}

static com_status create(com_ctx *c, const void *op, const nqs_lattice *l, const nqs_hilbert *h,
                         nqs_shape *shape, void **self) {
  const opts *o = op;
  mps *t;
  COM_CHECK(c, o->periodic || !o->uniform, COM_E_CONFIG,
            "ansatz.uniform = true: needs a ring; set periodic to true or uniform to false");
  COM_ALLOC(c, t = calloc(1, sizeof *t));
  *self = t;
  t->n = l->n, t->d = (size_t)h->d, t->lo = h->lo, t->step = h->step, t->bond = (size_t)o->bond;
  t->complex_weights = o->weights == 0, t->uniform = o->uniform;
  COM_ALLOC(c, t->left = calloc(t->n, sizeof *t->left));
  COM_ALLOC(c, t->right = calloc(t->n, sizeof *t->right));
  COM_ALLOC(c, t->at = calloc(t->n, sizeof *t->at));
  for (size_t i = 0; i < t->n; i++) {
    t->left[i] = !o->periodic && i == 0 ? 1 : t->bond;
    t->right[i] = !o->periodic && i + 1 == t->n ? 1 : t->bond;
    t->at[i] = o->uniform ? 0 : t->n_params;
    if (!o->uniform || i == 0) t->n_params += t->d * t->left[i] * t->right[i];
  }
  COM_ALLOC(c, t->w = calloc(t->n_params, sizeof *t->w));
  *shape = (nqs_shape){t->complex_weights ? NQS_HOLO : NQS_SPLIT, t->n_params};
  return COM_OK;
}

static const double complex *matrix(const mps *t, size_t i, int value) {
  return t->w + t->at[i] + (size_t)((value - t->lo) / t->step) * t->left[i] * t->right[i];
}

/* Identity matrices plus noise of width sigma: close to the uniform state, whatever the length. */
static void init(const void *self, double sigma, com_rng *r, double *w) {
  const mps *t = self;
  const size_t p = t->complex_weights ? 2 : 1;
  for (size_t k = 0; k < t->n_params * p; k++) w[k] = sigma * com_rng_normal(r);
  for (size_t i = 0; i < (t->uniform ? 1 : t->n); i++)
    for (size_t v = 0; v < t->d; v++)
      for (size_t a = 0; a < t->left[i]; a++)
        for (size_t b = 0; b < t->right[i]; b++) {
          const int end = t->left[i] != t->right[i]; /* a row or a column */
          if (a == b || end)
            w[p * (t->at[i] + (v * t->left[i] + a) * t->right[i] + b)] += end ? 1 / sqrt((double)t->bond) : 1;
        }
}

static void param_name(const void *self, size_t k, char out[48]) {
  const mps *t = self;
  size_t i = t->uniform ? 0 : t->n - 1;
  while (t->at[i] > k) i--;
  const size_t rest = k - t->at[i], block = t->left[i] * t->right[i];
  snprintf(out, 48, "A%u[%u][%u][%u]", (unsigned)i, (unsigned)(rest / block),
           (unsigned)(rest % block / t->right[i]), (unsigned)(rest % t->right[i]));
}

static com_status load(com_ctx *c, void *self, const double *w) {
  (void)c;
  mps *t = self;
  nqs_ansatz_unpack(t->n_params, t->complex_weights, w, t->w);
  return COM_OK;
}

/* The right products of all sites, and three matrices. */
static size_t work_size(const void *self, size_t n) {
  (void)n;
  const mps *t = self;
  return (t->n + 3) * (t->bond * t->bond * sizeof(double complex) + sizeof(double));
}

/* out[m][n] = x[m][k] y[k][n] / scale; returns log scale, the largest modulus of a part. */
static double multiply(size_t m, size_t k, size_t n, const double complex *x, const double complex *y,
                       double complex *out) {
  double top = 0;
  for (size_t a = 0; a < m; a++) {
    double complex *row = out + a * n;
    for (size_t b = 0; b < n; b++) row[b] = 0;
    for (size_t q = 0; q < k; q++)
      for (size_t b = 0; b < n; b++) row[b] += x[a * k + q] * y[q * n + b];
    for (size_t b = 0; b < n; b++) top = fmax(top, fmax(fabs(creal(row[b])), fabs(cimag(row[b]))));
  }
  if (top == 0) return 0; /* the amplitude vanishes */
  for (size_t e = 0; e < m * n; e++) out[e] /= top;
  return log(top);
}

static void identity(size_t n, double complex *x) {
  for (size_t a = 0; a < n; a++)
    for (size_t b = 0; b < n; b++) x[a * n + b] = a == b;
}

static double complex log_trace(size_t n, const double complex *x, double log_scale) {
  double complex sum = 0;
  for (size_t a = 0; a < n; a++) sum += x[a * n + a];
  return sum == 0 ? -INFINITY : log_scale + clog(sum);
}

static void log_psi_of(const void *self, size_t n, const int8_t *s, void *work, double complex *out) {
  const mps *t = self;
  for (size_t k = 0; k < n; k++, s += t->n) {
    double complex *left = work, *next = left + t->bond * t->bond;
    double scale = 0;
    identity(t->left[0], left);
    for (size_t i = 0; i < t->n; i++) {
      scale += multiply(t->left[0], t->left[i], t->right[i], left, matrix(t, i, s[i]), next);
      double complex *swap = left;
      left = next, next = swap;
    }
    out[k] = log_trace(t->left[0], left, scale);
  }
}

/* Adds factor * E^T to the derivatives of matrix A_i^{value}. */
static void add_row(const mps *t, size_t i, int value, double complex factor, const double complex *E,
                    double *row) {
  const size_t at = (size_t)(matrix(t, i, value) - t->w), rows = t->left[i], cols = t->right[i];
  for (size_t a = 0; a < rows; a++)
    for (size_t b = 0; b < cols; b++) {
      const double complex o = factor * E[b * rows + a];
      const size_t k = at + a * cols + b;
      if (t->complex_weights) {
        row[2 * k] += creal(o), row[2 * k + 1] += cimag(o);
      } else {
        row[k] += creal(o);
      }
    }
}

static void grad_of(const void *self, size_t n, const int8_t *s, void *work, void *O) {
  const mps *t = self;
  const size_t block = t->bond * t->bond;
  double complex *right = work, *left = right + t->n * block, *next = left + block, *E = next + block;
  double *scale = (double *)(E + block),
         *row = O; /* scale[i] of right product i, which holds the sites after i */
  memset(O, 0, n * t->n_params * 2 * sizeof(double));
  for (size_t k = 0; k < n; k++, s += t->n, row += 2 * t->n_params) {
    identity(t->left[0], right + (t->n - 1) * block);
    scale[t->n - 1] = 0;
    for (size_t i = t->n - 1; i > 0; i--)
      scale[i - 1] = scale[i] + multiply(t->left[i], t->right[i], t->left[0], matrix(t, i, s[i]),
                                         right + i * block, right + (i - 1) * block);
    const double first = multiply(t->left[0], t->right[0], t->left[0], matrix(t, 0, s[0]), right, next);
    const double complex log_psi = log_trace(t->left[0], next, scale[0] + first);
    double log_left = 0;
    identity(t->left[0], left);
    for (size_t i = 0; i < t->n; i++) {
      const double log_e = multiply(t->right[i], t->left[0], t->left[i], right + i * block, left, E);
      add_row(t, i, s[i], cexp(log_e + log_left + scale[i] - log_psi), E, row);
      log_left += multiply(t->left[0], t->left[i], t->right[i], left, matrix(t, i, s[i]), next);
      double complex *swap = left;
      left = next, next = swap;
    }
  }
}

static const com_field fields[] = {{.key = "bond",
                                    .doc = "bond dimension",
                                    .type = COM_F_INT,
                                    .off = offsetof(opts, bond),
                                    .def = 4,
                                    .lo = 1,
                                    .hi = 256},
                                   {.key = "periodic",
                                    .doc = "trace of square matrices; false: open ends",
                                    .type = COM_F_BOOL,
                                    .off = offsetof(opts, periodic),
                                    .def = 1},
                                   {.key = "uniform",
                                    .doc = "the same matrices on all sites",
                                    .type = COM_F_BOOL,
                                    .off = offsetof(opts, uniform)},
                                   NQS_ANSATZ_WEIGHTS(opts),
                                   {0}};

const nqs_ansatz_ops nqs_ansatz_mps = {.c = {.name = "mps",
                                             .doc = "matrix product state, trace or open ends",
                                             .ref = "Schollwoeck, arXiv:1008.3477",
                                             .fields = fields,
                                             .opt_size = sizeof(opts)},
                                       NQS_ANSATZ_FUNCTIONS,
                                       .init = init,
                                       .work_size = work_size};
