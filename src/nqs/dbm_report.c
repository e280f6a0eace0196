/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/dbm_report.h"
#include <math.h>
#include <stdlib.h>
#include "common/configured.h"
#include "nqs/dbm_exact_sample.h"
#include "nqs/dbm_heisenberg.h"

enum { TFIM, HEISENBERG, GIBBS = 0 };
static const char *const models[] = {"tfim", "heisenberg", NULL};
static const char *const updates[] = {"gibbs", "cluster", NULL};

typedef struct config {
  char *schema;
  com_seed seed;
  com_choice lattice;
  double J, h, hz, dt;
  int model, steps, order, update, chains, sweeps, discard;
} config;

#define AT(m) offsetof(config, m)
const com_field nqs_dbm_report_fields[] = {
    {"schema", "holograd/nqs-dbm/1", NULL, COM_F_STRING, AT(schema), 0, 0, 0, NULL, NULL, 0},
    {"seed", "root of all random streams", NULL, COM_F_SEED, AT(seed), 0, 0, 0, NULL, NULL, 0},
    {"lattice", "sites and bonds", NULL, COM_F_COMPONENT, AT(lattice), 0, 0, 0, &nqs_lattice_kind, NULL,
     COM_FF_REQUIRED},
    {"model",
     "tfim: H = -J sum ZZ - h sum X - hz sum Z; heisenberg: H = J sum (XX + YY + ZZ), J > 0, bipartite "
     "lattice",
     NULL, COM_F_ENUM, AT(model), 0, 0, 0, models, "tfim", 0},
    {"J", "coupling of the bonds", "1", COM_F_REAL, AT(J), 1, 0, 0, NULL, NULL, 0},
    {"h", "transverse field (tfim)", "1", COM_F_REAL, AT(h), 1, 0, 1e6, NULL, NULL, COM_FF_LO_OPEN},
    {"hz", "longitudinal field (tfim)", "1", COM_F_REAL, AT(hz), 0, 0, 0, NULL, NULL, 0},
    {"dt", "Trotter step", "1", COM_F_REAL, AT(dt), 0.1, 0, 100, NULL, NULL, COM_FF_LO_OPEN},
    {"steps", "Trotter steps, layers of deep units", NULL, COM_F_INT, AT(steps), 50, 1, 1e5, NULL, NULL, 0},
    {"order", "order of the Trotter product (tfim; heisenberg is of order 2)", NULL, COM_F_INT, AT(order), 2,
     1, 2, NULL, NULL, 0},
    {"update", "gibbs (hidden against spins; tfim) or cluster", NULL, COM_F_ENUM, AT(update), 0, 0, 0,
     updates, "cluster", 0},
    {"chains", "independent chains", NULL, COM_F_INT, AT(chains), 4, 1, 1000, NULL, NULL, 0},
    {"sweeps", "sweeps recorded per chain", NULL, COM_F_INT, AT(sweeps), 8000, 8, 1e8, NULL, NULL, 0},
    {"discard", "sweeps thrown away per chain", NULL, COM_F_INT, AT(discard), 800, 0, 1e8, NULL, NULL, 0},
    {0}};
#undef AT

/* One of the two. */
typedef struct machine {
  nqs_dbm_exact *ising;
  nqs_dbm_heisenberg *spins;
  size_t n, deep, hidden;
} machine;

static void machine_finish(machine *m) {
  nqs_dbm_exact_destroy(m->ising);
  nqs_dbm_heisenberg_destroy(m->spins);
}

static com_status machine_create(com_ctx *c, const config *cfg, machine *m) {
  enum { PER_FACTOR = 4 };
  const nqs_dbm_exact_model o = {cfg->J, cfg->h, cfg->hz, cfg->dt, (size_t)cfg->steps, cfg->order};
  nqs_lattice *l = NULL;
  *m = (machine){0};
  COM_TRY(nqs_lattice_create(c, &cfg->lattice, &l));
  const com_status s = cfg->model == TFIM
                           ? nqs_dbm_exact_create(c, l, &o, &m->ising)
                           : nqs_dbm_heisenberg_create(c, l, cfg->J, cfg->dt, o.n_steps, &m->spins);
  m->n = l->n;
  nqs_lattice_destroy(l);
  COM_TRY(s);
  m->deep = m->ising ? m->n * o.n_steps : m->spins->n_spins - m->n;
  m->hidden = m->ising ? m->ising->n_hidden : PER_FACTOR * m->spins->n_factors + m->spins->n_dimers;
  return COM_OK;
}

static com_status add_vector(com_ctx *c, const machine *m, cJSON *result) {
  enum { SITES = 14 }; /* above this the state vector takes longer than the sampling */
  if (m->n > SITES) return COM_OK;
  double e, *psi = malloc(sizeof *psi << m->n);
  COM_ALLOC(c, psi);
  com_status s =
      m->ising ? nqs_dbm_exact_trotter(c, m->ising, psi) : nqs_dbm_heisenberg_trotter(c, m->spins, psi);
  if (!s && m->ising) s = nqs_dbm_exact_energy(c, m->ising, psi, &e);
  if (!s && m->spins) s = nqs_dbm_heisenberg_energy(c, m->spins, psi, &e);
  free(psi);
  return s ? s : com_json_add(c, result, "trotter_energy", com_json_real(e));
}

/* The machine as an ansatz block and its parameters, so that the result serves as "ansatz": {..., "file": RESULT}. */
static com_status add_ansatz(com_ctx *c, const nqs_dbm_exact *d, cJSON *result) {
  enum { SUMMED = 12 }; /* the most deep units that the ansatz sums */
  size_t alpha, deep, n;
  double *w = NULL;
  if (d->n * d->m.n_steps > SUMMED) return COM_OK;
  COM_TRY(nqs_dbm_exact_ansatz(c, d, &alpha, &deep, &n, &w));
  cJSON *block = com_json_object(), *p = com_json_object();
  com_status s = com_json_add(c, p, "w", com_json_reals(w, n));
  free(w);
  if (!s) s = com_json_add(c, block, "type", com_json_string("dbm"));
  if (!s) s = com_json_add(c, block, "alpha", com_json_int((long long)alpha));
  if (!s) s = com_json_add(c, block, "deep", com_json_int((long long)deep));
  if (!s) s = com_json_add(c, block, "weights", com_json_string("real"));
  if (s) {
    com_json_free(block);
    com_json_free(p);
    return s;
  }
  s = com_json_add(c, result, "ansatz", block);
  if (s) {
    com_json_free(p);
    return s;
  }
  return com_json_add(c, result, "parameters", p);
}

static com_status fill(com_ctx *c, const machine *d, const nqs_dbm_exact_sample_result *r, cJSON *result) {
  cJSON *e = NULL, *corr = com_json_array();
  com_status s = corr ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  for (size_t k = 0; k < d->n && !s; k++)
    s = com_json_push(c, corr,
                      com_json_reals((const double[]){r->correlation[k].mean, r->correlation[k].error}, 2));
  if (s) {
    com_json_free(corr);
    return s;
  }
  COM_TRY(com_json_add(c, result, "correlation", corr));
  COM_TRY(nqs_estimate_json(c, &r->energy, d->n, NAN, &e));
  COM_TRY(com_json_add(c, result, "energy", e));
  COM_TRY(nqs_estimate_json(c, &r->z, 1, NAN, &e));
  COM_TRY(com_json_add(c, result, "magnetisation", e));
  COM_TRY(com_json_add(c, result, "hidden", com_json_int((long long)d->hidden)));
  COM_TRY(com_json_add(c, result, "deep", com_json_int((long long)d->deep)));
  COM_TRY(add_vector(c, d, result));
  return d->ising ? add_ansatz(c, d->ising, result) : COM_OK;
}

static com_status valid(com_ctx *c, const char *file, const void *given) {
  const config *cfg = given;
  COM_CHECK(
      c, cfg->model == TFIM || (cfg->hz == 0 && cfg->update != GIBBS), COM_E_CONFIG,
      "%s: model = heisenberg: takes no hz and no update gibbs (its hidden units are imaginary); remove them",
      file);
  return COM_OK;
}

static com_status compute(com_ctx *c, const void *given, cJSON *result) {
  const config *cfg = given;
  const nqs_dbm_exact_sample_opts o = {(size_t)cfg->chains, (size_t)cfg->sweeps, (size_t)cfg->discard,
                                       cfg->update};
  machine m;
  nqs_dbm_exact_sample_result r = {0};
  com_status s = machine_create(c, cfg, &m);
  if (!s && m.ising) s = nqs_dbm_exact_sample_run(c, m.ising, &o, &r);
  if (!s && m.spins) s = nqs_dbm_heisenberg_sample(c, m.spins, &o, &r);
  if (!s) s = fill(c, &m, &r, result);
  free(r.correlation);
  machine_finish(&m);
  return s;
}

static const com_configured spec = {.schema = "holograd/nqs-dbm/1",
                                    .fields = nqs_dbm_report_fields,
                                    .seed = offsetof(config, seed),
                                    .valid = valid,
                                    .fill = compute};

com_status nqs_dbm_report_run(com_ctx *c, const char *file, const cJSON *j, cJSON **doc) {
  return com_configured_run(c, &spec, file, j, doc);
}

com_status nqs_dbm_report_units(com_ctx *c, const char *file, const cJSON *j, nqs_dbm_report_size *out) {
  config cfg;
  machine m;
  COM_TRY(com_configured_read(c, &spec, file, j, &cfg));
  const com_status s = machine_create(c, &cfg, &m);
  *out = (nqs_dbm_report_size){m.n, m.deep, m.hidden};
  machine_finish(&m);
  com_field_finish(nqs_dbm_report_fields, &cfg);
  return s;
}
