/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ads/study.h"
#include "common/text.h"

static double num(const cJSON *j, const char *key) { return com_json_num(com_json_get(j, key), NAN); }
static const char *name_of(const cJSON *j) { return com_json_str(com_json_get(j, "name"), ""); }

/* ---- words ---- */

static void words_calibration(com_text *t, const cJSON *r) {
  const double n = num(r, "n");
  com_text_printf(t,
                  "%.0f datasets of truths drawn from the prior (%.3g tries; responses within a factor %.3g "
                  "of the data), a chain each: at least %.0f effective draws, %.0f divergences.  The "
                  "integrators differ by %.2g in the responses.\n",
                  n, num(r, "prior_tries"), num(r, "range"), num(r, "ess_min"), num(r, "divergences"),
                  num(r, "flow_difference"));
  if (num(r, "from_truth") > 0)
    com_text_printf(t, "%.0f fits found no maximum from their random starts and were started at the truth.\n",
                    num(r, "from_truth"));
  const cJSON *list = com_json_get(r, "quantities");
  for (const cJSON *e = com_json_first(list); e; e = com_json_next(e)) {
    com_text_printf(t, "%-14s ranks", name_of(e));
    for (const cJSON *b = com_json_first(com_json_get(e, "counts")); b; b = com_json_next(b))
      com_text_printf(t, " %.0f", com_json_num(b, NAN));
    com_text_printf(t, "  p = %.3g; the 68 %% band covers %.0f of %.0f (%.1f %%)%s\n", num(e, "p"),
                    num(e, "covered"), n, 100 * num(e, "coverage"),
                    com_json_true(com_json_get(e, "calibrated")) ? "" : "  NOT CALIBRATED");
  }
  com_text_printf(t, "%s: ranks flat at p > %.2g each (0.001 over all), coverage within %.0f-%.0f %%.\n",
                  com_json_true(com_json_get(r, "calibrated")) ? "Calibrated" : "Not calibrated",
                  num(r, "p_limit"), 100 * num(r, "coverage_min"), 100 * num(r, "coverage_max"));
}

static void words_replicas(com_text *t, const cJSON *r) {
  com_text_printf(t,
                  "%.0f of %.0f replicas fitted; chi2 = %.3g +- %.2g on average for %.0f points of which %zu "
                  "directions are fitted.\n",
                  num(r, "fitted"), num(r, "n"), num(r, "chi2_mean"), num(r, "chi2_mean_error"),
                  num(r, "n_points"), com_json_size(com_json_get(r, "directions")));
  const cJSON *d = com_json_get(r, "directions");
  for (const cJSON *e = com_json_first(d); e; e = com_json_next(e))
    com_text_printf(t, "Determined direction (singular value %.3g): pull %.2f +- %.2f, width %.2f +- %.2f.\n",
                    num(e, "singular_value"), num(e, "pull_mean"), num(e, "pull_mean_error"),
                    num(e, "pull_width"), num(e, "pull_width_error"));
  const cJSON *q = com_json_get(r, "quantities");
  for (const cJSON *e = com_json_first(q); e; e = com_json_next(e))
    com_text_printf(t,
                    "%-14s truth %.4g, bias %.2g +- %.2g, spread of the fits %.3g (stated error %.3g), pull "
                    "width %.2f +- %.2f.\n",
                    name_of(e), num(e, "truth"), num(e, "bias"), num(e, "bias_error"), num(e, "spread"),
                    num(e, "stated_error"), num(e, "pull_width"), num(e, "pull_width_error"));
  com_text_add(t, "A pull width far from 1 belongs to a number that the data do not determine: the fit "
                  "returns to where penalties and starts put it.\n");
}

static int is_calibration(const cJSON *r) {
  return strcmp(com_json_str(com_json_get(r, "type"), ""), "calibration") == 0;
}

com_status ads_study_words(com_ctx *c, const cJSON *doc, char **text) {
  const cJSON *r = com_json_get(doc, "result");
  com_text t = {0};
  if (is_calibration(r))
    words_calibration(&t, r);
  else
    words_replicas(&t, r);
  return com_text_take(c, &t, text);
}

/* ---- figure ---- */

enum { COLUMNS = 3 };

/* A histogram of ranks between the lines that 19 of 20 flat bins stay within. */
static com_status panel_ranks(com_ctx *c, com_svg *s, size_t k, const cJSON *e, double n) {
  const cJSON *counts = com_json_get(e, "counts");
  const size_t bins = com_json_size(counts);
  const double want = n / (double)bins, sd = sqrt(want * (1 - 1 / (double)bins));
  char title[200];
  double *x = malloc((2 * bins + 1) * sizeof *x), *y = x ? x + bins : NULL, top = want + 2 * sd;
  COM_ALLOC(c, x);
  for (size_t b = 0; b < bins; b++) {
    x[b] = ((double)b + 0.5) / (double)bins;
    y[b] = com_json_num(com_json_at(counts, b), NAN);
    top = fmax(top, y[b]);
  }
  snprintf(title, sizeof title, "%s: p = %.2g, covers %.0f %%", name_of(e), num(e, "p"),
           100 * num(e, "coverage"));
  com_status status = com_svg_panel(c, s, k / COLUMNS, k % COLUMNS,
                                    &(com_svg_axes){.title = title,
                                                    .xlabel = "rank of the truth",
                                                    .ylabel = "datasets",
                                                    .xmin = 0,
                                                    .xmax = 1,
                                                    .ymin = 0,
                                                    .ymax = 1.15 * top});
  const double ends[2] = {0, 1}, lo[2] = {want - 2 * sd, want - 2 * sd},
               hi[2] = {want + 2 * sd, want + 2 * sd};
  if (!status)
    status =
        com_svg_add(c, s, &(com_svg_series){.mark = COM_MARK_BARS, .color = 5, .n = bins, .x = x, .y = y});
  if (!status)
    status = com_svg_add(
        c, s, &(com_svg_series){.mark = COM_MARK_BAND, .color = -1, .n = 2, .x = ends, .y = lo, .y2 = hi});
  if (!status) status = com_svg_hline(c, s, want);
  free(x);
  return status;
}

/* Pull mean and width of every direction and quantity. */
static com_status panel_pulls(com_ctx *c, com_svg *s, size_t col, const cJSON *list, const char *title) {
  const size_t n = com_json_size(list);
  double *v = malloc((3 * n + 1) * sizeof *v);
  size_t k = 0;
  char label[240] = "";
  COM_ALLOC(c, v);
  for (const cJSON *e = com_json_first(list); e; e = com_json_next(e), k++) {
    v[k] = (double)k + 1;
    v[n + k] = num(e, "pull_mean");
    v[2 * n + k] = num(e, "pull_width");
    const size_t at = strlen(label);
    if (*name_of(e)) snprintf(label + at, sizeof label - at, "%s%zu: %s", k ? ", " : "", k + 1, name_of(e));
  }
  com_status status = com_svg_panel(c, s, 0, col,
                                    &(com_svg_axes){.title = title,
                                                    .xlabel = *label ? label : "direction",
                                                    .ylabel = "pull",
                                                    .xmin = 0.5,
                                                    .xmax = (double)n + 0.5});
  if (!status)
    status = com_svg_add(c, s,
                         &(com_svg_series){.mark = COM_MARK_POINTS,
                                           .color = 5,
                                           .legend = "mean, bar: width",
                                           .n = n,
                                           .x = v,
                                           .y = v + n,
                                           .err = v + 2 * n});
  if (!status) status = com_svg_hline(c, s, 0);
  if (!status) status = com_svg_hline(c, s, 1);
  if (!status) status = com_svg_hline(c, s, -1);
  free(v);
  return status;
}

com_status ads_study_words_plot(com_ctx *c, const cJSON *doc, com_svg **out) {
  const cJSON *r = com_json_get(doc, "result"), *list = com_json_get(r, "quantities");
  const size_t n = com_json_size(list);
  com_svg *s = NULL;
  char *text = NULL;
  com_status status = COM_OK;
  size_t k = 0;
  *out = NULL;
  if (is_calibration(r)) {
    COM_TRY(com_svg_create(c, "Simulation-based calibration", (n + COLUMNS - 1) / COLUMNS,
                           n < COLUMNS ? n : COLUMNS, &s));
    for (const cJSON *e = com_json_first(list); e && !status; e = com_json_next(e), k++)
      status = panel_ranks(c, s, k, e, num(r, "n"));
  } else {
    COM_TRY(com_svg_create(c, "Replicas of one truth", 1, 2, &s));
    status = panel_pulls(c, s, 0, com_json_get(r, "directions"), "What the data determine");
    if (!status) status = panel_pulls(c, s, 1, list, "Parameters");
  }
  if (!status) status = ads_study_words(c, doc, &text);
  if (!status) status = com_svg_caption(c, s, text);
  free(text);
  if (status)
    com_svg_destroy(s);
  else
    *out = s;
  return status;
}
