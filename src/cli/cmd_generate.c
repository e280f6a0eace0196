/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/generate.h"
#include "cli/output.h"
#include "cli/registry.h"

typedef struct args {
  cli_output_files to;
} args;

static const cli_opt opts[] = {
    {'k', "kind", "KIND", "response or labelled", CLI_JSON, 0, "generate.kind", NULL},
    {'n', "n", "N", "number of sources", CLI_JSON, 0, "generate.n", NULL},
    CLI_OUTPUT_OPTS(args, to, "the dataset"),
    {0}};

static com_status run(cli_env *env) {
  return cli_output_made(env, ads_generate_document, &((const args *)env->args)->to);
}

const cli_cmd cli_cmd_generate = {
    .name = "generate",
    .usage = "CONFIG",
    .doc = "synthetic dataset from a known metric",
    .text = "Works at the parameters of a train config or result; its block \"generate\" says what to\n"
            "make: on-shell (source, response) pairs with noise, or labelled (phi, pi) points.",
    .examples = "holograd generate truth.json -o data.json\n"
                "holograd generate truth.json --kind labelled --seed 7 -o points.json",
    .opts = opts,
    .args_size = sizeof(args),
    .min_files = 1,
    .max_files = 1,
    .run = run};
