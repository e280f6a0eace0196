/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Presets: a tier of settings fills in, before the rows are read, what the file leaves open. */
#include "common/field_preset.h"
#include <stdio.h>
#include <string.h>

static const com_field *find(const com_field *f, const char *key, size_t n) {
  while (f->key && (strlen(f->key) != n || strncmp(f->key, key, n))) f++;
  return f->key ? f : NULL;
}

static const com_presets *presets_of(const com_field *f, const cJSON *in, const char **name) {
  for (; f->key; f++)
    if (f->flags & COM_FF_PRESET) {
      *name = com_json_str(com_json_get(in, f->key), f->sdef);
      return *name ? f->aux : NULL;
    }
  return NULL;
}

/* Does this row have a say: right type, and nothing said in the file? */
static int applies(const com_field *f, const cJSON *in, const com_preset *r) {
  const char *dot = strchr(r->path, '.');
  if (!dot) return !com_json_get(in, r->path);
  char block[64];
  snprintf(block, sizeof block, "%.*s", (int)(dot - r->path), r->path);
  const cJSON *b = com_json_get(in, block);
  const com_field *row = find(f, block, strlen(block));
  const char *type = com_json_str(com_json_get(b, "type"), row ? row->sdef : NULL);
  if (b && !com_json_is_object(b)) return 0; /* the reader says what is wrong with it */
  if (r->type && (!type || strcmp(type, r->type))) return 0;
  return !com_json_get(b, dot + 1);
}

const com_preset *com_field_preset(const com_field *f, const cJSON *in, const char *path) {
  const char *name = NULL;
  const com_presets *p = presets_of(f, in, &name);
  for (const com_preset *r = p ? p->rows : NULL; r && r->preset; r++)
    if (!strcmp(r->preset, name) && !strcmp(r->path, path) && applies(f, in, r)) return r;
  return NULL;
}

com_status com_field_preset_apply(com_ctx *c, const com_field *f, const cJSON *in, cJSON **out) {
  const char *name = NULL;
  const com_presets *p = presets_of(f, in, &name);
  *out = NULL;
  for (const com_preset *r = p ? p->rows : NULL; r && r->preset; r++) {
    char expression[128];
    if (strcmp(r->preset, name) || !applies(f, in, r)) continue;
    if (!*out) COM_ALLOC(c, *out = com_json_copy(in));
    snprintf(expression, sizeof expression, "%s=%s", r->path, r->value);
    const com_status s = com_json_set(c, *out, expression);
    if (!s) continue;
    com_json_free(*out);
    *out = NULL;
    return s;
  }
  return COM_OK;
}
