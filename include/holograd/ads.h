/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file ads.h
 *  The holographic side, typed: a fit as a pure function of its parameters (for your own optimiser or sampler), and the
 *  trainer, whose loop you own. */
#ifndef HOLOGRAD_HOLOGRAD_ADS_H
#define HOLOGRAD_HOLOGRAD_ADS_H
#include <holograd/common.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Data, metric, bulk equation, dictionary, flow and loss of a train configuration.  Everything it computes is a pure
 *  function of the parameter vector p[n_params], in natural units (lambda and L as themselves, not as logarithms). */
typedef struct holograd_fit holograd_fit;

/** Read a configuration and make everything ready.
 *  @param c      [keep]
 *  @param name   [in] as for holograd_run()
 *  @param config [in] a train configuration, or a train result (then start 1 is at its parameters)
 *  @param out    [out] holograd_fit_destroy() it */
HOLOGRAD_API holograd_status holograd_fit_create(holograd_ctx *c, const char *name, const char *config,
                                                 holograd_fit **out);
HOLOGRAD_API void holograd_fit_destroy(holograd_fit *f); /**< NULL is fine */

HOLOGRAD_API size_t
holograd_fit_n_params(const holograd_fit *f); /**< length of p, untrained parameters included */
/** "metric.theta[3]", "bulk.lambda", "dictionary.L": the names of the result.
 *  @param f   [in]
 *  @param i   [in] below n_params
 *  @param out [out] at least 64 bytes */
HOLOGRAD_API void holograd_fit_param_name(const holograd_fit *f, size_t i, char out[64]);
/** Is parameter i trained, and between which bounds?
 *  @param f  [in]
 *  @param i  [in] below n_params
 *  @param lo [out] lower bound, -infinity where there is none; NULL = not wanted
 *  @param hi [out] upper bound, likewise */
HOLOGRAD_API int holograd_fit_param_trained(const holograd_fit *f, size_t i, double *lo, double *hi);
/** The parameters of a start.  Start 1 keeps the values that the configuration gives; what is missing, and all trained parameters
 *  of later starts, are drawn from the random stream of that start.
 *  @param f [in]
 *  @param k [in] 1, 2, ...
 *  @param p [out] [n_params] */
HOLOGRAD_API holograd_status holograd_fit_start(holograd_fit *f, size_t k, double *p);

HOLOGRAD_API size_t holograd_fit_n_points(const holograd_fit *f); /**< data points of all datasets */
/** The data, in the order of predictions and in the units of the dictionary (qcd: GeV, GeV^3).  NaN for labelled data.
 *  @param f        [in]
 *  @param source   [out] [n_points], NULL = not wanted
 *  @param response [out] [n_points], NULL = not wanted
 *  @param error    [out] [n_points] one standard deviation of the response, NULL = not wanted */
HOLOGRAD_API holograd_status holograd_fit_data(const holograd_fit *f, double *source, double *response,
                                               double *error);

/** The loss, penalties included, and its gradient.
 *  @param f        [in]
 *  @param p        [in] [n_params]
 *  @param loss     [out] one number, without unit
 *  @param gradient [out] [n_params], NULL = not wanted; untrained parameters have theirs, too */
HOLOGRAD_API holograd_status holograd_fit_loss(holograd_fit *f, const double *p, double *loss,
                                               double *gradient);
/** Number of residuals whose sum of squares is the loss; 0 where the loss is not of that form (classifier). */
HOLOGRAD_API size_t holograd_fit_n_residuals(const holograd_fit *f);
/** The residuals, those of the data first, then those of the penalties.
 *  @param f        [in]
 *  @param p        [in] [n_params]
 *  @param r        [out] [n_residuals]
 *  @param jacobian [out] [n_residuals][n_params], NULL = not wanted */
HOLOGRAD_API holograd_status holograd_fit_residuals(holograd_fit *f, const double *p, double *r,
                                                    double *jacobian);
/** The response at each source by the metric, and how far it is from the datum.
 *  @param f        [in]
 *  @param p        [in] [n_params]
 *  @param response [out] [n_points], NaN where the metric has no on-shell response
 *  @param pull     [out] [n_points] (prediction - datum)/error, NULL = not wanted
 *  @param chi2     [out] NaN when a root is missing; NULL = not wanted */
HOLOGRAD_API holograd_status holograd_fit_predict(holograd_fit *f, const double *p, double *response,
                                                  double *pull, double *chi2);
/** The metric function h(eta) = d/deta log sqrt(f g^(d-1)), in units of the AdS radius, and its derivative, of the first dataset.
 *  @param f   [in]
 *  @param p   [in] [n_params]
 *  @param n   [in] number of values
 *  @param eta [in] [n]
 *  @param h   [out] [n]
 *  @param dh  [out] [n], NULL = not wanted */
HOLOGRAD_API holograd_status holograd_fit_metric(const holograd_fit *f, const double *p, size_t n,
                                                 const double *eta, double *h, double *dh);

/** A training: starts, stages, optimiser steps.  create, then iterate while stop is ::HOLOGRAD_STOP_NONE, then result. */
typedef struct holograd_trainer holograd_trainer;

/** Where a training is. */
typedef struct holograd_trainer_progress {
  long iteration;  /**< optimiser steps so far, over all stages and starts */
  size_t start;    /**< from 1 */
  size_t n_starts; /**< in total */
  size_t stage;    /**< from 0 */
  size_t n_stages; /**< of each start */
  double loss;     /**< objective of the present stage */
  double best;     /**< smallest so far in this start */
} holograd_trainer_progress;

/** Read a configuration and make everything ready.
 *  @param c      [keep]
 *  @param name   [in] as for holograd_run()
 *  @param config [in] a train configuration, or a train result, which is trained again
 *  @param out    [out] holograd_trainer_destroy() it */
HOLOGRAD_API holograd_status holograd_trainer_create(holograd_ctx *c, const char *name, const char *config,
                                                     holograd_trainer **out);
HOLOGRAD_API void holograd_trainer_destroy(holograd_trainer *t);             /**< NULL is fine */
HOLOGRAD_API holograd_status holograd_trainer_iterate(holograd_trainer *t);  /**< one optimiser step */
HOLOGRAD_API holograd_stop holograd_trainer_stop(const holograd_trainer *t); /**< why it ended; NONE: go on */
/** Where it is.
 *  @param t   [in]
 *  @param out [out] */
HOLOGRAD_API void holograd_trainer_state(const holograd_trainer *t, holograd_trainer_progress *out);
HOLOGRAD_API holograd_fit *holograd_trainer_fit(holograd_trainer *t);        /**< what is trained; borrowed */
HOLOGRAD_API const double *holograd_trainer_best(const holograd_trainer *t); /**< best p so far; borrowed */
/** The document holograd/train-result/1.  After a ::HOLOGRAD_E_MEM of this trainer neither result nor state is given out any more (a
 *  start skipped for it might be missing): go on from the last state that was saved.
 *  @param t    [in]
 *  @param text [out] holograd_text_free() it */
HOLOGRAD_API holograd_status holograd_trainer_result(holograd_trainer *t, char **text);
/** The complete state: a trainer made of the same configuration goes on from it to the same digits.
 *  @param t    [in]
 *  @param text [out] holograd_text_free() it */
HOLOGRAD_API holograd_status holograd_trainer_save(const holograd_trainer *t, char **text);
HOLOGRAD_API holograd_status holograd_trainer_load(holograd_trainer *t,
                                                   const char *state); /**< what save gave */

#ifdef __cplusplus
}
#endif
#endif
