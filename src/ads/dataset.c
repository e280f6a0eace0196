/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/dataset.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "ads/units.h"
#include "common/field.h"
#include "common/fs.h"
#include "common/linalg.h"

typedef struct quantity {
  double value, error;
  char *unit;
} quantity;

typedef struct axis {
  char *name, *unit, *tex;
  com_reals values, errors;
  cJSON *covariance;
  double scale_error;
} axis;

typedef struct file {
  char *schema, *name, *title;
  int kind;
  quantity temperature;
  axis source, response;
  com_reals phi, pi, label;
  cJSON *provenance;
} file;

static const char *const kinds[] = {"response", "labelled", "potential", NULL}; /* ads_dataset_kind */

static const com_field quantity_fields[] = {
    {"value", "central value", NULL, COM_F_REAL, offsetof(quantity, value), NAN, 0, 0, NULL, NULL, 0},
    {"error", "one standard deviation", NULL, COM_F_REAL, offsetof(quantity, error), NAN, 0, 1e300, NULL,
     NULL, 0},
    {"unit", "unit, e.g. GeV", NULL, COM_F_STRING, offsetof(quantity, unit), 0, 0, 0, NULL, "GeV", 0},
    {0}};

static const com_field source_fields[] = {
    {"name", "what it is, e.g. m_q", NULL, COM_F_STRING, offsetof(axis, name), 0, 0, 0, NULL, "source", 0},
    {"unit", "unit, e.g. GeV; 1 is always allowed", NULL, COM_F_STRING, offsetof(axis, unit), 0, 0, 0, NULL,
     "1", 0},
    {"tex", "TeX label", NULL, COM_F_STRING, offsetof(axis, tex), 0, 0, 0, NULL, NULL, 0},
    {"values", "one value per point", NULL, COM_F_REALS, offsetof(axis, values), 0, 0, 0, NULL, NULL, 0},
    {0}};

static const com_field response_fields[] = {
    {"name", "what it is, e.g. <qbar q>", NULL, COM_F_STRING, offsetof(axis, name), 0, 0, 0, NULL, "response",
     0},
    {"unit", "unit, e.g. GeV^3; 1 is always allowed", NULL, COM_F_STRING, offsetof(axis, unit), 0, 0, 0, NULL,
     "1", 0},
    {"tex", "TeX label", NULL, COM_F_STRING, offsetof(axis, tex), 0, 0, 0, NULL, NULL, 0},
    {"values", "one value per point", NULL, COM_F_REALS, offsetof(axis, values), 0, 0, 0, NULL, NULL, 0},
    {"errors", "one standard deviation per point, > 0", NULL, COM_F_REALS, offsetof(axis, errors), 0, 0, 0,
     NULL, NULL, 0},
    {"covariance", "matrix that replaces errors", NULL, COM_F_RAW, offsetof(axis, covariance), 0, 0, 0, NULL,
     NULL, 0},
    {"scale_error", "common relative error of all responses (a nuisance, not part of chi2)", NULL, COM_F_REAL,
     offsetof(axis, scale_error), 0, 0, 10, NULL, NULL, 0},
    {0}};

const com_field ads_dataset_fields[] = {
    {"schema", "holograd/dataset/1", NULL, COM_F_STRING, offsetof(file, schema), 0, 0, 0, NULL, NULL, 0},
    {"name", "short name", NULL, COM_F_STRING, offsetof(file, name), 0, 0, 0, NULL, "dataset", 0},
    {"title", "one line for plots", NULL, COM_F_STRING, offsetof(file, title), 0, 0, 0, NULL, NULL, 0},
    {"kind",
     "response: (source, response) pairs; labelled: (phi, pi, label) points; potential: (distance, "
     "potential) "
     "pairs",
     NULL, COM_F_ENUM, offsetof(file, kind), 0, 0, 0, kinds, "response", 0},
    {"temperature", "temperature of the boundary state", NULL, COM_F_OBJECT, offsetof(file, temperature), 0,
     0, 0, quantity_fields, NULL, 0},
    {"source", "what is switched on: quark mass, field", NULL, COM_F_OBJECT, offsetof(file, source), 0, 0, 0,
     source_fields, NULL, 0},
    {"response", "what answers: condensate, magnetisation", NULL, COM_F_OBJECT, offsetof(file, response), 0,
     0, 0, response_fields, NULL, 0},
    {"phi", "labelled: phi at eta_uv", NULL, COM_F_REALS, offsetof(file, phi), 0, 0, 0, NULL, NULL, 0},
    {"pi", "labelled: pi at eta_uv", NULL, COM_F_REALS, offsetof(file, pi), 0, 0, 0, NULL, NULL, 0},
    {"label", "labelled: 0 on shell, 1 off shell", NULL, COM_F_REALS, offsetof(file, label), 0, 0, 1, NULL,
     NULL, 0},
    {"provenance", "citation, doi, note, ...", NULL, COM_F_RAW, offsetof(file, provenance), 0, 0, 0, NULL,
     NULL, 0},
    {0}};

static char *own(const char *s) { return s ? strdup(s) : NULL; }

static com_status take(com_ctx *c, com_reals *from, double **to) {
  (void)c;
  *to = from->v;
  from->v = NULL;
  from->n = 0;
  return COM_OK;
}

static com_status all_finite(com_ctx *c, const char *name, const char *path, const double *v, size_t n) {
  for (size_t i = 0; i < n; i++)
    COM_CHECK(c, isfinite(v[i]), COM_E_DATA, "%s: %s[%zu] = %g: must be a finite number", name, path, i,
              v[i]);
  return COM_OK;
}

static com_status read_covariance(com_ctx *c, const char *name, const cJSON *j, size_t n, double **cov) {
  COM_CHECK(c, com_json_is_array(j) && com_json_size(j) == n, COM_E_DATA,
            "%s: response.covariance has %zu rows: must be a matrix of %zu x %zu numbers, one row per value",
            name, com_json_size(j), n, n);
  COM_ALLOC(c, *cov = calloc(n * n, sizeof **cov));
  for (size_t i = 0; i < n; i++) {
    double *row = NULL;
    size_t m = 0;
    char path[64];
    snprintf(path, sizeof path, "response.covariance[%zu]", i);
    COM_TRY(com_json_read_reals(c, name, path, com_json_at(j, i), &row, &m));
    if (m == n) memcpy(*cov + i * n, row, n * sizeof *row);
    free(row);
    COM_CHECK(c, m == n, COM_E_DATA, "%s: %s has %zu entries: must have %zu", name, path, m, n);
  }
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < i; k++) {
      const double a = (*cov)[i * n + k], b = (*cov)[k * n + i];
      COM_CHECK(c, fabs(a - b) <= 1e-9 * fmax(fabs(a), fabs(b)), COM_E_DATA,
                "%s: response.covariance[%zu][%zu] = %g but [%zu][%zu] = %g: must be symmetric", name, i, k,
                a, k, i, b);
    }
  double *chol = malloc(n * n * sizeof *chol);
  COM_CHECK(c, chol, COM_E_MEM, "out of memory");
  memcpy(chol, *cov, n * n * sizeof *chol);
  const com_status s = com_linalg_chol(c, n, chol);
  free(chol);
  COM_CHECK(c, s == COM_OK, COM_E_DATA, "%s: response.covariance: must be positive definite", name);
  return COM_OK;
}

static com_status read_response(com_ctx *c, const char *name, file *f, const cJSON *j, ads_dataset *d) {
  const size_t n = f->source.values.n;
  COM_CHECK(c, com_json_get(j, "source"), COM_E_DATA,
            "%s: source is missing: a response dataset needs \"source\" and \"response\" with \"values\"",
            name);
  COM_CHECK(c, com_json_get(j, "response"), COM_E_DATA,
            "%s: response is missing: a response dataset needs \"source\" and \"response\" with \"values\"",
            name);
  COM_CHECK(c, n > 0, COM_E_DATA, "%s: source.values is empty: at least one point is needed", name);
  COM_CHECK(c, f->response.values.n == n, COM_E_DATA,
            "%s: response.values has %zu entries but source.values has %zu: they must pair up", name,
            f->response.values.n, n);
  COM_TRY(all_finite(c, name, "source.values", f->source.values.v, n));
  COM_TRY(all_finite(c, name, "response.values", f->response.values.v, n));
  COM_CHECK(c, !(f->response.errors.n && f->response.covariance), COM_E_DATA,
            "%s: response has both \"errors\" and \"covariance\": give one of them", name);
  if (com_json_get(com_json_get(j, "response"), "errors")) {
    const com_reals *e = &f->response.errors;
    COM_CHECK(c, e->n == n, COM_E_DATA, "%s: response.errors has %zu entries: must have %zu, one per value",
              name, e->n, n);
    COM_TRY(all_finite(c, name, "response.errors", e->v, n));
    for (size_t i = 0; i < n; i++)
      COM_CHECK(c, e->v[i] > 0, COM_E_DATA,
                "%s: response.errors[%zu] = %g: must be > 0 (one standard deviation)", name, i, e->v[i]);
    COM_TRY(take(c, &f->response.errors, &d->error));
  }
  if (f->response.covariance) {
    COM_TRY(read_covariance(c, name, f->response.covariance, n, &d->cov));
    COM_ALLOC(c, d->error = malloc(n * sizeof *d->error));
    for (size_t i = 0; i < n; i++) d->error[i] = sqrt(d->cov[i * n + i]);
  }
  d->n = n;
  COM_TRY(take(c, &f->source.values, &d->source));
  return take(c, &f->response.values, &d->response);
}

static com_status read_labelled(com_ctx *c, const char *name, file *f, ads_dataset *d) {
  const size_t n = f->phi.n;
  COM_CHECK(c, n > 0, COM_E_DATA, "%s: phi is missing or empty: a labelled dataset needs phi, pi and label",
            name);
  COM_CHECK(c, f->pi.n == n, COM_E_DATA, "%s: pi has %zu entries: must have %zu like phi", name, f->pi.n, n);
  COM_CHECK(c, f->label.n == n, COM_E_DATA, "%s: label has %zu entries: must have %zu like phi", name,
            f->label.n, n);
  COM_TRY(all_finite(c, name, "phi", f->phi.v, n));
  COM_TRY(all_finite(c, name, "pi", f->pi.v, n));
  COM_ALLOC(c, d->label = malloc(n * sizeof *d->label));
  for (size_t i = 0; i < n; i++) {
    COM_CHECK(c, f->label.v[i] == 0 || f->label.v[i] == 1, COM_E_DATA,
              "%s: label[%zu] = %g: must be 0 (on shell) or 1", name, i, f->label.v[i]);
    d->label[i] = (int)f->label.v[i];
  }
  d->n = n;
  COM_TRY(take(c, &f->phi, &d->phi));
  return take(c, &f->pi, &d->pi);
}

static com_status read_temperature(com_ctx *c, const char *name, const quantity *q, ads_dataset *d) {
  d->T = d->T_error = NAN;
  if (isnan(q->value)) return COM_OK;
  char where[256];
  snprintf(where, sizeof where, "%s: temperature.unit", name);
  double factor = 1;
  /* A material's temperature in kelvin, or a lattice's in units of its coupling, stays what it is. */
  if (strcmp(q->unit, "K") != 0 && strcmp(q->unit, "1") != 0)
    COM_TRY(ads_units_factor(c, where, q->unit, "GeV", &factor));
  COM_CHECK(c, q->value >= 0, COM_E_DATA, "%s: temperature.value = %g: must be >= 0", name, q->value);
  d->T = factor * q->value;
  d->T_error = factor * q->error;
  return COM_OK;
}

static com_status build(com_ctx *c, const char *name, file *f, const cJSON *j, ads_dataset *d) {
  COM_CHECK(c, f->schema, COM_E_CONFIG, "%s: schema is missing: must be \"holograd/dataset/1\"", name);
  d->kind = (ads_dataset_kind)f->kind;
  d->scale_error = f->response.scale_error;
  COM_ALLOC(c, d->name = own(f->name));
  COM_ALLOC(c, d->title = own(f->title ? f->title : f->name));
  COM_ALLOC(c, d->source_name = own(f->source.name));
  COM_ALLOC(c, d->response_name = own(f->response.name));
  COM_ALLOC(c, d->source_unit = own(f->source.unit));
  COM_ALLOC(c, d->response_unit = own(f->response.unit));
  COM_ALLOC(c, d->json = com_json_copy(j));
  COM_TRY(read_temperature(c, name, &f->temperature, d));
  return d->kind == ADS_DATASET_LABELLED ? read_labelled(c, name, f, d) : read_response(c, name, f, j, d);
}

/* Before the keys: those of another kind of file would be called unknown. */
static com_status check_schema(com_ctx *c, const char *name, const cJSON *j) {
  const char *schema = com_json_str(com_json_get(j, "schema"), "holograd/dataset/1");
  const int lattice = strncmp(schema, "holograd/lattice/", 17) == 0;
  COM_CHECK(c, strcmp(schema, "holograd/dataset/1") == 0, COM_E_CONFIG,
            "%s: schema = \"%s\": must be \"holograd/dataset/1\"%s", name, schema,
            lattice
                ? "; a lattice potential is fitted as an entry of \"datasets\" with the loss \"potential\" "
                  "(examples/17_joint_fit)"
                : "");
  return COM_OK;
}

com_status ads_dataset_parse(com_ctx *c, const char *name, const cJSON *j, ads_dataset **out) {
  com_status status = COM_OK;
  file f = {0};
  *out = NULL;
  COM_TRY(check_schema(c, name, j));
  COM_TRY(com_field_read(c, COM_E_DATA, ads_dataset_fields, name, "", j, &f));
  ads_dataset *d = calloc(1, sizeof *d);
  if (!d) status = COM_FAIL(c, COM_E_MEM, "out of memory");
  if (!status) status = build(c, name, &f, j, d);
  com_field_finish(ads_dataset_fields, &f);
  if (status) {
    ads_dataset_destroy(d);
    return status;
  }
  *out = d;
  return COM_OK;
}

com_status ads_dataset_load(com_ctx *c, const char *base, const cJSON *in, ads_dataset **out) {
  *out = NULL;
  if (com_json_is_object(in)) {
    char name[512];
    snprintf(name, sizeof name, "%s (inline dataset)", base ? base : "-");
    return ads_dataset_parse(c, name, in, out);
  }
  COM_CHECK(c, com_json_is_string(in), COM_E_CONFIG,
            "%s: dataset: must be the path of a dataset file or an inline dataset object", base ? base : "-");
  char *path = NULL;
  cJSON *j = NULL;
  COM_TRY(com_fs_resolve(c, base, com_json_str(in, ""), &path));
  com_status status = com_json_load(c, path, &j);
  if (status)
    status = com_ctx_while(c, status, "reading the dataset of %s%s", base ? base : "-",
                           status == COM_E_NOINPUT ? "; a path in a file is relative to that file" : "");
  if (!status) status = ads_dataset_parse(c, path, j, out);
  com_json_free(j);
  free(path);
  return status;
}

void ads_dataset_destroy(ads_dataset *d) {
  if (!d) return;
  free(d->name);
  free(d->title);
  free(d->source);
  free(d->response);
  free(d->error);
  free(d->cov);
  free(d->source_name);
  free(d->response_name);
  free(d->source_unit);
  free(d->response_unit);
  free(d->phi);
  free(d->pi);
  free(d->label);
  com_json_free(d->json);
  free(d);
}

static com_status convert(com_ctx *c, const ads_dataset *d, const char *key, char **unit, const char *want,
                          double *factor) {
  *factor = 1;
  if (!want || strcmp(*unit, "1") == 0 || strcmp(*unit, want) == 0) return COM_OK;
  char where[256];
  snprintf(where, sizeof where, "dataset %s: %s.unit", d->name, key);
  COM_TRY(ads_units_factor(c, where, *unit, want, factor));
  char *u = own(want);
  COM_ALLOC(c, u);
  free(*unit);
  *unit = u;
  return COM_OK;
}

/* A unit that is missing counts as "1", which is always allowed; but it may have been forgotten. */
static void forgotten(com_ctx *c, const ads_dataset *d, const char *what, const char *wanted) {
  if (wanted && strcmp(wanted, "1") && !com_json_get(com_json_get(d->json, what), "unit"))
    com_ctx_warn(
        c, "no_unit",
        "dataset %s: %s.unit is missing; its numbers are taken as %s (write \"unit\":\"%s\", or \"1\")",
        d->name, what, wanted, wanted);
}

com_status ads_dataset_convert(com_ctx *c, ads_dataset *d, const char *source_unit,
                               const char *response_unit) {
  double fs = 1, fr = 1;
  if (d->kind == ADS_DATASET_LABELLED) return COM_OK;
  forgotten(c, d, "source", source_unit);
  forgotten(c, d, "response", response_unit);
  COM_TRY(convert(c, d, "source", &d->source_unit, source_unit, &fs));
  COM_TRY(convert(c, d, "response", &d->response_unit, response_unit, &fr));
  for (size_t i = 0; i < d->n; i++) {
    d->source[i] *= fs;
    d->response[i] *= fr;
    if (d->error) d->error[i] *= fr;
  }
  if (d->cov)
    for (size_t i = 0; i < d->n * d->n; i++) d->cov[i] *= fr * fr;
  return COM_OK;
}

com_status ads_dataset_noise(com_ctx *c, ads_dataset *d, double noise) {
  if (d->kind == ADS_DATASET_LABELLED || d->error || isnan(noise)) return COM_OK;
  COM_ALLOC(c, d->error = malloc(d->n * sizeof *d->error));
  for (size_t i = 0; i < d->n; i++) {
    d->error[i] = noise * fabs(d->response[i]);
    COM_CHECK(
        c, d->error[i] > 0, COM_E_DATA,
        "dataset %s: response.values[%zu] = 0 has no error at loss.noise = %g: drop the point or give errors",
        d->name, i, noise);
  }
  return COM_OK;
}

void ads_dataset_widen(ads_dataset *d, double error) {
  for (size_t i = 0; d->error && i < d->n; i++) {
    d->error[i] = hypot(d->error[i], error);
    if (d->cov) d->cov[i * d->n + i] += error * error;
  }
}
