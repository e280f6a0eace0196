/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file spectrum_report.h  The whole of the command `spectrum`: masses of a background, or a background from masses. */
#ifndef HOLOGRAD_ADS_SPECTRUM_REPORT_H
#define HOLOGRAD_ADS_SPECTRUM_REPORT_H
#include "ads/background.h"
#include "common/svg.h"

/** @param doc [in] a background document of type conformal; its block "spectrum" holds the settings  @param config, result [out] for
 *  com_result_wrap; result.background is the (trained) background */
com_status ads_spectrum_report_run(com_ctx *c, const char *file, const cJSON *doc, cJSON **config,
                                   cJSON **result);
com_status ads_spectrum_report_plot(com_ctx *c, const cJSON *doc, com_svg **out);
com_status ads_spectrum_report_words(com_ctx *c, const cJSON *doc, char **out);
#endif
