/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/fit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ads/fit_pairs.h"
#include "common/sum.h"

struct ads_fit {
  ads_flow_stats earlier; /* of the part before a resume */
  com_ctx *c;
  const ads_config *cfg;
  com_pool *pool;
  com_params *params;
  ads_fit_data *data; /* [n_groups] */
  ads_group *groups;
  size_t n_groups, n_owners;
  com_choice own_potential; /* loss of a dataset of kind potential that names none */
  com_choice tight;         /* flow of the report models */
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

/* "bulk.lambda" -> "bulk[T207].lambda" for a group's own block of a joint fit; several groups of one metric have one model. */
static void global_name(const ads_fit *f, const char *group, int several, const char *name, char out[128]) {
  const char *dot = strchr(name, '.');
  if (!several || !dot || is_shared(f->cfg, name))
    snprintf(out, 128, "%s", name);
  else
    snprintf(out, 128, "%.*s[%s]%s", (int)(dot - name), name, group, dot);
}

/* Add one block (or find the shared one) and fill the map of the group from entry `at`. */
static com_status add_block(ads_fit *f, ads_group *g, const com_block *b, const double *value, size_t at) {
  char name[128];
  const int of_model = at < ads_model_n_params(g->model);
  global_name(f, of_model ? f->groups[g->owner].name : g->name, of_model ? f->n_owners > 1 : f->n_groups > 1,
              b->name, name);
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
    ads_loss_extra e;
    ads_loss_operations(g->loss)->extra(ads_loss_self(g->loss), k, &e);
    COM_GOTO(done, add_block(f, g, &e.block, &e.value, at++));
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

/* The loss of a group: its entry's, for a potential the one that fits it, else the config's. */
static com_status loss_of(ads_fit *f, const ads_fit_data *d, const com_choice **out) {
  const int potential = d->data->kind == ADS_DATASET_POTENTIAL;
  *out = &f->cfg->loss;
  if (d->loss.type) *out = &d->loss;
  if (d->loss.type || !potential || strcmp(f->cfg->loss.type->name, "potential") == 0) return COM_OK;
  *out = &f->own_potential;
  if (f->own_potential.type) return COM_OK;
  cJSON *j = com_json_object();
  com_status s = com_json_add(f->c, j, "type", com_json_string("potential"));
  if (!s)
    s = com_field_choice_read(f->c, COM_E_CONFIG, &ads_loss_kind, f->cfg->file, "loss", j, &f->own_potential);
  com_json_free(j);
  return s;
}

static com_status make_group(ads_fit *f, const ads_fit_data *d, const com_choice *flow, ads_group *g) {
  com_ctx *c = f->c;
  const com_choice *loss = NULL;
  COM_TRY(make_model(f, flow, &g->model));
  COM_TRY(loss_of(f, d, &loss));
  const ads_dictionary_ops *dict = ads_model_dictionary(g->model)->ops;
  const int potential = d->data->kind == ADS_DATASET_POTENTIAL;
  COM_TRY(ads_dataset_convert(c, g->data, potential ? "fm" : dict->source_unit,
                              potential ? "GeV" : dict->response_unit));
  COM_TRY(ads_dataset_noise(c, g->data, ((const ads_loss_shared *)loss->shared)->noise));
  ads_dataset_widen(g->data, d->model_error);
  char seed_name[160];
  snprintf(seed_name, sizeof seed_name, *g->name ? "%s/" : "%s", g->name);
  const ads_loss_env env = {g->data, g->model, seed_name, f->cfg};
  COM_TRY(ads_loss_create(c, loss, &env, &g->loss));
  COM_CHECK(c, ads_loss_operations(g->loss)->wants == ads_loss_operations(f->groups[0].loss)->wants,
            COM_E_CONFIG, "%s: losses %s and %s cannot be added: one is a sum of squares, the other is not",
            f->cfg->file, ads_loss_operations(f->groups[0].loss)->c.name,
            ads_loss_operations(g->loss)->c.name);
  return map_group(f, g);
}

static com_status make_groups(ads_fit *f, const com_choice *flow) {
  com_ctx *c = f->c;
  COM_TRY(ads_fit_data_read(c, f->cfg, &f->n_groups, &f->data));
  COM_ALLOC(c, f->groups = calloc(f->n_groups, sizeof *f->groups));
  for (size_t i = 0; i < f->n_groups; i++) {
    f->groups[i].name = f->data[i].name;
    f->groups[i].data = f->data[i].data;
    f->groups[i].owner = f->data[i].owner;
    f->n_owners += f->data[i].owner == i;
  }
  for (size_t i = 0; i < f->n_groups; i++) COM_TRY(make_group(f, f->data + i, flow, f->groups + i));
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
  COM_GOTO(fail, ads_fit_pairs_check(f));
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
    free(q->map);
  }
  ads_fit_data_finish(f->n_groups, f->data);
  com_field_choice_finish(&ads_loss_kind, &f->own_potential);
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

com_ctx *ads_fit_ctx(const ads_fit *f) { return f->c; }
size_t ads_fit_n_groups(const ads_fit *f) { return f->n_groups; }
size_t ads_fit_n_owners(const ads_fit *f) { return f->n_owners; }
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
  for (size_t i = 0; i < 2 * f->n_groups && !status;
       i++) { /* first the owners of a metric, then who shares it */
    const size_t g = i % f->n_groups;
    const ads_group *q = f->groups + g;
    const ads_loss_ops *ops = ads_loss_operations(q->loss);
    if (!ops->start || (q->owner == g) != (i < f->n_groups)) continue;
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

/* The group whose loss leads the training through its stages: the first one that has stages. */
static const ads_loss *lead(const ads_fit *f) {
  for (size_t g = 0; g < f->n_groups; g++) {
    const ads_loss_ops *ops = ads_loss_operations(f->groups[g].loss);
    if (ops->n_stages && ops->n_stages(ads_loss_self(f->groups[g].loss)) > 0) return f->groups[g].loss;
  }
  return f->groups[0].loss;
}

size_t ads_fit_n_stages(const ads_fit *f) {
  const ads_loss *l = lead(f);
  const ads_loss_ops *ops = ads_loss_operations(l);
  return ops->n_stages ? ops->n_stages(ads_loss_self((ads_loss *)l)) : 0;
}

void ads_fit_stage(const ads_fit *f, size_t k, ads_loss_stage *out) {
  const ads_loss *l = lead(f);
  ads_loss_operations(l)->stage(ads_loss_self((ads_loss *)l), k, out);
}

unsigned ads_fit_wants(const ads_fit *f) { return ads_loss_operations(f->groups[0].loss)->wants; }

/* Is this a stage of the whole objective, with penalties and every dataset, rather than of the way to it? */
static int is_whole(const ads_fit *f, int stage) {
  if (stage == ADS_LOSS_PROPER || ads_fit_n_stages(f) == 0) return 1;
  ads_loss_stage s;
  ads_fit_stage(f, (size_t)stage, &s);
  return s.penalties;
}

/* The stage in the terms of a group's own loss.  Stages belong to the loss that leads: another loss joins where the objective is whole. */
static int own_stage(const ads_fit *f, const ads_group *q, int stage) {
  return ads_loss_operations(q->loss) == ads_loss_operations(lead(f)) ? stage : ADS_LOSS_PROPER;
}

static int takes_part(const ads_fit *f, const ads_group *q, int stage) {
  return own_stage(f, q, stage) == stage || is_whole(f, stage);
}

static size_t residual_count(const ads_fit *f, const ads_group *q, int stage) {
  if (!takes_part(f, q, stage)) return 0;
  return ads_loss_operations(q->loss)->n_res(ads_loss_self(q->loss), own_stage(f, q, stage));
}

/* Of a metric that several groups have: once. */
static size_t penalty_count(const ads_fit *f, const ads_group *q, int stage) {
  const int own = q == f->groups + q->owner;
  return own && is_whole(f, stage) ? ads_penalty_count(&f->cfg->penalties, ads_model_metric(q->model)) : 0;
}

size_t ads_fit_n_res(const ads_fit *f, int stage) {
  size_t m = 0;
  for (size_t g = 0; g < f->n_groups; g++) {
    const ads_group *q = f->groups + g;
    m += residual_count(f, q, stage) + penalty_count(f, q, stage);
  }
  return m + (is_whole(f, stage) ? ads_fit_pairs_count(f) : 0);
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
    const size_t m = residual_count(f, q, stage), np = penalty_count(f, q, stage);
    ads_fit_gather(f, g, full, f->p);
    COM_TRY(grow(f, m * q->np + np * metric->n_theta + 1));
    if (m)
      COM_TRY(ops->residuals(ads_loss_self(q->loss), own_stage(f, q, stage), f->p, r + at, J ? f->J : NULL,
                             n_bad));
    if (J) spread(q, m, q->np, f->J, n_full, J + at * n_full);
    at += m;
    if (np) {
      COM_TRY(ads_penalty_eval(f->c, &f->cfg->penalties, metric, f->p, r + at, J ? f->J : NULL));
      if (J) spread(q, np, metric->n_theta, f->J, n_full, J + at * n_full);
      at += np;
    }
  }
  return is_whole(f, stage) ? ads_fit_pairs_eval(f, full, r + at, J ? J + at * n_full : NULL) : COM_OK;
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
  if (!status) ads_loss_add_squares(m, n, r, r + m, value, g);
  free(r);
  return status;
}

static com_status penalty_value(ads_fit *f, const ads_group *q, double *value, double *gp) {
  const ads_metric *metric = ads_model_metric(q->model);
  const size_t m = penalty_count(f, q, ADS_LOSS_PROPER), nt = metric->n_theta;
  if (m == 0) return COM_OK;
  COM_TRY(grow(f, m * (nt + 1)));
  double *r = f->J, *J = f->J + m;
  COM_TRY(ads_penalty_eval(f->c, &f->cfg->penalties, metric, f->p, r, gp ? J : NULL));
  ads_loss_add_squares(m, nt, r, J, value, gp);
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
    if (is_whole(f, stage)) COM_TRY(penalty_value(f, q, &v, g ? f->gp : NULL));
    *value += v;
    if (g) ads_fit_scatter(f, k, f->gp, g);
  }
  return is_whole(f, stage) ? ads_fit_pairs_value(f, full, value, g) : COM_OK;
}

/* sum (b^2 - a^2) = sum (b - a)(b + a): what both sums share cancels before it is rounded. */
static com_status change_of_squares(ads_fit *f, const double *from, const double *to, double *df,
                                    size_t n_bad[2]) {
  const size_t m = ads_fit_n_res(f, ADS_LOSS_PROPER);
  com_sum sum = {0};
  double *a = malloc((2 * m + 1) * sizeof *a), *b = a + m;
  COM_ALLOC(f->c, a);
  com_status status = ads_fit_residuals(f, ADS_LOSS_PROPER, from, a, NULL, n_bad);
  if (!status) status = ads_fit_residuals(f, ADS_LOSS_PROPER, to, b, NULL, n_bad + 1);
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

com_status ads_fit_change(ads_fit *f, const double *from, const double *to, double *df, size_t n_bad[2]) {
  n_bad[0] = n_bad[1] = 0;
  if (ads_fit_wants(f) & COM_WANT_RJ) return change_of_squares(f, from, to, df, n_bad);
  *df = 0;
  if (!ads_loss_operations(f->groups[0].loss)->change) {
    double before = 0;
    COM_TRY(ads_fit_value(f, ADS_LOSS_PROPER, 1, -1, from, &before, NULL, n_bad));
    COM_TRY(ads_fit_value(f, ADS_LOSS_PROPER, 1, -1, to, df, NULL, n_bad + 1));
    *df -= before;
    return COM_OK;
  }
  for (size_t g = 0; g < f->n_groups; g++) {
    double d = 0;
    COM_TRY(change_of_group(f, g, from, to, &d));
    *df += d;
  }
  double before = 0;
  COM_TRY(ads_fit_pairs_value(f, from, &before, NULL));
  *df -= before;
  return ads_fit_pairs_value(f, to, df, NULL);
}

/* ---- reports ---- */

com_status ads_fit_report_model(ads_fit *f, size_t g, ads_model **out) {
  if (!f->report[g]) COM_TRY(make_model(f, &f->tight, &f->report[g]));
  *out = f->report[g];
  return COM_OK;
}

double ads_fit_scale(const ads_fit *f, size_t g, const double *p) {
  const ads_group *q = f->groups + g;
  return ads_loss_has_scale(q->loss) ? p[q->np - 1] : 1;
}
