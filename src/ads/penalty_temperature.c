/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Joint fits: h moves smoothly from one temperature to the next, as a random walk that spreads by 1/L over `length`:
 *     P = sum over neighbours in T of  length/(T' - T) <(h' - h)^2>,   <> = mean over eta_ir ... eta_uv  (Gauss-Legendre).
 * length -> 0: independent fits; length -> infinity: one h for all temperatures. */
#include <math.h>
#include <stddef.h>
#include "ads/penalty.h"
#include "common/quad.h"

typedef struct options {
  double length;
} options;
enum { NODES = 32, MAX_FN = 16 };

static const com_field fields[] = {{"length", "temperature over which h may change by 1/L; 0: independent",
                                    "GeV", COM_F_REAL, offsetof(options, length), 0.05, 0, 1e12, NULL, NULL,
                                    0},
                                   {0}};

static size_t n_res(const void *opts, const ads_metric *m) {
  (void)opts;
  (void)m;
  return 0; /* one temperature has no neighbour */
}

static void eval(const void *opts, const ads_metric *m, const double *theta, double *r, double *J) {
  (void)opts, (void)m, (void)theta, (void)r, (void)J;
}

static size_t n_pair(const void *opts, const ads_metric *m) {
  (void)opts;
  (void)m;
  return NODES;
}

static void pair(const void *opts, const ads_metric *const m[2], const double *const theta[2], double dT,
                 double *r, double *const J[2]) {
  const options *o = opts;
  const ads_span *s = &m[0]->span;
  double x[NODES], w[NODES];
  if (com_quad_legendre(NULL, NODES, s->eta_ir, s->eta_uv, x, w)) { /* the caller sees what is not finite */
    for (int k = 0; k < NODES; k++) x[k] = w[k] = NAN;
  }
  for (size_t k = 0; k < NODES; k++) {
    const double root = sqrt(o->length / dT * fabs(w[k] / (s->eta_uv - s->eta_ir)));
    double h[2][MAX_FN]; /* every function of the background; the first is h */
    for (int side = 0; side < 2; side++) {
      const size_t n = m[side]->n_theta;
      ads_metric_eval(m[side], theta[side], 1, &x[k], h[side], NULL);
      if (J) ads_metric_jac(m[side], theta[side], 1, &x[k], J[side] + k * n);
      for (size_t i = 0; J && i < n; i++) J[side][k * n + i] *= side ? root : -root;
    }
    r[k] = root * (h[1][0] - h[0][0]);
  }
}

const ads_penalty_ops ads_penalty_temperature = {
    .c = {.name = "temperature",
          .doc = "joint fits: h changes smoothly from temperature to temperature",
          .ref = "docs/training.md",
          .fields = fields,
          .opt_size = sizeof(options)},
    .n_res = n_res,
    .eval = eval,
    .n_pair = n_pair,
    .pair = pair};
