/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "cli/io.h"
#include "cli/nqsfile.h"
#include "cli/output.h"
#include "cli/registry.h"
#include "cli/shapes.h"
#include "common/progress.h"
#include "common/result.h"
#include "common/table.h"
#include "nqs/evolve.h"
#include "nqs/figures.h"

typedef struct args {
  cli_output_files to;
} args;

static const cli_opt opts[] = {
    {0, "time", "T", "end of the evolution", CLI_REAL, 0, "evolve.time", NULL},
    {0, "points", "N", "outputs after the start", CLI_INT, 0, "evolve.points", NULL},
    {0, "imaginary", NULL, "imaginary time", CLI_FLAG, 0, "evolve.imaginary", NULL},
    CLI_OUTPUT_OPTS(args, to, "the observables against time, with the exact ones"),
    {0}};

/* ---- run ---- */

static com_status loop(const cli_env *env, nqs_evolve *e) {
  com_progress *bar = NULL;
  com_status status = com_progress_create(env->ctx, "evolve", &bar);
  while (!status && !nqs_evolve_done(e)) {
    status = nqs_evolve_step(e);
    const nqs_tdvp_point *p = nqs_evolve_point(e);
    com_progress_update(bar, nqs_evolve_fraction(e), "t = %.4g  energy %.8g  residual %.2g", p->time,
                        p->energy.mean, p->residual);
  }
  com_progress_destroy(bar);
  return status;
}

static com_status words(const cli_env *env, const cJSON *doc, char **out) {
  const cJSON *r = com_json_get(doc, "result"), *last = com_json_get(r, "final");
  com_table *table = NULL;
  com_text t = {0};
  COM_TRY(com_table_read(env->ctx, "evolution", r, NULL, &table));
  const size_t e = com_table_find(table, "energy"), n = com_table_rows(table);
  const double *err = e < com_table_cols(table) ? com_table_errors(table, e) : NULL;
  com_text_printf(&t, "t = %.6g: energy %.9g +- %.2g, residual r^2 %.3g, %.0f collections\n",
                  com_json_num(com_json_get(last, "t"), NAN), com_json_num(com_json_get(last, "energy"), NAN),
                  err && n ? err[n - 1] : NAN, com_json_num(com_json_get(last, "residual"), NAN),
                  com_json_num(com_json_get(r, "collections"), NAN));
  com_table_destroy(table);
  return com_text_take(env->ctx, &t, out);
}

static com_status report(const cli_env *env, nqs_driver *d, nqs_evolve *e) {
  const args *a = env->args;
  com_ctx *c = env->ctx;
  cJSON *result = NULL, *config = NULL, *doc = NULL;
  com_status status = nqs_evolve_result(e, &result);
  if (!status) status = nqs_driver_config(d, &config);
  if (status) {
    com_json_free(result);
    return status;
  }
  COM_TRY(com_result_wrap(c, "holograd/nqs-evolution/1", config, result, &doc));
  status = cli_output(env, doc, &a->to);
  com_json_free(doc);
  return status;
}

static com_status run(cli_env *env) {
  nqs_driver *d = NULL;
  nqs_evolve *e = NULL;
  com_status status = cli_nqsfile_open(env, env->files[0], &d);
  if (!status) status = cli_nqsfile_loop(env, NULL, d);
  if (!status && nqs_driver_stop(d) == COM_STOP_INTERRUPTED)
    status = COM_FAIL(env->ctx, COM_E_INTERRUPTED,
                      "interrupted while optimising the start; `holograd nqs run` can be resumed, and "
                      "ansatz.file takes its "
                      "result");
  if (!status) status = nqs_evolve_create(env->ctx, env->files[0], d, &e);
  if (!status) status = loop(env, e);
  if (!status || (e && status == COM_E_INTERRUPTED)) { /* what was reached is kept */
    const com_status written = report(env, d, e);
    if (written) status = written;
  }
  nqs_evolve_destroy(e);
  nqs_driver_destroy(d);
  return status;
}

const cli_cmd cli_cmd_nqs_evolve = {
    .name = "nqs evolve",
    .usage = "CONFIG",
    .doc = "real or imaginary time evolution of a neural-network state",
    .text = "Optimises the start as `nqs run` does (iterations 0 with ansatz.file starts from a stored "
            "state), then moves "
            "it under\n"
            "evolve.hamiltonian by the time-dependent variational principle. Every output gives energy, "
            "observables and "
            "the residual\n"
            "r^2 of the projection; small systems get the exact evolution of the same start beside.",
    .examples = "holograd nqs evolve examples/31_nqs_quench/config.json -o quench.json --plot quench.svg",
    .opts = opts,
    .args_size = sizeof(args),
    .min_files = 1,
    .max_files = 1,
    .run = run};

static com_status plot(const cli_env *env, const char *file, const cJSON *j, com_svg **out) {
  return nqs_figures_evolution(env->ctx, file, j, out);
}

const cli_schema cli_cmd_nqs_evolve_schema = {.kind = "nqs-evolution",
                                              .doc = "observables of a boundary state against time",
                                              .plot = plot,
                                              .words = words,
                                              .reads = "nqs evolve",
                                              .shape = cli_shapes_evolution,
                                              .config = "nqs"};
