/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file task.h
 *  What the trainer trains: named parameters, starts, stages, and an objective that is a pure function of the parameters.  A kind of
 *  task fills one const table; the fit of a metric (fit_task.h) and of a meson background (meson_fit.h) are two. */
#ifndef HOLOGRAD_ADS_TASK_H
#define HOLOGRAD_ADS_TASK_H
#include "ads/history.h"
#include "ads/loss.h"
#include "common/params.h"

/** One start of a training. */
typedef struct ads_start_row {
  int done, rootless; /**< finished (or reported); some datum has no prediction */
  com_stop stop;
  long iterations;
  double loss, chi2;  /**< chi2 NAN when not defined */
  size_t n_bad;       /**< samples frozen or without a root */
  const double *full; /**< [n] its final parameters, borrowed; NULL when not finished */
} ads_start_row;

/** A training as its result sees it. */
typedef struct ads_report {
  const double *full; /**< best parameters */
  com_stop stop;
  const ads_start_row *starts;
  size_t n_starts;
  const ads_history *history;
  long iterations;
} ads_report;

typedef struct ads_task_ops {
  /** Complete start number k = 1, 2, ...: full[n] set.  improve: its parameters moved by the recipe of the task; NULL = as they are. */
  com_status (*start)(void *self, size_t k, double *full);
  com_status (*improve)(void *self, double *full);
  /** Stage k < n_stages; NULL when n_stages is 0: one stage, the objective itself with the chosen optimiser. */
  void (*stage)(const void *self, size_t k, ads_loss_stage *out);
  /** As in loss.h, over the full parameter vector; a task that wants COM_WANT_G has no residuals. */
  size_t (*n_res)(const void *self, int stage);
  com_status (*residuals)(void *self, int stage, const double *full, double *r, double *J, size_t *n_bad);
  com_status (*value)(void *self, int stage, size_t start, long step, const double *full, double *f,
                      double *g, size_t *n_bad);
  /** loss, chi2, rootless and n_bad of a finished start. */
  com_status (*judge)(void *self, const double *full, ads_start_row *row);
  /** Is this loss good enough to make no further start? */
  int (*accepted)(const void *self, double loss);
  /** What must be the same in a resumed run, with the optimiser under "optimizer".  @param out [out] */
  com_status (*identity)(const void *self, cJSON **out);
  com_status (*result)(void *self, const ads_report *r, cJSON **out);
  /** More of the state of a run for its checkpoint; NULL = none. */
  com_status (*save)(const void *self, cJSON *state);
  void (*load)(void *self, const cJSON *state);
} ads_task_ops;

typedef struct ads_task {
  const ads_task_ops *ops;
  void *self;                  /**< [keep] */
  const char *file;            /**< for messages [keep] */
  const char *name;            /**< among several tasks of a run; NULL: the only one [keep] */
  com_params *params;          /**< [keep] */
  const com_choice *optimizer; /**< [keep] */
  unsigned wants;              /**< COM_WANT_RJ or COM_WANT_G */
  size_t n_starts, n_stages, n_points;
} ads_task;
#endif
