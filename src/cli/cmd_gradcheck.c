/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include "ads/gradcheck_report.h"
#include "cli/io.h"
#include "cli/trainfile.h"

typedef struct args {
  const char *flow;
} args;

static const cli_opt opts[] = {
    {'d', "data", "FILE", "dataset, instead of the config's", CLI_INPUT, 0, "dataset", NULL},
    {0, "flow", "FLOW", "integrator, instead of the config's (its eta range is kept)", CLI_STRING,
     offsetof(args, flow), NULL, NULL},
    {0, "tol", "X", "largest error that passes", CLI_REAL, 0, "gradcheck.tol", NULL},
    {0}};

static com_status replace_flow(const cli_env *env, const char *flow, cJSON *j) {
  COM_CHECK(env->ctx, !ads_gradcheck_report_of_background(j), COM_E_USAGE,
            "%s: a background has no flow; remove --flow", env->files[0]);
  return cli_trainfile_flow(env->ctx, j, flow);
}

static com_status output(const cli_env *env, const com_table *table, const cJSON *doc) {
  char *text = NULL;
  if (env->common->output) return cli_io_save(env, doc);
  COM_TRY(com_table_print(env->ctx, table, &text));
  const com_status s = cli_io_save_text(env, NULL, text);
  free(text);
  return s;
}

static com_status run(cli_env *env) {
  const args *a = env->args;
  cJSON *j = NULL, *doc = NULL;
  com_table *table = NULL;
  COM_TRY(cli_io_load(env, env->files[0], &j));
  com_status made = a->flow ? replace_flow(env, a->flow, j) : COM_OK;
  if (!made) made = ads_gradcheck_report_run(env->ctx, env->files[0], j, &table, &doc);
  const com_status written = doc ? output(env, table, doc) : COM_OK;
  com_table_destroy(table);
  com_json_free(doc);
  com_json_free(j);
  return written ? written : made;
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
