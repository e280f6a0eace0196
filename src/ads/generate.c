/* SPDX-License-Identifier: GPL-3.0-or-later */
/* On-shell pairs: for every source the roots of F(s, r) = 0 are bracketed on a grid of responses and bisected, all sources at a
 * time in one batch, by an adaptive flow at tolerance ROOT_TOL (a fixed-step flow is itself: what it makes, it recovers).  Labelled points (1802.08313 section III): (phi, pi) uniform in a box at eta_uv, propagated by the
 * config's own flow, positive (label 0) when |F| < eps, until both classes are full. */
#include "ads/generate.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ads/fit.h"
#include "ads/model.h"
#include "common/result.h"

enum { RESPONSE, LABELLED, LINEAR = 0, LOG = 1, SOURCE = 0, BY_RESPONSE = 1, GRID = 600, BISECTIONS = 60 };
static const double ROOT_TOL = 1e-12;
static const char *const givens[] = {"source", "response", NULL};
static const char *const kinds[] = {"response", "labelled", NULL};
static const char *const spacings[] = {"linear", "log", NULL};

#define OFF(m) offsetof(ads_generate_opts, m)
#define REAL(k, d, m, v)                                                                                     \
  { .key = k, .doc = d, .type = COM_F_REAL, .off = OFF(m), .def = v }
#define TEXT(k, d, m, v)                                                                                     \
  { .key = k, .doc = d, .type = COM_F_STRING, .off = OFF(m), .sdef = v }
const com_field ads_generate_fields[] = {
    {.key = "kind",
     .doc = "on-shell pairs, or labelled points",
     .type = COM_F_ENUM,
     .off = OFF(kind),
     .aux = kinds,
     .sdef = "response"},
    {.key = "n", .doc = "number of sources", .type = COM_F_INT, .off = OFF(n), .def = 20, .lo = 1, .hi = 1e6},
    {.key = "spacing",
     .doc = "of the sources",
     .type = COM_F_ENUM,
     .off = OFF(spacing),
     .aux = spacings,
     .sdef = "linear"},
    REAL("source_min",
         "lowest source, in the unit of the source; 0.05 .. 1.5 suits fields of order 1, quark masses of "
         "dictionary qcd want 0.0005 .. 0.02",
         source_min, 0.05),
    REAL("source_max", "highest source", source_max, 1.5),
    {.key = "sources", .doc = "the sources themselves, instead", .type = COM_F_REALS, .off = OFF(sources)},
    REAL("response_min", "responses are looked for from here; a condensate of dictionary qcd wants 0 .. 0.2",
         response_min, -1),
    REAL("response_max", "to here", response_max, 1),
    {.key = "all_roots",
     .doc = "every response of a source, not only the one nearest zero",
     .type = COM_F_BOOL,
     .off = OFF(all_roots)},
    {.key = "relative_error",
     .doc = "Gaussian noise of the responses, relative",
     .type = COM_F_REAL,
     .off = OFF(relative_error),
     .def = 0,
     .lo = 0,
     .hi = 10},
    {.key = "error",
     .doc = "Gaussian noise of the responses, absolute, added in quadrature",
     .type = COM_F_REAL,
     .off = OFF(error),
     .def = 0,
     .lo = 0,
     .hi = 1e300},
    {.key = "positives",
     .doc = "labelled: on-shell points",
     .type = COM_F_INT,
     .off = OFF(positives),
     .def = 1000,
     .lo = 1,
     .hi = 1e8},
    {.key = "negatives",
     .doc = "labelled: off-shell points",
     .type = COM_F_INT,
     .off = OFF(negatives),
     .def = 1000,
     .lo = 1,
     .hi = 1e8},
    REAL("phi_min", "labelled: box at eta_uv", phi_min, 0),
    REAL("phi_max", "labelled: box at eta_uv", phi_max, 1.5),
    REAL("pi_min", "labelled: box at eta_uv", pi_min, -0.2),
    REAL("pi_max", "labelled: box at eta_uv", pi_max, 0.2),
    {.key = "eps",
     .doc = "labelled: on shell means |F| < eps",
     .type = COM_F_REAL,
     .off = OFF(eps),
     .def = 0.1,
     .lo = 0,
     .hi = 1e300,
     .flags = COM_FF_LO_OPEN},
    {.key = "given",
     .doc = "which of the two takes the values above; the other is solved for, in the range of responses",
     .type = COM_F_ENUM,
     .off = OFF(given),
     .aux = givens,
     .sdef = "source"},
    REAL("temperature", "of the data, GeV", temperature, NAN),
    TEXT("name", "name of the dataset", name, "generated"),
    TEXT("title", "title of the dataset", title, "generated data"),
    TEXT("source_name", "name of the source", source_name, NULL),
    TEXT("source_unit", "its unit", source_unit, NULL),
    TEXT("response_name", "name of the response", response_name, NULL),
    TEXT("response_unit", "its unit", response_unit, NULL),
    {0}};

typedef struct job {
  com_ctx *c;
  const ads_config *cfg;
  ads_generate_opts o;
  com_pool *pool;
  com_choice flow; /* the config's; for pairs with a tight tolerance */
  ads_model *m;
  double *p;
  cJSON *truth; /* p by name */
  com_rng *rng;
} job;

/* ---- on-shell pairs ---- */

typedef struct roots {
  size_t n, room;
  double *s, *lo, *hi, *sign;
} roots;

static com_status add_root(com_ctx *c, roots *r, double s, double lo, double hi, double sign) {
  if (r->n == r->room) {
    const size_t room = r->room ? 2 * r->room : 64;
    double *v = malloc(4 * room * sizeof *v);
    COM_ALLOC(c, v);
    for (size_t k = 0; k < r->n; k++)
      v[k] = r->s[k], v[room + k] = r->lo[k], v[2 * room + k] = r->hi[k], v[3 * room + k] = r->sign[k];
    free(r->s);
    r->s = v, r->lo = v + room, r->hi = v + 2 * room, r->sign = v + 3 * room, r->room = room;
  }
  r->s[r->n] = s, r->lo[r->n] = lo, r->hi[r->n] = hi, r->sign[r->n++] = sign;
  return COM_OK;
}

static double source_at(const ads_generate_opts *o, size_t i) {
  if (o->sources.n) return o->sources.v[i];
  if (o->n == 1) return o->source_min;
  const double x = (double)i / (o->n - 1);
  return o->spacing == LOG ? o->source_min * pow(o->source_max / o->source_min, x)
                           : o->source_min + x * (o->source_max - o->source_min);
}

/* F of pairs (given, solved). */
static com_status run_pairs(job *w, size_t n, const double *given, const double *solved, ads_model_eval *ev) {
  const int swap = w->o.given == BY_RESPONSE;
  return ads_model_run(w->m, ADS_MODEL_VALUE, w->p, n, swap ? solved : given, swap ? given : solved, ev);
}

/* Sign changes of F on the grid of responses; without all_roots the bracket nearest zero. */
static com_status bracket(job *w, double source, roots *r) {
  const ads_generate_opts *o = &w->o;
  double s[GRID], y[GRID], best = INFINITY;
  int at = -1;
  ads_model_eval ev;
  for (int k = 0; k < GRID; k++) {
    s[k] = source;
    y[k] = o->response_min +
           (o->response_max - o->response_min) * (k + 0.37) / GRID; /* off the symmetric points */
  }
  COM_TRY(run_pairs(w, GRID, s, y, &ev));
  for (int k = 0; k + 1 < GRID; k++) {
    if (ev.frozen[k] || ev.frozen[k + 1] || !(ev.F[k] * ev.F[k + 1] <= 0)) continue;
    if (o->all_roots)
      COM_TRY(add_root(w->c, r, source, y[k], y[k + 1], ev.F[k]));
    else if (fabs(y[k] + y[k + 1]) < best)
      best = fabs(y[k] + y[k + 1]), at = k;
  }
  return at < 0 ? COM_OK : add_root(w->c, r, source, y[at], y[at + 1], ev.F[at]);
}

static com_status bisect(job *w, roots *r) {
  double *mid = malloc((r->n + 1) * sizeof *mid);
  com_status status = mid ? COM_OK : COM_FAIL(w->c, COM_E_MEM, "out of memory");
  for (int it = 0; it < BISECTIONS && !status && r->n; it++) {
    ads_model_eval ev;
    if ((status = com_ctx_cancelled(w->c, "generate"))) break;
    for (size_t k = 0; k < r->n; k++) mid[k] = 0.5 * (r->lo[k] + r->hi[k]);
    status = run_pairs(w, r->n, r->s, mid, &ev);
    for (size_t k = 0; k < r->n && !status; k++) *(ev.F[k] * r->sign[k] > 0 ? &r->lo[k] : &r->hi[k]) = mid[k];
  }
  free(mid);
  return status;
}

static com_status column(com_ctx *c, cJSON *out, const char *key, const char *name, const char *unit,
                         size_t n, const double *v, const double *errors) {
  cJSON *j = com_json_object();
  com_status s = com_json_add(c, j, "name", com_json_string(name));
  if (!s) s = com_json_add(c, j, "unit", com_json_string(unit));
  if (!s) s = com_json_add(c, j, "values", com_json_reals(v, n));
  if (!s && errors) s = com_json_add(c, j, "errors", com_json_reals(errors, n));
  if (s) com_json_free(j);
  return s ? s : com_json_add(c, out, key, j);
}

static const char *or_else(const char *a, const char *b, const char *z) { return a ? a : b ? b : z; }

static com_status response(job *w, cJSON *out) {
  const ads_generate_opts *o = &w->o;
  const ads_dictionary_ops *d = ads_model_dictionary(w->m)->ops;
  const size_t n = o->sources.n ? o->sources.n : (size_t)o->n;
  roots r = {0};
  com_status status = COM_OK;
  double *err = NULL;
  for (size_t i = 0; i < n; i++) {
    COM_GOTO(done, com_ctx_cancelled(w->c, "generate"));
    COM_GOTO(done, bracket(w, source_at(o, i), &r));
  }
  if (r.n == 0)
    COM_GOTO(done, COM_FAIL(w->c, COM_E_NUM,
                            "generate: no response between %g and %g is on shell; widen "
                            "generate.response_min and response_max",
                            o->response_min, o->response_max));
  if (!o->all_roots && r.n < n)
    com_ctx_warn(w->c, "generate.rootless",
                 "%zu of %zu sources have no on-shell response in the range and are left out", n - r.n, n);
  COM_GOTO(done, bisect(w, &r));
  err = malloc(r.n * sizeof *err);
  if (!err) COM_GOTO(done, COM_FAIL(w->c, COM_E_MEM, "out of memory"));
  const int noisy = o->relative_error > 0 || o->error > 0;
  for (size_t k = 0; k < r.n; k++) r.lo[k] = 0.5 * (r.lo[k] + r.hi[k]);
  double *source = o->given == BY_RESPONSE ? r.lo : r.s, *value = o->given == BY_RESPONSE ? r.s : r.lo;
  for (size_t k = 0; k < r.n; k++) {
    err[k] = hypot(o->relative_error * value[k], o->error);
    if (noisy) value[k] += err[k] * com_rng_normal(w->rng);
  }
  COM_GOTO(done, column(w->c, out, "source", or_else(o->source_name, NULL, "s"),
                        or_else(o->source_unit, d->source_unit, "1"), r.n, source, NULL));
  status = column(w->c, out, "response", or_else(o->response_name, NULL, "r"),
                  or_else(o->response_unit, d->response_unit, "1"), r.n, value, noisy ? err : NULL);
done:
  free(err);
  free(r.s);
  return status;
}

/* ---- labelled points ---- */

static com_status labelled(job *w, cJSON *out) {
  enum { BATCH = 1000, TRIES = 100000 };
  const ads_generate_opts *o = &w->o;
  const size_t want[2] = {(size_t)o->positives, (size_t)o->negatives}, n = want[0] + want[1];
  size_t have[2] = {0, 0};
  com_status status = COM_OK;
  double *v = malloc((3 * n + 2 * BATCH) * sizeof *v), *phi = v, *pi = v + n, *label = pi + n, *x = label + n,
         *y = x + BATCH;
  COM_ALLOC(w->c, v);
  for (int t = 0; t < TRIES && (have[0] < want[0] || have[1] < want[1]); t++) {
    ads_model_eval ev;
    for (int i = 0; i < BATCH; i++) {
      x[i] = o->phi_min + (o->phi_max - o->phi_min) * com_rng_uniform(w->rng);
      y[i] = o->pi_min + (o->pi_max - o->pi_min) * com_rng_uniform(w->rng);
    }
    COM_GOTO(done, com_ctx_cancelled(w->c, "generate"));
    COM_GOTO(done, ads_model_run_bulk(w->m, ADS_MODEL_VALUE, w->p, BATCH, x, y, &ev));
    for (int i = 0; i < BATCH; i++) {
      const int off = ev.frozen[i] || !(fabs(ev.F[i]) < o->eps);
      if (have[off] == want[off]) continue;
      const size_t k = off ? want[0] + have[1] : have[0];
      phi[k] = x[i], pi[k] = y[i], label[k] = off, have[off]++;
    }
  }
  if (have[0] < want[0] || have[1] < want[1])
    COM_GOTO(done,
             COM_FAIL(w->c, COM_E_NUM,
                      "generate: found %zu on-shell and %zu off-shell points in %d tries; change eps or "
                      "the box",
                      have[0], have[1], TRIES * BATCH));
  COM_GOTO(done, com_json_add(w->c, out, "phi", com_json_reals(phi, n)));
  COM_GOTO(done, com_json_add(w->c, out, "pi", com_json_reals(pi, n)));
  status = com_json_add(w->c, out, "label", com_json_reals(label, n));
done:
  free(v);
  return status;
}

/* ---- the model and the envelope ---- */

static com_status build(job *w, const cJSON *parameters) {
  const ads_config *cfg = w->cfg;
  com_ctx *c = w->c;
  const ads_model_parts parts = {&cfg->metric, &cfg->bulk, &cfg->dictionary,
                                 w->o.kind == RESPONSE ? &w->flow : &cfg->flow};
  com_params *params = NULL;
  com_rng *start = NULL;
  com_status status = COM_OK;
  COM_TRY(com_pool_create(c, com_ctx_threads(c), &w->pool));
  COM_TRY(ads_fit_tight_flow(c, &cfg->flow, ROOT_TOL, &w->flow));
  COM_TRY(ads_model_create(c, &parts, w->pool, &w->m));
  const size_t np = ads_model_n_params(w->m);
  COM_ALLOC(c, w->p = calloc(np + 1, sizeof *w->p));
  COM_GOTO(done, com_params_create(c, &params));
  COM_GOTO(done, ads_model_params(c, w->m, NULL, params));
  if (parameters) COM_GOTO(done, com_params_read(c, cfg->file, parameters, params));
  memcpy(w->p, com_params_values(params), np * sizeof *w->p);
  COM_GOTO(done, com_rng_create(c, com_ctx_seed(c), "start/1", &start));
  ads_model_start(w->m, start, 1, w->p);
  if (!(w->truth = com_params_json(params, w->p))) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
  status = com_rng_create(c, com_ctx_seed(c), "generate", &w->rng);
done:
  com_rng_destroy(start);
  com_params_destroy(params);
  return status;
}

static com_status provenance(job *w, cJSON *out) {
  cJSON *cfg = NULL, *j = com_json_object();
  com_status s =
      com_json_add(w->c, j, "citation", com_json_string("synthetic data made by holograd generate"));
  if (!s) s = ads_config_write(w->c, w->cfg, &cfg);
  if (!s) s = com_json_add(w->c, j, "generated_by", cfg);
  if (!s) s = com_json_add(w->c, j, "truth", com_json_copy(w->truth));
  if (s) {
    com_json_free(j);
    return s;
  }
  return com_json_add(w->c, out, "provenance", j);
}

static com_status temperature(job *w, cJSON *out) {
  cJSON *t = com_json_object();
  com_status s = com_json_add(w->c, t, "value", com_json_real(w->o.temperature));
  if (!s) s = com_json_add(w->c, t, "unit", com_json_string("GeV"));
  if (s) com_json_free(t);
  return s ? s : com_json_add(w->c, out, "temperature", t);
}

com_status ads_generate_run(com_ctx *c, const ads_config *cfg, const cJSON *parameters, cJSON **out) {
  job w = {.c = c, .cfg = cfg};
  cJSON *j = NULL;
  *out = NULL;
  COM_TRY(com_field_read(c, COM_E_CONFIG, ads_generate_fields, cfg->file, "generate", cfg->generate, &w.o));
  com_status status = COM_OK;
  const int log_ok = w.o.spacing != LOG || (w.o.source_min > 0 && w.o.source_max > 0);
  if (!log_ok)
    COM_GOTO(done,
             COM_FAIL(c, COM_E_CONFIG,
                      "%s: generate.spacing = \"log\": needs source_min > 0 and source_max > 0", cfg->file));
  COM_GOTO(done, build(&w, parameters));
  j = com_json_object();
  COM_GOTO(done, com_json_add(c, j, "schema", com_json_string("holograd/dataset/1")));
  COM_GOTO(done, com_json_add(c, j, "name", com_json_string(w.o.name)));
  COM_GOTO(done, com_json_add(c, j, "title", com_json_string(w.o.title)));
  COM_GOTO(done, com_json_add(c, j, "kind", com_json_string(kinds[w.o.kind])));
  if (isfinite(w.o.temperature)) COM_GOTO(done, temperature(&w, j));
  COM_GOTO(done, w.o.kind == LABELLED ? labelled(&w, j) : response(&w, j));
  COM_GOTO(done, provenance(&w, j));
  COM_GOTO(done, com_result_stamp(c, j));
  *out = j;
  j = NULL;
done:
  com_json_free(j);
  com_rng_destroy(w.rng);
  ads_model_destroy(w.m);
  com_field_choice_finish(&ads_flow_kind, &w.flow);
  com_json_free(w.truth);
  com_pool_destroy(w.pool);
  free(w.p);
  com_field_finish(ads_generate_fields, &w.o);
  return status;
}

com_status ads_generate_document(com_ctx *c, const char *file, const cJSON *j, cJSON **doc) {
  const cJSON *parameters = NULL;
  ads_config cfg = {0};
  *doc = NULL;
  COM_TRY(ads_config_open(c, file, j, &cfg, &parameters));
  const com_status s = ads_generate_run(c, &cfg, parameters, doc);
  ads_config_finish(&cfg);
  return s;
}
