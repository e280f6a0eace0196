/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/potential.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "ads/background_file.h"
#include "ads/lattice_data.h"
#include "ads/units.h"

enum { CURVE = 160 };

typedef struct run {
  com_ctx *c;
  const char *file;
  ads_obs_wilson_opts opts;
  size_t n_lattice;
  ads_lattice_data *lattice;
  cJSON *inlined; /* the lattice data as read */
} run;

/* ---- calibration to lattice points ---- */
/* V_GeV = kappa x + constant at the points of the curve that connected strings reach. */
typedef struct sums {
  size_t n;
  double x, y, xx, xy;
} sums;

static com_status collect(const run *r, const ads_background *b, const ads_wilson_landmarks *at,
                          const ads_lattice_data_curve *curve, sums *s) {
  const double fm = ADS_UNITS_HBARC * ads_background_facts(b)->L, L = ads_background_facts(b)->L;
  const double end = isfinite(at->screening) ? at->screening : isfinite(at->d_max) ? at->d_max : INFINITY;
  *s = (sums){0};
  for (size_t i = 0; curve && i < curve->n; i++) {
    const double d = curve->r[i] / fm;
    ads_wilson_point p;
    if (d >= end || curve->r[i] < r->opts.fit_from || curve->r[i] > r->opts.fit_to) continue;
    COM_TRY(ads_wilson_turning_point(r->c, b, at, d, &p));
    const double x = p.V / L;
    s->n++;
    s->x += x;
    s->y += curve->V[i];
    s->xx += x * x;
    s->xy += x * curve->V[i];
  }
  return COM_OK;
}

/* Completes o->kappa and o->constant for one background. */
static com_status calibrate(run *r, const ads_background *b, const ads_wilson_landmarks *at,
                            ads_obs_wilson_opts *o) {
  const ads_background_info *info = ads_background_facts(b);
  const int scale = o->calibrate == ADS_OBS_WILSON_LATTICE && isnan(o->kappa);
  int shift = o->shift;
  const ads_lattice_data_curve *curve =
      ads_lattice_data_nearest(r->n_lattice, r->lattice, isfinite(info->T) ? info->T : 0);
  sums s = {0};
  if (!scale && shift == ADS_OBS_WILSON_SHIFT_NONE) return COM_OK;
  COM_CHECK(r->c, curve, COM_E_CONFIG,
            "%s: potential.calibrate, potential.shift: lattice points are needed; give --lattice FILE",
            r->file);
  COM_CHECK(r->c, isfinite(info->L), COM_E_CONFIG,
            "%s: L: is needed to compare with a lattice; give it in GeV^-1", r->file);
  if (scale || shift >= ADS_OBS_WILSON_SHIFT_POINTS) COM_TRY(collect(r, b, at, curve, &s));
  if (shift == ADS_OBS_WILSON_SHIFT_AUTO)
    shift = s.n >= 3 ? ADS_OBS_WILSON_SHIFT_POINTS : ADS_OBS_WILSON_SHIFT_PLATEAU;
  if (shift == ADS_OBS_WILSON_SHIFT_PLATEAU && isfinite(curve->plateau)) o->constant = curve->plateau;
  if (scale) {
    if (s.n < 2) {
      com_ctx_warn(r->c, "not_calibrated",
                   "only %zu lattice points at T = %.3g GeV lie where a connected string exists (d < %.3g "
                   "fm): 1/(2 pi "
                   "alpha') cannot be fitted to them",
                   s.n, curve->T, ADS_UNITS_HBARC * info->L * fmin(at->screening, INFINITY));
      return COM_OK;
    }
    const double n = (double)s.n;
    o->kappa = shift == ADS_OBS_WILSON_SHIFT_POINTS ? (n * s.xy - s.x * s.y) / (n * s.xx - s.x * s.x)
                                                    : (s.xy - o->constant * s.x) / s.xx;
  } else {
    o->kappa = ads_obs_wilson_calibration(o, b, at).kappa;
  }
  if (isfinite(o->kappa) && o->kappa <= 0)
    com_ctx_warn(r->c, "calibration_negative",
                 "the least squares give L^2/(2 pi alpha') = %.3g < 0: this potential has not the shape of "
                 "the lattice's",
                 o->kappa);
  if (shift == ADS_OBS_WILSON_SHIFT_POINTS && s.n > 0) o->constant = (s.y - o->kappa * s.x) / (double)s.n;
  if (isfinite(info->T) && fabs(curve->T / info->T - 1) > 0.02)
    com_ctx_warn(r->c, "lattice_temperature", "the nearest lattice temperature to %.4g GeV is %.4g GeV",
                 info->T, curve->T);
  return COM_OK;
}

/* ---- one curve ---- */
static com_status dense_curve(com_ctx *c, const ads_background *b, const ads_wilson_landmarks *at,
                              cJSON *out) {
  ads_wilson_point p[CURVE];
  double d[CURVE], V[CURVE], im[CURVE];
  cJSON *j = NULL;
  COM_TRY(ads_obs_wilson_curve(c, b, at, CURVE, p));
  for (int i = 0; i < CURVE; i++) d[i] = p[i].d, V[i] = p[i].V, im[i] = p[i].im_V;
  COM_ALLOC(c, j = com_json_object());
  com_status s = com_json_add(c, j, "d", com_json_reals(d, CURVE));
  if (!s) s = com_json_add(c, j, "V", com_json_reals(V, CURVE));
  if (!s && isfinite(at->im_onset)) s = com_json_add(c, j, "im_V", com_json_reals(im, CURVE));
  if (s) com_json_free(j);
  return s ? s : com_json_add(c, out, "curve", j);
}

static com_status merge(com_ctx *c, const cJSON *from, cJSON *to) {
  for (size_t i = 0; i < com_json_size(from); i++) {
    const cJSON *item = com_json_at(from, i);
    COM_TRY(com_json_add(c, to, com_json_key(item), com_json_copy(item)));
  }
  return COM_OK;
}

static com_status one_curve(run *r, const cJSON *doc, cJSON *out) {
  com_ctx *c = r->c;
  com_status status = COM_OK;
  ads_background *b = NULL;
  com_table *table = NULL;
  cJSON *scalars = NULL, *rows = NULL, *checks = NULL;
  ads_wilson_landmarks at;
  ads_obs_wilson_opts o = r->opts; /* pointers stay those of r */
  COM_TRY(ads_background_create(c, r->file, doc, &b));
  COM_GOTO(done, ads_background_check(c, b, &checks));
  COM_GOTO(done, ads_wilson_find(c, b, &at));
  COM_GOTO(done, calibrate(r, b, &at, &o));
  COM_GOTO(done, ads_observable_eval(c, &ads_obs_wilson, &o, b, &table, &scalars));
  if (!(rows = com_table_json(table))) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
  COM_GOTO(done, com_json_add(c, out, "name", com_json_string(ads_background_label(b))));
  COM_GOTO(done, merge(c, rows, out));
  COM_GOTO(done, merge(c, scalars, out));
  COM_GOTO(done, dense_curve(c, b, &at, out));
  status = com_json_add(c, out, "checks", checks);
  checks = NULL;
done:
  com_json_free(rows);
  com_json_free(scalars);
  com_json_free(checks);
  com_table_destroy(table);
  ads_background_destroy(b);
  return status;
}

/* ---- all ---- */
/* One document per document and temperature, with closure and frame of the options. */
static com_status expand(run *r, const cJSON *docs, cJSON *out) {
  const com_reals *T = &r->opts.T;
  for (size_t i = 0; i < com_json_size(docs); i++) {
    for (size_t k = 0; k < (T->n ? T->n : 1); k++) {
      cJSON *doc = com_json_copy(com_json_at(docs, i));
      COM_ALLOC(r->c, doc);
      com_json_remove(doc, "potential");
      com_status s =
          ads_background_file_override(r->c, T->n ? T->v[k] : NAN, r->opts.closure, r->opts.frame, doc);
      if (s) com_json_free(doc);
      COM_TRY(s ? s : com_json_push(r->c, out, doc));
    }
  }
  return COM_OK;
}

/* The settings as resolved; T, closure and frame have gone into the documents. */
static com_status settings(const run *r, cJSON **out) {
  cJSON *j = com_json_object();
  COM_ALLOC(r->c, j);
  com_status s = com_field_write(r->c, ads_obs_wilson.c.fields, &r->opts, j);
  if (!s && com_json_size(r->inlined)) s = com_json_add(r->c, j, "lattice", com_json_copy(r->inlined));
  static const char *const gone[] = {"T", "closure", "frame"};
  for (int i = 0; i < 3; i++) com_json_remove(j, gone[i]);
  if (s)
    com_json_free(j);
  else
    *out = j;
  return s;
}

static com_status make_config(const run *r, const cJSON *docs, cJSON **out) {
  com_ctx *c = r->c;
  cJSON *block = NULL, *j = NULL;
  const int one = com_json_size(docs) == 1;
  COM_TRY(settings(r, &block));
  j = one ? com_json_copy(com_json_at(docs, 0)) : com_json_object();
  com_status s = com_json_add(c, j, "potential", block);
  if (!s && !one) s = com_json_add(c, j, "schema", com_json_string("holograd/backgrounds/1"));
  if (!s && !one) s = com_json_add(c, j, "backgrounds", com_json_copy(docs));
  if (s)
    com_json_free(j);
  else
    *out = j;
  return s;
}

/* The bands of an inference; V in GeV where it was not fitted: sigma = 1 becomes the lattice's. */
static com_status put_bands(const run *r, cJSON *result) {
  com_ctx *c = r->c;
  cJSON *bands = com_json_object();
  com_status s = bands ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  for (const cJSON *e = com_json_first(r->opts.bands); e && !s; e = com_json_next(e)) {
    com_table *in = NULL, *out = NULL;
    if (!com_json_get(e, "columns")) {
      s = com_json_add(c, bands, com_json_key(e), com_json_copy(e));
      continue;
    }
    s = com_table_read(c, "potential.bands", e, NULL, &in);
    if (!s) s = com_table_create(c, &out);
    for (size_t k = 0; k < com_table_cols(in) && !s; k++) {
      const int sigma = strcmp(com_table_unit(in, k), "sigma fm") == 0;
      const size_t n = com_table_rows(in);
      double *v = malloc((n + 1) * sizeof *v);
      if (!v) s = COM_FAIL(c, COM_E_MEM, "out of memory");
      for (size_t i = 0; i < n && !s; i++)
        v[i] = sigma ? r->opts.sigma / ADS_UNITS_HBARC * com_table_values(in, k)[i] + r->opts.constant
                     : com_table_values(in, k)[i];
      if (!s)
        s = com_table_add(c, out, com_table_name(in, k), sigma ? "GeV" : com_table_unit(in, k), NULL, n, v,
                          NULL);
      free(v);
    }
    if (!s) s = com_json_add(c, bands, com_json_key(e), com_table_json(out));
    com_table_destroy(in);
    com_table_destroy(out);
  }
  if (s) com_json_free(bands);
  return s ? s : com_json_add(c, result, "bands", bands);
}

/* One background: its table is the result; several: result.curves. */
static com_status make_result(run *r, const cJSON *docs, cJSON **out) {
  com_ctx *c = r->c;
  com_status status = COM_OK;
  cJSON *result = com_json_object(), *curves = NULL, *curve = NULL;
  COM_ALLOC(c, result);
  if (com_json_size(docs) == 1) {
    COM_GOTO(done, one_curve(r, com_json_at(docs, 0), result));
  } else {
    if (!(curves = com_json_array())) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
    for (size_t i = 0; i < com_json_size(docs); i++) {
      if (!(curve = com_json_object())) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
      COM_GOTO(done, one_curve(r, com_json_at(docs, i), curve));
      status = com_json_push(c, curves, curve);
      curve = NULL;
      if (status) goto done;
    }
    status = com_json_add(c, result, "curves", curves);
    curves = NULL;
  }
  if (!status && r->opts.bands) status = put_bands(r, result);
  if (!status) *out = result, result = NULL;
done:
  com_json_free(curve);
  com_json_free(curves);
  com_json_free(result);
  return status;
}

com_status ads_potential_run(com_ctx *c, const char *file, const cJSON *docs, cJSON **config,
                             cJSON **result) {
  run r = {.c = c, .file = file};
  com_status status = COM_OK;
  cJSON *all = NULL;
  *config = *result = NULL;
  COM_TRY(ads_observable_options(c, &ads_obs_wilson, file, "potential",
                                 com_json_get(com_json_at(docs, 0), "potential"), &r.opts));
  COM_GOTO(done, ads_lattice_data_load(c, file, r.opts.lattice, &r.n_lattice, &r.lattice, &r.inlined));
  if (isnan(r.opts.fit_to)) r.opts.fit_to = INFINITY;
  if (!(all = com_json_array())) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
  COM_GOTO(done, expand(&r, docs, all));
  COM_GOTO(done, make_result(&r, all, result));
  if (isinf(r.opts.fit_to)) r.opts.fit_to = NAN; /* written as not given */
  COM_GOTO(done, make_config(&r, all, config));
done:
  if (status) {
    com_json_free(*result);
    *result = NULL;
  }
  com_json_free(all);
  com_json_free(r.inlined);
  ads_lattice_data_free(r.n_lattice, r.lattice);
  com_field_finish(ads_obs_wilson.c.fields, &r.opts);
  return status;
}

com_status ads_potential_curves(com_ctx *c, const cJSON *doc, size_t *n, const cJSON ***out) {
  const cJSON *result = com_json_get(doc, "result"), *many = com_json_get(result, "curves");
  COM_CHECK(c, com_json_get(many ? com_json_at(many, 0) : result, "curve"), COM_E_DATA,
            "result: holds no potential; is this a holograd/potential/1 file?");
  *n = many ? com_json_size(many) : 1;
  COM_ALLOC(c, *out = malloc(*n * sizeof **out));
  for (size_t i = 0; i < *n; i++) (*out)[i] = many ? com_json_at(many, i) : result;
  return COM_OK;
}
