/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/configured.h"
#include <stdlib.h>
#include "common/result.h"

com_status com_configured_read(com_ctx *c, const com_configured *spec, const char *file, const cJSON *j,
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

static com_status compute(com_ctx *c, const com_configured *spec, const void *config, cJSON **doc) {
  cJSON *result = com_json_object(), *echo = com_json_object();
  com_status s = result && echo ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  if (!s) s = spec->fill(c, config, result);
  if (!s) s = com_field_write(c, spec->fields, config, echo);
  if (!s) return com_result_wrap(c, spec->schema, echo, result, doc);
  com_json_free(result);
  com_json_free(echo);
  return s;
}

com_status com_configured_run(com_ctx *c, const com_configured *spec, const char *file, const cJSON *j,
                              cJSON **doc) {
  void *config = calloc(1, com_field_size(spec->fields));
  *doc = NULL;
  COM_ALLOC(c, config);
  com_status s = com_configured_read(c, spec, file, j, config);
  if (!s) {
    s = compute(c, spec, config, doc);
    com_field_finish(spec->fields, config);
  }
  free(config);
  return s;
}
