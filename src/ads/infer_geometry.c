/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/infer_geometry.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "ads/background_file.h"

static com_status set_closure(com_ctx *c, cJSON *doc, const char *name) {
  cJSON *j = com_json_object();
  const com_status s = com_json_add(c, j, "type", com_json_string(name));
  if (s) com_json_free(j);
  return s ? s : com_json_add(c, doc, "closure", j);
}

/* The background file of a draw. */
static com_status document(com_ctx *c, const ads_infer_geometry_at *at, const double *q, cJSON **out) {
  const com_params *p = ads_fit_params(at->fit);
  const size_t nf = com_params_n(p);
  double *full = malloc((nf + 1) * sizeof *full);
  *out = NULL;
  COM_ALLOC(c, full);
  memcpy(full, com_params_values(p), nf * sizeof *full);
  ads_infer_space_full(at->space, q, full);
  cJSON *j = com_json_object(), *r = com_json_object(), *docs = NULL, *doc = NULL;
  const double T = ads_infer_space_temperature(at->space, at->group, q);
  com_status s = com_json_add(c, r, "parameters", com_params_json(p, full));
  if (!s) s = com_json_add(c, j, "schema", com_json_string("holograd/train-result/1"));
  if (!s) s = com_json_add(c, j, "config", com_json_copy(at->config));
  if (s)
    com_json_free(r);
  else
    s = com_json_add(c, j, "result", r);
  if (!s) s = ads_background_file_documents(c, "draw", j, &docs);
  if (!s && !(doc = com_json_copy(com_json_at(docs, at->group)))) s = COM_FAIL(c, COM_E_MEM, "out of memory");
  if (!s && isfinite(T)) s = com_json_add(c, doc, "T", com_json_real(T));
  if (s)
    com_json_free(doc);
  else
    *out = doc;
  com_json_free(docs);
  com_json_free(j);
  free(full);
  return s;
}

com_status ads_infer_geometry_stated(com_ctx *c, const ads_infer_geometry_at *at, const double *q, int *yes) {
  cJSON *doc = NULL;
  *yes = 0;
  COM_TRY(document(c, at, q, &doc));
  *yes = com_json_is_number(com_json_get(doc, "T")) && com_json_is_number(com_json_get(doc, "L"));
  com_json_free(doc);
  return COM_OK;
}

com_status ads_infer_geometry_background(com_ctx *c, const ads_infer_geometry_at *at, const double *q,
                                         const char *closure, ads_background **out) {
  cJSON *doc = NULL;
  *out = NULL;
  com_status s = document(c, at, q, &doc);
  if (!s && closure) s = set_closure(c, doc, closure);
  if (!s) s = ads_background_create(c, "draw", doc, out);
  com_json_free(doc);
  return s;
}
