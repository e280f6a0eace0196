/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file report.h  What a training says of itself: the result object, its warnings in words, the summary for people. */
#ifndef HOLOGRAD_ADS_REPORT_H
#define HOLOGRAD_ADS_REPORT_H
#include "ads/fit.h"
#include "ads/history.h"

/** One start of a training. */
typedef struct ads_start_row {
  int done, rootless; /**< finished (or reported); some response root is missing */
  com_stop stop;
  long iterations;
  double loss, chi2;  /**< chi2 NAN when not defined */
  size_t n_bad;       /**< samples frozen or without a root */
  const double *full; /**< [n] its final parameters, borrowed; NULL when not finished */
} ads_start_row;

typedef struct ads_report {
  const double *full; /**< best parameters */
  com_stop stop;
  const ads_start_row *starts;
  size_t n_starts;
  const ads_history *history;
  long iterations;
} ads_report;

/** The re-runnable config of a fit: resolved, with its datasets inline. [out] */
com_status ads_report_config(com_ctx *c, const ads_fit *f, cJSON **out);
/** Loss proper, chi2 and missing roots of one parameter vector (row->stop, iterations, done are left to the caller). */
com_status ads_report_start(com_ctx *c, ads_fit *f, const double *full, ads_start_row *row);
/** The "result" object of a train result; warnings are raised in the context. [out] */
com_status ads_report_result(com_ctx *c, ads_fit *f, const ads_report *r, cJSON **out);
#endif
