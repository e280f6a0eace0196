/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cli/io.h"
#include "cli/nqsfile.h"
#include "cli/output.h"
#include "common/result.h"
#include "common/table.h"

typedef struct args {
  cli_output_files to;
  int reference;
} args;

static const cli_opt opts[] = {
    {0, "levels", "N", "report the N lowest energies (full spectrum)", CLI_INT, 0, "exact.levels", NULL},
    {0, "temperatures", "T,...", "thermal averages at these temperatures (full spectrum)", CLI_LIST, 0,
     "exact.temperatures", NULL},
    {0, "reference", NULL, "only the closed form or Bethe energy, without diagonalisation", CLI_FLAG,
     offsetof(args, reference), NULL, NULL},
    CLI_OUTPUT_OPTS(args, to, "levels and thermal averages"),
    {0}};

/* Lattice and Hamiltonian of a config, without the rest. */
typedef struct model {
  nqs_config cfg;
  nqs_lattice *lattice;
  nqs_hamiltonian *ham;
  com_pool *pool;
} model;

static void close_model(model *m) {
  com_pool_destroy(m->pool);
  nqs_hamiltonian_destroy(m->ham);
  nqs_lattice_destroy(m->lattice);
  com_field_finish(nqs_driver_fields, &m->cfg);
}

static com_status open_model(const cli_env *env, model *m) {
  com_ctx *c = env->ctx;
  cJSON *j = NULL;
  *m = (model){0};
  COM_TRY(cli_io_load(env, env->files[0], &j));
  const cJSON *inner = com_json_get(j, "config");
  com_status s = com_result_expect(c, env->files[0], inner ? inner : j, "nqs");
  if (!s)
    s = com_field_read(c, COM_E_CONFIG, nqs_driver_fields, env->files[0], "", inner ? inner : j, &m->cfg);
  com_json_free(j);
  if (!s) s = nqs_lattice_create(c, &m->cfg.lattice, &m->lattice);
  if (!s) s = nqs_hamiltonian_create(c, &m->cfg.hamiltonian, m->lattice, 0, 0, &m->ham);
  if (!s) s = com_pool_create(c, com_ctx_threads(c), &m->pool);
  return s;
}

static com_status add_thermal(com_ctx *c, const model *m, size_t n, const double *w, cJSON *result) {
  const com_reals *T = &m->cfg.exact.temperatures;
  static const char *const names[] = {"energy", "heat_capacity", "entropy", "free_energy"};
  com_table *t = NULL;
  double *v = malloc((4 * T->n + 1) * sizeof *v);
  com_status s = v ? com_table_create(c, &t) : COM_FAIL(c, COM_E_MEM, "out of memory");
  for (size_t k = 0; k < T->n && !s; k++) {
    nqs_exact_thermal a;
    nqs_exact_average(n, w, T->v[k], &a);
    v[k] = a.energy, v[T->n + k] = a.heat, v[2 * T->n + k] = a.entropy, v[3 * T->n + k] = a.free;
  }
  if (!s) s = com_table_add(c, t, "temperature", "1", "T", T->n, T->v, NULL);
  for (size_t k = 0; k < 4 && !s; k++) s = com_table_add(c, t, names[k], "1", NULL, T->n, v + k * T->n, NULL);
  if (!s) s = com_json_add(c, result, "thermal", com_table_json(t));
  com_table_destroy(t);
  free(v);
  return s;
}

/* The full spectrum when it is asked for, Lanczos otherwise. */
static com_status diagonalise(com_ctx *c, const model *m, cJSON *result) {
  const nqs_exact_opts *o = &m->cfg.exact;
  double energy = 0, *w = NULL;
  int steps = 0;
  const size_t n = (size_t)m->ham->space->dim;
  const int full = o->levels > 0 || o->temperatures.n > 0;
  com_status s = full ? nqs_exact_spectrum(c, m->ham, &w, NULL)
                      : nqs_exact_ground(c, m->ham, m->pool, o->tol, &energy, NULL, &steps);
  if (s) return s;
  if (full) energy = w[0];
  s = com_json_add(c, result, "energy", com_json_real(energy));
  if (!s) s = com_json_add(c, result, "per_site", com_json_real(energy / (double)m->lattice->n));
  if (!s) s = com_json_add(c, result, "method", com_json_string(full ? "dense" : "lanczos"));
  if (!s && !full) s = com_json_add(c, result, "iterations", com_json_int(steps));
  const size_t levels = (size_t)o->levels < n ? (size_t)o->levels : n;
  if (!s && levels) s = com_json_add(c, result, "spectrum", com_json_reals(w, levels));
  if (!s && o->temperatures.n) s = add_thermal(c, m, n, w, result);
  free(w);
  return s;
}

static com_status fill(com_ctx *c, const args *a, const model *m, cJSON *result) {
  double ref;
  const char *source;
  COM_TRY(com_json_add(c, result, "dimension", com_json_real(m->ham->space->dim)));
  const int known = nqs_hamiltonian_reference(m->ham, &m->cfg.hamiltonian, &ref, &source);
  COM_CHECK(c, known || !a->reference, COM_E_CONFIG,
            "nqs exact --reference: no closed form is known for this model");
  if (known) {
    cJSON *r = com_json_object();
    COM_TRY(com_json_add(c, result, "reference", r));
    COM_TRY(com_json_add(c, r, "energy", com_json_real(ref)));
    COM_TRY(com_json_add(c, r, "source", com_json_string(source)));
  }
  if (!a->reference) return diagonalise(c, m, result);
  COM_TRY(com_json_add(c, result, "energy", com_json_real(ref)));
  COM_TRY(com_json_add(c, result, "per_site", com_json_real(ref / (double)m->lattice->n)));
  return com_json_add(c, result, "method", com_json_string("reference"));
}

static com_status run(cli_env *env) {
  com_ctx *c = env->ctx;
  model m;
  cJSON *result = com_json_object(), *config = com_json_object(), *doc = NULL;
  com_status s = open_model(env, &m);
  if (!s && (!result || !config)) s = COM_FAIL(c, COM_E_MEM, "out of memory");
  if (!s) s = fill(c, env->args, &m, result);
  if (!s) s = com_field_write(c, nqs_driver_fields, &m.cfg, config);
  if (!s) {
    s = com_result_wrap(c, "holograd/nqs-result/1", config, result, &doc);
    config = result = NULL;
  }
  if (!s) s = cli_output(env, doc, &((const args *)env->args)->to);
  com_json_free(doc);
  com_json_free(result);
  com_json_free(config);
  close_model(&m);
  return s;
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
