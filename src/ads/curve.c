/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/curve.h"
#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include "common/cheb.h"
#include "common/quad.h"

enum { FIT_POINTS = 33, MAX_BREAKS = 256 };
/* exp(-36) is half a unit in the last place: where h - d has fallen to that, the boundary is reached. */
#define DECAY_LOG 36.0
/* Accuracy of I: rounding of h next to the pole 1/eta leaves about 1e-15 (log of the panel width). */
#define I_TOL 1e-14
/* A decay faster than this within the learned range says that h crosses d, not that it approaches it. */
#define STEEP 100.0

static const char *const ir_names[] = {"auto", "none", "pole", "shift", NULL};
static const char *const uv_names[] = {"auto", "none", "exp", "step", NULL};
const com_field ads_curve_ir_fields[] = {
    {"type",
     "none: the metric itself; pole: 1/eta + c2 below eta_ir; shift: the same after a shift of eta by c1; "
     "auto: none when the metric has the pole, else shift",
     NULL, COM_F_ENUM, offsetof(ads_curve_ir_opts, type), 0, 0, 0, ir_names, "auto", 0},
    {"c1", "shift of eta that puts the horizon at 0; fitted when absent", "L", COM_F_REAL,
     offsetof(ads_curve_ir_opts, c1), NAN, 0, 0, NULL, NULL, 0},
    {"c2", "constant of 1/eta + c2; fitted when absent", "1/L", COM_F_REAL, offsetof(ads_curve_ir_opts, c2),
     NAN, 0, 0, NULL, NULL, 0},
    {"window", "fit window above eta_ir", "L", COM_F_REAL, offsetof(ads_curve_ir_opts, window), 0.05, 0, 10,
     NULL, NULL, COM_FF_LO_OPEN},
    {0}};
const com_field ads_curve_uv_fields[] = {
    {"type",
     "none: the metric itself; exp: d - c3 exp(-c4 eta) above eta_uv; step: d at once; auto: none when the "
     "metric "
     "tends to d, else exp",
     NULL, COM_F_ENUM, offsetof(ads_curve_uv_opts, type), 0, 0, 0, uv_names, "auto", 0},
    {"c3", "amplitude; from the fit or the match when absent", "1/L", COM_F_REAL,
     offsetof(ads_curve_uv_opts, c3), NAN, 0, 0, NULL, NULL, 0},
    {"c4", "decay rate; from the fit or the match when absent", "1/L", COM_F_REAL,
     offsetof(ads_curve_uv_opts, c4), NAN, 0, 0, NULL, NULL, 0},
    {"window", "fit window below eta_uv; 0: match value and slope at eta_uv", "L", COM_F_REAL,
     offsetof(ads_curve_uv_opts, window), 0, 0, 10, NULL, NULL, 0},
    {0}};

struct ads_curve {
  ads_curve_info info;
  ads_curve_fn fn;
  void *user;
  com_cheb *H; /* h - d coth(d eta); its antiderivative is I */
  double breaks[MAX_BREAKS];
  size_t n_breaks;
};

static void base(const ads_curve_spec *s, double eta, double *h, double *dh) { s->fn(eta, h, dh, s->user); }

/* ---- horizon ---- */
/* Misfit of h - 1/(eta - c1) to its mean c2 over the window above eta_ir, and d(misfit)/dc1. */
typedef struct pole_fit {
  const ads_curve_spec *s;
  double c2, slope;
} pole_fit;

static double pole_misfit(double c1, void *user) {
  pole_fit *p = user;
  double r[FIT_POINTS], dr[FIT_POINTS], mean = 0, sum = 0;
  p->slope = 0;
  for (int i = 0; i < FIT_POINTS; i++) {
    const double eta = p->s->eta_ir + p->s->ir.window * i / (FIT_POINTS - 1), pole = 1 / (eta - c1);
    double h, dh;
    base(p->s, eta, &h, &dh);
    r[i] = h - pole;
    dr[i] = -pole * pole;
    mean += r[i] / FIT_POINTS;
  }
  for (int i = 0; i < FIT_POINTS; i++) {
    sum += (r[i] - mean) * (r[i] - mean);
    p->slope += 2 * (r[i] - mean) * dr[i];
  }
  p->c2 = mean;
  return sum;
}

static double pole_slope(double c1, void *user) {
  pole_misfit(c1, user);
  return ((pole_fit *)user)->slope;
}

/* The lowest misfit on a grid of distances of the pole from eta_ir, then the root of its derivative. */
static com_status best_pole(com_ctx *c, pole_fit *p, double reach, double *c1) {
  enum { GRID = 121 };
  double best = INFINITY, at[GRID];
  int k = 0;
  for (int i = 0; i < GRID; i++) {
    at[i] = p->s->eta_ir - reach * pow(10, -2 + 3.0 * i / (GRID - 1)); /* 0.01 ... 10 reach */
    const double m = pole_misfit(at[i], p);
    if (m < best) best = m, k = i;
  }
  COM_CHECK(c, k > 0 && k < GRID - 1, COM_E_NUM,
            "background: no horizon: h does not follow 1/(eta - c1) + c2 on (%g, %g); give ir.c1, or another "
            "ir.window",
            p->s->eta_ir, p->s->eta_ir + p->s->ir.window);
  return com_quad_root(c, at[k + 1], at[k - 1], 1e-13, c1, pole_slope, p);
}

/* h -> 1/(eta - c1) + c2 on (eta_ir, eta_ir + window), arXiv:1809.10536 section IV C.  Without a fall of h there is no pole below. */
static com_status fit_pole(com_ctx *c, const ads_curve_spec *s, double *c1, double *c2) {
  pole_fit p = {.s = s};
  double h, dh;
  base(s, s->eta_ir, &h, &dh);
  COM_CHECK(
      c, dh < 0, COM_E_NUM,
      "background: no horizon: h has slope %.4g at eta_ir = %g and must fall like 1/eta there; extend the "
      "flow towards the horizon, give ir.c1 and ir.c2, or impose a horizon at eta = 0 with ir.type \"pole\"",
      dh, s->eta_ir);
  if (isnan(*c1)) {
    const double reach = 1 / sqrt(-dh); /* distance of the pole if the slope were all its own */
    COM_TRY(best_pole(c, &p, reach, c1));
  }
  if (isnan(*c2)) {
    pole_misfit(*c1, &p);
    *c2 = p.c2;
  }
  return COM_OK;
}

/* A metric that holds its own horizon has eta h -> 1 at eta -> 0. */
static double residue(const ads_curve_spec *s) {
  const double eta = 1e-7 * s->eta_uv;
  double h, dh;
  base(s, eta, &h, &dh);
  return eta * h;
}

static com_status to_horizon(com_ctx *c, const ads_curve_spec *s, ads_curve_info *o) {
  const double r = residue(s);
  const int own = fabs(r - 1) < 1e-3;
  double h, dh;
  o->ir = s->ir.type != ADS_CURVE_IR_AUTO ? s->ir.type : own ? ADS_CURVE_IR_NONE : ADS_CURVE_IR_SHIFT;
  o->c1 = o->ir == ADS_CURVE_IR_SHIFT ? s->ir.c1 : 0;
  o->c2 = o->ir == ADS_CURVE_IR_NONE ? NAN : s->ir.c2;
  switch (o->ir) {
  case ADS_CURVE_IR_NONE:
    COM_CHECK(
        c, own, COM_E_NUM,
        "background: no horizon: eta h tends to %.4g at eta -> 0 where a horizon needs 1; continue it with "
        "ir.type \"shift\" or \"pole\"",
        r);
    break;
  case ADS_CURVE_IR_SHIFT: COM_TRY(fit_pole(c, s, &o->c1, &o->c2)); break;
  default:
    base(s, s->eta_ir, &h, &dh);
    if (isnan(o->c2)) o->c2 = h - 1 / s->eta_ir; /* continuous at eta_ir */
  }
  COM_CHECK(c, s->eta_ir > o->c1, COM_E_NUM, "background: ir.c1 = %g: must lie below eta_ir = %g", o->c1,
            s->eta_ir);
  o->known_lo = s->eta_ir - o->c1;
  o->known_hi = s->eta_uv - o->c1;
  o->join_ir = o->ir == ADS_CURVE_IR_NONE ? 0 : o->known_lo;
  return COM_OK;
}

/* ---- boundary ---- */
/* log(d - h) = log c3 - c4 eta by least squares over the window; returns 0 when h crosses d there or does not approach it. */
static int fit_exp(const ads_curve_spec *s, ads_curve_info *o) {
  double sx = 0, sy = 0, sxx = 0, sxy = 0, h, dh;
  base(s, s->eta_uv, &h, &dh);
  const double sign = h < s->d ? 1 : -1;
  for (int i = 0; i < FIT_POINTS; i++) {
    const double x = -s->uv.window * i / (FIT_POINTS - 1);
    base(s, s->eta_uv + x, &h, &dh);
    if (!(sign * (s->d - h) > 0)) return 0;
    const double y = log(sign * (s->d - h));
    sx += x, sy += y, sxx += x * x, sxy += x * y;
  }
  const double slope = (FIT_POINTS * sxy - sx * sy) / (FIT_POINTS * sxx - sx * sx);
  if (!(slope < 0)) return 0;
  if (isnan(o->c4)) o->c4 = -slope;
  /* with c4 given, c3 still goes through the middle of the window */
  const double level = (sy + o->c4 * (sx + FIT_POINTS * o->known_hi)) / FIT_POINTS;
  if (isnan(o->c3)) o->c3 = sign * exp(level);
  return 1;
}

/* Value, and slope where it points the right way, matched at eta_uv: c4 = h'/(d - h). */
static void match_exp(const ads_curve_spec *s, ads_curve_info *o) {
  double h, dh;
  base(s, s->eta_uv, &h, &dh);
  if (isnan(o->c4)) {
    o->c4 = dh / (s->d - h);
    o->uv_value_only = !(o->c4 > 0.1 && o->c4 < STEEP); /* h runs away from d, or shoots through it */
    if (o->uv_value_only) o->c4 = s->d;
  }
  if (isnan(o->c3)) o->c3 = (s->d - h) * exp(o->c4 * o->known_hi);
}

/* Does the metric itself reach d?  far: where it has, to rounding. */
static int reaches_boundary(const ads_curve_spec *s, double c1, double *far) {
  double h = NAN, dh = NAN;
  for (double eta = s->eta_uv; eta < 400; eta += 1 / s->d) {
    base(s, eta, &h, &dh);
    if (!isfinite(h) || fabs(h) > 1e6) return 0;
    if (fabs(h - s->d) < 1e-15 * s->d) {
      *far = eta - c1;
      return 1;
    }
  }
  return 0;
}

static com_status to_boundary(com_ctx *c, const ads_curve_spec *s, ads_curve_info *o) {
  double far = NAN, h, dh;
  const int own = reaches_boundary(s, o->c1, &far);
  o->uv = s->uv.type != ADS_CURVE_UV_AUTO ? s->uv.type : own ? ADS_CURVE_UV_NONE : ADS_CURVE_UV_EXP;
  o->c3 = o->c4 = NAN;
  o->join_uv = o->uv == ADS_CURVE_UV_NONE ? INFINITY : o->known_hi;
  if (o->uv == ADS_CURVE_UV_NONE) {
    COM_CHECK(c, own, COM_E_NUM,
              "background: h does not approach d = %g above eta_uv = %g; continue it with uv.type \"exp\"",
              s->d, s->eta_uv);
    o->far = far;
    return COM_OK;
  }
  o->far = o->known_hi + DECAY_LOG / s->d; /* where coth(d eta) is 1, too */
  if (o->uv == ADS_CURVE_UV_STEP) return COM_OK;
  o->c3 = s->uv.c3;
  o->c4 = s->uv.c4;
  base(s, s->eta_uv, &h, &dh);
  if (h == s->d) {
    o->uv = ADS_CURVE_UV_STEP;
    return COM_OK;
  }
  if (!(s->uv.window > 0 && fit_exp(s, o))) match_exp(s, o);
  COM_CHECK(
      c, o->c4 > 0 && isfinite(o->c3), COM_E_NUM,
      "background: uv.c4 = %g, uv.c3 = %g: the continuation d - c3 exp(-c4 eta) must decay; give both, or "
      "uv.type \"step\"",
      o->c4, o->c3);
  o->far = fmax(o->far, (DECAY_LOG + log(fabs(o->c3) + DBL_MIN)) / o->c4);
  return COM_OK;
}

/* ---- the completed function ---- */
static void complete(const ads_curve *s, double eta, double *h, double *dh) {
  const ads_curve_info *o = &s->info;
  if (eta < o->join_ir) {
    *h = 1 / eta + o->c2;
    *dh = -1 / (eta * eta);
  } else if (eta <= o->join_uv) {
    s->fn(eta + o->c1, h, dh, s->user);
  } else if (o->uv == ADS_CURVE_UV_STEP) {
    *h = o->d;
    *dh = 0;
  } else {
    const double e = o->c3 * exp(-o->c4 * eta);
    *h = o->d - e;
    *dh = o->c4 * e;
  }
}

static double excess(double eta, void *user) {
  const ads_curve *s = user;
  double h, dh;
  complete(s, eta, &h, &dh);
  return h - s->info.d / tanh(s->info.d * eta);
}

static int by_value(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static com_status collect_breaks(com_ctx *c, const ads_curve_spec *s, ads_curve *out) {
  const ads_curve_info *o = &out->info;
  size_t n = 0;
  COM_CHECK(c, s->n_kinks + 4 <= MAX_BREAKS, COM_E_CONFIG,
            "background: %zu knots of h, at most %d are supported; use fewer", s->n_kinks,
            (int)MAX_BREAKS - 4);
  out->breaks[n++] = 0;
  if (o->join_ir > 0) out->breaks[n++] = o->join_ir;
  if (o->join_uv < o->far) out->breaks[n++] = o->join_uv;
  out->breaks[n++] = o->far;
  for (size_t i = 0; i < s->n_kinks; i++) {
    const double eta = s->kinks[i] - o->c1;
    if (eta > o->join_ir && eta < fmin(o->join_uv, o->far)) out->breaks[n++] = eta;
  }
  qsort(out->breaks, n, sizeof *out->breaks, by_value);
  out->n_breaks = n;
  return COM_OK;
}

com_status ads_curve_create(com_ctx *c, const ads_curve_spec *spec, ads_curve **out) {
  com_status status = COM_OK;
  ads_curve *s = NULL;
  *out = NULL;
  COM_CHECK(c, spec->eta_ir > 0 && spec->eta_uv > spec->eta_ir && spec->d > 0, COM_E_CONFIG,
            "background: eta_ir = %g, eta_uv = %g: need 0 < eta_ir < eta_uv", spec->eta_ir, spec->eta_uv);
  COM_ALLOC(c, s = calloc(1, sizeof *s));
  s->info.d = spec->d;
  s->fn = spec->fn;
  s->user = spec->user;
  COM_GOTO(done, to_horizon(c, spec, &s->info));
  COM_GOTO(done, to_boundary(c, spec, &s->info));
  COM_GOTO(done, collect_breaks(c, spec, s));
  COM_GOTO(done, com_cheb_create(c, s->n_breaks, s->breaks, I_TOL, I_TOL, &s->H, excess, s));
  ads_curve_info *o = &s->info;
  o->J = com_cheb_integral(s->H, o->far);
  o->J_ir = o->join_ir > 0 ? com_cheb_integral(s->H, o->join_ir) : 0;
  o->J_uv = o->join_uv < o->far ? o->J - com_cheb_integral(s->H, o->join_uv) : 0;
  o->J_fn = o->J - o->J_ir - o->J_uv;
  *out = s;
  s = NULL;
done:
  ads_curve_destroy(s);
  return status;
}

void ads_curve_destroy(ads_curve *s) {
  if (!s) return;
  com_cheb_destroy(s->H);
  free(s);
}

const ads_curve_info *ads_curve_facts(const ads_curve *s) { return &s->info; }

void ads_curve_at(const ads_curve *s, double eta, double *h, double *dh, double *integral) {
  double slope;
  if (eta >= s->info.far) {
    *h = s->info.d;
    if (dh) *dh = 0;
    if (integral) *integral = s->info.J;
    return;
  }
  complete(s, eta, h, dh ? dh : &slope);
  if (integral) *integral = com_cheb_integral(s->H, eta);
}

const double *ads_curve_breaks(const ads_curve *s, size_t *n) {
  *n = s->n_breaks;
  return s->breaks;
}
