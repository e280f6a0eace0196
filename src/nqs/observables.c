/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/observables.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "common/linalg.h"
#include "common/table.h"
#include "nqs/exact.h"
#include "nqs/local.h"

typedef enum kind { STRINGS, PROFILE, CORRELATIONS, STRUCTURE, RENYI } kind;
typedef struct item {
  kind kind;
  char *name;
  nqs_pauli *strings;  /* STRINGS: closed, in the rotated frame */
  unsigned char *part; /* RENYI: [sites] 1 inside the region */
} item;

struct nqs_observables {
  const nqs_hamiltonian *h;
  size_t n, cap;
  item *item;
};

enum {
  CHUNK = 64,
  MAX_SIDE = 2048
}; /* configurations per pool task; smaller dimension of an exact Renyi entropy */

void nqs_observables_destroy(nqs_observables *o) {
  if (!o) return;
  for (size_t k = 0; k < o->n; k++) {
    free(o->item[k].name);
    free(o->item[k].part);
    nqs_pauli_destroy(o->item[k].strings);
  }
  free(o->item);
  free(o);
}

size_t nqs_observables_n(const nqs_observables *o) { return o->n; }

/* ---- reading the list ---- */

static com_status append(com_ctx *c, nqs_observables *o, kind k, const char *name, item **out) {
  if (o->n == o->cap) {
    const size_t cap = o->cap ? 2 * o->cap : 8;
    item *more;
    COM_ALLOC(c, more = realloc(o->item, cap * sizeof *more));
    o->item = more, o->cap = cap;
  }
  for (size_t i = 0; i < o->n; i++)
    COM_CHECK(c, strcmp(o->item[i].name, name) != 0, COM_E_CONFIG,
              "measure.observables: \"%s\" appears twice; give it another name", name);
  item *it = o->item + o->n;
  *it = (item){.kind = k};
  COM_ALLOC(c, it->name = malloc(strlen(name) + 1));
  strcpy(it->name, name);
  o->n++;
  *out = it;
  return COM_OK;
}

static com_status close_strings(com_ctx *c, const nqs_observables *o, item *it) {
  if (o->h->rotation) nqs_pauli_rotate(it->strings, o->h->rotation);
  COM_TRY(nqs_pauli_close(c, it->strings));
  COM_CHECK(c, !o->h->space->fixed || nqs_pauli_conserves(it->strings), COM_E_CONFIG,
            "measure.observables: \"%s\" leaves the sector of fixed S^z, where its mean is 0; use "
            "hamiltonian.sector \"free\"",
            it->name);
  return COM_OK;
}

/* Means per site of X, Y, Z; of Z alone where S^z is fixed, because the others vanish there. */
static com_status add_magnetisation(com_ctx *c, nqs_observables *o) {
  const size_t n = o->h->lattice->n;
  for (const char *letter = o->h->space->fixed ? "Z" : "XYZ"; *letter; letter++) {
    const char name[2] = {*letter, 0};
    item *it = NULL;
    COM_TRY(append(c, o, STRINGS, name, &it));
    COM_TRY(nqs_pauli_create(c, n, &it->strings));
    for (size_t i = 0; i < n; i++) COM_TRY(nqs_pauli_add(c, it->strings, 1.0 / (double)n, name, &i));
    COM_TRY(close_strings(c, o, it));
  }
  return COM_OK;
}

/* A list of distinct site numbers. @param sites [out] caller frees */
static com_status read_sites(com_ctx *c, const char *file, const cJSON *in, size_t n, size_t **sites,
                             size_t *m) {
  double *x = NULL;
  COM_TRY(com_json_read_reals(c, file, "measure.observables", in, &x, m));
  com_status status = COM_OK;
  if (!(*sites = malloc((*m + 1) * sizeof **sites))) status = COM_FAIL(c, COM_E_MEM, "out of memory");
  for (size_t k = 0; k < *m && !status; k++) {
    if (!(x[k] >= 0 && x[k] < (double)n && x[k] == floor(x[k])))
      status = COM_FAIL(c, COM_E_CONFIG, "%s: measure.observables: site %g: must be a whole number in 0..%zu",
                        file, x[k], n - 1);
    else
      (*sites)[k] = (size_t)x[k];
  }
  free(x);
  if (status) free(*sites), *sites = NULL;
  return status;
}

static com_status add_renyi(com_ctx *c, const char *file, const cJSON *sites, nqs_observables *o) {
  const size_t n = o->h->lattice->n;
  item *it = NULL;
  COM_TRY(append(c, o, RENYI, "renyi2", &it));
  COM_ALLOC(c, it->part = calloc(n, 1));
  if (!sites) {
    memset(it->part, 1, n / 2);
    return COM_OK;
  }
  size_t *list = NULL, m = 0, inside = 0;
  COM_TRY(read_sites(c, file, sites, n, &list, &m));
  for (size_t k = 0; k < m; k++) inside += !it->part[list[k]], it->part[list[k]] = 1;
  free(list);
  COM_CHECK(c, inside == m && m > 0 && m < n, COM_E_CONFIG,
            "%s: measure.observables: renyi2.sites: give some, but not all sites, each once", file);
  return COM_OK;
}

static com_status add_terms(com_ctx *c, const char *file, const char *name, const cJSON *terms,
                            nqs_observables *o) {
  const size_t n = o->h->lattice->n;
  item *it = NULL;
  COM_TRY(append(c, o, STRINGS, name, &it));
  COM_TRY(nqs_pauli_create(c, n, &it->strings));
  for (const cJSON *t = com_json_first(terms); t; t = com_json_next(t)) {
    const char *letters = com_json_str(com_json_at(t, 1), NULL);
    size_t *sites = NULL, m = 0;
    COM_CHECK(c, com_json_size(t) == 3 && com_json_is_number(com_json_at(t, 0)) && letters, COM_E_CONFIG,
              "%s: measure.observables: \"%s\": a term is [coefficient, \"XYZ\", [site, site, site]]", file,
              name);
    COM_TRY(read_sites(c, file, com_json_at(t, 2), n, &sites, &m));
    com_status status = COM_OK;
    if (m != strlen(letters) || strspn(letters, "IXYZ") != m)
      status = COM_FAIL(
          c, COM_E_CONFIG,
          "%s: measure.observables: \"%s\": \"%s\" needs letters I, X, Y, Z, one per site (%zu given)", file,
          name, letters, m);
    if (!status) status = nqs_pauli_add(c, it->strings, com_json_num(com_json_at(t, 0), 0), letters, sites);
    free(sites);
    if (status) return com_ctx_while(c, status, "reading measure.observables: \"%s\"", name);
  }
  return close_strings(c, o, it);
}

static com_status add_entry(com_ctx *c, const char *file, const cJSON *in, nqs_observables *o) {
  static const char *const names[] = {"magnetisation",    "profile", "correlations",
                                      "structure_factor", "renyi2",  NULL};
  const cJSON *terms = com_json_get(in, "terms");
  const char *name = com_json_str(com_json_is_object(in) ? com_json_get(in, "name") : in, NULL);
  const int spins = o->h->pauli != NULL;
  item *it = NULL;
  COM_CHECK(c, name, COM_E_CONFIG,
            "%s: measure.observables: entries are names or {\"name\":..., \"terms\":[...]} objects", file);
  COM_CHECK(c, spins || (!terms && strcmp(name, "magnetisation") != 0), COM_E_CONFIG,
            "%s: measure.observables: \"%s\": only for spins; use \"profile\" or \"correlations\"", file,
            name);
  if (terms) return add_terms(c, file, name, terms, o);
  if (strcmp(name, "magnetisation") == 0) return add_magnetisation(c, o);
  if (strcmp(name, "profile") == 0) return append(c, o, PROFILE, name, &it);
  if (strcmp(name, "correlations") == 0) return append(c, o, CORRELATIONS, name, &it);
  if (strcmp(name, "renyi2") == 0) return add_renyi(c, file, com_json_get(in, "sites"), o);
  const char *near = com_field_nearest(name, names);
  COM_CHECK(c, strcmp(name, "structure_factor") == 0, COM_E_CONFIG,
            "%s: measure.observables: \"%s\": no such observable%s%s; or give its \"terms\"", file, name,
            near ? ", did you mean " : "", near ? near : "");
  COM_CHECK(c, o->h->lattice->lx > 0 && o->h->lattice->n_trans > 1, COM_E_CONFIG,
            "%s: measure.observables: \"structure_factor\" needs a periodic regular lattice", file);
  return append(c, o, STRUCTURE, name, &it);
}

com_status nqs_observables_create(com_ctx *c, const char *file, const cJSON *list, const nqs_hamiltonian *h,
                                  nqs_observables **out) {
  nqs_observables *o;
  com_status status = COM_OK;
  *out = NULL;
  COM_ALLOC(c, o = calloc(1, sizeof *o));
  o->h = h;
  if (!list) {
    if (h->pauli) status = add_magnetisation(c, o);
  } else if (!com_json_is_array(list)) {
    status = COM_FAIL(c, COM_E_CONFIG, "%s: measure.observables: must be a list", file);
  } else {
    for (const cJSON *in = com_json_first(list); in && !status; in = com_json_next(in))
      status = add_entry(c, file, in, o);
  }
  if (status) nqs_observables_destroy(o), o = NULL;
  *out = o;
  return status;
}

/* ---- samples, or all configurations with the weights of a state vector ---- */

typedef struct source {
  size_t n_chains, n_time, n_sites;
  const int8_t *s;
  const double *weight;      /* NULL: 1/n */
  const nqs_ansatz *a;       /* or */
  const double complex *psi; /* [n_time], n_chains = 1 */
  com_pool *pool;
} source;

static com_status add_estimate(com_ctx *c, cJSON *to, const char *name, const nqs_estimate *e) {
  cJSON *j;
  COM_ALLOC(c, j = com_json_object());
  COM_TRY(com_json_add(c, to, name, j));
  COM_TRY(com_json_add(c, j, "mean", com_json_real(e->mean)));
  COM_TRY(com_json_add(c, j, "error", com_json_real(e->error)));
  COM_TRY(com_json_add(c, j, "tau", com_json_real(e->tau)));
  return com_json_add(c, j, "rhat", com_json_real(e->rhat));
}

/* ---- sums of Pauli strings: local estimators from the walkers ---- */

typedef struct strings_job {
  const source *x;
  nqs_walkers **walkers; /* per worker */
  nqs_local **local;
  int8_t **s;
  double complex *value; /* [n] */
} strings_job;

static com_status strings_task(size_t task, size_t worker, void *user) {
  const strings_job *j = user;
  const size_t n = j->x->n_chains * j->x->n_time, first = task * CHUNK, sites = j->x->n_sites;
  const size_t m = n - first < CHUNK ? n - first : CHUNK;
  double complex value[CHUNK];
  for (size_t k = 0; k < CHUNK; k++) /* the last task repeats a configuration */
    memcpy(j->s[worker] + k * sites, j->x->s + (first + (k < m ? k : 0)) * sites, sites);
  nqs_ansatz_set(j->walkers[worker], j->s[worker]);
  nqs_local_energy(j->local[worker], j->walkers[worker], value);
  for (size_t k = 0; k < m; k++) {
    const int silent = j->x->weight && j->x->weight[first + k] == 0; /* psi = 0: nothing to average */
    j->value[first + k] = silent ? 0 : value[k];
  }
  return COM_OK;
}

static com_status run_strings(com_ctx *c, const source *x, const item *it, strings_job *j) {
  const size_t workers = com_pool_threads(x->pool), n = x->n_chains * x->n_time;
  COM_ALLOC(c, j->walkers = calloc(workers, sizeof *j->walkers));
  COM_ALLOC(c, j->local = calloc(workers, sizeof *j->local));
  COM_ALLOC(c, j->s = calloc(workers, sizeof *j->s));
  COM_ALLOC(c, j->value = malloc(n * sizeof *j->value));
  for (size_t k = 0; k < workers; k++) {
    COM_TRY(nqs_local_create_for(c, it->strings, CHUNK, j->local + k));
    COM_TRY(nqs_ansatz_walkers(c, x->a, CHUNK, nqs_local_max_moves(j->local[k]), j->walkers + k));
    COM_ALLOC(c, j->s[k] = malloc(CHUNK * x->n_sites));
  }
  return com_pool_run(x->pool, (n + CHUNK - 1) / CHUNK, strings_task, j);
}

static com_status measure_strings(com_ctx *c, const nqs_observables *o, const source *x, const item *it,
                                  cJSON *to) {
  nqs_estimate e = {.tau = NAN, .rhat = NAN};
  if (x->psi) {
    COM_TRY(nqs_exact_expect(c, o->h, it->strings, x->psi, &e.mean));
    return add_estimate(c, to, it->name, &e);
  }
  strings_job j = {.x = x};
  const com_status status = run_strings(c, x, it, &j);
  if (!status) nqs_estimate_series(x->n_chains, x->n_time, j.value, x->weight, &e);
  for (size_t k = 0; k < com_pool_threads(x->pool); k++) {
    if (j.walkers) nqs_ansatz_walkers_destroy(j.walkers[k]);
    if (j.local) nqs_local_destroy(j.local[k]);
    if (j.s) free(j.s[k]);
  }
  free(j.walkers);
  free(j.local);
  free(j.s);
  free(j.value);
  return status ? status : add_estimate(c, to, it->name, &e);
}

/* ---- functions of the configuration: one table row per site, displacement, pair or momentum ---- */

typedef double (*row_fn)(const nqs_lattice *l, size_t row, const int8_t *s);

static double profile_row(const nqs_lattice *l, size_t row, const int8_t *s) {
  (void)l;
  return s[row];
}

/* Translations are averaged over: (1/N) sum_i s_i s_{i+r}. */
static double displacement_row(const nqs_lattice *l, size_t row, const int8_t *s) {
  const uint32_t *t = l->trans + row * l->n;
  int sum = 0;
  for (size_t i = 0; i < l->n; i++) sum += s[i] * s[t[i]];
  return sum / (double)l->n;
}

/* Row number of pairs (i, j), i < j, in lexicographic order. */
static double pair_row(const nqs_lattice *l, size_t row, const int8_t *s) {
  size_t i = 0;
  while (row >= l->n - 1 - i) row -= l->n - 1 - i, i++;
  return s[i] * s[i + 1 + row];
}

/* S(k) = |sum_i e^{i k r_i} s_i|^2 / N, k = 2 pi (kx/lx, ky/ly), row = kx + lx ky. */
static double momentum_row(const nqs_lattice *l, size_t row, const int8_t *s) {
  const size_t lx = (size_t)l->lx, ly = l->n / lx, kx = row % lx, ky = row / lx;
  double re = 0, im = 0;
  for (size_t i = 0; i < l->n; i++) {
    const double turns =
        (double)(kx * (i % lx) % lx) / (double)lx + (double)(ky * (i / lx) % ly) / (double)ly;
    re += s[i] * cos(6.283185307179586477 * turns);
    im += s[i] * sin(6.283185307179586477 * turns);
  }
  return (re * re + im * im) / (double)l->n;
}

typedef struct rows_job {
  const source *x;
  const nqs_lattice *l;
  row_fn fn;
  double *mean, *error; /* [rows] */
} rows_job;

static com_status row_task(size_t row, size_t worker, void *user) {
  (void)worker;
  const rows_job *j = user;
  const size_t n = j->x->n_chains * j->x->n_time;
  nqs_estimate e;
  double complex *series = malloc(n * sizeof *series);
  if (!series) return COM_E_MEM;
  for (size_t k = 0; k < n; k++) series[k] = j->fn(j->l, row, j->x->s + k * j->x->n_sites);
  nqs_estimate_series(j->x->n_chains, j->x->n_time, series, j->x->weight, &e);
  j->mean[row] = e.mean, j->error[row] = e.error;
  free(series);
  return COM_OK;
}

/* Two index columns and the value: what the row number means. */
static void row_labels(const nqs_lattice *l, row_fn fn, size_t rows, double *a, double *b) {
  const size_t lx = l->lx > 0 ? (size_t)l->lx : l->n;
  size_t i = 0, j = 1;
  for (size_t k = 0; k < rows; k++) {
    if (fn == displacement_row) {
      a[k] = l->momentum_unit[2 * k], b[k] = l->momentum_unit[2 * k + 1];
    } else if (fn == pair_row) {
      a[k] = (double)i, b[k] = (double)j;
      if (++j == l->n) i++, j = i + 1;
    } else {
      a[k] = (double)(k % lx), b[k] = (double)(k / lx);
    }
  }
}

static com_status measure_rows(com_ctx *c, const nqs_observables *o, const source *x, const item *it,
                               cJSON *to) {
  const nqs_lattice *l = o->h->lattice;
  const int pairs = it->kind == CORRELATIONS && l->n_trans == 1;
  const size_t rows = pairs ? l->n * (l->n - 1) / 2 : it->kind == CORRELATIONS ? l->n_trans : l->n;
  const row_fn fn = it->kind == PROFILE     ? profile_row
                    : it->kind == STRUCTURE ? momentum_row
                    : pairs                 ? pair_row
                                            : displacement_row;
  const char *first = it->kind == STRUCTURE ? "kx" : pairs ? "i" : it->kind == PROFILE ? "x" : "dx";
  const char *second = it->kind == STRUCTURE ? "ky" : pairs ? "j" : it->kind == PROFILE ? "y" : "dy";
  com_table *t = NULL;
  double *v = malloc(4 * rows * sizeof *v);
  com_status status = v ? com_table_create(c, &t) : COM_FAIL(c, COM_E_MEM, "out of memory");
  rows_job j = {x, l, fn, v, v + rows};
  if (status) goto done;
  if ((status = com_pool_run(x->pool, rows, row_task, &j))) {
    status = COM_FAIL(c, status, "out of memory");
    goto done;
  }
  row_labels(l, fn, rows, v + 2 * rows, v + 3 * rows);
  COM_GOTO(done, com_table_add(c, t, first, "1", NULL, rows, v + 2 * rows, NULL));
  COM_GOTO(done, com_table_add(c, t, second, "1", NULL, rows, v + 3 * rows, NULL));
  COM_GOTO(done, com_table_add(c, t,
                               it->kind == STRUCTURE ? "S"
                               : it->kind == PROFILE ? "Z"
                                                     : "ZZ",
                               "1", NULL, rows, v, v + rows));
  status = com_json_add(c, to, it->name, com_table_json(t));
done:
  com_table_destroy(t);
  free(v);
  return status;
}

/* ---- Renyi entropy S_2 = -ln tr rho_A^2 ---- */

/* Number of a configuration among those of the sites with part == inside. */
static size_t part_index(const nqs_hilbert *h, const unsigned char *part, int inside, const int8_t *s) {
  size_t index = 0;
  for (size_t i = 0; i < h->n; i++)
    if (part[i] == inside) index = index * (size_t)h->d + (size_t)((s[i] - h->lo) / h->step);
  return index;
}

/* psi as a matrix M[A][B] on the smaller of the two sides first: tr rho_A^2 = |M M^H|^2 (Frobenius). */
static com_status renyi_vector(com_ctx *c, const nqs_hilbert *h, const source *x, const item *it,
                               const double complex *psi, double *s2) {
  double side[2] = {1, 1};
  for (size_t i = 0; i < h->n; i++) side[it->part[i]] *= h->d;
  const int rows_inside = side[1] <= side[0];
  COM_CHECK(c, fmin(side[0], side[1]) <= MAX_SIDE && side[0] * side[1] < 1e8, COM_E_CONFIG,
            "measure.observables: renyi2 of %zu sites is too large for full summation; use a sampler", h->n);
  const size_t m = (size_t)side[rows_inside], n = (size_t)side[!rows_inside];
  double complex *M = calloc(m * n, sizeof *M), *G = calloc(m * m, sizeof *G);
  const com_status status = M && G ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  double purity = 0, norm = 0;
  for (size_t k = 0; k < x->n_time && !status; k++) {
    const int8_t *s = x->s + k * h->n;
    M[part_index(h, it->part, rows_inside, s) * n + part_index(h, it->part, !rows_inside, s)] = psi[k];
  }
  if (!status) com_linalg_zgemm(0, 2, m, m, n, 1, M, n, M, n, 0, G, m);
  for (size_t k = 0; k < m && !status; k++) norm += creal(G[k * m + k]);
  for (size_t k = 0; k < m * m && !status; k++)
    purity += creal(G[k]) * creal(G[k]) + cimag(G[k]) * cimag(G[k]);
  *s2 = -log(purity / (norm * norm));
  free(M);
  free(G);
  return status;
}

typedef struct swap_job {
  const source *x;
  const item *it;
  const nqs_hilbert *space;
  size_t n_pairs, n_time;   /* replicas are chains 2p and 2p+1; of a single chain its two halves */
  double complex *value;    /* [n_pairs][n_time] */
  void **work;              /* per worker */
  int8_t **s;               /* [4 CHUNK][sites] */
  double complex **log_psi; /* [4 CHUNK] */
} swap_job;

static size_t total_fits(const nqs_hilbert *h, const int8_t *s) {
  long sum = 0;
  for (size_t i = 0; i < h->n; i++) sum += s[i];
  return !h->fixed || sum == h->total;
}

/* Swap estimator (Hastings et al., arXiv:1001.2335): tr rho_A^2 = < psi(a' b) psi(a b') / (psi(a b) psi(a' b')) >. */
static com_status swap_task(size_t task, size_t worker, void *user) {
  const swap_job *j = user;
  const size_t n = j->n_pairs * j->n_time, first = task * CHUNK, sites = j->x->n_sites;
  const size_t m = n - first < CHUNK ? n - first : CHUNK;
  int8_t *s = j->s[worker];
  double complex *lp = j->log_psi[worker];
  for (size_t k = 0; k < m; k++) {
    const size_t pair = (first + k) / j->n_time, t = (first + k) % j->n_time;
    const size_t one = j->x->n_chains == 1 ? t : 2 * pair * j->n_time + t;
    const int8_t *a = j->x->s + one * sites, *b = a + j->n_time * sites;
    int8_t *to = s + 4 * k * sites;
    memcpy(to, a, sites);
    memcpy(to + sites, b, sites);
    for (size_t i = 0; i < sites; i++) {
      const int inside = j->it->part[i];
      to[2 * sites + i] = inside ? b[i] : a[i];
      to[3 * sites + i] = inside ? a[i] : b[i];
    }
  }
  j->x->a->ops->log_psi_of(j->x->a->self, 4 * m, s, j->work[worker], lp);
  for (size_t k = 0; k < m; k++) {
    const double complex *l = lp + 4 * k;
    const size_t fits = total_fits(j->space, s + (4 * k + 2) * sites); /* else psi = 0: outside the sector */
    j->value[first + k] = fits ? cexp(l[2] + l[3] - l[0] - l[1]) : 0;
  }
  return COM_OK;
}

static com_status run_swap(com_ctx *c, swap_job *j) {
  const size_t workers = com_pool_threads(j->x->pool), n = j->n_pairs * j->n_time;
  const nqs_ansatz_ops *ops = j->x->a->ops;
  const size_t bytes = ops->work_size ? ops->work_size(j->x->a->self, 4 * CHUNK) : 0;
  COM_CHECK(c, n > 0, COM_E_CONFIG, "measure.observables: renyi2 needs at least two samples");
  COM_ALLOC(c, j->value = malloc(n * sizeof *j->value));
  COM_ALLOC(c, j->work = calloc(workers, sizeof *j->work));
  COM_ALLOC(c, j->s = calloc(workers, sizeof *j->s));
  COM_ALLOC(c, j->log_psi = calloc(workers, sizeof *j->log_psi));
  for (size_t k = 0; k < workers; k++) {
    COM_ALLOC(c, j->work[k] = malloc(bytes + 1));
    COM_ALLOC(c, j->s[k] = malloc(4 * CHUNK * j->x->n_sites));
    COM_ALLOC(c, j->log_psi[k] = malloc(4 * CHUNK * sizeof **j->log_psi));
  }
  return com_pool_run(j->x->pool, (n + CHUNK - 1) / CHUNK, swap_task, j);
}

static com_status renyi_swap(com_ctx *c, const nqs_hilbert *h, const source *x, const item *it,
                             nqs_estimate *e) {
  const int single = x->n_chains == 1;
  swap_job j = {.x = x,
                .it = it,
                .space = h,
                .n_pairs = single ? 1 : x->n_chains / 2,
                .n_time = single ? x->n_time / 2 : x->n_time};
  const com_status status = run_swap(c, &j);
  if (!status) {
    nqs_estimate_series(j.n_pairs, j.n_time, j.value, NULL, e);
    e->error /= fabs(e->mean); /* of the logarithm */
    e->mean = -log(e->mean);
  }
  for (size_t k = 0; k < com_pool_threads(x->pool); k++) {
    if (j.work) free(j.work[k]);
    if (j.s) free(j.s[k]);
    if (j.log_psi) free(j.log_psi[k]);
  }
  free(j.work);
  free(j.s);
  free(j.log_psi);
  free(j.value);
  return status;
}

static com_status measure_renyi(com_ctx *c, const nqs_observables *o, const source *x, const item *it,
                                cJSON *to) {
  nqs_estimate e = {.tau = NAN, .rhat = NAN};
  const nqs_hilbert *h = o->h->space;
  if (x->psi) {
    COM_TRY(renyi_vector(c, h, x, it, x->psi, &e.mean));
  } else if (!x->weight) {
    COM_TRY(renyi_swap(c, h, x, it, &e));
  } else { /* full summation: the vector itself, scaled by its largest entry */
    const size_t n = x->n_time, bytes = x->a->ops->work_size ? x->a->ops->work_size(x->a->self, n) : 0;
    double complex *psi = malloc(n * sizeof *psi);
    void *work = malloc(bytes + 1);
    com_status status = psi && work ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
    double top = -INFINITY;
    if (!status) x->a->ops->log_psi_of(x->a->self, n, x->s, work, psi);
    for (size_t k = 0; k < n && !status; k++) top = fmax(top, creal(psi[k]));
    for (size_t k = 0; k < n && !status; k++) psi[k] = cexp(psi[k] - top);
    if (!status) status = renyi_vector(c, h, x, it, psi, &e.mean);
    free(psi);
    free(work);
    COM_TRY(status);
  }
  return add_estimate(c, to, it->name, &e);
}

/* ---- all of them ---- */

static com_status measure(com_ctx *c, const nqs_observables *o, const source *x, cJSON **out) {
  com_status status = COM_OK;
  cJSON *to;
  *out = NULL;
  COM_ALLOC(c, to = com_json_object());
  for (size_t k = 0; k < o->n && !status; k++) {
    const item *it = o->item + k;
    if (it->kind == STRINGS) {
      status = measure_strings(c, o, x, it, to);
    } else if (it->kind == RENYI) {
      status = measure_renyi(c, o, x, it, to);
    } else {
      status = measure_rows(c, o, x, it, to);
    }
  }
  if (status) com_json_free(to), to = NULL;
  *out = to;
  return status;
}

com_status nqs_observables_measure(com_ctx *c, const nqs_observables *o, const nqs_ansatz *a, com_pool *pool,
                                   const nqs_samples *s, cJSON **out) {
  const source x = {.n_chains = s->n_chains,
                    .n_time = s->n_time,
                    .n_sites = s->n_sites,
                    .s = s->s,
                    .weight = s->weight,
                    .a = a,
                    .pool = pool};
  return measure(c, o, &x, out);
}

com_status nqs_observables_exact(com_ctx *c, const nqs_observables *o, const double complex *psi,
                                 cJSON **out) {
  const nqs_hilbert *h = o->h->space;
  const size_t dim = (size_t)h->dim;
  com_pool *pool = NULL;
  int8_t *s = malloc(dim * h->n);
  double *weight = malloc(dim * sizeof *weight);
  com_status status = s && weight ? com_pool_create(c, 1, &pool) : COM_FAIL(c, COM_E_MEM, "out of memory");
  *out = NULL;
  if (!status) {
    nqs_hilbert_range(h, 0, dim, s);
    for (size_t k = 0; k < dim; k++)
      weight[k] = creal(psi[k]) * creal(psi[k]) + cimag(psi[k]) * cimag(psi[k]);
    const source x = {
        .n_chains = 1, .n_time = dim, .n_sites = h->n, .s = s, .weight = weight, .psi = psi, .pool = pool};
    status = measure(c, o, &x, out);
  }
  com_pool_destroy(pool);
  free(s);
  free(weight);
  return status;
}
