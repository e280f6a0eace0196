/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "common/table.h"

/* One line is cut into fields.  The separator is what the header uses outside quotes: comma, else semicolon,
 * else tab, else blanks; with blanks a "[unit]" belongs to the name before it. */

enum { MAX_COLUMNS = 1000 };

typedef struct fields {
  char *text; /* a copy of the line, cut in place */
  size_t n;
  char *at[MAX_COLUMNS];
} fields;

typedef struct parser {
  com_ctx *ctx;
  const char *file;
  char separator; /* ' ' = blanks */
  fields header, row;
  char *unit[MAX_COLUMNS]; /* inside header.text, "" when none */
  const char *comment;     /* the last one, inside the text */
  size_t comment_length;
  int names_above; /* the header is that comment */
  double *v;       /* [rows][columns] */
  size_t rows, room;
} parser;

static int blank(char ch) { return ch == ' ' || ch == '\t'; }

static char separator_of(const char *line, size_t n) {
  const char *const order = "\t;,"; /* the later wins */
  const char *found = NULL;
  int quoted = 0;
  for (size_t i = 0; i < n; i++) {
    quoted ^= line[i] == '"';
    const char *s = quoted || !line[i] ? NULL : strchr(order, line[i]);
    if (s && (!found || s > found)) found = s;
  }
  return found ? *found : ' ';
}

/* Cuts off one field at *line, without its blanks and quotes; *line moves behind the separator, to NULL at
 * the end. */
static char *cut_field(char **line, char separator) {
  char *from = *line, *to;
  int quoted = 0, bracket = 0;
  while (blank(*from) && *from != separator) from++;
  if (separator == ' ')
    while (blank(*from)) from++;
  char *p = from, *end = to = from;
  for (; *p; p++) {
    if (*p == '"' && (quoted || p == from)) {
      if (quoted && p[1] == '"')
        *to++ = *p++; /* "" inside quotes is a quote */
      else
        quoted = !quoted;
      end = to;
      continue;
    }
    if (separator == ' ' && !quoted) {
      bracket += (*p == '[') - (*p == ']');
      if (blank(*p) && bracket <= 0 && p[strspn(p, " \t")] != '[') break;
    } else if (*p == separator && !quoted)
      break;
    *to++ = *p;
    if (!blank(to[-1])) end = to;
  }
  *line = *p ? p + 1 : NULL;
  *end = '\0';
  return from;
}

static com_status split(parser *p, size_t line, const char *from, size_t length, char separator, fields *f) {
  free(f->text);
  f->n = 0;
  COM_ALLOC(p->ctx, f->text = strndup(from, length));
  char *rest = f->text;
  for (char *end = rest + strlen(rest); end > rest && blank(end[-1]) && separator == ' ';) *--end = '\0';
  while (rest) {
    COM_CHECK(p->ctx, f->n < MAX_COLUMNS, COM_E_DATA, "%s:%zu: more than %d columns", p->file, line,
              MAX_COLUMNS);
    f->at[f->n++] = cut_field(&rest, separator);
  }
  return COM_OK;
}

/* A number, or what people write for a missing one. */
static int number(const char *s, double *x) {
  const char *const missing[] = {"", "nan", "na", "null", "-"};
  *x = NAN;
  for (size_t i = 0; i < sizeof missing / sizeof *missing; i++)
    if (!strcasecmp(s, missing[i])) return 1;
  char *end;
  if (strspn(s, "+-.0123456789eE") != strlen(s)) return 0; /* no hexadecimal, no "infinity" */
  *x = strtod(s, &end);
  return !*end && isfinite(*x);
}

static int all_numbers(const fields *f) {
  double x;
  for (size_t j = 0; j < f->n; j++)
    if (!number(f->at[j], &x)) return 0;
  return 1;
}

/* "name [unit]" -> name, unit. */
static void cut_unit(char *name, char **unit) {
  char *open = strrchr(name, '['), *close = open ? strchr(open, ']') : NULL;
  *unit = name + strlen(name);
  if (!close || close[1] || open == name) return;
  *close = '\0';
  *unit = open + 1;
  while (open > name && blank(open[-1])) open--;
  *open = '\0';
}

/* Names and units; without names in the line itself, those of a comment just above it ("# T V error", as
 * numpy writes). */
static com_status take_header(parser *p, size_t line, const char *from, size_t length) {
  fields *h = &p->header;
  p->separator = separator_of(from, length);
  COM_TRY(split(p, line, from, length, p->separator, h));
  if (all_numbers(h)) {
    const size_t n = h->n;
    if (p->comment) COM_TRY(split(p, line, p->comment, p->comment_length, p->separator, h));
    p->names_above = 1;
    COM_CHECK(p->ctx, p->comment && h->n == n && !all_numbers(h), COM_E_DATA,
              "%s:%zu: the first line has only numbers; put a line with the column names above it", p->file,
              line);
  }
  for (size_t j = 0; j < h->n; j++) {
    cut_unit(h->at[j], &p->unit[j]);
    COM_CHECK(p->ctx, *h->at[j], COM_E_DATA, "%s:%zu: column %zu has no name", p->file, line, j + 1);
    for (size_t i = 0; i < j; i++)
      COM_CHECK(p->ctx, strcmp(h->at[i], h->at[j]) != 0, COM_E_DATA, "%s:%zu: there are two columns %s",
                p->file, line, h->at[j]);
  }
  return COM_OK;
}

/* What other programs and people write for a number, and what to write instead. */
static const char *remedy(const char *s) {
  static const struct {
    const char *holds, *text;
  } all[] = {{",", "; write the decimal comma as a point"},
             {"^", "; write the exponent as in 1.2e-3"},
             {"d", "; write the exponent as in 1.2e-3"},
             {"D", "; write the exponent as in 1.2e-3"},
             {"(", "; put the error into a column of its own"},
             {"+-", "; put the error into a column of its own"},
             {"+/-", "; put the error into a column of its own"},
             {"\u00b1", "; put the error into a column of its own"},
             {"%", "; write the value itself, not per cent"}};
  for (size_t i = 0; i < sizeof all / sizeof *all && *s && strchr("+-.0123456789", *s); i++)
    if (strstr(s, all[i].holds)) return all[i].text;
  return "";
}

static com_status take_row(parser *p, size_t line, const char *from, size_t length) {
  const char *comment = memchr(from, '#', length);
  if (comment) length = (size_t)(comment - from);
  COM_TRY(split(p, line, from, length, p->separator, &p->row));
  COM_CHECK(p->ctx, p->row.n == p->header.n, COM_E_DATA,
            "%s:%zu: %zu values, but the header names %zu columns", p->file, line, p->row.n, p->header.n);
  if (p->rows == p->room) {
    double *more;
    COM_ALLOC(p->ctx, more = realloc(p->v, 2 * (p->room + 8) * p->header.n * sizeof *more));
    p->v = more;
    p->room = 2 * (p->room + 8);
  }
  for (size_t j = 0; j < p->row.n; j++) {
    const char *s = p->row.at[j];
    COM_CHECK(p->ctx, number(s, &p->v[p->rows * p->header.n + j]), COM_E_DATA,
              "%s:%zu: %s = '%.40s': must be a number%s", p->file, line, p->header.at[j], s, remedy(s));
  }
  p->rows++;
  return COM_OK;
}

static com_status take_line(parser *p, size_t line, const char *from, size_t length) {
  while (length && from[length - 1] == '\r') length--;
  size_t skip = 0;
  while (skip < length && blank(from[skip])) skip++;
  if (skip == length) return COM_OK;
  COM_CHECK(p->ctx, !memchr(from, '\0', length), COM_E_DATA, "%s:%zu: has a NUL byte; is this a text file?",
            p->file, line);
  if (from[skip] == '#') {
    p->comment = from + skip + 1;
    p->comment_length = length - skip - 1;
    return COM_OK;
  }
  if (p->header.n) return take_row(p, line, from, length);
  COM_TRY(take_header(p, line, from, length));
  return p->names_above ? take_row(p, line, from, length) : COM_OK;
}

static com_status build(parser *p, com_table **out) {
  com_status status = COM_OK;
  com_table *t = NULL;
  double *column = NULL;
  COM_TRY(com_table_create(p->ctx, &t));
  column = malloc((p->rows ? p->rows : 1) * sizeof *column);
  if (!column) COM_GOTO(done, COM_FAIL(p->ctx, COM_E_MEM, "out of memory"));
  for (size_t j = 0; j < p->header.n; j++) {
    for (size_t i = 0; i < p->rows; i++) column[i] = p->v[i * p->header.n + j];
    COM_GOTO(done, com_table_add(p->ctx, t, p->header.at[j], p->unit[j], NULL, p->rows, column, NULL));
  }
  *out = t;
  t = NULL;
done:
  free(column);
  com_table_destroy(t);
  return status;
}

com_status com_table_parse_csv(com_ctx *c, const char *file, const char *text, size_t n, com_table **out) {
  com_status status = COM_OK;
  parser *p;
  *out = NULL;
  COM_ALLOC(c, p = calloc(1, sizeof *p));
  p->ctx = c;
  p->file = file;
  if (n >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) { /* the byte-order mark of spreadsheets */
    text += 3;
    n -= 3;
  }
  for (size_t line = 1; n; line++) {
    const char *end = memchr(text, '\n', n);
    const size_t length = end ? (size_t)(end - text) : n, used = length + (end != NULL);
    COM_GOTO(done, take_line(p, line, text, length));
    text += used;
    n -= used;
  }
  if (!p->rows)
    COM_GOTO(done, COM_FAIL(c, COM_E_DATA,
                            "%s: no data; a line of column names and lines of numbers are needed", file));
  COM_GOTO(done, build(p, out));
done:
  free(p->header.text);
  free(p->row.text);
  free(p->v);
  free(p);
  return status;
}
