/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ads/compare.h"

enum { COLORS = 8 };

/* h of every flow on the common grid. */
static com_status panel_metrics(com_ctx *c, com_svg *s, const com_table *h) {
  const com_svg_axes a = {.title = "Learned metric", .xlabel = "\xce\xb7 [L]", .ylabel = "h(\xce\xb7) [1/L]"};
  COM_TRY(com_svg_panel(c, s, 0, 0, &a));
  for (size_t k = 1; k < com_table_cols(h); k++) {
    if (!com_table_values(h, k)) continue;
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
  char label[160];
  snprintf(label, sizeof label, "evaluated in flow (1 = %.40s ... %zu = %.40s)", com_table_text_at(t, 0, 0),
           n, com_table_text_at(t, 0, n - 1));
  const com_svg_axes a = {.title = "Transfer: loss in another flow",
                          .xlabel = label,
                          .ylabel = "loss of the parameters learned in",
                          .ylog = 1,
                          .xmin = 0.5,
                          .xmax = (double)n + 0.5};
  COM_TRY(com_svg_panel(c, s, 0, 1, &a));
  for (size_t i = 0; i < n; i++) x[i] = (double)i + 1;
  for (size_t k = 1; k < com_table_cols(t); k++)
    COM_TRY(com_svg_add(c, s,
                        &(com_svg_series){.mark = COM_MARK_POINTS,
                                          .color = (int)((k - 1) % COLORS),
                                          .n = n,
                                          .x = x,
                                          .y = com_table_values(t, k),
                                          .legend = com_table_name(t, k)}));
  return COM_OK;
}

/* |h - h of the common point|: what of the learned metric is due to the flow. */
static com_status panel_distance(com_ctx *c, com_svg *s, const com_table *h, const char *common) {
  const size_t n = com_table_rows(h), at = com_table_find(h, common);
  char title[128];
  if (at == (size_t)-1 || !com_table_values(h, at)) return COM_OK;
  snprintf(title, sizeof title, "Learned h against that of %.60s", common);
  const com_svg_axes a = {
      .title = title, .xlabel = "\xce\xb7 [L]", .ylabel = "|difference of h| [1/L]", .ylog = 1};
  double *d = malloc((n + 1) * sizeof *d);
  COM_ALLOC(c, d);
  com_status status = com_svg_panel(c, s, 1, 1, &a);
  for (size_t k = 1; k < com_table_cols(h) && !status; k++) {
    if (k == at || !com_table_values(h, k) || strcmp(com_table_name(h, k), "truth") == 0) continue;
    for (size_t i = 0; i < n; i++) {
      d[i] = fabs(com_table_values(h, k)[i] - com_table_values(h, at)[i]);
      if (d[i] == 0) d[i] = NAN;
    }
    status = com_svg_add(c, s,
                         &(com_svg_series){.mark = (k - 1) / COLORS ? COM_MARK_DASHED : COM_MARK_LINE,
                                           .color = (int)((k - 1) % COLORS),
                                           .n = n,
                                           .x = com_table_values(h, 0),
                                           .y = d,
                                           .legend = com_table_name(h, k)});
  }
  free(d);
  return status;
}

/* One point per flow. */
static com_status panel_gradient(com_ctx *c, com_svg *s, const com_table *cost, const com_table *f) {
  const double *x = com_table_column(cost, "gradient_seconds"), *v = com_table_column(f, "gradient_error");
  const com_svg_axes a = {.title = "Truth of the gradient, and its cost",
                          .xlabel = "seconds per gradient",
                          .ylabel = "error of dF/dp against the continuum",
                          .xlog = 1,
                          .ylog = 1};
  COM_TRY(com_svg_panel(c, s, 1, 0, &a));
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
  ads_compare_tables t;
  com_svg *s = NULL;
  double *x = NULL;
  com_status status = COM_OK;
  *out = NULL;
  COM_GOTO(done, ads_compare_tables_read(c, doc, &t));
  x = malloc((t.n + 1) * sizeof *x);
  if (!x) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
  COM_GOTO(done,
           com_svg_create(c, com_json_str(com_json_get(r, "dataset"), "Comparison of flows"), 2, 2, &s));
  COM_GOTO(done, panel_metrics(c, s, t.h));
  COM_GOTO(done, panel_transfer(c, s, t.transfer, x));
  COM_GOTO(done, panel_gradient(c, s, t.cost, t.flows));
  COM_GOTO(done, panel_distance(c, s, t.h, com_json_str(com_json_get(r, "common_point"), "")));
  *out = s;
  s = NULL;
done:
  com_svg_destroy(s);
  free(x);
  ads_compare_tables_finish(&t);
  return status;
}
