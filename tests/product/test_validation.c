/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The exact statements of docs/validation.md that are not tested with a single module: closed forms through every flow, what
 * a linear force determines, symmetries of layered linear maps. */
#include "../pieces.h"
#include "common/linalg.h"

static const char *const flow_names[] = {"CVODES", "rk 8", "rk 4", "Euler"};
/* pi(eta_ir) of one state through a flow. */
static double pi_end(com_ctx *c, const char *metric, const char *bulk, const char *flow, const double *p,
                     double phi, double pi) {
  pieces q;
  ads_model_eval ev;
  pieces_model(c, &q, NULL, metric, bulk, "{\"type\":\"state\"}", flow);
  TEST_OK(c, ads_model_run_bulk(q.m, ADS_MODEL_VALUE, p, 1, &phi, &pi, &ev));
  const double v = ev.y1[1];
  pieces_finish(&q);
  return v;
}

static const struct {
  const char *flow;
  double tol;
} tight[] = {
    {"{\"type\":\"cvodes\",\"rel_tol\":1e-12,\"abs_tol\":1e-14,\"eta_uv\":%.17g,\"eta_ir\":%.17g}", 1e-9},
    {"{\"type\":\"rk\",\"order\":8,\"n_steps\":200,\"eta_uv\":%.17g,\"eta_ir\":%.17g}", 1e-11},
    {"{\"type\":\"rk\",\"n_steps\":4000,\"eta_uv\":%.17g,\"eta_ir\":%.17g}", 1e-11},
    {"{\"type\":\"resnet\",\"n_layers\":200000,\"eta_uv\":%.17g,\"eta_ir\":%.17g}", 2e-4}};
enum { N_TIGHT = sizeof tight / sizeof *tight };

/* 1802.08313 (S.28): h and m2 constant, no self-interaction. */
START_TEST(constant_h) {
  com_ctx *c = test_ctx();
  const double h = 3.7, m2 = -2.3, phi = 0.83, pi = -0.46, span = -0.93, p[2] = {h, 0};
  const double root = sqrt(h * h + 4 * m2), lp = (-h + root) / 2, lm = (-h - root) / 2;
  const double want =
      (lp * (pi - lm * phi) * exp(lp * span) + lm * (-pi + lp * phi) * exp(lm * span)) / (lp - lm);
  for (int k = 0; k < N_TIGHT; k++) {
    char flow[256];
    snprintf(flow, sizeof flow, tight[k].flow, 1.0, 0.07);
    const double got = pi_end(c, "{\"type\":\"poly_t\",\"n\":1}", "{\"type\":\"scalar_phi4\",\"m2\":-2.3}",
                              flow, p, phi, pi);
    TEST_SAY("constant h, %s: %.1e", flow_names[k], fabs(got / want - 1));
    TEST_NEAR(got / want, 1, tight[k].tol);
  }
  com_ctx_destroy(c);
}
END_TEST

/* Pure AdS, h = d: the field is a sum of exponentials exp(-D eta) with D (D - d) = m2. */
START_TEST(pure_ads) {
  com_ctx *c = test_ctx();
  const double d = 4, m2 = -3, p[2] = {d, 0};
  for (int k = 0; k < N_TIGHT; k++)
    for (int power = 0; power < 2; power++) {
      char flow[256];
      const double D = d / 2 + (power ? 1 : -1) * sqrt(d * d / 4 + m2), uv = 1.03, ir = 0.21;
      snprintf(flow, sizeof flow, tight[k].flow, uv, ir);
      const double got = pi_end(c, "{\"type\":\"poly_t\",\"n\":1}", "{\"type\":\"scalar_phi4\",\"m2\":-3}",
                                flow, p, exp(-D * uv), -D * exp(-D * uv));
      TEST_SAY("pure AdS, exponent %g, %s: %.1e", D, flow_names[k], fabs(got / (-D * exp(-D * ir)) - 1));
      TEST_NEAR(got / (-D * exp(-D * ir)), 1, tight[k].tol);
    }
  com_ctx_destroy(c);
}
END_TEST

/* x'' + (2/t) x' + x = 0 from the regular point: sin t / t.  A friction 1/t is a horizon. */
START_TEST(sinc) {
  com_ctx *c = test_ctx();
  const double t0 = 0.05, t1 = 7.3, x = sin(t0) / t0, v = (cos(t0) - x) / t0, p[1] = {0};
  const double want = (cos(t1) - sin(t1) / t1) / t1;
  for (int k = 0; k < N_TIGHT - 1; k++) {
    char flow[256];
    snprintf(flow, sizeof flow, tight[k].flow, t0, t1);
    const double got = pi_end(c, "{\"type\":\"pole_poly\",\"n\":1,\"pole\":-2}",
                              "{\"type\":\"friction\",\"potential\":\"harmonic\"}", flow, p, x, v);
    TEST_SAY("sin t / t, %s: %.1e", flow_names[k], fabs(got - want));
    TEST_NEAR(got, want, k == 0 ? 1e-9 : 1e-12);
  }
  com_ctx_destroy(c);
}
END_TEST

/* Damped oscillator: constant friction, harmonic force; the end velocity in closed form. */
START_TEST(oscillator) {
  com_ctx *c = test_ctx();
  const double g = 0.31, T = 9.7, x0 = 1.3, v0 = -0.4, w = sqrt(1 - g * g / 4), p[1] = {-g},
               e = exp(-g * T / 2);
  const double want = e * (v0 * cos(w * T) - (x0 + g * v0 / 2) / w * sin(w * T));
  for (int k = 0; k < N_TIGHT - 1; k++) {
    char flow[256];
    snprintf(flow, sizeof flow, tight[k].flow, 0.0, T);
    const double got = pi_end(c, "{\"type\":\"poly_t\",\"n\":1}",
                              "{\"type\":\"friction\",\"potential\":\"harmonic\"}", flow, p, x0, v0);
    TEST_SAY("damped oscillator, %s: %.1e", flow_names[k], fabs(got - want));
    TEST_NEAR(got, want, 1e-9);
  }
  com_ctx_destroy(c);
}
END_TEST

/* Singular values of d x'(T)/d h_j at 11 knots over points of the stop set: rank 1 for a linear force, full for a quartic one. */
static void singular(com_ctx *c, const char *bulk, double s[11]) {
  enum { N = 60, K = 11 };
  pieces q;
  double p[K], x[N], v[N], J[N * K];
  ads_model_eval ev;
  pieces_model(c, &q, NULL, "{\"type\":\"spline\",\"kind\":\"linear\",\"n\":11}", bulk,
               "{\"type\":\"state\"}", "{\"type\":\"rk\",\"n_steps\":400,\"eta_uv\":0,\"eta_ir\":10}");
  for (int j = 0; j < K; j++) p[j] = -(0.15 + 0.10 * sin(2 * acos(-1) * j / 10.0));
  double lo[N], hi[N], a[N];
  for (int i = 0; i < N; i++) x[i] = -2.4 + 4.8 * i / (N - 1) + 0.013, lo[i] = -4, hi[i] = 4;
  TEST_OK(c, ads_model_run_bulk(q.m, ADS_MODEL_VALUE, p, N, x, lo, &ev));
  memcpy(a, ev.F, sizeof a);
  for (int it = 0; it < 60;
       it++) { /* bisect to the stop set; a linear force has one root, a quartic one some */
    for (int i = 0; i < N; i++) v[i] = 0.5 * (lo[i] + hi[i]);
    TEST_OK(c, ads_model_run_bulk(q.m, ADS_MODEL_VALUE, p, N, x, v, &ev));
    for (int i = 0; i < N; i++) *(ev.F[i] * a[i] > 0 ? &lo[i] : &hi[i]) = v[i];
  }
  TEST_OK(c, ads_model_run_bulk(q.m, ADS_MODEL_JAC, p, N, x, v, &ev));
  memcpy(J, ev.Fp, sizeof J);
  TEST_OK(c, com_linalg_svd(c, N, K, J, s, NULL, NULL));
  pieces_finish(&q);
}

START_TEST(rank) {
  com_ctx *c = test_ctx();
  double s[11];
  singular(c, "{\"type\":\"friction\",\"potential\":\"harmonic\"}", s);
  TEST_SAY("harmonic force: singular values %.2g %.2g", s[0], s[1]);
  ck_assert_double_gt(s[0], 0.1);
  ck_assert_msg(s[1] / s[0] < 1e-10, "linear force: second singular value %.3g of the first", s[1] / s[0]);
  singular(c, "{\"type\":\"friction\",\"potential\":\"quartic\"}", s);
  TEST_SAY("quartic force: singular values %.2g %.2g %.2g %.2g %.2g %.2g %.2g %.2g %.2g %.2g %.2g", s[0],
           s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8], s[9], s[10]);
  ck_assert_msg(s[10] / s[0] > 1e-8, "quartic force: last singular value %.3g of the first", s[10] / s[0]);
  com_ctx_destroy(c);
}
END_TEST

/* ---- symmetries of layered linear maps (arXiv:2402.02362) ---- */

static double draw(unsigned *s) {
  *s = *s * 1664525u + 1013904223u;
  return (double)(*s >> 8) / (1 << 24) - 0.5;
}
static void multiply(const double *a, const double *b, double *out) {
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) {
      out[3 * i + j] = 0;
      for (int k = 0; k < 3; k++) out[3 * i + j] += a[3 * i + k] * b[3 * k + j];
    }
}

/* Layer x -> A_n x + B_n; A_n -> U_(n+1) A_n U_n^-1, B_n -> U_(n+1) B_n with U_0 = U_N = 1 leaves the end unchanged at any step. */
START_TEST(gauge) {
  enum { N = 50 };
  com_ctx *c = test_ctx();
  unsigned seed = 7;
  double x[3] = {0.83, -0.46, 0.31}, y[3], U[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1}, V[9];
  memcpy(y, x, sizeof y);
  for (int n = 0; n < N; n++) {
    double A[9], B[3], inv[9], t[9], G[9], xn[3], yn[3];
    for (int i = 0; i < 9; i++)
      A[i] = (i % 4 == 0) + 0.1 * draw(&seed),
      V[i] = n + 1 == N ? i % 4 == 0 : (i % 4 == 0) + 0.6 * draw(&seed);
    for (int i = 0; i < 3; i++) B[i] = 0.1 * draw(&seed);
    for (int j = 0; j < 3; j++) { /* columns of U^-1 */
      double M[9], e[3] = {j == 0, j == 1, j == 2};
      memcpy(M, U, sizeof M);
      TEST_OK(c, com_linalg_solve(c, 3, M, e));
      for (int i = 0; i < 3; i++) inv[3 * i + j] = e[i];
    }
    multiply(A, inv, t);
    multiply(V, t, G);
    for (int i = 0; i < 3; i++) {
      xn[i] = B[i], yn[i] = 0;
      for (int k = 0; k < 3; k++)
        xn[i] += A[3 * i + k] * x[k], yn[i] += G[3 * i + k] * y[k] + V[3 * i + k] * B[k];
    }
    memcpy(x, xn, sizeof x), memcpy(y, yn, sizeof y), memcpy(U, V, sizeof U);
  }
  TEST_SAY("gauge invariance of 50 layers: %.1e",
           fmax(fabs(y[0] - x[0]), fmax(fabs(y[1] - x[1]), fabs(y[2] - x[2]))));
  for (int i = 0; i < 3; i++) TEST_NEAR(y[i], x[i], 1e-14);
  com_ctx_destroy(c);
}
END_TEST

/* w' + w^2 = 0, b' + w b = 0 (straight characteristics): w = w0/(1 + w0 t), b = b0/(1 + w0 t), x(T) = x0 (1 + w0 T) + b0 T.
 * Also h' + h^2 = 0 of flat space, h = h0/(1 + h0 t), through the friction flow without force: the velocity grows as 1 + h0 t. */
START_TEST(hyperbola) {
  com_ctx *c = test_ctx();
  const double w0 = 0.46, b0 = 0.31, T = 1.7, x0 = 0.83;
  double x = x0;
  enum { N = 2000 };
  for (int n = 0; n < N; n++) { /* Heun with the hyperbola as weights */
    const double dt = T / N, t = n * dt, f = (w0 * x + b0) / (1 + w0 * t), y = x + dt * f,
                 g = (w0 * y + b0) / (1 + w0 * (t + dt));
    x += 0.5 * dt * (f + g);
  }
  TEST_SAY("transport hyperbola: %.1e", fabs(x - x0 * (1 + w0 * T) - b0 * T));
  TEST_NEAR(x, x0 * (1 + w0 * T) + b0 * T, 1e-11);
  /* h = 1/eta: v' = v/t from t = 0.4 to 2.1 with no force */
  const double p[1] = {0};
  const double got = pi_end(
      c, "{\"type\":\"pole_poly\",\"n\":1}", "{\"type\":\"friction\",\"potential\":\"harmonic\",\"k\":0}",
      "{\"type\":\"rk\",\"order\":8,\"n_steps\":60,\"eta_uv\":0.4,\"eta_ir\":2.1}", p, 0.2, 0.31);
  TEST_SAY("friction 1/t without force: %.1e", fabs(got - 0.31 * 2.1 / 0.4));
  TEST_NEAR(got, 0.31 * 2.1 / 0.4, 1e-12);
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("validation", constant_h, pure_ads, sinc, oscillator, rank, gauge, hyperbola)
