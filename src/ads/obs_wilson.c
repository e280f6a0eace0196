/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/obs_wilson.h"
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include "ads/units.h"

static const char *const shifts[] = {"none", "plateau", "points", "auto", NULL};
static const char *const scales[] = {"slope", "none", "lattice", NULL};

#define ROW(key, doc, unit, type, def, lo, hi, aux, sdef, flags)                                             \
  { #key, doc, unit, type, offsetof(ads_obs_wilson_opts, key), def, lo, hi, aux, sdef, flags }
static const com_field fields[] = {
    ROW(eta0, "turning points; default 100 values, -3 to 3 for ads, 1e-3 to 3 with a horizon", "L",
        COM_F_REALS, 0, 0, 0, NULL, NULL, 0),
    ROW(T, "temperatures, one curve each; default that of the file", "GeV", COM_F_REALS, 0, 0, 1e3, NULL,
        NULL, COM_FF_LO_OPEN),
    ROW(closure, "closure, instead of the file's", NULL, COM_F_STRING, 0, 0, 0, NULL, NULL, 0),
    ROW(frame, "einstein or string, instead of the file's", NULL, COM_F_STRING, 0, 0, 0, NULL, NULL, 0),
    ROW(lattice, "lattice data to lay over: a file, an object, or an array of these", NULL, COM_F_RAW, 0, 0,
        0, NULL, NULL, 0),
    ROW(calibrate,
        "what fixes 1/(2 pi alpha'): slope: the linear slope at the minimum of f g is sigma; lattice: least "
        "squares "
        "to the lattice points; none",
        NULL, COM_F_ENUM, 0, 0, 0, scales, "slope", 0),
    ROW(sigma, "string tension of the lattice", "GeV^2", COM_F_REAL, 0.20172, 0, 10, NULL, NULL,
        COM_FF_LO_OPEN),
    ROW(kappa, "L^2/(2 pi alpha'), instead of a calibration", "1", COM_F_REAL, NAN, 0, 1e9, NULL, NULL,
        COM_FF_LO_OPEN),
    ROW(constant, "added to V_GeV", "GeV", COM_F_REAL, 0, 0, 0, NULL, NULL, 0),
    ROW(shift,
        "fit the constant to the lattice: plateau: V = 0 (two straight strings) is F(infinity); points: "
        "least squares",
        NULL, COM_F_ENUM, 0, 0, 0, shifts, "none", 0),
    ROW(fit_from, "lattice points below this distance are not fitted", "fm", COM_F_REAL, 0, 0, 100, NULL,
        NULL, 0),
    ROW(fit_to, "lattice points above this distance are not fitted; default: where strings end", "fm",
        COM_F_REAL, NAN, 0, 100, NULL, NULL, 0),
    ROW(d_min, "plots begin at this distance", "fm", COM_F_REAL, 0.05, 0, 10, NULL, NULL, COM_FF_LO_OPEN),
    ROW(bands, "bands of V(d) and of the screening distance, as an inference holds them", NULL, COM_F_RAW, 0,
        0, 0, NULL, NULL, 0),
    ROW(imaginary, "add the imaginary part beyond the screening distance", NULL, COM_F_BOOL, 1, 0, 0, NULL,
        NULL, 0),
    ROW(debye, "fit a screened Cornell form", NULL, COM_F_BOOL, 1, 0, 0, NULL, NULL, 0),
    {0}};

enum { DEFAULT_POINTS = 100 };
/* Screening distances outside of these say more about J than about QCD. */
#define NEAR_FM 0.05
#define FAR_FM 3.0

static com_status turning_points(com_ctx *c, const ads_obs_wilson_opts *o, const ads_background *b, size_t *n,
                                 double **eta0) {
  const ads_background_info *info = ads_background_facts(b);
  *n = o->eta0.n ? o->eta0.n : DEFAULT_POINTS;
  COM_ALLOC(c, *eta0 = malloc(*n * sizeof **eta0));
  const double lo = isfinite(info->lo) ? info->lo + 1e-3 : isfinite(info->known_lo) ? info->known_lo : -3;
  for (size_t i = 0; i < *n; i++)
    (*eta0)[i] = o->eta0.n ? o->eta0.v[i] : lo + (3 - lo) * (double)i / (DEFAULT_POINTS - 1);
  return COM_OK;
}

ads_obs_wilson_units ads_obs_wilson_calibration(const ads_obs_wilson_opts *o, const ads_background *b,
                                                const ads_wilson_landmarks *at) {
  const double L = ads_background_facts(b)->L;
  ads_obs_wilson_units u = {.L = L, .kappa = o->kappa, .constant = o->constant};
  if (isnan(u.kappa) && o->calibrate == ADS_OBS_WILSON_SLOPE) u.kappa = o->sigma * L * L / at->slope;
  return u;
}

static const char *branch(const ads_wilson_point *p, const ads_wilson_landmarks *at) {
  if (isnan(p->d)) return "none";
  return p->eta0 > at->lowest ? "physical" : "unstable";
}

/* Im V counts on the physical branch, beyond the screening distance, where the formula makes it negative. */
static double imaginary(const ads_wilson_point *p, const ads_wilson_landmarks *at) {
  return p->eta0 > at->lowest && p->d > at->screening ? p->im_V : NAN;
}

static com_status fill(com_ctx *c, const ads_obs_wilson_opts *o, const ads_background *b,
                       const ads_wilson_landmarks *at, size_t n, const double *eta0, com_table *t) {
  const ads_obs_wilson_units u = ads_obs_wilson_calibration(o, b, at);
  com_status status = COM_OK;
  double *v = NULL;
  const char **names = NULL;
  COM_ALLOC(c, v = malloc(6 * n * sizeof *v));
  double *d = v, *V = v + n, *im = v + 2 * n, *fm = v + 3 * n, *gev = v + 4 * n, *im_gev = v + 5 * n;
  if (!(names = malloc(n * sizeof *names))) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
  for (size_t i = 0; i < n; i++) {
    ads_wilson_point p;
    COM_GOTO(done, com_ctx_cancelled(c, "potential"));
    COM_GOTO(done, ads_wilson_at(c, b, eta0[i], &p));
    d[i] = p.d;
    V[i] = p.V;
    names[i] = branch(&p, at);
    im[i] = imaginary(&p, at);
    fm[i] = ADS_UNITS_HBARC * u.L * p.d;
    gev[i] = u.kappa * p.V / u.L + u.constant;
    im_gev[i] = u.kappa * im[i] / u.L;
  }
  const char *const unit = "L/(2 pi alpha')";
  COM_GOTO(done, com_table_add(c, t, "eta0", "L", "\\eta_0", n, eta0, NULL));
  COM_GOTO(done, com_table_add(c, t, "d", "L", "d", n, d, NULL));
  COM_GOTO(done, com_table_add(c, t, "V", unit, "V", n, V, NULL));
  COM_GOTO(done, com_table_add_text(c, t, "branch", n, names));
  if (isfinite(u.L)) COM_GOTO(done, com_table_add(c, t, "d_fm", "fm", "d", n, fm, NULL));
  if (isfinite(u.kappa * u.L)) COM_GOTO(done, com_table_add(c, t, "V_GeV", "GeV", "V", n, gev, NULL));
  if (o->imaginary && isfinite(at->im_onset)) {
    COM_GOTO(done, com_table_add(c, t, "im_V", unit, "\\mathrm{Im}\\,V", n, im, NULL));
    if (isfinite(u.kappa * u.L))
      COM_GOTO(done, com_table_add(c, t, "im_V_GeV", "GeV", "\\mathrm{Im}\\,V", n, im_gev, NULL));
  }
done:
  free(names);
  free(v);
  return status;
}

/* {"d","eta0"} with fm and d T where they have a meaning; null when it does not happen. */
static com_status put_place(com_ctx *c, cJSON *out, const char *key, const ads_background_info *info,
                            double d, double eta0) {
  if (isnan(d)) return com_json_add(c, out, key, com_json_null());
  cJSON *j = com_json_object();
  com_status s = com_json_add(c, j, "d", com_json_real(d));
  if (!s) s = com_json_add(c, j, "eta0", com_json_real(eta0));
  if (!s && isfinite(info->tl)) s = com_json_add(c, j, "d_times_T", com_json_real(d * info->tl));
  if (!s && isfinite(info->L)) s = com_json_add(c, j, "d_fm", com_json_real(ADS_UNITS_HBARC * info->L * d));
  if (s) com_json_free(j);
  return s ? s : com_json_add(c, out, key, j);
}

static com_status put_debye(com_ctx *c, const ads_background *b, const ads_wilson_landmarks *at, cJSON *out) {
  const ads_background_info *info = ads_background_facts(b);
  ads_wilson_debye f;
  COM_TRY(ads_wilson_debye_fit(c, b, at, &f));
  if (isnan(f.mu)) return com_json_add(c, out, "debye", com_json_null());
  cJSON *j = com_json_object();
  com_status s = com_json_add(c, j, "mu", com_json_real(f.mu));
  const char *const keys[] = {"alpha", "sigma", "constant", "rms"};
  const double v[] = {f.alpha, f.sigma, f.constant, f.rms};
  for (int i = 0; i < 4 && !s; i++) s = com_json_add(c, j, keys[i], com_json_real(v[i]));
  if (!s && isfinite(info->tl)) s = com_json_add(c, j, "mu_over_T", com_json_real(f.mu / info->tl));
  if (s) com_json_free(j);
  return s ? s : com_json_add(c, out, "debye", j);
}

static com_status landmarks(com_ctx *c, const ads_obs_wilson_opts *o, const ads_background *b,
                            const ads_wilson_landmarks *at, cJSON *out) {
  const ads_background_info *info = ads_background_facts(b);
  const ads_obs_wilson_units u = ads_obs_wilson_calibration(o, b, at);
  COM_TRY(put_place(c, out, "screening", info, at->screening, at->screening_eta0));
  COM_TRY(put_place(c, out, "d_max", info, at->d_max, at->d_max_eta0));
  COM_TRY(put_place(c, out, "im_onset", info, at->im_onset, at->im_onset_eta0));
  COM_TRY(com_json_add(c, out, "slope", com_json_real(at->slope)));
  COM_TRY(com_json_add(c, out, "fg_minimum", com_json_real(at->wall)));
  COM_TRY(com_json_add(c, out, "temperature", com_json_real(info->T)));
  COM_TRY(com_json_add(c, out, "L", com_json_real(info->L)));
  COM_TRY(com_json_add(c, out, "kappa", com_json_real(u.kappa)));
  COM_TRY(com_json_add(c, out, "constant", com_json_real(u.constant)));
  return o->debye ? put_debye(c, b, at, out) : COM_OK;
}

static void warn(com_ctx *c, const ads_obs_wilson_opts *o, const ads_background *b,
                 const ads_wilson_landmarks *at) {
  const ads_background_info *info = ads_background_facts(b);
  if (isnan(at->slope) && isnan(o->kappa) && o->calibrate == ADS_OBS_WILSON_SLOPE && isfinite(info->L))
    com_ctx_warn(c, "not_calibrated",
                 "f g rises monotonically: there is no linear part to match to the string tension, so V "
                 "stays in units "
                 "of L/(2 pi alpha'); calibrate to lattice points, or give kappa");
  const double fm = ADS_UNITS_HBARC * info->L * at->screening;
  if (fm > FAR_FM || fm < NEAR_FM)
    com_ctx_warn(c, "screening_scale",
                 "strings break at %.3g fm, against 0.3 to 1 fm on the lattice: the distance scales like "
                 "exp(-J), J = int (h - d "
                 "coth(d eta)), which data at one temperature do not fix (see holograd infer)",
                 fm);
  if (at->other_branch)
    com_ctx_warn(
        c, "second_branch",
        "d rises again for strings that hang below eta0 = %.4g: a second branch of connected strings exists; "
        "only the one that is connected with the boundary is called physical",
        at->lowest);
}

static com_status eval(com_ctx *c, const void *opts, const ads_background *b, com_table *table,
                       cJSON *scalars) {
  const ads_obs_wilson_opts *o = opts;
  ads_wilson_landmarks at;
  size_t n = 0;
  double *eta0 = NULL;
  com_status status = COM_OK;
  COM_TRY(ads_wilson_find(c, b, &at));
  COM_TRY(turning_points(c, o, b, &n, &eta0));
  COM_GOTO(done, fill(c, o, b, &at, n, eta0, table));
  COM_GOTO(done, landmarks(c, o, b, &at, scalars));
  warn(c, o, b, &at);
done:
  free(eta0);
  return status;
}

com_status ads_obs_wilson_curve(com_ctx *c, const ads_background *b, const ads_wilson_landmarks *at, size_t n,
                                ads_wilson_point *out) {
  const ads_background_info *info = ads_background_facts(b);
  const double lowest = isfinite(at->lowest) ? at->lowest : isfinite(info->known_lo) ? info->known_lo : -3;
  /* evenly in sqrt(eta0 - lowest) as d grows next to a maximum; the last third of the points geometrically, as d grows next to a wall */
  const size_t even = at->lowest == at->wall ? 2 * n / 3 : n;
  const double near = even < n ? 0.02 : 1e-9;
  for (size_t i = 0; i < n; i++) {
    const double t = 1 - (double)i / (double)(even - 1), u = (double)(i - even + 1) / (double)(n - even);
    COM_TRY(ads_wilson_at(c, b, lowest + (i < even ? 6 * t * t + near : near * pow(10, -5.3 * u)), &out[i]));
    out[i].im_V = imaginary(&out[i], at);
  }
  return COM_OK;
}

const ads_observable_ops ads_obs_wilson = {.c = {.name = "wilson",
                                                 .doc = "quark-antiquark potential from a hanging string",
                                                 .ref = "arXiv:hep-th/9803002, arXiv:1809.10536",
                                                 .fields = fields,
                                                 .opt_size = sizeof(ads_obs_wilson_opts)},
                                           .eval = eval};
