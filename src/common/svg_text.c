/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "common/svg_draw.h"
#include "common/svg_label.h"

enum { TITLE_FONT = 15, CAPTION_FONT = 12, CAPTION_LINE = 17, MARGIN = 14 };

static void draw_caption(com_text *out, const char *s, double width, double y) {
  while (*s) {
    const size_t n = com_svg_label_wrap(s, width, CAPTION_FONT);
    com_text line = {0};
    com_text_bytes(&line, s, n);
    com_svg_label_text(out, MARGIN, y, CAPTION_FONT, " fill=\"#222222\"", line.s ? line.s : "");
    out->failed |= line.failed;
    com_text_finish(&line);
    y += CAPTION_LINE;
    s += n;
    s += *s == ' ' || *s == '\n';
  }
}

static double caption_height(const char *s, double width) {
  double h = *s ? 10 : 0;
  while (*s) {
    h += CAPTION_LINE;
    s += com_svg_label_wrap(s, width, CAPTION_FONT);
    s += *s == ' ' || *s == '\n';
  }
  return h;
}

static void draw_panels(const com_svg *s, double top, com_text *out) {
  char hash[9], id[48];
  com_svg_draw_id(s, out, hash);
  for (size_t i = 0; i < s->rows; i++)
    for (size_t j = 0; j < s->cols; j++) {
      const com_svg_cell *cell = &s->cells[i * s->cols + j];
      if (!cell->used) continue;
      double left = 0, above = 0; /* axes are aligned along columns and rows */
      for (size_t k = 0; k < s->rows; k++) {
        const com_svg_cell *other = &s->cells[k * s->cols + j];
        if (other->used) left = fmax(left, com_svg_layout_left(other));
      }
      for (size_t k = 0; k < s->cols; k++) {
        const com_svg_cell *other = &s->cells[i * s->cols + k];
        if (other->used) above = fmax(above, com_svg_layout_top(other));
      }
      com_svg_layout l;
      const double x0 = (double)j * COM_SVG_CELL_W, y0 = top + (double)i * COM_SVG_CELL_H;
      com_svg_layout_make(cell, x0, y0, left, above, &l);
      snprintf(id, sizeof id, "c%s-%zu", hash, i * s->cols + j);
      com_svg_draw_panel(out, cell, &l, id, x0 + left - com_svg_layout_left(cell), 0);
    }
}

/* For those who cannot see the picture. */
static void draw_words(com_text *out, const com_svg *s) {
  if (*s->title) {
    com_text_add(out, "<title>");
    com_svg_label_escape(out, s->title, strlen(s->title));
    com_text_add(out, "</title>\n");
  }
  com_text_add(out, "<desc>");
  for (size_t i = 0; i < s->rows * s->cols; i++) {
    if (!s->cells[i].used) continue;
    com_svg_draw_words(out, &s->cells[i]);
    com_text_add(out, ". ");
  }
  com_text_add(out, "</desc>\n");
}

com_status com_svg_text(com_ctx *c, const com_svg *s, char **out) {
  com_text t = {0};
  const double top = *s->title ? 34 : 4, w = COM_SVG_CELL_W * (double)s->cols;
  const double bottom = top + COM_SVG_CELL_H * (double)s->rows,
               h = bottom + caption_height(s->caption, w - 2 * MARGIN);
  com_text_printf(&t,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%g\" height=\"%g\" viewBox=\"0 0 %g "
                  "%g\" role=\"img\" "
                  "font-family=\"Helvetica, Arial, sans-serif\" fill=\"#000000\">\n",
                  w, h, w, h);
  draw_words(&t, s);
  com_text_printf(&t, "<rect width=\"%g\" height=\"%g\" fill=\"#ffffff\"/>\n", w, h);
  if (*s->title)
    com_svg_label_text(&t, w / 2, 24, com_svg_label_fit(s->title, TITLE_FONT, (w - 2 * MARGIN) / 1.1),
                       " text-anchor=\"middle\" font-weight=\"bold\"", s->title);
  draw_panels(s, top, &t);
  draw_caption(&t, s->caption, w - 2 * MARGIN, bottom + 16);
  com_text_add(&t, "</svg>\n");
  return com_text_take(c, &t, out);
}
