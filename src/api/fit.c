/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "api/fit.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

com_status holograd_fit_init(holograd_ctx *user, const char *name, const char *config, holograd_fit *f) {
  memset(f, 0, sizeof *f);
  f->user = user;
  COM_TRY(holograd_ctx_fork(user, &f->c));
  COM_TRY(holograd_ctx_parse(f->c, &name, config, &f->json));
  COM_TRY(ads_config_open(f->c, name, f->json, &f->cfg, &f->parameters));
  return ads_fit_create(f->c, &f->cfg, NULL, &f->fit);
}

void holograd_fit_finish(holograd_fit *f) {
  ads_fit_destroy(f->fit);
  if (f->cfg.file) ads_config_finish(&f->cfg);
  com_json_free(f->json);
  com_ctx_destroy(f->c);
  memset(f, 0, sizeof *f);
}

holograd_status holograd_fit_join(holograd_fit *f, com_status s) {
  return holograd_ctx_join(f->user, f->c, &f->seen, s);
}

holograd_status holograd_fit_create(holograd_ctx *c, const char *name, const char *config,
                                    holograd_fit **out) {
  if (!c || !out) return HOLOGRAD_E_USAGE;
  *out = NULL;
  holograd_fit *f = malloc(sizeof *f);
  if (!f) return holograd_ctx_join(c, NULL, NULL, COM_E_MEM);
  com_status s = holograd_fit_init(c, name, config, f);
  if (!s && f->parameters)
    s = com_params_read(f->c, name ? name : "config", f->parameters, ads_fit_params(f->fit));
  const holograd_status status = holograd_fit_join(f, s);
  if (status) {
    holograd_fit_destroy(f);
    return status;
  }
  *out = f;
  return HOLOGRAD_OK;
}

void holograd_fit_destroy(holograd_fit *f) {
  if (!f) return;
  holograd_fit_finish(f);
  free(f);
}

/* ---- parameters ---- */

size_t holograd_fit_n_params(const holograd_fit *f) { return com_params_n(ads_fit_params(f->fit)); }

void holograd_fit_param_name(const holograd_fit *f, size_t i, char out[64]) {
  com_params_label(ads_fit_params(f->fit), i, out);
}

int holograd_fit_param_trained(const holograd_fit *f, size_t i, double *lo, double *hi) {
  const com_params *p = ads_fit_params(f->fit);
  for (size_t k = 0; k < com_params_n_blocks(p); k++) {
    const com_block *b = com_params_block(p, k);
    if (i < b->off || i >= b->off + b->n) continue;
    if (lo) *lo = b->lo;
    if (hi) *hi = b->hi;
    return b->trained;
  }
  return 0;
}

holograd_status holograd_fit_start(holograd_fit *f, size_t k, double *p) {
  return holograd_fit_join(f, k ? ads_fit_start(f->fit, k, p)
                                : COM_FAIL(f->c, COM_E_USAGE, "start 0: starts are numbered from 1"));
}

/* ---- data ---- */

size_t holograd_fit_n_points(const holograd_fit *f) { return ads_fit_n_points(f->fit); }

static void put(double *to, const double *from, size_t n) {
  for (size_t i = 0; i < n && to; i++) to[i] = from ? from[i] : NAN;
}

holograd_status holograd_fit_data(const holograd_fit *f, double *source, double *response, double *error) {
  size_t at = 0;
  for (size_t g = 0; g < ads_fit_n_groups(f->fit); g++) {
    const ads_dataset *d = ads_fit_group(f->fit, g)->data;
    put(source ? source + at : NULL, d->source, d->n);
    put(response ? response + at : NULL, d->response, d->n);
    put(error ? error + at : NULL, d->error, d->n);
    at += d->n;
  }
  return HOLOGRAD_OK;
}

/* ---- functions of the parameters ---- */

holograd_status holograd_fit_loss(holograd_fit *f, const double *p, double *loss, double *gradient) {
  size_t n_bad = 0;
  return holograd_fit_join(f, ads_fit_value(f->fit, ADS_LOSS_PROPER, 1, -1, p, loss, gradient, &n_bad));
}

static int squares(const holograd_fit *f) { return (ads_fit_wants(f->fit) & COM_WANT_RJ) != 0; }

size_t holograd_fit_n_residuals(const holograd_fit *f) {
  return squares(f) ? ads_fit_n_res(f->fit, ADS_LOSS_PROPER) : 0;
}

holograd_status holograd_fit_residuals(holograd_fit *f, const double *p, double *r, double *jacobian) {
  size_t n_bad = 0;
  com_status s =
      squares(f) ? ads_fit_residuals(f->fit, ADS_LOSS_PROPER, p, r, jacobian, &n_bad)
                 : COM_FAIL(f->c, COM_E_USAGE, "loss %s is not a sum of squares: use its value and gradient",
                            f->cfg.loss.type->name);
  return holograd_fit_join(f, s);
}

holograd_status holograd_fit_predict(holograd_fit *f, const double *p, double *response, double *pull,
                                     double *chi2) {
  double own_chi2 = 0, *own = NULL;
  if (!pull && !(own = malloc((holograd_fit_n_points(f) + 1) * sizeof *own)))
    return holograd_fit_join(f, COM_FAIL(f->c, COM_E_MEM, "out of memory"));
  const com_status s = ads_fit_predict(f->fit, p, response, pull ? pull : own, chi2 ? chi2 : &own_chi2);
  free(own);
  return holograd_fit_join(f, s);
}

holograd_status holograd_fit_metric(const holograd_fit *f, const double *p, size_t n, const double *eta,
                                    double *h, double *dh) {
  const ads_group *q = ads_fit_group(f->fit, 0);
  double *own = malloc((q->np + 1) * sizeof *own);
  if (!own) return holograd_ctx_join(f->user, NULL, NULL, COM_E_MEM);
  ads_fit_gather(f->fit, 0, p, own);
  ads_metric_eval(ads_model_metric(q->model), own, n, eta, h, dh);
  free(own);
  return HOLOGRAD_OK;
}
