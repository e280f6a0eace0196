/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/gradcheck.h"
#include "ads/report.h"
#include "ads/spectrum_report.h"

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

/* What was checked, and how it came out. */
typedef struct outcome {
  com_table *table;
  cJSON *config; /* for -o */
  double worst;
} outcome;

static com_status write_table(const cli_env *env, outcome *o, double tol) {
  com_ctx *c = env->ctx;
  cJSON *doc = NULL, *result = com_table_json(o->table);
  com_status s = com_json_add(c, result, "worst", com_json_real(o->worst));
  if (!s) s = com_json_add(c, result, "tol", com_json_real(tol));
  if (s) {
    com_json_free(result);
    return s;
  }
  cJSON *config = o->config;
  o->config = NULL;
  COM_TRY(com_result_wrap(c, "holograd/gradcheck/1", config, result, &doc));
  s = cli_io_save(env, doc);
  com_json_free(doc);
  return s;
}

static com_status check_fit(const cli_env *env, const args *a, const cJSON *j, outcome *o) {
  cli_trainfile file = {0};
  COM_TRY(cli_trainfile_adopt(env, env->files[0], com_json_copy(j), a->flow, &file));
  com_status s = ads_gradcheck_run(env->ctx, &file.cfg, env->files[0], file.parameters, &o->table, &o->worst);
  if (!s) s = ads_report_config(env->ctx, file.fit, &o->config);
  cli_trainfile_close(&file);
  return s;
}

/* The trainings of a spectrum. */
static com_status check_spectrum(const cli_env *env, const args *a, const cJSON *j, outcome *o) {
  com_ctx *c = env->ctx;
  ads_spectrum_report *r = NULL;
  ads_task *task = NULL;
  com_status status = COM_OK;
  COM_CHECK(c, !a->flow, COM_E_USAGE, "%s: a background has no flow; remove --flow", env->files[0]);
  COM_TRY(ads_spectrum_report_create(c, env->files[0], j, &r));
  const size_t n = ads_spectrum_report_n_trainers(r);
  if (n == 0) {
    status = COM_FAIL(c, COM_E_CONFIG,
                      "%s: spectrum.train is false and spectrum.profiles is empty: no gradient to check; "
                      "--set spectrum.train=true",
                      env->files[0]);
    goto done;
  }
  task = malloc(n * sizeof *task);
  if (!task) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
  for (size_t k = 0; k < n; k++) task[k] = *ads_trainer_task(ads_spectrum_report_trainers(r)[k]);
  COM_GOTO(done, ads_gradcheck_tasks(c, n, task, &o->table, &o->worst));
  status = ads_spectrum_report_config(r, &o->config);
done:
  free(task);
  ads_spectrum_report_destroy(r);
  return status;
}

static int is_background(const cJSON *j) {
  const cJSON *inner = com_json_get(j, "config");
  return !strncmp(com_json_str(com_json_get(inner ? inner : j, "schema"), ""), "holograd/background/", 20);
}

static com_status run(cli_env *env) {
  const args *a = env->args;
  com_ctx *c = env->ctx;
  outcome o = {0};
  cJSON *j = NULL;
  char *text = NULL;
  com_status status = COM_OK;
  COM_TRY(cli_io_load(env, env->files[0], &j));
  COM_GOTO(done, is_background(j) ? check_spectrum(env, a, j, &o) : check_fit(env, a, j, &o));
  if (env->common->output)
    COM_GOTO(done, write_table(env, &o, a->tol));
  else {
    COM_GOTO(done, com_table_print(c, o.table, &text));
    COM_GOTO(done, cli_io_save_text(env, NULL, text));
  }
  if (!(o.worst <= a->tol))
    status = COM_FAIL(c, COM_E_NEGATIVE, "%s: gradient error %.3g is above --tol %.3g", env->files[0],
                      o.worst, a->tol);
done:
  free(text);
  com_json_free(j);
  com_json_free(o.config);
  com_table_destroy(o.table);
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
            "Of a background with spectrum.train: the objective and the residuals of its trainings from "
            "masses, which know no tolerance.\n"
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
                                             .config = ""}; /* of what was checked */
