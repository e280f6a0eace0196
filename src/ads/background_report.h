/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file background_report.h  The whole of the command `background`: from a document to the written file, its picture and its words. */
#ifndef HOLOGRAD_ADS_BACKGROUND_REPORT_H
#define HOLOGRAD_ADS_BACKGROUND_REPORT_H
#include "ads/background.h"
#include "common/svg.h"

/** @param doc [in] a background document; its block "background" holds the settings  @param out [out] the document with eta, h, f, g (and
 *  Phi, V) at top level, temperature, constants, checks, V_of_Phi: readable as a background again */
com_status ads_background_report_run(com_ctx *c, const char *file, const cJSON *doc, cJSON **out);
com_status ads_background_report_plot(com_ctx *c, const cJSON *doc, com_svg **out);
com_status ads_background_report_words(com_ctx *c, const cJSON *doc, char **out);
#endif
