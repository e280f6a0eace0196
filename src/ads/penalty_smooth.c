/* SPDX-License-Identifier: GPL-3.0-or-later */
/* P = int_{eta_ir}^{eta_uv} eta^power (dh/deta)^2 deta by Gauss-Legendre, the continuum form of the regulariser E_reg of
 * arXiv:1802.08313 eq. (S.35); a metric of one value per layer brings the discrete form itself. */
#include <math.h>
#include <stddef.h>
#include <string.h>
#include "ads/penalty.h"
#include "common/quad.h"

typedef struct options {
  double power;
} options;
enum { NODES = 64, MAX_FN = 16 };

static const com_field fields[] = {{"power", "exponent of eta in the weight", "1", COM_F_REAL,
                                    offsetof(options, power), 4, 0, 16, NULL, NULL, 0},
                                   {0}};

static size_t n_res(const void *opts, const ads_metric *m) {
  const options *o = opts;
  if (m->ops->smooth_res) return m->ops->smooth_res(m->opts, &m->span, o->power, NULL, NULL, NULL);
  return NODES;
}

static void eval(const void *opts, const ads_metric *m, const double *theta, double *r, double *J) {
  const options *o = opts;
  if (m->ops->smooth_res) {
    m->ops->smooth_res(m->opts, &m->span, o->power, theta, r, J);
    return;
  }
  double x[NODES], w[NODES], h[MAX_FN], dh[MAX_FN];
  double a = fmin(m->span.eta_ir, m->span.eta_uv), b = fmax(m->span.eta_ir, m->span.eta_uv);
  if (com_quad_legendre(NULL, NODES, a, b, x,
                        w)) { /* out of memory: the caller sees residuals that are not finite */
    for (size_t k = 0; k < NODES; k++) x[k] = w[k] = NAN;
  }
  if (J) memset(J, 0, NODES * m->n_theta * sizeof *J);
  for (size_t k = 0; k < NODES; k++) {
    double root[MAX_FN] = {sqrt(w[k] * pow(x[k], o->power))};
    ads_metric_eval(m, theta, 1, &x[k], h, dh);
    r[k] = root[0] * dh[0];
    if (J) ads_metric_vjp(m, theta, 1, &x[k], NULL, root, J + k * m->n_theta);
  }
}

const ads_penalty_ops ads_penalty_smooth = {.c = {.name = "smooth",
                                                  .doc = "integral of eta^power h'(eta)^2",
                                                  .ref = "arXiv:1802.08313 eq. (S.35)",
                                                  .fields = fields,
                                                  .opt_size = sizeof(options)},
                                            .n_res = n_res,
                                            .eval = eval};
