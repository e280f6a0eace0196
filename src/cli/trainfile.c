/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/trainfile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "cli/io.h"

/* {"type": flow} with the keys of the old flow that every flow has. */
com_status cli_trainfile_flow(com_ctx *c, cJSON *j, const char *flow) {
  cJSON *inner = com_json_edit(j, "config"), *config = inner ? inner : j;
  const cJSON *old = com_json_get(config, "flow");
  cJSON *block = com_json_object();
  com_status s = com_json_add(c, block, "type", com_json_string(flow));
  for (const com_field *f = ads_flow_kind.shared; f && f->key && !s; f++) {
    const cJSON *v = com_json_get(old, f->key);
    if (v) s = com_json_add(c, block, f->key, com_json_copy(v));
  }
  if (s) com_json_free(block);
  return s ? s : com_json_add(c, config, "flow", block);
}

com_status cli_trainfile_open(const cli_env *env, const char *file, const char *flow, cli_trainfile *out) {
  cJSON *j = NULL;
  memset(out, 0, sizeof *out);
  COM_TRY(cli_io_load(env, file, &j));
  return cli_trainfile_adopt(env, file, j, flow, out);
}

com_status cli_trainfile_adopt(const cli_env *env, const char *file, cJSON *j, const char *flow,
                               cli_trainfile *out) {
  com_ctx *c = env->ctx;
  com_status status = COM_OK;
  memset(out, 0, sizeof *out);
  COM_CHECK(c, j, COM_E_MEM, "out of memory");
  out->json = j;
  if (flow) COM_GOTO(fail, cli_trainfile_flow(c, out->json, flow));
  COM_GOTO(fail, ads_config_open(c, file, out->json, &out->cfg, &out->parameters));
  COM_GOTO(fail, ads_fit_create(c, &out->cfg, NULL, &out->fit));
  return COM_OK;
fail:
  cli_trainfile_close(out);
  return status;
}

void cli_trainfile_close(cli_trainfile *f) {
  if (!f->json) return;
  ads_fit_destroy(f->fit);
  ads_config_finish(&f->cfg);
  com_json_free(f->json);
  memset(f, 0, sizeof *f);
}

/* Steps of a loss that is not a sum of squares: what the optimizer allows, else what the stages of the loss ask for. */
static double steps_of(const ads_config *cfg, const ads_fit *fit) {
  enum { DEFAULT_STEPS = 2000 };
  const com_optim_shared *o = cfg->optimizer.shared;
  double n = o->max_iter;
  for (size_t k = 0; !o->max_iter && k < ads_fit_n_stages(fit); k++) {
    ads_loss_stage stage;
    ads_fit_stage(fit, k, &stage);
    n += stage.max_iter ? stage.max_iter : DEFAULT_STEPS;
  }
  return n > 0 ? n : DEFAULT_STEPS;
}

com_status cli_trainfile_seconds(const cli_env *env, const ads_config *cfg, ads_fit *fit, double *seconds,
                                 double *gradient) {
  /* What is no sum of squares makes steps, each on its mini-batch.  The fastest of a few counts, so that other work on the machine does
   * not. */
  enum { TIMED = 8 };
  com_ctx *c = env->ctx;
  const int squares = (ads_fit_wants(fit) & COM_WANT_RJ) != 0;
  const size_t n = com_params_n(ads_fit_params(fit));
  size_t n_bad = 0;
  double value = 0, once = INFINITY, *full = malloc(2 * (n + 1) * sizeof *full);
  COM_ALLOC(c, full);
  com_status s = ads_fit_start(fit, 1, full);
  for (int pass = 0; pass < TIMED && !s; pass++) {
    const double t0 = com_ctx_elapsed(c);
    s = ads_fit_value(fit, ADS_LOSS_PROPER, 1, squares ? -1 : pass, full, &value, full + n + 1, &n_bad);
    once = fmin(once, com_ctx_elapsed(c) - t0);
  }
  if (seconds)
    *seconds = once * (squares ? (double)CLI_TRAINFILE_EVALUATIONS * cfg->restarts : steps_of(cfg, fit));
  if (gradient) *gradient = once;
  free(full);
  return s;
}
