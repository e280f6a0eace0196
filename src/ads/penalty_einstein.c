/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The vacuum Einstein equation closes on h: h' + h^2 - d^2 = 0 (1802.08313 eq. (S.34) for d = 3).
 * continuum:   P = int eta^power (h' + h^2 - d^2)^2 deta, 64 Gauss-Legendre nodes, analytic h';
 * difference:  P = sum_k eta_k^power ((h_(k+1) - h_k)/step + h_k^2 - d^2)^2 over layers, the form of the 1809.10536 code.
 * The two agree only when step * h is small: on 10 layers the second is far off near the horizon. */
#include <math.h>
#include <string.h>
#include "ads/penalty.h"
#include "common/quad.h"

typedef struct einstein_opts {
  int form;
  double power;
} einstein_opts;
enum { NODES = 64, MAX_FN = 16, AUTO = 0, CONTINUUM = 1, DIFFERENCE = 2 };
static const char *const forms[] = {"auto", "continuum", "difference", NULL};

static const com_field fields[] = {{.key = "form",
                                    .doc = "auto: difference for layers, continuum for all other metrics",
                                    .type = COM_F_ENUM,
                                    .off = offsetof(einstein_opts, form),
                                    .aux = forms,
                                    .sdef = "auto"},
                                   {.key = "power",
                                    .doc = "exponent of eta in the weight",
                                    .unit = "1",
                                    .type = COM_F_REAL,
                                    .off = offsetof(einstein_opts, power),
                                    .def = 0,
                                    .lo = 0,
                                    .hi = 16},
                                   {0}};

/* Number of layers and their positions when the difference form applies, else 0. */
static size_t layers(const einstein_opts *o, const ads_metric *m, double *first, double *step) {
  if (o->form == CONTINUUM || !m->ops->nodes) return 0;
  return m->ops->nodes(m->opts, &m->span, o->form == AUTO, first, step);
}

static size_t n_res(const void *opts, const ads_metric *m) {
  double first, step;
  const size_t n = layers(opts, m, &first, &step);
  return n ? n - 1 : NODES;
}

static void difference(double power, double d, size_t n, double first, double step, const double *h,
                       double *r, double *J) {
  if (J) memset(J, 0, (n - 1) * n * sizeof *J);
  for (size_t k = 0; k + 1 < n; k++) {
    const double root = pow(fabs(first + (double)k * step), 0.5 * power);
    r[k] = root * ((h[k + 1] - h[k]) / step + h[k] * h[k] - d * d);
    if (J) J[k * n + k + 1] = root / step, J[k * n + k] = root * (2 * h[k] - 1 / step);
  }
}

static void eval(const void *opts, const ads_metric *m, const double *theta, double *r, double *J) {
  const einstein_opts *o = opts;
  double first, step, x[NODES], w[NODES], h[MAX_FN], dh[MAX_FN];
  const size_t n = layers(o, m, &first, &step);
  if (n) {
    difference(o->power, m->span.d, n, first, step, theta, r, J);
    return;
  }
  const double a = fmin(m->span.eta_ir, m->span.eta_uv), b = fmax(m->span.eta_ir, m->span.eta_uv);
  if (com_quad_legendre(NULL, NODES, a, b, x,
                        w)) /* out of memory: the caller sees residuals that are not finite */
    for (size_t k = 0; k < NODES; k++) x[k] = w[k] = NAN;
  if (J) memset(J, 0, NODES * m->n_theta * sizeof *J);
  for (size_t k = 0; k < NODES; k++) {
    const double root = sqrt(w[k] * pow(x[k], o->power));
    ads_metric_eval(m, theta, 1, &x[k], h, dh);
    r[k] = root * (dh[0] + h[0] * h[0] - m->span.d * m->span.d);
    const double wh[MAX_FN] = {2 * root * h[0]}, wd[MAX_FN] = {root};
    if (J) ads_metric_vjp(m, theta, 1, &x[k], wh, wd, J + k * m->n_theta);
  }
}

const ads_penalty_ops ads_penalty_einstein = {
    .c = {.name = "einstein",
          .doc = "residual of the vacuum Einstein equation h' + h^2 = d^2",
          .ref = "arXiv:1802.08313 eq. (S.34)",
          .fields = fields,
          .opt_size = sizeof(einstein_opts)},
    .n_res = n_res,
    .eval = eval};
