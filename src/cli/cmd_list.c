/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cli/helptext.h"
#include "cli/io.h"
#include "cli/registry.h"
#include "common/fs.h"
#include "files/kind.h"

/* HOLOGRAD_DATA_DIR; else beside the program: PREFIX/bin/holograd has PREFIX/share/holograd/data, wherever PREFIX was moved to,
 * and build/holograd the data of its source; else where it was built to be installed. */
static void data_dir(char *out, size_t size) {
  static const char *const beside[] = {"../share/holograd/data", "../data", NULL};
  const char *wanted = getenv("HOLOGRAD_DATA_DIR");
  char self[4096];
  const ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
  if (wanted && *wanted) {
    snprintf(out, size, "%s", wanted);
    return;
  }
  self[n > 0 ? n : 0] = '\0';
  char *slash = strrchr(self, '/');
  for (size_t i = 0; slash && beside[i]; i++) {
    snprintf(out, size, "%.*s/%s", (int)(slash - self), self, beside[i]);
    if (com_fs_exists(out)) return;
  }
  snprintf(out, size, "%s", HOLOGRAD_DATADIR "/data");
}

/* "  qcd_condensate_T207  title" for a folder that holds a dataset; anything else is passed over. */
static void put_dataset(cli_env *env, const char *dir, const char *name, com_text *out) {
  com_text path = {0};
  cJSON *j = NULL;
  com_text_printf(&path, "%s/%s/data.json", dir, name);
  if (path.s && com_fs_exists(path.s)) {
    if (!cli_io_load_plain(env, path.s, &j))
      com_text_printf(out, "  %-24s  %s\n", name, com_json_str(com_json_get(j, "title"), ""));
    else
      com_ctx_warn(env->ctx, "dataset", "%s", com_ctx_error(env->ctx));
    com_ctx_clear(env->ctx);
  }
  com_json_free(j);
  com_text_finish(&path);
}

static com_status put_datasets(cli_env *env, com_text *out) {
  struct dirent **all = NULL;
  char dir[5120];
  data_dir(dir, sizeof dir);
  int n = scandir(dir, &all, NULL, alphasort);
  COM_CHECK(env->ctx, n >= 0, COM_E_NOINPUT,
            "%s: no such folder; name the one with the datasets in HOLOGRAD_DATA_DIR", dir);
  for (int i = 0; i < n; i++) {
    if (all[i]->d_name[0] != '.') put_dataset(env, dir, all[i]->d_name, out);
    free(all[i]);
  }
  free(all);
  return COM_OK;
}

static com_status put_commands(cli_env *env, com_text *out) {
  (void)env;
  cli_helptext_commands(out);
  return COM_OK;
}

static com_status put_schemas(cli_env *env, com_text *out) {
  (void)env;
  const files_kind *k;
  for (size_t i = 0; (k = files_kind_at(i)); i++) com_text_printf(out, "  %-16s  %s\n", k->name, k->doc);
  return COM_OK;
}

/* What is listed beside the kinds of components. */
static const struct {
  const char *plural, *doc;
  com_status (*put)(cli_env *env, com_text *out);
} others[] = {{"commands", "what holograd can do", put_commands},
              {"schemas", "kinds of files", put_schemas},
              {"datasets", "data that come with the program", put_datasets}};
enum { N_OTHERS = sizeof others / sizeof *others };

static com_status unknown_kind(com_ctx *c, const char *word) {
  const char *names[80];
  size_t n = 0;
  for (const com_kind *const *k = cli_registry_kinds(); *k && n < 64; k++) names[n++] = (*k)->plural;
  for (size_t i = 0; i < N_OTHERS; i++) names[n++] = others[i].plural;
  names[n] = NULL;
  const char *near = com_field_nearest(word, names);
  return COM_FAIL(c, COM_E_USAGE, "list: no such kind '%s'%s%s%s (usage: holograd list [KIND])", word,
                  near ? "; did you mean " : "; see holograd list", near ? near : "", near ? "?" : "");
}

static com_status write_list(cli_env *env, com_text *out) {
  if (env->n_files) {
    const com_kind *kind = cli_registry_kind(env->files[0]);
    for (size_t i = 0; !kind && i < N_OTHERS; i++)
      if (!strcmp(others[i].plural, env->files[0])) return others[i].put(env, out);
    if (!kind) return unknown_kind(env->ctx, env->files[0]);
    cli_helptext_kind(kind, out);
    return COM_OK;
  }
  for (const com_kind *const *k = cli_registry_kinds(); *k; k++) {
    com_text_printf(out, "%s: %s\n", (*k)->plural, (*k)->doc);
    cli_helptext_kind(*k, out);
    com_text_add(out, "\n");
  }
  com_text_add(out, "also: holograd list");
  for (size_t i = 0; i < N_OTHERS; i++) com_text_printf(out, "%s %s", i ? " |" : "", others[i].plural);
  com_text_add(out, "\n");
  return COM_OK;
}

static com_status run(cli_env *env) {
  com_text t = {0};
  com_status status = write_list(env, &t);
  if (!status) return cli_helptext_send(env, &t);
  com_text_finish(&t);
  return status;
}

const cli_cmd cli_cmd_list = {.name = "list",
                              .usage = "[KIND]",
                              .doc = "list what exists: metrics, flows, commands, schemas, datasets, ...",
                              .examples = "holograd list\nholograd list metrics\nholograd list datasets",
                              .max_files = 1,
                              .run = run};
