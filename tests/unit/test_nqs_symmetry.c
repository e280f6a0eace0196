/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Symmetry sectors: phases, images, refusals; a projected state has the quantum numbers that were asked for. */
#include <complex.h>
#include "../test.h"
#include "nqs/ansatz.h"
#include "nqs/hamiltonian.h"
#include "nqs/symmetry.h"

static void choose(com_ctx *c, const com_kind *k, const char *text, com_choice *out) {
  cJSON *j = NULL;
  memset(out, 0, sizeof *out);
  TEST_OK(c, com_json_parse(c, "test", text, strlen(text), &j));
  TEST_OK(c, com_field_choice_read(c, COM_E_CONFIG, k, "test", k->name, j, out));
  com_json_free(j);
}

static nqs_lattice *lattice(com_ctx *c, const char *text) {
  com_choice ch;
  nqs_lattice *l = NULL;
  choose(c, &nqs_lattice_kind, text, &ch);
  TEST_OK(c, nqs_lattice_create(c, &ch, &l));
  com_field_choice_finish(&nqs_lattice_kind, &ch);
  return l;
}

static com_status make(com_ctx *c, const char *text, const nqs_lattice *l, const nqs_hilbert *h,
                       nqs_ansatz **a) {
  com_choice ch;
  choose(c, &nqs_ansatz_kind, text, &ch);
  ((nqs_ansatz_shared *)ch.shared)->sigma = 0.37;
  const com_status status = nqs_ansatz_create(c, &ch, l, h, a);
  com_field_choice_finish(&nqs_ansatz_kind, &ch);
  return status;
}

static double complex amplitude(const nqs_ansatz *a, const int8_t *s) {
  double complex lp;
  void *work = malloc(1 + (a->ops->work_size ? a->ops->work_size(a->self, 1) : 0));
  a->ops->log_psi_of(a->self, 1, s, work, &lp);
  free(work);
  return cexp(lp);
}

static void carry(const nqs_lattice *l, const uint32_t *perm, const int8_t *s, int8_t *out) {
  for (size_t i = 0; i < l->n; i++) out[perm[i]] = s[i];
}

START_TEST(projected_states_have_their_quantum_numbers) {
  static const struct {
    const char *lattice, *ansatz;
    int kx, ky, flip;
  } cases[] = {{"{\"type\":\"chain\",\"n\":7}",
                "{\"type\":\"projected\",\"ansatz\":{\"type\":\"rbm\"},\"kx\":2,\"spin_flip\":-1}", 2, 0, -1},
               {"{\"type\":\"square\",\"lx\":3,\"ly\":2}",
                "{\"type\":\"projected\",\"ansatz\":{\"type\":\"ffn\",\"hidden\":[5]},\"kx\":-1,\"ky\":1}",
                -1, 1, 0}};
  static const double two_pi = 6.283185307179586;
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    com_ctx *c = test_ctx();
    nqs_lattice *l = lattice(c, cases[k].lattice);
    nqs_hilbert *h = NULL;
    nqs_ansatz *a = NULL;
    com_rng *r = NULL;
    TEST_OK(c, nqs_hilbert_create(c, l->n, 2, -1, 2, 0, 0, &h));
    TEST_OK(c, make(c, cases[k].ansatz, l, h, &a));
    TEST_OK(c, com_rng_create(c, 11, "configurations", &r));
    for (int turn = 0; turn < 5; turn++) {
      int8_t s[16], moved[16];
      nqs_hilbert_random(h, r, s);
      const double complex psi = amplitude(a, s);
      for (size_t t = 0; t < l->n_trans; t++) {
        const double angle = two_pi * (cases[k].kx * (double)l->momentum_unit[2 * t] / l->lx +
                                       cases[k].ky * (double)l->momentum_unit[2 * t + 1] / l->ly);
        /* (T psi)(s) = psi(T^-1 s) = e^{-i k r} psi(s) */
        carry(l, l->trans + t * l->n, s, moved);
        const double complex want = cexp(I * angle) * psi;
        ck_assert_msg(cabs(amplitude(a, moved) - want) < 1e-12 * (1 + cabs(psi)), "case %zu translation %zu",
                      k, t);
      }
      for (size_t i = 0; i < l->n; i++) moved[i] = (int8_t)-s[i];
      if (cases[k].flip)
        ck_assert_msg(cabs(amplitude(a, moved) - cases[k].flip * psi) < 1e-12 * (1 + cabs(psi)), "flip");
    }
    com_rng_destroy(r);
    nqs_ansatz_destroy(a);
    nqs_hilbert_destroy(h);
    nqs_lattice_destroy(l);
    com_ctx_destroy(c);
  }
}
END_TEST

START_TEST(a_projected_state_is_its_own_projection) {
  com_ctx *c = test_ctx();
  nqs_lattice *l = lattice(c, "{\"type\":\"square\",\"lx\":3,\"ly\":3}");
  nqs_hilbert *h = NULL;
  nqs_ansatz *once = NULL, *twice = NULL, *shared = NULL;
  TEST_OK(c, nqs_hilbert_create(c, l->n, 2, -1, 2, 0, 0, &h));
  TEST_OK(c, make(c, "{\"type\":\"projected\",\"symmetry\":\"space\",\"ansatz\":{\"type\":\"jastrow\"}}", l,
                  h, &once));
  TEST_OK(
      c,
      make(c,
           "{\"type\":\"projected\",\"symmetry\":\"space\",\"ansatz\":{\"type\":\"projected\",\"symmetry\":"
           "\"space\",\"ansatz\":{\"type\":\"jastrow\"}}}",
           l, h, &twice));
  const int8_t s[9] = {1, -1, -1, 1, 1, 1, -1, 1, -1};
  ck_assert_msg(cabs(amplitude(once, s) / amplitude(twice, s) - 1) < 1e-12, "not idempotent");
  /* Weights shared by symmetry: projecting changes nothing. */
  TEST_OK(c, make(c, "{\"type\":\"rbm\",\"symmetry\":\"space\"}", l, h, &shared));
  nqs_ansatz_destroy(twice);
  TEST_OK(c, make(c,
                  "{\"type\":\"projected\",\"symmetry\":\"space\",\"ansatz\":{\"type\":\"rbm\",\"symmetry\":"
                  "\"space\"}}",
                  l, h, &twice));
  ck_assert_msg(cabs(amplitude(shared, s) / amplitude(twice, s) - 1) < 1e-12,
                "a symmetric state was changed");
  nqs_ansatz_destroy(once);
  nqs_ansatz_destroy(twice);
  nqs_ansatz_destroy(shared);
  nqs_hilbert_destroy(h);
  nqs_lattice_destroy(l);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(impossible_sectors_are_refused) {
  com_ctx *c = test_ctx();
  nqs_lattice *ring = lattice(c, "{\"type\":\"chain\",\"n\":6}"),
              *open = lattice(c, "{\"type\":\"chain\",\"n\":6,\"periodic\":false}");
  nqs_hilbert *spins = NULL, *bosons = NULL;
  nqs_symmetry_sector x = {0};
  TEST_OK(c, nqs_hilbert_create(c, 6, 2, -1, 2, 0, 0, &spins));
  TEST_OK(c, nqs_hilbert_create(c, 6, 3, 0, 1, 0, 0, &bosons));
  nqs_symmetry_spec spec = {.symmetry = NQS_SYM_NONE, .kx = 1};
  TEST_FAILS(c, COM_E_CONFIG, "needs symmetry", nqs_symmetry_init(c, &spec, ring, spins, &x));
  spec.symmetry = NQS_SYM_SPACE;
  TEST_FAILS(c, COM_E_CONFIG, "no one-dimensional", nqs_symmetry_init(c, &spec, ring, spins, &x));
  spec.symmetry = NQS_SYM_TRANSLATION;
  TEST_FAILS(c, COM_E_CONFIG, "no such symmetry", nqs_symmetry_init(c, &spec, open, spins, &x));
  const double characters[] = {1, -1, 1};
  spec = (nqs_symmetry_spec){.symmetry = NQS_SYM_SPACE, .n_characters = 3, .characters = characters};
  TEST_FAILS(c, COM_E_CONFIG, "3 numbers", nqs_symmetry_init(c, &spec, ring, spins, &x));
  const double half[] = {1, -0.5};
  spec.n_characters = 2, spec.characters = half;
  TEST_FAILS(c, COM_E_CONFIG, "no one-dimensional", nqs_symmetry_init(c, &spec, ring, spins, &x));
  spec.characters = characters; /* odd under reflection: possible */
  TEST_OK(c, nqs_symmetry_init(c, &spec, ring, spins, &x));
  ck_assert_uint_eq(x.n_images, 12);
  nqs_symmetry_finish(&x);
  spec = (nqs_symmetry_spec){.symmetry = NQS_SYM_TRANSLATION, .spin_flip = 1};
  TEST_FAILS(c, COM_E_CONFIG, "needs spins", nqs_symmetry_init(c, &spec, ring, bosons, &x));
  nqs_ansatz *a = NULL;
  TEST_FAILS(
      c, COM_E_CONFIG, "outer block",
      make(c, "{\"type\":\"projected\",\"ansatz\":{\"type\":\"rbm\",\"file\":\"x.json\"}}", ring, spins, &a));
  nqs_hilbert_destroy(spins);
  nqs_hilbert_destroy(bosons);
  nqs_lattice_destroy(ring);
  nqs_lattice_destroy(open);
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("nqs_symmetry", projected_states_have_their_quantum_numbers,
          a_projected_state_is_its_own_projection, impossible_sectors_are_refused)
