/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/propose.h"

const char *const nqs_propose_names[] = {"auto", "flip", "exchange", "exchange_any", "mixed", "hop", NULL};

nqs_move_kind nqs_propose_far(const nqs_hamiltonian *h) {
  return h->space->fixed && h->space->d == 2 ? NQS_MOVE_MIXED : NQS_MOVE_AUTO;
}

com_status nqs_propose_init(com_ctx *c, const nqs_hamiltonian *h, nqs_move_kind kind, size_t flips,
                            nqs_propose *out) {
  const int spins = h->space->d == 2, fixed = h->space->fixed;
  if (kind == NQS_MOVE_AUTO) kind = !fixed ? NQS_MOVE_FLIP : spins ? NQS_MOVE_EXCHANGE : NQS_MOVE_HOP;
  COM_CHECK(c, kind != NQS_MOVE_FLIP || !fixed, COM_E_CONFIG,
            "sampler.move = flip: leaves the sector of fixed total; use \"exchange\" or hamiltonian.sector "
            "\"free\"");
  COM_CHECK(c, kind == NQS_MOVE_FLIP || fixed, COM_E_CONFIG,
            "sampler.move = %s: cannot change the total, which this model leaves free; use \"flip\"",
            nqs_propose_names[kind]);
  COM_CHECK(c, spins || kind == NQS_MOVE_FLIP || kind == NQS_MOVE_HOP, COM_E_CONFIG,
            "sampler.move = %s: bosons cannot reach every configuration by exchange; use \"hop\"",
            nqs_propose_names[kind]);
  COM_CHECK(c, kind == NQS_MOVE_FLIP || h->lattice->n_near > 0, COM_E_CONFIG,
            "sampler.move: this lattice has no bonds");
  COM_CHECK(c, flips <= h->space->n, COM_E_CONFIG, "sampler.flips = %zu: more than there are sites", flips);
  const size_t draws = kind == NQS_MOVE_FLIP ? flips * (spins ? 1 : 2) : 2;
  *out = (nqs_propose){h->space, h->lattice, kind, flips, draws};
  return COM_OK;
}

static size_t pick(double u, size_t n) {
  const size_t k = (size_t)(u * (double)n);
  return k < n ? k : n - 1;
}

/* Is `site` among the first f sites of the move under construction? Counts those not above it. */
static size_t below(const uint32_t *mine, size_t f, size_t site) {
  size_t n = 0;
  for (size_t g = 0; g < f; g++) n += mine[g] <= site;
  return n;
}

/* `flips` different sites, each to another level: draw k picks among the sites that are not taken yet. */
static void flip(const nqs_propose *p, const int8_t *s, const double *u, uint32_t conf, nqs_moves *m) {
  const nqs_hilbert *h = p->space;
  const uint32_t *mine = m->site + m->first[m->n];
  for (size_t f = 0; f < p->flips; f++) {
    const size_t rank = pick(u[f], h->n - f);
    size_t site = rank; /* the rank-th free site: shift by the taken ones below it until nothing changes */
    for (size_t next; (next = rank + below(mine, f, site)) != site;) site = next;
    int to = -s[site];
    if (h->d > 2) {
      int level = (int)pick(u[p->flips + f], (size_t)h->d - 1);
      level += level >= (s[site] - h->lo) / h->step;
      to = h->lo + h->step * level;
    }
    nqs_moves_site(m, (uint32_t)site, to);
  }
  nqs_moves_close(m, conf);
}

/* A random nearest bond with direction, or a random ordered pair of sites. */
static void pair(const nqs_propose *p, const double *u, size_t *a, size_t *b) {
  const nqs_lattice *l = p->lattice;
  double v = u[1];
  int any = p->kind == NQS_MOVE_EXCHANGE_ANY;
  if (p->kind == NQS_MOVE_MIXED) any = v < 0.5, v = any ? 2 * v : 2 * v - 1;
  if (any) {
    *a = pick(u[0], l->n);
    *b = pick(v, l->n - 1);
    *b += *b >= *a;
  } else {
    const nqs_bond bond = l->near[pick(u[0], l->n_near)];
    *a = v < 0.5 ? bond.j : bond.i;
    *b = v < 0.5 ? bond.i : bond.j;
  }
}

void nqs_propose_move(const nqs_propose *p, const int8_t *s, const double *u, uint32_t conf, nqs_moves *m) {
  const nqs_hilbert *h = p->space;
  size_t a, b;
  if (p->kind == NQS_MOVE_FLIP) {
    flip(p, s, u, conf, m);
    return;
  }
  pair(p, u, &a, &b);
  if (p->kind == NQS_MOVE_HOP) { /* one level from a to b */
    if (s[a] == h->lo || s[b] == h->lo + h->step * (h->d - 1)) return;
    nqs_moves_site(m, (uint32_t)a, s[a] - h->step);
    nqs_moves_site(m, (uint32_t)b, s[b] + h->step);
  } else {
    if (s[a] == s[b]) return;
    nqs_moves_site(m, (uint32_t)a, s[b]);
    nqs_moves_site(m, (uint32_t)b, s[a]);
  }
  nqs_moves_close(m, conf);
}
