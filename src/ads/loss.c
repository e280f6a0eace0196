/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/loss.h"

#include <math.h>
#include <stdlib.h>

#define ADS_LOSS(n) extern const ads_loss_ops ads_loss_##n;
#include "ads/loss_list.h"
#undef ADS_LOSS
#define ADS_LOSS(n) &ads_loss_##n.c,
static const com_component *const registry[] = {
#include "ads/loss_list.h"
    NULL};
#undef ADS_LOSS

static const com_component *const *all(void) { return registry; }

static const com_field shared[] = {
    {"noise", "relative error of the responses, for a dataset that states none", "1", COM_F_REAL,
     offsetof(ads_loss_shared, noise), NAN, 0, 10, NULL, NULL, COM_FF_LO_OPEN},
    {0}};

const com_kind ads_loss_kind = {"loss", "losses", "what training minimises",
                                all,    shared,   sizeof(ads_loss_shared)};

struct ads_loss {
  const ads_loss_ops *ops;
  void *self;
  size_t n_model;
};

com_status ads_loss_create(com_ctx *c, const com_choice *ch, const ads_loss_env *env, ads_loss **out) {
  *out = NULL;
  ads_loss *l = calloc(1, sizeof *l);
  COM_ALLOC(c, l);
  l->ops = (const ads_loss_ops *)ch->type;
  l->n_model = ads_model_n_params(env->model);
  const com_status status = l->ops->create(c, ch->opts, env, &l->self);
  if (status) {
    free(l);
    return status;
  }
  *out = l;
  return COM_OK;
}

void ads_loss_destroy(ads_loss *l) {
  if (!l) return;
  l->ops->destroy(l->self);
  free(l);
}

const ads_loss_ops *ads_loss_operations(const ads_loss *l) { return l->ops; }
void *ads_loss_self(ads_loss *l) { return l->self; }
size_t ads_loss_n_extra(const ads_loss *l) { return l->ops->n_extra ? l->ops->n_extra(l->self) : 0; }
size_t ads_loss_n_params(const ads_loss *l) { return l->n_model + ads_loss_n_extra(l); }
int ads_loss_has_scale(const ads_loss *l) { return !l->ops->predict && ads_loss_n_extra(l) > 0; }

void ads_loss_add_squares(size_t m, size_t n, const double *r, const double *J, double *value, double *g) {
  for (size_t i = 0; i < m; i++) {
    *value += r[i] * r[i];
    for (size_t k = 0; g && k < n; k++) g[k] += 2 * r[i] * J[i * n + k];
  }
}
