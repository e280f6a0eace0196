/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>
#include <locale.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include "common/json.h"
#include "common/json_scan.h"
#include "../test.h"

/* splitmix64 (Steele, Lea, Flood 2014): independent of the generator under test elsewhere. */
static uint64_t next_bits(uint64_t *s) {
  uint64_t z = (*s += 0x9e3779b97f4a7c15u);
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

static cJSON *parse(com_ctx *c, const char *text) {
  cJSON *j = NULL;
  TEST_OK(c, com_json_parse(c, "t.json", text, strlen(text), &j));
  return j;
}

static int same_bits(double a, double b) { return !memcmp(&a, &b, sizeof a); }

static void check_round_trip(com_ctx *c, const double *x, size_t n) {
  cJSON *a = com_json_reals(x, n), *b;
  char *text;
  double *y;
  size_t m;
  TEST_OK(c, com_json_text(c, a, &text));
  b = parse(c, text);
  TEST_OK(c, com_json_read_reals(c, "t.json", "x", b, &y, &m));
  ck_assert_uint_eq(m, n);
  for (size_t i = 0; i < n; i++) ck_assert_msg(same_bits(x[i], y[i]), "%a became %a", x[i], y[i]);
  free(y);
  free(text);
  com_json_free(a);
  com_json_free(b);
}

START_TEST(numbers_round_trip) {
  enum { N = 200000 };
  com_ctx *c = test_ctx();
  double *x = malloc(N * sizeof *x);
  uint64_t s = 20240229, bits;
  for (size_t i = 0; i < N;) {
    bits = next_bits(&s);
    memcpy(&x[i], &bits, sizeof bits);
    i += isfinite(x[i]) != 0;
  }
  check_round_trip(c, x, N);
  for (size_t i = 0; i < N; i++)
    x[i] = (double)(next_bits(&s) >> 11) * 0x1p-53 * 10; /* everyday sizes, all 53 bits */
  check_round_trip(c, x, N);
  free(x);
  const double edge[] = {0.0,      -0.0,        DBL_MIN,   DBL_TRUE_MIN, -DBL_TRUE_MIN, DBL_MAX,
                         -DBL_MAX, DBL_EPSILON, 0.1 + 0.2, 1.0 / 3,      0x1p53,        0x1p53 - 1,
                         -0x1p53,  0x1p53 + 2,  1e15,      1e22,         1e23,          123456789012345678.0};
  check_round_trip(c, edge, sizeof edge / sizeof *edge);
  com_ctx_destroy(c);
}
END_TEST

static void check_text(com_ctx *c, cJSON *j, const char *want) {
  char *text;
  TEST_OK(c, com_json_text(c, j, &text));
  ck_assert_str_eq(text, want);
  free(text);
  com_json_free(j);
}

START_TEST(number_texts) {
  com_ctx *c = test_ctx();
  check_text(c, com_json_real(0.1), "0.1\n");
  check_text(c, com_json_real(0.1 + 0.2), "0.30000000000000004\n");
  check_text(c, com_json_real(-0.0), "-0\n");
  check_text(c, com_json_real(1e15), "1000000000000000\n");
  check_text(c, com_json_real(0x1p53), "9007199254740992\n");
  check_text(c, com_json_real(-0x1p53), "-9007199254740992\n");
  check_text(c, com_json_real(1e300), "1e+300\n");
  check_text(c, com_json_real(NAN), "null\n");
  check_text(c, com_json_real(-INFINITY), "null\n");
  check_text(c, com_json_int(-42), "-42\n");
  check_text(c, com_json_real(1.0 / 3), "0.3333333333333333\n"); /* 16 digits are enough, 15 are not */
  com_ctx_destroy(c);
}
END_TEST

START_TEST(layout) {
  com_ctx *c = test_ctx();
  static const char text[] = "{\n"
                             "  \"z\": [1, -0, 2.5, true, null, \"a\\nb\"],\n"
                             "  \"a\": {},\n"
                             "  \"m\": [],\n"
                             "  \"rows\": [\n"
                             "    [1, 2],\n"
                             "    [3]\n"
                             "  ],\n"
                             "  \"o\": {\n"
                             "    \"\\\"\\\\/\": \"\xc3\xa9\"\n"
                             "  }\n"
                             "}\n";
  check_text(c, parse(c, text), text); /* keys keep their order, a second writing changes nothing */
  com_ctx_destroy(c);
}
END_TEST

START_TEST(wrapping) {
  com_ctx *c = test_ctx();
  double x[500];
  uint64_t s = 5;
  for (size_t i = 0; i < 500; i++) x[i] = (double)(next_bits(&s) >> (11 + i % 40)) * (i % 3 ? 1.0 : 1e-17);
  cJSON *o = com_json_object(), *inner = com_json_object();
  char *text;
  TEST_OK(c, com_json_add(c, inner, "theta", com_json_reals(x, 500)));
  TEST_OK(c, com_json_add(c, o, "a rather long key", inner));
  TEST_OK(c, com_json_text(c, o, &text));
  size_t lines = 0, longest = 0;
  for (const char *p = text; *p; p += strcspn(p, "\n") + 1, lines++)
    if (strcspn(p, "\n") > longest) longest = strcspn(p, "\n");
  ck_assert_uint_le(longest, 110);
  ck_assert_uint_ge(longest, 100);
  ck_assert_uint_gt(lines, 20);
  cJSON *back = parse(c, text);
  ck_assert(com_json_equal(o, back));
  free(text);
  com_json_free(back);
  com_json_free(o);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(strings) {
  com_ctx *c = test_ctx();
  cJSON *j = parse(
      c, "[\"\\u0041\\u00e9\\u20AC\\ud83d\\ude00\\/\\b\\f\\n\\r\\t\\\"\\\\\", \"\", \"\xf4\x8f\xbf\xbf\"]");
  ck_assert_str_eq(com_json_str(com_json_at(j, 0), ""),
                   "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80/\b\f\n\r\t\"\\");
  ck_assert_str_eq(com_json_str(com_json_at(j, 1), "x"), "");
  com_json_free(j);
  check_text(c, com_json_string("bad \xff byte"),
             "\"bad \xef\xbf\xbd byte\"\n"); /* e.g. a file name in Latin-1 */
  check_text(c, com_json_string(NULL), "null\n");
  com_ctx_destroy(c);
}
END_TEST

/* Numbers that cJSON itself would cut after 63 characters. */
START_TEST(long_numbers) {
  com_ctx *c = test_ctx();
  char text[600] = "[0.";
  memset(text + 3, '0', 400);
  strcpy(text + 403, "2385e401, 1E-400, -0e9]");
  cJSON *j = parse(c, text);
  TEST_NEAR(com_json_num(com_json_at(j, 0), 0), 2.385, 1e-15);
  ck_assert(com_json_num(com_json_at(j, 1), 1) == 0);
  ck_assert(signbit(com_json_num(com_json_at(j, 2), 1)));
  com_json_free(j);
  com_ctx_destroy(c);
}
END_TEST

/* A checkpoint that was damaged may hold anything where a counter is expected. */
START_TEST(counters) {
  com_ctx *c = test_ctx();
  cJSON *j = parse(c, "[7, 3e12, 2.9, -1, 1e308, \"7\"]");
  const long expected[] = {7, 3000000000000, 2, 42, 42, 42};
  for (size_t k = 0; k < 6; k++) ck_assert_int_eq(com_json_count(com_json_at(j, k), 42), expected[k]);
  ck_assert_int_eq(com_json_count(NULL, 42), 42);
  com_json_free(j);
  com_ctx_destroy(c);
}
END_TEST

typedef struct refusal {
  const char *text;
  int line, column;
  const char *part;
  size_t n; /* 0: strlen */
} refusal;

#define U8(s) s
static const refusal malformed[] = {
    {"", 1, 1, "ends too early", 0},
    {"  \n ", 2, 2, "ends too early", 0},
    {"{", 1, 2, "ends too early", 0},
    {"[", 1, 2, "ends too early", 0},
    {"[1", 1, 3, "',' or ']'", 0},
    {"[1,", 1, 4, "ends too early", 0},
    {"{\"a\"", 1, 5, "':' after the key", 0},
    {"{\"a\":", 1, 6, "ends too early", 0},
    {"{\"a\":1", 1, 7, "',' or '}'", 0},
    {"{\"a\":1,", 1, 8, "ends too early", 0},
    {"[1,]", 1, 4, "trailing comma", 0},
    {"{\"a\":1,}", 1, 8, "trailing comma", 0},
    {"[,1]", 1, 2, "unexpected ','", 0},
    {"[1,,2]", 1, 4, "unexpected ','", 0},
    {"{,}", 1, 2, "key in double quotes", 0},
    {"[1 2]", 1, 4, "unexpected '2'", 0},
    {"{\"a\" 1}", 1, 6, "':' after the key", 0},
    {"{\"a\":1 \"b\":2}", 1, 8, "',' or '}'", 0},
    {"{a:1}", 1, 2, "unexpected 'a'", 0},
    {"{1:2}", 1, 2, "unexpected '1'", 0},
    {"{'a':1}", 1, 2, "double quotes", 0},
    {"['a']", 1, 2, "double quotes", 0},
    {"[1}", 1, 3, "unexpected '}'", 0},
    {"{\"a\":1]", 1, 7, "unexpected ']'", 0},
    {"]", 1, 1, "unexpected ']'", 0},
    {"1 2", 1, 3, "after the end", 0},
    {"{} x", 1, 4, "after the end", 0},
    {"[]\n[]", 2, 1, "after the end", 0},
    {"null,", 1, 5, "after the end", 0},
    {"[NaN]", 1, 2, "NaN is not JSON", 0},
    {"[nan]", 1, 2, "NaN is not JSON", 0},
    {"[Infinity]", 1, 2, "Infinity is not JSON", 0},
    {"[-Infinity]", 1, 2, "Infinity is not JSON", 0},
    {"[-inf]", 1, 2, "Infinity is not JSON", 0},
    {"[1e999]", 1, 2, "too large", 0},
    {"[-1e309]", 1, 2, "too large", 0},
    {"[0,\n 17976931348623159e292]", 2, 2, "too large", 0},
    {"[01]", 1, 2, "leading zeros", 0},
    {"[-00.5]", 1, 3, "leading zeros", 0},
    {"[+1]", 1, 2, "start with +", 0},
    {"[.5]", 1, 2, "digit before the point", 0},
    {"[1.]", 1, 4, "digit after the point", 0},
    {"[1.e5]", 1, 4, "digit after the point", 0},
    {"[1e]", 1, 4, "digit in the exponent", 0},
    {"[1e+]", 1, 5, "digit in the exponent", 0},
    {"[-]", 1, 3, "a digit", 0},
    {"[0x10]", 1, 3, "unexpected 'x'", 0},
    {"[1_000]", 1, 3, "unexpected '_'", 0},
    {"-", 1, 2, "a digit", 0},
    {"[True]", 1, 2, "write true", 0},
    {"[False]", 1, 2, "write false", 0},
    {"[None]", 1, 2, "write null", 0},
    {"[tru]", 1, 2, "unexpected 't'", 0},
    {"[nulll]", 1, 6, "unexpected 'l'", 0},
    {"// c\n1", 1, 1, "comments", 0},
    {"[1, /* c */ 2]", 1, 5, "comments", 0},
    {"{\n  # c\n  \"a\":1}", 2, 3, "comments", 0},
    {"\xef\xbb\xbf{}", 1, 1, "byte order mark", 0},
    {"[\"abc]", 1, 2, "no end", 0},
    {"[\"abc\\", 1, 6, "unknown escape", 0},
    {"[\"ab\\x\"]", 1, 5, "unknown escape", 0},
    {"[\"\\u12G4\"]", 1, 3, "four hexadecimal digits", 0},
    {"[\"\\u12", 1, 3, "four hexadecimal digits", 0},
    {"[\"\\u0000\"]", 1, 3, "NUL", 0},
    {"[\"\\ud800\"]", 1, 3, "surrogate", 0},
    {"[\"\\udc00\"]", 1, 3, "surrogate", 0},
    {"[\"\\ud800\\u0041\"]", 1, 3, "surrogate", 0},
    {"[\"a\nb\"]", 1, 4, "line break", 0},
    {"[\"a\tb\"]", 1, 4, "control character 0x09", 0},
    {"[\"a\x01\"]", 1, 4, "control character 0x01", 0},
    {"[\"\xff\"]", 1, 3, "UTF-8", 0},
    {"[\"\xc3\xa9\xc3\"]", 1, 4, "0xc3 is not valid UTF-8", 0},
    {"[\"\xc0\x80\"]", 1, 3, "UTF-8", 0},
    {"[\"\xed\xa0\x80\"]", 1, 3, "UTF-8", 0},
    {"[\"\xe0\x80\xaf\"]", 1, 3, "UTF-8", 0},
    {"[\"\xf0\x80\x80\x80\"]", 1, 3, "UTF-8", 0},
    {"[\"\xf4\x90\x80\x80\"]", 1, 3, "UTF-8", 0},
    {"[\"\xc3\xa9\", x]", 1, 7, "unexpected 'x'", 0}, /* columns count characters */
    {"[\xc3\xa9]", 1, 2, "unexpected '\xc3\xa9'", 0},
    {"[\xff]", 1, 2, "byte 0xff", 0},
    {"{\"a\":1,\"a\":2}", 1, 8, "duplicate key \"a\"", 0},
    {"{\"a\":1,\n\"b\":{\"c\":1,\n \"c\":2}}", 3, 2, "duplicate key \"c\"", 0},
    {"{\"a\":1,\"\\u0061\":2}", 1, 8, "duplicate key \"a\"", 0},
    {"{\"\":1,\"\":2}", 1, 7, "duplicate key \"\"", 0},
    {"{\"b\":1,\"a\":2,\"b\":3,\"a\":4}", 1, 14, "duplicate key \"b\"", 0},
    {"[1]\0[2]", 1, 4, "after the end", 7},
    {"[\0]", 1, 2, "byte 0x00", 3},
    {"[\"a\0b\"]", 1, 4, "control character 0x00", 7},
    {"\f1", 1, 1, "byte 0x0c", 0},
    {"{\"x\": 1,\r\n \"y\": nul}", 2, 7, "unexpected 'n'", 0},
};

START_TEST(malformed_texts) {
  com_ctx *c = test_ctx();
  ck_assert_uint_ge(sizeof malformed / sizeof *malformed, 60);
  for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++) {
    const refusal *b = &malformed[i];
    cJSON *j = NULL;
    char where[64];
    size_t n = b->n ? b->n : strlen(b->text);
    char *exact = malloc(n ? n : 1); /* no NUL behind it: a sanitizer sees a read past the end */
    memcpy(exact, b->text, n);
    snprintf(where, sizeof where, "run.json:%d:%d: ", b->line, b->column);
    com_status s = com_json_parse(c, "run.json", exact, n, &j);
    const char *error = com_ctx_error(c);
    ck_assert_msg(s == COM_E_DATA && !j, "case %zu '%s' was accepted", i, b->text);
    ck_assert_msg(!strncmp(error, where, strlen(where)) && strstr(error, b->part),
                  "case %zu '%s': '%s', want '%s...%s'", i, b->text, error, where, b->part);
    free(exact);
  }
  com_ctx_destroy(c);
}
END_TEST

/* Every proper prefix of a valid object text must be refused, and every single-byte damage must not crash. */
START_TEST(damage) {
  static const char text[] =
      "{\"a\":[1,-2.5e-3,{\"b\":\"x\\u00e9\\ud83d\\ude00\"}],\"c\":{\"d\":null,\"e\":[true,false]}}";
  com_ctx *c = test_ctx();
  cJSON *j;
  uint64_t s = 9;
  for (size_t n = 0; n < strlen(text); n++) {
    ck_assert_int_eq(com_json_parse(c, "t", text, n, &j), COM_E_DATA);
    ck_assert_ptr_null(j);
  }
  for (int i = 0; i < 20000; i++) {
    char copy[sizeof text];
    memcpy(copy, text, sizeof text);
    copy[next_bits(&s) % (sizeof text - 1)] = (char)next_bits(&s);
    com_status status = com_json_parse(c, "t", copy, sizeof text - 1, &j);
    ck_assert((status == COM_OK) == (j != NULL));
    com_json_free(j);
  }
  com_ctx_destroy(c);
}
END_TEST

START_TEST(depth_and_size) {
  com_ctx *c = test_ctx();
  enum { DEEP = 100 * 1000 * 1000 };
  char *text = malloc(DEEP);
  cJSON *j;
  memset(text, '[', DEEP);
  clock_t start = clock();
  TEST_FAILS(c, COM_E_DATA, "t:1:65: nested deeper than 64", com_json_parse(c, "t", text, DEEP, &j));
  ck_assert_msg(clock() - start < CLOCKS_PER_SEC / 20, "refusing took %g s",
                (double)(clock() - start) / CLOCKS_PER_SEC);
  memset(text + 64, ']', 64);
  TEST_OK(c, com_json_parse(c, "t", text, 128, &j)); /* 64 levels are fine */
  com_json_free(j);
  free(text);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(many_keys) { /* duplicate detection must not be quadratic */
  enum { KEYS = 60000 };
  com_ctx *c = test_ctx();
  char *text = malloc(KEYS * 16 + 64), *p = text;
  p += sprintf(p, "{");
  for (int i = 0; i < KEYS; i++) p += sprintf(p, "%s\"k%d\":%d", i ? "," : "", i, i);
  char *end = p;
  p += sprintf(p, "}");
  cJSON *j;
  clock_t start = clock();
  TEST_OK(c, com_json_parse(c, "t", text, (size_t)(p - text), &j));
  ck_assert_uint_eq(com_json_size(j), KEYS);
  com_json_free(j);
  sprintf(end, ",\"k31415\":0}");
  TEST_FAILS(c, COM_E_DATA, "duplicate key \"k31415\"", com_json_parse(c, "t", text, strlen(text), &j));
  ck_assert_msg(clock() - start < 2 * CLOCKS_PER_SEC, "took %g s",
                (double)(clock() - start) / CLOCKS_PER_SEC);
  free(text);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(build_and_look) {
  com_ctx *c = test_ctx();
  cJSON *o = com_json_object();
  TEST_OK(c, com_json_add(c, o, "x", com_json_int(1)));
  TEST_OK(c, com_json_add(c, o, "X", com_json_int(2)));
  TEST_OK(c, com_json_add(c, o, "y", com_json_bool(1)));
  TEST_OK(c, com_json_add(c, o, "x", com_json_string("new"))); /* replaces in place */
  ck_assert_uint_eq(com_json_size(o), 3);
  ck_assert_str_eq(com_json_key(com_json_at(o, 0)), "x");
  ck_assert_str_eq(com_json_str(com_json_get(o, "x"), ""), "new");
  TEST_NEAR(com_json_num(com_json_get(o, "X"), 0), 2, 0); /* case matters */
  ck_assert_ptr_null(com_json_get(o, "Y"));
  ck_assert(com_json_true(com_json_get(o, "y")) && com_json_is_bool(com_json_get(o, "y")));
  com_json_remove(o, "X");
  com_json_remove(o, "absent");
  ck_assert_uint_eq(com_json_size(o), 2);
  TEST_FAILS(c, COM_E_MEM, "memory", com_json_add(c, o, "z", NULL));
  TEST_FAILS(c, COM_E_MEM, "memory", com_json_push(c, o, NULL));
  cJSON *copy = com_json_copy(o);
  ck_assert(com_json_equal(o, copy));
  TEST_OK(c, com_json_add(c, com_json_edit(copy, "x") ? copy : o, "x", com_json_null()));
  ck_assert(!com_json_equal(o, copy));
  com_json_free(copy);
  com_json_free(o);
  com_json_free(NULL);
  ck_assert_ptr_null(com_json_copy(NULL));
  ck_assert_ptr_null(com_json_get(NULL, "x"));
  ck_assert_ptr_null(com_json_at(NULL, 3));
  ck_assert_str_eq(com_json_key(NULL), "");
  ck_assert_uint_eq(com_json_size(NULL), 0);
  ck_assert_str_eq(com_json_str(NULL, "d"), "d");
  com_ctx_destroy(c);
}
END_TEST

START_TEST(equality) {
  static const struct {
    const char *a, *b;
    int same;
  } v[] = {{"1", "1.0", 1},
           {"0.3", "0.30000000000000004", 0},
           {"[1,2]", "[2,1]", 0},
           {"{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", 1},
           {"{\"a\":1}", "{\"A\":1}", 0},
           {"true", "false", 0},
           {"null", "false", 0},
           {"\"a\"", "\"a\"", 1},
           {"[[]]", "[{}]", 0},
           {"[1]", "[1,1]", 0},
           {"\"1\"", "1", 0}};
  com_ctx *c = test_ctx();
  for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
    cJSON *a = parse(c, v[i].a), *b = parse(c, v[i].b);
    ck_assert_msg(com_json_equal(a, b) == v[i].same, "%s and %s", v[i].a, v[i].b);
    com_json_free(a);
    com_json_free(b);
  }
  com_ctx_destroy(c);
}
END_TEST

START_TEST(checked_reals) {
  com_ctx *c = test_ctx();
  double *x;
  size_t n;
  cJSON *j = parse(c, "{\"a\":[0.2385,-7],\"b\":[1,\"two\",3],\"c\":3,\"d\":[]}");
  TEST_OK(c, com_json_read_reals(c, "d.json", "a", com_json_get(j, "a"), &x, &n));
  ck_assert_uint_eq(n, 2);
  ck_assert(x[0] == 0.2385 && x[1] == -7);
  free(x);
  TEST_OK(c, com_json_read_reals(c, "d.json", "d", com_json_get(j, "d"), &x, &n));
  ck_assert(n == 0 && x);
  free(x);
  TEST_FAILS(c, COM_E_DATA, "d.json: b[1] = \"two\": must be a number, got a string",
             com_json_read_reals(c, "d.json", "b", com_json_get(j, "b"), &x, &n));
  TEST_FAILS(c, COM_E_DATA, "d.json: c = 3: must be an array of numbers, got a number",
             com_json_read_reals(c, "d.json", "c", com_json_get(j, "c"), &x, &n));
  TEST_FAILS(c, COM_E_DATA, "got nothing", com_json_read_reals(c, "d.json", "e", NULL, &x, &n));
  ck_assert_ptr_null(x);
  com_json_free(j);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(set_values) {
  static const char *const expressions[] = {"flow.rel_tol=1e-10",
                                            "penalties[1].weight=0.25",
                                            "penalties[2].type=smooth",
                                            "metric.theta=[1,2.5]",
                                            "name=bare words = fine",
                                            "quoted=\"7\"",
                                            "new.deep[0][0].x=true",
                                            "flag=null",
                                            "empty=",
                                            "seed=12345678901234567890",
                                            "n=7",
                                            "odd=1,2]",
                                            "penalties[0]={\"type\":\"x\"}",
                                            "nan=NaN"};
  com_ctx *c = test_ctx();
  cJSON *j =
      parse(c, "{\"flow\":{\"rel_tol\":1},\"penalties\":[{\"weight\":1},{\"weight\":2}],\"n\":\"old\"}");
  for (size_t i = 0; i < sizeof expressions / sizeof *expressions; i++)
    TEST_OK(c, com_json_set(c, j, expressions[i]));
  ck_assert_int_eq(com_json_set(c, j, "odd=[1,2"), COM_E_USAGE);
  ck_assert_int_eq(com_json_set(c, j, "n={x:1}"), COM_E_USAGE);
  cJSON *want = parse(
      c, "{\"flow\":{\"rel_tol\":1e-10},\"penalties\":[{\"type\":\"x\"},{\"weight\":0.25},{\"type\":"
         "\"smooth\"}],"
         "\"n\":7,\"metric\":{\"theta\":[1,2.5]},\"name\":\"bare words = fine\",\"quoted\":\"7\","
         "\"new\":{\"deep\":[[{\"x\":true}]]},\"flag\":null,\"empty\":\"\",\"seed\":\"12345678901234567890\","
         "\"odd\":\"1,2]\",\"nan\":\"NaN\"}");
  char *got;
  TEST_OK(c, com_json_text(c, j, &got));
  ck_assert_msg(com_json_equal(j, want), "%s", got);
  free(got);
  com_json_free(want);
  com_json_free(j);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(set_errors) {
  static const char *const v[][2] = {{"a.b", "no '='"},
                                     {"=1", "malformed"},
                                     {".a=1", "malformed"},
                                     {"a.=1", "malformed"},
                                     {"a..b=1", "malformed"},
                                     {"a[=1", "malformed"},
                                     {"a[x]=1", "malformed"},
                                     {"a[1=1", "malformed"},
                                     {"a[]=1", "malformed"},
                                     {"a]=1", "malformed"},
                                     {"[0]=1", "malformed"},
                                     {"a[-1]=1", "malformed"},
                                     {"a[99999999999]=1", "malformed"},
                                     {"list[5]=1", "beyond the end; the array has 2 entries"},
                                     {"list.x=1", "must be an object there, but is an array"},
                                     {"s.x=1", "must be an object there, but is a string"},
                                     {"s[0]=1", "must be an array there, but is a string"},
                                     {"a[b]c=1", "malformed"},
                                     {"list[0]x=1", "malformed"},
                                     {"new[3]=1", "beyond the end"}};
  com_ctx *c = test_ctx();
  for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
    cJSON *j = parse(c, "{\"list\":[1,2],\"s\":\"x\"}");
    TEST_FAILS(c, COM_E_USAGE, v[i][1], com_json_set(c, j, v[i][0]));
    com_json_free(j);
  }
  com_ctx_destroy(c);
}
END_TEST

START_TEST(brief_texts) {
  com_ctx *c = test_ctx();
  char out[48];
  cJSON *j = parse(
      c,
      "[\"" U8(
          "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9")
          U8("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3"
             "\xa9") "\",{},[1],0.1,null]");
  static const char *const want[] = {NULL, "{...}", "[...]", "0.1", "null"};
  static const char *const types[] = {"a string", "an object", "an array", "a number", "null"};
  for (size_t i = 0; i < 5; i++) {
    com_json_brief(com_json_at(j, i), out);
    if (want[i])
      ck_assert_str_eq(out, want[i]);
    else
      ck_assert_msg(strlen(out) < 48 && !strcmp(out + strlen(out) - 5, "\xc3\xa9..."), "%s", out);
    ck_assert_str_eq(com_json_type(com_json_at(j, i)), types[i]);
  }
  com_json_brief(NULL, out);
  ck_assert_str_eq(out, "");
  com_json_free(j);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(locale_does_not_matter) {
  com_ctx *c = test_ctx();
  const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8"};
  for (size_t i = 0; i < 3; i++)
    if (setlocale(LC_NUMERIC, names[i])) break;
  cJSON *j = parse(c, "[0.25,2.5e-3]");
  ck_assert(com_json_num(com_json_at(j, 0), 0) == 0.25);
  check_text(c, j, "[0.25, 0.0025]\n");
  setlocale(LC_NUMERIC, "C");
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("json", numbers_round_trip, number_texts, layout, wrapping, strings, long_numbers, counters,
          malformed_texts, damage, depth_and_size, many_keys, build_and_look, equality, checked_reals,
          set_values, set_errors, brief_texts, locale_does_not_matter)
