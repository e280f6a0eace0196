/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../background.h"
#include "ads/curve.h"
#include "common/cheb.h"
#include "common/quad.h"
#include "common/spline.h"

/* ---- Chebyshev panels and splines ---- */
static double wavy(double x, void *user) {
  (void)user;
  return exp(-x) * sin(3 * x) + fabs(x - 0.385);
}

START_TEST(chebyshev_panels) {
  com_ctx *c = test_ctx();
  const double breaks[3] = {0, 0.385, 2.5};
  com_cheb *s = NULL;
  TEST_OK(c, com_cheb_create(c, 3, breaks, 1e-14, 0, &s, wavy, NULL));
  for (double x = 0.0385; x < 2.5; x += 0.237) {
    double value, err;
    TEST_OK(c, com_quad_finite(c, 0, x, 1e-11, 1e-12, &value, &err, wavy, NULL));
    TEST_NEAR(com_cheb_value(s, x), wavy(x, NULL), 1e-13);
    TEST_NEAR(com_cheb_integral(s, x), value, 1e-10);
    TEST_NEAR(com_cheb_slope(s, x), (wavy(x + 1e-5, NULL) - wavy(x - 1e-5, NULL)) / 2e-5, 1e-8);
  }
  com_cheb_destroy(s);
  TEST_FAILS(c, COM_E_NUM, "needs two ends", com_cheb_create(c, 1, breaks, 1e-14, 0, &s, wavy, NULL));
  com_ctx_destroy(c);
}
END_TEST

static double pole(double x, void *user) {
  (void)user;
  return 1 / (x - 1.2385);
}
static double not_finite(double x, void *user) {
  (void)user;
  return x > 0.7 ? NAN : x;
}

START_TEST(chebyshev_refuses) {
  com_ctx *c = test_ctx();
  const double breaks[2] = {0, 2};
  com_cheb *s = NULL;
  TEST_FAILS(c, COM_E_NUM, "too rough", com_cheb_create(c, 2, breaks, 1e-14, 0, &s, pole, NULL));
  TEST_FAILS(c, COM_E_NUM, "not finite", com_cheb_create(c, 2, breaks, 1e-14, 0, &s, not_finite, NULL));
  com_ctx_destroy(c);
}
END_TEST

/* Not-a-knot reproduces a cubic exactly; fourth order otherwise. */
START_TEST(spline_order) {
  com_ctx *c = test_ctx();
  double x[33], y[33], worst[2] = {0, 0};
  com_spline *s = NULL;
  for (int i = 0; i < 6; i++)
    x[i] = 0.2385 * i + 0.031 * i * i, y[i] = 1.3 - x[i] * (0.7 - x[i] * (0.4 + 0.9 * x[i]));
  TEST_OK(c, com_spline_create(c, 6, x, y, &s));
  double d1, d2;
  TEST_NEAR(com_spline_at(s, 0.9123, &d1, &d2), 1.3 - 0.9123 * (0.7 - 0.9123 * (0.4 + 0.9 * 0.9123)), 1e-13);
  TEST_NEAR(d1, -0.7 + 0.8 * 0.9123 + 2.7 * 0.9123 * 0.9123, 1e-12);
  TEST_NEAR(d2, 0.8 + 5.4 * 0.9123, 1e-11);
  com_spline_destroy(s);
  for (int level = 0; level < 2; level++) {
    const int n = 17 + 16 * level;
    for (int i = 0; i < n; i++) x[i] = 2.0 * i / (n - 1), y[i] = exp(x[i]) * cos(x[i]);
    TEST_OK(c, com_spline_create(c, (size_t)n, x, y, &s));
    for (double t = 0; t <= 2; t += 0.0137)
      worst[level] = fmax(worst[level], fabs(com_spline_at(s, t, NULL, NULL) - exp(t) * cos(t)));
    com_spline_destroy(s);
  }
  ck_assert_double_gt(worst[0] / worst[1], 12);
  x[3] = x[2];
  TEST_FAILS(c, COM_E_DATA, "must ascend", com_spline_create(c, 8, x, y, &s));
  TEST_FAILS(c, COM_E_DATA, "needs at least", com_spline_create(c, 3, x, y, &s));
  com_ctx_destroy(c);
}
END_TEST

/* ---- closures ---- */
/* d coth(d eta) with T L = r0 d/(4 pi) must give the black brane back, through each closure that can. */
static const char brane_h[] =
    "\"type\":\"h\",\"metric\":{\"type\":\"schwarzschild\"},\"L\":2.385,\"T\":0.1371,"
    "\"closure\":\"%s\"";

static ads_background *brane_from_h(com_ctx *c, const char *closure) {
  char text[512];
  snprintf(text, sizeof text, brane_h, closure);
  return background_make(c, text);
}

START_TEST(schwarzschild_through_closures) {
  com_ctx *c = test_ctx();
  ads_background *exact = background_make(c, "\"type\":\"schwarzschild\",\"L\":2.385,\"T\":0.1371");
  static const char *const closures[] = {"cosh", "einstein"};
  for (int k = 0; k < 2; k++) {
    ads_background *b = brane_from_h(c, closures[k]);
    for (double eta = 0.0137; eta < 3; eta += 0.2385) {
      ads_geometry g, e;
      ads_background_at(b, eta, &g);
      ads_background_at(exact, eta, &e);
      TEST_NEAR(g.lnf, e.lnf, 1e-11);
      TEST_NEAR(g.lng, e.lng, 1e-11);
      TEST_NEAR(g.dlnf, e.dlnf, 1e-10);
      TEST_NEAR(g.dlng, e.dlng, 1e-10);
      TEST_NEAR(g.d2lnf, e.d2lnf, 1e-9);
      TEST_NEAR(g.d2lng, e.d2lng, 1e-9);
      TEST_NEAR(ads_background_length(b, eta), ads_background_length(exact, eta), 1e-11);
    }
    ads_background_destroy(b);
  }
  ads_background_destroy(exact);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(einstein_gives_constant_V) {
  com_ctx *c = test_ctx();
  ads_background *b = brane_from_h(c, "einstein");
  for (double eta = 0.01; eta < 4; eta += 0.1237) {
    ads_dilaton d;
    ck_assert_int_eq(ads_background_dilaton(b, eta, &d), 1);
    TEST_NEAR(d.V, 12, 1e-9);
    TEST_NEAR(d.phi, 0, 1e-8);
  }
  ads_background_destroy(b);
  com_ctx_destroy(c);
}
END_TEST

/* A metric with a dilaton: h falls from its pole to 4 fast enough for the null energy condition.  delta = a eta^2/sinh^2(b eta)...
 * is checked below by independent equations: (log F)' G = const and Phi'^2 = (9/4)(-a'' + a' F'/(2 F)). */
typedef struct bump {
  double size, rate;
} bump;

static void bumped(double eta, double *h, double *dh, void *user) {
  const bump *b = user;
  const double x = 4 * eta, e = b->size * exp(-b->rate * eta), th = tanh(eta);
  *h = 4 / tanh(x) + e * th;
  *dh = -16 / (sinh(x) * sinh(x)) + e * (1 - th * th - b->rate * th);
}

START_TEST(einstein_equations_hold) {
  com_ctx *c = test_ctx();
  bump shape = {-0.0385, 2.37};
  const ads_curve_spec spec = {.d = 4, .eta_ir = 0.05, .eta_uv = 1, .fn = bumped, .user = &shape};
  ads_curve *curve = NULL;
  ads_closure *closure = NULL;
  com_choice ch = {0};
  cJSON *j = NULL;
  TEST_OK(c, com_json_parse(c, "t", "{\"type\":\"einstein\"}", 19, &j));
  TEST_OK(c, com_field_choice_read(c, COM_E_CONFIG, &ads_closure_kind, "t", "closure", j, &ch));
  TEST_OK(c, ads_curve_create(c, &spec, &curve));
  TEST_OK(c, ads_closure_create(c, &ch, curve, 0.2385, &closure));
  double constant = NAN;
  for (double eta = 0.1371; eta < 2; eta += 0.2385) {
    const double s = 1e-4;
    ads_geometry g, l, r;
    ads_closure_at(closure, eta, &g);
    ads_closure_at(closure, eta - s, &l);
    ads_closure_at(closure, eta + s, &r);
    const double q = g.dlnf - g.dlng, G = exp(0.5 * (g.lnf + 3 * g.lng));
    if (isnan(constant)) constant = q * G;
    TEST_NEAR(q * G / constant, 1, 1e-10); /* (G (log F)')' = 0 */
    TEST_NEAR((r.lnf - l.lnf) / (2 * s), g.dlnf, 1e-6);
    TEST_NEAR((r.lng - l.lng) / (2 * s), g.dlng, 1e-6);
    TEST_NEAR((r.dlnf - l.dlnf) / (2 * s), g.d2lnf, 1e-6);
  }
  ads_geometry h0;
  ads_closure_at(closure, 1e-4, &h0);
  TEST_NEAR(exp(0.5 * h0.lnf) / 1e-4, 2 * M_PI * 0.2385, 1e-4); /* f -> (2 pi T L eta)^2 */
  ads_closure_at(closure, 8.0, &h0);
  TEST_NEAR(h0.lnf - h0.lng, 0, 1e-12); /* f/g -> 1 */
  ads_closure_destroy(closure);
  ads_curve_destroy(curve);
  com_field_choice_finish(&ads_closure_kind, &ch);
  com_json_free(j);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(published_constants) {
  com_ctx *c = test_ctx();
  ads_background *b = background_table_ii(c, "exp");
  ads_constant k[ADS_CLOSURE_CONSTANTS];
  double top = 0, at = 0;
  ck_assert_uint_eq(ads_background_constants(b, k), 1);
  ck_assert_str_eq(k[0].name, "c5");
  ck_assert_double_le(fabs(k[0].value - 43.3), 0.1);
  TEST_NEAR(ads_curve_facts(ads_background_curve(b))->J, 2.45925, 1e-5);
  for (double eta = 0.2; eta < 0.6; eta += 0.001) {
    ads_geometry g;
    ads_background_at(b, eta, &g);
    if (exp(g.lnf) > top) top = exp(g.lnf), at = eta;
  }
  ck_assert_double_le(fabs(top - 7326), 2); /* independent program; figure 10: 7461 at 0.3645 */
  ck_assert_double_le(fabs(at - 0.365), 0.0015);
  ads_background_destroy(b);
  com_ctx_destroy(c);
}
END_TEST

/* ---- what cannot be answered is explained ---- */
START_TEST(refusals) {
  com_ctx *c = test_ctx();
  ads_background *b;
  static const struct {
    com_status status;
    const char *part, *members;
  } bad[] = {
      {COM_E_NUM, "no horizon",
       "\"type\":\"h\",\"T\":0.2,\"L\":3,\"metric\":{\"type\":\"poly_t\",\"theta\":[4,-2.5]}"},
      {COM_E_NUM, "no horizon",
       "\"type\":\"h\",\"T\":0.2,\"L\":3,\"metric\":{\"type\":\"poly_t\",\"theta\":[4,2.5]},\"ir\":{\"type\":"
       "\"none\"}"},
      {COM_E_NUM, "does not approach d",
       "\"type\":\"h\",\"T\":0.2,\"L\":3,\"metric\":{\"type\":\"pole_poly\",\"theta\":[3.1,0.4]},\"uv\":{"
       "\"type\":"
       "\"none\"}"},
      {COM_E_CONFIG, "T and L are needed",
       "\"type\":\"h\",\"metric\":{\"type\":\"pole_poly\",\"theta\":[3.1,0.4]}"},
      {COM_E_CONFIG, "either metric or samples", "\"type\":\"h\",\"T\":0.2,\"L\":3"},
      {COM_E_CONFIG, "all coefficients",
       "\"type\":\"h\",\"T\":0.2,\"L\":3,\"metric\":{\"type\":\"pole_poly\",\"n\":4}"},
      {COM_E_NUM, "cannot join",
       "\"type\":\"h\",\"T\":0.2,\"L\":3,\"metric\":{\"type\":\"pole_poly\",\"theta\":[2000,-2000]}"},
      {COM_E_NUM, "there is no dilaton",
       "\"type\":\"h\",\"T\":0.2,\"L\":3,\"frame\":\"string\",\"metric\":{\"type\":\"pole_poly\",\"theta\":["
       "3.1,0.4]}"},
      {COM_E_CONFIG, "has no temperature", "\"type\":\"ads\",\"T\":0.2"},
      {COM_E_CONFIG, "leave out r0", "\"type\":\"schwarzschild\",\"r0\":1.2,\"T\":0.2,\"L\":3"},
      {COM_E_CONFIG, "must be positive", "\"type\":\"schwarzschild\",\"T\":-0.2,\"L\":3"},
      {COM_E_DATA, "make them agree", "\"type\":\"table\",\"eta\":[1,2,3],\"f\":[1,2],\"g\":[1,2,3]"},
      {COM_E_DATA, "needs at least", "\"type\":\"table\",\"eta\":[1,2,3],\"f\":[1,2,3],\"g\":[1,2,3]"},
      {COM_E_DATA, "must be positive",
       "\"type\":\"table\",\"eta\":[1,2,3,4,5,6,7,8],\"f\":[1,2,-3,4,5,6,7,8],\"g\":[1,2,3,4,5,6,7,8]"},
      {COM_E_NUM, "falls at the upper end",
       "\"type\":\"table\",\"eta\":[1,2,3,4,5,6,7,8],\"f\":[1,2,3,4,5,6,7,6],\"g\":[1,2,3,4,5,6,7,8]"},
      {COM_E_NUM, "neither a horizon nor",
       "\"type\":\"table\",\"eta\":[1,2,3,4,5,6,7,8],\"f\":[9,8,8,9,12,16,20,30],\"g\":[1,2,3,4,5,6,7,8]"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    TEST_FAILS(c, bad[i].status, bad[i].part, background_try(c, bad[i].members, &b));
  com_ctx_destroy(c);
}
END_TEST

static int warned(const com_ctx *c, const char *code) {
  for (size_t i = 0; i < com_ctx_n_warnings(c); i++)
    if (strcmp(com_ctx_warnings(c)[i].code, code) == 0) return 1;
  return 0;
}

START_TEST(checks_speak_up) {
  com_ctx *c = test_ctx();
  ads_background *b = background_table_ii(c, "einstein");
  cJSON *j = NULL;
  ads_dilaton d;
  TEST_OK(c, ads_background_check(c, b, &j));
  ck_assert(warned(c, "nec_radial") && warned(c, "fg_not_monotonic") && warned(c, "extrapolation_ir"));
  ck_assert(warned(c, "extrapolation_uv") && warned(c, "horizon_irregular"));
  ck_assert(!warned(c, "nec_spatial")); /* the closure solves that equation */
  TEST_NEAR(com_json_num(com_json_get(j, "J"), NAN), 2.45925, 1e-5);
  ck_assert_int_eq(ads_background_dilaton(b, 0.5, &d), 0);
  ck_assert(strstr(ads_background_no_dilaton(b), "null energy condition") != NULL);
  com_json_free(j);
  ads_background_destroy(b);
  com_ctx_destroy(c);

  c = test_ctx();
  b = background_make(c, "\"type\":\"schwarzschild\"");
  TEST_OK(c, ads_background_check(c, b, &j));
  ck_assert_uint_eq(com_ctx_n_warnings(c), 0);
  com_json_free(j);
  ads_background_destroy(b);
  com_ctx_destroy(c);
}
END_TEST

/* ---- a table of a black brane ---- */
START_TEST(table_follows_its_source) {
  com_ctx *c = test_ctx();
  ads_background *exact = background_make(c, "\"type\":\"schwarzschild\""), *b = NULL;
  enum { N = 161 };
  double eta[N], f[N], g[N];
  for (int i = 0; i < N; i++) {
    ads_geometry at;
    eta[i] = 0.0137 + 0.0371 * i;
    ads_background_at(exact, eta[i], &at);
    f[i] = exp(at.lnf);
    g[i] = exp(at.lng);
  }
  cJSON *j = com_json_object();
  TEST_OK(c, com_json_add(c, j, "schema", com_json_string("holograd/background/1")));
  TEST_OK(c, com_json_add(c, j, "type", com_json_string("table")));
  TEST_OK(c, com_json_add(c, j, "eta", com_json_reals(eta, N)));
  TEST_OK(c, com_json_add(c, j, "f", com_json_reals(f, N)));
  TEST_OK(c, com_json_add(c, j, "g", com_json_reals(g, N)));
  TEST_OK(c, ads_background_create(c, "t", j, &b));
  const double tol = pow(0.0371, 4); /* cubic splines: step^4, times derivatives of order one */
  ck_assert_int_eq(ads_background_facts(b)->horizon, 1);
  TEST_NEAR(ads_background_facts(b)->tl, 1 / M_PI, tol);
  for (double x = 0.0237; x < 5; x += 0.3131) {
    ads_geometry s, e;
    ads_background_at(b, x, &s);
    ads_background_at(exact, x, &e);
    TEST_NEAR(s.lnf, e.lnf, tol);
    TEST_NEAR(s.lng, e.lng, tol);
    TEST_NEAR(ads_background_length(b, x), ads_background_length(exact, x), tol);
  }
  ads_background_destroy(b);
  ads_background_destroy(exact);
  com_json_free(j);
  com_ctx_destroy(c);
}
END_TEST

/* Pole and boundary fits recover the constants of a function that has them: h = 1/(eta - c1) + c2, then d - c3 exp(-c4 eta). */
static void made(double eta, double *h, double *dh, void *user) {
  (void)user;
  const double p = 1 / (eta - 0.0385), e = 3.17 * exp(-2.385 * (eta - 0.0385)),
               w = 1 / (1 + exp(40 * (eta - 0.5)));
  const double dw = -40 * w * (1 - w);
  *h = w * (p + 1.371) + (1 - w) * (4 - e);
  *dh = w * -p * p + (1 - w) * 2.385 * e + dw * (p + 1.371 - 4 + e);
}

START_TEST(continuations_recover) {
  com_ctx *c = test_ctx();
  ads_curve_spec spec = {.d = 4,
                         .eta_ir = 0.1,
                         .eta_uv = 1.2,
                         .ir = {ADS_CURVE_IR_SHIFT, NAN, NAN, 0.05},
                         .uv = {ADS_CURVE_UV_EXP, NAN, NAN, 0.1},
                         .fn = made};
  ads_curve *s = NULL;
  TEST_OK(c, ads_curve_create(c, &spec, &s));
  const ads_curve_info *o = ads_curve_facts(s);
  TEST_NEAR(o->c1, 0.0385, 1e-6);
  TEST_NEAR(o->c2, 1.371, 1e-3);
  TEST_NEAR(o->c4, 2.385, 1e-6);
  TEST_NEAR(o->c3, 3.17, 1e-6);
  TEST_NEAR(o->J, o->J_ir + o->J_fn + o->J_uv, 1e-14);
  /* beyond the end J_uv is closed: -c3 exp(-c4 e)/c4, up to coth - 1 */
  const double e = o->join_uv, closed = -o->c3 / o->c4 * exp(-o->c4 * e) + log1p(-exp(-8 * e));
  TEST_NEAR(o->J_uv, closed, 1e-9);
  ads_curve_destroy(s);
  spec.uv.window = 0; /* matched instead of fitted: the same function, the same answer */
  TEST_OK(c, ads_curve_create(c, &spec, &s));
  TEST_NEAR(ads_curve_facts(s)->c4, 2.385, 1e-6);
  ads_curve_destroy(s);
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("background", chebyshev_panels, chebyshev_refuses, spline_order, schwarzschild_through_closures,
          einstein_gives_constant_V, einstein_equations_hold, published_constants, refusals, checks_speak_up,
          table_follows_its_source, continuations_recover)
