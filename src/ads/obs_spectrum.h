/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file obs_spectrum.h  Meson masses: settings of the command `spectrum`, tables, training with several profiles. */
#ifndef HOLOGRAD_ADS_OBS_SPECTRUM_H
#define HOLOGRAD_ADS_OBS_SPECTRUM_H
#include "ads/background_conformal.h"
#include "ads/meson_fit.h"
#include "ads/observable.h"

/** The block "spectrum". */
typedef struct ads_obs_spectrum_opts {
  com_strings sectors, profiles;
  int n, points, train, train_rho, train_a2, starts;
  double shoot_tol, agree, rel_error;
  com_choice optimizer;
  cJSON *masses; /**< path or object {"rho":[...],"a2":[...],"a1","f0"} */
} ads_obs_spectrum_opts;

extern const ads_observable_ops ads_obs_spectrum;

/** Masses by sector from the option `masses` (path relative to file); m[s] heap, n[s] entries, NAN = not known. */
typedef struct ads_obs_spectrum_data {
  size_t n[ADS_MESON_SECTORS];
  double *m[ADS_MESON_SECTORS];
} ads_obs_spectrum_data;
com_status ads_obs_spectrum_masses_read(com_ctx *c, const char *file, const cJSON *masses,
                                        ads_obs_spectrum_data *out);
void ads_obs_spectrum_masses_free(ads_obs_spectrum_data *d);
/** Table of masses. file: for paths in o->masses */
com_status ads_obs_spectrum_table(com_ctx *c, const ads_obs_spectrum_opts *o,
                                  const ads_obs_spectrum_data *data, const ads_meson *m, com_table *out);
#endif
