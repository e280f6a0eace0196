/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include "cli/io.h"
#include "cli/registry.h"

static com_status unknown_schema(com_ctx *c, const char *word) {
  const char *names[64];
  size_t n = 0;
  for (const cli_schema *const *s = cli_registry_schemas(); *s && n < 63; s++) names[n++] = (*s)->kind;
  names[n] = NULL;
  const char *near = com_field_nearest(word, names);
  return COM_FAIL(c, COM_E_USAGE, "schema: no such kind of file '%s'%s%s%s (see: holograd list schemas)",
                  word, near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

static com_status run(cli_env *env) {
  com_ctx *c = env->ctx;
  const cli_schema *s = cli_registry_schema(env->files[0]);
  if (!s) return unknown_schema(c, env->files[0]);
  char id[128];
  snprintf(id, sizeof id, "holograd/%s/1", s->kind);
  cJSON *j = s->make ? s->make() : s->fields ? com_field_schema(s->fields) : com_json_object();
  COM_ALLOC(c, j);
  com_status status = COM_OK;
  COM_GOTO(done,
           com_json_add(c, j, "$schema", com_json_string("https://json-schema.org/draft/2020-12/schema")));
  COM_GOTO(done, com_json_add(c, j, "title", com_json_string(id)));
  COM_GOTO(done, com_json_add(c, j, "description", com_json_string(s->doc)));
  COM_GOTO(done, cli_io_save(env, j));
done:
  com_json_free(j);
  return status;
}

const cli_cmd cli_cmd_schema = {.name = "schema",
                                .usage = "KIND",
                                .doc = "JSON schema of a kind of file, for editors",
                                .examples =
                                    "holograd schema train > train.schema.json\nholograd list schemas",
                                .min_files = 1,
                                .max_files = 1,
                                .run = run};
