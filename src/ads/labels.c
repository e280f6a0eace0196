/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/labels.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "common/linalg.h"

enum { MAX_DEGREE = 31 };

const com_field ads_labels_fields[] = {
    {.key = "points",
     .doc = "labelled points drawn around a measured curve, half of them positive",
     .unit = "1",
     .type = COM_F_INT,
     .off = offsetof(ads_labels_band, points),
     .def = 20000,
     .lo = 2,
     .hi = 1e8},
    {.key = "degree",
     .doc = "degree of the polynomial fitted to the measured curve",
     .unit = "1",
     .type = COM_F_INT,
     .off = offsetof(ads_labels_band, degree),
     .def = 3,
     .lo = 1,
     .hi = MAX_DEGREE},
    {.key = "noise",
     .doc = "width of the band; default: 4 % of the largest response, one digit",
     .unit = "response",
     .type = COM_F_REAL,
     .off = offsetof(ads_labels_band, noise),
     .def = NAN,
     .lo = 0,
     .hi = INFINITY,
     .flags = COM_FF_LO_OPEN | COM_FF_HI_OPEN},
    {.key = "source_max",
     .doc = "points are drawn up to this source; default: the largest, two digits upwards",
     .unit = "source",
     .type = COM_F_REAL,
     .off = offsetof(ads_labels_band, source_max),
     .def = NAN},
    {.key = "response_max",
     .doc = "points are drawn up to this response; default: the largest, two digits upwards",
     .unit = "response",
     .type = COM_F_REAL,
     .off = offsetof(ads_labels_band, response_max),
     .def = NAN},
    {0}};

/* ---- the curve ---- */

static double lowest(size_t n, const double *x) {
  double v = x[0];
  for (size_t i = 1; i < n; i++) v = fmin(v, x[i]);
  return v;
}
static double highest(size_t n, const double *x) {
  double v = x[0];
  for (size_t i = 1; i < n; i++) v = fmax(v, x[i]);
  return v;
}

static void basis(const ads_labels_curve *f, double s, double *t) {
  const double x = f->hi > f->lo ? (2 * s - f->lo - f->hi) / (f->hi - f->lo) : 0;
  t[0] = 1;
  if (f->n > 1) t[1] = x;
  for (size_t k = 2; k < f->n; k++) t[k] = 2 * x * t[k - 1] - t[k - 2];
}

double ads_labels_curve_at(const ads_labels_curve *f, double s) {
  double t[MAX_DEGREE + 1], v = 0;
  basis(f, s, t);
  for (size_t k = 0; k < f->n; k++) v += f->c[k] * t[k];
  return v;
}

/* Chebyshev polynomials over the data's range: a degree-15 fit in monomials would lose all digits. */
com_status ads_labels_fit(com_ctx *c, const ads_dataset *d, int degree, ads_labels_curve *out) {
  *out = (ads_labels_curve){.n = (size_t)degree + 1};
  COM_CHECK(c, d->n > (size_t)degree, COM_E_CONFIG,
            "loss.degree = %d: dataset %s has %zu points; lower it below that", degree, d->name, d->n);
  out->lo = lowest(d->n, d->source), out->hi = highest(d->n, d->source);
  double *A = malloc(d->n * (out->n + 1) * sizeof *A);
  COM_ALLOC(c, A);
  double *b = A + d->n * out->n;
  for (size_t i = 0; i < d->n; i++) basis(out, d->source[i], A + i * out->n);
  memcpy(b, d->response, d->n * sizeof *b);
  const com_status status = com_linalg_lstsq(c, d->n, out->n, A, b, out->c);
  free(A);
  return status;
}

/* ---- the points ---- */

/* x rounded to `digits` significant digits, upwards or to nearest. */
static double tidy(double x, int digits, int up) {
  if (!(x > 0)) return x;
  const double unit = pow(10, floor(log10(x)) + 1 - digits);
  return (up ? ceil(x / unit - 1e-9) : round(x / unit)) * unit;
}

ads_labels_band ads_labels_resolve(const ads_labels_band *b, const ads_dataset *d) {
  ads_labels_band r = *b;
  const double s = highest(d->n, d->source), y = highest(d->n, d->response);
  if (isnan(r.noise)) r.noise = tidy(0.04 * fmax(fabs(y), fabs(lowest(d->n, d->response))), 1, 0);
  if (isnan(r.source_max)) r.source_max = tidy(s, 2, 1);
  if (isnan(r.response_max)) r.response_max = tidy(y, 2, 1);
  return r;
}

static com_status allocate(com_ctx *c, size_t n, int bulk, ads_labels **out) {
  ads_labels *l = calloc(1, sizeof *l);
  *out = NULL;
  COM_ALLOC(c, l);
  l->n = n, l->bulk = bulk;
  l->x = malloc((3 * n + 1) * sizeof *l->x);
  if (!l->x) {
    free(l);
    return COM_FAIL(c, COM_E_MEM, "out of memory");
  }
  l->y = l->x + n, l->label = l->y + n;
  *out = l;
  return COM_OK;
}

void ads_labels_destroy(ads_labels *l) {
  if (!l) return;
  free(l->x);
  free(l);
}

com_status ads_labels_draw(com_ctx *c, const ads_dataset *d, const ads_labels_band *b, com_rng *rng,
                           ads_labels **out) {
  /* Per point, and in all; after so many of them the rest must do to find what is still missing, or the band is called empty. */
  enum { TRIES = 10000, MOST = 50000000, ENOUGH = 10000000 };
  const ads_labels_band r = ads_labels_resolve(b, d);
  ads_labels_curve f;
  *out = NULL;
  COM_CHECK(c, d->kind == ADS_DATASET_RESPONSE, COM_E_CONFIG,
            "dataset %s is labelled already: nothing to draw", d->name);
  COM_TRY(ads_labels_fit(c, d, r.degree, &f));
  const size_t n = (size_t)r.points, half = n / 2;
  const double s0 = fmin(0, lowest(d->n, d->source)), r0 = fmin(0, lowest(d->n, d->response));
  COM_CHECK(c, r.noise > 0 && r.source_max > s0 && r.response_max > r0, COM_E_CONFIG,
            "loss: source_max = %g, response_max = %g, noise = %g leave no band to draw from", r.source_max,
            r.response_max, r.noise);
  ads_labels *l;
  COM_TRY(allocate(c, n, 0, &l));
  size_t have[2] = {0, 0}, tries = 0; /* positives first, then negatives */
  const size_t want[2] = {half, n - half}, most = n < MOST / TRIES ? n * TRIES : MOST;
  for (; (have[0] < want[0] || have[1] < want[1]) && tries < most; tries++) {
    if (tries == ENOUGH && (have[0] < want[0] * ENOUGH / most || have[1] < want[1] * ENOUGH / most)) break;
    const double s = s0 + (r.source_max - s0) * com_rng_uniform(rng),
                 y = r0 + (r.response_max - r0) * com_rng_uniform(rng);
    const double width = fabs(r.noise * com_rng_normal(rng));
    const int label = fabs(y - ads_labels_curve_at(&f, s)) < width ? 0 : 1;
    if (have[label] == want[label]) continue;
    const size_t k = label ? half + have[1] : have[0];
    l->x[k] = s, l->y[k] = y, l->label[k] = label, have[label]++;
  }
  if (have[0] < want[0] || have[1] < want[1]) {
    ads_labels_destroy(l);
    return COM_FAIL(c, COM_E_DATA,
                    "dataset %s: found %zu on-shell and %zu off-shell points in %zu tries; widen loss.noise "
                    "or the box",
                    d->name, have[0], have[1], tries);
  }
  *out = l;
  return COM_OK;
}

com_status ads_labels_copy(com_ctx *c, const ads_dataset *d, ads_labels **out) {
  COM_CHECK(c, d->kind == ADS_DATASET_LABELLED, COM_E_CONFIG, "dataset %s has no labels", d->name);
  COM_TRY(allocate(c, d->n, 1, out));
  memcpy((*out)->x, d->phi, d->n * sizeof(double));
  memcpy((*out)->y, d->pi, d->n * sizeof(double));
  for (size_t i = 0; i < d->n; i++) (*out)->label[i] = d->label[i] ? 1 : 0;
  return COM_OK;
}
