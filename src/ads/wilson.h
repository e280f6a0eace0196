/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file wilson.h
 *  The rectangular Wilson loop: a string hanging from the boundary to its turning point eta0.  d in units of L, V in L/(2 pi alpha'),
 *  slopes in 1/(2 pi alpha').  docs/potential.md. */
#ifndef HOLOGRAD_ADS_WILSON_H
#define HOLOGRAD_ADS_WILSON_H
#include "ads/background.h"

typedef struct ads_wilson_point {
  double eta0;
  double d, V;  /**< NAN: no string hangs at eta0 */
  double force; /**< dV/dd = sqrt(f g) at eta0 */
  double im_V;  /**< imaginary part by thermal fluctuations; NAN where it is not defined */
} ads_wilson_point;

/** Where things happen on the physical branch, the one that is connected with the boundary (eta0 -> infinity).  NAN: does not happen. */
typedef struct ads_wilson_landmarks {
  double wall, slope;               /**< minimum of f g, sqrt(f g) there */
  double d_max, d_max_eta0;         /**< largest distance of a connected string */
  double screening, screening_eta0; /**< V = 0: two straight strings cost as little */
  double im_onset, im_onset_eta0;   /**< where the imaginary part sets in */
  double lowest;    /**< the physical branch is eta0 > lowest (wall, d_max or the lower end of eta) */
  int other_branch; /**< d rises again below lowest: a second branch of connected strings exists */
} ads_wilson_landmarks;

/** Relative accuracy 1e-10 or better; a failure of the quadrature is COM_E_NUM, no string at eta0 is NAN. */
com_status ads_wilson_at(com_ctx *c, const ads_background *b, double eta0, ads_wilson_point *out);
com_status ads_wilson_find(com_ctx *c, const ads_background *b, ads_wilson_landmarks *out);
/** Turning point of the physical branch at distance d. @return COM_E_NUM when d is out of its range */
com_status ads_wilson_turning_point(com_ctx *c, const ads_background *b, const ads_wilson_landmarks *at,
                                    double d, ads_wilson_point *out);

/** V = C - (alpha/d) exp(-mu d) + (sigma/mu) (1 - exp(-mu d)): screened Cornell form (Karsch, Mehr, Satz 1988), fitted to V(d) of the
 *  physical branch between a fifth of the screening distance and the screening distance. mu = NAN: no screening is seen there. */
typedef struct ads_wilson_debye {
  double mu, alpha, sigma, constant, rms;
} ads_wilson_debye;
com_status ads_wilson_debye_fit(com_ctx *c, const ads_background *b, const ads_wilson_landmarks *at,
                                ads_wilson_debye *out);
#endif
