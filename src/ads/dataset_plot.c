/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/dataset_plot.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/table.h"

static void label(char out[160], const char *name, const char *unit) {
  snprintf(out, 160, strcmp(unit, "1") != 0 ? "%s [%s]" : "%s", name, unit);
}

/* `nqs response` leaves its scan in the provenance; small models come with the answer of diagonalisation. */
static com_status add_exact(com_ctx *c, const ads_dataset *d, com_svg *s) {
  const cJSON *scan = com_json_get(com_json_get(d->json, "provenance"), "scan");
  com_table *t = NULL;
  if (!scan) return COM_OK;
  COM_TRY(com_table_read(c, d->name, scan, NULL, &t));
  const size_t x = com_table_find(t, "value"), y = com_table_find(t, "exact");
  com_status status = COM_OK;
  int known = 0;
  if (x != (size_t)-1 && y != (size_t)-1)
    for (size_t i = 0; i < com_table_rows(t); i++) known |= isfinite(com_table_values(t, y)[i]);
  if (known)
    status = com_svg_add(c, s,
                         &(com_svg_series){.mark = COM_MARK_LINE,
                                           .color = -1,
                                           .legend = "diagonalisation",
                                           .n = com_table_rows(t),
                                           .x = com_table_values(t, x),
                                           .y = com_table_values(t, y)});
  com_table_destroy(t);
  return status;
}

/* Sources over two decades and more are read better on a logarithmic axis. */
static int wants_log(const ads_dataset *d) {
  double lo = INFINITY, hi = 0;
  for (size_t i = 0; i < d->n; i++) lo = fmin(lo, d->source[i]), hi = fmax(hi, d->source[i]);
  return lo > 0 && hi >= 100 * lo;
}

static com_status draw_response(com_ctx *c, const ads_dataset *d, com_svg *s) {
  char x[160], y[160], note[80];
  label(x, d->source_name, d->source_unit);
  label(y, d->response_name, d->response_unit);
  COM_TRY(com_svg_panel(c, s, 0, 0, &(com_svg_axes){.xlabel = x, .ylabel = y, .xlog = wants_log(d)}));
  COM_TRY(add_exact(c, d, s));
  COM_TRY(com_svg_add(c, s,
                      &(com_svg_series){.mark = COM_MARK_POINTS,
                                        .legend = "data",
                                        .n = d->n,
                                        .x = d->source,
                                        .y = d->response,
                                        .err = d->error}));
  if (!(d->scale_error > 0)) return COM_OK;
  snprintf(note, sizeof note, "and %.3g %% common scale error", 100 * d->scale_error);
  return com_svg_note(c, s, note);
}

static com_status draw_labelled(com_ctx *c, const ads_dataset *d, com_svg *s) {
  static const char *const legends[] = {"on shell", "off shell"};
  double *x = malloc((2 * d->n + 1) * sizeof *x);
  COM_ALLOC(c, x);
  com_status status = com_svg_panel(c, s, 0, 0, &(com_svg_axes){.xlabel = "\xcf\x86", .ylabel = "\xcf\x80"});
  for (int which = 1; which >= 0 && !status; which--) { /* the few that are on shell lie on top */
    size_t n = 0;
    for (size_t i = 0; i < d->n; i++)
      if (d->label[i] == which) {
        x[n] = d->phi[i];
        x[d->n + n++] = d->pi[i];
      }
    status = com_svg_add(c, s,
                         &(com_svg_series){.mark = COM_MARK_POINTS,
                                           .color = which ? -1 : 0,
                                           .legend = legends[which],
                                           .n = n,
                                           .x = x,
                                           .y = x + d->n});
  }
  free(x);
  return status;
}

com_status ads_dataset_plot(com_ctx *c, const ads_dataset *d, com_svg **out) {
  COM_TRY(com_svg_create(c, d->title, 1, 1, out));
  return d->kind == ADS_DATASET_LABELLED ? draw_labelled(c, d, *out) : draw_response(c, d, *out);
}
