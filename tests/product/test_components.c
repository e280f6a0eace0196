/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every registered metric, penalty, dictionary and bulk equation: derivatives against fourth-order central differences. */
#include "../test.h"
#include "ads/bulk.h"
#include "ads/dictionary.h"
#include "ads/penalty.h"
#include "ads/model.h"
#include "common/rng.h"

enum { MAX = 256 };
static const ads_span span = {.d = 3.7, .eta_uv = 1.03, .eta_ir = 0.087};

static com_choice choose(com_ctx *c, const com_kind *k, const char *text) {
  cJSON *j = NULL;
  com_choice ch = {0};
  TEST_OK(c, com_json_parse(c, "test", text, strlen(text), &j));
  TEST_OK(c, com_field_choice_read(c, COM_E_CONFIG, k, "test", k->name, j, &ch));
  com_json_free(j);
  return ch;
}

static com_choice by_name(com_ctx *c, const com_kind *k, const char *name) {
  char text[96];
  snprintf(text, sizeof text, "{\"type\":\"%s\"}", name);
  return choose(c, k, text);
}

static double worst(double got, double want, double scale) { return fabs(got - want) / fmax(scale, 1e-300); }

/* f(x + s e) for s = -2..2 gives the fourth-order derivative. */
static double five(const double f[4], double e) { return (f[0] - 8 * f[1] + 8 * f[2] - f[3]) / (12 * e); }
static const double shift[4] = {-2, -1, 1, 2};

static void check_metric(com_ctx *c, const char *name, com_choice *ch) {
  ads_metric m;
  TEST_OK(c, ads_metric_bind(c, ch, &span, &m));
  double theta[MAX] = {0}, eta[5] = {0.9713, 0.6181, 0.4142, 0.2385, 0.1313}, h[5], dh[5], g[MAX], w[5],
         dw[5];
  com_rng *rng;
  TEST_OK(c, com_rng_create(c, 5, name, &rng));
  ads_metric_start(&m, rng, theta);
  for (int i = 0; i < 5; i++) w[i] = com_rng_normal(rng), dw[i] = com_rng_normal(rng);
  ads_metric_eval(&m, theta, 5, eta, h, dh);
  for (int i = 0; i < 5; i++) { /* dh against differences of h */
    double f[4], junk;
    for (int s = 0; s < 4; s++) {
      double x = eta[i] + shift[s] * 1e-4;
      ads_metric_eval(&m, theta, 1, &x, &f[s], &junk);
    }
    ck_assert_msg(worst(dh[i], five(f, 1e-4), fabs(dh[i]) + 1) < 1e-8,
                  "%s: h'(%g) = %.12g, differences %.12g", name, eta[i], dh[i], five(f, 1e-4));
  }
  memset(g, 0, sizeof g);
  ads_metric_vjp(&m, theta, 5, eta, w, dw, g);
  double jac[5 * MAX] = {0}, *J = m.n_theta * 5 <= 5 * MAX ? jac : NULL;
  ads_metric_jac(&m, theta, 5, eta, J);
  for (size_t k = 0; k < m.n_theta; k++) {
    double f[4], keep = theta[k], only_h = 0;
    for (int s = 0; s < 4; s++) {
      theta[k] = keep + shift[s] * 1e-4;
      ads_metric_eval(&m, theta, 5, eta, h, dh);
      f[s] = 0;
      for (int i = 0; i < 5; i++) f[s] += w[i] * h[i] + dw[i] * dh[i];
    }
    theta[k] = keep;
    ck_assert_msg(worst(g[k], five(f, 1e-4), fabs(g[k]) + 1) < 1e-7,
                  "%s: dl/dtheta[%zu] = %.12g, differences %.12g", name, k, g[k], five(f, 1e-4));
    double gw[MAX] = {0};
    ads_metric_vjp(&m, theta, 5, eta, w, NULL, gw);
    for (int i = 0; i < 5; i++) only_h += w[i] * jac[(size_t)i * m.n_theta + k];
    TEST_NEAR(gw[k], only_h, 1e-12);
  }
  com_rng_destroy(rng);
}

START_TEST(metrics) {
  com_ctx *c = test_ctx();
  for (const com_component *const *p = ads_metric_kind.all(); *p; p++) {
    com_choice ch = by_name(c, &ads_metric_kind, (*p)->name);
    check_metric(c, (*p)->name, &ch);
    com_field_choice_finish(&ads_metric_kind, &ch);
  }
  com_choice ch = choose(c, &ads_metric_kind, "{\"type\":\"mlp\",\"width\":5,\"depth\":3,\"pole\":0.7}");
  check_metric(c, "mlp of depth 3", &ch);
  com_field_choice_finish(&ads_metric_kind, &ch);
  ch = choose(c, &ads_metric_kind, "{\"type\":\"spline\",\"n\":7,\"kind\":\"linear\",\"pole\":0.7}");
  check_metric(c, "linear spline", &ch);
  com_field_choice_finish(&ads_metric_kind, &ch);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(metric_sizes) {
  com_ctx *c = test_ctx();
  static const char *const bad[] = {"{\"type\":\"layers\",\"n\":3,\"theta\":[1,2]}",
                                    "{\"type\":\"spline\",\"n\":3,\"theta\":[1,2]}",
                                    "{\"type\":\"spline\",\"n\":1}",
                                    "{\"type\":\"chebyshev\",\"n\":3,\"theta\":[1,2]}",
                                    "{\"type\":\"mlp\",\"theta\":[1,2]}",
                                    "{\"type\":\"schwarzschild\",\"theta\":[1.5]}"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    com_choice ch = choose(c, &ads_metric_kind, bad[i]);
    ads_metric m;
    TEST_FAILS(c, COM_E_CONFIG, "metric.", ads_metric_bind(c, &ch, &span, &m));
    com_field_choice_finish(&ads_metric_kind, &ch);
  }
  com_ctx_destroy(c);
}
END_TEST

/* Values at the places where they are known. */
START_TEST(metric_values) {
  com_ctx *c = test_ctx();
  com_choice ch = choose(c, &ads_metric_kind, "{\"type\":\"layers\",\"theta\":[2.5,1.25,-0.75,4.125]}");
  ads_metric m;
  TEST_OK(c, ads_metric_bind(c, &ch, &span, &m));
  const double *theta = ((const ads_metric_shared *)ch.shared)->theta.v,
               step = (span.eta_ir - span.eta_uv) / 4;
  for (int k = 0; k < 4; k++) { /* at a layer exactly the layer's value, whatever the rounding of eta */
    double eta = span.eta_uv + k * step, h;
    for (int ulp = -1; ulp <= 1; ulp++) {
      double x = ulp ? nextafter(eta, ulp * 10.0) : eta;
      ads_metric_eval(&m, theta, 1, &x, &h, NULL);
      ck_assert_double_eq(h, theta[k]);
    }
  }
  double mid = span.eta_uv + 1.25 * step, beyond = span.eta_ir + 0.01, h;
  ads_metric_eval(&m, theta, 1, &mid, &h, NULL);
  TEST_NEAR(h, 0.75 * 1.25 + 0.25 * -0.75, 1e-13);
  ads_metric_eval(&m, theta, 1, &beyond, &h, NULL);
  ck_assert_double_eq(h, 4.125);
  com_field_choice_finish(&ads_metric_kind, &ch);
  ch = choose(c, &ads_metric_kind, "{\"type\":\"schwarzschild\"}");
  TEST_OK(c, ads_metric_bind(c, &ch, &span, &m));
  double eta = 0.2385, dh;
  ads_metric_eval(&m, NULL, 1, &eta, &h, &dh);
  TEST_NEAR(dh + h * h, span.d * span.d, 1e-12);
  com_field_choice_finish(&ads_metric_kind, &ch);
  com_ctx_destroy(c);
}
END_TEST

static void check_penalty(com_ctx *c, const com_choice *pen, const ads_metric *m, const char *name) {
  double theta[MAX] = {0}, keep;
  com_rng *rng;
  TEST_OK(c, com_rng_create(c, 11, name, &rng));
  ads_metric_start(m, rng, theta);
  com_rng_destroy(rng);
  com_choices ps = {.n = 1, .v = (com_choice *)pen};
  size_t n = ads_penalty_count(&ps, m), nt = m->n_theta;
  double *r = calloc(4 * n + 1, sizeof *r), *J = calloc(n * nt + 1, sizeof *J);
  TEST_OK(c, ads_penalty_eval(c, &ps, m, theta, r, J));
  for (size_t k = 0; k < nt; k++) {
    keep = theta[k];
    for (int s = 0; s < 4; s++) {
      theta[k] = keep + shift[s] * 1e-4;
      TEST_OK(c, ads_penalty_eval(c, &ps, m, theta, r + (size_t)s * n, NULL));
    }
    theta[k] = keep;
    for (size_t i = 0; i < n; i++) {
      double f[4] = {r[i], r[n + i], r[2 * n + i], r[3 * n + i]}, got = J[i * nt + k];
      ck_assert_msg(worst(got, five(f, 1e-4), fabs(got) + 1) < 1e-5,
                    "%s, %s: J[%zu][%zu] = %.12g, differences %.12g", pen->type->name, name, i, k, got,
                    five(f, 1e-4));
    }
  }
  free(r), free(J);
}

START_TEST(penalties) {
  com_ctx *c = test_ctx();
  for (const com_component *const *p = ads_penalty_kind.all(); *p; p++)
    for (const com_component *const *q = ads_metric_kind.all(); *q; q++) {
      com_choice pen = by_name(c, &ads_penalty_kind, (*p)->name),
                 ch = by_name(c, &ads_metric_kind, (*q)->name);
      ads_metric m;
      TEST_OK(c, ads_metric_bind(c, &ch, &span, &m));
      check_penalty(c, &pen, &m, (*q)->name);
      com_field_choice_finish(&ads_penalty_kind, &pen);
      com_field_choice_finish(&ads_metric_kind, &ch);
    }
  com_ctx_destroy(c);
}
END_TEST

static double penalty_of(com_ctx *c, const char *pen, const char *metric, const double *theta) {
  com_choice pc = choose(c, &ads_penalty_kind, pen), ch = choose(c, &ads_metric_kind, metric);
  com_choices ps = {.n = 1, .v = &pc};
  ads_metric m;
  double r[256], sum = 0;
  TEST_OK(c, ads_metric_bind(c, &ch, &span, &m));
  TEST_OK(c, ads_penalty_eval(c, &ps, &m, theta ? theta : ((const ads_metric_shared *)ch.shared)->theta.v, r,
                              NULL));
  for (size_t i = 0; i < ads_penalty_count(&ps, &m); i++) sum += r[i] * r[i];
  com_field_choice_finish(&ads_penalty_kind, &pc);
  com_field_choice_finish(&ads_metric_kind, &ch);
  return sum;
}

START_TEST(penalty_values) {
  com_ctx *c = test_ctx();
  const double none = 0;
  /* The black hole solves Einstein's equation and saturates the null energy condition. */
  ck_assert_double_lt(
      penalty_of(c, "{\"type\":\"einstein\",\"weight\":1}", "{\"type\":\"schwarzschild\"}", &none), 1e-20);
  ck_assert_double_lt(penalty_of(c, "{\"type\":\"nec\",\"weight\":1}", "{\"type\":\"schwarzschild\"}", &none),
                      1e-3);
  /* h = 1/eta + 2: u = (2/eta) e^(-2 eta), N = -1/eta^2 (1 - e^(-4 eta)) < 0 everywhere. */
  ck_assert_double_lt(
      penalty_of(c, "{\"type\":\"nec\",\"weight\":1}", "{\"type\":\"pole_poly\",\"theta\":[2]}", NULL),
      1e-20);
  /* h = 1/eta - 2: N = (e^(4 eta) - 1)/eta^2 > 0. */
  double sum = 0;
  for (int k = 0; k < 32; k++) {
    double eta = span.eta_ir + (span.eta_uv - span.eta_ir) * k / 31, N = (exp(4 * eta) - 1) / (eta * eta);
    sum += N * N / 32;
  }
  TEST_NEAR(
      penalty_of(c, "{\"type\":\"nec\",\"weight\":1}", "{\"type\":\"pole_poly\",\"theta\":[-2]}", NULL) / sum,
      1, 1e-12);
  /* Layers: sums by hand, weight multiplies P. */
  const char *layers = "{\"type\":\"layers\",\"theta\":[2.5,1.25,-0.75]}";
  double step = (span.eta_ir - span.eta_uv) / 3, e1 = span.eta_uv + step, e2 = e1 + step;
  TEST_NEAR(penalty_of(c, "{\"type\":\"smooth\",\"weight\":0.3}", layers, NULL),
            0.3 * (pow(span.eta_uv, 4) * 1.25 * 1.25 + pow(e1, 4) * 4), 1e-13);
  TEST_NEAR(penalty_of(c, "{\"type\":\"ir_pole\",\"weight\":0.3}", layers, NULL),
            0.3 * pow(-0.75 - 1 / e2, 2), 1e-13);
  TEST_NEAR(penalty_of(c, "{\"type\":\"second_difference\",\"weight\":0.3}", layers, NULL), 0.3 * 0.75 * 0.75,
            1e-13);
  TEST_NEAR(
      penalty_of(c, "{\"type\":\"einstein\",\"weight\":0.3}", layers, NULL),
      0.3 * (pow(-1.25 / step + 6.25 - span.d * span.d, 2) + pow(-2 / step + 1.5625 - span.d * span.d, 2)),
      1e-13);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(dictionaries) {
  com_ctx *c = test_ctx();
  const double s[3] = {0.31, -0.72, 1.13}, r[3] = {0.58, 0.27, -0.44};
  for (const com_component *const *p = ads_dictionary_kind.all(); *p; p++) {
    const ads_dictionary_ops *ops = (const ads_dictionary_ops *)(const void *)*p;
    com_choice ch = by_name(c, &ads_dictionary_kind, (*p)->name);
    double par[4] = {0.83, -0.46, 0, 0}, jac[9][6] = {{0}};
    ads_uv at = {.d = 4, .m2 = -1.7, .lambda = 0.37, .eta_uv = 0.91, .h_uv = 3.3};
    ops->uv_jac(ch.opts, par, &at, 3, s, r, jac[0], jac[1], ops->n_par ? jac[5] : NULL, jac[2], jac[3]);
    if (ops->uv_m2) ops->uv_m2(ch.opts, par, &at, 3, s, r, jac[4]);
    for (size_t k = 0; k < 5 + ops->n_par; k++) {
      if (k == 4 && !ops->uv_m2) continue;
      double y[4][6], *const where[] = {NULL, NULL, &at.lambda, &at.h_uv, &at.m2, &par[0], &par[1]}, e = 1e-3;
      for (int t = 0; t < 4; t++) {
        double S[3], R[3];
        for (int i = 0; i < 3; i++)
          S[i] = s[i] + (k == 0 ? shift[t] * e : 0), R[i] = r[i] + (k == 1 ? shift[t] * e : 0);
        if (where[k]) *where[k] += shift[t] * e;
        ck_assert_int_eq(ops->uv(ch.opts, par, &at, 3, S, R, y[t]), 0);
        if (where[k]) *where[k] -= shift[t] * e;
      }
      for (int i = 0; i < 6; i++) {
        double f[4] = {y[0][i], y[1][i], y[2][i], y[3][i]};
        ck_assert_msg(fabs(jac[k][i] - five(f, e)) < 1e-9,
                      "%s: derivative %zu, entry %d: %.12g, differences %.12g", (*p)->name, k, i, jac[k][i],
                      five(f, e));
      }
    }
    com_field_choice_finish(&ads_dictionary_kind, &ch);
  }
  com_choice ch = by_name(c, &ads_dictionary_kind, "generic");
  const ads_dictionary_ops *ops = (const ads_dictionary_ops *)(const void *)ch.type;
  TEST_FAILS(c, COM_E_CONFIG, "Breitenlohner", ops->check(c, ch.opts, 4, -4.2));
  com_field_choice_finish(&ads_dictionary_kind, &ch);
  com_ctx_destroy(c);
}
END_TEST

/* phi' = pi at the boundary for the dictionaries that are a map in eta (constant falloffs). */
START_TEST(dictionary_slope) {
  com_ctx *c = test_ctx();
  com_choice ch = by_name(c, &ads_dictionary_kind, "generic");
  const ads_dictionary_ops *ops = (const ads_dictionary_ops *)(const void *)ch.type;
  double s = 0.42, r = -1.3, y[4][2], at0[2];
  ads_uv at = {.d = 3, .m2 = -1, .lambda = 1, .eta_uv = 0.91, .h_uv = 3};
  ops->uv(NULL, NULL, &at, 1, &s, &r, at0);
  for (int t = 0; t < 4; t++) {
    ads_uv a = at;
    a.eta_uv += shift[t] * 1e-3;
    ops->uv(NULL, NULL, &a, 1, &s, &r, y[t]);
  }
  const double f[4] = {y[0][0], y[1][0], y[2][0], y[3][0]};
  TEST_NEAR(at0[1], five(f, 1e-3), 1e-10);
  com_field_choice_finish(&ads_dictionary_kind, &ch);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(bulks) {
  com_ctx *c = test_ctx();
  enum { N = 5, MAX_KAPPA = 16 };
  for (const com_component *const *p = ads_bulk_kind.all(); *p; p++) {
    const ads_bulk_ops *ops = (const ads_bulk_ops *)(const void *)*p;
    com_choice ch = by_name(c, &ads_bulk_kind, (*p)->name);
    double y[2 * N], lam[2 * N], fy[2 * N], fh[N], fk[MAX_KAPPA * N], f[4][2 * N], kappa[MAX_KAPPA], h = 1.7;
    static const double some[] = {0.37, -2.1, 0.8, 0.5};
    ck_assert_uint_le(ops->n_kappa, MAX_KAPPA);
    for (size_t k = 0; k < ops->n_kappa; k++)
      kappa[k] = ops->kappa[k].draw == ADS_DRAW_LOGUNIFORM ? 1.13 * ops->kappa[k].a : some[k % 4];
    ck_assert_uint_eq(ops->dim, 2);
    for (int i = 0; i < 2 * N; i++) y[i] = sin(1.3 * i + 0.4), lam[i] = cos(2.1 * i + 0.2);
    ops->vjp(ch.opts, kappa, 0.6, h, N, y, lam, fy, fh, fk);
    for (size_t k = 0; k < 3 + ops->n_kappa; k++) { /* phi, pi, h, kappa */
      double *x = k == 2 ? &h : k > 2 ? &kappa[k - 3] : NULL;
      for (int t = 0; t < 4; t++) {
        for (int i = 0; k < 2 && i < N; i++) y[k * N + (size_t)i] += shift[t] * 1e-3;
        if (x) *x += shift[t] * 1e-3;
        ck_assert_int_eq(ops->rhs(ch.opts, kappa, 0.6, h, N, y, f[t]), 0);
        for (int i = 0; k < 2 && i < N; i++) y[k * N + (size_t)i] -= shift[t] * 1e-3;
        if (x) *x -= shift[t] * 1e-3;
      }
      for (size_t i = 0; i < N; i++) {
        double v[4], got = k < 2 ? fy[k * N + i] : k == 2 ? fh[i] : fk[(k - 3) * N + i];
        for (int t = 0; t < 4; t++) v[t] = lam[i] * f[t][i] + lam[N + i] * f[t][N + i];
        ck_assert_msg(fabs(got - five(v, 1e-3)) < 1e-9 * (1 + fabs(got)),
                      "%s: vjp %zu: %.12g, differences %.12g", (*p)->name, k, got, five(v, 1e-3));
      }
    }
    if (ops->cubic) { /* the declared cubic oscillator is the right-hand side */
      double q[3], dq[12];
      ops->cubic(ch.opts, kappa, q, dq);
      ops->rhs(ch.opts, kappa, 0.6, h, N, y, f[0]);
      for (size_t i = 0; i < N; i++)
        TEST_NEAR(f[0][N + i], q[0] * h * y[N + i] + q[1] * y[i] + q[2] * pow(y[i], 3), 1e-14);
      for (size_t k = 0; k < ops->n_kappa; k++) {
        double up[3], down[3], junk[12];
        kappa[k] += 1e-3, ops->cubic(ch.opts, kappa, up, junk), kappa[k] -= 2e-3;
        ops->cubic(ch.opts, kappa, down, junk), kappa[k] += 1e-3;
        for (size_t j = 0; j < 3; j++) TEST_NEAR(dq[j * ops->n_kappa + k], (up[j] - down[j]) / 2e-3, 1e-9);
      }
    }
    com_field_choice_finish(&ads_bulk_kind, &ch);
  }
  com_ctx_destroy(c);
}
END_TEST

/* The mass enters the flow, the horizon condition and the dictionary: all model derivatives by differences, for the linear
 * and the generic map, and the batch gradient against the Jacobian. */
START_TEST(mass_and_map) {
  com_ctx *c = test_ctx();
  const char *const maps[] = {"{\"type\":\"linear\"}", "{\"type\":\"generic\"}"};
  for (int k = 0; k < 2; k++) {
    com_choice metric = choose(c, &ads_metric_kind, "{\"type\":\"layers\",\"n\":4}");
    com_choice bulk = choose(c, &ads_bulk_kind, "{\"type\":\"scalar_massive\"}");
    com_choice map = choose(c, &ads_dictionary_kind, maps[k]);
    com_choice flow = choose(c, &ads_flow_kind, "{\"type\":\"resnet\",\"n_layers\":4,\"ir\":\"horizon\"}");
    const ads_model_parts parts = {&metric, &bulk, &map, &flow};
    ads_model *m = NULL;
    TEST_OK(c, ads_model_create(c, &parts, NULL, &m));
    const size_t np = ads_model_n_params(m);
    double p[8] = {3.1, 2.4, 1.7, 2.9, 1.3, 0.21, 0.4, -0.3}, s[3] = {0.31, 0.62, 0.93},
           r[3] = {0.28, 0.55, 0.71};
    double J[24], g[8] = {0}, w[3] = {0.7, -1.1, 0.4};
    ads_model_eval ev;
    TEST_OK(c, ads_model_run(m, ADS_MODEL_JAC, p, 3, s, r, &ev));
    memcpy(J, ev.Fp, 3 * np * sizeof *J);
    TEST_OK(c, ads_model_run(m, ADS_MODEL_F, p, 3, s, r, &ev));
    TEST_OK(c, ads_model_gradient(m, w, g));
    for (size_t j = 0; j < np; j++) {
      double f[3][4], keep = p[j], sum = 0;
      for (int t = 0; t < 4; t++) {
        p[j] = keep + shift[t] * 1e-3;
        TEST_OK(c, ads_model_run(m, ADS_MODEL_VALUE, p, 3, s, r, &ev));
        for (int i = 0; i < 3; i++) f[i][t] = ev.F[i];
      }
      p[j] = keep;
      for (size_t i = 0; i < 3; i++) {
        TEST_NEAR(J[i * np + j], five(f[i], 1e-3), 1e-8);
        sum += w[i] * J[i * np + j];
      }
      TEST_NEAR(g[j], sum, 1e-12);
    }
    ads_model_destroy(m);
    com_field_choice_finish(&ads_metric_kind, &metric);
    com_field_choice_finish(&ads_bulk_kind, &bulk);
    com_field_choice_finish(&ads_dictionary_kind, &map);
    com_field_choice_finish(&ads_flow_kind, &flow);
  }
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("components", metrics, metric_sizes, metric_values, penalties, penalty_values, dictionaries,
          dictionary_slope, bulks, mass_and_map)
