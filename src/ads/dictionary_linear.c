/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A trained linear map of two laboratory quantities (1802.08313 eq. (12)):
 *     phi = alpha H + beta M,   pi = -D- alpha H - D+ beta M,   D+- = (d/2)(1 +- sqrt|1 + 4 m2/h_uv^2|),
 * the falloffs of an asymptotic region with L = d/h_uv; the modulus is that of the authors' code. */
#include <math.h>
#include <string.h>
#include "ads/dictionary.h"

typedef struct linear_opts {
  double alpha, beta;
} linear_opts;

static const com_field fields[] = {{.key = "alpha",
                                    .doc = "weight of the source; drawn at random when absent",
                                    .unit = "1",
                                    .type = COM_F_REAL,
                                    .off = offsetof(linear_opts, alpha),
                                    .def = NAN},
                                   {.key = "beta",
                                    .doc = "weight of the response; drawn at random when absent",
                                    .unit = "1",
                                    .type = COM_F_REAL,
                                    .off = offsetof(linear_opts, beta),
                                    .def = NAN},
                                   {0}};
static const ads_trainable pars[] = {
    {"alpha", offsetof(linear_opts, alpha), ADS_DRAW_UNIFORM, -1, 1, 0, -1e3, 1e3},
    {"beta", offsetof(linear_opts, beta), ADS_DRAW_UNIFORM, -1, 1, 0, -1e3, 1e3},
    {0}};

/* D+- and their derivatives with respect to h_uv and m2; at the branch point the derivative is cut to zero. */
typedef struct dims {
  double lo, hi, dh, dm2;
} dims;
static dims dims_of(const ads_uv *at) {
  const double x = 1 + 4 * at->m2 / (at->h_uv * at->h_uv), root = sqrt(fabs(x));
  const double slope = root > 0 ? (x < 0 ? -0.5 : 0.5) / root : 0, half = at->d / 2;
  return (dims){.lo = half * (1 - root),
                .hi = half * (1 + root),
                .dh = half * slope * -8 * at->m2 / (at->h_uv * at->h_uv * at->h_uv),
                .dm2 = half * slope * 4 / (at->h_uv * at->h_uv)};
}

static int uv(const void *o, const double *par, const ads_uv *at, size_t n, const double *s, const double *r,
              double *y0) {
  (void)o;
  const dims D = dims_of(at);
  int bad = 0;
  for (size_t i = 0; i < n; i++) {
    y0[i] = par[0] * s[i] + par[1] * r[i];
    y0[n + i] = -D.lo * par[0] * s[i] - D.hi * par[1] * r[i];
    bad |= !isfinite(y0[i]) || !isfinite(y0[n + i]);
  }
  return bad;
}

/* D+ rises and D- falls by the same amount. */
static void spread(const double *par, size_t n, const double *s, const double *r, double by, double *out) {
  for (size_t i = 0; i < n; i++) out[i] = 0, out[n + i] = by * (par[0] * s[i] - par[1] * r[i]);
}

static int uv_jac(const void *o, const double *par, const ads_uv *at, size_t n, const double *s,
                  const double *r, double *ds, double *dr, double *dpar, double *dlambda, double *dhuv) {
  (void)o;
  const dims D = dims_of(at);
  for (size_t i = 0; i < n; i++) {
    if (ds) ds[i] = par[0], ds[n + i] = -D.lo * par[0];
    if (dr) dr[i] = par[1], dr[n + i] = -D.hi * par[1];
    if (!dpar) continue;
    dpar[i] = s[i], dpar[n + i] = -D.lo * s[i];
    dpar[2 * n + i] = r[i], dpar[3 * n + i] = -D.hi * r[i];
  }
  if (dlambda) memset(dlambda, 0, 2 * n * sizeof *dlambda);
  if (dhuv) spread(par, n, s, r, D.dh, dhuv);
  return 0;
}

static int uv_m2(const void *o, const double *par, const ads_uv *at, size_t n, const double *s,
                 const double *r, double *dm2) {
  (void)o;
  spread(par, n, s, r, dims_of(at).dm2, dm2);
  return 0;
}

const ads_dictionary_ops ads_dictionary_linear = {
    .c = {.name = "linear",
          .doc = "phi = alpha H + beta M with trained weights and the falloffs of h_uv and m2",
          .ref = "arXiv:1802.08313 eq. (12)",
          .fields = fields,
          .opt_size = sizeof(linear_opts)},
    .n_par = 2,
    .par = pars,
    .uv = uv,
    .uv_jac = uv_jac,
    .at_boundary = 1,
    .uv_m2 = uv_m2};
