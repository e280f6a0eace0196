/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/shape.h"
#include <stdio.h>
#include <string.h>

const com_shape com_shape_envelope[] = {
    {"schema", "string", "holograd/KIND/1"},
    {"build", "object", "version, commit, compiler, flags and libraries that made it"},
    {"config", "object", "complete, resolved, with data inline: runs again anywhere"},
    {"inputs", "array", "files that were read"},
    {"inputs[].path", "string", "as it was named"},
    {"inputs[].sha256", "string", "of its bytes"},
    {"result", "object", "what was found"},
    {"result.warnings", "array", "what a careful colleague would say"},
    {"result.warnings[].code", "string", "one word for programs"},
    {"result.warnings[].text", "string", "one sentence for people"},
    {"volatile", "object", "all that may differ between two runs of the same thing"},
    {"volatile.time", "string", "UTC, ISO 8601"},
    {"volatile.host", "string", "machine"},
    {"volatile.threads", "integer", "used; they do not change a digit"},
    {"volatile.seconds", "number", "wall time"},
    {0}};

const com_shape com_shape_stamp[] = {
    {"schema", "string", "holograd/KIND/1"},
    {"provenance", "?object", "build, inputs, warnings, volatile as in results"},
    {0}};

/* ---- the schema of one type ---- */

static const char TABLE[] =
    "{\"type\":\"object\",\"required\":[\"columns\",\"rows\"],\"properties\":{\"columns\":{\"type\":"
    "\"array\",\"items\":{"
    "\"type\":\"object\",\"required\":[\"name\"],\"properties\":{\"name\":{\"type\":\"string\"},\"unit\":{"
    "\"type\":["
    "\"string\",\"null\"]},\"tex\":{\"type\":[\"string\",\"null\"]}}}},\"rows\":{\"type\":\"array\","
    "\"items\":{"
    "\"type\":\"array\",\"items\":{\"type\":[\"number\",\"string\",\"boolean\",\"null\"]}}}}}";
static const struct {
  const char *name, *schema;
} types[] = {
    {"any", "{}"},
    {"numbers", "{\"type\":\"array\",\"items\":{\"type\":[\"number\",\"null\"]}}"},
    {"strings", "{\"type\":\"array\",\"items\":{\"type\":\"string\"}}"},
    {"parameters",
     "{\"type\":\"object\",\"additionalProperties\":{\"anyOf\":[{\"type\":[\"number\",\"null\"]},"
     "{\"type\":\"array\",\"items\":{\"type\":[\"number\",\"null\"]}}]}}"},
    {"table", TABLE},
};

static cJSON *one_type(const char *name, size_t n) {
  char text[64];
  cJSON *j = NULL;
  const char *schema = text;
  snprintf(text, sizeof text, "{\"type\":\"%.*s\"}", (int)n, name);
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (strlen(types[i].name) == n && !strncmp(types[i].name, name, n)) schema = types[i].schema;
  return com_json_parse(NULL, "type", schema, strlen(schema), &j) ? NULL : j;
}

/* "number|null" -> {"anyOf":[...]}, one alternative -> itself. */
static cJSON *type_schema(const char *type) {
  const size_t first = strcspn(type, "|");
  if (!type[first]) return one_type(type, first);
  cJSON *any = com_json_array(), *o = com_json_object();
  com_status s = COM_OK;
  for (const char *t = type; !s && *t; t += strcspn(t, "|") + (t[strcspn(t, "|")] == '|'))
    s = com_json_push(NULL, any, one_type(t, strcspn(t, "|")));
  if (s) {
    com_json_free(any);
    com_json_free(o);
    return NULL;
  }
  if (!com_json_add(NULL, o, "anyOf", any)) return o;
  com_json_free(o);
  return NULL;
}

/* ---- rows into a tree ---- */

/* The object under key, made when it is missing. */
static cJSON *child(cJSON *node, const char *key) {
  cJSON *c = com_json_edit(node, key);
  if (c || com_json_add(NULL, node, key, com_json_object())) return c;
  return com_json_edit(node, key);
}

static com_status require(cJSON *node, const char *name) {
  if (!com_json_get(node, "required")) COM_TRY(com_json_add(NULL, node, "required", com_json_array()));
  return com_json_push(NULL, com_json_edit(node, "required"), com_json_string(name));
}

/* Members of `from` into `to`. */
static com_status merge(cJSON *to, cJSON *from) {
  com_status s = from ? COM_OK : COM_E_MEM;
  for (const cJSON *m = com_json_first(from); m && !s; m = com_json_next(m))
    s = com_json_add(NULL, to, com_json_key(m), com_json_copy(m));
  com_json_free(from);
  return s;
}

static com_status add_row(cJSON *node, const com_shape *r) {
  const int optional = r->type[0] == '?';
  const char *p = r->path;
  char name[64];
  while (node && *p) {
    const size_t n = strcspn(p, ".[{");
    if (n) {
      snprintf(name, sizeof name, "%.*s", (int)n, p);
      p += n;
      if (!*p && !optional) COM_TRY(require(node, name));
      node = child(child(node, "properties"), name);
    }
    for (; node && (*p == '[' || *p == '{'); p += 2)
      node = child(node, *p == '[' ? "items" : "additionalProperties");
    if (*p == '.') p++;
  }
  if (!node) return COM_E_MEM;
  COM_TRY(merge(node, type_schema(r->type + optional)));
  return com_json_add(NULL, node, "description", com_json_string(r->doc));
}

cJSON *com_shape_schema(const com_shape *const *tables) {
  cJSON *o = one_type("object", 6);
  com_status s = o ? COM_OK : COM_E_MEM;
  for (; *tables && !s; tables++)
    for (const com_shape *r = *tables; r->path && !s; r++) s = add_row(o, r);
  if (!s) return o;
  com_json_free(o);
  return NULL;
}
