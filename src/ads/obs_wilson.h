/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file obs_wilson.h  The quark-antiquark potential: settings of the command `potential`, tables, calibration. */
#ifndef HOLOGRAD_ADS_OBS_WILSON_H
#define HOLOGRAD_ADS_OBS_WILSON_H
#include "ads/observable.h"
#include "ads/wilson.h"

typedef enum ads_obs_wilson_scale {
  ADS_OBS_WILSON_SLOPE,
  ADS_OBS_WILSON_NONE,
  ADS_OBS_WILSON_LATTICE
} ads_obs_wilson_scale;

typedef enum ads_obs_wilson_shift {
  ADS_OBS_WILSON_SHIFT_NONE,
  ADS_OBS_WILSON_SHIFT_PLATEAU,
  ADS_OBS_WILSON_SHIFT_POINTS,
  ADS_OBS_WILSON_SHIFT_AUTO
} ads_obs_wilson_shift;

/** The block "potential".  T, closure, frame, lattice are read by the command, which makes the backgrounds. */
typedef struct ads_obs_wilson_opts {
  com_reals eta0, T;
  char *closure, *frame;
  cJSON *lattice, *bands; /**< bands: of an inference, {"potential": table, "screening": {"median", ...}} */
  int calibrate;          /**< ads_obs_wilson_scale */
  double sigma, kappa, constant, fit_from, fit_to, d_min;
  int imaginary, debye, shift; /**< shift: ads_obs_wilson_shift */
} ads_obs_wilson_opts;

extern const ads_observable_ops ads_obs_wilson;

/** V_GeV = kappa V/L + constant, with kappa = L^2/(2 pi alpha'); kappa NAN: not calibrated. */
typedef struct ads_obs_wilson_units {
  double L, kappa, constant;
} ads_obs_wilson_units;
/** The calibration that the options ask for, without a lattice: kappa = sigma L^2/slope. */
ads_obs_wilson_units ads_obs_wilson_calibration(const ads_obs_wilson_opts *o, const ads_background *b,
                                                const ads_wilson_landmarks *at);
/** A smooth curve of the physical branch for plots: n points ascending in d, up to d_max, the screening distance or where f g flattens. */
com_status ads_obs_wilson_curve(com_ctx *c, const ads_background *b, const ads_wilson_landmarks *at, size_t n,
                                ads_wilson_point *out);
#endif
