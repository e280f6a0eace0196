/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/figure.h"
#include "cli/io.h"
#include "cli/plotfile.h"

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

/* A table is drawn as the options say, when they say anything. */
static com_status draw(const cli_env *env, const char *file, const cJSON *j, com_svg **out) {
  const plot_args *a = env->args;
  com_ctx *c = env->ctx;
  com_table *t = NULL;
  if (!a->x && !a->y.n) {
    COM_TRY(cli_figure(env, file, j, out));
    COM_CHECK(c, *out, COM_E_DATA,
              "%s: schema = \"%s\": there is no picture of it; results, datasets and tables have one", file,
              com_json_str(com_json_get(j, "schema"), ""));
    return COM_OK;
  }
  const cJSON *result = com_json_get(j, "result");
  COM_CHECK(c, com_json_get(result, "columns"), COM_E_USAGE,
            "%s: -x and -y choose columns of a table, and this is none", file);
  COM_TRY(com_table_read(c, file, result, NULL, &t));
  const com_status status = cli_figure_table(c, file, t, a->x, &a->y, out);
  com_table_destroy(t);
  return status;
}

static com_status run(cli_env *env) {
  const plot_args *a = env->args;
  com_status status = COM_OK;
  cJSON *j = NULL;
  com_svg *s = NULL;
  COM_GOTO(done, cli_io_load(env, env->files[0], &j));
  COM_GOTO(done, draw(env, env->files[0], j, &s));
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
