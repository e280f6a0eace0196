/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every Hamiltonian against a matrix built here from Kronecker products, element by element; sectors, rotation, errors. */
#include "../nqs.h"
#include "nqs/reference.h"

enum { MAX_DIM = 1 << 6 };
static double complex want[MAX_DIM][MAX_DIM];

/* <r| letter |k> for bits r, k of one site; bit 1 is spin up (+1), the order of nqs_hilbert: level 0 = -1. */
static double complex letter(char l, int r, int k) {
  switch (l) {
  case 'X': return r != k;
  case 'Y': return r == k ? 0 : r ? -I : I; /* <up|Y|down> = -i */
  case 'Z': return r != k ? 0 : r ? 1 : -1;
  default: return r == k;
  }
}

/* want += coefficient * string on n sites, site 0 the most significant bit. */
static void add(size_t n, double coefficient, const char *letters, const size_t *sites) {
  const size_t dim = (size_t)1 << n;
  for (size_t r = 0; r < dim; r++)
    for (size_t k = 0; k < dim; k++) {
      double complex v = coefficient;
      size_t touched = 0;
      for (size_t q = 0; letters[q]; q++) {
        const size_t bit = n - 1 - sites[q];
        v *= letter(letters[q], (int)(r >> bit & 1), (int)(k >> bit & 1));
        touched |= (size_t)1 << bit;
      }
      if ((r ^ k) & ~touched) v = 0;
      want[r][k] += v;
    }
}

/* The program's dense matrix equals `want`, restricted to the sector. */
static void compare(com_ctx *c, const nqs_hamiltonian *h, const char *what) {
  double complex *m = NULL;
  int8_t s[8];
  const size_t dim = (size_t)h->space->dim;
  size_t code[MAX_DIM];
  TEST_OK(c, nqs_exact_dense(c, h, &m));
  for (size_t k = 0; k < dim; k++) {
    nqs_hilbert_unrank(h->space, k, s);
    code[k] = 0;
    for (size_t i = 0; i < h->space->n; i++) code[k] = 2 * code[k] + (s[i] > 0);
  }
  for (size_t r = 0; r < dim; r++)
    for (size_t k = 0; k < dim; k++)
      ck_assert_msg(cabs(m[r * dim + k] - want[code[r]][code[k]]) < 1e-13,
                    "%s: H[%zu][%zu] = %g%+gi, want %g%+gi", what, r, k, creal(m[r * dim + k]),
                    cimag(m[r * dim + k]), creal(want[code[r]][code[k]]), cimag(want[code[r]][code[k]]));
  free(m);
}

static void bond_terms(const nqs_lattice *l, double j, double j2, double delta, int rotated) {
  for (int kind = 0; kind < 2; kind++) {
    const size_t nb = kind ? l->n_next : l->n_near;
    const nqs_bond *b = kind ? l->next : l->near;
    const double jj = kind ? j2 : j;
    for (size_t k = 0; k < nb; k++) {
      const size_t at[] = {b[k].i, b[k].j};
      const double eta = rotated && l->sublattice[at[0]] != l->sublattice[at[1]] ? -1 : 1;
      add(l->n, eta * jj, "XX", at);
      add(l->n, eta * jj, "YY", at);
      add(l->n, delta * jj, "ZZ", at);
    }
  }
}

START_TEST(tfim) {
  com_ctx *c = test_ctx();
  nqs_model m = nqs_model_make(c, "{\"type\":\"square\",\"lx\":3,\"ly\":2,\"periodic\":false}",
                               "{\"type\":\"tfim\",\"J\":0.7,\"h\":1.3,\"hz\":0.2385}");
  memset(want, 0, sizeof want);
  for (size_t k = 0; k < m.l->n_near; k++) add(6, -0.7, "ZZ", (size_t[]){m.l->near[k].i, m.l->near[k].j});
  for (size_t i = 0; i < 6; i++) add(6, -1.3, "X", &i), add(6, -0.2385, "Z", &i);
  compare(c, m.h, "tfim");
  ck_assert(!m.h->space->fixed && !m.h->rotation);
  nqs_model_finish(&m);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(heisenberg) {
  com_ctx *c = test_ctx();
  nqs_model m =
      nqs_model_make(c, "{\"type\":\"chain\",\"n\":6}",
                     "{\"type\":\"heisenberg\",\"J\":1.1,\"J2\":0.4,\"delta\":0.6,\"marshall\":\"off\"}");
  memset(want, 0, sizeof want);
  bond_terms(m.l, 1.1, 0.4, 0.6, 0);
  compare(c, m.h, "heisenberg");
  ck_assert(m.h->space->fixed && m.h->space->dim == 20);
  nqs_model_finish(&m);
  m = nqs_model_make(c, "{\"type\":\"chain\",\"n\":6}",
                     "{\"type\":\"xxz\",\"J\":1.1,\"J2\":0.4,\"delta\":0.6,\"sector\":\"free\"}");
  memset(want, 0, sizeof want);
  bond_terms(m.l, 1.1, 0.4, 0.6, 1);
  compare(c, m.h, "rotated xxz");
  ck_assert_ptr_nonnull(m.h->rotation);
  nqs_model_finish(&m);
  com_ctx_destroy(c);
}
END_TEST

/* The rotation is unitary: same spectrum; "spin" divides a two-spin model by four. */
START_TEST(rotation_and_convention) {
  com_ctx *c = test_ctx();
  double *w[3];
  const char *const text[] = {"{\"type\":\"heisenberg\",\"J2\":0.4}",
                              "{\"type\":\"heisenberg\",\"J2\":0.4,\"marshall\":\"off\"}",
                              "{\"type\":\"heisenberg\",\"J2\":0.4,\"convention\":\"spin\"}"};
  for (int k = 0; k < 3; k++) {
    nqs_model m = nqs_model_make(c, "{\"type\":\"chain\",\"n\":8}", text[k]);
    TEST_OK(c, nqs_exact_spectrum(c, m.h, &w[k], NULL));
    nqs_model_finish(&m);
  }
  for (size_t k = 0; k < 70; k++) {
    TEST_NEAR(w[1][k], w[0][k], 1e-12);
    TEST_NEAR(4 * w[2][k], w[0][k], 1e-12);
  }
  for (int k = 0; k < 3; k++) free(w[k]);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(negative_field) {
  com_ctx *c = test_ctx();
  double a, b;
  nqs_model m =
      nqs_model_make(c, "{\"type\":\"chain\",\"n\":6}", "{\"type\":\"tfim\",\"h\":-0.9,\"hz\":0.3}");
  ck_assert_ptr_nonnull(m.h->rotation);
  TEST_OK(c, nqs_exact_ground(c, m.h, NULL, 1e-13, &a, NULL, NULL));
  nqs_model_finish(&m);
  m = nqs_model_make(c, "{\"type\":\"chain\",\"n\":6}", "{\"type\":\"tfim\",\"h\":0.9,\"hz\":0.3}");
  TEST_OK(c, nqs_exact_ground(c, m.h, NULL, 1e-13, &b, NULL, NULL));
  TEST_NEAR(a, b, 1e-12);
  nqs_model_finish(&m);
  com_ctx_destroy(c);
}
END_TEST

/* Three-body cluster terms, Y letters, equal strings added up. */
START_TEST(pauli) {
  com_ctx *c = test_ctx();
  nqs_model m = nqs_model_make(
      c, "{\"type\":\"chain\",\"n\":5}",
      "{\"type\":\"pauli\",\"terms\":[[-0.7,\"ZXZ\",[0,1,2]],[0.31,\"ZXZ\",[1,2,3]],[0.2385,\"YXY\",[4,0,2]],"
      "[0.5,\"YY\",[3,1]],[0.25,\"Y\",[2]],[-0.4,\"ZIXZ\",[4,1,3,2]],[0.11,\"ZXZ\",[2,1,0]],"
      "[-0.9,\"II\",[3,1]],[1.5,\"Z\",[4]],[-2,\"\",[]]]}");
  memset(want, 0, sizeof want);
  add(5, -0.59, "ZXZ", (size_t[]){0, 1, 2});
  add(5, 0.31, "ZXZ", (size_t[]){1, 2, 3});
  add(5, 0.2385, "YXY", (size_t[]){4, 0, 2});
  add(5, 0.5, "YY", (size_t[]){3, 1});
  add(5, 0.25, "Y", (size_t[]){2});
  add(5, -0.4, "ZXZ", (size_t[]){4, 3, 2});
  add(5, -0.9 - 2, "", NULL);
  add(5, 1.5, "Z", (size_t[]){4});
  compare(c, m.h, "pauli");
  TEST_NEAR(m.h->trace, -2.9, 1e-14);
  ck_assert(!nqs_pauli_conserves(m.h->pauli));
  nqs_model_finish(&m);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(conservation) {
  static const struct {
    const char *terms;
    int conserves;
  } cases[] = {{"[[0.6,\"XX\",[0,1]],[0.6,\"YY\",[0,1]]]", 1},
               {"[[0.6,\"XX\",[0,1]],[0.5,\"YY\",[0,1]]]", 0},
               {"[[0.6,\"XY\",[0,1]],[-0.6,\"YX\",[0,1]]]", 1},
               {"[[0.6,\"XY\",[0,1]],[0.6,\"YX\",[0,1]]]", 0},
               {"[[0.6,\"XXZ\",[0,1,2]],[0.6,\"YYZ\",[0,1,2]],[1,\"ZZ\",[0,2]]]", 1},
               {"[[1,\"X\",[2]]]", 0}};
  com_ctx *c = test_ctx();
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    char text[256];
    snprintf(text, sizeof text, "{\"type\":\"pauli\",\"terms\":%s}", cases[k].terms);
    nqs_model m = nqs_model_make(c, "{\"type\":\"chain\",\"n\":3}", text);
    ck_assert_msg(nqs_pauli_conserves(m.h->pauli) == cases[k].conserves, "%s", cases[k].terms);
    nqs_model_finish(&m);
  }
  com_ctx_destroy(c);
}
END_TEST

/* Two sites (a ring: two bonds): N bosons, U = 0: E0 = -2 t N; one boson per site, cut at 1: hard core, E0 = mu terms only. */
START_TEST(bose_hubbard) {
  com_ctx *c = test_ctx();
  double e, *w = NULL;
  nqs_model m = nqs_model_make(c, "{\"type\":\"edges\",\"n\":2,\"edges\":[[0,1]]}",
                               "{\"type\":\"bose_hubbard\",\"t\":0.7,\"U\":0,\"particles\":5}");
  TEST_OK(c, nqs_exact_ground(c, m.h, NULL, 1e-14, &e, NULL, NULL));
  TEST_NEAR(e, -0.7 * 5, 1e-12);
  nqs_model_finish(&m);
  /* two bosons on two sites: states 02, 11, 20: E = U/2 - sqrt(U^2/4 + 4 t^2) */
  m = nqs_model_make(c, "{\"type\":\"edges\",\"n\":2,\"edges\":[[0,1]]}",
                     "{\"type\":\"bose_hubbard\",\"t\":0.7,\"U\":2.3,\"mu\":0.4}");
  TEST_OK(c, nqs_exact_spectrum(c, m.h, &w, NULL));
  TEST_NEAR(w[0], 2.3 / 2 - sqrt(2.3 * 2.3 / 4 + 4 * 0.49) - 0.8, 1e-13);
  TEST_NEAR(w[1], 2.3 - 0.8, 1e-13);
  TEST_NEAR(w[0] + w[1] + w[2], 3 * m.h->trace, 1e-13);
  free(w);
  nqs_model_finish(&m);
  com_ctx_destroy(c);
}
END_TEST

static void refused(com_ctx *c, const char *text, const char *part) {
  com_choice lc = nqs_choice(c, &nqs_lattice_kind, "{\"type\":\"chain\",\"n\":4}"),
             hc = nqs_choice(c, &nqs_hamiltonian_kind, text);
  nqs_lattice *l = NULL;
  nqs_hamiltonian *h = NULL;
  TEST_OK(c, nqs_lattice_create(c, &lc, &l));
  TEST_FAILS(c, COM_E_CONFIG, part, nqs_hamiltonian_create(c, &hc, l, '\0', 0, &h));
  ck_assert_ptr_null(h);
  nqs_lattice_destroy(l);
  com_field_choice_finish(&nqs_lattice_kind, &lc);
  com_field_choice_finish(&nqs_hamiltonian_kind, &hc);
}

START_TEST(errors) {
  com_ctx *c = test_ctx();
  refused(c, "{\"type\":\"pauli\",\"terms\":[]}", "non-empty");
  refused(c, "{\"type\":\"pauli\",\"terms\":[[1,\"Q\",[0]]]}", "letter 'Q'");
  refused(c, "{\"type\":\"pauli\",\"terms\":[[1,\"Z\",[4]]]}", "site 4");
  refused(c, "{\"type\":\"pauli\",\"terms\":[[1,\"ZZ\",[0]]]}", "2 letters but 1");
  refused(c, "{\"type\":\"pauli\",\"terms\":[[1,\"Z\",[0.5]]]}", "integers");
  refused(c, "{\"type\":\"pauli\",\"terms\":[[1,\"Z\"]]}", "terms[0]");
  refused(c, "{\"type\":\"pauli\",\"terms\":[[1,\"ZZ\",[0,0]]]}", "site 0 stands twice");
  refused(c, "{\"type\":\"pauli\",\"terms\":[[1,\"XIZ\",[2,0,2]]]}", "site 2 stands twice");
  refused(c, "{\"type\":\"tfim\",\"sector\":\"fixed\"}", "does not conserve");
  refused(c, "{\"type\":\"heisenberg\",\"sz\":0.5}", "not a possible");
  refused(c, "{\"type\":\"bose_hubbard\",\"particles\":9,\"n_max\":2}", "no configuration");
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("nqs_hamiltonian", tfim, heisenberg, rotation_and_convention, negative_field, pauli, conservation,
          bose_hubbard, errors)
