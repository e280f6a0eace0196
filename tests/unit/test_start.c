/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/start.h"
#include "ads/config.h"
#include "ads/fit.h"
#include "ads/onshell.h"
#include "../test.h"

/* The six lattice points of data/qcd_condensate_T207 and their statistical errors. */
static const double mq[6] = {0.000673563, 0.001347125, 0.00269425, 0.0053885, 0.010777, 0.021554};
static const double qq[6] = {0.006323923, 0.0115084, 0.021364605, 0.037943538, 0.067569123, 0.102948908};
static const double er[6] = {0.0001139445578, 0.0002278891156, 0.0002848613945,
                             0.0004557782312, 0.0002848613945, 0.0002278891156};

/* The self-consistent weights sigma_r |a + 3 b r^2|, iterated in 40 lines of Python: (0.119962, 8.486944).  With the errors of a smooth fit
 * in place of them one gets (0.1203, 8.475), within 0.3 %. */
START_TEST(curve_of_the_lattice_data) {
  ads_start_curve k;
  double sigma[6];
  ads_start_fit(6, mq, qq, er, &k, sigma);
  TEST_NEAR(k.a / 0.11996183898809251, 1, 1e-7);
  TEST_NEAR(k.b / 8.486943987792783, 1, 1e-7);
  for (int i = 0; i < 6; i++) TEST_NEAR(sigma[i] / (er[i] * fabs(k.a + 3 * k.b * qq[i] * qq[i])), 1, 1e-12);
}
END_TEST

START_TEST(exact_cubic_is_returned) {
  double s[5], r[5], e[5], sigma[5];
  ads_start_curve k;
  for (int i = 0; i < 5; i++) {
    r[i] = 0.013 * (i + 1.37);
    s[i] = 0.2385 * r[i] + 17.31 * pow(r[i], 3);
    e[i] = 0.003 * r[i];
  }
  ads_start_fit(5, s, r, e, &k, sigma);
  TEST_NEAR(k.a, 0.2385, 1e-12);
  TEST_NEAR(k.b, 17.31, 1e-10);
}
END_TEST

START_TEST(one_point_gives_the_slope) {
  const double s = 0.31, r = 0.047, e = 0.01;
  double sigma;
  ads_start_curve k;
  ads_start_fit(1, &s, &r, &e, &k, &sigma);
  TEST_NEAR(k.a, s / r, 1e-12);
  TEST_NEAR(k.b, 0, 1e-300);
  ck_assert(sigma > 0);
}
END_TEST

typedef struct opened {
  cJSON *json;
  ads_config cfg;
  ads_fit *fit;
} opened;

static void open_text(com_ctx *c, const char *text, opened *o) {
  const cJSON *p = NULL;
  TEST_OK(c, com_json_parse(c, "t.json", text, strlen(text), &o->json));
  TEST_OK(c, ads_config_read(c, "t.json", o->json, &o->cfg, &p));
  TEST_OK(c, ads_fit_create(c, &o->cfg, NULL, &o->fit));
}

static void close_text(opened *o) {
  ads_fit_destroy(o->fit);
  ads_config_finish(&o->cfg);
  com_json_free(o->json);
}

#define DATA                                                                                                 \
  "\"dataset\":{\"schema\":\"holograd/dataset/1\",\"source\":{\"values\":[0.000673563,0.0053885,0.021554]}," \
  "\"response\":{\"values\":[0.006323923,0.037943538,0.102948908],\"errors\":[1e-4,4e-4,2e-4]}}"

/* After the basin search the linear response of the model has the slope of the data. */
START_TEST(basin_search_hits_the_slope) {
  com_ctx *c = test_ctx();
  opened o;
  open_text(c,
            "{\"schema\":\"holograd/train/1\"," DATA
            ",\"metric\":{\"type\":\"pole_poly\",\"theta\":[3.7,-1.3,2.2,0.4]},\"bulk\":{\"type\":\"scalar_"
            "phi4\",\"lambda\":0.17,"
            "\"train\":[\"lambda\"]},\"dictionary\":{\"type\":\"qcd\",\"L\":0.9,\"train\":[\"L\"]},\"flow\":{"
            "\"type\":\"rk\"}}",
            &o);
  ads_model *m = ads_fit_group(o.fit, 0)->model;
  double p[6] = {3.7, -1.3, 2.2, 0.4, 0.17, 0.9};
  ads_start_curve k = {0.1203, 8.476, 0.103, 0};
  TEST_OK(c, ads_start_basin(c, m, &k, NULL, p));
  const double probe_s[2] = {1e-5, 0}, probe_r[2] = {0, 1e-5};
  ads_model_eval ev;
  TEST_OK(c, ads_model_run(m, ADS_MODEL_F, p, 2, probe_s, probe_r, &ev));
  TEST_NEAR(-ev.F[1] / ev.F[0], 0.1203, 1e-6);
  ck_assert(p[4] > 0 && p[5] > 0);
  const unsigned char fixed[6] = {0, 0, 0, 0, 1, 1}; /* only lambda and L free */
  double q[6] = {2.1, -1.3, 2.2, -4.4, 0.17, 0.9};
  TEST_OK(c, ads_start_basin(c, m, &k, fixed, q));
  TEST_NEAR(q[0], 2.1, 0);
  close_text(&o);
  com_ctx_destroy(c);
}
END_TEST

/* Roots are roots, in both directions, and the nearest search returns the nearest. */
START_TEST(roots) {
  com_ctx *c = test_ctx();
  opened o;
  open_text(c,
            "{\"schema\":\"holograd/train/1\"," DATA
            ",\"metric\":{\"type\":\"pole_poly\",\"theta\":[-2.61235,0.699306,2.04864,2.8407]},\"bulk\":{"
            "\"type\":\"scalar_phi4\","
            "\"lambda\":0.000505035},\"dictionary\":{\"type\":\"qcd\",\"L\":4.50863},\"flow\":{\"type\":"
            "\"rk\",\"n_steps\":200}}",
            &o);
  ads_model *m = ads_fit_group(o.fit, 0)->model;
  const double p[6] = {-2.61235, 0.699306, 2.04864, 2.8407, 0.000505035, 4.50863};
  const double s[3] = {0.0007, 0.005, 0.02};
  double r[3] = {0.0061, 0.036, 0.098}, near[3] = {0.0061, 0.036, 0.098}, back[3] = {0.0009, 0.004, 0.03};
  unsigned char ok[3];
  TEST_OK(c, ads_onshell_response(m, p, 3, s, 1e-11, r, ok));
  ck_assert(ok[0] && ok[1] && ok[2]);
  TEST_OK(c, ads_onshell_nearest(m, p, 3, s, 0, 1e-11, near, ok));
  ck_assert(ok[0] && ok[1] && ok[2]);
  TEST_OK(c, ads_onshell_source(m, p, 3, r, 1e-11, back, ok));
  ck_assert(ok[0] && ok[1] && ok[2]);
  for (int i = 0; i < 3; i++) {
    TEST_NEAR(near[i] / r[i], 1, 1e-9);
    TEST_NEAR(back[i] / s[i], 1, 1e-8);
  }
  double zero_s = 0, zero_r = 0; /* the trivial point is a root of an odd equation */
  TEST_OK(c, ads_onshell_nearest(m, p, 1, &zero_s, 0, 1e-11, &zero_r, ok));
  ck_assert(ok[0] && zero_r == 0);
  double far_r = 1e-7; /* a guess far from any root: none within a factor of two */
  TEST_OK(c, ads_onshell_nearest(m, p, 1, s + 2, 2, 1e-11, &far_r, ok));
  ck_assert(!ok[0]);
  close_text(&o);
  com_ctx_destroy(c);
}
END_TEST

/* Joint fit: shared blocks appear once, the others once per group, and the gradient is that of the sum. */
START_TEST(joint_fit) {
  com_ctx *c = test_ctx();
  opened o;
  open_text(c,
            "{\"schema\":\"holograd/train/1\",\"datasets\":[{\"file\":{\"schema\":\"holograd/dataset/"
            "1\",\"source\":{\"values\":[0.001,0.01]},"
            "\"response\":{\"values\":[0.0085,0.063],\"errors\":[1e-4,3e-4]}},\"group\":\"A\"},{\"file\":{"
            "\"schema\":\"holograd/dataset/1\","
            "\"source\":{\"values\":[0.002,0.015,0.02]},\"response\":{\"values\":[0.016,0.08,0.1],\"errors\":"
            "[2e-4,3e-4,4e-4]}},\"group\":\"B\"}],"
            "\"shared\":[\"bulk.lambda\",\"dictionary.L\"],\"metric\":{\"type\":\"pole_poly\",\"theta\":[-2."
            "61,0.7,2.05,2.84]},"
            "\"bulk\":{\"type\":\"scalar_phi4\",\"lambda\":0.0005,\"train\":[\"lambda\"]},\"dictionary\":{"
            "\"type\":\"qcd\",\"L\":4.5,"
            "\"train\":[\"L\"]},\"flow\":{\"type\":\"rk\",\"n_steps\":120},\"penalties\":[{\"type\":\"uv_"
            "value\",\"weight\":0.3}]}",
            &o);
  com_params *q = ads_fit_params(o.fit);
  ck_assert_uint_eq(com_params_n(q), 10);
  ck_assert_ptr_nonnull(com_params_find(q, "metric[A].theta"));
  ck_assert_ptr_nonnull(com_params_find(q, "metric[B].theta"));
  ck_assert_ptr_nonnull(com_params_find(q, "bulk.lambda"));
  ck_assert_ptr_null(com_params_find(q, "bulk[A].lambda"));
  double full[10], g[10], f0 = 0, f1 = 0;
  size_t bad = 0;
  TEST_OK(c, ads_fit_start(o.fit, 1, full));
  TEST_OK(c, ads_fit_value(o.fit, ADS_LOSS_PROPER, 1, -1, full, &f0, g, &bad));
  for (size_t k = 0; k < 10; k++) {
    const double x = full[k], h = 1e-4 * fmax(fabs(x), 1e-3);
    double v[4];
    static const double at[4] = {-2, -1, 1, 2};
    for (int j = 0; j < 4; j++) {
      full[k] = x + at[j] * h;
      TEST_OK(c, ads_fit_value(o.fit, ADS_LOSS_PROPER, 1, -1, full, &f1, NULL, &bad));
      v[j] = f1;
    }
    full[k] = x;
    const double d = (v[0] - 8 * v[1] + 8 * v[2] - v[3]) / (12 * h);
    ck_assert_msg(fabs(d - g[k]) <= 1e-6 * fmax(fabs(d), 1e-3 * f0), "entry %zu: %.10g, difference %.10g", k,
                  g[k], d);
  }
  close_text(&o);
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("start", curve_of_the_lattice_data, exact_cubic_is_returned, one_point_gives_the_slope,
          basin_search_hits_the_slope, roots, joint_fit)
