/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The synthetic dip: generated from its truth, exact responses against an integration written out here, and learned from many seeds to
 * within one per cent of them. */
#include "../test.h"
#include "ads/compare_truth.h"
#include "ads/generate.h"
#include "ads/fit_task.h"
#include "ads/trainer.h"

static const double theta[5] = {-1.7485, -23.77, 88.56, -99.21, 39.33}, LAMBDA = 0.0145, SCALE = 2.5;

static double h_true(double eta) {
  double h = 1 / eta, power = 1;
  for (int k = 0; k < 5; k++, power *= eta) h += theta[k] * power;
  return h;
}

static void slope(double x, const double y[2], double f[2]) { /* d/dx, x = ln eta */
  const double eta = exp(x);
  f[0] = eta * y[1];
  f[1] = eta * (-h_true(eta) * y[1] - 3 * y[0] + LAMBDA * y[0] * y[0] * y[0]);
}

/* pi(1/15) of a pair: the map of 1809.10536 section II, then 4000 classical Runge-Kutta steps in ln eta. */
static double residual(double s, double r) {
  const double a = sqrt(3.0) / (2 * M_PI) * s * SCALE, b = M_PI / sqrt(3.0) * r * SCALE * SCALE * SCALE,
               e1 = exp(-1), e3 = exp(-3), log_term = LAMBDA * a * a * a / 2, dx = log(1.0 / 15) / 4000;
  double y[2] = {a * e1 + b * e3 - log_term * e3, -a * e1 - (3 * b + log_term) * e3 + 3 * log_term * e3};
  for (int i = 0; i < 4000; i++) {
    double k[4][2], z[2];
    const double x = i * dx;
    slope(x, y, k[0]);
    for (int t = 1; t < 4; t++) {
      const double part = t == 3 ? dx : dx / 2;
      for (int j = 0; j < 2; j++) z[j] = y[j] + part * k[t - 1][j];
      slope(x + part, z, k[t]);
    }
    for (int j = 0; j < 2; j++) y[j] += dx / 6 * (k[0][j] + 2 * k[1][j] + 2 * k[2][j] + k[3][j]);
  }
  return y[1];
}

static cJSON *generated(com_ctx *c, const char *set) {
  cJSON *j = NULL, *out = NULL;
  const cJSON *parameters = NULL;
  ads_config cfg;
  TEST_OK(c, com_json_load(c, "data/synthetic_dip/truth.json", &j));
  if (set) TEST_OK(c, com_json_set(c, j, set));
  TEST_OK(c, ads_config_read(c, "truth", j, &cfg, &parameters));
  com_ctx_reseed(c, cfg.seed.value);
  TEST_OK(c, ads_generate_run(c, &cfg, parameters, &out));
  ads_config_finish(&cfg);
  com_json_free(j);
  return out;
}

static size_t values(com_ctx *c, const cJSON *data, const char *axis, double **v) {
  size_t n = 0;
  TEST_OK(c, com_json_read_reals(c, "data", axis, com_json_get(com_json_get(data, axis), "values"), v, &n));
  return n;
}

START_TEST(truth) {
  com_ctx *c = test_ctx();
  cJSON *exact = generated(c, "generate.relative_error=0"), *noisy = generated(c, NULL), *stored = NULL;
  double *s, *r, *a, *b;
  const size_t n = values(c, exact, "source", &s);
  ck_assert_uint_eq(n, 12);
  values(c, exact, "response", &r);
  for (size_t i = 0; i < n; i++) { /* the root by a secant through two residuals of an own integration */
    const double f0 = residual(s[i], r[i]), f1 = residual(s[i], 1.001 * r[i]);
    ck_assert_double_lt(fabs(f0 / (f1 - f0)) * 0.001, 1e-7);
  }
  ck_assert(r[0] / s[0] > 9.9 && r[0] / s[0] < 10.1 && r[11] / s[11] > 5.5 && r[11] / s[11] < 5.7);
  TEST_OK(c, com_json_load(c, "data/synthetic_dip/data.json", &stored));
  values(c, noisy, "response", &a);
  values(c, stored, "response", &b);
  for (size_t i = 0; i < n; i++) TEST_NEAR(a[i] / b[i], 1, 1e-9); /* the stored set is this one */
  const double eta[3] = {0.123, 0.35, 0.987};
  double h[3];
  const cJSON *p = NULL;
  TEST_OK(c, ads_compare_truth(c, stored, 3, eta, h, &p));
  for (int k = 0; k < 3; k++) TEST_NEAR(h[k], h_true(eta[k]), 1e-12);
  TEST_NEAR(com_json_num(com_json_get(p, "dictionary.L"), NAN), SCALE, 1e-15);
  com_json_remove(stored, "provenance");
  TEST_OK(c, ads_compare_truth(c, stored, 3, eta, h, &p));
  ck_assert(!p);
  free(s), free(r), free(a), free(b);
  com_json_free(exact), com_json_free(noisy), com_json_free(stored);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(learned_from_any_seed) {
  static const char *const path = "examples/01_recover_known_metric/config.json";
  com_ctx *c = test_ctx();
  cJSON *exact = generated(c, "generate.relative_error=0");
  double *want;
  const size_t n = values(c, exact, "response", &want);
  double worst = 0, lambda_lo = INFINITY, lambda_hi = 0;
  for (unsigned seed = 101; seed < 111; seed++) {
    cJSON *j = NULL, *result = NULL;
    const cJSON *parameters = NULL;
    ads_config cfg;
    ads_fit *fit = NULL;
    ads_trainer *t = NULL;
    com_ctx_reseed(c, seed);
    TEST_OK(c, com_json_load(c, path, &j));
    TEST_OK(c, com_json_set(c, j, "restarts=1"));
    TEST_OK(c, ads_config_read(c, path, j, &cfg, &parameters));
    TEST_OK(c, ads_fit_create(c, &cfg, NULL, &fit));
    TEST_OK(c, ads_trainer_create(c, ads_fit_task(fit), &t));
    while (!ads_trainer_stop(t)) TEST_OK(c, ads_trainer_iterate(t));
    TEST_OK(c, ads_trainer_result(t, &result));
    ck_assert_double_le(com_json_num(com_json_get(result, "chi2"), NAN), 1.6 * (double)n);
    for (size_t i = 0; i < n; i++) {
      const cJSON *e = com_json_at(com_json_get(result, "predictions"), i);
      const double got = com_json_num(com_json_get(e, "predicted_response"), NAN);
      worst = fmax(worst, fabs(got / want[i] - 1));
      ck_assert_msg(fabs(got / want[i] - 1) < 0.01, "seed %u, point %zu: %.6g for %.6g", seed, i, got,
                    want[i]);
    }
    const double l = com_json_num(com_json_get(com_json_get(result, "parameters"), "bulk.lambda"), NAN);
    lambda_lo = fmin(lambda_lo, l), lambda_hi = fmax(lambda_hi, l);
    com_json_free(result);
    ads_trainer_destroy(t);
    ads_fit_destroy(fit);
    ads_config_finish(&cfg);
    com_json_free(j);
  }
  TEST_SAY("responses of 10 seeds within %.2f %% of the truth; lambda %.2g to %.2g, true %g", 100 * worst,
           lambda_lo, lambda_hi, LAMBDA);
  free(want);
  com_json_free(exact);
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("recover", truth, learned_from_any_seed)
