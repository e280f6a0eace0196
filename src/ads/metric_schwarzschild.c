/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The planar AdS-Schwarzschild black hole, h(eta) = d coth(d eta): the solution of h' + h^2 = d^2 with the horizon at
 * eta = 0 (1802.08313 eq. (S.34) for d = 3).  No parameters. */
#include <math.h>
#include "ads/metric.h"

static com_status n_params(com_ctx *ctx, void *opts, size_t n_given, size_t *n) {
  (void)opts;
  COM_CHECK(ctx, n_given == 0, COM_E_CONFIG,
            "metric.theta: has %zu entries, but \"schwarzschild\" has no parameters; leave theta out",
            n_given);
  *n = 0;
  return COM_OK;
}

static void eval(const void *opts, const ads_span *s, const double *theta, size_t n, const double *eta,
                 double *h, double *dh) {
  (void)opts, (void)theta;
  for (size_t i = 0; i < n; i++) {
    const double coth = 1 / tanh(s->d * eta[i]);
    h[i] = s->d * coth;
    if (dh) dh[i] = s->d * s->d * (1 - coth * coth);
  }
}

static void vjp(const void *opts, const ads_span *s, const double *theta, size_t n, const double *eta,
                const double *w, const double *dw, double *g) {
  (void)opts, (void)s, (void)theta, (void)n, (void)eta, (void)w, (void)dw, (void)g;
}

const ads_metric_ops ads_metric_schwarzschild = {
    .c = {.name = "schwarzschild",
          .doc = "AdS-Schwarzschild black hole, h = d coth(d eta), no parameters",
          .ref = "arXiv:1802.08313 eq. (S.34)"},
    .n_params = n_params,
    .eval = eval,
    .vjp = vjp};
