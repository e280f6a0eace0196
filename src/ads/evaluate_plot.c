/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/evaluate_plot.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SOURCE, PHI_UV, PI_UV, PHI_IR, PI_IR, RESIDUAL, COLUMNS };

typedef struct columns {
  size_t n;
  double *v[COLUMNS]; /* v[0] owns all */
  int has_source;
} columns;

static com_status columns_read(com_ctx *c, const cJSON *doc, columns *x) {
  static const char *const keys[COLUMNS] = {"source", "phi_uv", "pi_uv", "phi_ir", "pi_ir", "residual"};
  const cJSON *list = com_json_get(doc, "points");
  x->n = com_json_size(list);
  COM_ALLOC(c, x->v[0] = malloc((COLUMNS * x->n + 1) * sizeof **x->v));
  for (int k = 1; k < COLUMNS; k++) x->v[k] = x->v[0] + (size_t)k * x->n;
  x->has_source = com_json_is_number(com_json_get(com_json_first(list), "source"));
  size_t i = 0;
  for (const cJSON *p = com_json_first(list); p; p = com_json_next(p), i++) {
    for (int k = 0; k < COLUMNS; k++) x->v[k][i] = com_json_num(com_json_get(p, keys[k]), NAN);
    if (!x->has_source) x->v[SOURCE][i] = (double)i + 1; /* labelled points have none */
  }
  return COM_OK;
}

static com_status points(com_ctx *c, com_svg *s, const columns *x, com_mark mark, int color,
                         const char *legend, int a, int b) {
  return com_svg_add(
      c, s,
      &(com_svg_series){
          .mark = mark, .color = color, .legend = legend, .n = x->n, .x = x->v[a], .y = x->v[b]});
}

static com_status draw(com_ctx *c, const columns *x, com_svg **out) {
  COM_TRY(com_svg_create(c, "Forward pass", 1, 2, out));
  COM_TRY(com_svg_panel(c, *out, 0, 0,
                        &(com_svg_axes){.title = "States", .xlabel = "\xcf\x86", .ylabel = "\xcf\x80"}));
  COM_TRY(com_svg_hline(c, *out, 0));
  COM_TRY(points(c, *out, x, COM_MARK_POINTS, 0, "boundary end", PHI_UV, PI_UV));
  COM_TRY(points(c, *out, x, COM_MARK_RINGS, 1, "horizon end", PHI_IR, PI_IR));
  COM_TRY(com_svg_panel(c, *out, 0, 1,
                        &(com_svg_axes){.title = "Condition at the horizon",
                                        .xlabel = x->has_source ? "source" : "point",
                                        .ylabel = "residual F"}));
  COM_TRY(com_svg_hline(c, *out, 0));
  return points(c, *out, x, COM_MARK_POINTS, 0, NULL, SOURCE, RESIDUAL);
}

com_status ads_evaluate_plot(com_ctx *c, const cJSON *doc, com_svg **out) {
  columns x = {0};
  *out = NULL;
  com_status status = columns_read(c, doc, &x);
  if (!status) status = draw(c, &x, out);
  free(x.v[0]);
  if (!status) return COM_OK;
  com_svg_destroy(*out);
  *out = NULL;
  return status;
}

com_status ads_evaluate_plot_words(com_ctx *c, const cJSON *doc, char **out) {
  com_text t = {0};
  double worst = 0;
  size_t frozen = 0;
  const cJSON *list = com_json_get(doc, "points");
  for (const cJSON *p = com_json_first(list); p; p = com_json_next(p)) {
    worst = fmax(worst, fabs(com_json_num(com_json_get(p, "residual"), 0)));
    frozen += com_json_true(com_json_get(p, "frozen")) != 0;
  }
  com_text_printf(&t, "%zu points: loss = %.6g, largest |residual| at the horizon %.4g", com_json_size(list),
                  com_json_num(com_json_get(doc, "loss"), NAN), worst);
  if (frozen) com_text_printf(&t, ", %zu frozen", frozen);
  com_text_add(&t, ".\n");
  return com_text_take(c, &t, out);
}
