/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Diagonalisation against closed forms, the Bethe ansatz, published numbers (docs/physics.md) and itself. */
#include "../nqs.h"
#include "nqs/reference.h"

static double ground(com_ctx *c, const char *lattice, const char *hamiltonian) {
  double e = 0;
  nqs_model m = nqs_model_make(c, lattice, hamiltonian);
  TEST_OK(c, nqs_exact_ground(c, m.h, NULL, 1e-13, &e, NULL, NULL));
  const double n = (double)m.l->n;
  nqs_model_finish(&m);
  return e / n;
}

START_TEST(tfi_rings) {
  static const struct {
    int n;
    double h, per_site;
  } cases[] = {{8, 0.5, -1.0636352794},  {8, 1, -1.2814577239},  {8, 2, -2.1272705588},
               {10, 0.5, -1.0635604409}, {10, 1, -1.2784906443}, {10, 2, -2.1271208819}};
  com_ctx *c = test_ctx();
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    char l[64], h[64];
    snprintf(l, sizeof l, "{\"type\":\"chain\",\"n\":%d}", cases[k].n);
    snprintf(h, sizeof h, "{\"type\":\"tfim\",\"h\":%g}", cases[k].h);
    TEST_NEAR(ground(c, l, h), cases[k].per_site, 1e-10);
    TEST_NEAR(nqs_reference_tfi_ring((size_t)cases[k].n, 1, cases[k].h) / cases[k].n, cases[k].per_site,
              1e-10);
  }
  TEST_NEAR(nqs_reference_tfi_ring(40, 1, 1) / 40, -1.2735668529, 1e-10);
  TEST_NEAR(nqs_reference_tfi_ring(100, 1, 1), -2 / sin(3.14159265358979323846 / 200), 1e-13);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(heisenberg_rings) {
  static const struct {
    size_t n;
    double per_site;
  } cases[] = {{8, -0.4563866761},  {10, -0.4515446354}, {12, -0.4489492431}, {14, -0.4473963953},
               {16, -0.4463935225}, {20, -0.4452193265}, {30, -0.4440654353}, {40, -0.4436630697},
               {64, -0.4433484591}, {100, -0.4432295708}};
  com_ctx *c = test_ctx();
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    double e;
    TEST_OK(c, nqs_reference_bethe(c, cases[k].n, &e));
    TEST_NEAR(e / 4 / (double)cases[k].n, cases[k].per_site, 2e-10);
  }
  TEST_NEAR(ground(c, "{\"type\":\"chain\",\"n\":12}", "{\"type\":\"heisenberg\",\"convention\":\"spin\"}"),
            -0.4489492431, 1e-10);
  double e;
  TEST_FAILS(c, COM_E_CONFIG, "even ring", nqs_reference_bethe(c, 9, &e));
  com_ctx_destroy(c);
}
END_TEST

START_TEST(squares) {
  static const struct {
    double j2, per_site;
  } cases[] = {{0, -0.7017802005},
               {0.4, -0.5511477727},
               {0.8, -0.6273351040},
               {0.5, -0.5286202095},
               {1, -0.7684681385}};
  com_ctx *c = test_ctx();
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    char h[96];
    snprintf(h, sizeof h, "{\"type\":\"heisenberg\",\"J2\":%g,\"convention\":\"spin\"}", cases[k].j2);
    TEST_NEAR(ground(c, "{\"type\":\"square\",\"lx\":4,\"ly\":4}", h), cases[k].per_site, 1e-10);
  }
  com_ctx_destroy(c);
}
END_TEST

/* Lanczos on threads gives the same digits; its vector is an eigenvector; the dense spectrum has the same bottom. */
START_TEST(vector_and_spectrum) {
  com_ctx *c = test_ctx();
  nqs_model m =
      nqs_model_make(c, "{\"type\":\"chain\",\"n\":10}", "{\"type\":\"tfim\",\"h\":0.8,\"hz\":0.2385}");
  const size_t n = 1024;
  com_pool *pool = NULL;
  TEST_OK(c, com_pool_create(c, 2, &pool));
  double complex *psi = malloc(n * sizeof *psi), *y = malloc(n * sizeof *y);
  double e, e2, *w = NULL;
  int steps = 0;
  TEST_OK(c, nqs_exact_ground(c, m.h, NULL, 1e-14, &e, psi, &steps));
  TEST_OK(c, nqs_exact_ground(c, m.h, pool, 1e-14, &e2, NULL, NULL));
  ck_assert(e == e2 && steps > 5);
  TEST_OK(c, nqs_exact_apply(c, m.h, pool, psi, y));
  for (size_t k = 0; k < n; k++) ck_assert(cabs(y[k] - e * psi[k]) < 1e-6);
  TEST_OK(c, nqs_exact_spectrum(c, m.h, &w, NULL));
  TEST_NEAR(w[0], e, 1e-12);
  double sum = 0;
  for (size_t k = 0; k < n; k++) sum += w[k];
  TEST_NEAR(sum, 0, 1e-9);
  free(w);
  free(psi);
  free(y);
  com_pool_destroy(pool);
  nqs_model_finish(&m);
  com_ctx_destroy(c);
}
END_TEST

/* Two levels -a, a: E = -a tanh(a/T), C = (a/T)^2 / cosh^2; heat capacity = dE/dT; F = E - T S. */
START_TEST(thermal) {
  const double a = 0.7, T = 0.31, w[] = {-a, a}, x = a / T;
  nqs_exact_thermal t, up, down;
  nqs_exact_average(2, w, T, &t);
  TEST_NEAR(t.energy, -a * tanh(x), 1e-14);
  TEST_NEAR(t.heat, x * x / (cosh(x) * cosh(x)), 1e-14);
  TEST_NEAR(t.free, t.energy - T * t.entropy, 1e-14);
  TEST_NEAR(t.free, -T * log(2 * cosh(x)), 1e-14);
  const double many[] = {-3.1, -2.2, -2.1, 0.4, 5};
  nqs_exact_average(5, many, T, &t);
  nqs_exact_average(5, many, T * (1 + 1e-5), &up);
  nqs_exact_average(5, many, T * (1 - 1e-5), &down);
  TEST_NEAR(t.heat, (up.energy - down.energy) / (2e-5 * T), 1e-8);
}
END_TEST

/* exp(-iHt) from the dense eigenvectors; backwards in time it undoes itself. */
START_TEST(evolution) {
  com_ctx *c = test_ctx();
  nqs_model m = nqs_model_make(c, "{\"type\":\"chain\",\"n\":6}", "{\"type\":\"tfim\",\"h\":0.5,\"hz\":0.3}");
  enum { N = 64 };
  double complex psi[N], start[N], want[N] = {0}, *v = NULL;
  double *w = NULL, norm = 0;
  const double t = 2.385;
  com_rng *r = NULL;
  TEST_OK(c, com_rng_create(c, 3, "start", &r));
  for (int k = 0; k < N; k++) start[k] = com_rng_normal(r) + I * com_rng_normal(r);
  for (int k = 0; k < N; k++) norm += cabs(start[k]) * cabs(start[k]);
  for (int k = 0; k < N; k++) psi[k] = start[k] /= sqrt(norm);
  TEST_OK(c, nqs_exact_spectrum(c, m.h, &w, &v));
  for (int k = 0; k < N; k++) {
    double complex overlap = 0;
    for (int i = 0; i < N; i++) overlap += conj(v[k * N + i]) * start[i];
    for (int i = 0; i < N; i++) want[i] += v[k * N + i] * overlap * cexp(-I * w[k] * t);
  }
  TEST_OK(c, nqs_exact_evolve(c, m.h, NULL, t, 1e-13, psi));
  for (int k = 0; k < N; k++)
    ck_assert_msg(cabs(psi[k] - want[k]) < 1e-10, "%d: %g", k, cabs(psi[k] - want[k]));
  TEST_OK(c, nqs_exact_evolve(c, m.h, NULL, -t, 1e-13, psi));
  for (int k = 0; k < N; k++) ck_assert(cabs(psi[k] - start[k]) < 1e-10);
  com_rng_destroy(r);
  free(w);
  free(v);
  nqs_model_finish(&m);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(expectation) {
  com_ctx *c = test_ctx();
  nqs_model m = nqs_model_make(c, "{\"type\":\"chain\",\"n\":8}", "{\"type\":\"heisenberg\"}");
  double complex psi[70];
  double e, zz, total = 0;
  TEST_OK(c, nqs_exact_ground(c, m.h, NULL, 1e-14, &e, psi, NULL));
  nqs_pauli *p = NULL;
  TEST_OK(c, nqs_pauli_create(c, 8, &p));
  TEST_OK(c, nqs_pauli_add(c, p, 1, "ZZ", (size_t[]){2, 3}));
  TEST_OK(c, nqs_pauli_close(c, p));
  TEST_OK(c, nqs_exact_expect(c, m.h, p, psi, &zz));
  TEST_NEAR(zz, e / 8 / 3, 1e-9); /* SU(2): XX = YY = ZZ on every bond */
  nqs_pauli_destroy(p);
  TEST_OK(c, nqs_pauli_create(c, 8, &p));
  TEST_OK(c, nqs_pauli_add(c, p, 1, "X", (size_t[]){2}));
  TEST_OK(c, nqs_pauli_close(c, p));
  TEST_FAILS(c, COM_E_CONFIG, "sector", nqs_exact_expect(c, m.h, p, psi, &total));
  nqs_pauli_destroy(p);
  nqs_model_finish(&m);
  m = nqs_model_make(c, "{\"type\":\"chain\",\"n\":14}", "{\"type\":\"tfim\"}");
  double *w = NULL;
  TEST_FAILS(c, COM_E_CONFIG, "full spectrum", nqs_exact_spectrum(c, m.h, &w, NULL));
  nqs_model_finish(&m);
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("nqs_exact", tfi_rings, heisenberg_rings, squares, vector_and_spectrum, thermal, evolution,
          expectation)
