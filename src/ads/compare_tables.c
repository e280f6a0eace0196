/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>
#include "ads/compare.h"

com_status ads_compare_tables_read(com_ctx *c, const cJSON *doc, ads_compare_tables *out) {
  const cJSON *r = com_json_get(doc, "result"), *cost = com_json_get(com_json_get(doc, "volatile"), "cost");
  *out = (ads_compare_tables){0};
  COM_TRY(com_table_read(c, "result.flows", com_json_get(r, "flows"),
                         "flow$ loss chi2 held_out gradient_error order starts starts_at_the_best",
                         &out->flows));
  COM_TRY(com_table_read(c, "volatile.cost", cost, "gradient_seconds gradient_bytes training_seconds",
                         &out->cost));
  const size_t n = out->n = com_table_rows(out->flows);
  char first[32];
  snprintf(first, sizeof first, "eta +%zu", n + 1);
  COM_TRY(com_table_read(c, "result.metrics", com_json_get(r, "metrics"), first, &out->h));
  COM_TRY(com_table_read(c, "result.transfer", com_json_get(r, "transfer"), "flow$", &out->transfer));
  const com_table *t = out->transfer;
  int ok = n > 0 && com_table_rows(out->cost) == n && com_table_rows(out->h) > 0 && com_table_rows(t) == n &&
           com_table_cols(t) == n + 1;
  for (size_t i = 0; i < n && ok; i++)
    ok = com_table_values(t, i + 1) &&
         strcmp(com_table_text_at(t, 0, i), com_table_text_at(out->flows, 0, i)) == 0;
  COM_CHECK(c, ok, COM_E_DATA,
            "result: flows, metrics, transfer and volatile.cost: must be of the same flows, with numbers");
  return COM_OK;
}

void ads_compare_tables_finish(ads_compare_tables *t) {
  com_table_destroy(t->flows), com_table_destroy(t->h), com_table_destroy(t->transfer),
      com_table_destroy(t->cost);
}
