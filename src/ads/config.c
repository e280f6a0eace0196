/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/config.h"

#include <stdlib.h>
#include <string.h>
#include "ads/boltzmann_file.h"
#include "ads/compare.h"
#include "ads/dictionary.h"
#include "ads/flow.h"
#include "ads/generate.h"
#include "ads/gradcheck_report.h"
#include "ads/infer_opts.h"
#include "ads/loss.h"
#include "ads/penalty.h"
#include "ads/study.h"
#include "common/optim.h"
#include "common/result.h"

#define ROW(key, doc, type, aux, sdef)                                                                       \
  { #key, doc, NULL, type, offsetof(ads_config, key), 0, 0, 0, aux, sdef, 0 }

/* quick: to see whether a config makes sense; reference: twice the digits and enough starts and draws for a paper. */
static const com_preset preset_rows[] = {{"quick", "restarts", NULL, "2"},
                                         {"quick", "flow.rel_tol", "cvodes", "1e-6"},
                                         {"quick", "flow.abs_tol", "cvodes", "1e-8"},
                                         {"quick", "flow.n_steps", "rk", "60"},
                                         {"quick", "infer.chains", NULL, "2"},
                                         {"quick", "infer.warmup", NULL, "300"},
                                         {"quick", "infer.draws", NULL, "200"},
                                         {"quick", "infer.starts", NULL, "3"},
                                         {"quick", "infer.bands", NULL, "40"},
                                         {"quick", "infer.sensitivity", NULL, "false"},
                                         {"reference", "restarts", NULL, "32"},
                                         {"reference", "flow.rel_tol", "cvodes", "1e-11"},
                                         {"reference", "flow.abs_tol", "cvodes", "1e-14"},
                                         {"reference", "flow.n_steps", "rk", "600"},
                                         {"reference", "infer.warmup", NULL, "2000"},
                                         {"reference", "infer.draws", NULL, "4000"},
                                         {"reference", "infer.starts", NULL, "16"},
                                         {"reference", "infer.bands", NULL, "1000"},
                                         {0}};
static const com_presets presets = {{"quick", "default", "reference", NULL}, preset_rows};

const com_field ads_config_fields[] = {
    ROW(schema, "holograd/train/1", COM_F_STRING, NULL, NULL),
    {"preset", "tier of the settings that this file leaves open (holograd help presets)", NULL, COM_F_ENUM,
     offsetof(ads_config, preset), 0, 0, 0, &presets, "default", COM_FF_PRESET},
    {"dataset", "path of a dataset file (relative to this file) or an inline dataset", NULL, COM_F_RAW,
     offsetof(ads_config, dataset), 0, 0, 0, ads_dataset_fields, NULL, COM_FF_FILE},
    ROW(datasets, "joint fit: [{\"file\": ..., \"group\": NAME}, ...]", COM_F_RAW, NULL, NULL),
    ROW(shared, "joint fit: parameters common to all groups, e.g. bulk.lambda", COM_F_STRINGS, NULL, NULL),
    ROW(metric, "the metric h(eta)", COM_F_COMPONENT, &ads_metric_kind, "pole_poly"),
    ROW(bulk, "the bulk equation", COM_F_COMPONENT, &ads_bulk_kind, "scalar_phi4"),
    ROW(dictionary, "boundary data to bulk initial values", COM_F_COMPONENT, &ads_dictionary_kind, "qcd"),
    ROW(flow, "the integrator", COM_F_COMPONENT, &ads_flow_kind, "cvodes"),
    ROW(flows, "compare: several integrators instead of one", COM_F_COMPONENTS, &ads_flow_kind, NULL),
    ROW(loss, "what is minimised", COM_F_COMPONENT, &ads_loss_kind, "response"),
    ROW(penalties, "added to the loss", COM_F_COMPONENTS, &ads_penalty_kind, NULL),
    ROW(optimizer, "the optimiser", COM_F_COMPONENT, &com_optim_kind, "lm"),
    {"restarts", "starts in total: start 1 keeps given values, later ones are drawn", "1", COM_F_INT,
     offsetof(ads_config, restarts), 8, 1, 100000, NULL, NULL, 0},
    ROW(seed, "root of all random streams; the option --seed wins", COM_F_SEED, NULL, NULL),
    ROW(generate, "settings of the command generate", COM_F_RAW, ads_generate_fields, NULL),
    ROW(infer, "settings of the command infer", COM_F_RAW, ads_infer_opts_fields, NULL),
    ROW(potential, "settings of the command potential", COM_F_RAW, NULL, NULL),
    ROW(background, "settings of the command background", COM_F_RAW, NULL, NULL),
    ROW(compare, "settings of the command compare", COM_F_RAW, ads_compare_fields, NULL),
    ROW(study, "settings of the command study", COM_F_RAW, ads_study_opts_fields, NULL),
    ROW(gradcheck, "settings of the command gradcheck", COM_F_RAW, ads_gradcheck_report_fields, NULL),
    ROW(dbm, "settings of the command dbm", COM_F_RAW, ads_boltzmann_file_opts_fields, NULL),
    {0}};

static com_status check(com_ctx *c, const char *file, const ads_config *cfg) {
  COM_CHECK(c, !(cfg->dataset && cfg->datasets), COM_E_CONFIG,
            "%s: dataset and datasets: give one of them (datasets is for joint fits)", file);
  COM_CHECK(c, cfg->datasets || cfg->shared.n == 0, COM_E_CONFIG,
            "%s: shared: only for a joint fit with \"datasets\"; remove it", file);
  return COM_OK;
}

com_status ads_config_read(com_ctx *c, const char *file, const cJSON *j, ads_config *out,
                           const cJSON **parameters) {
  memset(out, 0, sizeof *out);
  *parameters = NULL;
  COM_CHECK(c, com_json_is_object(j), COM_E_CONFIG, "%s: must be a JSON object: a train config or a result",
            file);
  const cJSON *cfg = j;
  if (com_json_get(j, "result") && com_json_get(j, "config")) {
    char kind[48];
    int version = 0;
    COM_TRY(com_result_schema(c, file, j, kind, &version));
    cfg = com_json_get(j, "config");
    *parameters = com_json_get(com_json_get(j, "result"), "parameters");
  }
  COM_TRY(com_result_expect(c, file, cfg, "train"));
  COM_TRY(com_field_read(c, COM_E_CONFIG, ads_config_fields, file, "", cfg, out));
  com_status status = check(c, file, out);
  if (!status && !(out->file = strdup(file))) status = COM_FAIL(c, COM_E_MEM, "out of memory");
  if (status) ads_config_finish(out);
  return status;
}

com_status ads_config_open(com_ctx *c, const char *file, const cJSON *j, ads_config *out,
                           const cJSON **parameters) {
  COM_TRY(ads_config_read(c, file, j, out, parameters));
  if (out->seed.given) com_ctx_reseed(c, out->seed.value);
  return COM_OK;
}

com_status ads_config_write(com_ctx *c, const ads_config *cfg, cJSON **out) {
  cJSON *j = com_json_object();
  COM_ALLOC(c, j);
  const com_status status = com_field_write(c, ads_config_fields, cfg, j);
  if (status) com_json_free(j);
  *out = status ? NULL : j;
  return status;
}

void ads_config_finish(ads_config *cfg) {
  com_field_finish(ads_config_fields, cfg);
  free(cfg->file);
  cfg->file = NULL;
}
