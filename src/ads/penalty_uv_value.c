/* SPDX-License-Identifier: GPL-3.0-or-later */
/* P = (h(eta_uv) - d)^2: the asymptotically AdS value of h (E_bdry of arXiv:1809.10536, section IV). */
#include "ads/penalty.h"

static size_t n_res(const void *opts, const ads_metric *m) {
  (void)opts;
  (void)m;
  return 1;
}

static void eval(const void *opts, const ads_metric *m, const double *theta, double *r, double *J) {
  (void)opts;
  double h[16]; /* every function of the background; the first is h */
  ads_metric_eval(m, theta, 1, &m->span.eta_uv, h, NULL);
  r[0] = h[0] - m->span.d;
  if (J) ads_metric_jac(m, theta, 1, &m->span.eta_uv, J);
}

const ads_penalty_ops ads_penalty_uv_value = {
    .c = {.name = "uv_value", .doc = "(h(eta_uv) - d)^2", .ref = "arXiv:1809.10536 section IV"},
    .n_res = n_res,
    .eval = eval};
