/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include "cli/output.h"
#include "cli/registry.h"
#include "nqs/dbm_report.h"
#include "nqs/figures.h"

typedef struct args {
  cli_output_files to;
} args;

static const cli_opt opts[] = {CLI_OUTPUT_OPTS(args, to, "the correlations"), {0}};

static com_status run(cli_env *env) {
  return cli_output_made(env, nqs_dbm_report_run, &((const args *)env->args)->to);
}

const cli_cmd cli_cmd_nqs_dbm = {
    .name = "nqs dbm",
    .usage = "CONFIG",
    .doc = "exact deep Boltzmann machine of imaginary time, sampled without optimisation",
    .text =
        "Builds the machine of a transverse-field Ising model, or of a Heisenberg antiferromagnet, from the "
        "Trotter product, doubles it\nand samples it.  The result of a small Ising machine (sites x steps up "
        "to "
        "12) is also a file of parameters: give nqs run the\nblock result.ansatz with \"file\" the result.",
    .examples = "holograd nqs dbm examples/51_exact_dbm/dbm.json -o dbm-result.json",
    .opts = opts,
    .args_size = sizeof(args),
    .min_files = 1,
    .max_files = 1,
    .run = run};

static com_status check(const cli_env *env, const char *file, const cJSON *j, com_text *out) {
  nqs_dbm_report_size n;
  COM_TRY(nqs_dbm_report_units(env->ctx, file, j, &n));
  com_text_printf(out, "%s: would sample %zu visible, %zu deep and %zu hidden units.\n", file, n.visible,
                  n.deep, n.hidden);
  return COM_OK;
}

static com_status words(const cli_env *env, const cJSON *j, char **out) {
  const cJSON *r = com_json_get(j, "result"), *e = com_json_get(r, "energy");
  com_text t = {0};
  if (e)
    com_text_printf(&t, "energy %.6f +- %.2g (tau %.1f sweeps); state vector of the same machine %.6f\n",
                    com_json_num(com_json_get(e, "mean"), NAN), com_json_num(com_json_get(e, "error"), NAN),
                    com_json_num(com_json_get(e, "tau"), NAN),
                    com_json_num(com_json_get(r, "trotter_energy"), NAN));
  return com_text_take(env->ctx, &t, out);
}

static com_status plot(const cli_env *env, const char *file, const cJSON *j, com_svg **out) {
  return nqs_figures_dbm(env->ctx, file, j, out);
}

const cli_schema cli_cmd_nqs_dbm_schema = {
    .kind = "nqs-dbm", .check = check, .plot = plot, .words = words, .reads = "nqs dbm"};
