/* SPDX-License-Identifier: GPL-3.0-or-later */
/* P = (h(eta) - 1/eta)^2 at the infrared end: at eta_ir, or at the last layer (1802.08313, E2 of experiment 2). */
#include "ads/penalty.h"

static size_t n_res(const void *opts, const ads_metric *m) {
  (void)opts, (void)m;
  return 1;
}

static double where(const ads_metric *m) {
  double first, step;
  const size_t n = m->ops->nodes ? m->ops->nodes(m->opts, &m->span, 1, &first, &step) : 0;
  return n ? first + (double)(n - 1) * step : m->span.eta_ir;
}

static void eval(const void *opts, const ads_metric *m, const double *theta, double *r, double *J) {
  (void)opts;
  double h[16]; /* every function of the background; the first is h */
  const double eta = where(m);
  ads_metric_eval(m, theta, 1, &eta, h, NULL);
  r[0] = h[0] - 1 / eta;
  if (J) ads_metric_jac(m, theta, 1, &eta, J);
}

const ads_penalty_ops ads_penalty_ir_pole = {.c = {.name = "ir_pole",
                                                   .doc = "(h - 1/eta)^2 at the infrared end",
                                                   .ref = "arXiv:1802.08313 section IV"},
                                             .n_res = n_res,
                                             .eval = eval};
