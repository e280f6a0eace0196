/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <unistd.h>
#include "../test.h"
#include "common/build.h"
#include "common/checkpoint.h"
#include "common/fs.h"
#include "common/result.h"

static char path[64];
static com_ctx *c;

static void begin(void) {
  strcpy(path, "/tmp/holograd-test-XXXXXX");
  ck_assert_ptr_nonnull(mkdtemp(path));
  strcat(path, "/ckpt.json");
  c = test_ctx();
}

static void end(void) {
  unlink(path);
  *strrchr(path, '/') = '\0';
  ck_assert_int_eq(rmdir(path), 0); /* and nothing else was in it */
  com_ctx_destroy(c);
}

static cJSON *parse(const char *text) {
  cJSON *j = NULL;
  TEST_OK(c, com_json_parse(c, "t", text, strlen(text), &j));
  return j;
}

static const char state_text[] =
    "{\"x\":[0.2385,-0,1e-310,0.30000000000000004],\"iter\":17,\"rng\":\"00ff\",\"empty\":{}}";

START_TEST(round_trip) {
  begin();
  cJSON *state = parse(state_text), *back;
  TEST_OK(c, com_checkpoint_save(c, path, "train", state));
  TEST_OK(c, com_checkpoint_save(c, path, "train", state)); /* over the previous one */
  TEST_OK(c, com_checkpoint_load(c, path, "train", &back));
  ck_assert(com_json_equal(state, back));
  ck_assert(signbit(com_json_num(com_json_at(com_json_get(back, "x"), 1), 1)));
  ck_assert_uint_eq(com_ctx_n_inputs(c),
                    0); /* a resumed run names the same inputs as one that was never stopped */
  com_json_free(state);
  com_json_free(back);
  end();
}
END_TEST

START_TEST(truncated_anywhere) {
  begin();
  cJSON *state = parse(state_text), *back;
  char *text;
  size_t n;
  TEST_OK(c, com_checkpoint_save(c, path, "train", state));
  TEST_OK(c, com_fs_slurp(c, path, &text, &n));
  for (size_t m = 0; m + 1 < n; m++) { /* all but the final newline */
    TEST_OK(c, com_fs_write(c, path, text, m, 1));
    TEST_FAILS(c, COM_E_DATA, "(while reading the checkpoint)", com_checkpoint_load(c, path, "train", &back));
    ck_assert_ptr_null(back);
  }
  free(text);
  com_json_free(state);
  end();
}
END_TEST

static void save_text(const char *text) { TEST_OK(c, com_fs_write(c, path, text, strlen(text), 1)); }

START_TEST(refusals) {
  begin();
  cJSON *state = parse(state_text), *back;
  char *text;
  size_t n;
  TEST_FAILS(c, COM_E_NOINPUT, "No such file", com_checkpoint_load(c, path, "train", &back));
  TEST_OK(c, com_checkpoint_save(c, path, "train", state));
  TEST_FAILS(c, COM_E_CONFIG, "kind = \"train\": a checkpoint of another command; expected \"nqs\"",
             com_checkpoint_load(c, path, "nqs", &back));
  TEST_OK(c, com_fs_slurp(c, path, &text, &n));
  char *digit = strstr(text, "17");
  ck_assert_ptr_nonnull(digit);
  digit[1] = '8'; /* one changed digit */
  save_text(text);
  TEST_FAILS(c, COM_E_DATA, "does not match the state", com_checkpoint_load(c, path, "train", &back));
  free(text);
  save_text("{\"schema\":\"holograd/checkpoint/1\",\"kind\":\"train\"}");
  TEST_FAILS(c, COM_E_DATA, "state: missing", com_checkpoint_load(c, path, "train", &back));
  save_text("{\"schema\":\"holograd/checkpoint/1\",\"kind\":\"train\",\"state\":{}}");
  TEST_FAILS(c, COM_E_DATA, "sha256", com_checkpoint_load(c, path, "train", &back));
  save_text("{\"schema\":\"holograd/train-result/1\"}");
  TEST_FAILS(c, COM_E_CONFIG, "is a train-result, not a checkpoint",
             com_checkpoint_load(c, path, "train", &back));
  save_text("{\"schema\":\"holograd/checkpoint/2\"}");
  TEST_FAILS(c, COM_E_CONFIG, "newer than this program", com_checkpoint_load(c, path, "train", &back));
  save_text("[1]");
  TEST_FAILS(c, COM_E_CONFIG, "must be an object", com_checkpoint_load(c, path, "train", &back));
  TEST_FAILS(c, COM_E_CREATE, "(while writing the checkpoint)",
             com_checkpoint_save(c, "/nowhere/x", "train", state));
  TEST_FAILS(c, COM_E_IO, "No space left", com_checkpoint_save(c, "/dev/full", "train", state));
  com_json_free(state);
  end();
}
END_TEST

START_TEST(schemas) {
  static const struct {
    const char *text, *kind, *part;
  } v[] = {
      {"{\"schema\":\"holograd/train-result/1\"}", "train-result", NULL},
      {"{\"schema\":\"holograd/dataset/1\"}", "dataset", NULL},
      {"{\"schema\":\"holograd/dataset/2\"}", NULL,
       "schema = \"holograd/dataset/2\": newer than this program"},
      {"{\"schema\":\"holograd/dataset/0\"}", NULL, "not a schema of holograd"},
      {"{\"schema\":\"holograd/dataset/1x\"}", NULL, "not a schema of holograd"},
      {"{\"schema\":\"holograd/dataset\"}", NULL, "not a schema of holograd"},
      {"{\"schema\":\"holograd//1\"}", NULL, "not a schema of holograd"},
      {"{\"schema\":\"holograd/a/b/1\"}", NULL, "not a schema of holograd"},
      {"{\"schema\":\"other/dataset/1\"}", NULL, "not a schema of holograd"},
      {"{\"schema\":\"holograd/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/1\"}",
       NULL, "not a schema"},
      {"{\"schema\":1}", NULL, "schema = 1: not a schema of holograd"},
      {"{}", NULL, "schema: missing"},
      {"3", NULL, "must be an object"}};
  begin();
  for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
    cJSON *j = parse(v[i].text);
    char kind[48];
    int version;
    if (v[i].kind) {
      TEST_OK(c, com_result_schema(c, "f.json", j, kind, &version));
      ck_assert_str_eq(kind, v[i].kind);
      ck_assert_int_eq(version, 1);
    } else
      TEST_FAILS(c, COM_E_CONFIG, v[i].part, com_result_schema(c, "f.json", j, kind, &version));
    com_json_free(j);
  }
  end();
}
END_TEST

static const char *text_at(const cJSON *j, const char *key) { return com_json_str(com_json_get(j, key), ""); }

START_TEST(envelope) {
  begin();
  static const char *const order[] = {"schema", "build", "config", "inputs", "result", "volatile"};
  char *text, sha[65];
  size_t n;
  cJSON *out;
  memset(sha, 'e', 64);
  sha[64] = '\0';
  com_ctx_input(c, "data.json", sha);
  com_ctx_warn(c, "two_directions", "only %d directions are determined", 2);
  TEST_OK(c, com_result_wrap(c, "holograd/train-result/1", parse("{\"seed\":\"1\"}"),
                             parse("{\"loss\":0.2385}"), &out));
  for (size_t i = 0; i < 6; i++) ck_assert_str_eq(com_json_key(com_json_at(out, i)), order[i]);
  ck_assert_uint_eq(com_json_size(out), 6);
  const cJSON *w = com_json_at(com_json_get(com_json_get(out, "result"), "warnings"), 0);
  ck_assert_str_eq(text_at(w, "code"), "two_directions");
  ck_assert_str_eq(text_at(w, "text"), "only 2 directions are determined");
  const cJSON *in = com_json_at(com_json_get(out, "inputs"), 0), *v = com_json_get(out, "volatile");
  ck_assert_str_eq(text_at(in, "path"), "data.json");
  ck_assert_str_eq(text_at(in, "sha256"), sha);
  const char *when = text_at(v, "time");
  ck_assert_msg(strlen(when) == 20 && when[4] == '-' && when[10] == 'T' && when[19] == 'Z', "%s", when);
  ck_assert(com_json_num(com_json_get(v, "threads"), 0) == 1 && *text_at(v, "host"));
  ck_assert(com_json_num(com_json_get(v, "seconds"), -1) >= 0);
  TEST_OK(c, com_json_save(c, out, path, 0));
  com_json_free(out);
  TEST_OK(c, com_fs_slurp(c, path, &text, &n)); /* what we write, we read */
  TEST_OK(c, com_json_parse(c, path, text, n, &out));
  com_json_free(out);
  free(text);
  TEST_FAILS(c, COM_E_MEM, "memory", com_result_wrap(c, "s", com_json_object(), NULL, &out));
  TEST_OK(c, com_result_wrap(c, "s", NULL, com_json_object(), &out));
  ck_assert(com_json_is_object(com_json_get(out, "config")));
  com_json_free(out);
  end();
}
END_TEST

START_TEST(flat_stamp) {
  begin();
  cJSON *flat = parse("{\"schema\":\"holograd/dataset/1\",\"provenance\":{\"doi\":\"10.1/2\"}}"),
        *bare = parse("{\"a\":1}");
  com_ctx_warn(c, "w", "t");
  TEST_OK(c, com_result_stamp(c, flat));
  TEST_OK(c, com_result_stamp(c, flat)); /* again: replaced, not doubled */
  TEST_OK(c, com_result_stamp(c, bare));
  const cJSON *p = com_json_get(flat, "provenance");
  ck_assert_str_eq(text_at(p, "doi"), "10.1/2");
  ck_assert_uint_eq(com_json_size(p), 5);
  ck_assert_uint_eq(com_json_size(com_json_get(p, "warnings")), 1);
  ck_assert(com_json_is_object(com_json_get(com_json_get(bare, "provenance"), "build")));
  com_json_free(flat);
  com_json_free(bare);
  end();
}
END_TEST

START_TEST(build_description) {
  begin();
  const com_build *b = com_build_info();
  ck_assert_ptr_eq(b, com_build_info());
  cJSON *j = com_build_json();
  ck_assert_uint_eq(com_json_size(j), 9);
  for (const cJSON *i = com_json_first(j); i; i = com_json_next(i))
    ck_assert_msg(*com_json_str(i, ""), "%s is empty", com_json_key(i));
  ck_assert_str_eq(text_at(j, "version"), b->version);
  ck_assert_ptr_nonnull(strstr(text_at(j, "sundials"), "SUNDIALS"));
  ck_assert_ptr_nonnull(strstr(text_at(j, "blas"), "OpenBLAS"));
  com_json_free(j);
  end();
}
END_TEST

TEST_MAIN("checkpoint", round_trip, truncated_anywhere, refusals, schemas, envelope, flat_stamp,
          build_description)
