/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include "../test.h"
#include "common/field.h"

/* ---- a small world with every type of row: a registry of pots, and something that cooks with them ---- */

typedef struct clay_opts {
  int n;
  double heat;
} clay_opts;
typedef struct iron_opts {
  char *label;
  com_choice lid; /* components nest */
} iron_opts;
typedef struct pot_shared {
  com_reals theta;
  int train;
} pot_shared;

static const com_component *const *all_lids(void);
static const com_component *const *all_pots(void);
static const com_kind lid_kind = {
    .name = "lid", .plural = "lids", .doc = "what closes a pot", .all = all_lids};
static const com_field pot_rows[] = {
    {"theta", "start values", "1", COM_F_REALS, offsetof(pot_shared, theta), 0, -5, 5, NULL, NULL, 0},
    {"train", "may it change", NULL, COM_F_BOOL, offsetof(pot_shared, train), 1, 0, 0, NULL, NULL, 0},
    {0}};
static const com_kind pot_kind = {"pot", "pots", "where it cooks", all_pots, pot_rows, sizeof(pot_shared)};

static const com_component glass = {"glass", "see-through", NULL, NULL, 0};
static const com_component steel = {"steel", "not", "doi:10.1000/1", NULL, 0};
static const com_component *const *all_lids(void) {
  static const com_component *const all[] = {&glass, &steel, NULL};
  return all;
}
static const com_field clay_rows[] = {
    {"n", "number of things", "1", COM_F_INT, offsetof(clay_opts, n), 4, 1, 16, NULL, NULL, 0},
    {"heat", "how hot", "GeV", COM_F_REAL, offsetof(clay_opts, heat), NAN, 0, INFINITY, NULL, NULL,
     COM_FF_LO_OPEN},
    {0}};
static const com_component clay = {"clay_pot", "of clay", "arXiv:1809.10536", clay_rows, sizeof(clay_opts)};
static const com_field iron_rows[] = {
    {"label", "engraved", NULL, COM_F_STRING, offsetof(iron_opts, label), 0, 0, 0, NULL, NULL,
     COM_FF_REQUIRED},
    {"lid", "its lid", NULL, COM_F_COMPONENT, offsetof(iron_opts, lid), 0, 0, 0, &lid_kind, "steel", 0},
    {0}};
static const com_component iron = {"iron_pot", "of iron", NULL, iron_rows, sizeof(iron_opts)};
static const com_component *const *all_pots(void) {
  static const com_component *const all[] = {&clay, &iron, NULL};
  return all;
}

typedef struct inner {
  double value;
  char *unit;
} inner;
typedef struct world {
  int count, fast, rule, other;
  double tol, below, maybe;
  char *title, *note;
  com_reals values;
  com_strings names;
  com_seed seed;
  inner temperature;
  com_choice pot, extra;
  com_choices pots;
  cJSON *raw;
} world;
static const char *const rules[] = {"euler_old", "euler_new", NULL};
static const com_field inner_rows[] = {
    {"value", "how much", "GeV", COM_F_REAL, offsetof(inner, value), 0.2385, 0, 0, NULL, NULL,
     COM_FF_REQUIRED},
    {"unit", "of what", NULL, COM_F_STRING, offsetof(inner, unit), 0, 0, 0, NULL, "GeV", 0},
    {0}};
#define ROW(name, type, def, lo, hi, aux, sdef, flags)                                                       \
  { #name, "doc of " #name, "GeV", type, offsetof(world, name), def, lo, hi, aux, sdef, flags }
static const com_field rows[] = {ROW(count, COM_F_INT, 3, 1, 99, NULL, NULL, 0),
                                 ROW(fast, COM_F_BOOL, 1, 0, 0, NULL, NULL, 0),
                                 ROW(rule, COM_F_ENUM, 0, 0, 0, rules, "euler_new", 0),
                                 ROW(other, COM_F_INT, -7, 0, 0, NULL, NULL, 0),
                                 ROW(tol, COM_F_REAL, 1e-8, 1e-14, 0.1, NULL, NULL, COM_FF_LO_OPEN),
                                 ROW(below, COM_F_REAL, -2, -INFINITY, 0, NULL, NULL, COM_FF_HI_OPEN),
                                 ROW(maybe, COM_F_REAL, NAN, 0, 0, NULL, NULL, 0),
                                 ROW(title, COM_F_STRING, 0, 0, 0, NULL, "untitled", 0),
                                 ROW(note, COM_F_STRING, 0, 0, 0, NULL, NULL, 0),
                                 ROW(values, COM_F_REALS, 0, 0, 0, NULL, NULL, 0),
                                 ROW(names, COM_F_STRINGS, 0, 0, 0, NULL, NULL, 0),
                                 ROW(seed, COM_F_SEED, 0, 0, 0, NULL, NULL, 0),
                                 ROW(temperature, COM_F_OBJECT, 0, 0, 0, inner_rows, NULL, 0),
                                 ROW(pot, COM_F_COMPONENT, 0, 0, 0, &pot_kind, "clay_pot", 0),
                                 ROW(extra, COM_F_COMPONENT, 0, 0, 0, &pot_kind, NULL, 0),
                                 ROW(pots, COM_F_COMPONENTS, 0, 0, 0, &pot_kind, NULL, 0),
                                 ROW(raw, COM_F_RAW, 0, 0, 0, NULL, NULL, 0),
                                 {0}};

static const char full[] =
    "{\"count\":17,\"fast\":false,\"rule\":\"euler_old\",\"other\":-2147483648,\"tol\":0.1,\"below\":-1e-300,"
    "\"maybe\":0.30000000000000004,\"title\":\"t\\u00e9\",\"note\":\"\",\"values\":[0.2385,-0,1e300],"
    "\"names\":[\"a\",\"\"],\"seed\":\"18446744073709551615\",\"temperature\":{\"value\":0.207,\"unit\":"
    "\"MeV\"},"
    "\"pot\":{\"type\":\"iron_pot\",\"theta\":[1,2],\"train\":false,\"label\":\"L\",\"lid\":{\"type\":"
    "\"glass\"}},"
    "\"extra\":{\"type\":\"clay_pot\",\"theta\":[],\"train\":true,\"n\":16,\"heat\":3.5},"
    "\"pots\":[{\"type\":\"clay_pot\",\"train\":true,\"n\":1},{\"type\":\"iron_pot\",\"train\":true,"
    "\"label\":\"M\","
    "\"lid\":{\"type\":\"steel\"}}],\"raw\":[null,{\"x\":[1]}]}";

static cJSON *parse(com_ctx *c, const char *text) {
  cJSON *j = NULL;
  TEST_OK(c, com_json_parse(c, "run.json", text, strlen(text), &j));
  return j;
}
static com_status read_text(com_ctx *c, const char *text, world *w) {
  cJSON *j = parse(c, text);
  com_status s = com_field_read(c, COM_E_CONFIG, rows, "run.json", "", j, w);
  com_json_free(j);
  return s;
}

START_TEST(defaults) {
  com_ctx *c = test_ctx();
  world w;
  memset(&w, 0xa5, sizeof w); /* not initialised before */
  TEST_OK(c, com_field_init(c, rows, &w));
  ck_assert(w.count == 3 && w.fast == 1 && w.rule == 1 && w.other == -7 && w.tol == 1e-8 && w.below == -2);
  ck_assert(isnan(w.maybe) && !w.note && !w.values.v && !w.names.v && !w.seed.given && !w.raw && !w.pots.v);
  ck_assert_str_eq(w.title, "untitled");
  ck_assert(w.temperature.value == 0.2385);
  ck_assert_str_eq(w.temperature.unit, "GeV");
  ck_assert_ptr_eq(w.pot.type, &clay);
  ck_assert_int_eq(((clay_opts *)w.pot.opts)->n, 4);
  ck_assert(isnan(((clay_opts *)w.pot.opts)->heat));
  ck_assert_int_eq(((pot_shared *)w.pot.shared)->train, 1);
  ck_assert_ptr_null(w.extra.type);
  com_field_finish(rows, &w);
  ck_assert(!w.title && !w.pot.opts && w.count == 0);
  com_field_finish(rows, &w);                                                  /* twice is harmless */
  TEST_OK(c, com_field_read(c, COM_E_CONFIG, rows, "run.json", "", NULL, &w)); /* NULL = all defaults */
  ck_assert_int_eq(w.count, 3);
  com_field_finish(rows, &w);
  com_ctx_destroy(c);
}
END_TEST

static void check_full(const world *w) {
  ck_assert(w->count == 17 && w->fast == 0 && w->rule == 0 && w->other == INT_MIN && w->tol == 0.1);
  ck_assert(w->below == -1e-300 && w->maybe == 0.1 + 0.2 && w->seed.given && w->seed.value == UINT64_MAX);
  ck_assert_str_eq(w->title, "t\xc3\xa9");
  ck_assert_str_eq(w->note, "");
  ck_assert(w->values.n == 3 && w->values.v[0] == 0.2385 && signbit(w->values.v[1]) &&
            w->values.v[2] == 1e300);
  ck_assert(w->names.n == 2 && !strcmp(w->names.v[0], "a") && !strcmp(w->names.v[1], ""));
  ck_assert(w->temperature.value == 0.207 && !strcmp(w->temperature.unit, "MeV"));
  const iron_opts *i = w->pot.opts;
  const pot_shared *s = w->pot.shared;
  ck_assert(w->pot.type == &iron && !strcmp(i->label, "L") && i->lid.type == &glass && !i->lid.opts);
  ck_assert(s->theta.n == 2 && s->theta.v[1] == 2 && !s->train);
  const clay_opts *k = w->extra.opts;
  ck_assert(w->extra.type == &clay && k->n == 16 && k->heat == 3.5);
  ck_assert(w->pots.n == 2 && w->pots.v[1].type == &iron &&
            ((iron_opts *)w->pots.v[1].opts)->lid.type == &steel);
  ck_assert(com_json_size(w->raw) == 2 && com_json_is_null(com_json_at(w->raw, 0)));
}

START_TEST(every_type_read_written_copied) {
  com_ctx *c = test_ctx();
  world w, copy, again;
  TEST_OK(c, read_text(c, full, &w));
  check_full(&w);
  cJSON *out = com_json_object(), *want = parse(c, full);
  TEST_OK(c, com_field_write(c, rows, &w, out));
  char *text;
  TEST_OK(c, com_json_text(c, out, &text));
  ck_assert_msg(com_json_equal(out, want), "%s", text); /* written in full: the resolved configuration */
  TEST_OK(c, com_field_copy(c, rows, &w, &copy));
  com_field_finish(rows, &w);
  check_full(&copy); /* deep: w is gone */
  com_field_finish(rows, &copy);
  TEST_OK(c, com_field_read(c, COM_E_CONFIG, rows, "run.json", "", out, &again));
  check_full(&again);
  com_field_finish(rows, &again);
  free(text);
  com_json_free(out);
  com_json_free(want);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(resolved_defaults_are_stable) {
  com_ctx *c = test_ctx();
  world w, again;
  cJSON *a = com_json_object(), *b = com_json_object();
  TEST_OK(c, read_text(c, "{\"extra\":{\"type\":\"clay_pot\"}}", &w));
  TEST_OK(c, com_field_write(c, rows, &w, a));
  TEST_OK(c, com_field_read(c, COM_E_CONFIG, rows, "run.json", "", a, &again));
  TEST_OK(c, com_field_write(c, rows, &again, b));
  ck_assert(com_json_equal(a, b));
  ck_assert_ptr_null(com_json_get(a, "maybe")); /* not given stays not given */
  ck_assert_ptr_null(com_json_get(a, "note"));
  ck_assert_ptr_null(com_json_get(a, "seed"));
  ck_assert_ptr_null(com_json_get(a, "values"));
  ck_assert_str_eq(com_json_str(com_json_get(a, "rule"), ""), "euler_new");
  ck_assert(com_json_num(com_json_get(com_json_get(a, "extra"), "n"), 0) == 4);
  ck_assert_ptr_null(com_json_get(com_json_get(a, "extra"), "heat"));
  com_field_finish(rows, &w);
  com_field_finish(rows, &again);
  com_json_free(a);
  com_json_free(b);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(accepted_forms) {
  com_ctx *c = test_ctx();
  world w;
  TEST_OK(c, read_text(c,
                       "{\"#note\":[1],\"seed\":7,\"count\":2.0,\"pot\":{\"n\":5,\"#why\":{\"x\":1}},"
                       "\"pots\":[],\"temperature\":{\"#\":0,\"value\":1}}",
                       &w));
  ck_assert(w.seed.value == 7 && w.count == 2 &&
            ((clay_opts *)w.pot.opts)->n == 5); /* default type without "type" */
  ck_assert(w.pots.v && !w.pots.n);
  com_field_finish(rows, &w);
  TEST_OK(c, read_text(c, "{\"seed\":9007199254740992}", &w));
  ck_assert(w.seed.value == 9007199254740992ULL);
  com_field_finish(rows, &w);
  com_ctx_destroy(c);
}
END_TEST

static const char *const refused[][2] = {
    {"{\"tol\":3}", "run.json: tol = 3: must lie in (1e-14, 0.1]; default 1e-08"},
    {"{\"tol\":1e-14}", "run.json: tol = 1e-14: must lie in (1e-14, 0.1]; default 1e-08"},
    {"{\"tol\":\"x\"}", "run.json: tol = \"x\": must be a number, got a string; default 1e-08"},
    {"{\"tol\":null}", "run.json: tol = null: must be a number, got null; default 1e-08"},
    {"{\"tol\":[1]}", "run.json: tol = [...]: must be a number, got an array; default 1e-08"},
    {"{\"below\":0}", "run.json: below = 0: must be < 0; default -2"},
    {"{\"maybe\":true}", "run.json: maybe = true: must be a number, got a boolean"},
    {"{\"count\":0}", "run.json: count = 0: must lie in [1, 99]; default 3"},
    {"{\"count\":2.5}", "run.json: count = 2.5: must be an integer, got a fraction"},
    {"{\"count\":\"2\"}", "run.json: count = \"2\": must be an integer, got a string; default 3"},
    {"{\"other\":2147483648}", "run.json: other = 2147483648: must lie in [-2147483648, 2147483647]"},
    {"{\"fast\":1}", "run.json: fast = 1: must be true or false, got a number; default true"},
    {"{\"fast\":\"true\"}", "run.json: fast = \"true\": must be true or false, got a string; default true"},
    {"{\"rule\":\"euler_odl\"}", "run.json: rule = \"euler_odl\": must be one of \"euler_old\", "
                                 "\"euler_new\"; did you mean \"euler_old\"?"},
    {"{\"rule\":\"midpoint\"}", "run.json: rule = \"midpoint\": must be one of \"euler_old\", \"euler_new\""},
    {"{\"rule\":1}", "run.json: rule = 1: must be one of \"euler_old\", \"euler_new\""},
    {"{\"title\":5}", "run.json: title = 5: must be a string, got a number; default \"untitled\""},
    {"{\"values\":5}", "run.json: values = 5: must be an array of numbers, got a number"},
    {"{\"values\":[1,\"b\"]}", "run.json: values[1] = \"b\": must be a number, got a string"},
    {"{\"names\":\"a\"}", "run.json: names = \"a\": must be an array of strings, got a string"},
    {"{\"names\":[\"a\",null]}", "run.json: names[1] = null: must be a string, got null"},
    {"{\"seed\":-1}", "run.json: seed = -1: must be a non-negative integer or a string of digits"},
    {"{\"seed\":1.5}", "run.json: seed = 1.5: must be a non-negative integer or a string of digits"},
    {"{\"seed\":\"12a\"}", "run.json: seed = \"12a\": must be a non-negative integer or a string of digits"},
    {"{\"seed\":\"\"}", "run.json: seed = \"\": must be a non-negative integer or a string of digits"},
    {"{\"seed\":\"18446744073709551616\"}",
     "run.json: seed = \"18446744073709551616\": must lie in [0, 18446744073709551615]"},
    {"{\"seed\":1e17}", "run.json: seed = 1e+17: integers above 2^53 lose digits in JSON; write a string"},
    {"{\"temperature\":3}", "run.json: temperature = 3: must be an object, got a number"},
    {"{\"temperature\":{}}", "run.json: temperature.value: missing, but required (how much)"},
    {"{\"temperature\":{\"valeu\":1}}", "run.json: temperature.valeu: no such key; did you mean \"value\"?"},
    {"{\"tilte\":1}", "run.json: tilte: no such key; did you mean \"title\"?"},
    {"{\"Count\":1}", "run.json: Count: no such key; did you mean \"count\"?"},
    {"{\"temp\":1}", "run.json: temp: no such key; did you mean \"temperature\"?"},
    {"{\"zzzzzz\":1}", "run.json: zzzzzz: no such key; known keys: count, fast, rule, other, tol,"},
    {"{\"pot\":\"iron_pot\"}",
     "run.json: pot = \"iron_pot\": must be an object, got a string; write {\"type\":\"iron_pot\"}"},
    {"{\"pot\":7}", "run.json: pot = 7: must be an object, got a number; write {\"type\":\"clay_pot\"}"},
    {"{\"pot\":{\"type\":\"cly_pot\"}}",
     "run.json: pot.type = \"cly_pot\": no such pot; did you mean \"clay_pot\"? "
     "(see: holograd list pots)"},
    {"{\"pot\":{\"type\":\"wok\"}}",
     "run.json: pot.type = \"wok\": no such pot; known: clay_pot, iron_pot (see: holograd list pots)"},
    {"{\"pot\":{\"type\":3}}",
     "run.json: pot.type = 3: must be the name of a pot, got a number; known: clay_pot, iron_pot"},
    {"{\"extra\":{\"n\":3}}",
     "run.json: extra.type: missing; known: clay_pot, iron_pot (see: holograd list pots)"},
    {"{\"pot\":{\"thetta\":[]}}", "run.json: pot.thetta: no such key; did you mean \"theta\"?"},
    {"{\"pot\":{\"ehat\":1}}", "run.json: pot.ehat: no such key; did you mean \"heat\"?"},
    {"{\"pot\":{\"qqqqq\":1}}", "run.json: pot.qqqqq: no such key; known keys: type, theta, train, n, heat"},
    {"{\"pot\":{\"label\":\"x\"}}", "run.json: pot.label: no such key"}, /* a row of the other component */
    {"{\"pot\":{\"heat\":0}}", "run.json: pot.heat = 0: must be > 0"},
    {"{\"pot\":{\"theta\":[1,9]}}", "run.json: pot.theta[1] = 9: must lie in [-5, 5]"},
    {"{\"pot\":{\"type\":\"iron_pot\"}}", "run.json: pot.label: missing, but required (engraved)"},
    {"{\"pot\":{\"type\":\"iron_pot\",\"label\":\"x\",\"lid\":{\"type\":\"stel\"}}}",
     "run.json: pot.lid.type = \"stel\": no such lid; did you mean \"steel\"? (see: holograd list lids)"},
    {"{\"pot\":{\"type\":\"iron_pot\",\"label\":\"x\",\"lid\":{\"colour\":1}}}",
     "run.json: pot.lid.colour: no such key; known keys: type"},
    {"{\"pots\":{}}", "run.json: pots = {...}: must be an array of objects, got an object"},
    {"{\"pots\":[{\"type\":\"clay_pot\"},{\"type\":\"clay_pot\",\"n\":17}]}",
     "run.json: pots[1].n = 17: must lie in [1, 16]; default 4"},
    {"{\"pots\":[{\"n\":1}]}", "run.json: pots[0].type: missing; known: clay_pot, iron_pot"},
    {"[1]", "run.json: must be an object, got an array"},
    {"3", "run.json: must be an object, got a number"},
};

START_TEST(every_refusal) {
  com_ctx *c = test_ctx();
  world w;
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
    com_status s = read_text(c, refused[i][0], &w);
    ck_assert_msg(s == COM_E_CONFIG, "%s was accepted", refused[i][0]);
    ck_assert_msg(!strncmp(com_ctx_error(c), refused[i][1], strlen(refused[i][1])), "%s\n got: %s\nwant: %s",
                  refused[i][0], com_ctx_error(c), refused[i][1]);
    ck_assert_msg(!w.title && !w.pot.opts && !w.values.v, "%s left something behind", refused[i][0]);
  }
  com_ctx_destroy(c);
}
END_TEST

START_TEST(code_and_path) {
  com_ctx *c = test_ctx();
  world w;
  cJSON *j = parse(c, "{\"count\":0}");
  TEST_FAILS(c, COM_E_DATA, "d.json: a.b[2].count = 0: must",
             com_field_read(c, COM_E_DATA, rows, "d.json", "a.b[2]", j, &w));
  com_json_free(j);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(single_choice) {
  com_ctx *c = test_ctx();
  com_choice ch;
  cJSON *j = parse(c, "{\"type\":\"clay_pot\",\"n\":9,\"theta\":[0.2385]}"), *out;
  TEST_OK(c, com_field_choice_read(c, COM_E_CONFIG, &pot_kind, "run.json", "metric", j, &ch));
  ck_assert_int_eq(((clay_opts *)ch.opts)->n, 9);
  TEST_OK(c, com_field_choice_write(c, &pot_kind, &ch, &out));
  cJSON *want = parse(c, "{\"type\":\"clay_pot\",\"theta\":[0.2385],\"train\":true,\"n\":9}");
  ck_assert(com_json_equal(out, want));
  com_field_choice_finish(&pot_kind, &ch);
  com_field_choice_finish(&pot_kind, &ch);
  com_json_free(out);
  com_json_free(want);
  com_json_free(j);
  TEST_FAILS(c, COM_E_CONFIG, "run.json: metric: missing, but required (a pot)",
             com_field_choice_read(c, COM_E_CONFIG, &pot_kind, "run.json", "metric", NULL, &ch));
  j = parse(c, "{}");
  TEST_FAILS(c, COM_E_CONFIG, "run.json: metric.type: missing; known",
             com_field_choice_read(c, COM_E_CONFIG, &pot_kind, "run.json", "metric", j, &ch));
  com_json_free(j);
  TEST_OK(c, com_field_choice_write(c, &pot_kind, &ch, &out));
  ck_assert(com_json_is_null(out));
  com_json_free(out);
  ck_assert_ptr_eq(com_field_find(&pot_kind, "iron_pot"), &iron);
  ck_assert_ptr_null(com_field_find(&pot_kind, "iron"));
  com_ctx_destroy(c);
}
END_TEST

START_TEST(nearest_names) {
  static const char *const names[] = {"theta", "train",       "rel_tol",   "abs_tol", "n",
                                      "d",     "temperature", "optimizer", NULL};
  static const char *const v[][2] = {{"thetta", "theta"},
                                     {"htheta", "theta"},
                                     {"hteta", "theta"},
                                     {"tehta", "theta"},
                                     {"THETA", "theta"},
                                     {"rel_tool", "rel_tol"},
                                     {"reltol", "rel_tol"},
                                     {"optimiser", "optimizer"},
                                     {"temp", "temperature"},
                                     {"thetas0", "theta"},
                                     {"x", NULL},
                                     {"lambda", NULL},
                                     {"", NULL},
                                     {"nn", "n"}};
  for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
    const char *near = com_field_nearest(v[i][0], names);
    ck_assert_msg(near == v[i][1] || (near && v[i][1] && !strcmp(near, v[i][1])), "%s -> %s", v[i][0],
                  near ? near : "(none)");
  }
  char word[300];
  memset(word, 'x', 299);
  word[299] = '\0';
  ck_assert_ptr_null(com_field_nearest(word, names));
}
END_TEST

START_TEST(help_text) {
  com_ctx *c = test_ctx();
  char *text = NULL;
  TEST_OK(c, com_field_help(c, clay_rows, &text));
  ck_assert_str_eq(text, "  n     integer  number of things (default 4, in [1, 16])\n"
                         "  heat  number   how hot [GeV] (> 0)\n");
  TEST_OK(c, com_field_help(c, iron_rows, &text)); /* appended */
  ck_assert_ptr_nonnull(strstr(text, "(> 0)\n  label  string  engraved (required)\n"));
  ck_assert_ptr_nonnull(strstr(text, "  lid    {lid}   its lid (default \"steel\")\n"));
  TEST_OK(c, com_field_help(c, rows, &text));
  ck_assert_ptr_nonnull(strstr(text, "euler_old|euler_new"));
  ck_assert_ptr_nonnull(strstr(text, "(default -2, < 0)"));
  ck_assert_ptr_nonnull(strstr(text, "temperature.value"));
  ck_assert_ptr_nonnull(strstr(text, "[{pot},...]"));
  TEST_OK(c, com_field_help(c, NULL, &text)); /* a component without options */
  free(text);
  com_ctx_destroy(c);
}
END_TEST

static const cJSON *at(const cJSON *j, const char *a, const char *b, const char *d) {
  const cJSON *r = com_json_get(j, a);
  if (b) r = com_json_get(r, b);
  return d ? com_json_get(r, d) : r;
}

START_TEST(schema) {
  com_ctx *c = test_ctx();
  cJSON *s = com_field_schema(rows), *want;
  ck_assert_ptr_nonnull(s);
  ck_assert_uint_eq(com_json_size(com_json_get(s, "properties")), sizeof rows / sizeof *rows - 1);
  ck_assert(com_json_is_bool(com_json_get(s, "additionalProperties")) &&
            !com_json_true(com_json_get(s, "additionalProperties")));
  ck_assert(com_json_is_object(at(s, "patternProperties", "^#", NULL)));
  static const char *const v[][2] = {
      {"count", "{\"type\":\"integer\",\"minimum\":1,\"maximum\":99,\"description\":\"doc of count "
                "[GeV]\",\"default\":3}"},
      {"tol",
       "{\"type\":\"number\",\"exclusiveMinimum\":1e-14,\"maximum\":0.1,\"description\":\"doc of tol [GeV]\","
       "\"default\":1e-8}"},
      {"below",
       "{\"type\":\"number\",\"exclusiveMaximum\":0,\"description\":\"doc of below [GeV]\",\"default\":-2}"},
      {"maybe", "{\"type\":\"number\",\"description\":\"doc of maybe [GeV]\"}"},
      {"fast", "{\"type\":\"boolean\",\"description\":\"doc of fast [GeV]\",\"default\":true}"},
      {"rule", "{\"enum\":[\"euler_old\",\"euler_new\"],\"description\":\"doc of rule "
               "[GeV]\",\"default\":\"euler_new\"}"},
      {"note", "{\"type\":\"string\",\"description\":\"doc of note [GeV]\"}"},
      {"values",
       "{\"type\":\"array\",\"items\":{\"type\":\"number\"},\"description\":\"doc of values [GeV]\"}"},
      {"names",
       "{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"description\":\"doc of names [GeV]\"}"},
      {"raw", "{\"description\":\"doc of raw [GeV]\"}"}};
  for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
    want = parse(c, v[i][1]);
    char *text;
    TEST_OK(c, com_json_text(c, at(s, "properties", v[i][0], NULL), &text));
    ck_assert_msg(com_json_equal(at(s, "properties", v[i][0], NULL), want), "%s: %s", v[i][0], text);
    free(text);
    com_json_free(want);
  }
  const cJSON *clay_default = com_json_at(at(s, "properties", "pot", "oneOf"), 0);
  ck_assert_ptr_null(com_json_get(clay_default, "required")); /* the default type may leave "type" out */
  ck_assert_str_eq(com_json_str(at(clay_default, "properties", "type", "const"), ""), "clay_pot");
  ck_assert_ptr_nonnull(at(clay_default, "properties", "theta", "items"));
  ck_assert_ptr_nonnull(at(clay_default, "properties", "n", "minimum"));
  const cJSON *iron_required = com_json_get(com_json_at(at(s, "properties", "pot", "oneOf"), 1), "required");
  ck_assert_str_eq(com_json_str(com_json_at(iron_required, 0), ""), "type");
  ck_assert_str_eq(com_json_str(com_json_at(iron_required, 1), ""), "label");
  com_json_free(s);
  s = com_field_kind_schema(&pot_kind);
  ck_assert_uint_eq(com_json_size(com_json_get(s, "oneOf")), 2);
  ck_assert_str_eq(com_json_str(com_json_get(com_json_at(com_json_get(s, "oneOf"), 0), "description"), ""),
                   "of clay (arXiv:1809.10536)");
  ck_assert_str_eq(
      com_json_str(com_json_at(com_json_get(com_json_at(com_json_get(s, "oneOf"), 0), "required"), 0), ""),
      "type");
  com_json_free(s);
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("field", defaults, every_type_read_written_copied, resolved_defaults_are_stable, accepted_forms,
          every_refusal, code_and_path, single_choice, nearest_names, help_text, schema)
