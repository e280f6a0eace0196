/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file report.h  What a training says of itself: the result object, its warnings in words, the summary for people. */
#ifndef HOLOGRAD_ADS_REPORT_H
#define HOLOGRAD_ADS_REPORT_H
#include "ads/fit.h"
#include "ads/task.h"

/** The re-runnable config of a fit: resolved, with its datasets inline. [out] */
com_status ads_report_config(com_ctx *c, const ads_fit *f, cJSON **out);
/** A result of a fit with that config.  @param result [take]  @param doc [out] caller frees */
com_status ads_report_wrap(com_ctx *c, const ads_fit *f, const char *schema, cJSON *result, cJSON **doc);
/** Loss proper, chi2 and missing roots of one parameter vector (row->stop, iterations, done are left to the caller). */
com_status ads_report_start(com_ctx *c, ads_fit *f, const double *full, ads_start_row *row);
/** What every training reports, of any task: result.starts and result.history; and what it warns of. */
com_status ads_report_starts(com_ctx *c, const com_params *p, const ads_report *r, cJSON *out);
com_status ads_report_history(com_ctx *c, const ads_report *r, cJSON *out);
void ads_report_warn_starts(com_ctx *c, const ads_report *r);
void ads_report_warn_stop(com_ctx *c, const ads_report *r);
/** The "result" object of a train result; warnings are raised in the context. [out] */
com_status ads_report_result(com_ctx *c, ads_fit *f, const ads_report *r, cJSON **out);
/** COM_E_NEGATIVE where the metric of a holograd/train-result/1 has no on-shell response at some data points. */
com_status ads_report_verdict(com_ctx *c, const cJSON *doc);
#endif
