/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file fit.h  What a public fit is inside, for the trainer and for holograd_run(). */
#ifndef HOLOGRAD_API_FIT_H
#define HOLOGRAD_API_FIT_H
#include <holograd/ads.h>
#include "ads/evaluate.h"
#include "api/ctx.h"

struct holograd_fit {
  holograd_ctx *user;
  com_ctx *c;
  size_t seen; /**< warnings carried over to the user's context */
  cJSON *json;
  ads_config cfg;
  const cJSON *parameters; /**< of a result, borrowed from json; NULL for a configuration */
  ads_fit *fit;
};

/** As holograd_fit_create, without carrying a failure over.  @param out [out] holograd_fit_finish it, also after a failure */
com_status holograd_fit_init(holograd_ctx *user, const char *name, const char *config, holograd_fit *out);
void holograd_fit_finish(holograd_fit *f);
/** Carry error and warnings over to the user's context. */
holograd_status holograd_fit_join(holograd_fit *f, com_status s);

#endif
