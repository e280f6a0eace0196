/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file infer_quantity.h  The numbers that people ask for, as functions of q: couplings, h at given eta, the depth of the dip of h, the
 *  screening distance.  Profiles, bootstraps, studies and calibrations share the list. */
#ifndef HOLOGRAD_ADS_INFER_QUANTITY_H
#define HOLOGRAD_ADS_INFER_QUANTITY_H
#include "ads/infer_space.h"
#include "common/json.h"

typedef enum ads_infer_quantity_kind {
  ADS_INFER_SCALAR,
  ADS_INFER_H,
  ADS_INFER_DIP,
  ADS_INFER_SCREENING
} ads_infer_quantity_kind;

typedef struct ads_infer_quantity {
  ads_infer_quantity_kind kind;
  char name[112];   /**< "dictionary.L", "h(0.3)", "dip", "screening"; of a joint fit "h(0.3)[T207]" */
  const char *unit; /**< static */
  size_t group, off;
  double eta;
  int log; /**< positive: steps are taken in its logarithm */
} ads_infer_quantity;

typedef struct ads_infer_quantities {
  size_t n;
  ads_infer_quantity *v;
  cJSON *config; /**< of the fit, for backgrounds */
} ads_infer_quantities;

/** All trained scalars; per group h at eta[], the dip, the screening distance (with_screening).  @param out [out] finish it */
com_status ads_infer_quantity_init(com_ctx *c, ads_fit *fit, size_t n_eta, const double *eta,
                                   int with_screening, ads_infer_quantities *out);
void ads_infer_quantity_finish(ads_infer_quantities *l);
/** Value of quantity k at q; NAN: this q has none (no horizon to continue to).  Safe in threads with contexts of their own. */
com_status ads_infer_quantity_value(com_ctx *c, const ads_infer_quantities *l, ads_fit *fit,
                                    const ads_infer_space *space, size_t k, const double *q, double *value);
/** Its derivative by q[n of the space] (set): exact, for the screening distance by central differences. */
com_status ads_infer_quantity_gradient(com_ctx *c, const ads_infer_quantities *l, ads_fit *fit,
                                       const ads_infer_space *space, size_t k, const double *q,
                                       double *gradient);
#endif
