/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "nqs/ansatz.h"

/* Deep Boltzmann machine (Gao, Duan, arXiv:1701.05039; Carleo, Nomura, Imada, arXiv:1802.09558):
 *     psi(s) = e^{sum_i a_i s_i} sum_d e^{sum_k b'_k d_k} prod_j 2cosh(theta_j + sum_k W'_jk d_k),
 *     theta_j = b_j + sum_i W_ij s_i,   d_k = +-1.
 * The hidden layer is traced in closed form.  The deep layer is summed exactly over its 2^deep states: with complex weights
 * the summand is no probability, so sampling d would bring a sign problem into every ratio, and a noisy psi biases
 * |psi|^2; hence `deep` is small by choice and the amplitudes are exact.
 * Parameters in order: a_i, b_j, b'_k, W_ij as [j][i], W'_jk as [j][k]. */
typedef struct opts {
  int alpha, deep, weights;
} opts;

enum { MAX_DEEP = 12, GROUP = 16 };

typedef struct dbm {
  size_t n, m, deep, states, n_params; /* sites, hidden units, deep units, 2^deep */
  size_t b_at, c_at, w_at, v_at;       /* b_j, b'_k, W, W' */
  int complex_weights;
  double complex *w;    /* [n_params] */
  double complex *lift; /* [states][m]: e^{delta}, delta = sum_k W'_jk d_k */
  double complex *bias; /* [states]: sum_k b'_k d_k */
} dbm;

static double deep_spin(size_t state, size_t k) { return state >> k & 1 ? -1.0 : 1.0; }

static void destroy(void *self) {
  dbm *t = self;
  if (!t) return;
  free(t->w);
  free(t->lift);
  free(t->bias);
  free(t);
}

static com_status create(com_ctx *c, const void *op, const nqs_lattice *l, const nqs_hilbert *h,
                         nqs_shape *shape, void **self) {
  (void)h;
  const opts *o = op;
  dbm *t;
  COM_ALLOC(c, t = calloc(1, sizeof *t));
  *self = t;
  t->n = l->n, t->m = (size_t)o->alpha * l->n, t->deep = (size_t)o->deep, t->states = (size_t)1 << o->deep;
  t->complex_weights = o->weights == 0;
  t->b_at = t->n, t->c_at = t->b_at + t->m, t->w_at = t->c_at + t->deep, t->v_at = t->w_at + t->m * t->n;
  t->n_params = t->v_at + t->m * t->deep;
  COM_ALLOC(c, t->w = calloc(t->n_params, sizeof *t->w));
  COM_ALLOC(c, t->lift = calloc(t->states * t->m, sizeof *t->lift));
  COM_ALLOC(c, t->bias = calloc(t->states, sizeof *t->bias));
  *shape = (nqs_shape){t->complex_weights ? NQS_HOLO : NQS_REAL, t->n_params};
  return COM_OK;
}

static void param_name(const void *self, size_t k, char out[48]) {
  const dbm *t = self;
  if (k < t->b_at) {
    snprintf(out, 48, "a[%zu]", k);
  } else if (k < t->c_at) {
    snprintf(out, 48, "b[%zu]", k - t->b_at);
  } else if (k < t->w_at) {
    snprintf(out, 48, "b_deep[%zu]", k - t->c_at);
  } else if (k < t->v_at) {
    snprintf(out, 48, "W[%zu][%zu]", (k - t->w_at) / t->n, (k - t->w_at) % t->n);
  } else {
    snprintf(out, 48, "W_deep[%zu][%zu]", (k - t->v_at) / t->deep, (k - t->v_at) % t->deep);
  }
}

static com_status load(com_ctx *c, void *self, const double *w) {
  (void)c;
  dbm *t = self;
  nqs_ansatz_unpack(t->n_params, t->complex_weights, w, t->w);
  for (size_t d = 0; d < t->states; d++) {
    t->bias[d] = 0;
    for (size_t k = 0; k < t->deep; k++) t->bias[d] += t->w[t->c_at + k] * deep_spin(d, k);
    for (size_t j = 0; j < t->m; j++) {
      double complex delta = 0;
      for (size_t k = 0; k < t->deep; k++) delta += t->w[t->v_at + j * t->deep + k] * deep_spin(d, k);
      t->lift[d * t->m + j] = cexp(delta);
    }
  }
  return COM_OK;
}

/* Of one configuration: with u = e^{-2 theta} the fractions p = 1/(1+u), q = u/(1+u) give
 *     2cosh(theta + delta) = 2cosh(theta) (p e^delta + q e^{-delta}). */
typedef struct scratch {
  double complex *p, *q; /* [m] */
  double complex *term;  /* [states] log of the summand, then its share of psi */
} scratch;

static size_t work_size(const void *self, size_t n) {
  (void)n;
  const dbm *t = self;
  return (2 * t->m + t->states) * sizeof(double complex);
}

static scratch carve(const dbm *t, void *work) {
  double complex *at = work;
  return (scratch){.p = at, .q = at + t->m, .term = at + 2 * t->m};
}

/* Fills p and q; returns a.s + sum_j log 2cosh theta_j. */
static double complex hidden_layer(const dbm *t, const int8_t *s, const scratch *x) {
  double complex sum = 0;
  for (size_t i = 0; i < t->n; i++) sum += t->w[i] * s[i];
  for (size_t j = 0; j < t->m; j++) {
    double complex theta = t->w[t->b_at + j];
    for (size_t i = 0; i < t->n; i++) theta += t->w[t->w_at + j * t->n + i] * s[i];
    const int flip = creal(theta) < 0; /* exponentiate a number with negative real part */
    const double complex z = flip ? -theta : theta, u = cexp(-2 * z), big = 1 / (1 + u);
    x->p[j] = flip ? u * big : big;
    x->q[j] = flip ? big : u * big;
    sum += z - clog(big);
  }
  return sum;
}

/* term[d] = share of deep state d in psi; returns log of the sum over d (without the hidden layer's factor). */
static double complex deep_layer(const dbm *t, const scratch *x) {
  double top = -INFINITY;
  for (size_t d = 0; d < t->states; d++) {
    const double complex *lift = t->lift + d * t->m;
    double complex sum = t->bias[d];
    for (size_t j = 0; j < t->m; j += GROUP) { /* a product of few factors cannot overflow */
      const size_t end = j + GROUP < t->m ? j + GROUP : t->m;
      double complex product = 1;
      for (size_t k = j; k < end; k++) product *= x->p[k] * lift[k] + x->q[k] / lift[k];
      sum += clog(product);
    }
    x->term[d] = sum;
    if (creal(sum) > top) top = creal(sum);
  }
  double complex total = 0;
  for (size_t d = 0; d < t->states; d++) total += x->term[d] = cexp(x->term[d] - top);
  for (size_t d = 0; d < t->states; d++) x->term[d] /= total;
  return top + clog(total);
}

static void log_psi_of(const void *self, size_t n, const int8_t *s, void *work, double complex *out) {
  const dbm *t = self;
  const scratch x = carve(t, work);
  for (size_t k = 0; k < n; k++, s += t->n) {
    out[k] = hidden_layer(t, s, &x);
    out[k] += deep_layer(t, &x);
  }
}

static void put(const dbm *t, double *row, size_t k, double complex value) {
  if (t->complex_weights) {
    row[2 * k] = creal(value), row[2 * k + 1] = cimag(value);
  } else {
    row[k] = creal(value);
  }
}

/* With t_j(d) = tanh(theta_j + delta_j(d)) and <.> the average over the shares of the deep states:
 *     O_a = s_i, O_b = <t_j>, O_b' = <d_k>, O_W = s_i <t_j>, O_W' = <t_j d_k>. */
static void grad_of(const void *self, size_t n, const int8_t *s, void *work, void *O) {
  const dbm *t = self;
  const scratch x = carve(t, work);
  double *row = O;
  for (size_t r = 0; r < n; r++, s += t->n, row += t->n_params * (t->complex_weights ? 2 : 1)) {
    hidden_layer(t, s, &x);
    deep_layer(t, &x);
    for (size_t i = 0; i < t->n; i++) put(t, row, i, s[i]);
    for (size_t k = 0; k < t->deep; k++) {
      double complex mean = 0;
      for (size_t d = 0; d < t->states; d++) mean += x.term[d] * deep_spin(d, k);
      put(t, row, t->c_at + k, mean);
    }
    for (size_t j = 0; j < t->m; j++) {
      double complex mean = 0, with_deep[MAX_DEEP] = {0};
      for (size_t d = 0; d < t->states; d++) {
        const double complex e = t->lift[d * t->m + j], up = x.p[j] * e, down = x.q[j] / e;
        const double complex share = x.term[d] * (up - down) / (up + down);
        mean += share;
        for (size_t k = 0; k < t->deep; k++) with_deep[k] += share * deep_spin(d, k);
      }
      put(t, row, t->b_at + j, mean);
      for (size_t i = 0; i < t->n; i++) put(t, row, t->w_at + j * t->n + i, mean * s[i]);
      for (size_t k = 0; k < t->deep; k++) put(t, row, t->v_at + j * t->deep + k, with_deep[k]);
    }
  }
}

static const com_field fields[] = {{.key = "alpha",
                                    .doc = "hidden units per site",
                                    .type = COM_F_INT,
                                    .off = offsetof(opts, alpha),
                                    .def = 1,
                                    .lo = 1,
                                    .hi = 1000},
                                   {.key = "deep",
                                    .doc = "deep units; their 2^deep states are summed exactly",
                                    .type = COM_F_INT,
                                    .off = offsetof(opts, deep),
                                    .def = 3,
                                    .lo = 1,
                                    .hi = MAX_DEEP},
                                   NQS_ANSATZ_WEIGHTS(opts),
                                   {0}};

const nqs_ansatz_ops nqs_ansatz_dbm = {.c = {.name = "dbm",
                                             .doc = "deep Boltzmann machine, deep layer summed exactly",
                                             .ref = "Gao, Duan, arXiv:1701.05039",
                                             .fields = fields,
                                             .opt_size = sizeof(opts)},
                                       NQS_ANSATZ_FUNCTIONS,
                                       .work_size = work_size};
