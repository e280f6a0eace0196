/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../test.h"
#include "common/rng.h"
#include "common/sha256.h"

/* Outputs published with the algorithm (also used by the Rust rand project's test vectors). */
START_TEST(published_sequence) {
  com_ctx *c = test_ctx();
  com_rng *r;
  TEST_OK(c, com_rng_create(c, 7, "x", &r));
  TEST_OK(c, com_rng_restore(c, "0000000000000001000000000000000200000000000000030000000000000004", r));
  const uint64_t want[] = {41943041u,
                           58720359u,
                           3588806011781223u,
                           3591011842654386u,
                           9228616714210784205u,
                           9973669472204895162u,
                           14011001112246962877u,
                           12406186145184390807u,
                           15849039046786891736u,
                           10450023813501588000u};
  for (size_t i = 0; i < sizeof want / sizeof *want; i++) ck_assert_uint_eq(com_rng_bits(r), want[i]);
  com_rng_destroy(r);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(key_is_sha256_of_seed_and_name) {
  com_ctx *c = test_ctx();
  com_rng *r;
  char hex[65], want[65];
  TEST_OK(c, com_rng_create(c, 18446744073709551615u, "init/3", &r));
  com_rng_state(r, hex);
  const char *text = "holograd:18446744073709551615:init/3";
  com_sha256_hex(text, strlen(text), want);
  ck_assert_str_eq(hex, want);
  com_rng_destroy(r);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(streams_are_independent) {
  com_ctx *c = test_ctx();
  com_rng *a, *b, *d;
  TEST_OK(c, com_rng_create(c, 1, "chain/0", &a));
  TEST_OK(c, com_rng_create(c, 1, "chain/1", &b));
  TEST_OK(c, com_rng_create(c, 2, "chain/0", &d));
  enum { N = 40000 };
  double ab = 0, ad = 0;
  for (int i = 0; i < N; i++) {
    const double x = com_rng_normal(a);
    ab += x * com_rng_normal(b);
    ad += x * com_rng_normal(d);
  }
  ck_assert(fabs(ab) / sqrt(N) < 4 && fabs(ad) / sqrt(N) < 4);
  com_rng_destroy(a);
  com_rng_destroy(b);
  com_rng_destroy(d);
  com_ctx_destroy(c);
}
END_TEST

/* z-scores of moments; and the 53 bits of a uniform are all in use. */
START_TEST(moments) {
  com_ctx *c = test_ctx();
  com_rng *r;
  TEST_OK(c, com_rng_create(c, 3, "moments", &r));
  enum { N = 200000 };
  double u1 = 0, u2 = 0, n1 = 0, n2 = 0, n4 = 0;
  int odd = 0;
  for (int i = 0; i < N; i++) {
    const double u = com_rng_uniform(r), g = com_rng_normal(r);
    ck_assert(u >= 0 && u < 1);
    odd += fmod(u * 0x1p53, 2) == 1;
    u1 += u - 0.5;
    u2 += u * u - 1.0 / 3;
    n1 += g;
    n2 += g * g - 1;
    n4 += g * g * g * g - 3;
  }
  const double s = sqrt(N);
  ck_assert(fabs(u1) / s / sqrt(1.0 / 12) < 4);
  ck_assert(fabs(u2) / s / sqrt(4.0 / 45) < 4);
  ck_assert(fabs(n1) / s < 4);
  ck_assert(fabs(n2) / s / sqrt(2) < 4);
  ck_assert(fabs(n4) / s / sqrt(96) < 4);
  ck_assert(fabs(odd - N / 2.0) / (0.5 * s) < 4);
  com_rng_destroy(r);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(below_is_uniform) {
  com_ctx *c = test_ctx();
  com_rng *r;
  TEST_OK(c, com_rng_create(c, 4, "below", &r));
  enum { K = 7, N = 70000 };
  double count[K] = {0}, chi2 = 0;
  for (int i = 0; i < N; i++) count[com_rng_below(r, K)]++;
  for (int k = 0; k < K; k++) chi2 += (count[k] - N / K) * (count[k] - N / K) / (N / K);
  ck_assert_msg(chi2 < 24, "chi2 = %g for 6 degrees of freedom", chi2); /* p = 5e-4 */

  /* n = 3/4 of 2^64: without rejection multiples of 3 would come up half of the time */
  const size_t huge = ((size_t)3 << 62);
  double low = 0;
  for (int i = 0; i < N; i++) low += com_rng_below(r, huge) % 3 == 0;
  ck_assert(fabs(low - N / 3.0) / sqrt(N * 2.0 / 9) < 4);
  ck_assert_uint_eq(com_rng_below(r, 1), 0);
  com_rng_destroy(r);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(shuffle_is_fair) {
  com_ctx *c = test_ctx();
  com_rng *r;
  TEST_OK(c, com_rng_create(c, 5, "shuffle", &r));
  enum { N = 24000 };
  double count[24] = {0}, chi2 = 0;
  for (int i = 0; i < N; i++) {
    size_t p[4] = {0, 1, 2, 3};
    com_rng_shuffle(r, 4, p);
    size_t rank = 0; /* Lehmer code */
    for (int a = 0; a < 4; a++) {
      size_t smaller = 0;
      for (int b = a + 1; b < 4; b++) smaller += p[b] < p[a];
      rank = rank * (size_t)(4 - a) + smaller;
    }
    ck_assert(rank < 24);
    count[rank]++;
  }
  for (int k = 0; k < 24; k++) chi2 += (count[k] - 1000) * (count[k] - 1000) / 1000;
  ck_assert_msg(chi2 < 50, "chi2 = %g for 23 degrees of freedom", chi2); /* p = 1e-3 */
  com_rng_destroy(r);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(fill_and_restore_continue_the_sequence) {
  com_ctx *c = test_ctx();
  com_rng *a, *b;
  double fill[5];
  char hex[65];
  TEST_OK(c, com_rng_create(c, 6, "s", &a));
  TEST_OK(c, com_rng_create(c, 9, "other", &b));
  (void)com_rng_normal(a);
  com_rng_state(a, hex);
  TEST_OK(c, com_rng_restore(c, hex, b));
  com_rng_fill(a, 5, fill);
  for (int i = 0; i < 5; i++) ck_assert(fill[i] == com_rng_uniform(b));
  ck_assert_uint_eq(com_rng_bits(a), com_rng_bits(b));
  com_rng_destroy(a);
  com_rng_destroy(b);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(bad_states) {
  com_ctx *c = test_ctx();
  com_rng *r;
  TEST_OK(c, com_rng_create(c, 1, "s", &r));
  char before[65], after[65];
  com_rng_state(r, before);
  TEST_FAILS(c, COM_E_DATA, "64 lower-case hex digits", com_rng_restore(c, "12", r));
  TEST_FAILS(c, COM_E_DATA, "64 lower-case hex digits",
             com_rng_restore(c, "0000000000000001000000000000000200000000000000030000000000000004f", r));
  TEST_FAILS(c, COM_E_DATA, "64 lower-case hex digits",
             com_rng_restore(c, "000000000000000100000000000000020000000000000003000000000000000g", r));
  TEST_FAILS(c, COM_E_DATA, "all zero",
             com_rng_restore(c, "0000000000000000000000000000000000000000000000000000000000000000", r));
  com_rng_state(r, after);
  ck_assert_str_eq(before, after);
  com_rng_destroy(r);
  com_rng_destroy(NULL);
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("rng", published_sequence, key_is_sha256_of_seed_and_name, streams_are_independent, moments,
          below_is_uniform, shuffle_is_fair, fill_and_restore_continue_the_sequence, bad_states)
