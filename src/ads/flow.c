/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/flow.h"
#include <math.h>
#include <stdlib.h>

static const char *const ir_names[] = {"pi", "horizon", NULL};
static const com_field shared_fields[] = {
    {"eta_uv", "where the flow starts, near the boundary", "L", COM_F_REAL, offsetof(ads_flow_shared, eta_uv),
     1, 0, INFINITY, NULL, NULL, COM_FF_HI_OPEN},
    {"eta_ir", "where it ends, near the horizon eta = 0", "L", COM_F_REAL, offsetof(ads_flow_shared, eta_ir),
     1.0 / 15, 0, INFINITY, NULL, NULL, COM_FF_HI_OPEN},
    {"ir", "residual at eta_ir: pi alone, or the full horizon condition", NULL, COM_F_ENUM,
     offsetof(ads_flow_shared, ir), 0, 0, 0, ir_names, "pi", 0},
    {"cap", "a sample with |phi| or |pi| above it has run away and is frozen", "1", COM_F_REAL,
     offsetof(ads_flow_shared, cap), 1e6, 1, 1e100, NULL, NULL, 0},
    {"block", "samples integrated together", "1", COM_F_INT, offsetof(ads_flow_shared, block), 256, 1, 65536,
     NULL, NULL, 0},
    {0}};

#define ADS_FLOW(name) extern const ads_flow_ops ads_flow_##name;
#include "ads/flow_list.h"
#undef ADS_FLOW
#define ADS_FLOW(name) &ads_flow_##name.c,
static const com_component *const registry[] = {
#include "ads/flow_list.h"
    NULL};
#undef ADS_FLOW

static const com_component *const *all(void) { return registry; }

const com_kind ads_flow_kind = {.name = "flow",
                                .plural = "flows",
                                .doc =
                                    "integrators of the bulk equation from eta_uv to eta_ir, with gradients",
                                .all = all,
                                .shared = shared_fields,
                                .shared_size = sizeof(ads_flow_shared)};

struct ads_flow {
  const ads_flow_ops *ops;
  ads_problem problem;
  void *self;
};

/* eta = 0 is an end for a metric that is regular there (friction toy: time 0), not for one with a horizon pole. */
static com_status check_ends(com_ctx *c, const ads_problem *p) {
  enum { MAX_FN = 16 };
  double h[MAX_FN], zero = 0, *theta = NULL;
  if (p->at->eta_uv > 0 && p->at->eta_ir > 0) return COM_OK;
  COM_ALLOC(c, theta = calloc(p->metric.n_theta + 1, sizeof *theta));
  ads_metric_eval(&p->metric, theta, 1, &zero, h, NULL);
  free(theta);
  COM_CHECK(c, isfinite(h[0]), COM_E_CONFIG,
            "flow.eta_ir = 0: metric \"%s\" has a pole at the horizon; end before it, e.g. at 0.001",
            p->metric.ops->c.name);
  return COM_OK;
}

com_status ads_flow_create(com_ctx *c, const com_choice *ch, const ads_problem *p, ads_flow **out) {
  COM_CHECK(c, ch->type, COM_E_CONFIG, "flow: missing; give one, e.g. {\"type\":\"cvodes\"}");
  COM_CHECK(c, p->at->eta_uv != p->at->eta_ir, COM_E_CONFIG,
            "flow.eta_ir = %g: equals eta_uv, so there is nothing to integrate; the usual span is 1 to 1/15",
            p->at->eta_ir);
  COM_TRY(check_ends(c, p));
  ads_flow *f = NULL;
  COM_ALLOC(c, f = calloc(1, sizeof *f));
  f->ops = (const ads_flow_ops *)(const void *)ch->type;
  f->problem = *p;
  com_status status = f->ops->create(c, ch->opts, &f->problem, &f->self);
  if (status) {
    free(f);
    f = NULL;
  }
  *out = f;
  return status;
}

void ads_flow_destroy(ads_flow *f) {
  if (!f) return;
  f->ops->destroy(f->self);
  free(f);
}

com_status ads_flow_forward(ads_flow *f, size_t n, const double *params, const double *y0, double *y1,
                            unsigned char *frozen, int tape) {
  return f->ops->forward(f->self, n, params, y0, y1, frozen, tape);
}

com_status ads_flow_backward(ads_flow *f, const double *lam1, double *lam0, double *g) {
  return f->ops->backward(f->self, lam1, lam0, g);
}

com_status ads_flow_jacobian(ads_flow *f, const double *lam1, double *lam0, double *J) {
  return f->ops->jacobian(f->self, lam1, lam0, J);
}

void ads_flow_statistics(const ads_flow *f, ads_flow_stats *out) { f->ops->stats(f->self, out); }
const ads_flow_ops *ads_flow_operations(const ads_flow *f) { return f->ops; }
const ads_problem *ads_flow_problem(const ads_flow *f) { return &f->problem; }
size_t ads_flow_n_params(const ads_flow *f) {
  return f->problem.metric.n_theta + f->problem.bulk.ops->n_kappa;
}
