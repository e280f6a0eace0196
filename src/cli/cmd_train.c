/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "ads/fit_task.h"
#include "ads/infer_opts.h"
#include "ads/report.h"
#include "ads/report_plot.h"
#include "ads/report_words.h"
#include "ads/study.h"
#include "cli/cli.h"
#include "cli/io.h"
#include "cli/output.h"
#include "cli/registry.h"
#include "cli/trainfile.h"
#include "cli/training.h"

typedef struct args {
  cli_output_files to;
  cli_training training;
  const char *flow;
} args;

static const cli_opt opts[] = {
    {'d', "data", "FILE", "dataset to learn from, instead of the config's", CLI_INPUT, 0, "dataset", NULL},
    {0, "flow", "FLOW", "integrator, instead of the config's (its eta range is kept)", CLI_STRING,
     offsetof(args, flow), NULL, NULL},
    {0, "restarts", "N", "number of starts in total", CLI_INT, 0, "restarts", NULL},
    CLI_TRAINING_OPTS(args, training),
    CLI_OUTPUT_OPTS(args, to, "data, fit, h(eta) and history"),
    {0}};

static com_status run_fit(const cli_env *env, const args *a, ads_fit *fit) {
  com_ctx *c = env->ctx;
  com_status status = COM_OK;
  ads_trainer *t = NULL;
  cJSON *result = NULL, *doc = NULL;
  COM_GOTO(done, ads_trainer_create(c, ads_fit_task(fit), &t));
  COM_GOTO(done, cli_training_run(env, &a->training, "train", 1, &t));
  COM_GOTO(done, ads_trainer_result(t, &result));
  COM_GOTO(done, ads_report_wrap(c, fit, "holograd/train-result/1", result, &doc));
  COM_GOTO(done, cli_output(env, doc, &a->to));
  COM_GOTO(done, cli_training_verdict(c, &a->training, 1, &t));
  status = ads_report_verdict(c, doc);
done:
  com_json_free(doc);
  ads_trainer_destroy(t);
  return status;
}

static com_status run(cli_env *env) {
  const args *a = env->args;
  cli_trainfile file = {0};
  com_status status = cli_trainfile_open(env, env->files[0], a->flow, &file);
  if (!status) status = run_fit(env, a, file.fit);
  cli_trainfile_close(&file);
  return status;
}

const cli_cmd cli_cmd_train = {
    .name = "train",
    .usage = "CONFIG",
    .doc = "learn metric, couplings and dictionary scale from data",
    .text = "Reads a train config (or a result, which is trained again) and writes a train result.\n\n"
            "The response loss starts each run with a basin search and a homotopy in the errors, so a random "
            "start ends where the data\n"
            "are; see docs/training.md.  Ctrl-C writes a checkpoint; --resume goes on from it to the same "
            "digits.",
    .examples = "holograd train examples/02_qcd_condensate/config.json -o result.json --plot lattice.svg\n"
                "holograd train config.json --set metric.n=6 --seed 7 --restarts 1 -o result.json",
    .opts = opts,
    .args_size = sizeof(args),
    .min_files = 1,
    .max_files = 1,
    .run = run};

/* ---- introspection ---- */

/* What other commands would do with the same file. */
static com_status check_blocks(const cli_env *env, const char *name, const cli_trainfile *f, double seconds,
                               double gradient, com_text *out) {
  enum { GRADIENTS_PER_TRANSITION = 40 }; /* of the posterior of the lattice fit */
  const ads_config *cfg = &f->cfg;
  ads_infer_opts o;
  if (cfg->flows.n)
    com_text_printf(out,
                    "compare would train each of its %zu flows so, and each in the others: about %.1g s.\n",
                    cfg->flows.n, seconds * (double)cfg->flows.n);
  if (cfg->study || !strcmp(env->cmd->name, "study")) {
    ads_study_opts study;
    COM_TRY(ads_study_opts_read(env->ctx, name, cfg->study, &study));
    com_text_printf(out, "study would fit each of %zu datasets that it makes up%s.\n", ads_study_n(&study),
                    study.type == ADS_STUDY_REPLICAS ? "" : ", and infer from it");
    com_field_finish(ads_study_opts_fields, &study);
  }
  if (cfg->generate)
    com_text_printf(out, "generate would make a dataset at these parameters: about a second.\n");
  if (!cfg->infer && strcmp(env->cmd->name, "infer")) return COM_OK;
  COM_TRY(ads_infer_opts_read(env->ctx, name, cfg->infer, &o));
  const double transitions = (double)o.chains * (o.warmup + o.draws) * (o.sensitivity ? 2 : 1);
  com_text_printf(out,
                  "infer would run %d chains of %d + %d transitions for each mode%s: about %.1g s per mode "
                  "on one thread.\n",
                  o.chains, o.warmup, o.draws, o.sensitivity ? ", twice" : "",
                  transitions * GRADIENTS_PER_TRANSITION * gradient);
  com_field_finish(ads_infer_opts_fields, &o);
  return COM_OK;
}

static com_status check(const cli_env *env, const char *name, const cJSON *j, com_text *out) {
  cli_trainfile file = {0};
  com_status status = cli_trainfile_adopt(env, name, com_json_copy(j), NULL, &file);
  if (!status) {
    const ads_config *cfg = &file.cfg;
    const com_params *p = ads_fit_params(file.fit);
    com_text_printf(out,
                    "%s: would train %zu of %zu parameters (metric %s, bulk %s, dictionary %s) on %zu points "
                    "through flow %s, loss %s, "
                    "optimizer %s, %d start%s, seed %llu.\n",
                    name, com_params_n_trained(p), com_params_n(p), cfg->metric.type->name,
                    cfg->bulk.type->name, cfg->dictionary.type->name, ads_fit_n_points(file.fit),
                    cfg->flow.type->name, cfg->loss.type->name, cfg->optimizer.type->name, cfg->restarts,
                    cfg->restarts == 1 ? "" : "s", (unsigned long long)com_ctx_seed(env->ctx));
    double seconds = 0, gradient = 0;
    status = cli_trainfile_seconds(env, &file, &seconds, &gradient);
    if (!status) {
      com_text_printf(out,
                      "It may take about %.1g s on an idle machine: the objective with its gradient was "
                      "timed at its first start.\n",
                      seconds);
      status = check_blocks(env, name, &file, seconds, gradient, out);
    }
  }
  cli_trainfile_close(&file);
  return status;
}

static com_status words(const cli_env *env, const cJSON *j, char **out) {
  const cJSON *seconds = com_json_get(com_json_get(j, "volatile"), "seconds");
  return ads_report_words(env->ctx, j, com_json_num(seconds, 0), out);
}

static com_status plot(const cli_env *env, const char *file, const cJSON *j, com_svg **out) {
  (void)file;
  return ads_report_plot(env->ctx, j, out);
}

/* A config is for the command whose block it has; infer has defaults for all of its own, and mostly follows a training. */
static const char *of_config(const cJSON *j) {
  return com_json_get(j, "flows") ? "compare" : com_json_get(j, "study") ? "study" : "train";
}

const cli_schema cli_cmd_train_schema = {
    .kind = "train", .check = check, .again = of_config, .reads = "train"};
const cli_schema cli_cmd_train_result_schema = {
    .kind = "train-result", .check = check, .plot = plot, .words = words, .reads = "train"};
