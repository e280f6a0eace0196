/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "nqs/local.h"
#include "nqs/sampler.h"
#include "nqs/share.h"
#include "nqs/symmetry.h"

/* Full summation: every configuration of the space with its exact probability |psi|^2 / sum |psi|^2.  For a state with a
 * symmetry, local energies and log-derivatives are the same on a whole orbit of configurations, so one of each orbit with
 * the orbit's weight is enough ("symmetry", "spin_flip"); collections with configurations, which observables need, still
 * take all of them. */
typedef struct opts {
  int symmetry, spin_flip;
} opts;

enum { TASK = 64, BLOCKS = 16 }; /* configurations per pool task; blocks of rows for the reductions */
static const double max_states = 1 << 22; /* more would need hours and gigabytes */

typedef struct sum {
  nqs_task t;
  opts o;
  size_t dim, n_workers;
  size_t n_orbits;       /* 0: not used */
  size_t *first;         /* [n_orbits] rank of an orbit's first configuration */
  double *size;          /* [n_orbits] */
  int checked;           /* the state has been seen to have the symmetry */
  size_t n;              /* configurations of the running collection */
  nqs_walkers **walkers; /* one per worker */
  nqs_local **local;
  int8_t **conf;
  char **rows;             /* [TASK] rows of O */
  double complex *log_psi; /* [dim] */
  unsigned want;           /* of the running collection */
  nqs_samples *out;
} sum;

static void destroy(void *self) {
  sum *f = self;
  if (!f) return;
  for (size_t k = 0; k < f->n_workers; k++) {
    if (f->walkers) nqs_ansatz_walkers_destroy(f->walkers[k]);
    if (f->local) nqs_local_destroy(f->local[k]);
    if (f->conf) free(f->conf[k]);
    if (f->rows) free(f->rows[k]);
  }
  free(f->walkers);
  free(f->local);
  free(f->conf);
  free(f->rows);
  free(f->log_psi);
  free(f->first);
  free(f->size);
  free(f);
}

/* First configurations and sizes of all orbits: s is the first of its orbit when no image has a lower rank. */
static com_status find_orbits(com_ctx *c, sum *f, const nqs_symmetry_sector *x) {
  const nqs_hilbert *h = f->t.ham->space;
  int8_t *s = malloc(h->n), *images = malloc(x->n_images * h->n);
  com_status status = s && images ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  f->first = malloc(f->dim * sizeof *f->first);
  f->size = malloc(f->dim * sizeof *f->size);
  if (!status && (!f->first || !f->size)) status = COM_FAIL(c, COM_E_MEM, "out of memory");
  for (size_t k = 0; k < f->dim && !status; k++) {
    size_t fixed = 0, lowest = k;
    nqs_hilbert_unrank(h, k, s);
    nqs_symmetry_images(x, s, images);
    for (size_t g = 0; g < x->n_images && lowest == k; g++) {
      const size_t r = nqs_hilbert_rank(h, images + g * h->n);
      fixed += r == k;
      if (r < k) lowest = r;
    }
    if (lowest < k) continue;
    f->first[f->n_orbits] = k;
    f->size[f->n_orbits++] = (double)(x->n_images / fixed);
  }
  free(s);
  free(images);
  return status;
}

static com_status create_orbits(com_ctx *c, sum *f) {
  const nqs_symmetry_spec spec = {.symmetry = (nqs_symmetry)f->o.symmetry, .spin_flip = f->o.spin_flip};
  nqs_symmetry_sector x = {0};
  if (f->o.symmetry == NQS_SYM_NONE && !f->o.spin_flip) return COM_OK;
  COM_TRY(nqs_symmetry_init(c, &spec, f->t.ham->lattice, f->t.ham->space, &x));
  const com_status status = find_orbits(c, f, &x);
  nqs_symmetry_finish(&x);
  return status;
}

static com_status create(com_ctx *c, const void *op, const nqs_task *t, void **self) {
  sum *f;
  COM_CHECK(c, t->ham->space->dim <= max_states, COM_E_CONFIG,
            "sampler.type = sum: %.3g configurations are too many for full summation (at most %.0f); use "
            "metropolis",
            t->ham->space->dim, max_states);
  COM_ALLOC(c, f = calloc(1, sizeof *f));
  *self = f;
  f->o = *(const opts *)op;
  f->t = *t, f->dim = (size_t)t->ham->space->dim, f->n_workers = com_pool_threads(t->pool);
  COM_ALLOC(c, f->walkers = calloc(f->n_workers, sizeof *f->walkers));
  COM_ALLOC(c, f->local = calloc(f->n_workers, sizeof *f->local));
  COM_ALLOC(c, f->conf = calloc(f->n_workers, sizeof *f->conf));
  COM_ALLOC(c, f->rows = calloc(f->n_workers, sizeof *f->rows));
  COM_ALLOC(c, f->log_psi = malloc(f->dim * sizeof *f->log_psi));
  for (size_t k = 0; k < f->n_workers; k++) {
    COM_TRY(nqs_local_create(c, t->ham, TASK, f->local + k));
    COM_TRY(nqs_ansatz_walkers(c, t->ansatz, TASK, nqs_local_max_moves(f->local[k]), f->walkers + k));
    COM_ALLOC(c, f->conf[k] = malloc(TASK * t->ham->space->n));
    COM_ALLOC(c, f->rows[k] = malloc(TASK * t->ansatz->row_bytes + 1));
  }
  return create_orbits(c, f);
}

static com_status task(size_t k, size_t worker, void *user) {
  sum *f = user;
  const nqs_ansatz *a = f->t.ansatz;
  const size_t sites = f->t.ham->space->n, first = k * TASK, n = f->n - first < TASK ? f->n - first : TASK;
  double complex lp[TASK], e[TASK];
  int8_t *s = f->conf[worker];
  if (f->n == f->dim) nqs_hilbert_range(f->t.ham->space, first, n, s);
  for (size_t i = 0; i < n && f->n < f->dim; i++)
    nqs_hilbert_unrank(f->t.ham->space, f->first[first + i], s + i * sites);
  for (size_t i = n; i < TASK; i++)
    memcpy(s + i * sites, s, sites); /* the last task repeats a configuration */
  nqs_walkers *w = f->walkers[worker];
  nqs_ansatz_set(w, s);
  nqs_ansatz_log_psi(w, lp);
  nqs_local_energy(f->local[worker], w, e);
  memcpy(f->log_psi + first, lp, n * sizeof *lp);
  memcpy(f->out->eloc + first, e, n * sizeof *e);
  if (f->want & NQS_WANT_S) memcpy(f->out->s + first * sites, s, n * sites);
  if (f->want & NQS_WANT_O) {
    nqs_ansatz_grad(w, f->rows[worker]);
    memcpy((char *)f->out->O + first * a->row_bytes, f->rows[worker], n * a->row_bytes);
  }
  return COM_OK;
}

/* Rows of one array, of which every process has filled those of its tasks. */
static com_status gather_rows(com_ctx *c, const sum *f, size_t bytes, void *data) {
  const size_t n = (f->n + TASK - 1) / TASK;
  size_t *offset;
  COM_ALLOC(c, offset = malloc((n + 1) * sizeof *offset));
  for (size_t k = 0; k <= n; k++) offset[k] = (k < n ? k * TASK : f->n) * bytes;
  const com_status status = com_comm_gather(c, com_ctx_comm(c), n, offset, data);
  free(offset);
  return status;
}

static com_status gather(com_ctx *c, const sum *f, unsigned want, nqs_samples *out) {
  if (com_comm_size(com_ctx_comm(c)) == 1) return COM_OK;
  COM_TRY(gather_rows(c, f, sizeof *f->log_psi, f->log_psi));
  COM_TRY(gather_rows(c, f, sizeof *out->eloc, out->eloc));
  if (want & NQS_WANT_S) COM_TRY(gather_rows(c, f, f->t.ham->space->n, out->s));
  if (want & NQS_WANT_O) COM_TRY(gather_rows(c, f, f->t.ansatz->row_bytes, out->O));
  return COM_OK;
}

/* Weights, and nothing undefined where psi vanishes: such a configuration has probability 0. */
static com_status normalise(com_ctx *c, const sum *f, unsigned want, nqs_samples *out) {
  const size_t bytes = f->t.ansatz->row_bytes;
  double top = -INFINITY, total = 0;
  for (size_t k = 0; k < f->n; k++) top = fmax(top, creal(f->log_psi[k]));
  COM_CHECK(c, isfinite(top), COM_E_NUM, "sampler: the wave function is zero or not finite everywhere");
  for (size_t k = 0; k < f->n; k++) {
    const double size = f->n < f->dim ? f->size[k] : 1;
    total += out->weight[k] = size * exp(2 * (creal(f->log_psi[k]) - top));
  }
  for (size_t k = 0; k < f->n; k++) {
    out->weight[k] /= total;
    if (out->weight[k] > 0) continue;
    out->eloc[k] = 0;
    if (want & NQS_WANT_O) memset((char *)out->O + k * bytes, 0, bytes);
  }
  return COM_OK;
}

static com_status run(com_ctx *c, sum *f, size_t n, unsigned want, nqs_samples *out) {
  f->n = n;
  COM_TRY(nqs_sampler_reserve(c, &f->t, 1, n, BLOCKS, 0, want, out));
  if (!out->weight) COM_ALLOC(c, out->weight = malloc(f->dim * sizeof *out->weight));
  for (size_t b = 0; b <= BLOCKS; b++) out->block[b] = n * b / BLOCKS;
  f->want = want, f->out = out;
  COM_TRY(nqs_share_run(c, f->t.pool, (n + TASK - 1) / TASK, NULL, task, f));
  COM_TRY(gather(c, f, want, out));
  return normalise(c, f, want, out);
}

static double energy(const nqs_samples *s) {
  double e = 0;
  for (size_t k = 0; k < s->n; k++) e += s->weight[k] * creal(s->eloc[k]);
  return e;
}

/* Once: all configurations and one of each orbit must give the same mean energy. */
static com_status check_symmetry(com_ctx *c, sum *f, nqs_samples *out) {
  COM_TRY(run(c, f, f->dim, 0, out));
  const double all = energy(out);
  COM_TRY(run(c, f, f->n_orbits, 0, out));
  const double some = energy(out);
  COM_CHECK(
      c, fabs(all - some) <= 1e-8 * (1 + fabs(all)), COM_E_CONFIG,
      "sampler.symmetry: the wave function is not symmetric (energy %.10g, by orbits %.10g); give the ansatz "
      "the same symmetry, or use \"none\"",
      all, some);
  f->checked = 1;
  return COM_OK;
}

static com_status collect(com_ctx *c, void *self, size_t sweeps, unsigned want, nqs_samples *out) {
  sum *f = self;
  (void)sweeps;
  if (!f->n_orbits || (want & NQS_WANT_S)) return run(c, f, f->dim, want, out);
  if (!f->checked) COM_TRY(check_symmetry(c, f, out));
  return run(c, f, f->n_orbits, want, out);
}

static size_t sweeps(const void *op) {
  (void)op;
  return 1;
}

static const com_field fields[] = {
    {.key = "symmetry",
     .doc = "one configuration of each orbit of none, translation, space; the state must have it",
     .type = COM_F_ENUM,
     .off = offsetof(opts, symmetry),
     .aux = nqs_lattice_symmetry_names,
     .sdef = "none"},
    {.key = "spin_flip",
     .doc = "orbits under the flip of all spins, too",
     .type = COM_F_BOOL,
     .off = offsetof(opts, spin_flip)},
    {0}};

const nqs_sampler_ops nqs_sampler_sum = {
    .c = {.name = "sum",
          .doc = "full summation over all configurations (small systems)",
          .ref = "docs/physics.md",
          .fields = fields,
          .opt_size = sizeof(opts)},
    .create = create,
    .destroy = destroy,
    .sweeps = sweeps,
    .collect = collect};
