/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file fit_data.h  The datasets of a fit: "dataset", or the entries of "datasets". */
#ifndef HOLOGRAD_ADS_FIT_DATA_H
#define HOLOGRAD_ADS_FIT_DATA_H
#include "ads/config.h"
#include "ads/dataset.h"

/** An entry of "datasets". */
typedef struct ads_fit_data {
  char *name; /**< "" for a single dataset */
  ads_dataset *data;
  size_t
      owner; /**< the entry whose model (metric, bulk, dictionary) this one shares: itself, or that of the key "metric" */
  com_choice loss; /**< its own loss; type NULL: the config's */
  double model_error;
} ads_fit_data;

extern const com_field ads_fit_data_fields[]; /**< the rows of an entry */
/** @param out [out] [n], ads_fit_data_finish it */
com_status ads_fit_data_read(com_ctx *c, const ads_config *cfg, size_t *n, ads_fit_data **out);
void ads_fit_data_finish(size_t n, ads_fit_data *d);
/** "datasets" of a re-runnable config: the entries with their data inline. @param out [out] */
com_status ads_fit_data_write(com_ctx *c, const ads_config *cfg, const ads_dataset *const *data, cJSON **out);
#endif
