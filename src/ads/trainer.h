/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file trainer.h
 *  The trainer: starts, stages, optimiser steps.  The caller owns the loop:
 *    create -> while (!stop) iterate -> result.  One iterate = one optimiser step = one iteration, over all stages and starts. */
#ifndef HOLOGRAD_ADS_TRAINER_H
#define HOLOGRAD_ADS_TRAINER_H
#include "ads/task.h"

typedef struct ads_trainer ads_trainer;
typedef struct ads_trainer_progress {
  long iteration;
  size_t start, n_starts, stage, n_stages;
  double loss, best;
  const char *stage_name;
} ads_trainer_progress;

/** @param task what it points to is kept */
com_status ads_trainer_create(com_ctx *c, ads_task task, ads_trainer **out);
void ads_trainer_destroy(ads_trainer *t);
const ads_task *ads_trainer_task(const ads_trainer *t); /**< borrowed */
com_status ads_trainer_iterate(ads_trainer *t);
/** The whole loop, for those who need nothing between the steps: until a stop reason, of the context's too. */
com_status ads_trainer_run(ads_trainer *t);
com_stop ads_trainer_stop(const ads_trainer *t);          /**< COM_STOP_NONE: go on */
int ads_trainer_converged(const ads_trainer *t);          /**< stopped by a tolerance */
void ads_trainer_interrupt(ads_trainer *t, com_stop why); /**< max_time, interrupted */
void ads_trainer_state(const ads_trainer *t, ads_trainer_progress *out);
com_status ads_trainer_save(const ads_trainer *t,
                            cJSON **state); /**< [out] complete state for a checkpoint */
com_status ads_trainer_load(ads_trainer *t, const char *file, const cJSON *state);
/** Best parameters so far (full vector, borrowed). */
const double *ads_trainer_best(const ads_trainer *t);
/** By which starts are ranked, of the best one: the objective of its last stage; much larger where a root is missing. */
double ads_trainer_score(const ads_trainer *t);
/** The "result" object of the task, with warnings raised in the context. [out] */
com_status ads_trainer_result(ads_trainer *t, cJSON **out);
#endif
