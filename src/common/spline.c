/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/spline.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct com_spline {
  size_t n;
  double *x, *y, *m; /* knots, values, second derivatives */
};

enum { MIN_POINTS = 4 };

/* mu_i m_(i-1) + 2 m_i + lam_i m_(i+1) = 6 [x_(i-1), x_i, x_(i+1)] y; not-a-knot: the third derivative is continuous at x_1 and
 * x_(n-2), i.e. m_0 = m_1 - (h_0/h_1)(m_2 - m_1), which turns the first and last rows tridiagonal.  w: scratch of 2 n. */
static void solve(com_spline *s, double *w) {
  const size_t n = s->n;
  const double *x = s->x, *y = s->y;
  double *m = s->m, *upper = w, *rhs = w + n;
  const double first = (x[1] - x[0]) / (x[2] - x[1]), last = (x[n - 1] - x[n - 2]) / (x[n - 2] - x[n - 3]);
  for (size_t i = 1; i + 1 < n; i++) {
    const double h0 = x[i] - x[i - 1], h1 = x[i + 1] - x[i];
    double lower = h0 / (h0 + h1), diag = 2, up = h1 / (h0 + h1);
    double r = 6 * ((y[i + 1] - y[i]) / h1 - (y[i] - y[i - 1]) / h0) / (h0 + h1);
    if (i == 1) {
      diag += lower * (1 + first);
      up -= lower * first;
      lower = 0;
    }
    if (i + 2 == n) {
      diag += up * (1 + last);
      lower -= up * last;
      up = 0;
    }
    const double pivot = diag - (i > 1 ? lower * upper[i - 1] : 0);
    r -= i > 1 ? lower * rhs[i - 1] : 0;
    upper[i] = up / pivot;
    rhs[i] = r / pivot;
  }
  m[n - 2] = rhs[n - 2];
  for (size_t i = n - 2; i-- > 1;) m[i] = rhs[i] - upper[i] * m[i + 1];
  m[0] = m[1] - first * (m[2] - m[1]);
  m[n - 1] = m[n - 2] + last * (m[n - 2] - m[n - 3]);
}

com_status com_spline_create(com_ctx *c, size_t n, const double *x, const double *y, com_spline **out) {
  com_spline *s;
  double *w;
  *out = NULL;
  COM_CHECK(c, n >= MIN_POINTS, COM_E_DATA, "spline: %zu points, needs at least %d", n, (int)MIN_POINTS);
  for (size_t i = 0; i < n; i++)
    COM_CHECK(c, isfinite(x[i]) && isfinite(y[i]) && (i == 0 || x[i] > x[i - 1]), COM_E_DATA,
              "spline: entry %zu: x = %g, y = %g: x must ascend and both be finite", i, x[i], y[i]);
  COM_ALLOC(c, s = calloc(1, sizeof *s));
  s->n = n;
  s->x = malloc(3 * n * sizeof *s->x);
  w = malloc(2 * n * sizeof *w);
  if (!s->x || !w) {
    free(w);
    com_spline_destroy(s);
    return COM_FAIL(c, COM_E_MEM, "out of memory");
  }
  s->y = s->x + n;
  s->m = s->y + n;
  memcpy(s->x, x, n * sizeof *x);
  memcpy(s->y, y, n * sizeof *y);
  solve(s, w);
  free(w);
  *out = s;
  return COM_OK;
}

void com_spline_destroy(com_spline *s) {
  if (!s) return;
  free(s->x);
  free(s);
}

double com_spline_at(const com_spline *s, double x, double *d1, double *d2) {
  size_t lo = 0, hi = s->n - 2;
  while (lo < hi) {
    const size_t mid = (lo + hi + 1) / 2;
    if (x >= s->x[mid])
      lo = mid;
    else
      hi = mid - 1;
  }
  const double h = s->x[lo + 1] - s->x[lo], t = x - s->x[lo];
  const double m0 = s->m[lo], m1 = s->m[lo + 1];
  const double b = (s->y[lo + 1] - s->y[lo]) / h - h * (2 * m0 + m1) / 6, k = (m1 - m0) / (6 * h);
  if (d1) *d1 = b + t * (m0 + 3 * k * t);
  if (d2) *d2 = m0 + 6 * k * t;
  return s->y[lo] + t * (b + t * (0.5 * m0 + k * t));
}
