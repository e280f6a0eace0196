/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/evolve_report.h"
#include "common/progress.h"
#include "nqs/evolve.h"
#include "nqs/run.h"

static com_status loop(com_ctx *c, nqs_evolve *e) {
  com_progress *bar = NULL;
  com_status status = com_progress_create(c, "evolve", &bar);
  while (!status && !nqs_evolve_done(e)) {
    status = nqs_evolve_step(e);
    const nqs_tdvp_point *p = nqs_evolve_point(e);
    com_progress_update(bar, nqs_evolve_fraction(e), "t = %.4g  energy %.8g  residual %.2g", p->time,
                        p->energy.mean, p->residual);
  }
  com_progress_destroy(bar);
  return status;
}

com_status nqs_evolve_report_run(com_ctx *c, const char *file, const cJSON *j, cJSON **doc) {
  nqs_driver *d = NULL;
  nqs_evolve *e = NULL;
  *doc = NULL;
  com_status status = nqs_run_open(c, file, j, &d);
  if (!status) status = nqs_run_loop(c, NULL, d);
  if (!status && nqs_driver_stop(d) == COM_STOP_INTERRUPTED)
    status = COM_FAIL(c, COM_E_INTERRUPTED,
                      "interrupted while optimising the start; `holograd nqs run` can be resumed, and "
                      "ansatz.file takes its "
                      "result");
  if (!status) status = nqs_evolve_create(c, file, d, &e);
  if (!status) status = loop(c, e);
  if (!status || (e && status == COM_E_INTERRUPTED)) { /* what was reached is kept */
    cJSON *result = NULL;
    com_status made = nqs_evolve_result(e, &result);
    if (!made) made = nqs_run_wrap(c, d, "holograd/nqs-evolution/1", result, doc);
    if (made) status = made;
  }
  nqs_evolve_destroy(e);
  nqs_driver_destroy(d);
  return status;
}
