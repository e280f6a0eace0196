/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file gradcheck.h  The check of every gradient of a config against fourth-order central differences. */
#ifndef HOLOGRAD_ADS_GRADCHECK_H
#define HOLOGRAD_ADS_GRADCHECK_H
#include "ads/fit.h"
#include "ads/task.h"
#include "common/table.h"

/** Columns: quantity, error at rel_tol min(config, 1e-12) (the verdict), error at the config's own tolerance (information), rows (of the
 *  quantity), without_answer (samples whose derivative is zero by definition), at (the parameters as given; or, for the residuals of the
 *  response direction when they have no root there, the start improved by the loss's basin search).
 *  Quantities: the loss proper; per dataset dF/d(parameters), dF/d(source), dF/d(response) over all points; for a loss that is a sum of
 *  squares the residuals of the loss proper and of the last stage; every penalty.
 *  error = max|analytic - difference| / max|difference|; NAN = not judged, because the gradient vanishes to the rounding of its differences.
 *  @param worst [out] largest verdict error  @param table [out] caller destroys */
com_status ads_gradcheck_run(com_ctx *c, const ads_config *cfg, const char *file, const cJSON *parameters,
                             com_table **table, double *worst);
/** The same table for tasks that are sums of squares and know no tolerance, each at its first start: objective and residuals.
 *  @param task [n] */
com_status ads_gradcheck_tasks(com_ctx *c, size_t n, const ads_task *task, com_table **table, double *worst);
#endif
