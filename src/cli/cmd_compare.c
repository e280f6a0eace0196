/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/compare.h"
#include "cli/output.h"
#include "cli/registry.h"

typedef struct compare_args {
  cli_output_files to;
} compare_args;

static const cli_opt opts[] = {
    {'d', "data", "FILE", "dataset to learn from, instead of the config's", CLI_INPUT, 0, "dataset", NULL},
    {0, "restarts", "N", "number of starts in total, for each flow", CLI_INT, 0, "restarts", NULL},
    CLI_OUTPUT_OPTS(compare_args, to, "metrics, transfer, gradient errors, cost"),
    {0}};

static com_status run(cli_env *env) {
  return cli_output_made(env, ads_compare_document, &((const compare_args *)env->args)->to);
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
    .kind = "comparison", .plot = plot, .words = words, .reads = "compare"};
