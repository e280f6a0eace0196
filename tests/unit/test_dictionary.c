/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The map of QCD data to the bulk field, arXiv:1809.10536 section III. */
#include "../pieces.h"

enum { N = 4 };
static const double source[N] = {0.0273, 0.0694, 0.1777, 0.4317};
static const double response[N] = {0.006323923, 0.021364605, 0.067569123, 0.1413};

/* dphi/deta_uv equals pi; and what the coupling adds solves g'' + 4 g' + 3 g = lambda alpha^3 e^(-3 eta), the cubic term
 * with the leading falloff: so the coefficient of the logarithmic term is right. */
START_TEST(qcd_solves_the_boundary_equation) {
  com_ctx *c = test_ctx();
  com_choice ch = pieces_choice(c, &ads_dictionary_kind, "{\"type\":\"qcd\",\"Nc\":5}");
  ads_dictionary d;
  TEST_OK(c, ads_dictionary_bind(c, &ch, &d));
  double L = 7.3, e = 1e-2, y[5][2 * N], free_y[2 * N], add[5][2 * N];
  const double pi = acos(-1), lambda = 0.413;
  for (int k = 0; k < 5; k++) {
    ads_uv at = {4, -3, lambda, 1.087 + (k - 2) * e, 3.7}, without = at;
    without.lambda = 0;
    ck_assert_int_eq(d.ops->uv(d.opts, &L, &at, N, source, response, y[k]), 0);
    ck_assert_int_eq(d.ops->uv(d.opts, &L, &without, N, source, response, free_y), 0);
    for (size_t i = 0; i < 2 * N; i++) add[k][i] = y[k][i] - free_y[i];
  }
  for (size_t i = 0; i < N; i++) {
    double d1 = (8 * (y[3][i] - y[1][i]) - (y[4][i] - y[0][i])) / (12 * e);
    TEST_NEAR(d1 / y[2][N + i], 1, 1e-7);
    const size_t j = N + i;
    double g2 = (8 * (add[3][j] - add[1][j]) - (add[4][j] - add[0][j])) / (12 * e), g1 = add[2][j],
           g = add[2][i];
    double alpha = sqrt(5) / (2 * pi) * source[i] * L, want = lambda * pow(alpha, 3) * exp(-3 * 1.087);
    TEST_NEAR((g2 + 4 * g1 + 3 * g) / want, 1, 1e-5);
  }
  com_field_choice_finish(&ads_dictionary_kind, &ch);
  com_ctx_destroy(c);
}
END_TEST

/* Far out, and without coupling, the two falloffs are what is left: alpha and beta can be read off. */
START_TEST(qcd_normalisation) {
  com_ctx *c = test_ctx();
  com_choice ch = pieces_choice(c, &ads_dictionary_kind, "{\"type\":\"qcd\"}");
  ads_dictionary d;
  TEST_OK(c, ads_dictionary_bind(c, &ch, &d));
  double L = 3.46, y[2], s = 0.0123, r = 0.0713, zero = 0;
  const double pi = acos(-1);
  ads_uv at = {4, -3, 0, 0.613, 4};
  ck_assert_int_eq(d.ops->uv(d.opts, &L, &at, 1, &s, &zero, y), 0);
  TEST_NEAR(y[0] * exp(0.613) / (sqrt(3) / (2 * pi) * s * L), 1, 1e-14);
  ck_assert_int_eq(d.ops->uv(d.opts, &L, &at, 1, &zero, &r, y), 0);
  TEST_NEAR(y[0] * exp(3 * 0.613) / (pi / sqrt(3) * r * L * L * L), 1, 1e-14);
  TEST_NEAR(y[1] / y[0], -3, 1e-14);
  s = INFINITY;
  ck_assert_int_eq(d.ops->uv(d.opts, &L, &at, 1, &s, &r, y), 1);
  TEST_FAILS(c, COM_E_CONFIG, "another dictionary", d.ops->check(c, d.opts, 4, -2.9));
  TEST_OK(c, d.ops->check(c, d.opts, 4, -3));
  com_field_choice_finish(&ads_dictionary_kind, &ch);
  com_choice none = {0};
  TEST_FAILS(c, COM_E_CONFIG, "dictionary: missing", ads_dictionary_bind(c, &none, &d));
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("dictionary", qcd_solves_the_boundary_equation, qcd_normalisation)
