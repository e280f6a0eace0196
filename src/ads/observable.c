/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/observable.h"

#define ADS_OBS(name) extern const ads_observable_ops ads_obs_##name;
#include "ads/obs_list.h"
#undef ADS_OBS
#define ADS_OBS(name) &ads_obs_##name.c,
static const com_component *const registry[] = {
#include "ads/obs_list.h"
    NULL};
#undef ADS_OBS

static const com_component *const *all(void) { return registry; }

const com_kind ads_observable_kind = {
    .name = "observable", .plural = "observables", .doc = "what is computed in a background", .all = all};

com_status ads_observable_options(com_ctx *c, const ads_observable_ops *o, const char *file,
                                  const char *block, const cJSON *in, void *opts) {
  return com_field_read(c, COM_E_CONFIG, o->c.fields, file, block, in, opts);
}

com_status ads_observable_eval(com_ctx *c, const ads_observable_ops *o, const void *opts,
                               const ads_background *b, com_table **table, cJSON **scalars) {
  com_status status = COM_OK;
  com_table *t = NULL;
  cJSON *s = NULL;
  *table = NULL;
  *scalars = NULL;
  COM_GOTO(fail, com_table_create(c, &t));
  if (!(s = com_json_object())) COM_GOTO(fail, COM_FAIL(c, COM_E_MEM, "out of memory"));
  COM_GOTO(fail, o->eval(c, opts, b, t, s));
  *table = t;
  *scalars = s;
  return COM_OK;
fail:
  com_table_destroy(t);
  com_json_free(s);
  return status;
}
