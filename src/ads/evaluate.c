/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/evaluate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "common/result.h"

com_status ads_evaluate_parameters(com_ctx *c, ads_fit *f, const char *file, const cJSON *parameters,
                                   double *full) {
  com_params *p = ads_fit_params(f);
  if (parameters) COM_TRY(com_params_read(c, file, parameters, p));
  return ads_fit_start(f, 1, full);
}

/* dpi_ir of one point: the model's parameters by name, then source and response. */
static cJSON *jacobian_json(com_ctx *c, const com_params *names, const ads_model_eval *ev, size_t i) {
  cJSON *j = com_params_json(names, ev->Fp + i * ev->np);
  com_status s = com_json_add(c, j, "source", com_json_real(ev->Fs[i]));
  if (!s) s = com_json_add(c, j, "response", com_json_real(ev->Fr[i]));
  if (s) com_json_free(j);
  return s ? NULL : j;
}

static com_status point_json(com_ctx *c, const ads_group *q, const com_params *names,
                             const ads_model_eval *ev, size_t i, int jacobian, cJSON *list) {
  const ads_dataset *d = q->data;
  const int labelled = d->kind == ADS_DATASET_LABELLED;
  const size_t n = ev->n;
  cJSON *e = com_json_object();
  com_status s = COM_OK;
  if (*q->name) s = com_json_add(c, e, "group", com_json_string(q->name));
  if (!s && !labelled) s = com_json_add(c, e, "source", com_json_real(d->source[i]));
  if (!s && !labelled) s = com_json_add(c, e, "response", com_json_real(d->response[i]));
  if (!s && labelled) s = com_json_add(c, e, "label", com_json_int(d->label[i]));
  if (!s) s = com_json_add(c, e, "phi_uv", com_json_real(ev->y0[i]));
  if (!s) s = com_json_add(c, e, "pi_uv", com_json_real(ev->y0[n + i]));
  if (!s) s = com_json_add(c, e, "phi_ir", com_json_real(ev->y1[i]));
  if (!s) s = com_json_add(c, e, "pi_ir", com_json_real(ev->y1[n + i]));
  if (!s) s = com_json_add(c, e, "residual", com_json_real(ev->F[i]));
  if (!s && ev->frozen[i]) s = com_json_add(c, e, "frozen", com_json_bool(1));
  if (!s && jacobian) s = com_json_add(c, e, "dpi_ir", jacobian_json(c, names, ev, i));
  if (s) com_json_free(e);
  return s ? s : com_json_push(c, list, e);
}

/* Points of a group that its loss predicts: no bulk field has to do with them. */
static com_status predicted_points(com_ctx *c, const ads_fit *f, size_t g, const double *full, cJSON *list) {
  const ads_group *q = ads_fit_group(f, g);
  const ads_dataset *d = q->data;
  double *p = malloc((q->np + d->n + 1) * sizeof *p), *R = p ? p + q->np : NULL;
  COM_ALLOC(c, p);
  ads_fit_gather(f, g, full, p);
  com_status s =
      ads_loss_operations(q->loss)->predict(ads_loss_self(q->loss), p, d->T, d->n, d->source, R, NULL, NULL);
  for (size_t i = 0; i < d->n && !s; i++) {
    cJSON *e = com_json_object();
    if (*q->name) s = com_json_add(c, e, "group", com_json_string(q->name));
    if (!s) s = com_json_add(c, e, "source", com_json_real(d->source[i]));
    if (!s) s = com_json_add(c, e, "response", com_json_real(d->response[i]));
    if (!s) s = com_json_add(c, e, "predicted_response", com_json_real(R[i]));
    if (s)
      com_json_free(e);
    else
      s = com_json_push(c, list, e);
  }
  free(p);
  return s;
}

static com_status group_points(com_ctx *c, ads_fit *f, size_t g, const double *full, int jacobian,
                               cJSON *list) {
  const ads_group *q = ads_fit_group(f, g);
  const ads_dataset *d = q->data;
  const int what = jacobian ? ADS_MODEL_JAC : ADS_MODEL_F;
  ads_model_eval ev;
  com_params *names = NULL;
  com_status status = COM_OK;
  double *p = malloc((q->np + 1) * sizeof *p);
  COM_ALLOC(c, p);
  ads_fit_gather(f, g, full, p);
  COM_GOTO(done, com_params_create(c, &names));
  COM_GOTO(done, ads_model_params(c, q->model, NULL, names));
  if (d->kind == ADS_DATASET_LABELLED)
    COM_GOTO(done, ads_model_run_bulk(q->model, what, p, d->n, d->phi, d->pi, &ev));
  else
    COM_GOTO(done, ads_model_run(q->model, what, p, d->n, d->source, d->response, &ev));
  for (size_t i = 0; i < d->n; i++) COM_GOTO(done, point_json(c, q, names, &ev, i, jacobian, list));
  if (ev.n_frozen)
    com_ctx_warn(
        c, "frozen",
        "%zu of %zu points ran away before the horizon and were frozen; their residual is a constant",
        ev.n_frozen, d->n);
done:
  com_params_destroy(names);
  free(p);
  return status;
}

static com_status add_loss(com_ctx *c, ads_fit *f, const double *full, cJSON *out) {
  const size_t n = com_params_n(ads_fit_params(f));
  double loss = 0, *g = malloc((n + 1) * sizeof *g);
  size_t n_bad = 0;
  COM_ALLOC(c, g);
  com_status s = ads_fit_value(f, ADS_LOSS_PROPER, 1, -1, full, &loss, g, &n_bad);
  if (!s) s = com_json_add(c, out, "loss", com_json_real(loss));
  if (!s) s = com_json_add(c, out, "gradient", com_params_json(ads_fit_params(f), g));
  free(g);
  return s;
}

com_status ads_evaluate_run(com_ctx *c, ads_fit *f, const double *full, int jacobian, cJSON **out) {
  com_status status = COM_OK;
  cJSON *list = NULL, *j = com_json_object();
  *out = NULL;
  COM_GOTO(fail, com_json_add(c, j, "schema", com_json_string("holograd/evaluation/1")));
  COM_GOTO(fail, com_json_add(c, j, "parameters", com_params_json(ads_fit_params(f), full)));
  list = com_json_array();
  COM_GOTO(fail, com_json_add(c, j, "points", list));
  for (size_t g = 0; g < ads_fit_n_groups(f); g++)
    COM_GOTO(fail, ads_loss_operations(ads_fit_group(f, g)->loss)->predict
                       ? predicted_points(c, f, g, full, list)
                       : group_points(c, f, g, full, jacobian, list));
  COM_GOTO(fail, add_loss(c, f, full, j));
  COM_GOTO(fail, com_result_stamp(c, j));
  *out = j;
  return COM_OK;
fail:
  com_json_free(j);
  return status;
}

com_status ads_evaluate_document(com_ctx *c, const char *file, ads_fit *f, const cJSON *parameters,
                                 int jacobian, cJSON **doc) {
  double *full = malloc((com_params_n(ads_fit_params(f)) + 1) * sizeof *full);
  *doc = NULL;
  COM_ALLOC(c, full);
  com_status s = ads_evaluate_parameters(c, f, file, parameters, full);
  if (!s) s = ads_evaluate_run(c, f, full, jacobian, doc);
  free(full);
  return s;
}
