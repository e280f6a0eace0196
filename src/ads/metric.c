/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/metric.h"
#include <stddef.h>
#include <string.h>

enum { MAX_FN = 16 }; /* functions of one background; the meson sector needs two */

static const com_field shared_fields[] = {
    {"theta", "start values of the coefficients; drawn at random when absent", "1", COM_F_REALS,
     offsetof(ads_metric_shared, theta), 0, 0, 0, NULL, NULL, 0},
    {"train", "are the coefficients trained", NULL, COM_F_BOOL, offsetof(ads_metric_shared, train), 1, 0, 0,
     NULL, NULL, 0},
    {0}};

#define ADS_METRIC(name) extern const ads_metric_ops ads_metric_##name;
#include "ads/metric_list.h"
#undef ADS_METRIC
#define ADS_METRIC(name) &ads_metric_##name.c,
static const com_component *const registry[] = {
#include "ads/metric_list.h"
    NULL};
#undef ADS_METRIC

static const com_component *const *all(void) { return registry; }

const com_kind ads_metric_kind = {.name = "metric",
                                  .plural = "metrics",
                                  .doc = "models of h(eta) = d/deta log sqrt(f g^(d-1))",
                                  .all = all,
                                  .shared = shared_fields,
                                  .shared_size = sizeof(ads_metric_shared)};

com_status ads_metric_bind(com_ctx *c, const com_choice *ch, const ads_span *span, ads_metric *out) {
  COM_CHECK(c, ch->type, COM_E_CONFIG, "metric: missing; give one, e.g. {\"type\":\"pole_poly\",\"n\":4}");
  const ads_metric_shared *shared = ch->shared;
  ads_metric m = {.ops = (const ads_metric_ops *)(const void *)ch->type, .opts = ch->opts, .span = *span};
  COM_TRY(m.ops->n_params(c, ch->opts, shared ? shared->theta.n : 0, &m.n_theta));
  COM_CHECK(c, m.ops->n_fn <= MAX_FN, COM_E_CONFIG,
            "metric.type = \"%s\": has %zu functions, at most %d are supported", m.ops->c.name, m.ops->n_fn,
            (int)MAX_FN);
  *out = m;
  return COM_OK;
}

void ads_metric_eval(const ads_metric *m, const double *theta, size_t n, const double *eta, double *h,
                     double *dh) {
  m->ops->eval(m->opts, &m->span, theta, n, eta, h, dh);
}

void ads_metric_vjp(const ads_metric *m, const double *theta, size_t n, const double *eta, const double *w,
                    const double *dw, double *g) {
  m->ops->vjp(m->opts, &m->span, theta, n, eta, w, dw, g);
}

void ads_metric_jac(const ads_metric *m, const double *theta, size_t n, const double *eta, double *jac) {
  const double w[MAX_FN] = {1};
  memset(jac, 0, n * m->n_theta * sizeof *jac);
  for (size_t i = 0; i < n; i++)
    m->ops->vjp(m->opts, &m->span, theta, 1, eta + i, w, NULL, jac + i * m->n_theta);
}

/* theta_0 ~ N(3,1): h of the order of its boundary value; the others ~ N(0,2) (docs/formats.md, restarts). */
void ads_metric_start(const ads_metric *m, com_rng *rng, double *theta) {
  if (m->ops->init) {
    m->ops->init(m->opts, &m->span, rng, theta);
    return;
  }
  for (size_t k = 0; k < m->n_theta; k++)
    theta[k] = k == 0 ? 3.0 + com_rng_normal(rng) : 2.0 * com_rng_normal(rng);
}
