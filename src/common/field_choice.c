/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/field_choice.h"
#include <stdlib.h>
#include <string.h>
#include "common/text.h"

com_status com_field_choice_init(com_ctx *c, const com_kind *k, const com_component *type, com_choice *ch) {
  com_status status = COM_OK;
  *ch = (com_choice){.type = type};
  if (!type) return COM_OK;
  if (k->shared_size) {
    if (!(ch->shared = calloc(1, k->shared_size))) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
    if (k->shared) COM_GOTO(done, com_field_init(c, k->shared, ch->shared));
  }
  if (type->opt_size) {
    if (!(ch->opts = calloc(1, type->opt_size))) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
    if (type->fields) COM_GOTO(done, com_field_init(c, type->fields, ch->opts));
  }
done:
  if (status) com_field_choice_finish(k, ch);
  return status;
}

void com_field_choice_finish(const com_kind *k, com_choice *ch) {
  if (ch->shared && k->shared) com_field_finish(k->shared, ch->shared);
  if (ch->opts && ch->type->fields) com_field_finish(ch->type->fields, ch->opts);
  free(ch->shared);
  free(ch->opts);
  *ch = (com_choice){0};
}

com_status com_field_choice_copy(com_ctx *c, const com_kind *k, const com_choice *from, com_choice *to) {
  com_status status = COM_OK;
  *to = (com_choice){.type = from->type};
  if (from->shared) {
    if (!(to->shared = calloc(1, k->shared_size))) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
    if (k->shared) COM_GOTO(done, com_field_copy(c, k->shared, from->shared, to->shared));
  }
  if (from->opts) {
    if (!(to->opts = calloc(1, from->type->opt_size)))
      COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
    if (from->type->fields) COM_GOTO(done, com_field_copy(c, from->type->fields, from->opts, to->opts));
  }
done:
  if (status) com_field_choice_finish(k, to);
  return status;
}

const com_component *com_field_choice_find(const com_kind *k, const char *name) {
  for (const com_component *const *t = k->all(); *t; t++)
    if (!strcmp((*t)->name, name)) return *t;
  return NULL;
}

/* No such component: the nearest name, otherwise all of them. */
static com_status unknown_type(const com_field_read_job *job, const com_field_read_place *at,
                               const com_kind *k, const cJSON *name) {
  size_t n = 0;
  const com_component *const *all = k->all();
  while (all[n]) n++;
  com_text t = {0};
  const char **names = malloc((n + 1) * sizeof *names);
  COM_CHECK(job->c, names, COM_E_MEM, "out of memory");
  for (size_t i = 0; i < n; i++) names[i] = all[i]->name;
  names[n] = NULL;
  const char *word = com_json_str(name, NULL), *near = word ? com_field_nearest(word, names) : NULL;
  if (near)
    com_text_printf(&t, "did you mean \"%s\"?", near);
  else {
    com_text_add(&t, "known: ");
    for (size_t i = 0; i < n; i++) com_text_printf(&t, "%s%s", i ? ", " : "", names[i]);
  }
  const char *list = t.s ? t.s : "";
  com_field_read_place here = {at, "type", 0};
  com_status status =
      !name   ? com_field_read_fail(job, &here, NULL, "missing; %s (see: holograd list %s)", list, k->plural)
      : !word ? com_field_read_fail(job, &here, name,
                                    "must be the name of a %s, got %s; %s (see: holograd list %s)", k->name,
                                    com_json_type(name), list, k->plural)
              : com_field_read_fail(job, &here, name, "no such %s; %s (see: holograd list %s)", k->name, list,
                                    k->plural);
  com_text_finish(&t);
  free(names);
  return status;
}

com_status com_field_choice_place(const com_field_read_job *job, const com_field_read_place *at,
                                  const com_kind *k, const char *type, const cJSON *in, com_choice *out) {
  com_field_choice_finish(k, out);
  if (!com_json_is_object(in)) {
    const char *name = com_json_str(in, type ? type : k->all()[0] ? k->all()[0]->name : "...");
    return com_field_read_fail(job, at, in, "must be an object, got %s; write {\"type\":\"%s\"}",
                               com_json_type(in), name);
  }
  const cJSON *given = com_json_get(in, "type");
  const char *name = given ? com_json_str(given, NULL) : type;
  const com_component *t = name ? com_field_choice_find(k, name) : NULL;
  if (!t) return unknown_type(job, at, k, given);
  COM_TRY(com_field_choice_init(job->c, k, t, out));
  com_field_read_layer layers[] = {{out->shared ? k->shared : NULL, out->shared},
                                   {out->opts ? t->fields : NULL, out->opts}};
  com_status status = com_field_read_rows(job, at, in, 2, layers, 1);
  if (status) com_field_choice_finish(k, out);
  return status;
}

com_status com_field_choice_read(com_ctx *c, com_status code, const com_kind *k, const char *file,
                                 const char *path, const cJSON *in, com_choice *out) {
  com_field_read_job job = {c, code, file};
  com_field_read_place root = {NULL, path, 0};
  *out = (com_choice){0};
  if (code == COM_E_CONFIG) com_ctx_about(c, file);
  if (!in) return com_field_read_fail(&job, &root, NULL, "missing, but required (a %s)", k->name);
  return com_field_choice_place(&job, &root, k, NULL, in, out);
}

com_status com_field_choice_write(com_ctx *c, const com_kind *k, const com_choice *ch, cJSON **out) {
  com_status status = COM_OK;
  cJSON *o = NULL;
  *out = NULL;
  if (!ch->type) {
    COM_ALLOC(c, *out = com_json_null());
    return COM_OK;
  }
  COM_ALLOC(c, o = com_json_object());
  COM_GOTO(done, com_json_add(c, o, "type", com_json_string(ch->type->name)));
  if (ch->shared && k->shared) COM_GOTO(done, com_field_write(c, k->shared, ch->shared, o));
  if (ch->opts && ch->type->fields) COM_GOTO(done, com_field_write(c, ch->type->fields, ch->opts, o));
  *out = o;
  o = NULL;
done:
  com_json_free(o);
  return status;
}
