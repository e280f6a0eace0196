/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file test.h  The frame of every C test program: one suite per file on the check framework, silent when all pass. */
#ifndef HOLOGRAD_TESTS_TEST_H
#define HOLOGRAD_TESTS_TEST_H
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/ctx.h"

/** int main(void) over NULL-ended test functions: TEST_MAIN("json", a, b, c) */
#define TEST_MAIN(name, ...)                                                                                 \
  int main(void) {                                                                                           \
    const TTest *const tests[] = {__VA_ARGS__, NULL};                                                        \
    TCase *tc = tcase_create(name);                                                                          \
    tcase_set_timeout(tc, 600);                                                                              \
    for (size_t i = 0; tests[i]; i++) tcase_add_test(tc, tests[i]);                                          \
    Suite *s = suite_create(name);                                                                           \
    suite_add_tcase(s, tc);                                                                                  \
    SRunner *r = srunner_create(s);                                                                          \
    srunner_run_all(r, CK_ENV);                                                                              \
    int bad = srunner_ntests_failed(r);                                                                      \
    srunner_free(r);                                                                                         \
    return bad ? EXIT_FAILURE : EXIT_SUCCESS;                                                                \
  }

/** A number of docs/validation.md: said when TEST_SAY is set in the environment (make validation), else silent. */
#define TEST_SAY(...)                                                                                        \
  do {                                                                                                       \
    if (getenv("TEST_SAY")) {                                                                                \
      printf("  " __VA_ARGS__);                                                                              \
      putchar('\n');                                                                                         \
    }                                                                                                        \
  } while (0)

static inline com_ctx *test_ctx(void) {
  com_ctx *c = NULL;
  ck_assert_int_eq(com_ctx_create(NULL, &c), COM_OK);
  return c;
}
/** |a - b| <= tol * max(1, |b|) with a message that shows both. */
#define TEST_NEAR(a, b, tol)                                                                                 \
  do {                                                                                                       \
    double ta_ = (a), tb_ = (b), tt_ = (tol)*fmax(1.0, fabs(tb_));                                           \
    ck_assert_msg(fabs(ta_ - tb_) <= tt_, "%s = %.17g, want %.17g +- %.3g", #a, ta_, tb_, tt_);              \
  } while (0)
/** Success, or the recorded error text. */
#define TEST_OK(ctx, expr)                                                                                   \
  do {                                                                                                       \
    com_status ts_ = (expr);                                                                                 \
    ck_assert_msg(ts_ == COM_OK, "%s: %s", #expr, com_ctx_error(ctx));                                       \
  } while (0)
/** Fails with exactly this status and a one-line message that contains `part`. */
#define TEST_FAILS(ctx, status, part, expr)                                                                  \
  do {                                                                                                       \
    com_status ts_ = (expr);                                                                                 \
    ck_assert_msg(ts_ == (status), "%s: status %d, want %d: %s", #expr, (int)ts_, (int)(status),             \
                  com_ctx_error(ctx));                                                                       \
    ck_assert_msg(strstr(com_ctx_error(ctx), (part)) != NULL, "message '%s' lacks '%s'", com_ctx_error(ctx), \
                  (part));                                                                                   \
    com_ctx_clear(ctx);                                                                                      \
  } while (0)
#endif
