/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/report_words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ads/units.h"
#include "common/text.h"

static const double AGREE = 2;

static double num(const cJSON *j, const char *key) { return com_json_num(com_json_get(j, key), NAN); }

/* "8 of 8 starts agree" counts the finished starts whose chi2 (or loss) is within AGREE of the lowest. */
static void count_starts(const cJSON *starts, size_t *done, size_t *good, double *best) {
  *done = com_json_size(starts);
  *good = 0;
  *best = INFINITY;
  for (int pass = 0; pass < 2; pass++)
    for (size_t i = 0; i < *done; i++) {
      const cJSON *e = com_json_at(starts, i);
      double v = num(e, "chi2");
      if (!isfinite(v)) v = num(e, "loss");
      if (pass == 0)
        *best = fmin(*best, v);
      else
        *good += v <= *best + AGREE;
    }
}

/* The shape of h: end values, and the dip when the minimum lies inside. */
static void words_metric(com_text *t, const cJSON *metric, const char *name) {
  const cJSON *eta = com_json_get(metric, "eta"), *h = com_json_get(metric, "h");
  const size_t n = com_json_size(h);
  if (n < 3) return;
  size_t lowest = 0;
  for (size_t i = 1; i < n; i++)
    if (com_json_num(com_json_at(h, i), NAN) < com_json_num(com_json_at(h, lowest), NAN)) lowest = i;
  const double uv = com_json_num(com_json_at(h, n - 1), NAN), ir = com_json_num(com_json_at(h, 0), NAN);
  const double eta_uv = com_json_num(com_json_at(eta, n - 1), NAN),
               eta_ir = com_json_num(com_json_at(eta, 0), NAN);
  com_text_printf(t, "%s: h = %.3g at the boundary end (eta = %.3g)", name, uv, eta_uv);
  if (lowest > 0 && lowest < n - 1)
    com_text_printf(t, ", a dip to %.3g at eta = %.3g", com_json_num(com_json_at(h, lowest), NAN),
                    com_json_num(com_json_at(eta, lowest), NAN));
  com_text_printf(t, ", %.3g at the horizon end (eta = %.3g).\n", ir, eta_ir);
}

static void words_parameters(com_text *t, const cJSON *p) {
  for (size_t i = 0; i < com_json_size(p); i++) {
    const cJSON *v = com_json_at(p, i);
    const char *key = com_json_key(v);
    if (com_json_is_number(v)) {
      const int length = strstr(key, "dictionary") && key[strlen(key) - 1] == 'L';
      com_text_printf(t, "    %-20s %.6g", key, com_json_num(v, NAN));
      if (length) com_text_printf(t, " GeV^-1 = %.4g fm", ADS_UNITS_HBARC * com_json_num(v, NAN));
      com_text_add(t, "\n");
      continue;
    }
    com_text_printf(t, "    %-20s", key);
    for (size_t k = 0; k < com_json_size(v); k++)
      com_text_printf(t, " %.6g", com_json_num(com_json_at(v, k), NAN));
    com_text_printf(t, "\n");
  }
}

/* "m_q [GeV]" of an inline dataset, or what stands for it. */
static void column_name(const cJSON *data, const char *axis, char out[64]) {
  const cJSON *a = com_json_get(data, axis);
  const char *unit = com_json_str(com_json_get(a, "unit"), "1");
  const int has = strcmp(unit, "1") != 0;
  snprintf(out, 64, "%.30s%s%.20s%s", com_json_str(com_json_get(a, "name"), axis), has ? " [" : "",
           has ? unit : "", has ? "]" : "");
}

static void words_predictions(com_text *t, const cJSON *list, const cJSON *data) {
  char source[64], response[64];
  if (com_json_size(list) == 0) return;
  column_name(data, "source", source);
  column_name(data, "response", response);
  com_text_printf(t, "    %16s %16s %12s %12s %8s\n", source, response, "error", "predicted", "pull");
  for (size_t i = 0; i < com_json_size(list); i++) {
    const cJSON *e = com_json_at(list, i);
    com_text_printf(t, "    %16.6g %16.6g %12.3g %12.6g %8.2f\n", num(e, "source"), num(e, "response"),
                    num(e, "error"), num(e, "predicted_response"), num(e, "pull"));
  }
}

static void words_directions(com_text *t, const cJSON *r) {
  const cJSON *s = com_json_get(r, "singular_values");
  if (!com_json_is_number(com_json_get(r, "n_determined"))) return;
  com_text_printf(
      t,
      "The data determine %.0f of the %.0f trained numbers (singular values of d prediction / d parameters, "
      "in units of the errors:",
      num(r, "n_determined"), num(r, "n_trained"));
  for (size_t k = 0; k < com_json_size(s) && k < 4; k++)
    com_text_printf(t, " %.3g", com_json_num(com_json_at(s, k), NAN));
  com_text_add(t, num(r, "n_determined") < num(r, "n_trained") ? "); penalties and starts set the rest.\n"
                                                               : ").\n");
}

static void words(com_text *t, const cJSON *doc, double seconds) {
  const cJSON *r = com_json_get(doc, "result"), *data = com_json_get(com_json_get(doc, "config"), "dataset");
  size_t done = 0, good = 0;
  double best = 0;
  count_starts(com_json_get(r, "starts"), &done, &good, &best);
  com_text_printf(t, "Metric learned from %.0f points", num(r, "n_data"));
  if (com_json_is_object(data))
    com_text_printf(t, " of %s", com_json_str(com_json_get(data, "name"), "the dataset"));
  if (seconds > 0) com_text_printf(t, " in %.2g s", seconds);
  com_text_printf(t, "; stopped by %s after %.0f iterations of %zu start%s.\n",
                  com_json_str(com_json_get(r, "stop"), "?"), num(r, "iterations"), done,
                  done == 1 ? "" : "s");
  if (isfinite(num(r, "chi2")))
    com_text_printf(t,
                    "chi2 = %.4g for %.0f points (response direction), chi2/n = %.3g, loss = %.4g; %zu of "
                    "%zu starts agree.\n",
                    num(r, "chi2"), num(r, "n_data"), num(r, "chi2") / num(r, "n_data"), num(r, "loss"), good,
                    done);
  else
    com_text_printf(t, "loss = %.4g; %zu of %zu starts agree.\n", num(r, "loss"), good, done);
  words_parameters(t, com_json_get(r, "parameters"));
  words_predictions(t, com_json_get(r, "predictions"), data);
  for (size_t i = 0; i < com_json_size(r); i++) {
    const cJSON *m = com_json_at(r, i);
    const char *key = com_json_key(m);
    if (strncmp(key, "metric", 6) == 0) words_metric(t, m, key);
  }
  words_directions(t, r);
}

com_status ads_report_words(com_ctx *c, const cJSON *doc, double seconds, char **text) {
  com_text t = {0};
  words(&t, doc, seconds);
  return com_text_take(c, &t, text);
}
