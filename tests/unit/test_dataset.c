/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/dataset.h"
#include "../test.h"

static com_status parse(com_ctx *c, const char *text, ads_dataset **d) {
  cJSON *j = NULL;
  *d = NULL;
  com_status s = com_json_parse(c, "set.json", text, strlen(text), &j);
  if (!s) s = ads_dataset_parse(c, "set.json", j, d);
  com_json_free(j);
  return s;
}

#define HEAD "{\"schema\":\"holograd/dataset/1\","
#define SRC "\"source\":{\"name\":\"m\",\"unit\":\"MeV\",\"values\":[0.67,1.35,2.69]}"
#define RSP(more) "\"response\":{\"unit\":\"MeV^3\",\"values\":[6.3e6,11.5e6,21.4e6]" more "}"

START_TEST(pairs_with_errors) {
  com_ctx *c = test_ctx();
  ads_dataset *d = NULL;
  TEST_OK(c, parse(c,
                   HEAD "\"name\":\"x\",\"temperature\":{\"value\":207,\"error\":5,\"unit\":\"MeV\"}," SRC
                        "," RSP(",\"errors\":[1e5,2e5,3e5],\"scale_error\":0.08") "}",
                   &d));
  ck_assert_uint_eq(d->n, 3);
  TEST_NEAR(d->T, 0.207, 1e-15);
  TEST_NEAR(d->T_error, 0.005, 1e-15);
  TEST_NEAR(d->scale_error, 0.08, 1e-15);
  TEST_OK(c, ads_dataset_convert(c, d, "GeV", "GeV^3"));
  TEST_NEAR(d->source[1], 1.35e-3, 1e-15);
  TEST_NEAR(d->response[2], 0.0214, 1e-15);
  TEST_NEAR(d->error[0], 1e-4, 1e-15);
  ck_assert_str_eq(d->source_unit, "GeV");
  ads_dataset_destroy(d);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(covariance_replaces_errors) {
  com_ctx *c = test_ctx();
  ads_dataset *d = NULL;
  TEST_OK(c, parse(c, HEAD SRC "," RSP(",\"covariance\":[[4e10,1e10,0],[1e10,9e10,2e10],[0,2e10,16e10]]") "}",
                   &d));
  TEST_NEAR(d->error[1], 3e5, 1e-15);
  TEST_OK(c, ads_dataset_convert(c, d, "GeV", "GeV^3"));
  TEST_NEAR(d->cov[1] / 1e-8, 1.0, 1e-14);
  ads_dataset_destroy(d);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(noise_stands_in) {
  com_ctx *c = test_ctx();
  ads_dataset *d = NULL;
  TEST_OK(c, parse(c, HEAD SRC "," RSP("") "}", &d));
  ck_assert_ptr_null(d->error);
  TEST_OK(c, ads_dataset_noise(c, d, NAN));
  ck_assert_ptr_null(d->error);
  TEST_OK(c, ads_dataset_noise(c, d, 0.01));
  TEST_NEAR(d->error[2], 21.4e4, 1e-15);
  ads_dataset_destroy(d);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(labelled_points) {
  com_ctx *c = test_ctx();
  ads_dataset *d = NULL;
  TEST_OK(c, parse(c, HEAD "\"kind\":\"labelled\",\"phi\":[0.3,0.7],\"pi\":[-0.1,0.2],\"label\":[0,1]}", &d));
  ck_assert_int_eq(d->kind, ADS_DATASET_LABELLED);
  ck_assert_int_eq(d->label[1], 1);
  ads_dataset_destroy(d);
  TEST_FAILS(
      c, COM_E_DATA, "label[1] = 0.5",
      parse(c, HEAD "\"kind\":\"labelled\",\"phi\":[0.3,0.7],\"pi\":[-0.1,0.2],\"label\":[0,0.5]}", &d));
  TEST_FAILS(c, COM_E_DATA, "pi has 1",
             parse(c, HEAD "\"kind\":\"labelled\",\"phi\":[0.3,0.7],\"pi\":[-0.1],\"label\":[0,1]}", &d));
  com_ctx_destroy(c);
}
END_TEST

START_TEST(refusals) {
  static const struct {
    com_status status;
    const char *part, *text;
  } bad[] = {
      {COM_E_CONFIG, "schema is missing", "{" SRC "," RSP("") "}"},
      {COM_E_CONFIG, "holograd/dataset/1", "{\"schema\":\"holograd/dataset/9\"," SRC "," RSP("") "}"},
      {COM_E_DATA, "source is missing", HEAD RSP("") "}"},
      {COM_E_DATA, "response is missing", HEAD SRC "}"},
      {COM_E_DATA, "must pair up", HEAD "\"source\":{\"values\":[1,2]}," RSP("") "}"},
      {COM_E_DATA, "both",
       HEAD SRC "," RSP(",\"errors\":[1,1,1],\"covariance\":[[1,0,0],[0,1,0],[0,0,1]]") "}"},
      {COM_E_DATA, "errors[1] = -2", HEAD SRC "," RSP(",\"errors\":[1,-2,1]") "}"},
      {COM_E_DATA, "errors[0] = 0", HEAD SRC "," RSP(",\"errors\":[0,2,1]") "}"},
      {COM_E_DATA, "errors has 2", HEAD SRC "," RSP(",\"errors\":[1,2]") "}"},
      {COM_E_DATA, "symmetric", HEAD SRC "," RSP(",\"covariance\":[[1,0.2,0],[0.1,1,0],[0,0,1]]") "}"},
      {COM_E_DATA, "positive definite", HEAD SRC "," RSP(",\"covariance\":[[1,2,0],[2,1,0],[0,0,1]]") "}"},
      {COM_E_DATA, "2 rows", HEAD SRC "," RSP(",\"covariance\":[[1,0,0],[0,1,0]]") "}"},
      {COM_E_DATA, "covariance[1] has 2", HEAD SRC "," RSP(",\"covariance\":[[1,0,0],[0,1],[0,0,1]]") "}"},
      {COM_E_DATA, "temperature.unit",
       HEAD "\"temperature\":{\"value\":1,\"unit\":\"furlong\"}," SRC "," RSP("") "}"},
      {COM_E_DATA, "temperature.value = -1", HEAD "\"temperature\":{\"value\":-1}," SRC "," RSP("") "}"},
      {COM_E_DATA, "values", HEAD "\"source\":{\"values\":[]}," RSP("") "}"},
      {COM_E_DATA, "sorce", HEAD "\"sorce\":{}," SRC "," RSP("") "}"},
      {COM_E_DATA, "values", HEAD "\"source\":{\"values\":[1,\"two\",3]}," RSP("") "}"},
  };
  com_ctx *c = test_ctx();
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    ads_dataset *d = NULL;
    TEST_FAILS(c, bad[i].status, bad[i].part, parse(c, bad[i].text, &d));
    ck_assert_ptr_null(d);
  }
  com_ctx_destroy(c);
}
END_TEST

START_TEST(wrong_units_are_refused) {
  com_ctx *c = test_ctx();
  ads_dataset *d = NULL;
  TEST_OK(c, parse(c, HEAD SRC "," RSP("") "}", &d));
  TEST_FAILS(c, COM_E_DATA, "another dimension", ads_dataset_convert(c, d, "GeV", "GeV^2"));
  ads_dataset_destroy(d);
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("dataset", pairs_with_errors, covariance_replaces_errors, noise_stands_in, labelled_points,
          refusals, wrong_units_are_refused)
