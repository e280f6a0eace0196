/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Joint fits of two temperatures with lambda and L in common and h smooth in T: the penalty by its own integral, its Jacobian by differences, and
 * its two limits: without any stiffness the independent fits, with an infinite one the fit of a shared h. */
#include "../test.h"
#include "ads/fit.h"
#include "ads/fit_task.h"
#include "ads/trainer.h"

static const char FORM[] =
    "{\"schema\":\"holograd/train/1\",\"metric\":{\"type\":\"pole_poly\",\"n\":3,\"theta\":[-2.6,0.7,4.1]},"
    "\"bulk\":{\"type\":\"scalar_phi4\",\"d\":4,\"m2\":-3,\"lambda\":0.0077},"
    "\"dictionary\":{\"type\":\"qcd\",\"Nc\":3,\"L\":3.2},"
    "\"flow\":{\"type\":\"rk\",\"order\":8,\"n_steps\":30,\"grid\":\"log\",\"eta_uv\":1,\"eta_ir\":0."
    "0666666666666667},"
    "\"penalties\":[{\"type\":\"uv_value\",\"weight\":1},{\"type\":\"smooth\",\"weight\":100,\"power\":4}%s],"
    "\"restarts\":1,\"shared\":[%s\"bulk.lambda\",\"dictionary.L\"],\"datasets\":["
    "{\"group\":\"B\",\"file\":{\"schema\":\"holograd/dataset/1\",\"name\":\"b\",\"kind\":\"response\","
    "\"temperature\":{\"value\":%s},"
    "\"source\":{\"name\":\"m_q\",\"unit\":\"GeV\",\"values\":[0.0027,0.0054,0.0108,0.0216]},"
    "\"response\":{\"name\":\"c\",\"unit\":\"GeV^3\",\"values\":[0.0187,0.0338,0.0589,0.0935],\"errors\":[0."
    "002,0.002,0.003,0.004]}}},"
    "{\"group\":\"A\",\"file\":{\"schema\":\"holograd/dataset/1\",\"name\":\"a\",\"kind\":\"response\","
    "\"temperature\":{\"value\":0.207},"
    "\"source\":{\"name\":\"m_q\",\"unit\":\"GeV\",\"values\":[0.0027,0.0054,0.0108,0.0216]},"
    "\"response\":{\"name\":\"c\",\"unit\":\"GeV^3\",\"values\":[0.0218,0.0385,0.0660,0.1031],\"errors\":[0."
    "002,0.002,0.003,0.004]}}}]}";

static com_status open_fit(com_ctx *c, const char *penalty, const char *shared, const char *T,
                           ads_config *cfg, ads_fit **f) {
  char text[4096];
  cJSON *j = NULL;
  const cJSON *parameters = NULL;
  *f = NULL;
  snprintf(text, sizeof text, FORM, penalty, shared, T);
  com_status s = com_json_parse(c, "test", text, strlen(text), &j);
  if (!s) s = ads_config_read(c, "test", j, cfg, &parameters);
  com_json_free(j);
  if (s) return s;
  s = ads_fit_create(c, cfg, NULL, f);
  if (s) ads_config_finish(cfg);
  return s;
}

typedef struct fitted {
  double h[2][5], loss; /* h of A, B */
} fitted;

static void train(const char *penalty, const char *shared, fitted *out) {
  static const double eta[5] = {0.1, 0.25, 0.45, 0.7, 0.95};
  com_ctx *c = test_ctx();
  ads_config cfg;
  ads_fit *f;
  ads_trainer *t = NULL;
  double full[16];
  size_t n_bad = 0;
  TEST_OK(c, open_fit(c, penalty, shared, "0.25", &cfg, &f));
  TEST_OK(c, ads_trainer_create(c, ads_fit_task(f), &t));
  while (!ads_trainer_stop(t)) TEST_OK(c, ads_trainer_iterate(t));
  const com_params *p = ads_fit_params(f);
  memcpy(full, ads_trainer_best(t), com_params_n(p) * sizeof *full);
  TEST_OK(c, ads_fit_value(f, ADS_LOSS_PROPER, 1, -1, full, &out->loss, NULL, &n_bad));
  for (size_t g = 0; g < 2; g++) {
    double theta[8];
    for (size_t k = 0; k < 3; k++) theta[k] = full[ads_fit_group(f, g)->map[k]];
    ads_metric_eval(ads_model_metric(ads_fit_group(f, g)->model), theta, 5, eta, out->h[1 - g], NULL);
  }
  ads_trainer_destroy(t);
  ads_fit_destroy(f);
  ads_config_finish(&cfg);
  com_ctx_destroy(c);
}

static double apart(const fitted *a) {
  double sum = 0;
  for (int i = 0; i < 5; i++) sum += pow(a->h[1][i] - a->h[0][i], 2) / 5;
  return sqrt(sum);
}

/* lambda and L are given, and the smoothness of h decides what the data leave open: each objective then has one minimum. */
START_TEST(limits) {
  fitted free_, none, soft, stiff, rigid, shared;
  train("", "", &free_);
  train(",{\"type\":\"temperature\",\"length\":0,\"weight\":1}", "", &none);
  train(",{\"type\":\"temperature\",\"length\":0.02,\"weight\":1}", "", &soft);
  train(",{\"type\":\"temperature\",\"length\":2,\"weight\":1}", "", &stiff);
  train(",{\"type\":\"temperature\",\"length\":1e9,\"weight\":1}", "", &rigid);
  train("", "\"metric.theta\",", &shared);
  for (int i = 0; i < 5; i++) {
    TEST_NEAR(none.h[0][i], free_.h[0][i], 1e-7);
    TEST_NEAR(none.h[1][i], free_.h[1][i], 1e-7);
    TEST_NEAR(rigid.h[0][i], shared.h[0][i], 1e-3);
    TEST_NEAR(rigid.h[1][i], shared.h[1][i], 1e-3);
  }
  TEST_NEAR(rigid.loss, shared.loss, 1e-4);
  ck_assert_msg(apart(&free_) > apart(&soft) && apart(&soft) > apart(&stiff) && apart(&stiff) > apart(&rigid),
                "%g %g %g %g", apart(&free_), apart(&soft), apart(&stiff), apart(&rigid));
  ck_assert(apart(&free_) > 0.01 && apart(&rigid) < 1e-5);
  ck_assert(free_.loss < soft.loss && soft.loss < stiff.loss && stiff.loss < shared.loss + 1e-6);
}
END_TEST

/* P = length/dT times the mean of the squared difference; Jacobian of the residuals against differences. */
START_TEST(value_and_jacobian) {
  enum { N = 8, ROWS = 8 + 2 * (1 + 64) + 32 };
  com_ctx *c = test_ctx();
  ads_config cfg, plain;
  ads_fit *f, *without;
  double full[N], r[ROWS], hi[ROWS], lo[ROWS], J[ROWS * N], P = 0, with = 0, bare = 0, want = 0, g[N];
  size_t n_bad = 0;
  TEST_OK(c, open_fit(c, ",{\"type\":\"temperature\",\"length\":0.31,\"weight\":1.7}", "", "0.25", &cfg, &f));
  TEST_OK(c, open_fit(c, "", "", "0.25", &plain, &without));
  ck_assert_uint_eq(com_params_n(ads_fit_params(f)), N);
  ck_assert_uint_eq(ads_fit_n_res(f, ADS_LOSS_PROPER), ROWS);
  ck_assert_uint_eq(ads_fit_n_res(f, 0), ads_fit_n_res(without, 0)); /* not on the way to the basin */
  TEST_OK(c, ads_fit_start(f, 1, full));
  for (size_t k = 0; k < 3; k++) full[ads_fit_group(f, 0)->map[k]] += 0.2 * sin(2.0 * (double)k + 1);
  TEST_OK(c, ads_fit_residuals(f, ADS_LOSS_PROPER, full, r, J, &n_bad));
  for (size_t i = ROWS - 32; i < ROWS; i++) P += r[i] * r[i];
  enum { M = 20001 };
  const ads_metric *m = ads_model_metric(ads_fit_group(f, 0)->model);
  for (int i = 0; i < M; i++) { /* Simpson */
    const double eta = m->span.eta_ir + (m->span.eta_uv - m->span.eta_ir) * i / (M - 1),
                 w = (i == 0 || i == M - 1 ? 1
                      : i % 2              ? 4
                                           : 2) /
                     3.0 / (M - 1);
    double h[2], theta[3];
    for (size_t side = 0; side < 2; side++) {
      for (size_t k = 0; k < 3; k++) theta[k] = full[ads_fit_group(f, side)->map[k]];
      ads_metric_eval(m, theta, 1, &eta, h + side, NULL);
    }
    want += 1.7 * 0.31 / (0.25 - 0.207) * w * pow(h[1] - h[0], 2);
  }
  TEST_NEAR(P, want, 1e-10);
  TEST_OK(c, ads_fit_value(f, ADS_LOSS_PROPER, 1, -1, full, &with, g, &n_bad));
  TEST_OK(c, ads_fit_value(without, ADS_LOSS_PROPER, 1, -1, full, &bare, NULL, &n_bad));
  TEST_NEAR(with - bare, want, 1e-9);
  for (size_t k = 0; k < N; k++) {
    const double x0 = full[k];
    full[k] = x0 + 1e-4;
    TEST_OK(c, ads_fit_residuals(f, ADS_LOSS_PROPER, full, hi, NULL, &n_bad));
    full[k] = x0 - 1e-4;
    TEST_OK(c, ads_fit_residuals(f, ADS_LOSS_PROPER, full, lo, NULL, &n_bad));
    full[k] = x0;
    for (size_t i = ROWS - 32; i < ROWS; i++) TEST_NEAR(J[i * N + k], (hi[i] - lo[i]) / 2e-4, 1e-9);
  }
  ads_fit_destroy(f);
  ads_fit_destroy(without);
  ads_config_finish(&cfg);
  ads_config_finish(&plain);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(refused) {
  com_ctx *c = test_ctx();
  ads_config cfg;
  ads_fit *f;
  static const char penalty[] = ",{\"type\":\"temperature\"}";
  TEST_FAILS(c, COM_E_CONFIG, "same temperature", open_fit(c, penalty, "", "0.207", &cfg, &f));
  static const char one[] =
      "{\"schema\":\"holograd/train/1\",\"penalties\":[{\"type\":\"temperature\"}],\"dataset\":"
      "{\"schema\":\"holograd/dataset/1\",\"name\":\"c\",\"kind\":\"response\",\"temperature\":{\"value\":0."
      "2},\"source\":{\"name\":\"m_q\",\"unit\":\"GeV\",\"values\":[0.01]},"
      "\"response\":{\"name\":\"c\",\"unit\":\"GeV^3\",\"values\":[0.06],\"errors\":[0.01]}}}";
  cJSON *j = NULL;
  const cJSON *parameters = NULL;
  TEST_OK(c, com_json_parse(c, "test", one, strlen(one), &j));
  TEST_OK(c, ads_config_read(c, "test", j, &cfg, &parameters));
  TEST_FAILS(c, COM_E_CONFIG, "joint fit of several temperatures", ads_fit_create(c, &cfg, NULL, &f));
  ads_config_finish(&cfg);
  com_json_free(j);
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("fit_temperature", value_and_jacobian, limits, refused)
