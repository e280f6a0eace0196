/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/resolved.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct walk {
  const cli_env *env;
  const com_field *fields;
  const cJSON *plain, *config;
  com_text *out;
} walk;

/* Read with the rows and written back: every value that the command would see.  Blocks that are read later by somebody
 * else are resolved with that reader's rows. */
static com_status resolve(com_ctx *c, const com_field *f, const char *file, const char *path, const cJSON *in,
                          cJSON **out) {
  com_status status = COM_OK;
  void *obj = calloc(1, com_field_size(f) + 1);
  COM_ALLOC(c, obj);
  *out = NULL;
  COM_GOTO(done, com_field_read(c, COM_E_CONFIG, f, file, path, in, obj));
  *out = com_json_object();
  status = *out ? com_field_write(c, f, obj, *out) : COM_FAIL(c, COM_E_MEM, "out of memory");
  com_field_finish(f, obj);
  for (; !status && f->key; f++) {
    const cJSON *block = com_json_get(*out, f->key);
    cJSON *full = NULL;
    if (f->type != COM_F_RAW || !f->aux || !com_json_is_object(block)) continue;
    status = resolve(c, f->aux, file, f->key, block, &full);
    if (!status) status = com_json_add(c, *out, f->key, full);
  }
done:
  free(obj);
  if (status) {
    com_json_free(*out);
    *out = NULL;
  }
  return status;
}

/* Does "path=value" change this path or something around it? */
static int touches(const char *expression, const char *path) {
  const char *eq = strchr(expression, '=');
  const size_t n = eq ? (size_t)(eq - expression) : strlen(expression);
  return !strncmp(expression, path, n) && (!path[n] || path[n] == '.' || path[n] == '[');
}

static const char *option_of(const cli_cmd *cmd, const char *expression) {
  for (const cli_opt *o = cmd->opts; o && o->lng; o++)
    if (o->set && touches(expression, o->set)) return o->lng;
  return "option";
}

static void origin(const walk *w, const char *path, const cJSON *plain, char out[64]) {
  const cli_common *m = w->env->common;
  if (!strcmp(path, "seed") && m->seed_given) {
    snprintf(out, 64, "--seed");
    return;
  }
  for (size_t i = 0; i < m->shorthands.n; i++)
    if (touches(m->shorthands.v[i], path)) {
      snprintf(out, 64, "--%s", option_of(w->env->cmd, m->shorthands.v[i]));
      return;
    }
  for (size_t i = 0; i < m->sets.n; i++)
    if (touches(m->sets.v[i], path)) {
      snprintf(out, 64, "--set");
      return;
    }
  const com_preset *p = com_field_preset(w->fields, w->config, path);
  snprintf(out, 64, "%s%s", plain ? "file" : p ? "preset " : "default", p && !plain ? p->preset : "");
}

static int is_leaf(const cJSON *j) {
  if (com_json_is_object(j)) return com_json_size(j) == 0;
  return !com_json_is_array(j) || !com_json_size(j) || !com_json_is_object(com_json_at(j, 0));
}

/* A value on one line: scalars cut short, lists of them in full. */
static void put_value(com_text *out, const cJSON *j) {
  char text[48];
  if (!com_json_is_array(j) || com_json_size(j) == 0) {
    com_json_brief(j, text);
    com_text_printf(out, "%-26s", text);
    return;
  }
  for (const cJSON *m = com_json_first(j); m; m = com_json_next(m)) {
    com_json_brief(m, text);
    com_text_printf(out, "%s%s", m == com_json_first(j) ? "[" : ", ", text);
  }
  com_text_add(out, "]");
}

static com_status put(const walk *w, const cJSON *j, const cJSON *plain, const char *path) {
  char from[64], deeper[256];
  if (is_leaf(j)) {
    origin(w, path, plain, from);
    com_text_printf(w->out, "  %-34s = ", path);
    put_value(w->out, j);
    com_text_printf(w->out, " %s\n", from);
    return COM_OK;
  }
  const int object = com_json_is_object(j);
  for (size_t i = 0; i < com_json_size(j); i++) {
    const cJSON *m = com_json_at(j, i);
    const char *key = com_json_key(m);
    if (object && key[0] == '#') continue;
    if (object)
      snprintf(deeper, sizeof deeper, "%s%s%s", path, *path ? "." : "", key);
    else
      snprintf(deeper, sizeof deeper, "%s[%zu]", path, i);
    COM_TRY(put(w, m,
                object                     ? com_json_get(plain, key)
                : com_json_is_array(plain) ? com_json_at(plain, i)
                                           : NULL,
                deeper));
  }
  return COM_OK;
}

com_status cli_resolved_print(const cli_env *env, const char *file, const cJSON *plain, const cJSON *config,
                              const com_field *fields, com_text *out) {
  cJSON *full = NULL;
  const walk w = {env, fields, plain ? plain : config, config, out};
  COM_TRY(resolve(env->ctx, fields, file, "", config, &full));
  const com_status status = put(&w, full, w.plain, "");
  com_json_free(full);
  return status;
}
