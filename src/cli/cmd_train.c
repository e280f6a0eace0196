/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "ads/fit_task.h"
#include "ads/infer.h"
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

/* The same fit through another flow. */
static com_status time_flow(const cli_env *env, const ads_config *cfg, const com_choice *flow,
                            double *seconds, double *gradient) {
  ads_fit *fit = NULL;
  com_status s = ads_fit_create(env->ctx, cfg, flow, &fit);
  if (!s) s = cli_trainfile_seconds(env, cfg, fit, seconds, gradient);
  ads_fit_destroy(fit);
  return s;
}

enum { GRADIENTS_PER_TRANSITION = 40 }; /* of the posterior of the lattice fit */

static com_status check_compare(const cli_env *env, const ads_config *cfg, com_text *out) {
  double all = 0, one = 0;
  for (size_t k = 0; k < cfg->flows.n; k++) {
    COM_TRY(time_flow(env, cfg, &cfg->flows.v[k], &one, NULL));
    all += one;
  }
  com_text_printf(out,
                  "compare would train each of its %zu flows so and evaluate it in the others: about %s.\n",
                  cfg->flows.n, com_text_time(all, (char[COM_TEXT_TIME]){0}));
  return COM_OK;
}

/* gradient: seconds of one in the fit; sampled: in the flow of the sampler. */
static com_status check_study(const cli_env *env, const char *name, const ads_config *cfg, double gradient,
                              double sampled, com_text *out) {
  ads_study_opts o;
  COM_TRY(ads_study_opts_read(env->ctx, name, cfg->study, &o));
  const int replicas = o.type == ADS_STUDY_REPLICAS;
  const double n = (double)ads_study_n(&o);
  const double fit = (replicas && o.starts < 1 ? 1 : o.starts) * CLI_TRAINFILE_EVALUATIONS * gradient,
               chain = (double)(o.warmup + o.draws) * GRADIENTS_PER_TRANSITION * sampled;
  com_text_printf(out, "study would fit each of %.0f datasets that it makes up%s: about %s on one thread.\n",
                  n, replicas ? "" : ", and infer from it",
                  com_text_time(n * (fit + (replicas ? 0 : chain)), (char[COM_TEXT_TIME]){0}));
  com_field_finish(ads_study_opts_fields, &o);
  return COM_OK;
}

static void check_infer(const ads_infer_opts *o, double sampled, com_text *out) {
  const double transitions = (double)o->chains * (o->warmup + o->draws) * (o->sensitivity ? 2 : 1);
  com_text_printf(out,
                  "infer would run %d chains of %d + %d transitions for each mode%s: about %s per mode "
                  "on one thread.\n",
                  o->chains, o->warmup, o->draws, o->sensitivity ? ", twice" : "",
                  com_text_time(transitions * GRADIENTS_PER_TRANSITION * sampled, (char[COM_TEXT_TIME]){0}));
}

/* What other commands would do with the same file. */
static com_status check_blocks(const cli_env *env, const char *name, const cli_trainfile *f, double gradient,
                               com_text *out) {
  const ads_config *cfg = &f->cfg;
  const int study = cfg->study || !strcmp(env->cmd->name, "study"),
            infer = cfg->infer || !strcmp(env->cmd->name, "infer");
  if (cfg->flows.n) COM_TRY(check_compare(env, cfg, out));
  if (cfg->generate)
    com_text_printf(out, "generate would make a dataset at these parameters: about a second.\n");
  if (!study && !infer) return COM_OK;
  ads_infer_opts o;
  com_choice flow = {0};
  double sampled = 0;
  COM_TRY(ads_infer_opts_read(env->ctx, name, cfg->infer, &o));
  com_status s = ads_infer_flow(env->ctx, cfg, &o, &flow);
  if (!s) s = time_flow(env, cfg, &flow, NULL, &sampled);
  if (!s && study) s = check_study(env, name, cfg, gradient, sampled, out);
  if (!s && infer) check_infer(&o, sampled, out);
  com_field_choice_finish(&ads_flow_kind, &flow);
  com_field_finish(ads_infer_opts_fields, &o);
  return s;
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
    status = cli_trainfile_seconds(env, cfg, file.fit, &seconds, &gradient);
    if (!status) {
      com_text_printf(out,
                      "It may take about %s on an idle machine: the objective with its gradient was "
                      "timed at its first start.\n",
                      com_text_time(seconds, (char[COM_TEXT_TIME]){0}));
      status = check_blocks(env, name, &file, gradient, out);
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
