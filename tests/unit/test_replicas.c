/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbered jobs: the same rows for any number of threads, and from a checkpoint; a failure and a stop are passed on. */
#include "../test.h"
#include <signal.h>
#include <unistd.h>
#include "common/replicas.h"
#include "common/rng.h"

typedef struct work {
  com_ctx *c;
  volatile sig_atomic_t *cancel;
  size_t stop_at, fail_at, calls;
} work;

static com_status fill(size_t k, size_t worker, double *row, void *user) {
  (void)worker;
  work *w = user;
  com_rng *rng = NULL;
  char name[32];
  w->calls++;
  if (k == w->fail_at) return COM_FAIL(w->c, COM_E_NUM, "job %zu is broken", k);
  snprintf(name, sizeof name, "job/%zu", k);
  COM_TRY(com_rng_create(w->c, 3, name, &rng));
  row[0] = com_rng_normal(rng);
  row[1] = k == 4 ? NAN : com_rng_uniform(rng);
  com_rng_destroy(rng);
  if (k == w->stop_at) *w->cancel = 1;
  return COM_OK;
}

enum { N = 21 };
static const char path[] = "/tmp/holograd-test-replicas.json";

START_TEST(threads_and_checkpoints) {
  volatile sig_atomic_t cancel = 0;
  com_ctx *c = NULL;
  ck_assert_int_eq(com_ctx_create(&(com_ctx_opts){.threads = 1, .cancel = &cancel}, &c), 0);
  com_pool *pool = NULL;
  double one[2 * N], two[2 * (N + 1)]; /* two: also of a run with one job more */
  work w = {c, &cancel, N, N, 0};
  const com_replicas_spec serial = {.what = "test", .n = N, .width = 2};
  TEST_OK(c, com_replicas_run(c, &serial, one, fill, &w));
  TEST_OK(c, com_pool_create(c, 3, &pool));
  const com_replicas_spec spread = {.what = "test", .n = N, .width = 2, .pool = pool};
  TEST_OK(c, com_replicas_run(c, &spread, two, fill, &w));
  ck_assert_int_eq(memcmp(one, two, sizeof one), 0);
  ck_assert(isnan(one[9]) && isfinite(one[8]));
  /* stopped in the second round, then taken up: what was done is not done again */
  char file[64];
  snprintf(file, sizeof file, "%s.%d", path, (int)getpid());
  w.stop_at = 6;
  w.calls = 0;
  const com_replicas_spec first = {.what = "test", .n = N, .width = 2, .checkpoint = file};
  TEST_FAILS(c, COM_E_INTERRUPTED, "--resume", com_replicas_run(c, &first, two, fill, &w));
  ck_assert_uint_eq(w.calls, 7);
  cancel = 0;
  w.stop_at = N;
  const com_replicas_spec again = {.what = "test", .n = N, .width = 2, .resume = file};
  TEST_OK(c, com_replicas_run(c, &again, two, fill, &w));
  ck_assert_uint_eq(w.calls, N);
  ck_assert_int_eq(memcmp(one, two, 9 * sizeof *one), 0);
  ck_assert_int_eq(memcmp(one + 10, two + 10, (2 * N - 10) * sizeof *one), 0);
  const com_replicas_spec other = {.what = "test", .n = N + 1, .width = 2, .resume = file};
  TEST_FAILS(c, COM_E_DATA, "another run", com_replicas_run(c, &other, two, fill, &w));
  w.fail_at = 11;
  TEST_FAILS(c, COM_E_NUM, "job 11", com_replicas_run(c, &spread, two, fill, &w));
  unlink(file);
  com_pool_destroy(pool);
  com_ctx_destroy(c);
}
END_TEST

/* A context of a worker stops with its parent and keeps its words to itself. */
START_TEST(child_context) {
  volatile sig_atomic_t cancel = 0;
  com_ctx *c = NULL, *child = NULL;
  ck_assert_int_eq(com_ctx_create(&(com_ctx_opts){.seed = 9, .threads = 2, .cancel = &cancel}, &c), 0);
  TEST_OK(c, com_ctx_child(c, &child));
  ck_assert(com_ctx_seed(child) == 9 && com_ctx_threads(child) == 1 && !com_ctx_stop(child));
  com_ctx_warn(child, "x", "said by a worker");
  ck_assert_uint_eq(com_ctx_n_warnings(c), 0);
  cancel = 1;
  ck_assert(com_ctx_stop(child) == COM_STOP_INTERRUPTED);
  com_ctx_destroy(child);
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("replicas", threads_and_checkpoints, child_context)
