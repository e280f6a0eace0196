/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include "cli/output.h"
#include "cli/registry.h"
#include "common/table.h"
#include "nqs/evolve_report.h"
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

static com_status run(cli_env *env) {
  return cli_output_made(env, nqs_evolve_report_run, &((const args *)env->args)->to);
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

const cli_schema cli_cmd_nqs_evolve_schema = {
    .kind = "nqs-evolution", .plot = plot, .words = words, .reads = "nqs evolve"};
