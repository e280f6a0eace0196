/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "ads/onshell.h"
#include "common/linalg.h"

/* Responses by the on-shell curve; NAN where there is no root. */
static com_status predict_onshell(com_ctx *c, ads_fit *f, size_t g, const double *p, double *predicted) {
  const ads_dataset *d = ads_fit_group(f, g)->data;
  const double k = ads_fit_scale(f, g, p);
  ads_model *m = NULL;
  COM_TRY(ads_fit_report_model(f, g, &m));
  unsigned char *ok = malloc(d->n);
  COM_ALLOC(c, ok);
  for (size_t i = 0; i < d->n; i++) predicted[i] = d->response[i] / k;
  const com_status status = ads_onshell_nearest(m, p, d->n, d->source, 0, 1e-10, predicted, ok);
  for (size_t i = 0; i < d->n && !status; i++) predicted[i] = ok[i] ? k * predicted[i] : NAN;
  free(ok);
  return status;
}

/* Responses by the theory of the loss; NAN where it has none. */
static com_status predict_by_loss(com_ctx *c, const ads_group *q, const double *p, double *predicted) {
  const ads_dataset *d = q->data;
  const com_status s = ads_loss_operations(q->loss)->predict(ads_loss_self(q->loss), p, d->T, d->n, d->source,
                                                             predicted, NULL, NULL);
  if (s != COM_E_NUM) return s;
  com_ctx_clear(c);
  for (size_t i = 0; i < d->n; i++) predicted[i] = NAN;
  return COM_OK;
}

/* chi2 += of one group with its whole covariance; NAN when a prediction is missing. */
static com_status add_chi2(com_ctx *c, const ads_dataset *d, const double *predicted, const double *pull,
                           double *chi2) {
  const size_t n = d->n;
  for (size_t i = 0; i < n; i++)
    if (!isfinite(pull[i])) *chi2 = NAN;
  if (!d->cov) {
    for (size_t i = 0; i < n; i++) *chi2 += pull[i] * pull[i];
    return COM_OK;
  }
  double *chol = malloc(n * (n + 1) * sizeof *chol), *v = chol ? chol + n * n : NULL;
  COM_ALLOC(c, chol);
  memcpy(chol, d->cov, n * n * sizeof *chol);
  const com_status s = com_linalg_chol(c, n, chol);
  for (size_t i = 0; i < n; i++) v[i] = d->response[i] - predicted[i];
  if (!s) com_linalg_forward(n, chol, v);
  for (size_t i = 0; i < n && !s; i++) *chi2 += v[i] * v[i];
  free(chol);
  return s;
}

static com_status predict_group(com_ctx *c, ads_fit *f, size_t g, const double *full, double *predicted,
                                double *pull, double *chi2) {
  const ads_group *q = ads_fit_group(f, g);
  double *p = malloc((q->np + 1) * sizeof *p);
  COM_ALLOC(c, p);
  ads_fit_gather(f, g, full, p);
  const com_status s = ads_loss_operations(q->loss)->predict ? predict_by_loss(c, q, p, predicted)
                                                             : predict_onshell(c, f, g, p, predicted);
  free(p);
  COM_TRY(s);
  for (size_t i = 0; i < q->data->n; i++)
    pull[i] = q->data->error ? (predicted[i] - q->data->response[i]) / q->data->error[i] : NAN;
  return add_chi2(c, q->data, predicted, pull, chi2);
}

com_status ads_fit_predict(ads_fit *f, const double *full, double *predicted, double *pull, double *chi2) {
  size_t at = 0;
  *chi2 = 0;
  for (size_t g = 0; g < ads_fit_n_groups(f); g++) {
    const ads_dataset *d = ads_fit_group(f, g)->data;
    if (d->kind != ADS_DATASET_LABELLED)
      COM_TRY(predict_group(ads_fit_ctx(f), f, g, full, predicted + at, pull + at, chi2));
    else
      for (size_t i = 0; i < d->n; i++) predicted[at + i] = pull[at + i] = NAN;
    if (d->kind == ADS_DATASET_LABELLED) *chi2 = NAN;
    at += d->n;
  }
  return COM_OK;
}
