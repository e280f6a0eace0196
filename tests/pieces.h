/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file pieces.h  Components and models from JSON text, for the tests of src/ads. */
#ifndef HOLOGRAD_TESTS_PIECES_H
#define HOLOGRAD_TESTS_PIECES_H
#include "ads/model.h"
#include "test.h"

static inline com_choice pieces_choice(com_ctx *c, const com_kind *k, const char *text) {
  cJSON *j = NULL;
  com_choice ch;
  TEST_OK(c, com_json_parse(c, "test", text, strlen(text), &j));
  TEST_OK(c, com_field_choice_read(c, COM_E_CONFIG, k, "test", k->name, j, &ch));
  com_json_free(j);
  return ch;
}

/** The four choices of a model and the model itself. */
typedef struct pieces {
  com_choice metric, bulk, dictionary, flow;
  ads_model *m;
} pieces;

static inline ads_model_parts pieces_read(com_ctx *c, pieces *p, const char *metric, const char *bulk,
                                          const char *dictionary, const char *flow) {
  p->metric = pieces_choice(c, &ads_metric_kind, metric);
  p->bulk = pieces_choice(c, &ads_bulk_kind, bulk);
  p->dictionary = pieces_choice(c, &ads_dictionary_kind, dictionary);
  p->flow = pieces_choice(c, &ads_flow_kind, flow);
  return (ads_model_parts){&p->metric, &p->bulk, &p->dictionary, &p->flow};
}
static inline void pieces_model(com_ctx *c, pieces *p, com_pool *pool, const char *metric, const char *bulk,
                                const char *dictionary, const char *flow) {
  ads_model_parts parts = pieces_read(c, p, metric, bulk, dictionary, flow);
  p->m = NULL;
  TEST_OK(c, ads_model_create(c, &parts, pool, &p->m));
}
static inline void pieces_finish(pieces *p) {
  ads_model_destroy(p->m);
  com_field_choice_finish(&ads_metric_kind, &p->metric);
  com_field_choice_finish(&ads_bulk_kind, &p->bulk);
  com_field_choice_finish(&ads_dictionary_kind, &p->dictionary);
  com_field_choice_finish(&ads_flow_kind, &p->flow);
}
#endif
