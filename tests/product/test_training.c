/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lattice fit from random starts, and its report against an integration that shares no code with the library: GSL's
 * Prince-Dormand 8(9) on the equation and the dictionary written out again here. */
#include <gsl/gsl_odeiv2.h>
#include <gsl/gsl_roots.h>
#include <gsl/gsl_errno.h>
#include "ads/fit_task.h"
#include "ads/trainer.h"
#include "../test.h"

typedef struct run {
  cJSON *json;
  ads_config cfg;
  ads_fit *fit;
  cJSON *result;
} run;

static void open_fit(com_ctx *c, run *r, const char *path, const char *const *sets) {
  const cJSON *parameters = NULL;
  memset(r, 0, sizeof *r);
  TEST_OK(c, com_json_load(c, path, &r->json));
  for (; sets && *sets; sets++) TEST_OK(c, com_json_set(c, r->json, *sets));
  TEST_OK(c, ads_config_read(c, path, r->json, &r->cfg, &parameters));
  TEST_OK(c, ads_fit_create(c, &r->cfg, NULL, &r->fit));
}

static void close_fit(run *r) {
  com_json_free(r->result);
  ads_fit_destroy(r->fit);
  ads_config_finish(&r->cfg);
  com_json_free(r->json);
}

static void train(com_ctx *c, run *r) {
  ads_trainer *t = NULL;
  TEST_OK(c, ads_trainer_create(c, ads_fit_task(r->fit), &t));
  while (!ads_trainer_stop(t)) TEST_OK(c, ads_trainer_iterate(t));
  TEST_OK(c, ads_trainer_result(t, &r->result));
  ads_trainer_destroy(t);
}

static double number(const cJSON *j, const char *key) { return com_json_num(com_json_get(j, key), NAN); }

/* ---- the independent integration: pole_poly, scalar_phi4 (d = 4, m2 = -3), qcd ---- */

typedef struct model {
  double theta[16], lambda, L, s;
  size_t n;
} model;

static int rhs(double eta, const double y[], double f[], void *user) {
  const model *m = user;
  double h = 1 / eta, power = 1;
  for (size_t k = 0; k < m->n; k++, power *= eta) h += m->theta[k] * power;
  f[0] = y[1];
  f[1] = -h * y[1] - 3 * y[0] + m->lambda * y[0] * y[0] * y[0];
  return GSL_SUCCESS;
}

/* pi(1/15) for the condensate r at the mass m->s. */
static double on_shell(double r, void *user) {
  model *m = user;
  const double a = sqrt(3.0) / (2 * M_PI) * m->s * m->L, b = M_PI / sqrt(3.0) * r * pow(m->L, 3),
               l = m->lambda;
  const double e1 = exp(-1.0), e3 = exp(-3.0);
  double y[2] = {a * e1 + b * e3 - 0.5 * l * a * a * a * e3,
                 -a * e1 - (3 * b + 0.5 * l * a * a * a) * e3 + 1.5 * l * a * a * a * e3};
  gsl_odeiv2_system sys = {rhs, NULL, 2, m};
  gsl_odeiv2_driver *d = gsl_odeiv2_driver_alloc_y_new(&sys, gsl_odeiv2_step_rk8pd, -1e-3, 1e-15, 1e-12);
  double eta = 1;
  ck_assert_int_eq(gsl_odeiv2_driver_apply(d, &eta, 1.0 / 15, y), GSL_SUCCESS);
  gsl_odeiv2_driver_free(d);
  return y[1];
}

static double root(model *m, double lo, double hi) {
  gsl_function f = {on_shell, m};
  gsl_root_fsolver *s = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
  ck_assert_int_eq(gsl_root_fsolver_set(s, &f, lo, hi), GSL_SUCCESS);
  for (int it = 0; it < 200; it++) {
    gsl_root_fsolver_iterate(s);
    if (gsl_root_test_interval(gsl_root_fsolver_x_lower(s), gsl_root_fsolver_x_upper(s), 0, 1e-13) ==
        GSL_SUCCESS)
      break;
  }
  const double x = gsl_root_fsolver_root(s);
  gsl_root_fsolver_free(s);
  return x;
}

static void check_predictions(const cJSON *result) {
  const cJSON *p = com_json_get(result, "parameters"), *theta = com_json_get(p, "metric.theta"),
              *list = com_json_get(result, "predictions");
  model m = {.lambda = number(p, "bulk.lambda"), .L = number(p, "dictionary.L"), .n = com_json_size(theta)};
  double chi2 = 0;
  ck_assert_uint_le(m.n, 16);
  for (size_t k = 0; k < m.n; k++) m.theta[k] = com_json_num(com_json_at(theta, k), NAN);
  for (size_t i = 0; i < com_json_size(list); i++) {
    const cJSON *e = com_json_at(list, i);
    const double want = number(e, "predicted_response"), datum = number(e, "response");
    m.s = number(e, "source");
    const double got = root(&m, 0.9 * want, 1.1 * want);
    ck_assert_msg(fabs(got - want) <= 1e-9 * fabs(want), "point %zu: independent root %.12g, reported %.12g",
                  i, got, want);
    chi2 += pow((got - datum) / number(e, "error"), 2);
  }
  ck_assert_msg(fabs(chi2 - number(result, "chi2")) <= 1e-3, "independent chi2 = %.8g, reported %.8g", chi2,
                number(result, "chi2"));
}

START_TEST(lattice_fit_from_random_starts) {
  static const char *const sets[] = {"restarts=1", NULL};
  int good = 0;
  for (unsigned seed = 1; seed <= 10; seed++) {
    const com_ctx_opts o = {.seed = seed, .threads = 1};
    com_ctx *c = NULL;
    run r;
    ck_assert_int_eq(com_ctx_create(&o, &c), COM_OK);
    open_fit(c, &r, "examples/02_qcd_condensate/config.json", sets);
    train(c, &r);
    good += number(r.result, "chi2") <= 75;
    ck_assert_int_eq((int)number(r.result, "n_determined"), 2);
    check_predictions(r.result);
    close_fit(&r);
    com_ctx_destroy(c);
  }
  ck_assert_msg(good >= 9, "%d of 10 seeds reach chi2 <= 75", good);
}
END_TEST

START_TEST(every_metric_finds_the_basin) {
  static const char *const metrics[] = {
      "metric={\"type\":\"pole_poly\",\"n\":8}", "metric={\"type\":\"poly_t\",\"n\":9}",
      "metric={\"type\":\"spline\"}", "metric={\"type\":\"chebyshev\"}", "metric={\"type\":\"mlp\"}"};
  for (size_t k = 0; k < sizeof metrics / sizeof *metrics; k++) {
    const char *const sets[] = {"restarts=1", metrics[k], NULL};
    const com_ctx_opts o = {.seed = 23 + k, .threads = 1};
    com_ctx *c = NULL;
    run r;
    ck_assert_int_eq(com_ctx_create(&o, &c), COM_OK);
    open_fit(c, &r, "examples/02_qcd_condensate/config.json", sets);
    train(c, &r);
    ck_assert_msg(number(r.result, "chi2") <= 75, "%s: chi2 = %g", metrics[k], number(r.result, "chi2"));
    close_fit(&r);
    com_ctx_destroy(c);
  }
}
END_TEST

/* 20 iterations = 10 + resume + 10, for any place of the cut. */
START_TEST(resume_is_exact) {
  static const char *const sets[] = {"restarts=2", NULL};
  com_ctx *c = test_ctx();
  run a;
  open_fit(c, &a, "examples/02_qcd_condensate/config.json", sets);
  train(c, &a);
  static const int cuts[] = {1, 13, 58, 101};
  for (size_t k = 0; k < sizeof cuts / sizeof *cuts; k++) {
    run b, d;
    ads_trainer *t = NULL, *u = NULL;
    cJSON *state = NULL;
    open_fit(c, &b, "examples/02_qcd_condensate/config.json", sets);
    TEST_OK(c, ads_trainer_create(c, ads_fit_task(b.fit), &t));
    for (int i = 0; i < cuts[k]; i++) TEST_OK(c, ads_trainer_iterate(t));
    TEST_OK(c, ads_trainer_save(t, &state));
    open_fit(c, &d, "examples/02_qcd_condensate/config.json", sets);
    TEST_OK(c, ads_trainer_create(c, ads_fit_task(d.fit), &u));
    TEST_OK(c, ads_trainer_load(u, "cut", state));
    while (!ads_trainer_stop(u)) TEST_OK(c, ads_trainer_iterate(u));
    TEST_OK(c, ads_trainer_result(u, &d.result));
    char *x = NULL, *y = NULL;
    TEST_OK(c, com_json_text(c, a.result, &x));
    TEST_OK(c, com_json_text(c, d.result, &y));
    ck_assert_msg(strcmp(x, y) == 0, "cut at %d: the resumed result differs", cuts[k]);
    free(x);
    free(y);
    com_json_free(state);
    ads_trainer_destroy(t);
    ads_trainer_destroy(u);
    close_fit(&b);
    close_fit(&d);
  }
  close_fit(&a);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(a_checkpoint_of_another_run_is_refused) {
  static const char *const one[] = {"restarts=2", NULL}, *const other[] = {"restarts=3", NULL};
  com_ctx *c = test_ctx();
  run a, b;
  ads_trainer *t = NULL, *u = NULL;
  cJSON *state = NULL;
  open_fit(c, &a, "examples/02_qcd_condensate/config.json", one);
  open_fit(c, &b, "examples/02_qcd_condensate/config.json", other);
  TEST_OK(c, ads_trainer_create(c, ads_fit_task(a.fit), &t));
  TEST_OK(c, ads_trainer_create(c, ads_fit_task(b.fit), &u));
  TEST_OK(c, ads_trainer_save(t, &state));
  TEST_FAILS(c, COM_E_CONFIG, "another config", ads_trainer_load(u, "ck.json", state));
  com_json_free(state);
  ads_trainer_destroy(t);
  ads_trainer_destroy(u);
  close_fit(&a);
  close_fit(&b);
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("training", lattice_fit_from_random_starts, every_metric_finds_the_basin, resume_is_exact,
          a_checkpoint_of_another_run_is_refused)
