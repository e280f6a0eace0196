/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../background.h"
#include "ads/obs_dilaton.h"
#include "common/linalg.h"
#include "common/quad.h"

/* h = 4 coth 4 eta + SIZE exp(-RATE eta) tanh eta obeys the null energy condition, has a regular horizon, and h - 4 ~ exp(-RATE eta),
 * so a scalar of m^2 = -RATE (8 - RATE)/4.  As a Chebyshev metric on [0.02, 4], by least squares. */
static const double SIZE = 1.137, RATE = 2.385;
enum { TERMS = 44, POINTS = 160 };

static double regular_part(double eta) {
  const double x = 4 * eta;
  const double brane = x < 0.05 ? x / 3 * (1 - x * x / 15 * (1 - 2 * x * x / 21)) : 1 / tanh(x) - 1 / x;
  return 4 * brane + SIZE * exp(-RATE * eta) * tanh(eta);
}

static cJSON *document(com_ctx *c, const char *frame) {
  static double A[POINTS * TERMS], y[POINTS], theta[TERMS];
  for (int i = 0; i < POINTS; i++) {
    const double x = cos(M_PI * (i + 0.5) / POINTS);
    for (int k = 0; k < TERMS; k++) A[i * TERMS + k] = cos(k * acos(x));
    y[i] = regular_part(0.5 * (4.02 + 3.98 * x));
  }
  TEST_OK(c, com_linalg_lstsq(c, POINTS, TERMS, A, y, theta));
  cJSON *j = com_json_object(), *metric = com_json_object(), *closure = com_json_object();
  TEST_OK(c, com_json_add(c, metric, "type", com_json_string("chebyshev")));
  TEST_OK(c, com_json_add(c, metric, "theta", com_json_reals(theta, TERMS)));
  TEST_OK(c, com_json_add(c, closure, "type", com_json_string("einstein")));
  TEST_OK(c, com_json_add(c, j, "schema", com_json_string("holograd/background/1")));
  TEST_OK(c, com_json_add(c, j, "type", com_json_string("h")));
  TEST_OK(c, com_json_add(c, j, "metric", metric));
  TEST_OK(c, com_json_add(c, j, "closure", closure));
  TEST_OK(c, com_json_add(c, j, "frame", com_json_string(frame)));
  TEST_OK(c, com_json_add(c, j, "eta_uv", com_json_real(4)));
  TEST_OK(c, com_json_add(c, j, "eta_ir", com_json_real(0.02)));
  TEST_OK(c, com_json_add(c, j, "T", com_json_real(0.2385)));
  TEST_OK(c, com_json_add(c, j, "L", com_json_real(1.371)));
  return j;
}

static ads_background *with_dilaton(com_ctx *c, const char *frame) {
  ads_background *b = NULL;
  cJSON *j = document(c, frame);
  TEST_OK(c, ads_background_create(c, "t", j, &b));
  com_json_free(j);
  return b;
}

static double minus_slope(double eta, void *user) {
  ads_dilaton d;
  ads_background_dilaton(user, eta, &d);
  return -d.dphi;
}

/* Phi'^2 = (9/4)(-a'' + a' q/2), V = 12 a'^2 + 3 a'' + (3/2) a' q with a, q from f and g: not the closed forms that the closure uses. */
START_TEST(einstein_dilaton_equations) {
  com_ctx *c = test_ctx();
  ads_background *b = with_dilaton(c, "einstein");
  ck_assert_msg(!ads_background_no_dilaton(b), "%s", ads_background_no_dilaton(b));
  for (double eta = 0.0713; eta < 2.5; eta += 0.2385) {
    ads_geometry g;
    ads_dilaton d;
    double phi, err;
    ads_background_at(b, eta, &g);
    ads_background_dilaton(b, eta, &d);
    const double a1 = 0.5 * g.dlng, a2 = 0.5 * g.d2lng, q = g.dlnf - g.dlng;
    TEST_NEAR(d.dphi * d.dphi, 2.25 * (-a2 + 0.5 * a1 * q), 1e-9);
    TEST_NEAR(d.V, 12 * a1 * a1 + 3 * a2 + 1.5 * a1 * q, 1e-9);
    TEST_OK(c, com_quad_finite(c, eta, 20, 1e-9, 1e-9, &phi, &err, minus_slope, b));
    TEST_NEAR(d.phi, phi, 2e-6); /* Phi' below sqrt(rounding of h') is cut */
    ck_assert_double_lt(d.dphi, 0);
  }
  ads_background_destroy(b);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(small_phi_expansion) {
  com_ctx *c = test_ctx();
  ads_background *b = with_dilaton(c, "einstein");
  ads_obs_dilaton_expansion e;
  const double m2 = -RATE * (8 - RATE) / 4;
  TEST_OK(c, ads_obs_dilaton_expand(c, b, 0.05, 3, &e));
  TEST_NEAR(e.V0, 12, 1e-15);
  TEST_NEAR(e.m2, m2, 5e-3);
  TEST_NEAR(e.V2, -4 * m2 / 3, 5e-3);
  for (double phi = 0.011; phi < 0.05; phi += 0.0137) { /* the expansion is V itself there */
    double lo = 0.1, hi = 8;
    ads_dilaton d;
    for (int i = 0; i < 60; i++) {
      ads_background_dilaton(b, 0.5 * (lo + hi), &d);
      if (d.phi > phi)
        lo = 0.5 * (lo + hi);
      else
        hi = 0.5 * (lo + hi);
    }
    TEST_NEAR(d.V, 12 + phi * phi * (e.V2 + phi * (e.V3 + phi * e.V4)), 1e-7);
  }
  ads_background_destroy(b);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(string_frame) {
  com_ctx *c = test_ctx();
  ads_background *e = with_dilaton(c, "einstein"), *s = with_dilaton(c, "string");
  for (double eta = 0.1137; eta < 3; eta += 0.3713) {
    ads_geometry ge, gs, l, r;
    ads_dilaton d;
    ads_background_at(e, eta, &ge);
    ads_background_at(s, eta, &gs);
    ads_background_dilaton(s, eta, &d);
    TEST_NEAR(gs.lnf - ge.lnf, 4 * d.phi / 3, 1e-12);
    TEST_NEAR(gs.lnn, 2 * d.phi / 3, 1e-12);
    ads_background_at(s, eta - 1e-4, &l);
    ads_background_at(s, eta + 1e-4, &r);
    TEST_NEAR(gs.dlng, (r.lng - l.lng) / 2e-4, 1e-6);
  }
  ads_background_destroy(s);
  ads_background_destroy(e);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(constant_dilaton) {
  com_ctx *c = test_ctx();
  ads_background *b = background_make(c, "\"type\":\"h\",\"metric\":{\"type\":\"schwarzschild\"},\"T\":0."
                                         "2385,\"L\":1.371,\"closure\":\"einstein\"");
  ads_obs_dilaton_expansion e;
  TEST_OK(c, ads_obs_dilaton_expand(c, b, 0.2, 3, &e));
  TEST_NEAR(e.V0, 12, 1e-15);
  ck_assert(isnan(e.V2));
  ads_background_destroy(b);
  b = background_table_ii(c, "einstein");
  TEST_FAILS(c, COM_E_NUM, "null energy condition", ads_obs_dilaton_expand(c, b, 0.2, 3, &e));
  ads_background_destroy(b);
  com_ctx_destroy(c);
}
END_TEST

/* T = 0, A = -log z + k z^2/2 as string-frame warp: A_E = A - 2 Phi/3 must solve A_E'^2 - A_E'' = (4/9) Phi'^2, V its equation. */
START_TEST(conformal_dilaton) {
  com_ctx *c = test_ctx();
  ads_background *b = background_make(
      c, "\"type\":\"conformal\",\"z_max\":4,\"profile\":{\"type\":\"soft_wall\",\"k\":[0.4385,0.1371]}");
  const double k = 0.4385 - 0.1371;
  ck_assert_msg(!ads_background_no_dilaton(b), "%s", ads_background_no_dilaton(b));
  for (double z = 0.2385; z < 3.8; z += 0.4713) {
    const double s = 1e-3;
    ads_dilaton d[5];
    double E[5];
    for (int i = 0; i < 5; i++) {
      const double x = z + (i - 2) * s;
      ads_background_dilaton(b, -log(x), &d[i]);
      E[i] = -log(x) + 0.5 * k * x * x - 2 * d[i].phi / 3;
    }
    const double E1 = (8 * (E[3] - E[1]) - (E[4] - E[0])) / (12 * s);
    const double E2 = (16 * (E[3] + E[1]) - (E[4] + E[0]) - 30 * E[2]) / (12 * s * s);
    const double P1 = (8 * (d[3].phi - d[1].phi) - (d[4].phi - d[0].phi)) / (12 * s);
    TEST_NEAR((E1 * E1 - E2 - 4 * P1 * P1 / 9) / (E1 * E1), 0, 1e-7);
    TEST_NEAR(d[2].V, exp(-2 * E[2]) * (9 * E1 * E1 + 3 * E2), 1e-6);
    TEST_NEAR(d[2].dphi, -z * P1, 1e-8);
  }
  ads_background_destroy(b);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(conformal_refuses) {
  com_ctx *c = test_ctx();
  ads_background *b =
      background_make(c, "\"type\":\"conformal\",\"frame\":\"einstein\",\"profile\":{\"type\":"
                         "\"soft_wall\",\"k\":[0.4385,0.1371]}");
  ck_assert(strstr(ads_background_no_dilaton(b), "null energy condition") != NULL);
  ads_background_destroy(b);
  b = background_make(
      c, "\"type\":\"conformal\",\"profile\":{\"type\":\"gauss\",\"k\":[0.29946,0.26998],\"a\":[2.24597,"
         "1.81516]}");
  ck_assert(strstr(ads_background_no_dilaton(b), "turns back") != NULL);
  ads_background_destroy(b);
  TEST_FAILS(c, COM_E_CONFIG, "profile.k is not given",
             background_try(c, "\"type\":\"conformal\",\"profile\":{\"type\":\"gauss\"}", &b));
  com_ctx_destroy(c);
}
END_TEST

/* Closure string: f, g, Phi as functions, differenced; back in the Einstein frame, eta_E = int exp(-sigma), sigma = 2 Phi/3:
 * G_E d(log F)/deta_E = const, sigma'^2 = -(a'' + sigma' a') + a' (log F)'/2, and V from its equation. */
START_TEST(string_closure_equations) {
  com_ctx *c = test_ctx();
  static const char *const metrics[] = {
      "\"metric\":{\"type\":\"pole_poly\",\"theta\":[-2.611,0.701,2.051,2.844]},\"eta_ir\":0.0667",
      "\"metric\":{\"type\":\"pole_poly\",\"theta\":[-2.213,1.037,1.472,2.699]},\"eta_ir\":0.05"};
  for (int k = 0; k < 2; k++) {
    char text[512];
    snprintf(text, sizeof text, "\"type\":\"h\",\"T\":0.207,\"L\":3.2,\"closure\":\"string\",%s", metrics[k]);
    ads_background *b = background_make(c, text);
    double constant = NAN;
    for (double eta = 0.1137; eta < 0.95; eta += 0.1171) {
      const double s = 4e-3;
      double lf[5], lg[5], a[5];
      ads_dilaton d[5];
      for (int i = 0; i < 5; i++) {
        ads_geometry g;
        ads_background_at(b, eta + (i - 2) * s, &g);
        ck_assert_int_eq(ads_background_dilaton(b, eta + (i - 2) * s, &d[i]), 1);
        lf[i] = g.lnf, lg[i] = g.lng, a[i] = 0.5 * g.lng - 2 * d[i].phi / 3;
      }
      const double a1 = (8 * (a[3] - a[1]) - (a[4] - a[0])) / (12 * s);
      const double a2 = (16 * (a[3] + a[1]) - (a[4] + a[0]) - 30 * a[2]) / (12 * s * s);
      const double p = 2 * (8 * (d[3].phi - d[1].phi) - (d[4].phi - d[0].phi)) / (36 * s),
                   sigma = 2 * d[2].phi / 3;
      const double q =
          (8 * ((lf[3] - lg[3]) - (lf[1] - lg[1])) - ((lf[4] - lg[4]) - (lf[0] - lg[0]))) / (12 * s);
      const double G = exp(0.5 * (lf[2] + 3 * lg[2]) - 3 * sigma) * q;
      if (isnan(constant)) constant = G;
      TEST_NEAR(G / constant, 1, 2e-5);
      TEST_NEAR(p * p, -(a2 + p * a1) + 0.5 * a1 * q, 2e-4);
      TEST_NEAR(d[2].V / (exp(2 * sigma) * (12 * a1 * a1 + 3 * (a2 + p * a1) + 1.5 * a1 * q)), 1, 2e-4);
      TEST_NEAR(2 * d[2].dphi / 3, p, 1e-5);
    }
    ads_background_destroy(b);
  }
  com_ctx_destroy(c);
}
END_TEST

START_TEST(string_closure_of_a_brane) {
  com_ctx *c = test_ctx();
  ads_background *b = background_make(c, "\"type\":\"h\",\"metric\":{\"type\":\"schwarzschild\"},\"T\":0."
                                         "2385,\"L\":1.371,\"closure\":\"string\"");
  ads_background *exact = background_make(c, "\"type\":\"schwarzschild\",\"T\":0.2385,\"L\":1.371");
  for (double eta = 0.0237; eta < 4; eta += 0.3137) {
    ads_dilaton d;
    ads_geometry g, e;
    ck_assert_int_eq(ads_background_dilaton(b, eta, &d), 1);
    ads_background_at(b, eta, &g);
    ads_background_at(exact, eta, &e);
    TEST_NEAR(d.V, 12, 1e-8);
    TEST_NEAR(d.phi, 0, 1e-8);
    TEST_NEAR(g.lnf, e.lnf, 1e-7); /* rounding of h' + m^2/4 next to the horizon */
    TEST_NEAR(g.lng, e.lng, 1e-7);
  }
  ads_background_destroy(exact);
  ads_background_destroy(b);
  TEST_FAILS(c, COM_E_CONFIG, "in the string frame already",
             background_try(c,
                            "\"type\":\"h\",\"metric\":{\"type\":\"schwarzschild\"},\"T\":0.2,\"L\":1.3,"
                            "\"closure\":\"string\",\"frame\":\"string\"",
                            &b));
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("dilaton", string_closure_equations, string_closure_of_a_brane, einstein_dilaton_equations,
          small_phi_expansion, string_frame, constant_dilaton, conformal_dilaton, conformal_refuses)
