/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/background_file.h"
#include "ads/lattice_data.h"
#include "ads/potential.h"
#include "cli/cli.h"
#include "cli/io.h"
#include "cli/output.h"
#include "cli/registry.h"
#include "common/result.h"

typedef struct args {
  cli_output_files to;
  cli_strings lattice;
} args;

static const cli_opt opts[] = {
    {0, "T", "GeV,...", "temperatures, one curve each, instead of that of the file", CLI_LIST, 0,
     "potential.T", NULL},
    {0, "closure", "CLOSURE", "how f and g share f g^(d-1), instead of the file's", CLI_STRING, 0,
     "potential.closure", NULL},
    {0, "frame", "FRAME", "einstein or string (closures with a dilaton)", CLI_STRING, 0, "potential.frame",
     NULL},
    {0, "eta0", "MIN:MAX:N", "turning points", CLI_LIST, 0, "potential.eta0", NULL},
    {0, "calibrate", "HOW", "slope, lattice or none: what fixes 1/(2 pi alpha')", CLI_STRING, 0,
     "potential.calibrate", NULL},
    {0, "shift", "HOW", "none, plateau, points or auto: additive constant from the lattice", CLI_STRING, 0,
     "potential.shift", NULL},
    {0, "lattice", "FILE", "lattice data to lay over; repeatable", CLI_STRINGS, offsetof(args, lattice), NULL,
     NULL},
    CLI_OUTPUT_OPTS(args, to, "V(r) with the lattice data"),
    {0}};

/* Lattice files of the command line lie in the working directory: they are read here, and stand in the block as objects. */
static com_status add_lattice(const cli_env *env, const cli_strings *files, cJSON *doc) {
  com_ctx *c = env->ctx;
  if (!files->n) return COM_OK;
  cJSON *all = com_json_array();
  com_status s = all ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  for (size_t i = 0; i < files->n && !s; i++) {
    cJSON *j = NULL;
    s = com_json_load(c, files->v[i], &j);
    if (!s) s = ads_lattice_data_expect(c, files->v[i], j);
    if (s)
      com_json_free(j);
    else
      s = com_json_push(c, all, j);
  }
  if (!s && !com_json_get(doc, "potential")) s = com_json_add(c, doc, "potential", com_json_object());
  if (s) {
    com_json_free(all);
    return s;
  }
  return com_json_add(c, com_json_edit(doc, "potential"), "lattice", all);
}

/* All documents of all files, in order. */
static com_status gather(const cli_env *env, cJSON *out) {
  com_ctx *c = env->ctx;
  for (size_t i = 0; i < env->n_files; i++) {
    cJSON *j = NULL, *docs = NULL;
    COM_TRY(cli_io_load(env, env->files[i], &j));
    com_status s = ads_background_file_documents(c, env->files[i], j, &docs);
    for (size_t k = 0; k < com_json_size(docs) && !s; k++)
      s = com_json_push(c, out, com_json_copy(com_json_at(docs, k)));
    com_json_free(docs);
    com_json_free(j);
    COM_TRY(s);
  }
  return COM_OK;
}

static com_status run(cli_env *env) {
  const args *a = env->args;
  com_ctx *c = env->ctx;
  com_status status = COM_OK;
  cJSON *docs = com_json_array(), *config = NULL, *result = NULL, *doc = NULL;
  COM_ALLOC(c, docs);
  COM_GOTO(done, gather(env, docs));
  COM_GOTO(done, add_lattice(env, &a->lattice, (cJSON *)com_json_at(docs, 0)));
  COM_GOTO(done, ads_potential_run(c, env->files[0], docs, &config, &result));
  status = com_result_wrap(c, "holograd/potential/1", config, result, &doc);
  if (!status) status = cli_output(env, doc, &a->to);
done:
  com_json_free(doc);
  com_json_free(docs);
  return status;
}

const cli_cmd cli_cmd_potential = {
    .name = "potential",
    .usage = "FILE...",
    .doc = "quark-antiquark potential of a background or a learned metric",
    .text = "Reads background files, train results, or what background, potential and spectrum wrote; "
            "several files or temperatures "
            "give\nseveral curves in one plot.  The settings are the block \"potential\" of the first file: "
            "see docs/potential.md.",
    .examples = "holograd potential result.json --lattice data/lattice_F1_singlet/data.json --shift plateau "
                "-o v.json --plot v.svg\n"
                "holograd potential background.json --closure cosh --eta0 0.9:2:50",
    .opts = opts,
    .args_size = sizeof(args),
    .min_files = 1,
    .max_files = -1,
    .run = run};

static com_status words(const cli_env *env, const cJSON *j, char **out) {
  return ads_potential_words(env->ctx, j, out);
}

static com_status plot(const cli_env *env, const char *file, const cJSON *j, com_svg **out) {
  (void)file;
  return ads_potential_plot(env->ctx, j, out);
}

const cli_schema cli_cmd_potential_schema = {
    .kind = "potential", .plot = plot, .words = words, .reads = "potential"};
