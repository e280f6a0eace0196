/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The potential as a function of the parameters of a fit: value against the scan over turning points, derivatives against differences and
 * against the black brane. */
#include <math.h>
#include "ads/potential_model.h"
#include "ads/background_file.h"
#include "ads/units.h"
#include "ads/wilson.h"
#include "../test.h"

enum { N_R = 5, N_X = 5 };

static const char *const CONFIG =
    "{\"schema\":\"holograd/train/"
    "1\",\"metric\":{\"type\":\"pole_poly\",\"n\":4},\"background\":{\"closure\":"
    "\"%s\",\"uv\":{\"type\":\"exp\",\"c4\":4}}}";

static ads_potential_model *model_of(com_ctx *c, const char *text, size_t n_theta, ads_config *cfg) {
  cJSON *j = NULL;
  const cJSON *parameters = NULL;
  ads_potential_model *m = NULL;
  TEST_OK(c, com_json_parse(c, "test", text, strlen(text), &j));
  TEST_OK(c, ads_config_read(c, "test", j, cfg, &parameters));
  TEST_OK(c, ads_potential_model_create(c, cfg, n_theta, &m));
  com_json_free(j);
  return m;
}

/* Fourth-order differences over theta, T. */
static void check_derivatives(com_ctx *c, const char *closure, double tol) {
  char text[512];
  ads_config cfg;
  snprintf(text, sizeof text, CONFIG, closure);
  ads_potential_model *m = model_of(c, text, 4, &cfg);
  double x[N_X] = {1.9, -7.3, 4.1, 5.2, 0.207}, V[N_R], J[N_R * N_X];
  const double r[N_R] = {0.05, 0.11, 0.23, 0.31, 0.37};
  TEST_OK(c, ads_potential_model_eval(m, x, x[4], N_R, r, V, J));
  static const double weight[] = {1.0 / 12, -2.0 / 3, 2.0 / 3, -1.0 / 12}, place[] = {-2, -1, 1, 2};
  for (int k = 0; k < N_X; k++) {
    double diff[N_R] = {0}, size = 0, worst = 0, W[N_R];
    const double x0 = x[k], step = k + 1 < N_X ? 4e-4 : 2e-3 * x0;
    for (int a = 0; a < 4; a++) {
      x[k] = x0 + place[a] * step;
      TEST_OK(c, ads_potential_model_eval(m, x, x[4], N_R, r, W, NULL));
      for (int i = 0; i < N_R; i++) diff[i] += weight[a] * W[i] / step;
    }
    x[k] = x0;
    for (int i = 0; i < N_R; i++) {
      size = fmax(size, fabs(diff[i]));
      worst = fmax(worst, fabs(diff[i] - J[i * N_X + k]));
    }
    /* V, known to 1e-12, cancels in dV/dT = (V + d dV/dd)/T: ten times less is left */
    ck_assert_msg(size > 0 && worst <= (k + 1 < N_X ? tol : 10 * tol) * size, "%s: parameter %d: %g of %g",
                  closure, k, worst, size);
  }
  ads_potential_model_destroy(m);
  ads_config_finish(&cfg);
}

START_TEST(test_derivatives_by_hand_closures) {
  com_ctx *c = test_ctx();
  check_derivatives(c, "exp", 2e-9);
  check_derivatives(c, "cosh", 2e-9);
  com_ctx_destroy(c);
}
END_TEST

/* The string-frame equations are solved by a scheme of their own, to about 1e-5. */
START_TEST(test_derivatives_string_frame) {
  com_ctx *c = test_ctx();
  check_derivatives(c, "string", 2e-4);
  com_ctx_destroy(c);
}
END_TEST

/* The black brane in closed form. */
START_TEST(test_black_brane) {
  com_ctx *c = test_ctx();
  ads_config cfg;
  ads_potential_model *m =
      model_of(c,
               "{\"schema\":\"holograd/train/1\",\"metric\":{\"type\":\"schwarzschild\"},"
               "\"background\":{\"closure\":\"cosh\"}}",
               0, &cfg);
  const double T = 0.207, r[4] = {0.001, 0.1, 0.2, 0.3};
  double V[4], J[4];
  TEST_OK(c, ads_potential_model_eval(m, NULL, T, 4, r, V, J));
  /* AdS at short distances */
  TEST_NEAR(V[0] * r[0] / ADS_UNITS_HBARC, -1.4355400220908594, 1e-2);
  /* screening at d T = 0.2400380 */
  const double screening = 0.24003802683 * ADS_UNITS_HBARC / T;
  ck_assert(r[2] < screening && r[3] > screening);
  ck_assert(V[2] < 0 && V[3] == 0 && J[3] == 0);
  const double near[2] = {screening * (1 - 1e-6), screening * (1 + 1e-6)};
  double edge[2];
  TEST_OK(c, ads_potential_model_eval(m, NULL, T, 2, near, edge, NULL));
  ck_assert(edge[0] < 0 && edge[0] > -1e-4 && edge[1] == 0);
  double W[4];
  for (int a = 0; a < 4; a++) {
    static const double place[4] = {-2, -1, 1, 2};
    TEST_OK(c, ads_potential_model_eval(m, NULL, T * (1 + 1e-3 * place[a]), 1, r + 1, W + a, NULL));
  }
  TEST_NEAR(J[1] * T / V[1], (W[0] - 8 * W[1] + 8 * W[2] - W[3]) / (12e-3 * V[1]), 1e-8);
  ads_potential_model_destroy(m);
  ads_config_finish(&cfg);
  com_ctx_destroy(c);
}
END_TEST

/* The scan over turning points of the command `potential` has the same V(d), at any L. */
START_TEST(test_value_against_scan) {
  com_ctx *c = test_ctx();
  char text[512];
  ads_config cfg;
  snprintf(text, sizeof text, CONFIG, "exp");
  ads_potential_model *m = model_of(c, text, 4, &cfg);
  const double theta[4] = {1.9, -7.3, 4.1, 5.2}, L = 2.385, T = 0.207;
  cJSON *doc = NULL;
  ads_background *b = NULL;
  TEST_OK(c, ads_background_file_template(c, &cfg, &doc));
  TEST_OK(c, com_json_add(c, com_json_edit(doc, "metric"), "theta", com_json_reals(theta, 4)));
  TEST_OK(c, com_json_add(c, doc, "L", com_json_real(L)));
  TEST_OK(c, com_json_add(c, doc, "T", com_json_real(T)));
  TEST_OK(c, ads_background_create(c, "test", doc, &b));
  ads_wilson_landmarks at;
  TEST_OK(c, ads_wilson_find(c, b, &at));
  const double from = isfinite(at.lowest) ? at.lowest : 0;
  int seen = 0;
  for (int i = 1; i < 8; i++) {
    ads_wilson_point p;
    TEST_OK(c, ads_wilson_at(c, b, from + 0.25 * i, &p));
    const double r = ADS_UNITS_HBARC * L * p.d;
    double V;
    TEST_OK(c, ads_potential_model_eval(m, theta, T, 1, &r, &V, NULL));
    ck_assert_double_eq_tol(V, fmin(p.V / L, 0), 1e-9 * fabs(p.V / L));
    seen += p.V < 0;
  }
  ck_assert_int_gt(seen, 2);
  ads_background_destroy(b);
  com_json_free(doc);
  ads_potential_model_destroy(m);
  ads_config_finish(&cfg);
  com_ctx_destroy(c);
}
END_TEST

/* A plateau of f g: the length of strings rises, falls and rises again along the branch, and three hang at one distance.  The lowest counts:
 * against a dense scan with the trapezoid dV = (force + force')/2 dd between its points; V goes on where the first branch ends. */
START_TEST(test_several_strings_at_one_distance) {
  enum { DENSE = 6000, N = 9 };
  com_ctx *c = test_ctx();
  char text[512];
  ads_config cfg;
  snprintf(text, sizeof text, CONFIG, "exp");
  ads_potential_model *m = model_of(c, text, 4, &cfg);
  const double theta[4] = {15.4238419, -115.8180343, 209.0212378, -104.8560174}, T = 0.2;
  const double r[N] = {0.3, 0.9, 0.96, 0.98, 0.984, 0.985, 0.987, 0.99, 1.3};
  double V[N], best[N] = {0}, wall, first_longest = 0;
  cJSON *doc = NULL;
  ads_background *b = NULL;
  int hanging[N] = {0};
  TEST_OK(c, ads_potential_model_eval(m, theta, T, N, r, V, NULL));
  TEST_OK(c, ads_background_file_template(c, &cfg, &doc));
  TEST_OK(c, com_json_add(c, com_json_edit(doc, "metric"), "theta", com_json_reals(theta, 4)));
  TEST_OK(c, com_json_add(c, doc, "L", com_json_real(1)));
  TEST_OK(c, com_json_add(c, doc, "T", com_json_real(T)));
  TEST_OK(c, ads_background_create(c, "test", doc, &b));
  ck_assert(ads_background_wall(b, &wall));
  ads_wilson_point last = {.d = 0};
  for (int k = 0; k < DENSE; k++) {
    ads_wilson_point p;
    TEST_OK(c, ads_wilson_at(c, b, wall + 3 * pow(1e-3, (double)k / DENSE), &p));
    for (int i = 0; i < N && k > 0; i++) {
      const double d = r[i] / ADS_UNITS_HBARC, t = (d - last.d) / (p.d - last.d);
      if (!((last.d <= d && d < p.d) || (p.d <= d && d < last.d))) continue;
      hanging[i]++;
      best[i] = fmin(best[i], last.V + (d - last.d) * (last.force + 0.5 * t * (p.force - last.force)));
    }
    if (k > 0 && p.d < last.d && first_longest == 0) first_longest = last.d * ADS_UNITS_HBARC;
    last = p;
  }
  for (int i = 0; i < N; i++) ck_assert_double_eq_tol(V[i], best[i], 2e-7);
  ck_assert(hanging[0] == 1 && hanging[5] == 3 && hanging[8] == 1);
  ck_assert(first_longest > r[6] && first_longest < r[7] && V[7] < -0.3);
  ads_background_destroy(b);
  com_json_free(doc);
  ads_potential_model_destroy(m);
  ads_config_finish(&cfg);
  com_ctx_destroy(c);
}
END_TEST

/* Along a line of metrics on which strings change their branch V is continuous, and its derivative is that of V on either side. */
START_TEST(test_continuous_in_the_metric) {
  enum { STEPS = 60, N = 12 };
  com_ctx *c = test_ctx();
  char text[512];
  ads_config cfg;
  snprintf(text, sizeof text, CONFIG, "exp");
  ads_potential_model *m = model_of(c, text, 4, &cfg);
  const double from[4] = {15.4238419, -115.8180343, 209.0212378, -104.8560174},
               to[4] = {4.9370160, -9.9932815, -17.1681779, 26.2695619};
  double r[N], V[N], J[N * N_X], last[N], slope[N], theta[4], worst = 0, kink = 0;
  for (int i = 0; i < N; i++) r[i] = 0.2 + 0.13 * i;
  for (int k = 0; k <= STEPS; k++) {
    for (int a = 0; a < 4; a++) theta[a] = from[a] + (to[a] - from[a]) * k / STEPS;
    TEST_OK(c, ads_potential_model_eval(m, theta, 0.2, N, r, V, J));
    for (int i = 0; i < N; i++) {
      double g = 0;
      for (int a = 0; a < 4; a++) g += J[i * N_X + a] * (to[a] - from[a]) / STEPS;
      if (k > 0) worst = fmax(worst, fabs(V[i] - last[i] - 0.5 * (g + slope[i])));
      if (k > 0) kink = fmax(kink, fabs(g - slope[i]));
      last[i] = V[i];
      slope[i] = g;
    }
  }
  /* the trapezoid misses a kink by at most half the change of the slope; anything above that is a jump */
  ck_assert_msg(worst < 0.5 * kink && worst < 1e-4, "jump %g, change of slope %g", worst, kink);
  ads_potential_model_destroy(m);
  ads_config_finish(&cfg);
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("potential_model", test_derivatives_by_hand_closures, test_derivatives_string_frame,
          test_black_brane, test_value_against_scan, test_several_strings_at_one_distance,
          test_continuous_in_the_metric)
