/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "nqs/ansatz.h"
#include "nqs/dense_simd.h"

/* Feed-forward network of any depth (Saito, Kato, arXiv:1709.05468): input s, hidden layers with tanh, and two linear
 * outputs u1 + i u2 = log psi (output "real": only u1, a positive state).
 *     x_0 = s,  x_l = tanh(W_l x_{l-1} + b_l),  log psi = sum_h (c_h + i c'_h) x_L,h.
 * With a symmetry group the same network reads every image and the outputs are added, log psi = sum_g u(g s) with
 * (g s)_i = s_{g(i)}: a convolution over the group with pooling by sum.
 * Parameters in order: (W_l, b_l) layer by layer with W_l[out][in], then c, then c'. */
typedef struct opts {
  com_reals hidden;
  int output, symmetry;
} opts;

enum { MAX_LAYERS = 16, ROWS = 32 }; /* ROWS: images that go through the network together */

typedef struct ffn {
  size_t n, n_group, n_layers, n_out, n_params;
  size_t width[MAX_LAYERS + 1];                    /* width[0] = sites */
  size_t w_at[MAX_LAYERS], b_at[MAX_LAYERS], c_at; /* where the parameters begin */
  size_t total, widest;                            /* sum and maximum of widths, inputs included */
  uint32_t *perm;                                  /* [n_group][n] */
  double *w;                                       /* [n_params] */
  double *wt[MAX_LAYERS];                          /* [in][out] */
} ffn;

static void destroy(void *self) {
  ffn *t = self;
  if (!t) return;
  for (size_t l = 0; l < t->n_layers; l++) free(t->wt[l]);
  free(t->perm);
  free(t->w);
  free(t);
}

static com_status layout(com_ctx *c, const opts *o, ffn *t) {
  COM_CHECK(c, o->hidden.n <= MAX_LAYERS, COM_E_CONFIG, "ansatz.hidden: %zu layers, at most %d are supported",
            o->hidden.n, (int)MAX_LAYERS);
  t->n_layers = o->hidden.n > 0 ? o->hidden.n : 1;
  t->width[0] = t->n;
  size_t at = 0;
  t->total = t->widest = t->n;
  for (size_t l = 0; l < t->n_layers; l++) {
    const double units = o->hidden.n > 0 ? o->hidden.v[l] : 2.0 * (double)t->n;
    COM_CHECK(c, units == floor(units), COM_E_CONFIG, "ansatz.hidden[%zu] = %g: must be a whole number", l,
              units);
    const size_t out = t->width[l + 1] = (size_t)units;
    t->w_at[l] = at;
    t->b_at[l] = at + out * t->width[l];
    at = t->b_at[l] + out;
    t->total += out;
    if (out > t->widest) t->widest = out;
  }
  t->c_at = at;
  t->n_params = at + t->n_out * t->width[t->n_layers];
  return COM_OK;
}

static com_status create(com_ctx *c, const void *op, const nqs_lattice *l, const nqs_hilbert *h,
                         nqs_shape *shape, void **self) {
  (void)h;
  const opts *o = op;
  ffn *t;
  COM_ALLOC(c, t = calloc(1, sizeof *t));
  *self = t;
  t->n = l->n, t->n_out = o->output == 0 ? 2 : 1;
  COM_TRY(nqs_lattice_group(c, l, (nqs_symmetry)o->symmetry, &t->n_group, &t->perm));
  COM_TRY(layout(c, o, t));
  COM_ALLOC(c, t->w = calloc(t->n_params, sizeof *t->w));
  for (size_t k = 0; k < t->n_layers; k++)
    COM_ALLOC(c, t->wt[k] = calloc(t->width[k] * t->width[k + 1], sizeof(double)));
  *shape = (nqs_shape){t->n_out == 2 ? NQS_SPLIT : NQS_REAL, t->n_params};
  return COM_OK;
}

/* W ~ N(0, 1/in) keeps the signal's size through deep networks (LeCun et al., Efficient BackProp, 1998); only the outputs
 * are of width sigma, so the start is close to the uniform state whatever the depth. */
static void init(const void *self, double sigma, com_rng *r, double *w) {
  const ffn *t = self;
  for (size_t l = 0; l < t->n_layers; l++) {
    const double scale = 1 / sqrt((double)t->width[l]);
    for (size_t k = t->w_at[l]; k < t->b_at[l]; k++) w[k] = scale * com_rng_normal(r);
    for (size_t k = t->b_at[l]; k < t->b_at[l] + t->width[l + 1]; k++) w[k] = sigma * com_rng_normal(r);
  }
  for (size_t k = t->c_at; k < t->n_params; k++) w[k] = sigma * com_rng_normal(r);
}

static void param_name(const void *self, size_t k, char out[48]) {
  const ffn *t = self;
  if (k >= t->c_at) {
    const size_t h = k - t->c_at, m = t->width[t->n_layers];
    snprintf(out, 48, "c%s[%zu]", h < m ? "_re" : "_im", h % m);
    return;
  }
  size_t l = 0;
  while (l + 1 < t->n_layers && k >= t->w_at[l + 1]) l++;
  if (k >= t->b_at[l]) {
    snprintf(out, 48, "b%zu[%zu]", l + 1, k - t->b_at[l]);
  } else {
    const size_t at = k - t->w_at[l];
    snprintf(out, 48, "W%zu[%zu][%zu]", l + 1, at / t->width[l], at % t->width[l]);
  }
}

static com_status load(com_ctx *c, void *self, const double *w) {
  (void)c;
  ffn *t = self;
  memcpy(t->w, w, t->n_params * sizeof *w);
  for (size_t l = 0; l < t->n_layers; l++)
    for (size_t o = 0; o < t->width[l + 1]; o++)
      for (size_t i = 0; i < t->width[l]; i++)
        t->wt[l][i * t->width[l + 1] + o] = w[t->w_at[l] + o * t->width[l] + i];
  return COM_OK;
}

/* Scratch: the activations of all layers for ROWS images, and two vectors for the way back. */
static size_t work_size(const void *self, size_t n) {
  (void)n;
  const ffn *t = self;
  return (ROWS * t->total + 2 * t->widest) * sizeof(double);
}

/* Images first .. first+rows-1 of the list (configuration 0, image 0), (0, 1), ...; x[l] points to layer l. */
static void forward(const ffn *t, const int8_t *s, size_t first, size_t rows, double *work, double **x) {
  x[0] = work;
  for (size_t l = 0; l < t->n_layers; l++) x[l + 1] = x[l] + ROWS * t->width[l];
  for (size_t r = 0; r < rows; r++) {
    const int8_t *conf = s + (first + r) / t->n_group * t->n;
    const uint32_t *g = t->perm + (first + r) % t->n_group * t->n;
    for (size_t i = 0; i < t->n; i++) x[0][r * t->n + i] = conf[g[i]];
  }
  for (size_t l = 0; l < t->n_layers; l++) {
    nqs_dense_simd_forward(rows, t->width[l], t->width[l + 1], x[l], t->wt[l], t->w + t->b_at[l], x[l + 1]);
    nqs_dense_simd_tanh(rows * t->width[l + 1], x[l + 1]);
  }
}

static void log_psi_of(const void *self, size_t n, const int8_t *s, void *work, double complex *out) {
  const ffn *t = self;
  const size_t total = n * t->n_group, m = t->width[t->n_layers];
  double *x[MAX_LAYERS + 1];
  for (size_t k = 0; k < n; k++) out[k] = 0;
  for (size_t first = 0; first < total; first += ROWS) {
    const size_t rows = total - first < ROWS ? total - first : ROWS;
    forward(t, s, first, rows, work, x);
    for (size_t r = 0; r < rows; r++) {
      const double *last = x[t->n_layers] + r * m;
      double complex *u = out + (first + r) / t->n_group;
      *u += nqs_dense_simd_dot(m, last, t->w + t->c_at);
      if (t->n_out == 2) *u += I * nqs_dense_simd_dot(m, last, t->w + t->c_at + m);
    }
  }
}

/* Backward pass of one output for one image: delta_L = c (1 - x_L^2), delta_{l-1} = W_l^T delta_l (1 - x_{l-1}^2);
 * adds delta_l x_{l-1} to W_l and delta_l to b_l.  work: two vectors of the widest layer. */
static void backward(const ffn *t, const double *const *x, size_t r, size_t out, double *work, double *row) {
  const size_t m = t->width[t->n_layers];
  const double *c = t->w + t->c_at + out * m, *last = x[t->n_layers] + r * m;
  double *delta = work, *before = work + t->widest;
  nqs_dense_simd_axpy(m, 1, last, row + t->c_at + out * m);
  for (size_t h = 0; h < m; h++) delta[h] = c[h] * (1 - last[h] * last[h]);
  for (size_t l = t->n_layers; l-- > 0;) {
    const size_t in = t->width[l];
    const double *below = x[l] + r * in;
    memset(before, 0, in * sizeof *before);
    for (size_t o = 0; o < t->width[l + 1]; o++) {
      nqs_dense_simd_axpy(in, delta[o], below, row + t->w_at[l] + o * in);
      row[t->b_at[l] + o] += delta[o];
      if (l > 0) nqs_dense_simd_axpy(in, delta[o], t->w + t->w_at[l] + o * in, before);
    }
    for (size_t i = 0; i < in; i++) before[i] *= 1 - below[i] * below[i];
    double *swap = delta;
    delta = before, before = swap;
  }
}

static void grad_of(const void *self, size_t n, const int8_t *s, void *work, void *O) {
  const ffn *t = self;
  const size_t total = n * t->n_group;
  double *x[MAX_LAYERS + 1], *rows_of = O, *vectors = (double *)work + ROWS * t->total;
  memset(O, 0, n * t->n_out * t->n_params * sizeof(double));
  for (size_t first = 0; first < total; first += ROWS) {
    const size_t rows = total - first < ROWS ? total - first : ROWS;
    forward(t, s, first, rows, work, x);
    for (size_t r = 0; r < rows; r++)
      for (size_t out = 0; out < t->n_out; out++)
        backward(t, (const double *const *)x, r, out, vectors,
                 rows_of + ((first + r) / t->n_group * t->n_out + out) * t->n_params);
  }
}

static const char *const output_names[] = {"complex", "real", NULL};
static const com_field fields[] = {
    {.key = "hidden",
     .doc = "units of each hidden layer (default: one layer of twice the sites)",
     .type = COM_F_REALS,
     .off = offsetof(opts, hidden),
     .lo = 1,
     .hi = 4096},
    {.key = "output",
     .doc = "complex log psi, or real (a positive state)",
     .type = COM_F_ENUM,
     .off = offsetof(opts, output),
     .aux = output_names,
     .sdef = "complex"},
    {.key = "symmetry",
     .doc = "sum over the images of none, translation, space (with the point group)",
     .type = COM_F_ENUM,
     .off = offsetof(opts, symmetry),
     .aux = nqs_lattice_symmetry_names,
     .sdef = "none"},
    {0}};

const nqs_ansatz_ops nqs_ansatz_ffn = {.c = {.name = "ffn",
                                             .doc = "feed-forward network of any depth, real weights",
                                             .ref = "Saito, Kato, arXiv:1709.05468",
                                             .fields = fields,
                                             .opt_size = sizeof(opts)},
                                       NQS_ANSATZ_FUNCTIONS,
                                       .init = init,
                                       .work_size = work_size};
