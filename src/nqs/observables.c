/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/observables.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "common/table.h"
#include "nqs/exact.h"
#include "nqs/local.h"
#include "nqs/renyi.h"

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

enum { CHUNK = 64 }; /* configurations per pool task */

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
  const nqs_source *x;
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

static com_status run_strings(com_ctx *c, const nqs_source *x, const item *it, strings_job *j) {
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

static com_status measure_strings(com_ctx *c, const nqs_observables *o, const nqs_source *x, const item *it,
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
  const nqs_source *x;
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

static com_status measure_rows(com_ctx *c, const nqs_observables *o, const nqs_source *x, const item *it,
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

/* ---- all of them ---- */

static com_status measure_renyi(com_ctx *c, const nqs_observables *o, const nqs_source *x, const item *it,
                                cJSON *to) {
  nqs_estimate e;
  COM_TRY(nqs_renyi_measure(c, o->h->space, it->part, x, &e));
  return add_estimate(c, to, it->name, &e);
}

static com_status measure(com_ctx *c, const nqs_observables *o, const nqs_source *x, cJSON **out) {
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
  const nqs_source x = {.n_chains = s->n_chains,
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
    const nqs_source x = {
        .n_chains = 1, .n_time = dim, .n_sites = h->n, .s = s, .weight = weight, .psi = psi, .pool = pool};
    status = measure(c, o, &x, out);
  }
  com_pool_destroy(pool);
  free(s);
  free(weight);
  return status;
}
