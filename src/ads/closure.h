/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file closure.h
 *  Closures: h fixes f g^(d-1) only; a closure says how f and g share it (and, for einstein, gives the dilaton).  All units L = 1.
 *    f g^(d-1) = K^2 sinh^2(d eta) exp(2 I(eta)),   I(eta) = int_0^eta (h - d coth d eta'),
 *  K from f ~ (2 pi T L)^2 eta^2 at the horizon, the split from f/g -> 1 at the boundary.  docs/potential.md. */
#ifndef HOLOGRAD_ADS_CLOSURE_H
#define HOLOGRAD_ADS_CLOSURE_H
#include "ads/curve.h"

/** ds^2 = -f dt^2 + n^2 deta^2 + g dx^2; first and second derivatives are with respect to eta. */
typedef struct ads_geometry {
  double lnf, lng, lnn;
  double dlnf, dlng, d2lnf, d2lng;
} ads_geometry;

/** Dilaton in the normalisation R - (4/(d-1)) (d Phi)^2 + V, Phi(boundary) = 0, Phi >= 0. */
typedef struct ads_dilaton {
  double phi, dphi, V;
} ads_dilaton;

typedef struct ads_constant {
  const char *name, *doc;
  double value;
} ads_constant;
enum { ADS_CLOSURE_CONSTANTS = 4 };

typedef struct ads_closure_ops {
  com_component c;
  /** @param curve [keep]  @param tl T L */
  com_status (*create)(com_ctx *ctx, const void *opts, const ads_curve *curve, double tl, void **self);
  void (*destroy)(void *self);
  void (*at)(const void *self, double eta, ads_geometry *out);
  size_t (*constants)(const void *self, ads_constant out[ADS_CLOSURE_CONSTANTS]);
  /** The dilaton; NULL: the closure has none. */
  void (*dilaton)(const void *self, double eta, ads_dilaton *out);
  /** NULL when Phi exists, else why not (borrowed). */
  const char *(*no_dilaton)(const void *self);
  int string_frame; /**< f and g are those of the string frame already */
} ads_closure_ops;

extern const com_kind ads_closure_kind;

typedef struct ads_closure ads_closure; /**< an instance: ops + self */
com_status ads_closure_create(com_ctx *c, const com_choice *ch, const ads_curve *curve, double tl,
                              ads_closure **out);
void ads_closure_destroy(ads_closure *s);
void ads_closure_at(const ads_closure *s, double eta, ads_geometry *out);
size_t ads_closure_constants(const ads_closure *s, ads_constant out[ADS_CLOSURE_CONSTANTS]);
/** 1 and *out set, or 0 (then ads_closure_no_dilaton says why). */
int ads_closure_dilaton(const ads_closure *s, double eta, ads_dilaton *out);
const char *ads_closure_no_dilaton(const ads_closure *s);
int ads_closure_in_string_frame(const ads_closure *s);
/** log(f g^(d-1)) without K^2: 2 log sinh(d eta) + 2 I, and h, dh; for the components. */
double ads_closure_log_volume(const ads_curve *curve, double eta, double *h, double *dh);
/** Completes a geometry of which lng, dlng, d2lng are set: f = (f g^(d-1))/g^(d-1). */
void ads_closure_split(const ads_curve *curve, double eta, double lnk2, ads_geometry *g);
#endif
