/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Synthetic data: on shell to rounding, noise of the stated size, labels that the same flow confirms, errors. */
#include "../pieces.h"
#include "ads/dataset.h"
#include "ads/generate.h"

static const char *const head =
    "{\"schema\":\"holograd/train/1\",\"metric\":{\"type\":\"schwarzschild\"},"
    "\"bulk\":{\"type\":\"scalar_phi4\",\"d\":3,\"m2\":-1,\"lambda\":1},\"dictionary\":{\"type\":"
    "\"state\"},\"flow\":{\"type\":\"resnet\",\"n_layers\":10,\"eta_ir\":0.1},\"generate\":";

static com_status generate(com_ctx *c, const char *block, cJSON **out) {
  char text[1024];
  cJSON *j = NULL;
  const cJSON *parameters = NULL;
  ads_config cfg;
  snprintf(text, sizeof text, "%s%s}", head, block);
  TEST_OK(c, com_json_parse(c, "test", text, strlen(text), &j));
  TEST_OK(c, ads_config_read(c, "test", j, &cfg, &parameters));
  const com_status s = ads_generate_run(c, &cfg, parameters, out);
  ads_config_finish(&cfg);
  com_json_free(j);
  return s;
}

/* pi at the end of the ten Euler layers, by hand. */
static double layers(double phi, double pi) {
  for (int k = 0; k < 10; k++) {
    const double step = -0.09, eta = 1 + k * step, h = 3 / tanh(3 * eta);
    const double up = pi - step * (h * pi + phi - phi * phi * phi);
    phi += step * pi, pi = up;
  }
  return pi;
}

static size_t reals(com_ctx *c, const cJSON *j, double **v) {
  size_t n = 0;
  TEST_OK(c, com_json_read_reals(c, "test", "x", j, v, &n));
  return n;
}

START_TEST(pairs) {
  com_ctx *c = test_ctx();
  for (int by_response = 0; by_response < 2; by_response++) {
    cJSON *d = NULL;
    double *s, *r;
    TEST_OK(c,
            generate(c,
                     by_response ? "{\"n\":7,\"given\":\"response\",\"source_min\":0.02,\"source_max\":0.09}"
                                 : "{\"n\":7}",
                     &d));
    const size_t n = reals(c, com_json_get(com_json_get(d, "source"), "values"), &s);
    ck_assert_uint_eq(reals(c, com_json_get(com_json_get(d, "response"), "values"), &r), n);
    ck_assert_uint_eq(n, 7);
    for (size_t i = 0; i < n; i++) ck_assert_double_lt(fabs(layers(s[i], r[i])), 1e-13);
    TEST_NEAR(by_response ? r[6] : s[6], by_response ? 0.09 : 1.5, 1e-14);
    ck_assert(!com_json_get(com_json_get(d, "response"), "errors"));
    ads_dataset *back = NULL;
    TEST_OK(c, ads_dataset_parse(c, "test", d, &back)); /* what generate writes, train reads */
    ads_dataset_destroy(back);
    com_json_free(d), free(s), free(r);
  }
  com_ctx_destroy(c);
}
END_TEST

/* Every kind of bulk and dictionary makes pairs that its own flow confirms, and says what made them. */
START_TEST(every_system) {
  static const char *const systems[] = {
      "{\"schema\":\"holograd/train/"
      "1\",\"metric\":{\"type\":\"spline\",\"n\":3,\"theta\":[-0.17,-0.25,-0.08]},"
      "\"bulk\":{\"type\":\"friction\"},\"dictionary\":{\"type\":\"state\"},\"flow\":{\"type\":\"cvodes\","
      "\"eta_uv\":0,\"eta_ir\":10},\"generate\":{\"n\":9,\"source_min\":-2.5,\"source_max\":2.5,\"response_"
      "min\":-3,"
      "\"response_max\":3,\"all_roots\":true}}",
      "{\"schema\":\"holograd/train/"
      "1\",\"metric\":{\"type\":\"schwarzschild\"},\"bulk\":{\"type\":\"scalar_phi4\","
      "\"d\":3,\"m2\":-1,\"lambda\":1},\"dictionary\":{\"type\":\"generic\"},\"flow\":{\"type\":\"rk\",\"eta_"
      "ir\":0.1},"
      "\"generate\":{\"n\":4,\"spacing\":\"log\",\"response_min\":-9,\"response_max\":9}}",
      "{\"schema\":\"holograd/train/1\",\"metric\":{\"type\":\"layers\",\"n\":4,\"theta\":[4.1,2.3,1.7,6.9]},"
      "\"bulk\":{\"type\":\"scalar_phi4\",\"lambda\":0.3},\"dictionary\":{\"type\":\"linear\",\"alpha\":0.4,"
      "\"beta\":-0.7},\"flow\":{\"type\":\"resnet\",\"n_layers\":4},\"generate\":{\"n\":5,\"response_min\":-"
      "9,"
      "\"response_max\":9,\"temperature\":0.155}}"};
  for (size_t k = 0; k < sizeof systems / sizeof *systems; k++) {
    com_ctx *c = test_ctx();
    cJSON *j = NULL, *d = NULL;
    const cJSON *parameters = NULL, *from;
    ads_config cfg;
    ads_dataset *data = NULL;
    ads_model *m = NULL;
    ads_model_eval ev;
    double p[16], *theta;
    TEST_OK(c, com_json_parse(c, "test", systems[k], strlen(systems[k]), &j));
    TEST_OK(c, ads_config_read(c, "test", j, &cfg, &parameters));
    TEST_OK(c, ads_generate_run(c, &cfg, parameters, &d));
    TEST_OK(c, ads_dataset_parse(c, "test", d, &data));
    ck_assert_uint_gt(data->n, 3);
    const ads_model_parts parts = {&cfg.metric, &cfg.bulk, &cfg.dictionary, &cfg.flow};
    TEST_OK(c, ads_model_create(c, &parts, NULL, &m));
    from = com_json_get(com_json_get(d, "provenance"), "truth");
    const cJSON *given = com_json_get(from, "metric.theta");
    size_t n = given ? reals(c, given, &theta) : 0;
    ck_assert_uint_eq(n, ads_model_n_theta(m));
    if (n) memcpy(p, theta, n * sizeof *p), free(theta);
    const char *const rest[] = {"bulk.lambda", "dictionary.alpha", "dictionary.beta"};
    for (int i = 0; i < 3; i++)
      if (com_json_get(from, rest[i])) p[n++] = com_json_num(com_json_get(from, rest[i]), NAN);
    ck_assert_uint_eq(n, ads_model_n_params(m));
    TEST_OK(c, ads_model_run(m, ADS_MODEL_SR, p, data->n, data->source, data->response, &ev));
    for (size_t i = 0; i < data->n; i++)
      ck_assert_msg(fabs(ev.F[i] / ev.Fr[i]) < 1e-6, "system %zu, point %zu: off by %.2g", k, i,
                    ev.F[i] / ev.Fr[i]);
    if (k == 2) TEST_NEAR(data->T, 0.155, 1e-15);
    ads_model_destroy(m);
    ads_dataset_destroy(data);
    ads_config_finish(&cfg);
    com_json_free(d), com_json_free(j);
    com_ctx_destroy(c);
  }
}
END_TEST

START_TEST(noise) {
  com_ctx *c = test_ctx();
  cJSON *exact = NULL, *noisy = NULL;
  double *r, *z, *e, chi2 = 0;
  TEST_OK(c, generate(c, "{\"n\":400}", &exact));
  TEST_OK(c, generate(c, "{\"n\":400,\"relative_error\":0.03,\"error\":0.002}", &noisy));
  const size_t n = reals(c, com_json_get(com_json_get(exact, "response"), "values"), &r);
  reals(c, com_json_get(com_json_get(noisy, "response"), "values"), &z);
  reals(c, com_json_get(com_json_get(noisy, "response"), "errors"), &e);
  for (size_t i = 0; i < n; i++) {
    TEST_NEAR(e[i], hypot(0.03 * r[i], 0.002), 1e-13);
    chi2 += pow((z[i] - r[i]) / e[i], 2);
  }
  const double score =
      (chi2 - (double)n) / sqrt(2 * (double)n); /* of a chi-square with n degrees of freedom */
  ck_assert_msg(fabs(score) < 4, "z-score of the noise %.2f", score);
  com_json_free(exact), com_json_free(noisy), free(r), free(z), free(e);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(labels) {
  com_ctx *c = test_ctx();
  cJSON *d = NULL;
  ads_dataset *data = NULL;
  TEST_OK(c, generate(c, "{\"kind\":\"labelled\",\"positives\":137,\"negatives\":211,\"eps\":0.07}", &d));
  TEST_OK(c, ads_dataset_parse(c, "test", d, &data));
  ck_assert_uint_eq(data->n, 348);
  for (size_t i = 0; i < data->n; i++) {
    ck_assert_int_eq(data->label[i], i >= 137);
    ck_assert_int_eq(fabs(layers(data->phi[i], data->pi[i])) >= 0.07, data->label[i]);
    ck_assert(data->phi[i] >= 0 && data->phi[i] < 1.5 && fabs(data->pi[i]) <= 0.2);
  }
  ads_dataset_destroy(data);
  com_json_free(d);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(refusals) {
  com_ctx *c = test_ctx();
  cJSON *d = NULL;
  TEST_FAILS(c, COM_E_CONFIG, "spacing", generate(c, "{\"spacing\":\"log\",\"source_min\":0}", &d));
  TEST_FAILS(c, COM_E_NUM, "widen", generate(c, "{\"response_min\":0.7,\"response_max\":0.8}", &d));
  TEST_FAILS(c, COM_E_CONFIG, "nn", generate(c, "{\"nn\":3}", &d));
  TEST_FAILS(c, COM_E_NUM, "found",
             generate(c, "{\"kind\":\"labelled\",\"positives\":3,\"negatives\":1,\"eps\":1e5}", &d));
  ck_assert(!d);
  TEST_OK(c, generate(c, "{\"n\":5,\"source_min\":0.05,\"source_max\":3,\"response_max\":0.1}", &d));
  ck_assert_uint_eq(com_ctx_n_warnings(c),
                    1); /* sources whose response lies outside are left out, and said */
  com_json_free(d);
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("generate", pairs, every_system, noise, labels, refusals)
