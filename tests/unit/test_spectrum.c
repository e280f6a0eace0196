/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../background.h"
#include "ads/gradcheck.h"
#include "ads/meson_fit.h"
#include "ads/obs_spectrum.h"
#include "ads/trainer.h"

extern const ads_profile_ops ads_profile_soft_wall, ads_profile_gauss;

/* m^2 = 4 k (n + S). */
START_TEST(soft_wall_by_both_methods) {
  com_ctx *c = test_ctx();
  for (int S = 1; S <= 2; S++) {
    const double k = S == 1 ? 0.2385 : 0.1371;
    const ads_meson m = {.profile = {&ads_profile_soft_wall, {k, 0, k, 0}}};
    const ads_meson_sector s = S == 1 ? ADS_MESON_RHO : ADS_MESON_A2;
    double a[5], err[5], b[5];
    TEST_OK(c, ads_meson_matrix(c, &m, s, 200, 5, a, err, NULL));
    TEST_OK(c, ads_meson_shoot(c, &m, s, 1e-11, 5, b));
    for (int n = 0; n < 5; n++) {
      const double exact = 4 * k * (n + S);
      TEST_NEAR(a[n] / exact, 1, 1e-8);
      TEST_NEAR(b[n] / exact, 1, 1e-8);
      ck_assert_double_ge(err[n] + 1e-9, fabs(a[n] - exact)); /* the estimate is not too small */
    }
  }
  com_ctx_destroy(c);
}
END_TEST

/* Every profile, both sectors: two independent methods agree, the gradient is that of differences. */
START_TEST(methods_and_gradients_agree) {
  com_ctx *c = test_ctx();
  for (const com_component *const *p = ads_profile_kind.all(); *p; p++) {
    ads_meson m = {.profile = {(const ads_profile_ops *)(const void *)*p, {0.2937, 1.371, 0.2385, 0.713}}};
    for (int s = 0; s < 2; s++) {
      double a[3], b[3], grad[12], lo[3], hi[3];
      TEST_OK(c, ads_meson_matrix(c, &m, (ads_meson_sector)s, 300, 3, a, NULL, grad));
      TEST_OK(c, ads_meson_shoot(c, &m, (ads_meson_sector)s, 1e-11, 3, b));
      for (int n = 0; n < 3; n++) ck_assert_msg(fabs(a[n] / b[n] - 1) < 1e-7, "%s", (*p)->name);
      for (int k = 0; k < 4; k++) {
        const double keep = m.profile.par[k], h = 1e-4;
        m.profile.par[k] = keep + h;
        TEST_OK(c, ads_meson_matrix(c, &m, (ads_meson_sector)s, 300, 3, hi, NULL, NULL));
        m.profile.par[k] = keep - h;
        TEST_OK(c, ads_meson_matrix(c, &m, (ads_meson_sector)s, 300, 3, lo, NULL, NULL));
        m.profile.par[k] = keep;
        for (int n = 0; n < 3; n++) TEST_NEAR(grad[4 * n + k], (hi[n] - lo[n]) / (2 * h), 3e-6);
      }
    }
  }
  com_ctx_destroy(c);
}
END_TEST

/* Profiles: w' and w'' are the derivatives of w. */
START_TEST(profile_derivatives) {
  for (const com_component *const *p = ads_profile_kind.all(); *p; p++) {
    const ads_profile_ops *ops = (const ads_profile_ops *)(const void *)*p;
    for (double z = 0.2385; ops->shape && z < 5; z += 0.713) {
      double w[3], l[3], r[3];
      ops->shape(z, w);
      ops->shape(z - 1e-5, l);
      ops->shape(z + 1e-5, r);
      TEST_NEAR((r[0] - l[0]) / 2e-5, w[1], 1e-8);
      TEST_NEAR((r[1] - l[1]) / 2e-5, w[2], 1e-8);
    }
  }
}
END_TEST

/* The lowest two rho and a2 masses [GeV]. */
static const double rho_mass[3] = {0.77526, 1.465, 1.72}, a2_mass[2] = {1.3182, 1.706};

/* A fit of one profile, and what trains it. */
typedef struct training {
  ads_profile given;
  ads_meson_target target[2];
  com_choice optimizer;
  ads_meson_fit *fit;
  ads_trainer *t;
} training;

static void open_training(com_ctx *c, training *q, const ads_profile_ops *profile, size_t n_rho,
                          const char *optimizer) {
  cJSON *j = NULL;
  *q = (training){.given = {profile, {NAN, NAN, NAN, NAN}},
                  .target = {{ADS_MESON_RHO, n_rho, rho_mass}, {ADS_MESON_A2, 2, a2_mass}}};
  TEST_OK(c, com_json_parse(c, "t", optimizer, strlen(optimizer), &j));
  TEST_OK(c, com_field_choice_read(c, COM_E_CONFIG, &com_optim_kind, "t", "optimizer", j, &q->optimizer));
  com_json_free(j);
  const ads_meson_fit_spec spec = {"t", &q->given, 2, q->target, 1e-3, 200, 6, &q->optimizer};
  TEST_OK(c, ads_meson_fit_create(c, &spec, &q->fit));
  TEST_OK(c, ads_trainer_create(c, ads_meson_fit_task(q->fit), &q->t));
}

static void close_training(training *q) {
  ads_trainer_destroy(q->t);
  ads_meson_fit_destroy(q->fit);
  com_field_choice_finish(&com_optim_kind, &q->optimizer);
}

static double trained_third_rho(com_ctx *c, const ads_profile_ops *profile) {
  training q;
  ads_meson m = {0};
  double r[3], a[2];
  open_training(c, &q, profile, 2, "{\"type\":\"lm\"}");
  TEST_OK(c, ads_trainer_run(q.t));
  ck_assert(ads_trainer_converged(q.t));
  ads_meson_fit_profile(q.fit, ads_trainer_best(q.t), &m.profile);
  TEST_OK(c, ads_meson_shoot(c, &m, ADS_MESON_RHO, 1e-11, 3, r)); /* not the method that trained it */
  TEST_OK(c, ads_meson_shoot(c, &m, ADS_MESON_A2, 1e-11, 2, a));
  for (int n = 0; n < 2; n++) {
    TEST_NEAR(sqrt(r[n]) / rho_mass[n], 1, 1e-6);
    TEST_NEAR(sqrt(a[n]) / a2_mass[n], 1, 1e-6);
  }
  close_training(&q);
  return sqrt(r[2]);
}

START_TEST(trained_from_masses) {
  com_ctx *c = test_ctx();
  double lo = INFINITY, hi = 0;
  int n = 0;
  const double gauss = trained_third_rho(c, &ads_profile_gauss);
  TEST_NEAR(gauss, 1.845, 0.0005 / 1.845);
  ck_assert_double_lt(fabs(gauss / 1.72 - 1), 0.1);
  for (const com_component *const *p = ads_profile_kind.all(); *p; p++) {
    const ads_profile_ops *ops = (const ads_profile_ops *)(const void *)*p;
    if (!ops->shape) continue;
    const double third = trained_third_rho(c, ops);
    lo = fmin(lo, third);
    hi = fmax(hi, third);
    n++;
  }
  ck_assert_int_ge(n, 4);
  ck_assert_double_lt(lo, 1.86); /* four masses leave the third rho open over 0.18 GeV */
  ck_assert_double_gt(hi, 2.0);
  com_ctx_destroy(c);
}
END_TEST

/* Five masses and four parameters: no start is good enough to end the training, and the best of all six is reported. */
START_TEST(best_of_all_starts) {
  com_ctx *c = test_ctx();
  training q;
  cJSON *result = NULL;
  double best = INFINITY;
  open_training(c, &q, &ads_profile_gauss, 3, "{\"type\":\"lm\"}");
  TEST_OK(c, ads_trainer_run(q.t));
  TEST_OK(c, ads_trainer_result(q.t, &result));
  const cJSON *starts = com_json_get(result, "starts");
  ck_assert_uint_eq(com_json_size(starts), 6);
  for (size_t k = 0; k < 6; k++)
    best = fmin(best, com_json_num(com_json_get(com_json_at(starts, k), "chi2"), NAN));
  ck_assert_double_gt(best, 1);
  ck_assert_double_eq(best, com_json_num(com_json_get(result, "chi2"), NAN));
  com_json_free(result);
  close_training(&q);
  com_ctx_destroy(c);
}
END_TEST

/* Residuals, value and their gradients as the trainer sees them, against fourth-order differences, in every profile. */
START_TEST(task_gradients) {
  com_ctx *c = test_ctx();
  for (const com_component *const *p = ads_profile_kind.all(); *p; p++) {
    const ads_profile_ops *ops = (const ads_profile_ops *)(const void *)*p;
    training q;
    if (!ops->shape) continue;
    open_training(c, &q, ops, 3, "{\"type\":\"lm\"}");
    const ads_task t = ads_meson_fit_task(q.fit);
    double x[4] = {0.2937, 0.2385, 1.371, 0.713}, r[5], J[5 * 4], g[4], f;
    size_t n_bad;
    ck_assert_uint_eq(t.ops->n_res(t.self, 0), 5);
    TEST_OK(c, t.ops->residuals(t.self, 0, x, r, J, &n_bad));
    TEST_OK(c, t.ops->value(t.self, 0, 1, 0, x, &f, g, &n_bad));
    double sum = 0, off_J = 0, max_J = 0, off_g = 0,
           max_g = 0; /* errors as of gradcheck: max norm over max norm */
    for (int i = 0; i < 5; i++) sum += r[i] * r[i];
    TEST_NEAR(f / sum, 1, 1e-14);
    for (int k = 0; k < 4; k++) {
      static const double weight[] = {1, -8, 8, -1};
      const double keep = x[k], h = 1e-3;
      double d[5] = {0}, dr[5], df = 0, e;
      for (int w = 0; w < 4; w++) {
        x[k] = keep + h * (w < 2 ? w - 2 : w - 1);
        TEST_OK(c, t.ops->residuals(t.self, 0, x, dr, NULL, &n_bad));
        TEST_OK(c, t.ops->value(t.self, 0, 1, 0, x, &e, NULL, &n_bad));
        for (int i = 0; i < 5; i++) d[i] += weight[w] * dr[i] / (12 * h);
        df += weight[w] * e / (12 * h);
      }
      x[k] = keep;
      for (int i = 0; i < 5; i++) {
        off_J = fmax(off_J, fabs(J[4 * i + k] - d[i]));
        max_J = fmax(max_J, fabs(d[i]));
      }
      off_g = fmax(off_g, fabs(g[k] - df));
      max_g = fmax(max_g, fabs(df));
    }
    ck_assert_msg(off_J < 1e-6 * max_J && off_g < 1e-6 * max_g, "%s: J %.2g, gradient %.2g", (*p)->name,
                  off_J / max_J, off_g / max_g);
    close_training(&q);
  }
  com_ctx_destroy(c);
}
END_TEST

/* A task with one wrong entry of its Jacobian. */
static const ads_task *right;
static com_status wrong_residuals(void *self, int stage, const double *x, double *r, double *J,
                                  size_t *n_bad) {
  const com_status s = right->ops->residuals(self, stage, x, r, J, n_bad);
  if (J) J[2] += 1e-3 * fabs(J[0]);
  return s;
}

START_TEST(gradcheck_finds_a_wrong_entry) {
  com_ctx *c = test_ctx();
  training q;
  com_table *t = NULL;
  double worst = NAN;
  open_training(c, &q, &ads_profile_gauss, 2, "{\"type\":\"lm\"}");
  const ads_task good = ads_meson_fit_task(q.fit);
  TEST_OK(c, ads_gradcheck_tasks(c, 1, &good, &t, &worst));
  ck_assert_double_lt(worst, 1e-6);
  ck_assert_uint_eq(com_table_rows(t), 2);
  com_table_destroy(t);
  ads_task_ops ops = *good.ops;
  ads_task wrong = good;
  ops.residuals = wrong_residuals;
  wrong.ops = &ops;
  right = &good;
  TEST_OK(c, ads_gradcheck_tasks(c, 1, &wrong, &t, &worst));
  ck_assert_double_gt(worst, 1e-5);
  com_table_destroy(t);
  close_training(&q);
  com_ctx_destroy(c);
}
END_TEST

static char *finished(com_ctx *c, training *q) {
  cJSON *result = NULL;
  char *text = NULL;
  TEST_OK(c, ads_trainer_run(q->t));
  TEST_OK(c, ads_trainer_result(q->t, &result));
  TEST_OK(c, com_json_text(c, result, &text));
  com_json_free(result);
  return text;
}

/* Resumed at any step, in the first start and in later ones, with every kind of optimiser: the same digits. */
START_TEST(resume_is_exact) {
  static const char *const optimizers[] = {"{\"type\":\"lm\"}", "{\"type\":\"lbfgs\",\"max_iter\":70}",
                                           "{\"type\":\"adam\",\"max_iter\":40}"};
  static const int cuts[] = {1, 5, 12, 33};
  com_ctx *c = test_ctx();
  for (size_t o = 0; o < 3; o++) {
    training a, b, d;
    open_training(c, &a, &ads_profile_gauss, 3, optimizers[o]);
    char *whole = finished(c, &a);
    for (size_t k = 0; k < sizeof cuts / sizeof *cuts; k++) {
      cJSON *state = NULL;
      open_training(c, &b, &ads_profile_gauss, 3, optimizers[o]);
      for (int i = 0; i < cuts[k]; i++) TEST_OK(c, ads_trainer_iterate(b.t));
      TEST_OK(c, ads_trainer_save(b.t, &state));
      open_training(c, &d, &ads_profile_gauss, 3, optimizers[o]);
      TEST_OK(c, ads_trainer_load(d.t, "cut", state));
      char *resumed = finished(c, &d);
      ck_assert_msg(strcmp(whole, resumed) == 0, "%s: cut at %d: the result differs", optimizers[o], cuts[k]);
      free(resumed);
      com_json_free(state);
      close_training(&b);
      close_training(&d);
    }
    free(whole);
    close_training(&a);
  }
  com_ctx_destroy(c);
}
END_TEST

START_TEST(a_checkpoint_of_another_training_is_refused) {
  com_ctx *c = test_ctx();
  training a, b;
  cJSON *state = NULL;
  open_training(c, &a, &ads_profile_gauss, 2, "{\"type\":\"lm\"}");
  open_training(c, &b, &ads_profile_gauss, 3, "{\"type\":\"lm\"}");
  TEST_OK(c, ads_trainer_save(a.t, &state));
  TEST_FAILS(c, COM_E_CONFIG, "another config", ads_trainer_load(b.t, "ck.json", state));
  com_json_free(state);
  close_training(&a);
  close_training(&b);
  com_ctx_destroy(c);
}
END_TEST

/* a1 with constant v^2 e^(2A): U shifts by g5^2 alpha^2 exactly, and so does every mass squared. */
START_TEST(chiral_sector) {
  com_ctx *c = test_ctx();
  ads_meson m = {.profile = {&ads_profile_soft_wall, {0.2385, 0, 0.2385, 0}},
                 .chiral = {.alpha = 0.371, .beta = 0, .zc = 1e9, .g5sq = 39.478, .given = 1}};
  double rho[3], a1[3], f0[3], shot[3];
  TEST_OK(c, ads_meson_matrix(c, &m, ADS_MESON_RHO, 300, 3, rho, NULL, NULL));
  TEST_OK(c, ads_meson_matrix(c, &m, ADS_MESON_A1, 300, 3, a1, NULL, NULL));
  for (int n = 0; n < 3; n++) TEST_NEAR(a1[n] - rho[n], 39.478 * 0.371 * 0.371, 1e-7);
  /* f0 without couplings: nu = 1 with the oscillator of B_2: m^2 = 4 k (n + 1) + 2 k */
  TEST_OK(c, ads_meson_matrix(c, &m, ADS_MESON_F0, 300, 3, f0, NULL, NULL));
  for (int n = 0; n < 3; n++) TEST_NEAR(f0[n], 4 * 0.2385 * (n + 1) + 2 * 0.2385, 1e-8);
  m.chiral.beta = 0.0713;
  m.chiral.zc = 1.371;
  m.chiral.k1 = -0.385;
  m.chiral.k2 = 0.713;
  TEST_OK(c, ads_meson_matrix(c, &m, ADS_MESON_F0, 400, 3, f0, NULL, NULL));
  TEST_OK(c, ads_meson_shoot(c, &m, ADS_MESON_F0, 1e-11, 3, shot));
  for (int n = 0; n < 3; n++) TEST_NEAR(f0[n] / shot[n], 1, 1e-6);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(wave_function) {
  com_ctx *c = test_ctx();
  const ads_meson m = {.profile = {&ads_profile_soft_wall, {0.2385, 0, 0.2385, 0}}};
  size_t n;
  double *z, *psi, norm = 0, worst = 0;
  TEST_OK(c, ads_meson_wave(c, &m, ADS_MESON_RHO, 1200, 0, &n, &z, &psi));
  const double k = 0.2385, unit = sqrt(2.0) * k; /* psi_0 = sqrt(2) k z^(3/2) exp(-k z^2/2) */
  for (size_t i = 0; i < n; i++) {
    norm += psi[i] * psi[i] * (z[1] - z[0]);
    worst = fmax(worst, fabs(fabs(psi[i]) - unit * pow(z[i], 1.5) * exp(-0.5 * k * z[i] * z[i])));
  }
  TEST_NEAR(norm, 1, 1e-12);
  ck_assert_double_lt(worst, 2e-5);
  free(z);
  free(psi);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(refusals) {
  com_ctx *c = test_ctx();
  ads_meson m = {.profile = {&ads_profile_gauss, {NAN, 0, 0.2, 0}}};
  double out[2];
  ads_obs_spectrum_data d;
  cJSON *j = NULL;
  TEST_FAILS(c, COM_E_CONFIG, "profile.k", ads_meson_matrix(c, &m, ADS_MESON_RHO, 200, 2, out, NULL, NULL));
  m.profile.par[0] = 0.2;
  TEST_FAILS(c, COM_E_CONFIG, "chiral", ads_meson_matrix(c, &m, ADS_MESON_A1, 200, 2, out, NULL, NULL));
  m.profile.par[0] = 1e-9;
  TEST_FAILS(c, COM_E_NUM, "no discrete state", ads_meson_shoot(c, &m, ADS_MESON_RHO, 1e-10, 2, out));
  TEST_OK(c, com_json_parse(c, "t", "{\"rho\":[0.77,-1.4]}", 19, &j));
  TEST_FAILS(c, COM_E_DATA, "positive mass", ads_obs_spectrum_masses_read(c, "t", j, &d));
  com_json_free(j);
  TEST_OK(c, com_json_parse(c, "t", "\"no/such.json\"", 14, &j));
  TEST_FAILS(c, COM_E_NOINPUT, "no/such.json", ads_obs_spectrum_masses_read(c, "t", j, &d));
  com_json_free(j);
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("spectrum", soft_wall_by_both_methods, methods_and_gradients_agree, profile_derivatives,
          trained_from_masses, best_of_all_starts, task_gradients, gradcheck_finds_a_wrong_entry,
          resume_is_exact, a_checkpoint_of_another_training_is_refused, chiral_sector, wave_function,
          refusals)
