/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON schema, draft 2020-12.  Every function returns NULL when memory runs out; com_json_add passes a NULL item on. */
#include "common/field_schema.h"
#include <math.h>
#include <string.h>
#include "common/field_help.h"

static com_status add(cJSON *o, const char *key, cJSON *item) { return com_json_add(NULL, o, key, item); }

static cJSON *or_free(cJSON *o, com_status status) {
  if (!status) return o;
  com_json_free(o);
  return NULL;
}

static cJSON *one(const char *key, cJSON *item) {
  cJSON *o = com_json_object();
  if (!o) {
    com_json_free(item);
    return NULL;
  }
  return or_free(o, add(o, key, item));
}

static com_status limits(const com_field *f, cJSON *o) {
  if (!com_field_help_ranged(f)) return COM_OK;
  if (isfinite(f->lo))
    COM_TRY(add(o, f->flags & COM_FF_LO_OPEN ? "exclusiveMinimum" : "minimum", com_json_real(f->lo)));
  if (isfinite(f->hi))
    COM_TRY(add(o, f->flags & COM_FF_HI_OPEN ? "exclusiveMaximum" : "maximum", com_json_real(f->hi)));
  return COM_OK;
}

static cJSON *names_of(const com_field *f) {
  cJSON *a = com_json_array();
  for (const char *const *n = f->aux; a && *n; n++)
    a = or_free(a, com_json_push(NULL, a, com_json_string(*n)));
  return a;
}

static cJSON *number(const com_field *f, const char *type) {
  cJSON *o = one("type", com_json_string(type));
  return o ? or_free(o, limits(f, o)) : NULL;
}

static cJSON *list(cJSON *items) {
  cJSON *o = one("type", com_json_string("array"));
  if (!o) {
    com_json_free(items);
    return NULL;
  }
  return or_free(o, add(o, "items", items));
}

/* A string of digits, or an integer that a double holds exactly. */
static cJSON *seed(void) {
  cJSON *types = com_json_array();
  if (types) types = or_free(types, com_json_push(NULL, types, com_json_string("string")));
  if (types) types = or_free(types, com_json_push(NULL, types, com_json_string("integer")));
  cJSON *o = one("type", types);
  if (o) o = or_free(o, add(o, "pattern", com_json_string("^[0-9]+$")));
  if (o) o = or_free(o, add(o, "minimum", com_json_int(0)));
  if (o) o = or_free(o, add(o, "maximum", com_json_int(1LL << 53)));
  return o;
}

/* Read later, with the rows of aux; or the name of a file. */
static cJSON *raw(const com_field *f) {
  cJSON *o = f->aux ? com_field_schema(f->aux) : com_json_object();
  if (!o || !(f->flags & COM_FF_FILE)) return o;
  cJSON *any = com_json_array();
  com_status s = com_json_push(NULL, any, one("type", com_json_string("string")));
  if (s)
    com_json_free(o);
  else
    s = com_json_push(NULL, any, o);
  any = or_free(any, s);
  return any ? one("anyOf", any) : NULL;
}

static cJSON *type_of(const com_field *f) {
  switch (f->type) {
  case COM_F_INT: return number(f, "integer");
  case COM_F_REAL: return number(f, "number");
  case COM_F_BOOL: return one("type", com_json_string("boolean"));
  case COM_F_STRING: return one("type", com_json_string("string"));
  case COM_F_ENUM: return one("enum", names_of(f));
  case COM_F_REALS: return list(number(f, "number"));
  case COM_F_STRINGS: return list(one("type", com_json_string("string")));
  case COM_F_SEED: return seed();
  case COM_F_OBJECT: return com_field_schema(f->aux);
  case COM_F_COMPONENT: return com_field_schema_kind(f->aux, f->sdef);
  case COM_F_COMPONENTS: return list(com_field_schema_kind(f->aux, f->sdef));
  case COM_F_RAW: return raw(f);
  }
  return NULL;
}

static cJSON *default_of(const com_field *f) {
  const char *const *names = f->aux;
  switch (f->type) {
  case COM_F_INT: return com_json_int((long long)f->def);
  case COM_F_REAL: return com_json_real(f->def);
  case COM_F_BOOL: return com_json_bool(f->def != 0);
  case COM_F_ENUM: return com_json_string(f->sdef ? f->sdef : names[0]);
  case COM_F_COMPONENT: return one("type", com_json_string(f->sdef));
  default: return com_json_string(f->sdef);
  }
}

static com_status describe(const com_field *f, cJSON *o) {
  char text[512], def[80];
  int unit = f->unit && *f->unit && strcmp(f->unit, "1");
  snprintf(text, sizeof text, "%s%s%s%s", f->doc ? f->doc : "", unit ? " [" : "", unit ? f->unit : "",
           unit ? "]" : "");
  if (*text) COM_TRY(add(o, "description", com_json_string(text)));
  com_field_help_default(f, def);
  return *def ? add(o, "default", default_of(f)) : COM_OK;
}

static com_status property(const com_field *f, cJSON *properties, cJSON *required) {
  cJSON *o = type_of(f);
  if (o) o = or_free(o, describe(f, o));
  COM_TRY(add(properties, f->key, o));
  return f->flags & COM_FF_REQUIRED ? com_json_push(NULL, required, com_json_string(f->key)) : COM_OK;
}

/* An object with the rows of `shared` and `own` (NULL = none), and "type" when `type` is given. */
static cJSON *object(const com_field *shared, const com_field *own, const char *type, int type_required) {
  com_status status = COM_OK;
  cJSON *o = one("type", com_json_string("object")), *properties = NULL, *required = NULL;
  if (!o) return NULL;
  COM_GOTO(done, add(o, "properties", com_json_object()));
  COM_GOTO(done, add(o, "required", com_json_array()));
  properties = com_json_edit(o, "properties");
  required = com_json_edit(o, "required");
  if (type) COM_GOTO(done, add(properties, "type", one("const", com_json_string(type))));
  if (type && type_required) COM_GOTO(done, com_json_push(NULL, required, com_json_string("type")));
  for (const com_field *f = shared; f && f->key; f++) COM_GOTO(done, property(f, properties, required));
  for (const com_field *f = own; f && f->key; f++) COM_GOTO(done, property(f, properties, required));
  if (!com_json_size(required)) com_json_remove(o, "required");
  COM_GOTO(done, add(o, "patternProperties", one("^#", com_json_object())));
  COM_GOTO(done, add(o, "additionalProperties", com_json_bool(0)));
done:
  return or_free(o, status);
}

cJSON *com_field_schema(const com_field *f) { return object(NULL, f, NULL, 0); }

static cJSON *variant(const com_kind *k, const com_component *t, const char *otherwise) {
  char text[1024];
  cJSON *o = object(k->shared, t->fields, t->name, !otherwise || strcmp(otherwise, t->name));
  snprintf(text, sizeof text, "%s%s%s%s", t->doc ? t->doc : "", t->ref ? " (" : "", t->ref ? t->ref : "",
           t->ref ? ")" : "");
  return o ? or_free(o, add(o, "description", com_json_string(text))) : NULL;
}

cJSON *com_field_schema_kind(const com_kind *k, const char *otherwise) {
  cJSON *all = com_json_array();
  for (const com_component *const *t = k->all(); all && *t; t++)
    all = or_free(all, com_json_push(NULL, all, variant(k, *t, otherwise)));
  cJSON *o = one("oneOf", all);
  return o && k->doc ? or_free(o, add(o, "description", com_json_string(k->doc))) : o;
}
