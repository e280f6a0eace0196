/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/gradcheck.h"
#include "ads/report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cli/cli.h"
#include "cli/io.h"
#include "cli/registry.h"
#include "cli/shapes.h"
#include "cli/trainfile.h"
#include "common/result.h"

typedef struct args {
  const char *flow;
  double tol;
} args;

static const cli_opt opts[] = {
    {'d', "data", "FILE", "dataset, instead of the config's", CLI_INPUT, 0, "dataset", NULL},
    {0, "flow", "FLOW", "integrator, instead of the config's (its eta range is kept)", CLI_STRING,
     offsetof(args, flow), NULL, NULL},
    {0, "tol", "X", "largest error that passes (default 1e-6)", CLI_REAL, offsetof(args, tol), NULL, "1e-6"},
    {0}};

static com_status write_table(const cli_env *env, const ads_fit *fit, const com_table *t, double worst,
                              double tol) {
  com_ctx *c = env->ctx;
  cJSON *doc = NULL, *result = com_table_json(t);
  com_status s = com_json_add(c, result, "worst", com_json_real(worst));
  if (!s) s = com_json_add(c, result, "tol", com_json_real(tol));
  if (s) {
    com_json_free(result);
    return s;
  }
  cJSON *config = NULL;
  s = ads_report_config(c, fit, &config);
  if (s) {
    com_json_free(result);
    return s;
  }
  COM_TRY(com_result_wrap(c, "holograd/gradcheck/1", config, result, &doc));
  s = cli_io_save(env, doc);
  com_json_free(doc);
  return s;
}

static com_status run(cli_env *env) {
  const args *a = env->args;
  com_ctx *c = env->ctx;
  cli_trainfile file = {0};
  com_table *t = NULL;
  char *text = NULL;
  double worst = 0;
  com_status status = COM_OK;
  COM_TRY(cli_trainfile_open(env, env->files[0], a->flow, &file));
  COM_GOTO(done, ads_gradcheck_run(c, &file.cfg, env->files[0], file.parameters, &t, &worst));
  if (env->common->output)
    COM_GOTO(done, write_table(env, file.fit, t, worst, a->tol));
  else {
    COM_GOTO(done, com_table_print(c, t, &text));
    COM_GOTO(done, cli_io_save_text(env, NULL, text));
  }
  if (!(worst <= a->tol))
    status = COM_FAIL(c, COM_E_NEGATIVE, "%s: gradient error %.3g is above --tol %.3g", env->files[0], worst,
                      a->tol);
done:
  free(text);
  com_table_destroy(t);
  cli_trainfile_close(&file);
  return status;
}

const cli_cmd cli_cmd_gradcheck = {
    .name = "gradcheck",
    .usage = "FILE",
    .doc = "check every gradient of a config against differences",
    .text = "Compares the adjoint gradients with fourth-order central "
            "differences, both at rel_tol min(config, 1e-12); the error is the\n"
            "largest deviation over the largest entry.  The second column repeats "
            "it at the config's own tolerance, without verdict.\n"
            "Checked: the loss; F over all points with respect to parameters, source "
            "and response; the residuals; every penalty.\n"
            "A sample that runs away or has no root has the derivative zero by "
            "definition: such rows are counted (without_answer).  Residuals of the\n"
            "response direction without a root are looked at where the basin search of "
            "training leads (column at).  A dash: the gradient vanishes to the\n"
            "rounding of its differences, as at a perfect fit, and is not judged.\n"
            "Exit code 1 when an error is above --tol.",
    .examples = "holograd gradcheck examples/02_qcd_condensate/config.json",
    .opts = opts,
    .args_size = sizeof(args),
    .min_files = 1,
    .max_files = 1,
    .run = run};

const cli_schema cli_cmd_gradcheck_schema = {.kind = "gradcheck",
                                             .doc = "gradients against differences",
                                             .shape = cli_shapes_gradcheck,
                                             .config = "train"};
