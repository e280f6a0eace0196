/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>
#include "common/svg_label.h"
#include "common/svg_layout.h"

enum { RIGHT = 14, BOTTOM = 50, WANT_X = 6, WANT_Y = 6 };
enum {
  GRID = 4,
  GRID_W = COM_SVG_CELL_W / GRID,
  GRID_H = COM_SVG_CELL_H / GRID
}; /* occupancy in squares of 4 pixels */

/* ---- ranges ---- */

typedef struct span {
  double lo, hi;
} span;

/* Beyond these magnitudes the arithmetic of an axis would overflow (data are kept within 1e100 by com_svg_add), or end at 0. */
static const double TINY = 1e-100;
static int usable(double v, int log) { return fabs(v) < 1e100 && (!log || v > TINY); }

static void widen(span *s, double v, int log) {
  if (!usable(v, log)) return;
  s->lo = fmin(s->lo, v);
  s->hi = fmax(s->hi, v);
}

static span x_span(const com_svg_cell *p) {
  span s = {INFINITY, -INFINITY};
  for (size_t k = 0; k < p->n_series; k++)
    for (size_t i = 0; i < p->series[k].n; i++)
      if (!isnan(p->series[k].y[i])) widen(&s, p->series[k].x[i], p->axes.xlog);
  return s;
}

/* Only data inside the range of x count. */
static span y_span(const com_svg_cell *p, const com_svg_axis *x) {
  const int log = p->axes.ylog;
  span s = {INFINITY, -INFINITY};
  for (size_t k = 0; k < p->n_series; k++) {
    const com_svg_series *d = &p->series[k];
    if (d->mark == COM_MARK_BARS && !log) widen(&s, 0, 0);
    for (size_t i = 0; i < d->n; i++) {
      if (!(d->x[i] >= x->lo && d->x[i] <= x->hi)) continue;
      widen(&s, d->y[i], log);
      if (d->mark == COM_MARK_BAND) widen(&s, d->y2[i], log);
      if (d->err && isfinite(d->err[i])) {
        widen(&s, d->y[i] - d->err[i], log);
        widen(&s, d->y[i] + d->err[i], log);
      }
    }
  }
  for (size_t i = 0; i < p->n_hlines; i++) widen(&s, p->hlines[i], log);
  return s;
}

/* A margin on both sides in units of the axis; something sensible for nothing at all and for a single
 * value. */
static span with_margin(span s, int log, double margin, double floor_margin) {
  if (!(s.lo <= s.hi)) return log ? (span){0.1, 10} : (span){0, 1};
  if (log) {
    const int single = s.hi <= s.lo * (1 + 1e-9); /* differences that labels cannot show */
    const double f = single ? 2 : pow(s.hi / s.lo, margin);
    return (span){s.lo / (floor_margin > 0 || single ? f : 1), s.hi * f};
  }
  double pad = margin * (s.hi - s.lo);
  const double size = fmax(fabs(s.lo), fabs(s.hi));
  if (s.hi - s.lo <= 1e-9 * size) pad = 0.1 * size; /* differences that labels cannot show */
  if (size < TINY) pad = 1;
  return (span){s.lo - (floor_margin > 0 || s.hi <= s.lo ? pad : 0), s.hi + pad};
}

/* The user's range when there is one that the axis can have. */
static int given(double lo, double hi, int log) {
  return usable(lo, log) && usable(hi, log) && hi - lo > fmax(TINY, 1e-9 * fmax(fabs(lo), fabs(hi)));
}

static int has_mark(const com_svg_cell *p, com_mark mark) {
  for (size_t k = 0; k < p->n_series; k++)
    if (p->series[k].mark == mark) return 1;
  return 0;
}

/* Half the distance of neighbouring bars. */
static double bar_half_width(const com_svg_cell *p) {
  for (size_t k = 0; k < p->n_series; k++)
    if (p->series[k].mark == COM_MARK_BARS && p->series[k].n > 1)
      return 0.5 * fabs(p->series[k].x[1] - p->series[k].x[0]);
  return 0;
}

static int all_integers(const com_svg_cell *p) {
  size_t some = 0;
  for (size_t k = 0; k < p->n_series; k++)
    for (size_t i = 0; i < p->series[k].n; i++, some++)
      if (fabs(p->series[k].x[i]) > 1e9 || p->series[k].x[i] != floor(p->series[k].x[i])) return 0;
  return some > 1;
}

static void make_x(const com_svg_cell *p, double width, com_svg_axis *x) {
  const com_svg_axes *a = &p->axes;
  span s = {a->xmin, a->xmax};
  if (!given(s.lo, s.hi, a->xlog)) {
    s = x_span(p);
    if (!a->xlog && has_mark(p, COM_MARK_BARS)) {
      s.lo -= bar_half_width(p);
      s.hi += bar_half_width(p);
    }
    /* curves may touch the frame, points should not */
    const double margin = has_mark(p, COM_MARK_POINTS) || has_mark(p, COM_MARK_RINGS) ? 0.035 : 0;
    s = with_margin(s, a->xlog, margin, margin);
  }
  const int integers = all_integers(p);
  for (int want = WANT_X; want >= 1; want--) { /* until the labels keep their distance */
    com_svg_axis_make(s.lo, s.hi, a->xlog, integers, want, x);
    int fits = 1;
    for (size_t i = 0; i + 1 < x->n_major; i++) {
      const double gap = width * (com_svg_axis_at(x, x->major[i + 1]) - com_svg_axis_at(x, x->major[i]));
      fits = fits && gap > 8 + 0.5 * (com_svg_label_width(x->label[i], COM_SVG_SMALL) +
                                      com_svg_label_width(x->label[i + 1], COM_SVG_SMALL));
    }
    if (fits) return;
  }
}

/* Room beyond the data, in units of the axis. */
typedef struct room {
  double below, above;
} room;

/* @param r is added when the range is ours to choose */
static void make_y(const com_svg_cell *p, const com_svg_axis *x, room r, com_svg_axis *y) {
  const com_svg_axes *a = &p->axes;
  span s = {a->ymin, a->ymax};
  if (!given(s.lo, s.hi, a->ylog)) {
    const span data = y_span(p, x);
    const int on_floor = has_mark(p, COM_MARK_BARS) && data.lo >= 0 && !a->ylog;
    s = with_margin(data, a->ylog, 0.06, on_floor ? 0 : 0.06);
    if (on_floor) r.below = 0;
    if (a->ylog)
      s = (span){s.lo / pow(s.hi / s.lo, r.below), s.hi * pow(s.hi / s.lo, r.above)};
    else
      s = (span){s.lo - r.below * (s.hi - s.lo), s.hi + r.above * (s.hi - s.lo)};
  }
  com_svg_axis_make(s.lo, s.hi, a->ylog, 0, WANT_Y, y);
}

/* ---- margins ---- */

double com_svg_layout_left(const com_svg_cell *p) {
  com_svg_axis x, y;
  double widest = 0;
  make_x(p, COM_SVG_CELL_W - 80, &x);
  make_y(p, &x, (room){0, 0}, &y);
  for (size_t i = 0; i < y.n_major; i++)
    widest = fmax(widest, com_svg_label_width(y.label[i], COM_SVG_SMALL));
  return 12 + widest + (*p->axes.ylabel ? COM_SVG_FONT + 8 : 0);
}

/* The label of a tick at the right end reaches beyond the frame. */
static double right_margin(const com_svg_axis *x, double width) {
  double beyond = RIGHT;
  for (size_t i = 0; i < x->n_major; i++)
    beyond = fmax(beyond, 3 + 0.5 * com_svg_label_width(x->label[i], COM_SVG_SMALL) -
                              width * (1 - com_svg_axis_at(x, x->major[i])));
  return beyond;
}

int com_svg_layout_top(const com_svg_cell *p) { return *p->axes.title ? 30 : 18; }

void com_svg_layout_place(const com_svg_layout *l, double vx, double vy, double *x, double *y) {
  /* far outside points are moved to where no renderer overflows; the line to them stays vertical to the
   * eye */
  const double far = 1e5;
  *x = l->plot.x + l->plot.w * com_svg_axis_at(&l->x, vx);
  *y = l->plot.y + l->plot.h * (1 - com_svg_axis_at(&l->y, vy));
  if (fabs(*x) > far) *x = copysign(far, *x);
  if (fabs(*y) > far) *y = copysign(far, *y);
}

/* ---- places away from the data ---- */

typedef struct occupancy {
  double x, y; /* page coordinates of the corner */
  unsigned char weight[GRID_H][GRID_W];
} occupancy;

static void occupy(occupancy *o, double x, double y, unsigned char weight) {
  const double i = floor((y - o->y) / GRID), j = floor((x - o->x) / GRID);
  if (!(i >= 0 && i < GRID_H && j >= 0 && j < GRID_W)) return;
  unsigned char *w = &o->weight[(int)i][(int)j];
  if (*w < weight) *w = weight;
}

static void occupy_line(occupancy *o, double x0, double y0, double x1, double y1, unsigned char weight) {
  if (isnan(x0 + y0 + x1 + y1)) return;
  const double length = hypot(x1 - x0, y1 - y0);
  const int n = (int)fmin(1000, length / GRID) + 1;
  for (int k = 0; k <= n; k++) occupy(o, x0 + (x1 - x0) * k / n, y0 + (y1 - y0) * k / n, weight);
}

/* The inside of a band counts less than its edges, these as much as a line. */
enum { FAINT = 1, SOLID = 6 };

static void occupy_series(occupancy *o, const com_svg_layout *l, const com_svg_series *d) {
  double px = NAN, py = NAN, pz = NAN;
  const double bottom = l->plot.y + l->plot.h;
  for (size_t i = 0; i < d->n; i++) {
    double x, y, z, top, ignored;
    com_svg_layout_place(l, d->x[i], d->y[i], &x, &y);
    switch (d->mark) {
    case COM_MARK_POINTS:
    case COM_MARK_RINGS:
      for (int k = -1; k <= 1; k++) occupy_line(o, x - GRID, y + k * GRID, x + GRID, y + k * GRID, SOLID);
      if (!d->err) break;
      com_svg_layout_place(l, d->x[i], d->y[i] - d->err[i], &ignored, &z);
      com_svg_layout_place(l, d->x[i], d->y[i] + d->err[i], &ignored, &top);
      occupy_line(o, x, z, x, top, SOLID);
      break;
    case COM_MARK_BAND:
      com_svg_layout_place(l, d->x[i], d->y2[i], &ignored, &z);
      for (int k = 0; k < 20; k++) /* between this and the last pair of edges */
        occupy_line(o, px + (x - px) * k / 20, py + (y - py) * k / 20, px + (x - px) * k / 20,
                    pz + (z - pz) * k / 20, FAINT);
      occupy_line(o, px, py, x, y, SOLID);
      occupy_line(o, px, pz, x, z, SOLID);
      px = x, py = y, pz = z;
      break;
    case COM_MARK_BARS:
      for (int k = -2; k <= 2; k++) occupy_line(o, x + k * GRID, y, x + k * GRID, bottom, SOLID);
      break;
    default: occupy_line(o, px, py, x, y, SOLID); px = x, py = y;
    }
  }
}

static long covered(const occupancy *o, com_svg_box b) {
  long sum = 0;
  for (int i = 0; i < GRID_H; i++)
    for (int j = 0; j < GRID_W; j++) {
      const double x = o->x + GRID * (j + 0.5), y = o->y + GRID * (i + 0.5);
      if (x > b.x - GRID && x < b.x + b.w + GRID && y > b.y - GRID && y < b.y + b.h + GRID)
        sum += o->weight[i][j];
    }
  return sum;
}

/* The least covered of nine places, corners first; returns what it covers. */
static long find_place(const occupancy *o, com_svg_box plot, com_svg_box *b, int *column, int *row) {
  static const int order[9][2] = {{2, 0}, {0, 0}, {0, 2}, {2, 2}, {1, 0}, {1, 2}, {2, 1}, {0, 1}, {1, 1}};
  const double pad = 10;
  long least = -1;
  com_svg_box best = *b;
  for (int k = 0; k < 9; k++) {
    b->x = plot.x + pad + (plot.w - b->w - 2 * pad) * order[k][0] / 2;
    b->y = plot.y + pad + (plot.h - b->h - 2 * pad) * order[k][1] / 2;
    const long c = covered(o, *b);
    if (least >= 0 && c >= least) continue;
    least = c;
    best = *b;
    *column = order[k][0];
    *row = order[k][1];
  }
  *b = best;
  return least;
}

/* The legend with `wide` entries side by side. */
static void size_legend(const com_svg_cell *p, int wide, com_svg_layout *l) {
  size_t entries = 0;
  double widest = 0;
  for (size_t k = 0; k < p->n_series; k++) {
    if (!p->series[k].legend) continue;
    entries++;
    widest = fmax(widest, COM_SVG_SAMPLE + 1 + com_svg_label_width(p->series[k].legend, COM_SVG_SMALL));
  }
  l->legend_wide = wide;
  l->legend = (com_svg_box){0, 0, entries ? wide * (widest + COM_SVG_BETWEEN) - COM_SVG_BETWEEN : 0,
                            COM_SVG_LINE * (double)((entries + (size_t)wide - 1) / (size_t)wide)};
}

static size_t n_legends(const com_svg_cell *p) {
  size_t n = 0;
  for (size_t k = 0; k < p->n_series; k++) n += p->series[k].legend != NULL;
  return n;
}

static void size_notes(const com_svg_cell *p, com_svg_layout *l) {
  memset(&l->notes, 0, sizeof l->notes);
  for (size_t k = 0; k < p->n_notes; k++)
    l->notes.w = fmax(l->notes.w, com_svg_label_width(p->notes[k], COM_SVG_SMALL));
  l->notes.h = COM_SVG_LINE * (double)p->n_notes;
}

/* A long legend may be less in the way when it is several entries wide. */
static long place_legend(const com_svg_cell *p, const occupancy *o, com_svg_layout *l) {
  const size_t n = n_legends(p);
  const int most = n >= 9 ? 4 : n >= 6 ? 3 : n >= 3 ? 2 : 1;
  com_svg_layout best = *l;
  long least = -1;
  for (int wide = 1; wide <= most && least != 0; wide++) {
    size_legend(p, wide, l);
    if (wide > 1 && l->legend.w > l->plot.w - 20) break;
    const long c = find_place(o, l->plot, &l->legend, &l->legend_column, &l->legend_row);
    if (least >= 0 && c >= least) continue;
    least = c;
    best = *l;
  }
  *l = best;
  return least;
}

/* Puts legend and notes; returns how much data they cover. */
static long place_boxes(const com_svg_cell *p, com_svg_layout *l) {
  occupancy o = {.x = l->plot.x, .y = l->plot.y};
  long sum = 0;
  int row;
  for (size_t k = 0; k < p->n_series; k++) occupy_series(&o, l, &p->series[k]);
  size_notes(p, l);
  if (n_legends(p)) sum += place_legend(p, &o, l);
  for (double y = l->legend.y; l->legend.w > 0 && y < l->legend.y + l->legend.h; y += GRID)
    occupy_line(&o, l->legend.x, y, l->legend.x + l->legend.w, y, SOLID);
  if (l->notes.w > 0) sum += find_place(&o, l->plot, &l->notes, &l->notes_column, &row);
  return sum;
}

void com_svg_layout_make(const com_svg_cell *p, double x0, double y0, double left, double top,
                         com_svg_layout *out) {
  memset(out, 0, sizeof *out);
  const int bottom = BOTTOM - (*p->axes.xlabel ? 0 : COM_SVG_FONT);
  out->plot =
      (com_svg_box){x0 + left, y0 + top, COM_SVG_CELL_W - left - RIGHT, COM_SVG_CELL_H - top - bottom};
  make_x(p, out->plot.w, &out->x);
  const double beyond = right_margin(&out->x, out->plot.w) - RIGHT;
  if (beyond > 0) {
    out->plot.w -= beyond;
    make_x(p, out->plot.w, &out->x);
  }
  long least = -1;
  room best = {0, 0};
  /* when every place covers data, some more room above or below may help */
  for (int step = 0; step <= 20 && least != 0; step++) {
    const double more = 0.08 * ((step + 1) / 2);
    const room r = step % 2 ? (room){0, more} : (room){more, 0};
    make_y(p, &out->x, r, &out->y);
    const long c = place_boxes(p, out);
    if (least >= 0 && c >= least) continue;
    least = c;
    best = r;
  }
  make_y(p, &out->x, best, &out->y);
  place_boxes(p, out);
}
