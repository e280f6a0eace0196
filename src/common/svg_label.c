/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <string.h>
#include "common/svg_label.h"

static const double small_run = 0.7; /* size of raised and lowered text */

/* Bytes of a "^3" or "^-12" that needs no braces, after the caret. */
static size_t bare_exponent(const char *s) {
  const size_t sign = s[0] == '-' || s[0] == '+', digits = strspn(s + sign, "0123456789");
  return digits ? sign + digits : 0;
}

/* Does markup start at s?  Its text, and what follows it. */
static int markup(const char *s, com_svg_label_run *run, const char **after) {
  if (*s != '^' && *s != '_') return 0;
  const char *close = s[1] == '{' ? strchr(s + 2, '}') : NULL;
  const size_t bare = *s == '^' ? bare_exponent(s + 1) : 0;
  if (!close && !bare) return 0;
  *run =
      (com_svg_label_run){close ? s + 2 : s + 1, close ? (size_t)(close - s - 2) : bare, *s == '^' ? 1 : -1};
  *after = close ? close + 1 : s + 1 + bare;
  return 1;
}

int com_svg_label_next(const char **s, com_svg_label_run *run) {
  com_svg_label_run ignored;
  const char *p = *s, *after;
  if (!*p) return 0;
  if (markup(p, run, s)) return 1;
  do p++;
  while (*p && !markup(p, &ignored, &after));
  *run = (com_svg_label_run){*s, (size_t)(p - *s), 0};
  *s = p;
  return 1;
}

/* In units of the font size, between Helvetica and the wider DejaVu Sans. */
static double glyph_width(unsigned char ch) {
  if (ch >= 0xc0) return 0.62; /* the first byte of a longer sequence stands for all */
  if (ch >= 0x80) return 0;
  if (strchr("ijl.,;:'|!", ch)) return 0.29;
  if (strchr(" ftr()[]{}/-\"", ch)) return 0.37;
  if (strchr("mwMW@%", ch)) return 0.92;
  return isupper(ch) ? 0.70 : 0.61;
}

double com_svg_label_width(const char *s, double font) {
  double sum = 0;
  for (com_svg_label_run run; com_svg_label_next(&s, &run);)
    for (size_t i = 0; i < run.n; i++)
      sum += glyph_width((unsigned char)run.s[i]) * (run.level ? small_run : 1);
  return sum * font;
}

double com_svg_label_fit(const char *s, double font, double width) {
  const double wide = com_svg_label_width(s, font), smallest = 0.6 * font;
  if (wide <= width) return font;
  return width < wide * 0.6 ? smallest : font * width / wide;
}

void com_svg_label_escape(com_text *out, const char *s, size_t n) {
  while (n) {
    size_t k = com_text_utf8(s, n);
    if (*s == '&')
      com_text_add(out, "&amp;");
    else if (*s == '<')
      com_text_add(out, "&lt;");
    else if (*s == '>')
      com_text_add(out, "&gt;");
    else if (*s == '"')
      com_text_add(out, "&quot;");
    else if (k == 1 && ((unsigned char)*s < 0x20 || *s == 0x7f))
      com_text_add(out, " "); /* XML has no control characters */
    else if (k)
      com_text_bytes(out, s, k);
    else
      com_text_add(out, "\xef\xbf\xbd"); /* U+FFFD, not UTF-8 */
    k = k ? k : 1;
    s += k;
    n -= k;
  }
}

/* A hyphen in an exponent is a minus. */
static void put_run(com_text *out, const char *s, size_t n, int level) {
  if (level > 0 && n > 1 && *s == '-') {
    com_text_add(out, "\xe2\x88\x92");
    s++;
    n--;
  }
  com_svg_label_escape(out, s, n);
}

void com_svg_label_text(com_text *out, double x, double y, double font, const char *attributes,
                        const char *s) {
  const double blank = 0.28 * font;
  double gap = 0;
  int level = 0;
  com_text_printf(out, "<text x=\"%.2f\" y=\"%.2f\" font-size=\"%g\"%s>", x, y, font, attributes);
  for (com_svg_label_run run; com_svg_label_next(&s, &run); level = run.level) {
    /* shifts are relative to the run before; baseline-shift would be simpler, but Firefox ignores it. 
     * Renderers drop blanks at the edges of a run, so these become shifts as well. */
    const double up = 0.38 * font, down = 0.22 * font, size = run.level ? small_run * font : font;
    const double from = level > 0   ? up
                        : level < 0 ? -down
                                    : 0,
                 to = run.level > 0   ? up
                      : run.level < 0 ? -down
                                      : 0;
    const int inside = run.level || level;
    for (; inside && run.n && *run.s == ' '; run.s++, run.n--) gap += blank;
    if (inside)
      com_text_printf(out, "<tspan dx=\"%.2f\" dy=\"%.2f\" font-size=\"%g\">", gap, from - to, size);
    gap = 0;
    for (; run.n && run.s[run.n - 1] == ' '; run.n--) gap += blank;
    put_run(out, run.s, run.n, run.level);
    if (inside) com_text_add(out, "</tspan>");
  }
  com_text_add(out, "</text>\n");
}

size_t com_svg_label_wrap(const char *s, double width, double font) {
  double sum = 0;
  size_t last = 0, i = 0;
  for (; s[i] && s[i] != '\n'; i++) {
    if (s[i] == ' ') last = i;
    sum += glyph_width((unsigned char)s[i]) * font;
    if (sum > width && last) return last;
  }
  return i;
}
