/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file study.h
 *  Studies of a config by data that are made up: bias and pulls over replicas of a truth, and simulation-based calibration (Talts et al.,
 *  arXiv:1804.06788) of the posterior that `infer` draws from.  The result object of holograd/study/1.  docs/inference.md. */
#ifndef HOLOGRAD_ADS_STUDY_H
#define HOLOGRAD_ADS_STUDY_H
#include "ads/infer_opts.h"
#include "ads/infer_quantity.h"
#include "common/pool.h"
#include "common/svg.h"

typedef enum ads_study_type { ADS_STUDY_REPLICAS, ADS_STUDY_CALIBRATION } ads_study_type;

/** The block "study" of a train config. */
typedef struct ads_study_opts {
  int type, n;   /**< ads_study_type; replicas or datasets, 0: 100 or 200 */
  int starts;    /**< random starts of each fit */
  com_reals eta; /**< where h is watched; none given: 0.3 */
  int screening; /**< calibration: watch the screening distance */
  double range;  /**< calibration: truths whose responses are within this factor of the config's data */
  int warmup, draws, levels; /**< calibration: of a chain; thinned draws, ranks are 0..levels */
  double ess;                /**< calibration: effective draws that every quantity must have */
} ads_study_opts;

extern const com_field ads_study_opts_fields[];
/** Block "study" of a config (NULL: defaults). @param out [out] com_field_finish(ads_study_opts_fields, out) */
com_status ads_study_opts_read(com_ctx *c, const char *file, const cJSON *block, ads_study_opts *out);

/** Replicas or datasets, with the default of the type. */
size_t ads_study_n(const ads_study_opts *o);

typedef struct ads_study {
  com_ctx *c;
  ads_fit *fit;
  const cJSON *parameters; /**< result.parameters of a train result; NULL: replicas are fitted first */
  const ads_study_opts *o;
  const ads_infer_opts *infer;
  const com_choice *flow; /**< of the posterior */
  com_pool *pool;
  const char *checkpoint, *resume; /**< files or NULL */
} ads_study;

/** The whole of the command: the blocks "study" and "infer" of the fit's config, read and run.
 *  @param parameters result.parameters of a train result; NULL: replicas are fitted first
 *  @param checkpoint, resume files or NULL
 *  @param doc [out] holograd/study/1, caller frees; also with COM_E_NEGATIVE: not calibrated */
com_status ads_study_document(com_ctx *c, const char *file, ads_fit *fit, const cJSON *parameters,
                              const char *checkpoint, const char *resume, cJSON **doc);
com_status ads_study_words(com_ctx *c, const cJSON *doc, char **text);
com_status ads_study_words_plot(com_ctx *c, const cJSON *doc, com_svg **out);

/* private to study*.c */
com_status ads_study_calibrate(const ads_study *s, int *good, cJSON *out);
com_status ads_study_replicas(const ads_study *s, int *good, cJSON *out);
#endif
