/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "common/linalg.h"

/* Rows by the group's parameters: -(F_p / F_r) k, and with a common scale k the response itself. */
static com_status rows_onshell(com_ctx *c, ads_fit *f, size_t g, const double *p, const double *predicted,
                               double *rows) {
  const ads_group *q = ads_fit_group(f, g);
  const ads_dataset *d = q->data;
  const double k = ads_fit_scale(f, g, p);
  ads_model *m = NULL;
  ads_model_eval ev;
  COM_TRY(ads_fit_report_model(f, g, &m));
  double *r = malloc(d->n * sizeof *r);
  COM_ALLOC(c, r);
  for (size_t i = 0; i < d->n; i++) r[i] = isfinite(predicted[i]) ? predicted[i] / k : d->response[i];
  const com_status s = ads_model_run(m, ADS_MODEL_JAC, p, d->n, d->source, r, &ev);
  for (size_t i = 0; i < d->n && !s; i++) {
    for (size_t j = 0; j < ev.np; j++) rows[i * q->np + j] = -k * ev.Fp[i * ev.np + j] / ev.Fr[i];
    if (ads_loss_has_scale(q->loss)) rows[i * q->np + q->np - 1] = predicted[i] / k;
  }
  free(r);
  return s;
}

static com_status rows_by_loss(com_ctx *c, const ads_group *q, const double *p, double *rows) {
  const ads_dataset *d = q->data;
  double *R = malloc(d->n * sizeof *R);
  COM_ALLOC(c, R);
  const com_status s =
      ads_loss_operations(q->loss)->predict(ads_loss_self(q->loss), p, d->T, d->n, d->source, R, rows, NULL);
  free(R);
  return s;
}

/* J[n][nt] <- L^-1 J; col[n], chol[n][n] are work. */
static com_status whiten(com_ctx *c, const ads_dataset *d, size_t nt, double *J, double *col, double *chol) {
  const size_t n = d->n;
  memcpy(chol, d->cov, n * n * sizeof *chol);
  COM_TRY(com_linalg_chol(c, n, chol));
  for (size_t j = 0; j < nt; j++) {
    for (size_t i = 0; i < n; i++) col[i] = J[i * nt + j];
    com_linalg_forward(n, chol, col);
    for (size_t i = 0; i < n; i++) J[i * nt + j] = col[i];
  }
  return COM_OK;
}

/* The chain rule to x, then the errors. */
static com_status sensitivity_group(com_ctx *c, ads_fit *f, size_t g, const double *full,
                                    const double *predicted, double *J) {
  const ads_group *q = ads_fit_group(f, g);
  const ads_dataset *d = q->data;
  const com_params *params = ads_fit_params(f);
  const size_t n = d->n, nt = com_params_n_trained(params), n_full = com_params_n(params);
  double *p = malloc((q->np + n * q->np + n_full + n + n * n + 1) * sizeof *p);
  COM_ALLOC(c, p);
  double *rows = p + q->np, *line = rows + n * q->np, *col = line + n_full, *chol = col + n;
  ads_fit_gather(f, g, full, p);
  com_status s = ads_loss_operations(q->loss)->predict ? rows_by_loss(c, q, p, rows)
                                                       : rows_onshell(c, f, g, p, predicted, rows);
  for (size_t i = 0; i < n && !s; i++) {
    memset(line, 0, n_full * sizeof *line);
    for (size_t j = 0; j < q->np; j++) line[q->map[j]] += rows[i * q->np + j];
    com_params_chain(params, full, line, J + i * nt);
    for (size_t j = 0; j < nt && !d->cov; j++) J[i * nt + j] /= d->error ? d->error[i] : 1;
  }
  if (!s && d->cov) s = whiten(c, d, nt, J, col, chol);
  free(p);
  return s;
}

com_status ads_fit_sensitivity(ads_fit *f, const double *full, const double *predicted, double *J) {
  size_t at = 0;
  const size_t nt = com_params_n_trained(ads_fit_params(f));
  for (size_t g = 0; g < ads_fit_n_groups(f); g++) {
    const ads_dataset *d = ads_fit_group(f, g)->data;
    if (d->kind != ADS_DATASET_LABELLED)
      COM_TRY(sensitivity_group(ads_fit_ctx(f), f, g, full, predicted + at, J + at * nt));
    else
      memset(J + at * nt, 0, d->n * nt * sizeof *J);
    at += d->n;
  }
  return COM_OK;
}
