/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every registered ansatz on every kind of Hamiltonian, 8 sites: energy and gradient by full summation against
 * <psi|H|psi>/<psi|psi> from the dense matrix and its central differences; Metropolis agrees within its error. */
#include "../nqs.h"
#include "nqs/sr_system.h"

typedef struct system_spec {
  const char *lattice, *hamiltonian;
} system_spec;
static const system_spec systems[] = {
    {"{\"type\":\"chain\",\"n\":8}", "{\"type\":\"tfim\",\"h\":0.8,\"hz\":0.2385}"},
    {"{\"type\":\"square\",\"lx\":4,\"ly\":2}", "{\"type\":\"heisenberg\",\"J2\":0.3}"},
    {"{\"type\":\"chain\",\"n\":8}", "{\"type\":\"xxz\",\"delta\":0.6,\"marshall\":\"off\"}"},
    {"{\"type\":\"chain\",\"n\":8}", "{\"type\":\"pauli\",\"terms\":[[-0.7,\"ZXZ\",[0,1,2]],[-0.9,\"ZXZ\",[3,"
                                     "4,5]],[0.4,\"XYY\",[5,6,7]],[-1,\"X\",[6]],[0.3,\"Y\",[1]]]}"},
    {"{\"type\":\"chain\",\"n\":4}", "{\"type\":\"bose_hubbard\",\"U\":1.7}"}};

typedef struct pair {
  com_ctx *c;
  nqs_model m;
  nqs_ansatz *a;
  size_t dim;
  double complex *H;
  int8_t *s;
} pair;

/* <psi|H|psi>/<psi|psi> at parameters w, by the dense matrix. */
static double energy_at(pair *p, const double *w) {
  double complex *psi = malloc(p->dim * sizeof *psi), e = 0;
  double norm = 0, top = -INFINITY;
  const size_t bytes = p->a->ops->work_size ? p->a->ops->work_size(p->a->self, p->dim) : 0;
  void *work = malloc(bytes + 1);
  TEST_OK(p->c, nqs_ansatz_load(p->c, p->a, w));
  p->a->ops->log_psi_of(p->a->self, p->dim, p->s, work, psi);
  for (size_t k = 0; k < p->dim; k++) top = fmax(top, creal(psi[k]));
  for (size_t k = 0; k < p->dim; k++) psi[k] = cexp(psi[k] - top), norm += creal(psi[k] * conj(psi[k]));
  for (size_t r = 0; r < p->dim; r++)
    for (size_t k = 0; k < p->dim; k++) e += conj(psi[r]) * p->H[r * p->dim + k] * psi[k];
  free(work);
  free(psi);
  return creal(e) / norm;
}

static void check_pair(pair *p, const char *what) {
  const nqs_ansatz *a = p->a;
  com_pool *pool = NULL;
  nqs_sampler *sum = NULL;
  nqs_samples s = {0};
  nqs_estimate e;
  TEST_OK(p->c, com_pool_create(p->c, 1, &pool));
  com_choice ch = nqs_choice(p->c, &nqs_sampler_kind, "{\"type\":\"sum\"}");
  const nqs_task task = {p->m.h, p->a, pool, "chain"};
  TEST_OK(p->c, nqs_sampler_create(p->c, &ch, &task, &sum));
  TEST_OK(p->c, nqs_sampler_collect(p->c, sum, 0, NQS_WANT_O, &s));
  ck_assert_uint_eq(s.n_bad, 0);
  nqs_estimate_series(s.n_chains, s.n_time, s.eloc, s.weight, &e);
  double *w = malloc(a->n_reals * sizeof *w), *F = malloc(a->n_reals * sizeof *F);
  memcpy(w, a->w, a->n_reals * sizeof *w);
  const double direct = energy_at(p, w);
  ck_assert_msg(fabs(e.mean - direct) < 1e-10 * fmax(1, fabs(direct)), "%s: energy %.15g, dense %.15g", what,
                e.mean, direct);
  nqs_sr_system y;
  nqs_sr_system_init(a, pool, &y);
  TEST_OK(p->c, nqs_sr_system_load(p->c, &y, &s));
  TEST_OK(p->c, nqs_sr_system_adjoint(p->c, &y, y.eps, F));
  /* dE/dw = 2 Re F; for complex parameters the real and imaginary parts of 2 F */
  const size_t stride = a->n_reals / 12 + 1;
  for (size_t k = 0; k < a->n_reals; k += stride) {
    const double step = 1e-3, w0 = w[k];
    double d = 0;
    static const double at[] = {-2, -1, 1, 2}, by[] = {1, -8, 8, -1};
    for (int q = 0; q < 4; q++) w[k] = w0 + at[q] * step, d += by[q] * energy_at(p, w) / (12 * step);
    w[k] = w0;
    ck_assert_msg(fabs(d - 2 * F[k]) < 1e-8 * (1 + fabs(d)), "%s: dE/dw[%zu] = %.12g, differences %.12g",
                  what, k, 2 * F[k], d);
  }
  TEST_OK(p->c, nqs_ansatz_load(p->c, p->a, w));
  nqs_sr_system_finish(&y);
  nqs_sampler_samples_finish(&s);
  nqs_sampler_destroy(sum);
  com_field_choice_finish(&nqs_sampler_kind, &ch);

  ch = nqs_choice(p->c, &nqs_sampler_kind, "{\"type\":\"metropolis\",\"discard\":800}");
  TEST_OK(p->c, nqs_sampler_create(p->c, &ch, &task, &sum));
  TEST_OK(p->c, nqs_sampler_collect(p->c, sum, 3000, 0, &s));
  nqs_estimate_series(s.n_chains, s.n_time, s.eloc, NULL, &e);
  ck_assert_msg(fabs(e.mean - direct) < 4.5 * e.error, "%s: Metropolis %g +- %g, exact %g", what, e.mean,
                e.error, direct);
  nqs_sampler_samples_finish(&s);
  nqs_sampler_destroy(sum);
  com_field_choice_finish(&nqs_sampler_kind, &ch);
  com_pool_destroy(pool);
  free(w);
  free(F);
}

START_TEST(all_pairs) {
  for (const com_component *const *type = nqs_ansatz_kind.all(); *type; type++) {
    char text[128], what[256];
    const int wraps = !strcmp((*type)->name, "projected"); /* the one that needs another ansatz inside */
    snprintf(text, sizeof text, "{\"type\":\"%s\"%s}", (*type)->name,
             wraps ? ",\"ansatz\":{\"type\":\"rbm\"}" : "");
    pair p = {.c = test_ctx()};
    p.m = nqs_model_make(p.c, systems[_i].lattice, systems[_i].hamiltonian);
    p.dim = (size_t)p.m.h->space->dim;
    snprintf(what, sizeof what, "%s on %s", (*type)->name, systems[_i].hamiltonian);
    com_choice ch = nqs_choice(p.c, &nqs_ansatz_kind, text);
    ((nqs_ansatz_shared *)ch.shared)->sigma = 0.12385;
    if (nqs_ansatz_create(p.c, &ch, p.m.l, p.m.h->space, &p.a) == COM_OK) {
      TEST_OK(p.c, nqs_exact_dense(p.c, p.m.h, &p.H));
      p.s = malloc(p.dim * p.m.l->n);
      nqs_hilbert_range(p.m.h->space, 0, p.dim, p.s);
      check_pair(&p, what);
      free(p.H);
      free(p.s);
    } else {
      ck_assert_msg(strlen(com_ctx_error(p.c)) > 20, "%s refused without a reason", what);
    }
    nqs_ansatz_destroy(p.a);
    com_field_choice_finish(&nqs_ansatz_kind, &ch);
    nqs_model_finish(&p.m);
    com_ctx_destroy(p.c);
  }
}
END_TEST

int main(void) {
  TCase *tc = tcase_create("nqs_sum");
  tcase_set_timeout(tc, 600);
  tcase_add_loop_test(tc, all_pairs, 0, sizeof systems / sizeof *systems);
  Suite *s = suite_create("nqs_sum");
  suite_add_tcase(s, tc);
  SRunner *r = srunner_create(s);
  srunner_run_all(r, CK_ENV);
  const int bad = srunner_ntests_failed(r);
  srunner_free(r);
  return bad ? EXIT_FAILURE : EXIT_SUCCESS;
}
