/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include "ads/infer.h"
#include "ads/infer_words.h"
#include "ads/report.h"
#include "cli/cli.h"
#include "cli/io.h"
#include "cli/output.h"
#include "cli/registry.h"
#include "cli/shapes.h"
#include "cli/trainfile.h"
#include "common/result.h"

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

static com_status infer(const cli_env *env, cli_trainfile *file, const ads_infer_opts *o) {
  com_ctx *c = env->ctx;
  ads_infer_output r = {0};
  cJSON *cfg = NULL, *doc = NULL;
  com_status status = COM_OK;
  const int restarts = file->cfg.restarts;
  file->cfg.restarts = o->starts; /* the search of modes has its own number of starts */
  status = ads_infer_run(c, file->fit, file->parameters, o, &r);
  file->cfg.restarts = restarts;
  if (status) return status;
  COM_GOTO(done, companions(env, env->args, &r));
  COM_GOTO(done, ads_report_config(c, file->fit, &cfg));
  status = com_result_wrap(c, "holograd/inference/1", cfg, r.result, &doc);
  cfg = r.result = NULL;
  if (!status) status = cli_output(env, doc, &((const args *)env->args)->to);
done:
  com_json_free(cfg);
  com_json_free(doc);
  ads_infer_finish(&r);
  return status;
}

static com_status run(cli_env *env) {
  cli_trainfile file = {0};
  ads_infer_opts o;
  COM_TRY(cli_trainfile_open(env, env->files[0], NULL, &file));
  com_status status = ads_infer_opts_read(env->ctx, env->files[0], file.cfg.infer, &o);
  if (!status) {
    status = infer(env, &file, &o);
    com_field_finish(ads_infer_opts_fields, &o);
  }
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

const cli_schema cli_cmd_infer_schema = {
    .kind = "inference",
    .doc = "what the data determine: spectrum, modes, bands, criticism, design",
    .plot = plot,
    .words = words,
    .reads = "infer",
    .shape = cli_shapes_inference,
    .config = "train"};
