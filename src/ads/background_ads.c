/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pure AdS: f = g = exp(2 eta), no horizon, eta from -infinity. */
#include <math.h>
#include <stdlib.h>
#include "ads/background.h"

static com_status create(com_ctx *ctx, const void *opts, const ads_background_shared *sh,
                         ads_background_info *info, void **self) {
  (void)opts;
  COM_CHECK(ctx, isnan(sh->T), COM_E_CONFIG, "background: T = %g: type \"ads\" has no temperature; remove it",
            sh->T);
  info->tl = NAN;
  info->lo = -INFINITY;
  info->far = INFINITY;
  COM_ALLOC(ctx, *self = malloc(1));
  return COM_OK;
}

static void at(const void *self, double eta, ads_geometry *out) {
  (void)self;
  *out = (ads_geometry){.lnf = 2 * eta, .lng = 2 * eta, .dlnf = 2, .dlng = 2};
}

static double length(const void *self, double eta) {
  (void)self;
  return exp(eta);
}

const ads_background_ops ads_background_ads = {
    .c = {.name = "ads", .doc = "pure AdS: f = g = exp(2 eta), no horizon", .ref = "arXiv:hep-th/9803002"},
    .create = create,
    .destroy = free,
    .at = at,
    .length = length};
