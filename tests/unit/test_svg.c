/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <stdio.h>
#include "../test.h"
#include "common/svg.h"
#include "common/svg_axis.h"
#include "common/svg_label.h"
#include "common/svg_layout.h"

static int count(const char *text, const char *word) {
  int n = 0;
  for (const char *p = text; (p = strstr(p, word)) != NULL; p += strlen(word)) n++;
  return n;
}

/* A small XML checker: tags nest and close, attributes are quoted, "&" starts a known entity, no raw "<" or
 * control. */
static void check_xml(const char *s) {
  char stack[32][32];
  int depth = 0, roots = 0;
  for (; *s; s++) {
    ck_assert_msg((unsigned char)*s >= 0x20 || *s == '\n', "control character %d", *s);
    if (*s == '&') {
      const char *const entities[] = {"&amp;", "&lt;", "&gt;", "&quot;"};
      int known = 0;
      for (int i = 0; i < 4; i++) known |= !strncmp(s, entities[i], strlen(entities[i]));
      ck_assert_msg(known, "bare &: %.20s", s);
    }
    if (*s != '<') continue;
    char name[32] = {0};
    const int closing = s[1] == '/';
    s += 1 + closing;
    for (int i = 0; i < 31 && (isalnum((unsigned char)*s)); i++) name[i] = *s++;
    ck_assert_msg(*name, "nameless tag before %.20s", s);
    int quoted = 0, empty = 0;
    for (; *s && (*s != '>' || quoted); s++) {
      quoted ^= *s == '"';
      empty = *s == '/' && !quoted;
      ck_assert_msg(*s != '<', "< inside tag %s", name);
    }
    ck_assert_msg(*s == '>', "tag %s is not closed", name);
    if (closing) {
      ck_assert_msg(depth > 0 && !strcmp(stack[depth - 1], name), "</%s> closes <%s>", name,
                    depth ? stack[depth - 1] : "");
      depth--;
    } else if (!empty) {
      ck_assert_int_lt(depth, 32);
      roots += depth == 0;
      memcpy(stack[depth++], name, sizeof name);
    }
  }
  ck_assert_int_eq(depth, 0);
  ck_assert_int_eq(roots, 1);
}

enum { N = 40 };
typedef struct sample {
  double x[N], y[N], y2[N], err[N];
} sample;

static sample make_sample(void) {
  sample d;
  for (int i = 0; i < N; i++) {
    d.x[i] = 0.2385 + 0.1 * i;
    d.y[i] = exp(-0.5 * d.x[i]) + 0.1;
    d.y2[i] = 1.3 * d.y[i];
    d.err[i] = 0.05 * d.y[i];
  }
  return d;
}

static com_svg *make(com_ctx *c) {
  sample d = make_sample();
  com_svg *s;
  TEST_OK(c, com_svg_create(c, "χ^{2} & <others> \"quoted\"", 1, 2, &s));
  TEST_OK(c, com_svg_panel(c, s, 0, 0,
                           &(com_svg_axes){
                               .title = "left", .xlabel = "m_{q} [GeV]", .ylabel = "V [GeV^3]", .ylog = 1}));
  TEST_OK(c, com_svg_add(c, s, &(com_svg_series){COM_MARK_BAND, 0, "band", N, d.x, d.y, NULL, d.y2}));
  d.y[20] = NAN;
  TEST_OK(c, com_svg_add(c, s, &(com_svg_series){COM_MARK_LINE, 1, "line", N, d.x, d.y, NULL, NULL}));
  TEST_OK(c, com_svg_add(c, s, &(com_svg_series){COM_MARK_DASHED, -1, "dashed", N, d.x, d.y2, NULL, NULL}));
  TEST_OK(c, com_svg_hline(c, s, 0.3));
  TEST_OK(c, com_svg_panel(c, s, 0, 1, &(com_svg_axes){.xlabel = "m_q", .ylabel = "n"}));
  TEST_OK(c, com_svg_add(c, s, &(com_svg_series){COM_MARK_BARS, 2, NULL, N, d.x, d.y2, NULL, NULL}));
  TEST_OK(c, com_svg_add(c, s, &(com_svg_series){COM_MARK_POINTS, 3, "a < b", N, d.x, d.y, d.err, NULL}));
  TEST_OK(c, com_svg_add(c, s, &(com_svg_series){COM_MARK_DOTTED, -2, NULL, N, d.x, d.y2, NULL, NULL}));
  TEST_OK(c, com_svg_note(c, s, "λ = 0.0124\tGeV^{-1}"));
  TEST_OK(c,
          com_svg_caption(
              c, s,
              "A caption that is long enough to be wrapped into several lines under a figure of two panels: "
              "first sentence & second sentence, third sentence, and the end."));
  return s;
}

START_TEST(document) {
  com_ctx *c = test_ctx();
  com_svg *s = make(c), *again = make(c);
  char *text, *text2;
  TEST_OK(c, com_svg_text(c, s, &text));
  TEST_OK(c, com_svg_text(c, again, &text2));
  ck_assert_str_eq(text, text2);
  check_xml(text);
  ck_assert_ptr_nonnull(strstr(text, "viewBox=\"0 0 840 "));
  ck_assert_ptr_nonnull(strstr(text, "fill=\"#ffffff\"/>")); /* background */
  ck_assert_int_eq(count(text, "<clipPath"), 2);
  ck_assert_int_eq(count(text, "clip-path=\"url("), 2);
  ck_assert_int_eq(count(text, ">line</text>"), 1);
  ck_assert_int_eq(count(text, ">a &lt; b</text>"), 1);
  ck_assert_int_eq(count(text, "&lt;others&gt; &quot;quoted&quot;"), 2); /* <title> and heading */
  ck_assert_ptr_nonnull(strstr(text, ">m<tspan dx=\"0.00\" dy=\"3.08\" font-size=\"9.8\">q</tspan>"));
  ck_assert_ptr_nonnull(strstr(text, "font-size=\"9.8\">3</tspan>")); /* GeV^3 without braces */
  ck_assert_ptr_nonnull(strstr(text, ">m_q</text>"));                 /* a bare _ is literal */
  ck_assert_ptr_nonnull(strstr(text, "λ = 0.0124 GeV"));
  ck_assert_int_eq(count(text, "<path d=\"M"),
                   N - 1 + 1); /* diamonds: one datum is NaN, one is in the legend */
  ck_assert_int_eq(count(text, "stroke-dasharray=\"7 4\""), 2); /* curve and legend */
  ck_assert_int_ge(count(text, "fill=\"#222222\">"), 2);        /* wrapped caption */
  ck_assert_int_eq(count(text, "nan") + count(text, "inf"), 0);
  free(text), free(text2);
  com_svg_destroy(s), com_svg_destroy(again), com_svg_destroy(NULL);
  com_ctx_destroy(c);
}
END_TEST

/* The path of the first curve of a one-panel figure. */
static char *curve(com_ctx *c, const com_svg_axes *a, size_t n, const double *x, const double *y,
                   double *height) {
  com_svg *s;
  char *text;
  TEST_OK(c, com_svg_create(c, NULL, 1, 1, &s));
  TEST_OK(c, com_svg_panel(c, s, 0, 0, a));
  TEST_OK(c, com_svg_add(c, s, &(com_svg_series){COM_MARK_LINE, 0, NULL, n, x, y, NULL, NULL}));
  TEST_OK(c, com_svg_text(c, s, &text));
  check_xml(text);
  const char *clip = strstr(text, "<clipPath"), *h = strstr(clip, "height=\"");
  *height = strtod(h + 8, NULL);
  char *from = strstr(strstr(text, "stroke=\"#0072B2\""), " d=\"") + 4;
  char *path = strndup(from, strcspn(from, "\""));
  free(text);
  com_svg_destroy(s);
  return path;
}

START_TEST(nan_breaks_lines) {
  com_ctx *c = test_ctx();
  const double x[] = {0, 1, 2, 3, 4, 5}, y[] = {1, 2, NAN, 4, 3, -1};
  double h;
  char *path = curve(c, &(com_svg_axes){0}, 6, x, y, &h);
  ck_assert_int_eq(count(path, "M"), 2);
  ck_assert_int_eq(count(path, "L"), 3);
  free(path);
  path = curve(c, &(com_svg_axes){.ylog = 1}, 6, x, y, &h); /* no logarithm of -1 */
  ck_assert_int_eq(count(path, "M"), 2);
  ck_assert_int_eq(count(path, "L"), 2);
  free(path);
  com_ctx_destroy(c);
}
END_TEST

/* Positions: a decade on a log axis is the same length everywhere; explicit ranges are kept exactly. */
START_TEST(positions) {
  com_ctx *c = test_ctx();
  const double x[] = {0, 1, 2}, y[] = {1e-3, 1e-1, 1e1}, far[] = {1, 1e300, -1e300};
  double h, px[3], py[3];
  char *path = curve(c, &(com_svg_axes){.ylog = 1, .ymin = 1e-4, .ymax = 1e2}, 3, x, y, &h);
  ck_assert_int_eq(sscanf(path, "M%lf %lfL%lf %lfL%lf %lf", px, py, px + 1, py + 1, px + 2, py + 2), 6);
  ck_assert(fabs(py[0] - py[1] - h / 3) < 0.02 && fabs(py[1] - py[2] - h / 3) < 0.02);
  ck_assert(fabs(px[1] - px[0] - (px[2] - px[1])) < 0.02);
  free(path);
  path = curve(c, &(com_svg_axes){.ymin = -2, .ymax = 2}, 3, x, far, &h); /* no overflow in the file */
  ck_assert_int_eq(sscanf(path, "M%lf %lfL%lf %lfL%lf %lf", px, py, px + 1, py + 1, px + 2, py + 2), 6);
  ck_assert(py[1] == -1e5 && py[2] == 1e5);
  free(path);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(linear_axis) {
  com_svg_axis a;
  com_svg_axis_make(-0.13, 1.07, 0, 0, 6, &a);
  const char *const labels[] = {"0.0", "0.2", "0.4", "0.6", "0.8", "1.0"};
  ck_assert_uint_eq(a.n_major, 6);
  for (size_t i = 0; i < 6; i++) {
    ck_assert_str_eq(a.label[i], labels[i]);
    TEST_NEAR(a.major[i], 0.2 * (double)i, 1e-12);
  }
  for (size_t i = 0; i < a.n_minor; i++) /* multiples of 0.05 that are no multiples of 0.2 */
    ck_assert(fabs(a.minor[i] / 0.05 - round(a.minor[i] / 0.05)) < 1e-9 &&
              fabs(a.minor[i] / 0.2 - round(a.minor[i] / 0.2)) > 0.1);
  ck_assert_uint_eq(a.n_minor, 18);
  com_svg_axis_make(-2.4e-6, 1.1e-6, 0, 0, 5, &a);
  ck_assert_str_eq(a.factor, "×10^{−6}");
  ck_assert_str_eq(a.label[0], "−2.0");
  TEST_NEAR(com_svg_axis_at(&a, -2.4e-6), 0, 1e-15);
  TEST_NEAR(com_svg_axis_at(&a, -0.65e-6), 0.5, 1e-12);
  com_svg_axis_make(15306383611560040., 15306383611560072., 0, 0, 5, &a); /* ends, where k + 1 = k */
  ck_assert_uint_le(a.n_major, COM_SVG_MAJORS);
  com_svg_axis_make(1234.5, 1234.5004, 0, 0, 5, &a);
  ck_assert_uint_ge(a.n_major, 3);
  ck_assert_str_ne(a.label[0], a.label[1]);
}
END_TEST

START_TEST(log_axis) {
  com_svg_axis a;
  com_svg_axis_make(3e-9, 2e4, 1, 0, 6, &a);
  ck_assert(a.n_major >= 4 && a.n_major <= 8);
  for (size_t i = 0; i < a.n_major; i++) {
    const double e = log10(a.major[i]);
    ck_assert(fabs(e - round(e)) < 1e-9 && a.major[i] > 3e-9 && a.major[i] < 2e4);
  }
  ck_assert_str_eq(a.label[0], "10^{−6}");
  TEST_NEAR(com_svg_axis_at(&a, sqrt(3e-9 * 2e4)), 0.5, 1e-12);
  ck_assert(isnan(com_svg_axis_at(&a, 0)) && isnan(com_svg_axis_at(&a, -1)));

  com_svg_axis_make(0.02, 700, 1, 0, 6, &a); /* few decades: plain numbers, minor ticks at 2..9 */
  ck_assert_str_eq(a.label[0], "0.1");
  ck_assert_uint_eq(a.n_major, 4);
  ck_assert_uint_eq(a.n_minor, 7 + 3 * 8 + 5);
  com_svg_axis_make(3, 27, 1, 0, 6, &a); /* one decade: 5, 10, 20 */
  ck_assert_uint_eq(a.n_major, 3);
  ck_assert_str_eq(a.label[0], "5");
  com_svg_axis_make(2.1, 3.3, 1, 0, 6, &a); /* less: as a linear axis */
  ck_assert_uint_ge(a.n_major, 3);
  com_svg_axis_make(1e-280, 1e280, 1, 0, 6, &a);
  ck_assert(a.n_major >= 4 && a.n_major <= 8);
  for (size_t k = 0; k < a.n_major; k++) /* although hi / lo overflows */
    ck_assert_double_eq_tol(com_svg_axis_at(&a, a.major[k]), (log10(a.major[k]) + 280) / 560, 1e-12);
  ck_assert_msg(a.n_minor <= 60, "%zu small ticks blacken the frame", a.n_minor);
}
END_TEST

/* Whatever the ranges: labelled ticks inside the axis, in order, never too many, and labels that keep their
 * distance. */
START_TEST(ticks_of_any_range) {
  for (int i = 0; i < 2000; i++) {
    const double width = pow(10, 12 * sin(1.7 * i)), middle = width * 300 * cos(2.3 * i) * (i % 3);
    for (int log = 0; log < 2; log++) {
      const double lo = log ? width : middle - width,
                   hi = log ? width * (1.05 + pow(10, 9 * sin(0.7 * i))) : middle + width;
      com_svg_axis a;
      com_svg_axis_make(lo, hi, log, 0, 6, &a);
      ck_assert_msg(a.n_major >= 2 && a.n_major <= 12, "[%g, %g] log %d: %zu ticks", lo, hi, log, a.n_major);
      for (size_t k = 0; k < a.n_major; k++) {
        const double at = com_svg_axis_at(&a, a.major[k]);
        ck_assert_msg(at > -1e-6 && at < 1 + 1e-6, "[%g, %g]: %g outside", lo, hi, a.major[k]);
        ck_assert_msg(!k || (a.major[k] > a.major[k - 1] && strcmp(a.label[k], a.label[k - 1])),
                      "[%g, %g]: %s %s", lo, hi, a.label[k - 1], a.label[k]);
      }
    }
  }
}
END_TEST

static int inside(com_svg_box b, double x, double y) {
  return x > b.x && x < b.x + b.w && y > b.y && y < b.y + b.h;
}

/* Curves through any three of the four corners leave the fourth to the legend; a filled panel gets room on
 * top. */
START_TEST(legend_avoids_data) {
  double x[400], y[400];
  for (int corner = 0; corner < 5; corner++) {
    int n = 0;
    for (int i = 0; i < 400; i++) {
      const double u = (i % 20) / 19.0, v = (i / 20) / 19.0;
      const int k = (u > 0.45) + 2 * (v > 0.45);
      if (k != corner) x[n] = u, y[n++] = v;
    }
    com_svg_series d = {COM_MARK_POINTS, 0, "legend text", (size_t)n, x, y, NULL, NULL};
    const com_svg_cell cell = {
        .used = 1, .axes = {.title = "", .xlabel = "x", .ylabel = "y"}, .series = &d, .n_series = 1};
    com_svg_layout l;
    com_svg_layout_make(&cell, 0, 0, com_svg_layout_left(&cell), com_svg_layout_top(&cell), &l);
    ck_assert(l.legend.w > 50);
    ck_assert(inside(l.plot, l.legend.x, l.legend.y) &&
              inside(l.plot, l.legend.x + l.legend.w, l.legend.y + l.legend.h));
    for (int i = 0; i < n; i++) {
      double px, py;
      com_svg_layout_place(&l, x[i], y[i], &px, &py);
      ck_assert(inside(l.plot, px, py));
      ck_assert_msg(!inside(l.legend, px, py), "corner %d: the legend covers (%g, %g)", corner, x[i], y[i]);
    }
    if (corner < 4) ck_assert_int_eq(l.legend_column == 2, corner & 1);
    if (corner == 4) ck_assert(l.y.hi > 1.15);
  }
}
END_TEST

START_TEST(labels) {
  com_text t = {0};
  com_svg_label_escape(&t, "a\x01\xff<", 4);
  ck_assert_str_eq(t.s, "a \xef\xbf\xbd&lt;");
  com_text_finish(&t);
  const char *s = "E^{2}_{k}^-3 x^y _{open";
  const struct {
    const char *text;
    int level;
  } want[] = {{"E", 0}, {"2", 1}, {"k", -1}, {"-3", 1}, {" x^y _{open", 0}};
  com_svg_label_run run;
  for (size_t i = 0; i < 5; i++) {
    ck_assert_int_eq(com_svg_label_next(&s, &run), 1);
    ck_assert_msg(run.n == strlen(want[i].text) && !strncmp(run.s, want[i].text, run.n) &&
                      run.level == want[i].level,
                  "run %zu: %.*s, %d", i, (int)run.n, run.s, run.level);
  }
  ck_assert_int_eq(com_svg_label_next(&s, &run), 0);
  ck_assert(com_svg_label_width("wide WORD", 10) > com_svg_label_width("ill fit", 10));
  ck_assert(com_svg_label_width("x^{2}", 10) < com_svg_label_width("x2", 10));
  ck_assert_uint_eq(com_svg_label_wrap("one two three", 45, 10), 7);
  ck_assert_uint_eq(com_svg_label_wrap("unbreakable", 20, 10), 11);
  ck_assert_uint_eq(com_svg_label_wrap("ab\ncd", 400, 10), 2);
}
END_TEST

START_TEST(edge_cases) {
  com_ctx *c = test_ctx();
  const double x[] = {2.385}, y[] = {-7e-9}, bad[] = {NAN}, huge[] = {1e308}, e[] = {INFINITY};
  const com_mark marks[] = {COM_MARK_LINE, COM_MARK_POINTS, COM_MARK_BAND, COM_MARK_BARS};
  for (int log = 0; log < 2; log++)
    for (int m = 0; m < 4; m++)
      for (int k = 0; k < 4; k++) {
        com_svg *s;
        char *text;
        const double *v = k == 0 ? y : k == 1 ? bad : huge;
        TEST_OK(c, com_svg_create(c, "", 1, 2, &s)); /* the second panel stays empty */
        TEST_OK(c,
                com_svg_panel(c, s, 0, 0,
                              &(com_svg_axes){.xlog = log, .ylog = log, .ymin = -1, .ymax = log ? 1 : -1}));
        TEST_OK(c, com_svg_add(c, s, &(com_svg_series){marks[m], 0, "x", k < 3, x, v, e, v}));
        TEST_OK(c, com_svg_text(c, s, &text));
        check_xml(text);
        ck_assert_msg(count(text, "nan") + count(text, "inf") == 0, "log %d mark %d data %d", log, m, k);
        free(text);
        TEST_OK(c, com_svg_gnuplot(c, s, &text));
        ck_assert_int_eq(count(text, "inf"), 0);
        free(text);
        com_svg_destroy(s);
      }
  com_ctx_destroy(c);
}
END_TEST

/* Differences a sixth of which is 0. */
START_TEST(denormal_numbers) {
  com_ctx *c = test_ctx();
  const double x[] = {0, 5e-324}, y[] = {0, 1e-320};
  for (int given = 0; given < 2; given++) {
    com_svg *s;
    char *text;
    TEST_OK(c, com_svg_create(c, "", 1, 1, &s));
    TEST_OK(c, com_svg_panel(c, s, 0, 0, &(com_svg_axes){.xmin = 0, .xmax = given ? 5e-324 : 0}));
    TEST_OK(c, com_svg_add(c, s, &(com_svg_series){.mark = COM_MARK_POINTS, .n = 2, .x = x, .y = y}));
    TEST_OK(c, com_svg_text(c, s, &text));
    check_xml(text);
    ck_assert_int_eq(count(text, "nan") + count(text, "inf"), 0);
    ck_assert_ptr_nonnull(strstr(text, ">1.0</text>"));
    free(text);
    com_svg_destroy(s);
  }
  com_ctx_destroy(c);
}
END_TEST

START_TEST(misuse) {
  com_ctx *c = test_ctx();
  com_svg *s = NULL;
  const double x[] = {1};
  TEST_FAILS(c, COM_E_NUM, "grid of 0 x 2", com_svg_create(c, "t", 0, 2, &s));
  ck_assert_ptr_null(s);
  TEST_OK(c, com_svg_create(c, "t", 1, 1, &s));
  TEST_FAILS(c, COM_E_NUM, "before the first panel",
             com_svg_add(c, s, &(com_svg_series){.n = 1, .x = x, .y = x}));
  TEST_FAILS(c, COM_E_NUM, "before the first panel", com_svg_hline(c, s, 1));
  TEST_FAILS(c, COM_E_NUM, "before the first panel", com_svg_note(c, s, "x"));
  TEST_FAILS(c, COM_E_NUM, "outside the 1 x 1 grid", com_svg_panel(c, s, 0, 1, &(com_svg_axes){0}));
  TEST_OK(c, com_svg_panel(c, s, 0, 0, &(com_svg_axes){0}));
  TEST_FAILS(c, COM_E_NUM, "made twice", com_svg_panel(c, s, 0, 0, &(com_svg_axes){0}));
  TEST_FAILS(c, COM_E_NUM, "second curve",
             com_svg_add(c, s, &(com_svg_series){.mark = COM_MARK_BAND, .n = 1, .x = x, .y = x}));
  com_svg_destroy(s);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(gnuplot_script) {
  com_ctx *c = test_ctx();
  com_svg *s = make(c);
  char *text;
  TEST_OK(c, com_svg_gnuplot(c, s, &text));
  ck_assert_int_eq(count(text, "<< EOD"), 6);
  ck_assert_int_eq(count(text, "\nEOD\n"), 6);
  ck_assert_int_eq(count(text, "\nplot "), 2);
  ck_assert_ptr_nonnull(strstr(text, "set multiplot layout 1,2 title 'χ^{2} \\& <others> \"quoted\"'"));
  ck_assert_ptr_nonnull(strstr(text, "set xlabel 'm\\_q'"));
  ck_assert_ptr_nonnull(strstr(text, "set ylabel 'V [GeV^{3}]'"));
  ck_assert_ptr_nonnull(strstr(text, "with yerrorbars"));
  ck_assert_ptr_nonnull(strstr(text, "with filledcurves"));
  ck_assert_ptr_nonnull(strstr(text, "with boxes"));
  ck_assert_ptr_nonnull(strstr(text, "\n0.2385 "));
  ck_assert_ptr_nonnull(strstr(text, "\n# A caption"));
  ck_assert_int_eq(count(text, "\n\n"), 2); /* the NaN breaks the line, and the points too */
  free(text);
  com_svg_destroy(s);
  com_ctx_destroy(c);
}
END_TEST

/* Sixteen curves that rise and level off, with long names: none of their points is under the legend. */
START_TEST(many_names) {
  enum { CURVES = 16, POINTS = 20 };
  com_svg_series d[CURVES];
  double x[POINTS], y[CURVES][POINTS];
  for (int k = 0; k < CURVES; k++) {
    for (int i = 0; i < POINTS; i++) {
      x[i] = 0.14 + 1.36 * i / (POINTS - 1);
      y[k][i] = fmin(-0.08 / x[i] + x[i], 0.1 + 0.08 * k);
    }
    d[k] = (com_svg_series){
        .mark = COM_MARK_POINTS, .color = k, .legend = "singlet at 175 MeV", .n = POINTS, .x = x, .y = y[k]};
  }
  const com_svg_cell cell = {
      .used = 1, .axes = {.title = "", .xlabel = "x", .ylabel = "y"}, .series = d, .n_series = CURVES};
  com_svg_layout l;
  com_svg_layout_make(&cell, 0, 0, com_svg_layout_left(&cell), com_svg_layout_top(&cell), &l);
  for (int k = 0; k < CURVES; k++)
    for (int i = 0; i < POINTS; i++) {
      double px, py;
      com_svg_layout_place(&l, x[i], y[k][i], &px, &py);
      ck_assert_msg(!inside(l.legend, px, py), "the legend covers point %d of curve %d", i, k);
    }
}
END_TEST

/* A long legend over curves that leave no corner free goes into columns and gets room of its own. */
START_TEST(crowded_legend) {
  com_ctx *c = test_ctx();
  com_svg *s;
  char *text;
  const double x[4] = {1, 2, 3, 4};
  TEST_OK(c, com_svg_create(c, "", 1, 1, &s));
  TEST_OK(c, com_svg_panel(c, s, 0, 0, &(com_svg_axes){.xlabel = "flow", .ylabel = "loss"}));
  for (int k = 0; k < 8; k++) {
    const double y[4] = {k, 7 - k, k, 7 - k};
    TEST_OK(c,
            com_svg_add(c, s,
                        &(com_svg_series){
                            .mark = COM_MARK_LINE, .color = k, .legend = "a name", .n = 4, .x = x, .y = y}));
  }
  com_svg_layout l;
  const com_svg_cell *cell = &s->cells[0];
  com_svg_layout_make(cell, 0, 0, com_svg_layout_left(cell), com_svg_layout_top(cell), &l);
  ck_assert_int_ge(l.legend_wide, 2);
  double px, top, bottom;
  com_svg_layout_place(&l, 1, 7, &px, &top);
  com_svg_layout_place(&l, 1, 0, &px, &bottom);
  ck_assert_msg(l.legend.y + l.legend.h <= top || l.legend.y >= bottom, "legend %g..%g over curves %g..%g",
                l.legend.y, l.legend.y + l.legend.h, top, bottom);
  TEST_OK(c, com_svg_text(c, s, &text)); /* whole numbers have ticks at whole numbers */
  ck_assert(strstr(text, ">1</text>") && strstr(text, ">4</text>") && !strstr(text, ">1.5</text>"));
  ck_assert_ptr_nonnull(strstr(text, "<desc>loss over flow: a name, a name"));
  free(text);
  com_svg_destroy(s);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(long_labels_shrink) {
  const char *long_title = "a title that is much too long for the panel over which it shall stand, by far";
  ck_assert_double_eq(com_svg_label_fit("short", 14, 200), 14);
  const double font = com_svg_label_fit(long_title, 14, 400);
  ck_assert(font < 14 && font >= 0.6 * 14);
  ck_assert(com_svg_label_width(long_title, font) <= 400.001 || font == 0.6 * 14);
}
END_TEST

TEST_MAIN("svg", document, nan_breaks_lines, positions, linear_axis, log_axis, ticks_of_any_range,
          legend_avoids_data, labels, edge_cases, denormal_numbers, misuse, gnuplot_script, many_names,
          crowded_legend, long_labels_shrink)
