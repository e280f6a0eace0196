/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file dataset.h
 *  Datasets holograd/dataset/1 (SPEC section 2): source/response pairs with errors or covariance, a potential V(r) as such
 *  pairs, or labelled points.  Units are
 *  converted to those of the dictionary (GeV based) or refused. */
#ifndef HOLOGRAD_ADS_DATASET_H
#define HOLOGRAD_ADS_DATASET_H
#include "common/field.h"

typedef enum ads_dataset_kind {
  ADS_DATASET_RESPONSE,
  ADS_DATASET_LABELLED,
  ADS_DATASET_POTENTIAL /**< source: distance [fm], response: quark-antiquark potential [GeV] */
} ads_dataset_kind;
typedef struct ads_dataset {
  ads_dataset_kind kind;
  char *name, *title;
  size_t n;
  double *source, *response; /**< [n] in source_unit, response_unit (after conversion) */
  double *error;             /**< [n] one sigma, sqrt of the diagonal of cov; NULL when the file gives none */
  double *cov;               /**< [n][n] or NULL */
  double scale_error;        /**< common relative error of the response; 0 = none */
  double T, T_error;         /**< GeV; NAN when not given */
  char *source_name, *response_name, *source_unit, *response_unit;
  double *phi, *pi;
  int *label;  /**< labelled: [n]; label 0 = on shell, 1 = off shell */
  cJSON *json; /**< the file as read (inlined into results) */
} ads_dataset;

extern const com_field ads_dataset_fields[]; /**< the field table of the file format */
/** From a file or an inline object. base: the file that names it (paths resolve relative to it). [out] caller destroys */
com_status ads_dataset_load(com_ctx *c, const char *base, const cJSON *path_or_object, ads_dataset **out);
com_status ads_dataset_parse(com_ctx *c, const char *file, const cJSON *j, ads_dataset **out);
/** Give a response dataset without errors the relative error `noise` (NAN: leave).  A response of zero cannot have one: COM_E_DATA. */
com_status ads_dataset_noise(com_ctx *c, ads_dataset *d, double noise);
/** Add an independent error to every response, in quadrature; needs errors. */
void ads_dataset_widen(ads_dataset *d, double error);
void ads_dataset_destroy(ads_dataset *d);
/** Convert to the units a dictionary wants ("GeV", "GeV^3"; NULL = leave).  Unit "1" is always allowed. */
com_status ads_dataset_convert(com_ctx *c, ads_dataset *d, const char *source_unit,
                               const char *response_unit);
#endif
