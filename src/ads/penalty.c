/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/penalty.h"
#include <math.h>

static const com_field shared_fields[] = {{"weight", "factor of the penalty in the loss", "1", COM_F_REAL,
                                           offsetof(ads_penalty_shared, weight), 0.01, 0, INFINITY, NULL,
                                           NULL, COM_FF_HI_OPEN},
                                          {0}};

#define ADS_PENALTY(name) extern const ads_penalty_ops ads_penalty_##name;
#include "ads/penalty_list.h"
#undef ADS_PENALTY
#define ADS_PENALTY(name) &ads_penalty_##name.c,
static const com_component *const registry[] = {
#include "ads/penalty_list.h"
    NULL};
#undef ADS_PENALTY

static const com_component *const *all(void) { return registry; }

const com_kind ads_penalty_kind = {.name = "penalty",
                                   .plural = "penalties",
                                   .doc = "penalties on the metric, each a sum of squares",
                                   .all = all,
                                   .shared = shared_fields,
                                   .shared_size = sizeof(ads_penalty_shared)};

static const ads_penalty_ops *ops_of(const com_choice *ch) {
  return (const ads_penalty_ops *)(const void *)ch->type;
}

size_t ads_penalty_count(const com_choices *ps, const ads_metric *m) {
  size_t n = 0;
  for (size_t i = 0; i < ps->n; i++) n += ops_of(&ps->v[i])->n_res(ps->v[i].opts, m);
  return n;
}

size_t ads_penalty_pair_count(const com_choices *ps, const ads_metric *m) {
  size_t n = 0;
  for (size_t i = 0; i < ps->n; i++)
    if (ops_of(&ps->v[i])->pair) n += ops_of(&ps->v[i])->n_pair(ps->v[i].opts, m);
  return n;
}

com_status ads_penalty_pair_eval(com_ctx *c, const com_choices *ps, const ads_metric *const m[2],
                                 const double *const theta[2], double dT, double *r, double *const J[2]) {
  size_t row = 0;
  for (size_t i = 0; i < ps->n; i++) {
    const ads_penalty_ops *p = ops_of(&ps->v[i]);
    if (!p->pair) continue;
    const size_t n = p->n_pair(ps->v[i].opts, m[0]);
    const double root = sqrt(((const ads_penalty_shared *)ps->v[i].shared)->weight);
    double *at[2] = {J ? J[0] + row * m[0]->n_theta : NULL, J ? J[1] + row * m[1]->n_theta : NULL};
    p->pair(ps->v[i].opts, m, theta, dT, r + row, J ? at : NULL);
    for (size_t k = 0; k < n; k++) {
      COM_CHECK(c, isfinite(r[row + k]), COM_E_NUM,
                "penalty %s: residual %zu is not finite; is the metric regular on the span?", p->c.name, k);
      r[row + k] *= root;
    }
    for (size_t side = 0; side < 2; side++)
      for (size_t k = 0; J && k < n * m[side]->n_theta; k++) at[side][k] *= root;
    row += n;
  }
  return COM_OK;
}

com_status ads_penalty_eval(com_ctx *c, const com_choices *ps, const ads_metric *m, const double *theta,
                            double *r, double *J) {
  size_t row = 0;
  for (size_t i = 0; i < ps->n; i++) {
    const ads_penalty_ops *p = ops_of(&ps->v[i]);
    size_t n = p->n_res(ps->v[i].opts, m);
    double root = sqrt(((const ads_penalty_shared *)ps->v[i].shared)->weight);
    double *Ji = J ? J + row * m->n_theta : NULL;
    p->eval(ps->v[i].opts, m, theta, r + row, Ji);
    for (size_t k = 0; k < n; k++) {
      COM_CHECK(c, isfinite(r[row + k]), COM_E_NUM,
                "penalty %s: residual %zu is not finite; is the metric regular on the span?", p->c.name, k);
      r[row + k] *= root;
    }
    for (size_t k = 0; Ji && k < n * m->n_theta; k++) Ji[k] *= root;
    row += n;
  }
  return COM_OK;
}
