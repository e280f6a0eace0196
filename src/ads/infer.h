/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file infer.h  What the data determine: identifiability, posterior, bands, model comparison.  The result object of
 *  holograd/inference/1.  docs/inference.md, docs/identifiability.md. */
#ifndef HOLOGRAD_ADS_INFER_H
#define HOLOGRAD_ADS_INFER_H
#include "ads/infer_opts.h"
#include "ads/fit.h"

typedef struct ads_infer_output {
  cJSON *result; /**< the "result" object */
  char *csv;     /**< the draws: chain, draw, parameters, logp, chi2, predictions */
  cJSON *arviz;  /**< the same in the layout of ArviZ' InferenceData JSON */
} ads_infer_output;

/** @param parameters result.parameters of a train result, NULL: the fit is trained first (o->starts starts)
 *  @param out [out] ads_infer_finish it */
com_status ads_infer_run(com_ctx *c, ads_fit *fit, const cJSON *parameters, const ads_infer_opts *o,
                         ads_infer_output *out);
/** The whole of the command: the block "infer" of the fit's config, read and run.
 *  @param draws [out] the draws, without the result; ads_infer_finish it  @param doc [out] holograd/inference/1, caller frees */
com_status ads_infer_document(com_ctx *c, const char *file, ads_fit *fit, const cJSON *parameters,
                              ads_infer_output *draws, cJSON **doc);
void ads_infer_finish(ads_infer_output *o);
/** The integrator of the sampler. @param out [out] com_field_choice_finish(&ads_flow_kind, out) */
com_status ads_infer_flow(com_ctx *c, const ads_config *cfg, const ads_infer_opts *o, com_choice *out);
#endif
