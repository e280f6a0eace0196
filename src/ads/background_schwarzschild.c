/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AdS-Schwarzschild black brane, d = 4: f = r0^2 sinh^2(2 eta)/cosh(2 eta), g = r0^2 cosh(2 eta); general d (arXiv:1802.08313 for d = 3):
 * f = r0^2 sinh^2(x) cosh^(4/d-2)(x), g = r0^2 cosh^(4/d)(x), x = d eta/2; T L = d r0/(4 pi). */
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include "ads/background.h"

typedef struct options {
  int d;
  double r0;
} options;

static const com_field fields[] = {
    {"d", "dimension of the boundary", "1", COM_F_INT, offsetof(options, d), 4, 2, 10, NULL, NULL, 0},
    {"r0", "horizon radius; 1, or from T and L when these are given", "L", COM_F_REAL, offsetof(options, r0),
     NAN, 0, 1e6, NULL, NULL, COM_FF_LO_OPEN},
    {0}};

typedef struct brane {
  double d, ln_r02;
} brane;

static com_status create(com_ctx *ctx, const void *opts, const ads_background_shared *sh,
                         ads_background_info *info, void **self) {
  const options *o = opts;
  const double d = o->d;
  double r0 = o->r0;
  brane *b;
  if (isnan(r0)) r0 = isfinite(sh->T * sh->L) ? 4 * M_PI * sh->T * sh->L / d : 1;
  const double tl = d * r0 / (4 * M_PI);
  COM_CHECK(ctx, !isfinite(sh->T * sh->L) || fabs(sh->T * sh->L / tl - 1) < 1e-9, COM_E_CONFIG,
            "background: r0 = %g means T L = %.10g, but T L = %.10g; leave out r0, or T", r0, tl,
            sh->T * sh->L);
  info->d = d;
  info->tl = tl;
  info->T = tl / sh->L;
  info->horizon = 1;
  info->lo = 0;
  info->far = 80 / d; /* tanh(d eta/2) = 1 to rounding */
  COM_ALLOC(ctx, b = malloc(sizeof *b));
  *b = (brane){.d = d, .ln_r02 = 2 * log(r0)};
  *self = b;
  return COM_OK;
}

static void at(const void *self, double eta, ads_geometry *out) {
  const brane *b = self;
  const double d = b->d, x = 0.5 * d * eta, t = tanh(x), sech2 = 1 - t * t;
  const double log_cosh = x + log1p(exp(-2 * x)) - log(2.0);
  out->lng = b->ln_r02 + 4 / d * log_cosh;
  out->lnf = out->lng + 2 * log(t);
  out->lnn = 0;
  out->dlng = 2 * t;
  out->d2lng = d * sech2;
  out->dlnf = out->dlng + d * sech2 / t; /* (2 log tanh x)' = d/(sinh x cosh x) */
  out->d2lnf = out->d2lng - 0.5 * d * d * sech2 * (1 + 1 / (t * t));
}

const ads_background_ops ads_background_schwarzschild = {.c = {.name = "schwarzschild",
                                                               .doc = "AdS-Schwarzschild black brane",
                                                               .ref = "arXiv:1802.08313",
                                                               .fields = fields,
                                                               .opt_size = sizeof(options)},
                                                         .create = create,
                                                         .destroy = free,
                                                         .at = at};
