/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdatomic.h>
#include <time.h>
#include "../test.h"
#include "common/pool.h"

typedef struct job {
  size_t n, workers;
  double *out;
  atomic_size_t ran, bad_worker;
  size_t fail_from;
} job;

static com_status fill(size_t task, size_t worker, void *user) {
  job *j = user;
  if (worker >= j->workers) atomic_fetch_add(&j->bad_worker, 1);
  atomic_fetch_add(&j->ran, 1);
  double s = 0; /* a sum whose digits depend on its order */
  for (int k = 1; k < 200; k++) s += sin((double)task * 0.2385 + k) / k;
  j->out[task] = s;
  return COM_OK;
}

/* Task reductions in order: the same bits for any number of threads. */
START_TEST(same_digits_for_any_number_of_threads) {
  com_ctx *c = test_ctx();
  enum { N = 1000 };
  double sums[3], out[N];
  const int threads[] = {1, 2, 5};
  for (int t = 0; t < 3; t++) {
    com_pool *p;
    TEST_OK(c, com_pool_create(c, threads[t], &p));
    ck_assert_uint_eq(com_pool_threads(p), (size_t)threads[t]);
    for (int round = 0; round < 50; round++) {
      job j = {.n = N, .workers = (size_t)threads[t], .out = out};
      memset(out, 0, sizeof out);
      TEST_OK(c, com_pool_run(p, N, fill, &j));
      ck_assert_uint_eq(atomic_load(&j.ran), N);
      ck_assert_uint_eq(atomic_load(&j.bad_worker), 0);
    }
    sums[t] = 0;
    for (int i = 0; i < N; i++) sums[t] += out[i];
    com_pool_destroy(p);
  }
  ck_assert(sums[0] == sums[1] && sums[0] == sums[2] && sums[0] != 0);
  com_ctx_destroy(c);
}
END_TEST

static void milliseconds(long ms) { nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL); }

/* Two tasks that wait for one another finish only when two threads work at the same time. */
static com_status meet(size_t task, size_t worker, void *user) {
  atomic_int *here = user;
  (void)task;
  (void)worker;
  atomic_fetch_add(here, 1);
  for (int i = 0; i < 5000 && atomic_load(here) < 2; i++) milliseconds(1);
  return atomic_load(here) < 2 ? COM_E_NUM : COM_OK;
}

START_TEST(tasks_run_concurrently) {
  com_ctx *c = test_ctx();
  com_pool *p;
  atomic_int here = 0;
  TEST_OK(c, com_pool_create(c, 2, &p));
  TEST_OK(c, com_pool_run(p, 2, meet, &here));
  com_pool_destroy(p);
  com_ctx_destroy(c);
}
END_TEST

static com_status fail_late(size_t task, size_t worker, void *user) {
  job *j = user;
  (void)worker;
  atomic_fetch_add(&j->ran, 1);
  if (task < j->fail_from) return COM_OK;
  if (task == j->fail_from) milliseconds(2); /* let a higher task fail first */
  return task == j->fail_from ? COM_E_NUM : COM_E_DATA;
}

START_TEST(lowest_failure_wins) {
  com_ctx *c = test_ctx();
  for (int threads = 1; threads <= 4; threads++) {
    com_pool *p;
    TEST_OK(c, com_pool_create(c, threads, &p));
    for (int round = 0; round < 10; round++) {
      job j = {.fail_from = 17};
      ck_assert_int_eq(com_pool_run(p, 1000, fail_late, &j), COM_E_NUM);
      ck_assert_uint_ge(atomic_load(&j.ran), 18);
      ck_assert_uint_lt(atomic_load(&j.ran), 18 + 4);
      j = (job){.fail_from = 2000};
      TEST_OK(c, com_pool_run(p, 1000, fail_late, &j)); /* a failure leaves nothing behind */
      ck_assert_uint_eq(atomic_load(&j.ran), 1000);
    }
    com_pool_destroy(p);
  }
  com_ctx_destroy(c);
}
END_TEST

START_TEST(edges) {
  com_ctx *c = test_ctx();
  com_pool *p = NULL;
  TEST_FAILS(c, COM_E_CONFIG, "at least 1", com_pool_create(c, 0, &p));
  ck_assert_ptr_null(p);
  com_pool_destroy(NULL);
  TEST_OK(c, com_pool_create(c, 3, &p));
  job j = {.fail_from = 0};
  TEST_OK(c, com_pool_run(p, 0, fail_late, &j));
  ck_assert_uint_eq(atomic_load(&j.ran), 0);
  ck_assert_int_eq(com_pool_run(p, 1, fail_late, &j), COM_E_NUM);
  com_pool_destroy(p);
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("pool", same_digits_for_any_number_of_threads, tasks_run_concurrently, lowest_failure_wins, edges)
