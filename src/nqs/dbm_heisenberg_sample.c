/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include "nqs/dbm_chains.h"
#include "nqs/dbm_heisenberg.h"

/* Ket and bra share the visible spins.  A factor's weight is e^{-x} [stay] + e^x sinh 2x [a1 = -a2, b1 = -b2], since e^x cosh 2x
 * is the sum of both: so it ties its spins along time or, with the second part, into two singlets; spins tied together form a loop that
 * keeps its relative signs, and every loop may be turned over freely. */
typedef struct machine {
  const nqs_dbm_heisenberg *d;
  size_t n_spins;       /* of both copies; the bra's own copies of visible spins are idle */
  double *s, *turn;     /* [n_spins] */
  size_t *root;         /* [n_spins] */
  unsigned char *shown; /* [n_spins] of the ket: visible */
} machine;

static void finish(machine *m) {
  free(m->s);
  free(m->turn);
  free(m->root);
  free(m->shown);
}

static com_status double_machine(com_ctx *c, const nqs_dbm_heisenberg *d, machine *m) {
  *m = (machine){.d = d, .n_spins = 2 * d->n_spins};
  COM_ALLOC(c, m->s = malloc(m->n_spins * sizeof *m->s));
  COM_ALLOC(c, m->turn = malloc(m->n_spins * sizeof *m->turn));
  COM_ALLOC(c, m->root = malloc(m->n_spins * sizeof *m->root));
  COM_ALLOC(c, m->shown = calloc(m->n_spins, 1));
  for (size_t i = 0; i < d->n; i++) m->shown[d->visible[i]] = 1;
  return COM_OK;
}

static size_t in_copy(const machine *m, uint32_t spin, int bra) {
  return bra && !m->shown[spin] ? spin + m->d->n_spins : spin;
}

/* Neel order in the dimers, the same at all times: no weight vanishes. */
static void start(machine *m) {
  const nqs_dbm_heisenberg *d = m->d;
  for (int bra = 0; bra < 2; bra++) {
    for (size_t k = 0; k < d->n_dimers; k++) {
      m->s[in_copy(m, d->dimer[k].i, bra)] = 1;
      m->s[in_copy(m, d->dimer[k].j, bra)] = -1;
    }
    for (size_t k = 0; k < d->n_factors; k++)
      for (int e = 0; e < 2; e++)
        m->s[in_copy(m, d->factor[k].b[e], bra)] = m->s[in_copy(m, d->factor[k].a[e], bra)];
  }
}

static void tie(machine *m, size_t a, size_t b) {
  m->root[nqs_dbm_chains_root(m->root, a)] = nqs_dbm_chains_root(m->root, b);
}

static void loops(machine *m, com_rng *r) {
  const nqs_dbm_heisenberg *d = m->d;
  for (size_t i = 0; i < m->n_spins; i++) m->root[i] = i;
  for (int bra = 0; bra < 2; bra++) {
    for (size_t k = 0; k < d->n_dimers; k++)
      tie(m, in_copy(m, d->dimer[k].i, bra), in_copy(m, d->dimer[k].j, bra));
    for (size_t k = 0; k < d->n_factors; k++) {
      const nqs_dbm_heisenberg_factor *f = d->factor + k;
      const size_t a0 = in_copy(m, f->a[0], bra), a1 = in_copy(m, f->a[1], bra),
                   b0 = in_copy(m, f->b[0], bra), b1 = in_copy(m, f->b[1], bra);
      const double u = com_rng_uniform(r); /* always drawn: one number per factor */
      const int aligned = m->s[a0] == m->s[a1], stays = m->s[a0] == m->s[b0];
      if (aligned || (stays && u * cosh(2 * f->x) < exp(-2 * f->x)))
        tie(m, a0, b0), tie(m, a1, b1);
      else
        tie(m, a0, a1), tie(m, b0, b1);
    }
  }
  for (size_t i = 0; i < m->n_spins; i++)
    if (m->root[i] == i) m->turn[i] = com_rng_bits(r) >> 63 ? 1 : -1;
  for (size_t i = 0; i < m->n_spins; i++) m->s[i] *= m->turn[nqs_dbm_chains_root(m->root, i)];
}

/* s_i s_j averaged over the turns of all loops. */
static double together(machine *m, size_t i, size_t j) {
  const size_t a = m->d->visible[i], b = m->d->visible[j];
  return nqs_dbm_chains_root(m->root, a) == nqs_dbm_chains_root(m->root, b) ? m->s[a] * m->s[b] : 0;
}

static void begin(void *machine_, com_rng *r) {
  (void)r;
  start(machine_);
}

static void sweep(void *machine_, com_rng *r) { loops(machine_, r); }

static void measure(void *machine_, double *energy, double *z, double *corr) {
  machine *m = machine_;
  const nqs_dbm_heisenberg *d = m->d;
  *energy = *z = 0;
  for (size_t k = 0; k < d->n_bonds; k++) *energy += 3 * d->J * together(m, d->bond[k].i, d->bond[k].j);
  for (size_t i = 0; i < d->n; i++) *z += m->s[d->visible[i]] / (double)d->n, corr[i] = together(m, 0, i);
}

com_status nqs_dbm_heisenberg_sample(com_ctx *c, const nqs_dbm_heisenberg *d,
                                     const nqs_dbm_exact_sample_opts *o, nqs_dbm_exact_sample_result *out) {
  machine m = {0};
  const nqs_dbm_chains chains = {
      .machine = &m, .n = d->n, .start = begin, .sweep = sweep, .measure = measure};
  *out = (nqs_dbm_exact_sample_result){0};
  com_status status = double_machine(c, d, &m);
  if (!status) status = nqs_dbm_chains_run(c, &chains, o, out);
  finish(&m);
  return status;
}
