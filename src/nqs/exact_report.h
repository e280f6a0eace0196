/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file exact_report.h  The whole of the command `nqs exact`: energies of a small model without a wave function. */
#ifndef HOLOGRAD_NQS_EXACT_REPORT_H
#define HOLOGRAD_NQS_EXACT_REPORT_H
#include "common/json.h"

/** @param j [in] an nqs config (lattice, hamiltonian and exact are looked at), or a result  @param doc [out] holograd/nqs-result/1,
 *  caller frees */
com_status nqs_exact_report_run(com_ctx *c, const char *file, const cJSON *j, cJSON **doc);
#endif
