/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include "common/html.h"
#include "common/svg_draw.h"

/* A panel is a picture of its own, so that a narrow page sets them one below the other instead of shrinking
 * them. */
static void put_panel(com_text *out, const com_svg_cell *cell, const char *id) {
  com_svg_layout l;
  com_svg_layout_make(cell, 0, 0, com_svg_layout_left(cell), com_svg_layout_top(cell), &l);
  com_text_printf(out, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"", COM_SVG_CELL_W,
                  COM_SVG_CELL_H);
  com_svg_draw_words(out, cell);
  com_text_add(out, "\">\n");
  com_svg_draw_panel(out, cell, &l, id, 0, 1);
  com_text_add(out, "</svg>\n");
}

void com_svg_html(const com_svg *s, com_text *out) {
  char hash[9], id[48];
  com_svg_draw_id(s, out, hash);
  com_text_add(out, "<figure>\n<div class=\"panels\">\n");
  for (size_t i = 0; i < s->rows * s->cols; i++) {
    if (!s->cells[i].used) continue;
    snprintf(id, sizeof id, "c%s-%zu", hash, i);
    put_panel(out, &s->cells[i], id);
  }
  com_text_add(out, "</div>\n");
  if (*s->title || *s->caption) {
    com_text_add(out, "<figcaption>");
    com_html_label(out, s->title);
    com_text_add(out, *s->title && *s->caption ? ". " : "");
    com_html_label(out, s->caption);
    com_text_add(out, "</figcaption>\n");
  }
  com_text_add(out, "</figure>\n");
}
