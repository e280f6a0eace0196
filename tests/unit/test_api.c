/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The public library, by its installed headers alone: the same digits by every way in, state that survives, errors that help. */
#include <holograd/ads.h>
#include <holograd/nqs.h>
#include "../test.h"

static const char CONFIG[] =
    "{\"schema\":\"holograd/train/1\",\"dataset\":{\"schema\":\"holograd/dataset/1\",\"name\":\"d\","
    "\"source\":{\"name\":\"m_q\",\"unit\":\"GeV\",\"values\":[0.000731,0.001419,0.002766,0.005327,0.010861]}"
    ","
    "\"response\":{\"name\":\"c\",\"unit\":\"GeV^3\",\"values\":[0.006417,0.011892,0.021953,0.039817,0."
    "067421],"
    "\"errors\":[0.000213,0.000278,0.000291,0.000455,0.000484]}},"
    "\"metric\":{\"type\":\"pole_poly\",\"n\":3},\"bulk\":{\"type\":\"scalar_phi4\",\"train\":[\"lambda\"]},"
    "\"flow\":{\"type\":\"rk\"},\"penalties\":[{\"type\":\"uv_value\",\"weight\":0.01}],\"restarts\":1,"
    "\"seed\":\"3\"}";
static const char NQS[] =
    "{\"schema\":\"holograd/nqs/"
    "1\",\"lattice\":{\"type\":\"chain\",\"n\":6},\"hamiltonian\":{\"type\":\"tfim\",\"h\":0.73},"
    "\"sampler\":{\"type\":\"metropolis\",\"chains\":4,\"sweeps\":80},\"iterations\":6,\"seed\":\"1\"}";

/* What comes before "volatile" is the same for the same run. */
static size_t stable(const char *text) { return (size_t)(strstr(text, "\"volatile\"") - text); }

START_TEST(training) {
  holograd_ctx *c = NULL;
  holograd_trainer *t = NULL, *u = NULL;
  char *whole = NULL, *state = NULL, *parts = NULL;
  ck_assert_int_eq(holograd_ctx_create(NULL, &c), HOLOGRAD_OK);
  ck_assert_int_eq(holograd_run(c, "train", NULL, CONFIG, &whole), HOLOGRAD_OK);
  ck_assert_int_eq(holograd_trainer_create(c, NULL, CONFIG, &t), HOLOGRAD_OK);
  for (int i = 0; i < 4; i++) ck_assert_int_eq(holograd_trainer_iterate(t), HOLOGRAD_OK);
  holograd_trainer_progress p;
  holograd_trainer_state(t, &p);
  ck_assert_int_eq(p.iteration, 4);
  ck_assert_int_eq(holograd_trainer_save(t, &state), HOLOGRAD_OK);
  ck_assert_int_eq(holograd_trainer_create(c, NULL, CONFIG, &u), HOLOGRAD_OK);
  ck_assert_int_eq(holograd_trainer_load(u, state), HOLOGRAD_OK);
  while (holograd_trainer_stop(u) == HOLOGRAD_STOP_NONE)
    ck_assert_int_eq(holograd_trainer_iterate(u), HOLOGRAD_OK);
  ck_assert_int_eq(holograd_trainer_result(u, &parts), HOLOGRAD_OK);
  ck_assert_uint_eq(stable(whole), stable(parts));
  ck_assert_mem_eq(whole, parts, stable(whole));

  double loss = 0, other = 0, best[8];
  holograd_fit *f = NULL;
  memcpy(best, holograd_trainer_best(u), holograd_fit_n_params(holograd_trainer_fit(u)) * sizeof *best);
  ck_assert_int_eq(holograd_fit_loss(holograd_trainer_fit(u), best, &loss, NULL), HOLOGRAD_OK);
  ck_assert_int_eq(holograd_fit_create(c, NULL, whole, &f), HOLOGRAD_OK);
  ck_assert_int_eq(holograd_fit_start(f, 1, best), HOLOGRAD_OK); /* of a result: its parameters */
  ck_assert_int_eq(holograd_fit_loss(f, best, &other, NULL), HOLOGRAD_OK);
  TEST_NEAR(other, loss, 1e-14);
  holograd_fit_destroy(f);
  holograd_trainer_destroy(t);
  holograd_trainer_destroy(u);
  holograd_text_free(whole), holograd_text_free(state), holograd_text_free(parts);
  holograd_ctx_destroy(c);
}
END_TEST

START_TEST(functions) {
  enum { NP = 5, N = 5 };
  holograd_ctx *c = NULL;
  holograd_fit *f = NULL;
  char name[64];
  double p[NP], g[NP], r[64], J[64 * NP], lo, hi, s[N], e[N], v = 0, up = 0, down = 0, sum = 0;
  ck_assert_int_eq(holograd_ctx_create(&(holograd_ctx_opts){.seed = 5, .threads = -1}, &c), HOLOGRAD_OK);
  ck_assert_int_eq(holograd_fit_create(c, NULL, CONFIG, &f), HOLOGRAD_OK);
  ck_assert_uint_eq(holograd_fit_n_params(f), NP);
  ck_assert_uint_eq(holograd_fit_n_points(f), N);
  holograd_fit_param_name(f, 3, name);
  ck_assert_str_eq(name, "bulk.lambda");
  ck_assert(holograd_fit_param_trained(f, 3, &lo, &hi) && lo > 0 && hi > lo);
  ck_assert_int_eq(holograd_fit_data(f, s, NULL, e), HOLOGRAD_OK);
  ck_assert_double_eq(s[2], 0.002766);
  ck_assert_double_eq(e[4], 0.000484);
  /* Beside the fitted point, which `train` found: the gradient against differences, and as 2 J^T r. */
  char *result = NULL;
  holograd_fit *at = NULL;
  ck_assert_int_eq(holograd_run(c, "train", NULL, CONFIG, &result), HOLOGRAD_OK);
  ck_assert_int_eq(holograd_fit_create(c, NULL, result, &at), HOLOGRAD_OK);
  ck_assert_int_eq(holograd_fit_start(at, 1, p), HOLOGRAD_OK);
  for (int k = 0; k < NP; k++) p[k] *= 1.002;
  const size_t m = holograd_fit_n_residuals(at);
  ck_assert_uint_eq(m, N + 1);
  ck_assert_int_eq(holograd_fit_loss(at, p, &v, g), HOLOGRAD_OK);
  ck_assert_int_eq(holograd_fit_residuals(at, p, r, J), HOLOGRAD_OK);
  for (size_t i = 0; i < m; i++) sum += r[i] * r[i];
  TEST_NEAR(sum / v, 1, 1e-13);
  for (int k = 0; k < NP; k++) {
    double jr = 0, q[NP], step = 1e-5 * fmax(1e-2, fabs(p[k]));
    for (size_t i = 0; i < m; i++) jr += 2 * J[i * NP + (size_t)k] * r[i];
    memcpy(q, p, sizeof q);
    q[k] = p[k] + step;
    ck_assert_int_eq(holograd_fit_loss(at, q, &up, NULL), HOLOGRAD_OK);
    q[k] = p[k] - step;
    ck_assert_int_eq(holograd_fit_loss(at, q, &down, NULL), HOLOGRAD_OK);
    TEST_NEAR(jr / g[k], 1, 1e-10);
    TEST_NEAR((up - down) / (2 * step) / g[k], 1, 1e-4);
  }
  const double eta[2] = {0.31, 0.87};
  double h[2], dh[2];
  ck_assert_int_eq(holograd_fit_metric(at, p, 2, eta, h, dh), HOLOGRAD_OK);
  for (int k = 0; k < 2; k++) {
    TEST_NEAR(h[k], 1 / eta[k] + p[0] + p[1] * eta[k] + p[2] * eta[k] * eta[k], 1e-13);
    TEST_NEAR(dh[k], -1 / (eta[k] * eta[k]) + p[1] + 2 * p[2] * eta[k], 1e-13);
  }
  holograd_text_free(result);
  holograd_fit_destroy(at);
  holograd_fit_destroy(f);
  holograd_ctx_destroy(c);
}
END_TEST

START_TEST(states) {
  holograd_ctx *c = NULL;
  holograd_nqs *q = NULL, *r = NULL;
  char *whole = NULL, *state = NULL, *parts = NULL;
  holograd_nqs_estimate e;
  ck_assert_int_eq(holograd_ctx_create(NULL, &c), HOLOGRAD_OK);
  ck_assert_int_eq(holograd_run(c, "nqs run", NULL, NQS, &whole), HOLOGRAD_OK);
  ck_assert_int_eq(holograd_nqs_create(c, NULL, NQS, &q), HOLOGRAD_OK);
  ck_assert_uint_eq(holograd_nqs_n_sites(q), 6);
  for (int i = 0; i < 3; i++) ck_assert_int_eq(holograd_nqs_iterate(q), HOLOGRAD_OK);
  ck_assert_int_eq(holograd_nqs_result(q, &parts), HOLOGRAD_E_USAGE); /* not measured */
  ck_assert_int_eq(holograd_nqs_save(q, &state), HOLOGRAD_OK);
  ck_assert_int_eq(holograd_nqs_create(c, NULL, NQS, &r), HOLOGRAD_OK);
  ck_assert_int_eq(holograd_nqs_load(r, state), HOLOGRAD_OK);
  while (holograd_nqs_stop(r) == HOLOGRAD_STOP_NONE) ck_assert_int_eq(holograd_nqs_iterate(r), HOLOGRAD_OK);
  ck_assert_int_eq(holograd_nqs_iteration(r), 6);
  ck_assert_int_eq(holograd_nqs_measure(r), HOLOGRAD_OK);
  holograd_nqs_energy(r, &e);
  ck_assert(e.mean < 0 && e.error > 0 && e.variance > 0);
  ck_assert_int_eq(holograd_nqs_result(r, &parts), HOLOGRAD_OK);
  ck_assert_uint_eq(stable(whole), stable(parts));
  ck_assert_mem_eq(whole, parts, stable(whole));
  holograd_nqs_destroy(q);
  holograd_nqs_destroy(r);
  holograd_text_free(whole), holograd_text_free(state), holograd_text_free(parts);
  holograd_ctx_destroy(c);
}
END_TEST

START_TEST(refusals) {
  static const struct {
    const char *command, *config;
    holograd_status status;
    const char *says;
  } cases[] = {
      {"fly", "{}", HOLOGRAD_E_USAGE, "fly"},
      {"train", NULL, HOLOGRAD_E_USAGE, "no text"},
      {"train", "{", HOLOGRAD_E_DATA, "mine.json:1:2"},
      {"train", "{\"schema\":\"holograd/train/1\",\"metrik\":1}", HOLOGRAD_E_CONFIG,
       "did you mean \"metric\""},
      {"train", "{\"schema\":\"holograd/train/1\",\"dataset\":\"no.json\"}", HOLOGRAD_E_NOINPUT, "no.json"},
      {"nqs run", "{\"schema\":\"holograd/train/1\"}", HOLOGRAD_E_CONFIG, "holograd/nqs/1"},
      {"potential", "{\"schema\":\"holograd/background/1\",\"type\":\"adz\"}", HOLOGRAD_E_CONFIG, "ads"}};
  static const volatile sig_atomic_t now = 1;
  holograd_ctx *c = NULL;
  char *out = (char *)1;
  ck_assert_int_eq(holograd_ctx_create(NULL, &c), HOLOGRAD_OK);
  ck_assert_str_eq(holograd_ctx_error(c), "");
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    ck_assert_int_eq(holograd_run(c, cases[i].command, "mine.json", cases[i].config, &out), cases[i].status);
    ck_assert_ptr_null(out);
    ck_assert_msg(strstr(holograd_ctx_error(c), cases[i].says), "'%s' lacks '%s'", holograd_ctx_error(c),
                  cases[i].says);
  }
  ck_assert_int_eq(holograd_run(NULL, "train", NULL, CONFIG, &out), HOLOGRAD_E_USAGE);
  ck_assert_int_eq(holograd_run_schema(c, "trian", &out), HOLOGRAD_E_USAGE);
  ck_assert_int_eq(holograd_run_schema(c, "train", &out), HOLOGRAD_OK);
  ck_assert_ptr_nonnull(strstr(out, "\"pole_poly\""));
  holograd_text_free(out);
  holograd_ctx_destroy(c);

  ck_assert_int_eq(holograd_ctx_create(&(holograd_ctx_opts){.cancel = &now}, &c), HOLOGRAD_OK);
  ck_assert_int_eq(holograd_run(c, "train", NULL, CONFIG, &out), HOLOGRAD_INTERRUPTED);
  ck_assert_ptr_null(out);
  holograd_ctx_destroy(c);

  ck_assert_str_eq(holograd_status_text(HOLOGRAD_E_DATA), "input data are malformed");
  ck_assert_str_eq(holograd_status_stop_name(HOLOGRAD_STOP_STALLED), "stalled");
  ck_assert_str_eq(holograd_run_command(0), "train");
  ck_assert_int_eq(holograd_version_build(&out), HOLOGRAD_OK);
  ck_assert_ptr_nonnull(strstr(out, holograd_version()));
  holograd_text_free(out);
  holograd_fit_destroy(NULL), holograd_trainer_destroy(NULL), holograd_nqs_destroy(NULL),
      holograd_ctx_destroy(NULL);
}
END_TEST

TEST_MAIN("api", training, functions, states, refusals)
