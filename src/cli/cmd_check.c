/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>
#include "cli/helptext.h"
#include "cli/io.h"
#include "cli/registry.h"
#include "cli/resolved.h"
#include "common/result.h"
#include "files/kind.h"

typedef struct args {
  int resolved;
} args;

static const cli_opt opts[] = {{'r', "resolved", NULL,
                                "list every setting with where it comes from: default, preset, file, --set",
                                CLI_FLAG, offsetof(args, resolved), NULL, NULL},
                               {0}};

static const cJSON *config_of(const cJSON *j) {
  const cJSON *inner = com_json_get(j, "config");
  return inner && com_json_get(j, "result") ? inner : j;
}

/* The kind of the config inside a result: fixed, or what the config says of itself. */
static const files_kind *inner_of(com_ctx *c, const char *file, const cJSON *j, const files_kind *k) {
  const cJSON *config = com_json_get(j, "config");
  char kind[48];
  int version = 0;
  if (!k->config || !config) return NULL;
  if (*k->config) return files_kind_find(k->config);
  if (!com_json_get(config, "schema") || com_result_schema(c, file, config, kind, &version)) return NULL;
  return files_kind_find(kind);
}

static com_status resolved(cli_env *env, const char *file, const cJSON *j, const files_kind *k,
                           com_text *out) {
  cJSON *plain = NULL;
  const files_kind *inner = inner_of(env->ctx, file, j, k);
  if (inner) k = inner;
  if (!k->fields) {
    com_text_printf(out, "%s: %s; it has no settings.\n", file, k->doc);
    return COM_OK;
  }
  if (strcmp(file, "-")) COM_TRY(cli_io_load_plain(env, file, &plain));
  com_text_printf(out, "%s, resolved:\n", file);
  const com_status status =
      cli_resolved_print(env, file, plain ? config_of(plain) : NULL, config_of(j), k->fields, out);
  com_json_free(plain);
  return status;
}

/* A result is checked as the config inside it: that is what would run. */
static com_status explain(cli_env *env, const char *file, const cJSON *j, const files_kind *k,
                          com_text *out) {
  const files_kind *inner = inner_of(env->ctx, file, j, k);
  const cli_schema *own = cli_registry_schema(k->name), *of = inner ? cli_registry_schema(inner->name) : NULL;
  if (own->check) return own->check(env, file, j, out);
  if (of && of->check) return of->check(env, file, *k->config ? j : com_json_get(j, "config"), out);
  com_text_printf(out, "%s: %s; its schema line is all there is to check.\n", file, k->doc);
  return COM_OK;
}

static com_status check_one(cli_env *env, const char *file, com_text *out) {
  const args *a =
      env->cmd == &cli_cmd_check ? env->args : NULL; /* --dry-run of a command has that command's */
  cJSON *j = NULL;
  com_status status = COM_OK;
  char kind[48];
  int version = 0;
  COM_GOTO(done, cli_io_load(env, file, &j));
  COM_GOTO(done, com_result_schema(env->ctx, file, j, kind, &version));
  const files_kind *k = files_kind_find(kind);
  if (!k)
    COM_GOTO(done, COM_FAIL(env->ctx, COM_E_CONFIG,
                            "%s: schema = \"holograd/%s/%d\": no such kind of file (see: "
                            "holograd list schemas)",
                            file, kind, version));
  if (a && a->resolved) COM_GOTO(done, resolved(env, file, j, k, out));
  COM_GOTO(done, explain(env, file, j, k, out));
  const cli_schema *s = cli_registry_schema(kind);
  if (s->reads && env->cmd == &cli_cmd_check)
    com_text_printf(out, "Run it with: holograd %s %s\n", s->again ? s->again(j) : s->reads, file);
done:
  com_json_free(j);
  return status;
}

static com_status run(cli_env *env) {
  com_text t = {0};
  com_status status = COM_OK;
  for (size_t i = 0; i < env->n_files && !status; i++) status = check_one(env, env->files[i], &t);
  if (!status) return cli_helptext_send(env, &t);
  com_text_finish(&t);
  return status;
}

const cli_cmd cli_cmd_check = {
    .name = "check",
    .usage = "FILE...",
    .doc = "validate files; say what would run and how long it may take",
    .text = "The file is read as the command that takes it would read it, and everything up to\n"
            "the first step is done: a config that check accepts will start.",
    .examples = "holograd check config.json\nholograd check config.json --resolved --set preset=quick",
    .opts = opts,
    .args_size = sizeof(args),
    .min_files = 1,
    .max_files = -1,
    .run = run};
