/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file config.h
 *  The train config holograd/train/1, as one field table; commands add their own blocks ("infer", "generate", "compare", ...), which are kept
 *  as JSON here and read by their owners. */
#ifndef HOLOGRAD_ADS_CONFIG_H
#define HOLOGRAD_ADS_CONFIG_H
#include "common/field.h"

typedef struct ads_config {
  char *schema;
  cJSON *dataset, *datasets;
  com_strings shared;
  com_choice metric, bulk, dictionary, flow, loss, optimizer;
  com_choices flows, penalties;
  int restarts;
  com_seed seed;
  int preset; /**< index of a tier; its values are filled in already */
  cJSON *generate, *infer, *potential, *background, *compare, *study, *gradcheck, *dbm;
  char *file; /**< name for messages and for resolving paths; heap */
} ads_config;

extern const com_field ads_config_fields[];
/** Read a train config, or the config inside any result (its result.parameters are returned in *parameters, borrowed from j; NULL
 *  when j is a plain config). @param out [out] ads_config_finish it */
com_status ads_config_read(com_ctx *c, const char *file, const cJSON *j, ads_config *out,
                           const cJSON **parameters);
/** The same, and seed the context as the config says. */
com_status ads_config_open(com_ctx *c, const char *file, const cJSON *j, ads_config *out,
                           const cJSON **parameters);
com_status ads_config_write(com_ctx *c, const ads_config *cfg, cJSON **out); /**< resolved, re-runnable */
void ads_config_finish(ads_config *cfg);
#endif
