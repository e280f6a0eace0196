/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "cli/io.h"
#include "cli/output.h"
#include "cli/registry.h"
#include "common/checkpoint.h"
#include "nqs/figures.h"
#include "nqs/run.h"

typedef struct args {
  cli_output_files to;
  const char *checkpoint, *resume;
} args;

static const cli_opt opts[] = {
    {0, "iterations", "N", "optimisation steps", CLI_INT, 0, "iterations", NULL},
    {0, "checkpoint", "FILE", "save the complete state here, again and again", CLI_REPLACED,
     offsetof(args, checkpoint), NULL, NULL},
    {0, "resume", "FILE", "go on from this checkpoint, bit for bit", CLI_INPUT, offsetof(args, resume), NULL,
     NULL},
    CLI_OUTPUT_OPTS(args, to, "the energy against the iteration, with the exact line"),
    {0}};

/* ---- run ---- */

static com_status words(const cli_env *env, const cJSON *doc, char **out) {
  const cJSON *r = com_json_get(doc, "result"), *e = com_json_get(r, "energy"), *x = com_json_get(r, "exact");
  com_text t = {0};
  if (com_json_is_object(e))
    com_text_printf(
        &t, "energy %.9g +- %.2g (per site %.9g), variance %.3g, tau %.2f sweeps, split R-hat %.3f\n",
        com_json_num(com_json_get(e, "mean"), NAN), com_json_num(com_json_get(e, "error"), NAN),
        com_json_num(com_json_get(e, "per_site"), NAN), com_json_num(com_json_get(e, "variance"), NAN),
        com_json_num(com_json_get(e, "tau"), NAN), com_json_num(com_json_get(e, "rhat"), NAN));
  else if (com_json_is_number(e)) /* nqs exact */
    com_text_printf(&t, "exact energy %.12g (per site %.12g) by %s\n", com_json_num(e, NAN),
                    com_json_num(com_json_get(r, "per_site"), NAN),
                    com_json_str(com_json_get(r, "method"), "?"));
  const double off = com_json_num(com_json_get(x, "relative_error"), NAN);
  if (x)
    com_text_printf(&t, "exact  %.9g (%s)", com_json_num(com_json_get(x, "energy"), NAN),
                    com_json_str(com_json_get(x, "source"), ""));
  if (isfinite(off)) com_text_printf(&t, ", relative error %.3g", off); /* there is none of an energy of 0 */
  if (x) com_text_add(&t, "\n");
  return com_text_take(env->ctx, &t, out);
}

/* Nothing is lost: `state` is that before the measurement, which is then repeated from the same random numbers. */
static com_status interrupted(const cli_env *env, const args *a, const cJSON *state) {
  com_ctx *c = env->ctx;
  const char *o = env->common->output;
  char path[4096];
  if (a->checkpoint)
    snprintf(path, sizeof path, "%s", a->checkpoint);
  else
    snprintf(path, sizeof path, "%s.checkpoint", o && strcmp(o, "-") != 0 ? o : "holograd-nqs");
  COM_TRY(com_checkpoint_save(c, path, "nqs", state));
  return COM_FAIL(c, COM_E_INTERRUPTED, "interrupted; go on with --resume %s", path);
}

static com_status report(const cli_env *env, const args *a, nqs_driver *d) {
  cJSON *doc = NULL;
  COM_TRY(nqs_run_document(env->ctx, d, &doc));
  const com_status status = cli_output(env, doc, &a->to);
  com_json_free(doc);
  return status;
}

static com_status run(cli_env *env) {
  const args *a = env->args;
  nqs_driver *d = NULL;
  cJSON *j = NULL, *state = NULL;
  COM_TRY(cli_io_load(env, env->files[0], &j));
  com_status status = nqs_run_open(env->ctx, env->files[0], j, &d);
  com_json_free(j);
  if (!status && a->resume) status = nqs_run_resume(env->ctx, a->resume, d);
  if (!status) status = nqs_run_loop(env->ctx, a->checkpoint, d);
  if (!status) status = nqs_driver_checkpoint(d, &state);
  if (!status && nqs_driver_stop(d) == COM_STOP_INTERRUPTED) status = COM_E_INTERRUPTED;
  if (!status) status = nqs_driver_measure(d);
  if (!status) status = report(env, a, d);
  if (state && status == COM_E_INTERRUPTED) status = interrupted(env, a, state);
  com_json_free(state);
  nqs_driver_destroy(d);
  return status;
}

const cli_cmd cli_cmd_nqs_run = {
    .name = "nqs run",
    .usage = "CONFIG",
    .doc = "ground state of a spin or boson model by variational Monte Carlo",
    .text = "Optimises a neural-network wave function, freezes it, and measures energy and observables from "
            "fresh samples.\n\n"
            "Every mean comes with an error that knows about autocorrelation, and with the split R-hat of "
            "the chains. Where an\n"
            "exact energy is known or cheap it is given beside.",
    .examples = "holograd nqs run examples/30_nqs_ground/config.json -o result.json --plot energy.svg\n"
                "holograd nqs run config.json --set ansatz.alpha=2 --iterations 400 -o result.json",
    .opts = opts,
    .args_size = sizeof(args),
    .min_files = 1,
    .max_files = 1,
    .run = run};

/* ---- introspection ---- */

/* The second iteration is timed: the first makes the work space and lets the chains come to rest.  Where it has taken long already, that
 * matters little, and nobody wants to wait as long again. */
static com_status time_iteration(com_ctx *c, nqs_driver *d, int iterations, double *seconds) {
  enum { LONG = 2 };
  *seconds = 0;
  for (int k = 0; k < 2 && k < iterations && *seconds < LONG; k++) {
    const double start = com_ctx_elapsed(c);
    COM_TRY(nqs_driver_iterate(d));
    *seconds = com_ctx_elapsed(c) - start;
  }
  return COM_OK;
}

static com_status check(const cli_env *env, const char *name, const cJSON *j, com_text *out) {
  nqs_driver *d = NULL;
  COM_TRY(nqs_run_open(env->ctx, name, j, &d));
  const nqs_config *o = nqs_driver_options(d);
  com_text_printf(
      out,
      "%s: would optimise %zu %s parameters (ansatz %s) for %d iterations of hamiltonian %s on %zu sites "
      "(%.4g configurations), sampler %s, optimizer %s, seed %llu.\n",
      name, nqs_driver_ansatz(d)->n_params, nqs_driver_ansatz(d)->scalar == NQS_HOLO ? "complex" : "real",
      o->ansatz.type->name, o->iterations, o->hamiltonian.type->name, nqs_driver_lattice(d)->n,
      nqs_driver_hamiltonian(d)->space->dim, o->sampler.type->name, o->optimizer.type->name,
      (unsigned long long)com_ctx_seed(env->ctx));
  double once = 0;
  com_status status = time_iteration(env->ctx, d, o->iterations, &once);
  const size_t values = com_json_size(com_json_get(o->response, "values"));
  if (!status)
    com_text_printf(out, "It may take about %s on an idle machine: one iteration was timed.\n",
                    com_text_time(once * (o->iterations + 50), (char[COM_TEXT_TIME]){0}));
  if (!status && values)
    com_text_printf(out, "nqs response would do so for each of its %zu values: about %s.\n", values,
                    com_text_time(once * (o->iterations + 50) * (double)values, (char[COM_TEXT_TIME]){0}));
  nqs_driver_destroy(d);
  return status;
}

/* An energy that is a number is that of nqs exact. */
static const char *again(const cJSON *j) {
  return com_json_is_number(com_json_get(com_json_get(j, "result"), "energy")) ? "nqs exact" : "nqs run";
}

static com_status plot(const cli_env *env, const char *file, const cJSON *j, com_svg **out) {
  return nqs_figures_state(env->ctx, file, j, out);
}

/* A config is for the command whose block it has. */
static const char *of_config(const cJSON *j) {
  return com_json_get(j, "response") ? "nqs response" : com_json_get(j, "evolve") ? "nqs evolve" : "nqs run";
}

const cli_schema cli_cmd_nqs_run_schema = {
    .kind = "nqs", .check = check, .again = of_config, .reads = "nqs run"};
const cli_schema cli_cmd_nqs_run_result_schema = {
    .kind = "nqs-result", .check = check, .plot = plot, .words = words, .again = again, .reads = "nqs run"};
