/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file svg.h
 *  Small publication-quality SVG plots: panels in a grid, axes linear or log with units, points with error bars, lines,
 *  bands, histograms; colour-blind-safe (Okabe-Ito); readable at column width.  The same figure can be written as a
 *  gnuplot script with inline data.  NaN breaks a line.  Text is escaped; in labels ^{..} and _{..}, and a bare ^
 *  before a number ("GeV^3"), are set raised and lowered. */
#ifndef HOLOGRAD_COMMON_SVG_H
#define HOLOGRAD_COMMON_SVG_H
#include "common/ctx.h"
#include "common/text.h"

typedef struct com_svg com_svg;
typedef enum com_mark {
  COM_MARK_LINE,
  COM_MARK_DASHED,
  COM_MARK_DOTTED,
  COM_MARK_POINTS,
  COM_MARK_RINGS, /**< open circles, to be laid around points of the same place */
  COM_MARK_BAND,
  COM_MARK_BARS
} com_mark;
typedef struct com_svg_axes {
  const char *title, *xlabel, *ylabel; /**< units in the label: "m_q [GeV]" */
  int xlog, ylog;
  double xmin, xmax, ymin, ymax; /**< min == max: automatic, with a margin */
} com_svg_axes;
typedef struct com_svg_series {
  com_mark mark;
  int color;          /**< 0..7 of the palette; -1 grey; -2 black */
  const char *legend; /**< NULL = none */
  size_t n;
  const double *x, *y;
  const double *err; /**< POINTS: error bars; BAND: see y2 */
  const double *y2;  /**< BAND: between y and y2 */
} com_svg_series;

com_status com_svg_create(com_ctx *c, const char *title, size_t rows, size_t cols, com_svg **out);
void com_svg_destroy(com_svg *s);
com_status com_svg_panel(com_ctx *c, com_svg *s, size_t row, size_t col,
                         const com_svg_axes *a); /**< becomes current; strings copied */
com_status com_svg_add(com_ctx *c, com_svg *s,
                       const com_svg_series *d);            /**< to the current panel; data copied */
com_status com_svg_hline(com_ctx *c, com_svg *s, double y); /**< thin grey reference line */
com_status com_svg_note(com_ctx *c, com_svg *s,
                        const char *text); /**< a line of text inside the current panel */
com_status com_svg_caption(com_ctx *c, com_svg *s, const char *text); /**< wrapped under the figure */
com_status com_svg_text(com_ctx *c, const com_svg *s, char **out);    /**< the SVG document; caller frees */
/** A <figure> for a page of html.h: one <svg> per panel, which the page sets side by side where there is room, in
 *  the colours of its scheme; title and caption become the <figcaption>. */
void com_svg_html(const com_svg *s, com_text *out);
com_status com_svg_gnuplot(com_ctx *c, const com_svg *s,
                           char **out); /**< script + inline data; caller frees */

#endif
