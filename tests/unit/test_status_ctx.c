/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_errno.h>
#include <pthread.h>
#include "common/json.h"
#include "common/log.h"
#include "common/progress.h"
#include "common/text.h"
#include "../test.h"

START_TEST(status_list) {
  /* exit codes of the user documentation, typed in again */
  ck_assert_int_eq(com_status_exit(COM_OK), 0);
  ck_assert_int_eq(com_status_exit(COM_E_NEGATIVE), 1);
  ck_assert_int_eq(com_status_exit(COM_E_USAGE), 64);
  ck_assert_int_eq(com_status_exit(COM_E_DATA), 65);
  ck_assert_int_eq(com_status_exit(COM_E_NOINPUT), 66);
  ck_assert_int_eq(com_status_exit(COM_E_NUM), 70);
  ck_assert_int_eq(com_status_exit(COM_E_MEM), 71);
  ck_assert_int_eq(com_status_exit(COM_E_CREATE), 73);
  ck_assert_int_eq(com_status_exit(COM_E_IO), 74);
  ck_assert_int_eq(com_status_exit(COM_E_CONFIG), 78);
  ck_assert_int_eq(com_status_exit(COM_E_INTERRUPTED), 130);
  for (int s = 0; s < COM_STATUS_COUNT; s++) ck_assert_uint_gt(strlen(com_status_text((com_status)s)), 3);
  ck_assert_str_eq(com_status_text((com_status)99), "unknown status");
  ck_assert_int_eq(com_status_exit((com_status)99), 70);
}
END_TEST

START_TEST(stop_names) {
  com_stop back;
  for (int s = 0; s < COM_STOP_COUNT; s++) {
    ck_assert_int_eq(com_status_stop_parse(com_status_stop_name((com_stop)s), &back), 1);
    ck_assert_int_eq((int)back, s);
  }
  ck_assert_str_eq(com_status_stop_name(COM_STOP_MAX_TIME), "max_time");
  ck_assert_str_eq(com_status_stop_name((com_stop)77), "unknown");
  ck_assert_int_eq(com_status_stop_parse("Max_time", &back), 0);
  ck_assert_int_eq(com_status_stop_parse(NULL, &back), 0);
}
END_TEST

static com_status check_it(com_ctx *c, double v) {
  COM_CHECK(c, v < 1, COM_E_CONFIG, "run.json: x = %g: must be < 1", v);
  return COM_OK;
}
static com_status try_it(com_ctx *c, double v) {
  COM_TRY(check_it(c, v));
  return COM_OK;
}

START_TEST(failures) {
  com_ctx *c = test_ctx();
  ck_assert_str_eq(com_ctx_error(c), "");
  ck_assert_int_eq(try_it(c, 0.2385), COM_OK);
  ck_assert_int_eq(try_it(c, 3), COM_E_CONFIG);
  ck_assert_str_eq(com_ctx_error(c), "run.json: x = 3: must be < 1");
  ck_assert_int_eq(com_ctx_while(c, COM_E_CONFIG, "reading %s", "a\nb"), COM_E_CONFIG);
  ck_assert_str_eq(com_ctx_error(c), "run.json: x = 3: must be < 1 (while reading a b)");
  ck_assert_int_eq(com_ctx_while(c, COM_OK, "nothing"), COM_OK);
  ck_assert_ptr_null(strstr(com_ctx_error(c), "nothing"));
  /* the arguments may quote the error that is being replaced */
  ck_assert_int_eq(COM_FAIL(c, COM_E_NUM, "again: %s", com_ctx_error(c)), COM_E_NUM);
  ck_assert_str_eq(com_ctx_error(c), "again: run.json: x = 3: must be < 1 (while reading a b)");
  (void)COM_FAIL(c, COM_E_IO, "one\r\ntwo\tthree\033[31m");
  ck_assert_str_eq(com_ctx_error(c), "one  two three?[31m");
  /* an integrand that found no memory is "not finite": that is not the news */
  (void)COM_FAIL(c, COM_E_MEM, "out of memory");
  ck_assert_int_eq(COM_FAIL(c, COM_E_NUM, "not finite"), COM_E_MEM);
  ck_assert_str_eq(com_ctx_error(c), "out of memory");
  ck_assert_int_eq(COM_FAIL(c, COM_E_CONFIG, "a typing error"), COM_E_CONFIG);
  (void)COM_FAIL(c, COM_E_MEM, "out of memory");
  com_ctx_clear(c); /* handled, but for what is written */
  ck_assert_int_eq(COM_FAIL(c, COM_E_NUM, "not finite"), COM_E_NUM);
  ck_assert_str_eq(com_ctx_error(c), "not finite");
  com_ctx_clear(c);
  ck_assert_str_eq(com_ctx_error(c), "");
  char *big = malloc(40001);
  memset(big, 'x', 40000);
  big[40000] = '\0';
  (void)COM_FAIL(c, COM_E_IO, "%s", big);
  ck_assert_uint_gt(strlen(com_ctx_error(c)), 4000);
  com_ctx_while(c, COM_E_IO, "%s", big);
  free(big);
  com_ctx_destroy(c);
}
END_TEST

/* Whoever swallows it, and wherever: nothing is written any more. */
START_TEST(memory_that_ran_out) {
  com_ctx *c = test_ctx(), *child = NULL, *grandchild = NULL;
  ck_assert_int_eq(com_ctx_child(c, &child), COM_OK);
  ck_assert_int_eq(com_ctx_child(child, &grandchild), COM_OK);
  (void)COM_FAIL(grandchild, COM_E_NUM, "singular");
  ck_assert_int_eq(com_ctx_enough_memory(c), COM_OK);
  (void)COM_FAIL(grandchild, COM_E_MEM, "out of memory");
  com_ctx_clear(grandchild);
  ck_assert_int_eq(com_ctx_enough_memory(child), COM_E_MEM);
  ck_assert_str_eq(com_ctx_error(c), "");
  ck_assert_int_eq(com_ctx_enough_memory(c), COM_E_MEM);
  ck_assert_str_eq(com_ctx_error(c), "out of memory");
  com_ctx_destroy(grandchild);
  com_ctx_destroy(child);
  com_ctx_destroy(c);
  ck_assert_int_eq(com_ctx_enough_memory(NULL), COM_OK);
}
END_TEST

/* A config is named where the text does not name a file of its own. */
START_TEST(what_it_is_about) {
  com_ctx *c = test_ctx();
  com_ctx_about(c, "a.json");
  ck_assert_int_eq(COM_FAIL(c, COM_E_CONFIG, "L = %d", 3), COM_E_CONFIG);
  ck_assert_str_eq(com_ctx_error(c), "a.json: L = 3");
  (void)COM_FAIL(c, COM_E_CONFIG, "%s", com_ctx_error(c)); /* passed on */
  ck_assert_str_eq(com_ctx_error(c), "a.json: L = 3");
  (void)COM_FAIL(c, COM_E_CONFIG, "%s: %s", "b.json", "no list");
  ck_assert_str_eq(com_ctx_error(c), "b.json: no list");
  (void)COM_FAIL(c, COM_E_NUM, "L = %d", 3);
  ck_assert_str_eq(com_ctx_error(c), "L = 3");
  char longest[2 * 4096];
  memset(longest, 'x', sizeof longest - 1);
  longest[sizeof longest - 1] = '\0';
  com_ctx_about(c, longest); /* no path is that long */
  (void)COM_FAIL(c, COM_E_CONFIG, "L = %d", 3);
  ck_assert_str_eq(com_ctx_error(c), "L = 3");
  com_ctx_about(NULL, "a.json");
  com_ctx_destroy(c);
}
END_TEST

START_TEST(no_context) {
  ck_assert_int_eq(COM_FAIL(NULL, COM_E_DATA, "x"), COM_E_DATA);
  ck_assert_int_eq(com_ctx_while(NULL, COM_E_DATA, "x"), COM_E_DATA);
  ck_assert_str_eq(com_ctx_error(NULL), "");
  com_ctx_warn(NULL, "w", "x");
  com_log(NULL, COM_ERROR, "e", "x");
  char sha[65] = "";
  com_ctx_input(NULL, "p", sha);
  com_ctx_clear(NULL);
  com_ctx_destroy(NULL);
  com_progress_destroy(NULL);
  com_progress_update(NULL, 0.5, "x");
  ck_assert_int_eq(com_ctx_stop(NULL), COM_STOP_NONE);
  ck_assert_int_eq(com_ctx_threads(NULL), 1);
}
END_TEST

START_TEST(warnings_and_inputs) {
  com_ctx *c = test_ctx();
  com_ctx_warn(c, "nec", "violated at eta = %g", 0.2385);
  com_ctx_warn(c, "nec", "violated at eta = %g", 0.2385);
  com_ctx_warn(c, "nec", "violated at eta = %g", 0.4);
  com_ctx_warn(c, "other", "violated at eta = %g", 0.2385);
  ck_assert_uint_eq(com_ctx_n_warnings(c), 3);
  ck_assert_str_eq(com_ctx_warnings(c)[1].text, "violated at eta = 0.4");
  ck_assert_str_eq(com_ctx_warnings(c)[2].code, "other");
  com_ctx_warn_as(c, "resnet 15");
  com_ctx_warn(c, "other", "in other digits, %g", 0.7); /* known by its code */
  com_ctx_warn(c, "new", "%g", 0.3);
  com_ctx_warn_as(c, NULL);
  ck_assert_uint_eq(com_ctx_n_warnings(c), 4);
  ck_assert_str_eq(com_ctx_warnings(c)[3].text, "resnet 15: 0.3");
  char a[65], b[65];
  memset(a, 'a', 64), memset(b, 'b', 64);
  a[64] = b[64] = '\0';
  com_ctx_input(c, "x.json", a);
  com_ctx_input(c, "y.json", b);
  com_ctx_input(c, "x.json", b);
  ck_assert_uint_eq(com_ctx_n_inputs(c), 2);
  ck_assert_str_eq(com_ctx_inputs(c)[0].sha256, a);
  ck_assert_str_eq(com_ctx_inputs(c)[1].path, "y.json");
  com_ctx_destroy(c);
}
END_TEST

START_TEST(stopping) {
  static volatile sig_atomic_t flag;
  com_ctx *c;
  com_ctx_opts o = {.seed = 77, .threads = 3, .cancel = &flag};
  flag = 0;
  ck_assert_int_eq(com_ctx_create(&o, &c), COM_OK);
  ck_assert_int_eq(com_ctx_stop(c), COM_STOP_NONE);
  ck_assert_uint_eq(com_ctx_seed(c), 77);
  com_ctx_reseed(c, 18446744073709551615ULL);
  ck_assert_uint_eq(com_ctx_seed(c), 18446744073709551615ULL);
  ck_assert_int_eq(com_ctx_threads(c), 3);
  flag = 1;
  ck_assert_int_eq(com_ctx_stop(c), COM_STOP_INTERRUPTED);
  com_ctx_destroy(c);
  o = (com_ctx_opts){.max_time = 1e-7};
  ck_assert_int_eq(com_ctx_create(&o, &c), COM_OK);
  while (com_ctx_elapsed(c) < 1e-6) {}
  ck_assert_int_eq(com_ctx_stop(c), COM_STOP_MAX_TIME);
  ck_assert_int_ge(com_ctx_threads(c), 1);
  com_ctx_destroy(c);
}
END_TEST

static int gsl_dom(void) { GSL_ERROR("provoked", GSL_EDOM); }

START_TEST(gsl_does_not_abort) {
  com_ctx *c = test_ctx();
  ck_assert_int_eq(gsl_dom(), GSL_EDOM);
  com_ctx_destroy(c);
}
END_TEST

static char *slurp(FILE *f) {
  static char buf[20000];
  rewind(f);
  buf[fread(buf, 1, sizeof buf - 1, f)] = '\0';
  return buf;
}

START_TEST(log_lines) {
  FILE *err = tmpfile(), *json = tmpfile();
  com_ctx_opts o = {.log_level = COM_INFO, .threads = 1, .err = err, .json = json};
  com_ctx *c;
  ck_assert_int_eq(com_ctx_create(&o, &c), COM_OK);
  com_log(c, COM_INFO, "train.step", "iter = %d, loss = %.6g", 3, 0.2385);
  com_log(c, COM_DEBUG, "hidden", "must not appear");
  com_ctx_warn(c, "nec", "say \"%s\"", "a\\b");
  com_log(c, COM_ERROR, "fail", "bad");
  ck_assert_str_eq(slurp(err), "holograd: iter = 3, loss = 0.2385\n"
                               "holograd: warning: say \"a\\b\"\n"
                               "holograd: error: bad\n");
  static const char *const want[][3] = {{"info", "train.step", "iter = 3, loss = 0.2385"},
                                        {"warn", "nec", "say \"a\\b\""},
                                        {"error", "fail", "bad"}};
  char *line = slurp(json);
  for (int i = 0; i < 3; i++) {
    size_t n = strcspn(line, "\n");
    cJSON *j;
    TEST_OK(c, com_json_parse(c, "log", line, n, &j));
    ck_assert_str_eq(com_json_str(com_json_get(j, "level"), ""), want[i][0]);
    ck_assert_str_eq(com_json_str(com_json_get(j, "event"), ""), want[i][1]);
    ck_assert_str_eq(com_json_str(com_json_get(j, "text"), ""), want[i][2]);
    ck_assert(com_json_num(com_json_get(j, "t"), -1) >= 0);
    com_json_free(j);
    line += n + 1;
  }
  ck_assert_str_eq(line, "");
  com_ctx_destroy(c);
  fclose(err);
  fclose(json);
}
END_TEST

START_TEST(progress_is_quiet_in_a_file) {
  FILE *err = tmpfile();
  com_ctx_opts o = {.log_level = COM_INFO, .threads = 1, .err = err};
  com_ctx *c;
  com_progress *p;
  ck_assert_int_eq(com_ctx_create(&o, &c), COM_OK);
  TEST_OK(c, com_progress_create(c, "train", &p));
  for (int i = 0; i < 1000; i++) com_progress_update(p, i / 1000.0, "loss %d", i); /* far below 10 s */
  com_progress_destroy(p);
  ck_assert_str_eq(slurp(err), "");
  com_ctx_destroy(c);
  fclose(err);
}
END_TEST

START_TEST(message_clears_progress_line) {
  FILE *err = tmpfile();
  com_ctx_opts o = {.log_level = COM_INFO, .threads = 1, .err = err};
  com_ctx *c;
  ck_assert_int_eq(com_ctx_create(&o, &c), COM_OK);
  com_ctx_lock(c);
  *com_ctx_open_line(c) = 5;
  com_ctx_unlock(c);
  com_log(c, COM_INFO, "x", "text");
  com_log(c, COM_INFO, "x", "more");
  ck_assert_str_eq(slurp(err), "\r     \rholograd: text\nholograd: more\n");
  com_ctx_destroy(c);
  fclose(err);
}
END_TEST

static void *many_warnings(void *user) {
  com_ctx *c = user;
  char sha[65] = "";
  for (int i = 0; i < 300; i++) {
    com_ctx_warn(c, "w", "number %d", i % 50);
    (void)COM_FAIL(c, COM_E_NUM, "failure %d", i);
    com_ctx_input(c, i % 2 ? "odd" : "even", sha);
  }
  return NULL;
}

START_TEST(workers_share_a_context) {
  com_ctx *c = test_ctx();
  pthread_t t[4];
  for (int i = 0; i < 4; i++) ck_assert_int_eq(pthread_create(&t[i], NULL, many_warnings, c), 0);
  for (int i = 0; i < 4; i++) pthread_join(t[i], NULL);
  ck_assert_uint_eq(com_ctx_n_warnings(c), 50);
  ck_assert_uint_eq(com_ctx_n_inputs(c), 2);
  ck_assert_str_eq(com_ctx_error(c), "failure 299");
  com_ctx_destroy(c);
}
END_TEST

START_TEST(growing_text) {
  com_ctx *c = test_ctx();
  com_text t = {0};
  char *s;
  TEST_OK(c, com_text_take(c, &t, &s));
  ck_assert_str_eq(s, "");
  free(s);
  for (int i = 0; i < 3000; i++) com_text_printf(&t, "%d,", i % 10);
  com_text_fill(&t, '-', 3);
  com_text_quote(&t, "a\"\\\b\f\n\r\t\x01\x7f \xc3\xa9 \xf0\x9f\x98\x80 \xff \xc3 \xed\xa0\x80.");
  TEST_OK(c, com_text_take(c, &t, &s));
  ck_assert_ptr_nonnull(strstr(s, "8,9,---\"a\\\"\\\\\\b\\f\\n\\r\\t\\u0001\x7f \xc3\xa9 \xf0\x9f\x98\x80 "
                                  "\xef\xbf\xbd \xef\xbf\xbd \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd.\""));
  ck_assert_uint_eq(strcspn(s, "-"), 6000);
  free(s);
  t.failed = 1;
  com_text_add(&t, "lost");
  TEST_FAILS(c, COM_E_MEM, "memory", com_text_take(c, &t, &s));
  com_ctx_destroy(c);
}
END_TEST

START_TEST(rough_times) {
  static const struct {
    double seconds;
    const char *text;
  } want[] = {{0, "0 s"},         {0.00031, "0.0003 s"}, {0.26, "0.3 s"},        {94.9, "90 s"},
              {95, "2 min"},      {3410, "60 min"},      {3500, "1 h"},          {1e5, "30 h"},
              {172800, "2 days"}, {3e9, "30000 days"},   {1e308, "1e+303 days"}, {INFINITY, "inf days"}};
  char out[COM_TEXT_TIME];
  for (size_t i = 0; i < sizeof want / sizeof *want; i++)
    ck_assert_str_eq(com_text_time(want[i].seconds, out), want[i].text);
}
END_TEST

TEST_MAIN("status_ctx", status_list, stop_names, failures, memory_that_ran_out, what_it_is_about, no_context,
          warnings_and_inputs, stopping, gsl_does_not_abort, log_lines, progress_is_quiet_in_a_file,
          message_clears_progress_line, workers_share_a_context, growing_text, rough_times)
