/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chains, warm-up and storage.  Warm-up as in Stan (Stan Reference Manual, "HMC algorithm parameters"): a fast interval (step size
 * alone), windows that double (mass matrix at the end of each), a fast interval again. */
#include "common/sample.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/sample_nuts.h"

/* Dual averaging of log step (Nesterov 2009; Hoffman, Gelman 2014 section 3.2). */
typedef struct dual {
  double mu, log_step, log_mean, h_bar, m;
} dual;

typedef struct chain {
  com_sample_nuts nuts;
  dual da;
  size_t done;       /* transitions made */
  size_t window_end; /* transition at whose end the mass matrix is renewed; 0: no more windows */
  size_t window;     /* length of the running window */
  size_t n_cov;
  double *mean, *cov; /* Welford sums of the window: [n], [n] or [n][n] */
  double sum_accept;
  int started;
} chain;

struct com_sample {
  com_ctx *c;
  com_sample_opts o;
  com_pool *pool;
  com_comm *comm;
  size_t first, last; /* chains of this process */
  chain *chains;
  double *x0;                    /* [chains][n] */
  double *draws, *logp, *energy; /* [chains][draws][n], [chains][draws] */
  unsigned char *divergent;
  com_sample_chain *reports;
  size_t target; /* transitions that every chain should have made */
  void *user;
};

/* ---- life ---- */

static com_status make_chain(com_sample *s, const char *name, size_t k, com_sample_fn fn, void *user) {
  chain *q = s->chains + k;
  const size_t n = s->o.n;
  char stream[160];
  com_rng *rng = NULL;
  snprintf(stream, sizeof stream, "%s/chain/%zu", name, k);
  COM_TRY(com_rng_create(s->c, com_ctx_seed(s->c), stream, &rng));
  COM_TRY(com_sample_nuts_init(s->c, &s->o, k, rng, fn, user, &q->nuts));
  COM_ALLOC(s->c, q->mean = calloc(n, sizeof *q->mean));
  COM_ALLOC(s->c, q->cov = calloc(s->o.dense ? n * n : n, sizeof *q->cov));
  return COM_OK;
}

static com_status build(com_sample *s, const char *name, com_sample_fn fn, void *user) {
  const com_sample_opts *o = &s->o;
  const size_t total = o->chains * o->draws + 1;
  COM_CHECK(s->c, o->n > 0 && o->chains > 0, COM_E_CONFIG,
            "sampling needs at least one parameter and one chain");
  COM_ALLOC(s->c, s->chains = calloc(o->chains, sizeof *s->chains));
  COM_ALLOC(s->c, s->x0 = calloc(o->chains * o->n, sizeof *s->x0));
  COM_ALLOC(s->c, s->draws = calloc(total * o->n, sizeof *s->draws));
  COM_ALLOC(s->c, s->logp = calloc(total, sizeof *s->logp));
  COM_ALLOC(s->c, s->energy = calloc(total, sizeof *s->energy));
  COM_ALLOC(s->c, s->divergent = calloc(total, 1));
  COM_ALLOC(s->c, s->reports = calloc(o->chains, sizeof *s->reports));
  com_comm_share(s->comm, o->chains, &s->first, &s->last);
  for (size_t k = s->first; k < s->last; k++) COM_TRY(make_chain(s, name, k, fn, user));
  return COM_OK;
}

com_status com_sample_create(com_ctx *c, const com_sample_opts *o, const char *name, com_pool *pool,
                             com_comm *comm, com_sample **out, com_sample_fn fn, void *user) {
  com_sample *s = calloc(1, sizeof *s);
  *out = NULL;
  COM_ALLOC(c, s);
  s->c = c;
  s->o = *o;
  if (s->o.max_depth <= 0) s->o.max_depth = 10;
  if (!(s->o.accept > 0)) s->o.accept = 0.8;
  s->pool = pool;
  s->comm = comm;
  s->user = user;
  const com_status status = build(s, name, fn, user);
  if (status)
    com_sample_destroy(s);
  else
    *out = s;
  return status;
}

void com_sample_destroy(com_sample *s) {
  if (!s) return;
  for (size_t k = 0; s->chains && k < s->o.chains; k++) {
    com_sample_nuts_finish(&s->chains[k].nuts);
    free(s->chains[k].mean);
    free(s->chains[k].cov);
  }
  free(s->chains);
  free(s->x0);
  free(s->draws);
  free(s->logp);
  free(s->energy);
  free(s->divergent);
  free(s->reports);
  free(s);
}

void com_sample_start(com_sample *s, size_t k, const double *x) {
  memcpy(s->x0 + k * s->o.n, x, s->o.n * sizeof *x);
}

/* ---- step size ---- */

static void dual_restart(dual *d, double step) { *d = (dual){.mu = log(10 * step), .log_step = log(step)}; }

static void dual_learn(dual *d, double wanted, double accept) {
  static const double GAMMA = 0.05, T0 = 10, KAPPA = 0.75;
  d->m += 1;
  const double eta = 1 / (d->m + T0);
  d->h_bar = (1 - eta) * d->h_bar + eta * (wanted - fmin(1, accept));
  d->log_step = d->mu - sqrt(d->m) / GAMMA * d->h_bar;
  const double w = pow(d->m, -KAPPA);
  d->log_mean = w * d->log_step + (1 - w) * d->log_mean;
}

/* ---- mass matrix ---- */

static void cov_add(const com_sample *s, chain *q) {
  const size_t n = s->o.n;
  const double *x = q->nuts.z.q;
  double *delta = q->nuts.v;
  q->n_cov++;
  for (size_t i = 0; i < n; i++) {
    delta[i] = x[i] - q->mean[i];
    q->mean[i] += delta[i] / (double)q->n_cov;
  }
  for (size_t i = 0; i < n; i++) {
    if (!s->o.dense) {
      q->cov[i] += delta[i] * (x[i] - q->mean[i]);
      continue;
    }
    for (size_t j = 0; j <= i; j++) q->cov[i * n + j] += delta[i] * (x[j] - q->mean[j]);
  }
}

/* Shrunk towards a small multiple of the unit matrix, as Stan does; then the sums start again. */
static com_status cov_use(const com_sample *s, chain *q) {
  const size_t n = s->o.n;
  const double m = (double)q->n_cov;
  if (q->n_cov < 3) return COM_OK;
  const double keep = m / (m + 5), floor_ = 1e-3 * 5 / (m + 5);
  for (size_t i = 0; i < n; i++) {
    if (!s->o.dense) {
      q->cov[i] = keep * q->cov[i] / (m - 1) + floor_;
      continue;
    }
    for (size_t j = 0; j <= i; j++) {
      const double v = keep * q->cov[i * n + j] / (m - 1) + (i == j ? floor_ : 0);
      q->cov[i * n + j] = q->cov[j * n + i] = v;
    }
  }
  COM_TRY(com_sample_nuts_mass(&q->nuts, q->cov));
  memset(q->cov, 0, (s->o.dense ? n * n : n) * sizeof *q->cov);
  memset(q->mean, 0, n * sizeof *q->mean);
  q->n_cov = 0;
  return COM_OK;
}

/* ---- warm-up ---- */

typedef struct schedule {
  size_t first, last; /* transitions [first, last) belong to windows */
} schedule;

enum { BUFFER_FIRST = 75, WINDOW_FIRST = 25, BUFFER_LAST = 50, WARMUP_FULL = 150 };

static schedule schedule_of(const com_sample *s) {
  const size_t w = s->o.warmup;
  if (w < 20) return (schedule){w, w}; /* too short for a mass matrix */
  if (w < WARMUP_FULL) return (schedule){w * 15 / 100, w - w / 10};
  return (schedule){BUFFER_FIRST, w - BUFFER_LAST};
}

static com_status begin(com_sample *s, size_t k, chain *q) {
  com_sample_nuts *z = &q->nuts;
  memcpy(z->z.q, s->x0 + k * s->o.n, s->o.n * sizeof(double));
  COM_TRY(com_sample_nuts_density(z, &z->z));
  COM_CHECK(s->c, isfinite(z->z.logp), COM_E_NUM, "chain %zu: the density is not finite at its start point",
            k);
  COM_TRY(com_sample_nuts_guess(z));
  dual_restart(&q->da, z->step);
  const schedule w = schedule_of(s);
  q->window = w.last - w.first < WINDOW_FIRST ? w.last - w.first : WINDOW_FIRST;
  q->window_end = w.first + q->window;
  q->started = 1;
  return COM_OK;
}

/* A new first guess of the step for the new mass matrix; where none is found (an edge of the support) the old step stays. */
static com_status renew_step(com_sample *s, chain *q) {
  const double before = q->nuts.step;
  const com_status status = com_sample_nuts_guess(&q->nuts);
  if (status == COM_E_NUM) {
    com_ctx_clear(s->c);
    q->nuts.step = before;
  }
  dual_restart(&q->da, q->nuts.step);
  return status == COM_E_NUM ? COM_OK : status;
}

/* After warm-up transition number q->done (counted from 0). */
static com_status adapt(com_sample *s, chain *q, double accept) {
  const schedule w = schedule_of(s);
  dual_learn(&q->da, s->o.accept, accept);
  q->nuts.step = exp(q->da.log_step);
  const size_t at = q->done;
  if (at >= w.first && at < w.last) cov_add(s, q);
  if (at + 1 == q->window_end && at < w.last) {
    COM_TRY(cov_use(s, q));
    COM_TRY(renew_step(s, q));
    q->window *= 2;
    q->window_end += q->window;
    if (q->window_end + 2 * q->window > w.last)
      q->window_end = w.last; /* a rest shorter than a window joins the last one */
  }
  if (at + 1 == s->o.warmup) q->nuts.step = exp(q->da.m > 0 ? q->da.log_mean : q->da.log_step);
  return COM_OK;
}

static void record(com_sample *s, size_t k, chain *q, const com_sample_nuts_info *info) {
  const size_t at = k * s->o.draws + (q->done - s->o.warmup);
  com_sample_chain *r = s->reports + k;
  memcpy(s->draws + at * s->o.n, q->nuts.z.q, s->o.n * sizeof(double));
  s->logp[at] = q->nuts.z.logp;
  s->energy[at] = info->energy;
  s->divergent[at] = (unsigned char)info->divergent;
  q->sum_accept += info->accept;
  r->divergences += (size_t)info->divergent;
  r->saturated += info->depth >= s->o.max_depth;
}

static void finish_report(com_sample *s, size_t k, const chain *q) {
  com_sample_chain *r = s->reports + k;
  const double *e = s->energy + k * s->o.draws;
  const size_t m = s->o.draws;
  double mean = 0, var = 0, jump = 0;
  for (size_t i = 0; i < m; i++) mean += e[i] / (double)m;
  for (size_t i = 0; i < m; i++) {
    var += (e[i] - mean) * (e[i] - mean);
    if (i) jump += (e[i] - e[i - 1]) * (e[i] - e[i - 1]);
  }
  r->bfmi = var > 0 ? jump / var : NAN;
  r->accept = m ? q->sum_accept / (double)m : NAN;
  r->step = q->nuts.step;
  r->gradients = q->nuts.calls - r->gradients_warmup;
}

static com_status run_chain(size_t task, size_t worker, void *user) {
  (void)worker;
  com_sample *s = user;
  const size_t k = s->first + task;
  chain *q = s->chains + k;
  if (!q->started) COM_TRY(begin(s, k, q));
  while (q->done < s->target) {
    com_sample_nuts_info info;
    if (com_ctx_stop(s->c)) return COM_OK; /* the caller looks at the stop reason */
    COM_TRY(com_sample_nuts_transition(&q->nuts, &info));
    if (q->done < s->o.warmup)
      COM_TRY(adapt(s, q, info.accept));
    else
      record(s, k, q, &info);
    if (s->o.after) COM_TRY(s->o.after(k, q->done, q->nuts.z.q, s->user));
    q->done++;
    if (q->done == s->o.warmup) s->reports[k].gradients_warmup = q->nuts.calls;
  }
  if (q->done == s->o.warmup + s->o.draws) finish_report(s, k, q);
  return COM_OK;
}

com_status com_sample_advance(com_sample *s, size_t n) {
  const size_t total = s->o.warmup + s->o.draws;
  s->target = s->target + n < total ? s->target + n : total;
  com_status status = COM_OK;
  if (s->pool) return com_pool_run(s->pool, s->last - s->first, run_chain, s);
  for (size_t k = 0; k < s->last - s->first && !status; k++) status = run_chain(k, 0, s);
  return status;
}

double com_sample_progress(const com_sample *s) {
  const double total = (double)(s->o.warmup + s->o.draws);
  return total > 0 ? (double)s->target / total : 1;
}

com_status com_sample_gather(com_sample *s) {
  const size_t n = s->o.n, m = s->o.draws, k = s->o.chains;
  COM_TRY(com_comm_gather_even(s->c, s->comm, k, m * n * sizeof(double), s->draws));
  COM_TRY(com_comm_gather_even(s->c, s->comm, k, m * sizeof(double), s->logp));
  COM_TRY(com_comm_gather_even(s->c, s->comm, k, m, s->divergent));
  return com_comm_gather_even(s->c, s->comm, k, sizeof *s->reports, s->reports);
}

/* ---- queries ---- */

const double *com_sample_draws(const com_sample *s, size_t k) { return s->draws + k * s->o.draws * s->o.n; }
const double *com_sample_logp(const com_sample *s, size_t k) { return s->logp + k * s->o.draws; }
const unsigned char *com_sample_divergent(const com_sample *s, size_t k) {
  return s->divergent + k * s->o.draws;
}
com_sample_chain com_sample_report(const com_sample *s, size_t k) { return s->reports[k]; }
