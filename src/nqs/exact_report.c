/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/exact_report.h"
#include <stdlib.h>
#include "common/result.h"
#include "common/table.h"
#include "nqs/driver.h"

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

static com_status open_model(com_ctx *c, const char *file, const cJSON *j, model *m) {
  const cJSON *inner = com_json_get(j, "config");
  *m = (model){0};
  COM_TRY(com_result_expect(c, file, inner ? inner : j, "nqs"));
  COM_TRY(com_field_read(c, COM_E_CONFIG, nqs_driver_fields, file, "", inner ? inner : j, &m->cfg));
  COM_TRY(nqs_lattice_create(c, &m->cfg.lattice, &m->lattice));
  COM_TRY(nqs_hamiltonian_create(c, &m->cfg.hamiltonian, m->lattice, 0, 0, &m->ham));
  return com_pool_create(c, com_ctx_threads(c), &m->pool);
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

static com_status fill(com_ctx *c, const char *file, const model *m, cJSON *result) {
  double ref;
  const char *source;
  COM_TRY(com_json_add(c, result, "dimension", com_json_real(m->ham->space->dim)));
  const int known = nqs_hamiltonian_reference(m->ham, &m->cfg.hamiltonian, &ref, &source);
  COM_CHECK(c, known || !m->cfg.exact.reference, COM_E_CONFIG,
            "%s: exact.reference: no closed form is known for this model", file);
  if (known) {
    cJSON *r = com_json_object();
    COM_TRY(com_json_add(c, result, "reference", r));
    COM_TRY(com_json_add(c, r, "energy", com_json_real(ref)));
    COM_TRY(com_json_add(c, r, "source", com_json_string(source)));
  }
  if (!m->cfg.exact.reference) return diagonalise(c, m, result);
  COM_TRY(com_json_add(c, result, "energy", com_json_real(ref)));
  COM_TRY(com_json_add(c, result, "per_site", com_json_real(ref / (double)m->lattice->n)));
  return com_json_add(c, result, "method", com_json_string("reference"));
}

com_status nqs_exact_report_run(com_ctx *c, const char *file, const cJSON *j, cJSON **doc) {
  model m;
  cJSON *result = com_json_object(), *config = com_json_object();
  *doc = NULL;
  com_status s = open_model(c, file, j, &m);
  if (!s && (!result || !config)) s = COM_FAIL(c, COM_E_MEM, "out of memory");
  if (!s) s = fill(c, file, &m, result);
  if (!s) s = com_field_write(c, nqs_driver_fields, &m.cfg, config);
  if (!s) {
    s = com_result_wrap(c, "holograd/nqs-result/1", config, result, doc);
    config = result = NULL;
  }
  com_json_free(result);
  com_json_free(config);
  close_model(&m);
  return s;
}
