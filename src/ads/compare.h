/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file compare.h
 *  The same data through several flows: what each learns, what the learned metric is worth in another flow, how true its
 *  gradient is, what it costs. */
#ifndef HOLOGRAD_ADS_COMPARE_H
#define HOLOGRAD_ADS_COMPARE_H
#include "ads/config.h"
#include "common/svg.h"
#include "common/table.h"

typedef struct ads_compare_opts {
  int points;           /**< of the common grid of h */
  int repeats;          /**< gradients timed per flow */
  int held_out;         /**< train again without a third of the data, or draw fresh labels */
  com_choice reference; /**< the flow that stands for the continuum */
} ads_compare_opts;
extern const com_field ads_compare_fields[]; /**< of the block "compare" of a train config */

/** Trains every flow of cfg->flows and fills the document holograd/comparison/1.  @param out [out] com_json_free it */
com_status ads_compare_run(com_ctx *c, const ads_config *cfg, cJSON **out);
/** The whole of the command.  @param j [in] a train config, or a result that holds one  @param doc [out] com_json_free it */
com_status ads_compare_document(com_ctx *c, const char *file, const cJSON *j, cJSON **doc);
/** The tables of a comparison as words and picture look them up: n >= 1 flows, one row or column of numbers for each. */
typedef struct ads_compare_tables {
  com_table *flows, *h, *transfer, *cost; /**< h: eta, then one column per flow, then perhaps "truth" */
  size_t n;
} ads_compare_tables;
/** @param doc holograd/comparison/1  @param out [out] ads_compare_tables_finish it, after an error too; COM_E_DATA for a document with other tables */
com_status ads_compare_tables_read(com_ctx *c, const cJSON *doc, ads_compare_tables *out);
void ads_compare_tables_finish(ads_compare_tables *t);
/** The page: prose made from the numbers of the document alone.  @param text [out] caller frees */
com_status ads_compare_words(com_ctx *c, const cJSON *doc, char **text);
/** h of all flows, transfer losses, gradient errors over their cost, distance of every h from the most continuous one.  @param out [out] caller destroys */
com_status ads_compare_plot(com_ctx *c, const cJSON *doc, com_svg **out);
#endif
