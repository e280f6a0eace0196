/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/boltzmann.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "common/linalg.h"
#include "common/quad.h"

void ads_boltzmann_finish(ads_boltzmann *b) {
  free(b->a);
  free(b->s);
  free(b->c);
  *b = (ads_boltzmann){0};
}

static com_status reserve(com_ctx *c, size_t n, double step, ads_boltzmann *b) {
  *b = (ads_boltzmann){.n = n, .step = step};
  COM_CHECK(c, n >= 2 && step > 0, COM_E_CONFIG, "dbm: needs at least 2 layers and a positive spacing");
  b->a = calloc(n, sizeof *b->a);
  b->s = calloc(n + 1, sizeof *b->s);
  b->c = calloc(n + 1, sizeof *b->c);
  if (b->a && b->s && b->c) return COM_OK;
  ads_boltzmann_finish(b);
  return COM_FAIL(c, COM_E_MEM, "out of memory");
}

/* ---- metric -> weights -> metric ---- */

com_status ads_boltzmann_from_h(com_ctx *c, ads_boltzmann_rule rule, size_t n, double step, double A0,
                                const double *h, double m2, double lambda, const double *momentum2,
                                ads_boltzmann *b) {
  double A = A0;
  COM_TRY(reserve(c, n, step, b));
  for (size_t k = 0; k <= n; k++) {
    const double mass = m2 + (momentum2 ? momentum2[k] : 0);
    b->s[k] = step * A * mass, b->c[k] = step * A * lambda;
    if (k == n) break;
    b->a[k] = A / step;
    A = rule == ADS_BOLTZMANN_EXP ? A * exp(-h[k] * step) : A / (1 + h[k] * step);
    if (isfinite(A) && A > 0) continue;
    ads_boltzmann_finish(b);
    return COM_FAIL(c, COM_E_NUM,
                    "dbm: layer %zu: h = %g with spacing %g leaves no positive weight; use more layers", k,
                    h[k], step);
  }
  return COM_OK;
}

enum { NODES = 12 }; /* Gauss-Legendre points per layer: exact to degree 23 */

/* rows: d(layer value)/dtheta [n][n_theta] or NULL */
static com_status layer_values(com_ctx *c, const ads_metric *m, const double *theta, ads_boltzmann_rule rule,
                               size_t n, double *h, double *rows) {
  const double step = (m->span.eta_uv - m->span.eta_ir) / (double)n;
  const size_t nodes = rule == ADS_BOLTZMANN_EXP ? NODES : 1, nt = m->n_theta;
  double x[NODES], w[NODES], v[NODES], *jac = malloc((NODES * nt + 1) * sizeof *jac);
  COM_ALLOC(c, jac);
  com_status s = COM_OK;
  for (size_t k = 0; k < n && !s; k++) {
    const double top = m->span.eta_uv - (double)k * step;
    if (nodes > 1)
      s = com_quad_legendre(c, nodes, top - step, top, x, w);
    else
      x[0] = top, w[0] = step; /* where the network takes h, too */
    if (s) break;
    ads_metric_eval(m, theta, nodes, x, v, NULL);
    if (rows) ads_metric_jac(m, theta, nodes, x, jac);
    h[k] = 0;
    for (size_t i = 0; i < nodes; i++) h[k] += w[i] * v[i] / step;
    for (size_t j = 0; rows && j < nt; j++) {
      rows[k * nt + j] = 0;
      for (size_t i = 0; i < nodes; i++) rows[k * nt + j] += w[i] * jac[i * nt + j] / step;
    }
  }
  free(jac);
  return s;
}

com_status ads_boltzmann_layers(com_ctx *c, const ads_metric *m, const double *theta, ads_boltzmann_rule rule,
                                size_t n, double *out) {
  return layer_values(c, m, theta, rule, n, out, NULL);
}

void ads_boltzmann_to_h(const ads_boltzmann *b, ads_boltzmann_rule rule, double *h, double *A) {
  for (size_t k = 0; k < b->n; k++) A[k] = b->a[k] * b->step;
  for (size_t k = 0; k + 1 < b->n; k++)
    h[k] = (rule == ADS_BOLTZMANN_EXP ? log(A[k] / A[k + 1]) : A[k] / A[k + 1] - 1) / b->step;
}

com_status ads_boltzmann_to_metric(com_ctx *c, const ads_boltzmann *b, ads_boltzmann_rule rule,
                                   const ads_metric *m, double *theta, double *worst) {
  enum { ROUNDS = 20 };
  const size_t n = b->n, rows = n - 1, nt = m->n_theta;
  double *work = calloc(4 * n + nt + (n + 1) * nt, sizeof *work);
  double *want = work, *A = want + n, *h = A + n, *r = h + n, *dt = r + n, *J = dt + nt;
  com_status status = work ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  if (!status && rows < nt)
    status = COM_FAIL(c, COM_E_CONFIG, "dbm: %zu layers cannot fix %zu numbers of the metric", n, nt);
  if (!status) ads_boltzmann_to_h(b, rule, want, A);
  for (int round = 0; round <= ROUNDS && !status; round++) {
    status = layer_values(c, m, theta, rule, n, h, J);
    *worst = 0;
    for (size_t k = 0; k < rows; k++) r[k] = want[k] - h[k], *worst = fmax(*worst, fabs(r[k]));
    if (status || *worst < 1e-14 || round == ROUNDS || nt == 0) break;
    status = com_linalg_lstsq(c, rows, nt, J, r, dt);
    double move = 0;
    for (size_t j = 0; j < nt && !status; j++) theta[j] += dt[j], move += fabs(dt[j]);
    if (move == 0) break;
  }
  free(work);
  return status;
}

com_status ads_boltzmann_poincare(com_ctx *c, double d, double m2, double k, double z0, double step, size_t n,
                                  ads_boltzmann *b) {
  COM_CHECK(c, z0 > 0 || d == 1, COM_E_CONFIG, "dbm: the cut-off z0 must be positive");
  COM_CHECK(c, z0 > 0 || m2 == 0, COM_E_CONFIG, "dbm: a mass needs a positive cut-off z0");
  COM_TRY(reserve(c, n, step, b));
  for (size_t i = 0; i <= n; i++) {
    const double z = z0 + (double)i * step;
    const double mass = m2 == 0 ? k * k : k * k + m2 / (z * z);
    b->s[i] = (i == 0 ? 0.5 : 1) * step * pow(z, 1 - d) * mass;
    if (i < n) b->a[i] = pow(z + 0.5 * step, 1 - d) / step;
  }
  return COM_OK;
}

/* ---- what the machine says ---- */

double ads_boltzmann_kernel(const ads_boltzmann *b, double *kernel) {
  double K = b->s[b->n];
  if (kernel) kernel[b->n] = K;
  for (size_t k = b->n; k-- > 0;) {
    K = b->s[k] + b->a[k] * K / (b->a[k] + K);
    if (kernel) kernel[k] = K;
  }
  return K;
}

double ads_boltzmann_energy(const ads_boltzmann *b, const double *phi, double *g) {
  double e = 0;
  for (size_t k = 0; k <= b->n; k++) {
    const double x = phi[k], x2 = x * x;
    e += 0.5 * b->s[k] * x2 + 0.25 * b->c[k] * x2 * x2;
    if (g) g[k] = (b->s[k] + b->c[k] * x2) * x;
  }
  for (size_t k = 0; k < b->n; k++) {
    const double jump = phi[k + 1] - phi[k];
    e += 0.5 * b->a[k] * jump * jump;
    if (g) g[k + 1] += b->a[k] * jump, g[k] -= b->a[k] * jump;
  }
  return e;
}

/* Newton step of the layers 1..n: (tridiagonal Hessian) x = -g by elimination from the horizon up; 0 where a pivot is not positive. */
static int newton_step(const ads_boltzmann *b, const double *phi, const double *g, double *pivot, double *rhs,
                       double *x) {
  for (size_t k = b->n; k >= 1; k--) {
    const double below = k < b->n ? b->a[k] : 0;
    double p = b->a[k - 1] + below + b->s[k] + 3 * b->c[k] * phi[k] * phi[k];
    rhs[k] = -g[k];
    if (k < b->n) p -= below * below / pivot[k + 1], rhs[k] += below * rhs[k + 1] / pivot[k + 1];
    if (!(p > 0)) return 0;
    pivot[k] = p;
  }
  x[0] = 0;
  for (size_t k = 1; k <= b->n; k++) x[k] = (rhs[k] + b->a[k - 1] * x[k - 1]) / pivot[k];
  return 1;
}

com_status ads_boltzmann_saddle(com_ctx *c, const ads_boltzmann *b, double source, double *phi) {
  enum { ROUNDS = 100 };
  double *w = malloc(4 * (b->n + 1) * sizeof *w);
  double *g = w, *pivot = g + b->n + 1, *rhs = pivot + b->n + 1, *x = rhs + b->n + 1, move = INFINITY;
  COM_ALLOC(c, w);
  int fine = 1;
  phi[0] = source;
  for (int round = 0; round < ROUNDS && fine && move > 0; round++) {
    double size = 0, last = move;
    ads_boltzmann_energy(b, phi, g);
    fine = newton_step(b, phi, g, pivot, rhs, x);
    move = 0;
    for (size_t k = 1; k <= b->n && fine; k++)
      phi[k] += x[k], move = fmax(move, fabs(x[k])), size = fmax(size, fabs(phi[k]));
    if (move < 1e-12 * (size + fabs(source)) && move >= 0.5 * last) break; /* rounding is reached */
  }
  double size = fabs(source);
  for (size_t k = 1; k <= b->n; k++) size = fmax(size, fabs(phi[k]));
  fine = fine && move <= 1e-10 * size;
  free(w);
  COM_CHECK(c, fine, COM_E_NUM, "dbm: no saddle point near the given field (source %g)", source);
  return COM_OK;
}
