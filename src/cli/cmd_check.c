/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>
#include "cli/helptext.h"
#include "cli/io.h"
#include "cli/registry.h"
#include "common/result.h"

/* A result is checked as the config inside it: that is what would run. */
static com_status check_one(cli_env *env, const char *file, com_text *out) {
  cJSON *j = NULL;
  com_status status = COM_OK;
  char kind[48];
  int version = 0;
  COM_GOTO(done, cli_io_load(env, file, &j));
  COM_GOTO(done, com_result_schema(env->ctx, file, j, kind, &version));
  const cli_schema *s = cli_registry_schema(kind);
  if (!s)
    COM_GOTO(done, COM_FAIL(env->ctx, COM_E_CONFIG,
                            "%s: schema = \"holograd/%s/%d\": no such kind of file (see: "
                            "holograd list schemas)",
                            file, kind, version));
  if (s->check)
    COM_GOTO(done, s->check(env, file, j, out));
  else
    com_text_printf(out, "%s: %s; its schema line is all there is to check.\n", file, s->doc);
  if (s->reads) com_text_printf(out, "Run it with: holograd %s %s\n", s->reads, file);
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
    .examples = "holograd check config.json\nholograd check config.json --set flow.rel_tol=1e-9",
    .min_files = 1,
    .max_files = -1,
    .run = run};
