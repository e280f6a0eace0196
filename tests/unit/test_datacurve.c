/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/datacurve.h"
#include "../test.h"

static const double S[] = {0.3, -0.01, 1.0, 0.03, 0.1}, R[] = {0.8836, -0.6061, 0.9425, 0.7555, 0.8255};

/* Through the points, odd, rising everywhere, with its own derivative. */
START_TEST(curve) {
  com_ctx *c = test_ctx();
  ads_datacurve *g;
  TEST_OK(c, ads_datacurve_create(c, 5, S, R, &g));
  for (int k = 0; k < 5; k++) TEST_NEAR(ads_datacurve_at(g, S[k], NULL), R[k], 1e-14);
  TEST_NEAR(ads_datacurve_at(g, -0.0613, NULL), -ads_datacurve_at(g, 0.0613, NULL), 0);
  double last = 0;
  for (int k = 1; k < 400; k++) {
    const double s = 0.0047 * k + 0.0003, e = 1e-6;
    double slope, y = ads_datacurve_at(g, s, &slope);
    ck_assert_msg(y > last, "falls at %g", s);
    TEST_NEAR(slope, (ads_datacurve_at(g, s + e, NULL) - ads_datacurve_at(g, s - e, NULL)) / (2 * e),
              1e-5 * (1 + slope));
    last = y;
  }
  ads_datacurve_destroy(g);
  com_ctx_destroy(c);
}
END_TEST

/* Noise that makes the data fall must not leave a point without a say; equal sources share their mean. */
START_TEST(noisy) {
  com_ctx *c = test_ctx();
  static const double s[] = {0.1, 0.2, 0.2, 0.3, 0.4}, r[] = {0.5, 0.61, 0.63, 0.60, 0.7};
  ads_datacurve *g;
  double slope, a, b;
  TEST_OK(c, ads_datacurve_create(c, 5, s, r, &g));
  TEST_NEAR(ads_datacurve_at(g, 0.2, &slope), 0.62, 1e-14);
  TEST_NEAR(slope, 0.1 * 0.62 / 0.2, 1e-12);
  ads_datacurve_start(g, &a, &b);
  TEST_NEAR(a, 0.2, 1e-14);
  ads_datacurve_destroy(g);
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("datacurve", curve, noisy)
