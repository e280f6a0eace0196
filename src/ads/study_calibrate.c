/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Simulation-based calibration: truth from the prior, data from the truth, posterior by a chain; the rank of the truth among L thinned
 * draws is uniform on 0..L when prior, likelihood and sampler are those that are stated (Talts et al., arXiv:1804.06788). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ads/infer_posterior.h"
#include "ads/replica.h"
#include "ads/study.h"
#include "common/replicas.h"
#include "common/rng.h"
#include "common/sample_stats.h"
#include "common/table.h"

enum { BINS = 10, MAX_ROUNDS = 4, FLOW_CHECKED = 10 };
enum { TRIES, FROM_TRUTH, ROUNDS, ESS, RHAT, DIVERGENCES, FLOW, CHI2, N_EXTRA }; /* of a row */
enum { RANK, SHARE, TRUTH, MEDIAN, N_PER };            /* per quantity, after them */
static const double SIGNIFICANCE = 0.001;              /* over all quantities together */
static const double COVER = 0.68, COVER_SIGMAS = 3.03; /* of a binomial: 58-78 % of 200 */

typedef struct job {
  const ads_study *s;
  ads_infer_prior prior;
  ads_infer_quantities list;
  size_t n, nq, width;
  const double *data; /* [n] of the config */
} job;

/* One world: fit, prior and posterior for given responses, in a context of its own. */
typedef struct world {
  ads_replica r;
  ads_infer_space *space;
  ads_infer_target *target;
} world;

static void close_world(world *w) {
  ads_infer_target_destroy(w->target);
  ads_infer_space_destroy(w->space);
  ads_replica_finish(&w->r);
}

static com_status open_world(const job *j, const double *y, world *w) {
  const ads_study *s = j->s;
  *w = (world){0};
  COM_TRY(ads_replica_init(s->c, s->fit, y, &w->r));
  COM_TRY(ads_infer_space_create(w->r.c, w->r.fit, &j->prior, &w->space));
  const ads_infer_target_spec spec = {w->r.fit, w->space, s->flow, 1, j->data};
  return ads_infer_target_create(w->r.c, &spec, &w->target);
}

/* ---- truth ---- */

/* From the prior by rejection: normal q, kept with the probability of the factors, when all responses exist within the range. */
static com_status draw_truth(world *w, com_rng *rng, double *q, double *R, double *tries) {
  enum { MOST = 100000000 };
  ads_infer_space *p = w->space;
  const size_t nq = ads_infer_space_n(p), nf = ads_infer_space_n_factors(p),
               n_full = com_params_n(ads_fit_params(w->r.fit));
  double *full = malloc((n_full + nf + 1) * sizeof *full), *r = full ? full + n_full : NULL;
  COM_ALLOC(w->r.c, full);
  memcpy(full, com_params_values(ads_fit_params(w->r.fit)), n_full * sizeof *full);
  com_status status = COM_OK;
  int ok = 0;
  for (*tries = 0; !ok && *tries < MOST && !status; *tries += 1) {
    double chi2 = 0;
    if (fmod(*tries, 1000) == 0 && com_ctx_stop(w->r.c)) status = COM_E_INTERRUPTED;
    for (size_t k = 0; k < nq; k++) q[k] = com_rng_normal(rng);
    const double u = com_rng_uniform(rng);
    ads_infer_space_full(p, q, full);
    if (nf && !status) status = ads_infer_space_factors(p, q, full, r, NULL);
    for (size_t k = 0; k < nf; k++) chi2 += r[k] * r[k];
    ok = !status && u < exp(-0.5 * chi2);
    if (ok) status = ads_infer_target_predict(w->target, 0, q, R, NULL, &ok);
  }
  free(full);
  if (!status && !ok)
    status = COM_FAIL(w->r.c, COM_E_NUM,
                      "no draw of the prior has responses within a factor %g of the data in %d tries; raise "
                      "study.range",
                      ads_infer_space_range(p), MOST);
  return status;
}

/* ---- posterior ---- */

/* The best maximum that random starts lead to; the truth when none does. */
static com_status find_mode(const job *j, world *w, const double *truth, double *q, double *logp,
                            double *chi2, double *from_truth) {
  const size_t nf = com_params_n(ads_fit_params(w->r.fit));
  double *full = malloc((nf + j->nq + 1) * sizeof *full), *at = full ? full + nf : NULL;
  COM_ALLOC(w->r.c, full);
  com_status s = COM_OK;
  *logp = -INFINITY;
  for (int k = 0; k <= j->s->o->starts && !s; k++) {
    double lp = -INFINITY, x2 = 0;
    int ok = 1;
    if (k == j->s->o->starts) {
      if (isfinite(*logp)) break;
      *from_truth = 1;
      memcpy(at, truth, j->nq * sizeof *at);
    } else {
      s = ads_fit_start(w->r.fit, (size_t)k + 1, full);
      if (!s) s = ads_replica_train(&w->r, full, NULL, &ok);
      if (s || !ok) continue;
      ads_infer_space_back(w->space, full, at);
    }
    s = ads_infer_posterior_climb(w->r.c, w->target, at, &lp, &x2, &ok);
    if (s == COM_E_NUM) {
      com_ctx_clear(w->r.c);
      s = COM_OK, ok = 0;
    }
    if (s || !ok || !(lp > *logp)) continue;
    *logp = lp;
    *chi2 = x2;
    memcpy(q, at, j->nq * sizeof *q);
  }
  free(full);
  return s;
}

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* How many of n values lie below x; equal ones (both without a value) with probability one half each. */
static size_t below(size_t n, const double *v, size_t stride, double x, com_rng *rng) {
  size_t count = 0, equal = 0;
  for (size_t i = 0; i < n; i++) {
    count += v[i * stride] < x;
    equal += v[i * stride] == x;
  }
  return count + (equal ? com_rng_below(rng, equal + 1) : 0);
}

/* Quantities of every draw; the smallest effective size of those that are cheap (the screening distance needs a background). */
static com_status assess(const job *j, world *w, const ads_infer_draws *d, double *v, double *row) {
  const size_t total = d->chains * d->draws;
  row[ESS] = INFINITY;
  row[RHAT] = 0;
  for (size_t k = 0; k < j->list.n; k++) {
    com_sample_stats st;
    if (j->list.v[k].kind == ADS_INFER_SCREENING) continue;
    for (size_t i = 0; i < total; i++)
      COM_TRY(ads_infer_quantity_value(w->r.c, &j->list, w->r.fit, w->space, k, d->q + i * d->nq,
                                       v + k * total + i));
    COM_TRY(com_sample_stats_of(w->r.c, d->chains, d->draws, v + k * total, &st));
    row[ESS] = fmin(row[ESS], isfinite(st.ess_bulk) ? st.ess_bulk : 0);
    row[RHAT] = fmax(row[RHAT], st.rhat);
  }
  row[DIVERGENCES] = 0;
  for (size_t i = 0; i < total; i++) row[DIVERGENCES] += d->divergent[i];
  return COM_OK;
}

/* Rank among the thinned draws; share of the draws below, for the coverage. */
static com_status rank(const job *j, world *w, const ads_infer_draws *d, const double *truth, double *v,
                       com_rng *rng, double *row) {
  const size_t total = d->chains * d->draws, levels = (size_t)j->s->o->levels;
  double *thin = malloc((levels + 1) * sizeof *thin);
  COM_ALLOC(w->r.c, thin);
  com_status s = COM_OK;
  for (size_t k = 0; k < j->list.n && !s; k++) {
    double *out = row + N_EXTRA + k * N_PER, x = NAN;
    const int slow = j->list.v[k].kind == ADS_INFER_SCREENING;
    s = ads_infer_quantity_value(w->r.c, &j->list, w->r.fit, w->space, k, truth, &x);
    for (size_t i = 0; i < levels && !s; i++) {
      const size_t at = (2 * i + 1) * total / (2 * levels);
      if (slow)
        s = ads_infer_quantity_value(w->r.c, &j->list, w->r.fit, w->space, k, d->q + at * d->nq, thin + i);
      else
        thin[i] = v[k * total + at];
      if (!isfinite(thin[i])) thin[i] = INFINITY; /* no screening: further than any distance */
    }
    out[TRUTH] = x;
    if (!isfinite(x)) x = INFINITY;
    out[RANK] = (double)below(levels, thin, 1, x, rng);
    const double *all = slow ? thin : v + k * total;
    const size_t n = slow ? levels : total;
    out[SHARE] = ((double)below(n, all, 1, x, rng) + 0.5) / ((double)n + 1);
    qsort(thin, levels, sizeof *thin, ascending);
    out[MEDIAN] = isfinite(thin[levels / 2]) ? thin[levels / 2] : NAN;
  }
  free(thin);
  return s;
}

static com_status chain(const job *j, size_t k, world *w, const double *truth, ads_infer_mode *mode,
                        com_rng *rng, double *row) {
  const ads_study_opts *o = j->s->o;
  com_sample_opts so = {.chains = 1,
                        .warmup = (size_t)o->warmup,
                        .draws = (size_t)o->draws,
                        .accept = j->s->infer->accept,
                        .max_depth = j->s->infer->max_depth};
  com_status s = COM_OK;
  int done = 0;
  for (int round = 0; round < MAX_ROUNDS && !s && !done; round++, so.draws *= 2) {
    char name[64];
    ads_infer_draws d = {0};
    snprintf(name, sizeof name, "study/%zu/%d", k, round);
    s = ads_infer_posterior_draw(w->r.c, w->target, &so, name, NULL, mode, NULL, 0, &d);
    double *v = s ? NULL : malloc((j->list.n * so.draws + 1) * sizeof *v);
    if (!s && !v) s = COM_FAIL(w->r.c, COM_E_MEM, "out of memory");
    if (!s) s = assess(j, w, &d, v, row);
    row[ROUNDS] = round + 1;
    done = !s && (row[ESS] >= o->ess || round + 1 == MAX_ROUNDS);
    if (done) s = rank(j, w, &d, truth, v, rng, row);
    free(v);
    ads_infer_posterior_draws_finish(&d);
  }
  return s;
}

/* Largest relative difference of the responses between the sampler's integrator and the config's at 1e-11. */
static com_status check_flow(const job *j, world *w, const double *q, const double *R, double *worst) {
  const size_t nf = com_params_n(ads_fit_params(w->r.fit)), n = j->n;
  double *full = malloc((nf + 2 * n + 1) * sizeof *full), chi2 = 0;
  COM_ALLOC(w->r.c, full);
  memcpy(full, com_params_values(ads_fit_params(w->r.fit)), nf * sizeof *full);
  ads_infer_space_full(w->space, q, full);
  const com_status s = ads_fit_predict(w->r.fit, full, full + nf, full + nf + n, &chi2);
  size_t at = 0;
  *worst = 0;
  for (size_t g = 0; g < ads_fit_n_groups(w->r.fit) && !s; g++) {
    const ads_group *a = ads_fit_group(w->r.fit, g);
    const double k = ads_loss_n_extra(a->loss) > 0 ? 1 : ads_infer_space_scale(w->space, g, q);
    for (size_t i = 0; i < a->data->n; i++, at++) *worst = fmax(*worst, fabs(R[at] / k / full[nf + at] - 1));
  }
  free(full);
  return s;
}

static com_status calibrate(const job *j, size_t k, world *prior, world *post, double *mem, com_rng *rng,
                            double *row) {
  const size_t n = j->n;
  double *truth = mem, *q = truth + j->nq, *R = q + j->nq, *y = R + n;
  COM_TRY(open_world(j, NULL, prior));
  COM_TRY(draw_truth(prior, rng, truth, R, row + TRIES));
  if (k < FLOW_CHECKED) COM_TRY(check_flow(j, prior, truth, R, row + FLOW));
  for (size_t i = 0; i < n; i++) y[i] = com_rng_normal(rng);
  ads_infer_target_noise(prior->target, y);
  for (size_t i = 0; i < n; i++) y[i] += R[i];
  COM_TRY(open_world(j, y, post));
  ads_infer_mode mode = {.q = q};
  row[FROM_TRUTH] = 0;
  COM_TRY(find_mode(j, post, truth, q, &mode.logp, row + CHI2, row + FROM_TRUTH));
  COM_CHECK(post->r.c, isfinite(mode.logp), COM_E_NUM,
            "no maximum of the posterior, not even from the truth");
  return chain(j, k, post, truth, &mode, rng, row);
}

static com_status one(size_t k, size_t worker, double *row, void *user) {
  (void)worker;
  const job *j = user;
  com_ctx *c = j->s->c;
  world prior = {0}, post = {0};
  com_rng *rng = NULL;
  char name[64];
  snprintf(name, sizeof name, "study/truth/%zu", k);
  COM_TRY(com_rng_create(c, com_ctx_seed(c), name, &rng));
  double *mem = malloc((2 * j->nq + 2 * j->n + 1) * sizeof *mem);
  com_status s = mem ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  for (size_t i = 0; i < j->width; i++) row[i] = NAN;
  if (!s) s = calibrate(j, k, &prior, &post, mem, rng, row);
  const com_ctx *said = post.r.c ? post.r.c : prior.r.c;
  if (s && s != COM_E_INTERRUPTED && said && *com_ctx_error(said))
    s = COM_FAIL(c, s, "dataset %zu: %s", k, com_ctx_error(said));
  close_world(&prior);
  close_world(&post);
  com_rng_destroy(rng);
  free(mem);
  return s;
}

/* ---- report ---- */

static double cover_limit(size_t n) { return COVER_SIGMAS * sqrt(COVER * (1 - COVER) / (double)n); }

static com_status quantity(const job *j, const double *rows, size_t k, size_t n, int *good, cJSON *list) {
  com_ctx *c = j->s->c;
  const size_t levels = (size_t)j->s->o->levels;
  size_t counts[BINS] = {0}, covered = 0;
  double numbers[BINS];
  for (size_t i = 0; i < n; i++) {
    const double *v = rows + i * j->width + N_EXTRA + k * N_PER;
    counts[(size_t)v[RANK] * BINS / (levels + 1)]++;
    covered += v[SHARE] >= 0.16 && v[SHARE] <= 0.84;
  }
  const double p = com_sample_stats_flat(BINS, counts), share = (double)covered / (double)n;
  const int fine = p > SIGNIFICANCE / (double)j->list.n && fabs(share - COVER) <= cover_limit(n);
  for (size_t b = 0; b < BINS; b++) numbers[b] = (double)counts[b];
  *good &= fine;
  cJSON *e = com_json_object();
  com_status s = com_json_add(c, e, "name", com_json_string(j->list.v[k].name));
  if (!s) s = com_json_add(c, e, "unit", com_json_string(j->list.v[k].unit));
  if (!s) s = com_json_add(c, e, "counts", com_json_reals(numbers, BINS));
  if (!s) s = com_json_add(c, e, "p", com_json_real(p));
  if (!s) s = com_json_add(c, e, "covered", com_json_int((long long)covered));
  if (!s) s = com_json_add(c, e, "coverage", com_json_real(share));
  if (!s) s = com_json_add(c, e, "calibrated", com_json_bool(fine));
  if (!s) return com_json_push(c, list, e);
  com_json_free(e);
  return s;
}

/* Every dataset: what happened, truth, median and rank of every quantity. */
static com_status table(const job *j, const double *rows, size_t n, cJSON *out) {
  static const char *const extra[] = {"tries", "from_truth",  "rounds",          "ess",
                                      "rhat",  "divergences", "flow_difference", "chi2_at_mode"};
  static const char *const per[] = {"rank", "share", "truth", "median"};
  com_ctx *c = j->s->c;
  com_table *t = NULL;
  double *col = malloc((n + 1) * sizeof *col);
  COM_ALLOC(c, col);
  com_status s = com_table_create(c, &t);
  for (size_t w = 0; w < j->width && !s; w++) {
    char name[160];
    const size_t k = w < N_EXTRA ? 0 : (w - N_EXTRA) / N_PER, at = w < N_EXTRA ? 0 : (w - N_EXTRA) % N_PER;
    for (size_t i = 0; i < n; i++) col[i] = rows[i * j->width + w];
    if (w < N_EXTRA)
      snprintf(name, sizeof name, "%s", extra[w]);
    else
      snprintf(name, sizeof name, "%s %s", per[at], j->list.v[k].name);
    s = com_table_add(c, t, name, w >= N_EXTRA && at >= TRUTH ? j->list.v[k].unit : "1", NULL, n, col, NULL);
  }
  if (!s) s = com_json_add(c, out, "datasets", com_table_json(t));
  com_table_destroy(t);
  free(col);
  return s;
}

static com_status report(const job *j, const double *rows, size_t n, int *good, cJSON *out) {
  com_ctx *c = j->s->c;
  double tries = 0, from_truth = 0, ess = INFINITY, divergences = 0, flow = 0;
  for (size_t i = 0; i < n; i++) {
    const double *r = rows + i * j->width;
    tries += r[TRIES];
    from_truth += r[FROM_TRUTH];
    ess = fmin(ess, r[ESS]);
    divergences += r[DIVERGENCES];
    flow = fmax(flow, isfinite(r[FLOW]) ? r[FLOW] : 0);
  }
  COM_TRY(com_json_add(c, out, "n", com_json_int((long long)n)));
  COM_TRY(com_json_add(c, out, "levels", com_json_int(j->s->o->levels)));
  COM_TRY(com_json_add(c, out, "prior_tries", com_json_real(tries)));
  COM_TRY(com_json_add(c, out, "from_truth", com_json_real(from_truth)));
  COM_TRY(com_json_add(c, out, "ess_min", com_json_real(ess)));
  COM_TRY(com_json_add(c, out, "divergences", com_json_real(divergences)));
  COM_TRY(com_json_add(c, out, "flow_difference", com_json_real(flow)));
  COM_TRY(com_json_add(c, out, "coverage_min", com_json_real(COVER - cover_limit(n))));
  COM_TRY(com_json_add(c, out, "coverage_max", com_json_real(COVER + cover_limit(n))));
  COM_TRY(com_json_add(c, out, "p_limit", com_json_real(SIGNIFICANCE / (double)j->list.n)));
  cJSON *list = com_json_array();
  com_status s = list ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  *good = 1;
  for (size_t k = 0; k < j->list.n && !s; k++) s = quantity(j, rows, k, n, good, list);
  if (s)
    com_json_free(list);
  else
    s = com_json_add(c, out, "quantities", list);
  if (!s) s = com_json_add(c, out, "calibrated", com_json_bool(*good));
  if (!s && flow > j->s->infer->check)
    com_ctx_warn(c, "flow_accuracy",
                 "the sampler's integrator and the config's at rel_tol 1e-11 differ by up to %.2g in the "
                 "responses of a truth; infer.check is %.2g",
                 flow, j->s->infer->check);
  return s ? s : table(j, rows, n, out);
}

static com_status prepare(job *j) {
  const ads_study *s = j->s;
  static const double at = 0.3;
  const size_t n_eta = s->o->eta.n ? s->o->eta.n : 1;
  ads_infer_space *space = NULL;
  COM_TRY(ads_infer_quantity_init(s->c, s->fit, n_eta, s->o->eta.n ? s->o->eta.v : &at, s->o->screening,
                                  &j->list));
  COM_TRY(ads_infer_space_create(s->c, s->fit, &j->prior, &space));
  j->nq = ads_infer_space_n(space);
  ads_infer_space_destroy(space);
  j->n = ads_fit_n_points(s->fit);
  j->width = N_EXTRA + j->list.n * N_PER;
  return COM_OK;
}

com_status ads_study_calibrate(const ads_study *s, int *good, cJSON *out) {
  job j = {.s = s, .prior = s->infer->prior};
  com_ctx *c = s->c;
  const size_t n = ads_study_n(s->o), points = ads_fit_n_points(s->fit);
  double *data = malloc((points + 1) * sizeof *data), *rows = NULL;
  size_t at = 0;
  COM_ALLOC(c, data);
  for (size_t g = 0; g < ads_fit_n_groups(s->fit); g++) {
    const ads_dataset *d = ads_fit_group(s->fit, g)->data;
    for (size_t i = 0; i < d->n; i++) data[at++] = d->response ? d->response[i] : NAN;
  }
  j.data = data;
  if (!(j.prior.range > 1)) j.prior.range = s->o->range;
  com_status status = prepare(&j);
  if (!status && !(rows = malloc((n * j.width + 1) * sizeof *rows)))
    status = COM_FAIL(c, COM_E_MEM, "out of memory");
  const com_replicas_spec spec = {"study", n, j.width, s->pool, s->checkpoint, s->resume};
  if (!status) status = com_replicas_run(c, &spec, rows, one, &j);
  if (!status) status = com_json_add(c, out, "range", com_json_real(j.prior.range));
  if (!status) status = report(&j, rows, n, good, out);
  ads_infer_quantity_finish(&j.list);
  free(rows);
  free(data);
  return status;
}
