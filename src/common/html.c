/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/html.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "common/svg_label.h"

/* The palette of svg_figure.h for white paper; lighter relatives of the same hues for a dark one. */
#define LIGHT                                                                                                \
  "--paper:#ffffff;--ink:#16181b;--soft:#565c64;--rule:#d4d8dd;--tint:#f4f6f8;--link:#005a9c;"               \
  "--warn:#8a4b00;--warn-tint:#fff4e0;--grey:#808080;--grid:#e4e4e4;--frame:#222222;--note:#444444;"         \
  "--c0:#0072b2;--c1:#d55e00;--c2:#009e73;--c3:#cc79a7;--c4:#e69f00;--c5:#56b4e9;--c6:#882255;--c7:#000000"
#define DARK                                                                                                 \
  "--paper:#14171a;--ink:#e6e8ea;--soft:#a5adb5;--rule:#3a4047;--tint:#1e2327;--link:#7cc0ff;"               \
  "--warn:#ffc46b;--warn-tint:#33291a;--grey:#9a9a9a;--grid:#2c3136;--frame:#c4c8cc;--note:#b9bec3;"         \
  "--c0:#4aa3e0;--c1:#f58a3c;--c2:#2cc79a;--c3:#e39cc4;--c4:#f2b632;--c5:#9bd6f7;--c6:#d982b0;--c7:#ffffff"
static const char colors[] = ":root{color-scheme:light dark;" LIGHT "}\n"
                             "@media (prefers-color-scheme:dark){:root{" DARK "}}\n"
                             "@media print{:root{color-scheme:light;" LIGHT "}}\n";
static const char style[] =
    "*{box-sizing:border-box}html{-webkit-text-size-adjust:100%;text-size-adjust:100%}"
    "body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,\"Segoe "
    "UI\",Roboto,Helvetica,Arial,sans-serif;overflow-wrap:anywhere}"
    "main{max-width:62rem;margin:0 auto;padding:1.2rem 1rem 3rem}"
    "h1{font-size:1.6rem;line-height:1.25;margin:.2rem 0 .4rem}h2{font-size:1.2rem;margin:2.2rem 0 .6rem;"
    "padding-bottom:.2rem;border-bottom:1px solid var(--rule)}p{margin:.5rem 0;max-width:46rem}"
    ".lead{color:var(--soft)}a{color:var(--link)}nav ul{display:flex;flex-wrap:wrap;gap:.1rem "
    "1rem;margin:.8rem "
    "0;padding:0;list-style:none}nav a{display:inline-block;padding:.3rem 0}"
    "figure{margin:1rem "
    "0}.panels{display:grid;gap:.8rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,"
    "24rem),1fr))}.panels svg{display:block;width:100%;max-width:40rem;height:auto;fill:var(--ink);"
    "font-family:Helvetica,Arial,sans-serif}figcaption{color:var(--soft);font-size:.92rem;margin-top:.5rem}"
    ".wide{overflow-x:auto;margin:.6rem 0}table{border-collapse:collapse;font-variant-numeric:tabular-nums;"
    "font-size:.92rem}caption{text-align:left;font-weight:600;padding:.5rem 0 .3rem}th,td{padding:.28rem "
    ".7rem;text-align:right;border-bottom:1px solid var(--rule);white-space:nowrap;vertical-align:top}"
    "thead th{border-bottom:2px solid var(--rule)}th.t,td.t{text-align:left}"
    "table.values{width:100%;max-width:46rem;table-layout:fixed}table.values "
    "th{width:48%;text-align:left;font-weight:400;"
    "white-space:normal;overflow-wrap:anywhere;padding-left:0}table.values "
    "td{white-space:normal;padding-right:0}"
    "small{display:block;color:var(--soft);font-size:.82rem;line-height:1.4}"
    "details{margin:.6rem 0}summary{cursor:pointer;font-weight:600;padding:.3rem 0}"
    "pre{overflow-x:auto;background:var(--tint);border:1px solid var(--rule);border-radius:4px;padding:.7rem "
    ".8rem;font:.85rem/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,\"DejaVu Sans "
    "Mono\",monospace;overflow-wrap:normal}code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"
    "\"DejaVu Sans Mono\",monospace;font-size:.9em}"
    ".warnings{background:var(--warn-tint);border-left:4px solid var(--warn);padding:.5rem 1rem;margin:1rem "
    "0}.warnings h2{border:0;margin:.2rem 0;color:var(--warn)}.warnings ul{margin:.3rem "
    "0;padding-left:1.1rem}"
    "summary:focus-visible,a:focus-visible,.wide:focus-visible{outline:2px solid var(--link);outline-offset:"
    "2px}\n"
    "@media print{nav{display:none}figure,tr{break-inside:avoid}h2{break-after:avoid}"
    ".panels{grid-template-columns:1fr 1fr}.wide{overflow:visible}th,td{white-space:normal}"
    "pre,code{white-space:pre-wrap;overflow-wrap:anywhere}body{font-size:11pt}}";

/* ---- text ---- */

void com_html_escape(com_text *out, const char *s, size_t n) {
  while (n) {
    const char *end = memchr(s, '\n', n);
    const size_t line = end ? (size_t)(end - s) : n;
    com_svg_label_escape(out, s, line);
    if (end) com_text_add(out, "\n");
    s += line + (end != NULL);
    n -= line + (end != NULL);
  }
}

void com_html_text(com_text *out, const char *s) { com_html_escape(out, s, strlen(s)); }

void com_html_label(com_text *out, const char *s) {
  for (com_svg_label_run run; com_svg_label_next(&s, &run);) {
    com_text_add(out, run.level > 0 ? "<sup>" : run.level < 0 ? "<sub>" : "");
    com_html_escape(out, run.s, run.n);
    com_text_add(out, run.level > 0 ? "</sup>" : run.level < 0 ? "</sub>" : "");
  }
}

void com_html_number(com_text *out, double v, double err) {
  if (!isfinite(v)) {
    com_text_add(out, "\xe2\x80\x93"); /* an en dash for "there is none" */
    return;
  }
  const double size = fmax(fabs(v), err);
  if (!(err > 0) || !isfinite(err) || size >= 1e6 || size < 1e-4 || err < 1e-9 * size) {
    com_text_printf(out, err > 0 && err < 1e-6 * size ? "%.9g" : "%.6g", v);
    if (err >= 0 && isfinite(err)) com_text_printf(out, " \xc2\xb1 %.2g", err);
    return;
  }
  const int decimals = (int)fmin(fmax(1 - floor(log10(err)), 0), 15);
  com_text_printf(out, "%.*f \xc2\xb1 %.*f", decimals, v, decimals, err);
}

/* ---- blocks ---- */

void com_html_open(com_text *out, const char *title) {
  com_text_add(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
                    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
                    "<meta name=\"color-scheme\" content=\"light dark\"/>\n"
                    "<meta name=\"generator\" content=\"holograd\"/>\n"
                    "<link rel=\"icon\" href=\"data:,\"/>\n<title>");
  com_html_text(out, title);
  com_text_add(out, "</title>\n<style>\n");
  com_text_add(out, colors);
  com_text_add(out, style);
  com_text_add(out, "\n</style>\n</head>\n<body>\n<main>\n<h1>");
  com_html_label(out, title);
  com_text_add(out, "</h1>\n");
}

void com_html_close(com_text *out) { com_text_add(out, "</main>\n</body>\n</html>\n"); }

void com_html_section(com_text *out, const char *id, const char *title) {
  com_text_printf(out, "<section aria-labelledby=\"%s\">\n<h2 id=\"%s\">", id, id);
  com_html_text(out, title);
  com_text_add(out, "</h2>\n");
}

static void open_details(com_text *out, const char *summary) {
  com_text_add(out, "<details>\n<summary>");
  com_html_text(out, summary);
  com_text_add(out, "</summary>\n");
}

void com_html_pre(com_text *out, const char *summary, const char *s) {
  if (summary) open_details(out, summary);
  com_text_add(out, "<pre tabindex=\"0\">"); /* it scrolls: the keyboard must reach it */
  com_html_text(out, s);
  com_text_add(out, "</pre>\n");
  if (summary) com_text_add(out, "</details>\n");
}

/* ---- tables ---- */

static void put_head(com_text *out, const com_table *t, size_t k) {
  const char *unit = com_table_unit(t, k);
  com_text_add(out, com_table_values(t, k) ? "<th scope=\"col\">" : "<th scope=\"col\" class=\"t\">");
  com_html_label(out, com_table_name(t, k));
  if (unit && *unit && strcmp(unit, "1") != 0) {
    com_text_add(out, " [");
    com_html_label(out, unit);
    com_text_add(out, "]");
  }
  com_text_add(out, "</th>");
}

static void put_cell(com_text *out, const com_table *t, size_t k, size_t i) {
  const double *v = com_table_values(t, k), *e = com_table_errors(t, k);
  const char *text = v ? NULL : com_table_text_at(t, k, i);
  com_text_add(out, v ? "<td>" : "<td class=\"t\">");
  if (v)
    com_html_number(out, v[i], e ? e[i] : NAN);
  else
    com_html_text(out, text ? text : "");
  com_text_add(out, "</td>");
}

void com_html_table(com_text *out, const char *caption, const com_table *t) {
  const size_t rows = com_table_rows(t), cols = com_table_cols(t);
  const size_t shown = rows > COM_HTML_MANY ? COM_HTML_MANY : rows;
  com_text summary = {0};
  com_text_printf(&summary, "%s (%zu rows)", caption, rows);
  if (rows > COM_HTML_FEW) open_details(out, summary.s ? summary.s : caption);
  com_text_add(out, "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"");
  com_html_text(out, caption);
  com_text_add(out, "\">\n<table>\n<caption>");
  com_html_label(out, caption);
  com_text_add(out, "</caption>\n<thead><tr>");
  for (size_t k = 0; k < cols; k++) put_head(out, t, k);
  com_text_add(out, "</tr></thead>\n<tbody>\n");
  for (size_t i = 0; i < shown; i++) {
    com_text_add(out, "<tr>");
    for (size_t k = 0; k < cols; k++) put_cell(out, t, k, i);
    com_text_add(out, "</tr>\n");
  }
  com_text_add(out, "</tbody>\n</table>\n</div>\n");
  if (shown < rows)
    com_text_printf(out, "<p>The first %zu of %zu rows; all of them are in the result file.</p>\n", shown,
                    rows);
  if (rows > COM_HTML_FEW) com_text_add(out, "</details>\n");
  out->failed |= summary.failed;
  com_text_finish(&summary);
}
