/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/infer_words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/table.h"
#include "common/text.h"

static double num(const cJSON *j, const char *key) { return com_json_num(com_json_get(j, key), NAN); }

/* ---- words ---- */

static void words_spectrum(com_text *t, const cJSON *id) {
  const cJSON *s = com_json_get(id, "singular_values");
  com_text_printf(t, "The data determine %.0f of the %.0f trained numbers: singular values ",
                  num(id, "n_determined"), num(id, "n_trained"));
  for (size_t k = 0; k < com_json_size(s) && k < 4; k++)
    com_text_printf(t, "%s%.3g", k ? ", " : "", com_json_num(com_json_at(s, k), NAN));
  com_text_add(t, com_json_size(s) > 4 ? " ... in units of the errors.\n" : " in units of the errors.\n");
}

static void words_modes(com_text *t, const cJSON *modes) {
  for (size_t k = 0; k < com_json_size(modes); k++) {
    const cJSON *m = com_json_at(modes, k);
    com_text_printf(t,
                    "Mode %zu: weight %.3g +- %.2g, chi2 = %.4g at its maximum, %zu chains, largest R-hat "
                    "%.3f, %.0f divergences.\n",
                    k + 1, num(m, "weight"), num(m, "weight_error"), num(m, "chi2"),
                    com_json_size(com_json_get(m, "chains")), num(m, "rhat_max"), num(m, "divergences"));
  }
}

static void words_bands(com_text *t, const cJSON *r) {
  const cJSON *scalars = com_json_get(com_json_get(r, "bands"), "scalars"),
              *wide = com_json_get(r, "doubled_prior");
  for (const cJSON *e = com_json_first(scalars); e; e = com_json_next(e)) {
    const cJSON *w = com_json_get(wide, com_json_key(e));
    com_text_printf(t, "%s = %.4g, 68 %% band [%.4g, %.4g], wide band [%.4g, %.4g]", com_json_key(e),
                    num(e, "median"), num(e, "lo68"), num(e, "hi68"), num(e, "lo"), num(e, "hi"));
    if (w)
      com_text_printf(t, "; with doubled prior widths [%.4g, %.4g] (median moves by %.2g, width times %.3g)",
                      num(w, "lo"), num(w, "hi"), num(w, "median_shift"), num(w, "width_ratio"));
    com_text_add(t, ".\n");
  }
  const cJSON *screening = com_json_get(com_json_get(r, "bands"), "screening");
  if (screening && isfinite(num(screening, "median")))
    com_text_printf(t,
                    "Screening distance %.4g fm, 68 %% band [%.4g, %.4g], wide band [%.4g, %.4g] (%.0f %% of "
                    "the draws have one).\n",
                    num(screening, "median"), num(screening, "lo68"), num(screening, "hi68"),
                    num(screening, "lo"), num(screening, "hi"), 100 * num(screening, "share"));
}

/* "between 1.2 and 3.4", "above 1.2 (no upper end up to 6.6)", ... */
static void words_interval(com_text *t, const cJSON *e, double from, double to) {
  const double lo = num(e, "lo"), hi = num(e, "hi");
  if (isfinite(lo) && isfinite(hi))
    com_text_printf(t, "between %.4g and %.4g", lo, hi);
  else if (isfinite(lo))
    com_text_printf(t, "above %.4g, with no upper end up to %.4g", lo, to);
  else if (isfinite(hi))
    com_text_printf(t, "below %.4g, with no lower end down to %.4g", hi, from);
  else
    com_text_printf(t, "anywhere from %.4g to %.4g", from, to);
}

static void words_profiles(com_text *t, const cJSON *r) {
  for (const cJSON *p = com_json_first(com_json_get(r, "profiles")); p; p = com_json_next(p)) {
    const cJSON *rows = com_json_get(p, "rows"), *list = com_json_get(p, "intervals");
    const size_t n = com_json_size(rows);
    if (n < 2) continue;
    const double from = com_json_num(com_json_at(com_json_at(rows, 0), 0), NAN),
                 to = com_json_num(com_json_at(com_json_at(rows, n - 1), 0), NAN);
    com_text_printf(t, "By chi2 alone (profile), %s lies ", com_json_key(p));
    words_interval(t, com_json_at(list, 0), from, to);
    com_text_add(t, " (68 %), ");
    words_interval(t, com_json_at(list, 2), from, to);
    com_text_add(t, " (95 %)");
    if (num(p, "unsettled") + num(p, "dropped") > 0)
      com_text_printf(t, "; %.0f further points did not settle", num(p, "unsettled") + num(p, "dropped"));
    com_text_add(t, ".\n");
  }
}

static void words_bootstrap(com_text *t, const cJSON *r) {
  for (const cJSON *b = com_json_first(com_json_get(r, "bootstrap")); b; b = com_json_next(b)) {
    com_text_printf(t, "Bootstrap, %s (%.0f replicas, %.0f failed), 68 %%:", com_json_key(b),
                    num(b, "replicas"), num(b, "failed"));
    for (const cJSON *q = com_json_first(b); q; q = com_json_next(q))
      if (com_json_is_object(q))
        com_text_printf(t, " %s [%.4g, %.4g]", com_json_key(q), num(q, "lo68"), num(q, "hi68"));
    com_text_add(t, ".\n");
  }
}

static void words_families(com_text *t, const cJSON *r) {
  const cJSON *list = com_json_get(r, "families");
  for (const cJSON *e = com_json_first(list); e; e = com_json_next(e)) {
    com_text_printf(t, "Metric %s: expected log density %.4g (WAIC %.4g), log evidence %.4g +- %.2g",
                    com_json_str(com_json_get(e, "metric"), ""), num(e, "elpd_loo"), num(e, "elpd_waic"),
                    num(e, "log_evidence"), num(e, "log_evidence_error"));
    if (e != com_json_first(list))
      com_text_printf(t, "; difference from the first %.3g +- %.2g", num(e, "elpd_difference"),
                      num(e, "elpd_difference_error"));
    com_text_add(t, ".\n");
  }
}

com_status ads_infer_words(com_ctx *c, const cJSON *doc, char **text) {
  const cJSON *r = com_json_get(doc, "result"), *k = com_json_get(r, "criticism");
  com_text t = {0};
  words_spectrum(&t, com_json_get(r, "identifiability"));
  words_modes(&t, com_json_get(r, "modes"));
  words_bands(&t, r);
  com_text_printf(&t,
                  "Posterior predictive p = %.3g; expected log density left out %.4g +- %.2g (largest Pareto "
                  "shape %.2f).\n",
                  num(k, "predictive_p"), num(k, "elpd_loo"), num(k, "elpd_loo_error"),
                  num(k, "pareto_k_max"));
  words_profiles(&t, r);
  words_bootstrap(&t, r);
  words_families(&t, r);
  return com_text_take(c, &t, text);
}

/* ---- figure ---- */

static double *array(const cJSON *a, size_t n) {
  double *v = malloc((n ? n : 1) * sizeof *v);
  for (size_t i = 0; v && i < n; i++) v[i] = com_json_num(com_json_at(a, i), NAN);
  return v;
}

static com_status panel_spectrum(com_ctx *c, com_svg *s, const cJSON *id) {
  const cJSON *a = com_json_get(id, "singular_values");
  const size_t n = com_json_size(a);
  double *y = array(a, n), *x = malloc((n + 1) * sizeof *x);
  com_status status = x && y ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  for (size_t i = 0; i < n && !status; i++) {
    x[i] = (double)i + 1;
    if (!(y[i] > 0)) y[i] = NAN;
  }
  if (!status)
    status = com_svg_panel(c, s, 0, 0,
                           &(com_svg_axes){.title = "What the data determine",
                                           .xlabel = "direction",
                                           .ylabel = "singular value [1/error]",
                                           .ylog = 1,
                                           .xmin = 0.5,
                                           .xmax = (double)n + 0.5});
  if (!status)
    status =
        com_svg_add(c, s, &(com_svg_series){.mark = COM_MARK_POINTS, .color = 5, .n = n, .x = x, .y = y});
  if (!status) status = com_svg_hline(c, s, 1);
  free(x);
  free(y);
  return status;
}

/* A figure that is filled row by row, two panels wide. */
typedef struct sheet {
  com_svg *svg;
  size_t next;
} sheet;

/* Wide and 68 % band with the median, from a table of infer_bands. */
static com_status panel_band(com_ctx *c, sheet *s, const com_svg_axes *axes, const cJSON *table) {
  const size_t at = s->next++;
  com_table *t = NULL;
  COM_TRY(com_svg_panel(c, s->svg, at / 2, at % 2, axes));
  COM_TRY(com_table_read(c, "bands", table, "+6", &t));
  const double *v[6];
  const size_t n = com_table_rows(t);
  for (size_t k = 0; k < 6; k++) v[k] = com_table_values(t, k);
  com_status status = com_svg_add(
      c, s->svg,
      &(com_svg_series){
          .mark = COM_MARK_BAND, .color = 2, .legend = "wide", .n = n, .x = v[0], .y = v[4], .y2 = v[5]});
  if (!status)
    status = com_svg_add(
        c, s->svg,
        &(com_svg_series){
            .mark = COM_MARK_BAND, .color = 5, .legend = "68 %", .n = n, .x = v[0], .y = v[2], .y2 = v[3]});
  if (!status)
    status = com_svg_add(
        c, s->svg,
        &(com_svg_series){
            .mark = COM_MARK_LINE, .color = -2, .legend = "median", .n = n, .x = v[0], .y = v[1]});
  com_table_destroy(t);
  return status;
}

static com_status line(com_ctx *c, com_svg *s, int color, const char *legend, double x, double lo,
                       double hi) {
  const double xs[2] = {x, x}, ys[2] = {lo, hi};
  return com_svg_add(
      c, s,
      &(com_svg_series){.mark = COM_MARK_LINE, .color = color, .legend = legend, .n = 2, .x = xs, .y = ys});
}

/* The 68 % bands of the bootstraps beside those of the posterior. */
static com_status add_bootstraps(com_ctx *c, sheet *s, const cJSON *bootstraps, const char *name, double x,
                                 double m) {
  int color = 3;
  for (const cJSON *b = com_json_first(bootstraps); b; b = com_json_next(b), color += 3) {
    const cJSON *e = com_json_get(b, name);
    char legend[80];
    snprintf(legend, sizeof legend, "bootstrap, %.40s", com_json_key(b));
    const double at = x + 0.1 * (color / 3);
    if (e) COM_TRY(line(c, s->svg, color, x > 1 ? NULL : legend, at, num(e, "lo68") / m, num(e, "hi68") / m));
  }
  return COM_OK;
}

/* Median, 68 % and wide band of every coupling, relative to the median; the bootstraps beside them. */
static com_status panel_scalars(com_ctx *c, sheet *s, const cJSON *scalars, const cJSON *bootstraps) {
  const size_t n = com_json_size(scalars), at = s->next++;
  char label[240] = "";
  size_t k = 0;
  for (const cJSON *e = com_json_first(scalars); e; e = com_json_next(e))
    snprintf(label + strlen(label), sizeof label - strlen(label), "%s%zu %.60s", k ? ", " : "", k + 1,
             com_json_key(e)),
        k++;
  COM_TRY(com_svg_panel(c, s->svg, at / 2, at % 2,
                        &(com_svg_axes){.title = "Couplings over their medians",
                                        .xlabel = label,
                                        .ylabel = "ratio to the median",
                                        .ylog = 1,
                                        .xmin = 0.5,
                                        .xmax = (double)n + 0.5}));
  COM_TRY(com_svg_hline(c, s->svg, 1));
  double x = 1;
  for (const cJSON *e = com_json_first(scalars); e; e = com_json_next(e), x++) {
    const double m = num(e, "median");
    COM_TRY(line(c, s->svg, 2, x > 1 ? NULL : "wide", x, num(e, "lo") / m, num(e, "hi") / m));
    COM_TRY(com_svg_add(c, s->svg,
                        &(com_svg_series){.mark = COM_MARK_POINTS,
                                          .color = 0,
                                          .legend = x > 1 ? NULL : "68 %",
                                          .n = 2,
                                          .x = (const double[2]){x, x},
                                          .y = (const double[2]){num(e, "lo68") / m, num(e, "hi68") / m}}));
    COM_TRY(add_bootstraps(c, s, bootstraps, com_json_key(e), x, m));
  }
  return COM_OK;
}

/* Draws of every pair of couplings: how they hang together. */
static com_status panels_corner(com_ctx *c, sheet *s, const com_table *draws) {
  for (size_t i = 0; draws && i < com_table_cols(draws); i++)
    for (size_t k = 0; k < i; k++) {
      const size_t at = s->next++;
      COM_TRY(com_svg_panel(c, s->svg, at / 2, at % 2,
                            &(com_svg_axes){.title = "Draws of the posterior",
                                            .xlabel = com_table_name(draws, k),
                                            .ylabel = com_table_name(draws, i),
                                            .xlog = 1,
                                            .ylog = 1}));
      COM_TRY(com_svg_add(c, s->svg,
                          &(com_svg_series){.mark = COM_MARK_POINTS,
                                            .color = 0,
                                            .n = com_table_rows(draws),
                                            .x = com_table_values(draws, k),
                                            .y = com_table_values(draws, i)}));
    }
  return COM_OK;
}

/* Delta chi2 along every quantity, and with the prior; lines at one and four. */
static com_status panel_profile(com_ctx *c, sheet *s, const cJSON *p) {
  const size_t at = s->next++;
  com_table *t = NULL;
  char title[160];
  snprintf(title, sizeof title, "Profile of %s", com_json_key(p));
  COM_TRY(com_table_read(c, "result.profiles", p, "+3", &t));
  const size_t n = com_table_rows(t);
  const double *x = com_table_values(t, 0);
  com_status status = com_svg_panel(c, s->svg, at / 2, at % 2,
                                    &(com_svg_axes){.title = title,
                                                    .xlabel = com_json_key(p),
                                                    .ylabel = "\xce\x94\xcf\x87^2",
                                                    .ymin = -0.3,
                                                    .ymax = 8,
                                                    .xlog = n > 1 && x[0] > 0 && x[n - 1] > 3 * x[0]});
  for (size_t k = 1; k < 3 && !status; k++)
    status = com_svg_add(c, s->svg,
                         &(com_svg_series){.mark = k == 1 ? COM_MARK_LINE : COM_MARK_DASHED,
                                           .color = k == 1 ? 0 : -2,
                                           .legend = k == 1 ? "data alone" : "with the prior",
                                           .n = n,
                                           .x = x,
                                           .y = com_table_values(t, k)});
  if (!status && n < 2) status = com_svg_note(c, s->svg, "no points settled");
  if (!status) status = com_svg_hline(c, s->svg, 1);
  if (!status) status = com_svg_hline(c, s->svg, 4);
  com_table_destroy(t);
  return status;
}

static com_status draw(com_ctx *c, const cJSON *result, const com_table *draws, com_svg **out) {
  const cJSON *bands = com_json_get(result, "bands");
  const cJSON *h = com_json_get(bands, "h"),
              *potential = com_json_get(bands, "potential"); /* or not computed */
  const size_t cols = draws ? com_table_cols(draws) : 0,
               panels = 2 + (h ? 1u : 0u) + (potential ? 1u : 0u) + cols * (cols - (cols > 0)) / 2 +
                        com_json_size(com_json_get(result, "profiles"));
  sheet s = {0};
  COM_TRY(com_svg_create(c, "Inference", (panels + 1) / 2, 2, &s.svg));
  *out = s.svg;
  COM_TRY(panel_spectrum(c, s.svg, com_json_get(result, "identifiability")));
  s.next = 1;
  if (h)
    COM_TRY(panel_band(
        c, &s, &(com_svg_axes){.title = "Metric", .xlabel = "\xce\xb7 [L]", .ylabel = "h(\xce\xb7) [1/L]"},
        h));
  if (potential)
    COM_TRY(panel_band(c, &s,
                       &(com_svg_axes){.title = "Quark-antiquark potential",
                                       .xlabel = "d [fm]",
                                       .ylabel = "V / \xcf\x83 [fm]"},
                       potential));
  COM_TRY(panel_scalars(c, &s, com_json_get(bands, "scalars"), com_json_get(result, "bootstrap")));
  COM_TRY(panels_corner(c, &s, draws));
  for (const cJSON *p = com_json_first(com_json_get(result, "profiles")); p; p = com_json_next(p))
    COM_TRY(panel_profile(c, &s, p));
  return com_svg_caption(c, s.svg,
                         "Bands: 68 % and the wide band of the posterior; grey line in the first panel: one "
                         "error of the data.");
}

com_status ads_infer_words_plot(com_ctx *c, const cJSON *doc, com_svg **out) {
  const cJSON *result = com_json_get(doc, "result"),
              *draws = com_json_get(com_json_get(result, "bands"), "draws");
  com_table *t = NULL;
  *out = NULL;
  if (draws) COM_TRY(com_table_read(c, "result.bands.draws", draws, "*", &t));
  const com_status status = draw(c, result, t, out);
  com_table_destroy(t);
  if (!status) return COM_OK;
  com_svg_destroy(*out);
  *out = NULL;
  return status;
}
