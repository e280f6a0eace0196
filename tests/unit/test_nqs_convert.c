/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <complex.h>
#include "../test.h"
#include "common/linalg.h"
#include "common/rng.h"
#include "nqs/ansatz.h"
#include "nqs/convert.h"

enum { N = 10, DIM = 1 << N };

/* Complex weights of width sigma; unit j couples to sites j .. j+range-1 only. */
static void random_rbm(com_ctx *c, size_t m, size_t range, double sigma, nqs_convert_rbm *r) {
  com_rng *g = NULL;
  TEST_OK(c, com_rng_create(c, 3, "rbm", &g));
  *r = (nqs_convert_rbm){.n = N, .m = m};
  r->a = calloc(N, sizeof *r->a);
  r->b = calloc(m, sizeof *r->b);
  r->W = calloc(m * N, sizeof *r->W);
  for (size_t i = 0; i < N; i++) r->a[i] = sigma * (com_rng_normal(g) + I * com_rng_normal(g));
  for (size_t j = 0; j < m; j++) {
    r->b[j] = sigma * (com_rng_normal(g) + I * com_rng_normal(g));
    for (size_t i = j; i < j + range && i < N; i++)
      r->W[j * N + i] = sigma * (com_rng_normal(g) + I * com_rng_normal(g));
  }
  com_rng_destroy(g);
}

static int spin(size_t index, size_t i) { return index >> (N - 1 - i) & 1 ? 1 : -1; }

static void rbm_vector(const nqs_convert_rbm *r, double complex *psi) {
  for (size_t k = 0; k < DIM; k++) {
    double complex value = 1, visible = 0;
    for (size_t i = 0; i < N; i++) visible += r->a[i] * spin(k, i);
    for (size_t j = 0; j < r->m; j++) {
      double complex theta = r->b[j];
      for (size_t i = 0; i < N; i++) theta += r->W[j * N + i] * spin(k, i);
      value *= 2 * ccosh(theta);
    }
    psi[k] = cexp(visible) * value;
  }
}

/* Through the ansatz "mps" itself: conversion and ansatz share the layout. */
static void mps_vector(com_ctx *c, const nqs_convert_mps *m, double complex *psi) {
  com_choice ch = {0};
  cJSON *j = NULL;
  nqs_lattice l = {.n = N};
  nqs_hilbert *h = NULL;
  nqs_ansatz *a = NULL;
  char text[80];
  const int len = snprintf(text, sizeof text, "{\"type\":\"mps\",\"bond\":%zu}", m->bond);
  TEST_OK(c, com_json_parse(c, "test", text, (size_t)len, &j));
  TEST_OK(c, com_field_choice_read(c, COM_E_CONFIG, &nqs_ansatz_kind, "test", "", j, &ch));
  TEST_OK(c, nqs_hilbert_create(c, N, 2, -1, 2, 0, 0, &h));
  TEST_OK(c, nqs_ansatz_create(c, &ch, &l, h, &a));
  ck_assert_uint_eq(a->n_params, N * 2 * m->bond * m->bond);
  TEST_OK(c, nqs_ansatz_load(c, a, (const double *)m->A));
  void *work = malloc(a->ops->work_size(a->self, 1));
  for (size_t k = 0; k < DIM; k++) {
    int8_t s[N];
    for (size_t i = 0; i < N; i++) s[i] = (int8_t)spin(k, i);
    a->ops->log_psi_of(a->self, 1, s, work, psi + k);
    psi[k] = cexp(psi[k]);
  }
  free(work);
  nqs_ansatz_destroy(a);
  nqs_hilbert_destroy(h);
  com_field_choice_finish(&nqs_ansatz_kind, &ch);
  com_json_free(j);
}

static double largest(const double complex *psi) {
  double top = 0;
  for (size_t k = 0; k < DIM; k++) top = fmax(top, cabs(psi[k]));
  return top;
}

static double distance(const double complex *x, const double complex *y, double complex factor) {
  double worst = 0;
  for (size_t k = 0; k < DIM; k++) worst = fmax(worst, cabs(x[k] * factor - y[k]));
  return worst / largest(y);
}

START_TEST(an_rbm_is_a_matrix_product_state) {
  static double complex want[DIM], got[DIM];
  static const struct { size_t m, range, bond; } cases[] = {{3, N, 8}, {N, 3, 4}, {N, 1, 1}, {N - 1, 2, 2}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    com_ctx *c = test_ctx();
    nqs_convert_rbm r;
    nqs_convert_mps m = {0};
    random_rbm(c, cases[k].m, cases[k].range, 0.3, &r);
    rbm_vector(&r, want);
    TEST_OK(c, nqs_convert_to_mps(c, &r, &m));
    ck_assert_msg(m.bond <= cases[k].bond, "case %zu: bond %zu", k, m.bond);
    mps_vector(c, &m, got);
    const double error = distance(got, want, 1);
    ck_assert_msg(error < 1e-13, "case %zu: error %g", k, error);
    nqs_convert_mps_finish(&m);
    if (cases[k].m <= 3) {
      TEST_OK(c, nqs_convert_to_diagonal(c, &r, &m));
      mps_vector(c, &m, got);
      ck_assert_msg(distance(got, want, 1) < 1e-13, "diagonal: error %g", distance(got, want, 1));
      nqs_convert_mps_finish(&m);
    }
    nqs_convert_rbm_finish(&r);
    com_ctx_destroy(c);
  }
}
END_TEST

START_TEST(a_diagonal_state_is_an_rbm_again) {
  static double complex want[DIM], got[DIM];
  com_ctx *c = test_ctx();
  nqs_convert_rbm r, back;
  nqs_convert_mps m = {0};
  random_rbm(c, 4, N, 1.3, &r); /* wide enough to meet other branches of the logarithm */
  TEST_OK(c, nqs_convert_to_diagonal(c, &r, &m));
  TEST_OK(c, nqs_convert_to_rbm(c, &m, 1e-9, &back));
  ck_assert_uint_eq(back.m, 4);
  rbm_vector(&r, want);
  rbm_vector(&back, got);
  size_t top = 0;
  for (size_t k = 0; k < DIM; k++)
    if (cabs(want[k]) > cabs(want[top])) top = k;
  const double error = distance(got, want, want[top] / got[top]);
  ck_assert_msg(error < 1e-12, "error %g", error);
  nqs_convert_rbm_finish(&back);

  m.A[0] *= 1.01; /* no longer a product over the bits */
  TEST_FAILS(c, COM_E_DATA, "do not factorise", nqs_convert_to_rbm(c, &m, 1e-9, &back));
  m.A[1] = 0.5;
  TEST_FAILS(c, COM_E_DATA, "diagonal matrices", nqs_convert_to_rbm(c, &m, 1e-9, &back));
  const nqs_convert_mps odd = {.n = N, .bond = 3, .A = m.A};
  TEST_FAILS(c, COM_E_DATA, "power of two", nqs_convert_to_rbm(c, &odd, 1e-9, &back));
  nqs_convert_mps_finish(&m);
  nqs_convert_rbm_finish(&r);
  random_rbm(c, 12, N, 0.1, &r);
  TEST_FAILS(c, COM_E_CONFIG, "bond 2^12", nqs_convert_to_diagonal(c, &r, &m));
  nqs_convert_rbm_finish(&r);
  com_ctx_destroy(c);
}
END_TEST

/* The middle cut of a dense machine with m units has Schmidt rank 2^m: m = 1..5 gives 2, 4, 8, 16, 32. */
START_TEST(the_schmidt_rank_doubles_with_each_hidden_unit) {
  static double complex psi[DIM];
  double s[32];
  for (size_t m = 1; m <= 5; m++) {
    com_ctx *c = test_ctx();
    nqs_convert_rbm r;
    random_rbm(c, m, N, 0.6, &r);
    rbm_vector(&r, psi);
    TEST_OK(c, nqs_convert_schmidt(c, 32, 32, psi, s));
    size_t rank = 0;
    double norm = 0, sum = 0;
    for (size_t k = 0; k < 32; k++) rank += s[k] > 1e-13 * s[0], sum += s[k] * s[k];
    for (size_t k = 0; k < DIM; k++) norm += cabs(psi[k]) * cabs(psi[k]);
    ck_assert_msg(rank == (size_t)1 << m, "m = %zu: rank %zu", m, rank);
    TEST_NEAR(sum / norm, 1.0, 1e-12);
    nqs_convert_rbm_finish(&r);
    com_ctx_destroy(c);
  }
}
END_TEST

/* AKLT: A^+ = sqrt(2/3) sigma^+, A^0 = -sqrt(1/3) sigma^z, A^- = -sqrt(2/3) sigma^-; spectrum {1, -1/3, -1/3, -1/3}. */
START_TEST(the_aklt_transfer_matrix_has_its_spectrum) {
  com_ctx *c = test_ctx();
  const double p = sqrt(2.0 / 3), z = sqrt(1.0 / 3);
  const double complex A[3 * 4] = {0, 0, -p, 0, -z, 0, 0, z, 0, p, 0, 0};
  double complex E[16];
  double w[4];
  nqs_convert_transfer(3, 2, A, E);
  TEST_OK(c, com_linalg_zeigh(c, 4, E, w));
  for (size_t k = 0; k < 3; k++) TEST_NEAR(w[k], -1.0 / 3, 1e-14);
  TEST_NEAR(w[3], 1.0, 1e-14);
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("nqs_convert", an_rbm_is_a_matrix_product_state, a_diagonal_state_is_an_rbm_again,
          the_schmidt_rank_doubles_with_each_hidden_unit, the_aklt_transfer_matrix_has_its_spectrum)
