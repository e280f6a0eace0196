/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file ads.h  The holographic side: datasets, metrics, bulk equations, flows, models, fits, training, reports. */
#ifndef HOLOGRAD_HOLOGRAD_ADS_H
#define HOLOGRAD_HOLOGRAD_ADS_H
#include "ads/config.h"
#include "ads/evaluate.h"
#include "ads/fit.h"
#include "ads/model.h"
#include "ads/onshell.h"
#include "ads/report.h"
#include "ads/report_plot.h"
#include "ads/report_words.h"
#include "ads/trainer.h"
#include "holograd/common.h"
#endif
