/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/output.h"
#include "nqs/exact_report.h"

typedef struct args {
  cli_output_files to;
} args;

static const cli_opt opts[] = {
    {0, "levels", "N", "report the N lowest energies (full spectrum)", CLI_INT, 0, "exact.levels", NULL},
    {0, "temperatures", "T,...", "thermal averages at these temperatures (full spectrum)", CLI_LIST, 0,
     "exact.temperatures", NULL},
    {0, "reference", NULL, "only the closed form or Bethe energy, without diagonalisation", CLI_FLAG, 0,
     "exact.reference", NULL},
    CLI_OUTPUT_OPTS(args, to, "levels and thermal averages"),
    {0}};

static com_status run(cli_env *env) {
  return cli_output_made(env, nqs_exact_report_run, &((const args *)env->args)->to);
}

const cli_cmd cli_cmd_nqs_exact = {
    .name = "nqs exact",
    .usage = "CONFIG",
    .doc = "exact energies of a small model: Lanczos, full spectrum, thermal averages, closed forms",
    .text = "Needs only the lattice and the hamiltonian of an nqs config.  Lanczos works without storing the "
            "matrix, up to about\n"
            "20 spins; the full spectrum up to 4096 configurations.  The energy is the total, in the units "
            "of the hamiltonian.",
    .examples = "holograd nqs exact config.json --set lattice.n=12\n"
                "holograd nqs exact config.json --temperatures 0.1:2:20 --levels 10",
    .opts = opts,
    .args_size = sizeof(args),
    .min_files = 1,
    .max_files = 1,
    .run = run};
