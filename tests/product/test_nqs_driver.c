/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loop as a user meets it: converges, gives the same digits on any number of threads and after a resume, survives bad
 * steps, says when chains disagree. */
#include "../nqs.h"
#include "nqs/reference.h"

static void iterate(nqs_run *r, int n) {
  for (int k = 0; k < n && !nqs_driver_stop(r->d); k++) TEST_OK(r->c, nqs_driver_iterate(r->d));
}

#define TFI12 "\"lattice\":{\"type\":\"chain\",\"n\":12},\"hamiltonian\":{\"type\":\"tfim\"}"
#define AFH8 "\"lattice\":{\"type\":\"chain\",\"n\":8},\"hamiltonian\":{\"type\":\"heisenberg\"}"

START_TEST(full_summation_converges) {
  static const struct {
    const char *text;
    double error;
  } cases[] = {
      {"{" TFI12 ",\"ansatz\":{\"type\":\"rbm\",\"symmetry\":\"translation\"},\"sampler\":{\"type\":\"sum\"},"
       "\"iterations\":150,"
       "\"optimizer\":{\"type\":\"sr\",\"rate\":0.2}}",
       2e-4},
      {"{" AFH8
       ",\"ansatz\":{\"type\":\"rbm\",\"alpha\":2},\"sampler\":{\"type\":\"sum\"},\"iterations\":150,"
       "\"optimizer\":{\"type\":\"sr\",\"rate\":0.1}}",
       2e-4},
      {"{" AFH8 ",\"ansatz\":{\"type\":\"rbm\",\"weights\":\"real\"},\"sampler\":{\"type\":\"sum\"},"
       "\"iterations\":600,"
       "\"optimizer\":{\"type\":\"adam\",\"rate\":0.03}}",
       5e-3},
      {"{" AFH8
       ",\"ansatz\":{\"type\":\"rbm\",\"alpha\":4},\"sampler\":{\"type\":\"sum\"},\"iterations\":120,"
       "\"optimizer\":{\"type\":\"sr\",\"rate\":0.1,\"momentum\":0.8,\"solver\":\"minsr\"}}",
       2e-4}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    nqs_run r = nqs_run_make(cases[k].text, 3, 1);
    double exact;
    const char *source;
    ck_assert(nqs_hamiltonian_reference(nqs_driver_hamiltonian(r.d), &nqs_driver_options(r.d)->hamiltonian,
                                        &exact, &source));
    iterate(&r, 1000);
    ck_assert_int_eq(nqs_driver_stop(r.d), COM_STOP_MAX_ITER);
    TEST_OK(r.c, nqs_driver_measure(r.d));
    const nqs_estimate *e = nqs_driver_measured(r.d);
    const double rel = (e->mean - exact) / fabs(exact);
    ck_assert_msg(rel > -1e-12 && rel < cases[k].error, "%s: relative error %g", cases[k].text, rel);
    nqs_run_finish(&r);
  }
}
END_TEST

/* One seed of the 40-site ring at the critical point; the ten seeds are in `make bench-nqs`. */
START_TEST(forty_sites) {
  nqs_run r = nqs_run_make("{\"lattice\":{\"type\":\"chain\",\"n\":40},\"hamiltonian\":{\"type\":\"tfim\"},"
                           "\"ansatz\":{\"type\":\"rbm\",\"symmetry\":\"translation\"},\"iterations\":300,"
                           "\"optimizer\":{\"type\":\"sr\",\"rate\":0.1}}",
                           2, 2);
  iterate(&r, 1000);
  TEST_OK(r.c, nqs_driver_measure(r.d));
  const double exact = nqs_reference_tfi_ring(40, 1, 1),
               rel = (nqs_driver_measured(r.d)->mean - exact) / fabs(exact);
  ck_assert_msg(rel > -1e-4 && rel < 3.6e-4, "relative error %g", rel);
  ck_assert(nqs_driver_measured(r.d)->rhat < 1.05);
  nqs_run_finish(&r);
}
END_TEST

static const char *const small =
    "{\"lattice\":{\"type\":\"chain\",\"n\":10},\"hamiltonian\":{\"type\":\"heisenberg\"},"
    "\"ansatz\":{\"type\":\"rbm\",\"alpha\":2,\"symmetry\":\"translation\"},"
    "\"sampler\":{\"type\":\"metropolis\",\"sweeps\":300},\"iterations\":12,"
    "\"optimizer\":{\"type\":\"sr\",\"momentum\":0.5}}";

static void same_state(const nqs_run *a, const nqs_run *b) {
  const nqs_ansatz *x = nqs_driver_ansatz(a->d), *y = nqs_driver_ansatz(b->d);
  for (size_t k = 0; k < x->n_reals; k++)
    ck_assert_msg(x->w[k] == y->w[k], "parameter %zu: %.17g %.17g", k, x->w[k], y->w[k]);
}

START_TEST(threads_do_not_matter) {
  nqs_run one = nqs_run_make(small, 9, 1), three = nqs_run_make(small, 9, 3);
  iterate(&one, 12);
  iterate(&three, 12);
  same_state(&one, &three);
  TEST_OK(one.c, nqs_driver_measure(one.d));
  TEST_OK(three.c, nqs_driver_measure(three.d));
  ck_assert(nqs_driver_measured(one.d)->mean == nqs_driver_measured(three.d)->mean);
  ck_assert(nqs_driver_measured(one.d)->error == nqs_driver_measured(three.d)->error);
  nqs_run other = nqs_run_make(small, 10, 1); /* another seed is another run */
  iterate(&other, 12);
  ck_assert(nqs_driver_ansatz(one.d)->w[0] != nqs_driver_ansatz(other.d)->w[0]);
  nqs_run_finish(&one);
  nqs_run_finish(&three);
  nqs_run_finish(&other);
}
END_TEST

static void check_resume(const char *text) {
  nqs_run whole = nqs_run_make(text, 4, 1), first = nqs_run_make(text, 4, 1),
          second = nqs_run_make(text, 4, 2);
  cJSON *state = NULL, *read = NULL;
  char *written = NULL;
  iterate(&whole, 12);
  iterate(&first, 5);
  TEST_OK(first.c, nqs_driver_checkpoint(first.d, &state));
  TEST_OK(first.c, com_json_text(first.c, state, &written)); /* through text, as a file would go */
  TEST_OK(first.c, com_json_parse(first.c, "checkpoint", written, strlen(written), &read));
  TEST_OK(second.c, nqs_driver_resume(second.d, read));
  ck_assert_int_eq(nqs_driver_iteration(second.d), 5);
  iterate(&second, 12);
  same_state(&whole, &second);
  TEST_OK(whole.c, nqs_driver_measure(whole.d));
  TEST_OK(second.c, nqs_driver_measure(second.d));
  ck_assert(nqs_driver_measured(whole.d)->mean == nqs_driver_measured(second.d)->mean);
  com_json_add(second.c, read, "parameters", com_json_reals((double[]){1, 2}, 2));
  TEST_FAILS(second.c, COM_E_DATA, "same configuration", nqs_driver_resume(second.d, read));
  com_json_free(state);
  com_json_free(read);
  free(written);
  nqs_run_finish(&whole);
  nqs_run_finish(&first);
  nqs_run_finish(&second);
}

START_TEST(resume_bit_for_bit) {
  check_resume(small);
  check_resume(
      "{" TFI12
      ",\"ansatz\":{\"type\":\"rbm\"},\"sampler\":{\"type\":\"metropolis\",\"ladder\":0,\"sweeps\":100},"
      "\"iterations\":12,\"optimizer\":{\"type\":\"adam\"}}");
}
END_TEST

/* Steps that are far too long: the driver goes back instead of printing NaN, and gives up with a reason if that never ends. */
START_TEST(bad_steps_are_taken_back) {
  nqs_run r = nqs_run_make("{" TFI12 ",\"ansatz\":{\"type\":\"rbm\",\"sigma\":0.3},\"iterations\":40,"
                           "\"optimizer\":{\"type\":\"sr\",\"rate\":8,\"lambda0\":0,\"lambda_min\":0.001,"
                           "\"guard\":0,\"inertia\":0,"
                           "\"max_step\":1000}}",
                           1, 1);
  com_status status = COM_OK;
  for (int k = 0; k < 80 && !nqs_driver_stop(r.d) && !status; k++) {
    status = nqs_driver_iterate(r.d);
    for (size_t i = 0; i < nqs_driver_ansatz(r.d)->n_reals; i++)
      ck_assert(isfinite(nqs_driver_ansatz(r.d)->w[i]));
  }
  ck_assert(status == COM_OK || status == COM_E_NUM);
  if (status) ck_assert_ptr_nonnull(strstr(com_ctx_error(r.c), "optimizer.rate"));
  cJSON *result = NULL;
  TEST_OK(r.c, nqs_driver_result(r.d, &result));
  ck_assert_msg(com_json_num(com_json_get(result, "rollbacks"), 0) > 0, "nothing was taken back");
  com_json_free(result);
  nqs_run_finish(&r);
}
END_TEST

/* Without noise a state that gets lost step by step is caught as well: no iteration stands above the best one before it by
 * more than the fluctuation of that one. */
START_TEST(lost_states_are_taken_back) {
  nqs_run r = nqs_run_make(
      "{" TFI12 ",\"ansatz\":{\"type\":\"rbm\",\"alpha\":2},\"sampler\":{\"type\":\"sum\"},"
      "\"iterations\":60,\"optimizer\":{\"type\":\"sr\",\"rate\":2,\"lambda0\":0.001,\"lambda_min\":"
      "0.001,\"inertia\":0.9,\"max_step\":0.5}}",
      1, 1);
  double best = INFINITY, room = 0;
  for (int k = 0; k < 200 && !nqs_driver_stop(r.d); k++) {
    const long before = nqs_driver_iteration(r.d);
    TEST_OK(r.c, nqs_driver_iterate(r.d));
    const nqs_estimate *e = nqs_driver_energy(r.d);
    if (nqs_driver_iteration(r.d) == before) continue; /* taken back */
    ck_assert_msg(!(e->mean > best + room), "iteration %ld: %g, best %g", before, e->mean, best);
    if (e->mean < best) best = e->mean, room = sqrt(e->variance);
  }
  cJSON *result = NULL;
  TEST_OK(r.c, nqs_driver_result(r.d, &result));
  ck_assert(com_json_num(com_json_get(result, "rollbacks"), 0) > 0);
  com_json_free(result);
  nqs_run_finish(&r);
}
END_TEST

static int warned(const nqs_run *r, const char *code) {
  int yes = 0;
  for (size_t k = 0; k < com_ctx_n_warnings(r->c); k++) yes |= !strcmp(com_ctx_warnings(r->c)[k].code, code);
  return yes;
}

/* A start so wide that psi sits on the Neel state: the samples have no variance there, and no step led away (E = -9.94, -10.00,
 * -10.01 with these seeds, one diagonal element of H). */
START_TEST(wide_starts_are_flattened) {
  for (unsigned seed = 1; seed <= 3; seed++) {
    nqs_run r = nqs_run_make("{\"lattice\":{\"type\":\"chain\",\"n\":10},\"hamiltonian\":{\"type\":"
                             "\"heisenberg\"},\"iterations\":100,"
                             "\"ansatz\":{\"type\":\"rbm\",\"symmetry\":\"translation\",\"sigma\":0.5}}",
                             seed, 1);
    cJSON *result = NULL;
    while (!nqs_driver_stop(r.d)) TEST_OK(r.c, nqs_driver_iterate(r.d));
    TEST_OK(r.c, nqs_driver_measure(r.d));
    TEST_OK(r.c, nqs_driver_result(r.d, &result));
    const double e = nqs_driver_measured(r.d)->mean, exact = -40 * 0.4515446354;
    ck_assert_msg(fabs(e / exact - 1) < 1e-3 && warned(&r, "flattened"), "seed %u: %g, exact %g", seed, e,
                  exact);
    com_json_free(result);
    nqs_run_finish(&r);
  }
}
END_TEST

/* A ferromagnet deep in the ordered phase with few sweeps: half the chains up, half down, and a field that tells them apart.
 * The chains cannot cross; split R-hat says so. */
START_TEST(disagreeing_chains_are_noticed) {
  nqs_run r = nqs_run_make(
      "{\"lattice\":{\"type\":\"chain\",\"n\":14},\"hamiltonian\":{\"type\":\"tfim\",\"h\":0.4,\"hz\":0.3},"
      "\"ansatz\":{\"type\":\"rbm\",\"weights\":\"real\",\"sigma\":0},\"iterations\":0,"
      "\"sampler\":{\"type\":\"metropolis\",\"ladder\":0},\"measure\":{\"sweeps\":3000}}",
      6, 1);
  nqs_ansatz *a = nqs_driver_ansatz(r.d);
  for (size_t k = 0; k < a->n_reals; k++)
    a->w[k] = k >= a->n_reals - 14 * 14 && (k - (a->n_reals - 14 * 14)) / 14 < 2 ? 0.9 : 0;
  TEST_OK(r.c, nqs_ansatz_load(r.c, a, a->w));
  TEST_OK(r.c, nqs_driver_measure(r.d));
  ck_assert_msg(nqs_driver_measured(r.d)->rhat > 1.5, "R-hat %g", nqs_driver_measured(r.d)->rhat);
  ck_assert(warned(&r, "rhat"));
  nqs_run_finish(&r);
}
END_TEST

/* The Heisenberg ring of 80 sites, trained on chains that start from Neel states and left to itself elsewhere: chains that
 * start at random hang between ferromagnetic domains, far above the energy of the others.  Without tempering the
 * measurement says so; with it the same start finds the energy of the others. */
START_TEST(hanging_chains_are_noticed) {
#define AFH80                                                                                                \
  "{\"lattice\":{\"type\":\"chain\",\"n\":80},\"hamiltonian\":{\"type\":\"heisenberg\"},\"ansatz\":{"        \
  "\"type\":"                                                                                                \
  "\"rbm\",\"symmetry\":\"translation\"},\"measure\":{\"sweeps\":4000},"
  nqs_run neel = nqs_run_make(AFH80 "\"iterations\":80,\"sampler\":{\"type\":\"metropolis\",\"chains\":8,"
                                    "\"start\":\"neel\",\"ladder\":0,\"probes\":0}}",
                              1, 1);
  iterate(&neel, 80);
  TEST_OK(neel.c, nqs_driver_measure(neel.d));
  const nqs_estimate *calm = nqs_driver_measured(neel.d);
  ck_assert_msg(calm->rhat < 1.05 && !warned(&neel, "rhat"), "R-hat %g", calm->rhat);
  for (int ladder = 0; ladder <= 1; ladder++) {
    nqs_run r = nqs_run_make(
        ladder ? AFH80
            "\"iterations\":0,\"sampler\":{\"type\":\"metropolis\",\"chains\":8,\"start\":\"random\"}}"
               : AFH80
            "\"iterations\":0,\"sampler\":{\"type\":\"metropolis\",\"chains\":8,\"start\":\"random\","
            "\"ladder\":0,\"probes\":0}}",
        2, 1);
    TEST_OK(r.c, nqs_ansatz_load(r.c, nqs_driver_ansatz(r.d), nqs_driver_ansatz(neel.d)->w));
    TEST_OK(r.c, nqs_driver_measure(r.d));
    const nqs_estimate *e = nqs_driver_measured(r.d);
    ck_assert_msg((e->rhat > 1.1) == !ladder && warned(&r, "rhat") == !ladder, "ladder %d: R-hat %g", ladder,
                  e->rhat);
    if (ladder)
      ck_assert_msg(fabs(e->mean - calm->mean) < 5 * hypot(e->error, calm->error), "%g, from Neel %g",
                    e->mean, calm->mean);
    nqs_run_finish(&r);
  }
  nqs_run_finish(&neel);
}
END_TEST

START_TEST(result_and_config) {
  nqs_run r = nqs_run_make(small, 4, 1);
  cJSON *result = NULL, *config = NULL;
  iterate(&r, 12);
  TEST_OK(r.c, nqs_driver_measure(r.d));
  TEST_OK(r.c, nqs_driver_result(r.d, &result));
  TEST_OK(r.c, nqs_driver_config(r.d, &config));
  const cJSON *e = com_json_get(result, "energy");
  static const char *const keys[] = {"mean", "error", "per_site", "variance", "tau", "rhat", "v_score", NULL};
  for (int k = 0; keys[k]; k++) ck_assert_msg(com_json_is_number(com_json_get(e, keys[k])), "%s", keys[k]);
  TEST_NEAR(com_json_num(com_json_get(e, "per_site"), 0) * 10, com_json_num(com_json_get(e, "mean"), 1),
            1e-14);
  TEST_NEAR(com_json_num(com_json_get(com_json_get(result, "exact"), "energy"), 0), -40 * 0.4515446354, 1e-8);
  ck_assert_uint_eq(com_json_size(com_json_get(com_json_get(result, "history"), "rows")), 12);
  nqs_driver *again = NULL;
  TEST_OK(r.c, nqs_driver_create(r.c, "again", config, &again));
  while (!nqs_driver_stop(again)) TEST_OK(r.c, nqs_driver_iterate(again));
  const nqs_ansatz *a = nqs_driver_ansatz(r.d), *b = nqs_driver_ansatz(again);
  TEST_OK(r.c, nqs_driver_measure(again));
  for (size_t k = 0; k < a->n_reals; k++) ck_assert(a->w[k] == b->w[k]);
  nqs_driver_destroy(again);
  com_json_free(result);
  com_json_free(config);
  nqs_run_finish(&r);
}
END_TEST

static void refused(const char *text, const char *part) {
  com_ctx *c = test_ctx();
  cJSON *j = NULL;
  nqs_driver *d = NULL;
  TEST_OK(c, com_json_parse(c, "test", text, strlen(text), &j));
  TEST_FAILS(c, COM_E_CONFIG, part, nqs_driver_create(c, "test", j, &d));
  ck_assert_ptr_null(d);
  com_json_free(j);
  com_ctx_destroy(c);
}

START_TEST(errors) {
  refused("{" AFH8 ",\"sampler\":{\"type\":\"metropolis\",\"move\":\"flip\"}}", "leaves the sector");
  refused("{" TFI12 ",\"sampler\":{\"type\":\"metropolis\",\"move\":\"exchange\"}}",
          "cannot change the total");
  refused("{" TFI12 ",\"sampler\":{\"type\":\"metropolis\",\"flips\":13}}", "more than there are sites");
  refused("{\"lattice\":{\"type\":\"chain\",\"n\":4},\"hamiltonian\":{\"type\":\"bose_hubbard\"},"
          "\"sampler\":{\"type\":\"metropolis\",\"move\":\"exchange\"}}",
          "bosons cannot");
  refused("{\"lattice\":{\"type\":\"chain\",\"n\":40},\"hamiltonian\":{\"type\":\"tfim\"},\"sampler\":{"
          "\"type\":\"sum\"}}",
          "too many");
  refused("{\"hamiltonian\":{\"type\":\"tfim\"}}", "lattice");
  refused("{" TFI12 ",\"iteratons\":5}", "iterations");
  refused(
      "{\"lattice\":{\"type\":\"edges\",\"n\":3,\"edges\":[[0,1],[1,2]]},\"hamiltonian\":{\"type\":\"tfim\"},"
      "\"ansatz\":{\"type\":\"rbm\",\"symmetry\":\"translation\"}}",
      "no such symmetry");
}
END_TEST

TEST_MAIN("nqs_driver", full_summation_converges, forty_sites, threads_do_not_matter, resume_bit_for_bit,
          bad_steps_are_taken_back, lost_states_are_taken_back, wide_starts_are_flattened,
          disagreeing_chains_are_noticed, hanging_chains_are_noticed, result_and_config, errors)
