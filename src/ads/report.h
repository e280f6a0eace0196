/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file report.h  What a training says of itself: the result object, its warnings in words, the summary for people. */
#ifndef HOLOGRAD_ADS_REPORT_H
#define HOLOGRAD_ADS_REPORT_H
#include "ads/fit.h"
#include "ads/task.h"

/** The re-runnable config of a fit: resolved, with its datasets inline. [out] */
com_status ads_report_config(com_ctx *c, const ads_fit *f, cJSON **out);
/** Loss proper, chi2 and missing roots of one parameter vector (row->stop, iterations, done are left to the caller). */
com_status ads_report_start(com_ctx *c, ads_fit *f, const double *full, ads_start_row *row);
/** What every training reports, of any task: result.starts and result.history; and what it warns of. */
com_status ads_report_starts(com_ctx *c, const com_params *p, const ads_report *r, cJSON *out);
com_status ads_report_history(com_ctx *c, const ads_report *r, cJSON *out);
void ads_report_warn_starts(com_ctx *c, const ads_report *r);
void ads_report_warn_stop(com_ctx *c, const ads_report *r);
/** The "result" object of a train result; warnings are raised in the context. [out] */
com_status ads_report_result(com_ctx *c, ads_fit *f, const ads_report *r, cJSON **out);
#endif
