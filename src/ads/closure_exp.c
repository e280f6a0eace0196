/* SPDX-License-Identifier: GPL-3.0-or-later */
/* g = c5 exp(2 eta): case (i) of arXiv:1809.10536 section IV C.  Eliminating the matching point of eqs. (31)-(33):
 *   boundary  f/g -> 1:             c5^d = K^2 exp(2 J)/4
 *   horizon   f -> (2 pi T L eta)^2: K d  = 2 pi T L c5^((d-1)/2)
 *   => c5 = exp(2 J) (pi T L/d)^2. */
#include <math.h>
#include <stdlib.h>
#include "ads/closure.h"

typedef struct closure {
  const ads_curve *curve;
  double ln_c5, lnk2;
} closure;

static com_status create(com_ctx *ctx, const void *opts, const ads_curve *curve, double tl, void **self) {
  (void)opts;
  const ads_curve_info *o = ads_curve_facts(curve);
  closure *s;
  COM_ALLOC(ctx, s = calloc(1, sizeof *s));
  s->curve = curve;
  s->ln_c5 = 2 * o->J + 2 * log(M_PI * tl / o->d);
  s->lnk2 = o->d * s->ln_c5 - 2 * o->J + 2 * log(2.0);
  *self = s;
  return COM_OK;
}

static void at(const void *self, double eta, ads_geometry *out) {
  const closure *s = self;
  *out = (ads_geometry){.lng = s->ln_c5 + 2 * eta, .dlng = 2, .d2lng = 0};
  ads_closure_split(s->curve, eta, s->lnk2, out);
}

static size_t constants(const void *self, ads_constant out[ADS_CLOSURE_CONSTANTS]) {
  out[0] = (ads_constant){"c5", "g = c5 exp(2 eta)", exp(((const closure *)self)->ln_c5)};
  return 1;
}

const ads_closure_ops ads_closure_exp = {
    .c = {.name = "exp", .doc = "g = c5 exp(2 eta), case (i) of the paper", .ref = "arXiv:1809.10536"},
    .create = create,
    .destroy = free,
    .at = at,
    .constants = constants};
