/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One fit and one training per flow, then four questions:
 *   transfer     L_j(p_i): the parameters learned by flow i in flow j.  Far off the diagonal = discretisation artefact;
 *   gradient     dF/dp of each flow against the reference flow, at the same parameters (those of the most continuous flow);
 *   state        error of F there, over the largest state at eta_ir: on shell F itself is near 0;
 *   order        log2 of the error of F over that with twice as many steps;
 *   cost         seconds and bytes of one gradient of the loss, seconds of the training. */
#include "ads/compare.h"
#include "ads/compare_truth.h"
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ads/fit_task.h"
#include "ads/trainer.h"
#include "common/log.h"
#include "common/result.h"
#include "common/table.h"

const com_field ads_compare_fields[] = {
    {.key = "points",
     .doc = "values of eta at which the learned h are put side by side",
     .type = COM_F_INT,
     .off = offsetof(ads_compare_opts, points),
     .def = 41,
     .lo = 2,
     .hi = 10001},
    {.key = "repeats",
     .doc = "gradients timed per flow",
     .type = COM_F_INT,
     .off = offsetof(ads_compare_opts, repeats),
     .def = 9,
     .lo = 1,
     .hi = 10000},
    {.key = "held_out",
     .doc = "train again without a third of the data (labels: draw fresh ones)",
     .type = COM_F_BOOL,
     .off = offsetof(ads_compare_opts, held_out),
     .def = 1},
    {.key = "reference",
     .doc = "the flow that stands for the continuum; default: rk of order 8, 1000 steps",
     .type = COM_F_COMPONENT,
     .off = offsetof(ads_compare_opts, reference),
     .aux = &ads_flow_kind},
    {0}};

enum { MAX_PROBE = 64 };

typedef struct entry {
  char label[48];
  const com_choice *flow;
  ads_fit *fit;
  double *full;
  cJSON *result; /* of the training */
  double loss, chi2, determined, held_out, seconds, gradient_s, bytes, jac_error, order, F_error;
  size_t n_starts, n_good;
  long iterations;
} entry;

typedef struct job {
  com_ctx *c;
  const ads_config *cfg;
  ads_compare_opts o;
  com_choice reference;
  size_t n, n_full;
  entry *e;
} job;

/* "resnet 15", "rk 8 x 20", "cvodes 1e-08": the name and what sets its accuracy. */
static com_status label_of(com_ctx *c, const com_choice *flow, char out[48]) {
  cJSON *j = NULL;
  COM_TRY(com_field_choice_write(c, &ads_flow_kind, flow, &j));
  const double layers = com_json_num(com_json_get(j, "n_layers"), 0),
               steps = com_json_num(com_json_get(j, "n_steps"), 0);
  const double order = com_json_num(com_json_get(j, "order"), 0),
               tol = com_json_num(com_json_get(j, "rel_tol"), 0);
  const int fresh = strcmp(com_json_str(com_json_get(j, "rule"), ""), "euler_new") == 0;
  const int log_grid = strcmp(com_json_str(com_json_get(j, "grid"), ""), "log") == 0;
  if (layers > 0)
    snprintf(out, 48, "%s %g%s", flow->type->name, layers, fresh ? " new" : "");
  else if (steps > 0)
    snprintf(out, 48, "%s%g x %g%s", flow->type->name, order, steps, log_grid ? " log" : "");
  else if (tol > 0)
    snprintf(out, 48, "%s %.0e", flow->type->name, tol);
  else
    snprintf(out, 48, "%s", flow->type->name);
  com_json_free(j);
  return COM_OK;
}

/* ---- training ---- */

static com_status train(com_ctx *c, ads_fit *fit, cJSON **result, double *full) {
  ads_trainer *t = NULL;
  com_status status = COM_OK;
  COM_TRY(ads_trainer_create(c, ads_fit_task(fit), &t));
  COM_GOTO(done, ads_trainer_run(t));
  if (ads_trainer_stop(t) == COM_STOP_INTERRUPTED)
    COM_GOTO(done, COM_FAIL(c, COM_E_INTERRUPTED, "interrupted"));
  COM_GOTO(done, ads_trainer_result(t, result));
  memcpy(full, ads_trainer_best(t), com_params_n(ads_fit_params(fit)) * sizeof *full);
done:
  ads_trainer_destroy(t);
  return status;
}

/* Starts that end within 10 % of the best one (or within two units of a chi2 that is known). */
static void count_good(entry *e) {
  const cJSON *starts = com_json_get(e->result, "starts");
  e->n_starts = com_json_size(starts);
  for (size_t i = 0; i < e->n_starts; i++) {
    const double loss = com_json_num(com_json_get(com_json_at(starts, i), "loss"), INFINITY);
    const double chi2 = com_json_num(com_json_get(com_json_at(starts, i), "chi2"), NAN);
    e->n_good += isfinite(e->chi2) ? chi2 <= e->chi2 + 2 : loss <= 1.1 * e->loss + 1e-12;
  }
}

static com_status train_entry(job *w, entry *e) {
  com_ctx *c = w->c;
  COM_TRY(label_of(c, e->flow, e->label));
  com_log(c, COM_INFO, "compare.train", "training through %s", e->label);
  COM_TRY(ads_fit_create(c, w->cfg, e->flow, &e->fit));
  w->n_full = com_params_n(ads_fit_params(e->fit));
  COM_ALLOC(c, e->full = calloc(w->n_full + 1, sizeof *e->full));
  const double t0 = com_ctx_elapsed(c);
  com_ctx_warn_as(
      c, e->label); /* the others would say the same in other digits; n_determined stands in the table */
  const com_status status = train(c, e->fit, &e->result, e->full);
  com_ctx_warn_as(c, NULL);
  COM_TRY(status);
  e->determined = com_json_num(com_json_get(e->result, "n_determined"), NAN);
  e->seconds = com_ctx_elapsed(c) - t0;
  e->loss = com_json_num(com_json_get(e->result, "loss"), NAN);
  e->chi2 = com_json_num(com_json_get(e->result, "chi2"), NAN);
  e->iterations = com_json_count(com_json_get(e->result, "iterations"), 0);
  count_good(e);
  return COM_OK;
}

/* ---- held-out error ---- */

static int left_out(size_t i) { return i % 3 == 1; }

/* A response dataset without every third point. */
static com_status thin(com_ctx *c, const cJSON *data, cJSON **out) {
  static const char *const columns[] = {"source", "response"}, *const keys[] = {"values", "errors"};
  cJSON *j = com_json_copy(data);
  COM_CHECK(c, j, COM_E_MEM, "out of memory");
  *out = j;
  for (int k = 0; k < 4; k++) {
    cJSON *column = (cJSON *)com_json_get(j, columns[k / 2]), *kept;
    const cJSON *all = com_json_get(column, keys[k % 2]);
    if (!all) continue;
    kept = com_json_array();
    for (size_t i = 0; i < com_json_size(all); i++)
      if (!left_out(i))
        COM_TRY(com_json_push(c, kept, com_json_real(com_json_num(com_json_at(all, i), NAN))));
    COM_TRY(com_json_add(c, column, keys[k % 2], kept));
  }
  return COM_OK;
}

/* Root mean square pull of the points that the training did not see. */
static com_status without_a_third(job *w, entry *e) {
  const ads_dataset *d = ads_fit_group(e->fit, 0)->data;
  ads_config cfg = *w->cfg;
  ads_fit *fit = NULL;
  cJSON *data = NULL, *result = NULL;
  double *v = malloc((2 * d->n + w->n_full + 1) * sizeof *v), chi2 = 0, sum = 0;
  com_status status = v ? COM_OK : COM_FAIL(w->c, COM_E_MEM, "out of memory");
  size_t n = 0;
  if (!status) status = thin(w->c, d->json, &data);
  cfg.dataset = data;
  cfg.restarts = cfg.restarts < 2 ? cfg.restarts : 2;
  if (!status) status = ads_fit_create(w->c, &cfg, e->flow, &fit);
  com_ctx_warn_as(w->c, "without a third of the data");
  if (!status) status = train(w->c, fit, &result, v + 2 * d->n);
  com_ctx_warn_as(w->c, NULL);
  if (!status) status = ads_fit_predict(e->fit, v + 2 * d->n, v, v + d->n, &chi2);
  for (size_t i = 0; i < d->n && !status; i++)
    if (left_out(i)) sum += v[d->n + i] * v[d->n + i], n++;
  e->held_out = n ? sqrt(sum / (double)n) : NAN;
  ads_fit_destroy(fit);
  com_json_free(data);
  com_json_free(result);
  free(v);
  return status;
}

/* Loss on labels drawn from another seed. */
static com_status fresh_labels(job *w, entry *e) {
  const uint64_t seed = com_ctx_seed(w->c);
  ads_fit *fit = NULL;
  size_t bad = 0;
  com_ctx_reseed(w->c, seed + 1000003);
  com_status status = ads_fit_create(w->c, w->cfg, e->flow, &fit);
  com_ctx_reseed(w->c, seed);
  if (!status) status = ads_fit_value(fit, ADS_LOSS_PROPER, 1, -1, e->full, &e->held_out, NULL, &bad);
  ads_fit_destroy(fit);
  return status;
}

static com_status held_out(job *w, entry *e) {
  const ads_dataset *d = ads_fit_group(e->fit, 0)->data;
  e->held_out = NAN;
  if (!w->o.held_out || ads_fit_n_groups(e->fit) != 1 || d->kind != ADS_DATASET_RESPONSE) return COM_OK;
  if (!(ads_fit_wants(e->fit) & COM_WANT_RJ)) return fresh_labels(w, e);
  return d->n >= 4 && !d->cov && d->error ? without_a_third(w, e) : COM_OK;
}

/* ---- cost of a gradient ---- */

static double heap_bytes(void) {
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
  const struct mallinfo2 m = mallinfo2();
  return (double)m.uordblks + (double)m.hblkhd;
#else
  return NAN;
#endif
}

static int by_value(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

/* Median time; bytes that a fresh fit holds after its first gradient beyond those before it. */
static com_status cost(job *w, entry *e) {
  com_ctx *c = w->c;
  ads_fit *fit = NULL;
  const size_t n = (size_t)w->o.repeats;
  double *g = calloc(w->n_full + n + 1, sizeof *g), *t = g ? g + w->n_full : NULL, f = 0;
  com_status status = g ? ads_fit_create(c, w->cfg, e->flow, &fit) : COM_FAIL(c, COM_E_MEM, "out of memory");
  const double before = heap_bytes();
  size_t bad = 0;
  if (!status) status = ads_fit_value(fit, ADS_LOSS_PROPER, 1, -1, e->full, &f, g, &bad);
  e->bytes = fmax(0, heap_bytes() - before);
  for (size_t k = 0; k < n && !status; k++) {
    const double t0 = com_ctx_elapsed(c);
    status = ads_fit_value(fit, ADS_LOSS_PROPER, 1, -1, e->full, &f, g, &bad);
    t[k] = com_ctx_elapsed(c) - t0;
  }
  if (!status) qsort(t, n, sizeof *t, by_value), e->gradient_s = t[n / 2];
  ads_fit_destroy(fit);
  free(g);
  return status;
}

/* ---- against the continuum ---- */

/* The points of the first group at which F and dF/dp are compared: data, or the first labelled points. */
typedef struct probe {
  size_t n, np;
  const double *x, *y;
  int bulk;
  double *p;
} probe;

/* size: the largest component of the states at eta_ir (on shell F itself is small); Fp, size may be NULL. */
static com_status evaluate(com_ctx *c, const ads_config *cfg, const com_choice *flow, const probe *q, int jac,
                           double *F, double *Fp, double *size) {
  const ads_model_parts parts = {&cfg->metric, &cfg->bulk, &cfg->dictionary, flow};
  ads_model *m = NULL;
  ads_model_eval ev;
  COM_TRY(ads_model_create(c, &parts, NULL, &m));
  const int what = jac ? ADS_MODEL_JAC : ADS_MODEL_VALUE;
  com_status s = q->bulk ? ads_model_run_bulk(m, what, q->p, q->n, q->x, q->y, &ev)
                         : ads_model_run(m, what, q->p, q->n, q->x, q->y, &ev);
  if (!s) memcpy(F, ev.F, q->n * sizeof *F);
  if (!s && jac) memcpy(Fp, ev.Fp, q->n * q->np * sizeof *Fp);
  for (size_t i = 0; !s && size && i < ads_model_bulk(m)->ops->dim * q->n; i++)
    *size = fmax(*size, fabs(ev.y1[i]));
  ads_model_destroy(m);
  return s;
}

/* max|a - b| / scale; scale 0: that of b. */
static double max_norm(size_t n, const double *a, const double *b, double scale) {
  const int own = !(scale > 0);
  double e = 0;
  for (size_t i = 0; i < n; i++) {
    e = fmax(e, fabs(a[i] - b[i]));
    if (own) scale = fmax(scale, fabs(b[i]));
  }
  return scale > 0 ? e / scale : e;
}

/* The same flow with twice the steps; 0 when it has none to double. */
static com_status doubled(com_ctx *c, const com_choice *flow, com_choice *out, int *made) {
  static const char *const keys[] = {"n_layers", "n_steps"};
  cJSON *j = NULL;
  *made = 0;
  COM_TRY(com_field_choice_write(c, &ads_flow_kind, flow, &j));
  com_status s = COM_OK;
  for (int k = 0; k < 2 && !s; k++) {
    const double n = com_json_num(com_json_get(j, keys[k]), 0);
    if (n > 0) s = com_json_add(c, j, keys[k], com_json_real(2 * n)), *made = 1;
  }
  if (!s && *made) s = com_field_choice_read(c, COM_E_CONFIG, &ads_flow_kind, "compare", "flow", j, out);
  com_json_free(j);
  return s;
}

static com_status against(job *w, entry *e, const probe *q, const double *F0, const double *J0, double size,
                          double *F, double *J) {
  static const double ROUNDING = 1e-11;
  com_choice twice = {0};
  int made = 0;
  COM_TRY(evaluate(w->c, w->cfg, e->flow, q, 1, F, J, NULL));
  e->jac_error = max_norm(q->n * q->np, J, J0, 0);
  e->F_error = max_norm(q->n, F, F0, size);
  e->order = NAN;
  COM_TRY(doubled(w->c, e->flow, &twice, &made));
  if (!made) return COM_OK;
  com_status s = evaluate(w->c, w->cfg, &twice, q, 0, F, NULL, NULL);
  const double finer = s ? NAN : max_norm(q->n, F, F0, size);
  if (finer > ROUNDING && e->F_error > 0) e->order = log2(e->F_error / finer);
  com_field_choice_finish(&ads_flow_kind, &twice);
  return s;
}

/* The entry whose parameters serve as the common point: the most continuous flow of the list. */
static const entry *common_point(const job *w) {
  static const char *const names[] = {"cvodes", "rk", NULL};
  for (int k = 0; names[k]; k++)
    for (size_t i = 0; i < w->n; i++)
      if (strcmp(w->e[i].flow->type->name, names[k]) == 0) return w->e + i;
  return w->e + w->n - 1;
}

static com_status continuum(job *w) {
  const entry *at = common_point(w);
  const ads_group *g = ads_fit_group(at->fit, 0);
  const ads_dataset *d = g->data;
  const int bulk = d->kind == ADS_DATASET_LABELLED;
  probe q = {.n = d->n < MAX_PROBE ? d->n : MAX_PROBE,
             .np = ads_model_n_params(g->model),
             .bulk = bulk,
             .x = bulk ? d->phi : d->source,
             .y = bulk ? d->pi : d->response};
  const size_t nj = q.n * q.np;
  double *v = malloc((2 * (q.n + nj) + g->np + 1) * sizeof *v);
  COM_ALLOC(w->c, v);
  double *F0 = v, *J0 = F0 + q.n, *F = J0 + nj, *J = F + q.n;
  q.p = J + nj;
  ads_fit_gather(at->fit, 0, at->full, q.p);
  double size = 0;
  com_status s = evaluate(w->c, w->cfg, &w->reference, &q, 1, F0, J0, &size);
  for (size_t i = 0; i < w->n && !s; i++) s = against(w, w->e + i, &q, F0, J0, size, F, J);
  free(v);
  return s;
}

/* The reference flow of the options, or rk of order 8 over the span of the first flow. */
static com_status reference(job *w) {
  if (w->o.reference.type) {
    cJSON *j = NULL;
    COM_TRY(com_field_choice_write(w->c, &ads_flow_kind, &w->o.reference, &j));
    const com_status s =
        com_field_choice_read(w->c, COM_E_CONFIG, &ads_flow_kind, "compare", "reference", j, &w->reference);
    com_json_free(j);
    return s;
  }
  const ads_flow_shared *at = w->cfg->flows.v[0].shared;
  const int log_grid = at->eta_uv > 0 && at->eta_ir > 0;
  char text[256];
  cJSON *j = NULL;
  snprintf(text, sizeof text,
           "{\"type\":\"rk\",\"order\":8,\"n_steps\":1000,\"grid\":\"%s\",\"eta_uv\":%.17g,\"eta_ir\":%.17g,"
           "\"ir\":\"%s\"}",
           log_grid ? "log" : "uniform", at->eta_uv, at->eta_ir, at->ir ? "horizon" : "pi");
  COM_TRY(com_json_parse(w->c, "compare", text, strlen(text), &j));
  const com_status s =
      com_field_choice_read(w->c, COM_E_CONFIG, &ads_flow_kind, "compare", "reference", j, &w->reference);
  com_json_free(j);
  return s;
}

/* ---- tables ---- */

static com_status add_column(com_ctx *c, com_table *t, const char *name, const char *unit, const job *w,
                             size_t off) {
  double *v = malloc(w->n * sizeof *v);
  COM_ALLOC(c, v);
  for (size_t i = 0; i < w->n; i++) v[i] = *(const double *)(const void *)((const char *)(w->e + i) + off);
  const com_status s = com_table_add(c, t, name, unit, NULL, w->n, v, NULL);
  free(v);
  return s;
}

static com_status labels_column(com_ctx *c, com_table *t, const job *w) {
  const char **v = malloc(w->n * sizeof *v);
  COM_ALLOC(c, v);
  for (size_t i = 0; i < w->n; i++) v[i] = w->e[i].label;
  const com_status s = com_table_add_text(c, t, "flow", w->n, v);
  free(v);
  return s;
}

static com_status take_table(com_ctx *c, cJSON *out, const char *key, com_table *t, com_status s) {
  if (!s) s = com_json_add(c, out, key, com_table_json(t));
  com_table_destroy(t);
  return s;
}

typedef struct number {
  const char *name, *unit;
  size_t off;
} number;

static com_status numbers(job *w, com_table *t, size_t n, const number *cols) {
  com_status s = labels_column(w->c, t, w);
  for (size_t k = 0; k < n && !s; k++) s = add_column(w->c, t, cols[k].name, cols[k].unit, w, cols[k].off);
  return s;
}

/* Times and bytes differ from run to run: they stand among what is volatile. */
static com_status costs(job *w, cJSON *out) {
  static const number cols[] = {{"gradient_seconds", "s", offsetof(entry, gradient_s)},
                                {"gradient_bytes", "B", offsetof(entry, bytes)},
                                {"training_seconds", "s", offsetof(entry, seconds)}};
  com_table *t = NULL;
  com_status s = com_table_create(w->c, &t);
  if (!s) s = numbers(w, t, sizeof cols / sizeof *cols, cols);
  return take_table(w->c, out, "cost", t, s);
}

static com_status summary(job *w, cJSON *out) {
  static const number cols[] = {{"loss", "1", offsetof(entry, loss)},
                                {"chi2", "1", offsetof(entry, chi2)},
                                {"n_determined", "1", offsetof(entry, determined)},
                                {"held_out", "1", offsetof(entry, held_out)},
                                {"gradient_error", "1", offsetof(entry, jac_error)},
                                {"state_error", "1", offsetof(entry, F_error)},
                                {"order", "1", offsetof(entry, order)}};
  com_table *t = NULL;
  double *v = malloc((3 * w->n + 1) * sizeof *v);
  COM_ALLOC(w->c, v);
  com_status s = com_table_create(w->c, &t);
  if (!s) s = numbers(w, t, sizeof cols / sizeof *cols, cols);
  for (size_t i = 0; i < w->n; i++)
    v[i] = (double)w->e[i].n_starts, v[w->n + i] = (double)w->e[i].n_good,
    v[2 * w->n + i] = (double)w->e[i].iterations;
  if (!s) s = com_table_add(w->c, t, "starts", "1", NULL, w->n, v, NULL);
  if (!s) s = com_table_add(w->c, t, "starts_at_the_best", "1", NULL, w->n, v + w->n, NULL);
  if (!s) s = com_table_add(w->c, t, "iterations", "1", NULL, w->n, v + 2 * w->n, NULL);
  free(v);
  return take_table(w->c, out, "flows", t, s);
}

static com_status metrics(job *w, cJSON *out) {
  const size_t n = (size_t)w->o.points;
  com_table *t = NULL;
  double *v = malloc((2 * n + w->n_full + 1) * sizeof *v), *h = v ? v + n : NULL;
  COM_ALLOC(w->c, v);
  com_status s = com_table_create(w->c, &t);
  for (size_t i = 0; i < w->n && !s; i++) {
    const ads_metric *m = ads_model_metric(ads_fit_group(w->e[i].fit, 0)->model);
    for (size_t k = 0; k < n; k++)
      v[k] = k + 1 == n ? m->span.eta_uv
                        : m->span.eta_ir + (m->span.eta_uv - m->span.eta_ir) * (double)k / (double)(n - 1);
    if (i == 0) s = com_table_add(w->c, t, "eta", "L", "\\eta", n, v, NULL);
    ads_fit_gather(w->e[i].fit, 0, w->e[i].full, h + n);
    ads_metric_eval(m, h + n, n, v, h, NULL);
    if (!s) s = com_table_add(w->c, t, w->e[i].label, "1/L", NULL, n, h, NULL);
  }
  const cJSON *truth = NULL;
  if (!s) s = ads_compare_truth(w->c, ads_fit_group(w->e[0].fit, 0)->data->json, n, v, h, &truth);
  if (!s && truth) s = com_table_add(w->c, t, "truth", "1/L", NULL, n, h, NULL);
  if (!s && truth) s = com_json_add(w->c, out, "truth", com_json_copy(truth));
  free(v);
  return take_table(w->c, out, "metrics", t, s);
}

/* Row j, column i: the loss of flow i's parameters in flow j. */
static com_status transfer(job *w, cJSON *out) {
  com_table *t = NULL;
  double *v = malloc((w->n + 1) * sizeof *v);
  COM_ALLOC(w->c, v);
  com_status s = com_table_create(w->c, &t);
  if (!s) s = labels_column(w->c, t, w);
  for (size_t i = 0; i < w->n && !s; i++) {
    for (size_t j = 0; j < w->n && !s; j++) {
      size_t bad = 0;
      s = ads_fit_value(w->e[j].fit, ADS_LOSS_PROPER, 1, -1, w->e[i].full, &v[j], NULL, &bad);
    }
    if (!s) s = com_table_add(w->c, t, w->e[i].label, "1", NULL, w->n, v, NULL);
  }
  free(v);
  return take_table(w->c, out, "transfer", t, s);
}

static com_status parameters(job *w, cJSON *out) {
  cJSON *j = com_json_object();
  com_status s = j ? COM_OK : COM_FAIL(w->c, COM_E_MEM, "out of memory");
  for (size_t i = 0; i < w->n && !s; i++)
    s = com_json_add(w->c, j, w->e[i].label, com_params_json(ads_fit_params(w->e[i].fit), w->e[i].full));
  if (!s) s = com_json_add(w->c, out, "common_point", com_json_string(common_point(w)->label));
  if (s) {
    com_json_free(j);
    return s;
  }
  return com_json_add(w->c, out, "parameters", j);
}

static com_status check(const job *w) {
  const ads_config *cfg = w->cfg;
  COM_CHECK(
      w->c, cfg->flows.n >= 2, COM_E_CONFIG,
      "%s: flows: give at least two, e.g. [{\"type\":\"resnet\",\"n_layers\":15},{\"type\":\"cvodes\"}]",
      cfg->file);
  const ads_flow_shared *a = cfg->flows.v[0].shared;
  for (size_t i = 1; i < cfg->flows.n; i++) {
    const ads_flow_shared *b = cfg->flows.v[i].shared;
    COM_CHECK(
        w->c, a->eta_uv == b->eta_uv && a->eta_ir == b->eta_ir && a->ir == b->ir, COM_E_CONFIG,
        "%s: flows[%zu]: eta_uv, eta_ir and ir must be those of flows[0], or the metrics are not comparable",
        cfg->file, i);
  }
  return COM_OK;
}

/* Two entries of the same name would be one column. */
static com_status distinct(const job *w) {
  for (size_t i = 0; i < w->n; i++)
    for (size_t j = 0; j < i; j++)
      COM_CHECK(w->c, strcmp(w->e[i].label, w->e[j].label) != 0, COM_E_CONFIG,
                "%s: flows[%zu] is the same as flows[%zu] (%s)", w->cfg->file, i, j, w->e[i].label);
  return COM_OK;
}

static com_status run(job *w, cJSON *out) {
  COM_TRY(check(w));
  w->n = w->cfg->flows.n;
  COM_ALLOC(w->c, w->e = calloc(w->n, sizeof *w->e));
  COM_TRY(reference(w));
  for (size_t i = 0; i < w->n; i++) {
    w->e[i].flow = w->cfg->flows.v + i;
    COM_TRY(label_of(w->c, w->e[i].flow, w->e[i].label));
  }
  COM_TRY(distinct(w));
  for (size_t i = 0; i < w->n; i++) COM_TRY(train_entry(w, w->e + i));
  for (size_t i = 0; i < w->n; i++) COM_TRY(held_out(w, w->e + i));
  for (size_t i = 0; i < w->n; i++) COM_TRY(cost(w, w->e + i));
  COM_TRY(continuum(w));
  COM_TRY(summary(w, out));
  COM_TRY(metrics(w, out));
  COM_TRY(transfer(w, out));
  return parameters(w, out);
}

com_status ads_compare_run(com_ctx *c, const ads_config *cfg, cJSON **out) {
  job w = {.c = c, .cfg = cfg};
  cJSON *result = NULL, *config = NULL;
  *out = NULL;
  COM_TRY(com_field_read(c, COM_E_CONFIG, ads_compare_fields, cfg->file, "compare", cfg->compare, &w.o));
  com_status status = COM_OK;
  result = com_json_object();
  COM_GOTO(done, run(&w, result));
  COM_GOTO(done,
           com_json_add(c, result, "dataset", com_json_string(ads_fit_group(w.e[0].fit, 0)->data->title)));
  COM_GOTO(done, com_json_add(c, result, "loss_type", com_json_string(cfg->loss.type->name)));
  COM_GOTO(done, ads_config_write(c, cfg, &config));
  if (cfg->dataset)
    COM_GOTO(done,
             com_json_add(c, config, "dataset", com_json_copy(ads_fit_group(w.e[0].fit, 0)->data->json)));
  status = com_result_wrap(c, "holograd/comparison/1", config, result, out);
  config = result = NULL;
  if (!status) status = costs(&w, com_json_edit(*out, "volatile"));
done:
  if (status) {
    com_json_free(*out);
    *out = NULL;
  }
  com_json_free(config);
  com_json_free(result);
  for (size_t i = 0; w.e && i < w.n; i++) {
    ads_fit_destroy(w.e[i].fit);
    com_json_free(w.e[i].result);
    free(w.e[i].full);
  }
  free(w.e);
  com_field_choice_finish(&ads_flow_kind, &w.reference);
  com_field_finish(ads_compare_fields, &w.o);
  return status;
}

com_status ads_compare_document(com_ctx *c, const char *file, const cJSON *j, cJSON **doc) {
  const cJSON *parameters = NULL;
  ads_config cfg = {0};
  *doc = NULL;
  COM_TRY(ads_config_open(c, file, j, &cfg, &parameters));
  const com_status s = ads_compare_run(c, &cfg, doc);
  ads_config_finish(&cfg);
  return s;
}
