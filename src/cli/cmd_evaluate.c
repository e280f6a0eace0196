/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/evaluate.h"
#include "ads/evaluate_plot.h"

#include "cli/cli.h"
#include "cli/io.h"
#include "cli/output.h"
#include "cli/registry.h"
#include "cli/trainfile.h"

typedef struct args {
  cli_output_files to;
  const char *flow;
  int jacobian;
} args;

static const cli_opt opts[] = {
    {'d', "data", "FILE", "dataset, instead of the config's", CLI_INPUT, 0, "dataset", NULL},
    {0, "flow", "FLOW", "integrator, instead of the config's (its eta range is kept)", CLI_STRING,
     offsetof(args, flow), NULL, NULL},
    {'j', "jacobian", NULL, "add d pi_ir / d(parameters, source, response) per point", CLI_FLAG,
     offsetof(args, jacobian), NULL, NULL},
    CLI_OUTPUT_OPTS(args, to, "the states at both ends, and the residuals"),
    {0}};

static com_status run(cli_env *env) {
  const args *a = env->args;
  cli_trainfile file = {0};
  cJSON *doc = NULL;
  COM_TRY(cli_trainfile_open(env, env->files[0], a->flow, &file));
  com_status status =
      ads_evaluate_document(env->ctx, env->files[0], file.fit, file.parameters, a->jacobian, &doc);
  if (!status) status = cli_output(env, doc, &a->to);
  com_json_free(doc);
  cli_trainfile_close(&file);
  return status;
}

const cli_cmd cli_cmd_evaluate = {.name = "evaluate",
                                  .usage = "FILE",
                                  .doc = "forward pass at the parameters of a config or result",
                                  .text = "Writes phi and pi at both ends for every data point, the loss and "
                                          "its gradient.  Parameters that the file does not give are\n"
                                          "those of start 1.",
                                  .examples = "holograd evaluate result.json --jacobian -o evaluation.json\n"
                                              "holograd evaluate config.json --set flow.rel_tol=1e-12",
                                  .opts = opts,
                                  .args_size = sizeof(args),
                                  .min_files = 1,
                                  .max_files = 1,
                                  .run = run};

static com_status words(const cli_env *env, const cJSON *j, char **out) {
  return ads_evaluate_plot_words(env->ctx, j, out);
}

static com_status plot(const cli_env *env, const char *file, const cJSON *j, com_svg **out) {
  (void)file;
  return ads_evaluate_plot(env->ctx, j, out);
}

const cli_schema cli_cmd_evaluate_schema = {.kind = "evaluation", .plot = plot, .words = words};
