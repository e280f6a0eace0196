/* SPDX-License-Identifier: GPL-3.0-or-later */
/* g = a cosh(2 eta) for d = 4, case (ii) of arXiv:1809.10536 section IV C; a cosh(d eta/2)^(4/d) for general d, the AdS-Schwarzschild
 * form.  With g(0) = a and g -> a 2^(-4/d) exp(2 eta):
 *   boundary  a^d/16 = K^2 exp(2 J)/4,   horizon  K d = 2 pi T L a^((d-1)/2)   =>   a = (4 pi T L/d)^2 exp(2 J). */
#include <math.h>
#include <stdlib.h>
#include "ads/closure.h"

typedef struct closure {
  const ads_curve *curve;
  double d, ln_a, lnk2;
} closure;

static com_status create(com_ctx *ctx, const void *opts, const ads_curve *curve, double tl, void **self) {
  (void)opts;
  const ads_curve_info *o = ads_curve_facts(curve);
  closure *s;
  COM_ALLOC(ctx, s = calloc(1, sizeof *s));
  s->curve = curve;
  s->d = o->d;
  s->ln_a = 2 * log(4 * M_PI * tl / o->d) + 2 * o->J;
  s->lnk2 = o->d * s->ln_a - 2 * o->J - 2 * log(2.0);
  *self = s;
  return COM_OK;
}

static void at(const void *self, double eta, ads_geometry *out) {
  const closure *s = self;
  const double x = 0.5 * s->d * eta, t = tanh(x);
  const double log_cosh = x + log1p(exp(-2 * x)) - log(2.0);
  *out = (ads_geometry){.lng = s->ln_a + 4 / s->d * log_cosh, .dlng = 2 * t, .d2lng = s->d * (1 - t * t)};
  ads_closure_split(s->curve, eta, s->lnk2, out);
}

static size_t constants(const void *self, ads_constant out[ADS_CLOSURE_CONSTANTS]) {
  out[0] = (ads_constant){"a", "g = a cosh(d eta/2)^(4/d)", exp(((const closure *)self)->ln_a)};
  return 1;
}

const ads_closure_ops ads_closure_cosh = {.c = {.name = "cosh",
                                                .doc = "g = a cosh(2 eta) (d = 4), case (ii) of the paper",
                                                .ref = "arXiv:1809.10536"},
                                          .create = create,
                                          .destroy = free,
                                          .at = at,
                                          .constants = constants};
