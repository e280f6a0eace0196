/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "files/schema.h"
#include <stdio.h>
#include "files/kind.h"

static com_status unknown_schema(com_ctx *c, const char *word) {
  const char *names[64];
  size_t n = 0;
  for (; n < 63 && files_kind_at(n); n++) names[n] = files_kind_at(n)->name;
  names[n] = NULL;
  const char *near = com_field_nearest(word, names);
  return COM_FAIL(c, COM_E_USAGE, "schema: no such kind of file '%s'%s%s%s (see: holograd list schemas)",
                  word, near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

/* What a command writes: the rows that every result or every flat output has, then its own. */
static cJSON *written(const files_kind *s) {
  const com_shape *tables[3] = {NULL};
  size_t n = 0;
  if (s->config) tables[n++] = com_shape_envelope;
  if (s->flat) tables[n++] = com_shape_stamp;
  if (s->shape) tables[n++] = s->shape;
  return com_shape_schema(tables);
}

/* "schema" must say what it is. */
static com_status pin(com_ctx *c, const char *id, cJSON *j) {
  cJSON *properties = com_json_edit(j, "properties");
  COM_TRY(com_json_add(c, properties, "schema", com_json_object()));
  return com_json_add(c, com_json_edit(properties, "schema"), "const", com_json_string(id));
}

static com_status config_schema(com_ctx *c, const files_kind *s, const char *id, cJSON **out) {
  cJSON *j = *out = com_field_schema(s->fields);
  COM_ALLOC(c, j);
  COM_TRY(pin(c, id, j));
  if (!com_json_get(j, "required")) COM_TRY(com_json_add(c, j, "required", com_json_array()));
  return com_json_push(c, com_json_edit(j, "required"), com_json_string("schema"));
}

/* The config inside a result is one of its kind: the schema beside this one. */
static com_status result_schema(com_ctx *c, const files_kind *s, const char *id, cJSON **out) {
  char file[64];
  COM_ALLOC(c, *out = written(s));
  COM_TRY(pin(c, id, *out));
  const files_kind *inner = s->config ? files_kind_find(s->config) : NULL;
  if (!inner || !inner->fields) return COM_OK;
  snprintf(file, sizeof file, "%s.json", s->config);
  cJSON *properties = com_json_edit(*out, "properties");
  COM_TRY(com_json_add(c, properties, "config", com_json_object()));
  return com_json_add(c, com_json_edit(properties, "config"), "$ref", com_json_string(file));
}

/* Some kinds are config and result under one name. */
static com_status either(com_ctx *c, const files_kind *s, const char *id, cJSON **out) {
  cJSON *both[2] = {NULL, NULL}, *any = com_json_array();
  com_status status = config_schema(c, s, id, &both[0]);
  if (!status) status = result_schema(c, s, id, &both[1]);
  for (int i = 0; i < 2; i++) {
    if (status)
      com_json_free(both[i]);
    else
      status = com_json_push(c, any, both[i]);
  }
  *out = com_json_object();
  if (!status) return com_json_add(c, *out, "anyOf", any);
  com_json_free(any);
  return status;
}

static com_status schema_of(com_ctx *c, const files_kind *s, cJSON **out) {
  char id[128];
  snprintf(id, sizeof id, "holograd/%s/1", s->name);
  const int config = s->fields != NULL, result = s->shape || s->config;
  com_status status = config && result ? either(c, s, id, out)
                      : config         ? config_schema(c, s, id, out)
                                       : result_schema(c, s, id, out);
  if (!status)
    status =
        com_json_add(c, *out, "$schema", com_json_string("https://json-schema.org/draft/2020-12/schema"));
  if (!status) status = com_json_add(c, *out, "title", com_json_string(id));
  return status ? status : com_json_add(c, *out, "description", com_json_string(s->doc));
}

com_status files_schema_make(com_ctx *c, const char *kind, cJSON **out) {
  *out = NULL;
  COM_CHECK(c, kind, COM_E_USAGE, "schema: no kind of file is named (see: holograd list schemas)");
  const files_kind *s = files_kind_find(kind);
  if (!s) return unknown_schema(c, kind);
  const com_status status = schema_of(c, s, out);
  if (status) {
    com_json_free(*out);
    *out = NULL;
  }
  return status;
}
