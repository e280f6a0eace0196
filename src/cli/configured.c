/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/configured.h"
#include "cli/io.h"
#include "common/result.h"

com_status cli_configured_read(com_ctx *c, const cli_configured *spec, const char *file, const cJSON *j,
                               void *config) {
  const cJSON *inner = com_json_get(j, "config");
  COM_TRY(com_field_read(c, COM_E_CONFIG, spec->fields, file, "", inner ? inner : j, config));
  com_seed *seed = (com_seed *)(void *)((char *)config + spec->seed);
  if (seed->given) com_ctx_reseed(c, seed->value);
  *seed = (com_seed){1, com_ctx_seed(c)};
  const com_status s = spec->valid ? spec->valid(c, file, config) : COM_OK;
  if (s) com_field_finish(spec->fields, config);
  return s;
}

static com_status compute(const cli_env *env, const cli_configured *spec, const void *config,
                          const cli_output_files *to) {
  com_ctx *c = env->ctx;
  cJSON *result = com_json_object(), *echo = com_json_object(), *doc = NULL;
  com_status s = result && echo ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  if (!s) s = spec->fill(c, config, result);
  if (!s) s = com_field_write(c, spec->fields, config, echo);
  if (!s) {
    s = com_result_wrap(c, spec->schema, echo, result, &doc);
    echo = result = NULL;
  }
  if (!s) s = cli_output(env, doc, to);
  com_json_free(doc);
  com_json_free(result);
  com_json_free(echo);
  return s;
}

com_status cli_configured_run(const cli_env *env, const cli_configured *spec, void *config,
                              const cli_output_files *to) {
  cJSON *j = NULL;
  COM_TRY(cli_io_load(env, env->files[0], &j));
  com_status s = cli_configured_read(env->ctx, spec, env->files[0], j, config);
  com_json_free(j);
  COM_TRY(s);
  s = compute(env, spec, config, to);
  com_field_finish(spec->fields, config);
  return s;
}
