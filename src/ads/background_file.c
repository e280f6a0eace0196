/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/background_file.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "ads/dictionary.h"
#include "ads/fit_data.h"
#include "ads/flow.h"
#include "common/result.h"

extern const ads_background_ops ads_background_h;

static const char *const computed[] = {"build",     "inputs",      "volatile", "provenance", "eta",
                                       "h",         "f",           "g",        "Phi",        "V",
                                       "T_times_L", "temperature", "horizon",  "constants",  "checks",
                                       "V_of_Phi",  "no_V_of_Phi", NULL};

static int is_table(const cJSON *doc) {
  return strcmp(com_json_str(com_json_get(doc, "type"), ""), "table") == 0;
}

/* What `background` wrote is its input plus what it computed; for a table eta, f, g are input. */
static void drop_computed(cJSON *doc) {
  const int table = is_table(doc);
  for (const char *const *k = computed; *k; k++)
    if (!table || (strcmp(*k, "eta") && strcmp(*k, "f") && strcmp(*k, "g"))) com_json_remove(doc, *k);
}

static com_status choice_by_name(com_ctx *c, cJSON *doc, const char *key, const char *type) {
  cJSON *j = com_json_object();
  const com_status s = com_json_add(c, j, "type", com_json_string(type));
  if (s) com_json_free(j);
  return s ? s : com_json_add(c, doc, key, j);
}

/* "closure":"exp" is short for "closure":{"type":"exp"}. */
static com_status name_closure(com_ctx *c, cJSON *doc) {
  const cJSON *closure = com_json_get(doc, "closure");
  if (!com_json_is_string(closure)) return COM_OK;
  char name[64];
  snprintf(name, sizeof name, "%s", com_json_str(closure, ""));
  return choice_by_name(c, doc, "closure", name);
}

com_status ads_background_file_override(com_ctx *c, double T, const char *closure, const char *frame,
                                        cJSON *doc) {
  if (closure) COM_TRY(choice_by_name(c, doc, "closure", closure));
  if (frame) COM_TRY(com_json_add(c, doc, "frame", com_json_string(frame)));
  if (isnan(T)) return COM_OK;
  COM_TRY(com_json_add(c, doc, "T", com_json_real(T)));
  com_json_remove(doc, "r0"); /* the temperature of a black brane is its radius */
  com_json_remove(doc, "name");
  return COM_OK;
}

/* ---- from a fit ---- */
static int known_key(const char *key) {
  for (const com_field *f = ads_background_h.c.fields; f->key; f++)
    if (strcmp(f->key, key) == 0) return 1;
  for (const com_field *f = ads_background_kind.shared; f->key; f++)
    if (strcmp(f->key, key) == 0) return 1;
  return 0;
}

/* The block "background" of a config holds rows of the type h (closure, ir, uv, T, ...) and settings of the command. */
static com_status take_block(com_ctx *c, const cJSON *block, cJSON *doc) {
  COM_CHECK(c, !block || com_json_is_object(block), COM_E_CONFIG, "background: must be an object, got %s",
            com_json_type(block));
  cJSON *rest = com_json_object();
  com_status s = rest ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  for (size_t i = 0; i < com_json_size(block) && !s; i++) {
    const cJSON *item = com_json_at(block, i);
    const char *key = com_json_key(item);
    s = com_json_add(c, known_key(key) ? doc : rest, key, com_json_copy(item));
  }
  if (s) {
    com_json_free(rest);
    return s;
  }
  if (com_json_size(rest)) return com_json_add(c, doc, "background", rest);
  com_json_free(rest);
  return COM_OK;
}

/* The value of "metric.theta", "dictionary.L": of the group, else shared by all, else that of the config. */
static const cJSON *fitted(const cJSON *parameters, const char *block, const char *group, const char *key) {
  char name[160];
  snprintf(name, sizeof name, "%s[%s].%s", block, group, key);
  const cJSON *j = com_json_get(parameters, name);
  snprintf(name, sizeof name, "%s.%s", block, key);
  return j ? j : com_json_get(parameters, name);
}

static com_status length_scale(com_ctx *c, const ads_config *cfg, const cJSON *parameters, const char *group,
                               cJSON *doc) {
  cJSON *dictionary = NULL;
  if (com_json_get(doc, "L")) return COM_OK;
  const cJSON *L = fitted(parameters, "dictionary", group, "L");
  if (L) return com_json_add(c, doc, "L", com_json_copy(L));
  COM_TRY(com_field_choice_write(c, &ads_dictionary_kind, &cfg->dictionary, &dictionary));
  L = com_json_get(dictionary, "L");
  const com_status s = com_json_is_number(L) ? com_json_add(c, doc, "L", com_json_copy(L)) : COM_OK;
  com_json_free(dictionary);
  return s;
}

/* One group of a fit as a background of type h. */
static com_status from_group(com_ctx *c, const ads_config *cfg, const cJSON *parameters, const char *group,
                             cJSON *doc) {
  const ads_flow_shared *flow = cfg->flow.shared;
  const cJSON *theta = fitted(parameters, "metric", group, "theta");
  cJSON *metric = NULL;
  COM_TRY(com_json_add(c, doc, "schema", com_json_string("holograd/background/1")));
  COM_TRY(com_json_add(c, doc, "type", com_json_string("h")));
  COM_TRY(com_field_choice_write(c, &ads_metric_kind, &cfg->metric, &metric));
  COM_TRY(com_json_add(c, doc, "metric", metric));
  if (theta) COM_TRY(com_json_add(c, metric, "theta", com_json_copy(theta)));
  COM_TRY(com_json_add(c, doc, "eta_uv", com_json_real(fmax(flow->eta_uv, flow->eta_ir))));
  COM_TRY(com_json_add(c, doc, "eta_ir", com_json_real(fmin(flow->eta_uv, flow->eta_ir))));
  COM_TRY(take_block(c, cfg->background, doc));
  if (cfg->potential) COM_TRY(com_json_add(c, doc, "potential", com_json_copy(cfg->potential)));
  return length_scale(c, cfg, parameters, group, doc);
}

com_status ads_background_file_template(com_ctx *c, const ads_config *cfg, cJSON **out) {
  cJSON *doc = com_json_object();
  *out = NULL;
  COM_ALLOC(c, doc);
  com_status s = from_group(c, cfg, NULL, "", doc);
  com_json_remove(doc, "L");
  com_json_remove(com_json_edit(doc, "metric"), "theta");
  if (!s) s = name_closure(c, doc);
  if (s)
    com_json_free(doc);
  else
    *out = doc;
  return s;
}

/* Scale and constant that a fit to a potential found, for the block "potential", unless the config gives them. */
static com_status calibration(com_ctx *c, const cJSON *parameters, const char *group, cJSON *doc) {
  static const char *const keys[] = {"kappa", "constant"};
  if (!com_json_get(doc, "potential")) COM_TRY(com_json_add(c, doc, "potential", com_json_object()));
  cJSON *block = com_json_edit(doc, "potential");
  for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
    const cJSON *v = fitted(parameters, "potential", group, keys[k]);
    if (v && !com_json_get(block, keys[k])) COM_TRY(com_json_add(c, block, keys[k], com_json_copy(v)));
  }
  return COM_OK;
}

/* Coefficients without a value would be drawn at random, which is a start of a training and no geometry. */
static com_status check_trained(com_ctx *c, const char *file, const ads_config *cfg, const cJSON *parameters,
                                const char *group) {
  const ads_metric_shared *given = cfg->metric.shared;
  const ads_flow_shared *flow = cfg->flow.shared;
  const ads_span span = {.eta_ir = flow->eta_ir, .eta_uv = flow->eta_uv};
  ads_metric m;
  if (given->theta.n || fitted(parameters, "metric", group, "theta")) return COM_OK;
  COM_TRY(ads_metric_bind(c, &cfg->metric, &span, &m));
  COM_CHECK(
      c, m.n_theta == 0, COM_E_CONFIG,
      "%s: metric.theta: missing: this metric is not trained; run holograd train %s -o result.json, and "
      "give result.json",
      file, file);
  return COM_OK;
}

/* Entry i of the fit's data as a document: the metric of its owner at its own temperature. */
static com_status push_entry(com_ctx *c, const ads_config *cfg, const cJSON *parameters,
                             const ads_fit_data *d, size_t i, const ads_fit_data *calibrated, cJSON *out) {
  cJSON *doc = com_json_object();
  COM_ALLOC(c, doc);
  com_status s = from_group(c, cfg, parameters, d[d[i].owner].name, doc);
  if (!s && *d[i].name) s = com_json_add(c, doc, "name", com_json_string(d[i].name));
  if (!s && isfinite(d[i].data->T) && !com_json_get(doc, "T"))
    s = com_json_add(c, doc, "T", com_json_real(d[i].data->T));
  if (!s && parameters && calibrated) s = calibration(c, parameters, calibrated->name, doc);
  if (s) com_json_free(doc);
  return s ? s : com_json_push(c, out, doc);
}

static com_status from_fit(com_ctx *c, const char *file, const cJSON *j, cJSON *out) {
  ads_config cfg;
  const cJSON *parameters;
  size_t n = 0;
  ads_fit_data *d = NULL;
  const ads_fit_data *calibrated = NULL; /* the first potential */
  COM_TRY(ads_config_read(c, file, j, &cfg, &parameters));
  com_status status = ads_fit_data_read(c, &cfg, &n, &d);
  for (size_t i = 0; i < n && !status && !calibrated; i++)
    if (d[i].data->kind == ADS_DATASET_POTENTIAL) calibrated = d + i;
  for (size_t i = 0; i < n && !status; i++) status = push_entry(c, &cfg, parameters, d, i, calibrated, out);
  for (size_t i = 0; i < n && !status; i++)
    status = check_trained(c, file, &cfg, parameters, d[d[i].owner].name);
  ads_fit_data_finish(n, d);
  ads_config_finish(&cfg);
  return status;
}

/* What a file of this kind holds: the document that is to be read instead of j, NULL: j itself. */
static const cJSON *inner(const cJSON *j, const char *kind) {
  if (strcmp(kind, "potential") == 0) return com_json_get(j, "config");
  if (strcmp(kind, "spectrum") == 0) return com_json_get(com_json_get(j, "result"), "background");
  return NULL;
}

static com_status push_copy(com_ctx *c, const cJSON *j, const cJSON *potential, cJSON *out) {
  cJSON *doc = com_json_copy(j);
  COM_ALLOC(c, doc);
  drop_computed(doc);
  const com_status s = potential ? com_json_add(c, doc, "potential", com_json_copy(potential)) : COM_OK;
  if (s) com_json_free(doc);
  return s ? s : com_json_push(c, out, doc);
}

/* An inference as the train result it started from, with the bands of V(d) and of the screening distance in the block "potential". */
static com_status from_inference(com_ctx *c, const char *file, const cJSON *j, cJSON *out) {
  const cJSON *result = com_json_get(j, "result"),
              *at = com_json_get(com_json_get(result, "identifiability"), "parameters"),
              *bands = com_json_get(result, "bands");
  COM_CHECK(c, at, COM_E_DATA, "%s: result.identifiability.parameters: is missing; make the inference again",
            file);
  cJSON *fit = com_json_object(), *r = com_json_object(), *kept = com_json_object();
  const size_t first = com_json_size(out);
  com_status s = com_json_add(c, r, "parameters", com_json_copy(at));
  if (!s) s = com_json_add(c, fit, "schema", com_json_string("holograd/train-result/1"));
  if (!s) s = com_json_add(c, fit, "config", com_json_copy(com_json_get(j, "config")));
  if (!s) s = com_json_add(c, fit, "result", com_json_copy(r));
  if (!s) s = from_fit(c, file, fit, out);
  for (const cJSON *e = com_json_first(bands); e && !s; e = com_json_next(e))
    if (!strncmp(com_json_key(e), "potential", 9) || !strncmp(com_json_key(e), "screening", 9))
      s = com_json_add(c, kept, com_json_key(e), com_json_copy(e));
  cJSON *doc = s ? NULL : (cJSON *)com_json_at(out, first);
  if (!s && !com_json_get(doc, "potential")) s = com_json_add(c, doc, "potential", com_json_object());
  if (!s) s = com_json_add(c, com_json_edit(doc, "potential"), "bands", com_json_copy(kept));
  com_json_free(kept);
  com_json_free(r);
  com_json_free(fit);
  return s;
}

static com_status collect(com_ctx *c, const char *file, const cJSON *j, cJSON *out) {
  char kind[48];
  int version;
  COM_TRY(com_result_schema(c, file, j, kind, &version));
  const cJSON *other = inner(j, kind);
  if (other) return collect(c, file, other, out);
  if (strcmp(kind, "background") == 0) return push_copy(c, j, NULL, out);
  if (strcmp(kind, "backgrounds") == 0) {
    const cJSON *all = com_json_get(j, "backgrounds");
    COM_CHECK(c, com_json_size(all) > 0, COM_E_CONFIG,
              "%s: backgrounds: must be an array of background documents", file);
    for (size_t i = 0; i < com_json_size(all); i++)
      COM_TRY(push_copy(c, com_json_at(all, i), com_json_get(j, "potential"), out));
    return COM_OK;
  }
  if (strcmp(kind, "inference") == 0) return from_inference(c, file, j, out);
  COM_CHECK(c, strcmp(kind, "train") == 0 || strcmp(kind, "train-result") == 0, COM_E_CONFIG,
            "%s: schema \"holograd/%s/%d\" holds no background; want a background file, a train result or an "
            "inference",
            file, kind, version);
  return from_fit(c, file, j, out);
}

com_status ads_background_file_documents(com_ctx *c, const char *file, const cJSON *j, cJSON **out) {
  com_status status = COM_OK;
  cJSON *docs = NULL;
  *out = NULL;
  COM_ALLOC(c, docs = com_json_array());
  COM_GOTO(done, collect(c, file, j, docs));
  for (size_t i = 0; i < com_json_size(docs); i++)
    COM_GOTO(done, name_closure(c, (cJSON *)com_json_at(docs, i)));
  *out = docs;
  docs = NULL;
done:
  com_json_free(docs);
  return status;
}
