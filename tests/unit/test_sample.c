/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Targets with known moments; every Monte Carlo number is judged by its own error. */
#include "common/linalg.h"
#include "common/rng.h"
#include "common/sample.h"
#include "common/sample_stats.h"
#include "common/sample_weigh.h"
#include "../test.h"

/* ---- targets ---- */

typedef struct gauss {
  size_t n;
  const double *mean, *prec; /* [n], [n][n] */
} gauss;

static com_status gauss_fn(size_t chain, const double *x, double *logp, double *g, void *user) {
  (void)chain;
  const gauss *t = user;
  *logp = 0;
  for (size_t i = 0; i < t->n; i++) {
    double s = 0;
    for (size_t j = 0; j < t->n; j++) s += t->prec[i * t->n + j] * (x[j] - t->mean[j]);
    g[i] = -s;
    *logp -= 0.5 * s * (x[i] - t->mean[i]);
  }
  return COM_OK;
}

/* x ~ N(0, 2^2), y | x ~ N(b (x^2 - 4), 1): mean (0, 0), var (4, 1 + 2 b^2 16), log Z = log(2 pi 2). */
static const double BEND = 0.3;
static com_status banana_fn(size_t chain, const double *q, double *logp, double *g, void *user) {
  (void)chain;
  (void)user;
  const double x = q[0], r = q[1] - BEND * (x * x - 4);
  *logp = -0.125 * x * x - 0.5 * r * r;
  g[0] = -0.25 * x + 2 * BEND * x * r;
  g[1] = -r;
  return COM_OK;
}

static com_status iid_fn(size_t chain, const double *x, double *logp, double *g, void *user) {
  (void)chain;
  const size_t n = *(const size_t *)user;
  *logp = 0;
  for (size_t i = 0; i < n; i++) {
    *logp -= 0.5 * x[i] * x[i];
    g[i] = -x[i];
  }
  return COM_OK;
}

/* Standard exponential in one dimension: a wall at zero. */
static com_status wall_fn(size_t chain, const double *x, double *logp, double *g, void *user) {
  (void)chain;
  (void)user;
  *logp = x[0] < 0 ? -INFINITY : -x[0];
  g[0] = -1;
  return COM_OK;
}

static com_status broken_fn(size_t chain, const double *x, double *logp, double *g, void *user) {
  (void)chain;
  (void)x;
  (void)logp;
  (void)g;
  return COM_FAIL(user, COM_E_NUM, "the density is broken");
}

static com_sample *run(com_ctx *c, const com_sample_opts *o, int threads, double start, com_sample_fn fn,
                       void *user) {
  com_sample *s = NULL;
  com_pool *pool = NULL;
  double *x = calloc(o->n, sizeof *x);
  if (threads > 1) TEST_OK(c, com_pool_create(c, threads, &pool));
  TEST_OK(c, com_sample_create(c, o, "test", pool, NULL, &s, fn, user));
  for (size_t k = 0; k < o->chains; k++) {
    for (size_t i = 0; i < o->n; i++) x[i] = start + 0.1 * (double)k;
    com_sample_start(s, k, x);
  }
  while (com_sample_progress(s) < 1) TEST_OK(c, com_sample_advance(s, 100));
  TEST_OK(c, com_sample_gather(s));
  com_pool_destroy(pool);
  free(x);
  return s;
}

/* Moment of f over all chains against its value, in units of its Monte Carlo error. */
static double z_of(com_ctx *c, const com_sample *s, const com_sample_opts *o, double want,
                   double (*f)(const double *x)) {
  double *v = malloc(o->chains * o->draws * sizeof *v);
  com_sample_stats st;
  for (size_t k = 0; k < o->chains; k++)
    for (size_t i = 0; i < o->draws; i++) v[k * o->draws + i] = f(com_sample_draws(s, k) + i * o->n);
  TEST_OK(c, com_sample_stats_of(c, o->chains, o->draws, v, &st));
  ck_assert_msg(st.rhat < 1.02, "R-hat %.4f", st.rhat);
  free(v);
  return (st.mean - want) / st.mcse;
}

static double x0(const double *x) { return x[0]; }
static double x1(const double *x) { return x[1]; }
static double x00(const double *x) { return x[0] * x[0]; }
static double x11(const double *x) { return x[1] * x[1]; }
static double x01(const double *x) { return x[0] * x[1]; }
static double x001(const double *x) { return x[0] * x[0] * x[1]; }

START_TEST(gaussian_moments) {
  com_ctx *c = test_ctx();
  const double mean[3] = {0.7, -1.3, 0.2}, cov[9] = {2.5, 1.9, 0.3, 1.9, 1.7, 0.2, 0.3, 0.2, 0.04};
  double inv[9], unit[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1}, a[9];
  memcpy(a, cov, sizeof a);
  TEST_OK(c, com_linalg_chol_solve(c, 3, a, 3, unit));
  memcpy(inv, unit, sizeof inv);
  gauss t = {3, mean, inv};
  for (int dense = 0; dense < 2; dense++) {
    const com_sample_opts o = {.n = 3, .chains = 4, .warmup = 500, .draws = 1500, .dense = dense};
    com_sample *s = run(c, &o, 1, 0.1, gauss_fn, &t);
    ck_assert(fabs(z_of(c, s, &o, mean[0], x0)) < 4);
    ck_assert(fabs(z_of(c, s, &o, mean[1], x1)) < 4);
    ck_assert(fabs(z_of(c, s, &o, cov[0] + mean[0] * mean[0], x00)) < 4);
    ck_assert(fabs(z_of(c, s, &o, cov[1] + mean[0] * mean[1], x01)) < 4);
    for (size_t k = 0; k < 4; k++) {
      const com_sample_chain r = com_sample_report(s, k);
      ck_assert_uint_eq(r.divergences, 0);
      ck_assert(r.bfmi > 0.5 && r.accept > 0.6);
    }
    com_sample_destroy(s);
  }
  com_ctx_destroy(c);
}
END_TEST

START_TEST(banana_moments) {
  com_ctx *c = test_ctx();
  const com_sample_opts o = {.n = 2, .chains = 4, .warmup = 800, .draws = 4000, .accept = 0.9};
  com_sample *s = run(c, &o, 1, 0.3, banana_fn, NULL);
  ck_assert(fabs(z_of(c, s, &o, 0, x0)) < 4);
  ck_assert(fabs(z_of(c, s, &o, 0, x1)) < 4);
  ck_assert(fabs(z_of(c, s, &o, 4, x00)) < 4);
  ck_assert(fabs(z_of(c, s, &o, 1 + 32 * BEND * BEND, x11)) < 4);
  ck_assert(fabs(z_of(c, s, &o, 32 * BEND, x001)) < 4); /* E[x^2 y] = b (48 - 16) */
  double log_z = 0, error = 0, *draws = malloc(4 * 4000 * 2 * sizeof *draws),
         *lp = malloc(4 * 4000 * sizeof *lp);
  for (size_t k = 0; k < 4; k++) {
    memcpy(draws + k * 8000, com_sample_draws(s, k), 8000 * sizeof *draws);
    memcpy(lp + k * 4000, com_sample_logp(s, k), 4000 * sizeof *lp);
  }
  TEST_OK(c, com_sample_weigh_evidence(c, &o, draws, lp, "test", &log_z, &error, banana_fn, NULL));
  const double want = log(4 * acos(-1));
  ck_assert_msg(error < 0.05 && fabs(log_z - want) < 4 * error, "log Z %.4f +- %.4f, want %.4f", log_z, error,
                want);
  free(draws);
  free(lp);
  com_sample_destroy(s);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(hundred_dimensions) {
  com_ctx *c = test_ctx();
  size_t n = 100;
  const com_sample_opts o = {.n = n, .chains = 2, .warmup = 500, .draws = 500};
  com_sample *s = run(c, &o, 1, 0.4, iid_fn, &n);
  double worst = INFINITY, calls = 0, all = 0, *v = malloc(o.chains * o.draws * sizeof *v);
  for (size_t i = 0; i < n; i++) {
    double ess = 0;
    for (size_t k = 0; k < o.chains; k++)
      for (size_t d = 0; d < o.draws; d++) v[k * o.draws + d] = com_sample_draws(s, k)[d * n + i];
    TEST_OK(c, com_sample_stats_ess(c, o.chains, o.draws, v, &ess));
    worst = fmin(worst, ess);
  }
  for (size_t k = 0; k < o.chains; k++) {
    calls += (double)com_sample_report(s, k).gradients;
    all += (double)com_sample_report(s, k).gradients_warmup;
  }
  ck_assert_msg(worst / calls >= 0.05, "worst of 100: %.0f effective draws for %.0f gradients", worst, calls);
  ck_assert_msg(worst / (calls + all) >= 0.02, "with warm-up: %.0f for %.0f", worst, calls + all);
  free(v);
  com_sample_destroy(s);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(threads_give_the_same_digits) {
  com_ctx *c = test_ctx();
  const com_sample_opts o = {.n = 2, .chains = 5, .warmup = 120, .draws = 60, .dense = 1};
  com_sample *a = run(c, &o, 1, 0.3, banana_fn, NULL), *b = run(c, &o, 3, 0.3, banana_fn, NULL);
  for (size_t k = 0; k < o.chains; k++) {
    ck_assert_int_eq(memcmp(com_sample_draws(a, k), com_sample_draws(b, k), 120 * sizeof(double)), 0);
    ck_assert_int_eq(memcmp(com_sample_logp(a, k), com_sample_logp(b, k), 60 * sizeof(double)), 0);
  }
  ck_assert(memcmp(com_sample_draws(a, 0), com_sample_draws(a, 1), 120 * sizeof(double)) != 0);
  com_sample_destroy(a);
  com_sample_destroy(b);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(walls_and_failures) {
  com_ctx *c = test_ctx();
  const com_sample_opts o = {.n = 1, .chains = 2, .warmup = 600, .draws = 6000};
  com_sample *s = run(c, &o, 1, 0.5, wall_fn, NULL);
  ck_assert(fabs(z_of(c, s, &o, 1, x0)) < 4);
  ck_assert(fabs(z_of(c, s, &o, 2, x00)) < 4);
  size_t hits = 0;
  for (size_t k = 0; k < 2; k++) hits += com_sample_report(s, k).divergences;
  ck_assert_uint_gt(hits, 0);
  com_sample_destroy(s);
  const double outside[1] = {-0.3};
  TEST_OK(c, com_sample_create(c, &o, "test", NULL, NULL, &s, wall_fn, NULL));
  com_sample_start(s, 0, outside);
  TEST_FAILS(c, COM_E_NUM, "chain 0: the density is not finite", com_sample_advance(s, 1));
  com_sample_destroy(s);
  TEST_OK(c, com_sample_create(c, &o, "test", NULL, NULL, &s, broken_fn, c));
  TEST_FAILS(c, COM_E_NUM, "broken", com_sample_advance(s, 1));
  com_sample_destroy(s);
  TEST_FAILS(
      c, COM_E_CONFIG, "at least one",
      com_sample_create(c, &(com_sample_opts){.n = 0, .chains = 1}, "test", NULL, NULL, &s, wall_fn, NULL));
  com_ctx_destroy(c);
}
END_TEST

/* ---- statistics of draws ---- */

/* AR(1) chains have ESS = S (1 - rho) / (1 + rho). */
START_TEST(effective_size_of_ar1) {
  com_ctx *c = test_ctx();
  enum { M = 4, N = 5000 };
  static const double rhos[] = {0.6, 0.0, -0.4};
  double *x = malloc(M * N * sizeof *x);
  for (size_t r = 0; r < 3; r++) {
    com_rng *rng = NULL;
    TEST_OK(c, com_rng_create(c, 11, "ar1", &rng));
    for (size_t k = 0; k < M; k++)
      for (size_t i = 0; i < N; i++) {
        const double e = com_rng_normal(rng) * sqrt(1 - rhos[r] * rhos[r]);
        x[k * N + i] = (i ? rhos[r] * x[k * N + i - 1] : 0) + e;
      }
    com_sample_stats st;
    double ess = 0;
    TEST_OK(c, com_sample_stats_of(c, M, N, x, &st));
    TEST_OK(c, com_sample_stats_ess(c, M, N, x, &ess));
    const double want = M * N * (1 - rhos[r]) / (1 + rhos[r]);
    ck_assert_msg(fabs(ess / want - 1) < 0.12 && fabs(st.ess_bulk / want - 1) < 0.12,
                  "rho %g: %g %g, want %g", rhos[r], ess, st.ess_bulk, want);
    ck_assert(st.rhat < 1.01 && fabs(st.mcse / (st.sd / sqrt(want)) - 1) < 0.1);
    TEST_NEAR(st.q05, -1.6448536, 0.05);
    TEST_NEAR(st.q84, 0.9944579, 0.05);
    for (size_t i = 0; i < N; i++) x[i] += 1; /* one chain elsewhere */
    TEST_OK(c, com_sample_stats_of(c, M, N, x, &st));
    ck_assert_msg(st.rhat > 1.1, "R-hat %.3f of chains that disagree", st.rhat);
    com_rng_destroy(rng);
  }
  free(x);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(small_facts) {
  com_ctx *c = test_ctx();
  double v[6] = {0.4, NAN, -2.1, 3.7, 0.1, 1.1};
  com_sample_stats_sort(6, v);
  ck_assert(v[0] == -2.1 && v[4] == 3.7 && isnan(v[5]));
  TEST_NEAR(com_sample_stats_quantile(5, v, 0.25), 0.1, 1e-15);
  TEST_NEAR(com_sample_stats_quantile(5, v, 0.6), 0.4 + 0.4 * 0.7, 1e-14);
  ck_assert(isnan(com_sample_stats_quantile(0, v, 0.5)));
  const size_t counts[4] = {12, 8, 15, 5}; /* chi2 = (4 + 4 + 25 + 25)/10 = 5.8 on 3: 0.12175... (tables) */
  TEST_NEAR(com_sample_stats_flat(4, counts), 0.12175662, 1e-7);
  com_sample_stats st;
  const double flat[8] = {2, 2, 2, 2, 2, 2, 2, 2}, few[3] = {1.5, 2.5, 4};
  TEST_OK(c, com_sample_stats_of(c, 2, 4, flat, &st));
  ck_assert(isnan(st.rhat) && st.mean == 2);
  TEST_OK(c, com_sample_stats_of(c, 1, 3, few, &st));
  ck_assert(isnan(st.ess_bulk) && st.q50 == 2.5);
  double ess = 0;
  TEST_FAILS(c, COM_E_CONFIG, "too few", com_sample_stats_ess(c, 1, 3, few, &ess));
  com_ctx_destroy(c);
}
END_TEST

/* y_i ~ N(mu, 1), flat prior: posterior N(ybar, 1/n); left out: N(y_i; mean of the others, 1 + 1/(n-1)). */
START_TEST(leave_one_out) {
  com_ctx *c = test_ctx();
  enum { N = 8, S = 8000 };
  const double y[N] = {0.3, -1.1, 0.8, 1.7, -0.4, 0.1, 2.4, -0.9};
  com_sample_weigh_point out[N];
  double mean = 0, *ll = malloc(S * N * sizeof *ll);
  com_rng *rng = NULL;
  for (size_t i = 0; i < N; i++) mean += y[i] / N;
  TEST_OK(c, com_rng_create(c, 5, "loo", &rng));
  const double norm = -0.5 * log(2 * acos(-1));
  for (size_t s = 0; s < S; s++) {
    const double mu = mean + com_rng_normal(rng) / sqrt(N);
    for (size_t i = 0; i < N; i++) ll[s * N + i] = norm - 0.5 * (y[i] - mu) * (y[i] - mu);
  }
  TEST_OK(c, com_sample_weigh_points(c, S, N, ll, out));
  for (size_t i = 0; i < N; i++) {
    const double others = (N * mean - y[i]) / (N - 1), var = 1 + 1.0 / (N - 1);
    const double want = norm - 0.5 * log(var) - 0.5 * (y[i] - others) * (y[i] - others) / var;
    TEST_NEAR(out[i].loo, want, 0.02);
    TEST_NEAR(out[i].waic, want, 0.06);
    ck_assert_msg(out[i].k < 0.5, "k = %g", out[i].k);
  }
  com_rng_destroy(rng);
  free(ll);
  com_ctx_destroy(c);
}
END_TEST

/* Ratios with a Pareto tail of shape 0.9 must be recognised, those of shape 0.3 as well. */
START_TEST(pareto_shape) {
  com_ctx *c = test_ctx();
  enum { S = 20000 };
  static const double shape[] = {0.3, 0.9};
  double *lw = malloc(3 * S * sizeof *lw);
  for (size_t k = 0; k < 2; k++) {
    com_rng *rng = NULL;
    TEST_OK(c, com_rng_create(c, 3, "pareto", &rng));
    for (size_t i = 0; i < S; i++) lw[i] = -shape[k] * log1p(-com_rng_uniform(rng));
    const double got = com_sample_weigh_smooth(S, lw, lw + S);
    ck_assert_msg(fabs(got - shape[k]) < 0.15, "shape %g, want %g", got, shape[k]);
    double sum = 0;
    for (size_t i = 0; i < S; i++) sum += exp(lw[i]);
    TEST_NEAR(sum, 1, 1e-10);
    com_rng_destroy(rng);
  }
  free(lw);
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("sample", gaussian_moments, banana_moments, hundred_dimensions, threads_give_the_same_digits,
          walls_and_failures, effective_size_of_ar1, small_facts, leave_one_out, pareto_shape)
