/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file report_words.h  A train result in plain words, and as a figure; both from the result document alone. */
#ifndef HOLOGRAD_ADS_REPORT_WORDS_H
#define HOLOGRAD_ADS_REPORT_WORDS_H
#include "common/json.h"
/** @param doc [in] a holograd/train-result/1 document  @param seconds of the run, <= 0 = do not say  @param text [out] caller frees */
com_status ads_report_words(com_ctx *c, const cJSON *doc, double seconds, char **text);
#endif
