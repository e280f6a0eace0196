/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/replica.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "ads/report.h"
#include "ads/fit_task.h"
#include "ads/trainer.h"

/* The dataset object of group g with responses y, in the units of its file. */
static com_status change(com_ctx *c, const ads_group *g, const double *y, cJSON *data) {
  const ads_dataset *d = g->data;
  cJSON *r = com_json_edit(data, "response");
  const cJSON *given = com_json_get(r, "values");
  double unit = 1; /* of the file, in ours */
  for (size_t i = 0; i < d->n; i++) {
    const double v = com_json_num(com_json_at(given, i), 0);
    if (v != 0) unit = d->response[i] / v;
  }
  double *v = malloc((2 * d->n + 1) * sizeof *v);
  COM_ALLOC(c, v);
  for (size_t i = 0; i < d->n; i++) {
    v[i] = y[i] / unit;
    if (d->error) v[d->n + i] = d->error[i] / unit;
  }
  com_status s = com_json_add(c, r, "values", com_json_reals(v, d->n));
  if (!s && d->error && !d->cov) s = com_json_add(c, r, "errors", com_json_reals(v + d->n, d->n));
  free(v);
  return s;
}

static com_status build(com_ctx *parent, const ads_fit *fit, const double *y, ads_replica *r) {
  const cJSON *none = NULL;
  COM_TRY(com_ctx_child(parent, &r->c));
  COM_TRY(ads_report_config(r->c, fit, &r->json));
  size_t first = 0;
  for (size_t g = 0; y && g < ads_fit_n_groups(fit); g++) {
    const ads_group *q = ads_fit_group(fit, g);
    cJSON *data = com_json_edit(r->json, "dataset");
    if (!data) data = com_json_edit((cJSON *)com_json_at(com_json_get(r->json, "datasets"), g), "file");
    COM_TRY(change(r->c, q, y + first, data));
    first += q->data->n;
  }
  COM_TRY(ads_config_read(r->c, ads_fit_config(fit)->file, r->json, &r->cfg, &none));
  return ads_fit_create(r->c, &r->cfg, NULL, &r->fit);
}

com_status ads_replica_init(com_ctx *parent, const ads_fit *fit, const double *y, ads_replica *out) {
  *out = (ads_replica){0};
  const com_status s = build(parent, fit, y, out);
  return s ? COM_FAIL(parent, s, "%s", com_ctx_error(out->c)) : COM_OK;
}

void ads_replica_finish(ads_replica *r) {
  ads_fit_destroy(r->fit);
  if (r->cfg.file) ads_config_finish(&r->cfg);
  com_json_free(r->json);
  com_ctx_destroy(r->c);
  *r = (ads_replica){0};
}

com_status ads_replica_train(ads_replica *r, double *full, double *score, int *ok) {
  com_params *p = ads_fit_params(r->fit);
  const size_t n = com_params_n(p);
  ads_trainer *t = NULL;
  memcpy(com_params_data(p), full, n * sizeof *full);
  r->cfg.restarts = 1;
  *ok = 0;
  COM_TRY(ads_trainer_create(r->c, ads_fit_task(r->fit), &t));
  com_status s = ads_trainer_run(t);
  if (!s && com_ctx_stop(r->c)) s = COM_E_INTERRUPTED;
  if (!s && ads_trainer_best(t)) {
    memcpy(full, ads_trainer_best(t), n * sizeof *full);
    if (score) *score = ads_trainer_score(t);
    *ok = 1;
    for (size_t i = 0; i < n; i++) *ok &= isfinite(full[i]) != 0;
  }
  ads_trainer_destroy(t);
  if (s == COM_E_NUM) {
    com_ctx_clear(r->c);
    s = COM_OK;
  }
  return s;
}
