/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file svg_label.h
 *  Labels: "x^{2}", "T_{c}" and a bare "^3" or "^-1" are set raised and lowered; everything else is literal
 *  UTF-8. */
#ifndef HOLOGRAD_COMMON_SVG_LABEL_H
#define HOLOGRAD_COMMON_SVG_LABEL_H
#include "common/text.h"

/** One run of a label: n bytes at s, level +1 raised, -1 lowered, 0. */
typedef struct com_svg_label_run {
  const char *s;
  size_t n;
  int level;
} com_svg_label_run;
/** Cut the next run off *s; 0 at the end. */
int com_svg_label_next(const char **s, com_svg_label_run *run);
double com_svg_label_width(const char *s, double font); /**< estimate in pixels, rather wide */
/** The size at which `s` is at most `width` pixels wide: `font`, or less, but never below 0.6 of it. */
double com_svg_label_fit(const char *s, double font, double width);
void com_svg_label_escape(com_text *out, const char *s,
                          size_t n); /**< XML, valid UTF-8, no control characters */
/** <text x y ...attributes>label</text>, raised and lowered runs as tspans. */
void com_svg_label_text(com_text *out, double x, double y, double font, const char *attributes,
                        const char *s);
/** Length of the first line of `s` when wrapped to `width` pixels; at least one word. */
size_t com_svg_label_wrap(const char *s, double width, double font);

#endif
