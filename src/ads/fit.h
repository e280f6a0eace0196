/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file fit.h
 *  A fit: one or several datasets (groups), each with its model and loss, over one parameter vector with shared blocks, plus the
 *  penalties.  Everything here is a pure function of the parameters: trainer, gradcheck and inference stand on it. */
#ifndef HOLOGRAD_ADS_FIT_H
#define HOLOGRAD_ADS_FIT_H
#include "ads/config.h"
#include "ads/fit_data.h"
#include "ads/loss.h"
#include "ads/penalty.h"

typedef struct ads_group {
  const char *name; /**< "" for a single dataset; borrowed */
  ads_dataset *data;
  size_t owner; /**< group that names the model's parameters: itself unless it shares the metric of another */
  ads_model *model;
  ads_loss *loss;
  size_t np;   /**< parameters of this group: model + nuisance */
  size_t *map; /**< [np] -> index in the full parameter vector */
} ads_group;

typedef struct ads_fit ads_fit;
/** The config's flow with tolerances no looser than rel_tol (and abs_tol = rel_tol/1e3) where it has tolerances. @param out [out]
 *  com_field_choice_finish(&ads_flow_kind, out) */
com_status ads_fit_tight_flow(com_ctx *c, const com_choice *flow, double rel_tol, com_choice *out);
/** @param cfg [keep]  @param flow override of cfg->flow or NULL [keep] */
com_status ads_fit_create(com_ctx *c, const ads_config *cfg, const com_choice *flow, ads_fit **out);
void ads_fit_destroy(ads_fit *f);
com_ctx *ads_fit_ctx(const ads_fit *f);
size_t ads_fit_n_groups(const ads_fit *f);
size_t ads_fit_n_owners(const ads_fit *f); /**< groups with a metric of their own */
const ads_group *ads_fit_group(const ads_fit *f, size_t g);
com_params *ads_fit_params(ads_fit *f); /**< borrowed; values = those of the config, NAN = missing */
const ads_config *ads_fit_config(const ads_fit *f);
size_t ads_fit_n_points(const ads_fit *f);
/** Complete start number k (1, 2, ...): k = 1 keeps given values, later ones redraw all trained; stream "start/k".  full[n] set. */
com_status ads_fit_start(ads_fit *f, size_t k, double *full);
/** Improve a drawn start by the recipe of the loss (basin search). */
com_status ads_fit_improve(ads_fit *f, double *full);
size_t ads_fit_n_stages(const ads_fit *f);
void ads_fit_stage(const ads_fit *f, size_t k, ads_loss_stage *out);
unsigned ads_fit_wants(const ads_fit *f);
size_t ads_fit_n_res(const ads_fit *f, int stage);
/** Residuals in natural parameters: r[m], J[m][n_full] (may be NULL). */
com_status ads_fit_residuals(ads_fit *f, int stage, const double *full, double *r, double *J, size_t *n_bad);
/** Loss proper (or a stage's objective) and its gradient g[n_full] (may be NULL), natural parameters. start/step choose a mini-batch;
 *  step < 0: all data. */
com_status ads_fit_value(ads_fit *f, int stage, size_t start, long step, const double *full, double *value,
                         double *g, size_t *n_bad);
/** *df = loss(to) - loss(from) of the loss proper, resolved below the last digit of the loss where its form allows.
 *  @param n_bad [out] samples without an answer at either end, of a loss of residuals */
com_status ads_fit_change(ads_fit *f, const double *from, const double *to, double *df, size_t n_bad[2]);
/** What the flows of all groups have done so far, and what an earlier part of a resumed run had done before. */
void ads_fit_flow_stats(const ads_fit *f, ads_flow_stats *out);
void ads_fit_flow_resume(ads_fit *f, const ads_flow_stats *earlier);
/** Model parameters of group g gathered from the full vector: p[group.np]. */
void ads_fit_gather(const ads_fit *f, size_t g, const double *full, double *p);
void ads_fit_scatter(const ads_fit *f, size_t g, const double *gp, double *gfull); /**< gfull += */

/** The model of group g with the tolerances of reports (rel_tol 1e-11 at most).  @param out [out] borrowed */
com_status ads_fit_report_model(ads_fit *f, size_t g, ads_model **out);
double ads_fit_scale(const ads_fit *f, size_t g,
                     const double *p); /**< common scale of the responses of g at its parameters p; 1: none */
/** chi2 in the response direction with predictions; pull = (predicted - datum) / error; NAN where there is no root.  predicted[n_points], pull[n_points] in group order;
 *  chi2 = NAN when any root is missing. */
com_status ads_fit_predict(ads_fit *f, const double *full, double *predicted, double *pull, double *chi2);
/** Jacobian d predicted / d x in error units (whitened), x = trained parameters with logs: J[n_points][n_trained]. */
com_status ads_fit_sensitivity(ads_fit *f, const double *full, const double *predicted, double *J);
#endif
