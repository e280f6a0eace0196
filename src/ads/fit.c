/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/fit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ads/onshell.h"
#include "common/linalg.h"
#include "common/sum.h"

struct ads_fit {
  ads_flow_stats earlier; /* of the part before a resume */
  com_ctx *c;
  const ads_config *cfg;
  com_pool *pool;
  com_params *params;
  ads_group *groups;
  size_t n_groups;
  com_choice tight;   /* flow of the report models */
  ads_model **report; /* [n_groups] models at report tolerance, made on first use; NULL entries = not yet */
  double *p, *gp, *J; /* work of one group: [max np], [max np], grown on demand */
  size_t J_size;
};

static const double REPORT_TOL =
    1e-13; /* near the zero mode a root moves by 1000 times the error of F: 1e-10 in the root (docs/identifiability.md) */

/* ---- construction ---- */

static int is_shared(const ads_config *cfg, const char *name) {
  for (size_t i = 0; i < cfg->shared.n; i++)
    if (strcmp(cfg->shared.v[i], name) == 0) return 1;
  return 0;
}

/* "bulk.lambda" -> "bulk[T207].lambda" for a group's own block of a joint fit. */
static void global_name(const ads_fit *f, const char *group, const char *name, char out[128]) {
  const char *dot = strchr(name, '.');
  if (f->n_groups == 1 || !dot || is_shared(f->cfg, name))
    snprintf(out, 128, "%s", name);
  else
    snprintf(out, 128, "%.*s[%s]%s", (int)(dot - name), name, group, dot);
}

/* Add one block (or find the shared one) and fill the map of the group from entry `at`. */
static com_status add_block(ads_fit *f, ads_group *g, const com_block *b, const double *value, size_t at) {
  char name[128];
  global_name(f, g->name, b->name, name);
  const com_block *known = com_params_find(f->params, name);
  if (!known) {
    com_block mine = *b;
    mine.name = name;
    COM_TRY(com_params_add(f->c, f->params, &mine));
    known = com_params_find(f->params, name);
    memcpy(com_params_data(f->params) + known->off, value, b->n * sizeof *value);
  }
  COM_CHECK(f->c, known->n == b->n, COM_E_CONFIG, "%s: shared %s has %zu values in group %s but %zu before",
            f->cfg->file, name, b->n, g->name, known->n);
  for (size_t k = 0; k < b->n; k++) g->map[at + k] = known->off + k;
  return COM_OK;
}

/* A loss may prefer couplings as they are; the config's "coordinates" has the last word. */
static com_block as_preferred(const ads_fit *f, const ads_group *g, const com_block *from) {
  com_block b = *from;
  const int bulk = strncmp(b.name, "bulk.", 5) == 0, dictionary = strncmp(b.name, "dictionary.", 11) == 0;
  const int coordinates = bulk ? ((const ads_bulk_shared *)f->cfg->bulk.shared)->coordinates
                          : dictionary
                              ? ((const ads_dictionary_shared *)f->cfg->dictionary.shared)->coordinates
                              : ADS_COORDINATES_LOG;
  if (!b.log || coordinates != ADS_COORDINATES_AUTO || !ads_loss_operations(g->loss)->natural) return b;
  b.log = 0; /* the bounds stay: a coupling keeps its sign unless "natural" is asked for */
  return b;
}

static com_status map_group(ads_fit *f, ads_group *g) {
  com_params *own = NULL;
  com_status status = COM_OK;
  size_t at = 0;
  const size_t n_extra = ads_loss_n_extra(g->loss);
  g->np = ads_loss_n_params(g->loss);
  COM_ALLOC(f->c, g->map = malloc((g->np ? g->np : 1) * sizeof *g->map));
  COM_GOTO(done, com_params_create(f->c, &own));
  COM_GOTO(done, ads_model_params(f->c, g->model, NULL, own));
  for (size_t i = 0; i < com_params_n_blocks(own); i++) {
    const com_block b = as_preferred(f, g, com_params_block(own, i));
    COM_GOTO(done, add_block(f, g, &b, com_params_values(own) + b.off, at));
    at += b.n;
  }
  for (size_t k = 0; k < n_extra; k++) {
    com_block b;
    double value = 0;
    ads_loss_operations(g->loss)->extra(ads_loss_self(g->loss), k, &b, &value);
    COM_GOTO(done, add_block(f, g, &b, &value, at++));
  }
done:
  com_params_destroy(own);
  return status;
}

static com_status make_model(ads_fit *f, const com_choice *flow, ads_model **out) {
  const ads_config *cfg = f->cfg;
  const ads_model_parts parts = {&cfg->metric, &cfg->bulk, &cfg->dictionary, flow};
  return ads_model_create(f->c, &parts, f->pool, out);
}

static com_status make_group(ads_fit *f, const cJSON *data, const char *name, const com_choice *flow,
                             ads_group *g) {
  com_ctx *c = f->c;
  COM_ALLOC(c, g->name = strdup(name));
  COM_TRY(ads_dataset_load(c, f->cfg->file, data, &g->data));
  COM_TRY(make_model(f, flow, &g->model));
  const ads_dictionary_ops *d = ads_model_dictionary(g->model)->ops;
  COM_TRY(ads_dataset_convert(c, g->data, d->source_unit, d->response_unit));
  COM_TRY(ads_dataset_noise(c, g->data, ((const ads_loss_shared *)f->cfg->loss.shared)->noise));
  char seed_name[160];
  snprintf(seed_name, sizeof seed_name, *name ? "%s/" : "%s", name);
  const ads_loss_env env = {g->data, g->model, seed_name};
  COM_TRY(ads_loss_create(c, &f->cfg->loss, &env, &g->loss));
  return map_group(f, g);
}

static com_status make_groups(ads_fit *f, const com_choice *flow) {
  const ads_config *cfg = f->cfg;
  com_ctx *c = f->c;
  COM_CHECK(c, cfg->dataset || cfg->datasets, COM_E_CONFIG,
            "%s: dataset is missing: give the path of a dataset file, or use --data FILE", cfg->file);
  f->n_groups = cfg->datasets ? com_json_size(cfg->datasets) : 1;
  COM_CHECK(c, f->n_groups > 0 && (!cfg->datasets || com_json_is_array(cfg->datasets)), COM_E_CONFIG,
            "%s: datasets: must be a list [{\"file\":...,\"group\":NAME},...] of at least one entry",
            cfg->file);
  COM_ALLOC(c, f->groups = calloc(f->n_groups, sizeof *f->groups));
  if (!cfg->datasets) return make_group(f, cfg->dataset, "", flow, f->groups);
  for (size_t i = 0; i < f->n_groups; i++) {
    const cJSON *e = com_json_at(cfg->datasets, i), *file = com_json_get(e, "file");
    const char *name = com_json_str(com_json_get(e, "group"), NULL);
    COM_CHECK(c, file && name && *name, COM_E_CONFIG, "%s: datasets[%zu]: needs \"file\" and \"group\"",
              cfg->file, i);
    for (size_t k = 0; k < i; k++)
      COM_CHECK(c, strcmp(f->groups[k].name, name) != 0, COM_E_CONFIG,
                "%s: datasets[%zu].group = \"%s\": is used twice", cfg->file, i, name);
    COM_TRY(make_group(f, file, name, flow, f->groups + i));
  }
  return COM_OK;
}

static com_status check_shared(const ads_fit *f) {
  for (size_t i = 0; i < f->cfg->shared.n; i++)
    COM_CHECK(f->c, com_params_find(f->params, f->cfg->shared.v[i]), COM_E_CONFIG,
              "%s: shared[%zu] = \"%s\": no such parameter; e.g. metric.theta, bulk.lambda, dictionary.L",
              f->cfg->file, i, f->cfg->shared.v[i]);
  return COM_OK;
}

com_status ads_fit_create(com_ctx *c, const ads_config *cfg, const com_choice *flow, ads_fit **out) {
  com_status status = COM_OK;
  size_t max_np = 1;
  *out = NULL;
  ads_fit *f = calloc(1, sizeof *f);
  COM_ALLOC(c, f);
  f->c = c;
  f->cfg = cfg;
  if (!flow) flow = &cfg->flow;
  COM_GOTO(fail, com_pool_create(c, com_ctx_threads(c), &f->pool));
  COM_GOTO(fail, com_params_create(c, &f->params));
  COM_GOTO(fail, make_groups(f, flow));
  COM_GOTO(fail, check_shared(f));
  COM_GOTO(fail, ads_fit_tight_flow(c, flow, REPORT_TOL, &f->tight));
  for (size_t g = 0; g < f->n_groups; g++)
    if (f->groups[g].np > max_np) max_np = f->groups[g].np;
  f->report = calloc(f->n_groups, sizeof *f->report);
  f->p = malloc(max_np * sizeof *f->p);
  f->gp = malloc(max_np * sizeof *f->gp);
  if (!f->report || !f->p || !f->gp) COM_GOTO(fail, COM_FAIL(c, COM_E_MEM, "out of memory"));
  *out = f;
  return COM_OK;
fail:
  ads_fit_destroy(f);
  return status;
}

void ads_fit_destroy(ads_fit *f) {
  if (!f) return;
  for (size_t g = 0; f->groups && g < f->n_groups; g++) {
    ads_group *q = f->groups + g;
    if (f->report) ads_model_destroy(f->report[g]);
    ads_loss_destroy(q->loss);
    ads_model_destroy(q->model);
    ads_dataset_destroy(q->data);
    free(q->map);
    free(q->name);
  }
  com_field_choice_finish(&ads_flow_kind, &f->tight);
  free(f->groups);
  free(f->report);
  free(f->p);
  free(f->gp);
  free(f->J);
  com_params_destroy(f->params);
  com_pool_destroy(f->pool);
  free(f);
}

com_status ads_fit_tight_flow(com_ctx *c, const com_choice *flow, double rel_tol, com_choice *out) {
  cJSON *j = NULL;
  COM_TRY(com_field_choice_write(c, &ads_flow_kind, flow, &j));
  com_status status = COM_OK;
  const double rel = com_json_num(com_json_get(j, "rel_tol"), 0),
               abs = com_json_num(com_json_get(j, "abs_tol"), 0);
  if (rel > rel_tol) COM_GOTO(done, com_json_add(c, j, "rel_tol", com_json_real(rel_tol)));
  if (abs > 1e-3 * rel_tol) COM_GOTO(done, com_json_add(c, j, "abs_tol", com_json_real(1e-3 * rel_tol)));
  status = com_field_choice_read(c, COM_E_CONFIG, &ads_flow_kind, "flow", "flow", j, out);
done:
  com_json_free(j);
  return status;
}

/* ---- queries ---- */

size_t ads_fit_n_groups(const ads_fit *f) { return f->n_groups; }
const ads_group *ads_fit_group(const ads_fit *f, size_t g) { return f->groups + g; }
com_params *ads_fit_params(ads_fit *f) { return f->params; }
const ads_config *ads_fit_config(const ads_fit *f) { return f->cfg; }

size_t ads_fit_n_points(const ads_fit *f) {
  size_t n = 0;
  for (size_t g = 0; g < f->n_groups; g++) n += f->groups[g].data->n;
  return n;
}

void ads_fit_gather(const ads_fit *f, size_t g, const double *full, double *p) {
  const ads_group *q = f->groups + g;
  for (size_t k = 0; k < q->np; k++) p[k] = full[q->map[k]];
}

void ads_fit_scatter(const ads_fit *f, size_t g, const double *gp, double *gfull) {
  const ads_group *q = f->groups + g;
  for (size_t k = 0; k < q->np; k++) gfull[q->map[k]] += gp[k];
}

static void add_stats(ads_flow_stats *a, const ads_flow_stats *b) {
  a->steps += b->steps;
  a->rhs += b->rhs;
  a->steps_back += b->steps_back;
  a->rhs_back += b->rhs_back;
  a->checkpoints += b->checkpoints;
  a->forward_calls += b->forward_calls;
  a->backward_calls += b->backward_calls;
}

void ads_fit_flow_stats(const ads_fit *f, ads_flow_stats *out) {
  *out = f->earlier;
  for (size_t g = 0; g < f->n_groups; g++) {
    ads_flow_stats s;
    ads_flow_statistics(ads_model_flow(f->groups[g].model), &s);
    add_stats(out, &s);
  }
}

void ads_fit_flow_resume(ads_fit *f, const ads_flow_stats *earlier) { f->earlier = *earlier; }

/* ---- starts ---- */

/* Draw the entries of every group from its own stream; shared entries come from the first group that has them. */
static com_status draw(ads_fit *f, size_t k, int missing_only, double *full) {
  unsigned char *seen = calloc(com_params_n(f->params) + 1, 1);
  COM_ALLOC(f->c, seen);
  com_status status = COM_OK;
  for (size_t g = 0; g < f->n_groups && !status; g++) {
    const ads_group *q = f->groups + g;
    const size_t nm = ads_model_n_params(q->model);
    char stream[160];
    com_rng *rng = NULL;
    snprintf(stream, sizeof stream, "start/%zu%s%s", k, *q->name ? "/" : "", q->name);
    status = com_rng_create(f->c, com_ctx_seed(f->c), stream, &rng);
    if (status) break;
    ads_fit_gather(f, g, full, f->p);
    ads_model_start(q->model, rng, missing_only, f->p);
    for (size_t i = 0; i < nm; i++) {
      if (!seen[q->map[i]]) full[q->map[i]] = f->p[i];
      seen[q->map[i]] = 1;
    }
    com_rng_destroy(rng);
  }
  free(seen);
  return status;
}

com_status ads_fit_start(ads_fit *f, size_t k, double *full) {
  const size_t n = com_params_n(f->params), nt = com_params_n_trained(f->params);
  memcpy(full, com_params_values(f->params), n * sizeof *full);
  COM_TRY(draw(f, 1, 1, full));
  if (k <= 1) return COM_OK;
  double *fresh = malloc((n ? n : 1) * sizeof *fresh);
  COM_ALLOC(f->c, fresh);
  memcpy(fresh, full, n * sizeof *full);
  const com_status status = draw(f, k, 0, fresh);
  for (size_t i = 0; i < nt && !status; i++) {
    const size_t at = com_params_trained_index(f->params, i);
    full[at] = fresh[at];
  }
  free(fresh);
  return status;
}

com_status ads_fit_improve(ads_fit *f, double *full) {
  const size_t n = com_params_n(f->params), nt = com_params_n_trained(f->params);
  unsigned char *trained = calloc(2 * n + 2, 1), *own = trained ? trained + n + 1 : NULL;
  COM_ALLOC(f->c, trained);
  com_status status = COM_OK;
  for (size_t i = 0; i < nt; i++) trained[com_params_trained_index(f->params, i)] = 1;
  for (size_t g = 0; g < f->n_groups && !status; g++) {
    const ads_group *q = f->groups + g;
    const ads_loss_ops *ops = ads_loss_operations(q->loss);
    if (!ops->start) continue;
    for (size_t k = 0; k < q->np; k++) own[k] = trained[q->map[k]];
    ads_fit_gather(f, g, full, f->p);
    status = ops->start(ads_loss_self(q->loss), own, f->p);
    for (size_t k = 0; k < q->np; k++) {
      full[q->map[k]] = f->p[k];
      trained[q->map[k]] = 0; /* a shared entry is set by the first group */
    }
  }
  free(trained);
  return status;
}

/* ---- stages and objective ---- */

size_t ads_fit_n_stages(const ads_fit *f) {
  const ads_loss_ops *ops = ads_loss_operations(f->groups[0].loss);
  return ops->n_stages ? ops->n_stages(ads_loss_self(f->groups[0].loss)) : 0;
}

void ads_fit_stage(const ads_fit *f, size_t k, ads_loss_stage *out) {
  ads_loss_operations(f->groups[0].loss)->stage(ads_loss_self(f->groups[0].loss), k, out);
}

unsigned ads_fit_wants(const ads_fit *f) { return ads_loss_operations(f->groups[0].loss)->wants; }

static int with_penalties(const ads_fit *f, int stage) {
  if (stage == ADS_LOSS_PROPER || ads_fit_n_stages(f) == 0) return 1;
  ads_loss_stage s;
  ads_fit_stage(f, (size_t)stage, &s);
  return s.penalties;
}

static size_t penalty_count(const ads_fit *f, const ads_group *g, int stage) {
  return with_penalties(f, stage) ? ads_penalty_count(&f->cfg->penalties, ads_model_metric(g->model)) : 0;
}

size_t ads_fit_n_res(const ads_fit *f, int stage) {
  size_t m = 0;
  for (size_t g = 0; g < f->n_groups; g++) {
    const ads_group *q = f->groups + g;
    m += ads_loss_operations(q->loss)->n_res(ads_loss_self(q->loss), stage) + penalty_count(f, q, stage);
  }
  return m;
}

static com_status grow(ads_fit *f, size_t n) {
  if (n <= f->J_size) return COM_OK;
  double *J = realloc(f->J, n * sizeof *J);
  COM_ALLOC(f->c, J);
  f->J = J;
  f->J_size = n;
  return COM_OK;
}

/* Rows of a group's Jacobian [m][width] (parameters 0..width of the group) into the full one. */
static void spread(const ads_group *q, size_t m, size_t width, const double *J, size_t n_full, double *out) {
  for (size_t i = 0; i < m; i++)
    for (size_t k = 0; k < width; k++) out[i * n_full + q->map[k]] += J[i * width + k];
}

com_status ads_fit_residuals(ads_fit *f, int stage, const double *full, double *r, double *J, size_t *n_bad) {
  const size_t n_full = com_params_n(f->params);
  size_t at = 0;
  *n_bad = 0;
  if (J) memset(J, 0, ads_fit_n_res(f, stage) * n_full * sizeof *J);
  for (size_t g = 0; g < f->n_groups; g++) {
    const ads_group *q = f->groups + g;
    const ads_loss_ops *ops = ads_loss_operations(q->loss);
    const ads_metric *metric = ads_model_metric(q->model);
    const size_t m = ops->n_res(ads_loss_self(q->loss), stage), np = penalty_count(f, q, stage);
    ads_fit_gather(f, g, full, f->p);
    COM_TRY(grow(f, m * q->np + np * metric->n_theta + 1));
    COM_TRY(ops->residuals(ads_loss_self(q->loss), stage, f->p, r + at, J ? f->J : NULL, n_bad));
    if (J) spread(q, m, q->np, f->J, n_full, J + at * n_full);
    at += m;
    if (np) {
      COM_TRY(ads_penalty_eval(f->c, &f->cfg->penalties, metric, f->p, r + at, J ? f->J : NULL));
      if (J) spread(q, np, metric->n_theta, f->J, n_full, J + at * n_full);
      at += np;
    }
  }
  return COM_OK;
}

/* Sum of squares and 2 J^T r. */
static com_status value_of_squares(ads_fit *f, int stage, const double *full, double *value, double *g,
                                   size_t *n_bad) {
  const size_t n = com_params_n(f->params), m = ads_fit_n_res(f, stage);
  double *r = malloc((m + (g ? m * n : 0) + 1) * sizeof *r);
  COM_ALLOC(f->c, r);
  const com_status status = ads_fit_residuals(f, stage, full, r, g ? r + m : NULL, n_bad);
  *value = 0;
  if (g) memset(g, 0, n * sizeof *g);
  for (size_t i = 0; i < m && !status; i++) {
    *value += r[i] * r[i];
    for (size_t k = 0; g && k < n; k++) g[k] += 2 * r[i] * r[m + i * n + k];
  }
  free(r);
  return status;
}

static com_status penalty_value(ads_fit *f, const ads_group *q, double *value, double *gp) {
  const ads_metric *metric = ads_model_metric(q->model);
  const size_t m = ads_penalty_count(&f->cfg->penalties, metric), nt = metric->n_theta;
  if (m == 0) return COM_OK;
  COM_TRY(grow(f, m * (nt + 1)));
  double *r = f->J, *J = f->J + m;
  COM_TRY(ads_penalty_eval(f->c, &f->cfg->penalties, metric, f->p, r, gp ? J : NULL));
  for (size_t i = 0; i < m; i++) {
    *value += r[i] * r[i];
    for (size_t k = 0; gp && k < nt; k++) gp[k] += 2 * r[i] * J[i * nt + k];
  }
  return COM_OK;
}

com_status ads_fit_value(ads_fit *f, int stage, size_t start, long step, const double *full, double *value,
                         double *g, size_t *n_bad) {
  if (ads_fit_wants(f) & COM_WANT_RJ) return value_of_squares(f, stage, full, value, g, n_bad);
  *value = 0;
  *n_bad = 0;
  if (g) memset(g, 0, com_params_n(f->params) * sizeof *g);
  for (size_t k = 0; k < f->n_groups; k++) {
    const ads_group *q = f->groups + k;
    double v = 0;
    ads_fit_gather(f, k, full, f->p);
    memset(f->gp, 0, q->np * sizeof *f->gp);
    COM_TRY(ads_loss_operations(q->loss)->value(ads_loss_self(q->loss), stage, start, step, f->p, &v,
                                                g ? f->gp : NULL, n_bad));
    if (with_penalties(f, stage)) COM_TRY(penalty_value(f, q, &v, g ? f->gp : NULL));
    *value += v;
    if (g) ads_fit_scatter(f, k, f->gp, g);
  }
  return COM_OK;
}

/* sum (b^2 - a^2) = sum (b - a)(b + a): what both sums share cancels before it is rounded. */
static com_status change_of_squares(ads_fit *f, const double *from, const double *to, double *df) {
  const size_t m = ads_fit_n_res(f, ADS_LOSS_PROPER);
  size_t n_bad = 0;
  com_sum sum = {0};
  double *a = malloc((2 * m + 1) * sizeof *a), *b = a + m;
  COM_ALLOC(f->c, a);
  com_status status = ads_fit_residuals(f, ADS_LOSS_PROPER, from, a, NULL, &n_bad);
  if (!status) status = ads_fit_residuals(f, ADS_LOSS_PROPER, to, b, NULL, &n_bad);
  for (size_t i = 0; i < m && !status; i++) com_sum_add(&sum, (b[i] - a[i]) * (b[i] + a[i]));
  *df = com_sum_value(&sum);
  free(a);
  return status;
}

static com_status penalties_at(ads_fit *f, size_t g, const double *full, double *value) {
  *value = 0;
  ads_fit_gather(f, g, full, f->p);
  return penalty_value(f, f->groups + g, value, NULL);
}

static com_status change_of_group(ads_fit *f, size_t g, const double *from, const double *to, double *df) {
  const ads_group *q = f->groups + g;
  double before = 0, after = 0;
  ads_fit_gather(f, g, from, f->p);
  ads_fit_gather(f, g, to, f->gp);
  COM_TRY(ads_loss_operations(q->loss)->change(ads_loss_self(q->loss), f->p, f->gp, df));
  COM_TRY(penalties_at(f, g, from, &before));
  COM_TRY(penalties_at(f, g, to, &after));
  *df += after - before;
  return COM_OK;
}

com_status ads_fit_change(ads_fit *f, const double *from, const double *to, double *df) {
  if (ads_fit_wants(f) & COM_WANT_RJ) return change_of_squares(f, from, to, df);
  size_t n_bad = 0;
  *df = 0;
  if (!ads_loss_operations(f->groups[0].loss)->change) {
    double before = 0;
    COM_TRY(ads_fit_value(f, ADS_LOSS_PROPER, 1, -1, from, &before, NULL, &n_bad));
    COM_TRY(ads_fit_value(f, ADS_LOSS_PROPER, 1, -1, to, df, NULL, &n_bad));
    *df -= before;
    return COM_OK;
  }
  for (size_t g = 0; g < f->n_groups; g++) {
    double d = 0;
    COM_TRY(change_of_group(f, g, from, to, &d));
    *df += d;
  }
  return COM_OK;
}

/* ---- reports ---- */

static com_status report_model(ads_fit *f, size_t g, ads_model **out) {
  if (!f->report[g]) COM_TRY(make_model(f, &f->tight, &f->report[g]));
  *out = f->report[g];
  return COM_OK;
}

/* The nuisance scale of a group (last parameter of the loss), 1 when there is none. */
static double scale_of(const ads_group *q, const double *p) {
  return ads_loss_n_extra(q->loss) ? p[q->np - 1] : 1;
}

static com_status predict_group(ads_fit *f, size_t g, const double *full, double *predicted, double *pull,
                                double *chi2) {
  const ads_group *q = f->groups + g;
  const ads_dataset *d = q->data;
  ads_model *m = NULL;
  COM_TRY(report_model(f, g, &m));
  ads_fit_gather(f, g, full, f->p);
  const double k = scale_of(q, f->p);
  unsigned char *ok = malloc(d->n);
  COM_ALLOC(f->c, ok);
  for (size_t i = 0; i < d->n; i++) predicted[i] = d->response[i] / k;
  com_status status = ads_onshell_nearest(m, f->p, d->n, d->source, 0, 1e-10, predicted, ok);
  int complete = 1;
  for (size_t i = 0; i < d->n && !status; i++) {
    predicted[i] = ok[i] ? k * predicted[i] : NAN;
    pull[i] = d->error && ok[i] ? (predicted[i] - d->response[i]) / d->error[i] : NAN;
    complete &= isfinite(pull[i]);
  }
  free(ok);
  if (status || !complete) {
    *chi2 = NAN;
    return status;
  }
  if (!d->cov) {
    for (size_t i = 0; i < d->n; i++) *chi2 += pull[i] * pull[i];
    return COM_OK;
  }
  COM_TRY(grow(f, d->n * (d->n + 1)));
  double *chol = f->J, *v = f->J + d->n * d->n;
  memcpy(chol, d->cov, d->n * d->n * sizeof *chol);
  COM_TRY(com_linalg_chol(f->c, d->n, chol));
  for (size_t i = 0; i < d->n; i++) v[i] = d->response[i] - predicted[i];
  com_linalg_forward(d->n, chol, v);
  for (size_t i = 0; i < d->n; i++) *chi2 += v[i] * v[i];
  return COM_OK;
}

com_status ads_fit_predict(ads_fit *f, const double *full, double *predicted, double *pull, double *chi2) {
  size_t at = 0;
  *chi2 = 0;
  for (size_t g = 0; g < f->n_groups; g++) {
    const ads_dataset *d = f->groups[g].data;
    if (d->kind == ADS_DATASET_RESPONSE)
      COM_TRY(predict_group(f, g, full, predicted + at, pull + at, chi2));
    else
      for (size_t i = 0; i < d->n; i++) predicted[at + i] = pull[at + i] = NAN;
    if (d->kind != ADS_DATASET_RESPONSE) *chi2 = NAN;
    at += d->n;
  }
  return COM_OK;
}

/* Rows -(F_p / F_r) k of the natural parameters, then the chain rule to x and the errors. */
static com_status sensitivity_group(ads_fit *f, size_t g, const double *full, const double *predicted,
                                    double *J) {
  const ads_group *q = f->groups + g;
  const ads_dataset *d = q->data;
  const size_t n = d->n, nt = com_params_n_trained(f->params), n_full = com_params_n(f->params);
  ads_model *m = NULL;
  ads_model_eval ev;
  COM_TRY(report_model(f, g, &m));
  ads_fit_gather(f, g, full, f->p);
  const double k = scale_of(q, f->p);
  COM_TRY(grow(f, n + n_full + n * n));
  double *r = f->J, *row = f->J + n, *chol = row + n_full;
  for (size_t i = 0; i < n; i++) r[i] = isfinite(predicted[i]) ? predicted[i] / k : d->response[i];
  COM_TRY(ads_model_run(m, ADS_MODEL_JAC, f->p, n, d->source, r, &ev));
  for (size_t i = 0; i < n; i++) {
    memset(row, 0, n_full * sizeof *row);
    for (size_t j = 0; j < ev.np; j++) row[q->map[j]] += -k * ev.Fp[i * ev.np + j] / ev.Fr[i];
    if (ads_loss_n_extra(q->loss)) row[q->map[q->np - 1]] += predicted[i] / k;
    com_params_chain(f->params, full, row, J + i * nt);
    for (size_t j = 0; j < nt && !d->cov; j++) J[i * nt + j] /= d->error ? d->error[i] : 1;
  }
  if (!d->cov) return COM_OK;
  memcpy(chol, d->cov, n * n * sizeof *chol);
  COM_TRY(com_linalg_chol(f->c, n, chol));
  for (size_t j = 0; j < nt; j++) {
    for (size_t i = 0; i < n; i++) r[i] = J[i * nt + j];
    com_linalg_forward(n, chol, r);
    for (size_t i = 0; i < n; i++) J[i * nt + j] = r[i];
  }
  return COM_OK;
}

com_status ads_fit_sensitivity(ads_fit *f, const double *full, const double *predicted, double *J) {
  size_t at = 0;
  const size_t nt = com_params_n_trained(f->params);
  for (size_t g = 0; g < f->n_groups; g++) {
    const ads_dataset *d = f->groups[g].data;
    if (d->kind == ADS_DATASET_RESPONSE)
      COM_TRY(sensitivity_group(f, g, full, predicted + at, J + at * nt));
    else
      memset(J + at * nt, 0, d->n * nt * sizeof *J);
    at += d->n;
  }
  return COM_OK;
}
