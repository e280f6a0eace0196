/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file evaluate_plot.h  An evaluation in a picture and in words. */
#ifndef HOLOGRAD_ADS_EVALUATE_PLOT_H
#define HOLOGRAD_ADS_EVALUATE_PLOT_H
#include "common/json.h"
#include "common/svg.h"

/** The states (phi, pi) at both ends, and the residuals. @param out [out] com_svg_destroy it, NULL after a failure */
com_status ads_evaluate_plot(com_ctx *c, const cJSON *doc, com_svg **out);
com_status ads_evaluate_plot_words(com_ctx *c, const cJSON *doc, char **out); /**< [out] caller frees */

#endif
