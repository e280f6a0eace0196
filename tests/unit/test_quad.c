/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../test.h"
#include "common/quad.h"

static double gauss(double x, void *user) { return exp(-*(double *)user * x * x); }
static double endpoint(double x, void *user) {
  (void)user;
  return 1 / sqrt(x);
}
static double pole(double x, void *user) {
  (void)user;
  return 1 / x;
}
static double not_a_number(double x, void *user) {
  (void)user;
  return x * NAN;
}
static double cubic(double x, void *user) { return x * x * x - *(double *)user; }
static double odd(double x, void *user) {
  (void)user;
  return tanh(x) * (1 + x * x);
}
static double valley(double x, void *user) { return cosh(x - *(double *)user); }
static double slope(double x, void *user) { return *(double *)user * x; }

START_TEST(integrals) {
  com_ctx *c = test_ctx();
  double k = 2.385, v, e;
  TEST_OK(c, com_quad_finite(c, -0.7, 1.9, 1e-11, 0, &v, &e, gauss, &k));
  const double want = sqrt(acos(-1.0) / k) / 2 * (erf(1.9 * sqrt(k)) + erf(0.7 * sqrt(k)));
  TEST_NEAR(v, want, 1e-13);
  ck_assert(fabs(v - want) <= e + 1e-15);
  TEST_OK(c, com_quad_finite(c, 1.9, -0.7, 1e-11, 0, &v, &e, gauss, &k)); /* orientation */
  TEST_NEAR(v, -want, 1e-13);
  TEST_OK(c, com_quad_finite(c, 0, 0.35, 1e-8, 0, &v, &e, endpoint, NULL)); /* 1/sqrt at the end */
  TEST_NEAR(v, 2 * sqrt(0.35), 1e-8);
  TEST_OK(c, com_quad_upper(c, 0.3, 1e-11, 0, &v, &e, gauss, &k));
  TEST_NEAR(v, sqrt(acos(-1.0) / k) / 2 * erfc(0.3 * sqrt(k)), 1e-12);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(integrals_that_fail) {
  com_ctx *c = test_ctx();
  double v, e;
  TEST_FAILS(c, COM_E_NUM, "integral from 0 to 1", com_quad_finite(c, 0, 1, 1e-9, 0, &v, &e, pole, NULL));
  TEST_FAILS(c, COM_E_NUM, "to inf", com_quad_upper(c, 1, 1e-9, 0, &v, &e, pole, NULL));
  TEST_FAILS(c, COM_E_NUM, "integral", com_quad_upper(c, 1, 1e-9, 0, &v, &e, not_a_number, NULL));
  com_ctx_destroy(c);
}
END_TEST

/* n points integrate x^(2n-1) exactly, also where GSL has no stored table (n = 37). */
START_TEST(legendre) {
  com_ctx *c = test_ctx();
  const size_t sizes[] = {1, 2, 5, 37, 64, 201};
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
    const size_t n = sizes[s];
    double x[256], w[256];
    TEST_OK(c, com_quad_legendre(c, n, -0.4, 1.3, x, w));
    for (size_t power = 0; power < 2 * n; power += (n > 5 ? n - 1 : 1)) {
      double sum = 0;
      for (size_t i = 0; i < n; i++) sum += w[i] * pow(x[i], (double)power);
      const double p = (double)power + 1, want = (pow(1.3, p) - pow(-0.4, p)) / p;
      TEST_NEAR(sum / want, 1, 2e-13);
    }
    for (size_t i = 1; i < n; i++) ck_assert(x[i] > x[i - 1] && w[i] > 0);
  }
  double x, w;
  TEST_FAILS(c, COM_E_NUM, "at least one", com_quad_legendre(c, 0, 0, 1, &x, &w));
  com_ctx_destroy(c);
}
END_TEST

START_TEST(roots) {
  com_ctx *c = test_ctx();
  double k = 2.385, x;
  TEST_OK(c, com_quad_root(c, 0.1, 9.7, 1e-14, &x, cubic, &k));
  TEST_NEAR(x, cbrt(k), 1e-14);
  TEST_OK(c, com_quad_root(c, 9.7, 0.1, 1e-14, &x, cubic, &k));
  TEST_NEAR(x, cbrt(k), 1e-14);
  TEST_OK(c, com_quad_root(c, -0.77, 2.9, 1e-12, &x, odd, NULL)); /* the root 0 has no relative scale */
  ck_assert(fabs(x) < 1e-100);
  k = 8;
  TEST_OK(c, com_quad_root(c, 2, 5, 1e-12, &x, cubic, &k)); /* an end is the root */
  ck_assert(x == 2);
  TEST_OK(c, com_quad_root(c, -5, 2, 1e-12, &x, cubic, &k));
  ck_assert(x == 2);
  TEST_FAILS(c, COM_E_NUM, "no change of sign", com_quad_root(c, 3, 5, 1e-12, &x, cubic, &k));
  TEST_FAILS(c, COM_E_NUM, "no change of sign", com_quad_root(c, -3, 1, 1e-12, &x, cubic, &k));
  TEST_FAILS(c, COM_E_NUM, "nan", com_quad_root(c, 3, 5, 1e-12, &x, not_a_number, &k));
  com_ctx_destroy(c);
}
END_TEST

START_TEST(minima) {
  com_ctx *c = test_ctx();
  double k = 0.2385, x;
  TEST_OK(c, com_quad_minimum(c, -7.1, 3.3, 1e-9, &x, valley, &k));
  ck_assert(fabs(x - k) < 3e-8); /* sqrt of the rounding unit */
  TEST_OK(c, com_quad_minimum(c, 3.3, 0.2, 1e-9, &x, valley, &k));
  ck_assert(fabs(x - k) < 3e-8);
  k = 0;
  TEST_OK(c, com_quad_minimum(c, -1.7, 0.9, 1e-9, &x, valley, &k));
  ck_assert(fabs(x) < 3e-8);
  k = 2.5;
  TEST_OK(c, com_quad_minimum(c, 0.3, 1.7, 1e-9, &x, slope, &k)); /* at an end */
  TEST_NEAR(x, 0.3, 1e-7);
  k = -2.5;
  TEST_OK(c, com_quad_minimum(c, 0.3, 1.7, 1e-9, &x, slope, &k));
  TEST_NEAR(x, 1.7, 1e-7);
  TEST_FAILS(c, COM_E_NUM, "not finite", com_quad_minimum(c, 0.3, 1.7, 1e-9, &x, not_a_number, NULL));
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("quad", integrals, integrals_that_fail, legendre, roots, minima)
