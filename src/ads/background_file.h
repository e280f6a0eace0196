/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file background_file.h  From any file that holds a background to background documents. */
#ifndef HOLOGRAD_ADS_BACKGROUND_FILE_H
#define HOLOGRAD_ADS_BACKGROUND_FILE_H
#include "ads/background.h"
#include "ads/config.h"

/** What the command line changes. */
typedef struct ads_background_file_override {
  double T, L;                 /**< GeV, GeV^-1; NAN: as in the file */
  const char *closure, *frame; /**< NULL: as in the file */
} ads_background_file_override;

/** @param j [in] a background file, what `background` wrote, a train config or a train result
 *  @param out [out] array of background documents: the file itself, or one per group of the fit (metric at the fitted parameters, range of
 *  the flow, L of the dictionary, T of the dataset, and the settings of the config's blocks "background", "potential"). */
com_status ads_background_file_documents(com_ctx *c, const char *file, const cJSON *j,
                                         const ads_background_file_override *over, cJSON **out);
/** The keys that `background` adds to its input: the reader drops them. NULL-terminated. */
const char *const *ads_background_file_computed(void);
#endif
