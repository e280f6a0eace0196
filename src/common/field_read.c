/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/field_read.h"
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "common/field_choice.h"
#include "common/field_preset.h"
#include "common/field_help.h"
#include "common/text.h"

typedef com_field_read_job job_t;
typedef com_field_read_place place_t;

static void put_path(com_text *t, const place_t *at) {
  if (!at) return;
  put_path(t, at->up);
  if (!at->key)
    com_text_printf(t, "[%zu]", at->index);
  else if (*at->key)
    com_text_printf(t, "%s%s", t->n ? "." : "", at->key);
}

com_status com_field_read_fail(const job_t *job, const place_t *at, const cJSON *value, const char *fmt,
                               ...) {
  com_text t = {0};
  char text[2048], shown[48] = "";
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  put_path(&t, at);
  if (value) com_json_brief(value, shown);
  com_status status = COM_FAIL(job->c, job->code, "%s: %s%s%s%s%s", job->file, t.s ? t.s : "",
                               t.s && value ? " = " : "", t.s ? shown : "", t.s ? ": " : "", text);
  com_text_finish(&t);
  return status;
}

/* "; default 4" or nothing. */
static void remedy(const com_field *f, char out[96]) {
  char def[80];
  com_field_help_default(f, def);
  snprintf(out, 96, "%s%s", *def ? "; default " : "", def);
}

static com_status wrong_type(const job_t *job, const place_t *at, const com_field *f, const cJSON *v,
                             const char *want) {
  char rem[96];
  remedy(f, rem);
  return com_field_read_fail(job, at, v, "must be %s, got %s%s", want, com_json_type(v), rem);
}

/* ---- one function per type; `p` is the member to fill, initialised to its default ---- */

static com_status check_range(const job_t *job, const place_t *at, const com_field *f, const cJSON *v,
                              double x) {
  int low = f->flags & COM_FF_LO_OPEN ? x > f->lo : x >= f->lo;
  int high = f->flags & COM_FF_HI_OPEN ? x < f->hi : x <= f->hi;
  if (!com_field_help_ranged(f) || (low && high)) return COM_OK;
  char range[80], rem[96];
  com_field_help_range(f, range);
  remedy(f, rem);
  return com_field_read_fail(job, at, v, "must %s%s", range, rem);
}

static com_status read_real(const job_t *job, const place_t *at, const com_field *f, const cJSON *v,
                            double *x) {
  if (!com_json_is_number(v)) return wrong_type(job, at, f, v, "a number");
  *x = com_json_num(v, 0);
  return check_range(job, at, f, v, *x);
}

static com_status read_int(const job_t *job, const place_t *at, const com_field *f, const cJSON *v, int *i) {
  double x = 0;
  if (!com_json_is_number(v)) return wrong_type(job, at, f, v, "an integer");
  x = com_json_num(v, 0);
  if (x != trunc(x)) return com_field_read_fail(job, at, v, "must be an integer, got a fraction");
  COM_TRY(check_range(job, at, f, v, x));
  if (x < INT_MIN || x > INT_MAX)
    return com_field_read_fail(job, at, v, "must lie in [%d, %d]", INT_MIN, INT_MAX);
  *i = (int)x;
  return COM_OK;
}

static com_status read_bool(const job_t *job, const place_t *at, const com_field *f, const cJSON *v, int *b) {
  if (!com_json_is_bool(v)) return wrong_type(job, at, f, v, "true or false");
  *b = com_json_true(v);
  return COM_OK;
}

static com_status read_string(const job_t *job, const place_t *at, const com_field *f, const cJSON *v,
                              char **s) {
  if (!com_json_is_string(v)) return wrong_type(job, at, f, v, "a string");
  char *copy;
  COM_ALLOC(job->c, copy = strdup(com_json_str(v, "")));
  free(*s);
  *s = copy;
  return COM_OK;
}

/* "a", "b", "c": the names of an enumeration, a registry, or the known keys. */
static void put_names(com_text *t, const char *name) {
  com_text_printf(t, "%s\"%s\"", t->n ? ", " : "", name);
}

static com_status read_enum(const job_t *job, const place_t *at, const com_field *f, const cJSON *v, int *i) {
  const char *const *names = f->aux, *word = com_json_str(v, NULL);
  com_text t = {0};
  for (int k = 0; names[k]; k++) {
    if (word && !strcmp(word, names[k])) {
      *i = k;
      com_text_finish(&t);
      return COM_OK;
    }
    put_names(&t, names[k]);
  }
  const char *near = word ? com_field_nearest(word, names) : NULL;
  com_status status =
      near ? com_field_read_fail(job, at, v, "must be one of %s; did you mean \"%s\"?", t.s, near)
           : com_field_read_fail(job, at, v, "must be one of %s", t.s ? t.s : "");
  com_text_finish(&t);
  return status;
}

static com_status read_reals(const job_t *job, const place_t *at, const com_field *f, const cJSON *v,
                             com_reals *r) {
  if (!com_json_is_array(v)) return wrong_type(job, at, f, v, "an array of numbers");
  size_t n = com_json_size(v), i = 0;
  COM_ALLOC(job->c, r->v = calloc(n ? n : 1, sizeof *r->v)); /* not NULL: given, though empty */
  r->n = n;
  for (const cJSON *e = com_json_first(v); e; e = com_json_next(e), i++) {
    place_t here = {at, NULL, i};
    COM_TRY(read_real(job, &here, f, e, &r->v[i]));
  }
  return COM_OK;
}

static com_status read_strings(const job_t *job, const place_t *at, const com_field *f, const cJSON *v,
                               com_strings *r) {
  if (!com_json_is_array(v)) return wrong_type(job, at, f, v, "an array of strings");
  size_t n = com_json_size(v), i = 0;
  COM_ALLOC(job->c, r->v = calloc(n ? n : 1, sizeof *r->v));
  r->n = n;
  for (const cJSON *e = com_json_first(v); e; e = com_json_next(e), i++) {
    place_t here = {at, NULL, i};
    COM_TRY(read_string(job, &here, f, e, &r->v[i]));
  }
  return COM_OK;
}

static com_status read_seed(const job_t *job, const place_t *at, const cJSON *v, com_seed *seed) {
  const char *s = com_json_str(v, NULL);
  double x = com_json_num(v, -1);
  if (s && *s && strspn(s, "0123456789") == strlen(s)) {
    errno = 0;
    seed->value = strtoull(s, NULL, 10);
    if (errno) return com_field_read_fail(job, at, v, "must lie in [0, 18446744073709551615]");
  } else if (!s && x >= 0 && x == trunc(x)) {
    if (x > 0x1p53)
      return com_field_read_fail(job, at, v, "integers above 2^53 lose digits in JSON; write a string");
    seed->value = (unsigned long long)x;
  } else
    return com_field_read_fail(job, at, v, "must be a non-negative integer or a string of digits");
  seed->given = 1;
  return COM_OK;
}

static com_status read_object(const job_t *job, const place_t *at, const com_field *f, const cJSON *v,
                              void *p) {
  com_field_read_layer layer = {f->aux, p};
  return com_field_read_rows(job, at, v, 1, &layer, 0);
}

static com_status read_components(const job_t *job, const place_t *at, const com_field *f, const cJSON *v,
                                  com_choices *r) {
  if (!com_json_is_array(v)) return wrong_type(job, at, f, v, "an array of objects");
  size_t n = com_json_size(v), i = 0;
  COM_ALLOC(job->c, r->v = calloc(n ? n : 1, sizeof *r->v));
  r->n = n;
  for (const cJSON *e = com_json_first(v); e; e = com_json_next(e), i++) {
    place_t here = {at, NULL, i};
    COM_TRY(com_field_choice_place(job, &here, f->aux, f->sdef, e, &r->v[i]));
  }
  return COM_OK;
}

static com_status read_raw(const job_t *job, const cJSON *v, cJSON **out) {
  COM_ALLOC(job->c, *out = com_json_copy(v));
  return COM_OK;
}

static com_status read_member(const job_t *job, const place_t *at, const com_field *f, const cJSON *v,
                              void *p) {
  switch (f->type) {
  case COM_F_INT: return read_int(job, at, f, v, p);
  case COM_F_REAL: return read_real(job, at, f, v, p);
  case COM_F_BOOL: return read_bool(job, at, f, v, p);
  case COM_F_STRING: return read_string(job, at, f, v, p);
  case COM_F_ENUM: return read_enum(job, at, f, v, p);
  case COM_F_REALS: return read_reals(job, at, f, v, p);
  case COM_F_STRINGS: return read_strings(job, at, f, v, p);
  case COM_F_SEED: return read_seed(job, at, v, p);
  case COM_F_OBJECT: return read_object(job, at, f, v, p);
  case COM_F_COMPONENT: return com_field_choice_place(job, at, f->aux, f->sdef, v, p);
  case COM_F_COMPONENTS: return read_components(job, at, f, v, p);
  case COM_F_RAW: return read_raw(job, v, p);
  }
  return COM_OK;
}

/* ---- objects ---- */

static int knows(size_t n, const com_field_read_layer *layers, int typed, const char *key) {
  for (size_t l = 0; l < n; l++)
    for (const com_field *f = layers[l].f; f && f->key; f++)
      if (!strcmp(f->key, key)) return 1;
  return key[0] == '#' || (typed && !strcmp(key, "type"));
}

/* Every known key, "type" first, into a NULL-ended array.  @return NULL without memory */
static const char **known_keys(size_t n, const com_field_read_layer *layers, int typed) {
  size_t count = 0, k = 0;
  for (size_t l = 0; l < n; l++)
    for (const com_field *f = layers[l].f; f && f->key; f++) count++;
  const char **names = malloc((count + 2) * sizeof *names);
  if (!names) return NULL;
  if (typed) names[k++] = "type";
  for (size_t l = 0; l < n; l++)
    for (const com_field *f = layers[l].f; f && f->key; f++) names[k++] = f->key;
  names[k] = NULL;
  return names;
}

static com_status unknown_key(const job_t *job, const place_t *at, const char *key, size_t n,
                              const com_field_read_layer *layers, int typed) {
  place_t here = {at, key, 0};
  com_text t = {0};
  const char **names = known_keys(n, layers, typed);
  COM_CHECK(job->c, names, COM_E_MEM, "out of memory");
  const char *near = com_field_nearest(key, names);
  if (near)
    com_text_printf(&t, "did you mean \"%s\"?", near);
  else {
    com_text_add(&t, *names ? "known keys: " : "no keys are known here");
    for (size_t i = 0; names[i]; i++) com_text_printf(&t, "%s%s", i ? ", " : "", names[i]);
  }
  com_status status = com_field_read_fail(job, &here, NULL, "no such key; %s", t.s ? t.s : "");
  com_text_finish(&t);
  free(names);
  return status;
}

com_status com_field_read_rows(const job_t *job, const place_t *at, const cJSON *in, size_t n,
                               const com_field_read_layer *layers, int typed) {
  if (in && !com_json_is_object(in))
    return com_field_read_fail(job, at, in, "must be an object, got %s", com_json_type(in));
  for (const cJSON *m = com_json_first(in); m; m = com_json_next(m))
    if (!knows(n, layers, typed, com_json_key(m)))
      return unknown_key(job, at, com_json_key(m), n, layers, typed);
  for (size_t l = 0; l < n; l++)
    for (const com_field *f = layers[l].f; f && f->key; f++) {
      place_t here = {at, f->key, 0};
      const cJSON *v = com_json_get(in, f->key);
      if (v)
        COM_TRY(read_member(job, &here, f, v, (char *)layers[l].obj + f->off));
      else if (f->flags & COM_FF_REQUIRED)
        return com_field_read_fail(job, &here, NULL, "missing, but required (%s)",
                                   f->doc ? f->doc : "no default");
    }
  return COM_OK;
}

com_status com_field_read(com_ctx *c, com_status code, const com_field *f, const char *file, const char *path,
                          const cJSON *in, void *obj) {
  job_t job = {c, code, file};
  place_t root = {NULL, path, 0};
  com_field_read_layer layer = {f, obj};
  cJSON *filled = NULL;
  if (code == COM_E_CONFIG) com_ctx_about(c, file);
  COM_TRY(com_field_preset_apply(c, f, in, &filled));
  com_status status = com_field_init(c, f, obj);
  if (!status) {
    status = com_field_read_rows(&job, &root, filled ? filled : in, 1, &layer, 0);
    if (status) com_field_finish(f, obj);
  }
  com_json_free(filled);
  return status;
}
