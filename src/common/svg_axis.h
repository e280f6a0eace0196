/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file svg_axis.h  Ticks at nice numbers, linear and logarithmic. */
#ifndef HOLOGRAD_COMMON_SVG_AXIS_H
#define HOLOGRAD_COMMON_SVG_AXIS_H
#include <stddef.h>

enum { COM_SVG_MAJORS = 24, COM_SVG_MINORS = 200 };

typedef struct com_svg_axis {
  double lo, hi;
  int log;
  size_t n_major, n_minor;
  double major[COM_SVG_MAJORS], minor[COM_SVG_MINORS];
  char label[COM_SVG_MAJORS][24]; /**< markup of svg_label.h, true minus signs */
  char factor[24];                /**< "×10^{-6}" that all labels are to be multiplied with, or "" */
} com_svg_axis;

/** @param integers ticks at whole numbers only  @param want about this many labelled ticks; lo < hi, both > 0 when
 *  log */
void com_svg_axis_make(double lo, double hi, int log, int integers, int want, com_svg_axis *out);
double com_svg_axis_at(const com_svg_axis *a, double v); /**< 0 at lo, 1 at hi; NaN when v has no place */

#endif
