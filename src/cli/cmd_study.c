/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/study.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/registry.h"
#include "cli/trainfile.h"

typedef struct args {
  cli_output_files to;
  const char *checkpoint, *resume;
} args;

static const cli_opt opts[] = {
    {'d', "data", "FILE", "dataset, instead of the config's", CLI_INPUT, 0, "dataset", NULL},
    {'t', "type", "TYPE", "replicas (bias and pulls) or calibration (ranks of truths from the prior)",
     CLI_JSON, 0, "study.type", NULL},
    {'n', "n", "N", "replicas or datasets", CLI_INT, 0, "study.n", NULL},
    {0, "starts", "N", "random starts of each fit", CLI_INT, 0, "study.starts", NULL},
    {0, "checkpoint", "FILE", "keep what is done here, again and again", CLI_REPLACED,
     offsetof(args, checkpoint), NULL, NULL},
    {0, "resume", "FILE", "go on from this checkpoint", CLI_INPUT, offsetof(args, resume), NULL, NULL},
    CLI_OUTPUT_OPTS(args, to, "rank histograms, or pulls"),
    {0}};

static com_status run(cli_env *env) {
  const args *a = env->args;
  cli_trainfile file = {0};
  cJSON *doc = NULL;
  COM_TRY(cli_trainfile_open(env, env->files[0], NULL, &file));
  const com_status made =
      ads_study_document(env->ctx, env->files[0], file.fit, file.parameters, a->checkpoint, a->resume, &doc);
  const com_status written = doc ? cli_output(env, doc, &a->to) : COM_OK;
  com_json_free(doc);
  cli_trainfile_close(&file);
  return written ? written : made;
}

const cli_cmd cli_cmd_study = {
    .name = "study",
    .usage = "CONFIG",
    .doc = "bias, pulls and calibration of a config, by refits of data that are made up",
    .text = "replicas: data are drawn again and again from one truth (the parameters of a result, or the fit "
            "of the config's data)\n"
            "with the config's errors, and each is fitted; bias, spread and pulls are reported.\n\n"
            "calibration: truths are drawn from the prior of infer, data from the truths, and a chain for "
            "each; the rank of the\n"
            "truth among the draws must be uniform, and 68 % bands must cover 68 % (arXiv:1804.06788).",
    .examples = "holograd study config.json -n 50 -o study.json\n"
                "holograd study config.json --type calibration -n 200 -o study.json --plot ranks.svg",
    .opts = opts,
    .args_size = sizeof(args),
    .min_files = 1,
    .max_files = 1,
    .run = run};

static com_status plot(const cli_env *env, const char *file, const cJSON *j, com_svg **out) {
  (void)file;
  return ads_study_words_plot(env->ctx, j, out);
}

static com_status words(const cli_env *env, const cJSON *j, char **out) {
  return ads_study_words(env->ctx, j, out);
}

const cli_schema cli_cmd_study_schema = {.kind = "study", .plot = plot, .words = words, .reads = "study"};
