/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file dataset_plot.h  The picture of a dataset. */
#ifndef HOLOGRAD_ADS_DATASET_PLOT_H
#define HOLOGRAD_ADS_DATASET_PLOT_H
#include "ads/dataset.h"
#include "common/svg.h"

/** Response over source with errors, and the exact response where the dataset's provenance has a scan that knows it;
 *  or labelled points, on and off shell.  @param out [out] com_svg_destroy it, also after a failure */
com_status ads_dataset_plot(com_ctx *c, const ads_dataset *d, com_svg **out);

#endif
