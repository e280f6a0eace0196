/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a careful reader asks of a background before using its numbers. */
#include <math.h>
#include <string.h>
#include "ads/background.h"

enum { SAMPLES = 1200 };
/* A violation smaller than this fraction of the terms that cancel is rounding. */
#define NEC_NOISE 1e-6

/* Where a condition fails: span, worst value relative to its terms. */
typedef struct failure {
  double from, to, worst, at;
} failure;

static void note(failure *f, double eta, double value, double size) {
  if (!(value < -NEC_NOISE * size)) return;
  if (isnan(f->from)) f->from = eta;
  f->to = eta;
  if (value / size < f->worst) f->worst = value / size, f->at = eta;
}

/* Null energy R_mn k^m k^n >= 0 for ds^2 = -f dt^2 + deta^2 + g dx^2, F = f/g, h = d/deta log sqrt(f g^(d-1)):
 *   k along eta: ((d-1)/2) (-(log g)'' - (1/2) (log g)'^2 + (1/2) (log f)'(log g)') >= 0
 *   k along x:   (1/2) ((log F)'' + h (log F)') >= 0, zero where Einstein's equations hold with a scalar only. */
static void scan(const ads_background *b, double lo, double hi, failure *radial, failure *spatial) {
  const double d = ads_background_facts(b)->d;
  for (int i = 0; i <= SAMPLES; i++) {
    const double eta = lo + (hi - lo) * i / SAMPLES;
    ads_geometry g;
    ads_background_at(b, eta, &g);
    const double h = 0.5 * (g.dlnf + (d - 1) * g.dlng), bend = g.d2lnf - g.d2lng,
                 pull = h * (g.dlnf - g.dlng);
    note(radial, eta, -g.d2lng - 0.5 * g.dlng * g.dlng + 0.5 * g.dlnf * g.dlng,
         fabs(g.d2lng) + 0.5 * g.dlng * g.dlng + 0.5 * fabs(g.dlnf * g.dlng) + 1e-6);
    note(spatial, eta, bend + pull, fabs(bend) + fabs(pull) + 1e-6);
  }
}

static com_status put_failure(com_ctx *c, cJSON *out, const char *key, const failure *f) {
  cJSON *j = com_json_object();
  com_status s = com_json_add(c, j, "holds", com_json_bool(isnan(f->from)));
  if (!s && !isnan(f->from)) {
    const double span[2] = {f->from, f->to};
    s = com_json_add(c, j, "violated", com_json_reals(span, 2));
    if (!s) s = com_json_add(c, j, "worst", com_json_real(f->worst));
    if (!s) s = com_json_add(c, j, "worst_at", com_json_real(f->at));
  }
  if (s) com_json_free(j);
  return s ? s : com_json_add(c, out, key, j);
}

static com_status null_energy(com_ctx *c, const ads_background *b, double lo, double hi, cJSON *out) {
  failure radial = {.from = NAN}, spatial = {.from = NAN};
  const ads_background_info *o = ads_background_facts(b);
  if (o->string_frame) /* an Einstein-frame statement; the closure has checked it before giving a dilaton */
    return com_json_add(c, out, "nec",
                        com_json_string("string frame: Phi is real, so it holds in the Einstein frame"));
  scan(b, lo, hi, &radial, &spatial);
  COM_TRY(put_failure(c, out, "nec_radial", &radial));
  COM_TRY(put_failure(c, out, "nec_spatial", &spatial));
  if (!isnan(radial.from))
    com_ctx_warn(
        c, "nec_radial",
        "the null energy condition along eta is violated between eta = %.3g and %.3g (worst at %.3g): no "
        "ordinary matter makes this geometry, and no real dilaton",
        radial.from, radial.to, radial.at);
  if (!isnan(spatial.from))
    com_ctx_warn(c, "nec_spatial",
                 "the null energy condition along x is violated between eta = %.3g and %.3g (worst at %.3g)",
                 spatial.from, spatial.to, spatial.at);
  return COM_OK;
}

static com_status monotonic(com_ctx *c, const ads_background *b, cJSON *out) {
  double wall;
  ads_geometry g;
  const int has = ads_background_wall(b, &wall);
  COM_TRY(com_json_add(c, out, "fg_monotonic", com_json_bool(!has)));
  if (!has) return COM_OK;
  ads_background_at(b, wall, &g);
  COM_TRY(com_json_add(c, out, "fg_minimum", com_json_real(wall)));
  COM_TRY(com_json_add(c, out, "slope", com_json_real(exp(0.5 * (g.lnf + g.lng)))));
  com_ctx_warn(
      c, "fg_not_monotonic",
      "f g has a minimum at eta = %.4g: strings hang only above it, with linear slope sqrt(f g) = %.5g "
      "1/(2 pi alpha'); what lies below is not seen by them",
      wall, exp(0.5 * (g.lnf + g.lng)));
  return COM_OK;
}

static const char *const ir_names[] = {"auto", "none", "pole", "shift"};
static const char *const uv_names[] = {"auto", "none", "exp", "step"};

static com_status put_reals(com_ctx *c, cJSON *out, size_t n, const char *const *keys, const double *v) {
  for (size_t i = 0; i < n; i++)
    if (isfinite(v[i])) COM_TRY(com_json_add(c, out, keys[i], com_json_real(v[i])));
  return COM_OK;
}

/* g contains exp(2 J): the part of J that no datum has seen is the size of an extrapolation. */
static com_status extrapolation_of_h(com_ctx *c, const ads_background *b, cJSON *out) {
  const ads_curve *curve = ads_background_curve(b);
  if (!curve) return COM_OK;
  const ads_curve_info *o = ads_curve_facts(curve);
  COM_TRY(com_json_add(c, out, "ir", com_json_string(ir_names[o->ir])));
  COM_TRY(com_json_add(c, out, "uv", com_json_string(uv_names[o->uv])));
  const char *const keys[] = {"c1",   "c2",        "c3",   "c4",           "J",
                              "J_ir", "J_learned", "J_uv", "learned_from", "learned_to"};
  const double v[] = {o->c1, o->c2, o->c3, o->c4, o->J, o->J_ir, o->J_fn, o->J_uv, o->known_lo, o->known_hi};
  COM_TRY(put_reals(c, out, sizeof v / sizeof *v, keys, v));
  if (o->ir != ADS_CURVE_IR_NONE)
    com_ctx_warn(
        c, "extrapolation_ir",
        "below eta = %.3g h is continued by 1/eta + %.4g (shift %.3g); this contributes %.3g to the integral "
        "J = %.4g of h - d coth(d eta), a factor exp(2 J_ir) = %.3g in g",
        o->join_ir, o->c2, o->c1, o->J_ir, o->J, exp(2 * o->J_ir));
  if (o->uv_value_only)
    com_ctx_warn(c, "extrapolation_uv_slope",
                 "at eta = %.3g h = %.5g does not bend towards %g: the continuation keeps its value and "
                 "decays at the rate "
                 "%g of the vacuum; h has a kink there",
                 o->join_uv, ads_background_slope(b, o->join_uv, NULL), o->d, o->c4);
  if (o->uv == ADS_CURVE_UV_EXP || o->uv == ADS_CURVE_UV_STEP)
    com_ctx_warn(
        c, "extrapolation_uv",
        "above eta = %.3g h is continued to %g%s; this contributes %.3g to J = %.4g, a factor %.3g in g",
        o->join_uv, o->d, o->uv == ADS_CURVE_UV_STEP ? " at once" : " exponentially", o->J_uv, o->J,
        exp(2 * o->J_uv));
  return COM_OK;
}

static com_status extrapolation_of_table(com_ctx *c, const ads_background *b, cJSON *out) {
  const ads_background_info *o = ads_background_facts(b);
  ads_geometry g;
  if (strcmp(o->type, "table")) return COM_OK;
  ads_background_at(b, o->known_hi, &g);
  COM_TRY(com_json_add(c, out, "known_from", com_json_real(o->known_lo)));
  COM_TRY(com_json_add(c, out, "known_to", com_json_real(o->known_hi)));
  const double off = fmax(fmax(fabs(g.dlnf - 2), fabs(g.dlng - 2)), fabs(g.lnf - g.lng));
  COM_TRY(com_json_add(c, out, "uv_mismatch", com_json_real(off)));
  if (off > 1e-6)
    com_ctx_warn(c, "extrapolation_uv",
                 "above eta = %.3g the table is continued as exp(2 eta); there its slopes or f/g still "
                 "differ from the "
                 "boundary's by %.2g",
                 o->known_hi, off);
  if (!o->horizon)
    com_ctx_warn(c, "extrapolation_ir",
                 "below eta = %.3g the table is continued as an exponential: %.3g of the mass of a straight "
                 "string from "
                 "eta = %.3g lies there",
                 o->known_lo, ads_background_length(b, o->known_lo) / ads_background_length(b, o->known_hi),
                 o->known_hi);
  return COM_OK;
}

/* V = ((d-1)/d) (h^2 + h') stays finite at the horizon only if h = 1/eta + O(eta). */
static com_status horizon(com_ctx *c, const ads_background *b, double lo, cJSON *out) {
  const ads_background_info *o = ads_background_facts(b);
  COM_TRY(com_json_add(c, out, "horizon", com_json_bool(o->horizon)));
  if (!o->horizon) return COM_OK;
  const double constant = ads_background_slope(b, lo, NULL) - 1 / lo;
  COM_TRY(com_json_add(c, out, "horizon_constant", com_json_real(constant)));
  if (fabs(constant) > 0.1)
    com_ctx_warn(
        c, "horizon_irregular",
        "h - 1/eta tends to %.4g at the horizon, not to 0: a solution of the Einstein-dilaton equations has "
        "no such term (V(Phi) would diverge there)",
        constant);
  return COM_OK;
}

com_status ads_background_check(com_ctx *c, const ads_background *b, cJSON **out) {
  const ads_background_info *o = ads_background_facts(b);
  const double lo = isfinite(o->lo) ? o->lo + 1e-4 : isfinite(o->known_lo) ? o->known_lo : -3;
  const double hi = fmin(isfinite(o->known_hi) ? fmax(o->known_hi + 1, 3) : 3, o->far);
  com_status status = COM_OK;
  cJSON *j = com_json_object();
  COM_ALLOC(c, j);
  COM_GOTO(done, horizon(c, b, lo, j));
  COM_GOTO(done, null_energy(c, b, lo, hi, j));
  COM_GOTO(done, monotonic(c, b, j));
  COM_GOTO(done, extrapolation_of_h(c, b, j));
  COM_GOTO(done, extrapolation_of_table(c, b, j));
  *out = j;
  j = NULL;
done:
  com_json_free(j);
  return status;
}
