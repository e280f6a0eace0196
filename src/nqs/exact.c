/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/exact.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "common/linalg.h"

enum { CHUNK = 64, LANCZOS_MAX = 400, KRYLOV = 24, KEPT_BYTES = 1 << 27 };

const com_field nqs_exact_fields[] = {
    {.key = "levels",
     .doc = "lowest energies to report, from the full spectrum",
     .type = COM_F_INT,
     .off = offsetof(nqs_exact_opts, levels),
     .def = 0,
     .lo = 0,
     .hi = NQS_EXACT_DENSE_MAX},
    {.key = "temperatures",
     .doc = "thermal averages at these temperatures, from the full spectrum",
     .type = COM_F_REALS,
     .off = offsetof(nqs_exact_opts, temperatures),
     .lo = 0,
     .hi = 1e12,
     .flags = COM_FF_LO_OPEN},
    {.key = "tol",
     .doc = "relative convergence of Lanczos",
     .type = COM_F_REAL,
     .off = offsetof(nqs_exact_opts, tol),
     .def = 1e-12,
     .lo = 1e-15,
     .hi = 0.1},
    {.key = "reference",
     .doc = "only the closed form or Bethe energy, without diagonalisation",
     .type = COM_F_BOOL,
     .off = offsetof(nqs_exact_opts, reference)},
    {0}};

/* CHUNK rows of H: element `of` multiplies x[target] into a row of the chunk. */
typedef struct element {
  double complex h;
  uint32_t row, target;
} element;
typedef struct block {
  size_t n;
  double complex diag[CHUNK];
  element of[];
} block;

/* Rows of H on the fly: scratch of one worker. */
typedef struct rows {
  int8_t *s, *moved;
  nqs_moves moves;
  double complex *diag, *mel;
  block *block; /* room for all moves */
} rows;

typedef struct applier {
  com_ctx *ctx;
  const nqs_hamiltonian *h;
  com_pool *pool;
  size_t dim, n_workers;
  rows *work;
  size_t *power; /* free space: index weight of one level at each site */
  block **kept;  /* [n_kept] the first chunks, made when they are first needed; NULL: on the fly */
  size_t n_kept;
  const double complex *x;
  double complex *y;
} applier;

static void applier_finish(applier *a) {
  for (size_t k = 0; k < a->n_workers && a->work; k++) {
    rows *r = a->work + k;
    free(r->s);
    free(r->moved);
    nqs_moves_finish(&r->moves);
    free(r->diag);
    free(r->mel);
    free(r->block);
  }
  for (size_t k = 0; k < a->n_kept; k++) free(a->kept[k]);
  free(a->kept);
  free(a->work);
  free(a->power);
  *a = (applier){0};
}

static size_t block_size(size_t n) { return sizeof(block) + n * sizeof(element); }

static com_status applier_init(com_ctx *c, const nqs_hamiltonian *h, com_pool *pool, applier *a) {
  const double limit = 1e9; /* configurations whose index and vectors can still be handled */
  *a = (applier){.ctx = c, .h = h, .pool = pool, .n_workers = pool ? com_pool_threads(pool) : 1};
  COM_CHECK(c, h->space->dim <= limit, COM_E_CONFIG,
            "exact: %.3g configurations are too many, at most %.0e; use a smaller lattice", h->space->dim,
            limit);
  a->dim = (size_t)h->space->dim;
  const size_t n = h->space->n;
  COM_ALLOC(c, a->work = calloc(a->n_workers, sizeof *a->work));
  COM_ALLOC(c, a->power = malloc(n * sizeof *a->power));
  for (size_t i = n, p = 1; i-- > 0; p *= (size_t)h->space->d) a->power[i] = p;
  for (size_t k = 0; k < a->n_workers; k++) {
    rows *r = a->work + k;
    COM_ALLOC(c, r->s = malloc(CHUNK * n));
    COM_ALLOC(c, r->moved = malloc(n));
    COM_ALLOC(c, r->diag = malloc(CHUNK * sizeof *r->diag));
    COM_ALLOC(c, r->mel = malloc((CHUNK * h->max_moves + 1) * sizeof *r->mel));
    COM_ALLOC(c, r->block = malloc(block_size(CHUNK * h->max_moves)));
    COM_TRY(nqs_moves_init(c, CHUNK * h->max_moves, CHUNK * h->max_sites, &r->moves));
  }
  return COM_OK;
}

/* H is applied many times: rows that fit into KEPT_BYTES are made once.  Without memory for them, all are made on the fly. */
static void applier_keep(applier *a) {
  const size_t chunks = (a->dim + CHUNK - 1) / CHUNK, fit = KEPT_BYTES / block_size(CHUNK * a->h->max_moves);
  a->n_kept = chunks < fit ? chunks : fit;
  a->kept = calloc(a->n_kept + 1, sizeof *a->kept);
  if (!a->kept) a->n_kept = 0;
}

/* Index of the configuration that move k reaches from configuration `from` with values s. */
static size_t target(const applier *a, const rows *r, size_t k, const int8_t *s, size_t from) {
  const nqs_hilbert *h = a->h->space;
  const nqs_moves *m = &r->moves;
  if (h->fixed) {
    memcpy(r->moved, s, h->n);
    for (uint32_t i = m->first[k]; i < m->first[k + 1]; i++) r->moved[m->site[i]] = m->to[i];
    return nqs_hilbert_rank(h, r->moved);
  }
  for (uint32_t i = m->first[k]; i < m->first[k + 1]; i++) {
    const int levels = (m->to[i] - s[m->site[i]]) / h->step;
    from = levels >= 0 ? from + (size_t)levels * a->power[m->site[i]]
                       : from - (size_t)-levels * a->power[m->site[i]];
  }
  return from;
}

static size_t fill_rows(const applier *a, size_t first, rows *r) {
  const size_t n = a->dim - first < CHUNK ? a->dim - first : CHUNK;
  nqs_hilbert_range(a->h->space, first, n, r->s);
  nqs_hamiltonian_connected(a->h, n, r->s, r->diag, &r->moves, r->mel);
  return n;
}

static const block *block_at(applier *a, size_t task, rows *r) {
  if (task < a->n_kept && a->kept[task]) return a->kept[task];
  const size_t first = task * CHUNK, n = fill_rows(a, first, r), sites = a->h->space->n;
  block *b = r->block;
  b->n = r->moves.n;
  memcpy(b->diag, r->diag, n * sizeof *b->diag);
  for (size_t k = 0; k < b->n; k++) {
    const uint32_t conf = r->moves.conf[k];
    b->of[k] = (element){r->mel[k], conf, (uint32_t)target(a, r, k, r->s + conf * sites, first + conf)};
  }
  if (task < a->n_kept && (a->kept[task] = malloc(block_size(b->n))))
    memcpy(a->kept[task], b, block_size(b->n));
  return b;
}

static com_status apply_chunk(size_t task, size_t worker, void *user) {
  applier *a = user;
  COM_TRY(com_ctx_cancelled(a->ctx, "exact"));
  const block *b = block_at(a, task, a->work + worker);
  const size_t first = task * CHUNK, n = a->dim - first < CHUNK ? a->dim - first : CHUNK;
  for (size_t k = 0; k < n; k++) a->y[first + k] = b->diag[k] * a->x[first + k];
  for (size_t k = 0; k < b->n; k++) a->y[first + b->of[k].row] += b->of[k].h * a->x[b->of[k].target];
  return COM_OK;
}

static com_status apply(applier *a, const double complex *x, double complex *y) {
  const size_t n_tasks = (a->dim + CHUNK - 1) / CHUNK;
  a->x = x, a->y = y;
  if (a->pool) return com_pool_run(a->pool, n_tasks, apply_chunk, a);
  for (size_t t = 0; t < n_tasks; t++) COM_TRY(apply_chunk(t, 0, a));
  return COM_OK;
}

com_status nqs_exact_apply(com_ctx *c, const nqs_hamiltonian *h, com_pool *pool, const double complex *x,
                           double complex *y) {
  applier a;
  com_status status = applier_init(c, h, pool, &a);
  if (!status) status = apply(&a, x, y);
  applier_finish(&a);
  return status;
}

/* ---- Lanczos: H q_k = beta_{k-1} q_{k-1} + alpha_k q_k + beta_k q_{k+1} ---- */

typedef struct lanczos {
  applier a;
  size_t n; /* steps done */
  double alpha[LANCZOS_MAX], beta[LANCZOS_MAX];
  double complex *q, *next, *last; /* [dim] */
} lanczos;

static double norm(size_t n, const double complex *x) {
  double s = 0;
  for (size_t k = 0; k < n; k++) s += creal(x[k]) * creal(x[k]) + cimag(x[k]) * cimag(x[k]);
  return sqrt(s);
}

static double real_dot(size_t n, const double complex *x, const double complex *y) {
  double s = 0;
  for (size_t k = 0; k < n; k++) s += creal(x[k]) * creal(y[k]) + cimag(x[k]) * cimag(y[k]);
  return s;
}

static com_status random_vector(com_ctx *c, size_t n, double complex *x) {
  com_rng *r = NULL;
  COM_TRY(com_rng_create(c, 1, "lanczos", &r)); /* fixed seed: the answer must not depend on the run */
  for (size_t k = 0; k < n; k++) x[k] = com_rng_normal(r);
  com_rng_destroy(r);
  const double s = norm(n, x);
  for (size_t k = 0; k < n; k++) x[k] /= s;
  return COM_OK;
}

/* One step; 0 in *more when the Krylov space is exhausted. */
static com_status lanczos_step(lanczos *z, int *more) {
  const size_t n = z->a.dim, k = z->n;
  COM_TRY(apply(&z->a, z->q, z->next));
  z->alpha[k] = real_dot(n, z->q, z->next);
  const double b = k ? z->beta[k - 1] : 0;
  for (size_t i = 0; i < n; i++) z->next[i] -= z->alpha[k] * z->q[i] + b * z->last[i];
  z->beta[k] = norm(n, z->next);
  z->n++;
  *more = z->beta[k] > 1e-12 * (fabs(z->alpha[k]) + b); /* rounding level of the recurrence */
  if (!*more) return COM_OK;
  double complex *spare = z->last;
  z->last = z->q, z->q = z->next, z->next = spare;
  for (size_t i = 0; i < n; i++) z->q[i] /= z->beta[k];
  return COM_OK;
}

static com_status lowest(com_ctx *c, const lanczos *z, double *e, double *vec) {
  double d[LANCZOS_MAX], off[LANCZOS_MAX];
  memcpy(d, z->alpha, z->n * sizeof *d);
  memcpy(off, z->beta, z->n * sizeof *off);
  return com_linalg_tridiag(c, z->n, d, off, 1, e, vec);
}

static com_status run_lanczos(com_ctx *c, lanczos *z, double tol, double *energy) {
  double before = INFINITY;
  int more = 1;
  memset(z->last, 0, z->a.dim * sizeof *z->last);
  COM_TRY(random_vector(c, z->a.dim, z->q));
  while (more && z->n < LANCZOS_MAX && z->n < z->a.dim) {
    COM_TRY(lanczos_step(z, &more));
    if (z->n % 5 && more && z->n < z->a.dim) continue;
    COM_TRY(lowest(c, z, energy, NULL));
    if (fabs(*energy - before) <= tol * fabs(*energy)) return COM_OK;
    before = *energy;
  }
  COM_CHECK(c, !more || z->n >= z->a.dim, COM_E_NUM, "exact: Lanczos did not converge to %g in %d steps", tol,
            LANCZOS_MAX);
  return COM_OK;
}

/* Second pass: psi = sum_k v_k q_k with the same q_k. */
static com_status ritz_vector(com_ctx *c, lanczos *z, double complex *psi) {
  double vec[LANCZOS_MAX], e;
  const size_t n = z->a.dim, steps = z->n;
  int more;
  COM_TRY(lowest(c, z, &e, vec));
  memset(z->last, 0, n * sizeof *z->last);
  memset(psi, 0, n * sizeof *psi);
  COM_TRY(random_vector(c, n, z->q));
  z->n = 0;
  for (size_t k = 0; k < steps; k++) {
    for (size_t i = 0; i < n; i++) psi[i] += vec[k] * z->q[i];
    COM_TRY(lanczos_step(z, &more));
  }
  const double s = norm(n, psi);
  for (size_t i = 0; i < n; i++) psi[i] /= s;
  return COM_OK;
}

com_status nqs_exact_ground(com_ctx *c, const nqs_hamiltonian *h, com_pool *pool, double tol, double *energy,
                            double complex *psi, int *iterations) {
  lanczos *z;
  COM_ALLOC(c, z = calloc(1, sizeof *z));
  com_status status = applier_init(c, h, pool, &z->a);
  if (!status) {
    applier_keep(&z->a);
    const size_t n = z->a.dim;
    z->q = malloc(n * sizeof *z->q), z->next = malloc(n * sizeof *z->next),
    z->last = malloc(n * sizeof *z->last);
    if (!z->q || !z->next || !z->last)
      status = COM_FAIL(c, COM_E_MEM, "exact: %zu configurations do not fit into memory", n);
  }
  if (!status) status = run_lanczos(c, z, tol, energy);
  if (!status && iterations) *iterations = (int)z->n;
  if (!status && psi) status = ritz_vector(c, z, psi);
  free(z->q);
  free(z->next);
  free(z->last);
  applier_finish(&z->a);
  free(z);
  return status;
}

/* ---- dense ---- */

com_status nqs_exact_dense(com_ctx *c, const nqs_hamiltonian *h, double complex **out) {
  applier a;
  double complex *m = NULL;
  *out = NULL;
  COM_CHECK(c, h->space->dim <= NQS_EXACT_DENSE_MAX, COM_E_CONFIG,
            "exact: the full spectrum needs at most %d configurations, this model has %.6g",
            NQS_EXACT_DENSE_MAX, h->space->dim);
  com_status status = applier_init(c, h, NULL, &a);
  if (!status && !(m = calloc(a.dim * a.dim, sizeof *m))) status = COM_FAIL(c, COM_E_MEM, "out of memory");
  for (size_t first = 0; first < a.dim && !status; first += CHUNK) {
    const rows *r = a.work;
    const size_t n = fill_rows(&a, first, a.work);
    for (size_t k = 0; k < n; k++) m[(first + k) * a.dim + first + k] += r->diag[k];
    for (size_t k = 0; k < r->moves.n; k++) {
      const size_t row = first + r->moves.conf[k];
      m[row * a.dim + target(&a, r, k, r->s + r->moves.conf[k] * h->space->n, row)] += r->mel[k];
    }
  }
  applier_finish(&a);
  *out = m;
  return status;
}

com_status nqs_exact_spectrum(com_ctx *c, const nqs_hamiltonian *h, double **w, double complex **v) {
  double complex *m = NULL;
  const size_t n = (size_t)h->space->dim;
  *w = NULL;
  com_status status = nqs_exact_dense(c, h, &m);
  if (!status && !(*w = malloc(n * sizeof **w))) status = COM_FAIL(c, COM_E_MEM, "out of memory");
  if (!status) status = com_linalg_zeigh(c, n, m, *w);
  if (status) free(*w), *w = NULL;
  if (v && !status) {
    *v = m;
  } else {
    free(m);
  }
  return status;
}

void nqs_exact_average(size_t n, const double *w, double T, nqs_exact_thermal *out) {
  double z = 1, e = 0, e2 = 0; /* the ground state: d = 0, b = 1 */
  for (size_t k = 1; k < n; k++) {
    const double d = w[k] - w[0], b = exp(-d / T);
    z += b, e += b * d, e2 += b * d * d;
  }
  e /= z, e2 /= z;
  *out = (nqs_exact_thermal){w[0] + e, (e2 - e * e) / (T * T), log(z) + e / T, w[0] - T * log(z)};
}

com_status nqs_exact_expect(com_ctx *c, const nqs_hamiltonian *h, const nqs_pauli *a,
                            const double complex *psi, double *mean) {
  const nqs_hamiltonian view = {.space = h->space,
                                .lattice = h->lattice,
                                .pauli = (nqs_pauli *)(uintptr_t)a,
                                .max_moves = nqs_pauli_groups(a),
                                .max_sites = nqs_pauli_flip_sites(a)};
  const size_t n = (size_t)h->space->dim;
  COM_CHECK(c, !h->space->fixed || nqs_pauli_conserves(a), COM_E_CONFIG,
            "exact: this observable leaves the sector of fixed S^z");
  double complex *y;
  COM_ALLOC(c, y = malloc(n * sizeof *y));
  const com_status status = nqs_exact_apply(c, &view, NULL, psi, y);
  if (!status) *mean = real_dot(n, psi, y);
  free(y);
  return status;
}

/* ---- real time: exp(-i H dt) psi = |psi| Q exp(-i T dt) e_1 in a Krylov space of KRYLOV vectors ---- */

/* u = exp(-i T dt) e_1; returns |u_last|, which with beta bounds the error of the step (Saad 1992, eq. 43). */
static com_status small_exponential(com_ctx *c, size_t m, const double *alpha, const double *beta, double dt,
                                    double complex *u, double *tail) {
  double d[KRYLOV], off[KRYLOV], w[KRYLOV], z[KRYLOV * KRYLOV];
  memcpy(d, alpha, m * sizeof *d);
  memcpy(off, beta, m * sizeof *off);
  COM_TRY(com_linalg_tridiag(c, m, d, off, m, w, z));
  for (size_t i = 0; i < m; i++) {
    u[i] = 0;
    for (size_t k = 0; k < m; k++) u[i] += z[k * m + i] * z[k * m] * cexp(-I * w[k] * dt);
  }
  *tail = cabs(u[m - 1]);
  return COM_OK;
}

static com_status krylov_step(com_ctx *c, applier *a, double left, double tol, double complex *q,
                              double complex *psi, double *done) {
  double alpha[KRYLOV] = {0}, beta[KRYLOV] = {0}, tail = 0;
  double complex u[KRYLOV];
  const size_t n = a->dim;
  size_t m = 0;
  const double size = norm(n, psi);
  for (size_t i = 0; i < n; i++) q[i] = psi[i] / size;
  for (int more = 1; more && m < KRYLOV; m++) {
    double complex *now = q + m * n, *next = now + n;
    COM_TRY(apply(a, now, next));
    alpha[m] = real_dot(n, now, next);
    for (size_t i = 0; i < n; i++) next[i] -= alpha[m] * now[i] + (m ? beta[m - 1] * now[i - n] : 0);
    beta[m] = norm(n, next);
    more = beta[m] > 1e-12 * (fabs(alpha[m]) + (m ? beta[m - 1] : 0));
    for (size_t i = 0; i < n && more; i++) next[i] /= beta[m];
  }
  double dt = left;
  for (;; dt /= 2) {
    COM_TRY(small_exponential(c, m, alpha, beta, dt, u, &tail));
    if (m < KRYLOV || beta[m - 1] * tail <= tol || fabs(dt) < 1e-9 * fabs(left)) break;
  }
  memset(psi, 0, n * sizeof *psi);
  for (size_t k = 0; k < m; k++)
    for (size_t i = 0; i < n; i++) psi[i] += size * u[k] * q[k * n + i];
  *done = dt;
  return COM_OK;
}

com_status nqs_exact_evolve(com_ctx *c, const nqs_hamiltonian *h, com_pool *pool, double t, double tol,
                            double complex *psi) {
  applier a;
  double complex *q = NULL;
  com_status status = applier_init(c, h, pool, &a);
  if (!status) applier_keep(&a);
  if (!status && !(q = malloc((KRYLOV + 1) * a.dim * sizeof *q)))
    status = COM_FAIL(c, COM_E_MEM, "out of memory");
  for (double left = t; left != 0 && !status;) {
    double done = left;
    status = krylov_step(c, &a, left, tol, q, psi, &done);
    left = fabs(left - done) < 1e-12 * fabs(t) ? 0 : left - done;
  }
  free(q);
  applier_finish(&a);
  return status;
}
