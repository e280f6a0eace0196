/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/response_report.h"
#include "common/progress.h"
#include "common/result.h"

com_status nqs_response_report_scan(com_ctx *c, nqs_response *r) {
  com_progress *bar = NULL;
  COM_TRY(com_progress_create(c, "nqs response", &bar));
  com_status s = COM_OK;
  while (!s && !nqs_response_done(r)) {
    if (com_ctx_stop(c))
      s = COM_FAIL(c, COM_E_INTERRUPTED, "interrupted in the scan; the points so far are not written");
    else
      s = nqs_response_iterate(r);
    com_progress_update(bar, nqs_response_progress(r), "scan");
  }
  com_progress_destroy(bar);
  return s;
}

com_status nqs_response_report_document(com_ctx *c, nqs_response *r, cJSON **doc) {
  COM_TRY(nqs_response_dataset(r, doc));
  const com_status s = com_result_stamp(c, *doc);
  if (!s) return COM_OK;
  com_json_free(*doc);
  *doc = NULL;
  return s;
}

com_status nqs_response_report_verdict(com_ctx *c, const nqs_response *r) {
  size_t off = 0;
  for (size_t k = 0; k < nqs_response_n(r); k++) off += nqs_response_points(r)[k].off ? 1 : 0;
  COM_CHECK(c, !off, COM_E_NEGATIVE,
            "%zu of %zu states did not converge; see the warnings before using the dataset", off,
            nqs_response_n(r));
  return COM_OK;
}
