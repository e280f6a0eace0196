/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file labels.h
 *  Labelled points for the classifier: label 0 = on shell (positive), 1 = off shell (negative), from a measured curve by the band
 *  recipe of 1802.08313 and 1809.10536, or as given by a labelled dataset. */
#ifndef HOLOGRAD_ADS_LABELS_H
#define HOLOGRAD_ADS_LABELS_H
#include "ads/dataset.h"
#include "common/field.h"
#include "common/rng.h"

/** The band recipe: polynomial fit f of the response, points uniform in a box, positive when |r - f(s)| < |N(0, noise)|. */
typedef struct ads_labels_band {
  int points;   /**< half positive, half negative */
  int degree;   /**< of the least-squares polynomial */
  double noise; /**< response units; NAN: 4 % of the largest response, one digit */
  double source_max,
      response_max; /**< box from 0 (or the lowest datum if negative); NAN: largest datum, two digits up */
} ads_labels_band;
extern const com_field ads_labels_fields[];

/** The fitted curve: Chebyshev series on [lo, hi]. */
typedef struct ads_labels_curve {
  size_t n;
  double lo, hi, c[32];
} ads_labels_curve;

typedef struct ads_labels {
  size_t n;
  int bulk;      /**< x, y are (phi, pi) at eta_uv rather than (source, response) */
  double *x, *y; /**< [n] */
  double *label; /**< [n] 0 or 1 */
} ads_labels;

/** Unweighted least squares of response(source); COM_E_CONFIG when the degree is not below the number of points. */
com_status ads_labels_fit(com_ctx *c, const ads_dataset *d, int degree, ads_labels_curve *out);
double ads_labels_curve_at(const ads_labels_curve *f, double s);
/** The band with its absent entries filled from the data. */
ads_labels_band ads_labels_resolve(const ads_labels_band *b, const ads_dataset *d);
/** Half on-shell, half off-shell points. @param out [out] ads_labels_destroy it */
com_status ads_labels_draw(com_ctx *c, const ads_dataset *d, const ads_labels_band *b, com_rng *rng,
                           ads_labels **out);
/** A copy of a labelled dataset. */
com_status ads_labels_copy(com_ctx *c, const ads_dataset *d, ads_labels **out);
void ads_labels_destroy(ads_labels *l);
#endif
