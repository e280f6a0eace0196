/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A background given as a table of f and g.  Near a horizon f ~ (eta - eta_h)^2: the spline runs through log f - 2 log(eta - eta_h), which
 * is smooth there.  Above the table f, g go on as exp(2 eta); below a table without horizon log f, log g go on linearly. */
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include "ads/background.h"
#include "common/spline.h"

typedef struct options {
  com_reals eta, f, g;
  double d, horizon;
} options;

static const com_field fields[] = {
    {"eta", "ascending positions", "L", COM_F_REALS, offsetof(options, eta), 0, 0, 0, NULL, NULL,
     COM_FF_REQUIRED},
    {"f", "-g_tt", "1", COM_F_REALS, offsetof(options, f), 0, 0, 0, NULL, NULL, COM_FF_REQUIRED},
    {"g", "g_xx", "1", COM_F_REALS, offsetof(options, g), 0, 0, 0, NULL, NULL, COM_FF_REQUIRED},
    {"d", "dimension of the boundary", "1", COM_F_REAL, offsetof(options, d), 4, 2, 10, NULL, NULL, 0},
    {"horizon", "position of the horizon; found from sqrt f when absent", "L", COM_F_REAL,
     offsetof(options, horizon), NAN, 0, 0, NULL, NULL, 0},
    {0}};

typedef struct table {
  com_spline *f, *g;
  int horizon;
  double shift;  /* position of the horizon in the table's eta; 0 without */
  double lo, hi; /* range of the splines, shifted */
  ads_geometry first, last;
  size_t n_breaks;
  double *breaks; /* horizon and knots, shifted */
} table;

enum { MIN_ROWS = 8 };

/* Where sqrt f vanishes by Newton's step from the first row, slope from the first three (sqrt f is odd about a horizon).  A horizon is
 * accepted when it lies within `reach` rows of the table. */
static double find_horizon(const options *o, size_t first) {
  const double *x = o->eta.v + first, reach = 5;
  const double r0 = sqrt(o->f.v[first]), r1 = sqrt(o->f.v[first + 1]), r2 = sqrt(o->f.v[first + 2]);
  const double s01 = (r1 - r0) / (x[1] - x[0]), s12 = (r2 - r1) / (x[2] - x[1]);
  const double slope = s01 - (s12 - s01) * (x[1] - x[0]) / (x[2] - x[0]);
  if (first) return o->eta.v[0]; /* a row with f = 0 */
  const double at = x[0] - r0 / slope;
  if (!(slope > 0) || x[0] - at > reach * (x[1] - x[0])) return NAN;
  return fabs(at) < 0.05 * (x[1] - at) ? 0 : at; /* the usual gauge, seen through the table's resolution */
}

static com_status check_rows(com_ctx *c, const options *o) {
  COM_CHECK(c, o->eta.n == o->f.n && o->eta.n == o->g.n, COM_E_DATA,
            "background: table with %zu values of eta, %zu of f, %zu of g; make them agree", o->eta.n, o->f.n,
            o->g.n);
  COM_CHECK(c, o->eta.n >= MIN_ROWS, COM_E_DATA, "background: table of %zu rows; needs at least %d", o->eta.n,
            (int)MIN_ROWS);
  for (size_t i = 0; i < o->eta.n; i++)
    COM_CHECK(c, o->g.v[i] > 0 && (o->f.v[i] > 0 || (i == 0 && o->f.v[i] == 0)), COM_E_DATA,
              "background: row %zu of the table: f = %g, g = %g: must be positive (f may vanish in the first "
              "row, at a "
              "horizon)",
              i, o->f.v[i], o->g.v[i]);
  return COM_OK;
}

static void inside(const table *t, double eta, ads_geometry *out) {
  const double x = eta + t->shift;
  out->lnf = com_spline_at(t->f, x, &out->dlnf, &out->d2lnf);
  out->lng = com_spline_at(t->g, x, &out->dlng, &out->d2lng);
  out->lnn = 0;
  if (!t->horizon) return;
  out->lnf += 2 * log(eta);
  out->dlnf += 2 / eta;
  out->d2lnf -= 2 / (eta * eta);
}

static com_status make_splines(com_ctx *c, const options *o, size_t first, table *t) {
  const size_t n = o->eta.n - first;
  const double *x = o->eta.v + first;
  double *y;
  COM_ALLOC(c, y = malloc(2 * n * sizeof *y));
  for (size_t i = 0; i < n; i++) {
    y[i] = log(o->f.v[first + i]) - (t->horizon ? 2 * log(x[i] - t->shift) : 0);
    y[n + i] = log(o->g.v[first + i]);
  }
  com_status status = com_spline_create(c, n, x, y, &t->f);
  if (!status) status = com_spline_create(c, n, x, y + n, &t->g);
  free(y);
  return status;
}

static com_status make_breaks(com_ctx *c, const options *o, size_t first, table *t) {
  COM_ALLOC(c, t->breaks = malloc((o->eta.n + 1) * sizeof *t->breaks));
  if (t->horizon) t->breaks[t->n_breaks++] = 0;
  for (size_t i = first; i < o->eta.n; i++) t->breaks[t->n_breaks++] = o->eta.v[i] - t->shift;
  return COM_OK;
}

static com_status ends(com_ctx *c, const options *o, table *t, ads_background_info *info) {
  inside(t, t->lo, &t->first);
  inside(t, t->hi, &t->last);
  COM_CHECK(c, t->last.dlnf > 0 && t->last.dlng > 0, COM_E_NUM,
            "background: f or g falls at the upper end of the table (eta = %g): no boundary to continue to; "
            "extend the "
            "table",
            t->hi);
  info->d = o->d;
  info->known_lo = t->lo;
  info->known_hi = t->hi;
  info->far = t->hi;
  info->horizon = t->horizon;
  if (t->horizon) {
    double tl = exp(0.5 * com_spline_at(t->f, t->shift, NULL, NULL)) / (2 * M_PI); /* f -> (2 pi T L eta)^2 */
    info->lo = 0;
    info->tl = tl;
    info->T = tl / info->L;
    return COM_OK;
  }
  COM_CHECK(c, t->first.dlnf > 0 && t->first.dlnf + t->first.dlng > 0, COM_E_NUM,
            "background: the table has neither a horizon nor an AdS-like lower end (d log f/d eta = %.4g at "
            "eta = %g): "
            "straight strings have no end; extend the table to its horizon, or give horizon",
            t->first.dlnf, t->lo);
  info->lo = -INFINITY;
  info->tl = info->T = NAN;
  return COM_OK;
}

static void destroy(void *self) {
  table *t = self;
  com_spline_destroy(t->f);
  com_spline_destroy(t->g);
  free(t->breaks);
  free(t);
}

static com_status create(com_ctx *c, const void *opts, const ads_background_shared *sh,
                         ads_background_info *info, void **self) {
  const options *o = opts;
  com_status status = COM_OK;
  table *t;
  (void)sh;
  COM_TRY(check_rows(c, o));
  const size_t first = o->f.v[0] == 0;
  const double at = isfinite(o->horizon) ? o->horizon : find_horizon(o, first);
  COM_CHECK(c, isnan(at) || at < o->eta.v[first], COM_E_DATA,
            "background: horizon = %g: must lie below the rows with f > 0 (eta = %g)", at, o->eta.v[first]);
  COM_ALLOC(c, t = calloc(1, sizeof *t));
  t->horizon = isfinite(at);
  t->shift = t->horizon ? at : 0;
  t->lo = o->eta.v[first] - t->shift;
  t->hi = o->eta.v[o->eta.n - 1] - t->shift;
  COM_GOTO(done, make_splines(c, o, first, t));
  COM_GOTO(done, make_breaks(c, o, first, t));
  COM_GOTO(done, ends(c, o, t, info));
  *self = t;
  t = NULL;
done:
  if (t) destroy(t);
  return status;
}

static void at(const void *self, double eta, ads_geometry *out) {
  const table *t = self;
  if (eta > t->hi) { /* both with the slope 2 of the boundary */
    *out = (ads_geometry){.dlnf = 2, .dlng = 2};
    out->lnf = t->last.lnf + 2 * (eta - t->hi);
    out->lng = t->last.lng + 2 * (eta - t->hi);
  } else if (eta < t->lo && !t->horizon) {
    *out = t->first;
    out->lnf += t->first.dlnf * (eta - t->lo);
    out->lng += t->first.dlng * (eta - t->lo);
    out->d2lnf = out->d2lng = 0;
  } else {
    inside(t, eta, out);
  }
}

static const double *breaks(const void *self, size_t *n) {
  const table *t = self;
  *n = t->n_breaks;
  return t->breaks;
}

const ads_background_ops ads_background_table = {.c = {.name = "table",
                                                       .doc = "f and g given on a grid of eta",
                                                       .ref = "",
                                                       .fields = fields,
                                                       .opt_size = sizeof(options)},
                                                 .create = create,
                                                 .destroy = destroy,
                                                 .at = at,
                                                 .breaks = breaks};
