/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file compare_truth.h  The metric that made a generated dataset, read from its provenance. */
#ifndef HOLOGRAD_ADS_COMPARE_TRUTH_H
#define HOLOGRAD_ADS_COMPARE_TRUTH_H
#include "common/json.h"

/** h[n] of the metric in provenance.generated_by at the parameters of provenance.truth.
 *  @param data [in] a dataset document  @param truth [out] borrowed from data; NULL (and h untouched) when the data do not say */
com_status ads_compare_truth(com_ctx *c, const cJSON *data, size_t n, const double *eta, double *h,
                             const cJSON **truth);
#endif
