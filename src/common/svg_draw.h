/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file svg_draw.h  Private to svg*.c: one panel as SVG elements. */
#ifndef HOLOGRAD_COMMON_SVG_DRAW_H
#define HOLOGRAD_COMMON_SVG_DRAW_H
#include "common/svg_layout.h"
#include "common/text.h"

/** The elements of a panel, in pixels of the page.
 *  @param id identifier of its clip path  @param x0 where the label of the y axis begins
 *  @param themed colours are the custom properties --c0 .. --c7, --ink, --grey, --paper, --grid, --frame, --note of the
 *  page around (html.h defines them for light and dark); else fixed ones */
void com_svg_draw_panel(com_text *out, const com_svg_cell *cell, const com_svg_layout *l, const char *id,
                        double x0, int themed);
/** Eight hexadecimal digits made of the figure's content: several figures may stand in one HTML page, where
 *  identifiers are shared.  @param out [in,out] its failed is set when there is no memory */
void com_svg_draw_id(const com_svg *s, com_text *out, char id[9]);
/** What the panel shows, for those who cannot see it: "title: y over x: legends", escaped. */
void com_svg_draw_words(com_text *out, const com_svg_cell *cell);

#endif
