/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "common/sha256.h"
#include "common/svg_label.h"
#include "common/svg_layout.h"

enum { TITLE_FONT = 15, CAPTION_FONT = 12, CAPTION_LINE = 17, MARGIN = 14 };
/* Widths are estimated for wide fonts and single labels; over a whole line they average out. */
static const double caption_width = 0.92 * CAPTION_FONT;

/* ---- marks ---- */

typedef struct pen {
  com_text *out;
  const com_svg_layout *l;
} pen;

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
  com_text_printf(
      p->out, "<path fill=\"none\" stroke=\"%s\" stroke-width=\"%s\" stroke-linejoin=\"round\"%s d=\"",
      com_svg_figure_color(d->color), d->mark == COM_MARK_DOTTED ? "2.4" : "1.8", dashes(d->mark));
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

/* A band is closed and begun again at every NaN.  On a log axis what is not positive lies below the frame. */
static void draw_band(const pen *p, const com_svg_series *d) {
  const double floor_y = p->l->y.log ? p->l->y.lo * 1e-3 : -INFINITY;
  com_text_printf(p->out,
                  "<path fill=\"%s\" fill-opacity=\"0.22\" stroke=\"%s\" stroke-opacity=\"0.35\" "
                  "stroke-width=\"0.7\" d=\"",
                  com_svg_figure_color(d->color), com_svg_figure_color(d->color));
  for (size_t from = 0; from < d->n;) {
    size_t to = from;
    while (to < d->n && !isnan(d->x[to] + d->y[to] + d->y2[to])) to++;
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
  com_text_printf(p->out, "<path fill=\"none\" stroke=\"%s\" stroke-width=\"1.1\" d=\"",
                  com_svg_figure_color(d->color));
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

static void draw_points(const pen *p, const com_svg_series *d) {
  const int many = d->n > COM_SVG_MANY;
  if (d->err) draw_error_bars(p, d);
  com_text_printf(p->out, "<g fill=\"%s\"%s>\n", com_svg_figure_color(d->color),
                  many ? " fill-opacity=\"0.5\"" : "");
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
  com_text_printf(p->out, "<g fill=\"%s\" fill-opacity=\"0.55\" stroke=\"#ffffff\" stroke-width=\"0.8\">\n",
                  com_svg_figure_color(d->color));
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
  case COM_MARK_BAND: draw_band(p, d); break;
  case COM_MARK_BARS: draw_bars(p, d); break;
  default: draw_line(p, d);
  }
}

/* ---- axes ---- */

static void draw_grid(const pen *p) {
  const com_svg_box b = p->l->plot;
  com_text_add(p->out, "<path fill=\"none\" stroke=\"#e4e4e4\" stroke-width=\"0.8\" d=\"");
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
  com_text_add(p->out, "<path fill=\"none\" stroke=\"#222222\" stroke-width=\"0.9\" d=\"");
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
    com_svg_label_text(p->out, b.x + b.w * com_svg_axis_at(x, x->major[i]), bottom + 16, COM_SVG_SMALL,
                       " text-anchor=\"middle\"", x->label[i]);
  for (size_t i = 0; i < y->n_major; i++)
    com_svg_label_text(p->out, b.x - 6, b.y + b.h * (1 - com_svg_axis_at(y, y->major[i])) + 4, COM_SVG_SMALL,
                       " text-anchor=\"end\"", y->label[i]);
  if (*x->factor)
    com_svg_label_text(p->out, b.x + b.w, bottom + 32, COM_SVG_SMALL, " text-anchor=\"end\"", x->factor);
  if (*y->factor) com_svg_label_text(p->out, b.x, b.y - 6, COM_SVG_SMALL, "", y->factor);
  if (*a->xlabel)
    com_svg_label_text(p->out, b.x + b.w / 2, bottom + 35, COM_SVG_FONT, " text-anchor=\"middle\"",
                       a->xlabel);
  if (*a->title)
    com_svg_label_text(p->out, b.x + b.w / 2, b.y - 9, COM_SVG_FONT,
                       " text-anchor=\"middle\" font-weight=\"bold\"", a->title);
}

/* x: the centre line of the rotated label. */
static void draw_ylabel(const pen *p, const com_svg_axes *a, double x) {
  const double y = p->l->plot.y + p->l->plot.h / 2;
  if (!*a->ylabel) return;
  com_text_printf(p->out, "<g transform=\"translate(%.2f %.2f) rotate(-90)\">", x, y);
  com_svg_label_text(p->out, 0, 0, COM_SVG_FONT, " text-anchor=\"middle\"", a->ylabel);
  com_text_add(p->out, "</g>\n");
}

/* ---- legend and notes ---- */

static void draw_backing(const pen *p, com_svg_box b) {
  com_text_printf(p->out,
                  "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" rx=\"3\" fill=\"#ffffff\" "
                  "fill-opacity=\"0.8\"/>\n",
                  b.x - 4, b.y - 3, b.w + 8, b.h + 6);
}

static void draw_sample(const pen *p, const com_svg_series *d, double x, double y) {
  const char *color = com_svg_figure_color(d->color);
  if (d->mark == COM_MARK_BAND || d->mark == COM_MARK_BARS)
    com_text_printf(
        p->out, "<rect x=\"%.2f\" y=\"%.2f\" width=\"24\" height=\"9\" fill=\"%s\" fill-opacity=\"%s\"/>\n",
        x, y - 4.5, color, d->mark == COM_MARK_BAND ? "0.3" : "0.55");
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
  double y = b.y + 0.5 * COM_SVG_LINE;
  if (b.w <= 0) return;
  draw_backing(p, b);
  for (size_t k = 0; k < cell->n_series; k++) {
    if (!cell->series[k].legend) continue;
    draw_sample(p, &cell->series[k], b.x, y);
    com_svg_label_text(p->out, b.x + 31, y + 4, COM_SVG_SMALL, "", cell->series[k].legend);
    y += COM_SVG_LINE;
  }
}

static void draw_notes(const pen *p, const com_svg_cell *cell) {
  const com_svg_box b = p->l->notes;
  if (b.w <= 0) return;
  draw_backing(p, b);
  for (size_t k = 0; k < cell->n_notes; k++)
    com_svg_label_text(p->out, b.x, b.y + COM_SVG_LINE * ((double)k + 0.5) + 4, COM_SVG_SMALL,
                       " fill=\"#444444\"", cell->notes[k]);
}

/* ---- the page ---- */

static void draw_cell(const pen *p, const com_svg_cell *cell, const char *id, double x0) {
  const com_svg_box b = p->l->plot;
  com_text_printf(
      p->out, "<clipPath id=\"%s\"><rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\"/></clipPath>\n",
      id, b.x, b.y, b.w, b.h);
  draw_grid(p);
  com_text_printf(p->out, "<g clip-path=\"url(#%s)\">\n", id);
  for (size_t k = 0; k < cell->n_hlines; k++) {
    double x, y;
    place(p, p->l->x.lo, cell->hlines[k], &x, &y);
    if (!isnan(y))
      com_text_printf(p->out, "<path stroke=\"#808080\" stroke-width=\"1\" d=\"M%.2f %.2fh%.2f\"/>\n", b.x, y,
                      b.w);
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

static void draw_caption(com_text *out, const char *s, double width, double y) {
  while (*s) {
    const size_t n = com_svg_label_wrap(s, width, caption_width);
    com_text line = {0};
    com_text_bytes(&line, s, n);
    com_svg_label_text(out, MARGIN, y, CAPTION_FONT, " fill=\"#222222\"", line.s ? line.s : "");
    out->failed |= line.failed;
    com_text_finish(&line);
    y += CAPTION_LINE;
    s += n;
    s += *s == ' ' || *s == '\n';
  }
}

static double caption_height(const char *s, double width) {
  double h = *s ? 10 : 0;
  while (*s) {
    h += CAPTION_LINE;
    s += com_svg_label_wrap(s, width, caption_width);
    s += *s == ' ' || *s == '\n';
  }
  return h;
}

/* Several figures may stand in one HTML page, where identifiers are shared: ours come from the content. */
static void make_id(const com_svg *s, char id[9]) {
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
  com_text_finish(&all);
  memcpy(id, hex, 8);
  id[8] = '\0';
}

static void draw_panels(const com_svg *s, double top, com_text *out) {
  char hash[9], id[48];
  make_id(s, hash);
  for (size_t i = 0; i < s->rows; i++)
    for (size_t j = 0; j < s->cols; j++) {
      const com_svg_cell *cell = &s->cells[i * s->cols + j];
      if (!cell->used) continue;
      double left = 0, above = 0; /* axes are aligned along columns and rows */
      for (size_t k = 0; k < s->rows; k++) {
        const com_svg_cell *other = &s->cells[k * s->cols + j];
        if (other->used) left = fmax(left, com_svg_layout_left(other));
      }
      for (size_t k = 0; k < s->cols; k++) {
        const com_svg_cell *other = &s->cells[i * s->cols + k];
        if (other->used) above = fmax(above, com_svg_layout_top(other));
      }
      com_svg_layout l;
      const double x0 = (double)j * COM_SVG_CELL_W, y0 = top + (double)i * COM_SVG_CELL_H;
      com_svg_layout_make(cell, x0, y0, left, above, &l);
      snprintf(id, sizeof id, "c%s-%zu", hash, i * s->cols + j);
      draw_cell(&(pen){out, &l}, cell, id, x0 + left - com_svg_layout_left(cell));
    }
}

com_status com_svg_text(com_ctx *c, const com_svg *s, char **out) {
  com_text t = {0};
  const double top = *s->title ? 34 : 4, w = COM_SVG_CELL_W * (double)s->cols;
  const double bottom = top + COM_SVG_CELL_H * (double)s->rows,
               h = bottom + caption_height(s->caption, w - 2 * MARGIN);
  com_text_printf(&t,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%g\" height=\"%g\" viewBox=\"0 0 %g "
                  "%g\" role=\"img\" "
                  "font-family=\"Helvetica, Arial, sans-serif\" fill=\"#000000\">\n",
                  w, h, w, h);
  if (*s->title) {
    com_text_add(&t, "<title>");
    com_svg_label_escape(&t, s->title, strlen(s->title));
    com_text_add(&t, "</title>\n");
  }
  com_text_printf(&t, "<rect width=\"%g\" height=\"%g\" fill=\"#ffffff\"/>\n", w, h);
  if (*s->title)
    com_svg_label_text(&t, w / 2, 24, TITLE_FONT, " text-anchor=\"middle\" font-weight=\"bold\"", s->title);
  draw_panels(s, top, &t);
  draw_caption(&t, s->caption, w - 2 * MARGIN, bottom + 16);
  com_text_add(&t, "</svg>\n");
  return com_text_take(c, &t, out);
}
