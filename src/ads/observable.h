/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file observable.h
 *  Observables of a background as components: options in, one table and a few named numbers out. */
#ifndef HOLOGRAD_ADS_OBSERVABLE_H
#define HOLOGRAD_ADS_OBSERVABLE_H
#include "ads/background.h"
#include "common/table.h"

typedef struct ads_observable_ops {
  com_component c;
  /** @param table [in] empty, is filled  @param scalars [in] object, gets members: {"d","eta0"}, numbers, or null where undefined */
  com_status (*eval)(com_ctx *ctx, const void *opts, const ads_background *b, com_table *table,
                     cJSON *scalars);
} ads_observable_ops;

extern const com_kind ads_observable_kind;
/** Options of an observable from a command's block (may be NULL); unknown keys are errors. @param opts [out] com_field_finish it */
com_status ads_observable_options(com_ctx *c, const ads_observable_ops *o, const char *file,
                                  const char *block, const cJSON *in, void *opts);
/** [out] both; on failure neither. */
com_status ads_observable_eval(com_ctx *c, const ads_observable_ops *o, const void *opts,
                               const ads_background *b, com_table **table, cJSON **scalars);
#endif
