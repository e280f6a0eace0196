/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../test.h"
#include "common/table.h"

static com_table *make(com_ctx *c) {
  com_table *t;
  const double eta[] = {0.2385, 1.0 / 3, 1e-300}, V[] = {-1.5, NAN, 7e12}, err[] = {0.1, 0.25, NAN};
  const char *const branch[] = {"physical", "unstable, \"upper\"", "χ"};
  TEST_OK(c, com_table_create(c, &t));
  TEST_OK(c, com_table_add(c, t, "eta0", "1", "\\eta_0", 3, eta, NULL));
  TEST_OK(c, com_table_add(c, t, "V", "L/(2 pi alpha')", NULL, 3, V, err));
  TEST_OK(c, com_table_add_text(c, t, "branch", 3, branch));
  return t;
}

static int same(double a, double b) { return a == b || (isnan(a) && isnan(b)); }

static void check_same(const com_table *a, const com_table *b) {
  ck_assert_uint_eq(com_table_rows(a), com_table_rows(b));
  ck_assert_uint_eq(com_table_cols(a), com_table_cols(b));
  for (size_t j = 0; j < com_table_cols(a); j++) {
    ck_assert_str_eq(com_table_name(a, j), com_table_name(b, j));
    ck_assert_str_eq(com_table_unit(a, j), com_table_unit(b, j));
    const double *x = com_table_values(a, j), *y = com_table_values(b, j), *dx = com_table_errors(a, j),
                 *dy = com_table_errors(b, j);
    ck_assert(!x == !y && !dx == !dy);
    for (size_t i = 0; i < com_table_rows(a); i++) {
      ck_assert(!x || same(x[i], y[i]));
      ck_assert(!dx || same(dx[i], dy[i]));
      if (!x) ck_assert_str_eq(com_table_text_at(a, j, i), com_table_text_at(b, j, i));
    }
  }
}

START_TEST(columns) {
  com_ctx *c = test_ctx();
  com_table *t = make(c);
  const double v[] = {1, 2};
  ck_assert_uint_eq(com_table_find(t, "V"), 1);
  ck_assert_uint_eq(com_table_find(t, "W"), (size_t)-1);
  ck_assert_ptr_null(com_table_values(t, 2));
  ck_assert_ptr_null(com_table_errors(t, 0));
  ck_assert_ptr_null(com_table_text_at(t, 0, 1));
  ck_assert(com_table_errors(t, 1)[1] == 0.25);
  TEST_FAILS(c, COM_E_NUM, "column W has 2 rows, the others have 3",
             com_table_add(c, t, "W", "1", NULL, 2, v, NULL));
  TEST_FAILS(c, COM_E_NUM, "two columns V", com_table_add(c, t, "V", "1", NULL, 3, v, NULL));
  ck_assert_uint_eq(com_table_cols(t), 3);
  com_table_destroy(t);
  com_table_destroy(NULL);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(json_round_trip) {
  com_ctx *c = test_ctx();
  com_table *t = make(c), *u = NULL, *empty, *empty2;
  cJSON *j = com_table_json(t), *again = NULL;
  char *text = NULL;
  const cJSON *k = com_json_get(j, "columns");
  ck_assert_uint_eq(com_json_size(k), 4);
  ck_assert_str_eq(com_json_str(com_json_get(com_json_at(k, 2), "name"), ""), "V_error");
  ck_assert_str_eq(com_json_str(com_json_get(com_json_at(k, 2), "unit"), ""), "L/(2 pi alpha')");
  ck_assert_str_eq(com_json_str(com_json_get(com_json_at(k, 0), "tex"), ""), "\\eta_0");
  ck_assert(com_json_is_null(com_json_at(com_json_at(com_json_get(j, "rows"), 1), 1)));
  TEST_OK(c, com_json_text(c, j, &text));
  TEST_OK(c, com_json_parse(c, "t", text, strlen(text), &again));
  TEST_OK(c, com_table_read(c, "t", again, NULL, &u));
  check_same(t, u);
  com_json_free(j), com_json_free(again), free(text);
  com_table_destroy(t), com_table_destroy(u);

  TEST_OK(c, com_table_create(c, &empty));
  j = com_table_json(empty);
  TEST_OK(c, com_table_read(c, "t", j, NULL, &empty2));
  ck_assert_uint_eq(com_table_cols(empty2), 0);
  com_json_free(j), com_table_destroy(empty), com_table_destroy(empty2);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(bad_json) {
  com_ctx *c = test_ctx();
  const struct {
    const char *text, *part;
  } cases[] = {{"{\"columns\":[]}", "needs the arrays"},
               {"{\"columns\":[{\"name\":3}],\"rows\":[]}", "columns[0].name: must be a string"},
               {"{\"columns\":[{\"name\":\"a\"}],\"rows\":[[1],[1,2]]}", "rows[1]: must be an array of 1"},
               {"{\"columns\":[{\"name\":\"a\"}],\"rows\":[[1],3]}", "rows[1]: must be an array of 1"},
               {"{\"columns\":[{\"name\":\"a\"}],\"rows\":[[1],[\"x\"]]}", "rows[1][0]: must be a number"},
               {"{\"columns\":[{\"name\":\"a\"},{\"name\":\"a_error\"}],\"rows\":[[1,true]]}",
                "rows[0][1]: must be a number"},
               {"{\"columns\":[{\"name\":\"a\"},{\"name\":\"a\"}],\"rows\":[[1,2]]}", "two columns a"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    cJSON *j = NULL;
    com_table *t = NULL;
    TEST_OK(c, com_json_parse(c, "t", cases[i].text, strlen(cases[i].text), &j));
    TEST_FAILS(c, COM_E_DATA, cases[i].part, com_table_read(c, "t.json", j, NULL, &t));
    ck_assert_ptr_null(t);
    com_json_free(j);
  }
  com_ctx_destroy(c);
}
END_TEST

/* What a caller is going to look up is there, of the right type, or the file is refused. */
START_TEST(needs) {
  com_ctx *c = test_ctx();
  const char *text =
      "{\"columns\":[{\"name\":\"a\"},{\"name\":\"s\"},{\"name\":\"b\"}],\"rows\":[[1,\"x\",null]]}";
  const struct {
    const char *needs, *part; /* part NULL: accepted */
  } cases[] = {{"a s$ b +1", NULL},
               {"a d", "t.json: columns: there is none with the name d"},
               {"s", "column s: must hold numbers"},
               {"a$", "column a: must hold strings"},
               {"+2", "column s: must hold numbers"},
               {"*", "column s: must hold numbers"},
               {"+4", "there are 3, needs at least 4"}};
  cJSON *j = NULL;
  TEST_OK(c, com_json_parse(c, "t", text, strlen(text), &j));
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    com_table *t = NULL;
    if (cases[i].part) {
      TEST_FAILS(c, COM_E_DATA, cases[i].part, com_table_read(c, "t.json", j, cases[i].needs, &t));
      ck_assert_ptr_null(t);
    } else
      TEST_OK(c, com_table_read(c, "t.json", j, cases[i].needs, &t));
    com_table_destroy(t);
  }
  com_json_free(j);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(csv_text) {
  com_ctx *c = test_ctx();
  com_table *t = make(c);
  char *text;
  TEST_OK(c, com_table_csv(c, t, &text));
  ck_assert_str_eq(text, "eta0,V [L/(2 pi alpha')],V_error [L/(2 pi alpha')],branch\n"
                         "0.2385,-1.5,0.1,physical\n"
                         "0.3333333333333333,nan,0.25,\"unstable, \"\"upper\"\"\"\n"
                         "1e-300,7000000000000,nan,χ\n");
  free(text);
  com_table_destroy(t);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(printed) {
  com_ctx *c = test_ctx();
  com_table *t = make(c);
  char *text;
  TEST_OK(c, com_table_print(c, t, &text));
  ck_assert_str_eq(text, "    eta0                  V   +-  branch\n"
                         "          [L/(2 pi alpha')]\n"
                         "  0.2385               -1.5  0.1  physical\n"
                         "0.333333                  - 0.25  unstable, \"upper\"\n"
                         "  1e-300              7e+12    -  χ\n");
  free(text);
  com_table_destroy(t);
  com_ctx_destroy(c);
}
END_TEST

/* The same three columns in every dialect. */
START_TEST(csv_dialects) {
  com_ctx *c = test_ctx();
  const char *const texts[] = {"m_q [GeV],cond [GeV^3],error\n0.2385,-1e-3,7\n.5,+2E2,\n",
                               "\xef\xbb\xbfm_q [GeV],cond [GeV^3],error\r\n0.2385,-1e-3,7\r\n.5,+2E2,\r\n",
                               ("# a comment, with comma\n\nm_q [GeV];\"cond [GeV^3]\";error\n  0.2385 ; "
                                "-1e-3;7 # note\n\n#x\n.5;+2E2;NaN"),
                               "m_q [GeV]\tcond [GeV^3]\terror\n0.2385\t-1e-3\t7\n.5\t+2E2\t\n",
                               "   m_q [GeV]  cond   [GeV^3] error  \n 0.2385   -1e-3 7   \n.5 +2E2 nan\n",
                               "# m_q [GeV] cond [GeV^3] error\n0.2385 -1e-3 7\n.5 +2E2 -\n",
                               "\"m_q\"[GeV],\"cond\"[GeV^3],\"error\"\n\"0.2385\",-1e-3,7\n.5,+2E2,na\n"};
  const double want[3][2] = {{0.2385, 0.5}, {-1e-3, 200}, {7, NAN}};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    com_table *t = NULL;
    TEST_OK(c, com_table_parse_csv(c, "d.csv", texts[i], strlen(texts[i]), &t));
    ck_assert_msg(com_table_cols(t) == 3 && com_table_rows(t) == 2, "dialect %zu: %zu x %zu", i,
                  com_table_rows(t), com_table_cols(t));
    const char *const names[] = {"m_q", "cond", "error"}, *const units[] = {"GeV", "GeV^3", ""};
    for (size_t j = 0; j < 3; j++) {
      ck_assert_str_eq(com_table_name(t, j), names[j]);
      ck_assert_str_eq(com_table_unit(t, j), units[j]);
      for (size_t k = 0; k < 2; k++) ck_assert(same(com_table_values(t, j)[k], want[j][k]));
    }
    com_table_destroy(t);
  }
  com_ctx_destroy(c);
}
END_TEST

START_TEST(quoted_names) {
  com_ctx *c = test_ctx();
  com_table *t = NULL;
  const char *text = "\"x, \"\"raw\"\" \",\"a;b\"\n1,2\n";
  TEST_OK(c, com_table_parse_csv(c, "d.csv", text, strlen(text), &t));
  ck_assert_str_eq(com_table_name(t, 0), "x, \"raw\" ");
  ck_assert_str_eq(com_table_name(t, 1), "a;b");
  com_table_destroy(t);
  com_ctx_destroy(c);
}
END_TEST

/* Every digit survives the way through our own CSV. */
START_TEST(csv_round_trip) {
  com_ctx *c = test_ctx();
  enum { N = 200 };
  double x[N];
  for (int i = 0; i < N; i++) x[i] = sin(i * 1.7) * pow(10, i - 100.0);
  com_table *t, *u = NULL;
  char *text;
  TEST_OK(c, com_table_create(c, &t));
  TEST_OK(c, com_table_add(c, t, "x", "GeV", NULL, N, x, NULL));
  TEST_OK(c, com_table_csv(c, t, &text));
  TEST_OK(c, com_table_parse_csv(c, "own.csv", text, strlen(text), &u));
  check_same(t, u);
  free(text);
  com_table_destroy(t), com_table_destroy(u);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(bad_csv) {
  com_ctx *c = test_ctx();
  const struct {
    const char *text, *part;
  } cases[] = {{"", "d.csv: no data"},
               {"# only\n\n", "d.csv: no data"},
               {"a,b\n", "d.csv: no data"},
               {"1,2\n3,4\n", "d.csv:1: the first line has only numbers"},
               {"# a b c\n1 2\n", "d.csv:2: the first line has only numbers"},
               {"a,b\n\n1,2,3\n", "d.csv:3: 3 values, but the header names 2"},
               {"a,b\n1,2\n7\n", "d.csv:3: 1 values"},
               {"a,b\n1,x7\n", "d.csv:2: b = 'x7': must be a number"},
               {"a,b\n1,0x7\n", "b = '0x7'"},
               {"a,b\n1,inf\n", "b = 'inf'"},
               {"a,b\n1,1e999\n", "b = '1e999'"},
               {"a;b\n1,5;2\n", "a = '1,5': must be a number; write the decimal comma as a point"},
               {"a,b\n1,1.5*^-3\n", "b = '1.5*^-3': must be a number; write the exponent as in 1.2e-3"},
               {"a,b\n1,1.5D-3\n", "; write the exponent"},
               {"a,b\n1,D-3\n", "b = 'D-3': must be a number"},
               {"a,b\n1,0.123(4)\n", "; put the error into a column of its own"},
               {"a,b\n1,-.123+/-4\n", "; put the error"},
               {"a,b\n1,5%\n", "; write the value itself, not per cent"},
               {"a,,b\n1,2,3\n", "column 2 has no name"},
               {"a,b,a\n1,2,3\n", "two columns a"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    com_table *t = NULL;
    TEST_FAILS(c, COM_E_DATA, cases[i].part,
               com_table_parse_csv(c, "d.csv", cases[i].text, strlen(cases[i].text), &t));
    ck_assert_ptr_null(t);
  }
  com_table *t = NULL;
  TEST_FAILS(c, COM_E_DATA, "d.csv:2: has a NUL byte", com_table_parse_csv(c, "d.csv", "a\n1\0\n", 5, &t));
  char wide[4100];
  for (int i = 0; i < 2050; i++) memcpy(wide + 2 * i, "a,", 2);
  TEST_FAILS(c, COM_E_DATA, "more than 1000 columns", com_table_parse_csv(c, "d.csv", wide, sizeof wide, &t));
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("table", columns, json_round_trip, bad_json, needs, csv_text, printed, csv_dialects, quoted_names,
          csv_round_trip, bad_csv)
