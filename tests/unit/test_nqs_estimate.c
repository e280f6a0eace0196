/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../nqs.h"

/* x_{t+1} = r x_t + sqrt(1 - r^2) N(0,1): variance 1, integrated autocorrelation time (1 + r)/(2 (1 - r)). */
static void ar1(com_rng *g, double r, double mean, size_t n_chains, size_t n_time, double complex *x) {
  for (size_t c = 0; c < n_chains; c++) {
    double v = com_rng_normal(g);
    for (size_t t = 0; t < n_time; t++) {
      x[c * n_time + t] = mean + v;
      v = r * v + sqrt(1 - r * r) * com_rng_normal(g);
    }
  }
}

/* z-scores of the mean over many series: mean 0, variance 1. */
static void check_scores(double r, size_t chains, size_t length) {
  enum { RUNS = 400 };
  com_ctx *c = test_ctx();
  com_rng *g = NULL;
  double complex *x = malloc(chains * length * sizeof *x);
  double sum = 0, sum2 = 0, tau = 0;
  TEST_OK(c, com_rng_create(c, 5, "ar1", &g));
  for (int k = 0; k < RUNS; k++) {
    nqs_estimate e;
    ar1(g, r, 2.385, chains, length, x);
    nqs_estimate_series(chains, length, x, NULL, &e);
    const double z = (e.mean - 2.385) / e.error;
    sum += z, sum2 += z * z, tau += e.tau / RUNS;
  }
  const double mean = sum / RUNS, var = sum2 / RUNS - mean * mean;
  ck_assert_msg(fabs(mean) < 0.2 && var > 0.8 && var < 1.3, "r = %g: z mean %g variance %g", r, mean, var);
  TEST_NEAR(tau, (1 + r) / (2 * (1 - r)), 0.1);
  free(x);
  com_rng_destroy(g);
  com_ctx_destroy(c);
}

START_TEST(error_bars) {
  check_scores(0, 16, 60);
  check_scores(0.6, 16, 250);
  check_scores(0.8, 4, 1500);
  check_scores(0.5, 1, 2000);
}
END_TEST

START_TEST(rhat) {
  com_ctx *c = test_ctx();
  com_rng *g = NULL;
  double complex x[8 * 200];
  nqs_estimate e;
  TEST_OK(c, com_rng_create(c, 7, "rhat", &g));
  ar1(g, 0.3, 0, 8, 200, x);
  nqs_estimate_series(8, 200, x, NULL, &e);
  ck_assert_msg(e.rhat > 0.98 && e.rhat < 1.03, "%g", e.rhat);
  for (int t = 0; t < 200; t++) x[3 * 200 + t] += 7; /* one chain hangs elsewhere */
  nqs_estimate_series(8, 200, x, NULL, &e);
  ck_assert_msg(e.rhat > 1.5, "%g", e.rhat);
  /* the error is that of eight means, one of which is off by 7: 7/8 from the mean of all */
  TEST_NEAR(e.error, 7 / 8.0, 0.1);
  com_rng_destroy(g);
  com_ctx_destroy(c);
}
END_TEST

/* By hand: two chains of four. */
START_TEST(small) {
  const double complex x[] = {1, 2, 4, 3, 2 + I, 2 - I, 5, 1};
  nqs_estimate e;
  nqs_estimate_series(2, 4, x, NULL, &e);
  TEST_NEAR(e.mean, 2.5, 1e-15);
  TEST_NEAR(e.imag, 0, 1e-15);
  TEST_NEAR(e.variance, (2.25 + .25 + 2.25 + .25 + 1.25 + 1.25 + 6.25 + 2.25) / 8, 1e-15);
  /* halves (1,2) (4,3) (2,2) (5,1): means 1.5 3.5 2 3, variances .5 .5 0 8; W = 2.25, B = var of means = 0.8333 */
  TEST_NEAR(e.rhat, sqrt((0.5 * 2.25 + 2.5 / 3) / 2.25), 1e-14);
  const double w[] = {.1, .2, .05, .15, .2, .1, .05, .15};
  nqs_estimate_series(1, 8, x, w, &e);
  TEST_NEAR(e.mean, .1 + .4 + .2 + .45 + .4 + .2 + .25 + .15, 1e-15);
  TEST_NEAR(e.error, 0, 0);
  ck_assert(isnan(e.rhat) && isnan(e.tau));
  TEST_NEAR(nqs_estimate_v_score(&(nqs_estimate){.mean = -3, .variance = 0.5}, 10, 1), 10 * 0.5 / 16, 1e-15);
}
END_TEST

START_TEST(degenerate) {
  nqs_estimate e;
  double complex x[12];
  for (int k = 0; k < 12; k++) x[k] = -2.5;
  nqs_estimate_series(3, 4, x, NULL, &e);
  TEST_NEAR(e.error, 0, 0);
  TEST_NEAR(e.rhat, 1, 0);
  x[5] = NAN;
  nqs_estimate_series(3, 4, x, NULL, &e);
  ck_assert(isnan(e.error));
}
END_TEST

TEST_MAIN("nqs_estimate", error_bars, rhat, small, degenerate)
