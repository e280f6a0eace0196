/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/sha256.h"
#include "common/svg_draw.h"
#include "common/svg_label.h"

/* ---- marks ---- */

typedef struct pen {
  com_text *out;
  const com_svg_layout *l;
  int themed;
} pen;

/* What is not of the palette. */
enum { GREY = -1, INK = -2, PAPER = -3, GRID_LINE = -4, FRAME = -5, NOTE = -6 };

/* A colour as it stands; or the name of one that the page defines twice, for light and for dark. */
static const char *ink(const pen *p, int k) {
  static const char *const fixed[] = {"#808080", "#000000", "#ffffff", "#e4e4e4", "#222222", "#444444"};
  static const char *const named[] = {"var(--grey)", "var(--ink)",   "var(--paper)",
                                      "var(--grid)", "var(--frame)", "var(--note)"};
  static const char *const palette[] = {"var(--c0)", "var(--c1)", "var(--c2)", "var(--c3)",
                                        "var(--c4)", "var(--c5)", "var(--c6)", "var(--c7)"};
  if (k < 0) return (p->themed ? named : fixed)[-1 - k];
  return p->themed ? palette[k % 8] : com_svg_figure_color(k);
}

static void place(const pen *p, double vx, double vy, double *x, double *y) {
  com_svg_layout_place(p->l, vx, vy, x, y);
}

static const char *dashes(com_mark mark) {
  return mark == COM_MARK_DASHED   ? " stroke-dasharray=\"7 4\""
         : mark == COM_MARK_DOTTED ? " stroke-dasharray=\"0.1 4.5\" stroke-linecap=\"round\""
                                   : "";
}

static void draw_line(const pen *p, const com_svg_series *d) {
  int down = 0;
  com_text_printf(p->out,
                  "<path fill=\"none\" stroke=\"%s\" stroke-width=\"%s\" stroke-linejoin=\"round\"%s d=\"",
                  ink(p, d->color), d->mark == COM_MARK_DOTTED ? "2.4" : "1.8", dashes(d->mark));
  for (size_t i = 0; i < d->n; i++) {
    double x, y;
    place(p, d->x[i], d->y[i], &x, &y);
    if (isnan(x + y)) {
      down = 0;
      continue;
    }
    com_text_printf(p->out, "%s%.2f %.2f", down ? "L" : "M", x, y);
    down = 1;
  }
  com_text_add(p->out, "\"/>\n");
}

static int in_band(const pen *p, const com_svg_series *d, size_t i) {
  double x, y;
  place(p, d->x[i], p->l->y.lo, &x, &y); /* x may have no place on a log axis */
  return !isnan(x + d->y[i] + d->y2[i]);
}

/* A band is closed and begun again at every NaN.  On a log axis what is not positive lies below the frame. */
static void draw_band(const pen *p, const com_svg_series *d) {
  const double floor_y = p->l->y.log ? p->l->y.lo * 1e-3 : -INFINITY;
  com_text_printf(p->out,
                  "<path fill=\"%s\" fill-opacity=\"0.22\" stroke=\"%s\" stroke-opacity=\"0.35\" "
                  "stroke-width=\"0.7\" d=\"",
                  ink(p, d->color), ink(p, d->color));
  for (size_t from = 0; from < d->n;) {
    size_t to = from;
    while (to < d->n && in_band(p, d, to)) to++;
    for (size_t i = from; i < to; i++) {
      double x, y;
      place(p, d->x[i], fmax(d->y[i], floor_y), &x, &y);
      com_text_printf(p->out, "%s%.2f %.2f", i == from ? "M" : "L", x, y);
    }
    for (size_t i = to; i-- > from;) {
      double x, y;
      place(p, d->x[i], fmax(d->y2[i], floor_y), &x, &y);
      com_text_printf(p->out, "L%.2f %.2f", x, y);
    }
    if (to > from) com_text_add(p->out, "Z");
    from = to + 1;
  }
  com_text_add(p->out, "\"/>\n");
}

/* One shape per colour, so that the figure also works in black and white. */
static void draw_marker(com_text *out, int color, double x, double y, double r) {
  switch (color < 0 ? 0 : color % 4) {
  case 1:
    com_text_printf(out, "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\"/>\n", x - 0.9 * r,
                    y - 0.9 * r, 1.8 * r, 1.8 * r);
    break;
  case 2:
    com_text_printf(out, "<path d=\"M%.2f %.2fL%.2f %.2fL%.2f %.2fZ\"/>\n", x, y - 1.25 * r, x + 1.15 * r,
                    y + 0.8 * r, x - 1.15 * r, y + 0.8 * r);
    break;
  case 3:
    com_text_printf(out, "<path d=\"M%.2f %.2fL%.2f %.2fL%.2f %.2fL%.2f %.2fZ\"/>\n", x, y - 1.35 * r,
                    x + 1.35 * r, y, x, y + 1.35 * r, x - 1.35 * r, y);
    break;
  default: com_text_printf(out, "<circle cx=\"%.2f\" cy=\"%.2f\" r=\"%.2f\"/>\n", x, y, r);
  }
}

static void draw_error_bars(const pen *p, const com_svg_series *d) {
  const double cap = d->n > COM_SVG_MANY ? 0 : 2.5;
  com_text_printf(p->out, "<path fill=\"none\" stroke=\"%s\" stroke-width=\"1.1\" d=\"", ink(p, d->color));
  for (size_t i = 0; d->err && i < d->n; i++) {
    double x, y, lower, upper, ignored;
    place(p, d->x[i], d->y[i], &x, &y);
    if (isnan(x + y) || !(d->err[i] > 0)) continue;
    place(p, d->x[i], d->y[i] - d->err[i], &ignored, &lower);
    place(p, d->x[i], d->y[i] + d->err[i], &ignored, &upper);
    if (isnan(lower)) lower = p->l->plot.y + p->l->plot.h + 10; /* reaches below zero on a log axis */
    com_text_printf(p->out, "M%.2f %.2fV%.2f", x, lower, upper);
    if (cap > 0)
      com_text_printf(p->out, "M%.2f %.2fh%.2fM%.2f %.2fh%.2f", x - cap, lower, 2 * cap, x - cap, upper,
                      2 * cap);
  }
  com_text_add(p->out, "\"/>\n");
}

/* Rings are of one shape: they surround the markers of other series. */
static void draw_rings(const pen *p, const com_svg_series *d) {
  com_text_printf(p->out, "<g fill=\"none\" stroke=\"%s\" stroke-width=\"1.3\">\n", ink(p, d->color));
  for (size_t i = 0; i < d->n; i++) {
    double x, y;
    place(p, d->x[i], d->y[i], &x, &y);
    if (!isnan(x + y)) draw_marker(p->out, 0, x, y, d->n > COM_SVG_MANY ? 2.4 : 5);
  }
  com_text_add(p->out, "</g>\n");
}

static void draw_points(const pen *p, const com_svg_series *d) {
  const int many = d->n > COM_SVG_MANY;
  if (d->err) draw_error_bars(p, d);
  com_text_printf(p->out, "<g fill=\"%s\"%s>\n", ink(p, d->color), many ? " fill-opacity=\"0.5\"" : "");
  for (size_t i = 0; i < d->n; i++) {
    double x, y;
    place(p, d->x[i], d->y[i], &x, &y);
    if (!isnan(x + y)) draw_marker(p->out, d->color, x, y, many ? 1.6 : 3.1);
  }
  com_text_add(p->out, "</g>\n");
}

static void draw_bars(const pen *p, const com_svg_series *d) {
  const double spacing = d->n > 1 ? fabs(d->x[1] - d->x[0]) : 0.5 * (p->l->x.hi - p->l->x.lo);
  const double base = p->l->y.log ? p->l->y.lo * 1e-3 : 0;
  com_text_printf(p->out, "<g fill=\"%s\" fill-opacity=\"0.55\" stroke=\"%s\" stroke-width=\"0.8\">\n",
                  ink(p, d->color), ink(p, PAPER));
  for (size_t i = 0; i < d->n; i++) {
    double x0, x1, y0, y1;
    place(p, d->x[i] - 0.5 * spacing, base, &x0, &y0);
    place(p, d->x[i] + 0.5 * spacing, d->y[i], &x1, &y1);
    if (isnan(x0 + x1 + y1)) continue;
    com_text_printf(p->out, "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\"/>\n", x0,
                    fmin(y0, y1), x1 - x0, fabs(y1 - y0));
  }
  com_text_add(p->out, "</g>\n");
  if (d->err) draw_error_bars(p, d);
}

static void draw_series(const pen *p, const com_svg_series *d) {
  switch (d->mark) {
  case COM_MARK_POINTS: draw_points(p, d); break;
  case COM_MARK_RINGS: draw_rings(p, d); break;
  case COM_MARK_BAND: draw_band(p, d); break;
  case COM_MARK_BARS: draw_bars(p, d); break;
  default: draw_line(p, d);
  }
}

/* ---- axes ---- */

static void draw_grid(const pen *p) {
  const com_svg_box b = p->l->plot;
  com_text_printf(p->out, "<path fill=\"none\" stroke=\"%s\" stroke-width=\"0.8\" d=\"", ink(p, GRID_LINE));
  for (size_t i = 0; i < p->l->x.n_major; i++)
    com_text_printf(p->out, "M%.2f %.2fv%.2f", b.x + b.w * com_svg_axis_at(&p->l->x, p->l->x.major[i]), b.y,
                    b.h);
  for (size_t i = 0; i < p->l->y.n_major; i++)
    com_text_printf(p->out, "M%.2f %.2fh%.2f", b.x,
                    b.y + b.h * (1 - com_svg_axis_at(&p->l->y, p->l->y.major[i])), b.w);
  com_text_add(p->out, "\"/>\n");
}

/* Ticks point inwards on all four sides. */
static void tick_x(const pen *p, double v, double length) {
  const com_svg_box b = p->l->plot;
  const double x = b.x + b.w * com_svg_axis_at(&p->l->x, v);
  com_text_printf(p->out, "M%.2f %.2fv%.2fM%.2f %.2fv%.2f", x, b.y + b.h, -length, x, b.y, length);
}
static void tick_y(const pen *p, double v, double length) {
  const com_svg_box b = p->l->plot;
  const double y = b.y + b.h * (1 - com_svg_axis_at(&p->l->y, v));
  com_text_printf(p->out, "M%.2f %.2fh%.2fM%.2f %.2fh%.2f", b.x, y, length, b.x + b.w, y, -length);
}

static void draw_frame(const pen *p) {
  const com_svg_box b = p->l->plot;
  const com_svg_axis *x = &p->l->x, *y = &p->l->y;
  com_text_printf(p->out, "<path fill=\"none\" stroke=\"%s\" stroke-width=\"0.9\" d=\"", ink(p, FRAME));
  for (size_t i = 0; i < x->n_major; i++) tick_x(p, x->major[i], 6);
  for (size_t i = 0; i < x->n_minor; i++) tick_x(p, x->minor[i], 3);
  for (size_t i = 0; i < y->n_major; i++) tick_y(p, y->major[i], 6);
  for (size_t i = 0; i < y->n_minor; i++) tick_y(p, y->minor[i], 3);
  com_text_printf(p->out, "M%.2f %.2fh%.2fv%.2fh%.2fz\"/>\n", b.x, b.y, b.w, b.h, -b.w);
}

static void draw_labels(const pen *p, const com_svg_axes *a) {
  const com_svg_box b = p->l->plot;
  const com_svg_axis *x = &p->l->x, *y = &p->l->y;
  const double bottom = b.y + b.h;
  for (size_t i = 0; i < x->n_major; i++)
    com_svg_label_text(p->out, b.x + b.w * com_svg_axis_at(x, x->major[i]), bottom + 17, COM_SVG_SMALL,
                       " text-anchor=\"middle\"", x->label[i]);
  for (size_t i = 0; i < y->n_major; i++)
    com_svg_label_text(p->out, b.x - 6, b.y + b.h * (1 - com_svg_axis_at(y, y->major[i])) + 4, COM_SVG_SMALL,
                       " text-anchor=\"end\"", y->label[i]);
  if (*x->factor)
    com_svg_label_text(p->out, b.x + b.w, bottom + 33, COM_SVG_SMALL, " text-anchor=\"end\"", x->factor);
  if (*y->factor) com_svg_label_text(p->out, b.x, b.y - 6, COM_SVG_SMALL, "", y->factor);
  if (*a->xlabel)
    com_svg_label_text(p->out, b.x + b.w / 2, bottom + 38, com_svg_label_fit(a->xlabel, COM_SVG_FONT, b.w),
                       " text-anchor=\"middle\"", a->xlabel);
  if (*a->title) /* bold is wider */
    com_svg_label_text(p->out, b.x + b.w / 2, b.y - 9,
                       com_svg_label_fit(a->title, COM_SVG_FONT, (b.w + 20) / 1.1),
                       " text-anchor=\"middle\" font-weight=\"bold\"", a->title);
}

/* x: the centre line of the rotated label. */
static void draw_ylabel(const pen *p, const com_svg_axes *a, double x) {
  const double y = p->l->plot.y + p->l->plot.h / 2;
  if (!*a->ylabel) return;
  com_text_printf(p->out, "<g transform=\"translate(%.2f %.2f) rotate(-90)\">", x, y);
  com_svg_label_text(p->out, 0, 0, com_svg_label_fit(a->ylabel, COM_SVG_FONT, p->l->plot.h + 30),
                     " text-anchor=\"middle\"", a->ylabel);
  com_text_add(p->out, "</g>\n");
}

/* ---- legend and notes ---- */

static void draw_backing(const pen *p, com_svg_box b) {
  com_text_printf(p->out,
                  "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" rx=\"3\" fill=\"%s\" "
                  "fill-opacity=\"0.8\"/>\n",
                  b.x - 4, b.y - 3, b.w + 8, b.h + 6, ink(p, PAPER));
}

static void draw_sample(const pen *p, const com_svg_series *d, double x, double y) {
  const char *color = ink(p, d->color);
  if (d->mark == COM_MARK_BAND || d->mark == COM_MARK_BARS)
    com_text_printf(
        p->out, "<rect x=\"%.2f\" y=\"%.2f\" width=\"24\" height=\"9\" fill=\"%s\" fill-opacity=\"%s\"/>\n",
        x, y - 4.5, color, d->mark == COM_MARK_BAND ? "0.3" : "0.55");
  else if (d->mark == COM_MARK_RINGS)
    com_text_printf(
        p->out,
        "<circle cx=\"%.2f\" cy=\"%.2f\" r=\"4.6\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.3\"/>\n",
        x + 12, y, color);
  else if (d->mark != COM_MARK_POINTS)
    com_text_printf(p->out, "<path fill=\"none\" stroke=\"%s\" stroke-width=\"%s\"%s d=\"M%.2f %.2fh24\"/>\n",
                    color, d->mark == COM_MARK_DOTTED ? "2.4" : "1.8", dashes(d->mark), x, y);
  else {
    if (d->err)
      com_text_printf(p->out, "<path stroke=\"%s\" stroke-width=\"1.1\" d=\"M%.2f %.2fv11\"/>\n", color,
                      x + 12, y - 5.5);
    com_text_printf(p->out, "<g fill=\"%s\">", color);
    draw_marker(p->out, d->color, x + 12, y, 3.1);
    com_text_add(p->out, "</g>\n");
  }
}

static void draw_legend(const pen *p, const com_svg_cell *cell) {
  const com_svg_box b = p->l->legend;
  const int wide = p->l->legend_wide;
  int entry = 0;
  if (b.w <= 0) return;
  draw_backing(p, b);
  for (size_t k = 0; k < cell->n_series; k++) {
    if (!cell->series[k].legend) continue;
    const double x = b.x + (entry % wide) * (b.w + COM_SVG_BETWEEN) / wide,
                 y = b.y + (entry / wide + 0.5) * COM_SVG_LINE;
    if (k && cell->series[k].mark == COM_MARK_BAND && cell->series[k - 1].mark == COM_MARK_BAND)
      draw_sample(p, &cell->series[k - 1], x,
                  y); /* a band behind another lies in it, and so mixes its colour */
    draw_sample(p, &cell->series[k], x, y);
    com_svg_label_text(p->out, x + COM_SVG_SAMPLE, y + 4, COM_SVG_SMALL, "", cell->series[k].legend);
    entry++;
  }
}

static void draw_notes(const pen *p, const com_svg_cell *cell) {
  const com_svg_box b = p->l->notes;
  char attributes[40];
  if (b.w <= 0) return;
  draw_backing(p, b);
  snprintf(attributes, sizeof attributes, " fill=\"%s\"", ink(p, NOTE));
  for (size_t k = 0; k < cell->n_notes; k++)
    com_svg_label_text(p->out, b.x, b.y + COM_SVG_LINE * ((double)k + 0.5) + 4, COM_SVG_SMALL, attributes,
                       cell->notes[k]);
}

/* ---- the panel ---- */

void com_svg_draw_panel(com_text *out, const com_svg_cell *cell, const com_svg_layout *l, const char *id,
                        double x0, int themed) {
  const pen the_pen = {out, l, themed}, *p = &the_pen;
  const com_svg_box b = l->plot;
  com_text_printf(
      p->out, "<clipPath id=\"%s\"><rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\"/></clipPath>\n",
      id, b.x, b.y, b.w, b.h);
  draw_grid(p);
  com_text_printf(p->out, "<g clip-path=\"url(#%s)\">\n", id);
  for (size_t k = 0; k < cell->n_hlines; k++) {
    double x, y;
    place(p, p->l->x.lo, cell->hlines[k], &x, &y);
    if (!isnan(y))
      com_text_printf(p->out, "<path stroke=\"%s\" stroke-width=\"1\" d=\"M%.2f %.2fh%.2f\"/>\n",
                      ink(p, GREY), b.x, y, b.w);
  }
  for (int bands = 1; bands >= 0; bands--) /* bands and bars lie behind lines and points */
    for (size_t k = 0; k < cell->n_series; k++) {
      const com_mark m = cell->series[k].mark;
      if ((m == COM_MARK_BAND || m == COM_MARK_BARS) == bands) draw_series(p, &cell->series[k]);
    }
  com_text_add(p->out, "</g>\n");
  draw_frame(p);
  draw_labels(p, &cell->axes);
  draw_ylabel(p, &cell->axes, x0 + COM_SVG_FONT + 4);
  draw_legend(p, cell);
  draw_notes(p, cell);
}

void com_svg_draw_id(const com_svg *s, com_text *out, char id[9]) {
  com_text all = {0};
  char hex[65];
  com_text_add(&all, s->title);
  com_text_add(&all, s->caption);
  for (size_t i = 0; i < s->rows * s->cols; i++)
    for (size_t k = 0; k < s->cells[i].n_series; k++) {
      const com_svg_series *d = &s->cells[i].series[k];
      com_text_bytes(&all, (const char *)d->x, d->n * sizeof *d->x);
      com_text_bytes(&all, (const char *)d->y, d->n * sizeof *d->y);
    }
  com_sha256_hex(all.s ? all.s : "", all.n, hex);
  out->failed |= all.failed;
  com_text_finish(&all);
  memcpy(id, hex, 8);
  id[8] = '\0';
}

static void put(com_text *out, const char *before, const char *label) {
  com_text_add(out, before);
  for (com_svg_label_run run; com_svg_label_next(&label, &run);) com_svg_label_escape(out, run.s, run.n);
}

void com_svg_draw_words(com_text *out, const com_svg_cell *cell) {
  const com_svg_axes *a = &cell->axes;
  const char *before = ": ";
  put(out, "", a->title);
  put(out, *a->title ? ": " : "", *a->ylabel ? a->ylabel : "values");
  put(out, " over ", *a->xlabel ? a->xlabel : "index");
  for (size_t k = 0; k < cell->n_series; k++) {
    if (!cell->series[k].legend) continue;
    put(out, before, cell->series[k].legend);
    before = ", ";
  }
}
