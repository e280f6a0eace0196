/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file dictionary.h
 *  Dictionary: (source, response) of the boundary theory -> initial state of the bulk field at eta_uv, units L = 1 inside. */
#ifndef HOLOGRAD_ADS_DICTIONARY_H
#define HOLOGRAD_ADS_DICTIONARY_H
#include "ads/trainable.h"
#include "common/field.h"

typedef struct ads_dictionary_shared {
  com_strings train;
  int coordinates; /**< ads_coordinates */
} ads_dictionary_shared;
typedef struct ads_uv {
  double d, m2, lambda, eta_uv, h_uv;
} ads_uv;

typedef struct ads_dictionary_ops {
  com_component c;
  size_t n_par;
  int at_boundary; /**< 1: eta_uv is the boundary, so eta must fall from there; 0: any direction (a time) */
  const ads_trainable *par;                /**< n_par rows, {0}-ended; qcd: L */
  const char *source_unit, *response_unit; /**< units required ("GeV", "GeV^3"); NULL = any */
  /** COM_E_CONFIG when the map does not hold for this bulk field (qcd: d = 4, m2 = -3); NULL = holds for all. */
  com_status (*check)(com_ctx *ctx, const void *o, double d, double m2);
  /** y0[2][n]: phi, pi at eta_uv.  Returns 0, or 1 when not representable. */
  int (*uv)(const void *o, const double *par, const ads_uv *at, size_t n, const double *s, const double *r,
            double *y0);
  /** Derivatives, each [2][n] (dpar: [n_par][2][n]); any may be NULL. */
  int (*uv_jac)(const void *o, const double *par, const ads_uv *at, size_t n, const double *s,
                const double *r, double *ds, double *dr, double *dpar, double *dlambda, double *dhuv);
  /** Derivative with respect to m2, [2][n], for bulk equations that train it; NULL = the map does not depend on m2. */
  int (*uv_m2)(const void *o, const double *par, const ads_uv *at, size_t n, const double *s, const double *r,
               double *dm2);
} ads_dictionary_ops;

extern const com_kind ads_dictionary_kind;
typedef struct ads_dictionary {
  const ads_dictionary_ops *ops;
  const void *opts;
} ads_dictionary;
com_status ads_dictionary_bind(com_ctx *c, const com_choice *ch, ads_dictionary *out);
#endif
