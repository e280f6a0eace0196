/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/nqsfile.h"
#include "cli/io.h"
#include "common/checkpoint.h"
#include "common/comm.h"
#include "common/progress.h"
#include "common/result.h"

static const double CHECKPOINT_SECONDS = 0.5;

com_status cli_nqsfile_open(const cli_env *env, const char *file, nqs_driver **out) {
  cJSON *j = NULL;
  *out = NULL;
  COM_TRY(cli_io_load(env, file, &j));
  const cJSON *inner = com_json_get(j, "config");
  com_status s = com_result_expect(env->ctx, file, inner ? inner : j, "nqs");
  if (!s) s = nqs_driver_create(env->ctx, file, j, out);
  com_json_free(j);
  return s;
}

static com_status save(com_ctx *c, const char *path, nqs_driver *d) {
  cJSON *state = NULL;
  COM_TRY(nqs_driver_checkpoint(d, &state));
  const com_status s = com_checkpoint_save(c, path, "nqs", state);
  com_json_free(state);
  return s;
}

com_status cli_nqsfile_resume(com_ctx *c, const char *path, nqs_driver *d) {
  cJSON *state = NULL;
  COM_TRY(com_checkpoint_load(c, path, "nqs", &state));
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

com_status cli_nqsfile_loop(const cli_env *env, const char *checkpoint, nqs_driver *d) {
  com_ctx *c = env->ctx;
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
