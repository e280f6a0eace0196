/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include "ads/boltzmann_report.h"
#include "cli/io.h"
#include "cli/output.h"
#include "cli/registry.h"

typedef struct args {
  cli_output_files to;
  const char *metric;
} args;

static const cli_opt opts[] = {
    {0, "layers", "N", "layers of the bulk", CLI_INT, 0, "dbm.layers", NULL},
    {0, "draws", "N", "states sampled per chain", CLI_INT, 0, "dbm.draws", NULL},
    {0, "update", "NAME", "gibbs or hmc", CLI_STRING, 0, "dbm.update", NULL},
    {0, "metric", "FILE", "write the metric that the weights of FILE give: a train config, or a background",
     CLI_OUTPUT, offsetof(args, metric), NULL, NULL},
    CLI_OUTPUT_OPTS(args, to, "the kernel from layer to layer"),
    {0}};

static com_status save(const cli_env *env, const char *path, const cJSON *metric) {
  char *text = NULL;
  COM_TRY(com_json_text(env->ctx, metric, &text));
  const com_status s = cli_io_save_text(env, path, text);
  free(text);
  return s;
}

static com_status run(cli_env *env) {
  const args *a = env->args;
  cJSON *j = NULL, *metric = NULL, *doc = NULL;
  COM_TRY(cli_io_load(env, env->files[0], &j));
  com_status s = ads_boltzmann_report_run(env->ctx, env->files[0], j, a->metric ? &metric : NULL, &doc);
  if (!s && a->metric) s = save(env, a->metric, metric);
  if (!s) s = cli_output(env, doc, &a->to);
  com_json_free(metric);
  com_json_free(doc);
  com_json_free(j);
  return s;
}

const cli_cmd cli_cmd_dbm = {
    .name = "dbm",
    .usage = "FILE",
    .doc = "the bulk field as a deep Boltzmann machine: weights from a metric and back, kernel, sampling",
    .text =
        "FILE is a train result, a background, or a machine (schema holograd/dbm/1).  Layers are places in "
        "the "
        "bulk, weights are\nthe metric (arXiv:1903.04951).  Layers integrated out from the horizon give the "
        "boundary kernel K_0; with --draws the machine\nis sampled, by block Gibbs or HMC.  --metric reads "
        "the "
        "metric off the weights; dbm.metric = true puts it into the result.",
    .examples = "holograd dbm result.json -o machine.json --plot kernel.svg\n"
                "holograd dbm machine.json -o again.json --metric learned.json\n"
                "holograd dbm examples/53_bulk_dbm/ads2.json --draws 4000",
    .opts = opts,
    .args_size = sizeof(args),
    .min_files = 1,
    .max_files = 1,
    .run = run};

static com_status check(const cli_env *env, const char *file, const cJSON *j, com_text *out) {
  size_t layers;
  long draws;
  COM_TRY(ads_boltzmann_report_size(env->ctx, file, j, &layers, &draws));
  com_text_printf(out, "%s: would build a machine of %zu layers and draw %ld states.\n", file, layers, draws);
  return COM_OK;
}

static com_status words(const cli_env *env, const cJSON *j, char **out) {
  const cJSON *r = com_json_get(j, "result"), *two = com_json_get(r, "two_point"),
              *w = com_json_get(r, "weights");
  com_text t = {0};
  if (w)
    com_text_printf(&t, "Machine of %zu layers: boundary kernel K_0 = %.12g (Gaussian part).\n",
                    com_json_size(com_json_get(w, "a")), com_json_num(com_json_get(r, "kernel"), NAN));
  if (two)
    com_text_printf(&t, "Sampled <phi_0^2> = %.6g +- %.2g, without the quartic term 1/(N K_0) = %.6g.\n",
                    com_json_num(com_json_get(two, "mean"), NAN),
                    com_json_num(com_json_get(two, "error"), NAN),
                    com_json_num(com_json_get(two, "gaussian"), NAN));
  if (com_json_get(r, "metric_residual"))
    com_text_printf(&t, "Metric read off the weights, h to %.2g.\n",
                    com_json_num(com_json_get(r, "metric_residual"), NAN));
  return com_text_take(env->ctx, &t, out);
}

const cli_schema cli_cmd_dbm_schema = {.kind = "dbm", .check = check, .words = words, .reads = "dbm"};
