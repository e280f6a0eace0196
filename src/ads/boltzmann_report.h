/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file boltzmann_report.h  The whole of the command `dbm`: a machine from a file, its kernel, its samples, and the metric back. */
#ifndef HOLOGRAD_ADS_BOLTZMANN_REPORT_H
#define HOLOGRAD_ADS_BOLTZMANN_REPORT_H
#include "common/json.h"

/** @param j [in] any file that holds a machine or a metric (ads_boltzmann_file_config)
 *  @param metric [out] the document of the metric that the weights give; caller frees; NULL: not wanted (but with dbm.metric the result has
 *  it)  @param doc [out] holograd/dbm/1, caller frees */
com_status ads_boltzmann_report_run(com_ctx *c, const char *file, const cJSON *j, cJSON **metric,
                                    cJSON **doc);
/** Layers of the machine that would be built, states that would be drawn. */
com_status ads_boltzmann_report_size(com_ctx *c, const char *file, const cJSON *j, size_t *layers,
                                     long *draws);
#endif
