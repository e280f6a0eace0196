/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/field_help.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/text.h"

int com_field_help_ranged(const com_field *f) {
  int numeric = f->type == COM_F_INT || f->type == COM_F_REAL || f->type == COM_F_REALS;
  return numeric && (f->lo != 0 || f->hi != 0) && (isfinite(f->lo) || isfinite(f->hi));
}

void com_field_help_range(const com_field *f, char out[80]) {
  const char *lo_open = f->flags & COM_FF_LO_OPEN ? "(" : "[",
             *hi_open = f->flags & COM_FF_HI_OPEN ? ")" : "]";
  out[0] = '\0';
  if (!com_field_help_ranged(f)) return;
  if (isinf(f->hi))
    snprintf(out, 80, "be %s %.10g", *lo_open == '(' ? ">" : ">=", f->lo);
  else if (isinf(f->lo))
    snprintf(out, 80, "be %s %.10g", *hi_open == ')' ? "<" : "<=", f->hi);
  else
    snprintf(out, 80, "lie in %s%.10g, %.10g%s", lo_open, f->lo, f->hi, hi_open);
}

void com_field_help_default(const com_field *f, char out[80]) {
  const char *const *names = f->aux;
  out[0] = '\0';
  if (f->flags & COM_FF_REQUIRED) return;
  switch (f->type) {
  case COM_F_INT: snprintf(out, 80, "%.0f", f->def); break;
  case COM_F_REAL:
    if (!isnan(f->def)) snprintf(out, 80, "%.10g", f->def);
    break;
  case COM_F_BOOL: snprintf(out, 80, "%s", f->def != 0 ? "true" : "false"); break;
  case COM_F_ENUM: snprintf(out, 80, "\"%.60s\"", f->sdef ? f->sdef : names[0]); break;
  case COM_F_STRING:
  case COM_F_COMPONENT:
    if (f->sdef) snprintf(out, 80, "\"%.60s\"", f->sdef);
    break;
  case COM_F_REALS:
  case COM_F_STRINGS:
  case COM_F_SEED:
  case COM_F_OBJECT:
  case COM_F_COMPONENTS:
  case COM_F_RAW: break;
  }
}

static void put_type(com_text *t, const com_field *f) {
  const com_kind *k = f->aux;
  switch (f->type) {
  case COM_F_INT: com_text_add(t, "integer"); break;
  case COM_F_REAL: com_text_add(t, "number"); break;
  case COM_F_BOOL: com_text_add(t, "true|false"); break;
  case COM_F_STRING: com_text_add(t, "string"); break;
  case COM_F_ENUM:
    for (const char *const *n = f->aux; *n; n++) com_text_printf(t, "%s%s", n == f->aux ? "" : "|", *n);
    break;
  case COM_F_REALS: com_text_add(t, "[number,...]"); break;
  case COM_F_STRINGS: com_text_add(t, "[string,...]"); break;
  case COM_F_SEED: com_text_add(t, "seed"); break;
  case COM_F_OBJECT: com_text_add(t, "{...}"); break;
  case COM_F_COMPONENT: com_text_printf(t, "{%s}", k->name); break;
  case COM_F_COMPONENTS: com_text_printf(t, "[{%s},...]", k->name); break;
  case COM_F_RAW: com_text_add(t, !f->aux ? "JSON" : f->flags & COM_FF_FILE ? "path|{...}" : "{...}"); break;
  }
}

/* Rows inside: an object, or a block that is read later with these rows; not what has a file of its own. */
static int nested(const com_field *f) {
  return f->type == COM_F_OBJECT || (f->type == COM_F_RAW && f->aux && !(f->flags & COM_FF_FILE));
}

typedef struct widths {
  size_t key, type;
} widths;

static size_t type_width(const com_field *f) {
  com_text t = {0};
  put_type(&t, f);
  size_t n = t.n;
  com_text_finish(&t);
  return n;
}

static void measure(const com_field *f, size_t prefix, widths *w) {
  for (; f->key; f++) {
    size_t key = prefix + strlen(f->key), type = type_width(f);
    if (key > w->key) w->key = key;
    if (type > w->type && type <= 24) w->type = type; /* one long enum must not push all docs to the right */
    if (nested(f)) measure(f->aux, key + 1, w);
  }
}

/* " (default 4, in [1, 16])" */
static void put_notes(com_text *t, const com_field *f) {
  char def[80], range[80];
  com_field_help_default(f, def);
  com_field_help_range(f, range);
  const char *limits = strncmp(range, "lie ", 4) ? strncmp(range, "be ", 3) ? range : range + 3 : range + 4;
  if (f->flags & COM_FF_REQUIRED)
    com_text_printf(t, " (required%s%s)", *limits ? ", " : "", limits);
  else if (*def)
    com_text_printf(t, " (default %s%s%s)", def, *limits ? ", " : "", limits);
  else if (*limits)
    com_text_printf(t, " (%s)", limits);
}

static void put_rows(com_text *t, const com_field *f, const char *prefix, const widths *w) {
  for (; f->key; f++) {
    com_text key = {0};
    com_text_printf(&key, "%s%s", prefix, f->key);
    com_text_printf(t, "  %-*s  ", (int)w->key, key.s ? key.s : "");
    t->failed |= key.failed;
    size_t before = t->n;
    put_type(t, f);
    size_t used = t->n - before;
    com_text_fill(t, ' ', (used < w->type ? w->type - used : 0) + 2);
    com_text_add(t, f->doc);
    if (f->unit && *f->unit && strcmp(f->unit, "1")) com_text_printf(t, " [%s]", f->unit);
    put_notes(t, f);
    com_text_add(t, "\n");
    if (nested(f)) {
      com_text_add(&key, ".");
      put_rows(t, f->aux, key.s ? key.s : "", w);
    }
    t->failed |= key.failed;
    com_text_finish(&key);
  }
}

com_status com_field_help(com_ctx *c, const com_field *f, char **text) {
  com_text t = {0};
  widths w = {0};
  char *out;
  com_text_add(&t, *text);
  if (f) {
    measure(f, 0, &w);
    put_rows(&t, f, "", &w);
  }
  COM_TRY(com_text_take(c, &t, &out));
  free(*text);
  *text = out;
  return COM_OK;
}
