/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/table.h"
#include "common/text.h"

typedef struct column {
  char *name, *unit, *tex; /* tex NULL = none; unit "" for text */
  double *v, *err;         /* [rows]; v NULL for text, err NULL when none */
  char **text;             /* [rows] */
} column;

struct com_table {
  size_t rows, cols;
  column *col;
};

com_status com_table_create(com_ctx *c, com_table **out) {
  COM_ALLOC(c, *out = calloc(1, sizeof **out));
  return COM_OK;
}

static void column_finish(column *k, size_t rows) {
  for (size_t i = 0; k->text && i < rows; i++) free(k->text[i]);
  free(k->text);
  free(k->v);
  free(k->err);
  free(k->name);
  free(k->unit);
  free(k->tex);
}

void com_table_destroy(com_table *t) {
  if (!t) return;
  for (size_t j = 0; j < t->cols; j++) column_finish(&t->col[j], t->rows);
  free(t->col);
  free(t);
}

/* calloc of at least one entry, so that NULL always means out of memory. */
static void *room(size_t n, size_t size) { return calloc(n ? n : 1, size); }

static double *copy_reals(const double *v, size_t n) {
  double *w = room(n, sizeof *w);
  if (w && v && n) memcpy(w, v, n * sizeof *w);
  return w;
}

static char **copy_texts(const char *const *v, size_t n) {
  char **w = room(n, sizeof *w);
  int ok = w != NULL;
  for (size_t i = 0; ok && i < n; i++) ok = (w[i] = strdup(v[i] ? v[i] : "")) != NULL;
  for (size_t i = 0; w && !ok && i < n; i++) free(w[i]);
  if (!ok) free(w);
  return ok ? w : NULL;
}

/* Exactly one of v, text is given. */
static com_status add(com_ctx *c, com_table *t, const char *name, const char *unit, const char *tex, size_t n,
                      const double *v, const double *err, const char *const *text) {
  COM_CHECK(c, !t->cols || n == t->rows, COM_E_NUM, "table: column %s has %zu rows, the others have %zu",
            name, n, t->rows);
  COM_CHECK(c, com_table_find(t, name) == (size_t)-1, COM_E_NUM, "table: there are two columns %s", name);
  column *more;
  COM_ALLOC(c, more = realloc(t->col, (t->cols + 1) * sizeof *more));
  t->col = more;

  column k = {.name = strdup(name), .unit = strdup(unit ? unit : "")};
  int ok = k.name && k.unit;
  if (tex) ok = ok && (k.tex = strdup(tex));
  if (text) ok = ok && (k.text = copy_texts(text, n));
  if (!text) ok = ok && (k.v = copy_reals(v, n));
  if (err) ok = ok && (k.err = copy_reals(err, n));
  if (!ok) {
    column_finish(&k, n);
    return COM_FAIL(c, COM_E_MEM, "out of memory");
  }
  t->col[t->cols++] = k;
  t->rows = n;
  return COM_OK;
}

com_status com_table_add(com_ctx *c, com_table *t, const char *name, const char *unit, const char *tex,
                         size_t n, const double *v, const double *err) {
  return add(c, t, name, unit, tex, n, v, err, NULL);
}

com_status com_table_add_text(com_ctx *c, com_table *t, const char *name, size_t n, const char *const *v) {
  return add(c, t, name, NULL, NULL, n, NULL, NULL, v);
}

size_t com_table_rows(const com_table *t) { return t->rows; }
size_t com_table_cols(const com_table *t) { return t->cols; }

size_t com_table_find(const com_table *t, const char *name) {
  for (size_t j = 0; j < t->cols; j++)
    if (!strcmp(t->col[j].name, name)) return j;
  return (size_t)-1;
}

const char *com_table_name(const com_table *t, size_t col) { return t->col[col].name; }
const char *com_table_unit(const com_table *t, size_t col) { return t->col[col].unit; }
const double *com_table_values(const com_table *t, size_t col) { return t->col[col].v; }
const double *com_table_column(const com_table *t, const char *name) {
  const size_t j = com_table_find(t, name);
  return j == (size_t)-1 ? NULL : t->col[j].v;
}
const double *com_table_errors(const com_table *t, size_t col) { return t->col[col].err; }
const char *com_table_text_at(const com_table *t, size_t col, size_t row) {
  return t->col[col].text ? t->col[col].text[row] : NULL;
}

/* ---- JSON ---- */

static com_status describe(com_ctx *c, cJSON *columns, const column *k, const char *suffix) {
  com_status status = COM_OK;
  com_text name = {0};
  cJSON *o = com_json_object();
  com_text_printf(&name, "%s%s", k->name, suffix);
  if (name.failed) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
  COM_GOTO(done, com_json_add(c, o, "name", com_json_string(name.s)));
  COM_GOTO(done, com_json_add(c, o, "unit", com_json_string(k->unit)));
  COM_GOTO(done, com_json_add(c, o, "tex", *suffix ? com_json_null() : com_json_string(k->tex)));
  status = com_json_push(c, columns, o);
  o = NULL;
done:
  com_json_free(o);
  com_text_finish(&name);
  return status;
}

static com_status write_row(com_ctx *c, const com_table *t, size_t i, cJSON *row) {
  for (size_t j = 0; j < t->cols; j++) {
    const column *k = &t->col[j];
    COM_TRY(com_json_push(c, row, k->text ? com_json_string(k->text[i]) : com_json_real(k->v[i])));
    if (k->err) COM_TRY(com_json_push(c, row, com_json_real(k->err[i])));
  }
  return COM_OK;
}

cJSON *com_table_json(const com_table *t) {
  com_status status = COM_OK;
  cJSON *o = com_json_object(), *columns = com_json_array(), *rows = com_json_array(), *row = NULL;
  for (size_t j = 0; j < t->cols; j++) {
    COM_GOTO(done, describe(NULL, columns, &t->col[j], ""));
    if (t->col[j].err) COM_GOTO(done, describe(NULL, columns, &t->col[j], "_error"));
  }
  for (size_t i = 0; i < t->rows; i++) {
    row = com_json_array();
    COM_GOTO(done, write_row(NULL, t, i, row));
    status = com_json_push(NULL, rows, row);
    row = NULL;
    if (status) goto done;
  }
  status = com_json_add(NULL, o, "columns", columns);
  columns = NULL;
  if (status) goto done;
  status = com_json_add(NULL, o, "rows", rows);
  rows = NULL;
done:
  com_json_free(row);
  com_json_free(rows);
  com_json_free(columns);
  if (status) {
    com_json_free(o);
    return NULL;
  }
  return o;
}

/* Numbers and nulls, or strings only (then *text is filled). */
static com_status read_column(com_ctx *c, const char *file, const cJSON *rows, size_t j, double *v,
                              const char **text, int *is_text) {
  const size_t n = com_json_size(rows);
  *is_text = n > 0;
  for (size_t i = 0; i < n; i++)
    *is_text = *is_text && com_json_is_string(com_json_at(com_json_at(rows, i), j));
  for (size_t i = 0; i < n; i++) {
    const cJSON *item = com_json_at(com_json_at(rows, i), j);
    COM_CHECK(c, *is_text || com_json_is_number(item) || com_json_is_null(item), COM_E_DATA,
              "%s: rows[%zu][%zu]: must be a number or null", file, i, j);
    v[i] = com_json_num(item, NAN);
    text[i] = com_json_str(item, "");
  }
  return COM_OK;
}

/* Is column j + 1 called "NAME_error"? */
static int error_follows(const cJSON *columns, size_t j) {
  const char *name = com_json_str(com_json_get(com_json_at(columns, j), "name"), "");
  const char *next = com_json_str(com_json_get(com_json_at(columns, j + 1), "name"), "");
  const size_t n = strlen(name);
  return !strncmp(next, name, n) && !strcmp(next + n, "_error");
}

static com_status check_shape(com_ctx *c, const char *file, const cJSON *columns, const cJSON *rows) {
  COM_CHECK(c, com_json_is_array(columns) && com_json_is_array(rows), COM_E_DATA,
            "%s: a table needs the arrays \"columns\" and \"rows\"", file);
  for (size_t j = 0; j < com_json_size(columns); j++)
    COM_CHECK(c, com_json_is_string(com_json_get(com_json_at(columns, j), "name")), COM_E_DATA,
              "%s: columns[%zu].name: must be a string", file, j);
  for (size_t i = 0; i < com_json_size(rows); i++)
    COM_CHECK(c,
              com_json_is_array(com_json_at(rows, i)) &&
                  com_json_size(com_json_at(rows, i)) == com_json_size(columns),
              COM_E_DATA, "%s: rows[%zu]: must be an array of %zu entries, one per column", file, i,
              com_json_size(columns));
  return COM_OK;
}

/* One word of the needs of com_table_read: NAME, NAME$, +K or *. */
static com_status need(com_ctx *c, const char *file, const com_table *t, const char *word, size_t length) {
  char name[64];
  snprintf(name, sizeof name, "%.*s", (int)length, word);
  if (*name == '+' || *name == '*') {
    const size_t k = *name == '*' ? t->cols : strtoul(name + 1, NULL, 10);
    COM_CHECK(c, t->cols >= k, COM_E_DATA, "%s: columns: there are %zu, needs at least %zu", file, t->cols,
              k);
    for (size_t j = 0; j < k; j++)
      COM_CHECK(c, t->col[j].v, COM_E_DATA, "%s: column %s: must hold numbers", file, t->col[j].name);
    return COM_OK;
  }
  const int text = name[strlen(name) - 1] == '$';
  if (text) name[strlen(name) - 1] = '\0';
  const size_t j = com_table_find(t, name);
  COM_CHECK(c, j != (size_t)-1, COM_E_DATA, "%s: columns: there is none with the name %s", file, name);
  COM_CHECK(c, !t->rows || (t->col[j].v == NULL) == text, COM_E_DATA, "%s: column %s: must hold %s", file,
            name, text ? "strings" : "numbers");
  return COM_OK;
}

static com_status need_all(com_ctx *c, const char *file, const com_table *t, const char *needs) {
  for (const char *w = needs; w && *w;) {
    const size_t n = strcspn(w, " ");
    COM_TRY(need(c, file, t, w, n));
    w += n + (w[n] == ' ');
  }
  return COM_OK;
}

com_status com_table_read(com_ctx *c, const char *file, const cJSON *in, const char *needs, com_table **out) {
  com_status status = COM_OK;
  com_table *t = NULL;
  double *v = NULL, *err = NULL;
  const char **text = NULL;
  const cJSON *columns = com_json_get(in, "columns"), *rows = com_json_get(in, "rows");
  *out = NULL;
  COM_TRY(check_shape(c, file, columns, rows));
  COM_TRY(com_table_create(c, &t));
  const size_t n = com_json_size(rows);
  v = room(n, sizeof *v);
  err = room(n, sizeof *err);
  text = room(n, sizeof *text);
  if (!v || !err || !text) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
  for (size_t j = 0; j < com_json_size(columns); j++) {
    const cJSON *k = com_json_at(columns, j);
    const char *name = com_json_str(com_json_get(k, "name"), ""),
               *unit = com_json_str(com_json_get(k, "unit"), ""),
               *tex = com_json_str(com_json_get(k, "tex"), NULL);
    int is_text, error_is_text = 1;
    if (com_table_find(t, name) != (size_t)-1)
      COM_GOTO(done,
               COM_FAIL(c, COM_E_DATA, "%s: columns[%zu].name: there are two columns %s", file, j, name));
    COM_GOTO(done, read_column(c, file, rows, j, v, text, &is_text));
    const int paired = !is_text && j + 1 < com_json_size(columns) && error_follows(columns, j);
    if (is_text) {
      COM_GOTO(done, com_table_add_text(c, t, name, n, text));
      continue;
    }
    if (paired) COM_GOTO(done, read_column(c, file, rows, j + 1, err, text, &error_is_text));
    COM_GOTO(done, com_table_add(c, t, name, unit, tex, n, v, error_is_text ? NULL : err));
    j += !error_is_text;
  }
  COM_GOTO(done, need_all(c, file, t, needs));
  *out = t;
  t = NULL;
done:
  free(text);
  free(err);
  free(v);
  com_table_destroy(t);
  return status;
}

/* The unit 1 is not worth saying. */
static int said(const column *k) { return *k->unit && strcmp(k->unit, "1") != 0; }

/* ---- CSV ---- */

static void csv_real(com_text *out, double x) {
  char s[40];
  for (int digits = 15; digits <= 17; digits++) {
    snprintf(s, sizeof s, "%.*g", digits, x);
    if (strtod(s, NULL) == x) break;
  }
  com_text_add(out, isnan(x) ? "nan" : s);
}

static void csv_string(com_text *out, const char *s) {
  if (*s != '#' && !s[strcspn(s, ",;\"\t\r\n")]) {
    com_text_add(out, s);
    return;
  }
  com_text_add(out, "\"");
  for (; *s; s++)
    com_text_bytes(out, *s == '"' ? "\"\"" : *s == '\n' || *s == '\r' ? " " : s, *s == '"' ? 2 : 1);
  com_text_add(out, "\"");
}

/* "name [unit]" */
static void csv_name(com_text *out, const column *k, const char *suffix) {
  com_text name = {0};
  com_text_printf(&name, "%s%s", k->name, suffix);
  if (said(k)) com_text_printf(&name, " [%s]", k->unit);
  csv_string(out, name.s ? name.s : "");
  out->failed |= name.failed;
  com_text_finish(&name);
}

com_status com_table_csv(com_ctx *c, const com_table *t, char **text) {
  com_text out = {0};
  for (size_t j = 0; j < t->cols; j++) {
    if (j) com_text_add(&out, ",");
    csv_name(&out, &t->col[j], "");
    if (!t->col[j].err) continue;
    com_text_add(&out, ",");
    csv_name(&out, &t->col[j], "_error");
  }
  com_text_add(&out, "\n");
  for (size_t i = 0; i < t->rows; i++) {
    for (size_t j = 0; j < t->cols; j++) {
      const column *k = &t->col[j];
      if (j) com_text_add(&out, ",");
      if (k->text) {
        csv_string(&out, k->text[i]);
        continue;
      }
      csv_real(&out, k->v[i]);
      if (!k->err) continue;
      com_text_add(&out, ",");
      csv_real(&out, k->err[i]);
    }
    com_text_add(&out, "\n");
  }
  return com_text_take(c, &out, text);
}

/* ---- aligned columns for people ---- */

/* Displayed width: UTF-8 continuation bytes take none. */
static size_t width(const char *s) {
  size_t n = 0;
  for (; *s; s++) n += ((unsigned char)*s & 0xc0) != 0x80;
  return n;
}

/* The value, and its error when there is one. */
static int columns_of(const column *k) { return k->err ? 2 : 1; }

/* Line 0 is the name, line 1 the unit, then the data.  `what` 0: the value, 1: the error. */
static const char *cell(const com_table *t, size_t j, size_t line, int what, char number[64]) {
  const column *k = &t->col[j];
  if (line == 0) return what ? "+-" : k->name;
  if (line == 1) {
    snprintf(number, 64, "[%s]", k->unit);
    return what || !said(k) ? "" : number;
  }
  if (k->text) return k->text[line - 2];
  const double x = what ? k->err[line - 2] : k->v[line - 2];
  if (isnan(x)) return "-";
  snprintf(number, 64, what ? "%.2g" : "%.6g", x);
  return number;
}

com_status com_table_print(com_ctx *c, const com_table *t, char **text) {
  com_text out = {0};
  size_t *widths;
  char number[64];
  int units = 0;
  COM_ALLOC(c, widths = room(2 * t->cols, sizeof *widths));
  for (size_t j = 0; j < t->cols; j++) {
    units |= said(&t->col[j]);
    for (int what = 0; what < columns_of(&t->col[j]); what++)
      for (size_t i = 0; i < t->rows + 2; i++) {
        const char *s = cell(t, j, i, what, number);
        if (width(s) > widths[2 * j + (size_t)what]) widths[2 * j + (size_t)what] = width(s);
      }
  }
  for (size_t i = 0; i < t->rows + 2; i++) {
    if (i == 1 && !units) continue;
    for (size_t j = 0; j < t->cols; j++)
      for (int what = 0; what < columns_of(&t->col[j]); what++) {
        const char *s = cell(t, j, i, what, number);
        const size_t pad = widths[2 * j + (size_t)what] - width(s);
        const int left = t->col[j].text != NULL;
        if (j || what) com_text_fill(&out, ' ', what ? 1 : 2);
        if (!left) com_text_fill(&out, ' ', pad);
        com_text_add(&out, s);
        if (left) com_text_fill(&out, ' ', pad);
      }
    while (out.n && out.s[out.n - 1] == ' ') out.s[--out.n] = '\0';
    com_text_add(&out, "\n");
  }
  free(widths);
  return com_text_take(c, &out, text);
}
