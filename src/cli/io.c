/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/io.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "common/fs.h"
#include "common/text.h"

/* Keys whose string value names a file, for --set; options say it by their type CLI_INPUT. */
static const char *const file_keys[] = {"dataset", "file", NULL};

static int names_file(const char *key, size_t n) {
  for (size_t i = 0; file_keys[i]; i++) {
    size_t m = strlen(file_keys[i]);
    if (n >= m && !strncmp(key + n - m, file_keys[i], m) && (n == m || key[n - m - 1] == '.')) return 1;
  }
  return 0;
}

/* Files named inside `base` are looked for beside it; those named on the command line, in the working directory. */
static int in_other_folder(const char *base) { return strcmp(base, "-") && strchr(base, '/') != NULL; }

static com_status absolute(com_ctx *c, const char *key, size_t n, const char *path, com_text *out) {
  char *cwd = getcwd(NULL, 0);
  COM_CHECK(c, cwd, COM_E_IO, "the working directory cannot be named; give an absolute path instead of %s",
            path);
  com_text name = {0};
  com_text_printf(&name, "%s/%s", cwd, path);
  free(cwd);
  com_text_bytes(out, key, n);
  com_text_add(out, "=");
  if (name.s) com_text_quote(out, name.s);
  out->failed |= name.failed;
  com_text_finish(&name);
  return COM_OK;
}

static com_status set_one(com_ctx *c, const char *file, cJSON *root, const char *expression, int is_file) {
  const char *eq = strchr(expression, '=');
  size_t n = eq ? (size_t)(eq - expression) : 0;
  is_file = is_file || (eq && names_file(expression, n));
  if (!is_file || !in_other_folder(file)) return com_json_set(c, root, expression);

  com_status status = COM_OK;
  com_text text = {0};
  char *made = NULL;
  /* Let the setter decide what the text means: JSON or a bare string. */
  cJSON *scratch = com_json_object();
  COM_CHECK(c, scratch, COM_E_MEM, "out of memory");
  com_text_printf(&text, "v%s", eq);
  COM_GOTO(done, com_text_take(c, &text, &made));
  COM_GOTO(done, com_json_set(c, scratch, made));
  const char *path = com_json_str(com_json_get(scratch, "v"), NULL);
  if (!path || !*path || path[0] == '/') {
    status = com_json_set(c, root, expression);
    goto done;
  }
  COM_GOTO(done, absolute(c, expression, n, path, &text));
  free(made);
  made = NULL;
  COM_GOTO(done, com_text_take(c, &text, &made));
  status = com_json_set(c, root, made);
done:
  com_json_free(scratch);
  com_text_finish(&text);
  free(made);
  return status;
}

/* Was this shorthand made by an option that names an input? */
static int from_input(const cli_cmd *cmd, const char *expression) {
  const char *eq = strchr(expression, '=');
  for (const cli_opt *o = cmd->opts; eq && o && o->lng; o++)
    if (o->set && o->type == CLI_INPUT && strlen(o->set) == (size_t)(eq - expression) &&
        !strncmp(o->set, expression, (size_t)(eq - expression)))
      return 1;
  return 0;
}

/* Changes go to the config inside a result; datasets, backgrounds and evaluations are flat. */
static cJSON *target(cJSON *root) {
  cJSON *config = com_json_edit(root, "config");
  return com_json_is_object(config) && com_json_get(root, "schema") ? config : root;
}

static int takes_seed(const cJSON *config) {
  const char *schema = com_json_str(com_json_get(config, "schema"), "");
  return com_json_get(config, "seed") || !strncmp(schema, "holograd/train/", 15) ||
         !strncmp(schema, "holograd/nqs/", 13);
}

static com_status change(const cli_env *env, const char *file, cJSON *root) {
  const cli_common *m = env->common;
  cJSON *config = target(root);
  for (size_t i = 0; i < m->sets.n; i++) COM_TRY(set_one(env->ctx, file, config, m->sets.v[i], 0));
  for (size_t i = 0; i < m->shorthands.n; i++)
    COM_TRY(set_one(env->ctx, file, config, m->shorthands.v[i], from_input(env->cmd, m->shorthands.v[i])));
  if (!m->seed_given || !takes_seed(config)) return COM_OK;
  char seed[32];
  snprintf(seed, sizeof seed, "%llu", m->seed);
  return com_json_add(env->ctx, config, "seed", com_json_string(seed));
}

com_status cli_io_load(const cli_env *env, const char *file, cJSON **out) {
  cJSON *root = NULL;
  COM_TRY(com_json_load(env->ctx, file, &root));
  com_status status = COM_OK;
  if (com_json_is_object(root)) status = change(env, file, root);
  if (status) {
    com_json_free(root);
    return status;
  }
  *out = root;
  return COM_OK;
}

com_status cli_io_load_plain(const cli_env *env, const char *file, cJSON **out) {
  return com_json_load(env->ctx, file, out);
}

com_status cli_io_save(const cli_env *env, const cJSON *j) {
  return com_json_save(env->ctx, j, env->common->output, env->common->force);
}

com_status cli_io_save_text(const cli_env *env, const char *path, const char *text) {
  return com_fs_write(env->ctx, path ? path : env->common->output, text, strlen(text), env->common->force);
}
