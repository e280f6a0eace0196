/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/wilson.h"
#include "../background.h"

/* d = 2 a/u0, V = -2 a u0, a = sqrt(pi) Gamma(3/4)/Gamma(1/4) (Maldacena). */
START_TEST(pure_ads_closed_form) {
  com_ctx *c = test_ctx();
  ads_background *b = background_make(c, "\"type\":\"ads\"");
  const double a = sqrt(M_PI) * tgamma(0.75) / tgamma(0.25);
  for (int i = 0; i < 7; i++) {
    ads_wilson_point p;
    const double eta0 = -2.785 + 0.913 * i;
    TEST_OK(c, ads_wilson_at(c, b, eta0, &p));
    TEST_NEAR(p.d / (2 * a * exp(-eta0)), 1, 1e-11);
    TEST_NEAR(p.V / (-2 * a * exp(eta0)), 1, 1e-11);
    TEST_NEAR(p.d * p.V, -1.43554, 1e-6);
    TEST_NEAR(p.force, exp(2 * eta0), 1e-13);
  }
  ads_background_destroy(b);
  com_ctx_destroy(c);
}
END_TEST

static void rows_agree(com_ctx *c, const cJSON *reference, const char *members) {
  ads_background *b = background_make(c, members);
  const cJSON *rows = com_json_get(reference, "rows");
  ck_assert_uint_gt(com_json_size(rows), 2);
  for (size_t i = 0; i < com_json_size(rows); i++) {
    const cJSON *row = com_json_at(rows, i);
    ads_wilson_point p;
    TEST_OK(c, ads_wilson_at(c, b, com_json_num(com_json_at(row, 0), NAN), &p));
    TEST_NEAR(p.d, com_json_num(com_json_at(row, 1), NAN), 1e-9);
    TEST_NEAR(p.V, com_json_num(com_json_at(row, 2), NAN), 1e-9);
  }
  ads_background_destroy(b);
}

START_TEST(reference_rows) {
  com_ctx *c = test_ctx();
  cJSON *j = NULL;
  TEST_OK(c, com_json_load(c, "tests/fixtures/wilson.json", &j));
  rows_agree(c, com_json_get(j, "ads5"), "\"type\":\"ads\"");
  rows_agree(c, com_json_get(j, "ads5_schwarzschild"), "\"type\":\"schwarzschild\"");
  com_json_free(j);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(schwarzschild_landmarks) {
  com_ctx *c = test_ctx();
  ads_background *b = background_make(c, "\"type\":\"schwarzschild\",\"r0\":1.37");
  const double tl = ads_background_facts(b)->tl;
  ads_wilson_landmarks at;
  TEST_OK(c, ads_wilson_find(c, b, &at));
  TEST_NEAR(tl, 1.37 / M_PI, 1e-15);
  TEST_NEAR(at.d_max * tl, 0.2766495431004723, 1e-10);
  TEST_NEAR(at.screening * tl, 0.24003802683518755, 1e-10);
  TEST_NEAR(at.screening_eta0, 0.7426829935750902, 1e-9);
  TEST_NEAR(at.d_max_eta0, 0.4256568515804823,
            1e-7); /* the reference is the place of a maximum: good to 1e-8 */
  ck_assert(isnan(at.slope) && isnan(at.wall) && !at.other_branch);
  /* the formula of Noronha and Dumitru sets in where zeta = 3^(-1/4), i.e. g = sqrt(3) r0^2 */
  TEST_NEAR(at.im_onset_eta0, 0.5 * acosh(sqrt(3.0)), 1e-11);
  ads_background_destroy(b);
  com_ctx_destroy(c);
}
END_TEST

/* Im V = -(pi/(24 sqrt 2)) sqrt(lambda) T (3 zeta^4 - 1)/zeta, sqrt(lambda) = L^2/alpha', zeta = r0/sqrt(g0): 0907.3062. */
START_TEST(imaginary_part_closed_form) {
  com_ctx *c = test_ctx();
  ads_background *b = background_make(c, "\"type\":\"schwarzschild\"");
  for (int i = 0; i < 4; i++) {
    const double eta0 = 0.4385 + 0.031 * i, zeta = 1 / sqrt(cosh(2 * eta0));
    ads_wilson_point p;
    TEST_OK(c, ads_wilson_at(c, b, eta0, &p));
    TEST_NEAR(p.im_V, -2 * M_PI * (3 * pow(zeta, 4) - 1) / (24 * sqrt(2.0) * zeta), 1e-11);
  }
  ads_background_destroy(b);
  com_ctx_destroy(c);
}
END_TEST

/* dV/dd = sqrt(f0 g0) follows from the action, not from the integrals: it ties d and V together. */
static void slope_relation(com_ctx *c, const ads_background *b, double eta0) {
  const double h = 1e-3;
  ads_wilson_point p, l, r, ll, rr;
  TEST_OK(c, ads_wilson_at(c, b, eta0, &p));
  TEST_OK(c, ads_wilson_at(c, b, eta0 - h, &l));
  TEST_OK(c, ads_wilson_at(c, b, eta0 + h, &r));
  TEST_OK(c, ads_wilson_at(c, b, eta0 - 2 * h, &ll));
  TEST_OK(c, ads_wilson_at(c, b, eta0 + 2 * h, &rr));
  const double dd = 8 * (r.d - l.d) - (rr.d - ll.d), dV = 8 * (r.V - l.V) - (rr.V - ll.V);
  TEST_NEAR(dV / dd / p.force, 1, 2e-7);
}

START_TEST(force_is_the_slope) {
  com_ctx *c = test_ctx();
  static const char *const all[] = {
      "\"type\":\"schwarzschild\",\"d\":3,\"r0\":0.83",
      "\"type\":\"conformal\",\"profile\":{\"type\":\"gauss\",\"k\":[0.31,0.24],"
      "\"a\":[1.13,0.72]}"};
  for (size_t i = 0; i < 2; i++) {
    ads_background *b = background_make(c, all[i]);
    slope_relation(c, b, 0.6385);
    slope_relation(c, b, 1.213);
    ads_background_destroy(b);
  }
  ads_background *b = background_table_ii(c, "exp");
  slope_relation(c, b, 0.9385);
  slope_relation(c, b, 1.4);
  ads_background_destroy(b);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(published_metric) {
  com_ctx *c = test_ctx();
  static const struct {
    const char *closure;
    double slope, slope_tol, zero, zero_tol;
  } want[] = {{"exp", 321.5, 0.1, 0.260, 0.001}, {"cosh", 2498, 1, 0.0755, 0.0005}};
  for (size_t i = 0; i < 2; i++) {
    ads_background *b = background_table_ii(c, want[i].closure);
    ads_wilson_landmarks at;
    TEST_OK(c, ads_wilson_find(c, b, &at));
    ck_assert_double_le(fabs(at.slope - want[i].slope), want[i].slope_tol);
    ck_assert_double_le(fabs(at.screening - want[i].zero), want[i].zero_tol);
    if (i == 0) {
      ads_wilson_point p;
      TEST_OK(c, ads_wilson_turning_point(c, b, &at, 0.1995, &p));
      ck_assert_double_le(fabs(p.V + 19.45), 0.05);
      TEST_NEAR(p.d, 0.1995, 1e-11);
    } else {
      /* the figure, interpolated: V = -72 at d = 0.0464, whose last digit alone is worth 5e-5 x 2498 = 0.125 in V */
      ads_wilson_point p;
      TEST_OK(c, ads_wilson_turning_point(c, b, &at, 0.0464, &p));
      ck_assert_double_le(fabs(p.V + 71.96), 0.125);
    }
    ads_background_destroy(b);
  }
  com_ctx_destroy(c);
}
END_TEST

/* A string between the wall and a maximum of f g behind it: none; deep inside: it hangs, but not on the physical branch. */
START_TEST(no_string_below_the_wall) {
  com_ctx *c = test_ctx();
  ads_background *b = background_table_ii(c, "exp");
  ads_wilson_point p;
  TEST_OK(c, ads_wilson_at(c, b, 0.7, &p));
  ck_assert(isnan(p.d) && isnan(p.V));
  TEST_OK(c, ads_wilson_at(c, b, -0.3, &p));
  ck_assert(isnan(p.d));
  ads_wilson_landmarks at;
  TEST_OK(c, ads_wilson_find(c, b, &at));
  ck_assert(isnan(at.d_max) && at.lowest == at.wall);
  ads_background_destroy(b);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(distance_out_of_range) {
  com_ctx *c = test_ctx();
  ads_background *b = background_make(c, "\"type\":\"schwarzschild\"");
  ads_wilson_landmarks at;
  ads_wilson_point p;
  TEST_OK(c, ads_wilson_find(c, b, &at));
  TEST_FAILS(c, COM_E_NUM, "no connected string", ads_wilson_turning_point(c, b, &at, 0.95, &p));
  TEST_OK(c, ads_wilson_turning_point(c, b, &at, 0.6086618734816166, &p));
  TEST_NEAR(p.eta0, 1.0, 1e-9);
  ads_background_destroy(b);
  com_ctx_destroy(c);
}
END_TEST

/* The screened Cornell form is a fit: it must reproduce V between its ends far better than a form without screening would. */
START_TEST(debye_form) {
  com_ctx *c = test_ctx();
  ads_background *b = background_make(c, "\"type\":\"schwarzschild\",\"r0\":0.74");
  ads_wilson_landmarks at;
  ads_wilson_debye f;
  ads_wilson_point p;
  TEST_OK(c, ads_wilson_find(c, b, &at));
  TEST_OK(c, ads_wilson_debye_fit(c, b, &at, &f));
  ck_assert_double_gt(f.mu, 0);
  ck_assert_double_lt(f.rms, 0.01);
  TEST_OK(c, ads_wilson_turning_point(c, b, &at, 0.5 * at.screening, &p));
  const double e = exp(-f.mu * p.d), model = f.constant - f.alpha / p.d * e + f.sigma / f.mu * (1 - e);
  ck_assert_double_lt(fabs(model - p.V), 4 * f.rms);
  TEST_NEAR(f.mu / ads_background_facts(b)->tl, 6.357,
            2e-3); /* conformal: mu/T does not know r0; 6.357 at r0 = 1 */
  ads_background_destroy(b);
  com_ctx_destroy(c);
}
END_TEST

/* A confining string frame: slope = e^(2A) at its minimum, A = -log z + (k1 - k2) z^2/2, z = (k1 - k2)^(-1/2). */
START_TEST(confining_background) {
  com_ctx *c = test_ctx();
  ads_background *b =
      background_make(c, "\"type\":\"conformal\",\"profile\":{\"type\":\"soft_wall\",\"k\":[0.4385,0.1371]}");
  const double k = 0.4385 - 0.1371;
  ads_wilson_landmarks at;
  ads_wilson_point p;
  TEST_OK(c, ads_wilson_find(c, b, &at));
  TEST_NEAR(at.slope, k * exp(1), 1e-10);
  TEST_NEAR(at.wall, 0.5 * log(k), 1e-7);
  TEST_OK(c, ads_wilson_turning_point(c, b, &at, 12.3, &p)); /* linear there */
  TEST_NEAR(p.force / at.slope, 1, 1e-5);
  ads_wilson_point near,
      far; /* the first still turns measurably above the wall, the other within its rounding */
  TEST_OK(c, ads_wilson_turning_point(c, b, &at, 24.6, &near));
  TEST_OK(c, ads_wilson_turning_point(c, b, &at, 246, &far));
  ck_assert(near.eta0 > at.wall && far.eta0 == at.wall && far.d == 246);
  TEST_NEAR((far.V - near.V) / (far.d - near.d) / at.slope, 1, 1e-9);
  ck_assert(isnan(at.screening)); /* straight strings have no end to break into */
  ads_background_destroy(b);
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("wilson", pure_ads_closed_form, reference_rows, schwarzschild_landmarks, imaginary_part_closed_form,
          force_is_the_slope, published_metric, no_string_below_the_wall, distance_out_of_range, debye_form,
          confining_background)
