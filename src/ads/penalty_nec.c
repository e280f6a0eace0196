/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Null energy condition.  With G = exp int h = sqrt(f g^(d-1)), f = F g and d/deta log F = u = 2 lim_{eta->0}(G/eta) / G
 * (docs/physics.md, closure by Einstein's equations) the condition a'' <= a' u/2, a = (log g)/2, becomes
 *     N(eta) = h' + u^2/4 <= 0,
 * with equality for a vacuum black hole (h = d coth(d eta), u = 2d/sinh(d eta)).  P = mean over `points` of max(0, N)^2.
 * log(eta u/2) = -int_0^eta (h - 1/eta'); below the last point of the grid the integrand is taken constant. */
#include <math.h>
#include <string.h>
#include "ads/penalty.h"

typedef struct nec_opts {
  int points;
} nec_opts;
enum { MAX_POINTS = 256, MAX_FN = 16, GAUSS = 4 };

static const com_field fields[] = {{.key = "points",
                                    .doc = "equally spaced values of eta at which the condition is tested",
                                    .unit = "1",
                                    .type = COM_F_INT,
                                    .off = offsetof(nec_opts, points),
                                    .def = 32,
                                    .lo = 2,
                                    .hi = MAX_POINTS},
                                   {0}};

/* Gauss-Legendre on [0,1], four points. */
static const double gx[GAUSS] = {0.069431844202973712, 0.330009478207571868, 0.669990521792428132,
                                 0.930568155797026288};
static const double gw[GAUSS] = {0.173927422568726929, 0.326072577431273071, 0.326072577431273071,
                                 0.173927422568726929};

static size_t n_res(const void *opts, const ads_metric *m) {
  (void)m;
  return (size_t)((const nec_opts *)opts)->points;
}

static double regular(const ads_metric *m, const double *theta, double eta, double *h, double *dh) {
  ads_metric_eval(m, theta, 1, &eta, h, dh);
  return h[0] - 1 / eta;
}

/* Adds weight * d/dtheta of the part of the integral that lies in [lo, lo + step]. */
static void integral_grad(const ads_metric *m, const double *theta, double lo, double step, double weight,
                          double *g) {
  for (size_t q = 0; q < GAUSS; q++) {
    const double eta = lo + gx[q] * step, w[MAX_FN] = {weight * gw[q] * step};
    ads_metric_vjp(m, theta, 1, &eta, w, NULL, g);
  }
}

static void row(const ads_metric *m, const double *theta, double a, double step, size_t k, double u,
                double root, double *g) {
  const double eta = a + (double)k * step, dN = -u * u / 2; /* dN/dI, I = int (h - 1/eta) */
  const double edge[MAX_FN] = {root * dN * a}, one[MAX_FN] = {root};
  ads_metric_vjp(m, theta, 1, &eta, NULL, one, g);
  ads_metric_vjp(m, theta, 1, &a, edge, NULL, g);
  for (size_t j = 0; j < k; j++) integral_grad(m, theta, a + (double)j * step, step, root * dN, g);
}

static void eval(const void *opts, const ads_metric *m, const double *theta, double *r, double *J) {
  const size_t n = n_res(opts, m);
  const double a = fmin(m->span.eta_ir, m->span.eta_uv), b = fmax(m->span.eta_ir, m->span.eta_uv);
  const double step = (b - a) / (double)(n - 1), root = 1 / sqrt((double)n), limit = 300;
  double h[MAX_FN], dh[MAX_FN], I = a * regular(m, theta, a, h, dh);
  if (J) memset(J, 0, n * m->n_theta * sizeof *J);
  for (size_t k = 0; k < n; k++) {
    const double eta = a + (double)k * step;
    for (size_t q = 0; k > 0 && q < GAUSS; q++)
      I += gw[q] * step * regular(m, theta, eta - step + gx[q] * step, h, NULL);
    ads_metric_eval(m, theta, 1, &eta, h, dh);
    const double u = 2 / eta * exp(-fmin(fmax(I, -limit), limit)), N = dh[0] + u * u / 4;
    r[k] = N > 0 ? root * N : 0;
    if (J && N > 0) row(m, theta, a, step, k, u, root, J + k * m->n_theta);
  }
}

const ads_penalty_ops ads_penalty_nec = {.c = {.name = "nec",
                                               .doc = "violation of the null energy condition",
                                               .ref = "docs/physics.md",
                                               .fields = fields,
                                               .opt_size = sizeof(nec_opts)},
                                         .n_res = n_res,
                                         .eval = eval};
