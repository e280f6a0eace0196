/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/background_file.h"
#include "ads/spectrum_report.h"
#include "cli/cli.h"
#include "cli/io.h"
#include "cli/output.h"
#include "cli/registry.h"
#include "cli/shapes.h"
#include "common/result.h"

typedef struct args {
  cli_output_files to;
} args;

static const cli_opt opts[] = {
    {'n', "states", "N", "states per sector", CLI_INT, 0, "spectrum.n", NULL},
    {0, "masses", "FILE", "measured masses", CLI_INPUT, 0, "spectrum.masses", NULL},
    {0, "train", "BOOL", "true: train the profile on the masses", CLI_JSON, 0, "spectrum.train", NULL},
    CLI_OUTPUT_OPTS(args, to, "masses and background"),
    {0}};

/* A spectrum result is run again from its config, not from the background it ended with. */
static const cJSON *start_of(const cJSON *j) {
  const cJSON *config = com_json_get(j, "config");
  return com_json_get(j, "result") && config ? config : j;
}

static com_status run(cli_env *env) {
  const char *file = env->files[0];
  com_ctx *c = env->ctx;
  com_status status = COM_OK;
  cJSON *j = NULL, *docs = NULL, *config = NULL, *result = NULL, *doc = NULL;
  COM_TRY(cli_io_load(env, file, &j));
  COM_GOTO(done, ads_background_file_documents(c, file, start_of(j), &docs));
  COM_GOTO(done, ads_spectrum_report_run(c, file, com_json_at(docs, 0), &config, &result));
  status = com_result_wrap(c, "holograd/spectrum/1", config, result, &doc);
  if (!status) status = cli_output(env, doc, &((const args *)env->args)->to);
done:
  com_json_free(doc);
  com_json_free(docs);
  com_json_free(j);
  return status;
}

const cli_cmd cli_cmd_spectrum = {
    .name = "spectrum",
    .usage = "FILE",
    .doc = "meson masses of a background, or a background trained from masses",
    .text = "Reads a background of type conformal.  Masses come from a matrix with Richardson extrapolation "
            "and, as a check, from "
            "shooting\nwith CVODES.  With train the profile is fitted to the lowest masses; profiles lists "
            "others to compare with.",
    .examples =
        "holograd spectrum soft_wall.json -n 5\n"
        "holograd spectrum mesons.json --train true --masses data/meson_masses/data.json -o spectrum.json",
    .opts = opts,
    .args_size = sizeof(args),
    .min_files = 1,
    .max_files = 1,
    .run = run};

static com_status words(const cli_env *env, const cJSON *j, char **out) {
  return ads_spectrum_report_words(env->ctx, j, out);
}

static com_status plot(const cli_env *env, const char *file, const cJSON *j, com_svg **out) {
  (void)file;
  return ads_spectrum_report_plot(env->ctx, j, out);
}

const cli_schema cli_cmd_spectrum_schema = {.kind = "spectrum",
                                            .doc = "meson masses, and the background they belong to",
                                            .plot = plot,
                                            .words = words,
                                            .reads = "spectrum",
                                            .shape = cli_shapes_spectrum,
                                            .config = "background"};
