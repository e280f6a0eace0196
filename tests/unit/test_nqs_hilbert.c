/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../nqs.h"

static nqs_hilbert *make(com_ctx *c, size_t n, int d, int lo, int step, int fixed, long total) {
  nqs_hilbert *h = NULL;
  TEST_OK(c, nqs_hilbert_create(c, n, d, lo, step, fixed, total, &h));
  return h;
}

/* Every index gives another configuration of the space, in order, and comes back from it. */
static void check_ranks(const nqs_hilbert *h, size_t dim) {
  int8_t s[16], last[16] = {0};
  TEST_NEAR(h->dim, (double)dim, 0);
  for (size_t k = 0; k < dim; k++) {
    nqs_hilbert_unrank(h, k, s);
    ck_assert_uint_eq(nqs_hilbert_rank(h, s), k);
    ck_assert(nqs_hilbert_contains(h, s));
    if (k) ck_assert(memcmp(s, last, h->n) != 0);
    memcpy(last, s, h->n);
  }
}

START_TEST(ranks) {
  com_ctx *c = test_ctx();
  nqs_hilbert *h = make(c, 9, 2, -1, 2, 0, 0);
  check_ranks(h, 512);
  nqs_hilbert_destroy(h);
  h = make(c, 10, 2, -1, 2, 1, 0);
  check_ranks(h, 252);
  nqs_hilbert_destroy(h);
  h = make(c, 9, 2, -1, 2, 1, 3);
  check_ranks(h, 84); /* 9 over 6 */
  nqs_hilbert_destroy(h);
  h = make(c, 5, 4, 0, 1, 1, 6);
  check_ranks(h, 135); /* compositions of 6 into 5 parts of at most 3: 210 - 5*15 */
  nqs_hilbert_destroy(h);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(foreign) {
  com_ctx *c = test_ctx();
  nqs_hilbert *h = make(c, 4, 2, -1, 2, 1, 0);
  const int8_t other_sector[] = {1, 1, 1, -1}, not_a_level[] = {1, 0, -1, -1}, too_high[] = {3, -1, -1, -1};
  ck_assert_uint_eq(nqs_hilbert_rank(h, other_sector), (size_t)-1);
  ck_assert_uint_eq(nqs_hilbert_rank(h, not_a_level), (size_t)-1);
  ck_assert_uint_eq(nqs_hilbert_rank(h, too_high), (size_t)-1);
  ck_assert(!nqs_hilbert_contains(h, other_sector) && !nqs_hilbert_contains(h, not_a_level));
  ck_assert(!nqs_hilbert_contains(h, too_high));
  nqs_hilbert_destroy(h);
  TEST_FAILS(c, COM_E_CONFIG, "no configuration", nqs_hilbert_create(c, 4, 2, -1, 2, 1, 1, &h));
  TEST_FAILS(c, COM_E_CONFIG, "no configuration", nqs_hilbert_create(c, 4, 2, -1, 2, 1, 6, &h));
  com_ctx_destroy(c);
}
END_TEST

/* Uniform: chi^2 over all configurations of three spaces. */
static void check_uniform(com_ctx *c, const nqs_hilbert *h, const char *stream) {
  enum { DRAWS = 40000, MAX_DIM = 256 };
  double count[MAX_DIM] = {0}, chi2 = 0;
  const double expected = DRAWS / h->dim, nu = h->dim - 1;
  com_rng *r = NULL;
  int8_t s[16];
  TEST_OK(c, com_rng_create(c, 11, stream, &r));
  for (int k = 0; k < DRAWS; k++) {
    nqs_hilbert_random(h, r, s);
    count[nqs_hilbert_rank(h, s)]++;
  }
  for (size_t k = 0; k < (size_t)h->dim; k++)
    chi2 += (count[k] - expected) * (count[k] - expected) / expected;
  ck_assert_msg(fabs(chi2 - nu) < 4 * sqrt(2 * nu), "chi2 %g for %g", chi2, nu);
  com_rng_destroy(r);
}

START_TEST(random_is_uniform) {
  com_ctx *c = test_ctx();
  nqs_hilbert *h = make(c, 7, 2, -1, 2, 0, 0);
  check_uniform(c, h, "free");
  nqs_hilbert_destroy(h);
  h = make(c, 8, 2, -1, 2, 1, 2);
  check_uniform(c, h, "fixed");
  nqs_hilbert_destroy(h);
  h = make(c, 5, 4, 0, 1, 1, 6);
  check_uniform(c, h, "bosons");
  nqs_hilbert_destroy(h);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(neel) {
  com_ctx *c = test_ctx();
  com_choice ch = nqs_choice(c, &nqs_lattice_kind, "{\"type\":\"square\",\"lx\":4,\"ly\":2}");
  nqs_lattice *l = NULL;
  TEST_OK(c, nqs_lattice_create(c, &ch, &l));
  com_field_choice_finish(&nqs_lattice_kind, &ch);
  int8_t s[8];
  nqs_hilbert *h = make(c, 8, 2, -1, 2, 1, 0);
  nqs_hilbert_neel(h, l, s);
  for (size_t i = 0; i < 8; i++) ck_assert_int_eq(s[i], l->sublattice[i]);
  nqs_hilbert_destroy(h);
  h = make(c, 8, 2, -1, 2, 1, -4);
  nqs_hilbert_neel(h, l, s);
  ck_assert(nqs_hilbert_contains(h, s));
  nqs_hilbert_destroy(h);
  h = make(c, 8, 4, 0, 1, 1, 11);
  nqs_hilbert_neel(h, l, s);
  ck_assert(nqs_hilbert_contains(h, s));
  for (size_t i = 0; i < 8; i++) ck_assert(s[i] == 1 || s[i] == 2);
  nqs_hilbert_destroy(h);
  nqs_lattice_destroy(l);
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("nqs_hilbert", ranks, foreign, random_is_uniform, neel)
