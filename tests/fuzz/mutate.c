/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>
#include "fuzz.h"

/* What has broken programs before: zeros, subnormals, ends of integer types and of double, odd strings and nesting. */
static const char *const hostile[] = {"0",
                                      "-0.0",
                                      "1",
                                      "-1",
                                      "2",
                                      "1e-320",
                                      "5e-324",
                                      "2.2250738585072014e-308",
                                      "1e308",
                                      "-1.7976931348623157e308",
                                      "0.1",
                                      "1e-17",
                                      "64",
                                      "100000",
                                      "2147483647",
                                      "2147483648",
                                      "-2147483649",
                                      "4294967296",
                                      "9007199254740993",
                                      "18446744073709551616",
                                      "null",
                                      "true",
                                      "false",
                                      "\"\"",
                                      "\"-\"",
                                      "\"%s%n\"",
                                      "\"\\u0000\"",
                                      "\"<&>\\\"\\u2028\\ud83d\\ude00\"",
                                      "\"/dev/zero\"",
                                      "\"..\"",
                                      "[]",
                                      "{}",
                                      "[[]]",
                                      "[null]",
                                      "[1,2,3]",
                                      "[1e308,-1e308,1e-308]",
                                      "{\"type\":\"\"}",
                                      "{\"type\":null}",
                                      "\"all\""};
enum { N_HOSTILE = sizeof hostile / sizeof *hostile };

static unsigned draw(unsigned *state, unsigned below) { /* xorshift: repeatable for libFuzzer's seed */
  *state ^= *state << 13, *state ^= *state >> 17, *state ^= *state << 5;
  return below ? *state % below : 0;
}

static size_t count(const cJSON *j) {
  size_t n = 1;
  for (const cJSON *k = j->child; k; k = k->next) n += count(k);
  return n;
}

/* Number `at` in depth-first order, with its parent. */
static cJSON *pick(cJSON *j, size_t *at, cJSON **parent) {
  if (*at == 0) return j;
  for (cJSON *k = j->child; k; k = k->next) {
    --*at;
    cJSON *in_parent = j, *found = pick(k, at, &in_parent);
    if (found) {
      *parent = found == k ? j : in_parent;
      return found;
    }
  }
  return NULL;
}

static cJSON *random_node(cJSON *root, unsigned *s, cJSON **parent) {
  size_t at = draw(s, (unsigned)count(root));
  *parent = NULL;
  return pick(root, &at, parent);
}

static void replace(cJSON *parent, cJSON *old, cJSON *by) {
  if (!by) return;
  free(by->string); /* of the member that it is a copy of */
  by->string = cJSON_IsObject(parent) ? strdup(old->string) : NULL;
  if (!cJSON_ReplaceItemViaPointer(parent, old, by)) cJSON_Delete(by);
}

static void change(cJSON *root, unsigned *s) {
  cJSON *parent, *other_parent, *node = random_node(root, s, &parent);
  if (!node || !parent) return;
  switch (draw(s, 6)) {
  case 0: cJSON_Delete(cJSON_DetachItemViaPointer(parent, node)); break;
  case 1: /* double an element */
    if (cJSON_IsArray(parent)) cJSON_AddItemToArray(parent, cJSON_Duplicate(node, 1));
    break;
  case 2: /* put a copy of something else here */
    replace(parent, node, cJSON_Duplicate(random_node(root, s, &other_parent), 1));
    break;
  case 3: /* another number of about the same size */
    if (cJSON_IsNumber(node))
      replace(parent, node, cJSON_CreateNumber(node->valuedouble * (draw(s, 2) ? 10 : -0.3)));
    break;
  default: replace(parent, node, cJSON_Parse(hostile[draw(s, N_HOSTILE)]));
  }
}

size_t fuzz_mutate_json(uint8_t *data, size_t n, size_t room, unsigned seed) {
  unsigned s = seed * 2654435761U + 1;
  size_t size = 0;
  cJSON *root = cJSON_ParseWithLength((const char *)data, n);
  if (!root) return 0;
  for (unsigned k = draw(&s, 3) + 1; k > 0; k--) change(root, &s);
  char *text = cJSON_PrintUnformatted(root);
  cJSON_Delete(root);
  if (text && strlen(text) <= room) {
    size = strlen(text);
    memcpy(data, text, size);
  }
  free(text);
  return size;
}
