/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/json_scan.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "common/text.h"

typedef struct name {
  size_t at, pos; /* where its decoded text lies in `names`, where it stood in the source */
  const char *s;  /* set when an object is complete and `names` no longer moves */
} name;

typedef struct scan {
  com_ctx *c;
  const char *file, *s;
  size_t n, i, values;
  com_json_scan_fn fn;
  void *user;
  com_text word;  /* the string or number in hand */
  com_text names; /* decoded member names of all open objects, NUL-separated: a stack */
  name *open;
  size_t n_open, cap_open;
} scan;

/* FILE:LINE:COLUMN: message; columns count characters, as editors do. */
COM_PRINTF(3, 4) static com_status fail(const scan *k, size_t at, const char *fmt, ...) {
  char text[512];
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  size_t line = 1, column = 1;
  for (size_t i = 0; i < at; i++) {
    if (k->s[i] == '\n')
      line++, column = 1;
    else
      column += ((unsigned char)k->s[i] & 0xc0) != 0x80;
  }
  return COM_FAIL(k->c, COM_E_DATA, "%s:%zu:%zu: %s", k->file, line, column, text);
}

static com_status no_memory(const scan *k) { return COM_FAIL(k->c, COM_E_MEM, "%s: out of memory", k->file); }
static int peek(const scan *k) { return k->i < k->n ? (unsigned char)k->s[k->i] : -1; }
static int is_digit(int ch) { return ch >= '0' && ch <= '9'; }

static void skip_blanks(scan *k) {
  while (k->i < k->n && strchr(" \t\r\n", k->s[k->i]) && k->s[k->i]) k->i++;
}

static int starts(const scan *k, const char *word) {
  size_t n = strlen(word);
  return k->n - k->i >= n && !memcmp(k->s + k->i, word, n);
}

/* Behind what cannot be JSON at all in a file that is called a table. */
static const char *remedy(const scan *k) {
  static const char *const tables[] = {".csv", ".tsv", ".dat", ".txt"};
  const char *dot = k->file ? strrchr(k->file, '.') : NULL;
  for (size_t i = 0; dot && !k->n_open && i < sizeof tables / sizeof *tables; i++)
    if (!strcmp(dot, tables[i])) return "; this is no JSON: a table becomes a dataset by holograd import";
  return "";
}

/* What stands at k->i is not what the grammar wants: name it, and say what people usually mean by it. */
static com_status unexpected(const scan *k, const char *want) {
  static const char *const hints[][2] = {
      {"NaN", "NaN is not JSON; use null or leave the key out"},
      {"nan", "NaN is not JSON; use null or leave the key out"},
      {"Inf", "Infinity is not JSON; leave the key out or give a large number"},
      {"inf", "Infinity is not JSON; leave the key out or give a large number"},
      {"-Inf", "Infinity is not JSON; leave the key out or give a large number"},
      {"-inf", "Infinity is not JSON; leave the key out or give a large number"},
      {"True", "write true"},
      {"False", "write false"},
      {"None", "write null"},
      {"'", "strings need double quotes"},
      {"//", "comments are not JSON; use a key that starts with #"},
      {"/*", "comments are not JSON; use a key that starts with #"},
      {"#", "comments are not JSON; use a key that starts with #"},
      {"+", "a number may not start with +"},
      {".", "a number needs a digit before the point"},
      {"\xef\xbb\xbf", "byte order mark; save the file as UTF-8 without one"}};
  if (k->i >= k->n) return fail(k, k->i, "the text ends too early; expected %s", want);
  for (size_t h = 0; h < sizeof hints / sizeof *hints; h++)
    if (starts(k, hints[h][0])) return fail(k, k->i, "%s", hints[h][1]);
  size_t len = com_text_utf8(k->s + k->i, k->n - k->i);
  if (!len || (unsigned char)k->s[k->i] < 0x20)
    return fail(k, k->i, "unexpected byte 0x%02x; expected %s", (unsigned)(unsigned char)k->s[k->i], want);
  return fail(k, k->i, "unexpected '%.*s'; expected %s%s", (int)len, k->s + k->i, want, remedy(k));
}

/* ---- strings ---- */

/* Four hex digits at s; -1 when they are not. */
static long hex4(const scan *k, size_t at) {
  long x = 0;
  for (size_t j = 0; j < 4; j++) {
    int ch = at + j < k->n ? k->s[at + j] : 0;
    int lower = ch | 0x20, letter = lower >= 'a' && lower <= 'f';
    if (!is_digit(ch) && !letter) return -1;
    x = 16 * x + (letter ? lower - 'a' + 10 : ch - '0');
  }
  return x;
}

static void put_utf8(com_text *t, long u) {
  char b[4];
  size_t n = u < 0x80 ? 1 : u < 0x800 ? 2 : u < 0x10000 ? 3 : 4;
  static const int lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
  for (size_t j = n; j-- > 1; u >>= 6) b[j] = (char)(0x80 | (u & 0x3f));
  b[0] = (char)(lead[n] | u);
  com_text_bytes(t, b, n);
}

/* \uXXXX, with its second half when it is a surrogate; k->i stands on the backslash. */
static com_status unicode_escape(scan *k, com_text *t) {
  size_t at = k->i;
  long u = hex4(k, at + 2);
  if (u < 0) return fail(k, at, "\\u must be followed by four hexadecimal digits");
  if (!u) return fail(k, at, "\\u0000 (NUL) is not allowed in a string");
  k->i += 6;
  if (u >= 0xd800 && u < 0xe000) {
    long v = u < 0xdc00 && starts(k, "\\u") ? hex4(k, k->i + 2) : -1;
    if (v < 0xdc00 || v > 0xdfff) return fail(k, at, "half of a surrogate pair: \\u%04lx", (unsigned long)u);
    u = 0x10000 + ((u - 0xd800) << 10) + (v - 0xdc00);
    k->i += 6;
  }
  put_utf8(t, u);
  return COM_OK;
}

static com_status escape(scan *k, com_text *t) {
  static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
  char ch = k->i + 1 < k->n ? k->s[k->i + 1] : '\0';
  if (ch == 'u') return unicode_escape(k, t);
  const char *p = ch ? strchr(from, ch) : NULL;
  if (!p) return fail(k, k->i, "unknown escape; allowed are \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX");
  com_text_bytes(t, to + (p - from), 1);
  k->i += 2;
  return COM_OK;
}

/* Appends the decoded string that starts at the quote k->i. */
static com_status string(scan *k, com_text *t) {
  size_t start = k->i++;
  for (;;) {
    size_t run = k->i;
    while (k->i < k->n) { /* plain characters are copied in one piece */
      unsigned char ch = (unsigned char)k->s[k->i];
      size_t len = ch < 0x80 ? 1 : com_text_utf8(k->s + k->i, k->n - k->i);
      if (ch == '"' || ch == '\\' || ch < 0x20 || !len) break;
      k->i += len;
    }
    com_text_bytes(t, k->s + run, k->i - run);
    int ch = peek(k);
    if (ch < 0) return fail(k, start, "this string has no end; a closing \" is missing");
    if (ch == '"') break;
    if (ch == '\\')
      COM_TRY(escape(k, t));
    else if (ch == '\n' || ch == '\r')
      return fail(k, k->i, "line break in a string; close it, or write \\n");
    else if (ch < 0x20)
      return fail(k, k->i, "control character 0x%02x in a string; write \\u%04x", ch, ch);
    else
      return fail(k, k->i, "byte 0x%02x is not valid UTF-8; save the file as UTF-8", ch);
  }
  k->i++;
  return t->failed ? no_memory(k) : COM_OK;
}

/* ---- scalars ---- */

static void digits(scan *k) {
  while (is_digit(peek(k))) k->i++;
}

static com_status number(scan *k, double *x) {
  size_t start = k->i;
  if (starts(k, "-Inf") || starts(k, "-inf")) return unexpected(k, "a number");
  if (peek(k) == '-') k->i++;
  if (!is_digit(peek(k))) return unexpected(k, "a digit");
  if (peek(k) == '0' && k->i + 1 < k->n && is_digit(k->s[k->i + 1]))
    return fail(k, k->i, "a number may not have leading zeros");
  digits(k);
  if (peek(k) == '.') {
    k->i++;
    if (!is_digit(peek(k))) return unexpected(k, "a digit after the point");
    digits(k);
  }
  if (peek(k) == 'e' || peek(k) == 'E') {
    k->i++;
    if (peek(k) == '+' || peek(k) == '-') k->i++;
    if (!is_digit(peek(k))) return unexpected(k, "a digit in the exponent");
    digits(k);
  }
  k->word.n = 0; /* a copy, because strtod knows more than JSON (0x10) and wants an end */
  com_text_bytes(&k->word, k->s + start, k->i - start);
  if (k->word.failed) return no_memory(k);
  *x = strtod(k->word.s, NULL);
  if (*x - *x != 0) return fail(k, start, "%.40s is too large for a double (limit 1.8e308)", k->word.s);
  return COM_OK;
}

static com_status literal(scan *k, com_json_scan_event *e) {
  static const char *const words[] = {"null", "false", "true"};
  for (int w = 0; w < 3; w++)
    if (starts(k, words[w])) {
      e->type = (com_json_scan_type)(COM_JSON_SCAN_NULL + w);
      k->i += strlen(words[w]);
      return COM_OK;
    }
  return unexpected(k, "a value");
}

/* ---- containers ---- */

static com_status value(scan *k, int depth, const size_t *key);

static com_status tell(scan *k, com_json_scan_event e, const size_t *key) {
  e.key = key ? k->names.s + *key : NULL;
  return k->fn(&e, k->user);
}

static com_status array(scan *k, int depth) {
  for (int first = 1;; first = 0) {
    skip_blanks(k);
    if (first && peek(k) == ']') break;
    if (!first) {
      if (peek(k) == ']') break;
      if (peek(k) != ',') return unexpected(k, "',' or ']'");
      k->i++;
      skip_blanks(k);
      if (peek(k) == ']') return fail(k, k->i, "trailing comma; remove it");
    }
    COM_TRY(value(k, depth, NULL));
  }
  k->i++;
  return COM_OK;
}

/* Reads "name":  and pushes the name on the stack. */
static com_status member_name(scan *k) {
  if (peek(k) != '"') return unexpected(k, "a key in double quotes or '}'");
  if (k->n_open == k->cap_open) {
    size_t cap = k->cap_open ? 2 * k->cap_open : 16;
    name *more = realloc(k->open, cap * sizeof *more);
    if (!more) return no_memory(k);
    k->open = more;
    k->cap_open = cap;
  }
  k->open[k->n_open++] = (name){k->names.n, k->i, NULL};
  COM_TRY(string(k, &k->names));
  com_text_fill(&k->names, '\0', 1);
  if (k->names.failed) return no_memory(k);
  skip_blanks(k);
  if (peek(k) != ':') return unexpected(k, "':' after the key");
  k->i++;
  return COM_OK;
}

static int by_name(const void *a, const void *b) {
  const name *x = a, *y = b;
  int order = strcmp(x->s, y->s);
  return order ? order : (x->pos > y->pos) - (x->pos < y->pos);
}

/* The object whose names begin at `base` is complete: sort them (n log n, also for a million keys) and compare. */
static com_status refuse_duplicates(scan *k, size_t base) {
  size_t n = k->n_open - base;
  if (n < 2) return COM_OK;
  name *all = k->open + base;
  const name *worst = NULL;
  for (size_t j = 0; j < n; j++) all[j].s = k->names.s + all[j].at;
  qsort(all, n, sizeof *all, by_name);
  for (size_t j = 1; j < n; j++)
    if (!strcmp(all[j - 1].s, all[j].s) && (!worst || all[j].pos < worst->pos)) worst = &all[j];
  return worst ? fail(k, worst->pos, "duplicate key \"%.80s\"; remove one", worst->s) : COM_OK;
}

static com_status object(scan *k, int depth) {
  size_t base = k->n_open, text = k->names.n;
  for (int first = 1;; first = 0) {
    skip_blanks(k);
    if (peek(k) == '}') break;
    if (!first) {
      if (peek(k) != ',') return unexpected(k, "',' or '}'");
      k->i++;
      skip_blanks(k);
      if (peek(k) == '}') return fail(k, k->i, "trailing comma; remove it");
    }
    COM_TRY(member_name(k));
    size_t key = k->open[k->n_open - 1].at;
    COM_TRY(value(k, depth, &key));
  }
  k->i++;
  COM_TRY(refuse_duplicates(k, base));
  k->n_open = base;
  k->names.n = text;
  return COM_OK;
}

static com_status value(scan *k, int depth, const size_t *key) {
  com_json_scan_event e = {0};
  skip_blanks(k);
  int ch = peek(k), open = ch == '{' || ch == '[';
  if (++k->values > COM_JSON_SCAN_VALUES)
    return fail(k, k->i, "more than %d values; split the file", COM_JSON_SCAN_VALUES);
  if (open && depth >= COM_JSON_SCAN_DEPTH)
    return fail(k, k->i, "nested deeper than %d levels", COM_JSON_SCAN_DEPTH);
  if (open) {
    e.type = ch == '{' ? COM_JSON_SCAN_OBJECT : COM_JSON_SCAN_ARRAY;
    COM_TRY(tell(k, e, key));
    k->i++;
    COM_TRY(ch == '{' ? object(k, depth + 1) : array(k, depth + 1));
    return tell(k, (com_json_scan_event){.type = COM_JSON_SCAN_END}, NULL);
  }
  if (ch == '"') {
    e.type = COM_JSON_SCAN_STRING;
    k->word.n = 0;
    COM_TRY(string(k, &k->word));
    e.text = k->word.n ? k->word.s : "";
  } else if (ch == '-' || is_digit(ch)) {
    e.type = COM_JSON_SCAN_NUMBER;
    COM_TRY(number(k, &e.x));
  } else
    COM_TRY(literal(k, &e));
  return tell(k, e, key);
}

com_status com_json_scan(com_ctx *c, const char *file, const char *text, size_t n, com_json_scan_fn fn,
                         void *user) {
  scan k = {.c = c, .file = file, .s = text, .n = n, .fn = fn, .user = user};
  com_status status = value(&k, 0, NULL);
  if (!status) {
    skip_blanks(&k);
    if (k.i < n) status = fail(&k, k.i, "unexpected text after the end of the JSON value%s", remedy(&k));
  }
  com_text_finish(&k.word);
  com_text_finish(&k.names);
  free(k.open);
  return status;
}
