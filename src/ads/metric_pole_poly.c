/* SPDX-License-Identifier: GPL-3.0-or-later */
/* h(eta) = pole/eta + sum_k theta_k eta^k: a regular horizon at eta = 0 needs h -> 1/eta (arXiv:1802.08313, below eq. 5). */
#include <stddef.h>
#include "ads/metric.h"

typedef struct options {
  int n;
  double pole;
} options;
enum { DEFAULT_N = 4, MAX_N = 64 };

static const com_field fields[] = {{"n", "number of coefficients; 0: the length of theta, or 4", "1",
                                    COM_F_INT, offsetof(options, n), 0, 0, MAX_N, NULL, NULL, 0},
                                   {"pole", "residue of h at the horizon eta = 0", "1", COM_F_REAL,
                                    offsetof(options, pole), 1, 0, 0, NULL, NULL, 0},
                                   {0}};

static com_status n_params(com_ctx *ctx, void *opts, size_t n_given, size_t *n) {
  options *o = opts;
  size_t want = o->n > 0 ? (size_t)o->n : n_given > 0 ? n_given : DEFAULT_N;
  COM_CHECK(ctx, n_given == 0 || n_given == want, COM_E_CONFIG,
            "metric.n = %d: theta has %zu entries; make them agree or leave n out", o->n, n_given);
  COM_CHECK(ctx, want <= MAX_N, COM_E_CONFIG, "metric.theta: %zu entries, at most %d make sense; use fewer",
            want, (int)MAX_N);
  o->n = (int)want;
  *n = want;
  return COM_OK;
}

static void eval(const void *opts, const ads_span *s, const double *theta, size_t n, const double *eta,
                 double *h, double *dh) {
  (void)s;
  const options *o = opts;
  for (size_t i = 0; i < n; i++) {
    double x = eta[i], p = 0, dp = 0;
    for (int k = o->n - 1; k >= 0; k--) {
      dp = dp * x + p;
      p = p * x + theta[k];
    }
    h[i] = o->pole / x + p;
    if (dh) dh[i] = dp - o->pole / (x * x);
  }
}

static void vjp(const void *opts, const ads_span *s, const double *theta, size_t n, const double *eta,
                const double *w, const double *dw, double *g) {
  (void)s;
  (void)theta; /* h is linear in theta */
  const options *o = opts;
  for (size_t i = 0; i < n; i++) {
    double p = 1, dp = 0;
    for (int k = 0; k < o->n; k++) {
      if (w) g[k] += w[i] * p;
      if (dw) g[k] += dw[i] * dp;
      dp = (k + 1) * p;
      p *= eta[i];
    }
  }
}

const ads_metric_ops ads_metric_pole_poly = {.c = {.name = "pole_poly",
                                                   .doc = "horizon pole 1/eta plus a polynomial in eta",
                                                   .ref = "arXiv:1802.08313",
                                                   .fields = fields,
                                                   .opt_size = sizeof(options)},
                                             .n_params = n_params,
                                             .eval = eval,
                                             .vjp = vjp};
