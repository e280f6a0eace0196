/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file potential.h  The whole of the command `potential`: from background documents to a result, its picture and its words. */
#ifndef HOLOGRAD_ADS_POTENTIAL_H
#define HOLOGRAD_ADS_POTENTIAL_H
#include "ads/obs_wilson.h"
#include "common/svg.h"

/** @param docs [in] background documents (ads_background_file_documents), the first one's block "potential" rules; one curve per document
 *  and temperature  @param config, result [out] for com_result_wrap */
com_status ads_potential_run(com_ctx *c, const char *file, const cJSON *docs, cJSON **config, cJSON **result);
/** The curves of a holograd/potential/1 document: result itself, or result.curves.  @param out [out] caller frees the array, the items are
 *  borrowed from doc */
com_status ads_potential_curves(com_ctx *c, const cJSON *doc, size_t *n, const cJSON ***out);
/** Picture and words of a holograd/potential/1 document; [out] caller destroys, frees. */
com_status ads_potential_plot(com_ctx *c, const cJSON *doc, com_svg **out);
/** Of a holograd/lattice/1 document: its points, or its Cornell form. */
com_status ads_potential_plot_lattice(com_ctx *c, const char *file, const cJSON *doc, com_svg **out);
com_status ads_potential_words(com_ctx *c, const cJSON *doc, char **out);
#endif
