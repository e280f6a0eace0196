/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include "nqs/dbm_exact.h"
#include "nqs/dbm_exact_sample.h"
#include "nqs/exact.h"
#include "../nqs.h"

static nqs_lattice *ring(com_ctx *c, int n) {
  char text[80];
  cJSON *j = NULL;
  com_choice ch;
  nqs_lattice *l = NULL;
  snprintf(text, sizeof text, "{\"type\":\"chain\",\"n\":%d,\"periodic\":true}", n);
  TEST_OK(c, com_json_parse(c, "test", text, strlen(text), &j));
  TEST_OK(c, com_field_choice_read(c, COM_E_CONFIG, &nqs_lattice_kind, "test", "lattice", j, &ch));
  TEST_OK(c, nqs_lattice_create(c, &ch, &l));
  com_field_choice_finish(&nqs_lattice_kind, &ch);
  com_json_free(j);
  return l;
}

static nqs_dbm_exact *machine(com_ctx *c, int n, nqs_dbm_exact_model m) {
  nqs_lattice *l = ring(c, n);
  nqs_dbm_exact *d = NULL;
  TEST_OK(c, nqs_dbm_exact_create(c, l, &m, &d));
  nqs_lattice_destroy(l);
  return d;
}

/* Identities of both couplings to 1e-15 relative, from tiny to large arguments and both signs. */
START_TEST(identities) {
  static const double a[] = {-1.37, -0.2385, -1e-4, 3e-7, 0.0613, 0.71, 2.9};
  for (size_t k = 0; k < sizeof a / sizeof *a; k++) {
    const nqs_dbm_exact_unit u = nqs_dbm_exact_bond(a[k]);
    for (int s = -1; s <= 1; s += 2)
      for (int t = -1; t <= 1; t += 2)
        TEST_NEAR(exp(u.log_c) * 2 * cosh(u.w * (s + u.sign * t)) / exp(a[k] * s * t), 1, 1e-15);
  }
  static const double x[] = {0.0137, 0.1, 0.2385, 0.9, 2.3};
  for (size_t k = 0; k < sizeof x / sizeof *x; k++) {
    double g;
    const nqs_dbm_exact_unit u = nqs_dbm_exact_field(x[k], &g);
    const double same = exp(u.log_c) * 2 * cosh(2 * u.w), other = exp(u.log_c) * 2;
    TEST_NEAR(same / cosh(x[k]), 1, 1e-15);
    TEST_NEAR(other / sinh(x[k]), 1, 1e-15);
    TEST_NEAR(exp(2 * g) * tanh(x[k]), 1, 1e-15);
  }
}
END_TEST

/* Sum over all hidden and deep units = Trotter product, 3 sites, 2 steps; both orders, a bias, both signs of J. */
START_TEST(sum_is_the_trotter_product) {
  com_ctx *c = test_ctx();
  static const nqs_dbm_exact_model m[] = {
      {1.13, 0.87, 0, 0.17, 2, 1}, {-0.7, 1.21, 0.31, 0.23, 2, 1}, {0.93, 0.64, 0.19, 0.31, 1, 2}};
  for (size_t k = 0; k < 3; k++) {
    nqs_dbm_exact *d = machine(c, 3, m[k]);
    double sum[8], product[8];
    if (m[k].order == 1) ck_assert_uint_eq(d->n_hidden, 2 * (3 + 3)); /* N + N_bond per step */
    TEST_OK(c, nqs_dbm_exact_enumerate(c, d, sum));
    TEST_OK(c, nqs_dbm_exact_trotter(c, d, product));
    for (size_t s = 0; s < 8; s++) TEST_NEAR(sum[s] / product[s], 1, 1e-14);
    nqs_dbm_exact_destroy(d);
  }
  com_ctx_destroy(c);
}
END_TEST

/* The same state as ansatz "dbm", amplitude by amplitude, up to one factor: what `nqs run` reads back. */
START_TEST(ansatz_is_the_trotter_product) {
  com_ctx *c = test_ctx();
  static const nqs_dbm_exact_model m[] = {
      {1.13, 0.87, 0, 0.17, 2, 1}, {-0.7, 1.21, 0.31, 0.23, 3, 2}, {0.93, 0.64, -0.19, 0.31, 4, 2}};
  for (size_t q = 0; q < 3; q++) {
    nqs_dbm_exact *d = machine(c, 3, m[q]);
    nqs_lattice *l = ring(c, 3);
    nqs_ansatz *a = NULL;
    size_t alpha, deep, n_w;
    double product[8], *w = NULL;
    char text[100];
    int8_t spins[8 * 3];
    double complex got[8], work[8192];
    TEST_OK(c, nqs_dbm_exact_ansatz(c, d, &alpha, &deep, &n_w, &w));
    ck_assert_uint_eq(deep, 3 * m[q].n_steps);
    snprintf(text, sizeof text, "{\"type\":\"dbm\",\"alpha\":%zu,\"deep\":%zu,\"weights\":\"real\"}", alpha,
             deep);
    com_choice ch = nqs_choice(c, &nqs_ansatz_kind, text);
    TEST_OK(c, nqs_ansatz_create(c, &ch, l, NULL, &a));
    ck_assert_uint_eq(a->n_reals, n_w);
    TEST_OK(c, nqs_ansatz_load(c, a, w));
    TEST_OK(c, nqs_dbm_exact_trotter(c, d, product));
    for (size_t s = 0; s < 8; s++)
      for (size_t i = 0; i < 3; i++) spins[3 * s + i] = s >> i & 1 ? -1 : 1;
    ck_assert_uint_le(a->ops->work_size(a->self, 8), sizeof work);
    a->ops->log_psi_of(a->self, 8, spins, work, got);
    for (size_t s = 1; s < 8; s++) {
      const double complex ratio = cexp(got[s] - got[0]);
      TEST_NEAR(creal(ratio) / (product[s] / product[0]), 1, 1e-13);
      TEST_NEAR(cimag(ratio), 0, 1e-13);
    }
    free(w);
    nqs_ansatz_destroy(a);
    com_field_choice_finish(&nqs_ansatz_kind, &ch);
    nqs_lattice_destroy(l);
    nqs_dbm_exact_destroy(d);
  }
  com_ctx_destroy(c);
}
END_TEST

/* Critical ring of 8 sites, E0 = -2/sin(pi/16): the energy error of the symmetric product falls as dt^4; the four values were found
 * independently by exact diagonalisation of the product. */
START_TEST(symmetric_error_is_fourth_power) {
  com_ctx *c = test_ctx();
  static const double dt[] = {0.2, 0.1, 0.05, 0.025}, known[] = {4.07e-3, 2.67e-4, 1.69e-5, 1.06e-6};
  double psi[256], err[4];
  for (size_t k = 0; k < 4; k++) {
    nqs_dbm_exact *d = machine(c, 8, (nqs_dbm_exact_model){1, 1, 0, dt[k], (size_t)(16 / dt[k]), 2});
    double e;
    TEST_OK(c, nqs_dbm_exact_trotter(c, d, psi));
    TEST_OK(c, nqs_dbm_exact_energy(c, d, psi, &e));
    err[k] = e + 2 / sin(M_PI / 16);
    TEST_NEAR(err[k] / known[k], 1, 0.01);
    if (k) TEST_NEAR(log2(err[k - 1] / err[k]), 4, 0.1);
    nqs_dbm_exact_destroy(d);
  }
  com_ctx_destroy(c);
}
END_TEST

static void within(double got, double error, double want, double bias) {
  ck_assert_msg(error > 0 && fabs(got - want) <= 3 * error + bias, "%.6g +- %.2g, want %.6g", got, error,
                want);
}

/* <Z_0 Z_r> of the ground state by Lanczos, which knows nothing of the machine. */
static void exact_correlation(com_ctx *c, int n, double *out) {
  char text[80];
  double e;
  snprintf(text, sizeof text, "{\"type\":\"chain\",\"n\":%d,\"periodic\":true}", n);
  nqs_model m = nqs_model_make(c, text, "{\"type\":\"tfim\",\"J\":1,\"h\":1}");
  double complex *psi = malloc((size_t)m.h->space->dim * sizeof *psi);
  TEST_OK(c, nqs_exact_ground(c, m.h, NULL, 1e-12, &e, psi, NULL));
  for (size_t r = 1; r < (size_t)n; r++) {
    nqs_pauli *zz = NULL;
    TEST_OK(c, nqs_pauli_create(c, (size_t)n, &zz));
    TEST_OK(c, nqs_pauli_add(c, zz, 1, "ZZ", (const size_t[]){0, r}));
    TEST_OK(c, nqs_pauli_close(c, zz));
    TEST_OK(c, nqs_exact_expect(c, m.h, zz, psi, out + r));
    nqs_pauli_destroy(zz);
  }
  free(psi);
  nqs_model_finish(&m);
}

/* Doubled machine against -2/sin(pi/2N): three errors, no allowance (the Trotter error is 2e-5, far below). */
static void critical(com_ctx *c, int n, int cluster, size_t sweeps, double worst) {
  nqs_dbm_exact *d = machine(c, n, (nqs_dbm_exact_model){1, 1, 0, 0.1, 50, 2});
  nqs_dbm_exact_sample_result r;
  const nqs_dbm_exact_sample_opts o = {4, sweeps, sweeps / 10, cluster};
  TEST_OK(c, nqs_dbm_exact_sample_run(c, d, &o, &r));
  within(r.energy.mean, r.energy.error, -2 / sin(M_PI / (2 * n)), 0);
  ck_assert_msg(r.energy.error < worst, "error %.3g is no test", r.energy.error);
  TEST_NEAR(r.correlation[0].mean, 1, 0);
  double zz[10];
  exact_correlation(c, n, zz);
  for (int k = 1; k < n; k++) within(r.correlation[k].mean, r.correlation[k].error, zz[k], 0);
  ck_assert(r.correlation[n / 2].error < 0.02);
  free(r.correlation);
  nqs_dbm_exact_destroy(d);
}
START_TEST(sampled_energy_8) {
  com_ctx *c = test_ctx();
  critical(c, 8, 1, 8000, 0.05);
  com_ctx_destroy(c);
}
END_TEST
START_TEST(sampled_energy_10) {
  com_ctx *c = test_ctx();
  critical(c, 10, 1, 8000, 0.06);
  com_ctx_destroy(c);
}
END_TEST

/* Gibbs and clusters agree with the machine's own state vector where a bias and an antiferromagnet are present. */
START_TEST(both_updates_sample_the_state) {
  com_ctx *c = test_ctx();
  for (int cluster = 0; cluster < 2; cluster++) {
    nqs_dbm_exact *d = machine(c, 4, (nqs_dbm_exact_model){-0.6, 1.3, 0.37, 0.25, 6, 2});
    double psi[16], e, norm = 0, zz = 0;
    nqs_dbm_exact_sample_result r;
    const nqs_dbm_exact_sample_opts o = {4, 10000, 500, cluster};
    TEST_OK(c, nqs_dbm_exact_trotter(c, d, psi));
    TEST_OK(c, nqs_dbm_exact_energy(c, d, psi, &e));
    for (size_t s = 0; s < 16; s++) {
      norm += psi[s] * psi[s];
      zz += psi[s] * psi[s] * ((s & 1) == (s >> 1 & 1) ? 1 : -1);
    }
    TEST_OK(c, nqs_dbm_exact_sample_run(c, d, &o, &r));
    within(r.energy.mean, r.energy.error, e, 0);
    within(r.correlation[1].mean, r.correlation[1].error, zz / norm, 0);
    ck_assert(r.energy.error < 0.05 && r.correlation[1].error < 0.05);
    free(r.correlation);
    nqs_dbm_exact_destroy(d);
  }
  com_ctx_destroy(c);
}
END_TEST

START_TEST(refusals) {
  com_ctx *c = test_ctx();
  nqs_lattice *l = ring(c, 5);
  nqs_dbm_exact *d = NULL;
  double psi[32];
  TEST_FAILS(c, COM_E_CONFIG, "must be positive",
             nqs_dbm_exact_create(c, l, &(nqs_dbm_exact_model){1, -0.4, 0, 0.1, 3, 2}, &d));
  TEST_FAILS(c, COM_E_CONFIG, "order = 3",
             nqs_dbm_exact_create(c, l, &(nqs_dbm_exact_model){1, 0.4, 0, 0.1, 3, 3}, &d));
  TEST_OK(c, nqs_dbm_exact_create(c, l, &(nqs_dbm_exact_model){1, 0.4, 0, 0.1, 3, 2}, &d));
  TEST_FAILS(c, COM_E_CONFIG, "too many to enumerate", nqs_dbm_exact_enumerate(c, d, psi));
  nqs_dbm_exact_destroy(d);
  nqs_lattice_destroy(l);
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("nqs_dbm_exact", identities, sum_is_the_trotter_product, ansatz_is_the_trotter_product,
          symmetric_error_is_fourth_power, sampled_energy_8, sampled_energy_10, both_updates_sample_the_state,
          refusals)
