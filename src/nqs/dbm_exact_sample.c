/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/dbm_exact_sample.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static size_t root_of(size_t *root, size_t i) {
  while (root[i] != i) i = root[i] = root[root[i]];
  return i;
}

/* A cluster keeps the relative signs of its spins; its bias in the direction of the root is sum bias_i s_i. */
static void clusters(machine *m, com_rng *r) {
  for (size_t i = 0; i < m->n_spins; i++) m->root[i] = i, m->pull[i] = 0;
  for (size_t k = 0; k < m->n_hidden; k++) {
    const nqs_dbm_exact_hidden *h = m->hidden + k;
    const double u = com_rng_uniform(r);
    if (m->s[h->a] * m->s[h->b] != h->sign || u >= m->bind[k]) continue;
    m->root[root_of(m->root, h->a)] = root_of(m->root, h->b);
  }
  for (size_t i = 0; i < m->n_spins; i++) m->pull[root_of(m->root, i)] += m->bias[i] * m->s[i];
  for (size_t i = 0; i < m->n_spins; i++) /* pull becomes the factor +-1 of each cluster */
    if (m->root[i] == i) m->pull[i] = draw(r, m->pull[i]);
  for (size_t i = 0; i < m->n_spins; i++) m->s[i] *= m->pull[root_of(m->root, i)];
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

typedef struct series {
  size_t chains, time;
  double complex *energy, *z, *corr; /* [chains][time]; corr [n][chains][time] */
} series;

static void record(const machine *m, series *q, size_t chain, size_t t, double *around) {
  const size_t n = m->d->n, at = chain * q->time + t, stride = q->chains * q->time;
  const double *s = m->s + m->visible;
  double z = 0;
  q->energy[at] = energy(m, around);
  for (size_t i = 0; i < n; i++) z += s[i] / (double)n, q->corr[i * stride + at] = s[0] * s[i];
  q->z[at] = z;
}

static com_status run_chain(com_ctx *c, machine *m, const nqs_dbm_exact_sample_opts *o, size_t chain,
                            series *q, double *around) {
  char name[48];
  com_rng *r = NULL;
  snprintf(name, sizeof name, "dbm/%zu", chain);
  COM_TRY(com_rng_create(c, com_ctx_seed(c), name, &r));
  for (size_t i = 0; i < m->n_spins; i++) m->s[i] = com_rng_bits(r) >> 63 ? 1 : -1;
  for (size_t t = 0; t < o->discard + o->sweeps && !com_ctx_stop(c); t++) {
    if (o->cluster)
      clusters(m, r);
    else
      gibbs(m, r);
    if (t >= o->discard) record(m, q, chain, t - o->discard, around);
  }
  com_rng_destroy(r);
  COM_CHECK(c, !com_ctx_stop(c), COM_E_INTERRUPTED, "dbm: interrupted while sampling");
  return COM_OK;
}

com_status nqs_dbm_exact_sample_run(com_ctx *c, const nqs_dbm_exact *d, const nqs_dbm_exact_sample_opts *o,
                                    nqs_dbm_exact_sample_result *out) {
  machine m;
  series q = {.chains = o->chains, .time = o->sweeps};
  const size_t n = d->n, all = o->chains * o->sweeps;
  double *around = malloc(n * sizeof *around);
  *out = (nqs_dbm_exact_sample_result){0};
  com_status status = double_machine(c, d, &m);
  if (!status && !around) status = COM_FAIL(c, COM_E_MEM, "out of memory");
  if (!status && !(q.energy = malloc((n + 2) * all * sizeof *q.energy)))
    status = COM_FAIL(c, COM_E_MEM, "out of memory");
  if (!status && !(out->correlation = calloc(n, sizeof *out->correlation)))
    status = COM_FAIL(c, COM_E_MEM, "out of memory");
  if (!status) q.z = q.energy + all, q.corr = q.z + all;
  for (size_t k = 0; k < o->chains && !status; k++) status = run_chain(c, &m, o, k, &q, around);
  if (!status) {
    nqs_estimate_series(o->chains, o->sweeps, q.energy, NULL, &out->energy);
    nqs_estimate_series(o->chains, o->sweeps, q.z, NULL, &out->z);
    for (size_t i = 0; i < n; i++)
      nqs_estimate_series(o->chains, o->sweeps, q.corr + i * all, NULL, out->correlation + i);
  } else {
    free(out->correlation);
    out->correlation = NULL;
  }
  free(q.energy);
  free(around);
  finish(&m);
  return status;
}
