/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/flow_runaway.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "common/ode_simd.h"

/* Growth beyond GROWTH times the start (at least GROWTH) is a hint only: it decides when to screen, not who is frozen. */
static const double GROWTH = 100;
/* Screening: equal steps in log eta, refined so that |h| step <= STABLE (classical RK4 is stable up to 2.78). */
enum { STEPS = 512, MOST_SUBSTEPS = 256 };
static const double STABLE = 1;

com_status ads_flow_runaway_init(com_ctx *ctx, const ads_problem *p, size_t room, ads_flow_runaway *r) {
  ads_flow_runaway_finish(r);
  size_t dim = p->bulk.ops->dim;
  *r = (ads_flow_runaway){.p = p, .dim = dim};
  COM_ALLOC(ctx, r->held = calloc(room, sizeof *r->held));
  COM_ALLOC(ctx, r->frozen = calloc(room, 1));
  COM_ALLOC(ctx, r->state = calloc(7 * dim * room, sizeof *r->state));
  r->work = r->state + dim * room;
  return COM_OK;
}

void ads_flow_runaway_finish(ads_flow_runaway *r) {
  free(r->held);
  free(r->frozen);
  free(r->state);
  *r = (ads_flow_runaway){0};
}

static double clip(double x, double cap) { return x > cap ? cap : x < -cap ? -cap : isnan(x) ? cap : x; }

static int beyond(const ads_flow_runaway *r, const double *y, size_t i) {
  for (size_t c = 0; c < r->dim; c++)
    if (!(fabs(y[c * r->n + i]) <= r->p->at->cap)) return 1;
  return 0;
}

/* Hold sample i, which was last seen at y. */
static void hold(ads_flow_runaway *r, size_t i, const double *y) {
  for (size_t c = 0; c < r->dim; c++) r->state[c * r->n + i] = clip(y[c * r->n + i], r->p->at->cap);
  r->frozen[i] = 1;
  r->held[r->n_held++] = i;
}

void ads_flow_runaway_start(ads_flow_runaway *r, const double *params, size_t n, const double *y0) {
  r->params = params;
  r->y0 = y0;
  r->n = n;
  r->n_held = 0;
  r->screened = r->found = r->above = 0;
  memset(r->frozen, 0, n);
  double top = com_ode_simd_max_abs(r->dim * n, y0);
  r->limit = fmin(r->p->at->cap, GROWTH * fmax(1, top));
  if (com_ode_simd_above(r->dim * n, r->p->at->cap, y0)) {
    for (size_t i = 0; i < n; i++)
      if (beyond(r, y0, i)) hold(r, i, y0);
    r->limit = r->p->at->cap;
  }
}

void ads_flow_runaway_hold(const ads_flow_runaway *r, double *v) {
  for (size_t k = 0; k < r->n_held; k++)
    for (size_t c = 0; c < r->dim; c++) v[c * r->n + r->held[k]] = 0;
}

/* One classical Runge-Kutta step y -> y + ...; overflow stays inside its sample. */
static void step(const ads_flow_runaway *r, double eta, double d, const double *h, double *y, double *k) {
  const ads_bulk *bulk = &r->p->bulk;
  const double *kappa = r->params + r->p->metric.n_theta;
  size_t m = r->dim * r->n;
  double *sum = k + m, *z = sum + m;
  (void)bulk->ops->rhs(bulk->opts, kappa, eta, h[0], r->n, y, k);
  com_ode_simd_axpby(m, 1, y, d / 6, k, sum);
  com_ode_simd_axpby(m, 1, y, d / 2, k, z);
  (void)bulk->ops->rhs(bulk->opts, kappa, eta + d / 2, h[1], r->n, z, k);
  com_ode_simd_axpby(m, 1, sum, d / 3, k, sum);
  com_ode_simd_axpby(m, 1, y, d / 2, k, z);
  (void)bulk->ops->rhs(bulk->opts, kappa, eta + d / 2, h[1], r->n, z, k);
  com_ode_simd_axpby(m, 1, sum, d / 3, k, sum);
  com_ode_simd_axpby(m, 1, y, d, k, z);
  (void)bulk->ops->rhs(bulk->opts, kappa, eta + d, h[2], r->n, z, k);
  com_ode_simd_axpby(m, 1, sum, d / 6, k, sum);
}

static double metric_at(const ads_flow_runaway *r, double eta) {
  double h[ADS_FLOW_RUNAWAY_MAX_FN];
  ads_metric_eval(&r->p->metric, r->params, 1, &eta, h, NULL);
  return h[0];
}

/* From y at eta over one grid interval d; samples that pass the cap are held at their last state. */
static void advance(ads_flow_runaway *r, double eta, double d, double *y) {
  size_t m = r->dim * r->n;
  double *k = y + m, *next = k + m;
  double steep = fmax(fabs(metric_at(r, eta)), fabs(metric_at(r, eta + d)));
  size_t parts =
      steep * fabs(d) < MOST_SUBSTEPS * STABLE ? 1 + (size_t)(steep * fabs(d) / STABLE) : MOST_SUBSTEPS;
  d /= (double)parts;
  for (size_t p = 0; p < parts; p++, eta += d) {
    double h[3] = {metric_at(r, eta), metric_at(r, eta + d / 2), metric_at(r, eta + d)};
    step(r, eta, d, h, y, k);
    if (com_ode_simd_above(m, r->p->at->cap, next))
      for (size_t i = 0; i < r->n; i++)
        if (!r->frozen[i] && beyond(r, next, i)) hold(r, i, y);
    memcpy(y, next, m * sizeof *y);
    ads_flow_runaway_hold(r, y);
  }
}

/* The whole span with fixed steps: who passes the cap? */
static void screen(ads_flow_runaway *r) {
  double uv = r->p->at->eta_uv, ir = r->p->at->eta_ir, ratio = log(ir / uv) / STEPS, eta = uv;
  double *y = r->work;
  memcpy(y, r->y0, r->dim * r->n * sizeof *y);
  ads_flow_runaway_hold(r, y);
  for (size_t k = 1; k <= STEPS; k++) {
    double to = k == STEPS ? ir : uv * exp(ratio * (double)k);
    advance(r, eta, to - eta, y);
    eta = to;
  }
}

int ads_flow_runaway_check(ads_flow_runaway *r, const double *y) {
  r->above = 0;
  if (!com_ode_simd_above(r->dim * r->n, r->limit, y)) return 0;
  if (!r->screened) {
    size_t before = r->n_held;
    r->screened = 1;
    r->limit = r->p->at->cap;
    screen(r);
    r->found = r->n_held > before;
    if (r->found) return -1;
    if (!com_ode_simd_above(r->dim * r->n, r->limit, y)) return 0;
  }
  /* Beyond the cap although the screening let it pass: a smaller step decides whether it truly goes there. */
  r->above = 1;
  memcpy(r->work, y, r->dim * r->n * sizeof *y);
  return 1;
}

int ads_flow_runaway_again(ads_flow_runaway *r) {
  if (!r->screened) { /* so steep that the step vanished before any value was large */
    const size_t before = r->n_held;
    r->screened = 1;
    r->limit = r->p->at->cap;
    screen(r);
    r->found = r->n_held > before;
  }
  int again = r->found;
  r->found = 0;
  if (!again && r->above) {
    for (size_t i = 0; i < r->n; i++)
      if (!r->frozen[i] && beyond(r, r->work, i)) {
        hold(r, i, r->work);
        again = 1;
      }
  }
  r->above = 0;
  return again;
}

void ads_flow_runaway_result(ads_flow_runaway *r, double *y1, unsigned char *frozen) {
  if (com_ode_simd_above(r->dim * r->n, r->p->at->cap, y1)) /* passed it in the very last step */
    for (size_t i = 0; i < r->n; i++)
      if (!r->frozen[i] && beyond(r, y1, i)) hold(r, i, y1);
  memcpy(frozen, r->frozen, r->n);
  for (size_t k = 0; k < r->n_held; k++)
    for (size_t c = 0; c < r->dim; c++) y1[c * r->n + r->held[k]] = r->state[c * r->n + r->held[k]];
}
