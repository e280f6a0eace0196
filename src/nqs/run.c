/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/run.h"
#include "common/checkpoint.h"
#include "common/comm.h"
#include "common/progress.h"
#include "common/result.h"

static const double CHECKPOINT_SECONDS = 0.5;

com_status nqs_run_open(com_ctx *c, const char *file, const cJSON *j, nqs_driver **out) {
  const cJSON *inner = com_json_get(j, "config");
  *out = NULL;
  COM_TRY(com_result_expect(c, file, inner ? inner : j, "nqs"));
  return nqs_driver_create(c, file, j, out);
}

static com_status save(com_ctx *c, const char *path, nqs_driver *d) {
  cJSON *state = NULL;
  COM_TRY(nqs_driver_checkpoint(d, &state));
  const com_status s = com_checkpoint_save(c, path, "nqs", state);
  com_json_free(state);
  return s;
}

com_status nqs_run_resume(com_ctx *c, const char *checkpoint, nqs_driver *d) {
  cJSON *state = NULL;
  COM_TRY(com_checkpoint_load(c, checkpoint, "nqs", &state));
  const com_status s = nqs_driver_resume(d, state);
  com_json_free(state);
  return s;
}

static void show(com_progress *p, const nqs_driver *d) {
  const nqs_estimate *e = nqs_driver_energy(d);
  const long done = nqs_driver_iteration(d), all = nqs_driver_max_iterations(d);
  com_progress_update(p, (double)done / (double)all, "iteration %ld/%ld  energy %.8g +- %.2g  variance %.3g",
                      done, all, e->mean, e->error, e->variance);
}

com_status nqs_run_loop(com_ctx *c, const char *checkpoint, nqs_driver *d) {
  com_progress *bar = NULL;
  double saved = com_ctx_elapsed(c);
  com_status status = com_progress_create(c, "nqs", &bar);
  while (!status && !nqs_driver_stop(d)) {
    const com_stop why = com_comm_stop(c);
    if (why) {
      nqs_driver_interrupt(d, why);
      break;
    }
    status = nqs_driver_iterate(d);
    show(bar, d);
    if (!status && checkpoint && com_ctx_elapsed(c) - saved > CHECKPOINT_SECONDS) {
      status = save(c, checkpoint, d);
      saved = com_ctx_elapsed(c);
    }
  }
  com_progress_destroy(bar);
  if (!status && checkpoint) status = save(c, checkpoint, d);
  return status;
}

com_status nqs_run_wrap(com_ctx *c, nqs_driver *d, const char *schema, cJSON *result, cJSON **doc) {
  cJSON *config = NULL;
  const com_status s = nqs_driver_config(d, &config);
  if (!s) return com_result_wrap(c, schema, config, result, doc);
  com_json_free(result);
  return s;
}

com_status nqs_run_document(com_ctx *c, nqs_driver *d, cJSON **doc) {
  cJSON *result = NULL;
  *doc = NULL;
  COM_TRY(nqs_driver_result(d, &result));
  return nqs_run_wrap(c, d, "holograd/nqs-result/1", result, doc);
}
