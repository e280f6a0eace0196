/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/obs_spectrum.h"
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "common/fs.h"

#define ROW(key, doc, unit, type, def, lo, hi, aux, sdef, flags)                                             \
  { #key, doc, unit, type, offsetof(ads_obs_spectrum_opts, key), def, lo, hi, aux, sdef, flags }
static const com_field fields[] = {
    ROW(sectors, "rho, a2, a1, f0; default: rho and a2, and the others where there is a chiral sector", NULL,
        COM_F_STRINGS, 0, 0, 0, NULL, NULL, 0),
    ROW(n, "states per sector", "1", COM_F_INT, 5, 1, 100, NULL, NULL, 0),
    ROW(points, "points of the coarsest of three grids", "1", COM_F_INT, 400, 50, 20000, NULL, NULL, 0),
    ROW(shoot_tol, "tolerance of the shooting flow", "1", COM_F_REAL, 1e-11, 1e-13, 1e-4, NULL, NULL, 0),
    ROW(agree, "warn when matrix and shooting differ by more, relative", "1", COM_F_REAL, 1e-7, 0, 1, NULL,
        NULL, COM_FF_LO_OPEN),
    ROW(masses, "measured masses: file or {\"rho\":[...],\"a2\":[...],\"a1\":[...],\"f0\":[...]} in GeV",
        NULL, COM_F_RAW, 0, 0, 0, NULL, NULL, 0),
    ROW(train, "train the profile on the masses", NULL, COM_F_BOOL, 0, 0, 0, NULL, NULL, 0),
    ROW(train_rho, "how many of the lowest rho masses to train on", "1", COM_F_INT, 2, 0, 20, NULL, NULL, 0),
    ROW(train_a2, "how many of the lowest a2 masses to train on", "1", COM_F_INT, 2, 0, 20, NULL, NULL, 0),
    ROW(rel_error, "relative error of the masses: unit of the residuals", "1", COM_F_REAL, 1e-3, 0, 1, NULL,
        NULL, COM_FF_LO_OPEN),
    ROW(starts, "starts of the training", "1", COM_F_INT, 6, 1, ADS_MESON_FIT_STARTS, NULL, NULL, 0),
    ROW(profiles, "train these profiles, too, and compare what they predict", NULL, COM_F_STRINGS, 0, 0, 0,
        NULL, NULL, 0),
    ROW(optimizer, "how the profile is trained", NULL, COM_F_COMPONENT, 0, 0, 0, &com_optim_kind, "lm", 0),
    {0}};

/* ---- masses ---- */
static com_status read_sector(com_ctx *c, const char *file, const cJSON *j, ads_meson_sector s,
                              ads_obs_spectrum_data *out) {
  const cJSON *a = com_json_get(j, ads_meson_names[s]);
  const size_t n = com_json_size(a);
  if (!a) return COM_OK;
  COM_CHECK(c, com_json_is_array(a), COM_E_DATA, "%s: %s: must be an array of masses in GeV", file,
            ads_meson_names[s]);
  COM_ALLOC(c, out->m[s] = malloc((n + 1) * sizeof *out->m[s]));
  out->n[s] = n;
  for (size_t i = 0; i < n; i++) {
    const cJSON *x = com_json_at(a, i);
    out->m[s][i] = com_json_num(x, NAN);
    COM_CHECK(c, com_json_is_null(x) || out->m[s][i] > 0, COM_E_DATA,
              "%s: %s[%zu]: must be a positive mass in GeV, or null where it is not known", file,
              ads_meson_names[s], i);
  }
  return COM_OK;
}

com_status ads_obs_spectrum_masses_read(com_ctx *c, const char *file, const cJSON *masses,
                                        ads_obs_spectrum_data *out) {
  com_status status = COM_OK;
  char *path = NULL;
  cJSON *loaded = NULL;
  memset(out, 0, sizeof *out);
  if (!masses) return COM_OK;
  if (com_json_is_string(masses)) {
    COM_GOTO(done, com_fs_resolve(c, file, com_json_str(masses, ""), &path));
    COM_GOTO(done, com_json_load(c, path, &loaded));
    masses = loaded;
    file = path;
  }
  for (int s = 0; s < ADS_MESON_SECTORS; s++)
    COM_GOTO(done, read_sector(c, file, masses, (ads_meson_sector)s, out));
done:
  if (status) ads_obs_spectrum_masses_free(out);
  com_json_free(loaded);
  free(path);
  return status;
}

void ads_obs_spectrum_masses_free(ads_obs_spectrum_data *d) {
  for (int s = 0; s < ADS_MESON_SECTORS; s++) free(d->m[s]);
  memset(d, 0, sizeof *d);
}

/* ---- table ---- */
static int wanted(const ads_obs_spectrum_opts *o, const ads_meson *m, ads_meson_sector s) {
  if (o->sectors.n == 0) return m->chiral.given || s == ADS_MESON_RHO || s == ADS_MESON_A2;
  for (size_t i = 0; i < o->sectors.n; i++)
    if (strcmp(o->sectors.v[i], ads_meson_names[s]) == 0) return 1;
  return 0;
}

static com_status check_sectors(com_ctx *c, const ads_obs_spectrum_opts *o) {
  for (size_t i = 0; i < o->sectors.n; i++) {
    int known = 0;
    for (int s = 0; s < ADS_MESON_SECTORS; s++) known |= strcmp(o->sectors.v[i], ads_meson_names[s]) == 0;
    COM_CHECK(c, known, COM_E_CONFIG, "spectrum.sectors: \"%s\": must be rho, a2, a1 or f0", o->sectors.v[i]);
  }
  return COM_OK;
}

enum { COLUMNS = 8 };
static const char *const columns[COLUMNS] = {"n",        "m2",         "mass",     "mass_error",
                                             "m2_shoot", "difference", "measured", "deviation"};
static const char *const column_units[COLUMNS] = {"1", "GeV^2", "GeV", "GeV", "GeV^2", "1", "GeV", "%"};

static com_status one_sector(com_ctx *c, const ads_obs_spectrum_opts *o, const ads_obs_spectrum_data *data,
                             const ads_meson *m, ads_meson_sector s, size_t rows, size_t first, double *v) {
  const size_t n = (size_t)o->n;
  double *w, worst = 0;
  com_status status;
  COM_ALLOC(c, w = malloc(3 * n * sizeof *w));
  status = ads_meson_matrix(c, m, s, (size_t)o->points, n, w, w + n, NULL);
  if (!status) status = ads_meson_shoot(c, m, s, o->shoot_tol, n, w + 2 * n);
  for (size_t i = 0; i < n && !status; i++) {
    const double mass = w[i] >= 0 ? sqrt(w[i]) : NAN, known = i < data->n[s] ? data->m[s][i] : NAN;
    const double row[COLUMNS] = {(double)i,    w[i],
                                 mass,         w[n + i] / (2 * mass),
                                 w[2 * n + i], w[i] / w[2 * n + i] - 1,
                                 known,        100 * (mass / known - 1)};
    for (int k = 0; k < COLUMNS; k++) v[(size_t)k * rows + first + i] = row[k];
    worst = fmax(worst, fabs(row[5]));
    if (w[i] < 0)
      com_ctx_warn(c, "tachyon", "%s: state %zu has m^2 = %.4g GeV^2 < 0: this background is unstable",
                   ads_meson_names[s], i, w[i]);
  }
  if (!status && worst > o->agree)
    com_ctx_warn(
        c, "methods_disagree",
        "%s: matrix and shooting differ by %.2g relative: raise spectrum.points or lower spectrum.shoot_tol",
        ads_meson_names[s], worst);
  free(w);
  return status;
}

/* Is the given v(z) a solution of its own equation here? If not, the chiral masses are those of an inconsistent background. */
static void check_chiral(com_ctx *c, const ads_meson *m) {
  double worst = 0, at = 0;
  for (int i = 1; m->chiral.given && i <= 100; i++) {
    const double z = 0.05 * i, r = fabs(ads_meson_chiral_residual(m, z));
    if (r > worst) worst = r, at = z;
  }
  if (worst > 0.05)
    com_ctx_warn(c, "chiral_inconsistent",
                 "v(z) misses its own equation of motion by %.0f %% of its terms at z = %.3g GeV^-1: a1 and "
                 "f0 are those "
                 "of a given v, not of a solution",
                 100 * worst, at);
}

com_status ads_obs_spectrum_table(com_ctx *c, const ads_obs_spectrum_opts *o,
                                  const ads_obs_spectrum_data *data, const ads_meson *m, com_table *out) {
  size_t rows = 0, first = 0;
  double *v = NULL;
  const char **names = NULL;
  com_status status = COM_OK;
  COM_TRY(check_sectors(c, o));
  for (int s = 0; s < ADS_MESON_SECTORS; s++) rows += wanted(o, m, (ads_meson_sector)s) ? (size_t)o->n : 0;
  COM_ALLOC(c, v = malloc((COLUMNS * rows + 1) * sizeof *v));
  names = malloc((rows + 1) * sizeof *names);
  if (!names) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
  for (int s = 0; s < ADS_MESON_SECTORS; s++) {
    if (!wanted(o, m, (ads_meson_sector)s)) continue;
    COM_GOTO(done, com_ctx_cancelled(c, "spectrum"));
    COM_GOTO(done, one_sector(c, o, data, m, (ads_meson_sector)s, rows, first, v));
    for (int i = 0; i < o->n; i++) names[first++] = ads_meson_names[s];
  }
  check_chiral(c, m);
  COM_GOTO(done, com_table_add_text(c, out, "sector", rows, names));
  for (size_t k = 0; k < COLUMNS; k++)
    COM_GOTO(done, com_table_add(c, out, columns[k], column_units[k], NULL, rows, v + k * rows, NULL));
done:
  free(names);
  free(v);
  return status;
}

static com_status eval(com_ctx *c, const void *opts, const ads_background *b, com_table *table,
                       cJSON *scalars) {
  const ads_obs_spectrum_opts *o = opts;
  ads_obs_spectrum_data data = {0};
  ads_meson m;
  com_status status = COM_OK;
  (void)scalars; /* masses are all in the table */
  COM_TRY(ads_background_conformal_meson(c, ads_background_label(b), ads_background_options(b), &m));
  COM_TRY(ads_obs_spectrum_masses_read(c, NULL, o->masses, &data));
  status = ads_obs_spectrum_table(c, o, &data, &m, table);
  ads_obs_spectrum_masses_free(&data);
  return status;
}

const ads_observable_ops ads_obs_spectrum = {.c = {.name = "spectrum",
                                                   .doc = "meson masses by matrix and by shooting",
                                                   .ref = "arXiv:2005.02636, arXiv:2512.16450",
                                                   .fields = fields,
                                                   .opt_size = sizeof(ads_obs_spectrum_opts)},
                                             .eval = eval};
