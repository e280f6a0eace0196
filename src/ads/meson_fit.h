/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file meson_fit.h
 *  A meson background trained from masses (arXiv:2005.02636): residuals and their Jacobian as one pure function, and the fit of the four
 *  profile parameters as a task for the trainer. */
#ifndef HOLOGRAD_ADS_MESON_FIT_H
#define HOLOGRAD_ADS_MESON_FIT_H
#include "ads/meson.h"
#include "ads/task.h"

enum { ADS_MESON_FIT_STARTS = 6 }; /**< at most */

/** Measured masses of one sector, n = 0, 1, ...; GeV.  Only rho and a2 can be trained on. */
typedef struct ads_meson_target {
  ads_meson_sector sector;
  size_t n;
  const double *mass;
} ads_meson_target;

typedef struct ads_meson_fit_spec {
  const char *file;         /**< for messages */
  const ads_profile *given; /**< its shape is trained; where its k are numbers, it is the first start */
  size_t n_targets;
  const ads_meson_target *target;
  double rel_error; /**< of every mass: unit of the residuals */
  size_t points;    /**< of the coarsest grid */
  int starts;       /**< the soft wall through the first two masses, with different bends */
  const com_choice *optimizer;
} ads_meson_fit_spec;

size_t ads_meson_fit_n_res(const ads_meson_fit_spec *s);
/** r = (m - m_measured)/(rel_error m_measured) and J[n_res][4] (NULL allowed) at par = k_1, a_1, k_2, a_2. */
com_status ads_meson_fit_residuals(com_ctx *c, const ads_meson_fit_spec *s, const double *par, double *r,
                                   double *J);

typedef struct ads_meson_fit ads_meson_fit;
/** @param s copied; what it points to is kept */
com_status ads_meson_fit_create(com_ctx *c, const ads_meson_fit_spec *s, ads_meson_fit **out);
void ads_meson_fit_destroy(ads_meson_fit *f);
/** Parameters "profile.k" and "profile.a", two numbers each. @param f [keep] */
ads_task ads_meson_fit_task(ads_meson_fit *f);
/** The profile with the parameters full[4] of the task. */
void ads_meson_fit_profile(const ads_meson_fit *f, const double *full, ads_profile *out);
#endif
