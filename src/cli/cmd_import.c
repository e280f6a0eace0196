/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ads/dataset_plot.h"
#include "ads/units.h"
#include "cli/io.h"
#include "cli/output.h"
#include "cli/registry.h"
#include "common/fs.h"
#include "common/result.h"
#include "common/table.h"

typedef struct import_args {
  cli_output_files to;
  const char *source, *response, *error, *temperature, *name, *title, *citation;
  double scale_error;
} import_args;

#define ROW(lng, arg, doc, member)                                                                           \
  { 0, lng, arg, doc, CLI_STRING, offsetof(import_args, member), NULL, NULL }
static const cli_opt opts[] = {
    ROW("source", "COLUMN:UNIT", "column of the source, as m_q:GeV (required)", source),
    ROW("response", "COLUMN:UNIT", "column of the response, as cond:GeV^3 (required)", response),
    ROW("error", "COLUMN", "column of the errors of the response, in its unit", error),
    ROW("temperature", "VALUE:UNIT", "temperature, as 0.207:GeV", temperature),
    ROW("name", "NAME", "short name (default: that of the file)", name),
    ROW("title", "TEXT", "one line for plots", title),
    ROW("citation", "TEXT", "where the numbers come from", citation),
    {0, "scale-error", "X", "common relative error of all responses", CLI_REAL,
     offsetof(import_args, scale_error), NULL, NULL},
    CLI_OUTPUT_OPTS(import_args, to, "the dataset"),
    {0}};
#undef ROW

/* "m_q:GeV" -> "m_q", "GeV"; without a colon the unit is "1".  The last colon counts: names may hold one. */
static com_status split(com_ctx *c, const char *option, const char *text, char name[128], char unit[64]) {
  const char *colon = strrchr(text, ':');
  const size_t n = colon ? (size_t)(colon - text) : strlen(text);
  COM_CHECK(c, n > 0 && n < 128 && (!colon || (colon[1] && strlen(colon + 1) < 64)), COM_E_USAGE,
            "import: --%s %s: must be NAME:UNIT, as m_q:GeV", option, text);
  memcpy(name, text, n);
  name[n] = '\0';
  strcpy(unit, colon ? colon + 1 : "1");
  return COM_OK;
}

static com_status column(com_ctx *c, const char *file, const com_table *t, const char *name,
                         const double **v) {
  const size_t k = com_table_find(t, name);
  if (k != (size_t)-1) {
    *v = com_table_values(t, k);
    COM_CHECK(c, *v, COM_E_DATA, "%s: column %s holds text: must hold numbers", file, name);
    for (size_t i = 0; i < com_table_rows(t); i++)
      COM_CHECK(c, isfinite((*v)[i]), COM_E_DATA,
                "%s: row %zu of column %s is empty or no number: every point needs one; delete the row", file,
                i + 1, name);
    return COM_OK;
  }
  com_text have = {0};
  for (size_t i = 0; i < com_table_cols(t); i++)
    com_text_printf(&have, "%s%s", i ? ", " : "", com_table_name(t, i));
  com_status status = COM_FAIL(c, COM_E_DATA, "%s: no column is called %s: must be one of %s", file, name,
                               have.s ? have.s : "none");
  com_text_finish(&have);
  return status;
}

/* Kept as it is, as a dictionary may take any unit; but nothing will convert it. */
static void mind_unit(com_ctx *c, const char *name, const char *unit) {
  double factor;
  if (ads_units_factor(c, name, unit, unit, &factor) == COM_OK) return;
  com_ctx_warn(c, "unit", "%s; kept as it is", com_ctx_error(c));
  com_ctx_clear(c);
}

static com_status add_axis(com_ctx *c, const char *file, const com_table *t, const char *key,
                           const char *spec, const char *error, cJSON *out) {
  char name[128], unit[64];
  const double *v, *e;
  const size_t n = com_table_rows(t);
  COM_TRY(split(c, key, spec, name, unit));
  COM_TRY(column(c, file, t, name, &v));
  mind_unit(c, name, unit);
  COM_TRY(com_json_add(c, out, key, com_json_object()));
  cJSON *axis = com_json_edit(out, key);
  COM_TRY(com_json_add(c, axis, "name", com_json_string(name)));
  COM_TRY(com_json_add(c, axis, "unit", com_json_string(unit)));
  COM_TRY(com_json_add(c, axis, "values", com_json_reals(v, n)));
  if (!error) return COM_OK;
  COM_TRY(column(c, file, t, error, &e));
  return com_json_add(c, axis, "errors", com_json_reals(e, n));
}

static com_status add_temperature(com_ctx *c, const char *spec, cJSON *out) {
  char value[128], unit[64], *end;
  COM_TRY(split(c, "temperature", spec, value, unit));
  const double x = strtod(value, &end);
  COM_CHECK(c, end != value && !*end && isfinite(x), COM_E_USAGE,
            "import: --temperature %s: must be VALUE:UNIT, as 0.207:GeV", spec);
  COM_TRY(com_json_add(c, out, "temperature", com_json_object()));
  cJSON *t = com_json_edit(out, "temperature");
  COM_TRY(com_json_add(c, t, "value", com_json_real(x)));
  return com_json_add(c, t, "unit", com_json_string(unit));
}

/* "data/cond.csv" -> "cond" */
static void stem(const char *file, char out[128]) {
  const char *slash = strrchr(file, '/'), *from = strcmp(file, "-") ? (slash ? slash + 1 : file) : "imported";
  const char *dot = strrchr(from, '.');
  const size_t n = dot && dot > from ? (size_t)(dot - from) : strlen(from);
  snprintf(out, 128, "%.*s", (int)(n < 127 ? n : 127), from);
}

static com_status build(com_ctx *c, const char *file, const import_args *a, const com_table *t, cJSON *out) {
  char name[128];
  stem(file, name);
  COM_TRY(com_json_add(c, out, "schema", com_json_string("holograd/dataset/1")));
  COM_TRY(com_json_add(c, out, "name", com_json_string(a->name ? a->name : name)));
  if (a->title) COM_TRY(com_json_add(c, out, "title", com_json_string(a->title)));
  COM_TRY(com_json_add(c, out, "kind", com_json_string("response")));
  if (a->temperature) COM_TRY(add_temperature(c, a->temperature, out));
  COM_TRY(add_axis(c, file, t, "source", a->source, NULL, out));
  COM_TRY(add_axis(c, file, t, "response", a->response, a->error, out));
  if (a->scale_error > 0)
    COM_TRY(com_json_add(c, com_json_edit(out, "response"), "scale_error", com_json_real(a->scale_error)));
  COM_TRY(com_json_add(c, out, "provenance", com_json_object()));
  return a->citation
             ? com_json_add(c, com_json_edit(out, "provenance"), "citation", com_json_string(a->citation))
             : COM_OK;
}

static com_status run(cli_env *env) {
  const import_args *a = env->args;
  com_ctx *c = env->ctx;
  const char *file = env->files[0];
  COM_CHECK(
      c, a->source && a->response, COM_E_USAGE,
      "import: --source COLUMN:UNIT and --response COLUMN:UNIT are required (usage: holograd import FILE.csv "
      "--source m_q:GeV --response cond:GeV^3 --error COLUMN)");
  com_status status = COM_OK;
  char *text = NULL;
  size_t n = 0;
  com_table *t = NULL;
  ads_dataset *checked = NULL;
  cJSON *out = com_json_object();
  if (!out) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
  COM_GOTO(done, com_fs_read(c, file, &text, &n));
  COM_GOTO(done, com_table_parse_csv(c, file, text, n, &t));
  COM_GOTO(done, build(c, file, a, t, out));
  COM_GOTO(done, ads_dataset_parse(c, file, out, &checked)); /* what we write must be readable */
  if (!a->error)
    com_ctx_warn(c, "no-errors", "%s: no --error column: train needs loss.noise, a relative error, to use it",
                 file);
  COM_GOTO(done, com_result_stamp(c, out));
  COM_GOTO(done, cli_output(env, out, &a->to));
done:
  ads_dataset_destroy(checked);
  com_table_destroy(t);
  com_json_free(out);
  free(text);
  return status;
}

const cli_cmd cli_cmd_import = {
    .name = "import",
    .usage = "FILE.csv",
    .doc = "make a dataset from a CSV table",
    .text = "The table has a header line; comma, semicolon or blanks separate; # begins a comment.",
    .examples = "holograd import cond.csv --source m_q:GeV --response cond:GeV^3 --error sigma -o data.json\n"
                "holograd import - --source H:T --response M:1 --name magnet < magnet.csv",
    .opts = opts,
    .args_size = sizeof(import_args),
    .min_files = 1,
    .max_files = 1,
    .run = run};

/* ---- the file format ---- */

static void describe(const ads_dataset *d, com_text *out) {
  if (d->kind == ADS_DATASET_LABELLED)
    com_text_printf(out, "%zu labelled points.\n", d->n);
  else
    com_text_printf(out, "%zu points, source %s [%s], response %s [%s], %s.\n", d->n, d->source_name,
                    d->source_unit, d->response_name, d->response_unit,
                    d->cov     ? "with a covariance"
                    : d->error ? "with errors"
                               : "without errors (train needs loss.noise)");
}

static com_status check(const cli_env *env, const char *file, const cJSON *j, com_text *out) {
  ads_dataset *d = NULL;
  COM_TRY(ads_dataset_parse(env->ctx, file, j, &d));
  com_text_printf(out, "%s: ", file);
  describe(d, out);
  ads_dataset_destroy(d);
  return COM_OK;
}

static com_status words(const cli_env *env, const cJSON *j, char **out) {
  ads_dataset *d = NULL;
  com_text t = {0};
  COM_TRY(ads_dataset_parse(env->ctx, "dataset", j, &d));
  com_text_printf(&t, "%s: ", d->name);
  describe(d, &t);
  ads_dataset_destroy(d);
  return com_text_take(env->ctx, &t, out);
}

static com_status plot(const cli_env *env, const char *file, const cJSON *j, com_svg **out) {
  ads_dataset *d = NULL;
  COM_TRY(ads_dataset_parse(env->ctx, file, j, &d));
  com_status status = ads_dataset_plot(env->ctx, d, out);
  ads_dataset_destroy(d);
  return status;
}

const cli_schema cli_cmd_import_schema = {.kind = "dataset", .check = check, .plot = plot, .words = words};
