/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file gradcheck.h  The check of every gradient of a config against fourth-order central differences. */
#ifndef HOLOGRAD_ADS_GRADCHECK_H
#define HOLOGRAD_ADS_GRADCHECK_H
#include "ads/fit.h"
#include "common/table.h"

/** Rows: quantity, error at rel_tol min(config, 1e-12) (the verdict), error at the config's own tolerance (information).  Quantities:
 *  dF/d(parameters), dF/d(source), dF/d(response) over all points, the loss proper over all parameters, and, for a loss that is a sum of
 *  squares, the residual Jacobian of its first and last stage.  error = max|analytic - difference| / max|difference|.
 *  @param worst [out] largest verdict error  @param table [out] caller destroys */
com_status ads_gradcheck_run(com_ctx *c, const ads_config *cfg, const char *file, const cJSON *parameters,
                             com_table **table, double *worst);
#endif
