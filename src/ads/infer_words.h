/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file infer_words.h  An inference in plain words, and as a figure; both from the document alone. */
#ifndef HOLOGRAD_ADS_INFER_WORDS_H
#define HOLOGRAD_ADS_INFER_WORDS_H
#include "common/json.h"
#include "common/svg.h"
/** @param doc [in] a holograd/inference/1 document  @param text [out] caller frees */
com_status ads_infer_words(com_ctx *c, const cJSON *doc, char **text);
/** Spectrum, bands of h, V(d), posterior of the couplings. @param out [out] caller destroys */
com_status ads_infer_words_plot(com_ctx *c, const cJSON *doc, com_svg **out);
#endif
