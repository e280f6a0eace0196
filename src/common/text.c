/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/text.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for n more bytes and the NUL. */
static int reserve(com_text *t, size_t n) {
  if (t->failed) return 0;
  if (n < t->cap - t->n && t->s) return 1;
  size_t cap = t->cap ? t->cap : 64;
  while (cap - t->n <= n) {
    if (cap > (size_t)-1 / 2) {
      t->failed = 1;
      return 0;
    }
    cap *= 2;
  }
  char *s = realloc(t->s, cap);
  if (!s) {
    t->failed = 1;
    return 0;
  }
  t->s = s;
  t->cap = cap;
  t->s[t->n] = '\0';
  return 1;
}

void com_text_bytes(com_text *t, const char *s, size_t n) {
  if (!n || !reserve(t, n)) return;
  memcpy(t->s + t->n, s, n);
  t->n += n;
  t->s[t->n] = '\0';
}

void com_text_add(com_text *t, const char *s) {
  if (s) com_text_bytes(t, s, strlen(s));
}

void com_text_fill(com_text *t, char ch, size_t n) {
  if (!reserve(t, n)) return;
  memset(t->s + t->n, ch, n);
  t->n += n;
  t->s[t->n] = '\0';
}

void com_text_printf(com_text *t, const char *fmt, ...) {
  va_list ap, again;
  va_start(ap, fmt);
  va_copy(again, ap);
  int n = vsnprintf(NULL, 0, fmt, ap);
  va_end(ap);
  if (n < 0) t->failed = 1;
  if (n > 0 && reserve(t, (size_t)n)) {
    vsnprintf(t->s + t->n, (size_t)n + 1, fmt, again);
    t->n += (size_t)n;
  }
  va_end(again);
}

size_t com_text_utf8(const char *s, size_t n) {
  const unsigned char *u = (const unsigned char *)s;
  if (!n) return 0;
  if (u[0] < 0x80) return 1;
  size_t len = u[0] >= 0xf0 ? 4 : u[0] >= 0xe0 ? 3 : 2;
  if (u[0] < 0xc2 || u[0] > 0xf4 || n < len) return 0;
  for (size_t i = 1; i < len; i++)
    if ((u[i] & 0xc0) != 0x80) return 0;
  if ((u[0] == 0xe0 && u[1] < 0xa0) || (u[0] == 0xed && u[1] > 0x9f)) return 0; /* overlong; surrogates */
  if ((u[0] == 0xf0 && u[1] < 0x90) || (u[0] == 0xf4 && u[1] > 0x8f)) return 0; /* overlong; > U+10FFFF */
  return len;
}

void com_text_quote(com_text *t, const char *s) {
  static const char *const named[] = {['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n", ['\f'] = "\\f",
                                      ['\r'] = "\\r", ['"'] = "\\\"", ['\\'] = "\\\\"};
  size_t left = strlen(s);
  com_text_bytes(t, "\"", 1);
  while (left) {
    unsigned char u = (unsigned char)*s;
    size_t len = com_text_utf8(s, left);
    if (!len)
      com_text_add(t, "\xef\xbf\xbd");
    else if (u < sizeof named / sizeof *named && named[u])
      com_text_add(t, named[u]);
    else if (u < 0x20)
      com_text_printf(t, "\\u%04x", u);
    else
      com_text_bytes(t, s, len);
    len = len ? len : 1;
    s += len;
    left -= len;
  }
  com_text_bytes(t, "\"", 1);
}

const char *com_text_time(double seconds, char out[COM_TEXT_TIME]) {
  static const struct {
    double size, up_to;
    const char *name;
  } units[] = {{1, 95, "s"}, {60, 57, "min"}, {3600, 28, "h"}, {86400, 0, "days"}};
  char digit[16];
  int u = 0;
  while (u < 3 && seconds >= units[u].up_to * units[u].size) u++;
  snprintf(digit, sizeof digit, "%.0e", seconds / units[u].size);
  snprintf(out, COM_TEXT_TIME, "%g %s", atof(digit), units[u].name);
  return out;
}

com_status com_text_take(com_ctx *c, com_text *t, char **out) {
  *out = NULL;
  reserve(t, 0); /* "" rather than NULL */
  if (t->failed) {
    com_text_finish(t);
    return COM_FAIL(c, COM_E_MEM, "out of memory");
  }
  *out = t->s;
  *t = (com_text){0};
  return COM_OK;
}

void com_text_finish(com_text *t) {
  free(t->s);
  *t = (com_text){0};
}
