/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file dbm_report.h  The whole of the command `nqs dbm`: an exact machine of imaginary time, sampled. */
#ifndef HOLOGRAD_NQS_DBM_REPORT_H
#define HOLOGRAD_NQS_DBM_REPORT_H
#include "common/field.h"

extern const com_field nqs_dbm_report_fields[]; /**< of holograd/nqs-dbm/1 */

/** @param j [in] a config, or a result  @param doc [out] holograd/nqs-dbm/1, caller frees */
com_status nqs_dbm_report_run(com_ctx *c, const char *file, const cJSON *j, cJSON **doc);

typedef struct nqs_dbm_report_size {
  size_t visible, deep, hidden;
} nqs_dbm_report_size;
/** The units of the machine that would be sampled. */
com_status nqs_dbm_report_units(com_ctx *c, const char *file, const cJSON *j, nqs_dbm_report_size *out);
#endif
