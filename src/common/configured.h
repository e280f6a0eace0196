/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file configured.h
 *  A command whose file is one table of fields and whose result is computed from it alone: read (a config, or the config inside a result),
 *  seed, compute, wrap with the resolved config. */
#ifndef HOLOGRAD_COMMON_CONFIGURED_H
#define HOLOGRAD_COMMON_CONFIGURED_H
#include "common/field.h"

typedef struct com_configured {
  const char *schema; /**< of the result */
  const com_field *fields;
  size_t seed; /**< offset of the com_seed */
  com_status (*valid)(com_ctx *c, const char *file,
                      const void *config); /**< what ranges cannot say; NULL: nothing */
  com_status (*fill)(com_ctx *c, const void *config, cJSON *result);
} com_configured;

/** @param config [out] com_field_finish it, unless the call fails */
com_status com_configured_read(com_ctx *c, const com_configured *spec, const char *file, const cJSON *j,
                               void *config);
/** The whole command.  @param doc [out] the result; caller frees */
com_status com_configured_run(com_ctx *c, const com_configured *spec, const char *file, const cJSON *j,
                              cJSON **doc);
#endif
