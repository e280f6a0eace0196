/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time evolution against diagonalisation: the quench of the TFI ring, cooling, other kinds of parameters, sampling. */
#include <complex.h>
#include <stdio.h>
#include "../test.h"
#include "nqs/evolve.h"
#include "nqs/exact.h"

static cJSON *parse(com_ctx *c, const char *text) {
  cJSON *j = NULL;
  TEST_OK(c, com_json_parse(c, "test", text, strlen(text), &j));
  return j;
}

static nqs_driver *prepare(com_ctx *c, const char *config) {
  cJSON *j = parse(c, config);
  nqs_driver *d = NULL;
  TEST_OK(c, nqs_driver_create(c, "test", j, &d));
  com_json_free(j);
  while (!nqs_driver_stop(d)) TEST_OK(c, nqs_driver_iterate(d));
  return d;
}

/* @param out [out] result */
static cJSON *evolve(com_ctx *c, nqs_driver *d) {
  nqs_evolve *e = NULL;
  cJSON *r = NULL;
  TEST_OK(c, nqs_evolve_create(c, "test", d, &e));
  while (!nqs_evolve_done(e)) TEST_OK(c, nqs_evolve_step(e));
  ck_assert_double_eq(nqs_evolve_fraction(e), 1);
  TEST_OK(c, nqs_evolve_result(e, &r));
  nqs_evolve_destroy(e);
  return r;
}

static double cell(const cJSON *r, size_t row, const char *name) {
  const cJSON *columns = com_json_get(r, "columns");
  for (size_t k = 0; k < com_json_size(columns); k++)
    if (strcmp(com_json_str(com_json_get(com_json_at(columns, k), "name"), ""), name) == 0)
      return com_json_num(com_json_at(com_json_at(com_json_get(r, "rows"), row), k), NAN);
  ck_abort_msg("no column %s", name);
  return NAN;
}

/* <sx>(t) of the true ground state at h = 2 after the quench to h = 0.5, from the Hamiltonian's own dense matrices:
 * psi(t) = sum_n e^{-i E_n t} v_n <v_n|psi(0)>, independent of the Krylov evolution. */
static double exact_sx(com_ctx *c, const nqs_hamiltonian *before, const nqs_hamiltonian *after, double t) {
  const size_t n = (size_t)before->space->dim, sites = before->lattice->n;
  double *w = NULL, energy, sx = 0;
  double complex *v = NULL, *psi0 = malloc(n * sizeof *psi0), *psi = calloc(n, sizeof *psi);
  TEST_OK(c, nqs_exact_ground(c, before, NULL, 1e-13, &energy, psi0, NULL));
  TEST_OK(c, nqs_exact_spectrum(c, after, &w, &v));
  for (size_t k = 0; k < n; k++) {
    double complex overlap = 0;
    for (size_t i = 0; i < n; i++) overlap += conj(v[k * n + i]) * psi0[i];
    overlap *= cexp(-I * w[k] * t);
    for (size_t i = 0; i < n; i++) psi[i] += overlap * v[k * n + i];
  }
  for (size_t i = 0; i < n; i++)
    for (size_t site = 0; site < sites; site++) {
      int8_t s[16];
      nqs_hilbert_unrank(before->space, i, s);
      s[site] = (int8_t)-s[site];
      sx += creal(conj(psi[i]) * psi[nqs_hilbert_rank(before->space, s)]) / (double)sites;
    }
  free(w);
  free(v);
  free(psi0);
  free(psi);
  return sx;
}

static nqs_hamiltonian *tfim(com_ctx *c, const nqs_lattice *l, const char *text) {
  com_choice ch = {0};
  cJSON *j = parse(c, text);
  nqs_hamiltonian *h = NULL;
  TEST_OK(c, com_field_choice_read(c, COM_E_CONFIG, &nqs_hamiltonian_kind, "test", "", j, &ch));
  TEST_OK(c, nqs_hamiltonian_create(c, &ch, l, 0, 0, &h));
  com_field_choice_finish(&nqs_hamiltonian_kind, &ch);
  com_json_free(j);
  return h;
}

START_TEST(quench_of_the_tfi_ring) {
  com_ctx *c = test_ctx();
  nqs_driver *d =
      prepare(c, "{\"lattice\":{\"type\":\"chain\",\"n\":10},\"hamiltonian\":{\"type\":\"tfim\",\"h\":2},"
                 "\"ansatz\":{\"type\":\"rbm\",\"alpha\":4,\"symmetry\":\"translation\"},"
                 "\"sampler\":{\"type\":\"sum\"},\"iterations\":150,"
                 "\"evolve\":{\"hamiltonian\":{\"type\":\"tfim\",\"h\":0.5},\"points\":5}}");
  cJSON *r = evolve(c, d);
  nqs_hamiltonian *after = tfim(c, nqs_driver_lattice(d), "{\"type\":\"tfim\",\"h\":0.5}");
  for (size_t k = 0; k <= 5; k++) {
    const double t = 0.2 * (double)k;
    TEST_NEAR(cell(r, k, "t"), t, 1e-14);
    ck_assert_msg(fabs(cell(r, k, "X") - cell(r, k, "X_exact")) < 2e-3, "t = %g: %g, companion %g", t,
                  cell(r, k, "X"), cell(r, k, "X_exact"));
    ck_assert_double_gt(cell(r, k, "fidelity"), 0.998);
    ck_assert_msg(fabs(cell(r, k, "energy") - cell(r, 0, "energy")) < 1e-3, "energy is not conserved");
    ck_assert_double_lt(cell(r, k, "residual"), 0.02);
  }
  const double want = exact_sx(c, nqs_driver_hamiltonian(d), after, 1.0);
  ck_assert_msg(fabs(cell(r, 5, "X") - want) < 2e-3, "<sx>(1) = %.6f, exact %.6f", cell(r, 5, "X"), want);
  TEST_NEAR(cell(r, 5, "X_exact"), want, 1e-4); /* the start is a variational state */
  com_json_free(r);
  nqs_hamiltonian_destroy(after);
  nqs_driver_destroy(d);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(imaginary_time_cools_to_the_ground_state) {
  com_ctx *c = test_ctx();
  nqs_driver *d =
      prepare(c, "{\"lattice\":{\"type\":\"chain\",\"n\":6},\"hamiltonian\":{\"type\":\"heisenberg\"},"
                 "\"ansatz\":{\"type\":\"rbm\",\"alpha\":2,\"sigma\":0.1},\"sampler\":{\"type\":\"sum\"},"
                 "\"iterations\":0,\"evolve\":{\"imaginary\":true,\"time\":2,\"points\":4}}");
  double exact = 0;
  cJSON *r = evolve(c, d);
  TEST_OK(c, nqs_exact_ground(c, nqs_driver_hamiltonian(d), NULL, 1e-12, &exact, NULL, NULL));
  for (size_t k = 1; k <= 4; k++) ck_assert_double_lt(cell(r, k, "energy"), cell(r, k - 1, "energy"));
  ck_assert_msg(cell(r, 4, "energy") - exact < 1e-3 * fabs(exact), "%g, exact %g", cell(r, 4, "energy"),
                exact);
  com_json_free(r);
  nqs_driver_destroy(d);
  com_ctx_destroy(c);
}
END_TEST

/* Real parameters with complex log psi obey the same equations with real parts; Heun and CVODES agree. */
START_TEST(every_kind_of_parameter_moves) {
  static const char *const ansatz[] = {
      "{\"type\":\"ffn\",\"hidden\":[8],\"sigma\":0.3}", "{\"type\":\"arnn\",\"features\":3,\"sigma\":0.3}",
      "{\"type\":\"mps\",\"bond\":4,\"sigma\":0.3}", "{\"type\":\"jastrow\",\"sigma\":0.3}"};
  static const double fidelity[] = {0.99, 0.99, 0.9999, 0.95};
  for (size_t k = 0; k < sizeof ansatz / sizeof *ansatz; k++) {
    com_ctx *c = test_ctx();
    char config[600];
    double end[2];
    for (int heun = 0; heun < 2; heun++) {
      snprintf(config, sizeof config,
               "{\"lattice\":{\"type\":\"chain\",\"n\":5},\"hamiltonian\":{\"type\":\"tfim\",\"h\":1.5},"
               "\"ansatz\":%s,"
               "\"sampler\":{\"type\":\"sum\"},\"iterations\":0,\"evolve\":{\"time\":0.2,\"points\":2,"
               "\"scheme\":\"%s\","
               "\"step\":0.002,\"rel_tol\":1e-7,\"abs_tol\":1e-7,\"cutoff\":1e-3}}",
               ansatz[k], heun ? "heun" : "cvodes");
      nqs_driver *d = prepare(c, config);
      cJSON *r = evolve(c, d);
      ck_assert_msg(cell(r, 2, "fidelity") > fidelity[k], "%s: fidelity %g", ansatz[k],
                    cell(r, 2, "fidelity"));
      ck_assert_msg(fabs(cell(r, 2, "energy") - cell(r, 0, "energy")) < 2e-2, "%s: energy %g -> %g",
                    ansatz[k], cell(r, 0, "energy"), cell(r, 2, "energy"));
      end[heun] = cell(r, 2, "X");
      com_json_free(r);
      nqs_driver_destroy(d);
    }
    ck_assert_msg(fabs(end[0] - end[1]) < 1e-3, "%s: cvodes %g, heun %g", ansatz[k], end[0], end[1]);
    com_ctx_destroy(c);
  }
}
END_TEST

/* Sampled forces: the noise is cut off, the error bars cover the exact values. */
START_TEST(chains_follow_a_short_quench) {
  com_ctx *c = test_ctx();
  nqs_driver *d =
      prepare(c, "{\"lattice\":{\"type\":\"chain\",\"n\":6},\"hamiltonian\":{\"type\":\"tfim\",\"h\":2},"
                 "\"ansatz\":{\"type\":\"rbm\",\"symmetry\":\"translation\"},"
                 "\"sampler\":{\"type\":\"metropolis\",\"sweeps\":2000},\"iterations\":60,"
                 "\"measure\":{\"sweeps\":8000},\"evolve\":{\"hamiltonian\":{\"type\":\"tfim\",\"h\":1},"
                 "\"time\":0.3,\"points\":3,\"scheme\":\"heun\",\"step\":0.02}}");
  cJSON *r = evolve(c, d);
  const double room =
      4 * cell(r, 3, "X_error") + 0.02; /* bar of the mean, and the accumulated noise of the path */
  ck_assert_msg(fabs(cell(r, 3, "X") - cell(r, 3, "X_exact")) < room, "%g, exact %g, room %g",
                cell(r, 3, "X"), cell(r, 3, "X_exact"), room);
  ck_assert_double_gt(cell(r, 3, "fidelity"), 0.99);
  ck_assert_double_gt(cell(r, 3, "X_error"), 1e-5);
  com_json_free(r);
  nqs_driver_destroy(d);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(what_cannot_move_is_refused) {
  com_ctx *c = test_ctx();
  nqs_evolve *e = NULL;
  nqs_driver *d =
      prepare(c, "{\"lattice\":{\"type\":\"chain\",\"n\":4},\"hamiltonian\":{\"type\":\"tfim\"},"
                 "\"ansatz\":{\"type\":\"rbm\",\"weights\":\"real\"},\"sampler\":{\"type\":\"sum\"},"
                 "\"iterations\":0}");
  TEST_FAILS(c, COM_E_CONFIG, "positive wave function", nqs_evolve_create(c, "x.json", d, &e));
  nqs_driver_destroy(d);
  d = prepare(c, "{\"lattice\":{\"type\":\"chain\",\"n\":4},\"hamiltonian\":{\"type\":\"tfim\"},"
                 "\"sampler\":{\"type\":\"sum\"},\"iterations\":0,"
                 "\"evolve\":{\"hamiltonian\":{\"type\":\"heisenberg\"}}}");
  TEST_FAILS(c, COM_E_CONFIG, "another space", nqs_evolve_create(c, "x.json", d, &e));
  nqs_driver_destroy(d);
  d = prepare(c, "{\"lattice\":{\"type\":\"chain\",\"n\":4},\"hamiltonian\":{\"type\":\"tfim\"},"
                 "\"sampler\":{\"type\":\"sum\"},\"iterations\":0,"
                 "\"evolve\":{\"hamiltonian\":{\"type\":\"heisenberg\",\"sector\":\"free\"}}}");
  TEST_FAILS(c, COM_E_CONFIG, "Marshall", nqs_evolve_create(c, "x.json", d, &e));
  nqs_driver_destroy(d);
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("nqs_tdvp", quench_of_the_tfi_ring, imaginary_time_cools_to_the_ground_state,
          every_kind_of_parameter_moves, chains_follow_a_short_quench, what_cannot_move_is_refused)
