/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/infer_follow.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const size_t NONE = (size_t)-1;

static int taken(size_t n, const ads_infer_follow *f, size_t entry) {
  if (entry == NONE) return 1;
  for (size_t i = 0; i < n; i++)
    if (f[i].kappa == entry || f[i].constant == entry) return 1;
  return 0;
}

static com_status add(com_ctx *c, ads_fit *fit, const ads_infer_space *space, size_t g, size_t n,
                      ads_infer_follow *all) {
  const ads_group *a = ads_fit_group(fit, g);
  const ads_dataset *d = a->data;
  const size_t nm = ads_model_n_params(a->model);
  ads_infer_follow *f = all + n;
  double sum = 0;
  *f = (ads_infer_follow){.group = g, .n = d->n};
  f->kappa = ads_infer_space_entry(space, a->map[nm], &f->kappa_spread);
  f->constant = ads_infer_space_entry(space, a->map[nm + 1], &f->constant_spread);
  f->own_kappa = !taken(n, all, f->kappa);
  f->own_constant = !taken(n, all, f->constant);
  COM_ALLOC(c, f->weight = malloc((d->n + 1) * sizeof *f->weight));
  for (size_t i = 0; i < d->n; i++) sum += 1 / (d->error[i] * d->error[i]);
  for (size_t i = 0; i < d->n; i++) f->weight[i] = 1 / (d->error[i] * d->error[i] * sum);
  return COM_OK;
}

com_status ads_infer_follow_init(com_ctx *c, ads_fit *fit, const ads_infer_space *space, size_t *n,
                                 ads_infer_follow **out) {
  const size_t ng = ads_fit_n_groups(fit);
  *n = 0;
  COM_ALLOC(c, *out = calloc(ng + 1, sizeof **out));
  for (size_t g = 0; g < ng; g++) {
    if (!ads_loss_operations(ads_fit_group(fit, g)->loss)->affine) continue;
    COM_TRY(add(c, fit, space, g, *n, *out));
    ++*n;
  }
  return COM_OK;
}

void ads_infer_follow_finish(size_t n, ads_infer_follow *f) {
  for (size_t i = 0; f && i < n; i++) free(f[i].weight);
  free(f);
}

/* Weighted mean and variance of V = (R - constant)/kappa. */
static void moments(const ads_infer_follow *f, double kappa, double constant, const double *R, double *mean,
                    double *S) {
  *mean = *S = 0;
  for (size_t i = 0; i < f->n; i++) *mean += f->weight[i] * (R[i] - constant) / kappa;
  for (size_t i = 0; i < f->n; i++) {
    const double v = (R[i] - constant) / kappa - *mean;
    *S += f->weight[i] * v * v;
  }
}

void ads_infer_follow_anchor(ads_infer_follow *f, double kappa, double constant, const double *R) {
  double mean;
  moments(f, kappa, constant, R, &mean, &f->S0);
  f->level0 = kappa * mean;
}

/* d ln kappa/dq' and d constant/dq' less what the entries themselves bring, in units of q. */
static void slopes(const ads_infer_follow *f, size_t nq, double k0, double k1, double constant, double mean,
                   double S, const double *R, const double *J, double *alpha, double *beta) {
  memset(alpha, 0, nq * sizeof *alpha);
  memset(beta, 0, nq * sizeof *beta);
  for (size_t i = 0; i < f->n; i++) { /* alpha: of ln kappa, beta: of mean V, for now */
    const double v = (R[i] - constant) / k0 - mean;
    for (size_t j = 0; j < nq; j++) {
      if (j == f->kappa || j == f->constant) continue;
      const double dV = J[i * nq + j] / k0;
      alpha[j] -= f->weight[i] * v * dV / S;
      beta[j] += f->weight[i] * dV;
    }
  }
  if (!f->own_kappa) memset(alpha, 0, nq * sizeof *alpha);
  if (f->kappa != NONE) alpha[f->kappa] = f->kappa_spread;
  for (size_t j = 0; j < nq; j++)
    beta[j] = f->own_constant ? -k1 * (alpha[j] * mean + beta[j]) / f->constant_spread : 0;
  if (f->kappa != NONE) alpha[f->kappa] = 0; /* that is the unit matrix */
  for (size_t j = 0; j < nq; j++) alpha[j] /= f->own_kappa ? f->kappa_spread : 1;
}

void ads_infer_follow_forward(const ads_infer_follow *f, size_t nq, double kappa, double constant, double *q,
                              double *R, double *J, double *alpha, double *beta) {
  double mean, S;
  moments(f, kappa, constant, R, &mean, &S);
  const double move = f->own_kappa ? -0.5 * log(S / f->S0) : 0, k1 = kappa * exp(move),
               shift = f->own_constant ? f->level0 - k1 * mean : 0;
  if (J) slopes(f, nq, kappa, k1, constant, mean, S, R, J, alpha, beta);
  if (f->own_kappa) q[f->kappa] += move / f->kappa_spread;
  if (f->own_constant) q[f->constant] += shift / f->constant_spread;
  for (size_t i = 0; i < f->n; i++) {
    const double V = (R[i] - constant) / kappa;
    R[i] = k1 * V + constant + shift;
    if (!J) continue;
    for (size_t j = 0; j < nq; j++) J[i * nq + j] *= k1 / kappa;
    if (f->kappa != NONE) J[i * nq + f->kappa] = f->kappa_spread * k1 * V;
    if (f->constant != NONE) J[i * nq + f->constant] = f->constant_spread;
  }
}

void ads_infer_follow_back(const ads_infer_follow *f, double kappa, double constant, const double *R,
                           double *q) {
  double mean, S;
  moments(f, kappa, constant, R, &mean, &S);
  if (f->own_kappa) q[f->kappa] += 0.5 * log(S / f->S0) / f->kappa_spread;
  if (f->own_constant) q[f->constant] -= (f->level0 - kappa * mean) / f->constant_spread;
}
