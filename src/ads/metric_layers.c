/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One value of h per layer of the papers' network: theta_k belongs to eta_k = eta_uv + k (eta_ir - eta_uv)/n, k = 0..n-1
 * (1802.08313 below eq. (8); 1809.10536: the code's eta_k).  At a layer h is theta_k itself; between layers it is
 * interpolated linearly, beyond the last (and before the first) it is constant, which is what a continuous flow sees. */
#include <math.h>
#include <string.h>
#include "ads/metric.h"

typedef struct layers_opts {
  int n;
  double mean, sigma, pole;
} layers_opts;
enum { DEFAULT_N = 15, MAX_N = 4096 };

static const com_field fields[] = {
    {.key = "n",
     .doc = "number of layers; 0: the length of theta, or 15",
     .unit = "1",
     .type = COM_F_INT,
     .off = offsetof(layers_opts, n),
     .def = 0,
     .lo = 0,
     .hi = MAX_N},
    {.key = "start_mean",
     .doc = "random starts: mean of each value; the boundary value d when absent",
     .unit = "1",
     .type = COM_F_REAL,
     .off = offsetof(layers_opts, mean),
     .def = NAN},
    {.key = "start_sigma",
     .doc = "random starts: standard deviation",
     .unit = "1",
     .type = COM_F_REAL,
     .off = offsetof(layers_opts, sigma),
     .def = 3,
     .lo = 0,
     .hi = 1e6},
    {.key = "start_pole",
     .doc = "random starts: residue of a 1/eta term added to the mean",
     .unit = "1",
     .type = COM_F_REAL,
     .off = offsetof(layers_opts, pole),
     .def = 0},
    {0}};

static com_status n_params(com_ctx *ctx, void *opts, size_t n_given, size_t *n) {
  layers_opts *o = opts;
  const size_t want = o->n > 0 ? (size_t)o->n : n_given > 0 ? n_given : DEFAULT_N;
  COM_CHECK(ctx, n_given == 0 || n_given == want, COM_E_CONFIG,
            "metric.n = %d: theta has %zu entries; make them agree or leave n out", o->n, n_given);
  COM_CHECK(ctx, want <= MAX_N, COM_E_CONFIG, "metric.theta: %zu entries, at most %d are supported", want,
            (int)MAX_N);
  o->n = (int)want;
  *n = want;
  return COM_OK;
}

static double step_of(const layers_opts *o, const ads_span *s) { return (s->eta_ir - s->eta_uv) / o->n; }

/* Layer k and the weight w of layer k+1 at eta; w = 0 at a layer and outside.  Rounding of eta must not mix layers. */
typedef struct place {
  size_t k;
  double w;
  int flat;
} place;
static place locate(const layers_opts *o, const ads_span *s, double eta) {
  const double tiny = 1e-9, x = (eta - s->eta_uv) / step_of(o, s), last = o->n - 1;
  if (!(x > tiny)) return (place){.k = 0, .w = 0, .flat = x < -tiny || o->n == 1};
  if (x >= last - tiny) return (place){.k = (size_t)last, .w = 0, .flat = 1};
  const double k = floor(x + tiny), w = x - k;
  return (place){.k = (size_t)k, .w = w < tiny ? 0 : w, .flat = 0};
}

static void eval(const void *opts, const ads_span *s, const double *theta, size_t n, const double *eta,
                 double *h, double *dh) {
  const layers_opts *o = opts;
  for (size_t i = 0; i < n; i++) {
    const place p = locate(o, s, eta[i]);
    const double rise = p.flat ? 0 : theta[p.k + 1] - theta[p.k];
    h[i] = theta[p.k] + p.w * rise;
    if (dh) dh[i] = rise / step_of(o, s);
  }
}

static void vjp(const void *opts, const ads_span *s, const double *theta, size_t n, const double *eta,
                const double *w, const double *dw, double *g) {
  (void)theta; /* h is linear in theta */
  const layers_opts *o = opts;
  for (size_t i = 0; i < n; i++) {
    const place p = locate(o, s, eta[i]);
    if (w) g[p.k] += w[i];
    if (p.flat) continue;
    const double up = (w ? w[i] * p.w : 0) + (dw ? dw[i] / step_of(o, s) : 0);
    g[p.k + 1] += up;
    g[p.k] -= up;
  }
}

static void init(const void *opts, const ads_span *s, com_rng *rng, double *theta) {
  const layers_opts *o = opts;
  const double mean = isnan(o->mean) ? s->d : o->mean;
  for (int k = 0; k < o->n; k++)
    theta[k] = mean + o->pole / (s->eta_uv + k * step_of(o, s)) + o->sigma * com_rng_normal(rng);
}

static size_t kinks(const void *opts, const ads_span *s, size_t max, double *eta) {
  const layers_opts *o = opts;
  size_t n = 0;
  for (int k = 1; k < o->n && n < max; k++) eta[n++] = s->eta_uv + k * step_of(o, s);
  return n;
}

/* E_reg of 1802.08313 (S.35) and 1809.10536: sum_k eta_k^power (h_(k+1) - h_k)^2. */
static size_t smooth_res(const void *opts, const ads_span *s, double power, const double *theta, double *r,
                         double *J) {
  const layers_opts *o = opts;
  const size_t n = (size_t)o->n;
  if (r && J) memset(J, 0, (n - 1) * n * sizeof *J);
  for (size_t k = 0; r && k + 1 < n; k++) {
    const double root = pow(fabs(s->eta_uv + (double)k * step_of(o, s)), 0.5 * power);
    r[k] = root * (theta[k + 1] - theta[k]);
    if (J) J[k * n + k + 1] = root, J[k * n + k] = -root;
  }
  return n - 1;
}

static size_t nodes(const void *opts, const ads_span *s, int layers, double *first, double *step) {
  (void)layers;
  *first = s->eta_uv, *step = step_of(opts, s);
  return (size_t)((const layers_opts *)opts)->n;
}

const ads_metric_ops ads_metric_layers = {
    .c = {.name = "layers",
          .doc = "one value per layer of a ResNet, piecewise linear in between",
          .ref = "arXiv:1802.08313; arXiv:1809.10536",
          .fields = fields,
          .opt_size = sizeof(layers_opts)},
    .n_params = n_params,
    .init = init,
    .eval = eval,
    .vjp = vjp,
    .kinks = kinks,
    .smooth_res = smooth_res,
    .nodes = nodes};
