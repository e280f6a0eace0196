/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file background.h  Backgrounds from JSON text, for the tests of observables. */
#ifndef HOLOGRAD_TESTS_BACKGROUND_H
#define HOLOGRAD_TESTS_BACKGROUND_H
#include "ads/background_file.h"
#include "test.h"

/** Members of a background document besides its schema, e.g. "\"type\":\"ads\"". */
static inline com_status background_try(com_ctx *c, const char *members, ads_background **out) {
  char text[4096];
  cJSON *j = NULL, *docs = NULL;
  *out = NULL;
  snprintf(text, sizeof text, "{\"schema\":\"holograd/background/1\",%s}", members);
  com_status s = com_json_parse(c, "test", text, strlen(text), &j);
  if (!s) s = ads_background_file_documents(c, "test", j, &docs);
  if (!s) s = ads_background_create(c, "test", com_json_at(docs, 0), out);
  com_json_free(docs);
  com_json_free(j);
  return s;
}

static inline ads_background *background_make(com_ctx *c, const char *members) {
  ads_background *b;
  TEST_OK(c, background_try(c, members, &b));
  return b;
}

/** Table II of arXiv:1809.10536 with the constants of its section IV C; %s: closure. */
#define TABLE_II                                                                                             \
  "\"type\":\"h\",\"T\":0.207,\"L\":3.46,\"polynomial\":5,\"closure\":\"%s\",\"samples\":{\"eta\":[1,"       \
  "0.9333333333333333,0.8666666666666667,0.8,0.7333333333333333,0.6666666666666667,0.6,0.5333333333333333,"  \
  "0.4666666666666667,0.4,0.3333333333333333,0.26666666666666666,0.2,0.13333333333333333,0."                 \
  "06666666666666667],\"h\":"                                                                                \
  "[3.0818,2.296,1.464,0.627,-0.141,-0.727,-0.974,-0.687,0.374,2.5,6.03,11.46,19.47,31.07,46.7]},"           \
  "\"ir\":{\"type\":\"shift\",\"c1\":0.0227,\"c2\":25.257},\"uv\":{\"type\":\"exp\",\"c3\":8248,\"c4\":9."   \
  "28}"

static inline ads_background *background_table_ii(com_ctx *c, const char *closure) {
  char text[2048];
  snprintf(text, sizeof text, TABLE_II, closure);
  return background_make(c, text);
}
#endif
