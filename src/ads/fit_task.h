/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file fit_task.h  The fit of metric, couplings and dictionary as a task for the trainer. */
#ifndef HOLOGRAD_ADS_FIT_TASK_H
#define HOLOGRAD_ADS_FIT_TASK_H
#include "ads/fit.h"
#include "ads/task.h"
/** @param fit [keep]; the number of starts is that of its config now */
ads_task ads_fit_task(ads_fit *fit);
#endif
