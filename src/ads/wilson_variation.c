/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/wilson_variation.h"
#include <math.h>
#include <stdlib.h>
#include "common/quad.h"

enum { NODES = 16, MAX_EDGES = 128 };
/* In u = sqrt(eta - eta0) the integrand falls as exp(-3 u^2): 1e-17 at the end. */
#define U_MAX 3.6
/* Below this the difference of log(f g) loses more digits than its slope does. */
#define TINY 1e-4

typedef struct string_ {
  const ads_background *b;
  double eta0, lw0, dw0; /* log(f0 g0) and its slope */
} string_;

static int by_value(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Panel edges in u: fixed ones, halving towards the scale on which a string bends that lies close to the minimum of f g, and the kinks
 * of the background. */
static size_t edges(const string_ *s, double u[MAX_EDGES]) {
  static const double fixed[] = {0, 0.7, 1.5, U_MAX};
  ads_geometry g;
  size_t n = 0, n_kinks;
  const double *kink = ads_background_breaks(s->b, &n_kinks);
  ads_background_at(s->b, s->eta0, &g);
  const double curvature = fabs(g.d2lnf + g.d2lng), bend = curvature > 0 ? sqrt(s->dw0 / curvature) : 1;
  for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) u[n++] = fixed[i];
  for (double x = 0.25; x > 0.5 * bend && n < MAX_EDGES / 2; x *= 0.5) u[n++] = x;
  for (size_t k = 0; k < n_kinks && n < MAX_EDGES; k++)
    if (kink[k] > s->eta0 && kink[k] < s->eta0 + U_MAX * U_MAX) u[n++] = sqrt(kink[k] - s->eta0);
  qsort(u, n, sizeof *u, by_value);
  return n;
}

static double w_of(const string_ *s, double x, const ads_geometry *g) {
  if (x > TINY) return g->lnf + g->lng - s->lw0;
  return 0.5 * x * (s->dw0 + g->dlnf + g->dlng); /* trapezoid: relative error x^2 */
}

/* Weights of dlnf, dlng, dlnn at u, with the measure deta = 2 u du. */
static void weights(const string_ *s, double u, double out[3]) {
  ads_geometry g;
  const double x = u * u;
  ads_background_at(s->b, s->eta0 + x, &g);
  const double w = w_of(s, x, &g), e = exp(-w), q = sqrt(-expm1(-w)),
               m = 4 * u * exp(g.lnn + 0.5 * g.lnf); /* 2 n sqrt f deta */
  out[0] = 0.5 * m * e / (q * (1 + q));              /* 1/q - 1 */
  out[1] = 0.5 * m * e / q;
  out[2] = -m * e / (1 + q); /* q - 1 */
}

double ads_wilson_variation_reach(void) { return U_MAX * U_MAX; }

com_status ads_wilson_variation(com_ctx *c, const ads_background *b, double eta0, ads_wilson_shift *shift,
                                double *dV) {
  double u[MAX_EDGES], node[NODES], weight[NODES];
  ads_geometry g;
  ads_background_at(b, eta0, &g);
  const string_ s = {b, eta0, g.lnf + g.lng, g.dlnf + g.dlng};
  const size_t n_edges = edges(&s, u), n = ads_wilson_shift_n(shift);
  const ads_wilson_shift_pair *pair = ads_wilson_shift_pairs(shift);
  COM_TRY(com_quad_legendre(c, NODES, 0, 1, node, weight));
  for (size_t k = 0; k < n;
       k++) /* by its logarithm, which is all but linear in the parameters as those of f and g are */
    dV[k] = -2 * ads_background_length(b, eta0) / pair[k].step *
            log(ads_background_length(pair[k].plus, eta0) / ads_background_length(pair[k].minus, eta0));
  for (size_t p = 0; p + 1 < n_edges; p++) {
    const double wide = u[p + 1] - u[p];
    if (wide < 1e-12) continue;
    for (int i = 0; i < NODES; i++) {
      const double x = u[p] + wide * node[i], measure = wide * weight[i];
      double a[3];
      weights(&s, x, a);
      const double *v = ads_wilson_shift_at(shift, eta0 + x * x);
      for (size_t k = 0; k < n; k++) dV[k] += measure * (a[0] * v[k] + a[1] * v[n + k] + a[2] * v[2 * n + k]);
    }
  }
  return COM_OK;
}
