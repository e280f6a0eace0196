/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/reference.h"
#include <math.h>
#include <stdlib.h>
#include "common/linalg.h"

static const double pi = 3.14159265358979323846;

double nqs_reference_tfi_ring(size_t n, double j, double h) {
  double e = 0;
  j = fabs(j), h = fabs(h);
  for (size_t m = 0; m < n; m++) {
    const double k = (double)(2 * m + 1) * pi / (double)n;
    e -= sqrt(j * j + h * h + 2 * j * h * cos(k));
  }
  return e;
}

/* n atan(2 x_j) = pi I_j + sum_k atan(x_j - x_k),  I_j = j - (r - 1)/2,  r = n/2 rapidities.
 * Fills g = left - right and its Jacobian; returns max |g|. */
static double bethe_residual(size_t n, const double *x, double *g, double *jac) {
  const size_t r = n / 2;
  double worst = 0;
  for (size_t a = 0; a < r; a++) {
    g[a] = (double)n * atan(2 * x[a]) - pi * ((double)a - 0.5 * (double)(r - 1));
    double diag = 2 * (double)n / (1 + 4 * x[a] * x[a]);
    for (size_t b = 0; b < r; b++) {
      if (b == a) continue;
      const double d = x[a] - x[b], slope = 1 / (1 + d * d);
      g[a] -= atan(d);
      diag -= slope;
      jac[a * r + b] = slope;
    }
    jac[a * r + a] = diag;
    worst = fmax(worst, fabs(g[a]));
  }
  return worst;
}

com_status nqs_reference_bethe(com_ctx *c, size_t n, double *energy) {
  enum { MAX_NEWTON = 100 };
  const size_t r = n / 2;
  COM_CHECK(c, n >= 2 && n % 2 == 0, COM_E_CONFIG, "Bethe energy: n = %zu: an even ring is needed", n);
  double *x = calloc(r, sizeof *x), *g = calloc(r, sizeof *g), *jac = calloc(r * r, sizeof *jac);
  com_status status = x && g && jac ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  double worst = INFINITY;
  if (!status) { /* start: the free solution x = tan(pi I/n)/2 */
    for (size_t a = 0; a < r; a++) x[a] = 0.5 * tan(pi * ((double)a - 0.5 * (double)(r - 1)) / (double)n);
    const double tol = 1e-13 * (double)n; /* rounding of sums of n terms of order one */
    for (int it = 0; it < MAX_NEWTON && worst > tol && !status; it++) {
      worst = bethe_residual(n, x, g, jac);
      status = com_linalg_solve(c, r, jac, g);
      for (size_t a = 0; a < r && !status; a++) x[a] -= g[a];
    }
    if (!status && !(worst <= tol))
      status = COM_FAIL(c, COM_E_NUM, "Bethe equations did not converge for n = %zu", n);
  }
  if (!status) {
    *energy = (double)n;
    for (size_t a = 0; a < r; a++) *energy -= 8 / (1 + 4 * x[a] * x[a]);
  }
  free(x);
  free(g);
  free(jac);
  return status;
}
