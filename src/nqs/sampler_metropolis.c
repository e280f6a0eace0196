/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "nqs/local.h"
#include "nqs/sampler.h"

/* Metropolis sampling of |psi|^2 by symmetric proposals.  Chains are independent; those of a block advance in lock step
 * and a block is one pool task, so digits do not depend on the number of threads. */
typedef struct {
  int chains, sweeps, discard, move, flips, start, block;
} opts;
enum { MOVE_AUTO, MOVE_FLIP, MOVE_EXCHANGE, MOVE_EXCHANGE_ANY, MOVE_HOP };
enum { START_AUTO, START_NEEL, START_RANDOM };
enum { WARM_UP = 10 }; /* the first collection after a start discards this many times more */

typedef struct block {
  size_t n;      /* chains */
  com_rng **rng; /* [n] */
  nqs_walkers *walkers;
  nqs_local *local;
  nqs_moves moves; /* at most one per chain */
  double complex *ratio, *eloc;
  double *draw; /* [n][per_sweep] uniforms of one sweep */
  unsigned char *accepted;
  char *rows; /* [n] rows of O */
  size_t n_accepted, n_proposed;
} block;

typedef struct metropolis {
  opts o;
  nqs_task t;
  int move, fresh;           /* resolved kind; not yet warmed up */
  size_t n_blocks, per_move; /* uniforms per proposal */
  block *blocks;
  size_t discard, record; /* sweeps per chain of the running collection */
  unsigned want;
  nqs_samples *out;
} metropolis;

static size_t share(int total, size_t chains) { return ((size_t)total + chains - 1) / chains; }

static void destroy(void *self) {
  metropolis *m = self;
  if (!m) return;
  for (size_t b = 0; b < m->n_blocks && m->blocks; b++) {
    block *k = m->blocks + b;
    for (size_t i = 0; i < k->n && k->rng; i++) com_rng_destroy(k->rng[i]);
    free(k->rng);
    nqs_ansatz_walkers_destroy(k->walkers);
    nqs_local_destroy(k->local);
    nqs_moves_finish(&k->moves);
    free(k->ratio);
    free(k->eloc);
    free(k->draw);
    free(k->accepted);
    free(k->rows);
  }
  free(m->blocks);
  free(m);
}

static com_status create_block(com_ctx *c, metropolis *m, size_t first, block *k) {
  const size_t n = k->n, sites = m->t.ham->space->n;
  COM_ALLOC(c, k->rng = calloc(n, sizeof *k->rng));
  for (size_t i = 0; i < n; i++) {
    char name[64];
    snprintf(name, sizeof name, "%s/%zu", m->t.stream, first + i);
    COM_TRY(com_rng_create(c, com_ctx_seed(c), name, k->rng + i));
  }
  COM_TRY(nqs_local_create(c, m->t.ham, n, &k->local));
  const size_t moves = nqs_local_max_moves(k->local);
  COM_TRY(nqs_ansatz_walkers(c, m->t.ansatz, n, moves > n ? moves : n, &k->walkers));
  COM_TRY(nqs_moves_init(c, n, n * (size_t)(m->o.flips > 2 ? m->o.flips : 2), &k->moves));
  COM_ALLOC(c, k->ratio = calloc(n, sizeof *k->ratio));
  COM_ALLOC(c, k->eloc = calloc(n, sizeof *k->eloc));
  COM_ALLOC(c, k->draw = calloc(n * sites * m->per_move, sizeof *k->draw));
  COM_ALLOC(c, k->accepted = calloc(n, 1));
  COM_ALLOC(c, k->rows = malloc(n * m->t.ansatz->row_bytes + 1));
  return COM_OK;
}

static com_status restart(com_ctx *c, void *self) {
  metropolis *m = self;
  const nqs_hilbert *h = m->t.ham->space;
  int8_t *s;
  const int neel = m->o.start == START_NEEL || (m->o.start == START_AUTO && h->fixed);
  COM_ALLOC(c, s = malloc(h->n * m->blocks[0].n));
  for (size_t b = 0; b < m->n_blocks; b++) {
    block *k = m->blocks + b;
    for (size_t i = 0; i < k->n; i++) {
      if (neel) {
        nqs_hilbert_neel(h, m->t.ham->lattice, s + i * h->n);
      } else {
        nqs_hilbert_random(h, k->rng[i], s + i * h->n);
      }
    }
    nqs_ansatz_set(k->walkers, s);
  }
  free(s);
  m->fresh = 1;
  return COM_OK;
}

static com_status resolve_move(com_ctx *c, const opts *o, const nqs_hamiltonian *h, int *move) {
  const int spins = h->space->d == 2;
  *move = o->move;
  if (o->move == MOVE_AUTO) *move = !h->space->fixed ? MOVE_FLIP : spins ? MOVE_EXCHANGE : MOVE_HOP;
  COM_CHECK(c, *move != MOVE_FLIP || !h->space->fixed, COM_E_CONFIG,
            "sampler.move = flip: leaves the sector of fixed total; use \"exchange\" or hamiltonian.sector "
            "\"free\"");
  COM_CHECK(c, spins || *move == MOVE_FLIP || *move == MOVE_HOP, COM_E_CONFIG,
            "sampler.move: bosons cannot reach every configuration by exchange; use \"hop\"");
  COM_CHECK(c, *move == MOVE_FLIP || h->lattice->n_near > 0, COM_E_CONFIG,
            "sampler.move: this lattice has no bonds");
  COM_CHECK(c, (size_t)o->flips <= h->space->n, COM_E_CONFIG, "sampler.flips = %d: more than there are sites",
            o->flips);
  return COM_OK;
}

static com_status create(com_ctx *c, const void *op, const nqs_task *t, void **self) {
  metropolis *m;
  COM_ALLOC(c, m = calloc(1, sizeof *m));
  *self = m;
  m->o = *(const opts *)op, m->t = *t;
  COM_TRY(resolve_move(c, &m->o, t->ham, &m->move));
  m->per_move = m->move == MOVE_FLIP ? (size_t)m->o.flips * (t->ham->space->d > 2 ? 2 : 1) + 1 : 3;
  const size_t chains = (size_t)m->o.chains, auto_block = chains / 16 > 4 ? chains / 16 : 4;
  const size_t per = m->o.block ? (size_t)m->o.block : auto_block;
  COM_ALLOC(c, m->blocks = calloc((chains + per - 1) / per, sizeof *m->blocks));
  for (size_t first = 0; first < chains; first += per) {
    block *k = m->blocks + m->n_blocks++;
    k->n = chains - first < per ? chains - first : per;
    COM_TRY(create_block(c, m, first, k));
  }
  return restart(c, m);
}

/* ---- proposals: append the move of chain i, or nothing when it would change nothing ---- */

static size_t pick(double u, size_t n) {
  const size_t k = (size_t)(u * (double)n);
  return k < n ? k : n - 1;
}

/* `flips` different sites, each to another level; later draws skip the sites that were already drawn. */
static void propose_flip(const metropolis *m, const int8_t *s, const double *u, uint32_t i, nqs_moves *mv) {
  const nqs_hilbert *h = m->t.ham->space;
  const size_t flips = (size_t)m->o.flips;
  const uint32_t *mine = mv->site + mv->first[mv->n];
  for (size_t f = 0; f < flips; f++) {
    size_t site = pick(u[f], h->n - f);
    for (size_t pass = 0; pass < f;
         pass++) { /* the site-th among those not in mine[0..f): at most f corrections */
      size_t taken = 0;
      for (size_t g = 0; g < f; g++) taken += mine[g] <= site;
      const size_t want = pick(u[f], h->n - f) + taken;
      if (want == site) break;
      site = want;
    }
    int to = -s[site];
    if (h->d > 2) {
      int level = (int)pick(u[flips + f], (size_t)h->d - 1);
      level += level >= (s[site] - h->lo) / h->step;
      to = h->lo + h->step * level;
    }
    nqs_moves_site(mv, (uint32_t)site, to);
  }
  nqs_moves_close(mv, i);
}

static void propose_pair(const metropolis *m, const int8_t *s, const double *u, uint32_t i, nqs_moves *mv) {
  const nqs_lattice *l = m->t.ham->lattice;
  const nqs_hilbert *h = m->t.ham->space;
  size_t a, b;
  if (m->move == MOVE_EXCHANGE_ANY) {
    a = pick(u[0], l->n);
    b = pick(u[1], l->n - 1);
    b += b >= a;
  } else {
    const nqs_bond bond = l->near[pick(u[0], l->n_near)];
    const int swap = u[1] < 0.5;
    a = swap ? bond.j : bond.i, b = swap ? bond.i : bond.j;
  }
  if (m->move == MOVE_HOP) { /* one level from a to b */
    if (s[a] == h->lo || s[b] == h->lo + h->step * (h->d - 1)) return;
    nqs_moves_site(mv, (uint32_t)a, s[a] - h->step);
    nqs_moves_site(mv, (uint32_t)b, s[b] + h->step);
  } else {
    if (s[a] == s[b]) return;
    nqs_moves_site(mv, (uint32_t)a, s[b]);
    nqs_moves_site(mv, (uint32_t)b, s[a]);
  }
  nqs_moves_close(mv, i);
}

/* One sweep = as many proposals as sites; accept with min(1, |psi'/psi|^2), which is false for NaN. */
static void sweep(const metropolis *m, block *k) {
  const size_t sites = m->t.ham->space->n, per = m->per_move, len = sites * per;
  const int8_t *s = nqs_ansatz_conf(k->walkers);
  for (size_t i = 0; i < k->n; i++) com_rng_fill(k->rng[i], len, k->draw + i * len);
  for (size_t p = 0; p < sites; p++) {
    nqs_moves_clear(&k->moves);
    for (size_t i = 0; i < k->n; i++) {
      const double *u = k->draw + i * len + p * per;
      if (m->move == MOVE_FLIP) {
        propose_flip(m, s + i * sites, u, (uint32_t)i, &k->moves);
      } else {
        propose_pair(m, s + i * sites, u, (uint32_t)i, &k->moves);
      }
    }
    if (k->moves.n == 0) continue;
    nqs_ansatz_ratio(k->walkers, &k->moves, k->ratio);
    for (size_t q = 0; q < k->moves.n; q++) {
      const double re = creal(k->ratio[q]), im = cimag(k->ratio[q]);
      const double u = k->draw[k->moves.conf[q] * len + p * per + per - 1];
      k->accepted[q] = re * re + im * im > u;
      k->n_accepted += k->accepted[q];
    }
    nqs_ansatz_commit(k->walkers, &k->moves, k->accepted);
  }
  k->n_proposed += sites * k->n;
}

static com_status run_block(size_t task, size_t worker, void *user) {
  (void)worker;
  metropolis *m = user;
  block *k = m->blocks + task;
  nqs_samples *out = m->out;
  const size_t sites = m->t.ham->space->n, bytes = m->t.ansatz->row_bytes;
  nqs_ansatz_set(k->walkers, NULL); /* the weights have changed */
  for (size_t t = 0; t < m->discard; t++) sweep(m, k);
  k->n_accepted = k->n_proposed = 0;
  for (size_t t = 0; t < m->record; t++) {
    sweep(m, k);
    nqs_local_energy(k->local, k->walkers, k->eloc);
    if (m->want & NQS_WANT_O) nqs_ansatz_grad(k->walkers, k->rows);
    for (size_t i = 0; i < k->n; i++) {
      const size_t row = out->block[task] + i * m->record + t;
      out->eloc[row] = k->eloc[i];
      if (m->want & NQS_WANT_O) memcpy((char *)out->O + row * bytes, k->rows + i * bytes, bytes);
      if (m->want & NQS_WANT_S) memcpy(out->s + row * sites, nqs_ansatz_conf(k->walkers) + i * sites, sites);
    }
  }
  return COM_OK;
}

static com_status collect(com_ctx *c, void *self, size_t sweeps, unsigned want, nqs_samples *out) {
  metropolis *m = self;
  const size_t chains = (size_t)m->o.chains;
  m->record = share(sweeps ? (int)sweeps : m->o.sweeps, chains);
  m->discard = share(m->o.discard, chains) * (m->fresh ? WARM_UP : 1);
  COM_TRY(nqs_sampler_reserve(c, &m->t, chains, m->record, m->n_blocks, want, out));
  out->block[0] = 0;
  for (size_t b = 0; b < m->n_blocks; b++) out->block[b + 1] = out->block[b] + m->blocks[b].n * m->record;
  m->want = want, m->out = out;
  COM_TRY(com_pool_run(m->t.pool, m->n_blocks, run_block, m));
  double accepted = 0, proposed = 0;
  for (size_t b = 0; b < m->n_blocks; b++) {
    accepted += (double)m->blocks[b].n_accepted;
    proposed += (double)m->blocks[b].n_proposed;
  }
  out->accept = accepted / proposed;
  m->fresh = 0;
  return COM_OK;
}

/* ---- checkpoint: configurations and streams; caches are rebuilt at the next collection ---- */

static com_status save(com_ctx *c, const void *self, cJSON **out) {
  const metropolis *m = self;
  const size_t sites = m->t.ham->space->n;
  cJSON *rng = com_json_array(), *conf = com_json_array();
  COM_ALLOC(c, *out = com_json_object());
  COM_TRY(com_json_add(c, *out, "fresh", com_json_bool(m->fresh)));
  for (size_t b = 0; b < m->n_blocks; b++)
    for (size_t i = 0; i < m->blocks[b].n; i++) {
      char hex[65];
      com_rng_state(m->blocks[b].rng[i], hex);
      COM_TRY(com_json_push(c, rng, com_json_string(hex)));
      cJSON *row = com_json_array();
      for (size_t k = 0; k < sites; k++)
        COM_TRY(com_json_push(c, row, com_json_int(nqs_ansatz_conf(m->blocks[b].walkers)[i * sites + k])));
      COM_TRY(com_json_push(c, conf, row));
    }
  COM_TRY(com_json_add(c, *out, "streams", rng));
  return com_json_add(c, *out, "configurations", conf);
}

static com_status load(com_ctx *c, void *self, const cJSON *in) {
  metropolis *m = self;
  const size_t sites = m->t.ham->space->n;
  const cJSON *rng = com_json_get(in, "streams"), *conf = com_json_get(in, "configurations");
  size_t chain = 0;
  int8_t *s;
  com_status status = COM_OK;
  COM_CHECK(c, com_json_size(rng) == (size_t)m->o.chains && com_json_size(conf) == (size_t)m->o.chains,
            COM_E_DATA,
            "checkpoint: sampler has %zu chains, the configuration %d; resume with the same configuration",
            com_json_size(rng), m->o.chains);
  COM_ALLOC(c, s = malloc(sites * m->blocks[0].n));
  for (size_t b = 0; b < m->n_blocks && !status; b++) {
    for (size_t i = 0; i < m->blocks[b].n && !status; i++, chain++) {
      for (size_t k = 0; k < sites; k++)
        s[i * sites + k] = (int8_t)com_json_num(com_json_at(com_json_at(conf, chain), k), 0);
      status = com_rng_restore(c, com_json_str(com_json_at(rng, chain), ""), m->blocks[b].rng[i]);
      if (!status && !nqs_hilbert_contains(m->t.ham->space, s + i * sites))
        status =
            COM_FAIL(c, COM_E_DATA,
                     "checkpoint: sampler.configurations[%zu]: not a configuration of this model", chain);
    }
    if (!status) nqs_ansatz_set(m->blocks[b].walkers, s);
  }
  free(s);
  m->fresh = com_json_true(com_json_get(in, "fresh"));
  return status;
}

static size_t sweeps(const void *op) { return (size_t)((const opts *)op)->sweeps; }

static const char *const moves[] = {"auto", "flip", "exchange", "exchange_any", "hop", NULL};
static const char *const starts[] = {"auto", "neel", "random", NULL};
static const com_field fields[] = {
    {.key = "chains",
     .doc = "independent Markov chains",
     .type = COM_F_INT,
     .off = offsetof(opts, chains),
     .def = 16,
     .lo = 1,
     .hi = 1e6},
    {.key = "sweeps",
     .doc = "recorded sweeps per iteration over all chains together",
     .type = COM_F_INT,
     .off = offsetof(opts, sweeps),
     .def = 1000,
     .lo = 1,
     .hi = 1e9},
    {.key = "discard",
     .doc = "discarded sweeps per iteration over all chains together",
     .type = COM_F_INT,
     .off = offsetof(opts, discard),
     .def = 100,
     .lo = 0,
     .hi = 1e9},
    {.key = "move",
     .doc = "proposal: flip, exchange (nearest bonds), exchange_any, hop (bosons)",
     .type = COM_F_ENUM,
     .off = offsetof(opts, move),
     .aux = moves,
     .sdef = "auto"},
    {.key = "flips",
     .doc = "sites changed by one flip proposal",
     .type = COM_F_INT,
     .off = offsetof(opts, flips),
     .def = 1,
     .lo = 1,
     .hi = 64},
    {.key = "start",
     .doc = "first configurations (auto: Neel in a fixed sector, else random)",
     .type = COM_F_ENUM,
     .off = offsetof(opts, start),
     .aux = starts,
     .sdef = "auto"},
    {.key = "block",
     .doc = "chains that advance in lock step (0: chosen from their number)",
     .type = COM_F_INT,
     .off = offsetof(opts, block),
     .def = 0,
     .lo = 0,
     .hi = 1e6},
    {0}};
const nqs_sampler_ops nqs_sampler_metropolis = {.c = {.name = "metropolis",
                                                      .doc = "many Metropolis chains advanced together",
                                                      .ref = "Metropolis et al. 1953",
                                                      .fields = fields,
                                                      .opt_size = sizeof(opts)},
                                                .create = create,
                                                .destroy = destroy,
                                                .sweeps = sweeps,
                                                .collect = collect,
                                                .restart = restart,
                                                .save = save,
                                                .load = load};
