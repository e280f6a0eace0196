/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/pathint.h"
#include "../test.h"

/* Oracle of the finite path: the Gaussian integral against the closed form, and the distance to the continuum. */
START_TEST(finite_kernel) {
  com_ctx *c = test_ctx();
  const nqs_pathint_system s = {1.3, 2.1, 0, 0.7};
  const double T = 1.9, xf = 0.8, xi = -0.4, w = sqrt(2.1 / 1.3), sh = sinh(w * T);
  const double continuum = 0.5 * log(1.3 * w / (2 * M_PI * 0.7 * sh)) -
                           1.3 * w / (2 * 0.7 * sh) * ((xf * xf + xi * xi) * cosh(w * T) - 2 * xf * xi);
  static const size_t n[] = {2, 10, 160};
  static const double known[] = {-0.3123, -0.0694, -0.00454};
  for (int k = 0; k < 3; k++) {
    double sum;
    TEST_OK(c, nqs_pathint_kernel(c, &s, n[k], T / (double)n[k], xf, xi, &sum));
    TEST_NEAR(sum, nqs_pathint_kernel_closed(&s, n[k], T / (double)n[k], xf, xi), 6e-13);
    TEST_NEAR((continuum - sum) / known[k], 1, 2e-3);
  }
  com_ctx_destroy(c);
}
END_TEST

START_TEST(levels) {
  com_ctx *c = test_ctx();
  double e[2];
  TEST_OK(c, nqs_pathint_levels(c, &(nqs_pathint_system){1, 1, 0.1, 1}, 2, e));
  TEST_NEAR(e[0], 0.559146, 6e-7);
  TEST_NEAR(e[1], 1.769503, 6e-7);
  TEST_OK(c, nqs_pathint_levels(c, &(nqs_pathint_system){1, 1, 1, 1}, 2, e));
  TEST_NEAR(e[0], 0.803771, 6e-7);
  TEST_NEAR(e[1], 2.737892, 6e-7);
  com_ctx_destroy(c);
}
END_TEST

/* <gx, path(w)> = <pull(gx), w> for every network, and dS/dx against differences. */
START_TEST(maps_and_gradients) {
  enum { N = 7 };
  const nqs_pathint_system s = {0.9, 1.3, 0.27, 1};
  for (int net = 0; net < 3; net++) {
    double w[N + 1], x[N + 1], g[N + 1], gw[N + 1], a = 0, b = 0;
    for (int k = 0; k <= N; k++) w[k] = sin(1.1 * k + 0.2), g[k] = cos(2.3 * k + 0.7);
    nqs_pathint_path((nqs_pathint_net)net, N, 0.23, w, x);
    nqs_pathint_pull((nqs_pathint_net)net, N, 0.23, g, gw);
    for (int k = 0; k <= N; k++) a += g[k] * x[k], b += gw[k] * w[k];
    TEST_NEAR(a, b, 1e-13);
    for (int rule = 0; rule < 2; rule++) {
      nqs_pathint_action(&s, (nqs_pathint_rule)rule, N, 0.23, x, g);
      for (int k = 0; k <= N; k++) {
        const double keep = x[k];
        double v[2];
        for (int t = 0; t < 2; t++)
          x[k] = keep + (t ? 1e-5 : -1e-5),
          v[t] = nqs_pathint_action(&s, (nqs_pathint_rule)rule, N, 0.23, x, NULL);
        x[k] = keep;
        TEST_NEAR(g[k], (v[1] - v[0]) / 2e-5, 1e-7);
      }
    }
  }
}
END_TEST

static void near_in_errors(double got, double error, double want, double worst, const char *what) {
  ck_assert_msg(error > 0 && error < worst && fabs(got - want) < 3 * error, "%s: %.6g +- %.2g, want %.6g",
                what, got, error, want);
}

/* At any step and through any network: <x^2> = hbar/(2 m omega), gap = (2/D) artanh(omega D/2). */
START_TEST(oscillator_at_any_step) {
  com_ctx *c = test_ctx();
  static const double D[] = {0.2, 0.5, 1.0};
  for (int net = 0; net < 3; net++) {
    const nqs_pathint_opts o = {{1, 1, 0, 1}, net, NQS_PATHINT_MIDPOINT, 20, {0, NULL}, 4, 1500, 200, NAN};
    nqs_pathint_result r;
    TEST_OK(c, nqs_pathint_sample(c, &o, D[net], &r));
    near_in_errors(r.x2, r.x2_error, 0.5, 0.01, "x2");
    near_in_errors(r.gap, r.gap_error, 2 / D[net] * atanh(D[net] / 2), 0.1, "gap");
    ck_assert(r.rhat < 1.02);
  }
  com_ctx_destroy(c);
}
END_TEST

/* Quartic oscillator, lambda = 0.1 and 1, both rules: ground energy after D -> 0 within three errors. At D = 0.1, lambda = 1 the virial
 * energy of the transfer matrix, diagonalised on a grid elsewhere, is 0.839679 (midpoint) and 0.797748 (trapezoid). */
START_TEST(quartic_ground_energy) {
  com_ctx *c = test_ctx();
  static const double lambda[] = {0.1, 1}, want[] = {0.559146, 0.803771}, finite[] = {0.839679, 0.797748};
  static const double D[2][3] = {{0.2, 0.5, 0.8}, {0.1, 0.25, 0.4}};
  for (int rule = 0; rule < 2; rule++)
    for (int q = 0; q < 2; q++) {
      nqs_pathint_opts o = {
          .system = {1, 1, lambda[q], 1}, .rule = rule, .time = q ? 8 : 12, .reference = NAN};
      o.chains = 4, o.draws = 3000, o.warmup = 200;
      nqs_pathint_result r[3];
      double e, error;
      for (int k = 0; k < 3; k++) TEST_OK(c, nqs_pathint_sample(c, &o, D[q][k], r + k));
      TEST_OK(c, nqs_pathint_extrapolate(c, (nqs_pathint_rule)rule, 3, r, &e, &error));
      near_in_errors(e, error, want[q], 0.025, "E0");
      if (q) near_in_errors(r[0].energy, r[0].energy_error, finite[rule], 0.01, "E(0.1)");
    }
  com_ctx_destroy(c);
}
END_TEST

START_TEST(refusals) {
  com_ctx *c = test_ctx();
  nqs_pathint_opts o = {{1, 1, 0, 1}, 0, NQS_PATHINT_MIDPOINT, 20, {0, NULL}, 2, 100, 10, NAN};
  nqs_pathint_result r;
  double k;
  TEST_FAILS(c, COM_E_CONFIG, "omega D < 2", nqs_pathint_sample(c, &o, 2.1, &r));
  TEST_FAILS(c, COM_E_CONFIG, "8 to 2000", nqs_pathint_sample(c, &o, 0.001, &r));
  TEST_FAILS(c, COM_E_CONFIG, "oscillator",
             nqs_pathint_kernel(c, &(nqs_pathint_system){1, 1, 0.2, 1}, 4, 0.1, 0, 0, &k));
  TEST_FAILS(c, COM_E_CONFIG, "extrapolation",
             nqs_pathint_extrapolate(c, NQS_PATHINT_MIDPOINT, 1, &r, &k, &k));
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("nqs_pathint", finite_kernel, levels, maps_and_gradients, oscillator_at_any_step,
          quartic_ground_energy, refusals)
