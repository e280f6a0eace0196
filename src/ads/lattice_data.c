/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/lattice_data.h"
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "common/fs.h"
#include "common/result.h"

typedef struct cornell {
  double A, B, C, A_error, B_error, C_error;
} cornell;
typedef struct file {
  char *schema, *name, *title, *r_unit, *V_unit;
  double r_error, V_error, sigma;
  cornell cornell;
  cJSON *curves, *provenance;
} file;
typedef struct curve {
  double T, plateau;
  com_reals r, V;
} curve;

#define CORNELL(key, unit)                                                                                   \
  { #key, "of V = A/r + B r + C", unit, COM_F_REAL, offsetof(cornell, key), NAN, 0, 0, NULL, NULL, 0 }
static const com_field cornell_fields[] = {CORNELL(A, "GeV fm"),
                                           CORNELL(B, "GeV/fm"),
                                           CORNELL(C, "GeV"),
                                           CORNELL(A_error, "GeV fm"),
                                           CORNELL(B_error, "GeV/fm"),
                                           CORNELL(C_error, "GeV"),
                                           {0}};
#define ROW(key, doc, unit, type, def, aux)                                                                  \
  { #key, doc, unit, type, offsetof(file, key), def, 0, 0, aux, NULL, 0 }
static const com_field file_fields[] = {
    ROW(schema, "holograd/lattice/1", NULL, COM_F_STRING, 0, NULL),
    ROW(name, "short name, for legends", NULL, COM_F_STRING, 0, NULL),
    ROW(title, "one line for people", NULL, COM_F_STRING, 0, NULL),
    ROW(r_unit, "fm", NULL, COM_F_STRING, 0, NULL),
    ROW(V_unit, "GeV", NULL, COM_F_STRING, 0, NULL),
    ROW(r_error, "error of every r", "fm", COM_F_REAL, NAN, NULL),
    ROW(V_error, "error of every V", "GeV", COM_F_REAL, NAN, NULL),
    ROW(curves, "[{\"T\": GeV, \"r\": [...], \"V\": [...], \"plateau\": GeV}, ...]", NULL, COM_F_RAW, 0,
        NULL),
    ROW(cornell, "a T = 0 fit", NULL, COM_F_OBJECT, 0, cornell_fields),
    ROW(sigma, "string tension", "GeV^2", COM_F_REAL, NAN, NULL),
    ROW(provenance, "citation, doi, note", NULL, COM_F_RAW, 0, NULL),
    {0}};
static const com_field curve_fields[] = {
    {"T", "temperature", "GeV", COM_F_REAL, offsetof(curve, T), NAN, 0, 1e3, NULL, NULL, COM_FF_REQUIRED},
    {"plateau", "V at infinite distance", "GeV", COM_F_REAL, offsetof(curve, plateau), NAN, 0, 0, NULL, NULL,
     0},
    {"r", "distances", "fm", COM_F_REALS, offsetof(curve, r), 0, 0, 1e3, NULL, NULL, 0},
    {"V", "potential or free energy", "GeV", COM_F_REALS, offsetof(curve, V), 0, 0, 0, NULL, NULL, 0},
    {0}};

static com_status read_curve(com_ctx *c, const char *name, const cJSON *j, ads_lattice_data_curve *out) {
  curve in;
  COM_TRY(com_field_read(c, COM_E_DATA, curve_fields, name, "curves[]", j, &in));
  com_status status = COM_OK;
  if (in.r.n != in.V.n)
    status = COM_FAIL(c, COM_E_DATA, "%s: curves: T = %g: %zu values of r, %zu of V; make them agree", name,
                      in.T, in.r.n, in.V.n);
  if (!status) {
    *out = (ads_lattice_data_curve){in.T, in.r.n, in.r.v, in.V.v, in.plateau};
    in.r = in.V = (com_reals){0}; /* handed over */
  }
  com_field_finish(curve_fields, &in);
  return status;
}

static com_status adopt(com_ctx *c, const char *name, const file *in, ads_lattice_data *out) {
  const size_t n = com_json_size(in->curves);
  COM_CHECK(c, (!in->r_unit || !strcmp(in->r_unit, "fm")) && (!in->V_unit || !strcmp(in->V_unit, "GeV")),
            COM_E_DATA, "%s: r_unit, V_unit: must be fm and GeV; convert the numbers", name);
  out->r_error = in->r_error;
  out->V_error = in->V_error;
  out->sigma = in->sigma;
  out->has_cornell = isfinite(in->cornell.A * in->cornell.B * in->cornell.C);
  out->A = in->cornell.A;
  out->B = in->cornell.B;
  out->C = in->cornell.C;
  out->A_error = in->cornell.A_error;
  out->B_error = in->cornell.B_error;
  out->C_error = in->cornell.C_error;
  COM_CHECK(c, n > 0 || out->has_cornell, COM_E_DATA, "%s: has neither curves nor a Cornell form (A, B, C)",
            name);
  COM_ALLOC(c, out->name = strdup(in->name ? in->name : name));
  COM_ALLOC(c, out->curve = calloc(n + 1, sizeof *out->curve));
  for (; out->n < n; out->n++)
    COM_TRY(read_curve(c, name, com_json_at(in->curves, out->n), &out->curve[out->n]));
  return COM_OK;
}

com_status ads_lattice_data_expect(com_ctx *c, const char *name, const cJSON *j) {
  char kind[48];
  int version;
  COM_TRY(com_result_schema(c, name, j, kind, &version));
  COM_CHECK(c, strcmp(kind, "lattice") == 0, COM_E_CONFIG,
            "%s: schema = \"holograd/%s/%d\": is not lattice data; must be \"holograd/lattice/1\"", name,
            kind, version);
  return COM_OK;
}

static com_status parse(com_ctx *c, const char *name, const cJSON *j, ads_lattice_data *out) {
  file in;
  COM_TRY(ads_lattice_data_expect(c, name, j));
  COM_TRY(com_field_read(c, COM_E_DATA, file_fields, name, "", j, &in));
  const com_status status = adopt(c, name, &in, out);
  com_field_finish(file_fields, &in);
  return status;
}

static com_status load_one(com_ctx *c, const char *base, const cJSON *item, ads_lattice_data *out,
                           cJSON *inlined) {
  char *path = NULL;
  cJSON *j = NULL;
  com_status status = COM_OK;
  if (com_json_is_string(item)) {
    COM_GOTO(done, com_fs_resolve(c, base, com_json_str(item, ""), &path));
    COM_GOTO(done, com_json_load(c, path, &j));
  } else if (!(j = com_json_copy(item))) {
    COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
  }
  COM_GOTO(done, parse(c, path ? path : "potential.lattice", j, out));
  status = com_json_push(c, inlined, j);
  j = NULL;
done:
  com_json_free(j);
  free(path);
  return status;
}

com_status ads_lattice_data_load(com_ctx *c, const char *base, const cJSON *files, size_t *n,
                                 ads_lattice_data **out, cJSON **inlined) {
  const int many = com_json_is_array(files);
  const size_t count = !files || com_json_is_null(files) ? 0 : many ? com_json_size(files) : 1;
  com_status status = COM_OK;
  *n = 0;
  *inlined = NULL;
  COM_ALLOC(c, *out = calloc(count + 1, sizeof **out));
  if (!(*inlined = com_json_array())) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
  for (*n = 0; *n < count;) {
    const cJSON *item = many ? com_json_at(files, *n) : files;
    ads_lattice_data *d = &(*out)[(*n)++];
    COM_GOTO(done, load_one(c, base, item, d, *inlined));
  }
done:
  if (status) {
    ads_lattice_data_free(*n, *out);
    com_json_free(*inlined);
    *out = NULL;
    *inlined = NULL;
    *n = 0;
  }
  return status;
}

static void finish(ads_lattice_data *d) {
  for (size_t k = 0; k < d->n; k++) {
    free(d->curve[k].r);
    free(d->curve[k].V);
  }
  free(d->curve);
  free(d->name);
}

void ads_lattice_data_free(size_t n, ads_lattice_data *d) {
  for (size_t i = 0; i < n; i++) finish(d + i);
  free(d);
}

const ads_lattice_data_curve *ads_lattice_data_nearest(size_t n, const ads_lattice_data *d, double T) {
  const ads_lattice_data_curve *best = NULL;
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < d[i].n; k++)
      if (!best || fabs(d[i].curve[k].T - T) < fabs(best->T - T)) best = &d[i].curve[k];
  return best;
}

/* ---- as a dataset ---- */

typedef struct points {
  size_t n;
  double *r, *V, *error;
} points;

static com_status of_curve(com_ctx *c, const char *name, const ads_lattice_data *d,
                           const ads_lattice_data_curve *k, const ads_lattice_data_range *range,
                           points *out) {
  COM_CHECK(c, d->V_error > 0, COM_E_DATA, "%s: V_error: is missing; a fit needs errors", name);
  for (size_t i = 0; i < k->n; i++) {
    const size_t a = i ? i - 1 : 0, b = i + 1 < k->n ? i + 1 : i;
    const double slope = k->r[b] > k->r[a] ? (k->V[b] - k->V[a]) / (k->r[b] - k->r[a]) : 0;
    if (k->r[i] < range->from || k->r[i] > range->to || !(k->r[i] > 0)) continue;
    out->r[out->n] = k->r[i];
    out->V[out->n] = k->V[i];
    out->error[out->n++] = hypot(d->V_error, isnan(d->r_error) ? 0 : slope * d->r_error);
  }
  return COM_OK;
}

/* A, B, C with independent errors: their correlations are not in the file. */
static com_status of_cornell(com_ctx *c, const char *name, const ads_lattice_data *d,
                             const ads_lattice_data_range *range, points *out) {
  COM_CHECK(c, range->from > 0 && range->to > range->from, COM_E_CONFIG,
            "%s: is a Cornell form: give \"from\" and \"to\" in fm, as 0.1 and 0.3", name);
  COM_CHECK(c, isfinite(range->T), COM_E_CONFIG,
            "%s: is a T = 0 potential: give the \"T\" at which the metric has to have it", name);
  COM_CHECK(c, d->A_error > 0 || d->B_error > 0 || d->C_error > 0, COM_E_DATA,
            "%s: cornell: has no errors; a fit needs them", name);
  for (size_t i = 0; i < range->points; i++) {
    const double r = range->from + (range->to - range->from) * (double)i / (double)(range->points - 1);
    out->r[i] = r;
    out->V[i] = d->A / r + d->B * r + d->C;
    out->error[i] = hypot(hypot(d->A_error / r, d->B_error * r), d->C_error);
  }
  out->n = range->points;
  return COM_OK;
}

static com_status axis(com_ctx *c, cJSON *doc, const char *key, const char *name, const char *unit, size_t n,
                       const double *v, const double *error) {
  cJSON *j = com_json_object();
  com_status s = com_json_add(c, j, "name", com_json_string(name));
  if (!s) s = com_json_add(c, j, "unit", com_json_string(unit));
  if (!s) s = com_json_add(c, j, "values", com_json_reals(v, n));
  if (!s && error) s = com_json_add(c, j, "errors", com_json_reals(error, n));
  if (s) com_json_free(j);
  return s ? s : com_json_add(c, doc, key, j);
}

static com_status document(com_ctx *c, const char *name, double T, const points *p, const cJSON *lattice,
                           cJSON *doc) {
  cJSON *temperature = com_json_object();
  com_status s = com_json_add(c, doc, "schema", com_json_string("holograd/dataset/1"));
  if (!s) s = com_json_add(c, doc, "name", com_json_string(name));
  if (!s) s = com_json_add(c, doc, "kind", com_json_string("potential"));
  if (!s) s = com_json_add(c, temperature, "value", com_json_real(T));
  if (!s) s = com_json_add(c, temperature, "unit", com_json_string("GeV"));
  if (s)
    com_json_free(temperature);
  else
    s = com_json_add(c, doc, "temperature", temperature);
  if (!s) s = axis(c, doc, "source", "r", "fm", p->n, p->r, NULL);
  if (!s) s = axis(c, doc, "response", "V", "GeV", p->n, p->V, p->error);
  const cJSON *from = com_json_get(lattice, "provenance");
  return s || !from ? s : com_json_add(c, doc, "provenance", com_json_copy(from));
}

static com_status make_dataset(com_ctx *c, const char *name, const cJSON *j, const ads_lattice_data *d,
                               const ads_lattice_data_range *given, cJSON **out) {
  ads_lattice_data_range range = *given;
  const ads_lattice_data_curve *k = d->n == 1 && isnan(range.T) ? d->curve : NULL;
  points p = {0};
  if (isnan(range.to)) range.to = d->n ? INFINITY : 0;
  if (d->n && !k) {
    k = ads_lattice_data_nearest(1, d, range.T);
    COM_CHECK(c, isfinite(range.T) && k && fabs(k->T / range.T - 1) <= 0.02, COM_E_CONFIG,
              "%s: has %zu temperatures: give the \"T\" of one of them; the nearest is %g GeV", name, d->n,
              k ? k->T : NAN);
  }
  const size_t most = k ? k->n : range.points;
  COM_ALLOC(c, p.r = malloc((3 * most + 1) * sizeof *p.r));
  p.V = p.r + most;
  p.error = p.V + most;
  com_status s = k ? of_curve(c, name, d, k, &range, &p) : of_cornell(c, name, d, &range, &p);
  if (!s && p.n == 0)
    s = COM_FAIL(c, COM_E_CONFIG, "%s: no points between %g and %g fm", name, range.from, range.to);
  cJSON *doc = com_json_object();
  if (!s) s = document(c, d->name, k ? k->T : range.T, &p, j, doc);
  free(p.r);
  if (s)
    com_json_free(doc);
  else
    *out = doc;
  return s;
}

com_status ads_lattice_data_dataset(com_ctx *c, const char *name, const cJSON *j,
                                    const ads_lattice_data_range *range, cJSON **out) {
  ads_lattice_data d = {0};
  *out = NULL;
  com_status s = parse(c, name, j, &d);
  if (!s) s = make_dataset(c, name, j, &d, range, out);
  finish(&d);
  return s;
}
