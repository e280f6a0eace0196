/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file svg_figure.h
 *  Private to svg*.c: what a figure holds, and the measures of the page. */
#ifndef HOLOGRAD_COMMON_SVG_FIGURE_H
#define HOLOGRAD_COMMON_SVG_FIGURE_H
#include "common/svg.h"

/* Pixels.  At a column width of 86 mm one panel is printed at 0.2 mm per pixel: tick labels of 7, axis labels of 8
 * points. */
enum {
  COM_SVG_CELL_W = 420,
  COM_SVG_CELL_H = 300,
  COM_SVG_FONT = 14,    /* axis labels, panel titles */
  COM_SVG_SMALL = 12,   /* tick labels, legend, notes */
  COM_SVG_LINE = 16,    /* distance of lines of small text */
  COM_SVG_SAMPLE = 31,  /* from the left edge of a legend entry to its text */
  COM_SVG_BETWEEN = 14, /* between legend entries side by side */
  COM_SVG_MANY = 400    /* more points than this are drawn small and faint */
};

typedef struct com_svg_cell {
  int used;
  com_svg_axes axes;      /* strings owned */
  com_svg_series *series; /* arrays and legend owned */
  size_t n_series;
  double *hlines;
  size_t n_hlines;
  char **notes;
  size_t n_notes;
} com_svg_cell;

struct com_svg {
  char *title, *caption; /* "" when none */
  size_t rows, cols;
  com_svg_cell *cells; /* [rows][cols] */
  com_svg_cell *current;
};

/* Okabe, Ito: Color Universal Design (2008), in an order that keeps neighbours apart in lightness as well; wine
 * instead of their yellow, which thin lines lose on white. */
static inline const char *com_svg_figure_color(int k) {
  static const char *const palette[] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                        "#E69F00", "#56B4E9", "#882255", "#000000"};
  return k == -1 ? "#808080" : k < 0 ? "#000000" : palette[k % 8];
}

#endif
