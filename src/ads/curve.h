/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file curve.h
 *  h(eta) completed to the whole half line 0 < eta < infinity (L = 1): what was learned on [eta_ir, eta_uv], continued to the horizon by
 *  1/eta + c2 and to the boundary by d - c3 exp(-c4 eta) (arXiv:1809.10536 section IV C), with its integral. */
#ifndef HOLOGRAD_ADS_CURVE_H
#define HOLOGRAD_ADS_CURVE_H
#include "ads/metric.h"

typedef enum ads_curve_ir {
  ADS_CURVE_IR_AUTO,
  ADS_CURVE_IR_NONE,
  ADS_CURVE_IR_POLE,
  ADS_CURVE_IR_SHIFT
} ads_curve_ir;
typedef enum ads_curve_uv {
  ADS_CURVE_UV_AUTO,
  ADS_CURVE_UV_NONE,
  ADS_CURVE_UV_EXP,
  ADS_CURVE_UV_STEP
} ads_curve_uv;

/** Options of the two continuations: rows "ir" and "uv" of a background of type h. */
typedef struct ads_curve_ir_opts {
  int type;
  double c1, c2, window;
} ads_curve_ir_opts; /**< NAN: fitted */
typedef struct ads_curve_uv_opts {
  int type;
  double c3, c4, window;
} ads_curve_uv_opts;
extern const com_field ads_curve_ir_fields[];
extern const com_field ads_curve_uv_fields[];

/** h and dh/deta where they are known. */
typedef void (*ads_curve_fn)(double eta, double *h, double *dh, void *user);

typedef struct ads_curve_spec {
  double d, eta_ir, eta_uv; /**< fn is trusted on [eta_ir, eta_uv]; continuation "none" uses it beyond */
  ads_curve_ir_opts ir;
  ads_curve_uv_opts uv;
  size_t n_kinks;
  const double *kinks; /**< places where fn is not smooth; [in] */
  ads_curve_fn fn;
  void *user; /**< [keep] */
} ads_curve_spec;

/** What the completion did.  eta below is the shifted coordinate (horizon at 0): eta = eta_of_fn - c1. */
typedef struct ads_curve_info {
  double d, c1, c2, c3, c4;   /**< NAN where not used */
  int ir, uv;                 /**< the continuation in use (never AUTO) */
  int uv_value_only;          /**< the slope at eta_uv points away from d: c4 = d was taken */
  double join_ir, join_uv;    /**< fn is used between these; 0 and INFINITY with "none" */
  double far;                 /**< beyond it h = d to rounding */
  double J, J_ir, J_fn, J_uv; /**< int_0^inf (h - d coth d eta) deta and the parts of its three regions */
  double known_lo, known_hi;  /**< the span of fn, shifted */
} ads_curve_info;

typedef struct ads_curve ads_curve;
/** COM_E_NUM with an explanation when there is no horizon to continue to or h does not approach d. */
com_status ads_curve_create(com_ctx *c, const ads_curve_spec *spec, ads_curve **out);
void ads_curve_destroy(ads_curve *s);
const ads_curve_info *ads_curve_facts(const ads_curve *s);
/** h, dh/deta and integral I(eta) = int_0^eta (h - d coth d eta'); dh or integral may be NULL. */
void ads_curve_at(const ads_curve *s, double eta, double *h, double *dh, double *integral);
/** Break points 0 < ... < far at which a derivative of h may jump, ends included. @param n [out] @return borrowed */
const double *ads_curve_breaks(const ads_curve *s, size_t *n);
#endif
