/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/loss.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "ads/datacurve.h"
#include "ads/onshell.h"
#include "ads/start.h"
#include "common/linalg.h"

/* The response loss (docs/training.md).  On-shell condition F(s, r; p) = 0; S and R are its roots.
 *   source direction (trained):   rho_i = (s_i - S_i) / sigma_s,i,   F(S_i, r_i) = 0,   dS/dp = -F_p / F_s
 *   with slope = local:           rho_i = (r_i - g(S_i)) / sigma_r,i,  g a monotone curve through the data; the same near the data
 *   slope = auto: local where the odd cubic a r + b r^3 does not describe the data
 *   response direction (polish):  rho_i = (r_i - R_i) / sigma_r,i,   F(s_i, R_i) = 0,   dR/dp = -F_p / F_r
 * with sigma_s,i = sigma_r,i |a + 3 b r_i^2|.  F is nearly linear in s, so the first stays regular through a zero mode, which the
 * data are close to.  Homotopy stages: errors inflated by 1000, 100, 10, 1, residuals compressed as 5 asinh(rho/5), weak priors.
 * A common scale k of the responses (option "scale") is a nuisance with prior 1 +- scale_error: r_i stands for r_i / k. */

typedef struct opts {
  int scale, slope;
  double significance;
} opts;

enum { SLOPE_AUTO, SLOPE_CUBIC, SLOPE_LOCAL };
static const char *const slopes[] = {"auto", "cubic", "local", NULL};

typedef struct response {
  com_ctx *c;
  opts o;
  const ads_dataset *d;
  ads_model *m;
  size_t n, np;            /* points; parameters with the nuisance */
  const double *sigma_r;   /* [n] of the dataset */
  double *sigma_s;         /* [n] */
  double *chol_r, *chol_s; /* [n][n] lower factors of the covariance in r and s; NULL = independent errors */
  ads_start_curve curve;
  ads_datacurve *local; /* slope local, else NULL */
  double *root, *other; /* [n] work */
  unsigned char *ok;    /* [n] */
  double *col;          /* [n] work of the whitening */
  double *carry;        /* [n] dg/ds at the sources of the model, slope = local */
} response;

static const com_field fields[] = {
    {"slope",
     "how the source of the model is compared in units of the errors of the response: by the slope of the "
     "odd cubic fitted to the data, carried to a response by a monotone curve through them (local), or local "
     "where that cubic misses the sources by half and more (auto)",
     NULL, COM_F_ENUM, offsetof(opts, slope), 0, 0, 0, slopes, "auto", 0},
    {"scale", "fit a common scale of the responses, with the dataset's scale_error as prior", NULL,
     COM_F_BOOL, offsetof(opts, scale), 0, 0, 0, NULL, NULL, 0},
    {"significance",
     "training ends when ten steps together lower the sum of squares by less than this (fits within 2 are "
     "equally good); 0 = go on to the "
     "optimizer's own tolerances",
     "1", COM_F_REAL, offsetof(opts, significance), 2, 0, 1e6, NULL, NULL, 0},
    {0}};

enum { STAGE_PROPER = 4, STAGE_POLISH = 5, N_STAGES = 6 };
static const double inflation[] = {1000, 100, 10, 1};
static const double COMPRESS = 5; /* residuals beyond this many (inflated) sigmas count logarithmically */
static const double BAD = 1e3;    /* residual, in sigmas, of a point that has no root */
static const double ROOT_TOL = 1e-9;
static const double PRIOR_UV = 0.3, PRIOR_THETA = 20;

static void destroy(void *self) {
  response *l = self;
  if (!l) return;
  ads_datacurve_destroy(l->local);
  free(l->sigma_s);
  free(l->chol_r);
  free(l->chol_s);
  free(l->root);
  free(l->other);
  free(l->ok);
  free(l->col);
  free(l->carry);
  free(l);
}

/* Cholesky factors of the covariance in the response and, by the slope of the data, in the source direction. */
static com_status factors(response *l) {
  const size_t n = l->n;
  if (!l->d->cov) return COM_OK;
  COM_ALLOC(l->c, l->chol_r = malloc(n * n * sizeof(double)));
  COM_ALLOC(l->c, l->chol_s = malloc(n * n * sizeof(double)));
  memcpy(l->chol_r, l->d->cov, n * n * sizeof(double));
  COM_TRY(com_linalg_chol(l->c, n, l->chol_r));
  for (size_t i = 0; i < n; i++) {
    const double slope = l->sigma_s[i] / l->sigma_r[i];
    for (size_t k = 0; k < n; k++) l->chol_s[i * n + k] = slope * l->chol_r[i * n + k];
  }
  return COM_OK;
}

/* Mean square of what the cubic misses the sources by, each relative to the source and three of its errors. */
static double missed(const response *l) {
  double sum = 0;
  for (size_t i = 0; i < l->n; i++) {
    const double r = l->d->response[i], s = l->d->source[i], room = fabs(s) + 3 * l->sigma_s[i];
    const double miss = s - (l->curve.a + l->curve.b * r * r) * r;
    sum += room > 0 ? miss * miss / (room * room) : 0;
  }
  return sum / (double)l->n;
}

static int is_local(const response *l) {
  static const double HALF = 0.5; /* a curve that misses by this much of every source describes nothing */
  if (l->o.slope != SLOPE_AUTO) return l->o.slope == SLOPE_LOCAL;
  const double rms = sqrt(missed(l));
  if (rms <= HALF) return 0;
  com_ctx_warn(l->c, "slope",
               "no odd cubic describes dataset %s (it misses the sources by %.2g of themselves): compared by "
               "a monotone curve through the data (loss.slope local)",
               l->d->name, rms);
  return 1;
}

static com_status prepare(response *l) {
  const size_t n = l->n;
  COM_CHECK(l->c, l->d->kind == ADS_DATASET_RESPONSE, COM_E_CONFIG,
            "dataset %s has kind labelled: loss.type response needs (source, response) pairs; use loss.type "
            "classifier",
            l->d->name);
  COM_CHECK(l->c, l->d->error, COM_E_CONFIG,
            "dataset %s states no errors: give loss.noise, a relative error such as 0.01", l->d->name);
  l->sigma_r = l->d->error;
  COM_CHECK(l->c, !l->o.scale || l->d->scale_error > 0, COM_E_CONFIG,
            "loss.scale: dataset %s states no scale_error; remove one or add the other", l->d->name);
  COM_ALLOC(l->c, l->sigma_s = malloc(n * sizeof(double)));
  COM_ALLOC(l->c, l->root = malloc(n * sizeof(double)));
  COM_ALLOC(l->c, l->other = malloc(n * sizeof(double)));
  COM_ALLOC(l->c, l->col = malloc(n * sizeof(double)));
  COM_ALLOC(l->c, l->carry = calloc(n, sizeof(double)));
  COM_ALLOC(l->c, l->ok = malloc(n));
  ads_start_fit(n, l->d->source, l->d->response, l->sigma_r, &l->curve, l->sigma_s);
  if (is_local(l)) {
    COM_TRY(ads_datacurve_create(l->c, n, l->d->source, l->d->response, &l->local));
    ads_datacurve_start(l->local, &l->curve.a, &l->curve.b);
  }
  return factors(l);
}

static com_status create(com_ctx *c, const void *o, const ads_loss_env *env, void **self) {
  response *l = calloc(1, sizeof *l);
  COM_ALLOC(c, l);
  l->c = c;
  l->o = *(const opts *)o;
  l->d = env->data;
  l->m = env->model;
  l->n = env->data->n;
  l->np = ads_model_n_params(env->model) + (l->o.scale ? 1 : 0);
  const com_status status = prepare(l);
  if (status) destroy(l);
  *self = status ? NULL : l;
  return status;
}

static size_t n_extra(const void *self) { return ((const response *)self)->o.scale ? 1 : 0; }

static void extra(const void *self, size_t k, ads_loss_extra *out) {
  (void)k;
  *out = (ads_loss_extra){
      {.name = "loss.scale", .n = 1, .scalar = 1, .trained = 1, .log = 1, .lo = 0.1, .hi = 10},
      1,
      1,
      ((const response *)self)->d->scale_error};
}

static com_status start(void *self, const unsigned char *free_, double *p) {
  response *l = self;
  return ads_start_basin(l->c, l->m, &l->curve, free_, p);
}

static size_t n_stages(const void *self) {
  (void)self;
  return N_STAGES;
}

static void stage_of(const void *self, size_t k, ads_loss_stage *out) {
  static const ads_loss_stage stages[N_STAGES] = {
      {.name = "errors x 1000", .optimizer = "lm", .max_iter = 40, .step_tol = 1e-4},
      {.name = "errors x 100", .optimizer = "lm", .max_iter = 40, .step_tol = 1e-4},
      {.name = "errors x 10", .optimizer = "lm", .max_iter = 60, .step_tol = 1e-4},
      {.name = "errors x 1", .optimizer = "lm", .max_iter = 120, .step_tol = 1e-5},
      {.name = "source direction", .max_iter = 300, .penalties = 1},
      {.name = "response direction", .max_iter = 300, .penalties = 1}};
  *out = stages[k];
  if (k >= STAGE_PROPER) out->significance = ((const response *)self)->o.significance;
}

/* ---- priors of the homotopy stages: h(eta_uv) = d, theta and the scalars within their natural ranges ---- */

static size_t n_prior(const response *l) { return 1 + ads_model_n_params(l->m); }

static const ads_trainable *scalar_row(const response *l, size_t k) {
  const size_t nk = ads_model_n_kappa(l->m);
  return k < nk ? ads_model_bulk(l->m)->ops->kappa + k : ads_model_dictionary(l->m)->ops->par + (k - nk);
}

static void prior(const response *l, const double *p, double *r, double *J) {
  const ads_metric *m = ads_model_metric(l->m);
  const size_t nt = m->n_theta, nm = ads_model_n_params(l->m);
  double h = 0;
  if (J) memset(J, 0, n_prior(l) * l->np * sizeof *J);
  ads_metric_eval(m, p, 1, &m->span.eta_uv, &h, NULL);
  r[0] = (h - m->span.d) / PRIOR_UV;
  if (J) {
    ads_metric_jac(m, p, 1, &m->span.eta_uv, J);
    for (size_t k = 0; k < nt; k++) J[k] /= PRIOR_UV;
  }
  for (size_t k = 0; k < nm; k++) {
    double *row = J ? J + (1 + k) * l->np : NULL;
    if (k < nt) {
      r[1 + k] = p[k] / PRIOR_THETA;
      if (row) row[k] = 1 / PRIOR_THETA;
      continue;
    }
    const ads_trainable *t = scalar_row(l, k - nt);
    const double width = t->draw == ADS_DRAW_LOGUNIFORM ? 1.5 * log(t->b)
                         : t->draw == ADS_DRAW_NORMAL   ? 2 * t->b
                                                        : t->b - t->a;
    const double centre = t->draw == ADS_DRAW_UNIFORM ? 0.5 * (t->a + t->b) : t->a;
    r[1 + k] = t->log ? log(p[k] / centre) / width : (p[k] - centre) / width;
    if (row) row[k] = t->log ? 1 / (p[k] * width) : 1 / width;
  }
}

/* ---- residuals ---- */

/* v <- L^-1 v, or v_i / sigma_i. */
static void whiten(const response *l, int source, double *v) {
  if (l->local) source = 0; /* already a response */
  const double *chol = source ? l->chol_s : l->chol_r, *sigma = source ? l->sigma_s : l->sigma_r;
  if (chol)
    com_linalg_forward(l->n, chol, v);
  else
    for (size_t i = 0; i < l->n; i++) v[i] /= sigma[i];
}

static void whiten_columns(const response *l, int source, double *J) {
  for (size_t k = 0; k < l->np; k++) {
    for (size_t i = 0; i < l->n; i++) l->col[i] = J[i * l->np + k];
    whiten(l, source, l->col);
    for (size_t i = 0; i < l->n; i++) J[i * l->np + k] = l->col[i];
  }
}

/* Roots of all points in one direction; on return (root, other) are the sources and responses of the on-shell points. */
static com_status roots(response *l, int source, const double *p, double k, double **s, double **r) {
  const size_t n = l->n;
  *s = source ? l->root : l->other;
  *r = source ? l->other : l->root;
  memcpy(*s, l->d->source, n * sizeof(double));
  for (size_t i = 0; i < n; i++) (*r)[i] = l->d->response[i] / k;
  return source ? ads_onshell_source(l->m, p, n, *r, ROOT_TOL, *s, l->ok)
                : ads_onshell_response(l->m, p, n, *s, ROOT_TOL, *r, l->ok);
}

/* Row of J: d(datum - root)/dp = F_p / F_x, and with the common scale k (r stands for r_data / k):
 *   source:    d(s_i - S)/dk = (F_r / F_s) dr/dk,  dr/dk = -r/k
 *   response:  d(r_i - k R)/dp = k F_p / F_r,  d(r_i - k R)/dk = -R */
static void fill_row(const response *l, int source, const ads_model_eval *ev, size_t i, double k, double r,
                     double *row) {
  const size_t nm = ev->np;
  const double slope = source ? ev->Fs[i] : ev->Fr[i], unit = source ? 1 : k;
  for (size_t j = 0; j < nm; j++) row[j] = unit * ev->Fp[i * nm + j] / slope;
  if (l->o.scale) row[nm] = source ? -ev->Fr[i] / ev->Fs[i] * r / k : -r;
  for (size_t j = 0; source && l->local && j < l->np; j++) row[j] *= l->carry[i];
}

/* rho[n] (whitened, in sigmas) and its Jacobian, in one direction. */
static com_status rho(response *l, int source, const double *p, double *out, double *J, size_t *n_bad) {
  const size_t n = l->n, np = l->np;
  const double k = l->o.scale ? p[np - 1] : 1;
  double *s = NULL, *r = NULL;
  COM_TRY(roots(l, source, p, k, &s, &r));
  for (size_t i = 0; i < n; i++) {
    out[i] = source && l->local ? l->d->response[i] - ads_datacurve_at(l->local, s[i], l->carry + i)
             : source           ? l->d->source[i] - s[i]
                                : l->d->response[i] - k * r[i];
    if (!l->ok[i]) out[i] = BAD * (source && !l->local ? l->sigma_s[i] : l->sigma_r[i]);
    if (!l->ok[i]) ++*n_bad;
  }
  whiten(l, source, out);
  if (!J) return COM_OK;
  ads_model_eval ev;
  COM_TRY(ads_model_run(l->m, ADS_MODEL_JAC, p, n, s, r, &ev));
  memset(J, 0, n * np * sizeof *J);
  for (size_t i = 0; i < n; i++)
    if (l->ok[i] && !ev.frozen[i]) fill_row(l, source, &ev, i, k, r[i], J + i * np);
  whiten_columns(l, source, J);
  return COM_OK;
}

/* rho -> 5 asinh(rho / (5 kappa)), kappa the inflation of the errors. */
static void compress(const response *l, double kappa, double *r, double *J) {
  for (size_t i = 0; i < l->n; i++) {
    const double u = r[i] / (COMPRESS * kappa), slope = 1 / (kappa * sqrt(1 + u * u));
    r[i] = COMPRESS * asinh(u);
    for (size_t k = 0; J && k < l->np; k++) J[i * l->np + k] *= slope;
  }
}

static size_t n_res(const void *self, int stage) {
  const response *l = self;
  const int homotopy = stage >= 0 && stage < STAGE_PROPER;
  return l->n + (homotopy ? n_prior(l) : 0) + (l->o.scale ? 1 : 0);
}

static com_status residuals(void *self, int stage, const double *p, double *r, double *J, size_t *n_bad) {
  response *l = self;
  const size_t n = l->n, np = l->np;
  size_t at = n;
  COM_TRY(rho(l, stage != STAGE_POLISH, p, r, J, n_bad));
  if (stage >= 0 && stage < STAGE_PROPER) {
    compress(l, l->local ? 1 : inflation[stage], r,
             J); /* carried to a response, rho stays moderate by itself */
    prior(l, p, r + n, J ? J + n * np : NULL);
    at += n_prior(l);
  }
  if (l->o.scale) {
    r[at] = (p[np - 1] - 1) / l->d->scale_error;
    if (J) {
      memset(J + at * np, 0, np * sizeof *J);
      J[at * np + np - 1] = 1 / l->d->scale_error;
    }
  }
  return COM_OK;
}

const ads_loss_ops ads_loss_response = {
    .c = {.name = "response",
          .doc = "least squares on the response curve, trained in the source direction, polished in the "
                 "response direction",
          .ref = "docs/training.md; on-shell condition of arXiv:1809.10536",
          .fields = fields,
          .opt_size = sizeof(opts)},
    .wants = COM_WANT_RJ,
    .create = create,
    .destroy = destroy,
    .n_extra = n_extra,
    .extra = extra,
    .start = start,
    .n_stages = n_stages,
    .stage = stage_of,
    .n_res = n_res,
    .residuals = residuals};
