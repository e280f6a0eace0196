/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/boltzmann.h"
#include "ads/boltzmann_sample.h"
#include "common/linalg.h"
#include "../pieces.h"

/* AdS2, massless: k sqrt(1 + k^2 D^2/4), to 1e-12, when the chain is long against 1/k. */
START_TEST(ads2_kernel) {
  com_ctx *c = test_ctx();
  static const double D[] = {0.5, 0.1}, k[] = {0.3, 1, 3};
  for (int i = 0; i < 2; i++)
    for (int j = 0; j < 3; j++) {
      ads_boltzmann b;
      TEST_OK(c, ads_boltzmann_poincare(c, 1, 0, k[j], 0, D[i], 3000, &b));
      TEST_NEAR(ads_boltzmann_kernel(&b, NULL) / (k[j] * sqrt(1 + k[j] * k[j] * D[i] * D[i] / 4)), 1, 1e-12);
      ads_boltzmann_finish(&b);
    }
  com_ctx_destroy(c);
}
END_TEST

/* 1/K_0 = (H^-1)_00 with H the Hessian of E, by dense elimination. */
START_TEST(recursion_is_elimination) {
  com_ctx *c = test_ctx();
  enum { N = 9 };
  ads_boltzmann b;
  TEST_OK(c, ads_boltzmann_poincare(c, 3, -1.7, 0.83, 0.21, 0.17, N, &b));
  double H[(N + 1) * (N + 1)], e[N + 1] = {1}, x[N + 1], g[N + 1];
  for (int k = 0; k <= N; k++) {
    memset(x, 0, sizeof x);
    x[k] = 1;
    ads_boltzmann_energy(&b, x, g); /* Gaussian: the gradient at a unit vector is a column of H */
    for (int i = 0; i <= N; i++) H[i * (N + 1) + k] = g[i];
  }
  TEST_OK(c, com_linalg_solve(c, N + 1, H, e));
  TEST_NEAR(ads_boltzmann_kernel(&b, NULL) * e[0], 1, 1e-13);
  ads_boltzmann_finish(&b);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(energy_gradient) {
  com_ctx *c = test_ctx();
  enum { N = 6 };
  const double h[N] = {3.1, 2.7, 3.3, 3.9, 4.6, 6.2};
  double phi[N + 1], g[N + 1];
  ads_boltzmann b;
  TEST_OK(c, ads_boltzmann_from_h(c, ADS_BOLTZMANN_EXP, N, 0.13, 1.7, h, 0.7, 1.3, NULL, &b));
  for (int k = 0; k <= N; k++) phi[k] = sin(1.7 * k + 0.3);
  ads_boltzmann_energy(&b, phi, g);
  for (int k = 0; k <= N; k++) {
    const double keep = phi[k], d = 1e-4;
    double v[2];
    for (int t = 0; t < 2; t++) phi[k] = keep + (t ? d : -d), v[t] = ads_boltzmann_energy(&b, phi, NULL);
    phi[k] = keep;
    TEST_NEAR(g[k], (v[1] - v[0]) / (2 * d), 1e-6);
  }
  ads_boltzmann_finish(&b);
  com_ctx_destroy(c);
}
END_TEST

/* metric -> machine -> metric, numbers and parameters, to 1e-10; both rules. */
START_TEST(round_trip) {
  com_ctx *c = test_ctx();
  enum { N = 24 };
  const double theta[4] = {3.7, -1.3, 2.2, 0.4};
  com_choice ch = pieces_choice(c, &ads_metric_kind, "{\"type\":\"pole_poly\",\"n\":4}");
  const ads_span span = {4, 1, 0.0731};
  ads_metric m;
  TEST_OK(c, ads_metric_bind(c, &ch, &span, &m));
  for (int rule = ADS_BOLTZMANN_EXP; rule <= ADS_BOLTZMANN_EULER; rule++) {
    double h[N], back[N], A[N], p[4] = {0, 0, 0, 0}, worst;
    ads_boltzmann b;
    TEST_OK(c, ads_boltzmann_layers(c, &m, theta, (ads_boltzmann_rule)rule, N, h));
    TEST_OK(
        c, ads_boltzmann_from_h(c, (ads_boltzmann_rule)rule, N, (1 - 0.0731) / N, 1.9, h, -3, 0.2, NULL, &b));
    ads_boltzmann_to_h(&b, (ads_boltzmann_rule)rule, back, A);
    TEST_NEAR(A[0], 1.9, 1e-14);
    for (int k = 0; k + 1 < N; k++) TEST_NEAR(back[k] / h[k], 1, 1e-10);
    TEST_OK(c, ads_boltzmann_to_metric(c, &b, (ads_boltzmann_rule)rule, &m, p, &worst));
    for (int k = 0; k < 4; k++) TEST_NEAR(p[k], theta[k], 1e-10);
    ck_assert(worst < 1e-10);
    ads_boltzmann_finish(&b);
  }
  /* The mean of the pole over a layer has a closed form: log(top/bottom)/D. */
  const double none[4] = {0, 0, 0, 0};
  double h[N];
  TEST_OK(c, ads_boltzmann_layers(c, &m, none, ADS_BOLTZMANN_EXP, N, h));
  const double D = (1 - 0.0731) / N;
  for (int k = 0; k < N; k++) TEST_NEAR(h[k], log((1 - k * D) / (1 - (k + 1) * D)) / D, 1e-9);
  com_field_choice_finish(&ads_metric_kind, &ch);
  com_ctx_destroy(c);
}
END_TEST

/* The saddle point of the machine with rule EULER is an on-shell pass through the ResNet: pi = 0 at the horizon. */
START_TEST(saddle_is_the_network) {
  com_ctx *c = test_ctx();
  enum { N = 15 };
  const double D = (1 - 0.1) / N, lambda = 0.37, theta[2] = {2.9, -1.1};
  double p[3] = {2.9, -1.1, lambda}, h[N], phi[N + 1];
  pieces net;
  pieces_model(c, &net, NULL, "{\"type\":\"pole_poly\",\"n\":2}",
               "{\"type\":\"scalar_phi4\",\"d\":3,\"m2\":0.6,\"lambda\":0.37}", "{\"type\":\"state\"}",
               "{\"type\":\"resnet\",\"eta_uv\":1,\"eta_ir\":0.1,\"n_layers\":15,\"rule\":\"euler_new\"}");
  const ads_metric *m = ads_model_metric(net.m);
  ads_boltzmann b;
  TEST_OK(c, ads_boltzmann_layers(c, m, theta, ADS_BOLTZMANN_EULER, N, h));
  TEST_OK(c, ads_boltzmann_from_h(c, ADS_BOLTZMANN_EULER, N, D, 2.3, h, 0.6, lambda, NULL, &b));
  for (int k = 0; k <= N; k++) phi[k] = 0.8;
  TEST_OK(c, ads_boltzmann_saddle(c, &b, 0.8, phi));
  const double pi = (phi[0] - phi[1]) / D;
  ads_model_eval ev;
  TEST_OK(c, ads_model_run_bulk(net.m, ADS_MODEL_F, p, 1, phi, &pi, &ev));
  TEST_NEAR(ev.y1[0], phi[N], 1e-12);
  TEST_NEAR(ev.F[0], 0, 1e-11);
  ck_assert(fabs(pi) > 0.01 && fabs(phi[N] - phi[0]) > 0.01); /* not the trivial solution */
  ads_boltzmann_finish(&b);
  pieces_finish(&net);
  com_ctx_destroy(c);
}
END_TEST

static void near_in_errors(double got, double error, double want, const char *what) {
  ck_assert_msg(error > 0 && fabs(got - want) < 3 * error, "%s: %.6g +- %.2g, want %.6g", what, got, error,
                want);
}

/* <phi_0 phi_0> = 1/K_0 of AdS2 by both samplers; the long-chain kernel is reached to 1e-6 with these layers. */
START_TEST(sampled_two_point) {
  com_ctx *c = test_ctx();
  const double k = 1, D = 0.5, want = 1 / (k * sqrt(1 + k * k * D * D / 4));
  ads_boltzmann b;
  TEST_OK(c, ads_boltzmann_poincare(c, 1, 0, k, 0, D, 16, &b));
  TEST_NEAR(1 / ads_boltzmann_kernel(&b, NULL), want, 1e-6);
  for (int hmc = 0; hmc < 2; hmc++) {
    const ads_boltzmann_sample_opts o = {4, hmc ? 5000 : 40000, 1000, hmc, 1, NAN};
    ads_boltzmann_sample_result r;
    TEST_OK(c, ads_boltzmann_sample_run(c, &b, &o, &r));
    near_in_errors(r.two_point, r.two_point_error, want, hmc ? "hmc" : "gibbs");
    ck_assert(r.two_point_error < 0.03);
    near_in_errors(r.mean[3], r.error[3], 0, "mean");
    ads_boltzmann_sample_finish(&r);
  }
  ads_boltzmann_finish(&b);
  com_ctx_destroy(c);
}
END_TEST

/* Quartic machine with two layers against quadrature over both units, and the large-N limit: the mean goes to the saddle as 1/N. */
START_TEST(quartic_and_large_N) {
  com_ctx *c = test_ctx();
  const double h[2] = {1.1, 1.9};
  ads_boltzmann b;
  TEST_OK(c, ads_boltzmann_from_h(c, ADS_BOLTZMANN_EXP, 2, 0.4, 1, h, 0.8, 6, NULL, &b));
  double off[2], phi[3] = {1.3, 1.3, 1.3};
  TEST_OK(c, ads_boltzmann_saddle(c, &b, 1.3, phi));
  static const double Ns[2] = {4, 64};
  for (int t = 0; t < 2; t++) {
    double z = 0, m1 = 0, x[3] = {1.3, 0, 0};
    for (int i = -400; i <= 400; i++)
      for (int j = -400; j <= 400; j++) {
        x[1] = 0.01 * i, x[2] = 0.01 * j;
        const double w =
            exp(-Ns[t] * (ads_boltzmann_energy(&b, x, NULL) - ads_boltzmann_energy(&b, phi, NULL)));
        z += w, m1 += w * x[1];
      }
    for (int hmc = 0; hmc < 2; hmc++) {
      const ads_boltzmann_sample_opts o = {4, hmc ? 4000 : 20000, 500, hmc, Ns[t], 1.3};
      ads_boltzmann_sample_result r;
      TEST_OK(c, ads_boltzmann_sample_run(c, &b, &o, &r));
      near_in_errors(r.mean[1], r.error[1], m1 / z, hmc ? "hmc" : "gibbs");
      ads_boltzmann_sample_finish(&r);
    }
    off[t] = fabs(m1 / z - phi[1]) * Ns[t];
  }
  TEST_NEAR(off[1] / off[0], 1, 0.35); /* 1/N up to the next order, N = 4 against 64 */
  ads_boltzmann_finish(&b);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(refusals) {
  com_ctx *c = test_ctx();
  const double h[3] = {2, -30, 2};
  ads_boltzmann b;
  ads_boltzmann_sample_result r;
  TEST_FAILS(c, COM_E_CONFIG, "at least 2 layers",
             ads_boltzmann_from_h(c, ADS_BOLTZMANN_EXP, 1, 0.1, 1, h, 0, 0, NULL, &b));
  TEST_FAILS(c, COM_E_NUM, "no positive weight",
             ads_boltzmann_from_h(c, ADS_BOLTZMANN_EULER, 3, 0.1, 1, h, 0, 0, NULL, &b));
  TEST_FAILS(c, COM_E_CONFIG, "cut-off", ads_boltzmann_poincare(c, 3, 0, 1, 0, 0.1, 5, &b));
  TEST_OK(c,
          ads_boltzmann_from_h(c, ADS_BOLTZMANN_EXP, 3, 0.1, 1, (const double[]){2, 2, 2}, -8, 0, NULL, &b));
  TEST_FAILS(c, COM_E_CONFIG, "normalisable",
             ads_boltzmann_sample_run(c, &b, &(ads_boltzmann_sample_opts){2, 100, 10, 0, 1, NAN}, &r));
  ads_boltzmann_finish(&b);
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("boltzmann", ads2_kernel, recursion_is_elimination, energy_gradient, round_trip,
          saddle_is_the_network, sampled_two_point, quartic_and_large_N, refusals)
