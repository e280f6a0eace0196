/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file response_report.h  The command `nqs response` around its loop: the scan to its end, the dataset as a document, the verdict. */
#ifndef HOLOGRAD_NQS_RESPONSE_REPORT_H
#define HOLOGRAD_NQS_RESPONSE_REPORT_H
#include "nqs/response.h"

/** Iterate until it is done; COM_E_INTERRUPTED when the context asks to stop before. */
com_status nqs_response_report_scan(com_ctx *c, nqs_response *r);
/** The dataset with its provenance, after the scan.  @param doc [out] holograd/dataset/1, caller frees */
com_status nqs_response_report_document(com_ctx *c, nqs_response *r, cJSON **doc);
/** COM_E_NEGATIVE when a state did not converge. */
com_status nqs_response_report_verdict(com_ctx *c, const nqs_response *r);
#endif
