/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include "nqs/hamiltonian.h"

/* H = -t sum_<ij> (b_i^+ b_j + b_j^+ b_i) + U/2 sum_i n_i (n_i - 1) - mu sum_i n_i, at fixed particle number. */
typedef struct {
  double t, U, mu;
  int particles, n_max;
} opts;
typedef struct bose {
  opts o;
  const nqs_lattice *l;
  const nqs_hilbert *h;
} bose;

static com_status space(com_ctx *c, const void *op, const nqs_lattice *l, nqs_hilbert **out) {
  const opts *o = op;
  const int n = o->particles ? o->particles : (int)l->n, cap = o->n_max ? o->n_max : n;
  COM_CHECK(c, cap <= 127, COM_E_CONFIG,
            "hamiltonian.n_max: missing; %d particles need a cut-off of at most 127 per site", n);
  return nqs_hilbert_create(c, l->n, cap + 1, 0, 1, 1, n, out);
}

static com_status create(com_ctx *c, const void *op, const nqs_lattice *l, const nqs_hilbert *h,
                         void **self) {
  bose *b;
  COM_ALLOC(c, b = malloc(sizeof *b));
  *b = (bose){*(const opts *)op, l, h};
  *self = b;
  return COM_OK;
}

static double site_energy(const opts *o, double n) { return 0.5 * o->U * n * (n - 1) - o->mu * n; }

/* <n| b_i^+ b_j |n'> with n' = n - e_i + e_j:  sqrt(n_i (n_j + 1)) */
static void hop(const bose *b, const int8_t *s, size_t i, size_t j, uint32_t conf, nqs_moves *m,
                double complex *mel) {
  if (s[i] == 0 || s[j] == b->h->d - 1) return;
  mel[m->n] = -b->o.t * sqrt((double)s[i] * (s[j] + 1.0));
  nqs_moves_site(m, (uint32_t)i, s[i] - 1);
  nqs_moves_site(m, (uint32_t)j, s[j] + 1);
  nqs_moves_close(m, conf);
}

static void connected(const void *self, size_t n, const int8_t *s, double complex *diag, nqs_moves *m,
                      double complex *mel) {
  const bose *b = self;
  for (size_t conf = 0; conf < n; conf++, s += b->l->n) {
    double e = 0;
    for (size_t i = 0; i < b->l->n; i++) e += site_energy(&b->o, s[i]);
    diag[conf] = e;
    for (size_t k = 0; k < b->l->n_near && b->o.t != 0; k++) {
      hop(b, s, b->l->near[k].i, b->l->near[k].j, (uint32_t)conf, m, mel);
      hop(b, s, b->l->near[k].j, b->l->near[k].i, (uint32_t)conf, m, mel);
    }
  }
}

static size_t max_moves(const void *self) { return 2 * ((const bose *)self)->l->n_near; }

/* Mean of the diagonal: the occupation of one site has weight count(n - 1 sites, N - v). */
static double trace(const void *self) {
  const bose *b = self;
  const size_t width = b->h->n * (size_t)(b->h->d - 1) + 1;
  double sum = 0;
  for (long v = 0; v < b->h->d && v <= b->h->total; v++)
    sum += site_energy(&b->o, (double)v) * b->h->count[(b->h->n - 1) * width + (size_t)(b->h->total - v)];
  return (double)b->h->n * sum / b->h->dim;
}

static const com_field fields[] = {
    {.key = "t", .doc = "hopping", .type = COM_F_REAL, .off = offsetof(opts, t), .def = 1},
    {.key = "U", .doc = "on-site repulsion", .type = COM_F_REAL, .off = offsetof(opts, U), .def = 1},
    {.key = "mu",
     .doc = "chemical potential (a constant at fixed particle number)",
     .type = COM_F_REAL,
     .off = offsetof(opts, mu),
     .def = 0},
    {.key = "particles",
     .doc = "number of bosons (0: one per site)",
     .type = COM_F_INT,
     .off = offsetof(opts, particles),
     .def = 0,
     .lo = 0,
     .hi = 100000},
    {.key = "n_max",
     .doc = "largest occupation of a site (0: no cut-off)",
     .type = COM_F_INT,
     .off = offsetof(opts, n_max),
     .def = 0,
     .lo = 0,
     .hi = 127},
    {0}};
const nqs_ham_ops nqs_ham_bose_hubbard = {
    .c = {.name = "bose_hubbard",
          .doc = "bosons with hopping t and repulsion U at fixed number",
          .ref = "Saito, Kato, arXiv:1709.05468",
          .fields = fields,
          .opt_size = sizeof(opts)},
    .space = space,
    .create = create,
    .connected = connected,
    .max_moves = max_moves,
    .trace = trace,
    .destroy = free};
