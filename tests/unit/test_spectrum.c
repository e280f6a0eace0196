/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../background.h"
#include "ads/meson_fit.h"
#include "ads/obs_spectrum.h"

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
      TEST_NEAR(a[n] / exact, 1, 1e-8); /* the issue asks for 1e-6 */
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

static double trained_third_rho(com_ctx *c, const com_choice *lm, const ads_profile_ops *profile) {
  const double rho[2] = {0.77526, 1.465}, a2[2] = {1.3182, 1.706};
  const ads_meson_target t[2] = {{ADS_MESON_RHO, 2, rho}, {ADS_MESON_A2, 2, a2}};
  const ads_meson_fit_spec spec = {profile, 2, t, 1e-3, 200, 6};
  ads_meson m = {0};
  double chi2, r[3], a[2];
  TEST_OK(c, ads_meson_fit_run(c, &spec, lm, &m.profile, &chi2));
  TEST_OK(c, ads_meson_shoot(c, &m, ADS_MESON_RHO, 1e-11, 3, r)); /* not the method that trained it */
  TEST_OK(c, ads_meson_shoot(c, &m, ADS_MESON_A2, 1e-11, 2, a));
  for (int n = 0; n < 2; n++) {
    TEST_NEAR(sqrt(r[n]) / rho[n], 1, 1e-6); /* the issue asks for 1e-3 */
    TEST_NEAR(sqrt(a[n]) / a2[n], 1, 1e-6);
  }
  return sqrt(r[2]);
}

START_TEST(trained_from_masses) {
  com_ctx *c = test_ctx();
  cJSON *j = NULL;
  com_choice lm;
  double lo = INFINITY, hi = 0;
  int n = 0;
  TEST_OK(c, com_json_parse(c, "t", "{\"type\":\"lm\"}", 13, &j));
  TEST_OK(c, com_field_choice_read(c, COM_E_CONFIG, &com_optim_kind, "t", "optimizer", j, &lm));
  const double gauss = trained_third_rho(c, &lm, &ads_profile_gauss);
  TEST_NEAR(gauss, 1.845, 0.0005 / 1.845);
  ck_assert_double_lt(fabs(gauss / 1.72 - 1), 0.1);
  for (const com_component *const *p = ads_profile_kind.all(); *p; p++) {
    const ads_profile_ops *ops = (const ads_profile_ops *)(const void *)*p;
    if (!ops->shape) continue;
    const double third = trained_third_rho(c, &lm, ops);
    lo = fmin(lo, third);
    hi = fmax(hi, third);
    n++;
  }
  ck_assert_int_ge(n, 4);
  ck_assert_double_lt(lo, 1.86); /* four masses leave the third rho open over 0.18 GeV */
  ck_assert_double_gt(hi, 2.0);
  com_field_choice_finish(&com_optim_kind, &lm);
  com_json_free(j);
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
          trained_from_masses, chiral_sector, wave_function, refusals)
