/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "api/trainer.h"
#include <stdlib.h>
#include <string.h>
#include "ads/report.h"

holograd_status holograd_trainer_create(holograd_ctx *c, const char *name, const char *config,
                                        holograd_trainer **out) {
  if (!c || !out) return HOLOGRAD_E_USAGE;
  *out = NULL;
  holograd_trainer *t = calloc(1, sizeof *t);
  if (!t) return holograd_ctx_join(c, NULL, NULL, COM_E_MEM);
  com_status s = holograd_fit_init(c, name, config, &t->f);
  if (!s) s = ads_trainer_create(t->f.c, ads_fit_task(t->f.fit), &t->t);
  const holograd_status status = holograd_fit_join(&t->f, s);
  if (status) {
    holograd_trainer_destroy(t);
    return status;
  }
  *out = t;
  return HOLOGRAD_OK;
}

void holograd_trainer_destroy(holograd_trainer *t) {
  if (!t) return;
  ads_trainer_destroy(t->t);
  holograd_fit_finish(&t->f);
  free(t);
}

holograd_status holograd_trainer_iterate(holograd_trainer *t) {
  const com_stop why = com_ctx_stop(t->f.c);
  if (why) {
    ads_trainer_interrupt(t->t, why);
    return HOLOGRAD_OK;
  }
  return holograd_fit_join(&t->f, ads_trainer_iterate(t->t));
}

holograd_stop holograd_trainer_stop(const holograd_trainer *t) {
  return (holograd_stop)ads_trainer_stop(t->t);
}

void holograd_trainer_state(const holograd_trainer *t, holograd_trainer_progress *out) {
  ads_trainer_progress s;
  ads_trainer_state(t->t, &s);
  *out = (holograd_trainer_progress){.iteration = s.iteration,
                                     .start = s.start,
                                     .n_starts = s.n_starts,
                                     .stage = s.stage,
                                     .n_stages = s.n_stages,
                                     .loss = s.loss,
                                     .best = s.best};
}

holograd_fit *holograd_trainer_fit(holograd_trainer *t) { return &t->f; }
const double *holograd_trainer_best(const holograd_trainer *t) { return ads_trainer_best(t->t); }

static com_status result(holograd_trainer *t, char **text) {
  com_ctx *c = t->f.c;
  cJSON *r = NULL, *doc = NULL;
  COM_TRY(ads_trainer_result(t->t, &r));
  COM_TRY(ads_report_wrap(c, t->f.fit, "holograd/train-result/1", r, &doc));
  return holograd_ctx_text(c, doc, text);
}

holograd_status holograd_trainer_result(holograd_trainer *t, char **text) {
  *text = NULL;
  return holograd_fit_join(&t->f, result(t, text));
}

holograd_status holograd_trainer_save(const holograd_trainer *t, char **text) {
  cJSON *state = NULL;
  holograd_fit *f = (holograd_fit *)&t->f; /* only its context is written to */
  *text = NULL;
  com_status s = ads_trainer_save(t->t, &state);
  if (!s) s = holograd_ctx_text(f->c, state, text);
  return holograd_fit_join(f, s);
}

holograd_status holograd_trainer_load(holograd_trainer *t, const char *text) {
  cJSON *state = NULL;
  const char *name = "state";
  com_status s = holograd_ctx_parse(t->f.c, &name, text, &state);
  if (!s) s = ads_trainer_load(t->t, name, state);
  com_json_free(state);
  return holograd_fit_join(&t->f, s);
}
