/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <stdio.h>
#include "../test.h"
#include "common/html.h"
#include "common/svg.h"

static const char evil[] = "<script>alert(\"1\")</script> & ' \x01 \xff end";

static int has(const char *text, const char *word) { return strstr(text, word) != NULL; }

/* Well-formed as XML, and of elements that HTML knows; no reference to anything outside. */
static void check_page(const char *s) {
  char stack[64][24];
  int depth = 0, in_style = 0;
  ck_assert_msg(!strncmp(s, "<!DOCTYPE html>\n<html lang=\"en\">", 32), "%.40s", s);
  for (s += 15; *s; s++) {
    ck_assert_msg((unsigned char)*s >= 0x20 || *s == '\n', "control character %d", *s);
    if (*s == '&')
      ck_assert_msg(!strncmp(s, "&amp;", 5) || !strncmp(s, "&lt;", 4) || !strncmp(s, "&gt;", 4) ||
                        !strncmp(s, "&quot;", 6),
                    "bare &: %.20s", s);
    if (*s != '<') continue;
    ck_assert_msg(!in_style || s[1] == '/', "< in the style sheet");
    char name[24] = {0};
    const int closing = s[1] == '/';
    s += 1 + closing;
    for (int i = 0; i < 23 && isalnum((unsigned char)*s); i++) name[i] = *s++;
    ck_assert_msg(*name, "nameless tag before %.20s", s);
    ck_assert_msg(strcmp(name, "script") != 0 && strcmp(name, "img") != 0, "<%s>", name);
    const char *start = s;
    int quoted = 0, empty = 0;
    for (; *s && (*s != '>' || quoted); s++) {
      quoted ^= *s == '"';
      empty = *s == '/' && !quoted;
    }
    char attributes[512];
    snprintf(attributes, sizeof attributes, "%.*s", (int)(s - start), start);
    ck_assert_msg(!has(attributes, "src=") && !has(attributes, " on"), "<%s%s>", name, attributes);
    const char *href = strstr(attributes, "href=\"");
    ck_assert_msg(!href || href[6] == '#' || !strncmp(href + 6, "data:,\"", 7), "<%s%s>", name, attributes);
    if (closing) {
      ck_assert_msg(depth > 0 && !strcmp(stack[depth - 1], name), "</%s> closes <%s>", name,
                    depth ? stack[depth - 1] : "");
      depth--;
      in_style = 0;
    } else if (!empty) {
      ck_assert_int_lt(depth, 64);
      memcpy(stack[depth++], name, sizeof name);
      in_style = !strcmp(name, "style");
    }
  }
  ck_assert_int_eq(depth, 0);
}

static com_table *make_table(com_ctx *c, size_t n) {
  com_table *t;
  double *v = malloc(2 * n * sizeof *v);
  const char **name = malloc(n * sizeof *name);
  for (size_t i = 0; i < n; i++) v[i] = 0.1 * (double)i, v[n + i] = i == 1 ? NAN : 0.01, name[i] = evil;
  TEST_OK(c, com_table_create(c, &t));
  TEST_OK(c, com_table_add_text(c, t, "na<me", n, name));
  TEST_OK(c, com_table_add(c, t, "x^2", "GeV^3", NULL, n, v, v + n));
  free(v);
  free(name);
  return t;
}

START_TEST(page) {
  com_ctx *c = test_ctx();
  com_text t = {0};
  com_svg *s;
  char *html;
  com_table *small = make_table(c, 3), *large = make_table(c, 1000);
  const double x[3] = {1, 2, 3};
  com_html_open(&t, evil);
  com_html_section(&t, "one", "First & last");
  com_html_table(&t, "small < table", small);
  com_html_table(&t, "large", large);
  com_html_pre(&t, evil, "two\nlines");
  TEST_OK(c, com_svg_create(c, evil, 1, 2, &s));
  TEST_OK(c, com_svg_panel(c, s, 0, 0, &(com_svg_axes){.title = evil, .xlabel = evil, .ylabel = "y"}));
  TEST_OK(c, com_svg_add(c, s,
                         &(com_svg_series){.mark = COM_MARK_POINTS, .legend = evil, .n = 3, .x = x, .y = x}));
  TEST_OK(c, com_svg_note(c, s, evil));
  TEST_OK(c, com_svg_caption(c, s, evil));
  com_svg_html(s, &t);
  com_text_add(&t, "</section>\n");
  com_html_close(&t);
  TEST_OK(c, com_text_take(c, &t, &html));
  check_page(html);
  ck_assert(!has(html, "<script") && has(html, "&lt;script&gt;alert(&quot;1&quot;)"));
  ck_assert(has(html, "<th scope=\"col\">x<sup>2</sup> [GeV<sup>3</sup>]</th>"));
  ck_assert(has(html, "<td>0.000 \xc2\xb1 0.010</td>") && has(html, "<td>0.1</td>"));
  ck_assert(has(html, "The first 400 of 1000 rows") && has(html, "<summary>large (1000 rows)</summary>"));
  ck_assert(has(html, "two\nlines</pre>"));
  ck_assert(has(html, "role=\"img\" aria-label=\"") && has(html, "stroke=\"var(--frame)\""));
  ck_assert(!has(html, "#ffffff\"")); /* no colour of a picture is fixed */
  ck_assert(has(html, "prefers-color-scheme:dark") && has(html, "@media print"));
  free(html);
  com_svg_destroy(s);
  com_table_destroy(small);
  com_table_destroy(large);
  com_ctx_destroy(c);
}
END_TEST

static void check_number(double v, double err, const char *want) {
  com_text t = {0};
  com_html_number(&t, v, err);
  ck_assert_str_eq(t.s, want);
  com_text_finish(&t);
}

START_TEST(numbers) {
  check_number(0.6380105, 0.0012162, "0.6380 \xc2\xb1 0.0012");
  check_number(-50.9391407, 0.000619, "-50.93914 \xc2\xb1 0.00062");
  check_number(3.19837, NAN, "3.19837");
  check_number(123456, 250, "123456 \xc2\xb1 250");
  check_number(1e-9, 2e-10, "1e-09 \xc2\xb1 2e-10");
  check_number(5, 0, "5 \xc2\xb1 0");
  check_number(0.774596669, 1e-14, "0.774596669 \xc2\xb1 1e-14");
  check_number(NAN, 1, "\xe2\x80\x93");
  check_number(INFINITY, NAN, "\xe2\x80\x93");
}
END_TEST

TEST_MAIN("html", page, numbers)
