/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/series.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/table.h"

/* What describes the run, not its outcome. */
static const char *const passed_over[] = {"schema",   "build",      "config",   "inputs",  "seed",
                                          "volatile", "provenance", "warnings", "history", "starts",
                                          "flow",     "iterations", NULL};

static int is_passed_over(const char *key) {
  for (size_t i = 0; passed_over[i]; i++)
    if (!strcmp(key, passed_over[i])) return 1;
  return key[0] == '#';
}

static com_status add(com_ctx *c, com_series_list *l, const char *name, const char *unit, size_t n,
                      com_series **out) {
  com_series *all = realloc(l->v, (l->n + 1) * sizeof *all);
  COM_CHECK(c, all, COM_E_MEM, "out of memory");
  l->v = all;
  com_series *s = &all[l->n++];
  *s = (com_series){.n = n};
  COM_ALLOC(c, s->name = strdup(name));
  COM_ALLOC(c, s->unit = strdup(unit));
  COM_ALLOC(c, s->v = malloc((n + 1) * sizeof *s->v));
  *out = s;
  return COM_OK;
}

/* The member that holds the errors of member `key`: "X_error", or "error(s)" beside a mean, a value or a response. */
const cJSON *com_series_error(const cJSON *obj, const char *key) {
  static const char *const mains[] = {"mean", "value", "values", "response", "predicted_response", NULL};
  char name[128];
  snprintf(name, sizeof name, "%s_error", key);
  const cJSON *e = com_json_get(obj, name);
  for (size_t i = 0; !e && mains[i]; i++)
    if (!strcmp(key, mains[i])) {
      e = com_json_get(obj, "error");
      if (!e) e = com_json_get(obj, "errors");
      break;
    }
  return e;
}

int com_series_is_error(const char *key) {
  size_t n = strlen(key);
  return !strcmp(key, "error") || !strcmp(key, "errors") || (n > 6 && !strcmp(key + n - 6, "_error"));
}

static int numeric(const cJSON *j) { return com_json_is_number(j) || com_json_is_null(j); }

static int all_numeric(const cJSON *arr) {
  int some = 0;
  for (const cJSON *x = com_json_first(arr); x; x = com_json_next(x)) {
    if (!numeric(x)) return 0;
    some |= com_json_is_number(x);
  }
  return some;
}

/* A number, or an array of numbers, with its errors when there are as many. */
static com_status add_plain(com_ctx *c, const char *name, const char *unit, const cJSON *v, const cJSON *err,
                            com_series_list *l) {
  const int list = com_json_is_array(v);
  const size_t n = list ? com_json_size(v) : 1;
  com_series *s;
  COM_TRY(add(c, l, name, unit, n, &s));
  const cJSON *x = list ? com_json_first(v) : v;
  for (size_t i = 0; i < n; i++, x = com_json_next(x)) s->v[i] = com_json_num(x, NAN);
  const int fits = list ? com_json_size(err) == n && all_numeric(err) : com_json_is_number(err);
  if (!fits) return COM_OK;
  COM_ALLOC(c, s->err = malloc((n + 1) * sizeof *s->err));
  x = list ? com_json_first(err) : err;
  for (size_t i = 0; i < n; i++, x = com_json_next(x)) s->err[i] = com_json_num(x, NAN);
  return COM_OK;
}

/* [{"source":..,"response":..,"error":..}, ...]: one series per key of the first row. */
static com_status add_rows(com_ctx *c, const char *path, const cJSON *arr, com_series_list *l) {
  const size_t n = com_json_size(arr);
  for (const cJSON *k = com_json_first(com_json_first(arr)); k; k = com_json_next(k)) {
    const char *key = com_json_key(k);
    if (!numeric(k) || com_series_is_error(key)) continue;
    char name[512];
    snprintf(name, sizeof name, "%.300s.%.200s", path, key);
    com_series *s;
    COM_TRY(add(c, l, name, "", n, &s));
    COM_ALLOC(c, s->err = malloc((n + 1) * sizeof *s->err));
    int with_errors = n > 0;
    const cJSON *row = com_json_first(arr);
    for (size_t i = 0; i < n; i++, row = com_json_next(row)) {
      s->v[i] = com_json_num(com_json_get(row, key), NAN);
      s->err[i] =
          strcmp(key, "pull") ? com_json_num(com_series_error(row, key), NAN) : 1; /* in units of the error */
      with_errors = with_errors && !isnan(s->err[i]);
    }
    if (with_errors) continue;
    free(s->err);
    s->err = NULL;
  }
  return COM_OK;
}

static com_status add_table(com_ctx *c, const char *file, const char *path, const cJSON *j,
                            com_series_list *l) {
  com_table *t = NULL;
  com_status status = COM_OK;
  COM_TRY(com_table_read(c, file, j, NULL, &t));
  const size_t n = com_table_rows(t);
  for (size_t k = 0; k < com_table_cols(t) && !status; k++) {
    char name[512];
    com_series *s;
    if (!com_table_values(t, k)) continue;
    snprintf(name, sizeof name, "%.300s%s%.200s", path, *path ? "." : "", com_table_name(t, k));
    COM_GOTO(done, add(c, l, name, com_table_unit(t, k) ? com_table_unit(t, k) : "", n, &s));
    memcpy(s->v, com_table_values(t, k), n * sizeof *s->v);
    if (!com_table_errors(t, k)) continue;
    if (!(s->err = malloc((n + 1) * sizeof *s->err))) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
    memcpy(s->err, com_table_errors(t, k), n * sizeof *s->err);
  }
done:
  com_table_destroy(t);
  return status;
}

static com_status walk(com_ctx *c, const char *file, const char *path, const cJSON *obj, com_series_list *l) {
  if (com_json_is_array(com_json_get(obj, "columns")) && com_json_is_array(com_json_get(obj, "rows")))
    COM_TRY(add_table(c, file, path, obj, l));
  const char *unit = com_json_str(com_json_get(obj, "unit"), "");
  for (const cJSON *m = com_json_first(obj); m; m = com_json_next(m)) {
    const char *key = com_json_key(m);
    char name[512];
    if (is_passed_over(key) || com_series_is_error(key) || !strcmp(key, "columns") || !strcmp(key, "rows"))
      continue;
    snprintf(name, sizeof name, "%.300s%s%.200s", path, *path ? "." : "", key);
    if (com_json_is_object(m))
      COM_TRY(walk(c, file, name, m, l));
    else if (com_json_is_number(m) || (com_json_is_array(m) && all_numeric(m)))
      COM_TRY(add_plain(c, name, unit, m, com_series_error(obj, key), l));
    else if (com_json_is_array(m) && com_json_is_object(com_json_first(m)))
      COM_TRY(add_rows(c, name, m, l));
  }
  return COM_OK;
}

com_status com_series_collect(com_ctx *c, const char *file, const cJSON *j, com_series_list *out) {
  *out = (com_series_list){0};
  const cJSON *result = com_json_get(j, "result");
  return walk(c, file, "", com_json_is_object(result) ? result : j, out);
}

const com_series *com_series_find(const com_series_list *l, const char *name) {
  for (size_t i = 0; i < l->n; i++)
    if (!strcmp(l->v[i].name, name)) return &l->v[i];
  return NULL;
}

void com_series_finish(com_series_list *l) {
  for (size_t i = 0; i < l->n; i++) {
    free(l->v[i].name);
    free(l->v[i].unit);
    free(l->v[i].v);
    free(l->v[i].err);
  }
  free(l->v);
  *l = (com_series_list){0};
}
