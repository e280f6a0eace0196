/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Source and expectation value of an operator of dimension D+ (1802.08313 eq. (9), L = 1, e = eta_uv):
 *     phi =  J exp(-D- e) + O exp(-D+ e)/(D+ - D-),   pi = dphi/de,   D+- = d/2 +- sqrt(d^2/4 + m2). */
#include <math.h>
#include <string.h>
#include "ads/dictionary.h"

static com_status check(com_ctx *ctx, const void *o, double d, double m2) {
  (void)o;
  COM_CHECK(ctx, d * d / 4 + m2 > 0, COM_E_CONFIG,
            "dictionary.type = \"generic\": d = %g, m2 = %g is at or below the Breitenlohner-Freedman bound "
            "m2 = %g, where the "
            "two falloffs coincide; raise bulk.m2",
            d, m2, -d * d / 4);
  return COM_OK;
}

/* phi = a J + b O, pi = -D- a J - D+ b O. */
typedef struct falloff {
  double lo, hi, a, b;
} falloff;
static falloff falloffs(const ads_uv *at) {
  const double root = sqrt(at->d * at->d / 4 + at->m2), lo = at->d / 2 - root, hi = at->d / 2 + root;
  return (falloff){lo, hi, exp(-lo * at->eta_uv), exp(-hi * at->eta_uv) / (hi - lo)};
}

static int uv(const void *o, const double *par, const ads_uv *at, size_t n, const double *s, const double *r,
              double *y0) {
  (void)o, (void)par;
  const falloff f = falloffs(at);
  int bad = 0;
  for (size_t i = 0; i < n; i++) {
    y0[i] = f.a * s[i] + f.b * r[i];
    y0[n + i] = -f.lo * f.a * s[i] - f.hi * f.b * r[i];
    bad |= !isfinite(y0[i]) || !isfinite(y0[n + i]);
  }
  return bad;
}

static int uv_jac(const void *o, const double *par, const ads_uv *at, size_t n, const double *s,
                  const double *r, double *ds, double *dr, double *dpar, double *dlambda, double *dhuv) {
  (void)o, (void)par, (void)s, (void)r, (void)dpar;
  const falloff f = falloffs(at);
  for (size_t i = 0; i < n; i++) {
    if (ds) ds[i] = f.a, ds[n + i] = -f.lo * f.a;
    if (dr) dr[i] = f.b, dr[n + i] = -f.hi * f.b;
  }
  if (dlambda) memset(dlambda, 0, 2 * n * sizeof *dlambda);
  if (dhuv) memset(dhuv, 0, 2 * n * sizeof *dhuv);
  return 0;
}

/* D+- move by +-1/(2 root), the gap by 1/root. */
static int uv_m2(const void *o, const double *par, const ads_uv *at, size_t n, const double *s,
                 const double *r, double *dm2) {
  (void)o, (void)par;
  const falloff f = falloffs(at);
  const double gap = f.hi - f.lo, e = at->eta_uv, dhi = 1 / gap, dlo = -dhi;
  const double da = -e * dlo * f.a, db = -e * dhi * f.b - f.b * (2 / gap) / gap;
  for (size_t i = 0; i < n; i++) {
    dm2[i] = da * s[i] + db * r[i];
    dm2[n + i] = -(dlo * f.a + f.lo * da) * s[i] - (dhi * f.b + f.hi * db) * r[i];
  }
  return 0;
}

const ads_dictionary_ops ads_dictionary_generic = {
    .c = {.name = "generic",
          .doc = "source and response of an operator of dimension D+ from d and m2",
          .ref = "arXiv:1802.08313 eq. (9)"},
    .check = check,
    .uv = uv,
    .uv_jac = uv_jac,
    .at_boundary = 1,
    .uv_m2 = uv_m2};
