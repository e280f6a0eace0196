/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file history.h
 *  The loss history: one row per iteration, thinned by dropping every second row whenever it is full, so that a run of any length
 *  keeps at most ADS_HISTORY_MAX rows and resumes bit for bit. */
#ifndef HOLOGRAD_ADS_HISTORY_H
#define HOLOGRAD_ADS_HISTORY_H
#include "common/table.h"

enum { ADS_HISTORY_MAX = 2000 };
typedef struct ads_history ads_history;
com_status ads_history_create(com_ctx *c, ads_history **out);
void ads_history_destroy(ads_history *h);
com_status ads_history_add(com_ctx *c, ads_history *h, long iteration, size_t start, size_t stage,
                           double loss, size_t n_bad);
com_status ads_history_table(com_ctx *c, const ads_history *h,
                             com_table **out); /**< iteration, start, stage, loss, n_bad */
com_status ads_history_save(com_ctx *c, const ads_history *h, cJSON **out);
com_status ads_history_load(com_ctx *c, ads_history *h, const char *file, const cJSON *in);
#endif
