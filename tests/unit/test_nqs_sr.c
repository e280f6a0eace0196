/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The linear system of stochastic reconfiguration against sums written out, and its solvers against each other. */
#include "../nqs.h"
#include "nqs/sr_solve.h"

/* Samples of a model with O; the caller frees by setup_finish. */
typedef struct setup {
  com_ctx *c;
  nqs_model m;
  nqs_ansatz *a;
  com_pool *pool;
  nqs_sampler *sampler;
  com_choice sampler_choice;
  nqs_samples s;
} setup;

static setup make(const char *ansatz, const char *sampler, size_t sweeps, int threads) {
  setup u = {.c = test_ctx()};
  u.m = nqs_model_make(u.c, "{\"type\":\"chain\",\"n\":6}", "{\"type\":\"tfim\",\"h\":0.8,\"hz\":0.2385}");
  com_choice ch = nqs_choice(u.c, &nqs_ansatz_kind, ansatz);
  ((nqs_ansatz_shared *)ch.shared)->sigma = 0.2385;
  TEST_OK(u.c, nqs_ansatz_create(u.c, &ch, u.m.l, u.m.h->space, &u.a));
  com_field_choice_finish(&nqs_ansatz_kind, &ch);
  TEST_OK(u.c, com_pool_create(u.c, threads, &u.pool));
  u.sampler_choice = nqs_choice(u.c, &nqs_sampler_kind, sampler);
  TEST_OK(u.c,
          nqs_sampler_create(u.c, &u.sampler_choice, &(nqs_task){u.m.h, u.a, u.pool, "chain"}, &u.sampler));
  TEST_OK(u.c, nqs_sampler_collect(u.c, u.sampler, sweeps, NQS_WANT_O, &u.s));
  return u;
}

static void finish(setup *u) {
  nqs_sampler_samples_finish(&u->s);
  nqs_sampler_destroy(u->sampler);
  com_field_choice_finish(&nqs_sampler_kind, &u->sampler_choice);
  com_pool_destroy(u->pool);
  nqs_ansatz_destroy(u->a);
  nqs_model_finish(&u->m);
  com_ctx_destroy(u->c);
}

static double complex entry(const nqs_ansatz *a, const void *O, size_t row, size_t k) {
  const double *o = (const double *)((const char *)O + row * a->row_bytes);
  if (a->scalar == NQS_HOLO) return o[2 * k] + I * o[2 * k + 1];
  return o[k] + (a->scalar == NQS_SPLIT ? I * o[a->n_params + k] : 0);
}

static double weight(const nqs_samples *s, size_t i) { return s->weight ? s->weight[i] : 1 / (double)s->n; }

/* S and F by their definitions; returns them through arrays [np][np], [np]. */
static void by_definition(const nqs_ansatz *a, const nqs_samples *s, double complex *S, double complex *F) {
  const size_t np = a->n_params;
  double complex e = 0, *mean = calloc(np, sizeof *mean);
  for (size_t i = 0; i < s->n; i++) {
    e += weight(s, i) * s->eloc[i];
    for (size_t k = 0; k < np; k++) mean[k] += weight(s, i) * entry(a, s->O, i, k);
  }
  for (size_t k = 0; k < np; k++) {
    F[k] = -e * conj(mean[k]);
    for (size_t l = 0; l < np; l++) S[k * np + l] = -conj(mean[k]) * mean[l];
  }
  for (size_t i = 0; i < s->n; i++)
    for (size_t k = 0; k < np; k++) {
      F[k] += weight(s, i) * s->eloc[i] * conj(entry(a, s->O, i, k));
      for (size_t l = 0; l < np; l++)
        S[k * np + l] += weight(s, i) * conj(entry(a, s->O, i, k)) * entry(a, s->O, i, l);
    }
  free(mean);
}

static void check_system(const char *ansatz, const char *sampler) {
  setup u = make(ansatz, sampler, 200, 2);
  const size_t np = u.a->n_params, parts = u.a->scalar == NQS_HOLO ? 2 : 1;
  double complex *S = calloc(np * np, sizeof *S), *F = calloc(np, sizeof *F);
  double *S2 = calloc(np * np * parts, sizeof *S2), *F2 = calloc(np * parts, sizeof *F2),
         *d = calloc(np, sizeof *d);
  by_definition(u.a, &u.s, S, F);
  nqs_sr_system y;
  nqs_sr_system_init(u.a, u.pool, &y);
  TEST_OK(u.c, nqs_sr_system_load(u.c, &y, &u.s));
  TEST_OK(u.c, nqs_sr_system_matrix(u.c, &y, S2));
  TEST_OK(u.c, nqs_sr_system_adjoint(u.c, &y, y.eps, F2));
  TEST_OK(u.c, nqs_sr_system_diagonal(u.c, &y, d));
  nqs_estimate e;
  nqs_estimate_series(u.s.n_chains, u.s.n_time, u.s.eloc, u.s.weight, &e);
  TEST_NEAR(y.variance, e.variance, 1e-12);
  TEST_NEAR(y.energy, e.mean, 1e-12);
  for (size_t k = 0; k < np; k++) {
    TEST_NEAR(F2[k * parts], creal(F[k]), 1e-11);
    if (parts == 2) TEST_NEAR(F2[2 * k + 1], cimag(F[k]), 1e-11);
    TEST_NEAR(d[k], creal(S[k * np + k]), 1e-11);
    for (size_t l = 0; l < np; l++) {
      TEST_NEAR(S2[(k * np + l) * parts], creal(S[k * np + l]), 1e-11);
      if (parts == 2) TEST_NEAR(S2[(k * np + l) * 2 + 1], cimag(S[k * np + l]), 1e-11);
    }
  }
  nqs_sr_system_finish(&y);
  free(S), free(F), free(S2), free(F2), free(d);
  finish(&u);
}

START_TEST(system_by_definition) {
  static const char *const ansaetze[] = {"{\"type\":\"rbm\",\"alpha\":2}",
                                         "{\"type\":\"rbm\",\"weights\":\"real\"}",
                                         "{\"type\":\"ffn\",\"hidden\":[5]}"}; /* holomorphic, real, split */
  for (size_t k = 0; k < 3; k++) {
    check_system(ansaetze[k], "{\"type\":\"metropolis\"}");
    check_system(ansaetze[k], "{\"type\":\"sum\"}");
  }
}
END_TEST

/* (S + R) x = F by every solver, and more than SMALL parameters through tiles. */
static void check_solvers(const char *ansatz, size_t sweeps) {
  setup u = make(ansatz, "{\"type\":\"metropolis\"}", sweeps, 1);
  const size_t np = u.a->n_params, n = u.a->n_reals;
  double *R = malloc(np * sizeof *R), *x[3];
  nqs_sr_system y;
  nqs_sr_work w = {0};
  nqs_sr_outcome how;
  nqs_sr_system_init(u.a, u.pool, &y);
  TEST_OK(u.c, nqs_sr_system_load(u.c, &y, &u.s));
  for (size_t k = 0; k < np; k++) R[k] = 1e-2 * (1 + 0.1 * (double)(k % 7));
  for (int s = 0; s < 3; s++) {
    x[s] = calloc(n, sizeof(double));
    TEST_OK(u.c, nqs_sr_solve(u.c, &y, (nqs_sr_solver)(NQS_SR_CHOLESKY + s), R, y.eps, 1e-12, 2000, &w, x[s],
                              &how));
    ck_assert(!how.fallback);
  }
  double size = 0, minsr = 0, cg = 0;
  for (size_t k = 0; k < n; k++) {
    size = fmax(size, fabs(x[0][k]));
    minsr = fmax(minsr, fabs(x[1][k] - x[0][k]));
    cg = fmax(cg, fabs(x[2][k] - x[0][k]));
  }
  ck_assert_msg(minsr < 1e-10 * size && cg < 1e-8 * size, "%s: size %g, minsr off by %g, cg by %g", ansatz,
                size, minsr, cg);
  for (int s = 0; s < 3; s++) free(x[s]);
  free(R);
  nqs_sr_solve_finish(&w);
  nqs_sr_system_finish(&y);
  finish(&u);
}

START_TEST(solvers_agree) {
  check_solvers("{\"type\":\"rbm\",\"alpha\":2}", 300);
  check_solvers("{\"type\":\"rbm\",\"alpha\":2,\"weights\":\"real\"}", 300);
  check_solvers("{\"type\":\"ffn\",\"hidden\":[6]}", 100);
  check_solvers("{\"type\":\"rbm\",\"alpha\":8}", 90); /* 390 parameters: tiles, and more than samples */
  check_solvers("{\"type\":\"rbm\",\"alpha\":8,\"weights\":\"real\"}", 500);
}
END_TEST

/* A singular S without any shift: Cholesky gives up, the eigen-decomposition gives the least-squares step. */
START_TEST(fallback) {
  setup u = make("{\"type\":\"rbm\",\"alpha\":2}", "{\"type\":\"metropolis\"}", 20, 1);
  const size_t np = u.a->n_params, n = u.a->n_reals;
  double *R = calloc(np, sizeof *R), *x = calloc(n, sizeof *x), *F = calloc(n, sizeof *F),
         *Sx = calloc(n, sizeof *Sx);
  nqs_sr_system y;
  nqs_sr_work w = {0};
  nqs_sr_outcome how;
  nqs_sr_system_init(u.a, u.pool, &y);
  TEST_OK(u.c, nqs_sr_system_load(u.c, &y, &u.s));
  TEST_OK(u.c, nqs_sr_solve(u.c, &y, NQS_SR_CHOLESKY, R, y.eps, 0, 0, &w, x, &how));
  ck_assert(how.fallback);
  double *v = calloc(2 * y.n, sizeof *v);
  TEST_OK(u.c, nqs_sr_system_apply(u.c, &y, x, v));
  TEST_OK(u.c, nqs_sr_system_adjoint(u.c, &y, v, Sx));
  TEST_OK(u.c, nqs_sr_system_adjoint(u.c, &y, y.eps, F));
  for (size_t k = 0; k < n; k++) ck_assert_msg(fabs(Sx[k] - F[k]) < 1e-6, "%zu: %g %g", k, Sx[k], F[k]);
  free(v), free(R), free(x), free(F), free(Sx);
  nqs_sr_solve_finish(&w);
  nqs_sr_system_finish(&y);
  finish(&u);
}
END_TEST

START_TEST(not_finite) {
  setup u = make("{\"type\":\"rbm\"}", "{\"type\":\"metropolis\"}", 100, 1);
  nqs_sr_system y;
  nqs_sr_system_init(u.a, u.pool, &y);
  u.s.eloc[17] = NAN;
  TEST_FAILS(u.c, COM_E_NUM, "not finite", nqs_sr_system_load(u.c, &y, &u.s));
  u.s.eloc[17] = 0;
  ((double *)u.s.O)[5] = INFINITY;
  TEST_FAILS(u.c, COM_E_NUM, "not finite", nqs_sr_system_load(u.c, &y, &u.s));
  nqs_sr_system_finish(&y);
  finish(&u);
}
END_TEST

/* One step by hand: lambda of the schedule, rate, zero columns frozen. Momentum: the second step contains the first. */
START_TEST(step) {
  setup u = make("{\"type\":\"rbm\",\"weights\":\"real\"}", "{\"type\":\"sum\"}", 0, 1);
  com_choice ch = nqs_choice(
      u.c, &nqs_sr_kind,
      "{\"type\":\"sr\",\"rate\":0.02385,\"lambda0\":3,\"decay\":0.5,\"lambda_min\":1.2,\"shift\":0.01}");
  nqs_sr *sr = NULL;
  nqs_sr_report rep;
  const size_t n = u.a->n_reals;
  double *dw = calloc(n, sizeof *dw), *R = calloc(n, sizeof *R), *x = calloc(n, sizeof *x);
  TEST_OK(u.c, nqs_sr_create(u.c, &ch, u.a, u.pool, &sr));
  static const double lambda[] = {3, 1.5, 1.2, 1.2};
  for (int k = 0; k < 4; k++) {
    TEST_OK(u.c, nqs_sampler_collect(u.c, u.sampler, 0, NQS_WANT_O, &u.s));
    TEST_OK(u.c, nqs_sr_step(u.c, sr, &u.s, dw, &rep));
    TEST_NEAR(rep.lambda, lambda[k], 1e-15);
  }
  nqs_sr_system y;
  nqs_sr_work w = {0};
  nqs_sr_outcome how;
  nqs_sr_system_init(u.a, u.pool, &y);
  TEST_OK(u.c, nqs_sampler_collect(u.c, u.sampler, 0, NQS_WANT_O, &u.s));
  TEST_OK(u.c, nqs_sr_system_load(u.c, &y, &u.s));
  TEST_OK(u.c, nqs_sr_system_diagonal(u.c, &y, R));
  for (size_t k = 0; k < n; k++) R[k] = 1.2 * R[k] + 0.01;
  TEST_OK(u.c, nqs_sr_solve(u.c, &y, NQS_SR_CG, R, y.eps, 1e-13, 5000, &w, x, &how));
  for (size_t k = 0; k < n; k++) TEST_NEAR(dw[k], -0.02385 * x[k], 1e-9);
  nqs_sr_solve_finish(&w);
  nqs_sr_system_finish(&y);
  nqs_sr_destroy(sr);
  com_field_choice_finish(&nqs_sr_kind, &ch);
  free(dw), free(R), free(x);
  finish(&u);
}
END_TEST

TEST_MAIN("nqs_sr", system_by_definition, solvers_agree, fallback, not_finite, step)
