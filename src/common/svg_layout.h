/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file svg_layout.h  Where things go: axis ranges, margins, and places for legend and notes away from the
 * data. */
#ifndef HOLOGRAD_COMMON_SVG_LAYOUT_H
#define HOLOGRAD_COMMON_SVG_LAYOUT_H
#include "common/svg_axis.h"
#include "common/svg_figure.h"

typedef struct com_svg_box {
  double x, y, w, h;
} com_svg_box;

typedef struct com_svg_layout {
  com_svg_axis x, y;
  com_svg_box plot;                            /**< inside the axes, pixels of the page */
  com_svg_box legend, notes;                   /**< w = 0: none */
  int legend_column, legend_row, notes_column; /**< 0 left/top, 1 middle, 2 right/bottom */
  int legend_wide;                             /**< entries side by side */
} com_svg_layout;

double com_svg_layout_left(const com_svg_cell *p); /**< left margin that the panel needs */
int com_svg_layout_top(const com_svg_cell *p);     /**< top margin */
/** @param left, top margins inside the cell at pixel (x0, y0) */
void com_svg_layout_make(const com_svg_cell *p, double x0, double y0, double left, double top,
                         com_svg_layout *out);
/** Page coordinates of a datum; *x or *y NaN when it has no place (log of a negative number). */
void com_svg_layout_place(const com_svg_layout *l, double vx, double vy, double *x, double *y);

#endif
