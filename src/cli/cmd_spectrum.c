/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/spectrum_report.h"
#include "ads/profile.h"
#include "cli/cli.h"
#include "cli/io.h"
#include "cli/output.h"
#include "cli/registry.h"
#include "cli/training.h"

typedef struct args {
  cli_output_files to;
  cli_training training;
} args;

static const cli_opt opts[] = {
    {'n', "states", "N", "states per sector", CLI_INT, 0, "spectrum.n", NULL},
    {0, "masses", "FILE", "measured masses", CLI_INPUT, 0, "spectrum.masses", NULL},
    {0, "train", "BOOL", "true: train the profile on the masses", CLI_JSON, 0, "spectrum.train", NULL},
    {0, "restarts", "N", "starts of each training", CLI_INT, 0, "spectrum.starts", NULL},
    CLI_TRAINING_OPTS(args, training),
    CLI_OUTPUT_OPTS(args, to, "masses and background"),
    {0}};

static com_status run(cli_env *env) {
  const args *a = env->args;
  com_ctx *c = env->ctx;
  com_status status = COM_OK;
  ads_spectrum_report *r = NULL;
  cJSON *j = NULL, *doc = NULL;
  COM_TRY(cli_io_load(env, env->files[0], &j));
  COM_GOTO(done, ads_spectrum_report_create(c, env->files[0], j, &r));
  const size_t n = ads_spectrum_report_n_trainers(r);
  ads_trainer *const *t = ads_spectrum_report_trainers(r);
  COM_GOTO(done, cli_training_run(env, &a->training, "spectrum", n, t));
  COM_GOTO(done, ads_spectrum_report_finish(r, &doc));
  COM_GOTO(done, cli_output(env, doc, &a->to));
  status = cli_training_verdict(c, &a->training, n, t);
done:
  com_json_free(doc);
  ads_spectrum_report_destroy(r);
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
            "others to compare with.  A training\nis checkpointed, interrupted and resumed as that of the "
            "command train is.",
    .examples =
        "holograd spectrum soft_wall.json -n 5\n"
        "holograd spectrum mesons.json --train true --masses data/meson_masses/data.json -o spectrum.json",
    .opts = opts,
    .args_size = sizeof(args),
    .min_files = 1,
    .max_files = 1,
    .run = run};

static com_status check(const cli_env *env, const char *file, const cJSON *j, com_text *out) {
  enum { EVALUATIONS = 25 }; /* of a training that its first start ends */
  com_ctx *c = env->ctx;
  ads_spectrum_report *r = NULL;
  COM_TRY(ads_spectrum_report_create(c, file, j, &r));
  const size_t n = ads_spectrum_report_n_trainers(r);
  com_status s = COM_OK;
  double seconds = 0;
  for (size_t k = 0; k < n && !s; k++) {
    const ads_task *t = ads_trainer_task(ads_spectrum_report_trainers(r)[k]);
    double full[ADS_PROFILE_PARAMS], f, g[ADS_PROFILE_PARAMS];
    size_t n_bad;
    s = t->ops->start(t->self, 1, full);
    const double t0 = com_ctx_elapsed(c);
    if (!s) s = t->ops->value(t->self, 0, 1, -1, full, &f, g, &n_bad);
    seconds += EVALUATIONS * (com_ctx_elapsed(c) - t0);
    com_text_printf(out, "%s: would train profile %s on %zu masses, optimizer %s, up to %zu start%s.\n", file,
                    t->name, t->n_points, t->optimizer->type->name, t->n_starts, t->n_starts == 1 ? "" : "s");
  }
  if (n)
    com_text_printf(out, "It may take about %s on an idle machine: one objective of each was timed.\n",
                    com_text_time(seconds, (char[COM_TEXT_TIME]){0}));
  else
    com_text_printf(out, "%s: would compute masses of the background as given: well under a second.\n", file);
  ads_spectrum_report_destroy(r);
  return s;
}

static com_status words(const cli_env *env, const cJSON *j, char **out) {
  return ads_spectrum_report_words(env->ctx, j, out);
}

static com_status plot(const cli_env *env, const char *file, const cJSON *j, com_svg **out) {
  (void)file;
  return ads_spectrum_report_plot(env->ctx, j, out);
}

const cli_schema cli_cmd_spectrum_schema = {
    .kind = "spectrum", .check = check, .plot = plot, .words = words, .reads = "spectrum"};
