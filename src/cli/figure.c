/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/figure.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cli/registry.h"
#include "common/result.h"

/* Is column `col` asked for? */
static int drawn(const cli_strings *y, const com_table *t, size_t col, size_t x) {
  if (col == x || !com_table_values(t, col)) return 0;
  for (size_t i = 0; i < y->n; i++)
    if (!strcmp(y->v[i], com_table_name(t, col))) return 1;
  return y->n == 0;
}

static void label(const com_table *t, size_t col, char out[160]) {
  const char *unit = com_table_unit(t, col);
  snprintf(out, 160, unit && *unit && strcmp(unit, "1") ? "%s [%s]" : "%s", com_table_name(t, col), unit);
}

/* The horizontal axis: a column of numbers, or the number of the row when rows have names. */
typedef struct horizontal {
  char label[160];
  const double *v;
  double *rows; /* owned; NULL for a column */
  size_t col;   /* (size_t)-1 for row numbers */
} horizontal;

static com_status horizontal_make(com_ctx *c, const char *file, const com_table *t, const char *name,
                                  horizontal *h) {
  *h = (horizontal){.col = name ? com_table_find(t, name) : 0};
  COM_CHECK(c, h->col < com_table_cols(t) && (!name || com_table_values(t, h->col)), COM_E_USAGE,
            "%s: no column of numbers is called %s", file, name ? name : "anything");
  h->v = com_table_values(t, h->col);
  if (h->v) {
    label(t, h->col, h->label);
    return COM_OK;
  }
  COM_ALLOC(c, h->rows = malloc((com_table_rows(t) + 1) * sizeof *h->rows));
  for (size_t i = 0; i < com_table_rows(t); i++) h->rows[i] = (double)i + 1;
  snprintf(h->label, sizeof h->label, "row: %.100s", com_table_name(t, h->col));
  h->v = h->rows;
  return COM_OK;
}

/* Which row is which. */
static com_status name_rows(com_ctx *c, const com_table *t, size_t col, com_svg *s) {
  enum { MOST = 40 };
  com_text text = {0};
  char *caption = NULL;
  for (size_t i = 0; i < com_table_rows(t) && i < MOST; i++)
    com_text_printf(&text, "%s%zu %s", i ? "; " : "", i + 1, com_table_text_at(t, col, i));
  COM_TRY(com_text_take(c, &text, &caption));
  const com_status status = com_svg_caption(c, s, caption);
  free(caption);
  return status;
}

/* Positive numbers over three decades and more. */
static int wants_log(const double *v, size_t n) {
  double lo = INFINITY, hi = 0;
  for (size_t i = 0; i < n; i++) {
    if (!isfinite(v[i])) continue;
    lo = fmin(lo, v[i]);
    hi = fmax(hi, v[i]);
  }
  return lo > 0 && hi >= 1000 * lo;
}

static com_status panels(com_ctx *c, const com_table *t, const horizontal *h, const cli_strings *y,
                         com_svg *s) {
  const size_t n = com_table_rows(t);
  size_t panel = 0;
  for (size_t k = 0; k < com_table_cols(t); k++) {
    if (!drawn(y, t, k, h->col)) continue;
    const double *v = com_table_values(t, k), *err = com_table_errors(t, k);
    char yl[160];
    label(t, k, yl);
    COM_TRY(com_svg_panel(c, s, panel / 2, panel % 2,
                          &(com_svg_axes){.xlabel = h->label, .ylabel = yl, .ylog = wants_log(v, n)}));
    panel++;
    COM_TRY(com_svg_add(c, s,
                        &(com_svg_series){.mark = err || h->rows ? COM_MARK_POINTS : COM_MARK_LINE,
                                          .n = n,
                                          .x = h->v,
                                          .y = v,
                                          .err = err}));
  }
  return h->rows ? name_rows(c, t, h->col, s) : COM_OK;
}

com_status cli_figure_table(com_ctx *c, const char *file, const com_table *t, const char *x,
                            const cli_strings *y, com_svg **out) {
  horizontal h;
  size_t n = 0;
  *out = NULL;
  COM_TRY(horizontal_make(c, file, t, x, &h));
  for (size_t k = 0; k < com_table_cols(t); k++) n += (size_t)drawn(y, t, k, h.col);
  com_status status = n ? com_svg_create(c, "", (n + 1) / 2, n > 1 ? 2 : 1, out)
                        : COM_FAIL(c, COM_E_USAGE, "%s: no column to draw against %s", file, h.label);
  if (!status) status = panels(c, t, &h, y, *out);
  free(h.rows);
  return status;
}

/* Without a picture of its own a table is drawn when it has a column of numbers beside the first. */
static com_status any_table(const cli_env *env, const char *file, const cJSON *result, com_svg **out) {
  com_table *t = NULL;
  size_t numbers = 0;
  COM_TRY(com_table_read(env->ctx, file, result, NULL, &t));
  for (size_t k = 0; k < com_table_cols(t); k++) numbers += com_table_values(t, k) != NULL;
  const com_status s = numbers < 1 + (com_table_values(t, 0) != NULL)
                           ? COM_OK
                           : cli_figure_table(env->ctx, file, t, NULL, &(cli_strings){0, NULL}, out);
  com_table_destroy(t);
  return s;
}

com_status cli_figure(const cli_env *env, const char *file, const cJSON *j, com_svg **out) {
  char kind[48];
  int version;
  *out = NULL;
  COM_TRY(com_result_schema(env->ctx, file, j, kind, &version));
  const cli_schema *s = cli_registry_schema(kind);
  if (s && s->plot) return s->plot(env, file, j, out);
  const cJSON *result = com_json_get(j, "result");
  return com_json_get(result, "columns") ? any_table(env, file, result, out) : COM_OK;
}
