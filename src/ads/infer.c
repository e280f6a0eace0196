/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/infer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ads/infer_bands.h"
#include "ads/infer_bootstrap.h"
#include "ads/infer_criticise.h"
#include "ads/infer_posterior.h"
#include "ads/infer_profile.h"
#include "ads/infer_spectrum.h"
#include "ads/report.h"
#include "common/sample_stats.h"
#include "common/text.h"

typedef struct job {
  com_ctx *c;
  ads_fit *fit;
  const ads_infer_opts *o;
  com_choice flow;
  com_pool *pool;
  ads_infer_space *space;
  ads_infer_target_spec spec;
  ads_infer_target *target;
  ads_infer_modes modes;
  ads_infer_draws *draws; /* [modes.n] */
  size_t n_mix, nq, n;    /* draws of all modes, resampled by weight */
  double *q, *R;          /* [n_mix][nq], [n_mix][n] */
} job;

com_status ads_infer_flow(com_ctx *c, const ads_config *cfg, const ads_infer_opts *o, com_choice *out) {
  const com_choice *from = o->flow.type ? &o->flow : &cfg->flow;
  cJSON *j = NULL;
  if (o->flow.type || strcmp(cfg->flow.type->name, "cvodes") != 0) {
    COM_TRY(com_field_choice_write(c, &ads_flow_kind, from, &j));
  } else { /* eighth order in log eta: 1e-8 of cvodes in a tenth of its time, and exactly differentiable */
    const ads_flow_shared *at = cfg->flow.shared;
    static const char *const ir[] = {"pi", "horizon"};
    COM_ALLOC(c, j = com_json_object());
    com_status s = com_json_add(c, j, "type", com_json_string("rk"));
    if (!s) s = com_json_add(c, j, "order", com_json_int(8));
    if (!s) s = com_json_add(c, j, "n_steps", com_json_int(30));
    if (!s) s = com_json_add(c, j, "grid", com_json_string("log"));
    if (!s) s = com_json_add(c, j, "eta_uv", com_json_real(at->eta_uv));
    if (!s) s = com_json_add(c, j, "eta_ir", com_json_real(at->eta_ir));
    if (!s) s = com_json_add(c, j, "ir", com_json_string(ir[at->ir != 0]));
    if (s) {
      com_json_free(j);
      return s;
    }
  }
  const com_status s =
      com_field_choice_read(c, COM_E_CONFIG, &ads_flow_kind, cfg->file, "infer.flow", j, out);
  com_json_free(j);
  return s;
}

/* ---- the two integrators agree ---- */

/* Largest relative difference of the predicted responses at the best mode; a warning above `check`. */
static com_status compare_flows(job *w, cJSON *out) {
  com_ctx *c = w->c;
  const size_t n = w->n, nf = com_params_n(ads_fit_params(w->fit));
  double *mem = malloc((3 * n + nf + 1) * sizeof *mem), worst = 0, chi2 = 0;
  COM_ALLOC(c, mem);
  double *pred = mem, *pull = pred + n, *R = pull + n, *full = R + n;
  int ok = 1;
  memcpy(full, com_params_values(ads_fit_params(w->fit)), nf * sizeof *full);
  ads_infer_space_full(w->space, w->modes.mode[0].q, full);
  com_status s = ads_infer_target_predict(w->target, 0, w->modes.mode[0].q, R, NULL, &ok);
  if (!s) s = ads_fit_predict(w->fit, full, pred, pull, &chi2);
  size_t at = 0;
  for (size_t g = 0; g < ads_fit_n_groups(w->fit) && !s; g++) {
    const double k = ads_infer_space_scale(w->space, g, w->modes.mode[0].q);
    const int own = ads_loss_has_scale(ads_fit_group(w->fit, g)->loss);
    for (size_t i = 0; i < ads_fit_group(w->fit, g)->data->n; i++, at++)
      worst = fmax(worst, fabs(R[at] / (own ? 1 : k) / pred[at] - 1));
  }
  free(mem);
  if (s) return s;
  if (!(worst <= w->o->check))
    com_ctx_warn(c, "flow_accuracy",
                 "the sampler's integrator and the config's at rel_tol 1e-11 differ by %.2g in the predicted "
                 "responses; "
                 "the tolerance infer.check is %.2g",
                 worst, w->o->check);
  cJSON *flow = NULL;
  COM_TRY(com_field_choice_write(c, &ads_flow_kind, &w->flow, &flow));
  COM_TRY(com_json_add(c, out, "flow", flow));
  return com_json_add(c, out, "flow_difference", com_json_real(worst));
}

/* ---- weights ---- */

static com_status weigh(job *w) {
  ads_infer_modes *m = &w->modes;
  double top = -INFINITY, sum = 0;
  for (size_t k = 0; k < m->n; k++) top = fmax(top, m->mode[k].log_z);
  for (size_t k = 0; k < m->n; k++) sum += exp(m->mode[k].log_z - top);
  for (size_t k = 0; k < m->n; k++) m->mode[k].weight = exp(m->mode[k].log_z - top) / sum;
  /* one list of draws: each mode contributes its share, evenly thinned */
  const size_t per = (size_t)(w->o->chains * w->o->draws);
  COM_ALLOC(w->c, w->q = malloc((per + m->n) * (w->nq + w->n) * sizeof *w->q));
  w->R = w->q + (per + m->n) * w->nq;
  for (size_t k = 0; k < m->n; k++) {
    const size_t want = (size_t)(m->mode[k].weight * (double)per + 0.5);
    for (size_t i = 0; i < want && w->n_mix < per + m->n; i++, w->n_mix++) {
      const size_t at = i * per / want;
      memcpy(w->q + w->n_mix * w->nq, w->draws[k].q + at * w->nq, w->nq * sizeof *w->q);
      memcpy(w->R + w->n_mix * w->n, w->draws[k].R + at * w->n, w->n * sizeof *w->R);
    }
  }
  return COM_OK;
}

/* Maxima between which the chains of one pass are the same mode: a mean within two spreads of the better mode's chains in every
 * coordinate, and no worse an R-hat together than apart. */
static int merged(const job *w, const ads_infer_draws *a, const ads_infer_mode *b) {
  const size_t total = a->chains * a->draws;
  for (size_t k = 0; k < w->nq; k++) {
    double mean = 0, var = 0;
    for (size_t i = 0; i < total; i++) mean += a->q[i * w->nq + k] / (double)total;
    for (size_t i = 0; i < total; i++) var += pow(a->q[i * w->nq + k] - mean, 2) / (double)total;
    if (fabs(b->q[k] - mean) > 3 * sqrt(var) + 1e-12) return 0;
  }
  return 1;
}

static com_sample_opts chains_of(const job *w) {
  const ads_infer_opts *o = w->o;
  return (com_sample_opts){.n = w->nq,
                           .chains = (size_t)o->chains,
                           .warmup = (size_t)o->warmup,
                           .draws = (size_t)o->draws,
                           .max_depth = o->max_depth,
                           .accept = o->accept};
}

static com_status sample(job *w) {
  const com_sample_opts so = chains_of(w);
  COM_ALLOC(w->c, w->draws = calloc(w->modes.n, sizeof *w->draws));
  size_t kept = 0;
  for (size_t k = 0; k < w->modes.n; k++) {
    int known = 0;
    for (size_t i = 0; i < kept && !known; i++) known = merged(w, w->draws + i, w->modes.mode + k);
    if (known) { /* a second maximum of a region that is already sampled */
      w->modes.mode[0].found += w->modes.mode[k].found;
      free(w->modes.mode[k].q);
      w->modes.mode[k].q = NULL;
      continue;
    }
    ads_infer_mode *m = w->modes.mode + k;
    char name[32];
    snprintf(name, sizeof name, "infer/mode/%zu", kept);
    const ads_infer_modes earlier = {.n = kept, .mode = w->modes.mode};
    COM_TRY(ads_infer_posterior_draw(w->c, w->target, &so, name, w->pool, m, &earlier, 1, w->draws + kept));
    if (w->draws[kept].draws == 0) { /* its chains went over to one of the earlier modes */
      free(m->q);
      m->q = NULL;
      continue;
    }
    if (kept != k) {
      w->modes.mode[kept] = *m;
      m->q = NULL;
    }
    kept++;
  }
  w->modes.n = kept;
  return weigh(w);
}

/* ---- report ---- */

static com_status add_stats(com_ctx *c, cJSON *list, const char *name, const com_sample_stats *s) {
  static const char *const keys[] = {"mean", "sd",  "mcse", "q05",      "q16",     "q50",
                                     "q84",  "q95", "rhat", "ess_bulk", "ess_tail"};
  const double v[] = {s->mean, s->sd,  s->mcse, s->q05,      s->q16,     s->q50,
                      s->q84,  s->q95, s->rhat, s->ess_bulk, s->ess_tail};
  cJSON *j = com_json_object();
  com_status status = com_json_add(c, j, "name", com_json_string(name));
  for (size_t k = 0; k < sizeof v / sizeof *v && !status; k++)
    status = com_json_add(c, j, keys[k], com_json_real(v[k]));
  if (!status) return com_json_push(c, list, j);
  com_json_free(j);
  return status;
}

/* Column k of a mode's draws in natural units: a q, or for a scalar its value. */
static void column(const job *w, const ads_infer_draws *d, size_t k, double *out) {
  char name[96];
  const com_params *p = ads_fit_params(w->fit);
  const size_t total = d->chains * d->draws;
  ads_infer_space_name(w->space, k, name);
  const com_block *b = com_params_find(p, name);
  double *full = malloc((com_params_n(p) + 1) * sizeof *full);
  for (size_t i = 0; i < total; i++) {
    out[i] = d->q[i * w->nq + k];
    if (!b || !b->scalar || !full) continue;
    ads_infer_space_full(w->space, d->q + i * w->nq, full);
    out[i] = full[b->off];
  }
  free(full);
}

static com_status report_mode(job *w, size_t k, double *worst, cJSON *list) {
  com_ctx *c = w->c;
  const ads_infer_mode *m = w->modes.mode + k;
  const ads_infer_draws *d = w->draws + k;
  double *v = malloc((d->chains * d->draws + 1) * sizeof *v);
  COM_ALLOC(c, v);
  cJSON *j = com_json_object(), *stats = com_json_array(), *chains = com_json_array();
  com_status s = j && stats && chains ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  size_t divergences = 0;
  *worst = 0;
  for (size_t i = 0; i < w->nq && !s; i++) {
    com_sample_stats st;
    char name[96];
    column(w, d, i, v);
    ads_infer_space_name(w->space, i, name);
    s = com_sample_stats_of(c, d->chains, d->draws, v, &st);
    *worst = fmax(*worst, st.rhat);
    if (!s) s = add_stats(c, stats, name, &st);
  }
  for (size_t i = 0; i < d->chains && !s; i++) {
    const com_sample_chain *r = d->chain + i;
    cJSON *e = com_json_object();
    divergences += r->divergences;
    s = com_json_add(c, e, "step", com_json_real(r->step));
    if (!s) s = com_json_add(c, e, "accept", com_json_real(r->accept));
    if (!s) s = com_json_add(c, e, "bfmi", com_json_real(r->bfmi));
    if (!s) s = com_json_add(c, e, "divergences", com_json_int((long long)r->divergences));
    if (!s) s = com_json_add(c, e, "saturated", com_json_int((long long)r->saturated));
    if (!s)
      s = com_json_add(c, e, "gradients", com_json_int((long long)(r->gradients + r->gradients_warmup)));
    if (s)
      com_json_free(e);
    else
      s = com_json_push(c, chains, e);
  }
  if (!s) s = com_json_add(c, j, "logp", com_json_real(m->logp));
  if (!s) s = com_json_add(c, j, "chi2", com_json_real(m->chi2));
  if (!s) s = com_json_add(c, j, "found", com_json_int((long long)m->found));
  if (!s) s = com_json_add(c, j, "log_evidence", com_json_real(m->log_z));
  if (!s) s = com_json_add(c, j, "log_evidence_error", com_json_real(m->log_z_error));
  if (!s) s = com_json_add(c, j, "weight", com_json_real(m->weight));
  /* d w = w (1 - w) d log Z against the rest */
  if (!s) s = com_json_add(c, j, "weight_error", com_json_real(m->weight * (1 - m->weight) * m->log_z_error));
  if (!s) s = com_json_add(c, j, "rhat_max", com_json_real(*worst));
  if (!s) s = com_json_add(c, j, "divergences", com_json_int((long long)divergences));
  if (!s) {
    s = com_json_add(c, j, "parameters", stats);
    stats = NULL;
  }
  if (!s) {
    s = com_json_add(c, j, "chains", chains);
    chains = NULL;
  }
  if (!s) {
    s = com_json_push(c, list, j);
    j = NULL;
  }
  if (!s && *worst > 1.01)
    com_ctx_warn(c, "rhat", "mode %zu: the chains have not mixed (largest R-hat %.3f); raise infer.draws",
                 k + 1, *worst);
  if (!s && divergences * 100 > d->chains * d->draws)
    com_ctx_warn(c, "divergences",
                 "mode %zu: %zu of %zu draws diverged: the edge of the support is cut; raise infer.accept",
                 k + 1, divergences, d->chains * d->draws);
  com_json_free(chains);
  com_json_free(stats);
  com_json_free(j);
  free(v);
  return s;
}

/* ---- companions ---- */

static com_status csv(job *w, char **out) {
  com_text t = {0};
  char name[96];
  com_text_add(&t, "mode,chain,draw");
  for (size_t k = 0; k < w->nq; k++) {
    ads_infer_space_name(w->space, k, name);
    com_text_printf(&t, ",%s", name);
  }
  for (size_t k = 0; k < w->n; k++) com_text_printf(&t, ",response[%zu]", k);
  com_text_add(&t, ",logp,chi2,divergent\n");
  for (size_t m = 0; m < w->modes.n; m++) {
    const ads_infer_draws *d = w->draws + m;
    const size_t total = d->chains * d->draws;
    double *v = malloc((w->nq * total + 1) * sizeof *v);
    COM_ALLOC(w->c, v);
    for (size_t k = 0; k < w->nq; k++) column(w, d, k, v + k * total);
    for (size_t i = 0; i < total; i++) {
      com_text_printf(&t, "%zu,%zu,%zu", m, i / d->draws, i % d->draws);
      for (size_t k = 0; k < w->nq; k++) com_text_printf(&t, ",%.9g", v[k * total + i]);
      for (size_t k = 0; k < w->n; k++) com_text_printf(&t, ",%.9g", d->R[i * w->n + k]);
      com_text_printf(&t, ",%.9g,%.9g,%d\n", d->logp[i], d->chi2[i], d->divergent[i]);
    }
    free(v);
  }
  return com_text_take(w->c, &t, out);
}

/* {"posterior": {name: [chain][draw]}, "sample_stats": {"lp", "diverging"}} of the first mode. */
static com_status arviz(job *w, cJSON **out) {
  com_ctx *c = w->c;
  const ads_infer_draws *d = w->draws;
  const size_t total = d->chains * d->draws;
  double *v = malloc((total + 1) * sizeof *v);
  COM_ALLOC(c, v);
  cJSON *j = com_json_object(), *post = com_json_object(), *stats = com_json_object();
  com_status s = j ? com_json_add(c, j, "posterior", post) : COM_FAIL(c, COM_E_MEM, "out of memory");
  if (!s) s = com_json_add(c, j, "sample_stats", stats);
  for (size_t k = 0; k < w->nq + 2 && !s; k++) {
    char name[96] = "lp";
    cJSON *a = com_json_array();
    if (k < w->nq) {
      ads_infer_space_name(w->space, k, name);
      column(w, d, k, v);
    }
    if (k == w->nq) memcpy(v, d->logp, total * sizeof *v);
    for (size_t i = 0; k > w->nq && i < total; i++) v[i] = d->divergent[i];
    if (k > w->nq) snprintf(name, sizeof name, "diverging");
    for (size_t i = 0; i < d->chains && !s; i++)
      s = com_json_push(c, a, com_json_reals(v + i * d->draws, d->draws));
    if (s)
      com_json_free(a);
    else
      s = com_json_add(c, k < w->nq ? post : stats, name, a);
  }
  free(v);
  if (s) com_json_free(j);
  *out = s ? NULL : j;
  return s;
}

/* ---- run ---- */

static com_status setup(job *w, const ads_infer_prior *prior) {
  com_ctx *c = w->c;
  COM_TRY(ads_infer_flow(c, ads_fit_config(w->fit), w->o, &w->flow));
  COM_TRY(com_pool_create(c, com_ctx_threads(c), &w->pool));
  COM_TRY(ads_infer_space_create(c, w->fit, prior, &w->space));
  const size_t threads = com_pool_threads(w->pool), chains = (size_t)w->o->chains;
  w->spec = (ads_infer_target_spec){w->fit, w->space, &w->flow, chains > threads ? chains : threads, NULL};
  COM_TRY(ads_infer_target_create(c, &w->spec, &w->target));
  w->nq = ads_infer_space_n(w->space);
  w->n = ads_infer_target_points(w->target);
  return COM_OK;
}

static void teardown(job *w) {
  for (size_t k = 0; w->draws && k < w->modes.n; k++) ads_infer_posterior_draws_finish(w->draws + k);
  free(w->draws);
  free(w->q);
  ads_infer_posterior_modes_finish(&w->modes);
  ads_infer_target_destroy(w->target);
  ads_infer_space_destroy(w->space);
  com_pool_destroy(w->pool);
  com_field_choice_finish(&ads_flow_kind, &w->flow);
}

static com_status start_of(job *w, const cJSON *parameters, double **full) {
  *full = NULL;
  if (!parameters) return COM_OK;
  com_params *p = ads_fit_params(w->fit);
  COM_TRY(com_params_read(w->c, ads_fit_config(w->fit)->file, parameters, p));
  COM_ALLOC(w->c, *full = malloc((com_params_n(p) + 1) * sizeof **full));
  memcpy(*full, com_params_values(p), com_params_n(p) * sizeof **full);
  return COM_OK;
}

/* ---- beside the chains ---- */

static com_status criticise(job *w, cJSON *out) {
  cJSON *part = NULL;
  com_sample_opts again = chains_of(w);
  again.draws = (again.draws + 1) / 2;
  again.warmup = (again.warmup + 1) / 2;
  const ads_infer_criticise_job o = {
      w->target, w->n_mix, w->R, w->modes.mode[0].q, w->o->refit ? &again : NULL, w->pool};
  COM_TRY(ads_infer_criticise(w->c, &o, &part));
  return com_json_add(w->c, out, "criticism", part);
}

/* Profiles and bootstraps of the quantities that people ask for. */
static com_status second_opinions(job *w, cJSON *out) {
  com_ctx *c = w->c;
  const ads_infer_opts *o = w->o;
  static const double at = 0.3;
  ads_infer_quantities list = {0};
  cJSON *part = NULL;
  com_status status = COM_OK;
  if (!o->profile && !o->bootstrap) return COM_OK;
  COM_TRY(ads_infer_quantity_init(c, w->fit, o->eta.n ? o->eta.n : 1, o->eta.n ? o->eta.v : &at, 1, &list));
  const double *q = w->modes.mode[0].q;
  const ads_infer_profile_job profile = {w->target, &list, q, w->n_mix, w->q, (size_t)o->profile | 1,
                                         w->pool};
  const ads_infer_bootstrap_job bootstrap = {&w->spec, &list, q, (size_t)o->bootstrap, o->credible, w->pool};
  if (o->profile) COM_GOTO(done, ads_infer_profile(c, &profile, &part));
  if (o->profile) COM_GOTO(done, com_json_add(c, out, "profiles", part));
  if (o->bootstrap) COM_GOTO(done, ads_infer_bootstrap(c, &bootstrap, &part));
  if (o->bootstrap) COM_GOTO(done, com_json_add(c, out, "bootstrap", part));
done:
  ads_infer_quantity_finish(&list);
  return status;
}

/* One row of the comparison: name, sizes, scores, and how the pointwise scores differ from the first row's. */
static com_status family_row(job *w, const char *name, const cJSON *k, const cJSON *first, cJSON *list) {
  com_ctx *c = w->c;
  const cJSON *a = com_json_first(com_json_get(k, "points")),
              *b = com_json_first(com_json_get(first, "points"));
  double sum = 0, sum2 = 0, n = 0, log_z = -INFINITY;
  for (; a && b; a = com_json_next(a), b = com_json_next(b), n++) {
    const double d = com_json_num(com_json_get(a, "loo"), NAN) - com_json_num(com_json_get(b, "loo"), NAN);
    sum += d;
    sum2 += d * d;
  }
  for (size_t m = 0; m < w->modes.n; m++)
    log_z = fmax(log_z, w->modes.mode[m].log_z) +
            log1p(exp(-fabs(log_z - w->modes.mode[m].log_z))); /* log(e^a + e^b) */
  cJSON *e = com_json_object();
  com_status s = com_json_add(c, e, "metric", com_json_string(name));
  if (!s) s = com_json_add(c, e, "n_parameters", com_json_int((long long)w->nq));
  if (!s) s = com_json_add(c, e, "elpd_loo", com_json_copy(com_json_get(k, "elpd_loo")));
  if (!s) s = com_json_add(c, e, "elpd_waic", com_json_copy(com_json_get(k, "elpd_waic")));
  if (!s) s = com_json_add(c, e, "pareto_k_max", com_json_copy(com_json_get(k, "pareto_k_max")));
  if (!s) s = com_json_add(c, e, "elpd_difference", com_json_real(sum));
  if (!s)
    s = com_json_add(c, e, "elpd_difference_error",
                     com_json_real(n > 1 ? sqrt(n / (n - 1) * fmax(0, sum2 - sum * sum / n)) : NAN));
  if (!s) s = com_json_add(c, e, "log_evidence", com_json_real(log_z));
  if (!s) s = com_json_add(c, e, "log_evidence_error", com_json_real(w->modes.mode[0].log_z_error));
  if (!s) return com_json_push(c, list, e);
  com_json_free(e);
  return s;
}

/* The same posterior with another metric. */
static com_status family(job *w, const com_choice *metric, const cJSON *first, cJSON *list) {
  com_ctx *c = w->c;
  cJSON *j = NULL, *m = NULL, *part = com_json_object();
  const cJSON *none = NULL;
  ads_config cfg = {0};
  job v = {.c = c, .o = w->o};
  com_status status = COM_OK;
  COM_GOTO(done, ads_report_config(c, w->fit, &j));
  COM_GOTO(done, com_field_choice_write(c, &ads_metric_kind, metric, &m));
  COM_GOTO(done, com_json_add(c, j, "metric", m));
  COM_GOTO(done, ads_config_read(c, ads_fit_config(w->fit)->file, j, &cfg, &none));
  COM_GOTO(done, ads_fit_create(c, &cfg, NULL, &v.fit));
  COM_GOTO(done, setup(&v, &w->o->prior));
  COM_GOTO(done, ads_infer_posterior_modes(c, v.target, (size_t)w->o->starts, NULL, v.pool, &v.modes));
  COM_GOTO(done, sample(&v));
  COM_GOTO(done, criticise(&v, part));
  status = family_row(&v, metric->type->name, com_json_get(part, "criticism"), first, list);
done:
  teardown(&v);
  ads_fit_destroy(v.fit);
  if (cfg.file) ads_config_finish(&cfg);
  com_json_free(part);
  com_json_free(j);
  return status;
}

static com_status families(job *w, cJSON *out) {
  const com_choices *f = &w->o->families;
  if (f->n == 0) return COM_OK;
  const cJSON *own = com_json_get(out, "criticism");
  cJSON *list = com_json_array();
  com_status s = list ? COM_OK : COM_FAIL(w->c, COM_E_MEM, "out of memory");
  if (!s) s = family_row(w, ads_fit_config(w->fit)->metric.type->name, own, own, list);
  for (size_t k = 0; k < f->n && !s; k++) s = family(w, f->v + k, own, list);
  if (!s) return com_json_add(w->c, out, "families", list);
  com_json_free(list);
  return s;
}

/* The band of every scalar with doubled prior widths, beside the one at the given widths. */
static com_status sensitivity(job *w, const cJSON *bands, cJSON *out) {
  ads_infer_prior wide = w->o->prior;
  ads_infer_opts o = *w->o;
  job v = {.c = w->c, .fit = w->fit, .o = &o};
  cJSON *again = NULL, *j = com_json_object();
  com_status s = j ? COM_OK : COM_FAIL(w->c, COM_E_MEM, "out of memory");
  wide.width *= 2;
  o.draws = (o.draws + 1) / 2;
  if (!s) s = setup(&v, &wide);
  if (!s) {
    double *full = malloc((com_params_n(ads_fit_params(w->fit)) + 1) * sizeof *full);
    if (!full) s = COM_FAIL(w->c, COM_E_MEM, "out of memory");
    if (!s)
      memcpy(full, com_params_values(ads_fit_params(w->fit)),
             com_params_n(ads_fit_params(w->fit)) * sizeof *full);
    if (!s) ads_infer_space_full(w->space, w->modes.mode[0].q, full);
    if (!s) s = ads_infer_posterior_modes(w->c, v.target, (size_t)o.starts, full, v.pool, &v.modes);
    free(full);
  }
  if (!s) s = sample(&v);
  const ads_infer_bands_job job_ = {v.target, v.q, v.R, v.n_mix, (size_t)o.eta_points, 0, o.credible, v.pool};
  if (!s) s = ads_infer_bands(w->c, &job_, &again);
  const cJSON *a = com_json_get(bands, "scalars"), *b = com_json_get(again, "scalars");
  for (const cJSON *e = com_json_first(a); e && !s; e = com_json_next(e)) {
    const cJSON *f = com_json_get(b, com_json_key(e));
    const double shift =
        com_json_num(com_json_get(f, "median"), NAN) - com_json_num(com_json_get(e, "median"), NAN);
    const double width = com_json_num(com_json_get(e, "hi"), NAN) - com_json_num(com_json_get(e, "lo"), NAN),
                 wider = com_json_num(com_json_get(f, "hi"), NAN) - com_json_num(com_json_get(f, "lo"), NAN);
    cJSON *entry = com_json_copy(f);
    s = com_json_add(w->c, entry, "median_shift", com_json_real(shift));
    if (!s) s = com_json_add(w->c, entry, "width_ratio", com_json_real(wider / width));
    if (s)
      com_json_free(entry);
    else
      s = com_json_add(w->c, j, com_json_key(e), entry);
  }
  com_json_free(again);
  teardown(&v);
  if (s) com_json_free(j);
  return s ? s : com_json_add(w->c, out, "doubled_prior", j);
}

static com_status run(job *w, const cJSON *parameters, ads_infer_output *out) {
  com_ctx *c = w->c;
  double *full = NULL, worst = 0;
  size_t n_determined = 0;
  cJSON *r = out->result, *part = NULL, *list = NULL;
  com_status status = COM_OK;
  COM_TRY(setup(w, &w->o->prior));
  COM_GOTO(done, start_of(w, parameters, &full));
  COM_GOTO(done, ads_infer_posterior_modes(c, w->target, (size_t)w->o->starts, full, w->pool, &w->modes));
  const double *at =
      full ? full : w->modes.trained; /* where train would end, as chi2 without nuisance says */
  COM_GOTO(done, ads_infer_spectrum(c, w->fit, at, (size_t)w->o->eta_points, &n_determined, &part));
  COM_GOTO(done, com_json_add(c, r, "identifiability", part));
  COM_GOTO(done, compare_flows(w, r));
  COM_GOTO(done, sample(w));
  if (!(list = com_json_array())) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
  COM_GOTO(done, com_json_add(c, r, "modes", list));
  for (size_t k = 0; k < w->modes.n; k++) COM_GOTO(done, report_mode(w, k, &worst, list));
  const ads_infer_bands_job bands = {
      w->target,           w->q,           w->R,   w->n_mix, (size_t)w->o->eta_points,
      (size_t)w->o->bands, w->o->credible, w->pool};
  COM_GOTO(done, ads_infer_bands(c, &bands, &part));
  COM_GOTO(done, com_json_add(c, r, "bands", part));
  COM_GOTO(done, criticise(w, r));
  COM_GOTO(done, second_opinions(w, r));
  if (w->o->design) {
    COM_GOTO(done, ads_infer_spectrum_design(c, w->target, w->n_mix, w->q, w->R, &part));
    COM_GOTO(done, com_json_add(c, r, "design", part));
  }
  COM_GOTO(done, families(w, r));
  if (w->o->sensitivity) COM_GOTO(done, sensitivity(w, com_json_get(r, "bands"), r));
  COM_GOTO(done, csv(w, &out->csv));
  COM_GOTO(done, arviz(w, &out->arviz));
done:
  free(full);
  return status;
}

com_status ads_infer_run(com_ctx *c, ads_fit *fit, const cJSON *parameters, const ads_infer_opts *o,
                         ads_infer_output *out) {
  job w = {.c = c, .fit = fit, .o = o};
  *out = (ads_infer_output){0};
  COM_ALLOC(c, out->result = com_json_object());
  const com_status s = run(&w, parameters, out);
  teardown(&w);
  if (s) ads_infer_finish(out);
  return s;
}

com_status ads_infer_document(com_ctx *c, const char *file, ads_fit *fit, const cJSON *parameters,
                              ads_infer_output *draws, cJSON **doc) {
  ads_infer_opts o;
  *draws = (ads_infer_output){0};
  *doc = NULL;
  COM_TRY(ads_infer_opts_read(c, file, ads_fit_config(fit)->infer, &o));
  com_status s = ads_infer_run(c, fit, parameters, &o, draws);
  if (!s) {
    s = ads_report_wrap(c, fit, "holograd/inference/1", draws->result, doc);
    draws->result = NULL;
  }
  if (s) ads_infer_finish(draws);
  com_field_finish(ads_infer_opts_fields, &o);
  return s;
}

void ads_infer_finish(ads_infer_output *o) {
  com_json_free(o->result);
  com_json_free(o->arviz);
  free(o->csv);
  *o = (ads_infer_output){0};
}
