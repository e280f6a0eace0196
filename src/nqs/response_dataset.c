/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "common/result.h"
#include "common/table.h"
#include "nqs/response_state.h"

/* Covariance sigma_i rho_ij sigma_j, rho from the stretches that all points share. */
static com_status add_covariance(nqs_response *r, cJSON *response) {
  com_ctx *c = r->ctx;
  const size_t n = r->o.values.n;
  size_t bins = r->bins[0].n;
  for (size_t k = 1; k < n; k++) bins = r->bins[k].n < bins ? r->bins[k].n : bins;
  double *row = malloc(n * sizeof *row), *mean = calloc(n, sizeof *mean), *norm = calloc(n, sizeof *norm);
  cJSON *matrix = com_json_array();
  com_status s = row && mean && norm && matrix ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  if (!s && bins < 4 * n)
    s = COM_FAIL(c, COM_E_CONFIG, "response.shared: %zu stretches of the chains are too few for %zu points",
                 bins, n);
  for (size_t i = 0; i < n && !s; i++) {
    const double *x = r->bins[i].mean;
    for (size_t b = 0; b < bins; b++) mean[i] += x[b] / (double)bins;
    for (size_t b = 0; b < bins; b++) norm[i] += (x[b] - mean[i]) * (x[b] - mean[i]);
  }
  for (size_t i = 0; i < n && !s; i++) {
    for (size_t k = 0; k < n; k++) {
      double sum = 0;
      for (size_t b = 0; b < bins; b++)
        sum += (r->bins[i].mean[b] - mean[i]) * (r->bins[k].mean[b] - mean[k]);
      const double stat_i = r->points[i].error, stat_k = r->points[k].error;
      row[k] = i == k ? stat_i * stat_i : sum / sqrt(norm[i] * norm[k]) * stat_i * stat_k;
    }
    s = com_json_push(c, matrix, com_json_reals(row, n));
  }
  if (!s) {
    s = com_json_add(c, response, "covariance", matrix);
    matrix = NULL;
  }
  com_json_free(matrix);
  free(row);
  free(mean);
  free(norm);
  return s;
}

static com_status add_columns(nqs_response *r, cJSON *out) {
  com_ctx *c = r->ctx;
  const size_t n = r->o.values.n;
  cJSON *source = com_json_object(), *response = com_json_object();
  double *v = malloc(2 * n * sizeof *v);
  char name[80];
  com_status status = v && source && response ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  if (status) goto done;
  for (size_t k = 0; k < n; k++) v[k] = r->points[k].mean, v[n + k] = r->points[k].error;
  snprintf(name, sizeof name, "h_%s", r->source_name);
  COM_GOTO(done, com_json_add(c, source, "name", com_json_string(name)));
  COM_GOTO(done, com_json_add(c, source, "unit", com_json_string("1")));
  COM_GOTO(done, com_json_add(c, source, "values", com_json_reals(r->o.values.v, n)));
  snprintf(name, sizeof name, "<%s>", r->observable_name);
  COM_GOTO(done, com_json_add(c, response, "name", com_json_string(name)));
  COM_GOTO(done, com_json_add(c, response, "unit", com_json_string("1")));
  COM_GOTO(done, com_json_add(c, response, "values", com_json_reals(v, n)));
  if (r->o.shared && r->o.method == NQS_RESPONSE_VMC)
    COM_GOTO(done, add_covariance(r, response));
  else
    COM_GOTO(done, com_json_add(c, response, "errors", com_json_reals(v + n, n)));
  status = com_json_add(c, out, "source", source);
  source = NULL;
  if (!status) status = com_json_add(c, out, "response", response);
  response = NULL;
done:
  com_json_free(source);
  com_json_free(response);
  free(v);
  return status;
}

static com_status scan_table(const nqs_response *r, cJSON **out) {
  com_ctx *c = r->ctx;
  const size_t n = r->o.values.n;
  static const char *const names[] = {"value", "mean",   "error",        "sampling_error", "drift",
                                      "exact", "energy", "energy_error", "variance",       "exact_energy",
                                      "tau",   "rhat",   "samples",      "iterations"};
  enum { COLUMNS = sizeof names / sizeof *names };
  com_table *t = NULL;
  double *v = malloc(n * sizeof *v);
  com_status s = v ? com_table_create(c, &t) : COM_FAIL(c, COM_E_MEM, "out of memory");
  for (size_t k = 0; k < COLUMNS && !s; k++) {
    for (size_t i = 0; i < n; i++) {
      const nqs_response_point *p = r->points + i;
      const double all[COLUMNS] = {p->value,
                                   p->mean,
                                   p->error,
                                   p->stat,
                                   p->drift,
                                   p->exact,
                                   p->energy,
                                   p->energy_error,
                                   p->variance,
                                   p->exact_energy,
                                   p->tau,
                                   p->rhat,
                                   (double)p->samples,
                                   (double)p->iterations};
      v[i] = all[k];
    }
    s = com_table_add(c, t, names[k], "1", NULL, n, v, NULL);
  }
  if (!s && !(*out = com_table_json(t))) s = COM_FAIL(c, COM_E_MEM, "out of memory");
  com_table_destroy(t);
  free(v);
  return s;
}

static void describe(const nqs_response *r, char *note, size_t size) {
  const int used = snprintf(note, size, "H - h sum of %s on %zu sites; %s per site from ", r->source_name,
                            r->lattice->n, r->observable_name);
  if (r->o.method == NQS_RESPONSE_VMC)
    snprintf(
        note + used, size - (size_t)used,
        "a variational neural-network state; an error holds the sampling error, the drift over imaginary "
        "time %g, and %g",
        r->o.relax, r->o.floor);
  else
    snprintf(note + used, size - (size_t)used,
             "exact diagonalisation (%s state); the errors are assigned, not measured",
             isnan(r->o.temperature) ? "ground" : "thermal");
}

static com_status add_provenance(nqs_response *r, cJSON *out) {
  com_ctx *c = r->ctx;
  char note[400];
  cJSON *p = com_json_object(), *scan = NULL, *config = NULL;
  com_status status = p ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  if (status) return status;
  describe(r, note, sizeof note);
  COM_GOTO(done, com_json_add(c, p, "note", com_json_string(note)));
  COM_GOTO(done, scan_table(r, &scan));
  COM_GOTO(done, com_json_add(c, p, "scan", scan));
  COM_ALLOC(c, config = com_json_object());
  COM_GOTO(done, com_field_write(c, nqs_driver_fields, &r->cfg, config));
  COM_GOTO(done, com_json_add(c, config, "seed", com_json_int((long long)com_ctx_seed(c))));
  status = com_json_add(c, p, "config", config);
  config = NULL;
  if (status) goto done;
  status = com_json_add(c, out, "provenance", p);
  p = NULL;
done:
  com_json_free(config);
  com_json_free(p);
  return status;
}

com_status nqs_response_dataset(nqs_response *r, cJSON **out) {
  com_ctx *c = r->ctx;
  char title[160];
  COM_CHECK(c, nqs_response_done(r), COM_E_NUM, "response: the scan is not finished");
  cJSON *d = com_json_object();
  com_status status = d ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  if (status) goto done;
  snprintf(title, sizeof title, "<%s> per site of %s on %zu sites in a field of %s", r->observable_name,
           r->cfg.hamiltonian.type->name, r->lattice->n, r->source_name);
  COM_GOTO(done, com_json_add(c, d, "schema", com_json_string("holograd/dataset/1")));
  COM_GOTO(done, com_json_add(c, d, "name", com_json_string(r->o.name)));
  COM_GOTO(done, com_json_add(c, d, "title", com_json_string(title)));
  COM_GOTO(done, com_json_add(c, d, "kind", com_json_string("response")));
  COM_GOTO(done, add_columns(r, d));
  COM_GOTO(done, add_provenance(r, d));
  *out = d, d = NULL;
done:
  com_json_free(d);
  return status;
}
