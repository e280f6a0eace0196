/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/field.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/field_choice.h"
#include "common/field_schema.h"

static size_t size_of(const com_field *f) {
  switch (f->type) {
  case COM_F_REAL: return sizeof(double);
  case COM_F_STRING: return sizeof(char *);
  case COM_F_REALS: return sizeof(com_reals);
  case COM_F_STRINGS: return sizeof(com_strings);
  case COM_F_SEED: return sizeof(com_seed);
  case COM_F_COMPONENT: return sizeof(com_choice);
  case COM_F_COMPONENTS: return sizeof(com_choices);
  case COM_F_RAW: return sizeof(cJSON *);
  case COM_F_INT:
  case COM_F_BOOL:
  case COM_F_ENUM: return sizeof(int);
  case COM_F_OBJECT: break;
  }
  return 0;
}

size_t com_field_size(const com_field *f) {
  size_t size = 0;
  for (; f->key; f++) {
    const size_t end = f->off + (f->type == COM_F_OBJECT ? com_field_size(f->aux) : size_of(f));
    if (end > size) size = end;
  }
  return size;
}

/* So that finish is safe however far a following init or copy gets. */
static void clear(const com_field *f, void *obj) {
  for (; f->key; f++) {
    char *p = (char *)obj + f->off;
    if (f->type == COM_F_OBJECT)
      clear(f->aux, p);
    else
      memset(p, 0, size_of(f));
  }
}

static int enum_index(const com_field *f) {
  const char *const *names = f->aux;
  for (int i = 0; f->sdef && names[i]; i++)
    if (!strcmp(names[i], f->sdef)) return i;
  return 0;
}

static com_status init_one(com_ctx *c, const com_field *f, void *p) {
  switch (f->type) {
  case COM_F_INT:
  case COM_F_BOOL: *(int *)p = (int)f->def; break;
  case COM_F_REAL: *(double *)p = f->def; break;
  case COM_F_ENUM: *(int *)p = enum_index(f); break;
  case COM_F_STRING:
    if (f->sdef) COM_ALLOC(c, *(char **)p = strdup(f->sdef));
    break;
  case COM_F_OBJECT: return com_field_init(c, f->aux, p);
  case COM_F_COMPONENT:
    return com_field_choice_init(c, f->aux, f->sdef ? com_field_find(f->aux, f->sdef) : NULL, p);
  case COM_F_REALS:
  case COM_F_STRINGS:
  case COM_F_SEED:
  case COM_F_COMPONENTS:
  case COM_F_RAW: break;
  }
  return COM_OK;
}

com_status com_field_init(com_ctx *c, const com_field *f, void *obj) {
  clear(f, obj);
  for (const com_field *r = f; r->key; r++) {
    com_status status = init_one(c, r, (char *)obj + r->off);
    if (status) {
      com_field_finish(f, obj);
      return status;
    }
  }
  return COM_OK;
}

/* ---- free ---- */

static void finish_one(const com_field *f, void *p) {
  com_strings *strings = p;
  com_choices *choices = p;
  switch (f->type) {
  case COM_F_STRING: free(*(char **)p); break;
  case COM_F_REALS: free(((com_reals *)p)->v); break;
  case COM_F_STRINGS:
    for (size_t i = 0; i < strings->n; i++) free(strings->v[i]);
    free(strings->v);
    break;
  case COM_F_OBJECT: com_field_finish(f->aux, p); break;
  case COM_F_COMPONENT: com_field_choice_finish(f->aux, p); break;
  case COM_F_COMPONENTS:
    for (size_t i = 0; i < choices->n; i++) com_field_choice_finish(f->aux, &choices->v[i]);
    free(choices->v);
    break;
  case COM_F_RAW: com_json_free(*(cJSON **)p); break;
  case COM_F_INT:
  case COM_F_REAL:
  case COM_F_BOOL:
  case COM_F_ENUM:
  case COM_F_SEED: break;
  }
}

void com_field_finish(const com_field *f, void *obj) {
  for (const com_field *r = f; r->key; r++) finish_one(r, (char *)obj + r->off);
  clear(f, obj);
}

/* ---- copy ---- */

static com_status copy_strings(com_ctx *c, const com_strings *from, com_strings *to) {
  if (!from->v) return COM_OK;
  COM_ALLOC(c, to->v = calloc(from->n ? from->n : 1, sizeof *to->v));
  to->n = from->n;
  for (size_t i = 0; i < from->n; i++) COM_ALLOC(c, to->v[i] = strdup(from->v[i]));
  return COM_OK;
}

static com_status copy_choices(com_ctx *c, const com_kind *k, const com_choices *from, com_choices *to) {
  if (!from->v) return COM_OK;
  COM_ALLOC(c, to->v = calloc(from->n ? from->n : 1, sizeof *to->v));
  to->n = from->n;
  for (size_t i = 0; i < from->n; i++) COM_TRY(com_field_choice_copy(c, k, &from->v[i], &to->v[i]));
  return COM_OK;
}

static com_status copy_reals(com_ctx *c, const com_reals *from, com_reals *to) {
  if (!from->v) return COM_OK;
  COM_ALLOC(c, to->v = calloc(from->n ? from->n : 1, sizeof *to->v));
  to->n = from->n;
  memcpy(to->v, from->v, from->n * sizeof *to->v);
  return COM_OK;
}

static com_status copy_one(com_ctx *c, const com_field *f, const void *from, void *to) {
  switch (f->type) {
  case COM_F_STRING:
    if (*(char *const *)from) COM_ALLOC(c, *(char **)to = strdup(*(char *const *)from));
    break;
  case COM_F_RAW:
    if (*(cJSON *const *)from) COM_ALLOC(c, *(cJSON **)to = com_json_copy(*(cJSON *const *)from));
    break;
  case COM_F_REALS: return copy_reals(c, from, to);
  case COM_F_STRINGS: return copy_strings(c, from, to);
  case COM_F_OBJECT: return com_field_copy(c, f->aux, from, to);
  case COM_F_COMPONENT: return com_field_choice_copy(c, f->aux, from, to);
  case COM_F_COMPONENTS: return copy_choices(c, f->aux, from, to);
  case COM_F_INT:
  case COM_F_REAL:
  case COM_F_BOOL:
  case COM_F_ENUM:
  case COM_F_SEED: memcpy(to, from, size_of(f)); break;
  }
  return COM_OK;
}

com_status com_field_copy(com_ctx *c, const com_field *f, const void *from, void *to) {
  clear(f, to);
  for (const com_field *r = f; r->key; r++) {
    com_status status = copy_one(c, r, (const char *)from + r->off, (char *)to + r->off);
    if (status) {
      com_field_finish(f, to);
      return status;
    }
  }
  return COM_OK;
}

/* ---- write ---- */

static com_status write_strings(com_ctx *c, const com_strings *s, cJSON *arr) {
  for (size_t i = 0; i < s->n; i++) COM_TRY(com_json_push(c, arr, com_json_string(s->v[i])));
  return COM_OK;
}

static com_status write_choices(com_ctx *c, const com_kind *k, const com_choices *s, cJSON *arr) {
  for (size_t i = 0; i < s->n; i++) {
    cJSON *one;
    COM_TRY(com_field_choice_write(c, k, &s->v[i], &one));
    COM_TRY(com_json_push(c, arr, one));
  }
  return COM_OK;
}

/* Containers are attached first and filled in place, so that a failure leaves them to the owner of `out`. */
static com_status write_list(com_ctx *c, const com_field *f, const void *p, cJSON *out) {
  const com_reals *reals = p;
  const com_strings *strings = p;
  const com_choices *choices = p;
  if (f->type == COM_F_REALS)
    return reals->v ? com_json_add(c, out, f->key, com_json_reals(reals->v, reals->n)) : COM_OK;
  if (f->type == COM_F_STRINGS ? !strings->v : !choices->v) return COM_OK;
  COM_TRY(com_json_add(c, out, f->key, com_json_array()));
  cJSON *arr = com_json_edit(out, f->key);
  return f->type == COM_F_STRINGS ? write_strings(c, strings, arr) : write_choices(c, f->aux, choices, arr);
}

static com_status write_one(com_ctx *c, const com_field *f, const void *p, cJSON *out) {
  const char *const *names = f->aux;
  const com_seed *seed = p;
  char digits[24];
  cJSON *item = NULL;
  switch (f->type) {
  case COM_F_INT: item = com_json_int(*(const int *)p); break;
  case COM_F_REAL:
    if (isnan(*(const double *)p)) return COM_OK;
    item = com_json_real(*(const double *)p);
    break;
  case COM_F_BOOL: item = com_json_bool(*(const int *)p); break;
  case COM_F_ENUM: item = com_json_string(names[*(const int *)p]); break;
  case COM_F_STRING:
    if (!*(char *const *)p) return COM_OK;
    item = com_json_string(*(char *const *)p);
    break;
  case COM_F_SEED:
    if (!seed->given) return COM_OK;
    snprintf(digits, sizeof digits, "%llu", seed->value);
    item = com_json_string(digits);
    break;
  case COM_F_RAW:
    if (!*(cJSON *const *)p) return COM_OK;
    item = com_json_copy(*(cJSON *const *)p);
    break;
  case COM_F_OBJECT:
    COM_TRY(com_json_add(c, out, f->key, com_json_object()));
    return com_field_write(c, f->aux, p, com_json_edit(out, f->key));
  case COM_F_COMPONENT:
    if (!((const com_choice *)p)->type) return COM_OK;
    COM_TRY(com_field_choice_write(c, f->aux, p, &item));
    break;
  case COM_F_REALS:
  case COM_F_STRINGS:
  case COM_F_COMPONENTS: return write_list(c, f, p, out);
  }
  return com_json_add(c, out, f->key, item);
}

com_status com_field_write(com_ctx *c, const com_field *f, const void *obj, cJSON *out) {
  for (; f->key; f++) COM_TRY(write_one(c, f, (const char *)obj + f->off, out));
  return COM_OK;
}

/* ---- names ---- */

const com_component *com_field_find(const com_kind *k, const char *name) {
  return com_field_choice_find(k, name);
}
cJSON *com_field_kind_schema(const com_kind *k) { return com_field_schema_kind(k, NULL); }

enum { WORD = 40 }; /* longer words are not compared: nobody mistypes them by a letter or two */

static char lower(char ch) { return ch >= 'A' && ch <= 'Z' ? (char)(ch - 'A' + 'a') : ch; }

/* Optimal string alignment: Levenshtein's distance plus swaps of neighbours (Damerau, CACM 7 (1964) 171); case ignored. */
static size_t distance(const char *a, size_t na, const char *b, size_t nb) {
  size_t d[WORD + 1][WORD + 1];
  for (size_t i = 0; i <= na; i++) d[i][0] = i;
  for (size_t j = 0; j <= nb; j++) d[0][j] = j;
  for (size_t i = 1; i <= na; i++)
    for (size_t j = 1; j <= nb; j++) {
      size_t best = d[i - 1][j - 1] + (lower(a[i - 1]) != lower(b[j - 1]));
      if (d[i - 1][j] + 1 < best) best = d[i - 1][j] + 1;
      if (d[i][j - 1] + 1 < best) best = d[i][j - 1] + 1;
      int swap = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]);
      if (swap && d[i - 2][j - 2] + 1 < best) best = d[i - 2][j - 2] + 1;
      d[i][j] = best;
    }
  return d[na][nb];
}

const char *com_field_nearest(const char *word, const char *const *names) {
  size_t n = strlen(word), best = WORD;
  const char *near = NULL, *prefix = NULL;
  for (; *names && n <= WORD; names++) {
    size_t m = strlen(*names);
    if (m > WORD) continue;
    size_t d = distance(word, n, *names, m), longer = n > m ? n : m, shorter = n < m ? n : m;
    if (d <= (longer + 1) / 3 && d < best) { /* one slip in two letters, two in five, three in eight */
      best = d;
      near = *names;
    }
    if (shorter >= 3 && !strncmp(word, *names, shorter) && !prefix)
      prefix = *names; /* "temp" for "temperature" */
  }
  return near ? near : prefix;
}
