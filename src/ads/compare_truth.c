/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/compare_truth.h"
#include <stdlib.h>
#include "ads/model.h"
#include "ads/config.h"

com_status ads_compare_truth(com_ctx *c, const cJSON *data, size_t n, const double *eta, double *h,
                             const cJSON **truth) {
  const cJSON *from = com_json_get(data, "provenance"), *by = com_json_get(from, "generated_by"),
              *values = com_json_get(com_json_get(from, "truth"), "metric.theta"), *unused = NULL;
  ads_config cfg = {0};
  ads_model *m = NULL;
  double *theta = NULL;
  size_t n_theta = 0;
  *truth = NULL;
  if (!by || !values) return COM_OK;
  COM_TRY(ads_config_read(c, "provenance.generated_by", by, &cfg, &unused));
  const ads_model_parts parts = {&cfg.metric, &cfg.bulk, &cfg.dictionary, &cfg.flow};
  com_status s = ads_model_create(c, &parts, NULL, &m);
  if (!s) s = com_json_read_reals(c, "provenance", "truth.metric.theta", values, &theta, &n_theta);
  if (!s && n_theta == ads_model_n_theta(m)) {
    ads_metric_eval(ads_model_metric(m), theta, n, eta, h, NULL);
    *truth = com_json_get(from, "truth");
  }
  free(theta);
  ads_model_destroy(m);
  ads_config_finish(&cfg);
  return s;
}
