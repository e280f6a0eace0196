/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/spectrum_train.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX = 33 }; /* the file's own profile and 32 others */

struct ads_spectrum_train {
  com_ctx *c;
  const ads_obs_spectrum_opts *o;
  ads_meson_target target[2];
  size_t n_targets, n;
  ads_profile profile[MAX]; /* as given; only the file's own has parameters */
  ads_meson_fit *fit[MAX];
  ads_trainer *trainer[MAX];
  cJSON *result[MAX];
};

/* ---- what is trained ---- */

static com_status targets(ads_spectrum_train *t, const ads_obs_spectrum_data *data) {
  const int want[2] = {t->o->train_rho, t->o->train_a2};
  for (int s = 0; s < 2; s++) {
    const size_t n = (size_t)want[s];
    COM_CHECK(t->c, n <= data->n[s], COM_E_DATA, "spectrum.masses.%s: %zu masses, training wants %zu",
              ads_meson_names[s], data->n[s], n);
    for (size_t i = 0; i < n; i++)
      COM_CHECK(t->c, data->m[s][i] > 0, COM_E_DATA,
                "spectrum.masses.%s[%zu]: is null, but training needs it", ads_meson_names[s], i);
    if (n) t->target[t->n_targets++] = (ads_meson_target){(ads_meson_sector)s, n, data->m[s]};
  }
  return COM_OK;
}

/* Which training has this shape; n when none. */
static size_t find(const ads_spectrum_train *t, const char *name) {
  size_t k = 0;
  while (k < t->n && strcmp(t->profile[k].ops->c.name, name) != 0) k++;
  return k;
}

static com_status add(ads_spectrum_train *t, const char *file, const ads_profile *given) {
  ads_profile *p = &t->profile[t->n];
  ads_meson_fit **f = &t->fit[t->n];
  *p = *given;
  const ads_meson_fit_spec spec = {.file = file,
                                   .given = p,
                                   .n_targets = t->n_targets,
                                   .target = t->target,
                                   .rel_error = t->o->rel_error,
                                   .points = (size_t)t->o->points,
                                   .starts = t->o->starts,
                                   .optimizer = &t->o->optimizer};
  COM_TRY(ads_meson_fit_create(t->c, &spec, f));
  const com_status s = ads_trainer_create(t->c, ads_meson_fit_task(*f), &t->trainer[t->n]);
  t->n++;
  return s;
}

static com_status add_others(ads_spectrum_train *t, const char *file) {
  const com_strings *names = &t->o->profiles;
  COM_CHECK(t->c, names->n < MAX, COM_E_CONFIG, "spectrum.profiles: %zu names, at most %d", names->n,
            MAX - 1);
  for (size_t i = 0; i < names->n; i++) {
    const com_component *p = com_field_find(&ads_profile_kind, names->v[i]);
    COM_CHECK(t->c, p, COM_E_CONFIG, "spectrum.profiles: no profile \"%s\"; see holograd list profiles",
              names->v[i]);
    if (find(t, p->name) < t->n) continue;
    const ads_profile given = {(const ads_profile_ops *)(const void *)p, {NAN, NAN, NAN, NAN}};
    COM_TRY(add(t, file, &given));
  }
  return COM_OK;
}

com_status ads_spectrum_train_create(com_ctx *c, const char *file, const ads_obs_spectrum_opts *o,
                                     const ads_obs_spectrum_data *data, const ads_profile *own,
                                     ads_spectrum_train **out) {
  *out = NULL;
  ads_spectrum_train *t = calloc(1, sizeof *t);
  COM_ALLOC(c, t);
  t->c = c;
  t->o = o;
  com_status s = o->train || o->profiles.n ? targets(t, data) : COM_OK;
  if (!s && o->train) s = add(t, file, own);
  if (!s) s = add_others(t, file);
  if (s) ads_spectrum_train_destroy(t);
  *out = s ? NULL : t;
  return s;
}

void ads_spectrum_train_destroy(ads_spectrum_train *t) {
  if (!t) return;
  for (size_t k = 0; k < MAX; k++) {
    ads_trainer_destroy(t->trainer[k]);
    ads_meson_fit_destroy(t->fit[k]);
    com_json_free(t->result[k]);
  }
  free(t);
}

size_t ads_spectrum_train_n(const ads_spectrum_train *t) { return t->n; }
ads_trainer *const *ads_spectrum_train_trainers(const ads_spectrum_train *t) { return t->trainer; }

/* ---- what came of it ---- */

/* Result and trained profile of training k. */
static com_status result_of(ads_spectrum_train *t, size_t k, ads_profile *p) {
  if (!t->result[k]) {
    com_ctx_warn_as(t->c, k || !t->o->train ? t->profile[k].ops->c.name : NULL);
    const com_status s = ads_trainer_result(t->trainer[k], &t->result[k]);
    com_ctx_warn_as(t->c, NULL);
    COM_TRY(s);
  }
  ads_meson_fit_profile(t->fit[k], ads_trainer_best(t->trainer[k]), p);
  return COM_OK;
}

com_status ads_spectrum_train_result(ads_spectrum_train *t, cJSON *result, ads_profile *own) {
  if (!t->o->train) return COM_OK;
  COM_TRY(result_of(t, 0, own));
  const double chi2 = com_json_num(com_json_get(t->result[0], "chi2"), NAN);
  com_status s = COM_OK;
  for (const cJSON *j = com_json_first(t->result[0]); j && !s; j = com_json_next(j))
    s = com_json_add(t->c, result, com_json_key(j), com_json_copy(j));
  if (chi2 > 1 && ads_trainer_converged(t->trainer[0]) &&
      t->o->train_rho + t->o->train_a2 <= ADS_PROFILE_PARAMS)
    com_ctx_warn(t->c, "not_fitted",
                 "profile %s misses the trained masses (chi2 = %.3g in units of %.2g relative): it cannot "
                 "bend that way",
                 own->ops->c.name, chi2, t->o->rel_error);
  return s;
}

static com_status next_masses(const ads_spectrum_train *t, const ads_meson *m, double out[2]) {
  enum { STATES = 21 }; /* one more than can be trained on */
  const int want[2] = {t->o->train_rho, t->o->train_a2};
  double m2[STATES];
  for (int s = 0; s < 2; s++) {
    const size_t n = (size_t)want[s] + 1;
    COM_TRY(ads_meson_matrix(t->c, m, (ads_meson_sector)s, (size_t)t->o->points, n, m2, NULL, NULL));
    out[s] = m2[n - 1] > 0 ? sqrt(m2[n - 1]) : NAN;
  }
  return com_ctx_cancelled(t->c, "spectrum");
}

com_status ads_spectrum_train_compare(ads_spectrum_train *t, com_table *out) {
  enum { COLS = 7 };
  static const char *const cols[COLS] = {"k_1", "a_1", "k_2", "a_2", "chi2", "next_rho", "next_a2"};
  static const char *const units[COLS] = {"GeV^2", "1", "GeV^2", "1", "1", "GeV", "GeV"};
  const size_t n = t->o->profiles.n;
  double v[COLS][MAX];
  const char *names[MAX], *stops[MAX];
  for (size_t i = 0; i < n; i++) {
    const size_t k = find(t, t->o->profiles.v[i]);
    ads_meson m = {0};
    double next[2];
    COM_TRY(result_of(t, k, &m.profile));
    COM_TRY(next_masses(t, &m, next));
    names[i] = m.profile.ops->c.name;
    stops[i] = com_json_str(com_json_get(t->result[k], "stop"), "");
    for (int p = 0; p < 4; p++) v[p][i] = m.profile.par[p];
    v[4][i] = com_json_num(com_json_get(t->result[k], "chi2"), NAN);
    v[5][i] = next[0];
    v[6][i] = next[1];
  }
  COM_TRY(com_table_add_text(t->c, out, "profile", n, names));
  for (int k = 0; k < COLS; k++) COM_TRY(com_table_add(t->c, out, cols[k], units[k], NULL, n, v[k], NULL));
  return com_table_add_text(t->c, out, "stop", n, stops);
}
