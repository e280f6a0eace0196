/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/report_plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ORANGE = 1, BLACK = -2 };

static double num(const cJSON *j, const char *key) { return com_json_num(com_json_get(j, key), NAN); }

static double *array(const cJSON *a, size_t n) {
  double *v = malloc((n ? n : 1) * sizeof *v);
  for (size_t i = 0; v && i < n; i++) v[i] = com_json_num(com_json_at(a, i), NAN);
  return v;
}

static void axis_label(const cJSON *data, const char *key, const char *fallback, char *out, size_t size) {
  const cJSON *a = com_json_get(data, key);
  const char *name = com_json_str(com_json_get(a, "name"), fallback),
             *unit = com_json_str(com_json_get(a, "unit"), "1");
  if (strcmp(unit, "1") == 0)
    snprintf(out, size, "%s", name);
  else
    snprintf(out, size, "%s [%s]", name, unit);
}

/* The points of one dataset of a fit, borrowed from one block of memory. */
typedef struct points {
  const char *name; /* of the dataset in a joint fit, NULL otherwise */
  size_t n;
  double *source, *response, *error, *predicted, *pull;
  int single_valued; /* one response per source: the fit is a curve */
} points;

/* "" outside joint fits. */
static const char *group_of(const cJSON *list, size_t i) {
  return com_json_str(com_json_get(com_json_at(list, i), "group"), "");
}

/* Rows from..to of the predictions. @param p [out] free(p->source) */
static com_status points_make(com_ctx *c, const cJSON *list, size_t from, size_t to, points *p) {
  static const char *const keys[] = {"source", "response", "error", "predicted_response", "pull"};
  const size_t n = to - from;
  double *v;
  COM_ALLOC(c, v = malloc((5 * n + 1) * sizeof *v));
  *p = (points){.name = *group_of(list, from) ? group_of(list, from) : NULL, .n = n, .single_valued = 1};
  p->source = v, p->response = v + n, p->error = v + 2 * n, p->predicted = v + 3 * n, p->pull = v + 4 * n;
  for (size_t i = 0; i < n; i++)
    for (int k = 0; k < 5; k++) v[(size_t)k * n + i] = num(com_json_at(list, from + i), keys[k]);
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < i; k++) p->single_valued &= p->source[i] != p->source[k];
  return COM_OK;
}

static com_status add(com_ctx *c, com_svg *s, com_mark mark, int color, const char *legend, size_t n,
                      const double *x, const double *y, const double *err) {
  return com_svg_add(
      c, s,
      &(com_svg_series){.mark = mark, .color = color, .legend = legend, .n = n, .x = x, .y = y, .err = err});
}

static int finite_some(const double *v, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (isfinite(v[i])) return 1;
  return 0;
}

/* A curve where there is one; else what is predicted at the data. */
static com_status add_fit(com_ctx *c, com_svg *s, const points *p, const cJSON *curve, int color) {
  const size_t n = com_json_size(com_json_get(curve, "source"));
  char legend[120] = "learned metric";
  if (p->name) snprintf(legend, sizeof legend, "%.90s, fit", p->name);
  if (!curve || !p->single_valued)
    return add(c, s, p->single_valued ? COM_MARK_DASHED : COM_MARK_RINGS, color, legend, p->n, p->source,
               p->predicted, NULL);
  double *x = array(com_json_get(curve, "source"), n), *y = array(com_json_get(curve, "response"), n);
  com_status status = x && y ? add(c, s, COM_MARK_LINE, color, legend, n, x, y, NULL)
                             : COM_FAIL(c, COM_E_MEM, "out of memory");
  free(x);
  free(y);
  return status;
}

static com_status add_group(com_ctx *c, com_svg *s, const points *p, const cJSON *curve, int index) {
  const int color = p->name ? index % 8 : BLACK;
  const double *err = finite_some(p->error, p->n) ? p->error : NULL;
  COM_TRY(add(c, s, COM_MARK_POINTS, color, p->name ? p->name : "data", p->n, p->source, p->response, err));
  return add_fit(c, s, p, curve, p->name ? color : ORANGE);
}

/* The dataset of a group, as the config has it. */
static const cJSON *dataset_of(const cJSON *doc, const char *group) {
  const cJSON *config = com_json_get(doc, "config"), *all = com_json_get(config, "datasets");
  for (const cJSON *e = com_json_first(all); e && group; e = com_json_next(e))
    if (strcmp(com_json_str(com_json_get(e, "group"), ""), group) == 0) return com_json_get(e, "file");
  return all ? com_json_get(com_json_first(all), "file") : com_json_get(config, "dataset");
}

/* Rows of the predictions that belong to one dataset. */
typedef struct group {
  size_t from, to;
  char xlabel[96], ylabel[96];
  int quantity; /* groups of the same quantities share their panels */
} group;

enum { GROUPS = 32 };

static size_t find_groups(const cJSON *doc, const cJSON *list, group g[GROUPS], int *n_quantities) {
  size_t n = 0, rows = com_json_size(list);
  *n_quantities = 0;
  for (size_t from = 0, to; from < rows && n < GROUPS; from = to, n++) {
    const char *name = group_of(list, from);
    for (to = from + 1; to < rows && strcmp(name, group_of(list, to)) == 0;) to++;
    g[n] = (group){.from = from, .to = to, .quantity = *n_quantities};
    axis_label(dataset_of(doc, name), "source", "source", g[n].xlabel, sizeof g[n].xlabel);
    axis_label(dataset_of(doc, name), "response", "response", g[n].ylabel, sizeof g[n].ylabel);
    for (size_t k = 0; k < n; k++)
      if (strcmp(g[k].xlabel, g[n].xlabel) == 0 && strcmp(g[k].ylabel, g[n].ylabel) == 0)
        g[n].quantity = g[k].quantity;
    *n_quantities += g[n].quantity == *n_quantities;
  }
  return n;
}

/* A group in its panel of data, or of pulls. */
static com_status add_rows(com_ctx *c, com_svg *s, const cJSON *r, const group *g, int index, int pulls) {
  points p = {0};
  const cJSON *curve = index ? NULL : com_json_get(r, "curve"); /* that of the first dataset */
  COM_TRY(points_make(c, com_json_get(r, "predictions"), g->from, g->to, &p));
  for (size_t i = 0; i < p.n && pulls; i++) p.error[i] = 1;
  const com_status status =
      pulls ? add(c, s, COM_MARK_POINTS, p.name ? index % 8 : BLACK, NULL, p.n, p.source, p.pull, p.error)
            : add_group(c, s, &p, curve, index);
  free(p.source);
  return status;
}

/* The next panel of a figure that is filled row by row, two panels wide. */
typedef struct sheet {
  com_svg *svg;
  size_t next;
} sheet;

static com_status next_panel(com_ctx *c, sheet *s, const com_svg_axes *a) {
  const size_t at = s->next++;
  return com_svg_panel(c, s->svg, at / 2, at % 2, a);
}

/* For every quantity its data with fits, and the pulls where there are errors to measure by. */
static com_status panels_data(com_ctx *c, sheet *s, const cJSON *r, const group *g, size_t n,
                              int n_quantities, int with_pulls) {
  for (int q = 0; q < n_quantities; q++)
    for (int pulls = 0; pulls <= with_pulls; pulls++) {
      size_t first = 0;
      while (g[first].quantity != q) first++;
      COM_TRY(
          next_panel(c, s,
                     &(com_svg_axes){.title = pulls ? "Pulls" : "Data and fit",
                                     .xlabel = g[first].xlabel,
                                     .ylabel = pulls ? "(fit \xe2\x88\x92 data) / error" : g[first].ylabel}));
      if (pulls) COM_TRY(com_svg_hline(c, s->svg, 0));
      for (size_t k = first; k < n; k++)
        if (g[k].quantity == q) COM_TRY(add_rows(c, s->svg, r, &g[k], (int)k, pulls));
    }
  return COM_OK;
}

static com_status panel_metric(com_ctx *c, sheet *s, const cJSON *r) {
  const com_svg_axes ax = {
      .title = "Learned metric", .xlabel = "\xce\xb7 [L]", .ylabel = "h(\xce\xb7) [1/L]"};
  COM_TRY(next_panel(c, s, &ax));
  COM_TRY(com_svg_hline(c, s->svg, 0));
  int color = 0;
  for (size_t i = 0; i < com_json_size(r); i++) {
    const cJSON *m = com_json_at(r, i);
    const char *key = com_json_key(m);
    if (strncmp(key, "metric", 6) != 0) continue;
    const size_t n = com_json_size(com_json_get(m, "eta"));
    double *x = array(com_json_get(m, "eta"), n), *y = array(com_json_get(m, "h"), n);
    com_status status = x && y ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
    if (!status)
      status = com_svg_add(
          c, s->svg,
          &(com_svg_series){
              .mark = COM_MARK_LINE, .color = color, .legend = key[6] ? key : NULL, .n = n, .x = x, .y = y});
    free(x);
    free(y);
    COM_TRY(status);
    color = (color + 1) % 8;
  }
  return COM_OK;
}

/* Column of {"columns":[...],"rows":[[...]]}, one value per row; NAN where there is none. */
static double *column(const cJSON *table, const char *name, size_t *n) {
  const cJSON *cols = com_json_get(table, "columns"), *rows = com_json_get(table, "rows");
  size_t k = 0;
  while (k < com_json_size(cols) &&
         strcmp(com_json_str(com_json_get(com_json_at(cols, k), "name"), ""), name) != 0)
    k++;
  *n = com_json_size(rows);
  double *v = malloc((*n ? *n : 1) * sizeof *v);
  for (size_t i = 0; v && i < *n; i++) v[i] = com_json_num(com_json_at(com_json_at(rows, i), k), NAN);
  return v;
}

static com_status panel_history(com_ctx *c, sheet *s, const cJSON *r) {
  const com_svg_axes ax = {.title = "Training: every start, stage by stage",
                           .xlabel = "iteration of the start",
                           .ylabel = "objective of the stage",
                           .ylog = 1};
  const cJSON *t = com_json_get(r, "history");
  size_t n = 0;
  double *x = column(t, "iteration", &n), *y = column(t, "loss", &n), *start = column(t, "start", &n);
  com_status status = x && y && start ? next_panel(c, s, &ax) : COM_FAIL(c, COM_E_MEM, "out of memory");
  for (size_t i = 0; i < n && !status; i++)
    if (!(y[i] > 0)) y[i] = NAN;
  for (size_t a = 0, b; a < n && !status; a = b) { /* one line per start */
    const double first = x[a], which = start[a];
    for (b = a; b < n && (b == a || start[b] == which); b++) x[b] -= first;
    const int color = which >= 1 && which < 1e9 ? ((int)which - 1) % 8 : 0;
    status = com_svg_add(
        c, s->svg,
        &(com_svg_series){.mark = COM_MARK_LINE, .color = color, .n = b - a, .x = x + a, .y = y + a});
  }
  free(x);
  free(y);
  free(start);
  return status;
}

static com_status caption(com_ctx *c, com_svg *s, const cJSON *r) {
  char text[600];
  int k =
      snprintf(text, sizeof text, "%.0f points, %.0f trained numbers", num(r, "n_data"), num(r, "n_trained"));
  if (com_json_is_number(com_json_get(r, "n_determined")))
    k += snprintf(text + k, sizeof text - (size_t)k, ", of which the data determine %.0f",
                  num(r, "n_determined"));
  if (isfinite(num(r, "chi2")))
    k += snprintf(text + k, sizeof text - (size_t)k, "; chi2 = %.4g", num(r, "chi2"));
  const cJSON *p = com_json_get(r, "parameters");
  for (size_t i = 0; i < com_json_size(p); i++) {
    const cJSON *v = com_json_at(p, i);
    if (com_json_is_number(v) && (size_t)k < sizeof text - 80)
      k += snprintf(text + k, sizeof text - (size_t)k, "; %s = %.4g", com_json_key(v), com_json_num(v, NAN));
  }
  return com_svg_caption(c, s, text);
}

com_status ads_report_plot(com_ctx *c, const cJSON *doc, com_svg **out) {
  const cJSON *r = com_json_get(doc, "result"), *list = com_json_get(r, "predictions");
  group g[GROUPS];
  sheet s = {0};
  int n_quantities, pulls = 0;
  const size_t n = find_groups(doc, list, g, &n_quantities);
  for (const cJSON *e = com_json_first(list); e; e = com_json_next(e)) pulls |= isfinite(num(e, "pull"));
  const size_t panels = (size_t)(n_quantities * (1 + pulls)) + 2;
  const char *title = com_json_str(com_json_get(dataset_of(doc, NULL), "title"), "Training");
  com_status status = COM_OK;
  *out = NULL;
  COM_TRY(com_svg_create(c, n > 1 ? "Joint fit" : title, (panels + 1) / 2, 2, &s.svg));
  COM_GOTO(fail, panels_data(c, &s, r, g, n, n_quantities, pulls));
  COM_GOTO(fail, panel_metric(c, &s, r));
  COM_GOTO(fail, panel_history(c, &s, r));
  COM_GOTO(fail, caption(c, s.svg, r));
  *out = s.svg;
  return COM_OK;
fail:
  com_svg_destroy(s.svg);
  return status;
}
