/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>
#include "cli/io.h"
#include "cli/plotfile.h"
#include "cli/registry.h"
#include "common/result.h"
#include "common/table.h"

typedef struct plot_args {
  const char *png, *gnuplot, *x;
  cli_strings y;
} plot_args;

static const cli_opt opts[] = {
    {0, "png", "FILE", "a PNG, too, through rsvg-convert", CLI_OUTPUT, offsetof(plot_args, png), NULL, NULL},
    {0, "gnuplot", "FILE", "a gnuplot script with inline data, too", CLI_OUTPUT, offsetof(plot_args, gnuplot),
     NULL, NULL},
    {'x', "x", "NAME", "table: the column on the horizontal axis (default: the first)", CLI_STRING,
     offsetof(plot_args, x), NULL, NULL},
    {'y', "y", "NAME", "table: draw this column (default: all); repeatable", CLI_STRINGS,
     offsetof(plot_args, y), NULL, NULL},
    {0}};

static int drawn(const plot_args *a, const com_table *t, size_t col, size_t x) {
  if (col == x || !com_table_values(t, col)) return 0;
  for (size_t i = 0; i < a->y.n; i++)
    if (!strcmp(a->y.v[i], com_table_name(t, col))) return 1;
  return a->y.n == 0;
}

static void label(const com_table *t, size_t col, char out[160]) {
  const char *unit = com_table_unit(t, col);
  snprintf(out, 160, unit && *unit && strcmp(unit, "1") ? "%s [%s]" : "%s", com_table_name(t, col), unit);
}

/* One panel per column, below each other: columns of one table rarely share a unit. */
static com_status draw_table(com_ctx *c, const plot_args *a, const char *file, const com_table *t,
                             com_svg **out) {
  size_t x = a->x ? com_table_find(t, a->x) : 0, n = 0, panel = 0;
  while (!a->x && x < com_table_cols(t) && !com_table_values(t, x)) x++;
  COM_CHECK(c, x < com_table_cols(t) && com_table_values(t, x), COM_E_USAGE,
            "%s: no column of numbers is called %s", file, a->x ? a->x : "anything");
  for (size_t k = 0; k < com_table_cols(t); k++) n += (size_t)drawn(a, t, k, x);
  COM_CHECK(c, n > 0, COM_E_USAGE, "%s: no column to draw against %s", file, com_table_name(t, x));
  COM_TRY(com_svg_create(c, file, n, 1, out));
  char xl[160], yl[160];
  label(t, x, xl);
  for (size_t k = 0; k < com_table_cols(t); k++) {
    if (!drawn(a, t, k, x)) continue;
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

static com_status figure(const cli_env *env, const char *file, const cJSON *j, com_svg **out) {
  com_ctx *c = env->ctx;
  char kind[48];
  int version;
  COM_TRY(com_result_schema(c, file, j, kind, &version));
  const cli_schema *s = cli_registry_schema(kind);
  if (s && s->plot) return s->plot(env, file, j, out);
  const cJSON *result = com_json_get(j, "result");
  COM_CHECK(
      c, com_json_get(result, "columns"), COM_E_DATA,
      "%s: schema = \"holograd/%s/%d\": there is no picture of it; results, datasets and tables have one",
      file, kind, version);
  com_table *t = NULL;
  COM_TRY(com_table_read(c, file, result, &t));
  com_status status = draw_table(c, env->args, file, t, out);
  com_table_destroy(t);
  return status;
}

static com_status run(cli_env *env) {
  const plot_args *a = env->args;
  com_status status = COM_OK;
  cJSON *j = NULL;
  com_svg *s = NULL;
  COM_GOTO(done, cli_io_load(env, env->files[0], &j));
  COM_GOTO(done, figure(env, env->files[0], j, &s));
  if (a->png) COM_GOTO(done, cli_plotfile_save_as(env, a->png, CLI_PLOTFILE_PNG, s));
  if (a->gnuplot) COM_GOTO(done, cli_plotfile_save_as(env, a->gnuplot, CLI_PLOTFILE_GNUPLOT, s));
  if (env->common->output || !(a->png || a->gnuplot)) COM_GOTO(done, cli_plotfile_save(env, NULL, s));
done:
  com_svg_destroy(s);
  com_json_free(j);
  return status;
}

const cli_cmd cli_cmd_plot = {.name = "plot",
                              .usage = "FILE",
                              .doc = "draw a result, a dataset or a table",
                              .text =
                                  "The ending of -o FILE decides: .svg, .png (needs rsvg-convert) or .gp.",
                              .examples = "holograd plot result.json -o result.svg\n"
                                          "holograd plot potential.json -y V --gnuplot v.gp",
                              .opts = opts,
                              .args_size = sizeof(plot_args),
                              .min_files = 1,
                              .max_files = 1,
                              .run = run};
