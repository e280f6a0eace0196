/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../pieces.h"
#include <stdio.h>

/* ---- the independent reference values ---- */

static double field(const cJSON *o, const char *key) {
  const cJSON *j = com_json_get(o, key);
  ck_assert_msg(com_json_is_number(j), "fixture lacks %s", key);
  return com_json_num(j, NAN);
}

/* |a - b| <= tol max|b| over an array; states are compared in the max norm of (phi, pi) */
static void near_array(const char *what, size_t n, const double *a, const cJSON *b, double tol) {
  double top = 0;
  for (size_t i = 0; i < n; i++) top = fmax(top, fabs(com_json_num(com_json_at(b, i), NAN)));
  ck_assert_uint_eq(com_json_size(b), n);
  for (size_t i = 0; i < n; i++) {
    double want = com_json_num(com_json_at(b, i), NAN);
    ck_assert_msg(fabs(a[i] - want) <= tol * top, "%s[%zu] = %.17g, want %.17g", what, i, a[i], want);
  }
}
static void near_rel(const char *what, double a, double want, double tol) {
  ck_assert_msg(fabs(a - want) <= tol * fabs(want), "%s = %.17g, want %.17g", what, a, want);
}

static void reference_case(com_ctx *c, const cJSON *k) {
  enum { MOST = 8 };
  const cJSON *theta = com_json_get(k, "theta"), *points = com_json_get(k, "points");
  size_t nt = com_json_size(theta), n = com_json_size(points);
  char metric[64], flow[200];
  snprintf(metric, sizeof metric, "{\"type\":\"%s\",\"n\":%zu}", com_json_str(com_json_get(k, "metric"), "?"),
           nt);
  snprintf(flow, sizeof flow,
           "{\"type\":\"cvodes\",\"rel_tol\":1e-12,\"abs_tol\":1e-16,\"eta_uv\":%.17g,\"eta_ir\":%.17g}",
           field(k, "eta_uv"), field(k, "eta_ir"));
  pieces ps;
  pieces_model(c, &ps, NULL, metric, "{\"type\":\"scalar_phi4\"}", "{\"type\":\"qcd\"}", flow);
  double p[32], s[MOST], r[MOST];
  for (size_t i = 0; i < nt; i++) p[i] = com_json_num(com_json_at(theta, i), NAN);
  p[nt] = field(k, "lambda");
  p[nt + 1] = field(k, "L");
  for (size_t i = 0; i < n; i++) {
    s[i] = field(com_json_at(points, i), "source");
    r[i] = field(com_json_at(points, i), "response");
  }
  ads_model_eval e;
  TEST_OK(c, ads_model_run(ps.m, ADS_MODEL_JAC, p, n, s, r, &e));
  for (size_t i = 0; i < n; i++) {
    const cJSON *pt = com_json_at(points, i), *d = com_json_get(pt, "dpi_ir");
    near_rel("phi_uv", e.y0[i], field(pt, "phi_uv"), 1e-12);
    near_rel("pi_uv", e.y0[n + i], field(pt, "pi_uv"), 1e-12);
    double phi = field(pt, "phi_ir"), pi = field(pt, "pi_ir"), size = fmax(fabs(phi), fabs(pi));
    ck_assert_msg(fabs(e.y1[i] - phi) <= 1e-9 * size, "phi_ir = %.17g, want %.17g", e.y1[i], phi);
    ck_assert_msg(fabs(e.y1[n + i] - pi) <= 1e-9 * size, "pi_ir = %.17g, want %.17g", e.y1[n + i], pi);
    ck_assert(e.F[i] == e.y1[n + i]);
    near_array("dpi_ir/dtheta", nt, e.Fp + i * e.np, com_json_get(d, "metric.theta"), 1e-7);
    near_rel("dpi_ir/dlambda", e.Fp[i * e.np + nt], field(d, "bulk.lambda"), 1e-7);
    near_rel("dpi_ir/dL", e.Fp[i * e.np + nt + 1], field(d, "dictionary.L"), 1e-7);
    near_rel("dpi_ir/dsource", e.Fs[i], field(d, "source"), 1e-7);
    near_rel("dpi_ir/dresponse", e.Fr[i], field(d, "response"), 1e-7);
  }
  pieces_finish(&ps);
}

START_TEST(agrees_with_independent_program) {
  com_ctx *c = test_ctx();
  cJSON *j = NULL;
  TEST_OK(c, com_json_load(c, "tests/fixtures/flow.json", &j));
  const cJSON *cases = com_json_get(j, "cases");
  ck_assert_uint_eq(com_json_size(cases), 2);
  for (size_t k = 0; k < com_json_size(cases); k++) reference_case(c, com_json_at(cases, k));
  com_json_free(j);
  com_ctx_destroy(c);
}
END_TEST

/* ---- the chain rule, against 4th-order differences of the model itself ---- */

enum { N = 5, NP = 6 };
static const double source[N] = {0.00067, 0.00213, 0.0051, 0.0123, 0.0215};
static const double response[N] = {0.0063, 0.0181, 0.0362, 0.0713, 0.1029};
static const double params[NP] = {-1.7, -3.1, 6.4, 1.2, 0.0277, 2.6};
#define METRIC "{\"type\":\"pole_poly\",\"n\":4}"
#define BULK "{\"type\":\"scalar_phi4\",\"train\":[\"lambda\"]}"
#define DICT "{\"type\":\"qcd\",\"train\":[\"L\"]}"
#define TIGHT                                                                                                \
  ",\"rel_tol\":1e-12,\"abs_tol\":1e-14,\"rel_tol_b\":1e-12}" /* the default adjoint is ten times looser */

static const double step[4] = {2, 1, -1, -2};
static double difference(const double v[4], double e) {
  return (8 * (v[1] - v[2]) - (v[0] - v[3])) / (12 * e);
}

static void check_chain(com_ctx *c, pieces *ps, int bulk) {
  ads_model_eval e;
  double s[N], r[N], F[4][N], Fs[N], Fr[N], Fp[N * NP], g[NP] = {0}, w[N], top[NP + 2] = {0};
  com_status (*run)(ads_model *, int, const double *, size_t, const double *, const double *,
                    ads_model_eval *) = bulk ? ads_model_run_bulk : ads_model_run;
  memcpy(s, source, sizeof s);
  memcpy(r, response, sizeof r);
  for (size_t i = 0; bulk && i < N; i++) {
    s[i] = 0.1 + 0.07 * (double)i;
    r[i] = -0.3 - 0.11 * (double)i;
  }
  TEST_OK(c, run(ps->m, ADS_MODEL_JAC, params, N, s, r, &e));
  memcpy(Fs, e.Fs, sizeof Fs);
  memcpy(Fr, e.Fr, sizeof Fr);
  memcpy(Fp, e.Fp, sizeof Fp);
  for (size_t k = 0; k < NP + 2; k++) {
    double d[N], h = k < NP ? 1e-3 * fmax(fabs(params[k]), 0.1) : 1e-3;
    for (int m = 0; m < 4; m++) {
      double p[NP], sm[N], rm[N];
      memcpy(p, params, sizeof p);
      memcpy(sm, s, sizeof sm);
      memcpy(rm, r, sizeof rm);
      if (k < NP) p[k] += step[m] * h;
      for (size_t i = 0; i < N; i++) {
        if (k == NP) sm[i] *= 1 + step[m] * h;
        if (k == NP + 1) rm[i] *= 1 + step[m] * h;
      }
      TEST_OK(c, run(ps->m, ADS_MODEL_VALUE, p, N, sm, rm, &e));
      memcpy(F[m], e.F, sizeof F[m]);
    }
    for (size_t i = 0; i < N; i++) {
      double v[4] = {F[0][i], F[1][i], F[2][i], F[3][i]};
      d[i] = difference(v, h);
      top[k] = fmax(top[k], fabs(d[i]));
    }
    for (size_t i = 0; i < N; i++) {
      double a = k < NP ? Fp[i * NP + k] : k == NP ? Fs[i] * s[i] : Fr[i] * r[i];
      ck_assert_msg(fabs(a - d[i]) <= 3e-8 * fmax(top[k], 1e-6),
                    "derivative %zu of sample %zu: %.12g, difference %.12g", k, i, a, d[i]);
    }
  }
  /* SR gives the same; the one-pass gradient is the weighted sum of the rows */
  TEST_OK(c, run(ps->m, ADS_MODEL_SR, params, N, s, r, &e));
  for (size_t i = 0; i < N; i++) {
    TEST_NEAR(e.Fs[i] / Fs[i], 1, 1e-9);
    TEST_NEAR(e.Fr[i] / Fr[i], 1, 1e-9);
  }
  for (size_t i = 0; i < N; i++) w[i] = 0.7 - 0.31 * (double)i;
  TEST_OK(c, run(ps->m, ADS_MODEL_F, params, N, s, r, &e));
  TEST_OK(c, ads_model_gradient(ps->m, w, g));
  for (size_t k = 0; k < NP; k++) {
    double sum = 0;
    for (size_t i = 0; i < N; i++) sum += w[i] * Fp[i * NP + k];
    ck_assert_msg(fabs(g[k] - sum) <= 1e-8 * fmax(top[k], 1e-6), "gradient %zu: %.12g, rows give %.12g", k,
                  g[k], sum);
  }
}

START_TEST(derivatives_match_differences) {
  com_ctx *c = test_ctx();
  const char *ends[] = {"pi", "horizon"};
  for (int k = 0; k < 2; k++) {
    char flow[120];
    pieces ps;
    snprintf(flow, sizeof flow, "{\"type\":\"cvodes\",\"ir\":\"%s\"" TIGHT, ends[k]);
    pieces_model(c, &ps, NULL, METRIC, BULK, DICT, flow);
    check_chain(c, &ps, 0);
    check_chain(c, &ps, 1);
    pieces_finish(&ps);
  }
  com_ctx_destroy(c);
}
END_TEST

/* ---- frozen samples ---- */

START_TEST(runaway_is_capped) {
  com_ctx *c = test_ctx();
  pieces ps;
  ads_model_eval e;
  double p[NP], s[N], r[N], tame_F[N], tame_Fp[N * NP];
  pieces_model(c, &ps, NULL, METRIC, BULK, DICT, "{\"type\":\"cvodes\"" TIGHT);
  memcpy(p, params, sizeof p);
  memcpy(s, source, sizeof s);
  memcpy(r, response, sizeof r);
  TEST_OK(c, ads_model_run(ps.m, ADS_MODEL_JAC, p, N, s, r, &e));
  ck_assert_uint_eq(e.n_frozen, 0);
  memcpy(tame_F, e.F, sizeof tame_F);
  memcpy(tame_Fp, e.Fp, sizeof tame_Fp);
  r[2] = 61.7; /* phi of order 100 at eta_uv: phi^3 wins at once */
  TEST_OK(c, ads_model_run(ps.m, ADS_MODEL_JAC, p, N, s, r, &e));
  ck_assert_uint_eq(e.n_frozen, 1);
  ck_assert_int_eq(e.frozen[2], 1);
  ck_assert(fabs(e.F[2]) == 1e6 && e.Fs[2] == 0 && e.Fr[2] == 0);
  for (size_t k = 0; k < NP; k++) ck_assert(e.Fp[2 * NP + k] == 0);
  for (size_t i = 0; i < N; i++) {
    if (i == 2) continue;
    TEST_NEAR(e.F[i] / tame_F[i], 1, 1e-9);
    for (size_t k = 0; k < NP; k++) TEST_NEAR(e.Fp[i * NP + k] / tame_Fp[i * NP + k], 1, 1e-7);
  }
  double w[N] = {0, 0, 1, 0, 0}, g[NP] = {0};
  TEST_OK(c, ads_model_gradient(ps.m, w, g));
  for (size_t k = 0; k < NP; k++) ck_assert(g[k] == 0);
  pieces_finish(&ps);
  com_ctx_destroy(c);
}
END_TEST

/* ---- parameters and starts ---- */

START_TEST(parameter_blocks) {
  com_ctx *c = test_ctx();
  pieces ps;
  com_params *p;
  pieces_model(c, &ps, NULL, "{\"type\":\"pole_poly\",\"theta\":[0.3,-1.7,2.9]}",
               "{\"type\":\"scalar_phi4\",\"lambda\":0.217}", DICT, "{\"type\":\"cvodes\"}");
  ck_assert_uint_eq(ads_model_n_params(ps.m), 5);
  ck_assert_uint_eq(ads_model_n_theta(ps.m), 3);
  ck_assert_uint_eq(ads_model_n_kappa(ps.m), 1);
  TEST_OK(c, com_params_create(c, &p));
  TEST_OK(c, ads_model_params(c, ps.m, NULL, p));
  TEST_OK(c, ads_model_params(c, ps.m, "T207", p));
  ck_assert_uint_eq(com_params_n(p), 10);
  const double *v = com_params_values(p);
  ck_assert(v[0] == 0.3 && v[2] == 2.9 && v[3] == 0.217 && isnan(v[4]));
  const com_block *b = com_params_find(p, "dictionary[T207].L");
  ck_assert_ptr_nonnull(b);
  ck_assert(b->trained && b->log && b->scalar && b->lo == 0.05 && b->hi == 50 && b->off == 9);
  ck_assert_int_eq(com_params_find(p, "bulk.lambda")->trained, 0);
  ck_assert_int_eq(com_params_find(p, "metric.theta")->trained, 1);
  com_params_destroy(p);
  pieces_finish(&ps);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(starts_follow_their_law) {
  com_ctx *c = test_ctx();
  pieces ps;
  com_rng *rng;
  pieces_model(c, &ps, NULL, METRIC, BULK, DICT, "{\"type\":\"cvodes\"}");
  TEST_OK(c, com_rng_create(c, 7, "test", &rng));
  enum { DRAWS = 4000 };
  double s[NP] = {0}, s2[NP] = {0}, p[NP];
  for (int k = 0; k < DRAWS; k++) {
    ads_model_start(ps.m, rng, 0, p);
    p[4] = log(p[4] / 0.1) / log(3);
    p[5] = log(p[5] / 2) / log(3);
    ck_assert(fabs(p[4]) <= 1 && fabs(p[5]) <= 1);
    for (size_t i = 0; i < NP; i++) s[i] += p[i], s2[i] += p[i] * p[i];
  }
  const double mean[NP] = {3, 0, 0, 0, 0, 0}, var[NP] = {1, 4, 4, 4, 1. / 3, 1. / 3};
  for (size_t i = 0; i < NP; i++) {
    double m = s[i] / DRAWS, v = s2[i] / DRAWS - m * m;
    ck_assert_msg(fabs(m - mean[i]) < 4 * sqrt(var[i] / DRAWS), "mean %zu: %g", i, m);
    ck_assert_msg(fabs(v / var[i] - 1) < 4 * sqrt(2. / DRAWS), "variance %zu: %g", i, v);
  }
  /* a given value stays, and does not shift the others */
  double a[NP], b[NP] = {NAN, 0.61, NAN, NAN, NAN, 1.9};
  com_rng *r2;
  TEST_OK(c, com_rng_create(c, 7, "test", &r2));
  ads_model_start(ps.m, r2, 0, a);
  com_rng_destroy(r2);
  TEST_OK(c, com_rng_create(c, 7, "test", &r2));
  ads_model_start(ps.m, r2, 1, b);
  com_rng_destroy(r2);
  for (size_t i = 0; i < NP; i++) ck_assert(b[i] == (i == 1 ? 0.61 : i == 5 ? 1.9 : a[i]));
  com_rng_destroy(rng);
  pieces_finish(&ps);
  com_ctx_destroy(c);
}
END_TEST

static void refused(com_ctx *c, com_status code, const char *part, const char *metric, const char *bulk,
                    const char *dict, const char *flow) {
  pieces ps;
  ads_model_parts parts = pieces_read(c, &ps, metric, bulk, dict, flow);
  TEST_FAILS(c, code, part, ads_model_create(c, &parts, NULL, &ps.m));
  ck_assert_ptr_null(ps.m);
  pieces_finish(&ps);
}

START_TEST(bad_configs_have_words) {
  com_ctx *c = test_ctx();
  const char *cvodes = "{\"type\":\"cvodes\"}";
  refused(c, COM_E_CONFIG, "theta has 2 entries", "{\"type\":\"poly_t\",\"n\":3,\"theta\":[0.1,0.2]}", BULK,
          DICT, cvodes);
  refused(c, COM_E_CONFIG, "theta has 2 entries", "{\"type\":\"pole_poly\",\"n\":3,\"theta\":[0.1,0.2]}",
          BULK, DICT, cvodes);
  refused(c, COM_E_CONFIG, "d = 4, m2 = -3", METRIC, "{\"type\":\"scalar_phi4\",\"d\":3,\"m2\":-1}", DICT,
          cvodes);
  refused(c, COM_E_CONFIG, "bulk.train[0] = \"lamda\"", METRIC,
          "{\"type\":\"scalar_phi4\",\"train\":[\"lamda\"]}", DICT, cvodes);
  refused(c, COM_E_CONFIG, "dictionary.train[1]", METRIC, BULK, "{\"type\":\"qcd\",\"train\":[\"L\",\"Nc\"]}",
          cvodes);
  refused(c, COM_E_CONFIG, "equals eta_uv", METRIC, BULK, DICT,
          "{\"type\":\"cvodes\",\"eta_uv\":0.4,\"eta_ir\":0.4}");
  pieces ps;
  ads_model_eval e;
  double p[NP], s = NAN, r = 0.1;
  memcpy(p, params, sizeof p);
  pieces_model(c, &ps, NULL, METRIC, BULK, DICT, "{\"type\":\"cvodes\",\"max_steps\":11}");
  TEST_FAILS(c, COM_E_NUM, "no finite bulk field", ads_model_run(ps.m, ADS_MODEL_F, p, 1, &s, &r, &e));
  s = 0.01;
  TEST_FAILS(c, COM_E_NUM, "more than 11 steps", ads_model_run(ps.m, ADS_MODEL_F, p, 1, &s, &r, &e));
  pieces_finish(&ps);
  ads_model_destroy(NULL);
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("model", agrees_with_independent_program, derivatives_match_differences, runaway_is_capped,
          parameter_blocks, starts_follow_their_law, bad_configs_have_words)
