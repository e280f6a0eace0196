/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/background_report.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "ads/background_file.h"
#include "ads/obs_dilaton.h"
#include "common/result.h"
#include "common/text.h"

static com_status put_constants(com_ctx *c, const ads_background *b, cJSON *doc) {
  ads_constant k[ADS_CLOSURE_CONSTANTS];
  const size_t n = ads_background_constants(b, k);
  cJSON *j = com_json_object();
  com_status s = j ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  for (size_t i = 0; i < n && !s; i++) s = com_json_add(c, j, k[i].name, com_json_real(k[i].value));
  if (s) com_json_free(j);
  return s ? s : com_json_add(c, doc, "constants", j);
}

/* Columns become arrays at top level, scalars members. */
static com_status flatten(com_ctx *c, const com_table *t, const cJSON *scalars, cJSON *doc) {
  for (size_t k = 0; k < com_table_cols(t); k++)
    COM_TRY(com_json_add(c, doc, com_table_name(t, k),
                         com_json_reals(com_table_values(t, k), com_table_rows(t))));
  for (size_t i = 0; i < com_json_size(scalars); i++) {
    const cJSON *item = com_json_at(scalars, i);
    COM_TRY(com_json_add(c, doc, com_json_key(item), com_json_copy(item)));
  }
  return COM_OK;
}

/* A table keeps its own rows, so that reading it back gives the same splines. */
static void keep_rows(const cJSON *doc, const com_reals *eta, ads_obs_dilaton_opts *o) {
  if (com_json_is_array(com_json_get(doc, "eta"))) o->eta = *eta;
}

static com_status fill(com_ctx *c, const char *file, const ads_obs_dilaton_opts *o, cJSON *doc) {
  com_status status = COM_OK;
  ads_background *b = NULL;
  com_table *t = NULL;
  cJSON *scalars = NULL, *checks = NULL;
  com_reals rows = {0};
  ads_obs_dilaton_opts use = *o;
  COM_TRY(ads_background_create(c, file, doc, &b));
  if (com_json_get(doc, "eta"))
    COM_GOTO(done, com_json_read_reals(c, file, "eta", com_json_get(doc, "eta"), &rows.v, &rows.n));
  keep_rows(doc, &rows, &use);
  COM_GOTO(done, ads_background_check(c, b, &checks));
  COM_GOTO(done, ads_observable_eval(c, &ads_obs_dilaton, &use, b, &t, &scalars));
  COM_GOTO(done, flatten(c, t, scalars, doc));
  COM_GOTO(done, put_constants(c, b, doc));
  status = com_json_add(c, doc, "checks", checks);
  checks = NULL;
  if (!status) status = com_result_stamp(c, doc);
done:
  free(rows.v);
  com_json_free(checks);
  com_json_free(scalars);
  com_table_destroy(t);
  ads_background_destroy(b);
  return status;
}

com_status ads_background_report_run(com_ctx *c, const char *file, const cJSON *doc, cJSON **out) {
  ads_obs_dilaton_opts o;
  com_status status = COM_OK;
  cJSON *j = NULL;
  *out = NULL;
  COM_TRY(
      ads_observable_options(c, &ads_obs_dilaton, file, "background", com_json_get(doc, "background"), &o));
  if (!(j = com_json_copy(doc))) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
  COM_GOTO(done, ads_background_file_override(c, o.T, o.closure, o.frame, j));
  COM_GOTO(done, fill(c, file, &o, j));
  *out = j;
  j = NULL;
done:
  com_json_free(j);
  com_field_finish(ads_obs_dilaton.c.fields, &o);
  return status;
}

/* ---- picture ---- */
typedef struct column {
  size_t n;
  double *v;
} column;

static com_status read_column(com_ctx *c, const cJSON *doc, const char *key, column *out) {
  *out = (column){0};
  const cJSON *j = com_json_get(doc, key);
  return j ? com_json_read_reals(c, "background", key, j, &out->v, &out->n) : COM_OK;
}

enum { ETA, H, F, G, PHI, V, COLUMNS };

static com_status line(com_ctx *c, com_svg *s, com_mark mark, const char *legend, int color, const column *x,
                       const column *y) {
  const com_svg_series d = {.mark = mark, .color = color, .legend = legend, .n = x->n, .x = x->v, .y = y->v};
  return com_svg_add(c, s, &d);
}

/* V grows like exp(4 Phi/3) where the dilaton does. */
static int spans_decades(const column *v) {
  static const double DECADES = 2;
  double lo = INFINITY, hi = -INFINITY;
  for (size_t i = 0; i < v->n; i++) lo = fmin(lo, v->v[i]), hi = fmax(hi, v->v[i]);
  return lo > 0 && log10(hi / lo) > DECADES;
}

/* A dilaton that is constant has no potential to draw over it. */
static int varies(const column *v) {
  for (size_t i = 1; i < v->n; i++)
    if (v->v[i] != v->v[0]) return 1;
  return 0;
}

/* h grows like 1/eta at a horizon: its panel shows what happens above the first points. */
static com_status panels(com_ctx *c, com_svg *s, const cJSON *doc, const column *col) {
  double lo = INFINITY, hi = -INFINITY;
  const cJSON *checks = com_json_get(doc, "checks");
  const double from = com_json_num(com_json_get(checks, "learned_from"), NAN),
               to = com_json_num(com_json_get(checks, "learned_to"), NAN);
  char note[120];
  for (size_t i = 0; i < col[H].n; i++)
    if (i >= col[H].n / 25) lo = fmin(lo, col[H].v[i]), hi = fmax(hi, col[H].v[i]);
  const double margin = 0.08 * (hi - lo) + 0.1;
  const com_svg_axes ah = {.title = "Metric",
                           .xlabel = "\xce\xb7 [L]",
                           .ylabel = "h(\xce\xb7) [1/L]",
                           .ymin = lo - margin,
                           .ymax = hi + margin};
  COM_TRY(com_svg_panel(c, s, 0, 0, &ah));
  COM_TRY(line(c, s, COM_MARK_LINE, NULL, 0, &col[ETA], &col[H]));
  if (isfinite(from) && isfinite(to)) {
    snprintf(note, sizeof note, "learned: %.2f to %.2f", from, to);
    COM_TRY(com_svg_note(c, s, note));
  }
  const com_svg_axes af = {.title = "f and g", .xlabel = "\xce\xb7 [L]", .ylabel = "f, g", .ylog = 1};
  COM_TRY(com_svg_panel(c, s, 0, 1, &af));
  COM_TRY(line(c, s, COM_MARK_LINE, "f", 0, &col[ETA], &col[F]));
  COM_TRY(line(c, s, COM_MARK_DASHED, "g", 1, &col[ETA], &col[G])); /* may lie on f */
  if (!col[PHI].n) return COM_OK;
  const com_svg_axes ap = {.title = "Dilaton", .xlabel = "\xce\xb7 [L]", .ylabel = "\xce\xa6"};
  COM_TRY(com_svg_panel(c, s, 1, 0, &ap));
  COM_TRY(line(c, s, COM_MARK_LINE, NULL, 2, &col[ETA], &col[PHI]));
  const com_svg_axes av = {.title = "Dilaton potential",
                           .xlabel = "\xce\xa6",
                           .ylabel = "V [1/L^2]",
                           .ylog = spans_decades(&col[V])};
  COM_TRY(com_svg_panel(c, s, 1, 1, &av));
  return line(c, s, COM_MARK_LINE, NULL, 3, &col[PHI], &col[V]);
}

com_status ads_background_report_plot(com_ctx *c, const cJSON *doc, com_svg **out) {
  static const char *const keys[COLUMNS] = {"eta", "h", "f", "g", "Phi", "V"};
  column col[COLUMNS] = {{0}};
  com_status status = COM_OK;
  com_svg *s = NULL;
  *out = NULL;
  for (int k = 0; k < COLUMNS; k++) {
    COM_GOTO(done, read_column(c, doc, keys[k], &col[k]));
    if (col[k].n && col[k].n != col[ETA].n)
      COM_GOTO(done, COM_FAIL(c, COM_E_DATA, "background: %s has %zu values, eta %zu: must be as many",
                              keys[k], col[k].n, col[ETA].n));
  }
  if (!col[V].n || !varies(&col[PHI])) col[PHI].n = 0; /* the dilaton is drawn with its potential */
  if (!col[ETA].n || !col[H].n || !col[F].n || !col[G].n) {
    status = COM_FAIL(c, COM_E_DATA,
                      "background: no eta, h, f, g to draw; run holograd background on the file first");
    goto done;
  }
  COM_GOTO(done, com_svg_create(c, com_json_str(com_json_get(doc, "title"), ""), col[PHI].n ? 2 : 1, 2, &s));
  COM_GOTO(done, panels(c, s, doc, col));
  *out = s;
  s = NULL;
done:
  com_svg_destroy(s);
  for (int k = 0; k < COLUMNS; k++) free(col[k].v);
  return status;
}

/* ---- words ---- */
static double number(const cJSON *j, const char *key) { return com_json_num(com_json_get(j, key), NAN); }

static void say(com_text *t, const char *fmt, double x) {
  if (isfinite(x)) com_text_printf(t, fmt, x);
}

com_status ads_background_report_words(com_ctx *c, const cJSON *doc, char **out) {
  com_text t = {0};
  const cJSON *checks = com_json_get(doc, "checks"), *k = com_json_get(doc, "constants"),
              *v = com_json_get(doc, "V_of_Phi");
  com_text_printf(&t, "background of type %s%s\n", com_json_str(com_json_get(doc, "type"), "?"),
                  com_json_is_number(com_json_get(doc, "horizon")) ? ", horizon at eta = 0" : ", no horizon");
  say(&t, "  temperature %.6g GeV\n", number(doc, "temperature"));
  say(&t, "  T L = %.8g\n", number(doc, "T_times_L"));
  for (size_t i = 0; i < com_json_size(k); i++) {
    const cJSON *item = com_json_at(k, i);
    if (com_json_is_number(item))
      com_text_printf(&t, "  %s = %.8g\n", com_json_key(item), com_json_num(item, NAN));
  }
  say(&t, "  f g has its minimum at eta = %.6g,", number(checks, "fg_minimum"));
  say(&t, " linear slope sqrt(f g) = %.6g 1/(2 pi alpha')\n", number(checks, "slope"));
  if (com_json_is_object(v) && com_json_is_number(com_json_get(v, "V2")))
    com_text_printf(
        &t, "  V(Phi) = %.6g %+.6g Phi^2 %+.4g Phi^3 %+.4g Phi^4 + ... for Phi < %.3g (m^2 L^2 = %.6g)\n",
        number(v, "V0"), number(v, "V2"), number(v, "V3"), number(v, "V4"), number(v, "window"),
        number(v, "m2"));
  else if (com_json_is_object(v) && com_json_is_number(com_json_get(v, "rms")))
    com_text_printf(&t, "  V(Phi) is in the table; it has no expansion about Phi = 0\n");
  else if (com_json_is_object(v))
    com_text_printf(&t, "  Phi is constant, V = %.10g\n", number(v, "V0"));
  else
    com_text_printf(&t, "  no V(Phi): %s\n", com_json_str(com_json_get(doc, "no_V_of_Phi"), "not computed"));
  return com_text_take(c, &t, out);
}
