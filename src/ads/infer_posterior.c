/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/infer_posterior.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ads/replica.h"
#include "common/optim.h"
#include "common/progress.h"
#include "common/replicas.h"
#include "common/sample_weigh.h"

/* ---- maxima ---- */

com_status ads_infer_posterior_lm(com_ctx *c, size_t n, com_optim **out) {
  com_choice which = {0};
  cJSON *j = com_json_object();
  com_status s = com_json_add(c, j, "type", com_json_string("lm"));
  if (!s) s = com_field_choice_read(c, COM_E_CONFIG, &com_optim_kind, "infer", "optimizer", j, &which);
  com_json_free(j);
  if (!s) s = com_optim_create(c, &which, n, NULL, NULL, out);
  com_field_choice_finish(&com_optim_kind, &which);
  return s;
}

static com_status ascend(com_ctx *c, ads_infer_target *t, double *x, double *r, double *J) {
  enum { MAX_STEPS = 300 };
  const size_t m = ads_infer_target_n_squares(t);
  com_optim *lm = NULL;
  COM_TRY(ads_infer_posterior_lm(c, ads_infer_target_n(t), &lm));
  com_status status = COM_OK;
  com_stop stop = COM_STOP_NONE;
  for (int it = 0; it < MAX_STEPS && !stop; it++) {
    com_eval e = {.f = INFINITY, .m = m, .r = r, .J = J};
    int ok = 1;
    COM_GOTO(done, ads_infer_target_squares(t, 0, x, r, J, &ok));
    if (ok) e.f = 0;
    for (size_t i = 0; i < m && ok; i++) e.f += r[i] * r[i];
    stop = com_optim_step(lm, &e, x);
  }
  if (com_optim_best_x(lm)) memcpy(x, com_optim_best_x(lm), ads_infer_target_n(t) * sizeof *x);
done:
  com_optim_destroy(lm);
  return status;
}

com_status ads_infer_posterior_climb(com_ctx *c, ads_infer_target *t, double *q, double *logp, double *chi2,
                                     int *ok) {
  enum { ROUNDS = 3 }; /* each from the anchor that the last one found: the shear is straightest there */
  const size_t nq = ads_infer_target_n(t), m = ads_infer_target_n_squares(t);
  double *x = malloc((nq + m + m * nq) * sizeof *x), *r = x ? x + nq : NULL, *J = x ? r + m : NULL;
  COM_ALLOC(c, x);
  com_status status = ads_infer_target_logp(t, 0, q, logp, NULL, chi2);
  *ok = isfinite(*logp);
  for (int k = 0; k < ROUNDS && !status && *ok; k++) {
    status = ads_infer_target_anchor(t, q, ADS_INFER_STIFF);
    if (!status) status = ads_infer_target_x(t, 0, q, x, ok);
    if (!status && *ok) status = ascend(c, t, x, r, J);
    if (!status && *ok) status = ads_infer_target_q(t, 0, x, q, NULL, ok);
    if (!status && *ok) status = ads_infer_target_logp(t, 0, q, logp, NULL, chi2);
    *ok &= isfinite(*logp);
  }
  if (!status && *ok) status = ads_infer_target_anchor(t, q, ADS_INFER_STIFF);
  free(x);
  return status;
}

/* The same maximum: within a tenth of a prior width in every coordinate. */
static int same(size_t n, const double *a, const double *b) {
  double far = 0;
  for (size_t i = 0; i < n; i++) far = fmax(far, fabs(a[i] - b[i]));
  return far < 0.1;
}

static com_status note(com_ctx *c, size_t nq, const double *q, double logp, double chi2,
                       ads_infer_modes *out) {
  for (size_t k = 0; k < out->n; k++)
    if (same(nq, out->mode[k].q, q)) {
      out->mode[k].found++;
      return COM_OK;
    }
  ads_infer_mode *m = realloc(out->mode, (out->n + 1) * sizeof *m);
  COM_ALLOC(c, m);
  out->mode = m;
  m += out->n;
  *m = (ads_infer_mode){
      .logp = logp, .chi2 = chi2, .found = 1, .log_z = NAN, .log_z_error = NAN, .weight = NAN};
  COM_ALLOC(c, m->q = malloc(nq * sizeof *m->q));
  memcpy(m->q, q, nq * sizeof *q);
  out->n++;
  for (size_t k = out->n - 1; k > 0 && out->mode[k].logp > out->mode[k - 1].logp; k--) {
    const ads_infer_mode swap = out->mode[k];
    out->mode[k] = out->mode[k - 1];
    out->mode[k - 1] = swap;
  }
  return COM_OK;
}

static com_status climb_from(com_ctx *c, ads_infer_target *t, const double *full, double *q,
                             ads_infer_modes *out) {
  double logp = 0, chi2 = 0;
  int ok = 1;
  ads_infer_space_back(ads_infer_target_space(t), full, q);
  const com_status status = ads_infer_posterior_climb(c, t, q, &logp, &chi2, &ok);
  if (status == COM_E_NUM) com_ctx_clear(c);
  if (status && status != COM_E_NUM) return status;
  if (status || !ok) {
    out->failed++;
    return COM_OK;
  }
  return note(c, ads_infer_target_n(t), q, logp, chi2, out);
}

typedef struct starting {
  com_ctx *c;
  const ads_fit *fit;
  size_t nf;
} starting;

/* Start k + 1, trained in a fit of its own: row = its parameters and its score; NAN when it ended nowhere. */
static com_status train_one(size_t k, size_t worker, double *row, void *user) {
  (void)worker;
  const starting *w = user;
  ads_replica r = {0};
  int ok = 1;
  com_status s = ads_replica_init(w->c, w->fit, NULL, &r);
  if (!s) s = ads_fit_start(r.fit, k + 1, row);
  if (!s) s = ads_replica_train(&r, row, row + w->nf, &ok);
  for (size_t i = 0; i <= w->nf && !ok; i++) row[i] = NAN;
  if (s && s != COM_E_INTERRUPTED) s = COM_FAIL(w->c, s, "start %zu: %s", k + 1, com_ctx_error(r.c));
  ads_replica_finish(&r);
  return s;
}

/* The first of the ends with the lowest score, as train chooses. */
static com_status keep_trained(com_ctx *c, size_t n, size_t nf, const double *ends, ads_infer_modes *out) {
  const double *best = NULL;
  for (size_t k = 0; k < n; k++) {
    const double *end = ends + k * (nf + 1);
    if (isfinite(end[nf]) && (!best || end[nf] < best[nf])) best = end;
  }
  if (!best) return COM_OK;
  COM_ALLOC(c, out->trained = malloc((nf + 1) * sizeof *out->trained));
  memcpy(out->trained, best, nf * sizeof *best);
  return COM_OK;
}

com_status ads_infer_posterior_modes(com_ctx *c, ads_infer_target *t, size_t starts, const double *full,
                                     com_pool *pool, ads_infer_modes *out) {
  ads_fit *fit = ads_infer_target_fit(t);
  const size_t nf = com_params_n(ads_fit_params(fit)), nq = ads_infer_target_n(t);
  starting work = {c, fit, nf};
  const size_t width = nf + 1;
  const com_replicas_spec spec = {.what = "infer/starts", .n = starts, .width = width, .pool = pool};
  *out = (ads_infer_modes){0};
  double *ends = malloc((starts * width + nq + 1) * sizeof *ends), *q = ends ? ends + starts * width : NULL;
  COM_ALLOC(c, ends);
  com_status status = COM_OK;
  if (full) COM_GOTO(done, climb_from(c, t, full, q, out));
  COM_GOTO(done, com_replicas_run(c, &spec, ends, train_one, &work));
  COM_GOTO(done, keep_trained(c, starts, nf, ends, out));
  for (size_t k = 0; k < starts; k++)
    if (isfinite(ends[k * width])) COM_GOTO(done, climb_from(c, t, ends + k * width, q, out));
  if (out->n == 0)
    status = COM_FAIL(
        c, COM_E_NUM,
        "none of %zu starts leads to a maximum of the posterior; train first and infer from the result, or "
        "raise infer.starts",
        starts);
done:
  free(ends);
  if (status) ads_infer_posterior_modes_finish(out);
  return status;
}

void ads_infer_posterior_modes_finish(ads_infer_modes *m) {
  for (size_t k = 0; k < m->n; k++) free(m->mode[k].q);
  free(m->mode);
  free(m->trained);
  *m = (ads_infer_modes){0};
}

/* ---- draws ---- */

static com_status allocate(com_ctx *c, const com_sample_opts *o, ads_infer_target *t, ads_infer_draws *d) {
  const size_t total = o->chains * o->draws;
  *d = (ads_infer_draws){.chains = o->chains, .draws = o->draws, .nq = o->n, .n = ads_infer_target_points(t)};
  COM_ALLOC(c, d->q = calloc(total * (d->nq + d->n + 2) + 1, sizeof *d->q));
  d->logp = d->q + total * d->nq;
  d->chi2 = d->logp + total;
  d->R = d->chi2 + total;
  COM_ALLOC(c, d->divergent = calloc(total + 1, 1));
  COM_ALLOC(c, d->chain = calloc(o->chains, sizeof *d->chain));
  return COM_OK;
}

void ads_infer_posterior_draws_finish(ads_infer_draws *d) {
  free(d->q);
  free(d->divergent);
  free(d->chain);
  *d = (ads_infer_draws){0};
}

/* What the sampler's callbacks need. */
typedef struct run {
  ads_infer_target *t;
  ads_infer_draws *d;
  size_t warmup;
  double top;            /* log posterior at the mode; INFINITY: nobody looks for a higher one */
  double *best, *best_q; /* [chains], [chains][nq]: where a chain has stood highest */
} run;

static com_status density(size_t chain, const double *x, double *logp, double *g, void *user) {
  return ads_infer_target_density(chain, x, logp, g, ((const run *)user)->t);
}

static com_status after(size_t chain, size_t transition, const double *x, void *user) {
  const run *w = user;
  const ads_infer_draws *d = w->d;
  const ads_infer_point *p = NULL;
  COM_TRY(ads_infer_target_stand(w->t, chain, x, &p));
  if (p->logp > w->best[chain]) {
    w->best[chain] = p->logp;
    memcpy(w->best_q + chain * d->nq, p->q, d->nq * sizeof *p->q);
  }
  if (transition < w->warmup) return COM_OK;
  const size_t at = chain * d->draws + transition - w->warmup;
  memcpy(d->q + at * d->nq, p->q, d->nq * sizeof *d->q);
  memcpy(d->R + at * d->n, p->R, d->n * sizeof *d->R);
  d->logp[at] = p->logp;
  d->chi2[at] = p->chi2;
  return COM_OK;
}

/* The draws of all processes, with the sampler's reports. */
static com_status collect(com_ctx *c, const com_sample *s, ads_infer_draws *d) {
  com_comm *m = com_ctx_comm(c);
  const size_t k = d->chains, bytes = d->draws * sizeof(double);
  for (size_t i = 0; i < k; i++) {
    d->chain[i] = com_sample_report(s, i);
    memcpy(d->divergent + i * d->draws, com_sample_divergent(s, i), d->draws);
  }
  COM_TRY(com_comm_gather_even(c, m, k, bytes * d->nq, d->q));
  COM_TRY(com_comm_gather_even(c, m, k, bytes * d->n, d->R));
  COM_TRY(com_comm_gather_even(c, m, k, bytes, d->logp));
  return com_comm_gather_even(c, m, k, bytes, d->chi2);
}

static com_status evidence(com_ctx *c, ads_infer_target *t, const com_sample_opts *o, const com_sample *s,
                           const char *name, ads_infer_mode *mode) {
  const size_t total = o->chains * o->draws;
  double *x = malloc(total * (o->n + 1) * sizeof *x), *lp = x ? x + total * o->n : NULL;
  COM_ALLOC(c, x);
  for (size_t k = 0; k < o->chains; k++) {
    memcpy(x + k * o->draws * o->n, com_sample_draws(s, k), o->draws * o->n * sizeof *x);
    memcpy(lp + k * o->draws, com_sample_logp(s, k), o->draws * sizeof *x);
  }
  const com_status status = com_sample_weigh_evidence(c, o, x, lp, name, &mode->log_z, &mode->log_z_error,
                                                      ads_infer_target_density, t);
  free(x);
  return status;
}

/* The chain that has stood highest, if that is above the maximum from which all have started. */
static com_status higher(com_ctx *c, const run *w, size_t *which, int *found) {
  static const double CLEARLY = 1; /* more than a climb leaves undone */
  com_comm *m = com_ctx_comm(c);
  const size_t k = w->d->chains;
  COM_TRY(com_comm_gather_even(c, m, k, sizeof *w->best, w->best));
  COM_TRY(com_comm_gather_even(c, m, k, w->d->nq * sizeof *w->best_q, w->best_q));
  *which = 0;
  for (size_t i = 1; i < k; i++)
    if (w->best[i] > w->best[*which]) *which = i;
  *found = w->best[*which] > w->top + CLEARLY;
  return COM_OK;
}

/* Until all draws are made, or a chain has found a place above the mode. */
static com_status loop(com_ctx *c, com_sample *s, size_t total, const char *name, const run *w, size_t *which,
                       int *found) {
  enum {
    PARTS = 20
  }; /* chains wait for each other between the parts: few, as transitions differ much in length */
  const size_t stride = total / PARTS + 1;
  com_progress *bar = NULL;
  COM_TRY(com_progress_create(c, name, &bar));
  com_status status = COM_OK;
  *found = 0;
  while (!status && !*found && com_sample_progress(s) < 1 && !com_ctx_stop(c)) {
    status = com_sample_advance(s, stride);
    com_progress_update(bar, com_sample_progress(s), "chains");
    if (!status && !com_ctx_stop(c)) status = higher(c, w, which, found);
  }
  com_progress_destroy(bar);
  if (!status && com_ctx_stop(c))
    status = COM_FAIL(c, COM_E_INTERRUPTED,
                      "%s: stopped before the chains were complete; fewer infer.draws, or more time", name);
  return status || *found ? status : com_sample_gather(s);
}

/* From where a chain has found the density higher: the maximum there takes the place of the mode.  *moved = 0: it is not higher after all. */
static com_status move_mode(com_ctx *c, ads_infer_target *t, const double *from, const char *name,
                            ads_infer_mode *mode, int *moved) {
  const size_t nq = ads_infer_target_n(t);
  double *q = malloc((nq + 1) * sizeof *q), logp = 0, chi2 = 0;
  COM_ALLOC(c, q);
  memcpy(q, from, nq * sizeof *q);
  const com_status s = ads_infer_posterior_climb(c, t, q, &logp, &chi2, moved);
  *moved = !s && *moved && logp > mode->logp;
  if (*moved) {
    com_ctx_warn(
        c, "higher_mode",
        "%s: a chain has found a higher maximum than the starts (log posterior %.6g, chi2 %.4g; was %.6g, "
        "%.4g): all chains begin again from there",
        name, logp, chi2, mode->logp, mode->chi2);
    memcpy(mode->q, q, nq * sizeof *q);
    mode->logp = logp;
    mode->chi2 = chi2;
    mode->found = 0;
  }
  free(q);
  return s;
}

static int is_among(const ads_infer_modes *list, size_t nq, const double *q) {
  for (size_t k = 0; list && k < list->n; k++)
    if (same(nq, list->mode[k].q, q)) return 1;
  return 0;
}

/* All chains from the mode.  *found = 1: one of them has come to w->best_q of chain *which, higher than the mode, and no draws were made. */
static com_status draw_from(com_ctx *c, const com_sample_opts *o, const char *name, com_pool *pool,
                            const ads_infer_mode *mode, run *w, com_sample **s, size_t *which, int *found) {
  ads_infer_target *t = w->t;
  com_status status = COM_OK;
  int ok = 1;
  double *x = calloc(o->n, sizeof *x);
  COM_ALLOC(c, x);
  for (size_t k = 0; k < o->chains; k++) w->best[k] = -INFINITY;
  COM_GOTO(done, ads_infer_target_anchor(t, mode->q, ADS_INFER_STIFF));
  COM_GOTO(done, ads_infer_target_x(t, 0, mode->q, x, &ok));
  COM_GOTO(done, com_sample_create(c, o, name, pool, com_ctx_comm(c), s, density, w));
  for (size_t k = 0; k < o->chains; k++) com_sample_start(*s, k, x);
  COM_GOTO(done, loop(c, *s, o->warmup + o->draws, name, w, which, found));
done:
  free(x);
  return status;
}

com_status ads_infer_posterior_draw(com_ctx *c, ads_infer_target *t, const com_sample_opts *given,
                                    const char *name, com_pool *pool, ads_infer_mode *mode,
                                    const ads_infer_modes *earlier, int with_evidence, ads_infer_draws *out) {
  enum { MOST = 10 }; /* times that the mode may move: a climb of hills, each higher than the one before */
  com_sample_opts o = *given;
  com_sample *s = NULL;
  com_status status = COM_OK;
  size_t which = 0;
  int found = 1, moved = 1, known = 0;
  const double t0 = com_ctx_elapsed(c);
  run w = {t, out, given->warmup, mode->logp, NULL, NULL};
  o.n = ads_infer_target_n(t);
  o.dense = 1;
  o.after = after;
  *out = (ads_infer_draws){0};
  COM_ALLOC(c, w.best = calloc(o.chains * (o.n + 1), sizeof *w.best));
  w.best_q = w.best + o.chains;
  COM_GOTO(done, allocate(c, &o, t, out));
  for (int k = 0; found && !known; k++) {
    com_sample_destroy(s);
    s = NULL;
    COM_GOTO(done, draw_from(c, &o, name, pool, mode, &w, &s, &which, &found));
    if (found) COM_GOTO(done, move_mode(c, t, w.best_q + which * o.n, name, mode, &moved));
    w.top = moved && k < MOST ? mode->logp : INFINITY;
    known = found && moved && is_among(earlier, o.n, mode->q);
  }
  if (known) {
    ads_infer_posterior_draws_finish(out);
    goto done;
  }
  COM_GOTO(done, collect(c, s, out));
  if (with_evidence) COM_GOTO(done, evidence(c, t, &o, s, name, mode));
  out->seconds = com_ctx_elapsed(c) - t0;
done:
  if (status) ads_infer_posterior_draws_finish(out);
  com_sample_destroy(s);
  free(w.best);
  return status;
}
