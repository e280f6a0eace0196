/* SPDX-License-Identifier: GPL-3.0-or-later */
/* h(eta) = pole/eta + S(eta): S runs through theta_k at n equally spaced knots from eta_uv to eta_ir, straight between them
 * ("linear") or a natural cubic spline ("cubic"): with second derivatives M, M_0 = M_(n-1) = 0 and
 *     M_(k-1) + 4 M_k + M_(k+1) = 6 (theta_(k-1) - 2 theta_k + theta_(k+1)) / D^2,
 *     S = a theta_k + b theta_(k+1) + D^2/6 [(a^3 - a) M_k + (b^3 - b) M_(k+1)],   b = (eta - eta_k)/D = 1 - a. */
#include <math.h>
#include <string.h>
#include "ads/metric.h"

typedef struct spline_opts {
  int n, kind;
  double pole, mean, sigma;
} spline_opts;
enum { DEFAULT_N = 11, MAX_N = 256, LINEAR = 0, CUBIC = 1 };
static const char *const kinds[] = {"linear", "cubic", NULL};

static const com_field fields[] = {
    {.key = "n",
     .doc = "number of knots; 0: the length of theta, or 11",
     .unit = "1",
     .type = COM_F_INT,
     .off = offsetof(spline_opts, n),
     .def = 0,
     .lo = 0,
     .hi = MAX_N},
    {.key = "kind",
     .doc = "straight pieces or a natural cubic spline",
     .type = COM_F_ENUM,
     .off = offsetof(spline_opts, kind),
     .aux = kinds,
     .sdef = "cubic"},
    {.key = "pole",
     .doc = "residue of h at the horizon eta = 0",
     .unit = "1",
     .type = COM_F_REAL,
     .off = offsetof(spline_opts, pole),
     .def = 0},
    {.key = "start_mean",
     .doc = "random starts: mean of each knot value; the boundary value d when absent",
     .unit = "1",
     .type = COM_F_REAL,
     .off = offsetof(spline_opts, mean),
     .def = NAN},
    {.key = "start_sigma",
     .doc = "random starts: standard deviation",
     .unit = "1",
     .type = COM_F_REAL,
     .off = offsetof(spline_opts, sigma),
     .def = 1,
     .lo = 0,
     .hi = 1e6},
    {0}};

static com_status n_params(com_ctx *ctx, void *opts, size_t n_given, size_t *n) {
  spline_opts *o = opts;
  const size_t want = o->n > 0 ? (size_t)o->n : n_given > 0 ? n_given : DEFAULT_N;
  COM_CHECK(ctx, n_given == 0 || n_given == want, COM_E_CONFIG,
            "metric.n = %d: theta has %zu entries; make them agree or leave n out", o->n, n_given);
  COM_CHECK(ctx, want >= 2 && want <= MAX_N, COM_E_CONFIG, "metric.n = %zu: a spline needs 2 to %d knots",
            want, (int)MAX_N);
  o->n = (int)want;
  *n = want;
  return COM_OK;
}

static double step_of(const spline_opts *o, const ads_span *s) {
  return (s->eta_ir - s->eta_uv) / (o->n - 1);
}

/* Solves the interior system tridiag(1, 4, 1) x = r in place; x[0] = x[n-1] = 0. */
static void solve(size_t n, double *x) {
  double c[MAX_N], prev = 0;
  x[0] = x[n - 1] = 0;
  c[0] = 0;
  for (size_t k = 1; k + 1 < n; k++) {
    const double pivot = 4 - c[k - 1];
    c[k] = 1 / pivot;
    prev = x[k] = (x[k] - prev) / pivot;
  }
  for (size_t k = n - 2; k > 0; k--) x[k] -= c[k] * x[k + 1];
}

/* M/6 D^2 of the knot values. */
static void curvature(const spline_opts *o, const double *theta, double *m) {
  const size_t n = (size_t)o->n;
  memset(m, 0, n * sizeof *m);
  if (o->kind == LINEAR) return;
  for (size_t k = 1; k + 1 < n; k++) m[k] = theta[k - 1] - 2 * theta[k] + theta[k + 1];
  solve(n, m);
}

typedef struct place {
  size_t k;
  double a, b;
} place;
static place locate(const spline_opts *o, const ads_span *s, double eta) {
  const double x = (eta - s->eta_uv) / step_of(o, s), last = o->n - 2, k = fmin(fmax(floor(x), 0), last);
  return (place){.k = (size_t)k, .a = 1 - (x - k), .b = x - k};
}

static void eval(const void *opts, const ads_span *s, const double *theta, size_t n, const double *eta,
                 double *h, double *dh) {
  const spline_opts *o = opts;
  double m[MAX_N];
  curvature(o, theta, m);
  for (size_t i = 0; i < n; i++) {
    const place p = locate(o, s, eta[i]);
    const double a = p.a, b = p.b, m0 = m[p.k], m1 = m[p.k + 1];
    h[i] = a * theta[p.k] + b * theta[p.k + 1] + (a * a * a - a) * m0 + (b * b * b - b) * m1;
    if (o->pole != 0) h[i] += o->pole / eta[i];
    if (!dh) continue;
    dh[i] = (theta[p.k + 1] - theta[p.k] - (3 * a * a - 1) * m0 + (3 * b * b - 1) * m1) / step_of(o, s);
    if (o->pole != 0) dh[i] -= o->pole / (eta[i] * eta[i]);
  }
}

static void vjp(const void *opts, const ads_span *s, const double *theta, size_t n, const double *eta,
                const double *w, const double *dw, double *g) {
  (void)theta; /* h is linear in theta */
  const spline_opts *o = opts;
  const double D = step_of(o, s);
  double m[MAX_N] = {0}; /* dl/dM, then the tridiagonal matrix is symmetric: the same solve pulls it back */
  for (size_t i = 0; i < n; i++) {
    const place p = locate(o, s, eta[i]);
    const double a = p.a, b = p.b, wh = w ? w[i] : 0, wd = dw ? dw[i] / D : 0;
    g[p.k] += a * wh - wd;
    g[p.k + 1] += b * wh + wd;
    m[p.k] += (a * a * a - a) * wh - (3 * a * a - 1) * wd;
    m[p.k + 1] += (b * b * b - b) * wh + (3 * b * b - 1) * wd;
  }
  if (o->kind == LINEAR) return;
  solve((size_t)o->n, m);
  for (size_t k = 1; k + 1 < (size_t)o->n; k++) g[k - 1] += m[k], g[k] -= 2 * m[k], g[k + 1] += m[k];
}

static void init(const void *opts, const ads_span *s, com_rng *rng, double *theta) {
  const spline_opts *o = opts;
  for (int k = 0; k < o->n; k++)
    theta[k] = (isnan(o->mean) ? s->d : o->mean) + o->sigma * com_rng_normal(rng);
}

static size_t kinks(const void *opts, const ads_span *s, size_t max, double *eta) {
  const spline_opts *o = opts;
  size_t n = 0;
  for (int k = 1; o->kind == LINEAR && k + 1 < o->n && n < max; k++) eta[n++] = s->eta_uv + k * step_of(o, s);
  return n;
}

static size_t nodes(const void *opts, const ads_span *s, int layers, double *first, double *step) {
  const spline_opts *o = opts;
  *first = s->eta_uv, *step = step_of(o, s);
  return layers || o->pole != 0 ? 0 : (size_t)o->n;
}

const ads_metric_ops ads_metric_spline = {
    .c = {.name = "spline",
          .doc = "linear or natural cubic spline through trainable knot values",
          .ref = "de Boor, A Practical Guide to Splines",
          .fields = fields,
          .opt_size = sizeof(spline_opts)},
    .n_params = n_params,
    .init = init,
    .eval = eval,
    .vjp = vjp,
    .kinks = kinks,
    .nodes = nodes};
