/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/figures.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/table.h"

enum { GREY = -1, BLACK = -2 };

static double num(const cJSON *j, const char *key) { return com_json_num(com_json_get(j, key), NAN); }

static com_status add(com_ctx *c, com_svg *s, com_mark mark, int color, const char *legend, size_t n,
                      const double *x, const double *y, const double *err) {
  return com_svg_add(
      c, s,
      &(com_svg_series){.mark = mark, .color = color, .legend = legend, .n = n, .x = x, .y = y, .err = err});
}

/* A horizontal line with a legend, over the range of x. */
static com_status add_level(com_ctx *c, com_svg *s, const char *legend, size_t n, const double *x, double y) {
  if (!n || !isfinite(y)) return COM_OK;
  return add(c, s, COM_MARK_DASHED, BLACK, legend, 2, (double[]){x[0], x[n - 1]}, (double[]){y, y}, NULL);
}

/* ---- nqs run ---- */

/* The history of an optimisation, per site. */
typedef struct history {
  com_table *t;
  size_t n;
  const double *iteration, *energy, *error, *variance; /* columns of t */
  double sites, exact;
  double *work; /* [2][n] */
} history;

static void history_finish(history *h) {
  com_table_destroy(h->t);
  free(h->work);
}

static com_status history_read(com_ctx *c, const char *file, const cJSON *result, history *h) {
  const cJSON *energy = com_json_get(result, "energy");
  *h = (history){.exact = num(com_json_get(result, "exact"), "energy")};
  COM_TRY(com_table_read(c, file, com_json_get(result, "history"), "iteration energy error variance", &h->t));
  h->n = com_table_rows(h->t);
  h->iteration = com_table_column(h->t, "iteration");
  h->energy = com_table_column(h->t, "energy");
  h->error = com_table_column(h->t, "error");
  h->variance = com_table_column(h->t, "variance");
  h->sites = num(energy, "mean") / num(energy, "per_site");
  if (!(h->sites >= 1)) h->sites = 1;
  COM_ALLOC(c, h->work = malloc((2 * h->n + 1) * sizeof *h->work));
  return COM_OK;
}

static com_status panel_energy(com_ctx *c, com_svg *s, const history *h) {
  double *y = h->work, *err = h->work + h->n;
  for (size_t k = 0; k < h->n; k++) y[k] = h->energy[k] / h->sites, err[k] = h->error[k] / h->sites;
  COM_TRY(com_svg_panel(
      c, s, 0, 0, &(com_svg_axes){.title = "Energy", .xlabel = "iteration", .ylabel = "energy per site"}));
  COM_TRY(add(c, s, COM_MARK_POINTS, 0, "variational", h->n, h->iteration, y, err));
  return add_level(c, s, "exact", h->n, h->iteration, h->exact / h->sites);
}

/* Means below the exact energy can only be noise: they are shown as such. */
static com_status panel_distance(com_ctx *c, com_svg *s, const history *h) {
  double *above = h->work, *below = h->work + h->n;
  int some = 0;
  for (size_t k = 0; k < h->n; k++) {
    const double d = (h->energy[k] - h->exact) / fabs(h->exact);
    above[k] = d > 0 ? d : NAN;
    below[k] = d < 0 ? -d : NAN;
    some |= d < 0;
  }
  COM_TRY(com_svg_panel(c, s, 0, 1,
                        &(com_svg_axes){.title = "Distance from the exact energy",
                                        .xlabel = "iteration",
                                        .ylabel = "|E \xe2\x88\x92 E_{exact}| / |E_{exact}|",
                                        .ylog = 1}));
  COM_TRY(add(c, s, COM_MARK_POINTS, 0, some ? "above" : NULL, h->n, h->iteration, above, NULL));
  return some ? add(c, s, COM_MARK_RINGS, 1, "below: noise", h->n, h->iteration, below, NULL) : COM_OK;
}

static com_status panel_variance(com_ctx *c, com_svg *s, const history *h) {
  for (size_t k = 0; k < h->n; k++) h->work[k] = h->variance[k] > 0 ? h->variance[k] / h->sites : NAN;
  COM_TRY(com_svg_panel(c, s, 0, 1,
                        &(com_svg_axes){.title = "Variance of the local energy",
                                        .xlabel = "iteration",
                                        .ylabel = "variance per site",
                                        .ylog = 1}));
  return add(c, s, COM_MARK_POINTS, 0, NULL, h->n, h->iteration, h->work, NULL);
}

static com_status draw_run(com_ctx *c, const char *file, const cJSON *result, com_svg **out) {
  history h;
  com_status status = COM_OK;
  COM_GOTO(done, history_read(c, file, result, &h));
  COM_GOTO(done, com_svg_create(c, "Variational Monte Carlo", 1, 2, out));
  COM_GOTO(done, panel_energy(c, *out, &h));
  status = isfinite(h.exact) ? panel_distance(c, *out, &h) : panel_variance(c, *out, &h);
done:
  history_finish(&h);
  return status;
}

/* ---- nqs exact ---- */

static com_status panel_levels(com_ctx *c, com_svg *s, const cJSON *spectrum) {
  const size_t n = com_json_size(spectrum);
  double *v = malloc((2 * n + 1) * sizeof *v);
  COM_ALLOC(c, v);
  for (size_t k = 0; k < n; k++) v[k] = (double)k, v[n + k] = com_json_num(com_json_at(spectrum, k), NAN);
  com_status st = com_svg_panel(
      c, s, 0, 0, &(com_svg_axes){.title = "Lowest levels", .xlabel = "level", .ylabel = "energy"});
  if (!st) st = add(c, s, COM_MARK_POINTS, 0, NULL, n, v, v + n, NULL);
  free(v);
  return st;
}

static com_status panels_thermal(com_ctx *c, com_svg *s, const com_table *t, size_t first) {
  static const char *const names[] = {"energy", "heat_capacity", "entropy", "free_energy"};
  static const char *const labels[] = {"energy", "heat capacity", "entropy", "free energy"};
  const double *T = com_table_column(t, "temperature");
  for (size_t k = 0, at = first; k < 4 && T; k++) {
    const double *v = com_table_column(t, names[k]);
    if (!v) continue;
    COM_TRY(
        com_svg_panel(c, s, at / 2, at % 2, &(com_svg_axes){.xlabel = "temperature", .ylabel = labels[k]}));
    COM_TRY(add(c, s, COM_MARK_LINE, (int)k, NULL, com_table_rows(t), T, v, NULL));
    at++;
  }
  return COM_OK;
}

static com_status draw_exact(com_ctx *c, const char *file, const cJSON *result, com_svg **out) {
  const cJSON *spectrum = com_json_get(result, "spectrum"), *thermal = com_json_get(result, "thermal");
  const size_t levels = com_json_size(spectrum) > 1, panels = levels + (thermal ? 4 : 0);
  com_table *t = NULL;
  if (!panels) return COM_OK; /* one energy is no picture */
  COM_TRY(com_svg_create(c, "Exact diagonalisation", (panels + 1) / 2, panels > 1 ? 2 : 1, out));
  if (levels) COM_TRY(panel_levels(c, *out, spectrum));
  if (!thermal) return COM_OK;
  COM_TRY(com_table_read(c, file, thermal, "+1", &t));
  const com_status st = panels_thermal(c, *out, t, levels);
  com_table_destroy(t);
  return st;
}

/* ---- nqs evolve ---- */

/* Observables are the columns that have an error, apart from the energy. */
static int is_observable(const com_table *t, size_t k) {
  return com_table_errors(t, k) != NULL && strcmp(com_table_name(t, k), "energy") != 0;
}

static com_status panel_observables(com_ctx *c, com_svg *s, const com_table *t) {
  const size_t rows = com_table_rows(t);
  const double *time = com_table_values(t, 0);
  int color = 0, named = 0;
  COM_TRY(
      com_svg_panel(c, s, 0, 0, &(com_svg_axes){.title = "Observables", .xlabel = "t", .ylabel = "mean"}));
  for (size_t k = 0; k < com_table_cols(t); k++) {
    if (!is_observable(t, k)) continue;
    char exact[96];
    snprintf(exact, sizeof exact, "%.80s_exact", com_table_name(t, k));
    const double *line = com_table_column(t, exact);
    COM_TRY(add(c, s, COM_MARK_POINTS, color, com_table_name(t, k), rows, time, com_table_values(t, k),
                com_table_errors(t, k)));
    if (line) COM_TRY(add(c, s, COM_MARK_LINE, color, named ? NULL : "lines: exact", rows, time, line, NULL));
    named |= line != NULL;
    color = (color + 1) % 8;
  }
  return COM_OK;
}

static com_status draw_evolution(com_ctx *c, const char *file, const com_table *t, com_svg **out) {
  const double *residual = com_table_column(t, "residual");
  COM_CHECK(c, residual && com_table_values(t, 0), COM_E_DATA, "%s: no column \"residual\"", file);
  COM_TRY(com_svg_create(c, "Time-dependent variational Monte Carlo", 1, 2, out));
  COM_TRY(panel_observables(c, *out, t));
  COM_TRY(com_svg_panel(
      c, *out, 0, 1,
      &(com_svg_axes){.title = "Residual of the projection", .xlabel = "t", .ylabel = "r^{2}", .ylog = 1}));
  return add(c, *out, COM_MARK_LINE, 1, NULL, com_table_rows(t), com_table_values(t, 0), residual, NULL);
}

/* ---- nqs dbm ---- */

static com_status draw_dbm(com_ctx *c, const cJSON *result, com_svg **out) {
  const cJSON *corr = com_json_get(result, "correlation"), *e = com_json_get(result, "energy");
  const size_t n = com_json_size(corr);
  double *v = malloc((3 * n + 1) * sizeof *v);
  char text[200];
  COM_ALLOC(c, v);
  for (size_t k = 0; k < n; k++) {
    v[k] = (double)k;
    v[n + k] = com_json_num(com_json_at(com_json_at(corr, k), 0), NAN);
    v[2 * n + k] = com_json_num(com_json_at(com_json_at(corr, k), 1), NAN);
  }
  com_status s = com_svg_create(c, "Exact deep Boltzmann machine", 1, 1, out);
  if (!s) s = com_svg_panel(c, *out, 0, 0, &(com_svg_axes){.xlabel = "site i", .ylabel = "<Z_{0} Z_{i}>"});
  if (!s) s = add(c, *out, COM_MARK_POINTS, 0, NULL, n, v, v + n, v + 2 * n);
  free(v);
  if (s) return s;
  snprintf(text, sizeof text, "Energy %.6g \xc2\xb1 %.2g; state vector of the same machine %.6g.",
           num(e, "mean"), num(e, "error"), num(result, "trotter_energy"));
  return com_svg_caption(c, *out, text);
}

/* ---- nqs path ---- */

static com_status panel_path(com_ctx *c, com_svg *s, size_t col, const com_table *t, const char *name,
                             double exact, double limit, double limit_error) {
  const double *d = com_table_column(t, "D"), *v = com_table_column(t, name);
  const size_t n = com_table_rows(t), k = com_table_find(t, name);
  if (!d || !v || !n) return COM_OK;
  COM_TRY(com_svg_panel(c, s, 0, col, &(com_svg_axes){.xlabel = "interval D", .ylabel = name}));
  COM_TRY(add(c, s, COM_MARK_POINTS, 0, "sampled", n, d, v, com_table_errors(t, k)));
  if (isfinite(limit))
    COM_TRY(add(c, s, COM_MARK_POINTS, 1, "extrapolated", 1, &(double){0}, &limit, &limit_error));
  const double ends[2] = {0, d[n - 1]};
  return add_level(c, s, "exact", 2, ends, exact);
}

static com_status draw_path(com_ctx *c, const char *file, const cJSON *result, com_svg **out) {
  com_table *t = NULL;
  COM_TRY(com_table_read(c, file, com_json_get(result, "runs"), NULL, &t));
  com_status s = com_svg_create(c, "Path integral over the weights of a network", 1, 2, out);
  if (!s)
    s = panel_path(c, *out, 0, t, "energy", num(result, "exact_energy"), num(result, "energy"),
                   num(result, "energy_error"));
  if (!s) s = panel_path(c, *out, 1, t, "gap", num(result, "exact_gap"), NAN, NAN);
  com_table_destroy(t);
  return s;
}

/* ---- the doors ---- */

static com_status keep(com_status status, com_svg **out) {
  if (!status) return COM_OK;
  com_svg_destroy(*out);
  *out = NULL;
  return status;
}

com_status nqs_figures_state(com_ctx *c, const char *file, const cJSON *doc, com_svg **out) {
  const cJSON *result = com_json_get(doc, "result");
  *out = NULL;
  return keep(com_json_get(result, "history") ? draw_run(c, file, result, out)
                                              : draw_exact(c, file, result, out),
              out);
}

com_status nqs_figures_evolution(com_ctx *c, const char *file, const cJSON *doc, com_svg **out) {
  com_table *t = NULL;
  *out = NULL;
  COM_TRY(com_table_read(c, file, com_json_get(doc, "result"), "+1", &t));
  const com_status status = draw_evolution(c, file, t, out);
  com_table_destroy(t);
  return keep(status, out);
}

com_status nqs_figures_dbm(com_ctx *c, const char *file, const cJSON *doc, com_svg **out) {
  (void)file;
  *out = NULL;
  if (!com_json_size(com_json_get(com_json_get(doc, "result"), "correlation"))) return COM_OK;
  return keep(draw_dbm(c, com_json_get(doc, "result"), out), out);
}

com_status nqs_figures_path(com_ctx *c, const char *file, const cJSON *doc, com_svg **out) {
  *out = NULL;
  if (!com_json_get(doc, "result")) return COM_OK;
  return keep(draw_path(c, file, com_json_get(doc, "result"), out), out);
}
