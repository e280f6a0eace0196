/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file background_file.h  From any file that holds a background to background documents. */
#ifndef HOLOGRAD_ADS_BACKGROUND_FILE_H
#define HOLOGRAD_ADS_BACKGROUND_FILE_H
#include "ads/background.h"
#include "ads/config.h"

/** @param j [in] a background file, what `background`, `potential` or `spectrum` wrote, a train config or a train result
 *  @param out [out] array of background documents: the file itself, or one per group of the fit (metric at the fitted parameters, range of
 *  the flow, L of the dictionary, T of the dataset, and the settings of the config's blocks "background", "potential"). */
com_status ads_background_file_documents(com_ctx *c, const char *file, const cJSON *j, cJSON **out);
/** The background of a fit without what is fitted: metric without theta, range of the flow, the config's block "background"; without L, and without T
 *  unless that block gives it.  @param out [out] */
com_status ads_background_file_template(com_ctx *c, const ads_config *cfg, cJSON **out);
/** Change a document: temperature (NAN: keep), closure, frame (NULL: keep). */
com_status ads_background_file_override(com_ctx *c, double T, const char *closure, const char *frame,
                                        cJSON *doc);
#endif
