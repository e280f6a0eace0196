/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comparison of flows: the diagonal of the transfer matrix is the training loss, errors fall with the step, refusals. */
#include "../pieces.h"
#include "ads/compare.h"
#include "common/table.h"

static const char *const data =
    "{\"schema\":\"holograd/dataset/1\",\"name\":\"d\",\"title\":\"nine points\",\"kind\":\"response\","
    "\"source\":{\"name\":\"s\",\"unit\":\"1\",\"values\":[0.1,0.2,0.3,0.4,0.5,0.6]},"
    "\"response\":{\"name\":\"r\",\"unit\":\"1\",\"values\":[-0.032,-0.061,-0.086,-0.104,-0.114,-0.114],"
    "\"errors\":[0.01,0.01,0.01,0.01,0.01,0.01]},\"provenance\":{\"citation\":\"c\"}}";

static com_status compare(com_ctx *c, const char *flows, const char *more, cJSON **out) {
  char text[4096];
  cJSON *j = NULL;
  const cJSON *parameters = NULL;
  ads_config cfg;
  snprintf(text, sizeof text,
           "{\"schema\":\"holograd/train/"
           "1\",\"dataset\":%s,\"metric\":{\"type\":\"pole_poly\",\"n\":3},\"bulk\":{\"type\":"
           "\"scalar_phi4\",\"d\":3,\"m2\":-1,\"lambda\":1},\"dictionary\":{\"type\":\"state\"},\"flows\":%s,"
           "\"restarts\":2,"
           "\"penalties\":[{\"type\":\"einstein\",\"weight\":1}],\"loss\":{\"type\":\"distance\"}%s}",
           data, flows, more);
  TEST_OK(c, com_json_parse(c, "test", text, strlen(text), &j));
  TEST_OK(c, ads_config_read(c, "test", j, &cfg, &parameters));
  const com_status s = ads_compare_run(c, &cfg, out);
  ads_config_finish(&cfg);
  com_json_free(j);
  return s;
}

START_TEST(numbers) {
  com_ctx *c = test_ctx();
  cJSON *doc = NULL;
  TEST_OK(c, compare(c,
                     "[{\"type\":\"resnet\",\"n_layers\":200},{\"type\":\"resnet\",\"n_layers\":1600},{"
                     "\"type\":\"rk\",\"n_steps\":30,"
                     "\"grid\":\"log\"}]",
                     ",\"compare\":{\"points\":11,\"repeats\":2}", &doc));
  const cJSON *r = com_json_get(doc, "result");
  com_table *f = NULL, *t = NULL, *h = NULL, *v = NULL;
  TEST_OK(c, com_table_read(c, "x", com_json_get(r, "flows"), NULL, &f));
  TEST_OK(c, com_table_read(c, "x", com_json_get(r, "transfer"), NULL, &t));
  TEST_OK(c, com_table_read(c, "x", com_json_get(r, "metrics"), NULL, &h));
  TEST_OK(c, com_table_read(c, "x", com_json_get(com_json_get(doc, "volatile"), "cost"), NULL, &v));
  ck_assert_uint_eq(com_table_rows(f), 3);
  ck_assert_uint_eq(com_table_rows(h), 11);
  ck_assert_str_eq(com_table_text_at(f, 0, 2), "rk4 x 30 log");
  ck_assert_str_eq(com_json_str(com_json_get(r, "common_point"), ""), "rk4 x 30 log");
  const double *loss = com_table_values(f, com_table_find(f, "loss")),
               *err = com_table_values(f, com_table_find(f, "gradient_error"));
  const double *order = com_table_values(f, com_table_find(f, "order")),
               *cost = com_table_values(v, com_table_find(v, "gradient_seconds"));
  const double *bytes = com_table_values(v, com_table_find(v, "gradient_bytes"));
  (void)bytes;
  for (size_t i = 0; i < 3; i++) {
    TEST_NEAR(com_table_values(t, 1 + i)[i] / loss[i], 1, 1e-12);
    for (size_t k = 0; k < 3; k++)
      ck_assert(com_table_values(t, 1 + i)[k] >= loss[i] * (k == i ? 0.999 : 0.5));
    ck_assert(cost[i] > 0);
#ifndef __SANITIZE_ADDRESS__ /* whose allocator tells mallinfo2 nothing */
    ck_assert(bytes[i] > 0);
#endif
  }
  ck_assert_double_gt(err[0] / err[1], 6); /* Euler, eight times the layers */
  ck_assert_double_lt(err[0] / err[1], 10);
  ck_assert_double_lt(err[2], 1e-4);
  TEST_NEAR(order[0], 1, 0.06);
  TEST_NEAR(order[1], 1, 0.02);
  TEST_NEAR(order[2], 4, 0.1);
  char *words = NULL;
  TEST_OK(c, ads_compare_words(c, doc, &words));
  ck_assert(strstr(words, "learned through 3 flows") && strstr(words, "Transfer:") &&
            strstr(words, "rk4 x 30 log") && strstr(words, "From the h learned through rk4 x 30 log"));
  for (size_t i = 0; i < com_ctx_n_warnings(c); i++) /* once per code, with the name of the flow */
    for (size_t k = 0; k < i; k++) ck_assert_str_ne(com_ctx_warnings(c)[i].code, com_ctx_warnings(c)[k].code);
  free(words);
  com_svg *figure = NULL;
  char *svg = NULL;
  TEST_OK(c, ads_compare_plot(c, doc, &figure));
  TEST_OK(c, com_svg_text(c, figure, &svg));
  ck_assert(strstr(svg, "Learned metric") != NULL);
  com_svg_destroy(figure);
  free(svg);
  com_table_destroy(f), com_table_destroy(t), com_table_destroy(h), com_table_destroy(v);
  com_json_free(doc);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(refusals) {
  com_ctx *c = test_ctx();
  cJSON *doc = NULL;
  TEST_FAILS(c, COM_E_CONFIG, "at least two", compare(c, "[{\"type\":\"rk\"}]", "", &doc));
  TEST_FAILS(c, COM_E_CONFIG, "eta_ir",
             compare(c, "[{\"type\":\"rk\"},{\"type\":\"resnet\",\"eta_ir\":0.1}]", "", &doc));
  TEST_FAILS(c, COM_E_CONFIG, "same as", compare(c, "[{\"type\":\"rk\"},{\"type\":\"rk\"}]", "", &doc));
  TEST_FAILS(c, COM_E_CONFIG, "pints",
             compare(c, "[{\"type\":\"rk\"},{\"type\":\"resnet\"}]", ",\"compare\":{\"pints\":3}", &doc));
  ck_assert(!doc);
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("compare", numbers, refusals)
