/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file background_conformal.h  The meson background: its profile and chiral sector. */
#ifndef HOLOGRAD_ADS_BACKGROUND_CONFORMAL_H
#define HOLOGRAD_ADS_BACKGROUND_CONFORMAL_H
#include "ads/meson.h"
/** Rows of the block "chiral". */
typedef struct ads_background_conformal_chiral {
  double mq, sigma, L, Nc, zc, k1, k2;
} ads_background_conformal_chiral;
/** The meson sector of a background document of type conformal (COM_E_CONFIG for other types); k may be NAN: to be trained. */
com_status ads_background_conformal_meson(com_ctx *c, const char *file, const cJSON *doc, ads_meson *out);
#endif
