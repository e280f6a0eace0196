/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/figure.h"
#include <stdio.h>
#include <string.h>
#include "cli/registry.h"
#include "common/result.h"

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

com_status cli_figure_table(com_ctx *c, const char *file, const com_table *t, const char *xname,
                            const cli_strings *y, com_svg **out) {
  size_t x = xname ? com_table_find(t, xname) : 0, n = 0, panel = 0;
  *out = NULL;
  while (!xname && x < com_table_cols(t) && !com_table_values(t, x)) x++;
  COM_CHECK(c, x < com_table_cols(t) && com_table_values(t, x), COM_E_USAGE,
            "%s: no column of numbers is called %s", file, xname ? xname : "anything");
  for (size_t k = 0; k < com_table_cols(t); k++) n += (size_t)drawn(y, t, k, x);
  COM_CHECK(c, n > 0, COM_E_USAGE, "%s: no column to draw against %s", file, com_table_name(t, x));
  COM_TRY(com_svg_create(c, "", n, 1, out));
  char xl[160], yl[160];
  label(t, x, xl);
  for (size_t k = 0; k < com_table_cols(t); k++) {
    if (!drawn(y, t, k, x)) continue;
    label(t, k, yl);
    const com_svg_axes axes = {.title = "", .xlabel = xl, .ylabel = yl};
    const com_svg_series s = {.mark = com_table_errors(t, k) ? COM_MARK_POINTS : COM_MARK_LINE,
                              .n = com_table_rows(t),
                              .x = com_table_values(t, x),
                              .y = com_table_values(t, k),
                              .err = com_table_errors(t, k)};
    COM_TRY(com_svg_panel(c, *out, panel++, 0, &axes));
    COM_TRY(com_svg_add(c, *out, &s));
  }
  return COM_OK;
}

/* Without a picture of its own a table is drawn when it has two columns of numbers. */
static com_status any_table(const cli_env *env, const char *file, const cJSON *result, com_svg **out) {
  com_table *t = NULL;
  size_t numbers = 0;
  COM_TRY(com_table_read(env->ctx, file, result, &t));
  for (size_t k = 0; k < com_table_cols(t); k++) numbers += com_table_values(t, k) != NULL;
  const com_status s =
      numbers < 2 ? COM_OK : cli_figure_table(env->ctx, file, t, NULL, &(cli_strings){0, NULL}, out);
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
