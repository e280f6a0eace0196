/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>
#include "ads/background_file.h"
#include "ads/background_report.h"
#include "ads/potential.h"
#include "ads/spectrum_report.h"
#include "cli/cli.h"
#include "cli/io.h"
#include "cli/output.h"
#include "cli/registry.h"
#include "common/text.h"

typedef struct args {
  cli_output_files to;
  const char *group;
} args;

static const cli_opt opts[] = {
    {0, "T", "GeV", "temperature, instead of that of the file", CLI_JSON, 0, "background.T", NULL},
    {0, "closure", "CLOSURE", "how f and g share f g^(d-1), instead of the file's", CLI_STRING, 0,
     "background.closure", NULL},
    {0, "frame", "FRAME", "einstein or string (closures with a dilaton)", CLI_STRING, 0, "background.frame",
     NULL},
    {0, "group", "NAME", "which dataset of a joint fit; default the first", CLI_STRING, offsetof(args, group),
     NULL, NULL},
    CLI_OUTPUT_OPTS(args, to, "h, f, g and the dilaton"),
    {0}};

/* The document of that group, the first when no group is named. */
static const cJSON *choose(const cJSON *docs, const char *group) {
  for (size_t i = 0; i < com_json_size(docs); i++) {
    const cJSON *doc = com_json_at(docs, i);
    if (!group || strcmp(com_json_str(com_json_get(doc, "name"), ""), group) == 0) return doc;
  }
  return NULL;
}

static com_status run(cli_env *env) {
  const args *a = env->args;
  const char *file = env->files[0];
  com_status status = COM_OK;
  cJSON *j = NULL, *docs = NULL, *doc = NULL;
  COM_TRY(cli_io_load(env, file, &j));
  COM_GOTO(done, ads_background_file_documents(env->ctx, file, j, &docs));
  const cJSON *one = choose(docs, a->group);
  if (!one) {
    status = COM_FAIL(env->ctx, COM_E_USAGE, "%s: --group %s: there is no such group", file, a->group);
    goto done;
  }
  COM_GOTO(done, ads_background_report_run(env->ctx, file, one, &doc));
  status = cli_output(env, doc, &a->to);
done:
  com_json_free(doc);
  com_json_free(docs);
  com_json_free(j);
  return status;
}

const cli_cmd cli_cmd_background = {
    .name = "background",
    .usage = "FILE",
    .doc = "f, g, horizon, temperature, checks, dilaton and V(Phi) from a learned h",
    .text = "Reads a background file or a train result and writes a background file with f, g and, for "
            "closure einstein, Phi and V\nas "
            "arrays.  Warnings say what a careful reader would ask: null energy condition, f g, size of each "
            "extrapolation.",
    .examples = "holograd background result.json --closure einstein -o background.json --plot background.svg",
    .opts = opts,
    .args_size = sizeof(args),
    .min_files = 1,
    .max_files = 1,
    .run = run};

static com_status check(const cli_env *env, const char *file, const cJSON *j, com_text *out) {
  cJSON *docs = NULL;
  com_status s = ads_background_file_documents(env->ctx, file, j, &docs);
  const cJSON *masses = com_json_get(com_json_at(docs, 0), "spectrum");
  if (!s && masses) { /* it may lack what `spectrum` trains */
    com_json_free(docs);
    return cli_registry_schema("spectrum")->check(env, file, j, out);
  }
  for (size_t i = 0; i < com_json_size(docs) && !s; i++) {
    ads_background *b = NULL;
    s = ads_background_create(env->ctx, file, com_json_at(docs, i), &b);
    if (!s)
      com_text_printf(out, "%s: background %s; any command on it takes well under a second.\n", file,
                      ads_background_label(b));
    ads_background_destroy(b);
  }
  com_json_free(docs);
  return s;
}

static com_status words(const cli_env *env, const cJSON *j, char **out) {
  return ads_background_report_words(env->ctx, j, out);
}

static com_status plot(const cli_env *env, const char *file, const cJSON *j, com_svg **out) {
  (void)file;
  return ads_background_report_plot(env->ctx, j, out);
}

/* A file of a user with settings of `spectrum` is meant for it. */
static const char *again(const cJSON *j) {
  return com_json_get(j, "spectrum") && !com_json_get(j, "provenance") ? "spectrum" : "background";
}

const cli_schema cli_cmd_background_schema = {.kind = "background",
                                              .check = check,
                                              .plot = plot,
                                              .words = words,
                                              .again = again,
                                              .reads = "background"};
const cli_schema cli_cmd_background_set_schema = {
    .kind = "backgrounds", .check = check, .reads = "potential"};

static com_status plot_lattice(const cli_env *env, const char *file, const cJSON *j, com_svg **out) {
  return ads_potential_plot_lattice(env->ctx, file, j, out);
}
static com_status plot_masses(const cli_env *env, const char *file, const cJSON *j, com_svg **out) {
  return ads_spectrum_report_plot_masses(env->ctx, file, j, out);
}

const cli_schema cli_cmd_background_lattice_schema = {.kind = "lattice", .plot = plot_lattice};
const cli_schema cli_cmd_background_masses_schema = {.kind = "masses", .plot = plot_masses};
