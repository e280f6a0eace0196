/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/boltzmann_sample.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/sample.h"

typedef struct job {
  const ads_boltzmann *b;
  const ads_boltzmann_sample_opts *o;
  size_t first; /* first free layer: 0, or 1 below a fixed source */
  double *phi;  /* [n+1] scratch of one chain */
  double *g;
} job;

void ads_boltzmann_sample_finish(ads_boltzmann_sample_result *r) {
  free(r->mean);
  free(r->error);
  *r = (ads_boltzmann_sample_result){0};
}

/* ---- block Gibbs ---- */

/* Mode of f(x) = -p x^2/2 + q x - c x^4/4, which is concave: Newton from a point beyond the mode falls monotonically. */
static double mode_of(double p, double q, double c) {
  double x = fabs(q) / p;
  if (c > 0) x = fmin(x, cbrt(fabs(q) / c));
  for (int k = 0; k < 60; k++) {
    const double step = (p * x + c * x * x * x - fabs(q)) / (p + 3 * c * x * x);
    x -= step;
    if (fabs(step) <= 1e-15 * x) break;
  }
  return copysign(x, q);
}

/* exp(f) exactly, by rejection: f'' <= -p, so f(x) <= f(mode) - p (x - mode)^2/2, a normal envelope. */
static double draw_unit(com_rng *r, double p, double q, double c) {
  const double at = c > 0 ? mode_of(p, q, c) : q / p, width = 1 / sqrt(p);
  for (;;) {
    const double y = width * com_rng_normal(r), x = at + y;
    if (c == 0) return x;
    const double slack = 0.25 * c * (x * x * x * x - at * at * at * at) - c * at * at * at * y;
    if (com_rng_uniform(r) < exp(-slack)) return x;
  }
}

static void sweep(const job *j, com_rng *r, double *phi) {
  const ads_boltzmann *b = j->b;
  for (size_t colour = 0; colour < 2; colour++)
    for (size_t k = j->first; k <= b->n; k++) {
      if (k % 2 != colour) continue;
      const double up = k > 0 ? b->a[k - 1] : 0, down = k < b->n ? b->a[k] : 0, N = j->o->N;
      const double pull = (k > 0 ? up * phi[k - 1] : 0) + (k < b->n ? down * phi[k + 1] : 0);
      phi[k] = draw_unit(r, N * (up + down + b->s[k]), N * pull, N * b->c[k]);
    }
}

static com_status gibbs(com_ctx *c, const job *j, double *all) {
  const size_t n1 = j->b->n + 1;
  for (size_t chain = 0; chain < j->o->chains; chain++) {
    char name[48];
    com_rng *r = NULL;
    snprintf(name, sizeof name, "boltzmann/%zu", chain);
    COM_TRY(com_rng_create(c, com_ctx_seed(c), name, &r));
    memset(j->phi, 0, n1 * sizeof *j->phi);
    if (j->first) j->phi[0] = j->o->source;
    for (size_t t = 0; t < j->o->warmup + j->o->draws && !com_ctx_stop(c); t++) {
      sweep(j, r, j->phi);
      if (t >= j->o->warmup)
        memcpy(all + (chain * j->o->draws + t - j->o->warmup) * n1, j->phi, n1 * sizeof *j->phi);
    }
    com_rng_destroy(r);
    COM_CHECK(c, !com_ctx_stop(c), COM_E_INTERRUPTED, "dbm: interrupted while sampling");
  }
  return COM_OK;
}

/* ---- Hamiltonian Monte Carlo ---- */

static com_status density(size_t chain, const double *x, double *logp, double *gradient, void *user) {
  const job *j = user;
  const size_t free_n = j->b->n + 1 - j->first;
  (void)chain; /* one thread: the scratch is shared */
  if (j->first) j->phi[0] = j->o->source;
  memcpy(j->phi + j->first, x, free_n * sizeof *x);
  *logp = -j->o->N * ads_boltzmann_energy(j->b, j->phi, j->g);
  for (size_t k = 0; k < free_n; k++) gradient[k] = -j->o->N * j->g[k + j->first];
  return COM_OK;
}

static com_status hamiltonian(com_ctx *c, job *j, double *all) {
  const size_t n1 = j->b->n + 1, free_n = n1 - j->first, draws = j->o->draws;
  const com_sample_opts o = {
      .n = free_n, .chains = j->o->chains, .warmup = j->o->warmup, .draws = draws, .dense = free_n <= 64};
  com_sample *s = NULL;
  double *start = calloc(free_n, sizeof *start);
  com_status status = start ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  if (!status) status = com_sample_create(c, &o, "boltzmann", NULL, NULL, &s, density, j);
  for (size_t k = 0; k < o.chains && !status; k++) com_sample_start(s, k, start);
  while (!status && com_sample_progress(s) < 1) {
    status = com_sample_advance(s, 50);
    if (!status && com_ctx_stop(c))
      status = COM_FAIL(c, COM_E_INTERRUPTED, "dbm: interrupted while sampling");
  }
  if (!status) status = com_sample_gather(s);
  for (size_t k = 0; k < o.chains && !status; k++)
    for (size_t t = 0; t < draws; t++) {
      double *row = all + (k * draws + t) * n1;
      if (j->first) row[0] = j->o->source;
      memcpy(row + j->first, com_sample_draws(s, k) + t * free_n, free_n * sizeof *row);
    }
  com_sample_destroy(s);
  free(start);
  return status;
}

/* ---- estimates ---- */

static com_status estimate(com_ctx *c, const job *j, const double *all, size_t layer, int power, double *x,
                           double *mean, double *error) {
  const size_t total = j->o->chains * j->o->draws, n1 = j->b->n + 1;
  double ess, m = 0, v = 0;
  COM_CHECK(c, !com_ctx_stop(c), COM_E_INTERRUPTED, "dbm: interrupted while its draws were summed up");
  for (size_t t = 0; t < total; t++) {
    const double phi = all[t * n1 + layer];
    x[t] = power == 2 ? phi * phi : phi;
    m += x[t] / (double)total;
  }
  for (size_t t = 0; t < total; t++) v += (x[t] - m) * (x[t] - m) / (double)(total - 1);
  *mean = m, *error = 0;
  if (v == 0) return COM_OK;
  COM_TRY(com_sample_stats_ess(c, j->o->chains, j->o->draws, x, &ess));
  *error = sqrt(v / ess);
  return COM_OK;
}

/* Every conditional of Gibbs and the whole quadratic form must be positive where nothing quartic holds the field. */
static com_status check(com_ctx *c, const job *j) {
  const ads_boltzmann *b = j->b;
  COM_CHECK(c, j->o->N > 0 && j->o->chains > 0 && j->o->draws >= 8, COM_E_CONFIG,
            "dbm: sampling needs N > 0, a chain and 8 draws");
  double K = b->s[b->n];
  for (size_t k = b->n + 1; k-- > j->first;) {
    const double up = k > 0 ? b->a[k - 1] : 0, down = k < b->n ? b->a[k] : 0;
    if (k < b->n) K = b->s[k] + down * K / (down + K);
    COM_CHECK(c, up + down + b->s[k] > 0 && b->c[k] >= 0, COM_E_CONFIG,
              "dbm: layer %zu: the field alone would run away; use more layers or a larger m2", k);
    COM_CHECK(c, b->c[k] > 0 || up + K > 0, COM_E_CONFIG,
              "dbm: the Gaussian machine has no normalisable state (kernel %g at layer %zu)", K, k);
  }
  return COM_OK;
}

com_status ads_boltzmann_sample_run(com_ctx *c, const ads_boltzmann *b, const ads_boltzmann_sample_opts *o,
                                    ads_boltzmann_sample_result *out) {
  const size_t n1 = b->n + 1, total = o->chains * o->draws;
  job j = {.b = b, .o = o, .first = isnan(o->source) ? 0u : 1u};
  double *all = NULL, *x = NULL, square = NAN;
  com_status status = COM_OK;
  *out = (ads_boltzmann_sample_result){0};
  COM_TRY(check(c, &j));
  j.phi = malloc(2 * n1 * sizeof *j.phi);
  all = malloc(total * n1 * sizeof *all);
  x = malloc(total * sizeof *x);
  out->mean = calloc(n1, sizeof *out->mean);
  out->error = calloc(n1, sizeof *out->error);
  if (!j.phi || !all || !x || !out->mean || !out->error)
    COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
  j.g = j.phi + n1;
  COM_GOTO(done, o->hmc ? hamiltonian(c, &j, all) : gibbs(c, &j, all));
  for (size_t k = 0; k < n1; k++)
    COM_GOTO(done, estimate(c, &j, all, k, 1, x, out->mean + k, out->error + k));
  COM_GOTO(done, estimate(c, &j, all, 0, 2, x, &square, &out->two_point_error));
  out->two_point = square;
done:
  free(j.phi);
  free(all);
  free(x);
  if (status) ads_boltzmann_sample_finish(out);
  return status;
}
