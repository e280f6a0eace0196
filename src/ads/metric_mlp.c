/* SPDX-License-Identifier: GPL-3.0-or-later */
/* h(eta) = pole/eta + N(x), x = (2 eta - eta_uv - eta_ir)/(eta_uv - eta_ir), N a network of `depth` hidden layers of `width`
 * tanh units and a linear output:  a_0 = x,  a_l = tanh(W_l a_(l-1) + b_l),  N = v a_depth + c.
 * With the value the derivative is carried forward, a_l' = (1 - a_l^2) W_l a_(l-1)', and both are pulled back together.
 * theta = [c | v | (W_l, b_l) for l = 1..depth], W_l row by row. */
#include <math.h>
#include <string.h>
#include "ads/metric.h"

typedef struct mlp_opts {
  int width, depth;
  double pole;
} mlp_opts;
enum { MAX_WIDTH = 32, MAX_DEPTH = 3 };

static const com_field fields[] = {{.key = "width",
                                    .doc = "units per hidden layer",
                                    .unit = "1",
                                    .type = COM_F_INT,
                                    .off = offsetof(mlp_opts, width),
                                    .def = 6,
                                    .lo = 1,
                                    .hi = MAX_WIDTH},
                                   {.key = "depth",
                                    .doc = "hidden layers",
                                    .unit = "1",
                                    .type = COM_F_INT,
                                    .off = offsetof(mlp_opts, depth),
                                    .def = 1,
                                    .lo = 1,
                                    .hi = MAX_DEPTH},
                                   {.key = "pole",
                                    .doc = "residue of h at the horizon eta = 0",
                                    .unit = "1",
                                    .type = COM_F_REAL,
                                    .off = offsetof(mlp_opts, pole),
                                    .def = 1},
                                   {0}};

static size_t fan_in(const mlp_opts *o, int l) { return l == 0 ? 1 : (size_t)o->width; }
static size_t count(const mlp_opts *o) {
  size_t n = 1 + (size_t)o->width;
  for (int l = 0; l < o->depth; l++) n += (size_t)o->width * (fan_in(o, l) + 1);
  return n;
}

static com_status n_params(com_ctx *ctx, void *opts, size_t n_given, size_t *n) {
  *n = count(opts);
  COM_CHECK(ctx, n_given == 0 || n_given == *n, COM_E_CONFIG,
            "metric.theta: %zu entries, but width %d and depth %d need %zu; make them agree", n_given,
            ((mlp_opts *)opts)->width, ((mlp_opts *)opts)->depth, *n);
  return COM_OK;
}

/* Activations and their derivatives with respect to x, layer 0 being the input. */
typedef struct pass {
  double a[MAX_DEPTH + 1][MAX_WIDTH], da[MAX_DEPTH + 1][MAX_WIDTH], dz[MAX_DEPTH + 1][MAX_WIDTH];
} pass;

static const double *layer_of(const mlp_opts *o, const double *theta, int l) {
  const double *p = theta + 1 + o->width;
  for (int k = 0; k < l; k++) p += (size_t)o->width * (fan_in(o, k) + 1);
  return p;
}

static void forward(const mlp_opts *o, const double *theta, double x, pass *p, double *v, double *dv) {
  const size_t W = (size_t)o->width;
  p->a[0][0] = x, p->da[0][0] = 1;
  for (int l = 0; l < o->depth; l++) {
    const size_t n = fan_in(o, l);
    const double *w = layer_of(o, theta, l), *b = w + W * n;
    for (size_t j = 0; j < W; j++) {
      double z = b[j], dz = 0;
      for (size_t i = 0; i < n; i++) z += w[j * n + i] * p->a[l][i], dz += w[j * n + i] * p->da[l][i];
      const double a = tanh(z);
      p->a[l + 1][j] = a, p->dz[l + 1][j] = dz, p->da[l + 1][j] = (1 - a * a) * dz;
    }
  }
  *v = theta[0], *dv = 0;
  for (size_t j = 0; j < W; j++)
    *v += theta[1 + j] * p->a[o->depth][j], *dv += theta[1 + j] * p->da[o->depth][j];
}

/* g += wv dN/dtheta + wd dN'/dtheta. */
static void reverse(const mlp_opts *o, const double *theta, const pass *p, double wv, double wd, double *g) {
  const size_t W = (size_t)o->width;
  double ga[MAX_WIDTH], gd[MAX_WIDTH], na[MAX_WIDTH], nd[MAX_WIDTH];
  g[0] += wv;
  for (size_t j = 0; j < W; j++) {
    g[1 + j] += wv * p->a[o->depth][j] + wd * p->da[o->depth][j];
    ga[j] = wv * theta[1 + j], gd[j] = wd * theta[1 + j];
  }
  for (int l = o->depth - 1; l >= 0; l--) {
    const size_t n = fan_in(o, l), off = (size_t)(layer_of(o, theta, l) - theta);
    memset(na, 0, sizeof na), memset(nd, 0, sizeof nd);
    for (size_t j = 0; j < W; j++) {
      const double a = p->a[l + 1][j], s = 1 - a * a, gdz = gd[j] * s;
      const double gz = (ga[j] - 2 * a * gd[j] * p->dz[l + 1][j]) * s;
      for (size_t i = 0; i < n; i++) {
        const double w = theta[off + j * n + i];
        g[off + j * n + i] += gz * p->a[l][i] + gdz * p->da[l][i];
        na[i] += w * gz, nd[i] += w * gdz;
      }
      g[off + W * n + j] += gz;
    }
    memcpy(ga, na, sizeof ga), memcpy(gd, nd, sizeof gd);
  }
}

static double input(const ads_span *s, double eta) {
  return (2 * eta - s->eta_uv - s->eta_ir) / (s->eta_uv - s->eta_ir);
}

static void eval(const void *opts, const ads_span *s, const double *theta, size_t n, const double *eta,
                 double *h, double *dh) {
  const mlp_opts *o = opts;
  pass p;
  for (size_t i = 0; i < n; i++) {
    double v, dv;
    forward(o, theta, input(s, eta[i]), &p, &v, &dv);
    h[i] = v + (o->pole != 0 ? o->pole / eta[i] : 0);
    if (dh) dh[i] = dv * 2 / (s->eta_uv - s->eta_ir) - (o->pole != 0 ? o->pole / (eta[i] * eta[i]) : 0);
  }
}

static void vjp(const void *opts, const ads_span *s, const double *theta, size_t n, const double *eta,
                const double *w, const double *dw, double *g) {
  const mlp_opts *o = opts;
  pass p;
  for (size_t i = 0; i < n; i++) {
    double v, dv;
    forward(o, theta, input(s, eta[i]), &p, &v, &dv);
    reverse(o, theta, &p, w ? w[i] : 0, dw ? dw[i] * 2 / (s->eta_uv - s->eta_ir) : 0, g);
  }
}

/* Output bias like theta_0 of the polynomials; weights of variance 2/fan-in keep tanh out of saturation on [-1,1]. */
static void init(const void *opts, const ads_span *s, com_rng *rng, double *theta) {
  (void)s;
  const mlp_opts *o = opts;
  const size_t W = (size_t)o->width, n = count(o);
  for (size_t k = 0; k < n; k++) theta[k] = com_rng_normal(rng);
  theta[0] += 3;
  for (size_t j = 0; j < W; j++) theta[1 + j] *= 2 / sqrt((double)W);
  for (int l = 0; l < o->depth; l++) {
    double *w = theta + (layer_of(o, theta, l) - theta);
    for (size_t k = 0; k < W * fan_in(o, l); k++) w[k] *= sqrt(2 / (double)fan_in(o, l));
  }
}

const ads_metric_ops ads_metric_mlp = {
    .c = {.name = "mlp",
          .doc = "small tanh network in eta with the horizon pole explicit",
          .ref = "docs/physics.md",
          .fields = fields,
          .opt_size = sizeof(mlp_opts)},
    .n_params = n_params,
    .init = init,
    .eval = eval,
    .vjp = vjp};
