/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file configured.h
 *  A command whose file is one table of fields and whose result is computed from it alone: read (a config, or the config inside a result),
 *  seed, compute, wrap with the resolved config, write. */
#ifndef HOLOGRAD_CLI_CONFIGURED_H
#define HOLOGRAD_CLI_CONFIGURED_H
#include "cli/output.h"
#include "common/field.h"

typedef struct cli_configured {
  const char *schema; /**< of the result */
  const com_field *fields;
  size_t seed; /**< offset of the com_seed */
  com_status (*valid)(com_ctx *c, const char *file,
                      const void *config); /**< what ranges cannot say; NULL: nothing */
  com_status (*fill)(com_ctx *c, const void *config, cJSON *result);
} cli_configured;

/** @param config [out] com_field_finish it, unless the call fails */
com_status cli_configured_read(com_ctx *c, const cli_configured *spec, const char *file, const cJSON *j,
                               void *config);
/** The whole command on env->files[0]. @param config room for a config */
com_status cli_configured_run(const cli_env *env, const cli_configured *spec, void *config,
                              const cli_output_files *to);
#endif
