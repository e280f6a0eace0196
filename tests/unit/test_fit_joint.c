/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Condensate and potential in one fit: names of the parameters, residuals against the potential itself, Jacobian against differences,
 * what an entry of "datasets" may say. */
#include "../test.h"
#include "ads/fit.h"
#include "ads/lattice_data.h"
#include "ads/potential_model.h"

static const char HEAD[] =
    "{\"schema\":\"holograd/train/1\",\"metric\":{\"type\":\"pole_poly\",\"theta\":[-2.6,0.7,2.05,2.84]},"
    "\"bulk\":{\"type\":\"scalar_phi4\",\"lambda\":0.0018,\"train\":[\"lambda\"]},"
    "\"dictionary\":{\"type\":\"qcd\",\"L\":3.84,\"train\":[\"L\"]},"
    "\"flow\":{\"type\":\"rk\",\"order\":8,\"n_steps\":30,\"grid\":\"log\",\"eta_uv\":1,\"eta_ir\":0."
    "0666666666666667},"
    "\"background\":{\"closure\":\"string\",\"uv\":{\"type\":\"exp\",\"c4\":4}},"
    "\"penalties\":[{\"type\":\"uv_value\",\"weight\":0.01}],\"datasets\":[";
static const char CONDENSATE[] =
    "{\"group\":\"%s\",\"file\":{\"schema\":\"holograd/dataset/"
    "1\",\"name\":\"c\",\"temperature\":{\"value\":0.207},"
    "\"source\":{\"name\":\"m\",\"unit\":\"GeV\",\"values\":[0.0027,0.0108,0.0216]},"
    "\"response\":{\"name\":\"c\",\"unit\":\"GeV^3\",\"values\":[0.0214,0.0676,0.1029],\"errors\":[0.0003,0."
    "0003,0.0003]}}}";
static const char F1[] =
    "{\"group\":\"F1\",\"T\":0.2,%s\"file\":{\"schema\":\"holograd/lattice/"
    "1\",\"name\":\"F1\",\"r_error\":0.005,"
    "\"V_error\":0.01,\"curves\":[{\"T\":0.2,\"r\":[0.2,0.25,0.3,0.9],\"V\":[-0.1,0.02,0.1,0.45]},"
    "{\"T\":0.3,\"r\":[0.2],\"V\":[0]}]}}";

static com_status open_fit(com_ctx *c, const char *entries, ads_config *cfg, ads_fit **f) {
  char text[4096];
  cJSON *j = NULL;
  const cJSON *parameters = NULL;
  *f = NULL;
  snprintf(text, sizeof text, "%s%s]}", HEAD, entries);
  com_status s = com_json_parse(c, "test", text, strlen(text), &j);
  if (!s) s = ads_config_read(c, "test", j, cfg, &parameters);
  com_json_free(j);
  if (s) return s;
  s = ads_fit_create(c, cfg, NULL, f);
  if (s) ads_config_finish(cfg);
  return s;
}

static void join(char out[3000], const char *first, const char *extra) {
  char a[1000], b[1000];
  snprintf(a, sizeof a, CONDENSATE, first);
  snprintf(b, sizeof b, F1, extra);
  snprintf(out, 3000, "%s,%s", a, b);
}

START_TEST(one_metric_for_both) {
  com_ctx *c = test_ctx();
  ads_config cfg;
  ads_fit *f;
  char entries[3000];
  double full[8], R[7], pull[7], chi2 = 0, V[4];
  join(entries, "T207",
       "\"loss\":{\"type\":\"potential\",\"kappa\":1.1,\"constant\":0.42},\"model_error\":0.02,");
  TEST_OK(c, open_fit(c, entries, &cfg, &f));
  const com_params *p = ads_fit_params(f);
  ck_assert(com_params_find(p, "metric.theta") &&
            com_params_find(p, "dictionary.L")); /* one owner: plain names */
  ck_assert(com_params_find(p, "potential[F1].kappa") && com_params_find(p, "potential[F1].constant"));
  ck_assert_uint_eq(com_params_n(p), 8);
  ck_assert_uint_eq(ads_fit_n_res(f, ADS_LOSS_PROPER), 3 + 4 + 1); /* the penalty counts once */
  ck_assert_uint_eq(ads_fit_n_res(f, 0),
                    3 + 1 + 6); /* homotopy: the condensate alone, with its weak priors */
  TEST_OK(c, ads_fit_start(f, 1, full));
  TEST_OK(c, ads_fit_predict(f, full, R, pull, &chi2));
  ads_potential_model *m = NULL;
  const double r[4] = {0.2, 0.25, 0.3, 0.9};
  TEST_OK(c, ads_potential_model_create(c, &cfg, 4, &m));
  TEST_OK(c, ads_potential_model_eval(m, full, 0.2, 4, r, V, NULL));
  for (int i = 0; i < 4; i++) TEST_NEAR(R[3 + i], 1.1 * V[i] + 0.42, 1e-12);
  TEST_NEAR(R[6], 0.42, 1e-15); /* 0.9 fm: two straight strings */
  /* 0.01 GeV, 0.005 fm times the local slope 2 GeV/fm, model error 0.02 */
  TEST_NEAR(pull[4], (R[4] - 0.02) / hypot(hypot(0.01, 0.005 * 2), 0.02), 1e-12);
  ads_potential_model_destroy(m);
  ads_fit_destroy(f);
  ads_config_finish(&cfg);
  com_ctx_destroy(c);
}
END_TEST

/* The Jacobian of all residuals, and that of the predictions in units of the errors. */
START_TEST(jacobian) {
  com_ctx *c = test_ctx();
  ads_config cfg;
  ads_fit *f;
  char entries[3000];
  double full[8], r[8], J[64], hi[8], lo[8], S[7 * 8], R[7], pull[7], chi2;
  size_t n_bad = 0;
  join(entries, "T207", "\"loss\":{\"type\":\"potential\",\"kappa\":1.1,\"constant\":0.42},");
  TEST_OK(c, open_fit(c, entries, &cfg, &f));
  TEST_OK(c, ads_fit_start(f, 1, full));
  TEST_OK(c, ads_fit_residuals(f, ADS_LOSS_PROPER, full, r, J, &n_bad));
  TEST_OK(c, ads_fit_predict(f, full, R, pull, &chi2));
  TEST_OK(c, ads_fit_sensitivity(f, full, R, S));
  for (int k = 0; k < 8; k++) {
    const double x0 = full[k], h = 1e-5 * fmax(0.1, fabs(x0));
    full[k] = x0 + h;
    TEST_OK(c, ads_fit_residuals(f, ADS_LOSS_PROPER, full, hi, NULL, &n_bad));
    full[k] = x0 - h;
    TEST_OK(c, ads_fit_residuals(f, ADS_LOSS_PROPER, full, lo, NULL, &n_bad));
    full[k] = x0;
    for (int i = 4; i < 8; i++) { /* the potential's rows, after the condensate's and their penalty */
      const double want = (hi[i] - lo[i]) / (2 * h);
      ck_assert_msg(fabs(J[i * 8 + k] - want) <= 2e-4 * (1 + fabs(want)), "row %d, parameter %d: %g, want %g",
                    i, k, J[i * 8 + k], want);
      const double unit = k == 4 || k == 5 || k == 6 ? full[k] : 1; /* logarithms of lambda, L, kappa */
      TEST_NEAR(S[(i - 1) * 8 + k], -J[i * 8 + k] * unit, 1e-9);
    }
  }
  ck_assert(n_bad == 0);
  for (int i = 3; i < 7; i++)
    ck_assert(J[i * 8 + 4] == 0 && J[i * 8 + 5] == 0); /* neither lambda nor L is in V */
  ads_fit_destroy(f);
  ads_config_finish(&cfg);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(entries_that_are_refused) {
  com_ctx *c = test_ctx();
  ads_config cfg;
  ads_fit *f;
  char a[700], b[700], d[700], entries[3000];
  join(entries, "F1", "");
  TEST_FAILS(c, COM_E_CONFIG, "is used twice", open_fit(c, entries, &cfg, &f));
  join(entries, "T207", "\"metric\":\"T270\",");
  TEST_FAILS(c, COM_E_CONFIG, "no group has this name", open_fit(c, entries, &cfg, &f));
  join(entries, "T207", "\"groop\":\"x\",");
  TEST_FAILS(c, COM_E_CONFIG, "groop", open_fit(c, entries, &cfg, &f));
  join(entries, "T207", "\"from\":2,");
  TEST_FAILS(c, COM_E_CONFIG, "no points between", open_fit(c, entries, &cfg, &f));
  join(entries, "T207", "\"loss\":{\"type\":\"classifier\"},");
  TEST_FAILS(c, COM_E_CONFIG, "", open_fit(c, entries, &cfg, &f));
  snprintf(a, sizeof a, CONDENSATE, "A");
  snprintf(b, sizeof b, CONDENSATE, "B");
  snprintf(d, sizeof d, F1, "");
  snprintf(entries, sizeof entries, "%s,%s,%s", a, b, d);
  TEST_FAILS(c, COM_E_CONFIG, "say whose metric", open_fit(c, entries, &cfg, &f));
  com_ctx_destroy(c);
}
END_TEST

/* The temperature of an entry chooses the curve of a lattice file; without one, and with several curves, the file cannot be used. */
START_TEST(lattice_file_as_dataset) {
  com_ctx *c = test_ctx();
  static const char text[] =
      "{\"schema\":\"holograd/lattice/1\",\"name\":\"C\",\"cornell\":{\"A\":-0.09,\"B\":1.02,"
      "\"C\":0.1,\"A_error\":0.0005,\"B_error\":0.002,\"C_error\":0.002}}";
  cJSON *j = NULL, *out = NULL;
  TEST_OK(c, com_json_parse(c, "test", text, strlen(text), &j));
  const ads_lattice_data_range whole = {NAN, 0.1, 0.3, 5}, range = {0.2, 0.1, 0.3, 5};
  TEST_FAILS(c, COM_E_CONFIG, "give the \"T\"", ads_lattice_data_dataset(c, "test", j, &whole, &out));
  TEST_OK(c, ads_lattice_data_dataset(c, "test", j, &range, &out));
  const cJSON *V = com_json_get(com_json_get(out, "response"), "values"),
              *e = com_json_get(com_json_get(out, "response"), "errors");
  ck_assert_uint_eq(com_json_size(V), 5);
  TEST_NEAR(com_json_num(com_json_at(V, 2), 0), -0.09 / 0.2 + 1.02 * 0.2 + 0.1, 1e-14);
  TEST_NEAR(com_json_num(com_json_at(e, 2), 0), hypot(hypot(0.0005 / 0.2, 0.002 * 0.2), 0.002), 1e-14);
  com_json_free(out);
  com_json_free(j);
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("fit_joint", one_metric_for_both, jacobian, entries_that_are_refused, lattice_file_as_dataset)
