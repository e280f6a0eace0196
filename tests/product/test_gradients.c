/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every metric x bulk equation x flow that is registered: the adjoint gradient, the initial-value gradient and the per-sample
 * Jacobian against fourth-order central differences of the same flow. */
#include "../pieces.h"
#include <stdio.h>

enum { N = 7, MAX_P = 128, MAX_Y = 8 * N };

typedef struct setup {
  com_choice metric, bulk, flow;
  ads_flow *f;
  size_t np, nt, ny;
  double p[MAX_P], y0[MAX_Y], lam1[MAX_Y];
  double reach
      [MAX_P]; /* steps of the differences, relative to the usual one: couplings drawn small act strongly */
  char name[100];
} setup;

/* Deterministic, irregular numbers in (-1, 1). */
static double noise(size_t i, size_t stream) {
  return 2 * fmod(0.6180339887 * (double)(i + 1) + 0.3711 * (double)stream, 1) - 1;
}

static void setup_open(com_ctx *c, setup *s, const char *metric, const char *bulk, const ads_flow_ops *flow,
                       const char *ir) {
  char text[240];
  snprintf(s->name, sizeof s->name, "%s x %s x %s", metric, bulk, flow->c.name);
  snprintf(text, sizeof text, "{\"type\":\"%s\"}", metric);
  s->metric = pieces_choice(c, &ads_metric_kind, text);
  snprintf(text, sizeof text, "{\"type\":\"%s\"}", bulk);
  s->bulk = pieces_choice(c, &ads_bulk_kind, text);
  /* A flow that is exact only to its tolerance gets a tight one. */
  snprintf(text, sizeof text,
           "{\"type\":\"%s\",\"eta_uv\":0.9713,\"eta_ir\":0.3187,\"block\":3,\"ir\":\"%s\"%s}", flow->c.name,
           ir, flow->exact_gradient ? "" : ",\"rel_tol\":1e-12,\"abs_tol\":1e-14,\"rel_tol_b\":1e-12");
  s->flow = pieces_choice(c, &ads_flow_kind, text);
  ads_problem p = {.at = s->flow.shared};
  ads_span span = {4, p.at->eta_uv, p.at->eta_ir};
  TEST_OK(c, ads_metric_bind(c, &s->metric, &span, &p.metric));
  TEST_OK(c, ads_bulk_bind(c, &s->bulk, &p.bulk));
  TEST_OK(c, ads_flow_create(c, &s->flow, &p, &s->f));
  s->nt = p.metric.n_theta;
  s->np = ads_flow_n_params(s->f);
  s->ny = p.bulk.ops->dim * N;
  ck_assert_uint_le(s->np, MAX_P);
  ck_assert_uint_le(s->ny, MAX_Y);
  com_rng *rng;
  TEST_OK(c, com_rng_create(c, 3, s->name, &rng));
  ads_metric_start(&p.metric, rng, s->p);
  com_rng_destroy(rng);
  for (size_t k = 0; k < s->nt; k++) s->p[k] *= 0.7; /* tame enough for every sample to arrive */
  for (size_t k = 0; k < s->np; k++) s->reach[k] = 1;
  for (size_t k = 0; k < s->np - s->nt; k++) {
    const ads_trainable *t = &p.bulk.ops->kappa[k];
    if (t->draw == ADS_DRAW_UNIFORM) s->reach[s->nt + k] = fmin(1, fmax(0.5, t->b - t->a));
    s->p[s->nt + k] =
        t->draw == ADS_DRAW_LOGUNIFORM ? 1.13 * t->a : 0.5 * (t->a + t->b) + 0.02 * (t->b - t->a);
  }
  for (size_t i = 0; i < s->ny; i++) {
    s->y0[i] = 0.25 * noise(i, 1) + 0.05;
    s->lam1[i] = noise(i, 2);
  }
}
static void setup_close(setup *s) {
  ads_flow_destroy(s->f);
  com_field_choice_finish(&ads_metric_kind, &s->metric);
  com_field_choice_finish(&ads_bulk_kind, &s->bulk);
  com_field_choice_finish(&ads_flow_kind, &s->flow);
}

/* l_i = lam1 . y1 of sample i */
static void values(com_ctx *c, setup *s, const double *p, const double *y0, double l[N]) {
  double y1[MAX_Y];
  unsigned char frozen[N];
  TEST_OK(c, ads_flow_forward(s->f, N, p, y0, y1, frozen, 0));
  for (size_t i = 0; i < N; i++) {
    ck_assert_msg(!frozen[i], "%s: sample %zu ran away, so its gradient would go unchecked", s->name, i);
    l[i] = 0;
    for (size_t k = i; k < s->ny; k += N) l[i] += s->lam1[k] * y1[k];
  }
}

/* Derivatives of all l_i along entry k of x, which is s->p or s->y0. */
static void differences(com_ctx *c, setup *s, double *x, size_t k, double d[N]) {
  static const double shift[4] = {-2, -1, 1, 2};
  /* The step controller's noise, some 1e-11, against the truncation of the stiffest bulk, e^4. */
  double step = ads_flow_operations(s->f)->exact_gradient ? 2e-3 : 2.5e-3;
  if (x == s->p) step *= s->reach[k];
  double keep = x[k], e = step * fmax(1, fabs(keep)), l[4][N];
  for (int m = 0; m < 4; m++) {
    x[k] = keep + shift[m] * e;
    values(c, s, s->p, s->y0, l[m]);
  }
  x[k] = keep;
  for (size_t i = 0; i < N; i++) d[i] = (8 * (l[2][i] - l[1][i]) - (l[3][i] - l[0][i])) / (12 * e);
}

static void compare(const char *name, const char *what, size_t n, const double *got, const double *want,
                    double tol) {
  double top = 0;
  for (size_t k = 0; k < n; k++) top = fmax(top, fabs(want[k]));
  ck_assert_msg(n == 0 || top > 1e-6, "%s: %s is nothing but zeros", name, what);
  for (size_t k = 0; k < n; k++)
    ck_assert_msg(fabs(got[k] - want[k]) <= tol * top, "%s: %s[%zu] = %.12g, differences %.12g (scale %.3g)",
                  name, what, k, got[k], want[k], top);
}

static void check(com_ctx *c, setup *s) {
  double y1[MAX_Y], lam0[MAX_Y], lam0j[MAX_Y], g[MAX_P], want_g[MAX_P], want_l[MAX_Y];
  static double J[N * MAX_P], want_J[N * MAX_P];
  unsigned char frozen[N];
  for (size_t k = 0; k < s->np; k++) g[k] = 0.25; /* backward adds */
  TEST_OK(c, ads_flow_forward(s->f, N, s->p, s->y0, y1, frozen, 1));
  TEST_OK(c, ads_flow_backward(s->f, s->lam1, lam0, g));
  TEST_OK(c, ads_flow_jacobian(s->f, s->lam1, lam0j, J));
  for (size_t k = 0; k < s->np; k++) {
    double d[N];
    differences(c, s, s->p, k, d);
    g[k] -= 0.25;
    want_g[k] = 0;
    for (size_t i = 0; i < N; i++) want_g[k] += want_J[i * s->np + k] = d[i];
  }
  for (size_t k = 0; k < s->ny; k++) {
    double d[N];
    differences(c, s, s->y0, k, d);
    want_l[k] = d[k % N];
  }
  double tol = ads_flow_operations(s->f)->exact_gradient ? 1e-8 : 1e-7;
  compare(s->name, "g", s->np, g, want_g, tol);
  compare(s->name, "J", N * s->np, J, want_J, tol);
  compare(s->name, "lam0", s->ny, lam0, want_l, tol);
  compare(s->name, "lam0 of jacobian", s->ny, lam0j, want_l, tol);
}

START_TEST(every_combination) {
  com_ctx *c = test_ctx();
  size_t done = 0;
  for (const com_component *const *m = ads_metric_kind.all(); *m; m++)
    for (const com_component *const *b = ads_bulk_kind.all(); *b; b++)
      for (const com_component *const *f = ads_flow_kind.all(); *f; f++) {
        setup s = {0};
        setup_open(c, &s, (*m)->name, (*b)->name, (const ads_flow_ops *)(const void *)*f, "pi");
        check(c, &s);
        setup_close(&s);
        done++;
      }
  ck_assert_uint_ge(done, 2 * 1 * 1);
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("gradients", every_combination)
