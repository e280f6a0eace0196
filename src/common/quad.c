/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_min.h>
#include <gsl/gsl_roots.h>
#include <math.h>
#include "common/quad.h"

enum {
  CQUAD_INTERVALS = 200, /* GSL's manual: 100 suffice for most integrands */
  QAG_INTERVALS = 2000,
  MAX_STEPS = 5000 /* Brent falls back to bisection; 2100 halvings exhaust the exponents of a double */
};

/* The result is written even when it misses the tolerance, for callers who can live with the error
 * estimate. */
static com_status verdict(com_ctx *c, int gsl, double a, double b, double rel_tol, double abs_tol,
                          double value, double err) {
  COM_CHECK(c, isfinite(value) && isfinite(err), COM_E_NUM,
            "integral from %g to %g: diverges or is not a number", a, b);
  COM_CHECK(c, !gsl && err <= fmax(abs_tol, rel_tol * fabs(value)), COM_E_NUM,
            "integral from %g to %g: reached %.3g +- %.2g, asked for %.2g relative or %.2g absolute%s%s", a,
            b, value, err, rel_tol, abs_tol, gsl ? "; " : "", gsl ? gsl_strerror(gsl) : "");
  return COM_OK;
}

com_status com_quad_finite(com_ctx *c, double a, double b, double rel_tol, double abs_tol, double *value,
                           double *abs_err, com_quad_fn f, void *user) {
  gsl_integration_cquad_workspace *w;
  const gsl_function g = {.function = f, .params = user};
  COM_ALLOC(c, w = gsl_integration_cquad_workspace_alloc(CQUAD_INTERVALS));
  *value = *abs_err = NAN;
  const int gsl = gsl_integration_cquad(&g, a, b, abs_tol, rel_tol, w, value, abs_err, NULL);
  gsl_integration_cquad_workspace_free(w);
  return verdict(c, gsl, a, b, rel_tol, abs_tol, *value, *abs_err);
}

com_status com_quad_upper(com_ctx *c, double a, double rel_tol, double abs_tol, double *value,
                          double *abs_err, com_quad_fn f, void *user) {
  gsl_integration_workspace *w;
  gsl_function g = {.function = f, .params = user};
  COM_ALLOC(c, w = gsl_integration_workspace_alloc(QAG_INTERVALS));
  *value = *abs_err = NAN;
  const int gsl = gsl_integration_qagiu(&g, a, abs_tol, rel_tol, QAG_INTERVALS, w, value, abs_err);
  gsl_integration_workspace_free(w);
  return verdict(c, gsl, a, INFINITY, rel_tol, abs_tol, *value, *abs_err);
}

/* P_n(t) and P_n'(t) by the three-term recurrence k P_k = (2k-1) t P_(k-1) - (k-1) P_(k-2). */
static double legendre(size_t n, double t, double *derivative) {
  double p = 1, q = 0;
  for (size_t k = 1; k <= n; k++) {
    const double kk = (double)k, next = ((2 * kk - 1) * t * p - (kk - 1) * q) / kk;
    q = p;
    p = next;
  }
  *derivative = (double)n * (t * p - q) / (t * t - 1);
  return p;
}

/* Nodes: roots of P_n by Newton from the leading asymptotic cos(pi (i + 3/4)/(n + 1/2)); weights
 * 2/((1 - t^2) P_n'(t)^2) (Abramowitz, Stegun 25.4.29).  GSL's own rules are good to only 1e-10 where it has no
 * stored table. */
com_status com_quad_legendre(com_ctx *c, size_t n, double a, double b, double *x, double *w) {
  const double pi = acos(-1.0), half = 0.5 * (b - a), middle = 0.5 * (a + b);
  COM_CHECK(c, n > 0, COM_E_NUM, "Gauss-Legendre: needs at least one point");
  for (size_t i = 0; i < (n + 1) / 2; i++) {
    double t = cos(pi * ((double)i + 0.75) / ((double)n + 0.5)), slope, move = 1;
    /* the start is good to 1/n^2, so quadratic convergence needs few steps; the last ones only jitter by
     * rounding */
    for (int k = 0; k < 10 && fabs(move) > DBL_EPSILON; k++) {
      move = legendre(n, t, &slope) / slope;
      t -= move;
    }
    if (2 * i + 1 == n) t = 0;
    legendre(n, t, &slope);
    x[i] = middle - half * t;
    x[n - 1 - i] = middle + half * t;
    w[i] = w[n - 1 - i] = half * 2 / ((1 - t * t) * slope * slope);
  }
  return COM_OK;
}

com_status com_quad_root(com_ctx *c, double a, double b, double rel_tol, double *x, com_quad_fn f,
                         void *user) {
  gsl_root_fsolver *s;
  gsl_function g = {.function = f, .params = user};
  const double fa = f(a, user), fb = f(b, user);
  COM_CHECK(c, isfinite(fa) && isfinite(fb), COM_E_NUM,
            "root in [%g, %g]: the function is %g and %g at the ends", a, b, fa, fb);
  COM_CHECK(c, fa == 0 || fb == 0 || (fa < 0) != (fb < 0), COM_E_NUM,
            "root in [%g, %g]: no change of sign (%g, %g)", a, b, fa, fb);
  *x = fa == 0 ? a : b;
  if (fa == 0 || fb == 0) return COM_OK;

  COM_ALLOC(c, s = gsl_root_fsolver_alloc(gsl_root_fsolver_brent));
  int gsl = gsl_root_fsolver_set(s, &g, fmin(a, b), fmax(a, b)), more = GSL_CONTINUE;
  for (int i = 0; !gsl && more == GSL_CONTINUE && i < MAX_STEPS; i++) {
    gsl = gsl_root_fsolver_iterate(s);
    /* a root at 0 has no relative precision: DBL_MIN ends it */
    more = gsl_root_test_interval(gsl_root_fsolver_x_lower(s), gsl_root_fsolver_x_upper(s), DBL_MIN,
                                  fmax(rel_tol, 2 * DBL_EPSILON));
  }
  *x = gsl_root_fsolver_root(s);
  gsl_root_fsolver_free(s);
  COM_CHECK(c, !gsl && more == GSL_SUCCESS, COM_E_NUM, "root in [%g, %g]: %s", a, b,
            gsl ? gsl_strerror(gsl) : "no convergence");
  return COM_OK;
}

/* Golden section until the middle lies below both ends, which is what GSL's Brent needs; a minimum at an end
 * is the limit of that. */
static int bracket_minimum(double *a, double *m, double *b, double *fa, double *fm, double *fb,
                           double rel_tol, com_quad_fn f, void *user) {
  const double golden = 0.3819660112501051; /* (3 - sqrt 5)/2 */
  *fa = f(*a, user);
  *fb = f(*b, user);
  while (fabs(*b - *a) > rel_tol * (fabs(*a) + fabs(*b)) + DBL_MIN) {
    *m = *a + golden * (*b - *a);
    *fm = f(*m, user);
    if (*fm < *fa && *fm < *fb) return 1;
    if (!(isfinite(*fa) && isfinite(*fm) && isfinite(*fb))) return 0;
    if (*fa <= *fb) {
      *b = *m;
      *fb = *fm;
    } else {
      *a = *m;
      *fa = *fm;
    }
  }
  *m = *fa <= *fb ? *a : *b;
  return 0;
}

com_status com_quad_minimum(com_ctx *c, double a, double b, double rel_tol, double *x, com_quad_fn f,
                            void *user) {
  gsl_min_fminimizer *s;
  gsl_function g = {.function = f, .params = user};
  double lo = fmin(a, b), hi = fmax(a, b), fa, fm = NAN, fb;
  const double tol = fmax(rel_tol, sqrt(DBL_EPSILON)); /* rounding of f hides anything finer */
  const double smallest = DBL_EPSILON * (hi - lo);     /* a minimum at 0 has no relative precision */
  const int inside = bracket_minimum(&lo, x, &hi, &fa, &fm, &fb, tol, f, user);
  COM_CHECK(c, isfinite(fa) && isfinite(fb) && !isnan(fm), COM_E_NUM,
            "minimum in [%g, %g]: the function is not finite there", a, b);
  if (!inside) return COM_OK;

  COM_ALLOC(c, s = gsl_min_fminimizer_alloc(gsl_min_fminimizer_brent));
  int gsl = gsl_min_fminimizer_set_with_values(s, &g, *x, fm, lo, fa, hi, fb), more = GSL_CONTINUE;
  for (int i = 0; !gsl && more == GSL_CONTINUE && i < MAX_STEPS; i++) {
    gsl = gsl_min_fminimizer_iterate(s);
    more = gsl_min_test_interval(gsl_min_fminimizer_x_lower(s), gsl_min_fminimizer_x_upper(s), smallest, tol);
  }
  *x = gsl_min_fminimizer_x_minimum(s);
  gsl_min_fminimizer_free(s);
  COM_CHECK(c, !gsl && more == GSL_SUCCESS, COM_E_NUM, "minimum in [%g, %g]: %s", a, b,
            gsl ? gsl_strerror(gsl) : "no convergence");
  return COM_OK;
}
