/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/ode.h"
#include "common/ode_simd.h"
#include "../test.h"

/* n damped Duffing oscillators, SoA: x' = v, v' = -b v - a x + e x^3, parameters p = (a, b, e); t runs either way. */
typedef struct duffing {
  size_t n;
  double p[3];
  double fail_below;
  int fail_code, per_sample;
} duffing;

static int rhs(double t, const double *y, double *f, void *user) {
  const duffing *d = user;
  size_t n = d->n;
  if (d->fail_code && t < d->fail_below) return d->fail_code;
  for (size_t i = 0; i < n; i++) {
    f[i] = y[n + i];
    f[n + i] = -d->p[1] * y[n + i] - d->p[0] * y[i] + d->p[2] * y[i] * y[i] * y[i];
  }
  return 0;
}
static int adj(double t, const double *y, const double *lam, double *out, void *user) {
  const duffing *d = user;
  size_t n = d->n;
  (void)t;
  for (size_t i = 0; i < n; i++) {
    out[i] = -(-d->p[0] + 3 * d->p[2] * y[i] * y[i]) * lam[n + i];
    out[n + i] = -(lam[i] - d->p[1] * lam[n + i]);
  }
  return 0;
}
static int quad(double t, const double *y, const double *lam, double *q, void *user) {
  const duffing *d = user;
  size_t n = d->n, stride = d->per_sample ? n : 1;
  (void)t;
  if (!d->per_sample) q[0] = q[1] = q[2] = 0;
  for (size_t i = 0; i < n; i++) {
    double fp[3] = {-y[i], -y[n + i], y[i] * y[i] * y[i]};
    for (size_t k = 0; k < 3; k++) {
      if (d->per_sample) q[k * stride + i] = 0;
      q[k * stride + (d->per_sample ? i : 0)] += lam[n + i] * fp[k];
    }
  }
  return 0;
}

enum { N = 23 };
static const com_ode_opts tight = {
    .rel_tol = 1e-12, .abs_tol = 1e-14, .quad_control = 1, .max_steps = 100000};

static void starts(size_t n, double *y) {
  for (size_t i = 0; i < n; i++) {
    y[i] = 0.2385 + 0.0713 * (double)i / (double)n;
    y[n + i] = -0.417 + 0.61 * (double)i / (double)n;
  }
}
/* l = sum_i w_i x_i(t1) + u_i v_i(t1) with some weights. */
static double weight(size_t k) { return 0.37 + 0.083 * (double)(k % 7) - 0.11 * (double)(k % 3); }
static double value(com_ctx *c, const duffing *d, const double *y0, double t0, double t1) {
  com_ode *o;
  double y1[2 * N], s = 0;
  duffing copy = *d;
  TEST_OK(c, com_ode_create(c, &tight, rhs, NULL, NULL, &copy, &o));
  TEST_OK(c, com_ode_forward(o, 2 * d->n, t0, t1, y0, y1, 0));
  for (size_t k = 0; k < 2 * d->n; k++) s += weight(k) * y1[k];
  com_ode_destroy(o);
  return s;
}

/* Closed form without the cubic term: x = e^(-b t/2) (A cos w t + B sin w t). */
START_TEST(matches_closed_form) {
  com_ctx *c = test_ctx();
  duffing d = {.n = 1, .p = {2.3, 0.417, 0}};
  double w = sqrt(d.p[0] - d.p[1] * d.p[1] / 4), y0[2] = {0.2385, -0.731}, y1[2];
  com_ode *o;
  TEST_OK(c, com_ode_create(c, &tight, rhs, adj, quad, &d, &o));
  for (int dir = -1; dir <= 1; dir += 2) {
    double t = dir * 1.873, a = y0[0], b = (y0[1] + d.p[1] / 2 * a) / w;
    TEST_OK(c, com_ode_forward(o, 2, 0, t, y0, y1, 0));
    TEST_NEAR(y1[0], exp(-d.p[1] / 2 * t) * (a * cos(w * t) + b * sin(w * t)), 1e-10);
  }
  com_ode_opts bdf = tight;
  bdf.bdf = 1;
  bdf.rel_tol = 1e-9;
  com_ode *s;
  double yb[2];
  TEST_OK(c, com_ode_create(c, &bdf, rhs, NULL, NULL, &d, &s));
  TEST_OK(c, com_ode_forward(s, 2, 0, 1.873, y0, yb, 0));
  TEST_NEAR(yb[0], y1[0], 1e-6);
  com_ode_destroy(s);
  com_ode_destroy(o);
  com_ctx_destroy(c);
}
END_TEST

/* Adjoint against 4th-order central differences in both directions of time, summed and per-sample quadratures, on one tape. */
START_TEST(adjoint_matches_differences) {
  com_ctx *c = test_ctx();
  duffing d = {.n = N, .p = {-1.31, 0.617, 0.83}};
  double y0[2 * N], y1[2 * N], lam1[2 * N], lam0[2 * N], lam0j[2 * N], q[3], qj[3 * N], again[3];
  starts(N, y0);
  for (size_t k = 0; k < 2 * N; k++) lam1[k] = weight(k);
  for (int dir = 0; dir < 2; dir++) {
    double t0 = dir ? 0.1 : 1, t1 = dir ? 1 : 0.1;
    com_ode *o;
    TEST_OK(c, com_ode_create(c, &tight, rhs, adj, quad, &d, &o));
    TEST_OK(c, com_ode_forward(o, 2 * N, t0, t1, y0, y1, 1));
    TEST_OK(c, com_ode_backward(o, lam1, 1, lam0, 3, q));
    d.per_sample = 1;
    TEST_OK(c, com_ode_backward(o, lam1, 1, lam0j, 3 * N, qj));
    d.per_sample = 0;
    TEST_OK(c, com_ode_backward(o, lam1, 1, NULL, 3, again));
    ck_assert_mem_eq(q, again, sizeof q);
    for (size_t k = 0; k < 3; k++) {
      double e = 1e-3, v[4], sum = 0, step[4] = {2, 1, -1, -2};
      for (int m = 0; m < 4; m++) {
        duffing s = d;
        s.p[k] += step[m] * e;
        v[m] = value(c, &s, y0, t0, t1);
      }
      TEST_NEAR(q[k], (-v[0] + 8 * v[1] - 8 * v[2] + v[3]) / (12 * e), 1e-9);
      for (size_t i = 0; i < N; i++) sum += qj[k * N + i];
      TEST_NEAR(sum, q[k], 1e-9);
    }
    for (size_t k = 0; k < 2 * N; k += 11) {
      double e = 1e-3, v[4], y[2 * N], step[4] = {2, 1, -1, -2};
      for (int m = 0; m < 4; m++) {
        memcpy(y, y0, sizeof y);
        y[k] += step[m] * e;
        v[m] = value(c, &d, y, t0, t1);
      }
      TEST_NEAR(lam0[k], (-v[0] + 8 * v[1] - 8 * v[2] + v[3]) / (12 * e), 1e-9);
      TEST_NEAR(lam0j[k], lam0[k], 1e-9);
    }
    com_ode_destroy(o);
  }
  com_ctx_destroy(c);
}
END_TEST

/* Other lengths, other quadratures, other data in between: same bytes as a fresh object. */
START_TEST(reuse_equals_fresh) {
  com_ctx *c = test_ctx();
  com_ode *kept;
  duffing d = {.n = N, .p = {-1.31, 0.617, 0.83}};
  com_ode_opts opts = {.rel_tol = 1e-8, .abs_tol = 1e-10, .quad_control = 1, .max_steps = 5000};
  TEST_OK(c, com_ode_create(c, &opts, rhs, adj, quad, &d, &kept));
  for (int round = 0; round < 6; round++) {
    d.n = round % 3 == 2 ? 5 : N;
    size_t n = d.n, nq = 3;
    double y0[2 * N], y1[2][2 * N], lam1[2 * N], lam0[2][2 * N], q[2][3 * N];
    starts(n, y0);
    y0[1] += 0.1 * round;
    d.per_sample = round % 2;
    if (d.per_sample) nq *= n;
    for (size_t k = 0; k < 2 * n; k++) lam1[k] = weight(k);
    com_ode *fresh;
    TEST_OK(c, com_ode_create(c, &opts, rhs, adj, quad, &d, &fresh));
    for (int f = 0; f < 2; f++) {
      com_ode *o = f ? fresh : kept;
      TEST_OK(c, com_ode_forward(o, 2 * n, 1, 0.1, y0, y1[f], 1));
      TEST_OK(c, com_ode_backward(o, lam1, 1, lam0[f], nq, q[f]));
    }
    ck_assert_mem_eq(y1[0], y1[1], 2 * n * sizeof(double));
    ck_assert_mem_eq(lam0[0], lam0[1], 2 * n * sizeof(double));
    ck_assert_mem_eq(q[0], q[1], nq * sizeof(double));
    com_ode_destroy(fresh);
  }
  com_ode_destroy(kept);
  com_ctx_destroy(c);
}
END_TEST

/* A long oscillation takes thousands of steps: the tape must grow and the gradient stay right. */
START_TEST(tape_grows) {
  com_ctx *c = test_ctx();
  duffing d = {.n = 1, .p = {1.7, 0.013, 0}};
  double y0[2] = {0.2385, -0.731}, y1[2], lam1[2] = {1, 0}, lam0[2], q[3], t1 = 61.7;
  com_ode *o;
  com_ode_stats s;
  TEST_OK(c, com_ode_create(c, &tight, rhs, adj, quad, &d, &o));
  TEST_OK(c, com_ode_forward(o, 2, 0, t1, y0, y1, 1));
  com_ode_statistics(o, &s);
  ck_assert_int_gt(s.steps, 1000);
  ck_assert_int_eq(s.checkpoints, 0);
  TEST_OK(c, com_ode_backward(o, lam1, 1, lam0, 3, q));
  double w = sqrt(d.p[0] - d.p[1] * d.p[1] / 4), damp = exp(-d.p[1] / 2 * t1);
  TEST_NEAR(lam0[0], damp * (cos(w * t1) + d.p[1] / 2 / w * sin(w * t1)), 1e-8);
  TEST_NEAR(lam0[1], damp * sin(w * t1) / w, 1e-8);
  com_ode_destroy(o);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(path_matches_forward) {
  com_ctx *c = test_ctx();
  duffing d = {.n = 2, .p = {-1.31, 0.617, 0.83}};
  double y0[4], y1[4], t[5] = {1, 0.83, 0.4417, 0.4417, 0.1}, y[20];
  starts(2, y0);
  com_ode *o;
  TEST_OK(c, com_ode_create(c, &tight, rhs, NULL, NULL, &d, &o));
  TEST_OK(c, com_ode_path(o, 4, 5, t, y0, y));
  for (size_t k = 0; k < 5; k++) {
    memcpy(y1, y0, sizeof y1);
    if (k) TEST_OK(c, com_ode_forward(o, 4, 1, t[k], y0, y1, 0));
    for (size_t i = 0; i < 4; i++) TEST_NEAR(y[4 * k + i], y1[i], 1e-10);
  }
  com_ode_destroy(o);
  com_ctx_destroy(c);
}
END_TEST

/* Backward absolute tolerances follow the scale: a loss a million times smaller gives the same gradient, a million times smaller. */
START_TEST(scale_of_the_backward_pass) {
  com_ctx *c = test_ctx();
  duffing d = {.n = N, .p = {-1.31, 0.617, 0.83}};
  double y0[2 * N], y1[2 * N], lam[2 * N], small[2 * N], q[3], qs[3];
  const double f = 0x1p-20;
  starts(N, y0);
  for (size_t k = 0; k < 2 * N; k++) small[k] = f * (lam[k] = weight(k));
  com_ode_opts opts = {.rel_tol = 1e-7, .abs_tol = 1e-9, .quad_control = 1, .max_steps = 5000};
  com_ode *o;
  TEST_OK(c, com_ode_create(c, &opts, rhs, adj, quad, &d, &o));
  TEST_OK(c, com_ode_forward(o, 2 * N, 1, 0.1, y0, y1, 1));
  TEST_OK(c, com_ode_backward(o, lam, 1, NULL, 3, q));
  TEST_OK(c, com_ode_backward(o, small, f, NULL, 3, qs));
  for (size_t k = 0; k < 3; k++) TEST_NEAR(qs[k] / f, q[k], 1e-12);
  com_ode_destroy(o);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(failures_have_words) {
  com_ctx *c = test_ctx();
  duffing d = {.n = 1, .p = {1.7, 0.3, 0}, .fail_below = 0.5};
  double y0[2] = {0.2385, -0.731}, y1[2], lam[2] = {1, 0};
  com_ode_opts few = {.rel_tol = 1e-10, .abs_tol = 1e-12, .max_steps = 9};
  com_ode *o;
  TEST_OK(c, com_ode_create(c, &few, rhs, adj, quad, &d, &o));
  TEST_FAILS(c, COM_E_NUM, "max_steps", com_ode_forward(o, 2, 100, 1, y0, y1, 0));
  TEST_FAILS(c, COM_E_NUM, "max_steps", com_ode_forward(o, 2, 100, 1, y0, y1, 1));
  ck_assert_ptr_nonnull(strstr(com_ode_error(o), "more than 9 steps"));
  TEST_FAILS(c, COM_E_NUM, "without a recorded", com_ode_backward(o, lam, 1, NULL, 0, NULL));
  com_ode_destroy(o);
  TEST_OK(c, com_ode_create(c, &tight, rhs, adj, NULL, &d, &o));
  d.fail_code = -1;
  TEST_FAILS(c, COM_E_NUM, "gave up in the forward pass", com_ode_forward(o, 2, 1, 0.1, y0, y1, 0));
  TEST_FAILS(c, COM_E_NUM, "gave up in the forward pass", com_ode_forward(o, 2, 1, 0.1, y0, y1, 1));
  d.fail_code = 1;
  TEST_FAILS(c, COM_E_NUM, "t = 0.5", com_ode_forward(o, 2, 1, 0.1, y0, y1, 0));
  TEST_OK(c, com_ode_forward(o, 2, 1, 0.7, y0, y1, 0)); /* and works again afterwards */
  TEST_FAILS(c, COM_E_NUM, "without a recorded", com_ode_backward(o, lam, 1, NULL, 0, NULL));
  TEST_OK(c, com_ode_forward(o, 2, 1, 0.7, y0, y1, 1));
  TEST_FAILS(c, COM_E_NUM, "without an adjoint", com_ode_backward(o, lam, 1, NULL, 3, y1));
  com_ode_destroy(o);
  com_ode_destroy(NULL);
  char version[64];
  com_ode_library(version, sizeof version);
  ck_assert_int_eq(strncmp(version, "SUNDIALS ", 9), 0);
  ck_assert(version[9] >= '6' && version[9] <= '9');
  com_ctx_destroy(c);
}
END_TEST

START_TEST(kernels_match_scalar_code) {
  enum { M = 53 };
  double x[M], y[M], z[M], w[M], dot = 0, sum = 0, sq = 0, top = 0, least = 1e9;
  for (size_t i = 0; i < M; i++) {
    x[i] = sin(1.7 * (double)i + 0.3) - 0.2;
    y[i] = cos(0.9 * (double)i) + 1.7;
  }
  for (size_t i = 0; i < M; i++) {
    dot += x[i] * y[i];
    sum += x[i];
    sq += x[i] * y[i] * x[i] * y[i];
    top = fmax(top, fabs(x[i]));
    least = fmin(least, x[i]);
  }
  TEST_NEAR(com_ode_simd_dot(M, x, y), dot, 1e-14);
  TEST_NEAR(com_ode_simd_sum(M, x), sum, 1e-14);
  TEST_NEAR(com_ode_simd_sum_squares(M, x, y), sq, 1e-14);
  ck_assert(com_ode_simd_max_abs(M, x) == top);
  ck_assert(com_ode_simd_min(M, x) == least);
  const double *v[3] = {x, y, z}, k[3] = {0.3, -1.7, 2.1};
  com_ode_simd_axpby(M, 0.7, x, -1.3, y, z);
  for (size_t i = 0; i < M; i++) TEST_NEAR(z[i], 0.7 * x[i] - 1.3 * y[i], 1e-15);
  memcpy(w, z, sizeof w);
  com_ode_simd_combine(M, 3, k, v, z); /* in place */
  for (size_t i = 0; i < M; i++) TEST_NEAR(z[i], 0.3 * x[i] - 1.7 * y[i] + 2.1 * w[i], 1e-14);
  const double *five[5] = {x, y, w, y, x}, kk[5] = {0.3, -1.7, 2.1, 0.9, -0.45};
  for (size_t m = 1; m <= 5; m++) {
    double v5[M];
    com_ode_simd_combine(M, m, kk, five, v5);
    for (size_t i = 0; i < M; i++) {
      double want = 0;
      for (size_t j = 0; j < m; j++) want += kk[j] * five[j][i];
      TEST_NEAR(v5[i], want, 1e-14);
    }
  }
  com_ode_simd_axpby(M, 0.7, x, -1.3, z, z);
  for (size_t i = 0; i < M; i++)
    TEST_NEAR(z[i], 0.7 * x[i] - 1.3 * (0.3 * x[i] - 1.7 * y[i] + 2.1 * w[i]), 1e-14);
  com_ode_simd_abs(M, x, z);
  com_ode_simd_inverse(M, y, w);
  com_ode_simd_product(M, z, w, z);
  com_ode_simd_shift(M, 0.4, z, z);
  com_ode_simd_scale(M, -2, z, z);
  com_ode_simd_quotient(M, z, y, z);
  for (size_t i = 0; i < M; i++) TEST_NEAR(z[i], -2 * (fabs(x[i]) / y[i] + 0.4) / y[i], 1e-15);
  ck_assert_int_eq(com_ode_simd_above(M, 1.2, x), 0);
  ck_assert_int_eq(com_ode_simd_above(M, 0.99 * top, x), 1);
  x[M - 1] = NAN;
  ck_assert_int_eq(com_ode_simd_above(M, 1.2, x), 1);
  com_ode_simd_fill(M, 3.5, x);
  ck_assert(com_ode_simd_sum(M, x) == 3.5 * M);
}
END_TEST

TEST_MAIN("ode", matches_closed_form, adjoint_matches_differences, reuse_equals_fresh, tape_grows,
          path_matches_forward, scale_of_the_backward_pass, failures_have_words, kernels_match_scalar_code)
