/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ads/onshell.h"
#include "common/result.h"
#include "common/linalg.h"

enum { N_ETA = 101, N_CURVE = 60 };
static const double AGREE = 2; /* starts within this much of the lowest chi2 (or loss) are "equally good" */

com_status ads_report_config(com_ctx *c, const ads_fit *f, cJSON **out) {
  const ads_config *cfg = ads_fit_config(f);
  cJSON *j = NULL;
  COM_TRY(ads_config_write(c, cfg, &j));
  com_status status = COM_OK;
  if (cfg->dataset)
    status = com_json_add(c, j, "dataset", com_json_copy(ads_fit_group(f, 0)->data->json));
  else {
    const ads_dataset **data = calloc(ads_fit_n_groups(f), sizeof *data);
    cJSON *list = NULL;
    for (size_t g = 0; data && g < ads_fit_n_groups(f); g++) data[g] = ads_fit_group(f, g)->data;
    status = data ? ads_fit_data_write(c, cfg, data, &list) : COM_FAIL(c, COM_E_MEM, "out of memory");
    free(data);
    if (!status) status = com_json_add(c, j, "datasets", list);
  }
  char seed[32];
  snprintf(seed, sizeof seed, "%llu", (unsigned long long)com_ctx_seed(c));
  if (!status) status = com_json_add(c, j, "seed", com_json_string(seed));
  if (status) com_json_free(j);
  *out = status ? NULL : j;
  return status;
}

com_status ads_report_wrap(com_ctx *c, const ads_fit *f, const char *schema, cJSON *result, cJSON **doc) {
  cJSON *config = NULL;
  *doc = NULL;
  const com_status s = ads_report_config(c, f, &config);
  if (!s) return com_result_wrap(c, schema, config, result, doc);
  com_json_free(result);
  return s;
}

/* ---- one start ---- */

com_status ads_report_start(com_ctx *c, ads_fit *f, const double *full, ads_start_row *row) {
  const size_t n = ads_fit_n_points(f);
  double *pred = malloc(2 * n * sizeof *pred);
  COM_ALLOC(c, pred);
  com_status status = ads_fit_value(f, ADS_LOSS_PROPER, 1, -1, full, &row->loss, NULL, &row->n_bad);
  if (!status) status = ads_fit_predict(f, full, pred, pred + n, &row->chi2);
  row->rootless = 0;
  size_t at = 0;
  for (size_t g = 0; g < ads_fit_n_groups(f) && !status; g++) {
    const ads_dataset *d = ads_fit_group(f, g)->data;
    for (size_t i = 0; i < d->n && d->kind != ADS_DATASET_LABELLED; i++) row->rootless |= isnan(pred[at + i]);
    at += d->n;
  }
  free(pred);
  return status;
}

/* ---- the result object ---- */

typedef struct work {
  com_ctx *c;
  ads_fit *f;
  const ads_report *r;
  size_t n, nt;        /* points, trained */
  double *pred, *pull; /* [n] */
  double *J, *s;       /* [n][nt], singular values */
  size_t n_s, n_determined;
  double loss, chi2;
  size_t n_bad;
} work;

static com_status singular_values(work *w) {
  w->n_s = w->n < w->nt ? w->n : w->nt;
  w->n_determined = 0;
  for (size_t i = 0; i < w->n; i++)
    if (!isfinite(w->pull[i])) { /* no root, no sensitivity */
      w->n_s = 0;
      return COM_OK;
    }
  COM_TRY(ads_fit_sensitivity(w->f, w->r->full, w->pred, w->J));
  for (size_t i = 0; i < w->n * w->nt; i++)
    if (!isfinite(w->J[i])) {
      w->n_s = 0;
      return COM_OK;
    }
  COM_TRY(com_linalg_svd(w->c, w->n, w->nt, w->J, w->s, NULL, NULL));
  for (size_t k = 0; k < w->n_s; k++) w->n_determined += w->s[k] > 1;
  return COM_OK;
}

static com_status add_metric(work *w, cJSON *out) {
  for (size_t g = 0; g < ads_fit_n_groups(w->f); g++) {
    const ads_group *q = ads_fit_group(w->f, g);
    if (q->owner != g) continue;
    const ads_metric *m = ads_model_metric(q->model);
    double eta[N_ETA], h[N_ETA], *p = malloc((q->np + 1) * sizeof *p);
    COM_ALLOC(w->c, p);
    ads_fit_gather(w->f, g, w->r->full, p);
    for (size_t i = 0; i < N_ETA; i++)
      eta[i] = m->span.eta_ir + (m->span.eta_uv - m->span.eta_ir) * (double)i / (N_ETA - 1);
    eta[N_ETA - 1] = m->span.eta_uv;
    ads_metric_eval(m, p, N_ETA, eta, h, NULL);
    free(p);
    cJSON *j = com_json_object();
    com_status s = com_json_add(w->c, j, "eta", com_json_reals(eta, N_ETA));
    if (!s) s = com_json_add(w->c, j, "h", com_json_reals(h, N_ETA));
    char key[160];
    snprintf(key, sizeof key, ads_fit_n_owners(w->f) > 1 ? "metric[%s]" : "metric", q->name);
    if (s)
      com_json_free(j);
    else
      s = com_json_add(w->c, out, key, j);
    COM_TRY(s);
  }
  return COM_OK;
}

static com_status add_predictions(work *w, cJSON *out) {
  cJSON *list = com_json_array();
  size_t at = 0;
  com_status s = list ? COM_OK : COM_FAIL(w->c, COM_E_MEM, "out of memory");
  for (size_t g = 0; g < ads_fit_n_groups(w->f) && !s; g++) {
    const ads_group *q = ads_fit_group(w->f, g);
    const ads_dataset *d = q->data;
    for (size_t i = 0; i < d->n && d->kind != ADS_DATASET_LABELLED && !s; i++, at++) {
      cJSON *e = com_json_object();
      if (*q->name) s = com_json_add(w->c, e, "group", com_json_string(q->name));
      if (!s) s = com_json_add(w->c, e, "source", com_json_real(d->source[i]));
      if (!s) s = com_json_add(w->c, e, "response", com_json_real(d->response[i]));
      if (!s) s = com_json_add(w->c, e, "error", d->error ? com_json_real(d->error[i]) : com_json_null());
      if (!s) s = com_json_add(w->c, e, "predicted_response", com_json_real(w->pred[at]));
      if (!s) s = com_json_add(w->c, e, "pull", com_json_real(w->pull[at]));
      if (s)
        com_json_free(e);
      else
        s = com_json_push(w->c, list, e);
    }
  }
  if (s) com_json_free(list);
  return s ? s : com_json_add(w->c, out, "predictions", list);
}

/* The fitted curve between the data, for the plot (first group). */
static com_status add_curve(work *w, cJSON *out) {
  const ads_group *q = ads_fit_group(w->f, 0);
  const ads_dataset *d = q->data;
  if (d->kind != ADS_DATASET_RESPONSE || d->n < 2) return COM_OK;
  double s[N_CURVE], r[N_CURVE], lo = INFINITY, hi = -INFINITY;
  unsigned char ok[N_CURVE];
  for (size_t i = 0; i < d->n; i++) {
    lo = fmin(lo, d->source[i]);
    hi = fmax(hi, d->source[i]);
  }
  for (size_t k = 0; k < N_CURVE; k++) { /* guess: the nearest prediction, scaled */
    size_t near = 0;
    s[k] = lo + (hi - lo) * (double)k / (N_CURVE - 1);
    for (size_t i = 1; i < d->n; i++)
      if (fabs(d->source[i] - s[k]) < fabs(d->source[near] - s[k])) near = i;
    r[k] = w->pred[near] * (d->source[near] > 0 && s[k] > 0 ? sqrt(s[k] / d->source[near]) : 1);
    if (!isfinite(r[k])) r[k] = d->response[near];
  }
  double *p = malloc((q->np + 1) * sizeof *p);
  COM_ALLOC(w->c, p);
  ads_fit_gather(w->f, 0, w->r->full, p);
  const double scale = ads_loss_has_scale(q->loss) ? p[q->np - 1] : 1;
  com_status status = ads_onshell_response(q->model, p, N_CURVE, s, 1e-6, r, ok);
  free(p);
  COM_TRY(status);
  for (size_t k = 0; k < N_CURVE; k++) r[k] = ok[k] ? scale * r[k] : NAN;
  cJSON *j = com_json_object();
  status = com_json_add(w->c, j, "source", com_json_reals(s, N_CURVE));
  if (!status) status = com_json_add(w->c, j, "response", com_json_reals(r, N_CURVE));
  if (status) com_json_free(j);
  return status ? status : com_json_add(w->c, out, "curve", j);
}

com_status ads_report_starts(com_ctx *c, const com_params *p, const ads_report *r, cJSON *out) {
  cJSON *list = com_json_array();
  com_status s = list ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  for (size_t i = 0; i < r->n_starts && !s; i++) {
    const ads_start_row *q = r->starts + i;
    if (!q->done) continue;
    cJSON *e = com_json_object();
    s = com_json_add(c, e, "start", com_json_int((long long)i + 1));
    if (!s) s = com_json_add(c, e, "stop", com_json_string(com_status_stop_name(q->stop)));
    if (!s) s = com_json_add(c, e, "iterations", com_json_int(q->iterations));
    if (!s) s = com_json_add(c, e, "loss", com_json_real(q->loss));
    if (!s) s = com_json_add(c, e, "chi2", com_json_real(q->chi2));
    if (!s) s = com_json_add(c, e, "n_bad", com_json_int((long long)q->n_bad));
    if (!s && q->full) s = com_json_add(c, e, "parameters", com_params_json(p, q->full));
    if (s)
      com_json_free(e);
    else
      s = com_json_push(c, list, e);
  }
  if (s) com_json_free(list);
  return s ? s : com_json_add(c, out, "starts", list);
}

com_status ads_report_history(com_ctx *c, const ads_report *r, cJSON *out) {
  com_table *t = NULL;
  COM_TRY(ads_history_table(c, r->history, &t));
  const com_status s = com_json_add(c, out, "history", com_table_json(t));
  com_table_destroy(t);
  return s;
}

/* What one gradient of the loss costs at the reported parameters, and how many integrations the whole training took. */
static com_status add_flow(work *w, cJSON *out) {
  const size_t n = com_params_n(ads_fit_params(w->f));
  ads_flow_stats total, before, after;
  double value = 0, *g = malloc((n + 1) * sizeof *g);
  size_t n_bad = 0;
  COM_ALLOC(w->c, g);
  ads_fit_flow_stats(w->f, &total);
  com_status s =
      ads_fit_value(w->f, ADS_LOSS_PROPER, 1, -1, w->r->full, &value, g, &n_bad); /* sizes the tapes */
  ads_fit_flow_stats(w->f, &before);
  if (!s) s = ads_fit_value(w->f, ADS_LOSS_PROPER, 1, -1, w->r->full, &value, g, &n_bad);
  ads_fit_flow_stats(w->f, &after);
  free(g);
  COM_TRY(s);
  cJSON *j = com_json_object();
  s = com_json_add(w->c, j, "steps", com_json_int(after.steps - before.steps));
  if (!s) s = com_json_add(w->c, j, "rhs_calls", com_json_int(after.rhs - before.rhs));
  if (!s) s = com_json_add(w->c, j, "steps_back", com_json_int(after.steps_back - before.steps_back));
  if (!s) s = com_json_add(w->c, j, "rhs_calls_back", com_json_int(after.rhs_back - before.rhs_back));
  if (!s) s = com_json_add(w->c, j, "forward_calls", com_json_int(total.forward_calls));
  if (!s) s = com_json_add(w->c, j, "backward_calls", com_json_int(total.backward_calls));
  if (!s) s = com_json_add(w->c, j, "frozen_samples", com_json_int((long long)w->n_bad));
  if (s) com_json_free(j);
  return s ? s : com_json_add(w->c, out, "flow", j);
}

static com_status fill(work *w, cJSON *out) {
  com_ctx *c = w->c;
  COM_TRY(com_json_add(c, out, "stop", com_json_string(com_status_stop_name(w->r->stop))));
  COM_TRY(com_json_add(c, out, "iterations", com_json_int(w->r->iterations)));
  COM_TRY(com_json_add(c, out, "loss", com_json_real(w->loss)));
  COM_TRY(com_json_add(c, out, "chi2", com_json_real(w->chi2)));
  COM_TRY(com_json_add(c, out, "n_data", com_json_int((long long)w->n)));
  COM_TRY(com_json_add(c, out, "n_trained", com_json_int((long long)w->nt)));
  COM_TRY(com_json_add(c, out, "n_determined",
                       w->n_s ? com_json_int((long long)w->n_determined) : com_json_null()));
  COM_TRY(com_json_add(c, out, "singular_values", com_json_reals(w->s, w->n_s)));
  COM_TRY(com_json_add(c, out, "parameters", com_params_json(ads_fit_params(w->f), w->r->full)));
  COM_TRY(add_metric(w, out));
  COM_TRY(add_predictions(w, out));
  COM_TRY(add_curve(w, out));
  COM_TRY(ads_report_starts(c, ads_fit_params(w->f), w->r, out));
  COM_TRY(add_flow(w, out));
  return ads_report_history(c, w->r, out);
}

/* ---- warnings: what a careful colleague would say ---- */

static void warn_directions(const work *w) {
  if (w->n_s == 0 || w->n_determined >= w->nt) return;
  com_ctx_warn(
      w->c, "few_directions",
      "the data determine %zu of the %zu trained numbers (singular values %.3g, %.3g, %.3g ... in units of "
      "the errors); the "
      "rest of h, L and lambda is set by penalties and start, so a spread over seeds is not an uncertainty",
      w->n_determined, w->nt, w->s[0], w->n_s > 1 ? w->s[1] : 0.0, w->n_s > 2 ? w->s[2] : 0.0);
}

static double merit(const ads_start_row *q) { return isfinite(q->chi2) ? q->chi2 : q->loss; }

void ads_report_warn_starts(com_ctx *c, const ads_report *r) {
  size_t done = 0, good = 0;
  double best = INFINITY, worst = -INFINITY;
  for (size_t i = 0; i < r->n_starts; i++) {
    if (!r->starts[i].done) continue;
    done++;
    best = fmin(best, merit(r->starts + i));
    worst = fmax(worst, merit(r->starts + i));
  }
  for (size_t i = 0; i < r->n_starts; i++) good += r->starts[i].done && merit(r->starts + i) <= best + AGREE;
  if (done == 1 && r->n_starts == 1)
    com_ctx_warn(c, "single_start",
                 "one start only: nothing says that another would not do better; use restarts 8 or more");
  else if (good < done)
    com_ctx_warn(
        c, "starts_disagree",
        "%zu of %zu starts agree with the best (chi2 within %g); the others end between %.4g and %.4g", good,
        done, AGREE, best, worst);
}

/* Span of each trained scalar over the equally good starts. */
static void warn_spread(const work *w) {
  const com_params *p = ads_fit_params(w->f);
  const ads_report *r = w->r;
  double best = INFINITY;
  for (size_t i = 0; i < r->n_starts; i++)
    if (r->starts[i].done) best = fmin(best, merit(r->starts + i));
  for (size_t b = 0; b < com_params_n_blocks(p); b++) {
    const com_block *q = com_params_block(p, b);
    double lo = INFINITY, hi = -INFINITY;
    if (!q->scalar || !q->trained) continue;
    for (size_t i = 0; i < r->n_starts; i++) {
      const ads_start_row *row = r->starts + i;
      if (!row->done || !row->full || merit(row) > best + AGREE) continue;
      lo = fmin(lo, row->full[q->off]);
      hi = fmax(hi, row->full[q->off]);
    }
    if (hi > lo * 1.05 && lo > 0)
      com_ctx_warn(w->c, "degenerate", "equally good starts (chi2 within %g) have %s from %.4g to %.4g",
                   AGREE, q->name, lo, hi);
  }
}

void ads_report_warn_stop(com_ctx *c, const ads_report *r) {
  if (r->stop == COM_STOP_MAX_ITER || r->stop == COM_STOP_MAX_TIME || r->stop == COM_STOP_INTERRUPTED)
    com_ctx_warn(c, "not_converged", "stopped by %s: the numbers are those of an unfinished training",
                 com_status_stop_name(r->stop));
}

/* Exponent d log s / d log r of the data from about a quarter of the strongest source upwards; NAN or infinite without
 * two such points. */
static double steepness(const ads_dataset *d, double *from, double *to) {
  size_t top = 0, mid = 0;
  for (size_t i = 1; i < d->n; i++)
    if (fabs(d->source[i]) > fabs(d->source[top])) top = i;
  const double goal = 0.25 * fabs(d->source[top]);
  for (size_t i = 0; i < d->n; i++)
    if (fabs(fabs(d->source[i]) - goal) < fabs(fabs(d->source[mid]) - goal)) mid = i;
  *from = fabs(d->source[mid]), *to = fabs(d->source[top]);
  return log(*to / *from) / log(fabs(d->response[top] / d->response[mid]));
}

/* A bulk whose force is cubic answers to strong sources as s^(1/3), whatever the metric. */
static void warn_saturation(const work *w) {
  static const double CUBIC = 3, CLEARLY = 1.5;
  for (size_t g = 0; g < ads_fit_n_groups(w->f); g++) {
    const ads_group *q = ads_fit_group(w->f, g);
    const ads_bulk *bulk = ads_model_bulk(q->model);
    double from, to;
    if (q->data->kind != ADS_DATASET_RESPONSE || !bulk->ops->cubic) continue;
    const double delta = steepness(q->data, &from, &to);
    if (isfinite(delta) && delta > CLEARLY * CUBIC)
      com_ctx_warn(w->c, "saturation",
                   "between source %.3g and %.3g the response of %s rises as source^(1/%.3g); a quartic "
                   "potential ends at source^(1/3) and cannot saturate as the data do; bulk scalar_power "
                   "(trainable exponent) or scalar_even can",
                   from, to, q->data->name, delta);
  }
}

static void warn_fit(const work *w) {
  size_t worst = 0;
  if (w->n_bad)
    com_ctx_warn(w->c, "unanswered",
                 "%zu of %zu points have no on-shell root or ran away at the reported parameters", w->n_bad,
                 w->n);
  for (size_t i = 1; i < w->n; i++)
    if (fabs(w->pull[i]) > fabs(w->pull[worst])) worst = i;
  if (isfinite(w->chi2) && w->chi2 > 3 * (double)w->n)
    com_ctx_warn(w->c, "poor_fit",
                 "chi2 = %.4g for %zu points (chi2/n = %.3g): the model misses the data by more than their "
                 "statistical errors; the largest pull is %.2g at point %zu",
                 w->chi2, w->n, w->chi2 / (double)w->n, w->pull[worst], worst + 1);
  if (!(w->chi2 <= 3 * (double)w->n)) warn_saturation(w);
  const com_params *p = ads_fit_params(w->f);
  for (size_t b = 0; b < com_params_n_blocks(p); b++) {
    const com_block *q = com_params_block(p, b);
    const double v = w->r->full[q->off];
    if (q->scalar && q->trained && (v <= q->lo * 1.0001 || v >= q->hi * 0.9999))
      com_ctx_warn(w->c, "at_bound", "%s = %.4g stands at its bound", q->name, v);
  }
  ads_report_warn_stop(w->c, w->r);
}

static void warn_scale(const work *w) {
  for (size_t g = 0; g < ads_fit_n_groups(w->f); g++) {
    const ads_group *q = ads_fit_group(w->f, g);
    if (q->data->scale_error > 0 && !ads_loss_has_scale(q->loss))
      com_ctx_warn(w->c, "scale_error",
                   "dataset %s has a common scale error of %.3g %% that is not part of chi2; it moves L and "
                   "lambda (loss.scale, infer)",
                   q->data->name, 100 * q->data->scale_error);
  }
}

com_status ads_report_result(com_ctx *c, ads_fit *f, const ads_report *r, cJSON **out) {
  work w = {.c = c, .f = f, .r = r, .n = ads_fit_n_points(f), .nt = com_params_n_trained(ads_fit_params(f))};
  com_status status = COM_OK;
  cJSON *j = NULL;
  *out = NULL;
  double *block = malloc((2 * w.n + w.n * w.nt + w.n + w.nt + 1) * sizeof *block);
  COM_ALLOC(c, block);
  w.pred = block;
  w.pull = w.pred + w.n;
  w.J = w.pull + w.n;
  w.s = w.J + w.n * w.nt;
  COM_GOTO(done, ads_fit_value(f, ADS_LOSS_PROPER, 1, -1, r->full, &w.loss, NULL, &w.n_bad));
  COM_GOTO(done, ads_fit_predict(f, r->full, w.pred, w.pull, &w.chi2));
  COM_GOTO(done, singular_values(&w));
  if (!(j = com_json_object())) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
  COM_GOTO(done, fill(&w, j));
  warn_fit(&w);
  warn_directions(&w);
  ads_report_warn_starts(c, r);
  warn_spread(&w);
  warn_scale(&w);
done:
  free(block);
  if (status)
    com_json_free(j);
  else
    *out = j;
  return status;
}

com_status ads_report_verdict(com_ctx *c, const cJSON *doc) {
  const cJSON *r = com_json_get(doc, "result");
  const int rootless =
      com_json_size(com_json_get(r, "predictions")) > 0 && com_json_is_null(com_json_get(r, "chi2")) &&
      com_json_is_number(com_json_get(com_json_at(com_json_get(r, "predictions"), 0), "error"));
  if (rootless)
    return COM_FAIL(c, COM_E_NEGATIVE,
                    "the learned metric has no on-shell response at some data points (chi2 is null): use "
                    "more restarts or another metric");
  return COM_OK;
}
