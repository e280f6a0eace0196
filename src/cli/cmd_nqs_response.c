/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include "cli/io.h"
#include "cli/output.h"
#include "cli/registry.h"
#include "nqs/response_report.h"

typedef struct args {
  cli_output_files to;
} args;

static const cli_opt opts[] = {
    {0, "values", "MIN:MAX:N", "strengths of the source", CLI_LIST, 0, "response.values", NULL},
    {0, "method", "NAME", "vmc, or exact (diagonalisation)", CLI_STRING, 0, "response.method", NULL},
    {0, "iterations", "N", "optimisation steps per scan point", CLI_INT, 0, "iterations", NULL},
    CLI_OUTPUT_OPTS(args, to, "the response with the exact one where it is cheap"),
    {0}};

static void say(const cli_env *env, const nqs_response *r) {
  const char *o = env->common->output;
  if (env->common->quiet) return;
  FILE *out = o && *o && !(o[0] == '-' && !o[1]) ? stdout : stderr;
  fprintf(out, "%10s  %12s  %9s  %12s  %7s  %14s\n", "source", "response", "error", "exact", "pull",
          "energy");
  for (size_t k = 0; k < nqs_response_n(r); k++) {
    const nqs_response_point *p = nqs_response_points(r) + k;
    fprintf(out, "%10.4g  %12.6f  %9.2e  %12.6f  %7.2f  %14.8g\n", p->value, p->mean, p->error, p->exact,
            (p->mean - p->exact) / p->error, p->energy);
  }
}

static com_status report(const cli_env *env, nqs_response *r) {
  cJSON *doc = NULL;
  COM_TRY(nqs_response_report_document(env->ctx, r, &doc));
  const com_status s = cli_output(env, doc, &((const args *)env->args)->to);
  com_json_free(doc);
  COM_TRY(s);
  say(env, r);
  return nqs_response_report_verdict(env->ctx, r);
}

static com_status run(cli_env *env) {
  com_ctx *c = env->ctx;
  cJSON *j = NULL;
  nqs_response *r = NULL;
  COM_TRY(cli_io_load(env, env->files[0], &j));
  com_status s = nqs_response_create(c, env->files[0], j, &r);
  com_json_free(j);
  if (!s) s = nqs_response_report_scan(c, r);
  if (!s) s = report(env, r);
  nqs_response_destroy(r);
  return s;
}

const cli_cmd cli_cmd_nqs_response = {
    .name = "nqs response",
    .usage = "CONFIG",
    .doc = "how a ground state answers to a source: a dataset that train reads",
    .text = "Scans H - v sum source_i over response.values from the strongest to the weakest, each state "
            "warm-started from the last,\n"
            "and measures the observable per site until its error is below response.target_error.  Where "
            "diagonalisation is cheap\n"
            "its answer is printed beside.  With response.method = exact nothing is sampled; then "
            "response.temperature gives thermal\naverages.",
    .examples = "holograd nqs response examples/50_boundary_ising/boundary.json -o data.json --plot m.svg\n"
                "holograd nqs response model.json --method exact --values 0.01:0.3:8 -o data.json",
    .opts = opts,
    .args_size = sizeof(args),
    .min_files = 1,
    .max_files = 1,
    .run = run};
