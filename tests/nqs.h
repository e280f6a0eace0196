/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file nqs.h  Choices, models and drivers from JSON text, for the tests of src/nqs. */
#ifndef HOLOGRAD_TESTS_NQS_H
#define HOLOGRAD_TESTS_NQS_H
#include <complex.h>
#include <stdio.h>
#include "nqs/driver.h"
#include "test.h"

static inline com_choice nqs_choice(com_ctx *c, const com_kind *k, const char *text) {
  cJSON *j = NULL;
  com_choice ch = {0};
  TEST_OK(c, com_json_parse(c, "test", text, strlen(text), &j));
  TEST_OK(c, com_field_choice_read(c, COM_E_CONFIG, k, "test", k->name, j, &ch));
  com_json_free(j);
  return ch;
}

/** A lattice with a Hamiltonian on it. */
typedef struct nqs_model {
  com_choice lattice_choice, ham_choice;
  nqs_lattice *l;
  nqs_hamiltonian *h;
} nqs_model;

static inline nqs_model nqs_model_make(com_ctx *c, const char *lattice, const char *hamiltonian) {
  nqs_model m = {.lattice_choice = nqs_choice(c, &nqs_lattice_kind, lattice),
                 .ham_choice = nqs_choice(c, &nqs_hamiltonian_kind, hamiltonian)};
  TEST_OK(c, nqs_lattice_create(c, &m.lattice_choice, &m.l));
  TEST_OK(c, nqs_hamiltonian_create(c, &m.ham_choice, m.l, '\0', 0, &m.h));
  return m;
}

static inline void nqs_model_finish(nqs_model *m) {
  nqs_hamiltonian_destroy(m->h);
  nqs_lattice_destroy(m->l);
  com_field_choice_finish(&nqs_lattice_kind, &m->lattice_choice);
  com_field_choice_finish(&nqs_hamiltonian_kind, &m->ham_choice);
}

/** A driver from a config given as text, in a context of its own with this seed and number of threads. */
typedef struct nqs_run {
  com_ctx *c;
  nqs_driver *d;
} nqs_run;

static inline nqs_run nqs_run_make(const char *text, uint64_t seed, int threads) {
  nqs_run r = {0};
  cJSON *j = NULL;
  ck_assert_int_eq(com_ctx_create(&(com_ctx_opts){.seed = seed, .threads = threads}, &r.c), COM_OK);
  TEST_OK(r.c, com_json_parse(r.c, "test", text, strlen(text), &j));
  TEST_OK(r.c, nqs_driver_create(r.c, "test", j, &r.d));
  com_json_free(j);
  return r;
}

static inline void nqs_run_finish(nqs_run *r) {
  nqs_driver_destroy(r->d);
  com_ctx_destroy(r->c);
}
#endif
