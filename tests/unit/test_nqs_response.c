/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include "nqs/response.h"
#include "../test.h"

static com_status make(com_ctx *c, const char *text, nqs_response **out) {
  cJSON *j = NULL;
  TEST_OK(c, com_json_parse(c, "t.json", text, strlen(text), &j));
  const com_status s = nqs_response_create(c, "t.json", j, out);
  com_json_free(j);
  return s;
}

static nqs_response *scan(com_ctx *c, const char *text) {
  nqs_response *r = NULL;
  TEST_OK(c, make(c, text, &r));
  while (!nqs_response_done(r)) TEST_OK(c, nqs_response_iterate(r));
  return r;
}

#define RING "\"schema\":\"holograd/nqs/1\",\"lattice\":{\"type\":\"chain\",\"n\":6,\"periodic\":true},"
#define TFI "\"hamiltonian\":{\"type\":\"tfim\",\"J\":1,\"h\":1.37},"

/* Hellmann, Feynman: M(v) = -(1/N) dE/dv, from energies alone. */
START_TEST(response_is_the_slope_of_the_energy) {
  com_ctx *c = test_ctx();
  static const char *const source[] = {"\"source\":\"Z\"", "\"source\":\"ZZ\"",
                                       "\"source\":[[0.7,\"ZXZ\",[0,1,2]],[-0.3,\"Z\",[4]]]"};
  for (int k = 0; k < 3; k++) {
    char text[600];
    snprintf(text, sizeof text,
             "{" RING TFI "\"response\":{\"method\":\"exact\",%s,\"values\":[0.23,0.2385,0.247]}}",
             source[k]);
    nqs_response *r = scan(c, text);
    const nqs_response_point *p = nqs_response_points(r);
    TEST_NEAR(p[1].mean, -(p[2].energy - p[0].energy) / (6 * 0.017), 1e-4);
    nqs_response_destroy(r);
  }
  com_ctx_destroy(c);
}
END_TEST

/* Cold thermal averages are those of the ground state; hot ones vanish as 1/T. */
START_TEST(temperature) {
  com_ctx *c = test_ctx();
  double m[3];
  static const char *const T[] = {"", ",\"temperature\":0.05", ",\"temperature\":100"};
  for (int k = 0; k < 3; k++) {
    char text[600];
    snprintf(text, sizeof text,
             "{" RING TFI "\"response\":{\"method\":\"exact\",\"source\":\"Z\",\"values\":[0.31]%s}}", T[k]);
    nqs_response *r = scan(c, text);
    m[k] = nqs_response_points(r)[0].mean;
    nqs_response_destroy(r);
  }
  TEST_NEAR(m[1], m[0], 1e-6);
  TEST_NEAR(m[2] * 100 / 0.31, 1, 0.03);
  com_ctx_destroy(c);
}
END_TEST

/* The measured response of a wave function, in the order given, within three errors of diagonalisation; and its dataset. */
START_TEST(measured) {
  com_ctx *c = test_ctx();
  nqs_response *r = scan(
      c,
      "{" RING TFI "\"ansatz\":{\"type\":\"rbm\",\"alpha\":2,\"symmetry\":\"translation\"},"
      "\"optimizer\":{\"type\":\"sr\",\"rate\":0.1,\"lambda_min\":1e-3},\"iterations\":250,\"seed\":\"3\","
      "\"response\":{\"source\":\"Z\",\"values\":[0.13,0.8,0.31],\"target_error\":0.003,\"shared\":true}}");
  static const double value[] = {0.13, 0.8, 0.31};
  for (int k = 0; k < 3; k++) {
    const nqs_response_point *p = nqs_response_points(r) + k;
    TEST_NEAR(p->value, value[k], 0);
    ck_assert_msg(!p->off && p->error < 0.0035 && fabs(p->mean - p->exact) < 3 * p->error,
                  "%g: %.5f +- %.2g, exact %.5f", p->value, p->mean, p->error, p->exact);
  }
  ck_assert_uint_eq(com_ctx_n_warnings(c), 0);
  cJSON *d = NULL;
  TEST_OK(c, nqs_response_dataset(r, &d));
  const cJSON *cov = com_json_get(com_json_get(d, "response"), "covariance");
  ck_assert_uint_eq(com_json_size(cov), 3);
  ck_assert(com_json_get(com_json_get(d, "response"), "errors") == NULL);
  for (size_t i = 0; i < 3; i++) {
    const double e = nqs_response_points(r)[i].error;
    TEST_NEAR(com_json_num(com_json_at(com_json_at(cov, i), i), 0) / (e * e), 1, 1e-12);
  }
  com_json_free(d);
  nqs_response_destroy(r);
  com_ctx_destroy(c);
}
END_TEST

/* A budget too short for the weak field, where the gap is small: the scan goes on until the state rests. */
START_TEST(unfinished_state_is_optimised_on) {
  com_ctx *c = test_ctx();
  nqs_response *r =
      scan(c, "{\"schema\":\"holograd/nqs/1\",\"lattice\":{\"type\":\"chain\",\"n\":8,\"periodic\":true},"
              "\"hamiltonian\":{\"type\":\"tfim\",\"h\":1},\"iterations\":60,\"seed\":\"5\","
              "\"ansatz\":{\"type\":\"rbm\",\"alpha\":3,\"symmetry\":\"translation\"},"
              "\"optimizer\":{\"type\":\"sr\",\"rate\":0.1,\"lambda_min\":1e-3},"
              "\"response\":{\"source\":\"Z\",\"values\":[0.05,0.5],\"target_error\":0.003,\"extend\":20}}");
  const nqs_response_point *p = nqs_response_points(r);
  ck_assert_int_gt(p[0].iterations, 90);
  ck_assert_msg(p[0].error < 0.005 && fabs(p[0].mean - p[0].exact) < 3 * p[0].error,
                "%.5f +- %.2g, drift %.2g, exact %.5f", p[0].mean, p[0].error, p[0].drift, p[0].exact);
  nqs_response_destroy(r);
  com_ctx_destroy(c);
}
END_TEST

/* A state that was not optimised is reported as such, whatever its error bar says. */
START_TEST(unfinished_state_is_flagged) {
  com_ctx *c = test_ctx();
  nqs_response *r = scan(c, "{" RING TFI "\"iterations\":1,\"seed\":\"3\",\"response\":{\"source\":\"Z\","
                            "\"values\":[0.31],\"target_error\":0.01,\"extend\":1}}");
  ck_assert(nqs_response_points(r)[0].off);
  ck_assert_uint_ge(com_ctx_n_warnings(c), 1);
  nqs_response_destroy(r);
  com_ctx_destroy(c);
}
END_TEST

/* Near the ground state, but not there: no wrong answer, an error that contains the drift, and a word about it. */
START_TEST(drift_is_said) {
  com_ctx *c = test_ctx();
  nqs_response *r = scan(
      c, "{\"lattice\":{\"type\":\"chain\",\"n\":8,\"periodic\":true},\"hamiltonian\":{\"type\":"
         "\"tfim\",\"h\":1},\"iterations\":80,\"seed\":\"5\",\"optimizer\":{\"type\":\"sr\",\"rate\":0.1,"
         "\"lambda_min\":1e-3},\"response\":{\"source\":\"Z\",\"values\":[0.05,0.5],"
         "\"target_error\":0.003,\"extend\":1}}");
  int said = 0;
  for (size_t k = 0; k < com_ctx_n_warnings(c); k++)
    said += strcmp(com_ctx_warnings(c)[k].code, "drift") == 0;
  ck_assert_int_eq(said, 2);
  for (size_t k = 0; k < 2; k++) {
    const nqs_response_point *p = nqs_response_points(r) + k;
    ck_assert(!p->off && p->error > 0.9 * fabs(p->drift) && fabs(p->drift) > 0.003);
    ck_assert(fabs(p->mean - p->exact) < 3 * p->error);
  }
  nqs_response_destroy(r);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(refusals) {
  com_ctx *c = test_ctx();
  nqs_response *r = NULL;
  TEST_FAILS(c, COM_E_CONFIG, "response: missing", make(c, "{" RING TFI "\"iterations\":1}", &r));
  TEST_FAILS(c, COM_E_CONFIG, "must be a letter",
             make(c, "{" RING TFI "\"response\":{\"source\":\"Q\",\"values\":[1]}}", &r));
  TEST_FAILS(c, COM_E_CONFIG, "thermal averages need",
             make(c, "{" RING TFI "\"response\":{\"source\":\"Z\",\"values\":[1],\"temperature\":1}}", &r));
  TEST_FAILS(c, COM_E_CONFIG, "must not be empty",
             make(c, "{" RING TFI "\"response\":{\"source\":\"Z\",\"values\":[]}}", &r));
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("nqs_response", response_is_the_slope_of_the_energy, temperature, measured,
          unfinished_state_is_optimised_on, unfinished_state_is_flagged, drift_is_said, refusals)
