/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include "common/comm.h"
#include "../test.h"

START_TEST(shares_cover_the_items_once) {
  com_ctx *c = test_ctx();
  com_comm *m = NULL;
  TEST_OK(c, com_comm_create(c, &m));
  size_t first = 9, last = 9;
  com_comm_share(m, 23, &first, &last);
  if (com_comm_size(m) == 1) ck_assert_msg(first == 0 && last == 23, "share %zu..%zu", first, last);
  com_comm_share(NULL, 5, &first, &last);
  ck_assert_msg(first == 0 && last == 5, "share %zu..%zu", first, last);
  ck_assert_uint_lt(com_comm_rank(m), com_comm_size(m));

  /* Every process fills its share; the gather completes the rest (under mpirun, too). */
  enum { N = 23 };
  double even[N][3];
  com_comm_share(m, N, &first, &last);
  for (size_t i = 0; i < N; i++)
    for (size_t k = 0; k < 3; k++) even[i][k] = i >= first && i < last ? 0.2385 * (double)(3 * i + k) : -1;
  TEST_OK(c, com_comm_gather_even(c, m, N, sizeof even[0], even));
  for (size_t i = 0; i < N; i++)
    for (size_t k = 0; k < 3; k++) ck_assert_double_eq(even[i][k], 0.2385 * (double)(3 * i + k));

  size_t offset[N + 1] = {0};
  for (size_t i = 0; i < N; i++) offset[i + 1] = offset[i] + i % 4; /* empty items as well */
  const double cost[N] = {9.5, 0.1, 1, 1, 2.5, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3.5};
  com_comm_share_cost(m, N, cost, &first, &last);
  ck_assert(com_comm_rank(m) > 0 || first == 0);
  char text[64], want[64];
  memset(text, '-', sizeof text);
  for (size_t i = 0; i < offset[N]; i++) want[i] = (char)('a' + i % 26);
  memcpy(text + offset[first], want + offset[first], offset[last] - offset[first]);
  TEST_OK(c, com_comm_gather_cost(c, m, N, cost, offset, text));
  ck_assert_mem_eq(text, want, offset[N]);

  double decision = com_comm_rank(m) == 0 ? 0.731 : 0.119;
  TEST_OK(c, com_comm_broadcast(c, m, sizeof decision, &decision));
  ck_assert_double_eq(decision, 0.731);

  /* The failure of the last process is everybody's; its status and text arrive. */
  TEST_OK(c, com_comm_agree(c, m, COM_OK));
  const int mine = com_comm_rank(m) + 1 == com_comm_size(m);
  const com_status status = com_comm_agree(c, m, mine ? COM_FAIL(c, COM_E_DATA, "row %d is bad", 7) : COM_OK);
  ck_assert_int_eq(status, COM_E_DATA);
  ck_assert(strstr(com_ctx_error(c), "row 7 is bad") != NULL);
  ck_assert_int_eq(com_comm_stop(c), COM_STOP_NONE);
  char library[64];
  com_comm_library(library, sizeof library);
  ck_assert_uint_gt(strlen(library), 3);
  com_comm_destroy(m);
  com_comm_destroy(NULL);
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("comm", shares_cover_the_items_once)
