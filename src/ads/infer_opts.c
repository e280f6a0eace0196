/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/infer_opts.h"

#include <string.h>
#include "ads/flow.h"
#include "ads/metric.h"
#include "ads/penalty.h"

#define PRIOR(key, doc, unit, def, lo, hi)                                                                   \
  { #key, doc, unit, COM_F_REAL, offsetof(ads_infer_prior, key), def, lo, hi, NULL, NULL, 0 }
#define INT(key, doc, def, lo, hi)                                                                           \
  { #key, doc, "1", COM_F_INT, offsetof(ads_infer_opts, key), def, lo, hi, NULL, NULL, 0 }

static const com_field prior_fields[] = {
    PRIOR(length, "correlation length in eta of the deviation of h from d coth(d eta)", "L", 0.3, 0.01, 100),
    PRIOR(scale, "size of that deviation, median", "1/L", 4, 1e-6, 1e6),
    PRIOR(scale_spread, "logarithmic spread of the size, which is inferred; 0: the size is fixed", "1", 0.7,
          0, 10),
    PRIOR(theta, "width of each parameter of a metric that is not linear in its parameters", "1", 3, 1e-6,
          1e6),
    PRIOR(temperature_length,
          "joint fits: correlation length of h between groups in temperature; 0: independent", "GeV", 0, 0,
          1e6),
    {"centre", "medians of the logarithmic scalars, means of the others: {\"dictionary.L\": 3}", NULL,
     COM_F_RAW, offsetof(ads_infer_prior, centre), 0, 0, 0, NULL, NULL, 0},
    {"spread", "their (logarithmic) widths: {\"dictionary.L\": 1}", NULL, COM_F_RAW,
     offsetof(ads_infer_prior, spread), 0, 0, 0, NULL, NULL, 0},
    {"factors", "penalties P as factors exp(-weight P / 2); none given: uv_value (0.3) and ir_pole (10)",
     NULL, COM_F_COMPONENTS, offsetof(ads_infer_prior, factors), 0, 0, 0, &ads_penalty_kind, NULL, 0},
    PRIOR(range, "exclude responses further than this factor from the data; 0: none", "1", 0, 0, 1e12),
    PRIOR(width, "multiplies every width of the prior", "1", 1, 1e-3, 1e3),
    {0}};

const com_field ads_infer_opts_fields[] = {
    {"prior", "what is assumed beside the data", NULL, COM_F_OBJECT, offsetof(ads_infer_opts, prior), 0, 0, 0,
     prior_fields, NULL, 0},
    INT(chains, "chains per mode", 4, 1, 1000),
    INT(warmup, "warm-up transitions of a chain", 1000, 20, 1e7),
    INT(draws, "draws of a chain", 1000, 8, 1e7),
    INT(max_depth, "at most 2^max_depth - 1 steps per draw", 10, 1, 20),
    INT(starts, "independent starts in the search of modes", 8, 1, 1000),
    {"accept", "wanted mean acceptance", "1", COM_F_REAL, offsetof(ads_infer_opts, accept), 0.95, 0.5, 0.999,
     NULL, NULL, 0},
    {"flow", "integrator of the sampler; not given: rk when the config's flow is cvodes, else the config's",
     NULL, COM_F_COMPONENT, offsetof(ads_infer_opts, flow), 0, 0, 0, &ads_flow_kind, NULL, 0},
    {"check",
     "largest relative difference of the predicted responses between that integrator and the config's at "
     "rel_tol 1e-11",
     "1", COM_F_REAL, offsetof(ads_infer_opts, check), 1e-8, 1e-14, 1, NULL, NULL, 0},
    INT(bands, "draws that are carried on to f, g, V(d) and V(Phi); 0: none", 200, 0, 1e6),
    INT(eta_points, "values of eta of the bands", 41, 2, 10000),
    {"credible", "probability of the bands (beside 68 %)", "1", COM_F_REAL,
     offsetof(ads_infer_opts, credible), 0.9, 0.5, 0.999, NULL, NULL, 0},
    {"sensitivity", "repeat the posterior with doubled prior widths", NULL, COM_F_BOOL,
     offsetof(ads_infer_opts, sensitivity), 1, 0, 0, NULL, NULL, 0},
    {"design", "rank what further data would add", NULL, COM_F_BOOL, offsetof(ads_infer_opts, design), 1, 0,
     0, NULL, NULL, 0},
    INT(profile, "points of the profile of each quantity; 0: no profiles", 15, 0, 1001),
    {"eta", "where h is profiled and bootstrapped; not given: 0.3", "L", COM_F_REALS,
     offsetof(ads_infer_opts, eta), 0, 1e-6, 1e6, NULL, NULL, 0},
    INT(bootstrap, "replicas of each bootstrap; 0: none", 200, 0, 1e6),
    {"refit", "leave-one-out from new chains where its Pareto shape is above 0.7", NULL, COM_F_BOOL,
     offsetof(ads_infer_opts, refit), 1, 0, 0, NULL, NULL, 0},
    {"families", "metrics to compare with the config's, by leave-one-out, WAIC and evidence", NULL,
     COM_F_COMPONENTS, offsetof(ads_infer_opts, families), 0, 0, 0, &ads_metric_kind, NULL, 0},
    {0}};

/* h(eta_uv) = d +- 0.3; h(eta_ir) = 1/eta_ir +- 10. */
static const char default_factors[] =
    "[{\"type\":\"uv_value\",\"weight\":11.1111111111111},{\"type\":\"ir_pole\",\"weight\":0.01}]";

com_status ads_infer_opts_read(com_ctx *c, const char *file, const cJSON *block, ads_infer_opts *out) {
  cJSON *j = block ? com_json_copy(block) : com_json_object(), *factors = NULL;
  com_status status = j ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  const cJSON *prior = com_json_get(j, "prior");
  if (!status && !com_json_get(prior, "factors")) {
    if (!prior) status = com_json_add(c, j, "prior", com_json_object());
    if (!status) status = com_json_parse(c, file, default_factors, strlen(default_factors), &factors);
    if (!status && com_json_is_object(com_json_get(j, "prior")))
      status = com_json_add(c, com_json_edit(j, "prior"), "factors", factors);
    else
      com_json_free(factors); /* the reader below says what is wrong with the block */
  }
  if (!status) status = com_field_read(c, COM_E_CONFIG, ads_infer_opts_fields, file, "infer", j, out);
  com_json_free(j);
  return status;
}
