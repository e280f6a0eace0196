/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/response.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/log.h"
#include "common/result.h"
#include "common/table.h"
#include "nqs/response_state.h"
#include "nqs/response_terms.h"

/* H(v) = H - v sum_t c_t P_t;  response M(v) = <sum_t c_t P_t>/N = -(1/N) dE/dv when the observable is the source
 * (Hellmann, Feynman), at temperature T = -(1/N) dF/dv. */

enum { ENOUGH_RESTS = 3 };
static const char *const methods[] = {"vmc", "exact", NULL};
static const double affordable = 1 << 14; /* states: below this Lanczos takes less than a second */
static const double far_off =
    1e-3; /* relative energy, against the exact one: the state is not the ground state */
static const double beyond = 5;      /* errors between the response and the exact one */
static const double restless = 0.02; /* fluctuation of the local energy over the energy; 0 in an eigenstate */

const com_field nqs_response_fields[] = {
    {.key = "source",
     .doc = "X, Y or Z on every site, two letters on every nearest bond, or [[c,\"ZXZ\",[0,1,2]],...]",
     .type = COM_F_RAW,
     .off = offsetof(nqs_response_opts, source)},
    {.key = "observable",
     .doc = "what answers, per site, in the same form (absent: the source)",
     .type = COM_F_RAW,
     .off = offsetof(nqs_response_opts, observable)},
    {.key = "staggered",
     .doc = "one-letter sources and observables alternate between the sublattices",
     .type = COM_F_BOOL,
     .off = offsetof(nqs_response_opts, staggered),
     .def = 0},
    {.key = "values",
     .doc = "strengths of the source, scanned from the strongest to the weakest",
     .type = COM_F_REALS,
     .off = offsetof(nqs_response_opts, values),
     .flags = COM_FF_REQUIRED},
    {.key = "method",
     .doc = "vmc: the config's wave function; exact: diagonalisation",
     .type = COM_F_ENUM,
     .off = offsetof(nqs_response_opts, method),
     .aux = methods,
     .sdef = "vmc"},
    {.key = "temperature",
     .doc = "thermal average instead of the ground state (method exact)",
     .unit = "energy",
     .type = COM_F_REAL,
     .off = offsetof(nqs_response_opts, temperature),
     .def = NAN,
     .lo = 0,
     .hi = 1e12,
     .flags = COM_FF_LO_OPEN},
    {.key = "target_error",
     .doc = "measure on, up to 100 times as long, until the sampling error is below this; method exact "
            "states it as the error of every point",
     .type = COM_F_REAL,
     .off = offsetof(nqs_response_opts, target_error),
     .def = 1e-3,
     .lo = 0,
     .hi = 1e9,
     .flags = COM_FF_LO_OPEN},
    {.key = "relax",
     .doc = "a state is finished when imaginary time of this length (one over the gap) would move the "
            "response by "
            "less than target_error",
     .unit = "1/energy",
     .type = COM_F_REAL,
     .off = offsetof(nqs_response_opts, relax),
     .def = 3,
     .lo = 0,
     .hi = 1e6},
    {.key = "extend",
     .doc = "optimise an unfinished state on, half a budget at a time, up to this many budgets in all",
     .type = COM_F_INT,
     .off = offsetof(nqs_response_opts, extend),
     .def = 8,
     .lo = 1,
     .hi = 1e6},
    {.key = "floor",
     .doc = "added in quadrature to every error: what the wave function cannot represent",
     .type = COM_F_REAL,
     .off = offsetof(nqs_response_opts, floor),
     .def = 1e-4,
     .lo = 0,
     .hi = 1e9,
     .flags = COM_FF_LO_OPEN},
    {.key = "shared",
     .doc = "all points use the same random numbers; the dataset then has a covariance",
     .type = COM_F_BOOL,
     .off = offsetof(nqs_response_opts, shared),
     .def = 0},
    {.key = "name",
     .doc = "name of the dataset",
     .type = COM_F_STRING,
     .off = offsetof(nqs_response_opts, name),
     .sdef = "response"},
    {0}};

/* ---- life ---- */

static com_status sort_values(nqs_response *r) {
  const size_t n = r->o.values.n;
  for (size_t k = 0; k < n; k++) {
    r->order[k] = k;
    r->points[k] = (nqs_response_point){.value = r->o.values.v[k], .exact = NAN, .exact_energy = NAN};
  }
  for (size_t i = 1; i < n; i++) /* insertion: stable, n is small */
    for (size_t k = i; k > 0 && fabs(r->o.values.v[r->order[k]]) > fabs(r->o.values.v[r->order[k - 1]]);
         k--) {
      const size_t swap = r->order[k];
      r->order[k] = r->order[k - 1], r->order[k - 1] = swap;
    }
  return COM_OK;
}

static com_status read_config(nqs_response *r, const char *file, const cJSON *config) {
  com_ctx *c = r->ctx;
  COM_ALLOC(c, r->config = com_json_copy(config));
  COM_TRY(com_field_read(c, COM_E_CONFIG, nqs_driver_fields, file, "", r->config, &r->cfg));
  if (r->cfg.seed.given) com_ctx_reseed(c, r->cfg.seed.value);
  COM_CHECK(c, r->cfg.response, COM_E_CONFIG,
            "%s: response: missing; give {\"source\":\"Z\",\"values\":[...]}", file);
  COM_TRY(com_field_read(c, COM_E_CONFIG, nqs_response_fields, file, "response", r->cfg.response, &r->o));
  static const char *const foreign[] = {"response", "evolve", "exact"};
  for (size_t k = 0; k < 3; k++) com_json_remove(r->config, foreign[k]);
  COM_CHECK(c, r->o.values.n > 0, COM_E_CONFIG, "%s: response.values: must not be empty", file);
  COM_CHECK(c, isnan(r->o.temperature) || r->o.method == NQS_RESPONSE_EXACT, COM_E_CONFIG,
            "%s: response.temperature: thermal averages need response.method = exact", file);
  return COM_OK;
}

static double convention(const nqs_response *r) {
  const nqs_ham_shared *sh = r->cfg.hamiltonian.shared;
  return sh->spin ? 0.5 : 1.0;
}

static com_status build(nqs_response *r, const char *file, const cJSON *config) {
  com_ctx *c = r->ctx;
  COM_ALLOC(c, r->file = strdup(file));
  COM_TRY(read_config(r, file, config));
  COM_TRY(nqs_lattice_create(c, &r->cfg.lattice, &r->lattice));
  const cJSON *source = r->o.source, *seen = r->o.observable ? r->o.observable : r->o.source;
  COM_TRY(nqs_response_terms_expand(c, "response.source", source, r->o.staggered, r->lattice, 1,
                                    r->source_name, &r->source));
  COM_TRY(nqs_response_terms_expand(c, "response.observable", seen, r->o.staggered, r->lattice,
                                    1 / (double)r->lattice->n, r->observable_name, &r->observable));
  COM_ALLOC(c, r->order = calloc(r->o.values.n, sizeof *r->order));
  COM_ALLOC(c, r->points = calloc(r->o.values.n, sizeof *r->points));
  COM_ALLOC(c, r->bins = calloc(r->o.values.n, sizeof *r->bins));
  return sort_values(r);
}

com_status nqs_response_create(com_ctx *c, const char *file, const cJSON *config, nqs_response **out) {
  nqs_response *r;
  const cJSON *inner = com_json_get(config, "config");
  *out = NULL;
  COM_ALLOC(c, r = calloc(1, sizeof *r));
  r->ctx = c;
  const com_status s = build(r, file, inner ? inner : config);
  if (s) nqs_response_destroy(r), r = NULL;
  *out = r;
  return s;
}

void nqs_response_destroy(nqs_response *r) {
  if (!r) return;
  nqs_driver_destroy(r->driver);
  for (size_t k = 0; r->bins && k < r->o.values.n; k++) free(r->bins[k].mean);
  free(r->bins);
  free(r->points);
  free(r->order);
  free(r->w);
  com_json_free(r->source);
  com_json_free(r->observable);
  nqs_lattice_destroy(r->lattice);
  com_field_finish(nqs_response_fields, &r->o);
  com_field_finish(nqs_driver_fields, &r->cfg);
  com_json_free(r->config);
  free(r->file);
  free(r);
}

/* ---- the Hamiltonian of a scan point ---- */

static com_status scaled_source(com_ctx *c, const nqs_response *r, double value, cJSON **out) {
  char label[48];
  return nqs_response_terms_expand(c, "response.source", r->source, 0, r->lattice, -value, label, out);
}

/* {"type":"sum","parts":[the model, the source]}; the shared keys move to the outer block. */
static com_status sourced(com_ctx *c, const nqs_response *r, double value, cJSON **out) {
  static const char *const shared[] = {"convention", "sector", "sz"};
  cJSON *h = com_json_object(), *parts = com_json_array(), *extra = com_json_object(), *terms = NULL,
        *base = com_json_copy(com_json_get(r->config, "hamiltonian"));
  com_status status = h && parts && extra && base ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  if (status) goto done;
  COM_GOTO(done, com_json_add(c, h, "type", com_json_string("sum")));
  for (size_t k = 0; k < 3; k++) {
    const cJSON *given = com_json_get(base, shared[k]);
    if (given) COM_GOTO(done, com_json_add(c, h, shared[k], com_json_copy(given)));
    com_json_remove(base, shared[k]);
  }
  COM_GOTO(done, scaled_source(c, r, value, &terms));
  COM_GOTO(done, com_json_add(c, extra, "type", com_json_string("pauli")));
  status = com_json_add(c, extra, "terms", terms);
  if (!status) status = com_json_push(c, parts, base);
  base = NULL;
  if (!status) status = com_json_push(c, parts, extra);
  extra = NULL;
  if (!status) status = com_json_add(c, h, "parts", parts);
  parts = NULL;
  if (status) goto done;
  *out = h, h = NULL;
done:
  com_json_free(h);
  com_json_free(parts);
  com_json_free(extra);
  com_json_free(base);
  return status;
}

static com_status point_config(com_ctx *c, const nqs_response *r, double value, cJSON **out) {
  cJSON *h = NULL;
  COM_TRY(sourced(c, r, value, &h));
  *out = com_json_copy(r->config);
  com_status s = *out ? com_json_add(c, *out, "hamiltonian", h) : COM_FAIL(c, COM_E_MEM, "out of memory");
  if (s) com_json_free(*out), *out = NULL;
  return s;
}

/* ---- by diagonalisation ---- */

/* <P> of each level averaged with e^{-(E_k - E_0)/T}. */
static com_status thermal(com_ctx *c, const nqs_response *r, const nqs_hamiltonian *h, const nqs_pauli *p,
                          double *energy, double *mean) {
  double *e = NULL, z = 0;
  double complex *v = NULL;
  com_status s = nqs_exact_spectrum(c, h, &e, &v);
  const size_t n = (size_t)h->space->dim;
  *energy = *mean = 0;
  for (size_t k = 0; k < n && !s; k++) {
    const double weight = exp(-(e[k] - e[0]) / r->o.temperature);
    double value = 0;
    if (weight < 1e-18) break; /* below rounding of the sums */
    s = nqs_exact_expect(c, h, p, v + k * n, &value);
    z += weight, *energy += weight * e[k], *mean += weight * value;
  }
  *energy /= z, *mean /= z;
  free(e);
  free(v);
  return s;
}

static com_status ground(com_ctx *c, const nqs_hamiltonian *h, const nqs_pauli *p, double tol, double *energy,
                         double *mean) {
  double complex *psi;
  COM_ALLOC(c, psi = malloc((size_t)h->space->dim * sizeof *psi));
  com_status s = nqs_exact_ground(c, h, NULL, tol, energy, psi, NULL);
  if (!s) s = nqs_exact_expect(c, h, p, psi, mean);
  free(psi);
  return s;
}

static com_status diagonalise(nqs_response *r, const nqs_hamiltonian *h, nqs_response_point *at) {
  com_ctx *c = r->ctx;
  nqs_pauli *p = NULL;
  COM_TRY(nqs_response_terms_operator(c, r->observable, convention(r), h, &p));
  const com_status s = isnan(r->o.temperature)
                           ? ground(c, h, p, r->cfg.exact.tol, &at->exact_energy, &at->exact)
                           : thermal(c, r, h, p, &at->exact_energy, &at->exact);
  nqs_pauli_destroy(p);
  return s;
}

static com_status exact_point(nqs_response *r, nqs_response_point *at) {
  com_ctx *c = r->ctx;
  nqs_hamiltonian *h = NULL;
  com_choice ch = {0};
  cJSON *j = NULL;
  COM_TRY(sourced(c, r, at->value, &j));
  com_status s =
      com_field_choice_read(c, COM_E_CONFIG, &nqs_hamiltonian_kind, r->file, "hamiltonian", j, &ch);
  if (!s) s = nqs_hamiltonian_create(c, &ch, r->lattice, 0, 0, &h);
  if (!s) s = diagonalise(r, h, at);
  at->mean = at->exact, at->energy = at->exact_energy, at->error = r->o.target_error;
  at->tau = at->rhat = NAN;
  nqs_hamiltonian_destroy(h);
  com_field_choice_finish(&nqs_hamiltonian_kind, &ch);
  com_json_free(j);
  return s;
}

/* ---- by the variational state ---- */

static com_status open_point(nqs_response *r, const nqs_response_point *at) {
  com_ctx *c = r->ctx;
  cJSON *config = NULL;
  COM_TRY(point_config(c, r, at->value, &config));
  const com_status s = nqs_driver_create(c, r->file, config, &r->driver);
  com_json_free(config);
  COM_TRY(s);
  nqs_ansatz *a = nqs_driver_ansatz(r->driver);
  return r->w && r->n_w == a->n_reals ? nqs_ansatz_load(c, a, r->w) : COM_OK;
}

static com_status remember(nqs_response *r) {
  const nqs_ansatz *a = nqs_driver_ansatz(r->driver);
  if (!r->w) COM_ALLOC(r->ctx, r->w = malloc((a->n_reals + 1) * sizeof *r->w));
  memcpy(r->w, a->w, a->n_reals * sizeof *r->w);
  r->n_w = a->n_reals;
  return COM_OK;
}

/* What of the drift is beyond its own noise. */
static double significant_drift(const nqs_response_point *at) {
  return sqrt(fmax(0, at->drift * at->drift - at->drift_error * at->drift_error));
}

static com_status measure_point(nqs_response *r, nqs_response_point *at) {
  com_ctx *c = r->ctx;
  char stream[64];
  nqs_pauli *p = NULL;
  nqs_response_measure_result m = {0};
  const nqs_hamiltonian *h = nqs_driver_hamiltonian(r->driver);
  snprintf(stream, sizeof stream, r->o.shared ? "response" : "response/%zu", (size_t)(at - r->points));
  COM_TRY(nqs_driver_freeze(r->driver));
  COM_TRY(nqs_response_terms_operator(c, r->observable, convention(r), h, &p));
  const com_status s = nqs_response_measure_run(
      c, r->driver, p, &(nqs_response_measure_opts){r->o.target_error, stream}, &m, &r->bins[at - r->points]);
  nqs_pauli_destroy(p);
  COM_TRY(s);
  at->drift = -r->o.relax * m.drift.mean, at->drift_error = r->o.relax * m.drift.error;
  at->mean = m.value.mean, at->stat = m.value.error;
  at->error = hypot(hypot(at->stat, r->o.floor), significant_drift(at));
  at->tau = m.value.tau, at->rhat = m.value.rhat, at->samples = m.value.n;
  at->iterations = nqs_driver_iteration(r->driver);
  at->energy = m.energy.mean, at->energy_error = m.energy.error, at->variance = m.energy.variance;
  return COM_OK;
}

/* Between two looks at a point, half a budget apart, neither the response nor the energy moved beyond its noise. */
static int quiet(const nqs_response *r, const nqs_response_point *at) {
  const nqs_response_point *was = &r->before;
  if (was->iterations == 0) return 0;
  return fabs(at->mean - was->mean) <= 2 * hypot(at->stat, was->stat) &&
         was->energy - at->energy <= 2 * hypot(at->energy_error, was->energy_error);
}

static int is_small(const nqs_response *r, const nqs_response_point *at) {
  return fabs(at->drift) <= fmax(r->o.target_error, 2 * at->drift_error);
}

/* Optimise on while the state still moves; 1 when there is more to do.  One small drift does not tell: it passes through
 * zero on the way.  A state that rests and rests with a drift is at the end of what its wave function can represent. */
static int extend(nqs_response *r, const nqs_response_point *at) {
  const long budget = r->cfg.iterations, left = budget * r->o.extend - at->iterations;
  const long half = budget > 1 ? budget / 2 : 1, more = half < left ? half : left;
  const int small = is_small(r, at) && is_small(r, &r->before);
  r->rests = quiet(r, at) ? r->rests + 1 : 0;
  r->before = *at;
  if ((small && r->rests > 0) || r->rests == ENOUGH_RESTS || left <= 0) {
    r->before = (nqs_response_point){0};
    r->rests = 0;
    return 0;
  }
  com_log(r->ctx, COM_INFO, "nqs.response",
          "%s = %g: %s = %.6g +- %.2g, drift %.2g +- %.2g, energy %.8g: %ld more iterations", r->source_name,
          at->value, r->observable_name, at->mean, at->stat, at->drift, at->drift_error, at->energy, more);
  nqs_driver_extend(r->driver, (int)more);
  return 1;
}

static void warn_drift(const nqs_response *r, const nqs_response_point *at) {
  const double drift = significant_drift(at);
  if (drift > r->o.target_error)
    com_ctx_warn(r->ctx, "drift",
                 "%s = %g: the state ends with a drift of %.2g, which is part of its error: a larger wave "
                 "function resolves more, or one with the symmetry of the model (ansatz.alpha 3, "
                 "ansatz.symmetry translation), or more iterations",
                 r->source_name, at->value, drift);
}

/* The statistical error knows nothing of a state that did not converge, or of a sampler that froze in one. */
static void judge(nqs_response *r, nqs_response_point *at) {
  const double scale = fabs(isnan(at->exact_energy) ? at->energy : at->exact_energy);
  at->off = fabs(at->energy - at->exact_energy) > far_off * scale || sqrt(at->variance) > restless * scale ||
            fabs(at->mean - at->exact) > beyond * at->error;
  if (at->off)
    com_ctx_warn(r->ctx, "not_converged",
                 "%s = %g: the state did not reach the ground state (response %.6g, exact %.6g; energy %.8g, "
                 "exact %.8g; fluctuation "
                 "%.2g): "
                 "its error bar means nothing; use a smaller optimizer.rate or a larger optimizer.lambda0",
                 r->source_name, at->value, at->mean, at->exact, at->energy, at->exact_energy,
                 sqrt(at->variance));
}

com_status nqs_response_iterate(nqs_response *r) {
  if (nqs_response_done(r)) return COM_OK;
  nqs_response_point *at = r->points + r->order[r->next];
  if (r->o.method == NQS_RESPONSE_EXACT) {
    COM_TRY(exact_point(r, at));
  } else {
    if (!r->driver) COM_TRY(open_point(r, at));
    if (!nqs_driver_stop(r->driver)) return nqs_driver_iterate(r->driver);
    COM_TRY(measure_point(r, at));
    if (extend(r, at)) return COM_OK;
    if (nqs_driver_hamiltonian(r->driver)->space->dim <= affordable)
      COM_TRY(diagonalise(r, nqs_driver_hamiltonian(r->driver), at));
    judge(r, at);
    if (!at->off) warn_drift(r, at);
    COM_TRY(remember(r));
    nqs_driver_destroy(r->driver);
    r->driver = NULL;
  }
  at->done = 1;
  r->next++;
  com_log(r->ctx, COM_INFO, "nqs.response", "%s = %g: %s = %.6g +- %.2g, energy %.8g", r->source_name,
          at->value, r->observable_name, at->mean, at->error, at->energy);
  return COM_OK;
}

int nqs_response_done(const nqs_response *r) { return r->next == r->o.values.n; }
size_t nqs_response_n(const nqs_response *r) { return r->o.values.n; }
const nqs_response_point *nqs_response_points(const nqs_response *r) { return r->points; }
const char *nqs_response_label(const nqs_response *r) { return r->source_name; }
double nqs_response_progress(const nqs_response *r) {
  double here = 0;
  if (r->driver && nqs_driver_max_iterations(r->driver))
    here = (double)nqs_driver_iteration(r->driver) / (double)nqs_driver_max_iterations(r->driver);
  return ((double)r->next + 0.9 * here) / (double)r->o.values.n;
}
