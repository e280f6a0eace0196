/* SPDX-License-Identifier: GPL-3.0-or-later */
/* h(eta) = pole/eta + sum_k theta_k T_k(x), x = (2 eta - eta_uv - eta_ir)/(eta_uv - eta_ir): the space of pole_poly in
 * coordinates in which coefficients of equal size matter equally. */
#include <math.h>
#include "ads/metric.h"

typedef struct cheb_opts {
  int n;
  double pole;
} cheb_opts;
enum { DEFAULT_N = 6, MAX_N = 64 };

static const com_field fields[] = {{.key = "n",
                                    .doc = "number of coefficients; 0: the length of theta, or 6",
                                    .unit = "1",
                                    .type = COM_F_INT,
                                    .off = offsetof(cheb_opts, n),
                                    .def = 0,
                                    .lo = 0,
                                    .hi = MAX_N},
                                   {.key = "pole",
                                    .doc = "residue of h at the horizon eta = 0",
                                    .unit = "1",
                                    .type = COM_F_REAL,
                                    .off = offsetof(cheb_opts, pole),
                                    .def = 1},
                                   {0}};

static com_status n_params(com_ctx *ctx, void *opts, size_t n_given, size_t *n) {
  cheb_opts *o = opts;
  const size_t want = o->n > 0 ? (size_t)o->n : n_given > 0 ? n_given : DEFAULT_N;
  COM_CHECK(ctx, n_given == 0 || n_given == want, COM_E_CONFIG,
            "metric.n = %d: theta has %zu entries; make them agree or leave n out", o->n, n_given);
  COM_CHECK(ctx, want <= MAX_N, COM_E_CONFIG, "metric.theta: %zu entries, at most %d make sense; use fewer",
            want, (int)MAX_N);
  o->n = (int)want;
  *n = want;
  return COM_OK;
}

/* T_k(x) and T_k'(x) by the three-term recurrences T_(k+1) = 2 x T_k - T_(k-1) and its derivative. */
typedef struct basis {
  double t[MAX_N], dt[MAX_N], slope;
} basis;
static void fill(const ads_span *s, int n, double eta, basis *b) {
  const double x = (2 * eta - s->eta_uv - s->eta_ir) / (s->eta_uv - s->eta_ir);
  b->slope = 2 / (s->eta_uv - s->eta_ir);
  b->t[0] = 1, b->dt[0] = 0;
  if (n > 1) b->t[1] = x, b->dt[1] = 1;
  for (int k = 1; k + 1 < n; k++) {
    b->t[k + 1] = 2 * x * b->t[k] - b->t[k - 1];
    b->dt[k + 1] = 2 * b->t[k] + 2 * x * b->dt[k] - b->dt[k - 1];
  }
}

static void eval(const void *opts, const ads_span *s, const double *theta, size_t n, const double *eta,
                 double *h, double *dh) {
  const cheb_opts *o = opts;
  basis b;
  for (size_t i = 0; i < n; i++) {
    double v = 0, dv = 0;
    fill(s, o->n, eta[i], &b);
    for (int k = 0; k < o->n; k++) v += theta[k] * b.t[k], dv += theta[k] * b.dt[k];
    h[i] = v + (o->pole != 0 ? o->pole / eta[i] : 0);
    if (dh) dh[i] = dv * b.slope - (o->pole != 0 ? o->pole / (eta[i] * eta[i]) : 0);
  }
}

static void vjp(const void *opts, const ads_span *s, const double *theta, size_t n, const double *eta,
                const double *w, const double *dw, double *g) {
  (void)theta; /* h is linear in theta */
  const cheb_opts *o = opts;
  basis b;
  for (size_t i = 0; i < n; i++) {
    fill(s, o->n, eta[i], &b);
    for (int k = 0; k < o->n; k++) g[k] += (w ? w[i] * b.t[k] : 0) + (dw ? dw[i] * b.dt[k] * b.slope : 0);
  }
}

const ads_metric_ops ads_metric_chebyshev = {
    .c = {.name = "chebyshev",
          .doc = "horizon pole plus a Chebyshev series over the span of the flow",
          .ref = "Trefethen, Approximation Theory and Approximation Practice",
          .fields = fields,
          .opt_size = sizeof(cheb_opts)},
    .n_params = n_params,
    .eval = eval,
    .vjp = vjp};
