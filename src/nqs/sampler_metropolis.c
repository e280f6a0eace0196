/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "nqs/ladder.h"
#include "nqs/local.h"
#include "nqs/sampler.h"
#include "nqs/share.h"

/* Metropolis sampling of |psi|^2 by symmetric proposals.  Chains are independent; those of a block advance in lock step
 * and a block is one pool task, so digits do not depend on the number of threads.  A ladder of hot replicas (ladder.h), one
 * more task, exchanges its top replica with the chains every SEGMENT sweeps; probes (probe.h), one task for each group of
 * them, look elsewhere.  Items of work: the ladder (also when there is none), groups of probes, blocks. */
typedef struct {
  int chains, sweeps, discard, move, flips, start, block, ladder, probes;
} opts;
enum { START_AUTO, START_NEEL, START_RANDOM };
enum { WARM_UP = 10 }; /* the first collection after a start discards this many times more */
enum { LONG = 256 };   /* sweeps of a segment without a ladder: so often somebody may interrupt */
enum { SEGMENT = 16 }; /* sweeps between exchanges with the ladder */
/* A sweep without a record, in units of one with; measured: 0.55 (10x10 lattice) to 0.77 (TFI ring of 40 sites). */
static const double replica_cost = 0.6;

typedef struct block {
  size_t n;      /* chains */
  com_rng **rng; /* [n] */
  nqs_walkers *walkers;
  nqs_local *local;
  nqs_moves moves; /* at most one per chain */
  double complex *ratio, *eloc;
  double *draw; /* [n][per_sweep] uniforms of one sweep */
  unsigned char *accepted;
  char *rows;    /* [n] rows of O */
  int exchanged; /* m->cold is newer than the walkers */
  size_t n_accepted, n_proposed;
} block;

typedef struct metropolis {
  opts o;
  nqs_task t;
  int fresh; /* not yet warmed up */
  nqs_propose propose;
  nqs_ladder *ladder; /* NULL = none */
  nqs_probe *probe;   /* NULL = none */
  size_t n_groups;    /* of probes */
  size_t n_blocks;
  block *blocks;
  size_t discard, record; /* sweeps per chain of the running collection */
  size_t from, to;        /* sweeps of the running segment, counted from the first discarded one */
  int8_t *cold;           /* [chains][sites] of all chains: after a collection, and for the exchanges */
  double *cost;           /* [items] relative times, and what they lead to: processes divide the items */
  size_t *offset;         /* [items+1] bytes */
  size_t *order;          /* [n_tasks] items of this process, the longest first */
  size_t n_tasks;
  size_t first, last; /* blocks that this process runs */
  char (*state)[65];  /* [chains] random streams after a collection */
  double complex *log_psi;
  unsigned char *changed;
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
  nqs_ladder_destroy(m->ladder);
  nqs_probe_destroy(m->probe);
  free(m->cold);
  free(m->cost);
  free(m->offset);
  free(m->order);
  free(m->state);
  free(m->log_psi);
  free(m->changed);
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
  COM_ALLOC(c, k->draw = calloc(n * sites * (m->propose.n_draws + 1), sizeof *k->draw));
  COM_ALLOC(c, k->accepted = calloc(n, 1));
  COM_ALLOC(c, k->rows = malloc(n * m->t.ansatz->row_bytes + 1));
  return COM_OK;
}

static com_status restart(com_ctx *c, void *self) {
  (void)c;
  metropolis *m = self;
  const nqs_hilbert *h = m->t.ham->space;
  const int neel = m->o.start == START_NEEL || (m->o.start == START_AUTO && h->fixed);
  int8_t *s = m->cold;
  for (size_t b = 0; b < m->n_blocks; s += m->blocks[b++].n * h->n) {
    block *k = m->blocks + b;
    for (size_t i = 0; i < k->n; i++) {
      if (neel) {
        nqs_hilbert_neel(h, m->t.ham->lattice, s + i * h->n);
      } else {
        nqs_hilbert_random(h, k->rng[i], s + i * h->n);
      }
    }
    nqs_ansatz_set(k->walkers, s);
    k->exchanged = 0;
  }
  if (m->ladder) nqs_ladder_restart(m->ladder);
  for (size_t b = 0, chain = 0; b < m->n_blocks; b++)
    for (size_t i = 0; i < m->blocks[b].n; i++) com_rng_state(m->blocks[b].rng[i], m->state[chain++]);
  m->fresh = 1;
  return COM_OK;
}

/* Steps between beta = 0 and 1: the spread of log|psi| grows like the square root of the number of sites; the factor lets
 * replicas travel fast (measured on the 40-site ring). */
static size_t ladder_size(const opts *o, size_t sites) {
  return o->ladder >= 0 ? (size_t)o->ladder : (size_t)ceil(1.75 * sqrt((double)sites));
}

static size_t n_heads(const metropolis *m) { return 1 + m->n_groups; } /* items before the blocks */
static size_t n_items(const metropolis *m) { return n_heads(m) + m->n_blocks; }

/* Per sweep of the chains.  A replica only sweeps, a chain also records; probes spread their sweeps over a collection. */
static double item_cost(const metropolis *m, size_t item) {
  const size_t chains = (size_t)m->o.chains, all = share(m->o.sweeps, chains) + share(m->o.discard, chains);
  if (item >= n_heads(m)) return (double)m->blocks[item - n_heads(m)].n;
  if (item == 0) return m->ladder ? replica_cost * (double)nqs_ladder_replicas(m->ladder) : 0;
  const size_t probes = nqs_probe_first(m->probe, item) - nqs_probe_first(m->probe, item - 1);
  return replica_cost * (double)probes * NQS_PROBE_SWEEPS / (double)all;
}

/* Which items run here, and in which order threads begin them. */
static com_status divide(com_ctx *c, metropolis *m) {
  const size_t n = n_items(m), heads = n_heads(m);
  size_t first, last;
  COM_ALLOC(c, m->cost = calloc(n, sizeof *m->cost));
  COM_ALLOC(c, m->offset = calloc(n + 1, sizeof *m->offset));
  COM_ALLOC(c, m->order = calloc(n, sizeof *m->order));
  for (size_t i = 0; i < n; i++) m->cost[i] = item_cost(m, i);
  com_comm_share_cost(com_ctx_comm(c), n, m->cost, &first, &last);
  for (size_t i = first; i < last; i++) {
    size_t k = m->n_tasks++;
    for (; k > 0 && m->cost[m->order[k - 1]] < m->cost[i]; k--) m->order[k] = m->order[k - 1];
    m->order[k] = i;
  }
  m->first = first > heads ? first - heads : 0;
  m->last = last > heads ? last - heads : 0;
  return COM_OK;
}

/* Complete data, of which chain k has bytes k*bytes.., on all processes. */
static com_status gather(com_ctx *c, metropolis *m, size_t bytes, void *data) {
  const size_t heads = n_heads(m);
  memset(m->offset, 0, (heads + 1) * sizeof *m->offset);
  for (size_t b = 0; b < m->n_blocks; b++)
    m->offset[heads + b + 1] = m->offset[heads + b] + m->blocks[b].n * bytes;
  return com_comm_gather_cost(c, com_ctx_comm(c), n_items(m), m->cost, m->offset, data);
}

/* The same of probes, or of their groups. */
static com_status gather_probes(com_ctx *c, metropolis *m, int groups, size_t bytes, void *data) {
  for (size_t i = 1; i <= n_items(m); i++) {
    const size_t g = i - 1 < m->n_groups ? i - 1 : m->n_groups;
    m->offset[i] = bytes * (groups ? g : nqs_probe_first(m->probe, g));
  }
  m->offset[0] = 0;
  return com_comm_gather_cost(c, com_ctx_comm(c), n_items(m), m->cost, m->offset, data);
}

/* Name of the stream of ladder or probes. */
static const char *stream(const metropolis *m, const char *part, char name[80]) {
  snprintf(name, 80, "%s/%s", m->t.stream, part);
  return name;
}

static com_status create(com_ctx *c, const void *op, const nqs_task *t, void **self) {
  metropolis *m;
  COM_ALLOC(c, m = calloc(1, sizeof *m));
  *self = m;
  m->o = *(const opts *)op, m->t = *t;
  COM_TRY(nqs_propose_init(c, t->ham, (nqs_move_kind)m->o.move, (size_t)m->o.flips, &m->propose));
  const size_t chains = (size_t)m->o.chains, sites = t->ham->space->n,
               auto_block = chains / 16 > 4 ? chains / 16 : 4;
  const size_t per = m->o.block ? (size_t)m->o.block : auto_block;
  COM_ALLOC(c, m->blocks = calloc((chains + per - 1) / per, sizeof *m->blocks));
  COM_ALLOC(c, m->cold = malloc(chains * sites));
  COM_ALLOC(c, m->log_psi = malloc(chains * sizeof *m->log_psi));
  COM_ALLOC(c, m->changed = calloc(chains, 1));
  COM_ALLOC(c, m->state = calloc(chains, sizeof *m->state));
  for (size_t first = 0; first < chains; first += per) {
    block *k = m->blocks + m->n_blocks++;
    k->n = chains - first < per ? chains - first : per;
    COM_TRY(create_block(c, m, first, k));
  }
  char name[80];
  const size_t steps = ladder_size(&m->o, sites), probes = (size_t)m->o.probes;
  if (steps) COM_TRY(nqs_ladder_create(c, t->ham, t->ansatz, stream(m, "hot", name), steps, &m->ladder));
  if (probes) COM_TRY(nqs_probe_create(c, t->ham, t->ansatz, stream(m, "probe", name), probes, &m->probe));
  if (probes) m->n_groups = nqs_probe_groups(m->probe);
  COM_TRY(divide(c, m));
  return restart(c, m);
}

/* One sweep = as many proposals as sites; accept with min(1, |psi'/psi|^2), which is false for NaN. */
static void sweep(const metropolis *m, block *k) {
  const size_t sites = m->t.ham->space->n, per = m->propose.n_draws + 1, len = sites * per;
  const int8_t *s = nqs_ansatz_conf(k->walkers);
  for (size_t i = 0; i < k->n; i++) com_rng_fill(k->rng[i], len, k->draw + i * len);
  for (size_t p = 0; p < sites; p++) {
    nqs_moves_clear(&k->moves);
    for (size_t i = 0; i < k->n; i++)
      nqs_propose_move(&m->propose, s + i * sites, k->draw + i * len + p * per, (uint32_t)i, &k->moves);
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

/* Local energies and derivatives of all chains of a block at recorded sweep t. */
static void record(const metropolis *m, size_t task, size_t t) {
  block *k = m->blocks + task;
  nqs_samples *out = m->out;
  const size_t sites = m->t.ham->space->n, bytes = m->t.ansatz->row_bytes;
  nqs_local_energy(k->local, k->walkers, k->eloc);
  if (m->want & NQS_WANT_O) nqs_ansatz_grad(k->walkers, k->rows);
  for (size_t i = 0; i < k->n; i++) {
    const size_t row = out->block[task] + i * m->record + t;
    out->eloc[row] = k->eloc[i];
    if (m->want & NQS_WANT_O) memcpy((char *)out->O + row * bytes, k->rows + i * bytes, bytes);
    if (m->want & NQS_WANT_S) memcpy(out->s + row * sites, nqs_ansatz_conf(k->walkers) + i * sites, sites);
  }
}

static void run_ladder(metropolis *m) {
  nqs_ladder_begin(m->ladder, m->from == 0);
  for (size_t t = m->from; t < m->to; t++) nqs_ladder_sweep(m->ladder);
  nqs_ladder_end(m->ladder);
}

/* Sweeps of the probes, spread evenly over the collection. */
static void run_probes(metropolis *m, size_t g) {
  const size_t all = m->discard + m->record, first = nqs_probe_first(m->probe, g);
  if (!(m->want & NQS_WANT_PROBE)) return;
  if (m->from == 0) nqs_probe_start(m->probe, g);
  if (!nqs_probe_advance(m->probe, g, NQS_PROBE_SWEEPS * m->to / all)) return;
  char *rows = m->want & NQS_WANT_O ? (char *)m->out->O + (m->out->n + first) * m->t.ansatz->row_bytes : NULL;
  nqs_probe_read(m->probe, g, m->out->probe + first, rows);
}

/* All blocks but the last one have the same size. */
static size_t first_chain(const metropolis *m, size_t b) { return b * m->blocks[0].n; }

/* New caches, where the last exchange or new weights made them old. */
static void renew(metropolis *m, size_t b) {
  block *k = m->blocks + b;
  if (m->from == 0 || k->exchanged)
    nqs_ansatz_set(k->walkers, k->exchanged ? m->cold + first_chain(m, b) * m->t.ham->space->n : NULL);
  k->exchanged = 0;
}

static void run_block(metropolis *m, size_t b) {
  block *k = m->blocks + b;
  renew(m, b);
  for (size_t t = m->from; t < m->to; t++) {
    if (t == m->discard) k->n_accepted = k->n_proposed = 0;
    sweep(m, k);
    if (t >= m->discard) record(m, b, t - m->discard);
  }
  nqs_ansatz_log_psi(k->walkers, m->log_psi + first_chain(m, b));
}

/* Tasks of a segment on this process.  What an exchange needs from them, and what it leaves to do, is done here, too: between
 * segments one thread works. */
static com_status run_task(size_t task, size_t worker, void *user) {
  (void)worker;
  metropolis *m = user;
  const size_t item = m->order[task];
  if (item >= n_heads(m)) {
    run_block(m, item - n_heads(m));
  } else if (item > 0) {
    run_probes(m, item - 1);
  } else if (m->ladder) {
    run_ladder(m);
  }
  return COM_OK;
}

/* The chains' configurations to m->cold, everywhere. */
static com_status gather_chains(com_ctx *c, metropolis *m) {
  const size_t sites = m->t.ham->space->n;
  for (size_t b = m->first; b < m->last; b++)
    memcpy(m->cold + first_chain(m, b) * sites, nqs_ansatz_conf(m->blocks[b].walkers),
           m->blocks[b].n * sites);
  return gather(c, m, sites, m->cold);
}

/* Exchange with the ladder, which process 0 runs; only blocks that changed get new caches, in the next segment. */
static com_status exchange(com_ctx *c, metropolis *m) {
  com_comm *comm = com_ctx_comm(c);
  const size_t sites = m->t.ham->space->n, chains = (size_t)m->o.chains;
  COM_TRY(gather_chains(c, m));
  COM_TRY(gather(c, m, sizeof *m->log_psi, m->log_psi));
  memset(m->changed, 0, chains);
  if (com_comm_rank(comm) == 0) nqs_ladder_exchange(m->ladder, chains, m->cold, m->log_psi, m->changed);
  COM_TRY(com_comm_broadcast(c, comm, chains * sites, m->cold));
  COM_TRY(com_comm_broadcast(c, comm, chains, m->changed));
  for (size_t b = m->first; b < m->last; b++)
    m->blocks[b].exchanged = memchr(m->changed + first_chain(m, b), 1, m->blocks[b].n) != NULL;
  return com_comm_broadcast(c, comm, chains * sizeof *m->log_psi, m->log_psi);
}

/* What the probes found, everywhere, beside the typical |psi|^2 of the chains. */
static com_status read_probes(com_ctx *c, metropolis *m) {
  nqs_samples *out = m->out;
  const size_t bytes = m->t.ansatz->row_bytes, chains = (size_t)m->o.chains;
  double typical = 0;
  if (out->n_probe == 0) return COM_OK;
  if (!m->ladder) COM_TRY(gather(c, m, sizeof *m->log_psi, m->log_psi));
  for (size_t i = 0; i < chains; i++) typical += 2 * creal(m->log_psi[i]) / (double)chains;
  COM_TRY(gather_probes(c, m, 0, sizeof *out->probe, out->probe));
  COM_TRY(gather_probes(c, m, 1, NQS_PROBE_STATE, nqs_probe_states(m->probe)));
  for (size_t i = 0; i < out->n_probe; i++) out->probe[i].log_weight -= typical;
  return m->want & NQS_WANT_O ? gather_probes(c, m, 0, bytes, (char *)out->O + out->n * bytes) : COM_OK;
}

/* What every process must know: the samples, the chains' configurations and random streams, the acceptance. */
static com_status gather_all(com_ctx *c, metropolis *m, nqs_samples *out) {
  com_comm *comm = com_ctx_comm(c);
  const size_t bytes = m->t.ansatz->row_bytes;
  double count[2] = {0, 0}, *counts;
  COM_ALLOC(c, counts = calloc(2 * m->n_blocks, sizeof *counts));
  for (size_t b = m->first; b < m->last; b++) {
    block *k = m->blocks + b;
    counts[2 * b] = (double)k->n_accepted, counts[2 * b + 1] = (double)k->n_proposed;
    for (size_t i = 0; i < k->n; i++) com_rng_state(k->rng[i], m->state[first_chain(m, b) + i]);
  }
  for (size_t i = 0; i <= n_items(m); i++)
    m->offset[i] = i > n_heads(m) ? (i - n_heads(m)) * 2 * sizeof *counts : 0;
  com_status status = com_comm_gather_cost(c, comm, n_items(m), m->cost, m->offset, counts);
  for (size_t b = 0; b < m->n_blocks; b++) count[0] += counts[2 * b], count[1] += counts[2 * b + 1];
  free(counts);
  out->accept = count[0] / count[1];
  if (!status && !m->ladder) status = gather_chains(c, m); /* else the last exchange has done it */
  if (!status) status = gather(c, m, sizeof *m->state, m->state);
  if (!status) status = gather(c, m, m->record * sizeof *out->eloc, out->eloc);
  if (!status && (m->want & NQS_WANT_S)) status = gather(c, m, m->record * out->n_sites, out->s);
  if (!status && (m->want & NQS_WANT_O)) status = gather(c, m, m->record * bytes, out->O);
  return status ? status : read_probes(c, m);
}

static com_status collect(com_ctx *c, void *self, size_t sweeps, unsigned want, nqs_samples *out) {
  metropolis *m = self;
  const size_t chains = (size_t)m->o.chains;
  m->record = share(sweeps ? (int)sweeps : m->o.sweeps, chains);
  m->discard = share(m->o.discard, chains) * (m->fresh ? WARM_UP : 1);
  const size_t probes = m->probe && want & NQS_WANT_PROBE ? nqs_probe_n(m->probe) : 0;
  if (probes) COM_TRY(nqs_probe_prepare(c, m->probe));
  COM_TRY(nqs_sampler_reserve(c, &m->t, chains, m->record, m->n_blocks, probes, want, out));
  out->block[0] = 0;
  for (size_t b = 0; b < m->n_blocks; b++) out->block[b + 1] = out->block[b] + m->blocks[b].n * m->record;
  m->want = want, m->out = out;
  const size_t all = m->discard + m->record, segment = m->ladder ? SEGMENT : LONG;
  for (m->from = 0; m->from < all; m->from = m->to) {
    m->to = all - m->from < segment ? all : m->from + segment;
    COM_TRY(com_comm_agree(c, com_ctx_comm(c), com_pool_run(m->t.pool, m->n_tasks, run_task, m)));
    if (m->ladder) COM_TRY(exchange(c, m));
    if (sweeps &&
        com_comm_stop(c) == COM_STOP_INTERRUPTED) /* a measurement; an iteration is short, and kept */
      return COM_FAIL(c, COM_E_INTERRUPTED, "interrupted while measuring");
  }
  COM_TRY(gather_all(c, m, out));
  m->fresh = 0;
  return COM_OK;
}

/* ---- checkpoint: configurations and streams; caches are rebuilt at the next collection ---- */

static com_status save(com_ctx *c, const void *self, cJSON **out) {
  const metropolis *m = self;
  const size_t sites = m->t.ham->space->n, chains = (size_t)m->o.chains;
  cJSON *rng = com_json_array(), *conf = com_json_array();
  COM_ALLOC(c, *out = com_json_object());
  COM_TRY(com_json_add(c, *out, "fresh", com_json_bool(m->fresh)));
  for (size_t i = 0; i < chains; i++) {
    COM_TRY(com_json_push(c, rng, com_json_string(m->state[i])));
    cJSON *row = com_json_array();
    for (size_t k = 0; k < sites; k++) COM_TRY(com_json_push(c, row, com_json_int(m->cold[i * sites + k])));
    COM_TRY(com_json_push(c, conf, row));
  }
  cJSON *part = NULL;
  if (m->ladder) COM_TRY(nqs_ladder_save(c, m->ladder, &part));
  if (m->ladder) COM_TRY(com_json_add(c, *out, "ladder", part));
  if (m->probe) COM_TRY(nqs_probe_save(c, m->probe, &part));
  if (m->probe) COM_TRY(com_json_add(c, *out, "probes", part));
  COM_TRY(com_json_add(c, *out, "streams", rng));
  return com_json_add(c, *out, "configurations", conf);
}

static com_status load(com_ctx *c, void *self, const cJSON *in) {
  metropolis *m = self;
  const size_t sites = m->t.ham->space->n;
  const cJSON *rng = com_json_get(in, "streams"), *conf = com_json_get(in, "configurations");
  size_t chain = 0;
  int8_t *s = m->cold;
  com_status status = COM_OK;
  COM_CHECK(c, com_json_size(rng) == (size_t)m->o.chains && com_json_size(conf) == (size_t)m->o.chains,
            COM_E_DATA,
            "checkpoint: sampler has %zu chains, the configuration %d; resume with the same configuration",
            com_json_size(rng), m->o.chains);
  for (size_t b = 0; b < m->n_blocks && !status; s += m->blocks[b++].n * sites) {
    for (size_t i = 0; i < m->blocks[b].n && !status; i++, chain++) {
      for (size_t k = 0; k < sites; k++)
        s[i * sites + k] =
            (int8_t)fmax(-128, fmin(127, com_json_num(com_json_at(com_json_at(conf, chain), k), 0)));
      status = com_rng_restore(c, com_json_str(com_json_at(rng, chain), ""), m->blocks[b].rng[i]);
      if (!status && !nqs_hilbert_contains(m->t.ham->space, s + i * sites))
        status =
            COM_FAIL(c, COM_E_DATA,
                     "checkpoint: sampler.configurations[%zu]: not a configuration of this model", chain);
    }
    for (size_t i = 0, at = chain - m->blocks[b].n; i < m->blocks[b].n && !status; i++)
      com_rng_state(m->blocks[b].rng[i], m->state[at + i]);
    if (!status) nqs_ansatz_set(m->blocks[b].walkers, s);
    m->blocks[b].exchanged = 0;
  }
  if (m->ladder && !status) status = nqs_ladder_load(c, m->ladder, com_json_get(in, "ladder"));
  if (m->probe && !status) status = nqs_probe_load(c, m->probe, com_json_get(in, "probes"));
  m->fresh = com_json_true(com_json_get(in, "fresh"));
  return status;
}

static size_t sweeps(const void *op) { return (size_t)((const opts *)op)->sweeps; }

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
     .doc = "proposal: flip, exchange (nearest bonds), exchange_any, mixed (both), hop (bosons)",
     .type = COM_F_ENUM,
     .off = offsetof(opts, move),
     .aux = nqs_propose_names,
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
    {.key = "ladder",
     .doc =
         "steps of the ladder of tempered replicas beside the chains (-1: from the number of sites, 0: none)",
     .type = COM_F_INT,
     .off = offsetof(opts, ladder),
     .def = -1,
     .lo = -1,
     .hi = 10000},
    {.key = "probes",
     .doc = "chains started afresh at every iteration, which look where the others do not (0: none)",
     .type = COM_F_INT,
     .off = offsetof(opts, probes),
     .def = 32,
     .lo = 0,
     .hi = 10000},
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
