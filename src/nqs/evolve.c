/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/evolve.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/table.h"
#include "nqs/exact.h"
#include "nqs/observables.h"

static const double affordable =
    1 << 14; /* states: the exact companion then costs less than the run itself */
static const double krylov_tol =
    1e-10; /* of the exact companion per unit of time; far below the variational error */

typedef struct record {
  nqs_tdvp_point point;
  double fidelity;         /* NAN without companion */
  cJSON *observed, *exact; /* exact NULL without companion */
} record;

struct nqs_evolve {
  com_ctx *ctx;
  const nqs_tdvp_opts *o;
  nqs_driver *d;
  nqs_hamiltonian *h; /* own, or NULL: the driver's */
  const nqs_hamiltonian *ham;
  nqs_sampler *sampler;
  nqs_samples samples;
  nqs_observables *observables;
  nqs_tdvp *tdvp;
  double complex *psi, *now; /* [dim] exact companion and the variational state */
  int8_t *s;                 /* [dim][n] */
  void *work;
  record *record; /* [points + 1] */
  size_t n;       /* recorded */
};

void nqs_evolve_destroy(nqs_evolve *e) {
  if (!e) return;
  for (size_t k = 0; k < e->n && e->record; k++) {
    com_json_free(e->record[k].observed);
    com_json_free(e->record[k].exact);
  }
  nqs_tdvp_destroy(e->tdvp);
  nqs_sampler_samples_finish(&e->samples);
  nqs_sampler_destroy(e->sampler);
  nqs_observables_destroy(e->observables);
  nqs_hamiltonian_destroy(e->h);
  free(e->psi);
  free(e->now);
  free(e->s);
  free(e->work);
  free(e->record);
  free(e);
}

/* ---- the exact companion ---- */

/* Normalised amplitudes of the present state. */
static com_status vector(nqs_evolve *e, double complex *psi) {
  const nqs_ansatz *a = nqs_driver_ansatz(e->d);
  const size_t dim = (size_t)e->ham->space->dim;
  double top = -INFINITY, norm = 0;
  a->ops->log_psi_of(a->self, dim, e->s, e->work, psi);
  for (size_t k = 0; k < dim; k++) top = fmax(top, creal(psi[k]));
  for (size_t k = 0; k < dim; k++) {
    psi[k] = cexp(psi[k] - top);
    norm += creal(psi[k]) * creal(psi[k]) + cimag(psi[k]) * cimag(psi[k]);
  }
  COM_CHECK(e->ctx, norm > 0 && isfinite(norm), COM_E_NUM, "evolve: the wave function is zero or not finite");
  for (size_t k = 0; k < dim; k++) psi[k] /= sqrt(norm);
  return COM_OK;
}

static com_status start_companion(nqs_evolve *e) {
  const nqs_ansatz *a = nqs_driver_ansatz(e->d);
  com_ctx *c = e->ctx;
  if (!e->o->exact || e->o->imaginary || e->ham->space->dim > affordable) return COM_OK;
  const size_t dim = (size_t)e->ham->space->dim;
  COM_ALLOC(c, e->psi = malloc(dim * sizeof *e->psi));
  COM_ALLOC(c, e->now = malloc(dim * sizeof *e->now));
  COM_ALLOC(c, e->s = malloc(dim * e->ham->space->n));
  COM_ALLOC(c, e->work = malloc(1 + (a->ops->work_size ? a->ops->work_size(a->self, dim) : 0)));
  nqs_hilbert_range(e->ham->space, 0, dim, e->s);
  return vector(e, e->psi);
}

static com_status companion(nqs_evolve *e, double dt, record *r) {
  const size_t dim = (size_t)e->ham->space->dim;
  double complex overlap = 0;
  if (!e->psi) return COM_OK;
  if (dt > 0) COM_TRY(nqs_exact_evolve(e->ctx, e->ham, nqs_driver_pool(e->d), dt, krylov_tol, e->psi));
  COM_TRY(vector(e, e->now));
  for (size_t k = 0; k < dim; k++) overlap += conj(e->psi[k]) * e->now[k];
  r->fidelity = creal(overlap) * creal(overlap) + cimag(overlap) * cimag(overlap);
  return nqs_observables_exact(e->ctx, e->observables, e->psi, &r->exact);
}

/* ---- a run ---- */

static com_status take_record(nqs_evolve *e, double dt) {
  com_ctx *c = e->ctx;
  const nqs_config *cfg = nqs_driver_options(e->d);
  record *r = e->record + e->n++;
  nqs_estimate energy;
  *r = (record){.fidelity = NAN};
  COM_TRY(nqs_tdvp_measure(e->tdvp, &r->point));
  COM_TRY(nqs_measure_energy(c, e->sampler, &cfg->measure, NQS_WANT_S, &e->samples, &energy));
  r->point.energy = energy; /* of the longer run */
  COM_TRY(nqs_observables_measure(c, e->observables, nqs_driver_ansatz(e->d), nqs_driver_pool(e->d),
                                  &e->samples, &r->observed));
  return companion(e, dt, r);
}

static com_status same_space(com_ctx *c, const char *file, const nqs_hilbert *a, const nqs_hilbert *b) {
  COM_CHECK(c,
            a->n == b->n && a->d == b->d && a->lo == b->lo && a->fixed == b->fixed &&
                (!a->fixed || a->total == b->total),
            COM_E_CONFIG,
            "%s: evolve.hamiltonian: acts on another space than the state; set \"sector\" alike in both",
            file);
  return COM_OK;
}

static com_status build(const char *file, nqs_evolve *e) {
  com_ctx *c = e->ctx;
  const nqs_config *cfg = nqs_driver_options(e->d);
  e->ham = nqs_driver_hamiltonian(e->d);
  if (e->o->hamiltonian.type) {
    COM_TRY(nqs_hamiltonian_create(c, &e->o->hamiltonian, nqs_driver_lattice(e->d), 0, 0, &e->h));
    COM_TRY(same_space(c, file, e->ham->space, e->h->space));
    const size_t n = e->ham->lattice->n;
    const int8_t *r0 = e->ham->rotation, *r1 = e->h->rotation;
    COM_CHECK(c, (!r0 && !r1) || (r0 && r1 && memcmp(r0, r1, n) == 0), COM_E_CONFIG,
              "%s: evolve.hamiltonian: one of the two is in the frame of the Marshall rotation, the other is "
              "not; set "
              "\"marshall\" alike in both",
              file);
    e->ham = e->h;
  }
  COM_TRY(nqs_observables_create(c, file, e->o->observables, e->ham, &e->observables));
  const nqs_task task = {
      .ham = e->ham, .ansatz = nqs_driver_ansatz(e->d), .pool = nqs_driver_pool(e->d), .stream = "evolve"};
  COM_TRY(nqs_sampler_create(c, &cfg->sampler, &task, &e->sampler));
  COM_TRY(nqs_tdvp_create(c, e->o, nqs_driver_ansatz(e->d), e->sampler, nqs_driver_pool(e->d), &e->tdvp));
  COM_ALLOC(c, e->record = calloc((size_t)e->o->points + 1, sizeof *e->record));
  COM_TRY(start_companion(e));
  return take_record(e, 0);
}

com_status nqs_evolve_create(com_ctx *c, const char *file, nqs_driver *d, nqs_evolve **out) {
  nqs_evolve *e;
  *out = NULL;
  COM_ALLOC(c, e = calloc(1, sizeof *e));
  e->ctx = c, e->d = d, e->o = &nqs_driver_options(d)->evolve;
  const com_status status = build(file, e);
  if (status) nqs_evolve_destroy(e), e = NULL;
  *out = e;
  return status;
}

int nqs_evolve_done(const nqs_evolve *e) { return e->n == (size_t)e->o->points + 1; }
double nqs_evolve_fraction(const nqs_evolve *e) { return (double)(e->n - 1) / e->o->points; }
const nqs_tdvp_point *nqs_evolve_point(const nqs_evolve *e) { return &e->record[e->n - 1].point; }

com_status nqs_evolve_step(nqs_evolve *e) {
  const double points = e->o->points, from = (double)(e->n - 1) / points * e->o->time;
  const double to = (double)e->n / points * e->o->time;
  const com_status status = nqs_tdvp_advance(e->tdvp, to);
  COM_TRY(status);
  return take_record(e, to - from);
}

/* ---- result ---- */

typedef double (*pick_fn)(const record *r);
static double pick_time(const record *r) { return r->point.time; }
static double pick_energy(const record *r) { return r->point.energy.mean; }
static double pick_error(const record *r) { return r->point.energy.error; }
static double pick_variance(const record *r) { return r->point.energy.variance; }
static double pick_residual(const record *r) { return r->point.residual; }
static double pick_rank(const record *r) { return r->point.rank; }
static double pick_fidelity(const record *r) { return r->fidelity; }

static com_status column(com_ctx *c, const nqs_evolve *e, com_table *t, const char *name, pick_fn value,
                         pick_fn error, double *v) {
  for (size_t k = 0; k < e->n; k++) {
    v[k] = value(e->record + k);
    v[e->n + k] = error ? error(e->record + k) : 0;
  }
  return com_table_add(c, t, name, "1", NULL, e->n, v, error ? v + e->n : NULL);
}

static com_status observed_columns(com_ctx *c, const nqs_evolve *e, com_table *t, double *v) {
  for (const cJSON *o = com_json_first(e->record[0].observed); o; o = com_json_next(o)) {
    const char *name = com_json_key(o);
    char exact[80];
    if (!com_json_get(o, "mean")) continue;
    for (size_t k = 0; k < e->n; k++) {
      const cJSON *j = com_json_get(e->record[k].observed, name), *x = com_json_get(e->record[k].exact, name);
      v[k] = com_json_num(com_json_get(j, "mean"), NAN);
      v[e->n + k] = com_json_num(com_json_get(j, "error"), NAN);
      v[2 * e->n + k] = com_json_num(com_json_get(x, "mean"), NAN);
    }
    COM_TRY(com_table_add(c, t, name, "1", NULL, e->n, v, v + e->n));
    snprintf(exact, sizeof exact, "%.70s_exact", name);
    if (e->psi) COM_TRY(com_table_add(c, t, exact, "1", NULL, e->n, v + 2 * e->n, NULL));
  }
  return COM_OK;
}

static com_status add_path(com_ctx *c, const nqs_evolve *e, cJSON *to) {
  com_table *t = NULL;
  cJSON *j = NULL;
  double *v = malloc(3 * e->n * sizeof *v);
  com_status status = v ? com_table_create(c, &t) : COM_FAIL(c, COM_E_MEM, "out of memory");
  if (status) goto done;
  COM_GOTO(done, column(c, e, t, "t", pick_time, NULL, v));
  COM_GOTO(done, column(c, e, t, "energy", pick_energy, pick_error, v));
  COM_GOTO(done, column(c, e, t, "variance", pick_variance, NULL, v));
  COM_GOTO(done, column(c, e, t, "residual", pick_residual, NULL, v));
  COM_GOTO(done, column(c, e, t, "rank", pick_rank, NULL, v));
  if (e->psi) COM_GOTO(done, column(c, e, t, "fidelity", pick_fidelity, NULL, v));
  COM_GOTO(done, observed_columns(c, e, t, v));
  j = com_table_json(t);
  COM_GOTO(done, com_json_add(c, to, "columns", com_json_copy(com_json_get(j, "columns"))));
  COM_GOTO(done, com_json_add(c, to, "rows", com_json_copy(com_json_get(j, "rows"))));
done:
  com_json_free(j);
  com_table_destroy(t);
  free(v);
  return status;
}

/* Observables that are tables, one object per output. */
static com_status add_snapshots(com_ctx *c, const nqs_evolve *e, cJSON *to) {
  cJSON *list;
  int any = 0;
  for (const cJSON *o = com_json_first(e->record[0].observed); o; o = com_json_next(o))
    any |= !com_json_get(o, "mean");
  if (!any) return COM_OK;
  COM_ALLOC(c, list = com_json_array());
  COM_TRY(com_json_add(c, to, "snapshots", list));
  for (size_t k = 0; k < e->n; k++) {
    cJSON *one = com_json_object();
    COM_TRY(com_json_push(c, list, one));
    COM_TRY(com_json_add(c, one, "t", com_json_real(e->record[k].point.time)));
    for (const cJSON *o = com_json_first(e->record[k].observed); o; o = com_json_next(o))
      if (!com_json_get(o, "mean")) COM_TRY(com_json_add(c, one, com_json_key(o), com_json_copy(o)));
  }
  return COM_OK;
}

/* The last output as plain numbers. */
static com_status add_final(com_ctx *c, const nqs_evolve *e, cJSON *to) {
  const record *r = e->record + e->n - 1;
  cJSON *j;
  COM_ALLOC(c, j = com_json_object());
  COM_TRY(com_json_add(c, to, "final", j));
  COM_TRY(com_json_add(c, j, "t", com_json_real(r->point.time)));
  COM_TRY(com_json_add(c, j, "energy", com_json_real(r->point.energy.mean)));
  COM_TRY(com_json_add(c, j, "residual", com_json_real(r->point.residual)));
  if (e->psi) COM_TRY(com_json_add(c, j, "fidelity", com_json_real(r->fidelity)));
  for (const cJSON *o = com_json_first(r->observed); o; o = com_json_next(o))
    if (com_json_get(o, "mean"))
      COM_TRY(com_json_add(c, j, com_json_key(o), com_json_copy(com_json_get(o, "mean"))));
  return COM_OK;
}

com_status nqs_evolve_result(nqs_evolve *e, cJSON **out) {
  com_ctx *c = e->ctx;
  const nqs_ansatz *a = nqs_driver_ansatz(e->d);
  const char *stop = com_status_stop_name(com_ctx_stop(c) ? com_ctx_stop(c) : COM_STOP_INTERRUPTED);
  cJSON *r = com_json_object(), *p = com_json_object();
  com_status status = r && p ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  if (status) goto done;
  COM_GOTO(done, com_json_add(c, r, "stop", com_json_string(nqs_evolve_done(e) ? "done" : stop)));
  COM_GOTO(done, com_json_add(c, r, "collections", com_json_int(nqs_evolve_point(e)->rhs)));
  COM_GOTO(done, add_final(c, e, r));
  COM_GOTO(done, add_path(c, e, r));
  COM_GOTO(done, add_snapshots(c, e, r));
  COM_GOTO(done, com_json_add(c, p, "w", com_json_reals(a->w, a->n_reals)));
  status = com_json_add(c, r, "parameters", p);
  p = NULL; /* taken in any case */
  if (!status) *out = r, r = NULL;
done:
  com_json_free(r);
  com_json_free(p);
  return status;
}
