/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file loss.h
 *  Losses as components.  A loss owns the recipe of its training: how a random start is improved, and a list of stages that lead to
 *  the loss proper (the stage called ADS_LOSS_PROPER).  Parameters p are the model's, natural units, [theta | kappa | par],
 *  followed by the loss's own nuisance parameters (n_extra).  A loss is either a sum of squares (wants COM_WANT_RJ) or
 *  gives value and gradient (COM_WANT_G), then possibly over mini-batches chosen by the step number. */
#ifndef HOLOGRAD_ADS_LOSS_H
#define HOLOGRAD_ADS_LOSS_H
#include "ads/config.h"
#include "ads/dataset.h"
#include "ads/model.h"
#include "common/optim.h"

enum { ADS_LOSS_PROPER = -1 };

typedef struct ads_loss_stage {
  const char *name; /**< "errors x 1000", "polish" */
  const char
      *optimizer; /**< NULL = the config's; or the name of the one this stage needs, with its defaults */
  int max_iter;   /**< steps of this stage; 0 = the optimiser's own limit */
  double step_tol, grad_tol; /**< looser tolerances of an intermediate stage; 0 = the config's */
  /** > 0: the stage ends when ten steps together lower the objective by less than this and by less than 2 % of it. */
  double significance;
  int penalties; /**< are the config's penalties part of this stage's objective? */
} ads_loss_stage;

typedef struct ads_loss_env {
  const ads_dataset *data; /**< [keep], converted to the dictionary's units */
  ads_model *model;        /**< [keep] */
  const char *seed_name;   /**< stream prefix of this group, e.g. "" or "T207/" */
  const ads_config *cfg;   /**< [keep] */
} ads_loss_env;

/** A nuisance parameter: its block (name without group), start, and prior for inference: N(centre, spread), for a log block
 *  centre exp(N(0, spread)). */
typedef struct ads_loss_extra {
  com_block block;
  double value, centre, spread;
} ads_loss_extra;

typedef struct ads_loss_ops {
  com_component c;
  unsigned wants; /**< COM_WANT_RJ or COM_WANT_G, of the loss proper */
  com_status (*create)(com_ctx *ctx, const void *opts, const ads_loss_env *env, void **self);
  void (*destroy)(void *self);
  /** Nuisance parameters: number, and what they are; NULL = none.  One that is not predicted by the loss itself (predict) is a common
   *  scale of the responses. */
  size_t (*n_extra)(const void *self);
  void (*extra)(const void *self, size_t k, ads_loss_extra *out);
  /** Prediction at n sources and temperature T by the loss's own theory; NULL: the on-shell curve of the model.  J[n][np] by p and
   *  dT[n] may be NULL.  COM_E_NUM: there is none at p.  Several threads may call it. */
  com_status (*predict)(const void *self, const double *p, double T, size_t n, const double *source,
                        double *R, double *J, double *dT);
  int affine; /**< what is predicted is a V + b with the two parameters of the loss, a > 0 (a logarithm) and b */
  /** Improve a random start in place (only entries with free[i]); NULL = nothing to do. */
  com_status (*start)(void *self, const unsigned char *free, double *p);
  size_t (*n_stages)(const void *self); /**< 0 = only the loss proper with the config's optimiser */
  void (*stage)(const void *self, size_t k, ads_loss_stage *out);
  /** Sum-of-squares stages: number of residuals, then r[m], J[m][np] (NULL allowed).  n_bad = samples without an answer (frozen, no
   *  root): they contribute a constant cap residual; the trainer rejects a step that raises n_bad. */
  size_t (*n_res)(const void *self, int stage);
  com_status (*residuals)(void *self, int stage, const double *p, double *r, double *J, size_t *n_bad);
  /** Value and gradient g[np] (NULL allowed).  step < 0: the full data; else the mini-batch of that optimiser step of that start. */
  com_status (*value)(void *self, int stage, size_t start, long step, const double *p, double *f, double *g,
                      size_t *n_bad);
  /** *df = loss(to) - loss(from) over the full data, to the precision of the change itself: a loss that is flat to fifteen digits
   *  still has a gradient to check.  NULL: the difference of two values is as good (a sum of squares is taken term by term). */
  com_status (*change)(void *self, const double *from, const double *to, double *df);
  int natural; /**< with coordinates "auto" couplings are optimised as they are, not as logarithms */
  /** Is this loss good enough to make no further start?  NULL: all starts are made. */
  int (*accepted)(const void *self, double loss);
} ads_loss_ops;

/** Options shared by all losses: relative error of the responses for a dataset that states none (NAN = not given). */
typedef struct ads_loss_shared {
  double noise;
} ads_loss_shared;

extern const com_kind ads_loss_kind;
typedef struct ads_loss ads_loss;
com_status ads_loss_create(com_ctx *c, const com_choice *ch, const ads_loss_env *env,
                           ads_loss **out); /**< ch [keep] */
void ads_loss_destroy(ads_loss *l);
const ads_loss_ops *ads_loss_operations(const ads_loss *l);
void *ads_loss_self(ads_loss *l);
size_t ads_loss_n_params(const ads_loss *l); /**< model parameters + n_extra */
size_t ads_loss_n_extra(const ads_loss *l);
int ads_loss_has_scale(const ads_loss *l); /**< the last parameter is a common scale of the responses */
/** Add r.r to the value and 2 J^T r to the gradient.  @param r [in] [m]  @param J [in] [m][n], not looked at without g
 *  @param g [in/out] [n]; NULL: not wanted */
void ads_loss_add_squares(size_t m, size_t n, const double *r, const double *J, double *value, double *g);
#endif
