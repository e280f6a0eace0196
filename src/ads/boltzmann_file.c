/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/boltzmann_file.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ads/background_file.h"
#include "common/result.h"

static const char *const rules[] = {"exp", "euler", NULL}, *const updates[] = {"gibbs", "hmc", NULL};

#define AT(m) offsetof(ads_boltzmann_file_opts, m)
const com_field ads_boltzmann_file_opts_fields[] = {
    {"layers", "layers of the bulk", "1", COM_F_INT, AT(layers), 64, 2, 1e6, NULL, NULL, 0},
    {"rule",
     "A_k/A_(k+1) = exp(h D) with the mean of h over the layer, or 1 + h D (saddle = resnet, euler_new)",
     NULL, COM_F_ENUM, AT(rule), 0, 0, 0, rules, "exp", 0},
    {"eta_uv", "place of the visible layer; absent: of the file", "L", COM_F_REAL, AT(eta_uv), NAN, 0, 0,
     NULL, NULL, 0},
    {"eta_ir", "place of the last layer; absent: of the file", "L", COM_F_REAL, AT(eta_ir), NAN, 0, 0, NULL,
     NULL, 0},
    {"m2", "mass squared; absent: of the bulk in the file, else 0", "1/L^2", COM_F_REAL, AT(m2), NAN, 0, 0,
     NULL, NULL, 0},
    {"lambda", "quartic coupling; absent: of the bulk in the file, else 0", "1/L", COM_F_REAL, AT(lambda),
     NAN, 0, 0, NULL, NULL, 0},
    {"k", "momentum on the boundary: adds k^2/g to m2 (k^2 in Poincare's z)", "1/L", COM_F_REAL, AT(k), 0, 0,
     0, NULL, NULL, 0},
    {"omega", "Euclidean frequency on the boundary: adds omega^2/f to m2", "1/L", COM_F_REAL, AT(omega), 0, 0,
     0, NULL, NULL, 0},
    {"step", "spacing of layers in Poincare's z", "L", COM_F_REAL, AT(step), 0.1, 0, 1e6, NULL, NULL,
     COM_FF_LO_OPEN},
    {"N", "P ~ exp(-N E): N -> infinity is the saddle point", "1", COM_F_REAL, AT(N), 1, 0, 1e15, NULL, NULL,
     COM_FF_LO_OPEN},
    {"source", "the visible layer is held here; absent: it is free", "1", COM_F_REAL, AT(source), NAN, 0, 0,
     NULL, NULL, 0},
    {"update", "gibbs (even layers against odd) or hmc", NULL, COM_F_ENUM, AT(update), 0, 0, 0, updates,
     "gibbs", 0},
    {"chains", "independent chains", "1", COM_F_INT, AT(chains), 4, 1, 1000, NULL, NULL, 0},
    {"draws", "states recorded per chain; 0: do not sample", "1", COM_F_INT, AT(draws), 0, 0, 1e8, NULL, NULL,
     0},
    {"warmup", "states thrown away per chain", "1", COM_F_INT, AT(warmup), 500, 0, 1e8, NULL, NULL, 0},
    {"metric", "put the metric that the weights give into the result: a train config, or a background", NULL,
     COM_F_BOOL, AT(metric), 0, 0, 0, NULL, NULL, 0},
    {0}};
#undef AT

#define AT(m) offsetof(ads_boltzmann_file_poincare, m)
static const com_field poincare_fields[] = {
    {"d", "dimension of the boundary", "1", COM_F_REAL, AT(d), 1, 1, 20, NULL, NULL, 0},
    {"m2", "mass squared", "1/L^2", COM_F_REAL, AT(m2), 0, 0, 0, NULL, NULL, 0},
    {"z0", "cut-off; 0 is allowed for d = 1, m2 = 0", "L", COM_F_REAL, AT(z0), 0, 0, 1e6, NULL, NULL, 0},
    {0}};
#undef AT

#define AT(m) offsetof(ads_boltzmann_file, m)
const com_field ads_boltzmann_file_fields[] = {
    {"schema", "holograd/dbm/1", NULL, COM_F_STRING, AT(schema), 0, 0, 0, NULL, NULL, 0},
    {"seed", "root of all random streams", NULL, COM_F_SEED, AT(seed), 0, 0, 0, NULL, NULL, 0},
    {"origin", "train config or background document with the metric; absent: AdS in Poincare's z", NULL,
     COM_F_RAW, AT(origin), 0, 0, 0, NULL, NULL, 0},
    {"poincare", "AdS_(d+1) with layers uniform in z, when there is no origin", NULL, COM_F_OBJECT,
     AT(poincare), 0, 0, 0, poincare_fields, NULL, 0},
    {"dbm", "the machine and how it is sampled", NULL, COM_F_OBJECT, AT(dbm), 0, 0, 0,
     ads_boltzmann_file_opts_fields, NULL, 0},
    {0}};
#undef AT

/* ---- what a file holds ---- */

/* Fitted "block.key" into a config, where the config has that block. */
static com_status insert_fitted(com_ctx *c, const cJSON *parameters, cJSON *config) {
  for (size_t i = 0; i < com_json_size(parameters); i++) {
    const cJSON *p = com_json_at(parameters, i);
    char block[64];
    snprintf(block, sizeof block, "%s", com_json_key(p));
    char *dot = strchr(block, '.');
    COM_CHECK(c, !strchr(block, '['), COM_E_CONFIG,
              "a joint fit holds several metrics: give the background file of one group");
    if (!dot) continue;
    *dot = 0;
    cJSON *into = com_json_edit(config, block);
    if (into) COM_TRY(com_json_add(c, into, dot + 1, com_json_copy(p)));
  }
  return COM_OK;
}

static com_status origin_of(com_ctx *c, const cJSON *j, cJSON **out) {
  const cJSON *inner = com_json_get(j, "config");
  COM_ALLOC(c, *out = com_json_copy(inner ? inner : j));
  return inner ? insert_fitted(c, com_json_get(com_json_get(j, "result"), "parameters"), *out) : COM_OK;
}

com_status ads_boltzmann_file_config(com_ctx *c, const char *file, const cJSON *j, cJSON **out) {
  char kind[48];
  int version;
  COM_TRY(com_result_schema(c, file, j, kind, &version));
  if (strcmp(kind, "dbm") == 0) {
    const cJSON *inner = com_json_get(j, "config");
    COM_ALLOC(c, *out = com_json_copy(inner ? inner : j));
    return COM_OK;
  }
  cJSON *config = com_json_object(), *origin = NULL;
  const cJSON *seed;
  com_status status = config ? origin_of(c, j, &origin) : COM_FAIL(c, COM_E_MEM, "out of memory");
  if (status) goto done;
  const cJSON *block = com_json_get(origin, "dbm");
  COM_GOTO(done, com_json_add(c, config, "schema", com_json_string("holograd/dbm/1")));
  if ((seed = com_json_get(origin, "seed")))
    COM_GOTO(done, com_json_add(c, config, "seed", com_json_copy(seed)));
  if (block) COM_GOTO(done, com_json_add(c, config, "dbm", com_json_copy(block)));
  status = com_json_add(c, config, "origin", origin);
  origin = NULL;
  if (status) goto done;
  *out = config, config = NULL;
done:
  com_json_free(config);
  com_json_free(origin);
  return status;
}

/* ---- metric -> weights ---- */

/* What an origin says, resolved: its background document, the metric in it (ops NULL: f and g instead), its coupling. */
typedef struct source {
  cJSON *docs;
  const cJSON *doc;
  com_choice choice;
  ads_metric metric;
  ads_background *background;
  double d, m2, lambda, eta_uv, eta_ir;
} source;

static void source_finish(source *s) {
  com_field_choice_finish(&ads_metric_kind, &s->choice);
  ads_background_destroy(s->background);
  com_json_free(s->docs);
}

static double either(double given, double otherwise) { return isnan(given) ? otherwise : given; }

/* The machine has a quartic unit; what else a bulk holds stays behind. */
static void say_quartic(com_ctx *c, const cJSON *bulk) {
  const char *type = com_json_str(com_json_get(bulk, "type"), "scalar_phi4");
  if (strcmp(type, "scalar_phi4") != 0 && strcmp(type, "scalar_massive") != 0)
    com_ctx_warn(c, "dbm", "of bulk.type = %s the machine holds m2 and lambda only", type);
}

static com_status source_open(com_ctx *c, const char *file, const ads_boltzmann_file *f, source *s) {
  *s = (source){0};
  COM_TRY(ads_background_file_documents(c, file, f->origin, &s->docs));
  s->doc = com_json_at(s->docs, 0);
  const cJSON *bulk = com_json_get(f->origin, "bulk"), *metric = com_json_get(s->doc, "metric");
  s->d = com_json_num(com_json_get(bulk ? bulk : s->doc, "d"), 4);
  s->m2 = either(f->dbm.m2, com_json_num(com_json_get(bulk, "m2"), 0));
  s->lambda = either(f->dbm.lambda, com_json_num(com_json_get(bulk, "lambda"), 0));
  s->eta_uv = either(f->dbm.eta_uv, com_json_num(com_json_get(s->doc, "eta_uv"), 1));
  s->eta_ir = either(f->dbm.eta_ir, com_json_num(com_json_get(s->doc, "eta_ir"), 1.0 / 15));
  if (bulk) say_quartic(c, bulk);
  COM_CHECK(c, s->eta_uv > s->eta_ir, COM_E_CONFIG, "%s: dbm: eta_uv = %g must lie above eta_ir = %g", file,
            s->eta_uv, s->eta_ir);
  if (metric) {
    const ads_span span = {s->d, s->eta_uv, s->eta_ir};
    COM_TRY(com_field_choice_read(c, COM_E_CONFIG, &ads_metric_kind, file, "metric", metric, &s->choice));
    COM_TRY(ads_metric_bind(c, &s->choice, &span, &s->metric));
  }
  if (!metric || f->dbm.k != 0 || f->dbm.omega != 0)
    COM_TRY(ads_background_create(c, file, s->doc, &s->background));
  if (s->background) s->d = ads_background_facts(s->background)->d;
  return COM_OK;
}

/* eta of the background: it counts from the horizon, a metric from where h was learned. */
static double shifted(const source *s, double eta) {
  const ads_curve *curve = s->metric.ops ? ads_background_curve(s->background) : NULL;
  const double c1 = curve ? ads_curve_facts(curve)->c1 : 0;
  return isnan(c1) ? eta : eta - c1;
}

static double log_A(const source *s, double eta) {
  ads_geometry at;
  ads_background_at(s->background, eta, &at);
  return 0.5 * (at.lnf + (s->d - 1) * at.lng);
}

/* h of the layers, k^2/g + omega^2/f, and A of the visible layer (1 when only h is known). */
static com_status layer_data(com_ctx *c, const ads_boltzmann_file_opts *o, const source *s, size_t n,
                             double *h, double *p2, double *A0) {
  const double step = (s->eta_uv - s->eta_ir) / (double)n;
  const ads_metric_shared *shared = s->choice.shared;
  const ads_boltzmann_rule rule = o->rule ? ADS_BOLTZMANN_EULER : ADS_BOLTZMANN_EXP;
  *A0 = s->metric.ops ? 1 : exp(log_A(s, s->eta_uv));
  if (s->metric.ops) {
    COM_CHECK(c, shared->theta.n == s->metric.n_theta, COM_E_CONFIG,
              "metric.theta: %zu entries, want %zu: a machine needs all coefficients", shared->theta.n,
              s->metric.n_theta);
    COM_TRY(ads_boltzmann_layers(c, &s->metric, shared->theta.v, rule, n, h));
  }
  for (size_t k = 0; k <= n; k++) {
    const double eta = s->eta_uv - (double)k * step;
    ads_geometry at;
    p2[k] = 0;
    if (!s->background) continue;
    ads_background_at(s->background, shifted(s, eta), &at);
    p2[k] = o->k * o->k * exp(-at.lng) + o->omega * o->omega * exp(-at.lnf);
    if (k == n || s->metric.ops) continue;
    h[k] = rule == ADS_BOLTZMANN_EXP ? (log_A(s, eta) - log_A(s, eta - step)) / step
                                     : ads_background_slope(s->background, eta, NULL);
  }
  return COM_OK;
}

static com_status build_origin(com_ctx *c, const char *file, const ads_boltzmann_file *f, ads_boltzmann *out,
                               double *eta) {
  const size_t n = (size_t)f->dbm.layers;
  source s;
  double A0, *h = malloc((2 * n + 1) * sizeof *h), *p2 = h + n;
  COM_ALLOC(c, h);
  com_status status = source_open(c, file, f, &s);
  if (!status) status = layer_data(c, &f->dbm, &s, n, h, p2, &A0);
  const double step = (s.eta_uv - s.eta_ir) / (double)n;
  if (!status)
    status = ads_boltzmann_from_h(c, f->dbm.rule ? ADS_BOLTZMANN_EULER : ADS_BOLTZMANN_EXP, n, step, A0, h,
                                  s.m2, s.lambda, p2, out);
  for (size_t k = 0; k <= n && !status; k++) eta[k] = s.eta_uv - (double)k * step;
  source_finish(&s);
  free(h);
  return status;
}

com_status ads_boltzmann_file_build(com_ctx *c, const char *file, const ads_boltzmann_file *f,
                                    ads_boltzmann *out, double **eta) {
  const size_t n = (size_t)f->dbm.layers;
  const ads_boltzmann_file_poincare *p = &f->poincare;
  COM_ALLOC(c, *eta = malloc((n + 1) * sizeof **eta));
  com_status status;
  if (f->origin) {
    status = build_origin(c, file, f, out, *eta);
  } else {
    status = ads_boltzmann_poincare(c, p->d, p->m2, f->dbm.k, p->z0, f->dbm.step, n, out);
    for (size_t k = 0; k <= n; k++) (*eta)[k] = p->z0 + (double)k * f->dbm.step;
  }
  if (status) free(*eta), *eta = NULL;
  return status;
}

/* ---- weights -> metric ---- */

cJSON *ads_boltzmann_file_weights_json(com_ctx *c, const ads_boltzmann *b) {
  cJSON *w = com_json_object();
  if (!w || com_json_add(c, w, "step", com_json_real(b->step)) ||
      com_json_add(c, w, "a", com_json_reals(b->a, b->n)) ||
      com_json_add(c, w, "s", com_json_reals(b->s, b->n + 1)) ||
      com_json_add(c, w, "c", com_json_reals(b->c, b->n + 1)))
    com_json_free(w), w = NULL;
  return w;
}

static int fill(const cJSON *j, size_t n, double *out) {
  if (com_json_size(j) != n) return 0;
  size_t k = 0;
  for (const cJSON *v = com_json_first(j); v; v = com_json_next(v)) out[k++] = com_json_num(v, NAN);
  for (k = 0; k < n; k++)
    if (!isfinite(out[k])) return 0;
  return 1;
}

com_status ads_boltzmann_file_weights(com_ctx *c, const char *file, const cJSON *result, ads_boltzmann *out) {
  const cJSON *w = com_json_get(result, "weights");
  const size_t n = com_json_size(com_json_get(w, "a"));
  *out = (ads_boltzmann){.n = n, .step = com_json_num(com_json_get(w, "step"), NAN)};
  COM_CHECK(c, n >= 2 && out->step > 0, COM_E_DATA,
            "%s: result.weights: want step, a, s and c of at least 2 layers", file);
  out->a = malloc(n * sizeof(double));
  out->s = malloc((n + 1) * sizeof(double));
  out->c = malloc((n + 1) * sizeof(double));
  com_status status = out->a && out->s && out->c ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  if (!status && (!fill(com_json_get(w, "a"), n, out->a) || !fill(com_json_get(w, "s"), n + 1, out->s) ||
                  !fill(com_json_get(w, "c"), n + 1, out->c)))
    status =
        COM_FAIL(c, COM_E_DATA, "%s: result.weights: a must have %zu numbers, s and c one more", file, n);
  for (size_t k = 0; k < n && !status; k++)
    if (!(out->a[k] > 0))
      status = COM_FAIL(c, COM_E_DATA, "%s: result.weights.a[%zu] = %g: must be positive to be a metric",
                        file, k, out->a[k]);
  if (status) ads_boltzmann_finish(out);
  return status;
}

/* h at the middle of the layers, for a background that was given by f and g. */
static com_status by_samples(com_ctx *c, const source *s, const ads_boltzmann *b, ads_boltzmann_rule rule,
                             cJSON **out) {
  double *h = malloc(3 * b->n * sizeof *h), *A = h + b->n, *eta = A + b->n;
  cJSON *doc = com_json_object(), *samples = com_json_object();
  com_status status = h && doc && samples ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  if (status) goto done;
  ads_boltzmann_to_h(b, rule, h, A);
  for (size_t k = 0; k + 1 < b->n; k++)
    eta[k] = s->eta_uv - ((double)k + (rule == ADS_BOLTZMANN_EXP ? 0.5 : 0)) * b->step;
  COM_GOTO(done, com_json_add(c, samples, "eta", com_json_reals(eta, b->n - 1)));
  COM_GOTO(done, com_json_add(c, samples, "h", com_json_reals(h, b->n - 1)));
  COM_GOTO(done, com_json_add(c, doc, "schema", com_json_string("holograd/background/1")));
  COM_GOTO(done, com_json_add(c, doc, "type", com_json_string("h")));
  COM_GOTO(done, com_json_add(c, doc, "d", com_json_real(s->d)));
  const double tl = ads_background_facts(s->background)->tl;
  if (isfinite(tl)) { /* T in units of 1/L: the horizon of f and g */
    COM_GOTO(done, com_json_add(c, doc, "T", com_json_real(tl)));
    COM_GOTO(done, com_json_add(c, doc, "L", com_json_real(1)));
  }
  COM_GOTO(done, com_json_add(c, doc, "eta_uv", com_json_real(eta[0])));
  COM_GOTO(done, com_json_add(c, doc, "eta_ir", com_json_real(eta[b->n - 2])));
  status = com_json_add(c, doc, "samples", samples);
  samples = NULL;
  if (status) goto done;
  *out = doc, doc = NULL;
done:
  com_json_free(doc);
  com_json_free(samples);
  free(h);
  return status;
}

static com_status by_theta(com_ctx *c, const ads_boltzmann_file *f, const source *s, const ads_boltzmann *b,
                           ads_boltzmann_rule rule, cJSON **out, double *worst) {
  const size_t nt = s->metric.n_theta;
  double *theta = malloc((nt + 1) * sizeof *theta);
  com_rng *rng = NULL;
  cJSON *doc = com_json_copy(f->origin);
  com_status status = theta && doc ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  if (status) goto done;
  COM_GOTO(done, com_rng_create(c, com_ctx_seed(c), "dbm/metric", &rng));
  ads_metric_start(&s->metric, rng, theta); /* nothing of the origin's theta is used */
  COM_GOTO(done, ads_boltzmann_to_metric(c, b, rule, &s->metric, theta, worst));
  COM_GOTO(done, com_json_add(c, com_json_edit(doc, "metric"), "theta", com_json_reals(theta, nt)));
  *out = doc, doc = NULL;
done:
  com_rng_destroy(rng);
  com_json_free(doc);
  free(theta);
  return status;
}

com_status ads_boltzmann_file_metric(com_ctx *c, const char *file, const ads_boltzmann_file *f,
                                     const ads_boltzmann *b, cJSON **out, double *worst) {
  const ads_boltzmann_rule rule = f->dbm.rule ? ADS_BOLTZMANN_EULER : ADS_BOLTZMANN_EXP;
  source s;
  *worst = 0;
  COM_CHECK(c, f->origin, COM_E_CONFIG,
            "%s: a machine in Poincare's z has no metric h(eta) to return: start from a background file",
            file);
  com_status status = source_open(c, file, f, &s);
  const double step = status ? 0 : (s.eta_uv - s.eta_ir) / (double)b->n;
  if (!status && fabs(step - b->step) > 1e-12 * step)
    status = COM_FAIL(c, COM_E_DATA, "%s: result.weights.step = %.17g: %zu layers from %g to %g have %.17g",
                      file, b->step, b->n, s.eta_uv, s.eta_ir, step);
  if (!status)
    status = s.metric.ops ? by_theta(c, f, &s, b, rule, out, worst) : by_samples(c, &s, b, rule, out);
  source_finish(&s);
  return status;
}
