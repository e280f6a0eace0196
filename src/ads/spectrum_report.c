/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/spectrum_report.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "ads/background_file.h"
#include "ads/spectrum_train.h"
#include "common/result.h"
#include "common/text.h"

struct ads_spectrum_report {
  com_ctx *c;
  cJSON *doc;
  ads_obs_spectrum_opts opts;
  ads_obs_spectrum_data data;
  ads_meson meson;
  ads_spectrum_train *trainings;
};
typedef struct ads_spectrum_report run;

/* ---- training ---- */
static com_status write_profile(com_ctx *c, const ads_profile *p, cJSON *doc) {
  const double k[2] = {p->par[0], p->par[2]}, a[2] = {p->par[1], p->par[3]};
  cJSON *j = com_json_object();
  com_status s = com_json_add(c, j, "type", com_json_string(p->ops->c.name));
  if (!s) s = com_json_add(c, j, "k", com_json_reals(k, 2));
  if (!s && p->ops->shape) s = com_json_add(c, j, "a", com_json_reals(a, 2));
  if (s) com_json_free(j);
  return s ? s : com_json_add(c, doc, "profile", j);
}

/* The next masses of all profiles that fit: their spread is what the masses leave open. */
static void say_spread(run *r, const com_table *t) {
  const double *next = com_table_column(t, "next_rho"), *chi2 = com_table_column(t, "chi2");
  double lo = INFINITY, hi = -INFINITY;
  size_t n = 0;
  for (size_t i = 0; i < com_table_rows(t); i++) {
    if (!(chi2[i] <= 1)) continue;
    lo = fmin(lo, next[i]), hi = fmax(hi, next[i]);
    n++;
  }
  if (n > 1)
    com_ctx_warn(r->c, "masses_do_not_fix",
                 "%zu parametrisations reproduce the %d trained masses and put the next rho between %.3f and "
                 "%.3f GeV: these masses do not fix it, the choice of the parametrisation does",
                 n, r->opts.train_rho + r->opts.train_a2, lo, hi);
  if (n < com_table_rows(t))
    com_ctx_warn(
        r->c, "parametrisations_miss",
        "%zu of %zu parametrisations do not reproduce the trained masses (chi2 > 1, column stop says "
        "why they ended): the masses that they put next say nothing",
        com_table_rows(t) - n, com_table_rows(t));
}

static com_status compare(run *r, cJSON *result) {
  com_table *t = NULL;
  if (!r->opts.profiles.n) return COM_OK;
  COM_TRY(com_table_create(r->c, &t));
  com_status s = ads_spectrum_train_compare(r->trainings, t);
  if (!s) s = com_json_add(r->c, result, "parametrisations", com_table_json(t));
  if (!s) say_spread(r, t);
  com_table_destroy(t);
  return s;
}

static com_status trained(run *r, cJSON *result, cJSON *background) {
  if (!r->opts.train) return COM_OK;
  COM_TRY(ads_spectrum_train_result(r->trainings, result, &r->meson.profile));
  return write_profile(r->c, &r->meson.profile, background);
}

/* ---- tables ---- */
static com_status put_table(run *r, cJSON *result) {
  com_table *t = NULL;
  cJSON *j = NULL;
  COM_TRY(com_table_create(r->c, &t));
  com_status s = ads_obs_spectrum_table(r->c, &r->opts, &r->data, &r->meson, t);
  if (!s && !(j = com_table_json(t))) s = COM_FAIL(r->c, COM_E_MEM, "out of memory");
  if (!s) s = com_json_add(r->c, result, "columns", com_json_copy(com_json_get(j, "columns")));
  if (!s) s = com_json_add(r->c, result, "rows", com_json_copy(com_json_get(j, "rows")));
  com_json_free(j);
  com_table_destroy(t);
  return s;
}

/* A(z) + log z, Phi(z) and the potentials of rho and a2, for the picture. */
static com_status put_fields(run *r, cJSON *result) {
  enum { N = 120, COLS = 5 };
  static const char *const names[COLS] = {"z", "A_plus_log_z", "Phi", "U_rho", "U_a2"};
  static const char *const units[COLS] = {"GeV^-1", "1", "1", "GeV^2", "GeV^2"};
  double v[COLS][N];
  com_table *t = NULL;
  for (int i = 0; i < N; i++) {
    const double z = 6.0 * (i + 1) / N, centre = 1 / (z * z);
    double A[3], phi[3];
    ads_profile_fields(&r->meson.profile, z, A, phi);
    v[0][i] = z;
    v[1][i] = A[0];
    v[2][i] = phi[0];
    v[3][i] = ads_meson_potential(&r->meson, ADS_MESON_RHO, z) + 0.75 * centre;
    v[4][i] = ads_meson_potential(&r->meson, ADS_MESON_A2, z) + 3.75 * centre;
  }
  COM_TRY(com_table_create(r->c, &t));
  com_status s = COM_OK;
  for (int k = 0; k < COLS && !s; k++) s = com_table_add(r->c, t, names[k], units[k], NULL, N, v[k], NULL);
  if (!s) s = com_json_add(r->c, result, "fields", com_table_json(t));
  com_table_destroy(t);
  return s;
}

/* ---- all ---- */
static com_status inline_masses(const run *r, cJSON *block) {
  cJSON *masses = com_json_object();
  com_status s = masses ? COM_OK : COM_FAIL(r->c, COM_E_MEM, "out of memory");
  for (int k = 0; k < ADS_MESON_SECTORS && !s; k++)
    if (r->data.n[k])
      s = com_json_add(r->c, masses, ads_meson_names[k], com_json_reals(r->data.m[k], r->data.n[k]));
  if (s) com_json_free(masses);
  return s ? s : com_json_add(r->c, block, "masses", masses);
}

com_status ads_spectrum_report_config(const ads_spectrum_report *r, cJSON **out) {
  cJSON *block = com_json_object(), *j = com_json_copy(r->doc);
  com_status s = block && j ? COM_OK : COM_FAIL(r->c, COM_E_MEM, "out of memory");
  if (!s) s = com_field_write(r->c, ads_obs_spectrum.c.fields, &r->opts, block);
  if (!s && r->opts.masses) s = inline_masses(r, block);
  if (s)
    com_json_free(block);
  else
    s = com_json_add(r->c, j, "spectrum", block);
  if (s) com_json_free(j);
  *out = s ? NULL : j;
  return s;
}

static com_status fill(run *r, cJSON *result) {
  com_ctx *c = r->c;
  cJSON *background = com_json_copy(r->doc);
  COM_ALLOC(c, background);
  com_json_remove(background, "spectrum");
  com_status s = trained(r, result, background);
  if (s)
    com_json_free(background);
  else
    s = com_json_add(c, result, "background", background);
  if (!s) s = put_table(r, result);
  if (!s) s = put_fields(r, result);
  return s ? s : compare(r, result);
}

/* A spectrum result is run again from its config, not from the background it ended with; others are read for their background. */
static const cJSON *start_of(const cJSON *j) {
  const cJSON *config = com_json_get(j, "config");
  return config && !strncmp(com_json_str(com_json_get(j, "schema"), ""), "holograd/spectrum/", 18) ? config
                                                                                                   : j;
}

com_status ads_spectrum_report_create(com_ctx *c, const char *file, const cJSON *j,
                                      ads_spectrum_report **out) {
  com_status status = COM_OK;
  cJSON *docs = NULL;
  *out = NULL;
  run *r = calloc(1, sizeof *r);
  COM_ALLOC(c, r);
  r->c = c;
  COM_GOTO(done, ads_background_file_documents(c, file, start_of(j), &docs));
  if (!(r->doc = com_json_copy(com_json_at(docs, 0))))
    COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
  COM_GOTO(done, ads_observable_options(c, &ads_obs_spectrum, file, "spectrum",
                                        com_json_get(r->doc, "spectrum"), &r->opts));
  COM_GOTO(done, ads_background_conformal_meson(c, file, r->doc, &r->meson));
  COM_GOTO(done, ads_obs_spectrum_masses_read(c, file, r->opts.masses, &r->data));
  COM_GOTO(done, ads_spectrum_train_create(c, file, &r->opts, &r->data, &r->meson.profile, &r->trainings));
  *out = r;
  r = NULL;
done:
  com_json_free(docs);
  ads_spectrum_report_destroy(r);
  return status;
}

void ads_spectrum_report_destroy(ads_spectrum_report *r) {
  if (!r) return;
  ads_spectrum_train_destroy(r->trainings);
  ads_obs_spectrum_masses_free(&r->data);
  com_field_finish(ads_obs_spectrum.c.fields, &r->opts);
  com_json_free(r->doc);
  free(r);
}

size_t ads_spectrum_report_n_trainers(const ads_spectrum_report *r) {
  return ads_spectrum_train_n(r->trainings);
}
ads_trainer *const *ads_spectrum_report_trainers(const ads_spectrum_report *r) {
  return ads_spectrum_train_trainers(r->trainings);
}

com_status ads_spectrum_report_finish(ads_spectrum_report *r, cJSON **doc) {
  cJSON *result = com_json_object(), *config = NULL;
  com_status s = result ? fill(r, result) : COM_FAIL(r->c, COM_E_MEM, "out of memory");
  if (!s) s = ads_spectrum_report_config(r, &config);
  if (s) com_json_free(result);
  return s ? s : com_result_wrap(r->c, "holograd/spectrum/1", config, result, doc);
}

/* Columns of result that words and picture look up. */
#define LEVELS "sector$ n mass measured deviation"

/* ---- picture ---- */
/* Levels m over n: computed as lines with small points, measured as points. */
static com_status levels_panel(com_ctx *c, com_svg *s, const com_table *t) {
  const com_svg_axes a = {.title = "Meson masses", .xlabel = "n", .ylabel = "m [GeV]"};
  const size_t rows = com_table_rows(t), name = com_table_find(t, "sector"), n = com_table_find(t, "n"),
               mass = com_table_find(t, "mass"), known = com_table_find(t, "measured");
  COM_TRY(com_svg_panel(c, s, 0, 0, &a));
  int color = 0, any_measured = 0;
  for (size_t i = 0; i < rows;) {
    size_t end = i, m = 0;
    const char *sector = com_table_text_at(t, name, i);
    while (end < rows && strcmp(com_table_text_at(t, name, end), sector) == 0) end++;
    const com_svg_series line = {.mark = COM_MARK_LINE,
                                 .color = color,
                                 .legend = sector,
                                 .n = end - i,
                                 .x = com_table_values(t, n) + i,
                                 .y = com_table_values(t, mass) + i};
    const com_svg_series levels = {.mark = COM_MARK_RINGS,
                                   .color = color,
                                   .n = end - i,
                                   .x = com_table_values(t, n) + i,
                                   .y = com_table_values(t, mass) + i};
    const com_svg_series points = {.mark = COM_MARK_POINTS,
                                   .color = color,
                                   .n = end - i,
                                   .x = com_table_values(t, n) + i,
                                   .y = com_table_values(t, known) + i};
    COM_TRY(com_svg_add(c, s, &line));
    COM_TRY(com_svg_add(c, s, &levels));
    for (size_t k = i; k < end; k++) m += isfinite(com_table_values(t, known)[k]) ? 1 : 0;
    if (m) COM_TRY(com_svg_add(c, s, &points));
    any_measured |= m > 0;
    color++;
    i = end;
  }
  return any_measured ? com_svg_note(c, s, "rings: this background; points: measured") : COM_OK;
}

static com_status fields_panel(com_ctx *c, com_svg *s, const cJSON *fields) {
  com_table *t = NULL;
  COM_TRY(com_table_read(c, "result.fields", fields, "z A_plus_log_z Phi", &t));
  const com_svg_axes a = {
      .title = "Background", .xlabel = "z [GeV^{-1}]", .ylabel = "A + ln z, \xce\xa6", .ymin = -2, .ymax = 6};
  com_status st = com_svg_panel(c, s, 0, 1, &a);
  static const char *const names[] = {"A_plus_log_z", "Phi"};
  static const char *const legends[] = {"A + ln z", "\xce\xa6"};
  for (int k = 0; k < 2 && !st; k++) {
    const com_svg_series d = {.mark = COM_MARK_LINE,
                              .color = 2 + k,
                              .legend = legends[k],
                              .n = com_table_rows(t),
                              .x = com_table_column(t, "z"),
                              .y = com_table_column(t, names[k])};
    st = com_svg_add(c, s, &d);
  }
  com_table_destroy(t);
  return st;
}

com_status ads_spectrum_report_plot(com_ctx *c, const cJSON *doc, com_svg **out) {
  const cJSON *result = com_json_get(doc, "result"), *fields = com_json_get(result, "fields");
  com_status status = COM_OK;
  com_svg *s = NULL;
  com_table *t = NULL;
  *out = NULL;
  COM_GOTO(done, com_table_read(c, "result", result, LEVELS, &t));
  COM_GOTO(done, com_svg_create(c, "", 1, fields ? 2 : 1, &s));
  COM_GOTO(done, levels_panel(c, s, t));
  if (fields) COM_GOTO(done, fields_panel(c, s, fields));
  *out = s;
  s = NULL;
done:
  com_svg_destroy(s);
  com_table_destroy(t);
  return status;
}

static com_status masses_panel(com_ctx *c, com_svg *s, const ads_obs_spectrum_data *d, int squared) {
  const com_svg_axes a = {.title = squared ? "Radial trajectories" : "Measured masses",
                          .xlabel = "n",
                          .ylabel = squared ? "m^2 [GeV^2]" : "m [GeV]"};
  COM_TRY(com_svg_panel(c, s, 0, (size_t)squared, &a));
  for (int k = 0; k < ADS_MESON_SECTORS; k++) {
    double *x;
    if (!d->n[k]) continue;
    COM_ALLOC(c, x = malloc(2 * d->n[k] * sizeof *x));
    for (size_t i = 0; i < d->n[k]; i++) {
      x[i] = (double)i;
      x[d->n[k] + i] = squared ? d->m[k][i] * d->m[k][i] : d->m[k][i];
    }
    const com_svg_series points = {.mark = COM_MARK_POINTS,
                                   .color = k,
                                   .legend = ads_meson_names[k],
                                   .n = d->n[k],
                                   .x = x,
                                   .y = x + d->n[k]};
    const com_status st = com_svg_add(c, s, &points);
    free(x);
    COM_TRY(st);
  }
  return COM_OK;
}

/* m, and m^2, which is linear in n for the soft wall. */
com_status ads_spectrum_report_plot_masses(com_ctx *c, const char *file, const cJSON *doc, com_svg **out) {
  ads_obs_spectrum_data d;
  com_svg *s = NULL;
  com_status status = COM_OK;
  *out = NULL;
  COM_TRY(ads_obs_spectrum_masses_read(c, file, doc, &d));
  if (!(d.n[0] + d.n[1] + d.n[2] + d.n[3])) {
    status = COM_FAIL(c, COM_E_DATA, "%s: holds no masses to draw; give rho, a2, a1 or f0", file);
    goto done;
  }
  COM_GOTO(done, com_svg_create(c, com_json_str(com_json_get(doc, "title"), ""), 1, 2, &s));
  for (int squared = 0; squared < 2; squared++) COM_GOTO(done, masses_panel(c, s, &d, squared));
  *out = s;
  s = NULL;
done:
  com_svg_destroy(s);
  ads_obs_spectrum_masses_free(&d);
  return status;
}

/* ---- words ---- */

static void say_training(com_text *t, const cJSON *doc) {
  const cJSON *r = com_json_get(doc, "result"), *config = com_json_get(doc, "config"),
              *o = com_json_get(com_json_get(config, "spectrum"), "optimizer");
  if (!com_json_get(r, "stop")) return;
  com_text_printf(
      t,
      "Profile %s trained on %.0f masses by %s: chi2 = %.3g after %.0f steps over %zu start%s, "
      "stopped by %s.\n",
      com_json_str(com_json_get(com_json_get(config, "profile"), "type"), "?"),
      com_json_num(com_json_get(r, "n_data"), 0), com_json_str(com_json_get(o, "type"), com_json_str(o, "?")),
      com_json_num(com_json_get(r, "chi2"), NAN), com_json_num(com_json_get(r, "iterations"), 0),
      com_json_size(com_json_get(r, "starts")), com_json_size(com_json_get(r, "starts")) == 1 ? "" : "s",
      com_json_str(com_json_get(r, "stop"), "?"));
}

com_status ads_spectrum_report_words(com_ctx *c, const cJSON *doc, char **out) {
  const cJSON *result = com_json_get(doc, "result"), *many = com_json_get(result, "parametrisations");
  com_text t = {0};
  com_table *table = NULL;
  COM_TRY(com_table_read(c, "result", result, LEVELS, &table));
  const size_t name = com_table_find(table, "sector"), n = com_table_find(table, "n"),
               mass = com_table_find(table, "mass"), known = com_table_find(table, "measured"),
               off = com_table_find(table, "deviation");
  double worst = -1;
  for (size_t i = 0; i < com_table_rows(table); i++)
    worst = fmax(worst, fabs(com_table_values(table, off)[i]));
  say_training(&t, doc);
  com_text_printf(&t, "Masses of %zu meson levels of this background", com_table_rows(table));
  if (worst >= 0) com_text_printf(&t, ", at most %.3g %% from the measured ones", worst);
  com_text_add(&t, ".\n    sector  n   mass [GeV]   measured   deviation\n");
  for (size_t i = 0; i < com_table_rows(table); i++) {
    com_text_printf(&t, "    %-6s %2.0f   %10.6f", com_table_text_at(table, name, i),
                    com_table_values(table, n)[i], com_table_values(table, mass)[i]);
    if (isfinite(com_table_values(table, known)[i]))
      com_text_printf(&t, "   %8.4f   %+8.3f %%", com_table_values(table, known)[i],
                      com_table_values(table, off)[i]);
    com_text_add(&t, "\n");
  }
  com_table_destroy(table);
  if (many) {
    COM_TRY(com_table_read(c, "result.parametrisations", many, "profile$ next_rho next_a2 chi2", &table));
    const size_t who = com_table_find(table, "profile"), rho = com_table_find(table, "next_rho"),
                 a2 = com_table_find(table, "next_a2"), chi2 = com_table_find(table, "chi2");
    com_text_add(&t, "Parametrisations of the same masses predict the next levels as follows.\n"
                     "    parametrisation   next rho [GeV]   next a2 [GeV]      chi2\n");
    for (size_t i = 0; i < com_table_rows(table); i++)
      com_text_printf(&t, "    %-16s  %10.4f       %10.4f   %12.3g\n", com_table_text_at(table, who, i),
                      com_table_values(table, rho)[i], com_table_values(table, a2)[i],
                      com_table_values(table, chi2)[i]);
    com_table_destroy(table);
  }
  return com_text_take(c, &t, out);
}
