/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "ads/loss.h"
#include "ads/potential_model.h"
#include "common/linalg.h"

/* Least squares on a quark-antiquark potential (docs/potential.md): V_GeV(r) = kappa V(r; theta, T) + constant, V in units of
 * L^2/(2 pi alpha') = kappa.  Neither number follows from the metric: both are parameters of the data, "potential.kappa" and
 * "potential.constant".  Parameters [theta | bulk | dictionary | kappa | constant]; of the model only theta counts. */

typedef struct opts {
  double kappa, constant, kappa_centre, kappa_spread, constant_centre, constant_spread;
  int train_kappa, train_constant;
} opts;

typedef struct potential {
  com_ctx *c;
  opts o;
  const ads_dataset *d;
  ads_potential_model *m;
  size_t n, nt, nm; /* points; theta; parameters of the model */
  double *chol;     /* [n][n] NULL: independent errors */
  double *col;      /* [n] work */
} potential;

static const com_field fields[] = {
    {"kappa", "L^2/(2 pi alpha'), start; least squares when not given", "1", COM_F_REAL,
     offsetof(opts, kappa), NAN, 0, 1e9, NULL, NULL, COM_FF_LO_OPEN},
    {"constant", "additive constant, start; least squares when not given", "GeV", COM_F_REAL,
     offsetof(opts, constant), NAN, 0, 0, NULL, NULL, 0},
    {"train_kappa", "fit kappa", NULL, COM_F_BOOL, offsetof(opts, train_kappa), 1, 0, 0, NULL, NULL, 0},
    {"train_constant", "fit the constant", NULL, COM_F_BOOL, offsetof(opts, train_constant), 1, 0, 0, NULL,
     NULL, 0},
    {"kappa_centre", "infer: median of kappa", "1", COM_F_REAL, offsetof(opts, kappa_centre), 1, 0, 1e9, NULL,
     NULL, COM_FF_LO_OPEN},
    {"kappa_spread", "infer: logarithmic spread of kappa", "1", COM_F_REAL, offsetof(opts, kappa_spread), 1.5,
     0, 100, NULL, NULL, COM_FF_LO_OPEN},
    {"constant_centre", "infer: mean of the constant", "GeV", COM_F_REAL, offsetof(opts, constant_centre), 0,
     0, 0, NULL, NULL, 0},
    {"constant_spread", "infer: spread of the constant", "GeV", COM_F_REAL, offsetof(opts, constant_spread),
     2, 0, 1e9, NULL, NULL, COM_FF_LO_OPEN},
    {0}};

enum { N_EXTRA = 2 };
static const double BAD = 1e3; /* residual, in sigmas, of a point where there is no background */

static void destroy(void *self) {
  potential *l = self;
  if (!l) return;
  ads_potential_model_destroy(l->m);
  free(l->chol);
  free(l->col);
  free(l);
}

static com_status check(const potential *l) {
  const ads_dataset *d = l->d;
  COM_CHECK(
      l->c, d->kind == ADS_DATASET_POTENTIAL, COM_E_CONFIG,
      "dataset %s: loss.type potential needs a dataset of kind potential: distances [fm], potential [GeV]",
      d->name);
  COM_CHECK(l->c, d->error, COM_E_CONFIG,
            "dataset %s states no errors: give loss.noise, a relative error such as 0.01", d->name);
  COM_CHECK(l->c, d->T > 0, COM_E_CONFIG,
            "dataset %s: temperature: is needed, as it sets the horizon of f and g", d->name);
  for (size_t i = 0; i < d->n; i++)
    COM_CHECK(l->c, d->source[i] > 0, COM_E_DATA,
              "dataset %s: source.values[%zu] = %g: a distance must be > 0", d->name, i, d->source[i]);
  COM_CHECK(l->c, l->o.train_kappa || isfinite(l->o.kappa), COM_E_CONFIG,
            "loss.train_kappa = false: give the value in loss.kappa");
  COM_CHECK(l->c, l->o.train_constant || isfinite(l->o.constant), COM_E_CONFIG,
            "loss.train_constant = false: give the value in loss.constant");
  return COM_OK;
}

static com_status prepare(potential *l, const ads_loss_env *env) {
  const size_t n = l->n;
  COM_TRY(check(l));
  COM_TRY(ads_potential_model_create(l->c, env->cfg, l->nt, &l->m));
  COM_ALLOC(l->c, l->col = malloc(n * sizeof *l->col));
  if (!l->d->cov) return COM_OK;
  COM_ALLOC(l->c, l->chol = malloc(n * n * sizeof *l->chol));
  memcpy(l->chol, l->d->cov, n * n * sizeof *l->chol);
  return com_linalg_chol(l->c, n, l->chol);
}

static com_status create(com_ctx *c, const void *o, const ads_loss_env *env, void **self) {
  potential *l = calloc(1, sizeof *l);
  COM_ALLOC(c, l);
  l->c = c;
  l->o = *(const opts *)o;
  l->d = env->data;
  l->n = env->data->n;
  l->nt = ads_model_n_theta(env->model);
  l->nm = ads_model_n_params(env->model);
  const com_status status = prepare(l, env);
  if (status) destroy(l);
  *self = status ? NULL : l;
  return status;
}

static size_t n_extra(const void *self) {
  (void)self;
  return N_EXTRA;
}

static void extra(const void *self, size_t k, ads_loss_extra *out) {
  const opts *o = &((const potential *)self)->o;
  if (k == 0)
    *out = (ads_loss_extra){{.name = "potential.kappa",
                             .n = 1,
                             .scalar = 1,
                             .trained = o->train_kappa,
                             .log = 1,
                             .lo = 1e-9,
                             .hi = 1e9},
                            isfinite(o->kappa) ? o->kappa : o->kappa_centre,
                            o->kappa_centre,
                            o->kappa_spread};
  else
    *out = (ads_loss_extra){{.name = "potential.constant",
                             .n = 1,
                             .scalar = 1,
                             .trained = o->train_constant,
                             .lo = -INFINITY,
                             .hi = INFINITY},
                            isfinite(o->constant) ? o->constant : o->constant_centre,
                            o->constant_centre,
                            o->constant_spread};
}

/* R = kappa V + constant; rows by [theta | ... | kappa | constant], dT = kappa dV/dT. */
static com_status predict(const void *self, const double *p, double T, size_t n, const double *source,
                          double *R, double *J, double *dT) {
  const potential *l = self;
  const size_t nt = l->nt, np = l->nm + N_EXTRA;
  const double kappa = p[l->nm], constant = p[l->nm + 1];
  double *V = malloc((n * (nt + 2) + 1) * sizeof *V), *dV = V ? V + n : NULL;
  COM_ALLOC(l->c, V);
  const com_status s = ads_potential_model_eval(l->m, p, T, n, source, V, J || dT ? dV : NULL);
  for (size_t i = 0; i < n && !s; i++) {
    R[i] = kappa * V[i] + constant;
    if (dT) dT[i] = kappa * dV[i * (nt + 1) + nt];
    if (!J) continue;
    double *row = J + i * np;
    memset(row, 0, np * sizeof *row);
    for (size_t k = 0; k < nt; k++) row[k] = kappa * dV[i * (nt + 1) + k];
    row[l->nm] = V[i];
    row[l->nm + 1] = 1;
  }
  free(V);
  return s;
}

/* The weighted least squares for kappa and constant at the given metric; a kappa that comes out negative is left as it is. */
static com_status start(void *self, const unsigned char *free_, double *p) {
  potential *l = self;
  const int own_kappa = !free_[l->nm] || isfinite(l->o.kappa),
            own_constant = !free_[l->nm + 1] || isfinite(l->o.constant);
  double w = 0, x = 0, y = 0, xx = 0, xy = 0, *V = l->col;
  const com_status s = ads_potential_model_eval(l->m, p, l->d->T, l->n, l->d->source, V, NULL);
  if (s == COM_E_NUM) {
    com_ctx_clear(l->c);
    return COM_OK;
  }
  COM_TRY(s);
  for (size_t i = 0; i < l->n; i++) {
    const double weight = 1 / (l->d->error[i] * l->d->error[i]), Y = l->d->response[i];
    w += weight;
    x += weight * V[i];
    y += weight * Y;
    xx += weight * V[i] * V[i];
    xy += weight * V[i] * Y;
  }
  const double slope = own_constant ? (xy - p[l->nm + 1] * x) / xx : (w * xy - x * y) / (w * xx - x * x);
  if (!own_kappa && slope > 0 && isfinite(slope)) p[l->nm] = slope;
  if (!own_constant) p[l->nm + 1] = (y - p[l->nm] * x) / w;
  return COM_OK;
}

static size_t n_res(const void *self, int stage) {
  (void)stage;
  return ((const potential *)self)->n;
}

static void whiten(const potential *l, double *v) {
  if (l->chol)
    com_linalg_forward(l->n, l->chol, v);
  else
    for (size_t i = 0; i < l->n; i++) v[i] /= l->d->error[i];
}

static com_status residuals(void *self, int stage, const double *p, double *r, double *J, size_t *n_bad) {
  potential *l = self;
  const size_t n = l->n, np = l->nm + N_EXTRA;
  (void)stage;
  const com_status s = predict(l, p, l->d->T, n, l->d->source, r, J, NULL);
  if (s == COM_E_NUM) {
    com_ctx_clear(l->c);
    *n_bad += n;
    for (size_t i = 0; i < n; i++) r[i] = BAD;
    if (J) memset(J, 0, n * np * sizeof *J);
    return COM_OK;
  }
  COM_TRY(s);
  for (size_t i = 0; i < n; i++) r[i] = l->d->response[i] - r[i];
  whiten(l, r);
  for (size_t k = 0; J && k < np; k++) {
    for (size_t i = 0; i < n; i++) l->col[i] = -J[i * np + k];
    whiten(l, l->col);
    for (size_t i = 0; i < n; i++) J[i * np + k] = l->col[i];
  }
  return COM_OK;
}

const ads_loss_ops ads_loss_potential = {
    .c = {.name = "potential",
          .doc = "least squares on a quark-antiquark potential, with its scale and constant as parameters",
          .ref = "docs/potential.md; arXiv:hep-th/9803002",
          .fields = fields,
          .opt_size = sizeof(opts)},
    .wants = COM_WANT_RJ,
    .create = create,
    .destroy = destroy,
    .n_extra = n_extra,
    .extra = extra,
    .predict = predict,
    .affine = 1,
    .start = start,
    .n_res = n_res,
    .residuals = residuals};
