/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fixed-step flows: closed forms, orders, exact gradients, fused against generic kernels, blocks, threads, freezing. */
#include "../test.h"
#include "../simd.h"
#include "ads/flow.h"
#include "ads/flow_fixed_simd.c"

enum { NT = 4, NMAX = 64 };

/* A problem whose parts are owned here, so that a test can swap the fused kernels out. */
typedef struct rig {
  com_ctx *c;
  com_choice metric, bulk, flow;
  ads_bulk_ops plain; /* the bulk without `cubic` */
  ads_problem p;
  com_pool *pool;
  ads_flow *f;
} rig;

static com_choice choose(com_ctx *c, const com_kind *k, const char *text) {
  cJSON *j = NULL;
  com_choice ch = {0};
  TEST_OK(c, com_json_parse(c, "test", text, strlen(text), &j));
  TEST_OK(c, com_field_choice_read(c, COM_E_CONFIG, k, "test", k->name, j, &ch));
  com_json_free(j);
  return ch;
}

static com_status try_make(rig *r, const char *metric, const char *bulk, const char *flow, int fused,
                           int threads) {
  memset(r, 0, sizeof *r);
  r->c = test_ctx();
  r->metric = choose(r->c, &ads_metric_kind, metric);
  r->bulk = choose(r->c, &ads_bulk_kind, bulk);
  r->flow = choose(r->c, &ads_flow_kind, flow);
  const ads_flow_shared *at = r->flow.shared;
  TEST_OK(r->c, ads_bulk_bind(r->c, &r->bulk, &r->p.bulk));
  const ads_span span = {.d = r->p.bulk.ops->d(r->bulk.opts), .eta_uv = at->eta_uv, .eta_ir = at->eta_ir};
  TEST_OK(r->c, ads_metric_bind(r->c, &r->metric, &span, &r->p.metric));
  r->plain = *r->p.bulk.ops;
  r->plain.cubic = NULL;
  if (!fused) r->p.bulk.ops = &r->plain;
  if (threads) TEST_OK(r->c, com_pool_create(r->c, threads, &r->pool));
  r->p.at = at, r->p.pool = r->pool;
  return ads_flow_create(r->c, &r->flow, &r->p, &r->f);
}

static void make(rig *r, const char *metric, const char *bulk, const char *flow, int fused, int threads) {
  com_status st = try_make(r, metric, bulk, flow, fused, threads);
  ck_assert_msg(st == COM_OK, "%s", com_ctx_error(r->c));
}

static void drop(rig *r) {
  ads_flow_destroy(r->f);
  com_pool_destroy(r->pool);
  com_field_choice_finish(&ads_metric_kind, &r->metric);
  com_field_choice_finish(&ads_bulk_kind, &r->bulk);
  com_field_choice_finish(&ads_flow_kind, &r->flow);
  com_ctx_destroy(r->c);
}

static const char *const phi4 = "{\"type\":\"scalar_phi4\"}";
static const char *const poly = "{\"type\":\"pole_poly\",\"n\":4}";
static const double params[NT + 1] = {-1.7, -3.1, 6.4, 1.2, 0.83}; /* theta, lambda */

static void data(size_t n, double *y) {
  for (size_t i = 0; i < n; i++)
    y[i] = 0.31 * sin(1.7 * (double)i + 0.3), y[n + i] = 0.52 * cos(2.3 * (double)i + 0.1);
}

/* Constant h, lambda = 0: (S.28) of 1802.08313, pi at eta = 0, here between any two eta. */
static double closed_form(double h, double m2, double span, double phi, double pi) {
  const double root = sqrt(h * h + 4 * m2), lp = (-h + root) / 2, lm = (-h - root) / 2;
  return (lp * (pi - lm * phi) * exp(lp * span) + lm * (-pi + lp * phi) * exp(lm * span)) / (lp - lm);
}

START_TEST(constant_h) {
  const char *const flows[] = {
      "{\"type\":\"rk\",\"n_steps\":400,\"eta_ir\":0.1}",
      "{\"type\":\"rk\",\"order\":5,\"n_steps\":120,\"eta_ir\":0.1}",
      "{\"type\":\"rk\",\"order\":8,\"n_steps\":24,\"eta_ir\":0.1}",
      "{\"type\":\"rk\",\"order\":8,\"n_steps\":24,\"grid\":\"log\",\"eta_ir\":0.1}"};
  const double tol[] = {1e-10, 1e-10, 1e-12, 1e-10}, p[2] = {3.7, 0};
  for (int k = 0; k < 4; k++) {
    rig r;
    double y0[2] = {0.83, -0.46}, y1[2];
    unsigned char frozen;
    make(&r, "{\"type\":\"poly_t\",\"n\":1}", "{\"type\":\"scalar_phi4\",\"m2\":-2.3}", flows[k], 1, 0);
    TEST_OK(r.c, ads_flow_forward(r.f, 1, p, y0, y1, &frozen, 0));
    TEST_NEAR(y1[1], closed_form(3.7, -2.3, -0.9, 0.83, -0.46), tol[k]);
    drop(&r);
  }
}
END_TEST

static double pi_ir(const char *metric, const char *bulk, const char *form, int n, const double *p,
                    double phi, double pi) {
  rig r;
  char flow[200];
  double y0[2] = {phi, pi}, y1[2];
  unsigned char frozen;
  snprintf(flow, sizeof flow, form, n);
  make(&r, metric, bulk, flow, 1, 0);
  TEST_OK(r.c, ads_flow_forward(r.f, 1, p, y0, y1, &frozen, 0));
  ck_assert_int_eq(frozen, 0);
  drop(&r);
  return y1[1];
}

/* Observed order from three resolutions against a tight reference. */
static double order_of(const char *metric, const char *form, int n, double exact, const double *p) {
  const double a = fabs(pi_ir(metric, phi4, form, n, p, 0.31, 0.52) - exact);
  const double b = fabs(pi_ir(metric, phi4, form, 2 * n, p, 0.31, 0.52) - exact);
  return log2(a / b);
}

START_TEST(orders) {
  const char *const smooth = "{\"type\":\"poly_t\",\"n\":4}";
  /* Order 5 is measured at the pole: along the smooth solution its error changes sign. */
  const double q[NT + 1] = {3.9, -1.1, 2.3, 0.7, 0.83};
  const double exact =
      pi_ir(smooth, phi4, "{\"type\":\"rk\",\"order\":8,\"eta_ir\":0.4,\"n_steps\":%d}", 300, q, 0.31, 0.52);
  const double pole =
      pi_ir(poly, phi4, "{\"type\":\"rk\",\"order\":8,\"grid\":\"log\",\"eta_ir\":1e-3,\"n_steps\":%d}", 3000,
            params, 0.31, 0.52);
  const struct {
    const char *metric, *form;
    int n;
    double exact, lo, hi;
  } cases[] = {
      {smooth, "{\"type\":\"resnet\",\"eta_ir\":0.4,\"n_layers\":%d}", 2000, exact, 0.98, 1.02},
      {smooth, "{\"type\":\"resnet\",\"rule\":\"euler_new\",\"eta_ir\":0.4,\"n_layers\":%d}", 2000, exact,
       0.98, 1.02},
      {smooth, "{\"type\":\"rk\",\"eta_ir\":0.4,\"n_steps\":%d}", 24, exact, 3.9, 4.1},
      {poly, "{\"type\":\"rk\",\"grid\":\"log\",\"eta_ir\":1e-3,\"order\":5,\"n_steps\":%d}", 400, pole, 4.7,
       5.3},
      {smooth, "{\"type\":\"rk\",\"eta_ir\":0.4,\"order\":8,\"n_steps\":%d}", 5, exact, 7.5, 8.5},
      /* a 1/eta pole, eta down to 1e-3: the log grid keeps the order, the uniform one loses it */
      {poly, "{\"type\":\"rk\",\"grid\":\"log\",\"eta_ir\":1e-3,\"n_steps\":%d}", 160, pole, 3.85, 4.15},
      {poly, "{\"type\":\"rk\",\"order\":8,\"grid\":\"log\",\"eta_ir\":1e-3,\"n_steps\":%d}", 24, pole, 7.2,
       8.8},
      {poly, "{\"type\":\"rk\",\"eta_ir\":1e-3,\"n_steps\":%d}", 160, pole, -9, 3}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    const double got = order_of(cases[k].metric, cases[k].form, cases[k].n, cases[k].exact,
                                cases[k].metric == poly ? params : q);
    TEST_SAY("order %.3f, %s, n = %d: %s", got, cases[k].metric == poly ? "pole" : "smooth h", cases[k].n,
             cases[k].form);
    ck_assert_msg(got > cases[k].lo && got < cases[k].hi, "%s: observed order %.3f, want %g to %g",
                  cases[k].form, got, cases[k].lo, cases[k].hi);
  }
}
END_TEST

/* x'' + (2/t) x' + x = 0 from rest is sin(t)/t: a friction with a horizon-like pole. */
START_TEST(sinc) {
  const char *const friction = "{\"type\":\"friction\",\"potential\":\"harmonic\"}";
  const char *const pole = "{\"type\":\"pole_poly\",\"n\":1,\"pole\":-2}";
  const double t0 = 0.05, t1 = 7.3, p[1] = {0}, x = sin(t0) / t0, v = (cos(t0) - x) / t0;
  const double want = (cos(t1) - sin(t1) / t1) / t1;
  TEST_NEAR(
      pi_ir(pole, friction,
            "{\"type\":\"rk\",\"order\":8,\"grid\":\"log\",\"eta_uv\":0.05,\"eta_ir\":7.3,\"n_steps\":%d}",
            160, p, x, v),
      want, 1e-11);
  TEST_NEAR(pi_ir(pole, friction,
                  "{\"type\":\"rk\",\"grid\":\"log\",\"eta_uv\":0.05,\"eta_ir\":7.3,\"n_steps\":%d}", 2000, p,
                  x, v),
            want, 1e-9);
}
END_TEST

/* l = sum_i (a_i phi1_i + b_i pi1_i): gradient against differences, Jacobian against gradient, fused against generic. */
static void check_gradient(const char *flow, size_t n) {
  double y0[2 * NMAX], y1[2 * NMAX], z1[2 * NMAX], lam[2 * NMAX], lam0[2 * NMAX], lamj[2 * NMAX],
      g[NT + 1] = {0}, gz[NT + 1] = {0};
  double J[NMAX * (NT + 1)], p[NT + 1];
  unsigned char frozen[NMAX];
  rig r, z;
  data(n, y0);
  for (size_t i = 0; i < 2 * n; i++) lam[i] = cos(0.7 * (double)i);
  make(&r, poly, phi4, flow, 1, 0);
  make(&z, poly, phi4, flow, 0, 0);
  TEST_OK(r.c, ads_flow_forward(r.f, n, params, y0, y1, frozen, 1));
  TEST_OK(r.c, ads_flow_backward(r.f, lam, lam0, g));
  TEST_OK(r.c, ads_flow_jacobian(r.f, lam, lamj, J));
  TEST_OK(z.c, ads_flow_forward(z.f, n, params, y0, z1, frozen, 1));
  TEST_OK(z.c, ads_flow_backward(z.f, lam, lamj, gz));
  for (size_t i = 0; i < 2 * n; i++) {
    TEST_NEAR(y1[i], z1[i], 1e-12);
    TEST_NEAR(lam0[i], lamj[i], 1e-11);
  }
  for (size_t k = 0; k <= NT; k++) {
    double sum = 0, f[4];
    for (size_t i = 0; i < n; i++) sum += J[i * (NT + 1) + k];
    TEST_NEAR(sum, g[k], 1e-11);
    TEST_NEAR(gz[k], g[k], 1e-11);
    for (int t = 0; t < 4; t++) {
      const double shift[4] = {-2, -1, 1, 2};
      memcpy(p, params, sizeof p);
      p[k] += shift[t] * 1e-3;
      TEST_OK(r.c, ads_flow_forward(r.f, n, p, y0, y1, frozen, 0));
      f[t] = 0;
      for (size_t i = 0; i < 2 * n; i++) f[t] += lam[i] * y1[i];
    }
    TEST_NEAR(g[k], (f[0] - 8 * f[1] + 8 * f[2] - f[3]) / 12e-3, 1e-9);
  }
  for (size_t i = 0; i < 2 * n; i += 5) { /* dl/dy0 */
    double f[2];
    for (int t = 0; t < 2; t++) {
      const double keep = y0[i];
      y0[i] += t ? -1e-5 : 1e-5;
      TEST_OK(r.c, ads_flow_forward(r.f, n, params, y0, y1, frozen, 0));
      y0[i] = keep, f[t] = 0;
      for (size_t j = 0; j < 2 * n; j++) f[t] += lam[j] * y1[j];
    }
    TEST_NEAR(lam0[i], (f[0] - f[1]) / 2e-5, 1e-7);
  }
  drop(&r), drop(&z);
}

START_TEST(gradients) {
  const char *const flows[] = {"{\"type\":\"resnet\",\"n_layers\":15,\"block\":16}",
                               "{\"type\":\"resnet\",\"n_layers\":15,\"rule\":\"euler_new\"}",
                               "{\"type\":\"rk\",\"n_steps\":21,\"block\":16}",
                               "{\"type\":\"rk\",\"n_steps\":21,\"grid\":\"log\"}",
                               "{\"type\":\"rk\",\"order\":5,\"n_steps\":13,\"block\":24}",
                               "{\"type\":\"rk\",\"order\":8,\"n_steps\":7,\"grid\":\"log\"}"};
  for (level = 0; level < TEST_LEVELS; level++)
    for (size_t k = 0; k < sizeof flows / sizeof *flows; k++) check_gradient(flows[k], 37);
  check_gradient(flows[2], 1);
  check_gradient(flows[3], 8);
}
END_TEST

/* Same bytes on one and on three threads, and when a batch is integrated twice. */
START_TEST(threads) {
  enum { N = 1000 };
  double *y0 = malloc(2 * N * sizeof *y0), *y1 = malloc(4 * N * sizeof *y1),
         *lam = malloc(2 * N * sizeof *lam);
  unsigned char frozen[N];
  double g[2][NT + 1] = {{0}};
  data(N, y0);
  for (size_t i = 0; i < 2 * N; i++) lam[i] = sin(0.3 * (double)i);
  for (int t = 0; t < 2; t++) {
    rig r;
    make(&r, poly, phi4, "{\"type\":\"rk\",\"n_steps\":60,\"block\":64}", 1,
         t ? 3 : 0); /* enough to be shared */
    for (int again = 0; again < 2; again++) {
      memset(g[t], 0, sizeof g[t]);
      TEST_OK(r.c, ads_flow_forward(r.f, N, params, y0, y1 + 2 * N * t, frozen, 1));
      TEST_OK(r.c, ads_flow_backward(r.f, lam, NULL, g[t]));
    }
    ads_flow_stats st;
    ads_flow_statistics(r.f, &st);
    ck_assert_int_eq(st.forward_calls, 2);
    ck_assert_int_eq(st.rhs, 480);
    drop(&r);
  }
  ck_assert_int_eq(memcmp(y1, y1 + 2 * N, 2 * N * sizeof *y1), 0);
  ck_assert_int_eq(memcmp(g[0], g[1], sizeof g[0]), 0);
  free(y0), free(y1), free(lam);
}
END_TEST

/* A run-away sample keeps its last admissible state, has no gradient, and does not disturb its neighbours. */
START_TEST(freezing) {
  const char *const flows[] = {"{\"type\":\"rk\",\"n_steps\":40,\"cap\":1e3}",
                               "{\"type\":\"resnet\",\"n_layers\":60,\"cap\":1e3}",
                               "{\"type\":\"rk\",\"order\":8,\"n_steps\":40,\"cap\":1e3}"};
  for (int k = 0; k < 6 * TEST_LEVELS; k++) {
    level = k / 6;
    rig r;
    double y0[6] = {0.31, 9.7, 0.22, 0.52, -14.1, -0.13}, y1[6], ref0[4] = {0.31, 0.22, 0.52, -0.13}, ref1[4],
           lam0[6];
    double lam[6] = {1, 1, 1, 1, 1, 1}, g[NT + 1] = {0}, gr[NT + 1] = {0}, J[3 * (NT + 1)];
    unsigned char frozen[3];
    make(&r, poly, phi4, flows[k % 6 / 2], k % 2, 0);
    TEST_OK(r.c, ads_flow_forward(r.f, 2, params, ref0, ref1, frozen, 1));
    TEST_OK(r.c, ads_flow_backward(r.f, lam, NULL, gr));
    ck_assert_int_eq(frozen[0] | frozen[1], 0);
    TEST_OK(r.c, ads_flow_forward(r.f, 3, params, y0, y1, frozen, 1));
    ck_assert_int_eq(frozen[0], 0);
    ck_assert_int_eq(frozen[1], 1);
    ck_assert_int_eq(frozen[2], 0);
    ck_assert_double_eq(y1[0], ref1[0]);
    ck_assert_double_eq(y1[5], ref1[3]);
    ck_assert(fabs(y1[1]) <= 1e3 && fabs(y1[4]) <= 1e3 && (fabs(y1[1]) > 9 || fabs(y1[4]) > 14));
    TEST_OK(r.c, ads_flow_backward(r.f, lam, lam0, g));
    ck_assert_double_eq(lam0[1], 0);
    ck_assert_double_eq(lam0[4], 0);
    for (size_t j = 0; j <= NT; j++) TEST_NEAR(g[j], gr[j], 1e-12);
    TEST_OK(r.c, ads_flow_jacobian(r.f, lam, NULL, J));
    for (size_t j = 0; j <= NT; j++) ck_assert_double_eq(J[NT + 1 + j], 0);
    drop(&r);
  }
}
END_TEST

/* One value per layer is piecewise constant in a network: by hand for 4 and for 8 layers over 4 values; a Runge-Kutta flow
 * sees straight lines between the nodes instead. */
START_TEST(layer_values) {
  const double p[NT + 1] = {2.5, 1.25, -0.75, 4.125, 0.83};
  for (int n = 4; n <= 8; n += 4) {
    double phi = 0.31, pi = 0.52, step = (1.0 / 15 - 1) / n;
    for (int k = 0; k < n; k++) {
      const double h = p[k * 4 / n], up = pi - step * (h * pi + 3 * phi - p[4] * phi * phi * phi);
      phi += step * pi, pi = up;
    }
    TEST_NEAR(pi_ir("{\"type\":\"layers\",\"n\":4}", phi4, "{\"type\":\"resnet\",\"n_layers\":%d}", n, p,
                    0.31, 0.52),
              pi, 1e-13);
  }
  const double many = pi_ir("{\"type\":\"layers\",\"n\":4}", phi4, "{\"type\":\"resnet\",\"n_layers\":%d}",
                            400000, p, 0.31, 0.52);
  const double lines =
      pi_ir("{\"type\":\"layers\",\"n\":4}", phi4, "{\"type\":\"rk\",\"n_steps\":%d}", 4000, p, 0.31, 0.52);
  ck_assert_double_gt(fabs(many - lines), 0.01);
}
END_TEST

START_TEST(bad_options) {
  rig r;
  TEST_FAILS(r.c, COM_E_CONFIG, "flow.order = 6",
             try_make(&r, poly, phi4, "{\"type\":\"rk\",\"order\":6}", 1, 0));
  drop(&r);
  make(&r, poly, phi4, "{\"type\":\"rk\",\"n_steps\":3}", 1, 0);
  double y[2] = {0.1, 0.2}, g[NT + 1];
  unsigned char frozen;
  TEST_OK(r.c, ads_flow_forward(r.f, 1, params, y, y, &frozen, 0));
  TEST_FAILS(r.c, COM_E_NUM, "without a taped", ads_flow_backward(r.f, y, NULL, g));
  drop(&r);
}
END_TEST

TEST_MAIN("flow_fixed", constant_h, orders, sinc, gradients, threads, freezing, layer_values, bad_options)
