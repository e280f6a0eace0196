/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every command of the library: what holograd_run() makes of a config is what the program writes for it; what it refuses, it refuses in
 * one line; the cancel flag is heard. */
#include <fcntl.h>
#include <holograd/common.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../test.h"
#include "api/ctx.h"
#include "common/json.h"

#define DATA                                                                                                 \
  "\"dataset\":{\"schema\":\"holograd/dataset/"                                                              \
  "1\",\"name\":\"d\",\"temperature\":{\"value\":0.207,\"unit\":\"GeV\"},"                                   \
  "\"source\":{\"name\":\"m_q\",\"unit\":\"GeV\",\"values\":[0.000731,0.001419,0.002766,0.005327,0.010861]}" \
  ","                                                                                                        \
  "\"response\":{\"name\":\"c\",\"unit\":\"GeV^3\",\"values\":[0.006417,0.011892,0.021953,0.039817,0."       \
  "067421],"                                                                                                 \
  "\"errors\":[0.000213,0.000278,0.000291,0.000455,0.000484]}},"
/* Near the best fit, so that every command has responses to work with. */
#define MODEL                                                                                                \
  "\"metric\":{\"type\":\"pole_poly\",\"n\":3,\"theta\":[-3.55,1.97,4.57]},"                                 \
  "\"bulk\":{\"type\":\"scalar_phi4\",\"lambda\":0.058,\"train\":[\"lambda\"]},"                             \
  "\"dictionary\":{\"type\":\"qcd\",\"L\":2.46,\"train\":[\"L\"]},\"restarts\":1,\"seed\":\"3\","
#define FIT                                                                                                  \
  "{\"schema\":\"holograd/train/1\"," DATA MODEL                                                             \
  "\"flow\":{\"type\":\"rk\",\"n_steps\":60},\"penalties\":[{\"type\":\"uv_value\",\"weight\":0.01}]"
#define NQS                                                                                                  \
  "{\"schema\":\"holograd/nqs/1\",\"lattice\":{\"type\":\"chain\",\"n\":6},\"hamiltonian\":{\"type\":"       \
  "\"tfim\",\"h\":0.73},\"sampler\":{\"type\":\"metropolis\",\"chains\":4,\"sweeps\":80},\"iterations\":6,"  \
  "\"seed\":\"5\""
#define SMALL                                                                                                \
  "{\"schema\":\"holograd/nqs/"                                                                              \
  "1\",\"lattice\":{\"type\":\"chain\",\"n\":4},\"hamiltonian\":{\"type\":\"tfim\",\"h\":0.73},"             \
  "\"sampler\":{\"type\":\"sum\"},\"iterations\":4,\"seed\":\"5\""
#define PAIR                                                                                                 \
  "{\"schema\":\"holograd/diff/"                                                                             \
  "1\",\"a\":{\"result\":{\"energy\":{\"mean\":-3.21,\"error\":0.02},\"n\":[1,2.5]}},"                       \
  "\"b\":{\"result\":{\"energy\":{\"mean\":-3.12,\"error\":0.013},\"n\":[1,2.5]}}"
#define MASSES "\"masses\":{\"rho\":[0.7,1.4],\"a2\":[1.3,1.7]}"

enum { STOPS = 1, GOES_ON = 0 };

/* cancel: STOPS where the flag ends the work before it is done. */
static const struct row {
  const char *command, *config, *options;
  holograd_status status;
  int cancel;
} rows[] = {
    {"train", FIT "}", "", HOLOGRAD_OK, STOPS},
    {"evaluate", FIT "}", "--jacobian", HOLOGRAD_OK, GOES_ON},
    {"generate",
     FIT ",\"generate\":{\"n\":5,\"source_min\":0.001,\"source_max\":0.01,\"relative_error\":0.03}}", "",
     HOLOGRAD_OK, STOPS},
    {"compare",
     "{\"schema\":\"holograd/train/1\"," DATA MODEL
     "\"flows\":[{\"type\":\"rk\",\"n_steps\":40},{\"type\":\"rk\",\"n_steps\":60}],"
     "\"compare\":{\"points\":9,\"repeats\":1,\"held_out\":false}}",
     "", HOLOGRAD_OK, STOPS},
    {"infer",
     FIT ",\"infer\":{\"chains\":1,\"draws\":40,\"warmup\":20,\"max_depth\":4,\"starts\":1,\"bands\":2,"
         "\"sensitivity\":false,"
         "\"refit\":false,\"bootstrap\":0,\"profile\":0,\"design\":false}}",
     "", HOLOGRAD_OK, STOPS},
    {"study", FIT ",\"study\":{\"n\":3}}", "", HOLOGRAD_OK, STOPS},
    {"study",
     FIT ",\"study\":{\"type\":\"calibration\",\"n\":1,\"draws\":50,\"ess\":10,\"warmup\":20,\"levels\":9,"
         "\"screening\":false,\"starts\":0},\"infer\":{\"max_depth\":3}}",
     "", HOLOGRAD_OK, STOPS},
    {"gradcheck", FIT "}", "", HOLOGRAD_OK, STOPS},
    {"gradcheck", FIT ",\"gradcheck\":{\"tol\":1e-300}}", "", HOLOGRAD_NEGATIVE, STOPS},
    {"gradcheck",
     "{\"schema\":\"holograd/background/"
     "1\",\"type\":\"conformal\",\"profile\":{\"type\":\"gauss\"},\"spectrum\":{"
     "\"train\":true," MASSES "},\"gradcheck\":{\"tol\":1e-4}}",
     "", HOLOGRAD_OK, STOPS},
    {"background", FIT "}", "", HOLOGRAD_OK, GOES_ON},
    {"potential", "{\"schema\":\"holograd/background/1\",\"type\":\"schwarzschild\",\"d\":4,\"r0\":1}", "",
     HOLOGRAD_OK, STOPS},
    {"spectrum",
     "{\"schema\":\"holograd/background/"
     "1\",\"type\":\"conformal\",\"profile\":{\"type\":\"soft_wall\",\"k\":[0.2,"
     "0.2]},\"spectrum\":{\"n\":2}}",
     "", HOLOGRAD_OK, STOPS},
    {"spectrum",
     "{\"schema\":\"holograd/background/1\",\"type\":\"conformal\",\"profile\":{\"type\":\"gauss\"},"
     "\"spectrum\":{\"train\":true,\"starts\":1," MASSES "}}",
     "", HOLOGRAD_OK, STOPS},
    {"dbm", FIT ",\"dbm\":{\"layers\":12,\"draws\":50,\"warmup\":20,\"metric\":true}}", "", HOLOGRAD_OK,
     STOPS},
    {"nqs run", NQS "}", "", HOLOGRAD_OK, STOPS},
    {"nqs exact", NQS ",\"exact\":{\"levels\":3,\"temperatures\":[0.4,1.1]}}", "", HOLOGRAD_OK, GOES_ON},
    {"nqs exact", NQS ",\"exact\":{\"reference\":true}}", "", HOLOGRAD_OK, GOES_ON},
    {"nqs evolve", SMALL ",\"evolve\":{\"time\":0.1,\"points\":2}}", "", HOLOGRAD_OK, STOPS},
    {"nqs response", NQS ",\"response\":{\"source\":\"Z\",\"values\":[0.1,0.3],\"method\":\"exact\"}}", "",
     HOLOGRAD_OK, STOPS},
    {"nqs response",
     SMALL ",\"response\":{\"source\":\"Z\",\"values\":[0.3],\"extend\":1,\"target_error\":0.1}}", "",
     HOLOGRAD_NEGATIVE, STOPS},
    {"nqs dbm",
     "{\"schema\":\"holograd/nqs-dbm/"
     "1\",\"lattice\":{\"type\":\"chain\",\"n\":4},\"h\":1.3,\"dt\":0.25,\"steps\":3,"
     "\"sweeps\":100,\"seed\":\"2\"}",
     "", HOLOGRAD_OK, STOPS},
    {"nqs path",
     "{\"schema\":\"holograd/path/1\",\"path\":{\"time\":9,\"steps\":[0.5,0.25],\"chains\":2,\"draws\":60,"
     "\"warmup\":60},\"seed\":\"4\"}",
     "", HOLOGRAD_OK, STOPS},
    {"diff", PAIR "}", "", HOLOGRAD_NEGATIVE, GOES_ON},
    {"diff", PAIR ",\"sigma\":5}", "--sigma=5", HOLOGRAD_OK, GOES_ON},
};
enum { N_ROWS = sizeof rows / sizeof *rows };

static char folder[] = "/tmp/holograd-test-XXXXXX", in_file[64], other_file[64], out_file[64];

static void make_folder(void) {
  snprintf(folder, sizeof folder, "/tmp/holograd-test-XXXXXX");
  ck_assert_ptr_nonnull(mkdtemp(folder));
  snprintf(in_file, sizeof in_file, "%s/in.json", folder);
  snprintf(other_file, sizeof other_file, "%s/other.json", folder);
  snprintf(out_file, sizeof out_file, "%s/out.json", folder);
}

static void remove_folder(void) {
  unlink(in_file);
  unlink(other_file);
  unlink(out_file);
  rmdir(folder);
}

static void write_file(const char *path, const char *text) {
  FILE *f = fopen(path, "w");
  ck_assert(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

/* The two results of a diff, each in its file. */
static void write_pair(const char *config) {
  static const char *const key[] = {"a", "b"}, *const path[] = {in_file, other_file};
  com_ctx *c = test_ctx();
  cJSON *j = NULL;
  TEST_OK(c, com_json_parse(c, "pair", config, strlen(config), &j));
  for (int k = 0; k < 2; k++) {
    char *text = NULL;
    TEST_OK(c, com_json_text(c, com_json_get(j, key[k]), &text));
    write_file(path[k], text);
    free(text);
  }
  com_json_free(j);
  com_ctx_destroy(c);
}

/* The program on the same file; its exit code. */
static int program(const struct row *r) {
  const int pair = !strcmp(r->command, "diff");
  const char *path = getenv("HOLOGRAD");
  char first[32], *second, *argv[12] = {NULL};
  size_t n = 0;
  if (pair)
    write_pair(r->config);
  else
    write_file(in_file, r->config);
  snprintf(first, sizeof first, "%s", r->command);
  if ((second = strchr(first, ' '))) *second++ = '\0';
  argv[n++] = "holograd", argv[n++] = first;
  if (second) argv[n++] = second;
  argv[n++] = in_file, argv[n++] = "-q", argv[n++] = "--force", argv[n++] = "-o", argv[n++] = out_file;
  if (pair) argv[n++] = other_file;
  if (*r->options) argv[n++] = (char *)r->options;
  fflush(stdout);
  const pid_t pid = fork();
  ck_assert_int_ge(pid, 0);
  if (pid == 0) {
    const int nowhere = open("/dev/null", O_WRONLY);
    if (nowhere >= 0) dup2(nowhere, 2);
    execv(path ? path : "build/holograd", argv);
    _exit(127);
  }
  int how = 0;
  ck_assert_int_eq(waitpid(pid, &how, 0), pid);
  ck_assert_msg(WIFEXITED(how) && WEXITSTATUS(how) != 127, "the program does not run: set HOLOGRAD");
  return WEXITSTATUS(how);
}

/* Without what tells one run from another: time and host, the build (the two may be linked at different commits), and the file that
 * only the program read. */
static char *stable(com_ctx *c, cJSON *j) {
  static const char *const differ[] = {"volatile", "build", "inputs"};
  char *text = NULL;
  cJSON *where[2] = {j, com_json_edit(j, "provenance")};
  for (int k = 0; k < 6; k++)
    if (where[k / 3]) com_json_remove(where[k / 3], differ[k % 3]);
  TEST_OK(c, com_json_text(c, j, &text));
  com_json_free(j);
  return text;
}

START_TEST(as_the_program) {
  const struct row *r = rows + _i;
  com_ctx *c = test_ctx();
  holograd_ctx *h = NULL;
  char *text = NULL;
  cJSON *ours = NULL, *theirs = NULL;
  make_folder();
  ck_assert_int_eq(holograd_ctx_create(NULL, &h), HOLOGRAD_OK);
  const holograd_status s = holograd_run(h, r->command, in_file, r->config, &text);
  ck_assert_msg(s == r->status, "%s: status %d, not %d: %s", r->command, (int)s, (int)r->status,
                holograd_ctx_error(h));
  ck_assert_ptr_nonnull(text);
  ck_assert_int_eq(program(r), (int)s);
  TEST_OK(c, com_json_parse(c, "ours", text, strlen(text), &ours));
  TEST_OK(c, com_json_load(c, out_file, &theirs));
  char *a = stable(c, ours), *b = stable(c, theirs);
  size_t at = 0;
  while (a[at] && a[at] == b[at]) at++;
  ck_assert_msg(!a[at] && !b[at], "%s: library and program differ at\n%.200s\nagainst\n%.200s", r->command,
                a + (at > 80 ? at - 80 : 0), b + (at > 80 ? at - 80 : 0));
  free(a);
  free(b);
  holograd_text_free(text);
  holograd_ctx_destroy(h);
  com_ctx_destroy(c);
  remove_folder();
}
END_TEST

/* A key that nobody knows: the status of a bad config, one line that names it, no document. */
START_TEST(bad_key) {
  const struct row *r = rows + _i;
  const size_t n = strlen(r->config);
  holograd_ctx *h = NULL;
  char *out = (char *)1, *bad = malloc(n + 32);
  ck_assert_ptr_nonnull(bad);
  snprintf(bad, n + 32, "%.*s,\"no_such_key\":1}", (int)(n - 1), r->config);
  ck_assert_int_eq(holograd_ctx_create(NULL, &h), HOLOGRAD_OK);
  ck_assert_int_eq(holograd_run(h, r->command, "mine.json", bad, &out), HOLOGRAD_E_CONFIG);
  ck_assert_ptr_null(out);
  const char *said = holograd_ctx_error(h);
  ck_assert_msg(strstr(said, "no_such_key") && strstr(said, "mine.json") && !strchr(said, '\n'), "'%s'",
                said);
  holograd_ctx_destroy(h);
  free(bad);
}
END_TEST

START_TEST(cancelled) {
  static const volatile sig_atomic_t now = 1;
  const struct row *r = rows + _i;
  holograd_ctx *h = NULL;
  char *out = (char *)1;
  ck_assert_int_eq(holograd_ctx_create(&(holograd_ctx_opts){.cancel = &now}, &h), HOLOGRAD_OK);
  const holograd_status s = holograd_run(h, r->command, NULL, r->config, &out);
  ck_assert_msg(s == (r->cancel ? HOLOGRAD_INTERRUPTED : r->status), "%s: status %d: %s", r->command, (int)s,
                holograd_ctx_error(h));
  ck_assert_int_eq(out == NULL, r->cancel);
  holograd_text_free(out);
  holograd_ctx_destroy(h);
}
END_TEST

/* Whoever swallowed the failure: the document may lack what was skipped. */
START_TEST(memory_that_ran_out) {
  com_ctx *c = test_ctx();
  char *text = (char *)1;
  (void)COM_FAIL(c, COM_E_MEM, "out of memory");
  com_ctx_clear(c);
  ck_assert_int_eq(holograd_ctx_text(c, com_json_object(), &text), COM_E_MEM);
  ck_assert_ptr_null(text);
  com_ctx_destroy(c);
}
END_TEST

/* Every command has a row above; every kind has a schema, which says what it is. */
START_TEST(complete) {
  holograd_ctx *h = NULL;
  char *text = NULL, id[80];
  size_t n = 0;
  for (const char *name; (name = holograd_run_command(n)); n++) {
    int known = 0;
    for (size_t k = 0; k < N_ROWS; k++) known |= !strcmp(rows[k].command, name);
    ck_assert_msg(known, "%s: no row", name);
  }
  ck_assert_uint_eq(n, 18);
  ck_assert_int_eq(holograd_ctx_create(NULL, &h), HOLOGRAD_OK);
  for (n = 0; holograd_run_kind(n); n++) {
    ck_assert_int_eq(holograd_run_schema(h, holograd_run_kind(n), &text), HOLOGRAD_OK);
    snprintf(id, sizeof id, "\"title\": \"holograd/%s/1\"", holograd_run_kind(n));
    ck_assert_msg(strstr(text, id), "%s: no %s", holograd_run_kind(n), id);
    holograd_text_free(text);
  }
  ck_assert_uint_eq(n, 22);
  ck_assert_int_eq(holograd_run_schema(h, "studie", &text), HOLOGRAD_E_USAGE);
  ck_assert_ptr_null(text);
  ck_assert_ptr_nonnull(strstr(holograd_ctx_error(h), "did you mean study"));
  ck_assert_int_eq(holograd_run_schema(h, NULL, &text), HOLOGRAD_E_USAGE);
  holograd_ctx_destroy(h);
}
END_TEST

int main(void) {
  Suite *s = suite_create("api_run");
  TCase *tc = tcase_create("api_run");
  tcase_set_timeout(tc, 600);
  tcase_add_loop_test(tc, as_the_program, 0, N_ROWS);
  tcase_add_loop_test(tc, bad_key, 0, N_ROWS);
  tcase_add_loop_test(tc, cancelled, 0, N_ROWS);
  tcase_add_test(tc, memory_that_ran_out);
  tcase_add_test(tc, complete);
  suite_add_tcase(s, tc);
  SRunner *r = srunner_create(s);
  srunner_run_all(r, CK_ENV);
  const int bad = srunner_ntests_failed(r);
  srunner_free(r);
  return bad ? EXIT_FAILURE : EXIT_SUCCESS;
}
