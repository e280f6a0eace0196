/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file generate.h
 *  Synthetic datasets from a known metric: on-shell pairs (source, response), or labelled points (phi, pi). */
#ifndef HOLOGRAD_ADS_GENERATE_H
#define HOLOGRAD_ADS_GENERATE_H
#include "ads/config.h"

typedef struct ads_generate_opts {
  int kind; /**< response, labelled */
  int n, spacing, all_roots,
      given; /**< response: sources, linear or log; every root, or the one nearest zero */
  double source_min, source_max, response_min, response_max;
  com_reals sources;            /**< instead of n, source_min, source_max */
  double relative_error, error; /**< of the responses: Gaussian noise and stated errors */
  int positives, negatives;     /**< labelled */
  double temperature;           /**< GeV, NAN = not said */
  double phi_min, phi_max, pi_min, pi_max, eps;
  char *name, *title, *source_name, *source_unit, *response_name, *response_unit;
} ads_generate_opts;
extern const com_field ads_generate_fields[]; /**< of the block "generate" of a train config */

/** The dataset, stamped with where it came from (provenance.generated_by, provenance.truth).  Parameters that the config does not give are those of start 1.
 *  @param parameters of a result, overlaid on the config; may be NULL  @param out [out] com_json_free it */
com_status ads_generate_run(com_ctx *c, const ads_config *cfg, const cJSON *parameters, cJSON **out);
/** The whole of the command.  @param j [in] a train config, or a result that holds one  @param doc [out] com_json_free it */
com_status ads_generate_document(com_ctx *c, const char *file, const cJSON *j, cJSON **doc);
#endif
