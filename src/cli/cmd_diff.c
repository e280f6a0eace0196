/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ads/units.h"
#include "cli/io.h"
#include "cli/registry.h"
#include "cli/series.h"
#include "common/result.h"
#include "common/table.h"

typedef struct diff_args {
  double sigma, rel;
  cli_strings columns;
  int all;
} diff_args;

static const cli_opt opts[] = {
    {0, "sigma", "X", "largest difference that agrees, in units of the combined errors", CLI_REAL,
     offsetof(diff_args, sigma), NULL, "3"},
    {0, "rel", "X", "the same for columns without errors: relative to the largest entry", CLI_REAL,
     offsetof(diff_args, rel), NULL, "1e-6"},
    {0, "column", "NAME", "compare only this column (or all that begin with NAME.); repeatable", CLI_STRINGS,
     offsetof(diff_args, columns), NULL, NULL},
    {0, "all", NULL, "a column of A that B lacks differs, instead of being passed over", CLI_FLAG,
     offsetof(diff_args, all), NULL, NULL},
    {0}};

/* The outcome for one column: the worst row. */
typedef struct worst {
  double sigma; /* |a - b| / sqrt(ea^2 + eb^2), NAN without errors */
  double rel;   /* |a - b| / max |a|, |b| over the column */
  int differs;
  const char *why; /* NULL, or what makes a comparison row by row impossible */
} worst;

static int wanted(const diff_args *a, const char *name) {
  for (size_t i = 0; i < a->columns.n; i++) {
    size_t n = strlen(a->columns.v[i]);
    if (!strncmp(name, a->columns.v[i], n) && (!name[n] || name[n] == '.')) return 1;
  }
  return a->columns.n == 0;
}

static double largest(const cli_series *s, double factor) {
  double m = 0;
  for (size_t i = 0; i < s->n; i++)
    if (fabs(factor * s->v[i]) > m) m = fabs(factor * s->v[i]);
  return m;
}

/* sigma_i = |a_i - f b_i| / sqrt(ea_i^2 + (f eb_i)^2);  rel_i = |a_i - f b_i| / max_k(|a_k|, |f b_k|) */
static worst compare(const diff_args *args, const cli_series *a, const cli_series *b, double f) {
  worst w = {.sigma = a->err || b->err ? 0 : NAN};
  if (a->n != b->n) return (worst){.sigma = NAN, .rel = NAN, .differs = 1, .why = "other length"};
  const double scale = fmax(largest(a, 1), largest(b, f));
  for (size_t i = 0; i < a->n; i++) {
    const double x = a->v[i], y = f * b->v[i], delta = fabs(x - y);
    if (isnan(x) && isnan(y)) continue;
    if (isnan(x) || isnan(y))
      return (worst){.sigma = NAN, .rel = NAN, .differs = 1, .why = "null on one side"};
    const double e = hypot(a->err ? a->err[i] : 0, b->err ? f * b->err[i] : 0);
    const double rel = delta > 0 ? delta / scale : 0, sigma = delta > 0 ? delta / e : 0;
    w.rel = fmax(w.rel, rel);
    if (!isnan(w.sigma)) w.sigma = fmax(w.sigma, sigma);
    w.differs |= isnan(w.sigma) || !(e > 0) ? !(rel <= args->rel) : !(sigma <= args->sigma);
  }
  return w;
}

typedef struct columns {
  size_t n, n_differ;
  const char **name, **verdict;
  double *sigma, *rel;
} columns;

static com_status compare_all(com_ctx *c, const diff_args *args, const cli_series_list *a,
                              const cli_series_list *b, columns *out) {
  const size_t max = a->n + b->n + 1;
  COM_ALLOC(c, out->name = calloc(max, sizeof *out->name));
  COM_ALLOC(c, out->verdict = calloc(max, sizeof *out->verdict));
  COM_ALLOC(c, out->sigma = calloc(max, sizeof *out->sigma));
  COM_ALLOC(c, out->rel = calloc(max, sizeof *out->rel));
  for (size_t i = 0; i < a->n; i++) {
    const cli_series *x = &a->v[i], *y = cli_series_find(b, x->name);
    double factor = 1;
    if (!wanted(args, x->name) || (!y && !args->all)) continue;
    if (y && strcmp(x->unit, y->unit) && *x->unit && *y->unit)
      COM_TRY(ads_units_factor(c, x->name, y->unit, x->unit, &factor));
    const worst w = y ? compare(args, x, y, factor) : (worst){NAN, NAN, 1, "only in the first"};
    out->name[out->n] = x->name;
    out->sigma[out->n] = w.sigma;
    out->rel[out->n] = w.rel;
    out->verdict[out->n++] = w.why ? w.why : w.differs ? "differs" : "agrees";
    out->n_differ += (size_t)(w.differs != 0);
  }
  return COM_OK;
}

static void columns_finish(columns *x) {
  free(x->name);
  free(x->verdict);
  free(x->sigma);
  free(x->rel);
}

static com_status make_table(com_ctx *c, const columns *x, com_table **out) {
  COM_TRY(com_table_create(c, out));
  COM_TRY(com_table_add_text(c, *out, "column", x->n, x->name));
  COM_TRY(com_table_add(c, *out, "sigma", "1", NULL, x->n, x->sigma, NULL));
  COM_TRY(com_table_add(c, *out, "relative", "1", NULL, x->n, x->rel, NULL));
  return com_table_add_text(c, *out, "verdict", x->n, x->verdict);
}

static com_status write_out(const cli_env *env, const columns *x) {
  com_ctx *c = env->ctx;
  com_status status = COM_OK;
  com_table *t = NULL;
  char *text = NULL;
  cJSON *doc = NULL;
  COM_GOTO(done, make_table(c, x, &t));
  if (env->common->output) {
    COM_GOTO(done, com_result_wrap(c, "holograd/diff/1", NULL, com_table_json(t), &doc));
    COM_GOTO(done, cli_io_save(env, doc));
  } else {
    COM_GOTO(done, com_table_print(c, t, &text));
    COM_GOTO(done, cli_io_save_text(env, NULL, text));
  }
done:
  com_json_free(doc);
  free(text);
  com_table_destroy(t);
  return status;
}

static com_status run(cli_env *env) {
  const diff_args *args = env->args;
  com_ctx *c = env->ctx;
  com_status status = COM_OK;
  cJSON *j[2] = {NULL, NULL};
  cli_series_list list[2] = {{0}, {0}};
  columns x = {0};
  for (size_t k = 0; k < 2; k++) {
    COM_GOTO(done, cli_io_load_plain(env, env->files[k], &j[k]));
    COM_GOTO(done, cli_series_collect(c, env->files[k], j[k], &list[k]));
  }
  COM_GOTO(done, compare_all(c, args, &list[0], &list[1], &x));
  if (!x.n)
    COM_GOTO(done, COM_FAIL(c, COM_E_DATA, "%s and %s: have no column of numbers in common%s", env->files[0],
                            env->files[1], args->columns.n ? " that --column names" : ""));
  COM_GOTO(done, write_out(env, &x));
  if (x.n_differ)
    status = COM_FAIL(c, COM_E_NEGATIVE, "%s and %s: %zu of %zu columns differ", env->files[0], env->files[1],
                      x.n_differ, x.n);
done:
  columns_finish(&x);
  for (size_t k = 0; k < 2; k++) {
    cli_series_finish(&list[k]);
    com_json_free(j[k]);
  }
  return status;
}

const cli_cmd cli_cmd_diff = {
    .name = "diff",
    .usage = "A B",
    .doc = "compare two results, column by column in units of their errors",
    .text =
        "Columns are matched by name: columns of tables, members of rows (predictions.response), parameters\n"
        "(parameters.metric.theta), scalars.  Units are converted.  Where neither file gives an error, the\n"
        "difference relative to the largest entry of the column counts.  Exit code 0: agree, 1: differ.",
    .examples = "holograd diff a.json b.json\nholograd diff a.json b.json --column predictions --sigma 2",
    .opts = opts,
    .args_size = sizeof(diff_args),
    .min_files = 2,
    .max_files = 2,
    .run = run};
