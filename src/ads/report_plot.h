/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file report_plot.h  A train result as a figure: data with the fitted curve, pulls, h(eta), loss history. */
#ifndef HOLOGRAD_ADS_REPORT_PLOT_H
#define HOLOGRAD_ADS_REPORT_PLOT_H
#include "common/json.h"
#include "common/svg.h"
/** @param doc [in] a holograd/train-result/1 document  @param out [out] caller destroys */
com_status ads_report_plot(com_ctx *c, const cJSON *doc, com_svg **out);
#endif
