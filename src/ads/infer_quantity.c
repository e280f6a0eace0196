/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/infer_quantity.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ads/infer_geometry.h"
#include "ads/report.h"
#include "ads/units.h"
#include "ads/wilson.h"

/* ---- the list ---- */

static com_status add(com_ctx *c, ads_infer_quantities *l, const char *group, ads_infer_quantity v) {
  ads_infer_quantity *p = realloc(l->v, (l->n + 1) * sizeof *p);
  COM_ALLOC(c, p);
  l->v = p;
  if (group && *group) {
    const size_t at = strlen(v.name);
    snprintf(v.name + at, sizeof v.name - at, "[%s]", group);
  }
  l->v[l->n++] = v;
  return COM_OK;
}

static com_status add_group(com_ctx *c, ads_fit *fit, size_t g, size_t n_eta, const double *eta,
                            int with_screening, ads_infer_quantities *l) {
  const ads_group *q = ads_fit_group(fit, g);
  for (size_t i = 0; i < n_eta; i++) {
    ads_infer_quantity h = {.kind = ADS_INFER_H, .unit = "1/L", .group = g, .eta = eta[i]};
    snprintf(h.name, sizeof h.name, "h(%.4g)", eta[i]);
    COM_TRY(add(c, l, q->name, h));
  }
  COM_TRY(add(c, l, q->name,
              (ads_infer_quantity){.kind = ADS_INFER_DIP, .unit = "1/L", .group = g, .name = "dip"}));
  if (!with_screening || !isfinite(q->data->T)) return COM_OK;
  return add(c, l, q->name,
             (ads_infer_quantity){
                 .kind = ADS_INFER_SCREENING, .unit = "fm", .group = g, .log = 1, .name = "screening"});
}

com_status ads_infer_quantity_init(com_ctx *c, ads_fit *fit, size_t n_eta, const double *eta,
                                   int with_screening, ads_infer_quantities *out) {
  const com_params *p = ads_fit_params(fit);
  *out = (ads_infer_quantities){0};
  com_status s = COM_OK;
  for (size_t b = 0; b < com_params_n_blocks(p) && !s; b++) {
    const com_block *k = com_params_block(p, b);
    if (!k->scalar || !k->trained) continue;
    ads_infer_quantity v = {.kind = ADS_INFER_SCALAR, .unit = "", .off = k->off, .log = k->log};
    snprintf(v.name, sizeof v.name, "%s", k->name);
    s = add(c, out, NULL, v);
  }
  for (size_t g = 0; g < ads_fit_n_groups(fit) && !s; g++)
    s = add_group(c, fit, g, n_eta, eta, with_screening, out);
  if (!s) s = ads_report_config(c, fit, &out->config);
  if (s) ads_infer_quantity_finish(out);
  return s;
}

void ads_infer_quantity_finish(ads_infer_quantities *l) {
  free(l->v);
  com_json_free(l->config);
  *l = (ads_infer_quantities){0};
}

/* ---- h ---- */

static double slope_at(const ads_metric *m, const double *theta, double eta) {
  double h = 0, dh = 0;
  ads_metric_eval(m, theta, 1, &eta, &h, &dh);
  return dh;
}

/* Where h is lowest in the span: the lowest node of a grid, then the zero of dh/deta between its neighbours. */
static double lowest(const ads_metric *m, const double *theta) {
  enum { N = 81, ROUNDS = 60 };
  double eta[N], h[N];
  size_t low = 0;
  for (size_t i = 0; i < N; i++)
    eta[i] = m->span.eta_ir + (m->span.eta_uv - m->span.eta_ir) * (double)i / (N - 1);
  ads_metric_eval(m, theta, N, eta, h, NULL);
  for (size_t i = 1; i < N; i++)
    if (h[i] < h[low]) low = i;
  if (low == 0 || low == N - 1) return eta[low];
  double a = eta[low - 1], b = eta[low + 1];
  if (!(slope_at(m, theta, a) < 0 && slope_at(m, theta, b) > 0)) return eta[low];
  for (int k = 0; k < ROUNDS && b - a > 1e-14; k++) {
    const double mid = 0.5 * (a + b);
    if (slope_at(m, theta, mid) < 0)
      a = mid;
    else
      b = mid;
  }
  return 0.5 * (a + b);
}

/* ---- screening ---- */

static com_status screening(com_ctx *c, const ads_infer_quantities *l, ads_fit *fit,
                            const ads_infer_space *space, const ads_infer_quantity *v, const double *q,
                            double *value) {
  const ads_infer_geometry_at at = {fit, space, l->config, v->group};
  ads_background *b = NULL;
  ads_wilson_landmarks marks = {0};
  *value = NAN;
  com_status s = ads_infer_geometry_background(c, &at, q, NULL, &b);
  if (!s) s = ads_wilson_find(c, b, &marks);
  if (!s) *value = ADS_UNITS_HBARC * ads_background_facts(b)->L * marks.screening;
  ads_background_destroy(b);
  if (s != COM_E_NUM) return s;
  com_ctx_clear(c);
  return COM_OK;
}

/* ---- value and gradient ---- */

/* full[n_full] and p[n_full] of q, heap. */
static com_status natural(com_ctx *c, ads_fit *fit, const ads_infer_space *space, size_t group,
                          const double *q, double **full, double **p) {
  const size_t nf = com_params_n(ads_fit_params(fit));
  COM_ALLOC(c, *full = malloc((3 * nf + 1) * sizeof **full));
  *p = *full + nf;
  memcpy(*full, com_params_values(ads_fit_params(fit)), nf * sizeof **full);
  ads_infer_space_full(space, q, *full);
  ads_fit_gather(fit, group, *full, *p);
  return COM_OK;
}

com_status ads_infer_quantity_value(com_ctx *c, const ads_infer_quantities *l, ads_fit *fit,
                                    const ads_infer_space *space, size_t k, const double *q, double *value) {
  const ads_infer_quantity *v = l->v + k;
  if (v->kind == ADS_INFER_SCREENING) return screening(c, l, fit, space, v, q, value);
  const ads_metric *m = ads_model_metric(ads_fit_group(fit, v->group)->model);
  double *full = NULL, *p = NULL;
  COM_TRY(natural(c, fit, space, v->group, q, &full, &p));
  const double eta = v->kind == ADS_INFER_H ? v->eta : v->kind == ADS_INFER_DIP ? lowest(m, p) : NAN;
  if (v->kind == ADS_INFER_SCALAR)
    *value = full[v->off];
  else
    ads_metric_eval(m, p, 1, &eta, value, NULL);
  free(full);
  return COM_OK;
}

static com_status by_differences(com_ctx *c, const ads_infer_quantities *l, ads_fit *fit,
                                 const ads_infer_space *space, size_t k, const double *q, double *gradient) {
  static const double STEP = 1e-3; /* widths of the prior */
  const size_t n = ads_infer_space_n(space);
  double *x = malloc((n + 1) * sizeof *x);
  COM_ALLOC(c, x);
  com_status s = COM_OK;
  memcpy(x, q, n * sizeof *x);
  for (size_t i = 0; i < n && !s; i++) {
    double side[2] = {NAN, NAN};
    for (int j = 0; j < 2 && !s; j++) {
      x[i] = q[i] + (j ? STEP : -STEP);
      s = ads_infer_quantity_value(c, l, fit, space, k, x, side + j);
    }
    x[i] = q[i];
    gradient[i] = (side[1] - side[0]) / (2 * STEP);
  }
  free(x);
  return s;
}

com_status ads_infer_quantity_gradient(com_ctx *c, const ads_infer_quantities *l, ads_fit *fit,
                                       const ads_infer_space *space, size_t k, const double *q,
                                       double *gradient) {
  const ads_infer_quantity *v = l->v + k;
  if (v->kind == ADS_INFER_SCREENING) return by_differences(c, l, fit, space, k, q, gradient);
  const ads_group *g = ads_fit_group(fit, v->group);
  const ads_metric *m = ads_model_metric(g->model);
  const size_t nf = com_params_n(ads_fit_params(fit));
  double *full = NULL, *p = NULL;
  COM_TRY(natural(c, fit, space, v->group, q, &full, &p));
  double *row = p + nf, *jac = malloc((m->n_theta + 1) * sizeof *jac);
  memset(row, 0, nf * sizeof *row);
  if (v->kind == ADS_INFER_SCALAR)
    row[v->off] = 1;
  else if (jac) { /* of the lowest value as well: there dh/deta = 0, or eta stays at an end */
    const double eta = v->kind == ADS_INFER_H ? v->eta : lowest(m, p);
    ads_metric_jac(m, p, 1, &eta, jac);
    for (size_t t = 0; t < m->n_theta; t++) row[g->map[t]] += jac[t];
  }
  ads_infer_space_chain(space, q, full, row, gradient);
  free(full);
  if (!jac) return COM_FAIL(c, COM_E_MEM, "out of memory");
  free(jac);
  return COM_OK;
}
