/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "common/svg_figure.h"

enum { MAX_GRID = 50 };

static char *copy_string(const char *s) { return strdup(s ? s : ""); }

com_status com_svg_create(com_ctx *c, const char *title, size_t rows, size_t cols, com_svg **out) {
  com_status status = COM_OK;
  com_svg *s = NULL;
  *out = NULL;
  COM_CHECK(c, rows >= 1 && rows <= MAX_GRID && cols >= 1 && cols <= MAX_GRID, COM_E_NUM,
            "figure: a grid of %zu x %zu panels: 1 to %d each way", rows, cols, MAX_GRID);
  COM_ALLOC(c, s = calloc(1, sizeof *s));
  s->rows = rows;
  s->cols = cols;
  s->title = copy_string(title);
  s->caption = copy_string(NULL);
  s->cells = calloc(rows * cols, sizeof *s->cells);
  if (!s->title || !s->caption || !s->cells) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
  *out = s;
  s = NULL;
done:
  com_svg_destroy(s);
  return status;
}

static void free_series(com_svg_series *d) {
  free((char *)d->legend);
  free((double *)d->x);
  free((double *)d->y);
  free((double *)d->err);
  free((double *)d->y2);
}

static void free_cell(com_svg_cell *p) {
  free((char *)p->axes.title);
  free((char *)p->axes.xlabel);
  free((char *)p->axes.ylabel);
  for (size_t i = 0; i < p->n_series; i++) free_series(&p->series[i]);
  for (size_t i = 0; i < p->n_notes; i++) free(p->notes[i]);
  free(p->series);
  free(p->hlines);
  free(p->notes);
}

void com_svg_destroy(com_svg *s) {
  if (!s) return;
  for (size_t i = 0; s->cells && i < s->rows * s->cols; i++) free_cell(&s->cells[i]);
  free(s->cells);
  free(s->title);
  free(s->caption);
  free(s);
}

com_status com_svg_panel(com_ctx *c, com_svg *s, size_t row, size_t col, const com_svg_axes *a) {
  COM_CHECK(c, row < s->rows && col < s->cols, COM_E_NUM,
            "figure: panel (%zu, %zu) lies outside the %zu x %zu grid", row, col, s->rows, s->cols);
  com_svg_cell *p = &s->cells[row * s->cols + col];
  COM_CHECK(c, !p->used, COM_E_NUM, "figure: panel (%zu, %zu) is made twice", row, col);
  p->used = 1;
  p->axes = *a;
  p->axes.title = copy_string(a->title);
  p->axes.xlabel = copy_string(a->xlabel);
  p->axes.ylabel = copy_string(a->ylabel);
  COM_CHECK(c, p->axes.title && p->axes.xlabel && p->axes.ylabel, COM_E_MEM, "out of memory");
  s->current = p;
  return COM_OK;
}

/* Axes are made by differences, quotients and powers of what they show: outside of [HUGE_SIZE^-1, HUGE_SIZE] these would
 * overflow.  Larger numbers lie there, far outside of every axis; smaller ones are 0. */
static double drawable(double v) {
  static const double HUGE_SIZE = 1e100;
  if (fabs(v) < 1 / HUGE_SIZE) return 0;
  return isnan(v) ? v : fmax(-HUGE_SIZE, fmin(v, HUGE_SIZE));
}

static const double *copy_reals(const double *v, size_t n) {
  double *w = malloc((n ? n : 1) * sizeof *w);
  for (size_t i = 0; w && i < n; i++) w[i] = drawable(v[i]);
  return w;
}

com_status com_svg_add(com_ctx *c, com_svg *s, const com_svg_series *d) {
  com_svg_cell *p = s->current;
  COM_CHECK(c, p, COM_E_NUM, "figure: data before the first panel");
  COM_CHECK(c, d->mark != COM_MARK_BAND || d->y2, COM_E_NUM, "figure: a band needs a second curve");
  com_svg_series *more;
  COM_ALLOC(c, more = realloc(p->series, (p->n_series + 1) * sizeof *more));
  p->series = more;
  com_svg_series k = {.mark = d->mark, .color = d->color, .n = d->n};
  int ok = (k.x = copy_reals(d->x, d->n)) && (k.y = copy_reals(d->y, d->n));
  if (d->err) ok = ok && (k.err = copy_reals(d->err, d->n));
  if (d->y2) ok = ok && (k.y2 = copy_reals(d->y2, d->n));
  if (d->legend && *d->legend) ok = ok && (k.legend = strdup(d->legend));
  if (!ok) {
    free_series(&k);
    return COM_FAIL(c, COM_E_MEM, "out of memory");
  }
  p->series[p->n_series++] = k;
  return COM_OK;
}

com_status com_svg_hline(com_ctx *c, com_svg *s, double y) {
  com_svg_cell *p = s->current;
  COM_CHECK(c, p, COM_E_NUM, "figure: a line before the first panel");
  double *more;
  COM_ALLOC(c, more = realloc(p->hlines, (p->n_hlines + 1) * sizeof *more));
  p->hlines = more;
  p->hlines[p->n_hlines++] = drawable(y);
  return COM_OK;
}

com_status com_svg_note(com_ctx *c, com_svg *s, const char *text) {
  com_svg_cell *p = s->current;
  COM_CHECK(c, p, COM_E_NUM, "figure: a note before the first panel");
  char **more;
  COM_ALLOC(c, more = realloc(p->notes, (p->n_notes + 1) * sizeof *more));
  p->notes = more;
  COM_ALLOC(c, p->notes[p->n_notes] = strdup(text));
  p->n_notes++;
  return COM_OK;
}

com_status com_svg_caption(com_ctx *c, com_svg *s, const char *text) {
  char *copy;
  COM_ALLOC(c, copy = copy_string(text));
  free(s->caption);
  s->caption = copy;
  return COM_OK;
}
