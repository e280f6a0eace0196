/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/study.h"

#include <string.h>
#include "ads/infer.h"
#include "ads/report.h"

#define INT(key, doc, def, lo, hi)                                                                           \
  { #key, doc, "1", COM_F_INT, offsetof(ads_study_opts, key), def, lo, hi, NULL, NULL, 0 }
#define REAL(key, doc, unit, def, lo, hi)                                                                    \
  { #key, doc, unit, COM_F_REAL, offsetof(ads_study_opts, key), def, lo, hi, NULL, NULL, 0 }

static const char *const types[] = {"replicas", "calibration", NULL};

const com_field ads_study_opts_fields[] = {
    {"type",
     "replicas: bias and pulls of refits of data drawn from one truth; calibration: ranks of truths drawn "
     "from the prior",
     NULL, COM_F_ENUM, offsetof(ads_study_opts, type), 0, 0, 0, types, "replicas", 0},
    INT(n, "replicas or datasets; 0: 100 replicas, 200 datasets", 0, 0, 1e6),
    INT(starts, "random starts of each fit; calibration, 0: chains start at the truth", 1, 0, 1000),
    {"eta", "where h is watched; not given: 0.3", "L", COM_F_REALS, offsetof(ads_study_opts, eta), 0, 1e-6,
     1e6, NULL, NULL, 0},
    {"screening", "watch the screening distance as well", NULL, COM_F_BOOL,
     offsetof(ads_study_opts, screening), 1, 0, 0, NULL, NULL, 0},
    REAL(range,
         "calibration: truths have responses within this factor of the config's data, unless "
         "infer.prior.range says another",
         "1", 3, 1.01, 1e6),
    INT(warmup, "calibration: warm-up transitions of a chain", 300, 20, 1e6),
    INT(draws, "calibration: draws of a chain; doubled until ess is reached, three times at most", 700, 50,
        1e6),
    INT(levels, "calibration: thinned draws of a chain: ranks are 0..levels", 49, 9, 1e4),
    REAL(ess, "calibration: effective draws of every quantity", "1", 100, 10, 1e6),
    {0}};

size_t ads_study_n(const ads_study_opts *o) {
  return o->n ? (size_t)o->n : o->type == ADS_STUDY_REPLICAS ? 100 : 200;
}

com_status ads_study_opts_read(com_ctx *c, const char *file, const cJSON *block, ads_study_opts *out) {
  cJSON *none = block ? NULL : com_json_object();
  COM_CHECK(c, block || none, COM_E_MEM, "out of memory");
  const com_status s =
      com_field_read(c, COM_E_CONFIG, ads_study_opts_fields, file, "study", block ? block : none, out);
  com_json_free(none);
  return s;
}

static com_status run(com_ctx *c, ads_fit *fit, const cJSON *parameters, const ads_study_opts *o,
                      const ads_infer_opts *infer, const char *checkpoint, const char *resume, int *good,
                      cJSON **out) {
  com_choice flow = {0};
  com_pool *pool = NULL;
  com_status status = COM_OK;
  *good = 1;
  COM_ALLOC(c, *out = com_json_object());
  COM_GOTO(done, ads_infer_flow(c, ads_fit_config(fit), infer, &flow));
  COM_GOTO(done, com_pool_create(c, com_ctx_threads(c), &pool));
  const ads_study s = {c, fit, parameters, o, infer, &flow, pool, checkpoint, resume};
  COM_GOTO(done, com_json_add(c, *out, "type", com_json_string(types[o->type])));
  status = o->type == ADS_STUDY_CALIBRATION ? ads_study_calibrate(&s, good, *out)
                                            : ads_study_replicas(&s, good, *out);
done:
  com_pool_destroy(pool);
  com_field_choice_finish(&ads_flow_kind, &flow);
  if (status) {
    com_json_free(*out);
    *out = NULL;
  }
  return status;
}

com_status ads_study_document(com_ctx *c, const char *file, ads_fit *fit, const cJSON *parameters,
                              const char *checkpoint, const char *resume, cJSON **doc) {
  const ads_config *cfg = ads_fit_config(fit);
  ads_infer_opts infer;
  ads_study_opts o;
  cJSON *result = NULL;
  int good = 1;
  *doc = NULL;
  COM_TRY(ads_infer_opts_read(c, file, cfg->infer, &infer));
  com_status s = ads_study_opts_read(c, file, cfg->study, &o);
  if (!s) {
    s = run(c, fit, parameters, &o, &infer, checkpoint, resume, &good, &result);
    com_field_finish(ads_study_opts_fields, &o);
  }
  com_field_finish(ads_infer_opts_fields, &infer);
  if (!s) s = ads_report_wrap(c, fit, "holograd/study/1", result, doc);
  if (!s && !good) s = COM_FAIL(c, COM_E_NEGATIVE, "not calibrated: see the quantities marked in the output");
  return s;
}
