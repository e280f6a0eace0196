/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file pathint_report.h  The whole of the command `nqs path`: one particle at every interval, and the limit of interval 0. */
#ifndef HOLOGRAD_NQS_PATHINT_REPORT_H
#define HOLOGRAD_NQS_PATHINT_REPORT_H
#include "common/field.h"

extern const com_field nqs_pathint_report_fields[]; /**< of holograd/path/1 */

/** @param j [in] a config, or a result  @param doc [out] holograd/path/1, caller frees */
com_status nqs_pathint_report_run(com_ctx *c, const char *file, const cJSON *j, cJSON **doc);
/** How many paths would be sampled at each interval, and how many intervals. */
com_status nqs_pathint_report_paths(com_ctx *c, const char *file, const cJSON *j, long *paths,
                                    size_t *intervals);
#endif
