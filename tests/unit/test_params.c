/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../test.h"
#include "common/params.h"

static const com_block blocks[] = {
    {.name = "metric.theta", .n = 3, .trained = 1, .lo = -INFINITY, .hi = INFINITY},
    {.name = "bulk.m2", .n = 1, .scalar = 1, .lo = -4, .hi = 0},
    {.name = "bulk.lambda", .n = 1, .scalar = 1, .trained = 1, .log = 1, .lo = 0, .hi = INFINITY},
    {.name = "dictionary.L", .n = 1, .scalar = 1, .trained = 1, .log = 1, .lo = 0.1, .hi = 10}};
static const double values[] = {0.2385, -1.7, 3.3, -3, 0.07, 10};

static com_params *make(com_ctx *c) {
  com_params *p;
  TEST_OK(c, com_params_create(c, &p));
  for (size_t i = 0; i < 4; i++) TEST_OK(c, com_params_add(c, p, &blocks[i]));
  memcpy(com_params_data(p), values, sizeof values);
  return p;
}

START_TEST(layout) {
  com_ctx *c = test_ctx();
  com_params *p = make(c), *q;
  ck_assert_uint_eq(com_params_n_blocks(p), 4);
  ck_assert_uint_eq(com_params_n(p), 6);
  ck_assert_uint_eq(com_params_n_trained(p), 5);
  const size_t index[] = {0, 1, 2, 4, 5};
  for (size_t k = 0; k < 5; k++) {
    ck_assert_uint_eq(com_params_trained_index(p, k), index[k]);
    ck_assert_int_eq(com_params_trained_log(p, k), k >= 3);
  }
  ck_assert_uint_eq(com_params_find(p, "bulk.lambda")->off, 4);
  ck_assert_ptr_null(com_params_find(p, "bulk"));
  ck_assert_str_eq(com_params_block(p, 1)->name, "bulk.m2");
  char label[64];
  com_params_label(p, 2, label);
  ck_assert_str_eq(label, "metric.theta[2]");
  com_params_label(p, 3, label);
  ck_assert_str_eq(label, "bulk.m2");

  TEST_OK(c, com_params_copy(c, p, &q));
  com_params_data(p)[0] = 99; /* the copy stands alone */
  com_params_destroy(p);
  for (size_t i = 0; i < 6; i++) ck_assert(com_params_values(q)[i] == values[i]);
  ck_assert_str_eq(com_params_block(q, 3)->name, "dictionary.L");
  com_params_destroy(q);
  com_params_destroy(NULL);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(pack_and_unpack) {
  com_ctx *c = test_ctx();
  com_params *p = make(c);
  double x[5], full[6] = {0, 0, 0, 77, 0, 0}, lo[5], hi[5];
  com_params_pack(p, values, x);
  ck_assert(x[1] == -1.7 && x[3] == log(0.07) && x[4] == log(10));
  com_params_unpack(p, x, full);
  ck_assert(full[3] == 77); /* untrained entries are kept */
  ck_assert(full[5] <= 10); /* exp(log(10)) = 10.000000000000002 would leave the range */
  for (size_t i = 0; i < 6; i++)
    if (i != 3) TEST_NEAR(full[i], values[i], 1e-15);
  com_params_bounds(p, lo, hi);
  ck_assert(isinf(lo[0]) && isinf(hi[0]) && isinf(lo[3]) && lo[3] < 0 && isinf(hi[3]));
  ck_assert(lo[4] == log(0.1) && hi[4] == log(10));
  x[0] = NAN; /* a NaN must stay visible */
  com_params_unpack(p, x, full);
  ck_assert(isnan(full[0]));
  com_params_destroy(p);
  com_ctx_destroy(c);
}
END_TEST

static double f(const double *p) {
  return sin(p[0] * p[4]) + p[1] * p[5] * p[5] + exp(p[2] * 0.3) * p[3] + p[4] / p[5];
}

/* df/dx by the chain rule against central differences in x. */
START_TEST(chain_rule) {
  com_ctx *c = test_ctx();
  com_params *p = make(c);
  double full[6], g[6], gx[5], x[5];
  memcpy(full, values, sizeof full);
  full[5] = 1.3;
  g[0] = cos(full[0] * full[4]) * full[4];
  g[1] = full[5] * full[5];
  g[2] = 0.3 * exp(full[2] * 0.3) * full[3];
  g[3] = exp(full[2] * 0.3);
  g[4] = cos(full[0] * full[4]) * full[0] + 1 / full[5];
  g[5] = 2 * full[1] * full[5] - full[4] / (full[5] * full[5]);
  com_params_chain(p, full, g, gx);
  com_params_pack(p, full, x);
  for (size_t k = 0; k < 5; k++) {
    double up[6], down[6], y[5];
    memcpy(up, full, sizeof up);
    memcpy(down, full, sizeof down);
    memcpy(y, x, sizeof y);
    y[k] = x[k] + 1e-5;
    com_params_unpack(p, y, up);
    y[k] = x[k] - 1e-5;
    com_params_unpack(p, y, down);
    TEST_NEAR(gx[k], (f(up) - f(down)) / 2e-5, 1e-9);
  }
  com_params_destroy(p);
  com_ctx_destroy(c);
}
END_TEST

static com_status read_text(com_ctx *c, const char *text, com_params *p) {
  cJSON *j = NULL;
  TEST_OK(c, com_json_parse(c, "fit.json", text, strlen(text), &j));
  const com_status status = com_params_read(c, "fit.json", j, p);
  com_json_free(j);
  return status;
}

START_TEST(json) {
  com_ctx *c = test_ctx();
  com_params *p = make(c), *q = make(c);
  cJSON *j = com_params_json(p, com_params_values(p));
  ck_assert(com_json_num(com_json_get(j, "bulk.lambda"), 0) == 0.07);
  ck_assert_uint_eq(com_json_size(com_json_get(j, "metric.theta")), 3);
  memset(com_params_data(q), 0, 6 * sizeof(double));
  TEST_OK(c, com_params_read(c, "fit.json", j, q));
  for (size_t i = 0; i < 6; i++) ck_assert(com_params_values(q)[i] == values[i]);
  com_json_free(j);

  TEST_OK(c, read_text(c, "{\"#note\":\"x\",\"bulk.m2\":-2.5}", q)); /* an overlay */
  ck_assert(com_params_values(q)[3] == -2.5 && com_params_values(q)[2] == 3.3);

  TEST_FAILS(c, COM_E_DATA, "did you mean bulk.lambda", read_text(c, "{\"bulk.lamda\":1}", q));
  TEST_FAILS(c, COM_E_DATA, "no such parameter", read_text(c, "{\"qwertyuiop\":1}", q));
  TEST_FAILS(c, COM_E_DATA, "metric.theta: must be an array of 3",
             read_text(c, "{\"metric.theta\":[1,2]}", q));
  TEST_FAILS(c, COM_E_DATA, "metric.theta: must be an array of 3", read_text(c, "{\"metric.theta\":1}", q));
  TEST_FAILS(c, COM_E_DATA, "finite", read_text(c, "{\"metric.theta\":[1,null,2]}", q));
  TEST_FAILS(c, COM_E_DATA, "bulk.m2: must be a number", read_text(c, "{\"bulk.m2\":[1]}", q));
  TEST_FAILS(c, COM_E_DATA, "bulk.m2 = -5: must lie in [-4, 0]", read_text(c, "{\"bulk.m2\":-5}", q));
  TEST_FAILS(c, COM_E_DATA, "bulk.lambda = 0: must be positive", read_text(c, "{\"bulk.lambda\":0}", q));
  TEST_FAILS(c, COM_E_DATA, "must be an object", read_text(c, "[1]", q));
  TEST_FAILS(c, COM_E_DATA, "bulk.m2", read_text(c, "{\"bulk.lambda\":5,\"bulk.m2\":-5}", q));
  ck_assert(com_params_values(q)[4] == 0.07); /* all or nothing */
  com_params_destroy(p);
  com_params_destroy(q);

  TEST_OK(c, com_params_create(c, &p));
  TEST_OK(c, read_text(c, "{}", p));
  TEST_FAILS(c, COM_E_DATA, "no such parameter", read_text(c, "{\"a\":1}", p));
  com_params_destroy(p);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(bad_blocks) {
  com_ctx *c = test_ctx();
  com_params *p = make(c);
  com_block b = {.name = "bulk.m2", .n = 1, .lo = -INFINITY, .hi = INFINITY};
  TEST_FAILS(c, COM_E_CONFIG, "two parameters", com_params_add(c, p, &b));
  b.name = "new";
  b.n = 0;
  TEST_FAILS(c, COM_E_CONFIG, "0 entries", com_params_add(c, p, &b));
  b.n = 2;
  b.scalar = 1;
  TEST_FAILS(c, COM_E_CONFIG, "scalar", com_params_add(c, p, &b));
  b.n = 1;
  b.lo = b.hi = 0;
  TEST_FAILS(c, COM_E_CONFIG, "lower must be below", com_params_add(c, p, &b));
  b.lo = -2;
  b.hi = -1;
  b.log = 1;
  TEST_FAILS(c, COM_E_CONFIG, "logarithm", com_params_add(c, p, &b));
  ck_assert_uint_eq(com_params_n_blocks(p), 4);
  com_params_destroy(p);
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("params", layout, pack_and_unpack, chain_rule, json, bad_blocks)
