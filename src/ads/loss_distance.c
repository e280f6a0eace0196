/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Distance of every datum from the on-shell curve F(s, r; p) = 0, to first order:
 *     rho_i = F_i / (sigma_i |grad F_i|),   grad = (d/ds, d/dr),
 * sigma_i the stated error of the response, or loss.noise, or `width`.  No root is searched, so that a curve with many branches
 * (the friction toy: 3 stop velocities per position) is as good as a single-valued one.
 * Stages: rho is compressed to 5 asinh(rho/(5 c)), c falling by tens from the size of the data to 1.  A penalty of fixed weight
 * is thereby strong at first and fades; before all this a uniform shift of h is scanned (docs/physics.md, friction toy).
 *     d rho/dp = F_p/(sigma |g|) - F (g . dg/dp)/(sigma |g|^3),   dg/dp = second derivatives, by differences of F_p in s and r. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ads/loss.h"
#include "common/linalg.h"

typedef struct distance_opts {
  double width, scan;
  int scan_steps;
} distance_opts;

static const com_field fields[] = {
    {.key = "width",
     .doc = "distance that counts as one, for data without errors",
     .unit = "1",
     .type = COM_F_REAL,
     .off = offsetof(distance_opts, width),
     .def = 1e-5,
     .lo = 0,
     .hi = 1e6,
     .flags = COM_FF_LO_OPEN},
    {.key = "scan",
     .doc = "a uniform shift of h between -scan and scan is tried first; 0: none",
     .unit = "1",
     .type = COM_F_REAL,
     .off = offsetof(distance_opts, scan),
     .def = 1,
     .lo = 0,
     .hi = 1e3},
    {.key = "scan_steps",
     .doc = "shifts tried",
     .unit = "1",
     .type = COM_F_INT,
     .off = offsetof(distance_opts, scan_steps),
     .def = 81,
     .lo = 3,
     .hi = 100001},
    {0}};

enum { MAX_STAGES = 10, STAGE_STEPS = 100, LAST_STEPS = 300, GRID = 33, COPIES = 5 };
static const double COMPRESS = 5;
static const double BAD = 1e3;         /* residual, in compressed units, of a sample that ran away */
static const double DIFFERENCE = 1e-4; /* of the size of the data: error of dg/dp of its square */

typedef struct distance {
  com_ctx *c;
  distance_opts o;
  const ads_dataset *d;
  ads_model *m;
  size_t n, np, stages;
  double size_s, size_r;       /* largest |source|, |response| */
  double *sigma, *s, *r, *rho; /* [n], [5n], [5n], [n] */
} distance;

static void destroy(void *self) {
  distance *l = self;
  if (!l) return;
  free(l->sigma);
  free(l);
}

static com_status prepare(distance *l) {
  const ads_dataset *d = l->d;
  const size_t n = l->n;
  COM_CHECK(l->c, d->kind == ADS_DATASET_RESPONSE, COM_E_CONFIG,
            "dataset %s has kind labelled: loss.type distance needs (source, response) pairs", d->name);
  COM_ALLOC(l->c, l->sigma = malloc((2 + 2 * COPIES) * n * sizeof *l->sigma + 1));
  l->s = l->sigma + n, l->r = l->s + COPIES * n, l->rho = l->r + COPIES * n;
  double smallest = INFINITY;
  for (size_t i = 0; i < n; i++) {
    l->sigma[i] = d->error ? d->error[i] : l->o.width;
    smallest = fmin(smallest, l->sigma[i]);
    l->size_s = fmax(l->size_s, fabs(d->source[i])), l->size_r = fmax(l->size_r, fabs(d->response[i]));
  }
  const double decades = log10(fmax(l->size_s, l->size_r) / smallest);
  l->stages = 1 + (size_t)fmin(fmax(ceil(decades), 0), MAX_STAGES - 1);
  return COM_OK;
}

static com_status create(com_ctx *c, const void *opts, const ads_loss_env *env, void **self) {
  distance *l;
  *self = NULL;
  COM_ALLOC(c, l = calloc(1, sizeof *l));
  l->c = c, l->o = *(const distance_opts *)opts, l->d = env->data, l->m = env->model, l->n = env->data->n;
  l->np = ads_model_n_params(env->model);
  const com_status status = prepare(l);
  if (status)
    destroy(l);
  else
    *self = l;
  return status;
}

/* c of a stage; the loss proper is not compressed. */
static double scale_of(const distance *l, int stage) {
  return stage < 0 || (size_t)stage + 1 >= l->stages ? 0 : pow(10, (double)l->stages - 2 - stage);
}

static size_t n_stages(const void *self) { return ((const distance *)self)->stages; }

static void stage_of(const void *self, size_t k, ads_loss_stage *out) {
  const distance *l = self;
  const int last = k + 1 == l->stages;
  static const char *const names[MAX_STAGES] = {
      "distance",     "widths x 1",   "widths x 10",  "widths x 100", "widths x 1e3",
      "widths x 1e4", "widths x 1e5", "widths x 1e6", "widths x 1e7", "widths x 1e8"};
  *out = (ads_loss_stage){.name = names[l->stages - 1 - k],
                          .optimizer = last ? NULL : "lm",
                          .max_iter = last ? LAST_STEPS : STAGE_STEPS,
                          .step_tol = last ? 0 : 1e-4,
                          .penalties = 1};
}

/* ---- residuals ---- */

/* rho of all points and, when J is given, its derivatives (rows of np). */
static com_status rho_of(distance *l, const double *p, double *rho, double *J, size_t *n_bad) {
  const size_t n = l->n, np = l->np;
  const double es = DIFFERENCE * fmax(l->size_s, 1e-300), er = DIFFERENCE * fmax(l->size_r, 1e-300);
  const size_t copies = J ? COPIES : 1;
  for (size_t k = 0; k < copies; k++)
    for (size_t i = 0; i < n; i++) {
      l->s[k * n + i] = l->d->source[i] + (k == 1 ? es : k == 2 ? -es : 0);
      l->r[k * n + i] = l->d->response[i] + (k == 3 ? er : k == 4 ? -er : 0);
    }
  ads_model_eval ev;
  COM_TRY(ads_model_run(l->m, J ? ADS_MODEL_JAC : ADS_MODEL_SR, p, copies * n, l->s, l->r, &ev));
  for (size_t i = 0; i < n; i++) {
    const double Fs = ev.Fs[i], Fr = ev.Fr[i], g = hypot(Fs, Fr), unit = 1 / (l->sigma[i] * g);
    rho[i] = ev.F[i] * unit;
    const int bad = ev.frozen[i] || !isfinite(rho[i]);
    if (bad) ++*n_bad, rho[i] = NAN;
    for (size_t j = 0; J && j < np; j++) {
      const double *f = ev.Fp + i * np + j;
      const double Fsp = (f[n * np] - f[2 * n * np]) / (2 * es),
                   Frp = (f[3 * n * np] - f[4 * n * np]) / (2 * er);
      J[i * np + j] = bad ? 0 : unit * (f[0] - ev.F[i] * (Fs * Fsp + Fr * Frp) / (g * g));
    }
  }
  return COM_OK;
}

static size_t n_res(const void *self, int stage) {
  (void)stage;
  return ((const distance *)self)->n;
}

static com_status residuals(void *self, int stage, const double *p, double *r, double *J, size_t *n_bad) {
  distance *l = self;
  const double c = scale_of(l, stage);
  COM_TRY(rho_of(l, p, r, J, n_bad));
  for (size_t i = 0; i < l->n; i++) {
    const double u = r[i] / (COMPRESS * c), slope = c > 0 ? 1 / (c * sqrt(1 + u * u)) : 1;
    if (isnan(r[i]))
      r[i] = BAD;
    else if (c > 0)
      r[i] = COMPRESS * asinh(u);
    for (size_t j = 0; J && j < l->np; j++) J[i * l->np + j] *= slope;
  }
  return COM_OK;
}

/* ---- start: the uniform shift of h ---- */

/* d theta with h(theta + t) = h + 1 on a grid, least squares. */
static com_status unit_shift(distance *l, const double *p, double *t) {
  const ads_metric *m = ads_model_metric(l->m);
  const size_t n = m->n_theta, rows = GRID + n;
  double eta[GRID], *A = calloc(rows * (n + 1), sizeof *A), *b = A ? A + rows * n : NULL;
  COM_ALLOC(l->c, A);
  for (size_t i = 0; i < GRID; i++)
    eta[i] = m->span.eta_ir + (m->span.eta_uv - m->span.eta_ir) * (double)i / (GRID - 1), b[i] = 1;
  ads_metric_jac(m, p, GRID, eta, A);
  for (size_t k = 0; k < n; k++) A[(GRID + k) * n + k] = 1e-7; /* idle directions stay put */
  const com_status status = com_linalg_lstsq(l->c, rows, n, A, b, t);
  free(A);
  return status;
}

static com_status start(void *self, const unsigned char *free_, double *p) {
  distance *l = self;
  const size_t nt = ads_model_n_theta(l->m);
  if (l->o.scan == 0 || nt == 0 || !free_[0]) return COM_OK;
  double *t = malloc(2 * (l->np + 1) * sizeof *t), *q = t ? t + l->np + 1 : NULL, best = INFINITY, shift = 0;
  COM_ALLOC(l->c, t);
  com_status status = unit_shift(l, p, t);
  memcpy(q, p, l->np * sizeof *p);
  for (int k = 0; k < l->o.scan_steps && !status; k++) {
    const double x = l->o.scan * (2.0 * k / (l->o.scan_steps - 1) - 1);
    double sum = 0;
    size_t bad = 0;
    for (size_t j = 0; j < nt; j++) q[j] = p[j] + x * t[j];
    status = rho_of(l, q, l->rho, NULL, &bad);
    for (size_t i = 0; i < l->n && !status; i++) {
      const double u =
          isnan(l->rho[i]) ? BAD : asinh(l->rho[i] * l->sigma[i] / (0.1 * fmax(l->size_s, l->size_r)));
      sum += u * u;
    }
    if (sum < best) best = sum, shift = x;
  }
  for (size_t j = 0; j < nt && !status; j++) p[j] += shift * t[j];
  free(t);
  return status;
}

const ads_loss_ops ads_loss_distance = {
    .c = {.name = "distance",
          .doc = "distance of the data from the on-shell curve, to first order",
          .ref = "docs/physics.md",
          .fields = fields,
          .opt_size = sizeof(distance_opts)},
    .wants = COM_WANT_RJ,
    .create = create,
    .destroy = destroy,
    .start = start,
    .n_stages = n_stages,
    .stage = stage_of,
    .n_res = n_res,
    .residuals = residuals};
