/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "common/svg_layout.h"
#include "common/svg_label.h"

/* A label as a single-quoted enhanced string: gnuplot's own markup is ours, all other special characters are
 * made literal. */
static void put_string(com_text *out, const char *s) {
  com_text_add(out, "'");
  for (com_svg_label_run run; com_svg_label_next(&s, &run);) {
    if (run.level) com_text_add(out, run.level > 0 ? "^{" : "_{");
    for (size_t i = 0; i < run.n; i++) {
      const char ch = run.s[i];
      if (ch == '\'')
        com_text_add(out, "''");
      else if (strchr("{}^_@&~\\", ch))
        com_text_printf(out, "\\%c", ch);
      else
        com_text_bytes(out, (unsigned char)ch < 0x20 ? " " : &run.s[i], 1);
    }
    if (run.level) com_text_add(out, "}");
  }
  com_text_add(out, "'");
}

/* The data of one series: x y [err | y2]; a blank line breaks a curve. */
static void put_data(com_text *out, size_t panel, size_t k, const com_svg_series *d) {
  int broken = 1;
  com_text_printf(out, "$p%zu_%zu << EOD\n", panel, k);
  for (size_t i = 0; i < d->n; i++) {
    const double third = d->mark == COM_MARK_BAND ? d->y2[i] : d->err ? d->err[i] : 0;
    if (!isfinite(d->x[i]) || !isfinite(d->y[i]) || !isfinite(third)) {
      if (!broken) com_text_add(out, "\n");
      broken = 1;
      continue;
    }
    com_text_printf(out, "%.12g %.12g", d->x[i], d->y[i]);
    if (d->err || d->mark == COM_MARK_BAND) com_text_printf(out, " %.12g", third);
    com_text_add(out, "\n");
    broken = 0;
  }
  com_text_add(out, "EOD\n");
}

static void put_series(com_text *out, size_t panel, size_t k, const com_svg_series *d) {
  static const int point_types[] = {7, 5, 9, 13};
  const char *color = com_svg_figure_color(d->color);
  const int pt = point_types[d->color < 0 ? 0 : d->color % 4];
  const char *size = d->n > COM_SVG_MANY ? "0.25" : "0.6";
  com_text_printf(out, "  $p%zu_%zu ", panel, k);
  switch (d->mark) {
  case COM_MARK_POINTS:
    if (d->err)
      com_text_printf(out, "using 1:2:3 with yerrorbars pt %d ps %s lc rgb '%s'", pt, size, color);
    else
      com_text_printf(out, "using 1:2 with points pt %d ps %s lc rgb '%s'", pt, size, color);
    break;
  case COM_MARK_RINGS: com_text_printf(out, "using 1:2 with points pt 6 ps 1.1 lc rgb '%s'", color); break;
  case COM_MARK_BAND:
    com_text_printf(out, "using 1:2:3 with filledcurves fs transparent solid 0.22 noborder lc rgb '%s'",
                    color);
    break;
  case COM_MARK_BARS:
    com_text_printf(out, "using 1:2 with boxes fs solid 0.55 noborder lc rgb '%s'", color);
    break;
  default:
    com_text_printf(out, "using 1:2 with lines lw 2 dt %d lc rgb '%s'",
                    d->mark == COM_MARK_DASHED   ? 2
                    : d->mark == COM_MARK_DOTTED ? 3
                                                 : 1,
                    color);
  }
  if (!d->legend) {
    com_text_add(out, " notitle");
    return;
  }
  com_text_add(out, " title ");
  put_string(out, d->legend);
}

/* The same ticks as in the SVG. */
static void put_axis(com_text *out, char name, const com_svg_axis *a, const char *label) {
  com_text_printf(out, "%s %c\nset %crange [%.12g:%.12g]\nset %ctics font ',9' (",
                  a->log ? "set logscale" : "unset logscale", name, name, a->lo, a->hi, name);
  for (size_t i = 0; i < a->n_major; i++) {
    com_text_add(out, i ? ", " : "");
    put_string(out, a->label[i]);
    com_text_printf(out, " %.12g", a->major[i]);
  }
  for (size_t i = 0; i < a->n_minor; i++)
    com_text_printf(out, "%s'' %.12g 1", i || a->n_major ? ", " : "", a->minor[i]);
  com_text_printf(out, ")\nset %clabel ", name);
  put_string(out, label);
  if (*a->factor) {
    com_text_add(out, ".'  ('.");
    put_string(out, a->factor);
    com_text_add(out, ".')'");
  }
  com_text_add(out, "\n");
}

static void put_panel(com_text *out, const com_svg_cell *p, size_t index) {
  com_svg_layout l;
  com_svg_layout_make(p, 0, 0, com_svg_layout_left(p), com_svg_layout_top(p), &l);
  const double y_of_row[] = {0.96, 0.5, 0.04}, x_of_column[] = {0.03, 0.5, 0.97};
  com_text_add(out, "reset\nset grid lc rgb '#e4e4e4' lw 0.5 dt 1\nset title ");
  put_string(out, p->axes.title);
  com_text_add(out, "\n");
  put_axis(out, 'x', &l.x, p->axes.xlabel);
  put_axis(out, 'y', &l.y, p->axes.ylabel);
  com_text_printf(out, "set key font ',9' samplen 2 maxrows %d at graph %g,%g %s %s\n",
                  (int)fmax(1, l.legend.h / COM_SVG_LINE), x_of_column[l.legend_column],
                  y_of_row[l.legend_row],
                  l.legend_column == 0   ? "left Left reverse"
                  : l.legend_column == 1 ? "center"
                                         : "right",
                  l.legend_row == 0   ? "top"
                  : l.legend_row == 1 ? "center"
                                      : "bottom");
  for (size_t k = 0; k < p->n_notes; k++) {
    const double top = 1 - (l.notes.y + COM_SVG_LINE * ((double)k + 0.5) - l.plot.y) / l.plot.h;
    com_text_add(out, "set label ");
    put_string(out, p->notes[k]);
    com_text_printf(out, " %s at graph %g,%.3f font ',9'\n",
                    l.notes_column == 2 ? "right"
                    : l.notes_column    ? "center"
                                        : "left",
                    x_of_column[l.notes_column], top);
  }
  com_text_add(out, "plot \\\n");
  for (size_t k = 0; k < p->n_hlines; k++)
    com_text_printf(out, "  %.12g with lines lc rgb '#808080' notitle, \\\n", p->hlines[k]);
  for (int bands = 1; bands >= 0; bands--)
    for (size_t k = 0; k < p->n_series; k++) {
      const com_mark m = p->series[k].mark;
      if ((m == COM_MARK_BAND || m == COM_MARK_BARS) != bands) continue;
      put_series(out, index, k, &p->series[k]);
      com_text_add(out, ", \\\n");
    }
  com_text_add(out, "  NaN notitle\n"); /* ends the list, also of an empty panel */
}

com_status com_svg_gnuplot(com_ctx *c, const com_svg *s, char **out) {
  com_text t = {0};
  const size_t n = s->rows * s->cols;
  com_text_printf(&t,
                  "# gnuplot -p FILE shows this figure; for a file put one of these lines in front:\n"
                  "# set terminal pdfcairo enhanced size %gcm,%gcm; set output 'figure.pdf'\n"
                  "# set terminal svg enhanced size %zu,%zu; set output 'figure.svg'\n",
                  10.5 * (double)s->cols, 7.5 * (double)s->rows, COM_SVG_CELL_W * s->cols,
                  COM_SVG_CELL_H * s->rows);
  for (const char *p = s->caption; *p;) {
    const size_t line = strcspn(p, "\n");
    com_text_add(&t, "# ");
    com_text_bytes(&t, p, line);
    com_text_add(&t, "\n");
    p += line + (p[line] == '\n');
  }
  com_text_add(&t, "set encoding utf8\n");
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < s->cells[i].n_series; k++) put_data(&t, i, k, &s->cells[i].series[k]);
  com_text_printf(&t, "set multiplot layout %zu,%zu title ", s->rows, s->cols);
  put_string(&t, s->title);
  com_text_add(&t, "\n");
  for (size_t i = 0; i < n; i++)
    if (s->cells[i].used)
      put_panel(&t, &s->cells[i], i);
    else
      com_text_add(&t, "set multiplot next\n");
  com_text_add(&t, "unset multiplot\n");
  return com_text_take(c, &t, out);
}
