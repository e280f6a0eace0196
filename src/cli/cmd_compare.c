/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/compare.h"
#include "cli/io.h"
#include "cli/output.h"
#include "cli/registry.h"
#include "cli/shapes.h"

typedef struct compare_args {
  cli_output_files to;
} compare_args;

static const cli_opt opts[] = {
    {'d', "data", "FILE", "dataset to learn from, instead of the config's", CLI_INPUT, 0, "dataset", NULL},
    {0, "restarts", "N", "number of starts in total, for each flow", CLI_INT, 0, "restarts", NULL},
    CLI_OUTPUT_OPTS(compare_args, to, "metrics, transfer, gradient errors, cost"),
    {0}};

static com_status run(cli_env *env) {
  const compare_args *a = env->args;
  com_ctx *c = env->ctx;
  cJSON *j = NULL, *doc = NULL;
  const cJSON *parameters = NULL;
  ads_config cfg = {0};
  COM_TRY(cli_io_load(env, env->files[0], &j));
  com_status status = ads_config_read(c, env->files[0], j, &cfg, &parameters);
  if (!status) {
    if (cfg.seed.given) com_ctx_reseed(c, cfg.seed.value);
    status = ads_compare_run(c, &cfg, &doc);
    if (!status) status = cli_output(env, doc, &a->to);
    ads_config_finish(&cfg);
  }
  com_json_free(doc);
  com_json_free(j);
  return status;
}

const cli_cmd cli_cmd_compare = {
    .name = "compare",
    .usage = "CONFIG",
    .doc = "the same data through several flows, side by side",
    .text = "A train config with \"flows\":[{...},...] instead of \"flow\".  Every flow is trained on the "
            "same data from the same\n"
            "starts; then the learned metrics are put on one grid, evaluated in each other's flow, and the "
            "gradients compared\n"
            "with the continuum.",
    .examples =
        "holograd compare config.json -o comparison.json --plot comparison.svg --report comparison.html",
    .opts = opts,
    .args_size = sizeof(compare_args),
    .min_files = 1,
    .max_files = 1,
    .run = run};

static com_status words(const cli_env *env, const cJSON *j, char **out) {
  return ads_compare_words(env->ctx, j, out);
}

static com_status plot(const cli_env *env, const char *file, const cJSON *j, com_svg **out) {
  (void)file;
  return ads_compare_plot(env->ctx, j, out);
}

const cli_schema cli_cmd_compare_schema = {
    .kind = "comparison",
    .doc = "several flows on the same data: fits, metrics, transfer, gradients, cost",
    .plot = plot,
    .words = words,
    .reads = "compare",
    .shape = cli_shapes_comparison,
    .config = "train"};
