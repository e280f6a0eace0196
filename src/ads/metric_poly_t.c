/* SPDX-License-Identifier: GPL-3.0-or-later */
/* h(eta) = sum_k theta_k t^k,  t = eta_uv - eta: the polynomial of the public code of arXiv:2006.00712 (degree 8). */
#include <stddef.h>
#include "ads/metric.h"

typedef struct options {
  int n;
} options;
enum { DEFAULT_N = 9, MAX_N = 64 };

static const com_field fields[] = {{"n", "number of coefficients; 0: the length of theta, or 9", "1",
                                    COM_F_INT, offsetof(options, n), 0, 0, MAX_N, NULL, NULL, 0},
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
  int nt = ((const options *)opts)->n;
  for (size_t i = 0; i < n; i++) {
    double t = s->eta_uv - eta[i], p = 0, dp = 0;
    for (int k = nt - 1; k >= 0; k--) {
      dp = dp * t + p;
      p = p * t + theta[k];
    }
    h[i] = p;
    if (dh) dh[i] = -dp; /* dt/deta = -1 */
  }
}

static void vjp(const void *opts, const ads_span *s, const double *theta, size_t n, const double *eta,
                const double *w, const double *dw, double *g) {
  (void)theta; /* h is linear in theta */
  int nt = ((const options *)opts)->n;
  for (size_t i = 0; i < n; i++) {
    double t = s->eta_uv - eta[i], p = 1, dp = 0;
    for (int k = 0; k < nt; k++) {
      if (w) g[k] += w[i] * p;
      if (dw) g[k] -= dw[i] * dp;
      dp = (k + 1) * p;
      p *= t;
    }
  }
}

const ads_metric_ops ads_metric_poly_t = {.c = {.name = "poly_t",
                                                .doc = "polynomial in t = eta_uv - eta",
                                                .ref = "arXiv:2006.00712, public code",
                                                .fields = fields,
                                                .opt_size = sizeof(options)},
                                          .n_params = n_params,
                                          .eval = eval,
                                          .vjp = vjp};
