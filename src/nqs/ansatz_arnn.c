/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "nqs/ansatz.h"
#include "nqs/dense_simd.h"

/* Autoregressive network (Sharir et al., arXiv:1902.04057), masked dense layers in the order of the sites:
 *     log psi(s) = sum_i [ log p(s_i | s_{<i}) / 2 + i phi(s_i | s_{<i}) ],
 *     x_1,i = tanh(W_1 s_{<i} + b_1),  x_l,i = tanh(W_l x_{l-1,<=i} + b_l),  (logits, phases)_i = W_o x_{L,<=i} + b_o.
 * p is the softmax over the levels that the space still allows: with a fixed total (S^z, particle number) the levels that
 * would make the total unreachable have probability 0, so psi is normalised in the sector and samples never leave it.
 * Only unmasked weights are parameters.  Order: per layer W[site][unit][inputs so far], then b[site][unit]. */
typedef struct opts {
  int features, layers, phase;
} opts;

enum { MAX_LAYERS = 8, MAX_LEVELS = 64 };

typedef struct layer {
  size_t in, out;    /* per site */
  int shifted;       /* 1: sees sites < i, 0: sites <= i */
  size_t w_at, b_at; /* first parameter */
} layer;

typedef struct arnn {
  size_t n, d, n_layers, n_params; /* n_layers: hidden; layer[n_layers] is the output */
  layer layer[MAX_LAYERS + 1];
  size_t state; /* doubles of all activations: inputs, hidden layers, outputs */
  int lo, step, fixed, phase;
  size_t total; /* of levels, when fixed */
  double *w;
} arnn;

static void destroy(void *self) {
  arnn *t = self;
  if (!t) return;
  free(t->w);
  free(t);
}

static size_t seen(const layer *y, size_t site) { return site + (y->shifted ? 0 : 1); }
/* First weight of a unit: the sites before have sum_{i'<i} seen(i') blocks. */
static size_t weight_at(const layer *y, size_t i, size_t unit) {
  const size_t blocks = i * (i + 1) / 2 - (y->shifted ? i : 0);
  return y->w_at + y->in * (y->out * blocks + unit * seen(y, i));
}

static com_status create(com_ctx *c, const void *op, const nqs_lattice *l, const nqs_hilbert *h,
                         nqs_shape *shape, void **self) {
  const opts *o = op;
  arnn *t;
  COM_CHECK(c, h->d <= MAX_LEVELS, COM_E_CONFIG,
            "ansatz.type = \"arnn\": %d levels per site, at most %d are supported", h->d, (int)MAX_LEVELS);
  COM_ALLOC(c, t = calloc(1, sizeof *t));
  *self = t;
  t->n = l->n, t->d = (size_t)h->d, t->lo = h->lo, t->step = h->step, t->phase = o->phase;
  t->fixed = h->fixed;
  if (h->fixed) t->total = (size_t)((h->total - (long)t->n * h->lo) / h->step);
  t->n_layers = (size_t)o->layers;
  t->state = t->n;
  for (size_t k = 0; k <= t->n_layers; k++) {
    layer *y = t->layer + k;
    y->in = k == 0 ? 1 : (size_t)o->features;
    y->out = k < t->n_layers ? (size_t)o->features : t->d * (o->phase ? 2 : 1);
    y->shifted = k == 0;
    y->w_at = t->n_params;
    y->b_at = weight_at(y, t->n, 0);
    t->n_params = y->b_at + t->n * y->out;
    t->state += t->n * y->out;
  }
  COM_ALLOC(c, t->w = calloc(t->n_params, sizeof *t->w));
  *shape = (nqs_shape){o->phase ? NQS_SPLIT : NQS_REAL, t->n_params};
  return COM_OK;
}

/* Hidden weights keep the size of the signal, outputs are of width sigma: all conditionals start near uniform. */
static void init(const void *self, double sigma, com_rng *r, double *w) {
  const arnn *t = self;
  for (size_t k = 0; k <= t->n_layers; k++) {
    const layer *y = t->layer + k;
    for (size_t i = 0; i < t->n; i++) {
      const double scale = k < t->n_layers ? 1 / sqrt((double)(y->in * (seen(y, i) + 1))) : sigma;
      for (size_t q = weight_at(y, i, 0); q < weight_at(y, i + 1, 0); q++) w[q] = scale * com_rng_normal(r);
    }
    for (size_t q = y->b_at; q < y->b_at + t->n * y->out; q++) w[q] = sigma * com_rng_normal(r);
  }
}

static void param_name(const void *self, size_t k, char out[48]) {
  const arnn *t = self;
  size_t l = t->n_layers;
  while (t->layer[l].w_at > k) l--;
  const layer *y = t->layer + l;
  if (k >= y->b_at) {
    snprintf(out, 48, "b%u[%u][%u]", (unsigned)l + 1, (unsigned)((k - y->b_at) / y->out),
             (unsigned)((k - y->b_at) % y->out));
    return;
  }
  size_t i = t->n - 1, unit = y->out - 1;
  while (weight_at(y, i, 0) > k) i--;
  while (weight_at(y, i, unit) > k) unit--;
  snprintf(out, 48, "W%u[%u][%u][%u]", (unsigned)l + 1, (unsigned)i, (unsigned)unit,
           (unsigned)(k - weight_at(y, i, unit)));
}

static com_status load(com_ctx *c, void *self, const double *w) {
  (void)c;
  arnn *t = self;
  memcpy(t->w, w, t->n_params * sizeof *w);
  return COM_OK;
}

/* x: activations [inputs n][layer 1: n out]...[outputs: n out]; their errors on the way back, twice. */
static size_t work_size(const void *self, size_t n) {
  (void)n;
  const arnn *t = self;
  return 2 * t->state * sizeof(double);
}

/* All layers of site i, from the sites before it. Returns its outputs: logits[d], phases[d]. */
static const double *site(const arnn *t, size_t i, double *x) {
  double *y = NULL;
  for (size_t k = 0; k <= t->n_layers; k++) {
    const layer *p = t->layer + k;
    double *next = x + t->n * p->in; /* layer k's outputs follow its inputs */
    y = next + i * p->out;
    for (size_t u = 0; u < p->out; u++)
      y[u] = t->w[p->b_at + i * p->out + u] +
             nqs_dense_simd_dot(p->in * seen(p, i), x, t->w + weight_at(p, i, u));
    if (k < t->n_layers) nqs_dense_simd_tanh(p->out, y);
    x = next;
  }
  return y;
}

static size_t level(const arnn *t, int8_t value) { return (size_t)((value - t->lo) / t->step); }

/* Conditional probabilities of the levels of site i when the sites before it hold `used` levels. */
static void softmax(const arnn *t, size_t i, size_t used, const double *logit, double *p) {
  const size_t room = (t->n - 1 - i) * (t->d - 1);
  double top = -INFINITY, sum = 0;
  for (size_t v = 0; v < t->d; v++) {
    const int allowed = !t->fixed || (used + v <= t->total && t->total <= used + v + room);
    p[v] = allowed ? logit[v] : -INFINITY;
    if (p[v] > top) top = p[v];
  }
  for (size_t v = 0; v < t->d; v++) sum += p[v] = exp(p[v] - top);
  for (size_t v = 0; v < t->d; v++) p[v] /= sum;
}

static void log_psi_of(const void *self, size_t n, const int8_t *s, void *work, double complex *out) {
  const arnn *t = self;
  double *x = work, p[MAX_LEVELS];
  for (size_t k = 0; k < n; k++, s += t->n) {
    double log_p = 0, phase = 0;
    size_t used = 0;
    for (size_t i = 0; i < t->n; i++) {
      const double *y = site(t, i, x);
      const size_t v = level(t, s[i]);
      softmax(t, i, used, y, p);
      log_p += log(p[v]);
      if (t->phase) phase += y[t->d + v];
      used += v;
      x[i] = s[i];
    }
    out[k] = 0.5 * log_p + I * phase;
  }
}

static void sample(const void *self, com_rng *r, size_t n, void *work, int8_t *s) {
  const arnn *t = self;
  double *x = work, p[MAX_LEVELS];
  for (size_t k = 0; k < n; k++, s += t->n) {
    size_t used = 0;
    for (size_t i = 0; i < t->n; i++) {
      softmax(t, i, used, site(t, i, x), p);
      double u = com_rng_uniform(r);
      size_t v = t->d - 1;
      while (v > 0 && p[v] == 0) v--; /* rounding must not choose a level that is not allowed */
      for (size_t a = 0; a < v; a++) {
        u -= p[a];
        if (u < 0) v = a;
      }
      used += v;
      s[i] = (int8_t)(t->lo + t->step * (int)v);
      x[i] = s[i];
    }
  }
}

/* Errors of the outputs are in e (same layout as x); fills one row and the errors below. */
static void backward(const arnn *t, const double *x_top, double *e_top, double *row) {
  for (size_t k = t->n_layers + 1; k-- > 0;) {
    const layer *p = t->layer + k;
    const double *x = x_top - t->n * p->in;
    double *e = e_top - t->n * p->in;
    memset(e, 0, t->n * p->in * sizeof *e);
    for (size_t i = 0; i < t->n; i++)
      for (size_t u = 0; u < p->out; u++) {
        const double delta = e_top[i * p->out + u];
        const size_t at = weight_at(p, i, u), len = p->in * seen(p, i);
        row[p->b_at + i * p->out + u] = delta;
        for (size_t q = 0; q < len; q++) row[at + q] = delta * x[q];
        if (k > 0) nqs_dense_simd_axpy(len, delta, t->w + at, e);
      }
    for (size_t q = 0; q < t->n * p->in && k > 0; q++) e[q] *= 1 - x[q] * x[q];
    x_top = x, e_top = e;
  }
}

/* d log|psi|/d logit_v = (delta_{v s} - p_v)/2 and d arg psi/d phase_v = delta_{v s}. */
static void grad_of(const void *self, size_t n, const int8_t *s, void *work, void *O) {
  const arnn *t = self;
  const size_t width = t->layer[t->n_layers].out, n_rows = t->phase ? 2 : 1;
  double *x = work, *e = x + t->state, *row = O, p[MAX_LEVELS];
  double *x_top = x + t->state - t->n * width, *e_top = e + t->state - t->n * width;
  for (size_t k = 0; k < n; k++, s += t->n, row += n_rows * t->n_params) {
    size_t used = 0;
    memset(e_top, 0, t->n * width * sizeof *e_top);
    for (size_t i = 0; i < t->n; i++) {
      const size_t now = level(t, s[i]);
      softmax(t, i, used, site(t, i, x), p);
      for (size_t v = 0; v < t->d; v++) e_top[i * width + v] = 0.5 * ((v == now) - p[v]);
      used += now;
      x[i] = s[i];
    }
    backward(t, x_top, e_top, row);
    if (!t->phase) continue;
    memset(e_top, 0, t->n * width * sizeof *e_top);
    for (size_t i = 0; i < t->n; i++) e_top[i * width + t->d + level(t, s[i])] = 1;
    backward(t, x_top, e_top, row + t->n_params);
  }
}

static const com_field fields[] = {{.key = "features",
                                    .doc = "units per site and hidden layer",
                                    .type = COM_F_INT,
                                    .off = offsetof(opts, features),
                                    .def = 4,
                                    .lo = 1,
                                    .hi = 1024},
                                   {.key = "layers",
                                    .doc = "hidden layers",
                                    .type = COM_F_INT,
                                    .off = offsetof(opts, layers),
                                    .def = 1,
                                    .lo = 1,
                                    .hi = MAX_LAYERS},
                                   {.key = "phase",
                                    .doc = "complex log psi; false: a positive state",
                                    .type = COM_F_BOOL,
                                    .off = offsetof(opts, phase),
                                    .def = 1},
                                   {0}};

const nqs_ansatz_ops nqs_ansatz_arnn = {.c = {.name = "arnn",
                                              .doc = "autoregressive network, sampled exactly",
                                              .ref = "Sharir et al., arXiv:1902.04057",
                                              .fields = fields,
                                              .opt_size = sizeof(opts)},
                                        NQS_ANSATZ_FUNCTIONS,
                                        .init = init,
                                        .work_size = work_size,
                                        .sample = sample};
