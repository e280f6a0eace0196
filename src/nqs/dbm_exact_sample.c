/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/dbm_exact_sample.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "nqs/dbm_chains.h"

/* Doubled machine: spins of layer 0 .. n_steps are the ket, those of layer n_steps .. 2 n_steps the bra, mirrored; they meet in the
 * visible layer n_steps, whose bonds and biases count for both.  Given the spins the hidden units are independent and the other way
 * round, which is block Gibbs sampling:  P(u) ~ exp(w u (s_a + sign s_b)),  P(s) ~ exp(s (bias + sum w u)).
 *
 * Clusters: s_a != sign s_b makes u a fair coin, s_a = sign s_b makes it +-1 with odds exp(4w).  Summed over u this is exp(a s s') with
 * 2|a| = log cosh 2w, so that a satisfied pair may be bound with probability 1 - exp(-2|a|) and whole clusters drawn anew from
 * their biases (Swendsen, Wang 1987); this is what moves the long imaginary-time direction. */

typedef struct machine {
  const nqs_dbm_exact *d;
  size_t n_spins, n_hidden, visible; /* visible: first spin of that layer */
  nqs_dbm_exact_hidden *hidden;
  double *bias, *bind; /* [n_spins]; [n_hidden] probability of a bond */
  /* state of the running chain */
  double *s, *pull;
  size_t *root;
} machine;

static void finish(machine *m) {
  free(m->hidden);
  free(m->bias);
  free(m->bind);
  free(m->s);
  free(m->pull);
  free(m->root);
}

static uint32_t mirrored(const machine *m, uint32_t spin) {
  const size_t n = m->d->n, layers = 2 * m->d->m.n_steps;
  return (uint32_t)((layers - spin / n) * n + spin % n);
}

static com_status double_machine(com_ctx *c, const nqs_dbm_exact *d, machine *m) {
  const size_t n = d->n, layers = 2 * d->m.n_steps + 1;
  *m = (machine){.d = d, .n_spins = layers * n, .n_hidden = 2 * d->n_hidden, .visible = d->m.n_steps * n};
  COM_ALLOC(c, m->hidden = malloc(m->n_hidden * sizeof *m->hidden));
  COM_ALLOC(c, m->bias = calloc(m->n_spins, sizeof *m->bias));
  COM_ALLOC(c, m->bind = malloc(m->n_hidden * sizeof *m->bind));
  COM_ALLOC(c, m->s = malloc(m->n_spins * sizeof *m->s));
  COM_ALLOC(c, m->pull = malloc(m->n_spins * sizeof *m->pull));
  COM_ALLOC(c, m->root = malloc(m->n_spins * sizeof *m->root));
  for (size_t k = 0; k < d->n_hidden; k++) {
    const nqs_dbm_exact_hidden u = d->hidden[k];
    m->hidden[k] = u;
    m->hidden[d->n_hidden + k] = (nqs_dbm_exact_hidden){mirrored(m, u.a), mirrored(m, u.b), u.w, u.sign};
    m->bind[k] = m->bind[d->n_hidden + k] = 1 - 1 / cosh(2 * u.w);
  }
  for (size_t k = 0; k < n * d->n_layers; k++) {
    const double b = d->m.hz * d->share[k / n] * d->m.dt;
    m->bias[k] += b, m->bias[mirrored(m, (uint32_t)k)] += b;
  }
  return COM_OK;
}

/* ---- updates ---- */

static double draw(com_rng *r, double field) {
  return com_rng_uniform(r) < 1 / (1 + exp(-2 * field)) ? 1 : -1;
}

static void gibbs(machine *m, com_rng *r) {
  memcpy(m->pull, m->bias, m->n_spins * sizeof *m->pull);
  for (size_t k = 0; k < m->n_hidden; k++) {
    const nqs_dbm_exact_hidden *h = m->hidden + k;
    const double u = draw(r, h->w * (m->s[h->a] + h->sign * m->s[h->b])) * h->w;
    m->pull[h->a] += u, m->pull[h->b] += h->sign * u;
  }
  for (size_t i = 0; i < m->n_spins; i++) m->s[i] = draw(r, m->pull[i]);
}

/* A cluster keeps the relative signs of its spins; its bias in the direction of the root is sum bias_i s_i. */
static void clusters(machine *m, com_rng *r) {
  for (size_t i = 0; i < m->n_spins; i++) m->root[i] = i, m->pull[i] = 0;
  for (size_t k = 0; k < m->n_hidden; k++) {
    const nqs_dbm_exact_hidden *h = m->hidden + k;
    const double u = com_rng_uniform(r);
    if (m->s[h->a] * m->s[h->b] != h->sign || u >= m->bind[k]) continue;
    m->root[nqs_dbm_chains_root(m->root, h->a)] = nqs_dbm_chains_root(m->root, h->b);
  }
  for (size_t i = 0; i < m->n_spins; i++) m->pull[nqs_dbm_chains_root(m->root, i)] += m->bias[i] * m->s[i];
  for (size_t i = 0; i < m->n_spins; i++) /* pull becomes the factor +-1 of each cluster */
    if (m->root[i] == i) m->pull[i] = draw(r, m->pull[i]);
  for (size_t i = 0; i < m->n_spins; i++) m->s[i] *= m->pull[nqs_dbm_chains_root(m->root, i)];
}

/* ---- observables ---- */

/* H between bra and ket at the visible layer: diagonal from the visible spins; X_i flips the visible spin for one copy only,
 *   psi(s^i, deep)/psi(s, deep) = exp(-2 s_i (g d_i + dt share (J sum_nb s_j + hz))),  averaged over the two copies. */
static double energy(const machine *m, double *around) {
  const nqs_dbm_exact *d = m->d;
  const size_t n = d->n;
  const double *s = m->s + m->visible, part = d->share[d->n_layers - 1] * d->m.dt;
  double e = 0;
  for (size_t i = 0; i < n; i++) around[i] = d->m.hz;
  for (size_t k = 0; k < d->n_bonds; k++) {
    const nqs_bond b = d->bond[k];
    e -= d->m.J * s[b.i] * s[b.j];
    around[b.i] += d->m.J * s[b.j], around[b.j] += d->m.J * s[b.i];
  }
  for (size_t i = 0; i < n; i++) {
    const double local = part * around[i], ket = m->s[m->visible - n + i], bra = s[i + n];
    e -= d->m.hz * s[i];
    e -= 0.5 * d->m.h * exp(-2 * s[i] * (d->field_coupling * ket + local));
    e -= 0.5 * d->m.h * exp(-2 * s[i] * (d->field_coupling * bra + local));
  }
  return e;
}

typedef struct sampler {
  machine m;
  int cluster;
  double *around; /* [n] */
} sampler;

static void start(void *self, com_rng *r) {
  machine *m = &((sampler *)self)->m;
  for (size_t i = 0; i < m->n_spins; i++) m->s[i] = com_rng_bits(r) >> 63 ? 1 : -1;
}

static void sweep(void *self, com_rng *r) {
  sampler *q = self;
  if (q->cluster)
    clusters(&q->m, r);
  else
    gibbs(&q->m, r);
}

static void measure(void *self, double *e, double *z, double *corr) {
  sampler *q = self;
  const size_t n = q->m.d->n;
  const double *s = q->m.s + q->m.visible;
  *e = energy(&q->m, q->around);
  *z = 0;
  for (size_t i = 0; i < n; i++) *z += s[i] / (double)n, corr[i] = s[0] * s[i];
}

com_status nqs_dbm_exact_sample_run(com_ctx *c, const nqs_dbm_exact *d, const nqs_dbm_exact_sample_opts *o,
                                    nqs_dbm_exact_sample_result *out) {
  sampler q = {.cluster = o->cluster, .around = malloc(d->n * sizeof *q.around)};
  const nqs_dbm_chains chains = {
      .machine = &q, .n = d->n, .start = start, .sweep = sweep, .measure = measure};
  *out = (nqs_dbm_exact_sample_result){0};
  com_status status = double_machine(c, d, &q.m);
  if (!status && !q.around) status = COM_FAIL(c, COM_E_MEM, "out of memory");
  if (!status) status = nqs_dbm_chains_run(c, &chains, o, out);
  free(q.around);
  finish(&q.m);
  return status;
}
