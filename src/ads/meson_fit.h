/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file meson_fit.h
 *  A meson background trained from masses (arXiv:2005.02636): residuals and their Jacobian as one pure function, and a fit of the four
 *  profile parameters with any optimiser of common/optim that takes them. */
#ifndef HOLOGRAD_ADS_MESON_FIT_H
#define HOLOGRAD_ADS_MESON_FIT_H
#include "ads/meson.h"
#include "common/optim.h"

/** Measured masses of one sector, n = 0, 1, ...; GeV.  Only rho and a2 can be trained on. */
typedef struct ads_meson_target {
  ads_meson_sector sector;
  size_t n;
  const double *mass;
} ads_meson_target;

typedef struct ads_meson_fit_spec {
  const ads_profile_ops *profile;
  size_t n_targets;
  const ads_meson_target *target;
  double rel_error; /**< of every mass: unit of the residuals */
  size_t points;    /**< of the coarsest grid */
  int starts;       /**< 1: the soft wall through the first two masses; further ones with other bends */
} ads_meson_fit_spec;

size_t ads_meson_fit_n_res(const ads_meson_fit_spec *s);
/** r = (m - m_measured)/(rel_error m_measured) and J[n_res][4] (NULL allowed) at par = k_1, a_1, k_2, a_2. */
com_status ads_meson_fit_residuals(com_ctx *c, const ads_meson_fit_spec *s, const double *par, double *r,
                                   double *J);
/** @param optimizer an optimiser that wants residuals (lm)  @param out par set  @param chi2 sum r^2 at out */
com_status ads_meson_fit_run(com_ctx *c, const ads_meson_fit_spec *s, const com_choice *optimizer,
                             ads_profile *out, double *chi2);
#endif
