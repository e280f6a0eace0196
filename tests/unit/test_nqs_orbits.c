/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Summing one configuration of each orbit gives what summing all of them gives, and refuses states without the symmetry. */
#include "../nqs.h"
#include "nqs/estimate.h"
#include "nqs/sr_system.h"

typedef struct moments {
  nqs_estimate e;
  double *F;
  size_t n;
} moments;

static moments collect(com_ctx *c, const nqs_model *m, nqs_ansatz *a, const char *sampler) {
  com_pool *pool = NULL;
  nqs_sampler *s = NULL;
  nqs_samples x = {0};
  nqs_sr_system y;
  moments r = {.F = malloc(a->n_reals * sizeof(double))};
  TEST_OK(c, com_pool_create(c, 2, &pool));
  com_choice ch = nqs_choice(c, &nqs_sampler_kind, sampler);
  const nqs_task task = {.ham = m->h, .ansatz = a, .pool = pool, .stream = "chain"};
  TEST_OK(c, nqs_sampler_create(c, &ch, &task, &s));
  TEST_OK(c, nqs_sampler_collect(c, s, 0, NQS_WANT_O, &x));
  nqs_estimate_series(x.n_chains, x.n_time, x.eloc, x.weight, &r.e);
  nqs_sr_system_init(a, pool, &y);
  TEST_OK(c, nqs_sr_system_load(c, &y, &x));
  TEST_OK(c, nqs_sr_system_adjoint(c, &y, y.eps, r.F));
  r.n = x.n;
  TEST_OK(c, nqs_sampler_collect(c, s, 0, NQS_WANT_S, &x));
  ck_assert_uint_eq(x.n, (size_t)m->h->space->dim); /* observables see all configurations */
  nqs_sr_system_finish(&y);
  nqs_sampler_samples_finish(&x);
  nqs_sampler_destroy(s);
  com_field_choice_finish(&nqs_sampler_kind, &ch);
  com_pool_destroy(pool);
  return r;
}

START_TEST(orbits_give_the_same_energy_and_force) {
  static const struct {
    const char *lattice, *ham, *ansatz, *sampler;
    size_t orbits;
  } cases[] = {/* necklaces of 8 beads in 2 colours: 36 */
               {"{\"type\":\"chain\",\"n\":8}", "{\"type\":\"tfim\",\"h\":0.7}",
                "{\"type\":\"rbm\",\"symmetry\":\"translation\"}",
                "{\"type\":\"sum\",\"symmetry\":\"translation\"}", 36},
               /* bracelets of 8 beads, colours exchangeable: 18 */
               {"{\"type\":\"chain\",\"n\":8}", "{\"type\":\"tfim\",\"h\":0.7}",
                "{\"type\":\"rbm\",\"symmetry\":\"space\",\"spin_flip\":true}",
                "{\"type\":\"sum\",\"symmetry\":\"space\",\"spin_flip\":true}", 18},
               /* balanced necklaces of 6 beads: 4 */
               {"{\"type\":\"chain\",\"n\":6}", "{\"type\":\"heisenberg\"}",
                "{\"type\":\"projected\",\"ansatz\":{\"type\":\"rbm\"}}",
                "{\"type\":\"sum\",\"symmetry\":\"translation\"}", 4}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    com_ctx *c = test_ctx();
    nqs_model m = nqs_model_make(c, cases[k].lattice, cases[k].ham);
    nqs_ansatz *a = NULL;
    com_choice ch = nqs_choice(c, &nqs_ansatz_kind, cases[k].ansatz);
    ((nqs_ansatz_shared *)ch.shared)->sigma = 0.2385;
    TEST_OK(c, nqs_ansatz_create(c, &ch, m.l, m.h->space, &a));
    moments all = collect(c, &m, a, "{\"type\":\"sum\"}"), some = collect(c, &m, a, cases[k].sampler);
    ck_assert_uint_eq(some.n, cases[k].orbits);
    TEST_NEAR(some.e.mean, all.e.mean, 1e-12);
    TEST_NEAR(some.e.variance, all.e.variance, 1e-11);
    for (size_t i = 0; i < a->n_reals; i++) TEST_NEAR(some.F[i], all.F[i], 1e-11);
    free(all.F);
    free(some.F);
    nqs_ansatz_destroy(a);
    com_field_choice_finish(&nqs_ansatz_kind, &ch);
    nqs_model_finish(&m);
    com_ctx_destroy(c);
  }
}
END_TEST

START_TEST(a_state_without_the_symmetry_is_refused) {
  com_ctx *c = test_ctx();
  nqs_model m = nqs_model_make(c, "{\"type\":\"chain\",\"n\":6}", "{\"type\":\"tfim\"}");
  nqs_ansatz *a = NULL;
  com_pool *pool = NULL;
  nqs_sampler *s = NULL;
  nqs_samples x = {0};
  com_choice ch = nqs_choice(c, &nqs_ansatz_kind, "{\"type\":\"rbm\",\"sigma\":0.1}");
  com_choice sum = nqs_choice(c, &nqs_sampler_kind, "{\"type\":\"sum\",\"symmetry\":\"translation\"}");
  TEST_OK(c, nqs_ansatz_create(c, &ch, m.l, m.h->space, &a));
  TEST_OK(c, com_pool_create(c, 1, &pool));
  const nqs_task task = {.ham = m.h, .ansatz = a, .pool = pool, .stream = "chain"};
  TEST_OK(c, nqs_sampler_create(c, &sum, &task, &s));
  TEST_FAILS(c, COM_E_CONFIG, "not symmetric", nqs_sampler_collect(c, s, 0, NQS_WANT_O, &x));
  nqs_sampler_samples_finish(&x);
  nqs_sampler_destroy(s);
  com_field_choice_finish(&nqs_sampler_kind, &sum);
  com_pool_destroy(pool);
  nqs_ansatz_destroy(a);
  com_field_choice_finish(&nqs_ansatz_kind, &ch);
  nqs_model_finish(&m);
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("nqs_orbits", orbits_give_the_same_energy_and_force, a_state_without_the_symmetry_is_refused)
