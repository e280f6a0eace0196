/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file gradcheck_report.h  The whole of the command `gradcheck`: of a fit, or of the trainings of a spectrum. */
#ifndef HOLOGRAD_ADS_GRADCHECK_REPORT_H
#define HOLOGRAD_ADS_GRADCHECK_REPORT_H
#include "common/field.h"
#include "common/table.h"

/** The block "gradcheck" of a train config or a background. */
typedef struct ads_gradcheck_report_opts {
  double tol; /**< largest error that passes */
} ads_gradcheck_report_opts;
extern const com_field ads_gradcheck_report_fields[];

/** Is it a background, or a result that holds one, rather than a fit? */
int ads_gradcheck_report_of_background(const cJSON *j);
/** @param j [in] a train config, a background of type conformal, or a result of one
 *  @param table [out] what ads_gradcheck_run makes; caller destroys; NULL: not wanted
 *  @param doc [out] holograd/gradcheck/1, caller frees.  Both also with COM_E_NEGATIVE: an error is above tol */
com_status ads_gradcheck_report_run(com_ctx *c, const char *file, const cJSON *j, com_table **table,
                                    cJSON **doc);
#endif
