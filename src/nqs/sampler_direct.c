/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "nqs/local.h"
#include "nqs/sampler.h"
#include "nqs/share.h"

/* Exact sampling of |psi|^2 for wave functions that can do it (autoregressive networks): all samples are independent.  A
 * "chain" is only a random stream of its own, and one pool task, so digits do not depend on the number of threads. */
typedef struct opts {
  int chains, sweeps;
} opts;

enum { CHUNK = 32 }; /* configurations whose local energies are evaluated together */

typedef struct worker {
  nqs_walkers *walkers; /* [CHUNK] */
  nqs_local *local;
  int8_t *s;    /* [CHUNK][sites] */
  char *rows;   /* [CHUNK] rows of O */
  int8_t *draw; /* [n_time][sites] of one chain */
  size_t cap;
} worker;

typedef struct direct {
  opts o;
  nqs_task t;
  com_rng **rng; /* [chains] */
  size_t n_workers;
  worker *workers;
  void **work;       /* scratch of the ansatz, per worker */
  char (*state)[65]; /* [chains] random streams after a collection */
  unsigned want;
  nqs_samples *out;
} direct;

static void destroy(void *self) {
  direct *d = self;
  if (!d) return;
  for (int k = 0; k < d->o.chains && d->rng; k++) com_rng_destroy(d->rng[k]);
  for (size_t k = 0; k < d->n_workers; k++) {
    if (d->work) free(d->work[k]);
    if (!d->workers) continue;
    nqs_ansatz_walkers_destroy(d->workers[k].walkers);
    nqs_local_destroy(d->workers[k].local);
    free(d->workers[k].s);
    free(d->workers[k].rows);
    free(d->workers[k].draw);
  }
  free(d->rng);
  free(d->state);
  free(d->workers);
  free(d->work);
  free(d);
}

static com_status create_worker(com_ctx *c, const nqs_task *t, worker *w) {
  COM_TRY(nqs_local_create(c, t->ham, CHUNK, &w->local));
  COM_TRY(nqs_ansatz_walkers(c, t->ansatz, CHUNK, nqs_local_max_moves(w->local), &w->walkers));
  COM_ALLOC(c, w->s = malloc(CHUNK * t->ham->space->n));
  COM_ALLOC(c, w->rows = malloc(CHUNK * t->ansatz->row_bytes + 1));
  return COM_OK;
}

static com_status create(com_ctx *c, const void *op, const nqs_task *t, void **self) {
  const nqs_ansatz_ops *ops = t->ansatz->ops;
  direct *d;
  COM_CHECK(
      c, ops->sample, COM_E_CONFIG,
      "sampler.type = direct: ansatz %s cannot be sampled exactly; use \"metropolis\", or ansatz \"arnn\"",
      ops->c.name);
  COM_ALLOC(c, d = calloc(1, sizeof *d));
  *self = d;
  d->o = *(const opts *)op, d->t = *t, d->n_workers = com_pool_threads(t->pool);
  COM_ALLOC(c, d->rng = calloc((size_t)d->o.chains, sizeof *d->rng));
  COM_ALLOC(c, d->state = calloc((size_t)d->o.chains, sizeof *d->state));
  for (int k = 0; k < d->o.chains; k++) {
    char name[64];
    snprintf(name, sizeof name, "%s/%d", t->stream, k);
    COM_TRY(com_rng_create(c, com_ctx_seed(c), name, d->rng + k));
    com_rng_state(d->rng[k], d->state[k]);
  }
  COM_ALLOC(c, d->workers = calloc(d->n_workers, sizeof *d->workers));
  COM_ALLOC(c, d->work = calloc(d->n_workers, sizeof *d->work));
  for (size_t k = 0; k < d->n_workers; k++) {
    COM_TRY(create_worker(c, t, d->workers + k));
    COM_ALLOC(c, d->work[k] = malloc(1 + (ops->work_size ? ops->work_size(t->ansatz->self, CHUNK) : 0)));
  }
  return COM_OK;
}

/* All samples of one chain, then their energies and derivatives chunk by chunk. */
static com_status run_chain(size_t chain, size_t index, void *user) {
  direct *d = user;
  worker *w = d->workers + index;
  nqs_samples *out = d->out;
  const size_t sites = out->n_sites, n = out->n_time, bytes = d->t.ansatz->row_bytes;
  double complex eloc[CHUNK];
  d->t.ansatz->ops->sample(d->t.ansatz->self, d->rng[chain], n, d->work[index], w->draw);
  com_rng_state(d->rng[chain], d->state[chain]);
  if (d->want & NQS_WANT_S) memcpy(out->s + chain * n * sites, w->draw, n * sites);
  for (size_t first = 0; first < n; first += CHUNK) {
    const size_t m = n - first < CHUNK ? n - first : CHUNK, row = chain * n + first;
    for (size_t k = 0; k < CHUNK; k++) /* the last chunk repeats a configuration */
      memcpy(w->s + k * sites, w->draw + (first + (k < m ? k : 0)) * sites, sites);
    nqs_ansatz_set(w->walkers, w->s);
    nqs_local_energy(w->local, w->walkers, eloc);
    memcpy(out->eloc + row, eloc, m * sizeof *eloc);
    if (!(d->want & NQS_WANT_O)) continue;
    nqs_ansatz_grad(w->walkers, w->rows);
    memcpy((char *)out->O + row * bytes, w->rows, m * bytes);
  }
  return COM_OK;
}

/* Samples and streams of the other processes' chains. */
static com_status gather(com_ctx *c, direct *d, nqs_samples *out) {
  com_comm *m = com_ctx_comm(c);
  const size_t chains = (size_t)d->o.chains, n = out->n_time;
  COM_TRY(com_comm_gather_even(c, m, chains, sizeof *d->state, d->state));
  COM_TRY(com_comm_gather_even(c, m, chains, n * sizeof *out->eloc, out->eloc));
  if (d->want & NQS_WANT_S) COM_TRY(com_comm_gather_even(c, m, chains, n * out->n_sites, out->s));
  if (d->want & NQS_WANT_O) COM_TRY(com_comm_gather_even(c, m, chains, n * d->t.ansatz->row_bytes, out->O));
  return COM_OK;
}

static com_status collect(com_ctx *c, void *self, size_t sweeps, unsigned want, nqs_samples *out) {
  direct *d = self;
  const size_t chains = (size_t)d->o.chains, total = sweeps ? sweeps : (size_t)d->o.sweeps;
  const size_t n = (total + chains - 1) / chains;
  COM_TRY(nqs_sampler_reserve(c, &d->t, chains, n, chains, 0, want, out));
  for (size_t b = 0; b <= chains; b++) out->block[b] = b * n;
  for (size_t k = 0; k < d->n_workers; k++) {
    worker *w = d->workers + k;
    if (n <= w->cap) continue;
    free(w->draw);
    w->cap = 0;
    COM_ALLOC(c, w->draw = malloc(n * d->t.ham->space->n));
    w->cap = n;
  }
  d->want = want, d->out = out;
  COM_TRY(nqs_share_run(c, d->t.pool, chains, NULL, run_chain, d));
  out->accept = 1;
  return gather(c, d, out);
}

static com_status save(com_ctx *c, const void *self, cJSON **out) {
  const direct *d = self;
  cJSON *streams;
  COM_ALLOC(c, *out = com_json_object());
  COM_ALLOC(c, streams = com_json_array());
  COM_TRY(com_json_add(c, *out, "streams", streams));
  for (int k = 0; k < d->o.chains; k++) { COM_TRY(com_json_push(c, streams, com_json_string(d->state[k]))); }
  return COM_OK;
}

static com_status load(com_ctx *c, void *self, const cJSON *in) {
  direct *d = self;
  const cJSON *streams = com_json_get(in, "streams");
  COM_CHECK(c, com_json_size(streams) == (size_t)d->o.chains, COM_E_DATA,
            "checkpoint: sampler has %zu chains, the configuration %d; resume with the same configuration",
            com_json_size(streams), d->o.chains);
  for (int k = 0; k < d->o.chains; k++) {
    COM_TRY(com_rng_restore(c, com_json_str(com_json_at(streams, (size_t)k), ""), d->rng[k]));
    com_rng_state(d->rng[k], d->state[k]);
  }
  return COM_OK;
}

static size_t sweeps(const void *op) { return (size_t)((const opts *)op)->sweeps; }

static const com_field fields[] = {{.key = "chains",
                                    .doc = "independent random streams",
                                    .type = COM_F_INT,
                                    .off = offsetof(opts, chains),
                                    .def = 16,
                                    .lo = 1,
                                    .hi = 1e6},
                                   {.key = "sweeps",
                                    .doc = "samples per iteration over all streams together",
                                    .type = COM_F_INT,
                                    .off = offsetof(opts, sweeps),
                                    .def = 1000,
                                    .lo = 1,
                                    .hi = 1e9},
                                   {0}};
const nqs_sampler_ops nqs_sampler_direct = {
    .c = {.name = "direct",
          .doc = "independent exact samples of an autoregressive network",
          .ref = "Sharir et al., arXiv:1902.04057",
          .fields = fields,
          .opt_size = sizeof(opts)},
    .create = create,
    .destroy = destroy,
    .sweeps = sweeps,
    .collect = collect,
    .save = save,
    .load = load};
