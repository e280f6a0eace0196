/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file boltzmann_file.h
 *  A machine of the bulk field from a file and back (schema holograd/dbm/1): the metric of a train result or of a background file gives
 *  the weights, and weights give a metric that `evaluate` and `background` read. */
#ifndef HOLOGRAD_ADS_BOLTZMANN_FILE_H
#define HOLOGRAD_ADS_BOLTZMANN_FILE_H
#include "ads/boltzmann_sample.h"

/** Block "dbm" of a config, a background or a machine file. */
typedef struct ads_boltzmann_file_opts {
  int layers, rule, update, chains, draws, warmup;
  double eta_uv, eta_ir; /**< NAN: of the file */
  double m2, lambda;     /**< NAN: of the bulk in the file */
  double k, omega;       /**< momentum and frequency on the boundary */
  double step;           /**< of layers in Poincare's z */
  double N, source;      /**< source NAN: the visible layer is free */
  int metric;            /**< the result holds the metric that the weights give */
} ads_boltzmann_file_opts;

/** Block "poincare": AdS_(d+1) in z instead of a file. */
typedef struct ads_boltzmann_file_poincare {
  double d, m2, z0;
} ads_boltzmann_file_poincare;

typedef struct ads_boltzmann_file {
  char *schema;
  com_seed seed;
  cJSON *origin; /**< train config or background document; NULL: poincare */
  ads_boltzmann_file_poincare poincare;
  ads_boltzmann_file_opts dbm;
} ads_boltzmann_file;
extern const com_field ads_boltzmann_file_fields[], ads_boltzmann_file_opts_fields[];

/** Any file that holds a machine or a metric -> the config of a machine. @param out [out] */
com_status ads_boltzmann_file_config(com_ctx *c, const char *file, const cJSON *j, cJSON **out);
/** The machine; eta[layers + 1] of its layers (z in Poincare's coordinates), caller frees. */
com_status ads_boltzmann_file_build(com_ctx *c, const char *file, const ads_boltzmann_file *f,
                                    ads_boltzmann *out, double **eta);
/** The weights that a result states. @param out [out] ads_boltzmann_finish it */
com_status ads_boltzmann_file_weights(com_ctx *c, const char *file, const cJSON *result, ads_boltzmann *out);
cJSON *ads_boltzmann_file_weights_json(com_ctx *c, const ads_boltzmann *b);
/** The origin with the metric that the weights give: a train config with its theta, or a background of type h (through theta where there
 *  is a metric, else through samples). @param worst [out] largest |h - h of the weights| */
com_status ads_boltzmann_file_metric(com_ctx *c, const char *file, const ads_boltzmann_file *f,
                                     const ads_boltzmann *b, cJSON **out, double *worst);
#endif
