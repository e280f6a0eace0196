/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file infer_bands.h  From draws to bands: h, predicted responses, f, g, V(d), screening distance, V(Phi). */
#ifndef HOLOGRAD_ADS_INFER_BANDS_H
#define HOLOGRAD_ADS_INFER_BANDS_H
#include "ads/infer_posterior.h"
#include "common/table.h"

/** Median, central 68 % and `credible` band of each column of values[n_draws][m]; NAN entries are left out and counted ("share").
 *  Columns: name, median, lo68, hi68, lo, hi, share. @param out [out] */
com_status ads_infer_bands_table(com_ctx *c, const char *name, const char *unit, const char *value_unit,
                                 size_t m, const double *x, size_t n_draws, const double *values,
                                 double credible, com_table **out);

/** Every `stride`-th draw of a posterior, as one list (chains after each other). */
typedef struct ads_infer_bands_job {
  ads_infer_target *target;
  const double *q, *R; /**< [n_draws][nq], [n_draws][n] */
  size_t n_draws;
  size_t n_eta, n_geometry; /**< values of eta; draws that are carried on to f, g, V */
  double credible;
  com_pool *pool; /**< [keep] may be NULL */
} ads_infer_bands_job;

/** Object {"h", "responses", "scalars", "potential", "f", "g", "V_of_Phi", "screening", ...} of tables and summaries. @param out [out] */
com_status ads_infer_bands(com_ctx *c, const ads_infer_bands_job *job, cJSON **out);
#endif
