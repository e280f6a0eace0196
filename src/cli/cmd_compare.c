/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ads/compare.h"
#include "cli/io.h"
#include "cli/output.h"
#include "cli/registry.h"
#include "common/table.h"

typedef struct compare_args {
  const char *plot, *report;
} compare_args;

static const cli_opt opts[] = {
    {'d', "data", "FILE", "dataset to learn from, instead of the config's", CLI_INPUT, 0, "dataset", NULL},
    {0, "restarts", "N", "number of starts in total, for each flow", CLI_INT, 0, "restarts", NULL},
    {0, "plot", "FILE", "draw metrics, transfer, gradient errors, cost (.svg, .png, .gp)", CLI_OUTPUT,
     offsetof(compare_args, plot), NULL, NULL},
    {0, "report", "FILE", "the page: prose, tables and figure in one HTML file; .md: prose and table",
     CLI_OUTPUT, offsetof(compare_args, report), NULL, NULL},
    {0}};

static void escape(com_text *t, const char *s) {
  for (; *s; s++) {
    if (*s == '<')
      com_text_add(t, "&lt;");
    else if (*s == '>')
      com_text_add(t, "&gt;");
    else if (*s == '&')
      com_text_add(t, "&amp;");
    else
      com_text_bytes(t, s, 1);
  }
}

static com_status section(com_ctx *c, const cJSON *table, const char *title, com_text *t) {
  com_table *v = NULL;
  char *text = NULL;
  COM_TRY(com_table_read(c, "comparison", table, &v));
  const com_status s = com_table_print(c, v, &text);
  com_table_destroy(v);
  if (s) return s;
  com_text_printf(t, "<h2>%s</h2>\n<pre>", title);
  escape(t, text);
  com_text_add(t, "</pre>\n");
  free(text);
  return COM_OK;
}

static com_status page(com_ctx *c, const cJSON *doc, const char *words, const com_svg *figure, char **out) {
  const cJSON *r = com_json_get(doc, "result");
  com_text t = {0};
  char *svg = NULL;
  COM_TRY(com_svg_text(c, figure, &svg));
  const char *body = strstr(svg, "<svg"); /* without the XML declaration */
  com_text_add(
      &t,
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Comparison of flows</title>\n"
      "<style>body{max-width:60em;margin:2em auto;font:16px/1.5 serif}pre{overflow-x:auto;font-size:12px}"
      "svg{max-width:100%;height:auto}</style></head><body>\n<h1>Comparison of flows</h1>\n<p>");
  for (const char *s = words; *s; s++) {
    if (s[0] == '\n' && s[1] == '\n')
      com_text_add(&t, "</p>\n<p>"), s++;
    else
      escape(&t, (const char[2]){*s, 0});
  }
  com_text_add(&t, "</p>\n");
  com_text_add(&t, body ? body : "");
  free(svg);
  com_status s = section(c, com_json_get(r, "flows"), "Flows", &t);
  if (!s) s = section(c, com_json_get(com_json_get(doc, "volatile"), "cost"), "Cost on this machine", &t);
  if (!s)
    s = section(c, com_json_get(r, "transfer"), "Transfer: loss of the column's parameters in the row's flow",
                &t);
  if (!s) s = section(c, com_json_get(r, "metrics"), "Learned h", &t);
  com_text_add(&t, "</body></html>\n");
  if (!s) s = com_text_take(c, &t, out);
  com_text_finish(&t);
  return s;
}

/* The prose and the table of the flows as Markdown. */
static com_status markdown(com_ctx *c, const cJSON *doc, const char *words, char **out) {
  com_table *v = NULL;
  com_text t = {0};
  char *text = NULL;
  COM_TRY(com_table_read(c, "comparison", com_json_get(com_json_get(doc, "result"), "flows"), &v));
  const com_status s = com_table_print(c, v, &text);
  com_table_destroy(v);
  if (s) return s;
  com_text_printf(&t, "# Comparison of flows\n\n%s\n```\n%s```\n", words, text);
  free(text);
  return com_text_take(c, &t, out);
}

static com_status report(const cli_env *env, const char *path, const cJSON *doc) {
  com_ctx *c = env->ctx;
  char *said = NULL, *html = NULL;
  com_svg *figure = NULL;
  com_status status = COM_OK;
  const char *dot = strrchr(path, '.');
  COM_GOTO(done, ads_compare_words(c, doc, &said));
  COM_GOTO(done, ads_compare_plot(c, doc, &figure));
  COM_GOTO(done, dot && strcmp(dot, ".md") == 0 ? markdown(c, doc, said, &html)
                                                : page(c, doc, said, figure, &html));
  status = cli_io_save_text(env, path, html);
done:
  com_svg_destroy(figure);
  free(said);
  free(html);
  return status;
}

static com_status run(cli_env *env) {
  const compare_args *a = env->args;
  com_ctx *c = env->ctx;
  cJSON *j = NULL, *doc = NULL;
  const cJSON *parameters = NULL;
  ads_config cfg = {0};
  COM_TRY(cli_io_load(env, env->files[0], &j));
  com_status status = ads_config_read(c, env->files[0], j, &cfg, &parameters);
  if (!status) {
    if (cfg.seed.given) com_ctx_reseed(c, cfg.seed.value);
    status = ads_compare_run(c, &cfg, &doc);
    if (!status) status = cli_output(env, doc, a->plot);
    if (!status && a->report) status = report(env, a->report, doc);
    ads_config_finish(&cfg);
  }
  com_json_free(doc);
  com_json_free(j);
  return status;
}

const cli_cmd cli_cmd_compare = {
    .name = "compare",
    .usage = "CONFIG",
    .doc = "the same data through several flows, side by side",
    .text = "A train config with \"flows\":[{...},...] instead of \"flow\".  Every flow is trained on the "
            "same data from the same\n"
            "starts; then the learned metrics are put on one grid, evaluated in each other's flow, and the "
            "gradients compared\n"
            "with the continuum.",
    .examples =
        "holograd compare config.json -o comparison.json --plot comparison.svg --report comparison.html",
    .opts = opts,
    .args_size = sizeof(compare_args),
    .min_files = 1,
    .max_files = 1,
    .run = run};

static com_status words(const cli_env *env, const cJSON *j, char **out) {
  return ads_compare_words(env->ctx, j, out);
}

static com_status plot(const cli_env *env, const char *file, const cJSON *j, com_svg **out) {
  (void)file;
  return ads_compare_plot(env->ctx, j, out);
}

const cli_schema cli_cmd_compare_schema = {
    .kind = "comparison",
    .doc = "several flows on the same data: fits, metrics, transfer, gradients, cost",
    .plot = plot,
    .words = words};
