/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include "ads/infer.h"
#include "ads/infer_words.h"
#include "cli/cli.h"
#include "cli/io.h"
#include "cli/output.h"
#include "cli/registry.h"
#include "cli/trainfile.h"

typedef struct args {
  cli_output_files to;
  const char *samples, *arviz;
} args;

static const cli_opt opts[] = {
    {'d', "data", "FILE", "dataset, instead of the config's", CLI_INPUT, 0, "dataset", NULL},
    {0, "chains", "N", "chains per mode", CLI_INT, 0, "infer.chains", NULL},
    {0, "draws", "N", "draws of a chain", CLI_INT, 0, "infer.draws", NULL},
    {0, "warmup", "N", "warm-up transitions of a chain", CLI_INT, 0, "infer.warmup", NULL},
    {0, "starts", "N", "independent starts in the search of modes", CLI_INT, 0, "infer.starts", NULL},
    {0, "bands", "N", "draws carried on to f, g, V(d), V(Phi)", CLI_INT, 0, "infer.bands", NULL},
    {0, "samples", "FILE", "write the draws as CSV", CLI_OUTPUT, offsetof(args, samples), NULL, NULL},
    {0, "arviz", "FILE", "write the draws of the best mode as ArviZ InferenceData JSON", CLI_OUTPUT,
     offsetof(args, arviz), NULL, NULL},
    CLI_OUTPUT_OPTS(args, to, "spectrum, bands and couplings"),
    {0}};

static com_status companions(const cli_env *env, const args *a, const ads_infer_output *r) {
  com_ctx *c = env->ctx;
  char *text = NULL;
  if (a->samples) COM_TRY(cli_io_save_text(env, a->samples, r->csv));
  if (!a->arviz) return COM_OK;
  com_status s = com_json_text(c, r->arviz, &text);
  if (!s) s = cli_io_save_text(env, a->arviz, text);
  free(text);
  return s;
}

static com_status run(cli_env *env) {
  com_ctx *c = env->ctx;
  const args *a = env->args;
  cli_trainfile file = {0};
  ads_infer_output draws;
  cJSON *doc = NULL;
  COM_TRY(cli_trainfile_open(env, env->files[0], NULL, &file));
  com_status status = ads_infer_document(c, env->files[0], file.fit, file.parameters, &draws, &doc);
  if (!status) {
    status = companions(env, a, &draws);
    if (!status) status = cli_output(env, doc, &a->to);
    ads_infer_finish(&draws);
  }
  com_json_free(doc);
  cli_trainfile_close(&file);
  return status;
}

const cli_cmd cli_cmd_infer = {
    .name = "infer",
    .usage = "FILE",
    .doc = "what the data determine: spectrum, posterior and bands of h, L, lambda and the observables",
    .text = "Reads a train result, or a train config (which is trained first), with its block \"infer\".\n\n"
            "The likelihood is chi2 in the response direction.  The prior is stated in docs/inference.md: h "
            "is d coth(d eta) plus a\n"
            "Gaussian process whose size is inferred, h(eta_uv) = d, the couplings are log-normal; common "
            "scale errors and the\n"
            "temperature are nuisance parameters.  Draws come from the No-U-Turn sampler, one set of chains "
            "per mode, the modes\n"
            "weighted by their evidence.",
    .examples =
        "holograd infer result.json -o inference.json --plot inference.svg --samples draws.csv\n"
        "holograd infer examples/02_qcd_condensate/config.json --set infer.prior.width=2 -o wide.json",
    .opts = opts,
    .args_size = sizeof(args),
    .min_files = 1,
    .max_files = 1,
    .run = run};

static com_status words(const cli_env *env, const cJSON *j, char **out) {
  return ads_infer_words(env->ctx, j, out);
}

static com_status plot(const cli_env *env, const char *file, const cJSON *j, com_svg **out) {
  (void)file;
  return ads_infer_words_plot(env->ctx, j, out);
}

const cli_schema cli_cmd_infer_schema = {.kind = "inference", .plot = plot, .words = words, .reads = "infer"};
