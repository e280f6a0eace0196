/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/fit_pairs.h"

#include <math.h>
#include <stdlib.h>

static const com_choices *penalties(const ads_fit *f) { return &ads_fit_config(f)->penalties; }

static const ads_metric *metric_of(const ads_fit *f, size_t g) {
  return ads_model_metric(ads_fit_group(f, g)->model);
}

/* The group with a metric of its own whose temperature is the next one above that of g; n_groups: none. */
static size_t next(const ads_fit *f, size_t g) {
  const size_t n = ads_fit_n_groups(f);
  size_t best = n;
  for (size_t k = 0; k < n; k++) {
    const ads_group *q = ads_fit_group(f, k);
    if (q->owner != k || !(q->data->T > ads_fit_group(f, g)->data->T)) continue;
    if (best == n || q->data->T < ads_fit_group(f, best)->data->T) best = k;
  }
  return best;
}

static int is_owner(const ads_fit *f, size_t g) { return ads_fit_group(f, g)->owner == g; }

com_status ads_fit_pairs_check(const ads_fit *f) {
  const char *file = ads_fit_config(f)->file;
  com_ctx *c = ads_fit_ctx(f);
  if (ads_penalty_pair_count(penalties(f), metric_of(f, 0)) == 0) return COM_OK;
  COM_CHECK(c, ads_fit_n_owners(f) > 1, COM_E_CONFIG,
            "%s: penalties: temperature needs a joint fit of several temperatures (\"datasets\"); remove it",
            file);
  for (size_t g = 0; g < ads_fit_n_groups(f); g++) {
    const ads_group *q = ads_fit_group(f, g);
    if (!is_owner(f, g)) continue;
    COM_CHECK(c, isfinite(q->data->T), COM_E_CONFIG,
              "%s: penalties: temperature: dataset %s states no temperature; give it one", file,
              q->data->name);
    for (size_t k = 0; k < g; k++)
      COM_CHECK(
          c, !is_owner(f, k) || ads_fit_group(f, k)->data->T != q->data->T, COM_E_CONFIG,
          "%s: penalties: temperature: groups %s and %s have the same temperature %g GeV; let one take the "
          "other's metric with its key \"metric\"",
          file, ads_fit_group(f, k)->name, q->name, q->data->T);
  }
  return COM_OK;
}

size_t ads_fit_pairs_count(const ads_fit *f) {
  const size_t pairs = ads_fit_n_owners(f) - 1;
  return pairs ? pairs * ads_penalty_pair_count(penalties(f), metric_of(f, 0)) : 0;
}

static com_status one_pair(const ads_fit *f, size_t a, size_t b, const double *full, double *r, double *J,
                           double *work) {
  const ads_group *q[2] = {ads_fit_group(f, a), ads_fit_group(f, b)};
  const ads_metric *const m[2] = {metric_of(f, a), metric_of(f, b)};
  const size_t n = ads_penalty_pair_count(penalties(f), m[0]),
               nf = com_params_n(ads_fit_params((ads_fit *)f));
  double *theta[2] = {work, work + m[0]->n_theta};
  double *own[2] = {theta[1] + m[1]->n_theta, theta[1] + m[1]->n_theta + n * m[0]->n_theta};
  for (size_t side = 0; side < 2; side++)
    for (size_t k = 0; k < m[side]->n_theta; k++) theta[side][k] = full[q[side]->map[k]];
  const double *const at[2] = {theta[0], theta[1]};
  COM_TRY(ads_penalty_pair_eval(ads_fit_ctx(f), penalties(f), m, at, q[1]->data->T - q[0]->data->T, r,
                                J ? own : NULL));
  for (size_t side = 0; J && side < 2; side++)
    for (size_t i = 0; i < n; i++)
      for (size_t k = 0; k < m[side]->n_theta; k++)
        J[i * nf + q[side]->map[k]] += own[side][i * m[side]->n_theta + k];
  return COM_OK;
}

com_status ads_fit_pairs_eval(const ads_fit *f, const double *full, double *r, double *J) {
  if (ads_fit_pairs_count(f) == 0) return COM_OK;
  const size_t n = ads_penalty_pair_count(penalties(f), metric_of(f, 0)),
               nf = com_params_n(ads_fit_params((ads_fit *)f));
  double *work = malloc((2 * (n + 1) * nf + 1) * sizeof *work);
  COM_ALLOC(ads_fit_ctx(f), work);
  com_status s = COM_OK;
  size_t at = 0;
  for (size_t g = 0; g < ads_fit_n_groups(f) && !s; g++) {
    const size_t k = is_owner(f, g) ? next(f, g) : ads_fit_n_groups(f);
    if (k == ads_fit_n_groups(f)) continue;
    s = one_pair(f, g, k, full, r + at, J ? J + at * nf : NULL, work);
    at += n;
  }
  free(work);
  return s;
}

com_status ads_fit_pairs_value(const ads_fit *f, const double *full, double *value, double *g) {
  const size_t m = ads_fit_pairs_count(f), n = com_params_n(ads_fit_params((ads_fit *)f));
  if (m == 0) return COM_OK;
  double *r = calloc(m + (g ? m * n : 0), sizeof *r);
  COM_ALLOC(ads_fit_ctx(f), r);
  const com_status s = ads_fit_pairs_eval(f, full, r, g ? r + m : NULL);
  if (!s) ads_loss_add_squares(m, n, r, r + m, value, g);
  free(r);
  return s;
}
