/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../pieces.h"
#include <stdio.h>

enum { MOST = 600, NP = 6 }; /* theta[5], lambda */
static const double params[NP] = {4.17, -3.9, 2.3, 5.1, -1.7, 0.0731};
#define POLY "{\"type\":\"poly_t\",\"n\":5}"

/* A flow on its own, without dictionary. */
typedef struct bench {
  com_choice metric, bulk, choice;
  ads_flow *f;
} bench;

static void bench_bulk(com_ctx *c, bench *b, com_pool *pool, const char *metric, const char *bulk,
                       const char *flow) {
  b->metric = pieces_choice(c, &ads_metric_kind, metric);
  b->bulk = pieces_choice(c, &ads_bulk_kind, bulk);
  b->choice = pieces_choice(c, &ads_flow_kind, flow);
  ads_problem p = {.at = b->choice.shared, .pool = pool};
  ads_span span = {4, p.at->eta_uv, p.at->eta_ir};
  TEST_OK(c, ads_metric_bind(c, &b->metric, &span, &p.metric));
  TEST_OK(c, ads_bulk_bind(c, &b->bulk, &p.bulk));
  TEST_OK(c, ads_flow_create(c, &b->choice, &p, &b->f));
}
static void bench_open(com_ctx *c, bench *b, com_pool *pool, const char *metric, const char *flow) {
  bench_bulk(c, b, pool, metric, "{\"type\":\"scalar_phi4\"}", flow);
}
static void bench_close(bench *b) {
  ads_flow_destroy(b->f);
  com_field_choice_finish(&ads_metric_kind, &b->metric);
  com_field_choice_finish(&ads_bulk_kind, &b->bulk);
  com_field_choice_finish(&ads_flow_kind, &b->choice);
}

static void batch(size_t n, double *y) {
  for (size_t i = 0; i < n; i++) {
    y[i] = 0.11 + 0.37 * fmod(0.61803 * (double)i, 1);
    y[n + i] = -0.61 + 0.9 * fmod(0.41421 * (double)i, 1);
  }
}
static void weights(size_t n, double *lam) {
  for (size_t i = 0; i < 2 * n; i++) lam[i] = cos(0.7 * (double)i) + 0.2;
}

/* Everything a flow can say about a batch. */
typedef struct answer {
  double y1[2 * MOST], lam0[2 * MOST], g[NP], J[NP * MOST], lam0j[2 * MOST];
  unsigned char frozen[MOST];
} answer;
static void ask(com_ctx *c, bench *b, size_t n, const double *p, const double *y0, answer *a) {
  double lam1[2 * MOST];
  memset(a, 0, sizeof *a);
  weights(n, lam1);
  TEST_OK(c, ads_flow_forward(b->f, n, p, y0, a->y1, a->frozen, 1));
  TEST_OK(c, ads_flow_backward(b->f, lam1, a->lam0, a->g));
  TEST_OK(c, ads_flow_jacobian(b->f, lam1, a->lam0j, a->J));
}

/* arXiv:1802.08313 eq. (S.28): constant h, lambda = 0, for a general end point. */
START_TEST(constant_h_closed_form) {
  com_ctx *c = test_ctx();
  bench b;
  bench_open(c, &b, NULL, "{\"type\":\"poly_t\",\"n\":1}",
             "{\"type\":\"cvodes\",\"eta_uv\":1.07,\"eta_ir\":0.0931,\"rel_tol\":1e-12,\"abs_tol\":1e-14}");
  double p[2] = {4.713, 0}, y0[2] = {0.2385, -0.517}, y1[2], x = 0.0931 - 1.07, m2 = -3;
  unsigned char frozen;
  double root = sqrt(p[0] * p[0] + 4 * m2), lp = (-p[0] + root) / 2, lm = (-p[0] - root) / 2;
  double want =
      (lp * (y0[1] - lm * y0[0]) * exp(lp * x) + lm * (lp * y0[0] - y0[1]) * exp(lm * x)) / (lp - lm);
  TEST_OK(c, ads_flow_forward(b.f, 1, p, y0, y1, &frozen, 0));
  TEST_NEAR(y1[1] / want, 1, 1e-10);
  bench_close(&b);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(tolerances_are_honest) {
  com_ctx *c = test_ctx();
  static answer tight, a;
  enum { N = 60 };
  double y0[2 * N];
  batch(N, y0);
  const char *options[] = {"\"rel_tol\":1e-12,\"abs_tol\":1e-14", "\"rel_tol\":1e-8",
                           "\"rel_tol\":1e-8,\"method\":\"bdf\"",
                           "\"rel_tol\":1e-5,\"abs_tol\":1e-7,\"quad_control\":false"};
  const double error[] = {0, 1e-6, 1e-4, 1e-2};
  for (int k = 0; k < 4; k++) {
    char text[120];
    bench b;
    snprintf(text, sizeof text, "{\"type\":\"cvodes\",%s}", options[k]);
    bench_open(c, &b, NULL, POLY, text);
    ask(c, &b, N, params, y0, k ? &a : &tight);
    bench_close(&b);
    double worst = 0, top = 0;
    for (size_t j = 0; k && j < NP; j++) {
      worst = fmax(worst, fabs(a.g[j] - tight.g[j]));
      top = fmax(top, fabs(tight.g[j]));
    }
    ck_assert_msg(worst <= error[k] * top, "%s: gradient error %.2g", text, worst / top);
    if (k == 3) ck_assert_msg(worst > 1e-9 * top, "a loose tolerance made no difference");
  }
  com_ctx_destroy(c);
}
END_TEST

START_TEST(rows_add_up_to_the_gradient) {
  com_ctx *c = test_ctx();
  static answer a;
  enum { N = 77 };
  double y0[2 * N];
  bench b;
  bench_open(c, &b, NULL, POLY, "{\"type\":\"cvodes\",\"block\":20,\"rel_tol\":1e-11,\"abs_tol\":1e-13}");
  batch(N, y0);
  ask(c, &b, N, params, y0, &a);
  for (size_t j = 0; j < NP; j++) {
    double sum = 0;
    for (size_t i = 0; i < N; i++) sum += a.J[i * NP + j];
    TEST_NEAR(sum / a.g[j], 1, 1e-8);
  }
  for (size_t i = 0; i < 2 * N; i++) TEST_NEAR(a.lam0j[i], a.lam0[i], 1e-8);
  ads_flow_stats s;
  ads_flow_statistics(b.f, &s);
  ck_assert(s.forward_calls == 1 && s.backward_calls == 2 && s.checkpoints == 0);
  ck_assert(s.steps > 0 && s.rhs > s.steps && s.steps_back > 0 && s.rhs_back > s.steps_back);
  bench_close(&b);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(threads_give_the_same_bytes) {
  com_ctx *c = test_ctx();
  static answer a[3];
  enum { N = 301 };
  static double y0[2 * N];
  batch(N, y0);
  y0[17] = 71.3; /* one run-away as well */
  for (int k = 0; k < 3; k++) {
    com_pool *pool = NULL;
    bench b;
    if (k) TEST_OK(c, com_pool_create(c, k == 1 ? 1 : 2, &pool));
    bench_open(c, &b, pool, POLY, "{\"type\":\"cvodes\",\"block\":40}");
    ask(c, &b, N, params, y0, &a[k]);
    bench_close(&b);
    com_pool_destroy(pool);
  }
  ck_assert_int_eq(a[0].frozen[17], 1);
  ck_assert_mem_eq(&a[0], &a[1], sizeof a[0]);
  ck_assert_mem_eq(&a[0], &a[2], sizeof a[0]);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(memory_does_not_remember) {
  com_ctx *c = test_ctx();
  static answer kept, fresh;
  static const size_t size[] = {300, 7, 300, 41, 7, 600};
  static double y0[2 * MOST];
  bench b, f;
  bench_open(c, &b, NULL, POLY, "{\"type\":\"cvodes\",\"block\":100}");
  for (size_t k = 0; k < sizeof size / sizeof *size; k++) {
    double p[NP];
    memcpy(p, params, sizeof p);
    p[1] += 0.3 * (double)k;
    batch(size[k], y0);
    y0[0] += 0.05 * (double)k;
    if (k == 2) y0[3] = -80.7;
    bench_open(c, &f, NULL, POLY, "{\"type\":\"cvodes\",\"block\":100}");
    ask(c, &b, size[k], p, y0, &kept);
    ask(c, &f, size[k], p, y0, &fresh);
    bench_close(&f);
    ck_assert_mem_eq(&kept, &fresh, sizeof kept);
  }
  bench_close(&b);
  com_ctx_destroy(c);
}
END_TEST

/* A metric with knots: one smooth piece after the other, so that the result is as good as on a smooth one. */
START_TEST(knots_are_not_stepped_over) {
  com_ctx *c = test_ctx();
  enum { N = 9, NT = 9 };
  double y0[2 * N], y1[2 * N], ref[2 * N], lam[2 * N], g[NT + 1] = {0}, g_ref[NT + 1] = {0};
  double p[NT + 1] = {4.1, 3.2, 1.9, 0.4, -0.7, -0.3, 1.2, 4.4, 9.3, 0.0731};
  unsigned char frozen[N];
  batch(N, y0);
  weights(N, lam);
  bench b, r;
  const char *layers = "{\"type\":\"layers\",\"n\":9}";
  bench_open(c, &b, NULL, layers, "{\"type\":\"cvodes\",\"eta_ir\":0.1,\"rel_tol\":1e-11,\"abs_tol\":1e-13}");
  bench_open(c, &r, NULL, layers,
             "{\"type\":\"rk\",\"eta_ir\":0.1,\"n_steps\":1800}"); /* aligned with the knots */
  TEST_OK(c, ads_flow_forward(b.f, N, p, y0, y1, frozen, 1));
  TEST_OK(c, ads_flow_backward(b.f, lam, NULL, g));
  TEST_OK(c, ads_flow_forward(r.f, N, p, y0, ref, frozen, 1));
  TEST_OK(c, ads_flow_backward(r.f, lam, NULL, g_ref));
  for (size_t i = 0; i < 2 * N; i++) TEST_NEAR(y1[i], ref[i], 1e-9);
  for (size_t j = 0; j <= NT; j++) TEST_NEAR(g[j], g_ref[j], 1e-8);
  bench_close(&r);
  bench_close(&b);
  com_ctx_destroy(c);
}
END_TEST

/* ---- run-away samples ---- */

START_TEST(one_wild_sample_among_tame_ones) {
  com_ctx *c = test_ctx();
  static answer tame, mixed;
  enum { N = 250, WILD = 113 };
  static double y0[2 * N];
  ads_flow_stats before, after;
  bench b;
  bench_open(c, &b, NULL, POLY, "{\"type\":\"cvodes\",\"rel_tol\":1e-12,\"abs_tol\":1e-14}");
  batch(N, y0);
  y0[WILD] = y0[N + WILD] = 0;
  ask(c, &b, N, params, y0, &tame);
  ads_flow_statistics(b.f, &before);
  for (int k = 0; k < 6; k++) { /* blow-up at once, midway, late */
    y0[WILD] = 0.83 * pow(2.7, k);
    y0[N + WILD] = -2.9 * pow(2.7, k);
    ask(c, &b, N, params, y0, &mixed);
    int wild = mixed.frozen[WILD];
    ck_assert_msg(wild == (k >= 1), "amplitude %g: frozen %d, ends at %g", y0[WILD], wild,
                  mixed.y1[N + WILD]);
    for (size_t i = 0; i < N; i++) {
      if (i == WILD) continue;
      ck_assert_int_eq(mixed.frozen[i], 0);
      TEST_NEAR(mixed.y1[i], tame.y1[i], 1e-9);
      TEST_NEAR(mixed.y1[N + i], tame.y1[N + i], 1e-9);
      for (size_t j = 0; j < NP; j++) TEST_NEAR(mixed.J[i * NP + j], tame.J[i * NP + j], 1e-8);
    }
    if (!wild) continue;
    ck_assert(mixed.lam0[WILD] == 0 && mixed.lam0[N + WILD] == 0);
    ck_assert(fabs(mixed.y1[WILD]) <= 1e6 && fabs(mixed.y1[N + WILD]) <= 1e6 && mixed.y1[WILD] != 0);
    for (size_t j = 0; j < NP; j++) {
      ck_assert(mixed.J[WILD * NP + j] == 0);
      TEST_NEAR(mixed.g[j], tame.g[j], 1e-7);
    }
  }
  ads_flow_statistics(b.f, &after);
  /* A discarded attempt may come on top of the good one, nothing more. */
  ck_assert_msg(after.steps - before.steps < 6 * 4 * before.steps,
                "%ld steps with a wild sample, %ld without", (after.steps - before.steps) / 6, before.steps);
  bench_close(&b);
  com_ctx_destroy(c);
}
END_TEST

/* Half a block blows up, each sample at another place; a crawl through all the singularities would take for ever. */
START_TEST(many_wild_samples_cost_little) {
  com_ctx *c = test_ctx();
  enum { N = 250 };
  static answer a;
  static double y0[2 * N];
  ads_flow_stats tame, s;
  bench b;
  bench_open(c, &b, NULL, POLY, "{\"type\":\"cvodes\"}");
  batch(N, y0);
  ask(c, &b, N, params, y0, &a);
  ads_flow_statistics(b.f, &tame);
  for (size_t i = 0; i < N; i += 2) {
    y0[i] = 1 + 0.2 * (double)i;
    y0[N + i] = -5 - 0.9 * (double)i;
  }
  ask(c, &b, N, params, y0, &a);
  ads_flow_statistics(b.f, &s);
  size_t frozen = 0;
  for (size_t i = 0; i < N; i++) {
    ck_assert(isfinite(a.y1[i]) && isfinite(a.y1[N + i]) && isfinite(a.lam0[i]) && isfinite(a.lam0[N + i]));
    ck_assert(fabs(a.y1[i]) <= 1e6 && fabs(a.y1[N + i]) <= 1e6);
    if (i % 2) ck_assert_int_eq(a.frozen[i], 0);
    frozen += a.frozen[i];
  }
  for (size_t j = 0; j < NP; j++) ck_assert(isfinite(a.g[j]));
  ck_assert_uint_gt(frozen, 100);
  ck_assert_uint_lt(frozen, 125);
  ck_assert_msg(s.steps - tame.steps < 20 * tame.steps, "%ld steps instead of %ld", s.steps - tame.steps,
                tame.steps);
  bench_close(&b);
  com_ctx_destroy(c);
}
END_TEST

/* Through the edge: with growing amplitude the singularity enters the span at eta_ir. */
START_TEST(edge_of_running_away) {
  com_ctx *c = test_ctx();
  bench b;
  bench_open(c, &b, NULL, POLY, "{\"type\":\"cvodes\"}");
  double lo = 0.31, hi = 8.4, y0[2], y1[2];
  unsigned char frozen;
  for (int k = 0; k < 45; k++) { /* bisect on the flag */
    double mid = (lo + hi) / 2;
    y0[0] = mid;
    y0[1] = -3.5 * mid;
    TEST_OK(c, ads_flow_forward(b.f, 1, params, y0, y1, &frozen, 1));
    ck_assert(isfinite(y1[0]) && isfinite(y1[1]) && fabs(y1[0]) <= 1e6 && fabs(y1[1]) <= 1e6);
    *(frozen ? &hi : &lo) = mid;
  }
  y0[0] = lo;
  y0[1] = -3.5 * lo;
  TEST_OK(c, ads_flow_forward(b.f, 1, params, y0, y1, &frozen, 0));
  ck_assert_int_eq(frozen, 0);
  ck_assert_msg(fabs(y1[1]) > 1e3, "the last tame sample ends at pi = %g", y1[1]);
  bench_close(&b);
  com_ctx_destroy(c);
}
END_TEST

/* A sample on the brink (F = -2e5, rate 1e3) at the tightest tolerances: its integrals start at 0 with an integrand of 1e8. */
START_TEST(steep_integrals_start) {
  com_ctx *c = test_ctx();
  static const char *const flows[] = {
      "{\"type\":\"cvodes\",\"eta_uv\":1,\"eta_ir\":0.1,\"rel_tol\":1e-12,\"abs_tol\":1e-15}",
      "{\"type\":\"rk\",\"order\":8,\"grid\":\"log\",\"n_steps\":40000,\"eta_uv\":1,\"eta_ir\":0.1}"};
  double J[2][7], lam0[2][2];
  for (int k = 0; k < 2; k++) {
    pieces q;
    pieces_model(c, &q, NULL, "{\"type\":\"pole_poly\",\"n\":6}",
                 "{\"type\":\"scalar_phi4\",\"d\":3,\"m2\":-1}", "{\"type\":\"state\",\"order\":\"pi_phi\"}",
                 flows[k]);
    const double p[7] = {4.10728060270191,
                         1.6393914541539374,
                         1.1321320121257343,
                         3.7918886833151375,
                         -0.8324972292069036,
                         0.2235930538700329,
                         1};
    const double y0[2] = {0.4199159311099598, -0.1059798888710928}, lam1[2] = {0, 1};
    double y1[2];
    unsigned char frozen;
    ads_flow *f = ads_model_flow(q.m);
    TEST_OK(c, ads_flow_forward(f, 1, p, y0, y1, &frozen, 1));
    ck_assert_int_eq(frozen, 0);
    TEST_OK(c, ads_flow_jacobian(f, lam1, lam0[k], J[k]));
    pieces_finish(&q);
  }
  for (int j = 0; j < 7; j++) TEST_NEAR(J[0][j] / J[1][j], 1, 1e-6);
  for (int j = 0; j < 2; j++) TEST_NEAR(lam0[0][j] / lam0[1][j], 1, 1e-6);
  com_ctx_destroy(c);
}
END_TEST

/* The adjoint is linear, down to the weights that a saturated classifier gives: the same digits, 289 orders of magnitude below. */
START_TEST(tiny_weights) {
  com_ctx *c = test_ctx();
  enum { N = 7, DOWN = -960 };
  bench b;
  bench_open(c, &b, NULL, POLY, "{\"type\":\"cvodes\",\"rel_tol\":1e-11,\"abs_tol\":1e-14,\"block\":4}");
  double y0[2 * N], y1[2 * N], lam[2][2 * N], lam0[2][2 * N], g[2][NP] = {{0}};
  unsigned char frozen[N];
  batch(N, y0);
  weights(N, lam[0]);
  for (int i = 0; i < 2 * N; i++) lam[1][i] = ldexp(lam[0][i], DOWN);
  TEST_OK(c, ads_flow_forward(b.f, N, params, y0, y1, frozen, 1));
  for (int k = 0; k < 2; k++) TEST_OK(c, ads_flow_backward(b.f, lam[k], lam0[k], g[k]));
  for (int i = 0; i < 2 * N; i++) ck_assert_double_eq(ldexp(lam0[1][i], -DOWN), lam0[0][i]);
  for (int i = 0; i < NP; i++) ck_assert_double_eq(ldexp(g[1][i], -DOWN), g[0][i]);
  bench_close(&b);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(hopeless_starts_are_frozen) {
  com_ctx *c = test_ctx();
  bench b;
  bench_open(c, &b, NULL, POLY, "{\"type\":\"cvodes\",\"cap\":1e3}");
  double y0[8] = {0.2, 1e7, NAN, 0.31, -0.4, 2, 1, -INFINITY}, y1[8], lam[8] = {1, 1, 1, 1, 1, 1, 1, 1},
         lam0[8], g[NP] = {0};
  unsigned char frozen[4], want[4] = {0, 1, 1, 1};
  TEST_OK(c, ads_flow_forward(b.f, 4, params, y0, y1, frozen, 1));
  ck_assert_mem_eq(frozen, want, 4);
  for (size_t i = 0; i < 8; i++) ck_assert(fabs(y1[i]) <= 1e3);
  TEST_OK(c, ads_flow_backward(b.f, lam, lam0, g));
  for (size_t j = 0; j < NP; j++) ck_assert(isfinite(g[j]) && g[j] != 0);
  double nothing[8] = {0}, g0[NP] = {0};
  TEST_OK(c, ads_flow_backward(b.f, nothing, lam0, g0));
  for (size_t j = 0; j < NP; j++) ck_assert(g0[j] == 0);
  for (size_t i = 0; i < 8; i++) ck_assert(lam0[i] == 0);
  bench_close(&b);
  com_ctx_destroy(c);
}
END_TEST

/* phi^16 against the wall: the first step vanishes before any value is large.  The tame sample goes on as if alone. */
START_TEST(walls_are_frozen) {
  com_ctx *c = test_ctx();
  static const char flow[] = "{\"type\":\"cvodes\",\"eta_uv\":2,\"rel_tol\":1e-12,\"abs_tol\":1e-14}";
  const double p[] = {-21, 45, -22, 2, -0.75, 0.05, 16}, y0[] = {0.415, 1.3e-4, 0.34, -0.3, -0.7e-4, 0.2};
  const double alone[] = {y0[1], y0[4]};
  double y1[6], want[2];
  unsigned char frozen[3], tame;
  bench b;
  bench_bulk(c, &b, NULL, "{\"type\":\"pole_poly\",\"n\":4}", "{\"type\":\"scalar_power\",\"d\":2}", flow);
  TEST_OK(c, ads_flow_forward(b.f, 3, p, y0, y1, frozen, 0));
  ck_assert(frozen[0] && !frozen[1] && frozen[2]);
  TEST_OK(c, ads_flow_forward(b.f, 1, p, alone, want, &tame, 0));
  TEST_NEAR(y1[1] / want[0], 1,
            1e-8); /* the error norm is a mean over the batch: other steps, the same tolerance */
  TEST_NEAR(y1[4] / want[1], 1, 1e-8);
  bench_close(&b);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(failures_have_words) {
  com_ctx *c = test_ctx();
  bench b;
  double y0[2] = {0.2, -0.4}, y1[2], lam[2] = {0, 1}, J[NP];
  unsigned char frozen;
  bench_open(c, &b, NULL, POLY, "{\"type\":\"cvodes\"}");
  TEST_FAILS(c, COM_E_NUM, "without a recorded", ads_flow_backward(b.f, lam, NULL, NULL));
  TEST_OK(c, ads_flow_forward(b.f, 1, params, y0, y1, &frozen, 0));
  TEST_FAILS(c, COM_E_NUM, "without a recorded", ads_flow_jacobian(b.f, lam, NULL, J));
  ck_assert_str_eq(ads_flow_operations(b.f)->c.name, "cvodes");
  ck_assert_uint_eq(ads_flow_n_params(b.f), NP);
  ck_assert_ptr_null(ads_flow_problem(b.f)->pool);
  bench_close(&b);
  bench_open(c, &b, NULL, POLY, "{\"type\":\"cvodes\",\"max_steps\":12}");
  TEST_FAILS(c, COM_E_NUM, "flow.cvodes: CVODES: more than 12 steps in the forward pass",
             ads_flow_forward(b.f, 1, params, y0, y1, &frozen, 1));
  TEST_FAILS(c, COM_E_NUM, "without a recorded", ads_flow_backward(b.f, lam, NULL, NULL));
  bench_close(&b);
  bench_open(
      c, &b, NULL, POLY,
      "{\"type\":\"cvodes\",\"max_steps\":70,\"rel_tol_b\":1e-13,\"abs_tol_b\":1e-15,\"rel_tol\":1e-5}");
  TEST_OK(c, ads_flow_forward(b.f, 1, params, y0, y1, &frozen, 1));
  TEST_FAILS(c, COM_E_NUM, "in the backward pass", ads_flow_jacobian(b.f, lam, NULL, J));
  bench_close(&b);
  ads_flow_destroy(NULL);
  com_choice none = {0};
  ads_flow *f = NULL;
  ads_problem p = {0};
  TEST_FAILS(c, COM_E_CONFIG, "flow: missing", ads_flow_create(c, &none, &p, &f));
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("flow_cvodes", constant_h_closed_form, tolerances_are_honest, rows_add_up_to_the_gradient,
          threads_give_the_same_bytes, memory_does_not_remember, knots_are_not_stepped_over,
          one_wild_sample_among_tame_ones, many_wild_samples_cost_little, edge_of_running_away,
          steep_integrals_start, tiny_weights, hopeless_starts_are_frozen, walls_are_frozen,
          failures_have_words)
