/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include "common/cheb.h"

/* 17 points per panel: halving the panel gains five digits for an analytic function, and a series still fits in a few cache lines. */
enum { POINTS = 17, TAIL = 3, FIRST_PANELS = 64, MAX_PANELS = 1 << 14, MAX_DEPTH = 48 };

typedef struct panel {
  double a, b;
  double c[POINTS];     /* f = sum_k c_k T_k(t), t = (2x - a - b)/(b - a) */
  double q[POINTS + 1]; /* int_a^x f = sum_k q_k T_k(t) */
  double start;         /* int from the lower end of the first panel to a */
} panel;

struct com_cheb {
  size_t n, cap;
  panel *p;
};

typedef struct build {
  com_ctx *ctx;
  com_cheb *s;
  double rel_tol, abs_tol;
  double cosine[POINTS][POINTS]; /* cos(pi k (j + 1/2)/POINTS) */
  com_cheb_fn f;
  void *user;
} build;

/* c_k = (2/N) sum_j f(t_j) cos(pi k (j + 1/2)/N), c_0 halved: interpolation at the roots of T_N. */
static int sample(const build *w, panel *p) {
  double f[POINTS];
  for (int j = 0; j < POINTS; j++) {
    const double x = 0.5 * (p->a + p->b) + 0.5 * (p->b - p->a) * w->cosine[1][j];
    f[j] = w->f(x, w->user);
    if (!isfinite(f[j])) return 0;
  }
  for (int k = 0; k < POINTS; k++) {
    double sum = 0;
    for (int j = 0; j < POINTS; j++) sum += f[j] * w->cosine[k][j];
    p->c[k] = (k ? 2.0 : 1.0) * sum / POINTS;
  }
  return 1;
}

/* int T_k dt = T_(k+1)/(2(k+1)) - T_(k-1)/(2(k-1)); the constant makes it vanish at t = -1. */
static void integrate(panel *p) {
  const double half = 0.5 * (p->b - p->a);
  double at_left = 0;
  p->q[1] = half * (p->c[0] - 0.5 * p->c[2]);
  for (int k = 2; k <= POINTS; k++)
    p->q[k] = half * (p->c[k - 1] - (k + 1 < POINTS ? p->c[k + 1] : 0)) / (2.0 * k);
  for (int k = 1; k <= POINTS; k++) at_left += k % 2 ? -p->q[k] : p->q[k];
  p->q[0] = -at_left;
}

/* sum_k c_k T_k(t), even and odd k by themselves, as the two recurrences then run side by side:
 *   T_2k(t) = T_k(v),   T_(2k+1)(t) = t W_k(v),   v = 2 t^2 - 1,   W_0 = 1, W_1 = 2 v - 1, both with f_(k+1) = 2 v f_k - f_(k-1). */
static double clenshaw(const double *c, int n, double t) {
  const double v2 = 4 * t * t - 2; /* 2 v */
  double e1 = 0, e2 = 0, o1 = 0, o2 = 0;
  int k = n - 1;
  if (k % 2 == 0) { /* the highest order is even */
    e1 = c[k];
    k--;
  }
  for (; k > 1; k -= 2) {
    const double o0 = (c[k] - o2) + v2 * o1, e0 = (c[k - 1] - e2) + v2 * e1;
    o2 = o1;
    o1 = o0;
    e2 = e1;
    e1 = e0;
  }
  const double odd = (c[1] - o2) + v2 * o1 - o1;
  return (c[0] - e2) + 0.5 * v2 * e1 + t * odd;
}

static int resolved(const build *w, const panel *p) {
  double size = 0, tail = 0;
  for (int k = 0; k < POINTS; k++) size = fmax(size, fabs(p->c[k]));
  for (int k = POINTS - TAIL; k < POINTS; k++) tail = fmax(tail, fabs(p->c[k]));
  return tail <= w->rel_tol * size || tail * (p->b - p->a) <= w->abs_tol;
}

static com_status append(build *w, const panel *p) {
  com_cheb *s = w->s;
  if (s->n == s->cap) {
    panel *grown = realloc(s->p, (s->cap ? 2 * s->cap : FIRST_PANELS) * sizeof *grown);
    COM_ALLOC(w->ctx, grown);
    s->p = grown;
    s->cap = s->cap ? 2 * s->cap : FIRST_PANELS;
  }
  s->p[s->n] = *p;
  integrate(&s->p[s->n]);
  if (s->n) {
    const panel *left = &s->p[s->n - 1];
    s->p[s->n].start = left->start + clenshaw(left->q, POINTS + 1, 1);
  }
  s->n++;
  return COM_OK;
}

static com_status fill(build *w, double a, double b, int depth) {
  panel p = {.a = a, .b = b};
  COM_CHECK(w->ctx, sample(w, &p), COM_E_NUM, "Chebyshev panel [%g, %g]: the function is not finite there", a,
            b);
  if (resolved(w, &p)) return append(w, &p);
  COM_CHECK(w->ctx, depth < MAX_DEPTH && w->s->n < MAX_PANELS, COM_E_NUM,
            "Chebyshev panel [%g, %g]: the function is too rough to be resolved", a, b);
  const double m = 0.5 * (a + b);
  COM_TRY(fill(w, a, m, depth + 1));
  return fill(w, m, b, depth + 1);
}

com_status com_cheb_create(com_ctx *c, size_t n_breaks, const double *breaks, double rel_tol, double abs_tol,
                           com_cheb **out, com_cheb_fn f, void *user) {
  const double pi = 3.14159265358979323846;
  com_status status = COM_OK;
  build w = {.ctx = c, .rel_tol = rel_tol, .abs_tol = abs_tol, .f = f, .user = user};
  *out = NULL;
  for (int k = 0; k < POINTS; k++)
    for (int j = 0; j < POINTS; j++) w.cosine[k][j] = cos(pi * k * (j + 0.5) / POINTS);
  COM_CHECK(c, n_breaks >= 2, COM_E_NUM, "Chebyshev: needs two ends, got %zu", n_breaks);
  COM_ALLOC(c, w.s = calloc(1, sizeof *w.s));
  for (size_t i = 0; i + 1 < n_breaks; i++)
    if (breaks[i] < breaks[i + 1]) COM_GOTO(done, fill(&w, breaks[i], breaks[i + 1], 0));
  if (!w.s->n) {
    status = COM_FAIL(c, COM_E_NUM, "Chebyshev: empty interval [%g, %g]", breaks[0], breaks[n_breaks - 1]);
    goto done;
  }
  *out = w.s;
  w.s = NULL;
done:
  com_cheb_destroy(w.s);
  return status;
}

void com_cheb_destroy(com_cheb *s) {
  if (!s) return;
  free(s->p);
  free(s);
}

static const panel *find(const com_cheb *s, double x) {
  size_t lo = 0, hi = s->n - 1;
  while (lo < hi) {
    const size_t mid = (lo + hi + 1) / 2;
    if (x >= s->p[mid].a)
      lo = mid;
    else
      hi = mid - 1;
  }
  return &s->p[lo];
}

static double local(const panel *p, double x) { return (2 * x - p->a - p->b) / (p->b - p->a); }

double com_cheb_value(const com_cheb *s, double x) {
  const panel *p = find(s, x);
  return clenshaw(p->c, POINTS, local(p, x));
}

/* T_k' = k U_(k-1), by Clenshaw's recurrence for U. */
double com_cheb_slope(const com_cheb *s, double x) {
  const panel *p = find(s, x);
  const double t = local(p, x);
  double b1 = 0, b2 = 0;
  for (int k = POINTS - 1; k > 0; k--) {
    const double b0 = k * p->c[k] + 2 * t * b1 - b2;
    b2 = b1;
    b1 = b0;
  }
  return 2 * b1 / (p->b - p->a);
}

double com_cheb_integral(const com_cheb *s, double x) {
  const panel *p = find(s, x);
  return p->start + clenshaw(p->q, POINTS + 1, local(p, x));
}

size_t com_cheb_panels(const com_cheb *s) { return s->n; }
