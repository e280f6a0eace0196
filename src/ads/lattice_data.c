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
  COM_CHECK(c, n > 0 || out->has_cornell, COM_E_DATA, "%s: has neither curves nor a Cornell form (A, B, C)",
            name);
  COM_ALLOC(c, out->name = strdup(in->name ? in->name : name));
  COM_ALLOC(c, out->curve = calloc(n + 1, sizeof *out->curve));
  for (; out->n < n; out->n++)
    COM_TRY(read_curve(c, name, com_json_at(in->curves, out->n), &out->curve[out->n]));
  return COM_OK;
}

static com_status parse(com_ctx *c, const char *name, const cJSON *j, ads_lattice_data *out) {
  file in;
  char kind[48];
  int version;
  COM_TRY(com_result_schema(c, name, j, kind, &version));
  COM_CHECK(c, strcmp(kind, "lattice") == 0, COM_E_CONFIG,
            "%s: schema: \"holograd/%s/%d\" is not lattice data; want "
            "holograd/lattice/1",
            name, kind, version);
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

void ads_lattice_data_free(size_t n, ads_lattice_data *d) {
  for (size_t i = 0; i < n; i++) {
    for (size_t k = 0; k < d[i].n; k++) {
      free(d[i].curve[k].r);
      free(d[i].curve[k].V);
    }
    free(d[i].curve);
    free(d[i].name);
  }
  free(d);
}

const ads_lattice_data_curve *ads_lattice_data_nearest(size_t n, const ads_lattice_data *d, double T) {
  const ads_lattice_data_curve *best = NULL;
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < d[i].n; k++)
      if (!best || fabs(d[i].curve[k].T - T) < fabs(best->T - T)) best = &d[i].curve[k];
  return best;
}
