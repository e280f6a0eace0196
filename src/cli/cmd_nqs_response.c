/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include "cli/io.h"
#include "cli/output.h"
#include "cli/registry.h"
#include "common/progress.h"
#include "common/result.h"
#include "nqs/response.h"

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

static com_status scan(const cli_env *env, nqs_response *r) {
  com_ctx *c = env->ctx;
  com_progress *bar = NULL;
  COM_TRY(com_progress_create(c, "nqs response", &bar));
  com_status s = COM_OK;
  while (!s && !nqs_response_done(r)) {
    if (com_ctx_stop(c))
      s = COM_FAIL(c, COM_E_INTERRUPTED, "interrupted in the scan; the points so far are not written");
    else
      s = nqs_response_iterate(r);
    com_progress_update(bar, nqs_response_progress(r), "scan");
  }
  com_progress_destroy(bar);
  return s;
}

static com_status output(const cli_env *env, const args *a, nqs_response *r) {
  com_ctx *c = env->ctx;
  cJSON *data = NULL;
  COM_TRY(nqs_response_dataset(r, &data));
  com_status s = com_result_stamp(c, data);
  if (!s) s = cli_output(env, data, &a->to);
  if (!s) say(env, r);
  com_json_free(data);
  size_t off = 0;
  for (size_t k = 0; k < nqs_response_n(r); k++) off += nqs_response_points(r)[k].off ? 1 : 0;
  if (!s && off)
    s = COM_FAIL(c, COM_E_NEGATIVE,
                 "%zu of %zu states did not converge; see the warnings before using the dataset", off,
                 nqs_response_n(r));
  return s;
}

static com_status run(cli_env *env) {
  com_ctx *c = env->ctx;
  cJSON *j = NULL;
  nqs_response *r = NULL;
  COM_TRY(cli_io_load(env, env->files[0], &j));
  com_status s = nqs_response_create(c, env->files[0], j, &r);
  com_json_free(j);
  if (!s) s = scan(env, r);
  if (!s) s = output(env, env->args, r);
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
