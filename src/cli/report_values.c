/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/report_values.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cli/report_keys.h"
#include "common/series.h"
#include "common/html.h"

enum { SHORT = 12, PATH = 512 }; /* longer arrays are tables; longest dotted path */

typedef struct walk {
  com_ctx *c;
  const char *file;
  com_text *numbers, *tables;
} walk;

/* What stands elsewhere on the page. */
static int is_passed_over(const char *key) {
  static const char *const keys[] = {"schema",     "build",    "config",  "inputs", "seed", "volatile",
                                     "provenance", "warnings", "columns", "rows",   NULL};
  for (size_t i = 0; keys[i]; i++)
    if (strcmp(key, keys[i]) == 0) return 1;
  return key[0] == '#';
}

/* ---- names ---- */

static void join(char out[PATH], const char *path, const char *key) {
  snprintf(out, PATH, "%.400s%s%.100s", path, *path ? "." : "", key);
}

static const char *caption_of(const char *path) {
  const cli_report_key *k = cli_report_keys_find(path);
  return k ? k->label : *path ? path : "Values";
}

static void open_row(const walk *w, const char *path) {
  const cli_report_key *k = cli_report_keys_find(path);
  com_text_add(w->numbers, "<tr><th scope=\"row\">");
  if (k)
    com_html_label(w->numbers, k->label);
  else {
    com_text_add(w->numbers, "<code>");
    com_html_text(w->numbers, path);
    com_text_add(w->numbers, "</code>");
  }
  if (k && k->meaning) {
    com_text_add(w->numbers, "<small>");
    com_html_label(w->numbers, k->meaning);
    com_text_add(w->numbers, "</small>");
  }
  com_text_add(w->numbers, "</th><td>");
}

/* ---- one value ---- */

static int is_scalar(const cJSON *j) { return !com_json_is_object(j) && !com_json_is_array(j); }

static void put_value(com_text *out, const cJSON *v, const cJSON *err, const char *unit) {
  if (com_json_is_number(v))
    com_html_number(out, com_json_num(v, NAN), com_json_num(err, NAN));
  else if (com_json_is_bool(v))
    com_text_add(out, com_json_true(v) ? "yes" : "no");
  else
    com_html_text(out, com_json_str(v, "\xe2\x80\x93"));
  if (!unit || !*unit || strcmp(unit, "1") == 0) return;
  com_text_add(out, " ");
  com_html_label(out, unit);
}

static void put_number(const walk *w, const char *path, const cJSON *v, const cJSON *err, const char *unit) {
  open_row(w, path);
  put_value(w->numbers, v, err, unit);
  com_text_add(w->numbers, "</td></tr>\n");
}

static void put_short(const walk *w, const char *path, const cJSON *array) {
  open_row(w, path);
  for (const cJSON *x = com_json_first(array); x; x = com_json_next(x)) {
    put_value(w->numbers, x, NULL, NULL);
    com_text_add(w->numbers, com_json_next(x) ? ", " : "");
  }
  com_text_add(w->numbers, "</td></tr>\n");
}

/* ---- tables ---- */

static com_status put_table(const walk *w, const char *path, const cJSON *j) {
  com_table *t = NULL;
  COM_TRY(com_table_read(w->c, w->file, j, NULL, &t));
  com_html_table(w->tables, caption_of(path), t);
  com_table_destroy(t);
  return COM_OK;
}

/* Values of one key of n rows, into v; text when a value is neither number nor null.  Rows: rows[i], i < n. */
typedef struct cells {
  double *v, *err;
  char **text; /* owned strings */
  size_t n;
  int has_number, has_text, has_error;
} cells;

static void cells_free(cells *x) {
  for (size_t i = 0; x->text && i < x->n; i++) free(x->text[i]);
  free(x->text);
  free(x->v);
  free(x->err);
  *x = (cells){0};
}

static com_status cells_make(com_ctx *c, size_t n, cells *x) {
  *x = (cells){.n = n};
  x->v = malloc((n + 1) * sizeof *x->v);
  x->err = malloc((n + 1) * sizeof *x->err);
  x->text = calloc(n + 1, sizeof *x->text);
  return x->v && x->err && x->text ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
}

static com_status cells_set(com_ctx *c, cells *x, size_t i, const cJSON *v, const cJSON *err) {
  com_text t = {0};
  x->v[i] = com_json_num(v, NAN);
  x->err[i] = com_json_num(err, NAN);
  x->has_number |= com_json_is_number(v);
  x->has_error |= com_json_is_number(err);
  x->has_text |= com_json_is_string(v) || com_json_is_bool(v);
  if (com_json_is_string(v))
    com_text_add(&t, com_json_str(v, ""));
  else if (com_json_is_bool(v))
    com_text_add(&t, com_json_true(v) ? "yes" : "no");
  else if (com_json_is_number(v))
    com_text_printf(&t, "%.6g", x->v[i]);
  return com_text_take(c, &t, &x->text[i]);
}

static com_status cells_add(com_ctx *c, com_table *t, const char *name, const char *unit, const cells *x) {
  if (x->has_text) return com_table_add_text(c, t, name, x->n, (const char *const *)x->text);
  return com_table_add(c, t, name, unit, NULL, x->n, x->v, x->has_error ? x->err : NULL);
}

/* The error of a member as a page shows it: of a prediction there is none, although the datum beside it has one. */
static const cJSON *error_of(const cJSON *obj, const char *key) {
  return strncmp(key, "predicted", 9) == 0 ? NULL : com_series_error(obj, key);
}

static int all_scalars(const cJSON *array) {
  for (const cJSON *x = com_json_first(array); x; x = com_json_next(x))
    if (!is_scalar(x)) return 0;
  return 1;
}

/* A column under the name that people read. */
static void column_name(const char *path, const char *key, char out[PATH]) {
  char full[PATH];
  join(full, path, key);
  const cli_report_key *k = cli_report_keys_find(full);
  snprintf(out, PATH, "%s", k ? k->label : key);
}

/* The cell of member `key` of each row, or of its entry `index` when that is not negative. */
static com_status put_member(const walk *w, com_table *t, const char *path, const cJSON *first, size_t n,
                             const char *key, int index) {
  cells x;
  char name[PATH];
  const cJSON *row = first;
  com_status status = cells_make(w->c, n, &x);
  column_name(path, key, name);
  if (index >= 0) snprintf(name + strlen(name), PATH - strlen(name), "_{%d}", index);
  for (size_t i = 0; i < n && !status; i++, row = com_json_next(row)) {
    const cJSON *v = com_json_get(row, key);
    status = cells_set(w->c, &x, i, index < 0 ? v : com_json_at(v, (size_t)index),
                       index < 0 ? error_of(row, key) : NULL);
  }
  if (!status) status = cells_add(w->c, t, name, NULL, &x);
  cells_free(&x);
  return status;
}

static com_status put_names(const walk *w, com_table *t, const cJSON *first, size_t n) {
  const char **names = malloc((n + 1) * sizeof *names);
  const cJSON *row = first;
  COM_ALLOC(w->c, names);
  for (size_t i = 0; i < n; i++, row = com_json_next(row)) names[i] = com_json_key(row);
  const com_status status = com_table_add_text(w->c, t, "name", n, names);
  free(names);
  return status;
}

static int is_short(const cJSON *j) {
  return com_json_is_array(j) && com_json_size(j) <= SHORT && all_scalars(j);
}

/* One row per object; one column per scalar member of the first, and per entry of its short arrays.
 * @param named the first column holds the keys */
static com_status put_objects(const walk *w, const char *path, const cJSON *first, size_t n, int named) {
  com_table *t = NULL;
  com_status status = com_table_create(w->c, &t);
  if (!status && named) status = put_names(w, t, first, n);
  for (const cJSON *k = com_json_first(first); k && !status; k = com_json_next(k)) {
    const char *key = com_json_key(k);
    if (com_series_is_error(key)) continue;
    if (is_scalar(k)) status = put_member(w, t, path, first, n, key, -1);
    for (int i = 0; is_short(k) && i < (int)com_json_size(k) && !status; i++)
      status = put_member(w, t, path, first, n, key, i);
  }
  if (!status && com_table_cols(t) > 1) com_html_table(w->tables, caption_of(path), t);
  com_table_destroy(t);
  return status;
}

static com_status add_column(const walk *w, com_table *t, const char *name, const char *unit, const cJSON *v,
                             const cJSON *err) {
  cells x;
  const size_t n = com_json_size(v);
  const cJSON *e = com_json_size(err) == n ? com_json_first(err) : NULL;
  com_status status = cells_make(w->c, n, &x);
  const cJSON *item = com_json_first(v);
  for (size_t i = 0; i < n && !status; i++, item = com_json_next(item), e = e ? com_json_next(e) : NULL)
    status = cells_set(w->c, &x, i, item, e);
  if (!status) status = cells_add(w->c, t, name, unit, &x);
  cells_free(&x);
  return status;
}

/* {"name","unit","values"[,"errors"]}: what a dataset makes its columns of. */
static int is_column(const cJSON *j) {
  return com_json_is_object(j) && com_json_is_array(com_json_get(j, "values"));
}
static const cJSON *column_values(const cJSON *j) { return is_column(j) ? com_json_get(j, "values") : j; }

/* Members of `obj` that are columns of as many rows as `first`, from there on: one table. */
static com_status put_columns(const walk *w, const char *path, const cJSON *obj, const cJSON *first) {
  com_table *t = NULL;
  const size_t n = com_json_size(column_values(first));
  com_status status = com_table_create(w->c, &t);
  for (const cJSON *m = first; m && !status; m = com_json_next(m)) {
    const cJSON *v = column_values(m);
    const char *key = com_json_key(m);
    if (!com_json_is_array(v) || com_json_size(v) != n || !all_scalars(v) || com_series_is_error(key))
      continue;
    status = is_column(m)
                 ? add_column(w, t, com_json_str(com_json_get(m, "name"), key),
                              com_json_str(com_json_get(m, "unit"), NULL), v, com_json_get(m, "errors"))
                 : add_column(w, t, key, NULL, v, error_of(obj, key));
  }
  if (!status) com_html_table(w->tables, caption_of(path), t);
  com_table_destroy(t);
  return status;
}

/* Was this length met before, in this object?  Then its columns stand in that table. */
static int met_before(const cJSON *obj, const cJSON *here) {
  const size_t n = com_json_size(column_values(here));
  for (const cJSON *m = com_json_first(obj); m != here; m = com_json_next(m)) {
    const cJSON *v = column_values(m);
    if (com_json_is_array(v) && com_json_size(v) == n && n > (is_column(m) ? 0 : SHORT) && all_scalars(v) &&
        !com_series_is_error(com_json_key(m)))
      return 1;
  }
  return 0;
}

static com_status put_matrix(const walk *w, const char *path, const cJSON *rows) {
  com_table *t = NULL;
  const size_t n = com_json_size(rows), cols = com_json_size(com_json_first(rows));
  com_status status = com_table_create(w->c, &t);
  for (size_t k = 0; k < cols && !status; k++) {
    cells x;
    char name[24];
    snprintf(name, sizeof name, "%zu", k + 1);
    const cJSON *row = com_json_first(rows);
    status = cells_make(w->c, n, &x);
    for (size_t i = 0; i < n && !status; i++, row = com_json_next(row))
      status = cells_set(w->c, &x, i, com_json_at(row, k), NULL);
    if (!status) status = cells_add(w->c, t, name, NULL, &x);
    cells_free(&x);
  }
  if (!status && cols) com_html_table(w->tables, caption_of(path), t);
  com_table_destroy(t);
  return status;
}

/* ---- the walk ---- */

static int same_shape(const cJSON *a, const cJSON *b) {
  return (is_scalar(a) && is_scalar(b)) ||
         (is_short(a) && is_short(b) && com_json_size(a) == com_json_size(b));
}

static int same_form(const cJSON *a, const cJSON *b) {
  if (!com_json_is_object(a) || !com_json_is_object(b) || com_json_size(a) != com_json_size(b)) return 0;
  const cJSON *y = com_json_first(b);
  for (const cJSON *x = com_json_first(a); x; x = com_json_next(x), y = com_json_next(y))
    if (strcmp(com_json_key(x), com_json_key(y)) != 0 || !same_shape(x, y)) return 0;
  return com_json_size(a) > 1;
}

static com_status visit(const walk *w, const char *path, const cJSON *obj);

static com_status visit_array(const walk *w, const char *path, const char *parent, const cJSON *obj,
                              const cJSON *m) {
  const size_t n = com_json_size(m);
  if (!n) return COM_OK;
  if (com_json_is_object(com_json_first(m))) return put_objects(w, path, com_json_first(m), n, 0);
  if (com_json_is_array(com_json_first(m))) return put_matrix(w, path, m);
  if (!all_scalars(m)) return COM_OK;
  if (n > SHORT) return met_before(obj, m) ? COM_OK : put_columns(w, parent, obj, m);
  put_short(w, path, m);
  return COM_OK;
}

/* @param run length of the row of equal objects that begins here */
static com_status visit_object(const walk *w, const char *path, const char *parent, const cJSON *obj,
                               const cJSON *m, size_t run) {
  if (run > 1) return put_objects(w, parent, m, run, 1);
  if (is_column(m)) return met_before(obj, m) ? COM_OK : put_columns(w, parent, obj, m);
  if (com_json_is_number(com_json_get(m, "value"))) {
    put_number(w, path, com_json_get(m, "value"), com_json_get(m, "error"),
               com_json_str(com_json_get(m, "unit"), NULL));
    return COM_OK;
  }
  return visit(w, path, m);
}

static com_status visit(const walk *w, const char *path, const cJSON *obj) {
  if (com_json_is_array(com_json_get(obj, "columns")) && com_json_is_array(com_json_get(obj, "rows")))
    COM_TRY(put_table(w, path, obj));
  for (const cJSON *m = com_json_first(obj); m;) {
    const char *key = com_json_key(m);
    char name[PATH];
    size_t run = 1;
    join(name, path, key);
    const cJSON *next = com_json_next(m);
    for (; same_form(m, next); next = com_json_next(next)) run++;
    if (!is_passed_over(key) && !com_series_is_error(key)) {
      if (com_json_is_array(m))
        COM_TRY(visit_array(w, name, path, obj, m));
      else if (com_json_is_object(m))
        COM_TRY(visit_object(w, name, path, obj, m, run));
      else
        put_number(w, name, m, error_of(obj, key), NULL);
    }
    m = next;
  }
  return COM_OK;
}

com_status cli_report_values(com_ctx *c, const char *file, const cJSON *j, com_text *numbers,
                             com_text *tables) {
  const walk w = {c, file, numbers, tables};
  return com_json_is_object(j) ? visit(&w, "", j) : COM_OK; /* a damaged file may have anything here */
}
