/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "ads/compare.h"
#include "common/table.h"

enum { COLORS = 8 };

/* h of every flow on the common grid. */
static com_status panel_metrics(com_ctx *c, com_svg *s, const com_table *h) {
  const com_svg_axes a = {.title = "Learned metric", .xlabel = "\xce\xb7 [L]", .ylabel = "h(\xce\xb7) [1/L]"};
  COM_TRY(com_svg_panel(c, s, 0, 0, &a));
  for (size_t k = 1; k < com_table_cols(h); k++) {
    const int truth = strcmp(com_table_name(h, k), "truth") == 0;
    COM_TRY(com_svg_add(c, s,
                        &(com_svg_series){.mark = truth              ? COM_MARK_DOTTED
                                                  : (k - 1) / COLORS ? COM_MARK_DASHED
                                                                     : COM_MARK_LINE,
                                          .color = truth ? -2 : (int)((k - 1) % COLORS),
                                          .legend = com_table_name(h, k),
                                          .n = com_table_rows(h),
                                          .x = com_table_values(h, 0),
                                          .y = com_table_values(h, k)}));
  }
  return com_svg_hline(c, s, 0);
}

/* Losses of each flow's parameters in all flows, over the number of the flow that evaluates. */
static com_status panel_transfer(com_ctx *c, com_svg *s, const com_table *t, double *x) {
  const size_t n = com_table_rows(t);
  const com_svg_axes a = {.title = "Transfer: loss in another flow",
                          .xlabel = "evaluated in flow number",
                          .ylabel = "loss",
                          .ylog = 1,
                          .xmin = 0.5,
                          .xmax = (double)n + 0.5};
  COM_TRY(com_svg_panel(c, s, 0, 1, &a));
  for (size_t k = 1; k < com_table_cols(t); k++) {
    for (size_t i = 0; i < n; i++) x[i] = (double)i + 1;
    COM_TRY(com_svg_add(c, s,
                        &(com_svg_series){.mark = COM_MARK_LINE,
                                          .color = (int)((k - 1) % COLORS),
                                          .n = n,
                                          .x = x,
                                          .y = com_table_values(t, k),
                                          .legend = com_table_name(t, k)}));
  }
  return COM_OK;
}

/* One quantity over another for all flows, one colour per flow. */
static com_status panel_cost(com_ctx *c, com_svg *s, const com_table *cost, const com_table *f, size_t col,
                             const char *y, const char *title, const char *label) {
  const double *x = com_table_values(cost, com_table_find(cost, "gradient_seconds")),
               *v = com_table_values(f, com_table_find(f, y));
  const com_svg_axes a = {
      .title = title, .xlabel = "seconds per gradient", .ylabel = label, .xlog = 1, .ylog = 1};
  COM_TRY(com_svg_panel(c, s, 1, col, &a));
  for (size_t i = 0; i < com_table_rows(f); i++)
    if (x[i] > 0 && v[i] > 0)
      COM_TRY(com_svg_add(c, s,
                          &(com_svg_series){.mark = COM_MARK_POINTS,
                                            .color = (int)(i % COLORS),
                                            .n = 1,
                                            .x = x + i,
                                            .y = v + i,
                                            .legend = com_table_text_at(f, 0, i)}));
  return COM_OK;
}

com_status ads_compare_plot(com_ctx *c, const cJSON *doc, com_svg **out) {
  const cJSON *r = com_json_get(doc, "result");
  com_table *f = NULL, *h = NULL, *t = NULL, *k = NULL;
  com_svg *s = NULL;
  double *x = NULL;
  com_status status = COM_OK;
  *out = NULL;
  COM_GOTO(done, com_table_read(c, "comparison", com_json_get(r, "flows"), &f));
  COM_GOTO(done, com_table_read(c, "comparison", com_json_get(r, "metrics"), &h));
  COM_GOTO(done, com_table_read(c, "comparison", com_json_get(r, "transfer"), &t));
  COM_GOTO(done, com_table_read(c, "comparison", com_json_get(com_json_get(doc, "volatile"), "cost"), &k));
  x = malloc((com_table_rows(t) + 1) * sizeof *x);
  if (!x) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
  COM_GOTO(done,
           com_svg_create(c, com_json_str(com_json_get(r, "dataset"), "Comparison of flows"), 2, 2, &s));
  COM_GOTO(done, panel_metrics(c, s, h));
  COM_GOTO(done, panel_transfer(c, s, t, x));
  COM_GOTO(done, panel_cost(c, s, k, f, 0, "gradient_error", "Truth of the gradient",
                            "error of dF/dp against the continuum"));
  COM_GOTO(done, panel_cost(c, s, k, k, 1, "training_seconds", "Cost", "seconds of the training"));
  *out = s;
  s = NULL;
done:
  com_svg_destroy(s);
  free(x);
  com_table_destroy(f), com_table_destroy(h), com_table_destroy(t), com_table_destroy(k);
  return status;
}
