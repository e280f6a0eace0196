/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/obs_dilaton.h"
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include "common/linalg.h"
#include "common/quad.h"

#define ROW(key, doc, unit, type, def, lo, hi, flags)                                                        \
  { #key, doc, unit, type, offsetof(ads_obs_dilaton_opts, key), def, lo, hi, NULL, NULL, flags }
static const com_field fields[] = {
    ROW(eta, "grid of eta; default: points values up to eta_max", "L", COM_F_REALS, 0, 0, 0, 0),
    ROW(points, "number of rows when eta is not given", "1", COM_F_INT, 300, 2, 100000, 0),
    ROW(eta_max, "upper end when eta is not given", "L", COM_F_REAL, 3, 0, 30, COM_FF_LO_OPEN),
    ROW(window, "V(Phi) is expanded on 0 < Phi < window", "1", COM_F_REAL, 0.2, 0, 10, COM_FF_LO_OPEN),
    ROW(T, "temperature, instead of the file's", "GeV", COM_F_REAL, NAN, 0, 1e3, COM_FF_LO_OPEN),
    ROW(closure, "closure, instead of the file's", NULL, COM_F_STRING, 0, 0, 0, 0),
    ROW(frame, "einstein or string, instead of the file's", NULL, COM_F_STRING, 0, 0, 0, 0),
    {0}};

static double lower_end(const ads_background *b) {
  const ads_background_info *o = ads_background_facts(b);
  return isfinite(o->lo) ? o->lo + (o->horizon ? 1e-3 : 1e-9) : isfinite(o->known_lo) ? o->known_lo : -3;
}

typedef struct target {
  const ads_background *b;
  double phi;
} target;

static double phi_excess(double eta, void *user) {
  const target *t = user;
  ads_dilaton d;
  ads_background_dilaton(t->b, eta, &d);
  return fabs(d.phi) - t->phi;
}

/* Where |Phi| = window, or the lower end when it never gets that large. */
static com_status window_end(com_ctx *c, const ads_background *b, double *window, double eta_max,
                             double *eta) {
  const double lo = lower_end(b);
  target t = {b, *window};
  if (phi_excess(lo, &t) > 0) {
    const double hi = fmax(eta_max, ads_background_facts(b)->far);
    return com_quad_root(c, lo, hi, 1e-10, eta, phi_excess, &t);
  }
  *eta = lo;
  *window = phi_excess(lo, &t) + *window;
  return COM_OK;
}

/* A fit of (V - V0)/Phi^2 that is off by more than this fraction of V2 says nothing. */
#define POOR 0.05
enum { FIT = 60, TERMS = 3 };

/* (V - d(d-1))/Phi^2 = V2 + V3 Phi + V4 Phi^2 by least squares at FIT values of Phi.  The mass follows from the canonical field
 * phi = sqrt(8/(d-1)) Phi: V = V0 - (4/(d-1)) m^2 Phi^2. */
static com_status fit(com_ctx *c, const ads_background *b, double eta_max, ads_obs_dilaton_expansion *out) {
  const double d = ads_background_facts(b)->d;
  double A[FIT * TERMS], r[FIT], copy[FIT], coef[TERMS], eta_lo, sum = 0;
  COM_TRY(window_end(c, b, &out->window, eta_max, &eta_lo));
  for (int i = 0; i < FIT; i++) {
    target t = {b, out->window * (0.1 + 0.9 * i / (FIT - 1))};
    ads_dilaton at;
    double eta = eta_lo;
    if (i + 1 < FIT)
      COM_TRY(
          com_quad_root(c, eta_lo, fmax(eta_max, ads_background_facts(b)->far), 1e-12, &eta, phi_excess, &t));
    ads_background_dilaton(b, eta, &at);
    const double x = fabs(at.phi);
    A[TERMS * i] = 1;
    A[TERMS * i + 1] = x;
    A[TERMS * i + 2] = x * x;
    copy[i] = r[i] = (at.V - d * (d - 1)) / (x * x);
  }
  double keep[FIT * TERMS];
  for (int i = 0; i < FIT * TERMS; i++) keep[i] = A[i];
  COM_TRY(com_linalg_lstsq(c, FIT, TERMS, A, r, coef));
  for (int i = 0; i < FIT; i++) {
    double e = copy[i];
    for (int k = 0; k < TERMS; k++) e -= keep[TERMS * i + k] * coef[k];
    sum += e * e;
  }
  out->V2 = coef[0];
  out->V3 = coef[1];
  out->V4 = coef[2];
  out->m2 = -coef[0] * (d - 1) / 4;
  out->rms = sqrt(sum / FIT);
  return COM_OK;
}

com_status ads_obs_dilaton_expand(com_ctx *c, const ads_background *b, double window, double eta_max,
                                  ads_obs_dilaton_expansion *out) {
  const char *why = ads_background_no_dilaton(b);
  const double d = ads_background_facts(b)->d, lo = lower_end(b);
  ads_dilaton deep, near;
  *out = (ads_obs_dilaton_expansion){d * (d - 1), NAN, NAN, NAN, NAN, window, NAN, NAN};
  COM_CHECK(c, !why, COM_E_NUM, "dilaton: no V(Phi): %s", why);
  ads_background_dilaton(b, lo, &deep);
  if (fabs(deep.phi) < 1e-8) return COM_OK; /* Phi is constant */
  ads_background_dilaton(b, lo + 1e-3, &near);
  if (deep.V > 0 && near.V > 0 && deep.phi != near.phi)
    out->growth = log(deep.V / near.V) / (fabs(deep.phi) - fabs(near.phi));
  COM_TRY(fit(c, b, eta_max, out));
  if (out->rms <= POOR * fabs(out->V2)) return COM_OK;
  com_ctx_warn(c, "no_expansion",
               "V(Phi) on 0 < Phi < %.3g is not V0 + V2 Phi^2 + V3 Phi^3 + V4 Phi^4 (off by %.2g against V2 "
               "= %.3g): h has a "
               "kink where it is continued; V itself is in the table",
               out->window, out->rms, out->V2);
  out->V2 = out->V3 = out->V4 = out->m2 = NAN;
  return COM_OK;
}

static com_status rows(com_ctx *c, const ads_obs_dilaton_opts *o, const ads_background *b, com_table *t) {
  const size_t n = o->eta.n ? o->eta.n : (size_t)o->points;
  const double lo = lower_end(b), hi = fmax(o->eta_max, lo + 1);
  const int has = ads_background_no_dilaton(b) == NULL;
  double *v;
  COM_ALLOC(c, v = malloc(6 * n * sizeof *v));
  for (size_t i = 0; i < n; i++) {
    const double eta = o->eta.n ? o->eta.v[i] : lo + (hi - lo) * (double)i / (double)(n - 1);
    ads_geometry g;
    ads_dilaton d = {NAN, NAN, NAN};
    ads_background_at(b, eta, &g);
    if (has) ads_background_dilaton(b, eta, &d);
    v[i] = eta;
    v[n + i] = ads_background_slope(b, eta, NULL);
    v[2 * n + i] = exp(g.lnf);
    v[3 * n + i] = exp(g.lng);
    v[4 * n + i] = d.phi;
    v[5 * n + i] = d.V;
  }
  static const char *const names[] = {"eta", "h", "f", "g", "Phi", "V"};
  static const char *const units[] = {"L", "1/L", "1", "1", "1", "1/L^2"};
  static const char *const tex[] = {"\\eta", "h", "f", "g", "\\Phi", "V"};
  com_status status = COM_OK;
  for (size_t k = 0; k < (has ? 6u : 4u) && !status; k++)
    status = com_table_add(c, t, names[k], units[k], tex[k], n, v + k * n, NULL);
  free(v);
  return status;
}

static com_status put_expansion(com_ctx *c, const ads_obs_dilaton_opts *o, const ads_background *b,
                                cJSON *out) {
  ads_obs_dilaton_expansion e;
  cJSON *j = NULL;
  const char *why = ads_background_no_dilaton(b);
  if (why) {
    COM_TRY(com_json_add(c, out, "V_of_Phi", com_json_null()));
    return com_json_add(c, out, "no_V_of_Phi", com_json_string(why));
  }
  COM_TRY(ads_obs_dilaton_expand(c, b, o->window, o->eta_max, &e));
  COM_ALLOC(c, j = com_json_object());
  const char *const keys[] = {"V0", "V2", "V3", "V4", "m2", "window", "rms", "growth"};
  const double v[] = {e.V0, e.V2, e.V3, e.V4, e.m2, e.window, e.rms, e.growth};
  com_status s = COM_OK;
  for (size_t i = 0; i < sizeof v / sizeof *v && !s; i++)
    s = com_json_add(c, j, keys[i], com_json_real(v[i]));
  if (s) com_json_free(j);
  return s ? s : com_json_add(c, out, "V_of_Phi", j);
}

static com_status eval(com_ctx *c, const void *opts, const ads_background *b, com_table *table,
                       cJSON *scalars) {
  const ads_obs_dilaton_opts *o = opts;
  const ads_background_info *info = ads_background_facts(b);
  COM_TRY(rows(c, o, b, table));
  COM_TRY(com_json_add(c, scalars, "temperature", com_json_real(info->T)));
  COM_TRY(com_json_add(c, scalars, "T_times_L", com_json_real(info->tl)));
  COM_TRY(com_json_add(c, scalars, "horizon", info->horizon ? com_json_real(0) : com_json_null()));
  return put_expansion(c, o, b, scalars);
}

const ads_observable_ops ads_obs_dilaton = {
    .c = {.name = "dilaton",
          .doc = "f, g, h along eta, dilaton and V(Phi)",
          .ref = "arXiv:0707.1349, arXiv:2108.08091, arXiv:2209.04638",
          .fields = fields,
          .opt_size = sizeof(ads_obs_dilaton_opts)},
    .eval = eval};
