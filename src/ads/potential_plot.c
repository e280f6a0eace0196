/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ads/lattice_data.h"
#include "ads/potential.h"
#include "ads/units.h"
#include "common/table.h"

enum { COLORS = 7 };

typedef struct view {
  com_ctx *c;
  com_svg *svg;
  size_t n_curves;
  const cJSON *const *curve;
  const cJSON *bands; /* of an inference; NULL */
  int physical;       /* GeV over fm; else L/(2 pi alpha') over L */
  double x_max, y_min, y_max;
  size_t n_lattice, n_outside; /* files; curves without a point in the picture */
  ads_lattice_data *lattice;
} view;

static double number(const cJSON *j, const char *key) { return com_json_num(com_json_get(j, key), NAN); }

/* Factors from the table's units to those of the axes. */
static void scales(const view *v, const cJSON *curve, double *x, double *y, double *y0) {
  const double L = number(curve, "L");
  *x = v->physical ? ADS_UNITS_HBARC * L : 1;
  *y = v->physical ? number(curve, "kappa") / L : 1;
  *y0 = v->physical ? fmax(number(curve, "constant"), -INFINITY) : 0;
}

static double end_of(const cJSON *curve) {
  const double s = number(com_json_get(curve, "screening"), "d"),
               m = number(com_json_get(curve, "d_max"), "d");
  return isfinite(s) ? s : m;
}

static void widen(view *v, double y) {
  v->y_min = fmin(v->y_min, y);
  v->y_max = fmax(v->y_max, y);
}

/* The lattice points rule where there are some: a curve may leave the picture. */
static int lattice_limits(view *v) {
  double r = 0;
  for (size_t i = 0; i < v->n_lattice && v->physical; i++)
    for (size_t k = 0; k < v->lattice[i].n; k++)
      for (size_t m = 0; m < v->lattice[i].curve[k].n; m++) {
        r = fmax(r, v->lattice[i].curve[k].r[m]);
        widen(v, v->lattice[i].curve[k].V[m]);
      }
  v->x_max = fmin(r, 1.5);
  return r > 0;
}

/* One and a half times where strings end, or as far as one is known; V from there up to an eighth of that. */
static void curve_limits(view *v) {
  for (size_t i = 0; i < v->n_curves; i++) {
    double x, y, y0, end = end_of(v->curve[i]);
    const cJSON *d = com_json_get(com_json_get(v->curve[i], "curve"), "d");
    const cJSON *V = com_json_get(com_json_get(v->curve[i], "curve"), "V");
    const size_t n = com_json_size(d);
    scales(v, v->curve[i], &x, &y, &y0);
    const int ends = isfinite(end);
    if (!ends) end = fmin(4, com_json_num(com_json_at(d, n - 1), 1));
    v->x_max = fmax(v->x_max, (ends ? 1.5 : 1) * end * x);
    for (size_t k = 0; k < n; k++) {
      const double dk = com_json_num(com_json_at(d, k), NAN), Vk = com_json_num(com_json_at(V, k), NAN);
      if (dk > 0.12 * end && dk < end) widen(v, y * Vk + y0);
    }
    widen(v, y0);
  }
}

static void limits(view *v) {
  const int lattice = lattice_limits(v);
  if (!lattice) curve_limits(v);
  const double margin = 0.06 * (v->y_max - v->y_min);
  v->y_min -= lattice ? 5 * margin : margin; /* the string's 1/r belongs to the picture, too */
  v->y_max += margin;
}

/* The physical branch up to where it ends, and beyond it the two straight strings (V = 0). */
static com_status add_curve(view *v, size_t i) {
  const cJSON *j = v->curve[i], *d = com_json_get(com_json_get(j, "curve"), "d"),
              *V = com_json_get(com_json_get(j, "curve"), "V");
  const size_t n = com_json_size(d);
  const double screening = number(com_json_get(j, "screening"), "d");
  double x, y, y0, *p;
  size_t m = 0;
  COM_ALLOC(v->c, p = malloc((2 * n + 2) * sizeof *p));
  double *q = p + n + 1;
  scales(v, j, &x, &y, &y0);
  for (size_t k = 0; k < n; k++) {
    const double dk = com_json_num(com_json_at(d, k), NAN), Vk = com_json_num(com_json_at(V, k), NAN);
    if (isnan(dk) || dk > screening || dk * x > 1.1 * v->x_max || y * Vk + y0 < v->y_min ||
        y * Vk + y0 > v->y_max)
      continue;
    p[m] = dk * x;
    q[m++] = y * Vk + y0;
  }
  if (screening * x < v->x_max && y0 < v->y_max && y0 > v->y_min) {
    p[m] = screening * x;
    q[m++] = y0;
  }
  const com_svg_series s = {.mark = COM_MARK_LINE,
                            .color = (int)(i % COLORS),
                            .legend = com_json_str(com_json_get(j, "name"), NULL),
                            .n = m,
                            .x = p,
                            .y = q};
  v->n_outside += m == 0;
  com_status status = m ? com_svg_add(v->c, v->svg, &s) : COM_OK;
  if (!status && screening * x < v->x_max && y0 < v->y_max && y0 > v->y_min) {
    const double xs[2] = {screening * x, v->x_max}, ys[2] = {y0, y0};
    const com_svg_series flat = {
        .mark = COM_MARK_DASHED, .color = (int)(i % COLORS), .n = 2, .x = xs, .y = ys};
    status = com_svg_add(v->c, v->svg, &flat);
  }
  free(p);
  return status;
}

static com_status add_cornell(view *v, const ads_lattice_data *d) {
  enum { N = 120 };
  double x[N], y[N];
  size_t m = 0;
  for (int i = 0; i < N; i++) {
    const double r = v->x_max * (i + 1) / N, V = d->A / r + d->B * r + d->C;
    if (V < v->y_min || V > v->y_max) continue;
    x[m] = r;
    y[m++] = V;
  }
  const com_svg_series s = {.mark = COM_MARK_DASHED, .color = -1, .legend = d->name, .n = m, .x = x, .y = y};
  return com_svg_add(v->c, v->svg, &s);
}

/* The one file that has points; NULL when none or several have. */
static const ads_lattice_data *only_points(const view *v) {
  const ads_lattice_data *only = NULL;
  for (size_t i = 0; i < v->n_lattice; i++) {
    size_t points = 0;
    for (size_t k = 0; k < v->lattice[i].n; k++) points += v->lattice[i].curve[k].n;
    if (points && only) return NULL;
    if (points) only = &v->lattice[i];
  }
  return only;
}

/* Where all points are of one file its name is said once: many temperatures make a long legend. */
static com_status add_lattice(view *v) {
  int color = (int)v->n_curves;
  const ads_lattice_data *only = v->physical ? only_points(v) : NULL;
  if (only) {
    char note[96];
    snprintf(note, sizeof note, "points: %s", only->name);
    COM_TRY(com_svg_note(v->c, v->svg, note));
  }
  for (size_t i = 0; i < v->n_lattice && v->physical; i++) {
    const ads_lattice_data *d = &v->lattice[i];
    if (d->has_cornell) COM_TRY(add_cornell(v, d));
    for (size_t k = 0; k < d->n; k++) {
      const ads_lattice_data_curve *curve = &d->curve[k];
      char legend[96];
      if (!curve->n) continue;
      double *err = NULL;
      snprintf(legend, sizeof legend, "%s%s%.0f MeV", only ? "" : d->name, only ? "" : " ", 1000 * curve->T);
      if (isfinite(d->V_error)) {
        COM_ALLOC(v->c, err = malloc(curve->n * sizeof *err));
        for (size_t m = 0; m < curve->n; m++) err[m] = d->V_error;
      }
      const com_svg_series s = {.mark = COM_MARK_POINTS,
                                .color = color % COLORS,
                                .legend = legend,
                                .n = curve->n,
                                .x = curve->r,
                                .y = curve->V,
                                .err = err};
      const com_status st = com_svg_add(v->c, v->svg, &s);
      color++;
      free(err);
      COM_TRY(st);
    }
  }
  return COM_OK;
}

/* Wide band pale, 68 % band over it, of every V(d) of an inference. */
static com_status add_bands(view *v, const cJSON *bands) {
  static const char *const edge[2][2] = {{"lo", "hi"}, {"lo68", "hi68"}};
  int color = 0;
  for (const cJSON *e = com_json_first(bands); e && v->physical; e = com_json_next(e)) {
    com_table *t = NULL;
    if (!com_json_get(e, "columns")) continue;
    COM_TRY(com_table_read(v->c, "bands", e, "+1", &t));
    com_status s = COM_OK;
    for (int k = 0; k < 2 && !s; k++) {
      const size_t lo = com_table_find(t, edge[k][0]), hi = com_table_find(t, edge[k][1]),
                   n = com_table_rows(t);
      if (lo == (size_t)-1 || hi == (size_t)-1) continue;
      double *y = malloc((2 * n + 1) * sizeof *y);
      COM_ALLOC(v->c, y);
      for (size_t i = 0; i < n; i++) { /* cut to the picture */
        y[i] = fmin(fmax(com_table_values(t, lo)[i], v->y_min), v->y_max);
        y[n + i] = fmin(fmax(com_table_values(t, hi)[i], v->y_min), v->y_max);
      }
      const com_svg_series band = {.mark = COM_MARK_BAND,
                                   .color = color % COLORS,
                                   .legend = k ? "68 % of the posterior" : NULL,
                                   .n = n,
                                   .x = com_table_values(t, 0),
                                   .y = y,
                                   .y2 = y + n};
      s = com_svg_add(v->c, v->svg, &band);
      free(y);
    }
    com_table_destroy(t);
    COM_TRY(s);
    color++;
  }
  return COM_OK;
}

static com_status potential_panel(view *v) {
  com_svg_axes a = {.title = "Quark-antiquark potential",
                    .xlabel = v->physical ? "r [fm]" : "d [L]",
                    .ylabel = v->physical ? "V [GeV]" : "V [L/(2\xcf\x80\xce\xb1\xe2\x80\xb2)]",
                    .xmax = v->x_max};
  COM_TRY(com_svg_panel(v->c, v->svg, 0, 0, &a));
  COM_TRY(add_bands(v, v->bands));
  COM_TRY(add_lattice(v));
  for (size_t i = 0; i < v->n_curves; i++) COM_TRY(add_curve(v, i));
  if (!v->n_outside) return COM_OK;
  char note[96];
  snprintf(note, sizeof note, "%zu of %zu computed curves outside", v->n_outside, v->n_curves);
  return com_svg_note(v->c, v->svg, note);
}

/* Im V over d, where there is one. */
static com_status imaginary_panel(view *v) {
  const com_svg_axes a = {.title = "Imaginary part, beyond screening",
                          .xlabel = "d [L]",
                          .ylabel = "Im V [L/(2\xcf\x80\xce\xb1\xe2\x80\xb2)]"};
  COM_TRY(com_svg_panel(v->c, v->svg, 0, 1, &a));
  for (size_t i = 0; i < v->n_curves; i++) {
    const cJSON *curve = com_json_get(v->curve[i], "curve"), *d = com_json_get(curve, "d"),
                *im = com_json_get(curve, "im_V");
    const size_t n = com_json_size(im);
    double *p;
    if (!n) continue;
    COM_ALLOC(v->c, p = malloc(2 * n * sizeof *p));
    for (size_t k = 0; k < n; k++) {
      p[k] = com_json_num(com_json_at(d, k), NAN);
      p[n + k] = com_json_num(com_json_at(im, k), NAN);
    }
    const com_svg_series s = {.mark = COM_MARK_LINE,
                              .color = (int)(i % COLORS),
                              .legend = com_json_str(com_json_get(v->curve[i], "name"), NULL),
                              .n = n,
                              .x = p,
                              .y = p + n};
    const com_status st = com_svg_add(v->c, v->svg, &s);
    free(p);
    COM_TRY(st);
  }
  return COM_OK;
}

com_status ads_potential_plot(com_ctx *c, const cJSON *doc, com_svg **out) {
  view v = {.c = c, .physical = 1, .y_min = INFINITY, .y_max = -INFINITY};
  const cJSON **curve = NULL;
  cJSON *inlined = NULL;
  com_status status = COM_OK;
  int imaginary = 0, screened = 0;
  *out = NULL;
  COM_TRY(ads_potential_curves(c, doc, &v.n_curves, &curve));
  v.curve = curve;
  v.bands = com_json_get(com_json_get(doc, "result"), "bands");
  for (size_t i = 0; i < v.n_curves; i++) {
    v.physical &= isfinite(number(curve[i], "kappa") * number(curve[i], "L"));
    screened |= isfinite(number(com_json_get(curve[i], "screening"), "d"));
    const cJSON *im = com_json_get(com_json_get(curve[i], "curve"), "im_V");
    for (size_t k = 0; k < com_json_size(im); k++) imaginary |= com_json_is_number(com_json_at(im, k));
  }
  COM_GOTO(done, ads_lattice_data_load(
                     c, NULL, com_json_get(com_json_get(com_json_get(doc, "config"), "potential"), "lattice"),
                     &v.n_lattice, &v.lattice, &inlined));
  limits(&v);
  COM_GOTO(done, com_svg_create(c, "", 1, imaginary ? 2 : 1, &v.svg));
  COM_GOTO(done, potential_panel(&v));
  if (imaginary) COM_GOTO(done, imaginary_panel(&v));
  if (screened) /* else there are no straight strings to tell from it */
    COM_GOTO(done,
             com_svg_caption(c, v.svg,
                             "Solid: connected string (physical branch) up to its screening distance V = "
                             "0; dashed: two straight "
                             "strings into the horizon."));
  *out = v.svg;
  v.svg = NULL;
done:
  com_svg_destroy(v.svg);
  ads_lattice_data_free(v.n_lattice, v.lattice);
  com_json_free(inlined);
  free(curve);
  return status;
}

com_status ads_potential_plot_lattice(com_ctx *c, const char *file, const cJSON *doc, com_svg **out) {
  static const double FROM = 0.1, TO = 1; /* without points [fm]: where fits begin, about string breaking */
  view v = {.c = c, .physical = 1, .y_min = INFINITY, .y_max = -INFINITY};
  const com_svg_axes a = {.xlabel = "r [fm]", .ylabel = "V [GeV]"};
  cJSON *inlined = NULL;
  com_status status = COM_OK;
  *out = NULL;
  status = ads_lattice_data_load(c, file, doc, &v.n_lattice, &v.lattice, &inlined);
  if (status) return com_ctx_while(c, status, "drawing %s", file);
  limits(&v);
  if (!(v.x_max > 0)) {
    const ads_lattice_data *d = v.lattice;
    v.x_max = TO, v.y_max = INFINITY;
    v.y_min = d->A / FROM + d->B * FROM + d->C;
  }
  COM_GOTO(done,
           com_svg_create(c, com_json_str(com_json_get(doc, "title"), "Static potential"), 1, 1, &v.svg));
  COM_GOTO(done, com_svg_panel(c, v.svg, 0, 0, &a));
  COM_GOTO(done, add_lattice(&v));
  *out = v.svg;
  v.svg = NULL;
done:
  com_svg_destroy(v.svg);
  ads_lattice_data_free(v.n_lattice, v.lattice);
  com_json_free(inlined);
  return status;
}
