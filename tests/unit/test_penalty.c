/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The metrics and penalties of a polynomial h against closed forms. */
#include "../pieces.h"
#include "ads/penalty.h"

static const ads_span span = {3.71, 1.13, 0.0871};

static double penalty(com_ctx *c, const char *pen, const char *metric, const double *theta, size_t *n) {
  com_choice pc = pieces_choice(c, &ads_penalty_kind, pen), mc = pieces_choice(c, &ads_metric_kind, metric);
  com_choices ps = {1, &pc};
  ads_metric m;
  double r[128], sum = 0;
  TEST_OK(c, ads_metric_bind(c, &mc, &span, &m));
  *n = ads_penalty_count(&ps, &m);
  ck_assert_uint_le(*n, 128);
  TEST_OK(c, ads_penalty_eval(c, &ps, &m, theta, r, NULL));
  for (size_t i = 0; i < *n; i++) sum += r[i] * r[i];
  com_field_choice_finish(&ads_penalty_kind, &pc);
  com_field_choice_finish(&ads_metric_kind, &mc);
  return sum;
}

START_TEST(polynomial_values) {
  com_ctx *c = test_ctx();
  const double theta[3] = {4.17, -2.9, 1.3}, eta[2] = {1.13, 0.4142};
  double h[2], dh[2];
  com_choice ch = pieces_choice(c, &ads_metric_kind, "{\"type\":\"poly_t\",\"n\":3}");
  ads_metric m;
  TEST_OK(c, ads_metric_bind(c, &ch, &span, &m));
  ads_metric_eval(&m, theta, 2, eta, h, dh);
  double t = 1.13 - 0.4142;
  ck_assert(h[0] == theta[0] && dh[0] == -theta[1]);
  TEST_NEAR(h[1], 4.17 - 2.9 * t + 1.3 * t * t, 1e-15);
  TEST_NEAR(dh[1], 2.9 - 2 * 1.3 * t, 1e-15);
  com_field_choice_finish(&ads_metric_kind, &ch);
  ch = pieces_choice(c, &ads_metric_kind, "{\"type\":\"pole_poly\",\"theta\":[1,2,3],\"pole\":0.87}");
  TEST_OK(c, ads_metric_bind(c, &ch, &span, &m));
  ck_assert_uint_eq(m.n_theta, 3);
  ads_metric_eval(&m, theta, 2, eta, h, dh);
  double x = 0.4142;
  TEST_NEAR(h[1], 0.87 / x + 4.17 - 2.9 * x + 1.3 * x * x, 1e-14);
  TEST_NEAR(dh[1], -0.87 / (x * x) - 2.9 + 2 * 1.3 * x, 1e-14);
  com_field_choice_finish(&ads_metric_kind, &ch);
  com_choice none = {0};
  TEST_FAILS(c, COM_E_CONFIG, "metric: missing", ads_metric_bind(c, &none, &span, &m));
  com_ctx_destroy(c);
}
END_TEST

START_TEST(penalties_in_closed_form) {
  com_ctx *c = test_ctx();
  const double theta[3] = {4.17, -2.9, 1.3}, uv = span.eta_uv, ir = span.eta_ir;
  const char *pole_free = "{\"type\":\"pole_poly\",\"n\":3,\"pole\":0}";
  size_t n;
  double h_uv = 4.17 - 2.9 * uv + 1.3 * uv * uv;
  TEST_NEAR(penalty(c, "{\"type\":\"uv_value\",\"weight\":0.37}", pole_free, theta, &n),
            0.37 * pow(h_uv - 3.71, 2), 1e-14);
  ck_assert_uint_eq(n, 1);
  /* h' = b + 2 c eta: int eta^p h'^2 = b^2 E(p+1) + 4 b c E(p+2) + 4 c^2 E(p+3), E(k) = (uv^k - ir^k)/k */
  for (int p = 0; p <= 4; p += 4) {
    double E[3];
    for (int k = 0; k < 3; k++) E[k] = (pow(uv, p + 1 + k) - pow(ir, p + 1 + k)) / (p + 1 + k);
    double want = 0.37 * (2.9 * 2.9 * E[0] - 4 * 2.9 * 1.3 * E[1] + 4 * 1.3 * 1.3 * E[2]);
    TEST_NEAR(penalty(c,
                      p ? "{\"type\":\"smooth\",\"weight\":0.37}"
                        : "{\"type\":\"smooth\",\"weight\":0.37,\"power\":0}",
                      pole_free, theta, &n) /
                  want,
              1, 1e-13);
  }
  ck_assert_uint_eq(n, 64);
  /* the discrete form of a metric with one value per layer: sum eta_k^4 (h_(k+1) - h_k)^2 */
  double step = (ir - uv) / 3,
         want = 0.37 * (pow(uv, 4) * pow(-2.9 - 4.17, 2) + pow(uv + step, 4) * pow(1.3 + 2.9, 2));
  TEST_NEAR(penalty(c, "{\"type\":\"smooth\",\"weight\":0.37}", "{\"type\":\"layers\",\"n\":3}", theta, &n) /
                want,
            1, 1e-13);
  ck_assert_uint_eq(n, 2);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(singular_metric_is_an_error) {
  com_ctx *c = test_ctx();
  com_choice pc = pieces_choice(c, &ads_penalty_kind, "{\"type\":\"uv_value\"}"),
             mc = pieces_choice(c, &ads_metric_kind, "{\"type\":\"poly_t\",\"n\":1}");
  com_choices ps = {1, &pc};
  ads_metric m;
  double r, J, theta = NAN;
  TEST_OK(c, ads_metric_bind(c, &mc, &span, &m));
  TEST_FAILS(c, COM_E_NUM, "penalty uv_value: residual 0 is not finite",
             ads_penalty_eval(c, &ps, &m, &theta, &r, &J));
  com_field_choice_finish(&ads_penalty_kind, &pc);
  com_field_choice_finish(&ads_metric_kind, &mc);
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("penalty", polynomial_values, penalties_in_closed_form, singular_metric_is_an_error)
