/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/fit_data.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "ads/lattice_data.h"
#include "ads/loss.h"
#include "common/fs.h"

typedef struct entry {
  cJSON *file;
  char *group, *metric;
  double T, from, to, model_error;
  int points;
  com_choice loss;
} entry;

#define ROW(key, doc, unit, type, def, lo, hi, aux, flags)                                                   \
  { #key, doc, unit, type, offsetof(entry, key), def, lo, hi, aux, NULL, flags }
const com_field ads_fit_data_fields[] = {
    ROW(file, "path of a dataset or lattice file (relative to the config), or the object itself", NULL,
        COM_F_RAW, 0, 0, 0, NULL, COM_FF_REQUIRED),
    ROW(group, "name of this dataset, as in metric[T207].theta", NULL, COM_F_STRING, 0, 0, 0, NULL,
        COM_FF_REQUIRED),
    ROW(metric,
        "group whose metric and couplings this dataset shares; default: its own, and for a potential the one "
        "group that is not a potential",
        NULL, COM_F_STRING, 0, 0, 0, NULL, 0),
    ROW(loss, "its own loss, instead of the config's", NULL, COM_F_COMPONENT, 0, 0, 0, &ads_loss_kind, 0),
    ROW(T, "lattice file: the temperature whose curve is meant (the nearest within 2 %)", "GeV", COM_F_REAL,
        NAN, 0, 1e3, NULL, COM_FF_LO_OPEN),
    ROW(from, "lattice file: leave out points at shorter distances", "fm", COM_F_REAL, 0, 0, 100, NULL, 0),
    ROW(to, "lattice file: leave out points at longer distances", "fm", COM_F_REAL, NAN, 0, 100, NULL,
        COM_FF_LO_OPEN),
    ROW(points,
        "lattice file with a Cornell form only: it is taken at this many distances from `from` to `to`", "1",
        COM_F_INT, 12, 2, 1000, NULL, 0),
    ROW(model_error,
        "added in quadrature to every error, in the unit of the fit (GeV, GeV^3): how far the model is "
        "trusted",
        NULL, COM_F_REAL, 0, 0, 1e300, NULL, 0),
    {0}};
#undef ROW

static int is_lattice(const cJSON *j) {
  return strncmp(com_json_str(com_json_get(j, "schema"), ""), "holograd/lattice/", 17) == 0;
}

/* The dataset itself, or made from a lattice file. */
static com_status load(com_ctx *c, const char *base, const entry *e, ads_dataset **out) {
  com_status status = COM_OK;
  char *path = NULL;
  cJSON *loaded = NULL, *made = NULL;
  const cJSON *j = e->file;
  *out = NULL;
  if (com_json_is_string(j)) {
    COM_GOTO(done, com_fs_resolve(c, base, com_json_str(j, ""), &path));
    COM_GOTO(done, com_json_load(c, path, &loaded));
    j = loaded;
  }
  if (!is_lattice(j)) {
    COM_GOTO(done, ads_dataset_load(c, base, e->file, out));
    goto done;
  }
  const ads_lattice_data_range range = {e->T, e->from, e->to, (size_t)e->points};
  COM_GOTO(done, ads_lattice_data_dataset(c, path ? path : e->group, j, &range, &made));
  COM_GOTO(done, ads_dataset_parse(c, path ? path : e->group, made, out));
done:
  com_json_free(made);
  com_json_free(loaded);
  free(path);
  return status;
}

static com_status read_entry(com_ctx *c, const ads_config *cfg, size_t i, char **metric, ads_fit_data *out) {
  char where[64];
  entry e;
  com_status status = COM_OK;
  snprintf(where, sizeof where, "datasets[%zu]", i);
  COM_TRY(com_field_read(c, COM_E_CONFIG, ads_fit_data_fields, cfg->file, where,
                         com_json_at(cfg->datasets, i), &e));
  if (!*e.group)
    COM_GOTO(done, COM_FAIL(c, COM_E_CONFIG, "%s: %s.group: must not be empty", cfg->file, where));
  COM_GOTO(done, load(c, cfg->file, &e, &out->data));
  out->name = e.group;
  out->loss = e.loss;
  out->model_error = e.model_error;
  *metric = e.metric;
  e.group = e.metric = NULL; /* handed over */
  e.loss = (com_choice){0};
done:
  com_field_finish(ads_fit_data_fields, &e);
  return status;
}

static size_t find(size_t n, const ads_fit_data *d, const char *name) {
  size_t i = 0;
  while (i < n && strcmp(d[i].name, name) != 0) i++;
  return i;
}

/* The group that a potential belongs to when its entry does not say: the only one that is not a potential; itself when all are. */
static com_status default_owner(com_ctx *c, const char *file, size_t n, const ads_fit_data *d, size_t i,
                                size_t *owner) {
  size_t others = 0;
  *owner = i;
  if (d[i].data->kind != ADS_DATASET_POTENTIAL) return COM_OK;
  for (size_t k = 0; k < n; k++)
    if (d[k].data->kind != ADS_DATASET_POTENTIAL) {
      others++;
      *owner = k;
    }
  COM_CHECK(c, others < 2, COM_E_CONFIG,
            "%s: datasets[%zu]: group %s is a potential: say whose metric it belongs to, e.g. \"metric\": "
            "\"%s\"",
            file, i, d[i].name, d[*owner].name);
  return COM_OK;
}

static com_status find_owners(com_ctx *c, const char *file, size_t n, char *const *metric, ads_fit_data *d) {
  for (size_t i = 0; i < n; i++) {
    COM_CHECK(c, find(i, d, d[i].name) == i, COM_E_CONFIG, "%s: datasets[%zu].group = \"%s\": is used twice",
              file, i, d[i].name);
    if (!metric[i]) {
      COM_TRY(default_owner(c, file, n, d, i, &d[i].owner));
      continue;
    }
    d[i].owner = find(n, d, metric[i]);
    COM_CHECK(c, d[i].owner < n, COM_E_CONFIG, "%s: datasets[%zu].metric = \"%s\": no group has this name",
              file, i, metric[i]);
  }
  for (size_t i = 0; i < n; i++)
    COM_CHECK(c, d[d[i].owner].owner == d[i].owner, COM_E_CONFIG,
              "%s: datasets[%zu].metric: group %s shares the metric of another group itself; name that one",
              file, i, d[d[i].owner].name);
  return COM_OK;
}

static com_status read_list(com_ctx *c, const ads_config *cfg, size_t *n, ads_fit_data *d) {
  const size_t want = com_json_size(cfg->datasets);
  char **metric = calloc(want + 1, sizeof *metric);
  com_status status = metric ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  while (*n < want && !status) {
    status = read_entry(c, cfg, *n, metric + *n, d + *n);
    ++*n;
  }
  if (!status) status = find_owners(c, cfg->file, want, metric, d);
  for (size_t i = 0; metric && i < want; i++) free(metric[i]);
  free(metric);
  return status;
}

com_status ads_fit_data_read(com_ctx *c, const ads_config *cfg, size_t *n, ads_fit_data **out) {
  com_status status = COM_OK;
  *n = 0;
  *out = NULL;
  COM_CHECK(c, cfg->dataset || cfg->datasets, COM_E_CONFIG,
            "%s: dataset is missing: give the path of a dataset file, or use --data FILE", cfg->file);
  COM_CHECK(c, !cfg->datasets || (com_json_is_array(cfg->datasets) && com_json_size(cfg->datasets) > 0),
            COM_E_CONFIG,
            "%s: datasets: must be a list [{\"file\":...,\"group\":NAME},...] of at least one entry",
            cfg->file);
  ads_fit_data *d = calloc(cfg->datasets ? com_json_size(cfg->datasets) : 1, sizeof *d);
  COM_ALLOC(c, d);
  if (cfg->datasets) {
    status = read_list(c, cfg, n, d);
  } else {
    *n = 1;
    d->name = strdup("");
    status = d->name ? ads_dataset_load(c, cfg->file, cfg->dataset, &d->data)
                     : COM_FAIL(c, COM_E_MEM, "out of memory");
  }
  if (status) {
    ads_fit_data_finish(*n, d);
    *n = 0;
  } else
    *out = d;
  return status;
}

void ads_fit_data_finish(size_t n, ads_fit_data *d) {
  for (size_t i = 0; d && i < n; i++) {
    free(d[i].name);
    ads_dataset_destroy(d[i].data);
    com_field_choice_finish(&ads_loss_kind, &d[i].loss);
  }
  free(d);
}

com_status ads_fit_data_write(com_ctx *c, const ads_config *cfg, const ads_dataset *const *data,
                              cJSON **out) {
  static const char *const of_the_file[] = {"T", "from", "to", "points"};
  cJSON *list = com_json_array();
  com_status s = list ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  for (size_t i = 0; i < com_json_size(cfg->datasets) && !s; i++) {
    cJSON *e = com_json_copy(com_json_at(cfg->datasets, i));
    for (size_t k = 0; e && k < sizeof of_the_file / sizeof *of_the_file; k++)
      com_json_remove(e, of_the_file[k]);
    s = com_json_add(c, e, "file", com_json_copy(data[i]->json));
    if (s)
      com_json_free(e);
    else
      s = com_json_push(c, list, e);
  }
  if (s) com_json_free(list);
  *out = s ? NULL : list;
  return s;
}
