/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file background.h
 *  A background frozen for observables: ds^2 = -f dt^2 + n^2 deta^2 + g dx^2, units L = 1, boundary at eta -> infinity (f, g ~ e^(2 eta)),
 *  horizon, if any, at eta = 0.  Read from holograd/background/1 or made from a train result; every type is a component. */
#ifndef HOLOGRAD_ADS_BACKGROUND_H
#define HOLOGRAD_ADS_BACKGROUND_H
#include "ads/closure.h"

/** Options that all types share.  The blocks belong to the commands of that name. */
typedef struct ads_background_shared {
  char *schema, *name, *title;
  double T, L; /**< GeV, GeV^-1; NAN: not given */
  cJSON *background, *potential, *spectrum, *gradcheck, *dbm;
} ads_background_shared;

typedef struct ads_background_info {
  const char *type;   /**< "h" */
  double d, T, L, tl; /**< boundary dimension; GeV, GeV^-1, T L; NAN: not known */
  int horizon, string_frame;
  double lo; /**< lower end of eta: 0 at a horizon, -INFINITY, or where the geometry ends */
  double known_lo,
      known_hi; /**< outside, f and g are extrapolated; the types in closed form have -INFINITY, INFINITY */
  double far;   /**< above it f, g = const exp(2 eta) to rounding */
} ads_background_info;

typedef struct ads_background_ops {
  com_component c;
  com_status (*create)(com_ctx *ctx, const void *opts, const ads_background_shared *sh,
                       ads_background_info *info, void **self); /**< opts, sh [keep] */
  void (*destroy)(void *self);
  void (*at)(const void *self, double eta, ads_geometry *out);
  /** int_lo^eta n sqrt f: mass of a straight string; NULL: by quadrature from lo, which must then be finite. */
  double (*length)(const void *self, double eta);
  const double *(*breaks)(const void *self, size_t *n); /**< kinks, ends included; NULL = none */
  const ads_curve *(*curve)(const void *self);          /**< NULL or returns NULL: not made from h */
  const ads_closure *(*closure)(const void *self);      /**< NULL: none */
  /** Where a type has a dilaton: why there is none (NULL: there is one), and its value.  Both NULL: it never has. */
  const char *(*no_dilaton)(const void *self);
  void (*dilaton)(const void *self, double eta, ads_dilaton *out);
} ads_background_ops;

extern const com_kind ads_background_kind;

typedef struct ads_background ads_background;
/** @param j [in] one background document (see ads_background_documents) */
com_status ads_background_create(com_ctx *c, const char *file, const cJSON *j, ads_background **out);
void ads_background_destroy(ads_background *b);
const ads_background_info *ads_background_facts(const ads_background *b);
const char *ads_background_label(const ads_background *b); /**< name, or type with its temperature */
void ads_background_at(const ads_background *b, double eta, ads_geometry *out);
double ads_background_length(const ads_background *b, double eta); /**< int_lo^eta n sqrt f deta */
double ads_background_slope(const ads_background *b, double eta,
                            double *dh); /**< h = d/deta log sqrt(f g^(d-1)) */
const double *ads_background_breaks(const ads_background *b, size_t *n); /**< borrowed; n = 0 when smooth */
const ads_curve *ads_background_curve(const ads_background *b);          /**< NULL when not made from h */
size_t ads_background_constants(const ads_background *b, ads_constant out[ADS_CLOSURE_CONSTANTS]);
/** Einstein frame.  1 and *out, or 0 (ads_background_no_dilaton says why). */
int ads_background_dilaton(const ads_background *b, double eta, ads_dilaton *out);
const char *ads_background_no_dilaton(const ads_background *b); /**< NULL when it has one */
/** Outermost minimum of f g above lo: strings hang only above it. @return 0 when f g rises monotonically */
int ads_background_wall(const ads_background *b, double *eta);
cJSON *ads_background_options(const ads_background *b); /**< the document as read, to be re-run; borrowed */
const ads_background_shared *ads_background_common(const ads_background *b);

/** Null energy condition, monotonicity, horizon, extrapolations: as JSON, and as warnings in the context. @param out [out] */
com_status ads_background_check(com_ctx *c, const ads_background *b, cJSON **out);
#endif
