/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "files/diff.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ads/units.h"
#include "common/result.h"
#include "common/series.h"

#define AT(m) offsetof(files_diff_opts, m)
const com_field files_diff_fields[] = {
    {"schema", "holograd/diff/1", NULL, COM_F_STRING, AT(schema), 0, 0, 0, NULL, NULL, 0},
    {"a", "a result", NULL, COM_F_RAW, AT(a), 0, 0, 0, NULL, NULL, COM_FF_REQUIRED},
    {"b", "the result it is compared with", NULL, COM_F_RAW, AT(b), 0, 0, 0, NULL, NULL, COM_FF_REQUIRED},
    {"sigma", "largest difference that agrees, in units of the combined errors", "1", COM_F_REAL, AT(sigma),
     3, 0, 1e12, NULL, NULL, 0},
    {"rel", "the same for columns without errors: relative to the largest entry", "1", COM_F_REAL, AT(rel),
     1e-6, 0, 1e12, NULL, NULL, 0},
    {"column", "compare only these columns (or all that begin with NAME.)", NULL, COM_F_STRINGS, AT(column),
     0, 0, 0, NULL, NULL, 0},
    {"all", "a column of a that b lacks differs, instead of being passed over", NULL, COM_F_BOOL, AT(all), 0,
     0, 0, NULL, NULL, 0},
    {0}};
#undef AT

/* The outcome for one column: the worst row. */
typedef struct worst {
  double sigma; /* |a - b| / sqrt(ea^2 + eb^2), NAN without errors */
  double rel;   /* |a - b| / max |a|, |b| over the column */
  int differs;
  const char *why; /* NULL, or what makes a comparison row by row impossible */
} worst;

static int wanted(const files_diff_opts *a, const char *name) {
  for (size_t i = 0; i < a->column.n; i++) {
    size_t n = strlen(a->column.v[i]);
    if (!strncmp(name, a->column.v[i], n) && (!name[n] || name[n] == '.')) return 1;
  }
  return a->column.n == 0;
}

static double largest(const com_series *s, double factor) {
  double m = 0;
  for (size_t i = 0; i < s->n; i++)
    if (fabs(factor * s->v[i]) > m) m = fabs(factor * s->v[i]);
  return m;
}

/* sigma_i = |a_i - f b_i| / sqrt(ea_i^2 + (f eb_i)^2);  rel_i = |a_i - f b_i| / max_k(|a_k|, |f b_k|) */
static worst compare(const files_diff_opts *o, const com_series *a, const com_series *b, double f) {
  worst w = {.sigma = a->err || b->err ? 0 : NAN};
  if (a->n != b->n) return (worst){.sigma = NAN, .rel = NAN, .differs = 1, .why = "other length"};
  const double scale = fmax(largest(a, 1), largest(b, f));
  for (size_t i = 0; i < a->n; i++) {
    const double x = a->v[i], y = f * b->v[i], delta = fabs(x - y);
    if (isnan(x) && isnan(y)) continue;
    if (isnan(x) || isnan(y))
      return (worst){.sigma = NAN, .rel = NAN, .differs = 1, .why = "null on one side"};
    const double e = hypot(a->err ? a->err[i] : 0, b->err ? f * b->err[i] : 0);
    const double rel = delta > 0 ? delta / scale : 0, sigma = delta > 0 ? delta / e : 0;
    w.rel = fmax(w.rel, rel);
    if (!isnan(w.sigma)) w.sigma = fmax(w.sigma, sigma);
    w.differs |= isnan(w.sigma) || !(e > 0) ? !(rel <= o->rel) : !(sigma <= o->sigma);
  }
  return w;
}

typedef struct columns {
  size_t n, n_differ;
  const char **name, **verdict;
  double *sigma, *rel;
} columns;

static com_status compare_all(com_ctx *c, const files_diff_opts *o, const com_series_list *a,
                              const com_series_list *b, columns *out) {
  const size_t max = a->n + b->n + 1;
  COM_ALLOC(c, out->name = calloc(max, sizeof *out->name));
  COM_ALLOC(c, out->verdict = calloc(max, sizeof *out->verdict));
  COM_ALLOC(c, out->sigma = calloc(max, sizeof *out->sigma));
  COM_ALLOC(c, out->rel = calloc(max, sizeof *out->rel));
  for (size_t i = 0; i < a->n; i++) {
    const com_series *x = &a->v[i], *y = com_series_find(b, x->name);
    double factor = 1;
    if (!wanted(o, x->name) || (!y && !o->all)) continue;
    if (y && strcmp(x->unit, y->unit) && *x->unit && *y->unit)
      COM_TRY(ads_units_factor(c, x->name, y->unit, x->unit, &factor));
    const worst w = y ? compare(o, x, y, factor) : (worst){NAN, NAN, 1, "only in the first"};
    out->name[out->n] = x->name;
    out->sigma[out->n] = w.sigma;
    out->rel[out->n] = w.rel;
    out->verdict[out->n++] = w.why ? w.why : w.differs ? "differs" : "agrees";
    out->n_differ += (size_t)(w.differs != 0);
  }
  return COM_OK;
}

static void columns_finish(columns *x) {
  free(x->name);
  free(x->verdict);
  free(x->sigma);
  free(x->rel);
}

static com_status make_table(com_ctx *c, const columns *x, com_table **out) {
  COM_TRY(com_table_create(c, out));
  COM_TRY(com_table_add_text(c, *out, "column", x->n, x->name));
  COM_TRY(com_table_add(c, *out, "sigma", "1", NULL, x->n, x->sigma, NULL));
  COM_TRY(com_table_add(c, *out, "relative", "1", NULL, x->n, x->rel, NULL));
  return com_table_add_text(c, *out, "verdict", x->n, x->verdict);
}

com_status files_diff_run(com_ctx *c, const files_diff_opts *o, const char *const file[2],
                          const cJSON *const j[2], com_table **table) {
  com_status status = COM_OK;
  com_series_list list[2] = {{0}, {0}};
  columns x = {0};
  *table = NULL;
  for (size_t k = 0; k < 2; k++) COM_GOTO(done, com_series_collect(c, file[k], j[k], &list[k]));
  COM_GOTO(done, compare_all(c, o, &list[0], &list[1], &x));
  if (!x.n)
    COM_GOTO(done,
             COM_FAIL(c, COM_E_DATA,
                      "%s and %s: have no column of numbers in common%s; give results or tables of one kind",
                      file[0], file[1], o->column.n ? " of the names that were asked for" : ""));
  COM_GOTO(done, make_table(c, &x, table));
  if (x.n_differ)
    status = COM_FAIL(c, COM_E_NEGATIVE, "%s and %s: %zu of %zu columns differ", file[0], file[1], x.n_differ,
                      x.n);
done:
  columns_finish(&x);
  for (size_t k = 0; k < 2; k++) com_series_finish(&list[k]);
  if (status && status != COM_E_NEGATIVE) {
    com_table_destroy(*table);
    *table = NULL;
  }
  return status;
}

com_status files_diff_wrap(com_ctx *c, const com_table *table, cJSON **doc) {
  return com_result_wrap(c, "holograd/diff/1", NULL, com_table_json(table), doc);
}

com_status files_diff_document(com_ctx *c, const char *file, const cJSON *j, cJSON **doc) {
  files_diff_opts o;
  com_table *table = NULL;
  char name[2][256];
  *doc = NULL;
  COM_TRY(com_result_expect(c, file, j, "diff"));
  COM_TRY(com_field_read(c, COM_E_CONFIG, files_diff_fields, file, "", j, &o));
  for (int k = 0; k < 2; k++) snprintf(name[k], sizeof name[k], "%.200s: %c", file, "ab"[k]);
  const com_status made = files_diff_run(c, &o, (const char *const[2]){name[0], name[1]},
                                         (const cJSON *const[2]){o.a, o.b}, &table);
  const com_status wrapped = table ? files_diff_wrap(c, table, doc) : COM_OK;
  com_table_destroy(table);
  com_field_finish(files_diff_fields, &o);
  return wrapped ? wrapped : made;
}
