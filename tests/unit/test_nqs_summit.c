/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configurations of the largest diagonal energy, against all of them; probes that start there find what random ones miss. */
#include "../nqs.h"
#include "nqs/probe.h"
#include "nqs/summit.h"

enum { N_RUNS = 8 };

static double diagonal(const nqs_hamiltonian *h, nqs_moves *m, double complex *mel, const int8_t *s) {
  double complex d;
  nqs_hamiltonian_connected(h, 1, s, &d, m, mel);
  return creal(d);
}

START_TEST(summits_are_the_top) {
  static const struct {
    const char *lattice, *hamiltonian;
  } cases[] = {
      {"{\"type\":\"chain\",\"n\":14}", "{\"type\":\"heisenberg\"}"}, /* two domains */
      {"{\"type\":\"square\",\"lx\":4,\"ly\":3}", "{\"type\":\"heisenberg\",\"J2\":0.5}"},
      {"{\"type\":\"chain\",\"n\":11}", "{\"type\":\"tfim\",\"hz\":0.3}"}, /* nearly Neel: an odd ring */
      {"{\"type\":\"chain\",\"n\":6}", "{\"type\":\"bose_hubbard\",\"particles\":6,\"n_max\":6}"}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    com_ctx *c = test_ctx();
    nqs_model q = nqs_model_make(c, cases[k].lattice, cases[k].hamiltonian);
    const nqs_hamiltonian *h = q.h;
    const size_t n = h->space->n;
    int8_t s[N_RUNS * 16], one[16];
    nqs_moves m;
    double complex *mel = malloc((h->max_moves + 1) * sizeof *mel);
    TEST_OK(c, nqs_moves_init(c, h->max_moves, h->max_sites, &m));
    double top = -INFINITY;
    for (size_t i = 0; i < (size_t)h->space->dim; i++) {
      nqs_hilbert_unrank(h->space, i, one);
      top = fmax(top, diagonal(h, &m, mel, one));
    }
    TEST_OK(c, nqs_summit_find(c, h, "summit", N_RUNS, s));
    int at_top = 0;
    for (size_t i = 0; i < N_RUNS; i++) {
      ck_assert(nqs_hilbert_contains(h->space, s + i * n));
      at_top += diagonal(h, &m, mel, s + i * n) > top - 1e-9;
    }
    ck_assert_msg(at_top >= N_RUNS / 2, "case %zu: %d of %d at the top, %g", k, at_top, N_RUNS, top);
    nqs_moves_finish(&m);
    free(mel);
    nqs_model_finish(&q);
    com_ctx_destroy(c);
  }
}
END_TEST

/* Two filters with opposite biases make log psi = sum_g 2 max(|w x_g|, b), x_g the staggered magnetisation of the image g: constant but
 * on the two Neel states (n = 24), where |psi|^2 is e^(192 w) times as large.  Elsewhere the state is the ferromagnetic ground state, of
 * local energy -n and no variance. */
START_TEST(probes_find_a_peak_of_one_configuration) {
  enum { N = 24, PROBES = 32 };
  com_ctx *c = test_ctx();
  nqs_model q = nqs_model_make(c, "{\"type\":\"chain\",\"n\":24}",
                               "{\"type\":\"heisenberg\",\"J\":-1,\"marshall\":\"off\"}");
  com_choice ch =
      nqs_choice(c, &nqs_ansatz_kind,
                 "{\"type\":\"rbm\",\"alpha\":2,\"symmetry\":\"translation\",\"weights\":\"real\"}");
  nqs_ansatz *a;
  TEST_OK(c, nqs_ansatz_create(c, &ch, q.l, q.h->space, &a));
  const double w = 1;
  double *p = calloc(a->n_reals, sizeof *p);
  p[1] = w * (N - 2), p[2] = -p[1];
  for (size_t f = 0; f < 2; f++)
    for (size_t i = 0; i < N; i++) p[3 + f * N + i] = i % 2 ? -w : w;
  TEST_OK(c, nqs_ansatz_load(c, a, p));
  nqs_probe *probe = NULL;
  nqs_finding found[PROBES];
  TEST_OK(c, nqs_probe_create(c, q.h, a, "probe", PROBES, &probe));
  TEST_OK(c, nqs_probe_prepare(c, probe));
  int8_t s[N];
  double complex typical;
  void *work = malloc(1 + (a->ops->work_size ? a->ops->work_size(a->self, 1) : 0));
  for (int i = 0; i < N; i++) s[i] = i < N / 2 ? 1 : -1; /* like all others but two */
  a->ops->log_psi_of(a->self, 1, s, work, &typical);
  free(work);
  size_t finds = 0;
  for (size_t g = 0; g < nqs_probe_groups(probe); g++) {
    nqs_probe_start(probe, g);
    ck_assert(nqs_probe_advance(probe, g, NQS_PROBE_SWEEPS));
    nqs_probe_read(probe, g, found, NULL);
    for (size_t i = 0; i < nqs_probe_first(probe, g + 1) - nqs_probe_first(probe, g); i++) {
      found[i].log_weight -= 2 * creal(typical);
      if (!(nqs_probe_excess(found + i, -N, 1e-6) > 0)) continue;
      finds++;
      ck_assert(found[i].summit && nqs_probe_share(found + i) == 1);
      found[i].log_weight = -10; /* too small to matter, where only few configurations are */
      ck_assert(nqs_probe_excess(found + i, -N, 1e-6) == 0 && nqs_probe_share(found + i) < 0.01);
      found[i].summit = 0; /* but not where they may be many */
      ck_assert(nqs_probe_excess(found + i, -N, 1e-6) > 0 && nqs_probe_share(found + i) == 1);
    }
  }
  ck_assert_msg(finds >= 4 && finds <= PROBES / 2, "%zu of %d", finds, PROBES);
  nqs_probe_destroy(probe);
  free(p);
  nqs_ansatz_destroy(a);
  com_field_choice_finish(&nqs_ansatz_kind, &ch);
  nqs_model_finish(&q);
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("nqs_summit", summits_are_the_top, probes_find_a_peak_of_one_configuration)
