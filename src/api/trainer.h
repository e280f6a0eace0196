/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file trainer.h  What a public trainer is inside, for holograd_run(). */
#ifndef HOLOGRAD_API_TRAINER_H
#define HOLOGRAD_API_TRAINER_H
#include "ads/fit_task.h"
#include "ads/trainer.h"
#include "api/fit.h"

struct holograd_trainer {
  holograd_fit f;
  ads_trainer *t;
};

#endif
