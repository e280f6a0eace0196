/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file evaluate.h
 *  One forward pass at given parameters (holograd/evaluation/1), and the check of every gradient of a config. */
#ifndef HOLOGRAD_ADS_EVALUATE_H
#define HOLOGRAD_ADS_EVALUATE_H
#include "ads/fit.h"
#include "common/table.h"

/** The parameters of a config or result: given values (result.parameters win), what is missing from start 1. full[n] set. */
com_status ads_evaluate_parameters(com_ctx *c, ads_fit *f, const char *file, const cJSON *parameters,
                                   double *full);
/** Flat evaluation document: points, loss, gradient; with jacobian != 0 dpi_ir per point. [out] */
com_status ads_evaluate_run(com_ctx *c, ads_fit *f, const double *full, int jacobian, cJSON **out);
/** The whole of the command.  @param parameters [in] of a result, may be NULL  @param doc [out] caller frees */
com_status ads_evaluate_document(com_ctx *c, const char *file, ads_fit *f, const cJSON *parameters,
                                 int jacobian, cJSON **doc);
#endif
