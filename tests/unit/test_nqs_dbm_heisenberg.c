/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/dbm_heisenberg.h"
#include "../nqs.h"
#include "nqs/exact.h"

static nqs_dbm_heisenberg *machine(com_ctx *c, const char *lattice, double J, double dt, size_t steps) {
  com_choice ch = nqs_choice(c, &nqs_lattice_kind, lattice);
  nqs_lattice *l = NULL;
  nqs_dbm_heisenberg *d = NULL;
  TEST_OK(c, nqs_lattice_create(c, &ch, &l));
  TEST_OK(c, nqs_dbm_heisenberg_create(c, l, J, dt, steps, &d));
  nqs_lattice_destroy(l);
  com_field_choice_finish(&nqs_lattice_kind, &ch);
  return d;
}
#define RING(n) "{\"type\":\"chain\",\"n\":" #n ",\"periodic\":true}"

/* The four hidden units against exp(-x (XX + YY + ZZ)) by its power series in the 4 x 4 matrix, Marshall-rotated. */
START_TEST(units_are_the_factor) {
  static const double x[] = {0.013, 0.2385, 0.71};
  static const double H[4][4] = {
      {1, 0, 0, 0}, {0, -1, -2, 0}, {0, -2, -1, 0}, {0, 0, 0, 1}}; /* ++ +- -+ -- */
  for (int q = 0; q < 3; q++) {
    double sum[4][4] = {{0}}, term[4][4] = {{0}};
    for (int i = 0; i < 4; i++) sum[i][i] = term[i][i] = 1;
    for (int k = 1; k < 60; k++) {
      double next[4][4] = {{0}};
      for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++)
          for (int m = 0; m < 4; m++) next[i][j] -= x[q] / k * term[i][m] * H[m][j];
      memcpy(term, next, sizeof term);
      for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++) sum[i][j] += term[i][j];
    }
    for (int i = 0; i < 4; i++)
      for (int j = 0; j < 4; j++) {
        const double s[4] = {i & 2 ? -1 : 1, i & 1 ? -1 : 1, j & 2 ? -1 : 1, j & 1 ? -1 : 1};
        const double complex u = nqs_dbm_heisenberg_units(x[q], s);
        TEST_NEAR(creal(u), sum[j][i], 1e-14);
        TEST_NEAR(cimag(u), 0, 1e-14);
      }
  }
}
END_TEST

/* Sum over all deep units of products of hidden units = Trotter product; a ring, and a ladder whose bonds have three colours. */
START_TEST(sum_is_the_trotter_product) {
  com_ctx *c = test_ctx();
  static const char *const lattice[] = {RING(4), RING(6), "{\"type\":\"ladder\",\"lx\":2,\"ly\":2}"};
  for (int q = 0; q < 3; q++) {
    nqs_dbm_heisenberg *d = machine(c, lattice[q], 0.83, 0.31, 1);
    double sum[64], product[64];
    TEST_OK(c, nqs_dbm_heisenberg_enumerate(c, d, sum));
    TEST_OK(c, nqs_dbm_heisenberg_trotter(c, d, product));
    for (size_t s = 0; s < (size_t)1 << d->n; s++) TEST_NEAR(sum[s], product[s], 1e-13);
    nqs_dbm_heisenberg_destroy(d);
  }
  com_ctx_destroy(c);
}
END_TEST

/* Ground state by Lanczos, independent of all this: energy and <Z_0 Z_r>. */
static double exact(com_ctx *c, const char *lattice, size_t n, double *zz) {
  nqs_model m = nqs_model_make(c, lattice, "{\"type\":\"heisenberg\",\"J\":1}");
  double complex *psi = malloc((size_t)m.h->space->dim * sizeof *psi);
  double e;
  TEST_OK(c, nqs_exact_ground(c, m.h, NULL, 1e-12, &e, psi, NULL));
  for (size_t r = 1; r < n; r++) {
    nqs_pauli *p = NULL;
    TEST_OK(c, nqs_pauli_create(c, n, &p));
    TEST_OK(c, nqs_pauli_add(c, p, 1, "ZZ", (const size_t[]){0, r}));
    TEST_OK(c, nqs_pauli_close(c, p));
    TEST_OK(c, nqs_exact_expect(c, m.h, p, psi, zz + r));
    nqs_pauli_destroy(p);
  }
  free(psi);
  nqs_model_finish(&m);
  return e;
}

/* Ring of 8: the energy of the product approaches that of Lanczos (-0.4563866754 x 32) as dt^4, energies being second order in the state. */
START_TEST(energy_converges) {
  com_ctx *c = test_ctx();
  static const double dt[] = {0.1, 0.05, 0.025};
  double psi[256], zz[8], error[3], e;
  const double want = exact(c, RING(8), 8, zz);
  TEST_NEAR(want, -0.4563866754 * 32, 1e-8);
  for (int k = 0; k < 3; k++) {
    nqs_dbm_heisenberg *d = machine(c, RING(8), 1, dt[k], (size_t)(6 / dt[k]));
    TEST_OK(c, nqs_dbm_heisenberg_trotter(c, d, psi));
    TEST_OK(c, nqs_dbm_heisenberg_energy(c, d, psi, &e));
    error[k] = e - want;
    if (k) ck_assert_msg(fabs(log2(error[k - 1] / error[k]) - 4) < 0.2, "%g %g", error[k - 1], error[k]);
    nqs_dbm_heisenberg_destroy(d);
  }
  com_ctx_destroy(c);
}
END_TEST

/* Loops against the machine's own state vector, far from the ground state, and against Lanczos, where the Trotter error is small:
 * energy and every correlator within three errors. */
START_TEST(sampled) {
  com_ctx *c = test_ctx();
  static const struct {
    double dt;
    size_t steps;
    int ground;
  } way[] = {{0.2, 1, 0}, {0.05, 80, 1}};
  double psi[256], zz[8];
  for (int q = 0; q < 2; q++) {
    nqs_dbm_heisenberg *d = machine(c, RING(8), 1, way[q].dt, way[q].steps);
    nqs_dbm_exact_sample_result r;
    double e, norm = 0;
    TEST_OK(c, nqs_dbm_heisenberg_trotter(c, d, psi));
    TEST_OK(c, nqs_dbm_heisenberg_energy(c, d, psi, &e));
    memset(zz, 0, sizeof zz);
    for (size_t s = 0; s < 256; s++) {
      norm += psi[s] * psi[s];
      for (size_t k = 1; k < 8; k++) zz[k] += psi[s] * psi[s] * ((s & 1) == (s >> k & 1) ? 1 : -1);
    }
    for (size_t k = 1; k < 8; k++) zz[k] /= norm;
    if (way[q].ground) e = exact(c, RING(8), 8, zz);
    TEST_OK(c, nqs_dbm_heisenberg_sample(c, d, &(nqs_dbm_exact_sample_opts){4, 4000, 200, 1}, &r));
    ck_assert_msg(fabs(r.energy.mean - e) < 3 * r.energy.error && r.energy.error < 0.05,
                  "%d: %.5f +- %.2g, want %.5f", q, r.energy.mean, r.energy.error, e);
    for (size_t k = 1; k < 8; k++)
      ck_assert_msg(fabs(r.correlation[k].mean - zz[k]) < 3 * r.correlation[k].error &&
                        r.correlation[k].error < 0.02,
                    "%d: <Z0 Z%zu> = %.5f +- %.2g, want %.5f", q, k, r.correlation[k].mean,
                    r.correlation[k].error, zz[k]);
    free(r.correlation);
    nqs_dbm_heisenberg_destroy(d);
  }
  com_ctx_destroy(c);
}
END_TEST

START_TEST(refusals) {
  com_ctx *c = test_ctx();
  nqs_dbm_heisenberg *d = NULL;
  com_choice odd = nqs_choice(c, &nqs_lattice_kind, RING(5)),
             open = nqs_choice(c, &nqs_lattice_kind, "{\"type\":\"chain\",\"n\":5,\"periodic\":false}");
  nqs_lattice *l = NULL, *m = NULL;
  TEST_OK(c, nqs_lattice_create(c, &odd, &l));
  TEST_OK(c, nqs_lattice_create(c, &open, &m));
  TEST_FAILS(c, COM_E_CONFIG, "bipartite", nqs_dbm_heisenberg_create(c, l, 1, 0.1, 2, &d));
  TEST_FAILS(c, COM_E_CONFIG, "product of singlets", nqs_dbm_heisenberg_create(c, m, 1, 0.1, 2, &d));
  nqs_lattice_destroy(l);
  nqs_lattice_destroy(m);
  com_field_choice_finish(&nqs_lattice_kind, &odd);
  com_field_choice_finish(&nqs_lattice_kind, &open);
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("nqs_dbm_heisenberg", units_are_the_factor, sum_is_the_trotter_product, energy_converges, sampled,
          refusals)
