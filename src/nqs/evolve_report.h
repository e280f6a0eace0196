/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file evolve_report.h  The whole of the command `nqs evolve`: optimise the start, move it, report. */
#ifndef HOLOGRAD_NQS_EVOLVE_REPORT_H
#define HOLOGRAD_NQS_EVOLVE_REPORT_H
#include "common/json.h"

/** @param j [in] an nqs config, or a result
 *  @param doc [out] holograd/nqs-evolution/1, caller frees; also with COM_E_INTERRUPTED once the evolution has begun: what was reached */
com_status nqs_evolve_report_run(com_ctx *c, const char *file, const cJSON *j, cJSON **doc);
#endif
