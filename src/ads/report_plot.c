/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/report_plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLUE = 5, ORANGE = 1, GREEN = 3, BLACK = -2 };

static double num(const cJSON *j, const char *key) { return com_json_num(com_json_get(j, key), NAN); }

/* Values of one key over a list of objects; caller frees. */
static double *pluck(const cJSON *list, const char *key, size_t n) {
  double *v = malloc((n ? n : 1) * sizeof *v);
  for (size_t i = 0; v && i < n; i++) v[i] = num(com_json_at(list, i), key);
  return v;
}

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

/* Data with errors and the fitted curve; below it the pulls. */
static com_status panels_data(com_ctx *c, com_svg *s, const cJSON *r, const cJSON *data) {
  const cJSON *list = com_json_get(r, "predictions"), *curve = com_json_get(r, "curve");
  const size_t n = com_json_size(list), m = com_json_size(com_json_get(curve, "source"));
  char xl[96], yl[96];
  axis_label(data, "source", "source", xl, sizeof xl);
  axis_label(data, "response", "response", yl, sizeof yl);
  double *x = pluck(list, "source", n), *y = pluck(list, "response", n), *e = pluck(list, "error", n),
         *pull = pluck(list, "pull", n);
  double *cx = array(com_json_get(curve, "source"), m), *cy = array(com_json_get(curve, "response"), m);
  com_status status = x && y && e && pull && cx && cy ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  const com_svg_axes top = {.title = "Data and fit", .xlabel = xl, .ylabel = yl};
  const com_svg_axes low = {.title = "Pulls", .xlabel = xl, .ylabel = "(fit - data) / error"};
  if (!status) status = com_svg_panel(c, s, 0, 0, &top);
  if (!status)
    status = com_svg_add(
        c, s,
        &(com_svg_series){
            .mark = COM_MARK_LINE, .color = BLUE, .legend = "learned metric", .n = m, .x = cx, .y = cy});
  if (!status)
    status = com_svg_add(
        c, s,
        &(com_svg_series){
            .mark = COM_MARK_POINTS, .color = BLACK, .legend = "data", .n = n, .x = x, .y = y, .err = e});
  if (!status) status = com_svg_panel(c, s, 1, 0, &low);
  if (!status) status = com_svg_hline(c, s, 0);
  if (!status)
    status = com_svg_add(
        c, s, &(com_svg_series){.mark = COM_MARK_POINTS, .color = BLACK, .n = n, .x = x, .y = pull});
  free(x);
  free(y);
  free(e);
  free(pull);
  free(cx);
  free(cy);
  return status;
}

static com_status panel_metric(com_ctx *c, com_svg *s, const cJSON *r) {
  const com_svg_axes ax = {
      .title = "Learned metric", .xlabel = "\xce\xb7  (horizon 0, boundary 1)", .ylabel = "h(\xce\xb7)"};
  COM_TRY(com_svg_panel(c, s, 0, 1, &ax));
  COM_TRY(com_svg_hline(c, s, 0));
  int color = BLUE;
  for (size_t i = 0; i < com_json_size(r); i++) {
    const cJSON *m = com_json_at(r, i);
    const char *key = com_json_key(m);
    if (!key || strncmp(key, "metric", 6) != 0) continue;
    const size_t n = com_json_size(com_json_get(m, "eta"));
    double *x = array(com_json_get(m, "eta"), n), *y = array(com_json_get(m, "h"), n);
    com_status status = x && y ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
    if (!status)
      status = com_svg_add(
          c, s,
          &(com_svg_series){
              .mark = COM_MARK_LINE, .color = color, .legend = key[6] ? key : NULL, .n = n, .x = x, .y = y});
    free(x);
    free(y);
    COM_TRY(status);
    color = (color + 1) % 8;
  }
  return COM_OK;
}

/* Column of {"columns":[...],"rows":[[...]]}. */
static double *column(const cJSON *table, const char *name, size_t *n) {
  const cJSON *cols = com_json_get(table, "columns"), *rows = com_json_get(table, "rows");
  size_t k = 0;
  while (k < com_json_size(cols) &&
         strcmp(com_json_str(com_json_get(com_json_at(cols, k), "name"), ""), name) != 0)
    k++;
  *n = k < com_json_size(cols) ? com_json_size(rows) : 0;
  double *v = malloc((*n ? *n : 1) * sizeof *v);
  for (size_t i = 0; v && i < *n; i++) v[i] = com_json_num(com_json_at(com_json_at(rows, i), k), NAN);
  return v;
}

static com_status panel_history(com_ctx *c, com_svg *s, const cJSON *r) {
  const com_svg_axes ax = {.title = "Training: all starts, stage by stage",
                           .xlabel = "iteration of the start",
                           .ylabel = "objective of the stage",
                           .ylog = 1};
  const cJSON *t = com_json_get(r, "history");
  size_t n = 0;
  double *x = column(t, "iteration", &n), *y = column(t, "loss", &n), *start = column(t, "start", &n);
  com_status status =
      x && y && start ? com_svg_panel(c, s, 1, 1, &ax) : COM_FAIL(c, COM_E_MEM, "out of memory");
  for (size_t i = 0; i < n && !status; i++)
    if (!(y[i] > 0)) y[i] = NAN;
  for (size_t a = 0, b; a < n && !status; a = b) { /* one line per start */
    const double first = x[a];
    for (b = a; b < n && start[b] == start[a]; b++) x[b] -= first;
    const int color = (int)((size_t)start[a] - 1) % 8;
    status = com_svg_add(
        c, s, &(com_svg_series){.mark = COM_MARK_LINE, .color = color, .n = b - a, .x = x + a, .y = y + a});
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
  const cJSON *r = com_json_get(doc, "result"), *data = com_json_get(com_json_get(doc, "config"), "dataset");
  const int has_data = com_json_size(com_json_get(r, "predictions")) > 0;
  com_status status = COM_OK;
  com_svg *s = NULL;
  *out = NULL;
  COM_TRY(com_svg_create(c, com_json_str(com_json_get(data, "title"), "Training"), 2, 2, &s));
  if (has_data) COM_GOTO(fail, panels_data(c, s, r, data));
  COM_GOTO(fail, panel_metric(c, s, r));
  COM_GOTO(fail, panel_history(c, s, r));
  COM_GOTO(fail, caption(c, s, r));
  *out = s;
  return COM_OK;
fail:
  com_svg_destroy(s);
  return status;
}
