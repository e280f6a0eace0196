/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file trainable.h
 *  Scalars of a component that may be trained (bulk.lambda, dictionary.L, ...): where the value lives in the options,
 *  how a start is drawn, which transform and bounds the optimiser uses.  A component lists them in a {0}-ended table. */
#ifndef HOLOGRAD_ADS_TRAINABLE_H
#define HOLOGRAD_ADS_TRAINABLE_H
#include <stddef.h>

typedef enum ads_draw { ADS_DRAW_LOGUNIFORM, ADS_DRAW_UNIFORM, ADS_DRAW_NORMAL } ads_draw;
typedef struct ads_trainable {
  const char *name; /**< "lambda"; the parameter is then "bulk.lambda" */
  size_t off;       /**< of the double in the options struct (default NAN = not given) */
  ads_draw draw;
  double a, b;   /**< LOGUNIFORM: centre, factor; UNIFORM: low, high; NORMAL: mean, sigma */
  int log;       /**< optimised as a logarithm */
  double lo, hi; /**< bounds, natural units */
} ads_trainable;

/** How trained scalars are handed to the optimiser.  AUTO: logarithms (where `log` is set) unless the loss asks for natural. */
typedef enum ads_coordinates {
  ADS_COORDINATES_AUTO,
  ADS_COORDINATES_LOG,
  ADS_COORDINATES_NATURAL
} ads_coordinates;
extern const char *const ads_trainable_coordinates[]; /* names, for field tables */
#endif
