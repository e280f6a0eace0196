/* SPDX-License-Identifier: GPL-3.0-or-later */
/* P = sum_k (h_(k+1) - 2 h_k + h_(k-1))^2 over the nodes of a metric made of values (layers, spline), else over `points`
 * equally spaced values of eta: leaves straight lines free, which the first-difference penalty does not. */
#include <string.h>
#include "ads/penalty.h"

typedef struct second_opts {
  int points;
} second_opts;
enum { MAX_FN = 16 };

static const com_field fields[] = {{.key = "points",
                                    .doc = "values of eta for a metric without nodes of its own",
                                    .unit = "1",
                                    .type = COM_F_INT,
                                    .off = offsetof(second_opts, points),
                                    .def = 33,
                                    .lo = 3,
                                    .hi = 4096},
                                   {0}};

typedef struct grid {
  size_t n;
  double first, step;
  int own;
} grid;
static grid grid_of(const void *opts, const ads_metric *m) {
  grid g = {0};
  g.n = m->ops->nodes ? m->ops->nodes(m->opts, &m->span, 0, &g.first, &g.step) : 0;
  g.own = g.n > 0;
  if (g.own) return g;
  const size_t n = (size_t)((const second_opts *)opts)->points;
  return (grid){.n = n, .first = m->span.eta_uv, .step = (m->span.eta_ir - m->span.eta_uv) / (double)(n - 1)};
}

static size_t n_res(const void *opts, const ads_metric *m) {
  const size_t n = grid_of(opts, m).n;
  return n > 2 ? n - 2 : 0;
}

static double h_at(const ads_metric *m, const double *theta, const grid *g, size_t k) {
  if (g->own) return theta[k];
  double h[MAX_FN];
  const double eta = g->first + (double)k * g->step;
  ads_metric_eval(m, theta, 1, &eta, h, NULL);
  return h[0];
}

static void eval(const void *opts, const ads_metric *m, const double *theta, double *r, double *J) {
  const grid g = grid_of(opts, m);
  const size_t n = m->n_theta;
  static const double weight[3] = {1, -2, 1};
  if (J) memset(J, 0, (g.n > 2 ? g.n - 2 : 0) * n * sizeof *J);
  for (size_t k = 0; k + 2 < g.n; k++) {
    r[k] = 0;
    for (size_t t = 0; t < 3; t++) {
      r[k] += weight[t] * h_at(m, theta, &g, k + t);
      if (!J) continue;
      const double eta = g.first + (double)(k + t) * g.step, w[MAX_FN] = {weight[t]};
      if (g.own)
        J[k * n + k + t] = weight[t];
      else
        ads_metric_vjp(m, theta, 1, &eta, w, NULL, J + k * n);
    }
  }
}

const ads_penalty_ops ads_penalty_second_difference = {.c = {.name = "second_difference",
                                                             .doc = "sum of squared second differences of h",
                                                             .ref = "github.com/kcho9803/DL_and_AdS_CFT",
                                                             .fields = fields,
                                                             .opt_size = sizeof(second_opts)},
                                                       .n_res = n_res,
                                                       .eval = eval};
