/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The papers' loss: a two-class problem, on shell or not (1802.08313 eqs. (2), (S.38); 1809.10536 section IV).
 *     y = t(F) with the smoothed bump of loss_classifier_simd.c;   D = mean |y - label|;
 *     data term D^2 ("l1_squared", what the public code minimises), D ("l1") or mean (y - label)^2 ("l2").
 * Labelled data are used as they are; around a measured curve points are drawn by the band recipe (labels.h).
 * Guards.  A run-away sample counts as off shell and has no gradient.  Collapse: when a metric puts every sample on one side
 * of the bump, t is constant, D = 1/2 and the gradient vanishes; a start that still sits there after `patience` epochs is
 * given up.  Restarts end with the first start whose loss is below `accept`. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ads/labels.h"
#include "ads/loss.h"
#include "ads/loss_classifier_simd.h"
#include "ads/pretrain.h"
#include "common/sum.h"

typedef struct classifier_opts {
  ads_labels_band band;
  double eps, slope, accept;
  int data_term, epochs, batch, pretrain, patience, polish;
} classifier_opts;

enum { L1_SQUARED, L1, L2 };
enum { EPOCHS_PRETRAINED = 60, EPOCHS_LAYERS = 12000, EPOCHS_PLAIN = 2000 };
static const char *const terms[] = {"l1_squared", "l1", "l2", NULL};

static const com_field fields[] = {
    {.key = "eps",
     .doc = "half-width of the bump: on shell means |F| < eps",
     .unit = "1",
     .type = COM_F_REAL,
     .off = offsetof(classifier_opts, eps),
     .def = 0.1,
     .lo = 0,
     .hi = 1e6,
     .flags = COM_FF_LO_OPEN},
    {.key = "slope",
     .doc = "steepness of its edges",
     .unit = "1",
     .type = COM_F_REAL,
     .off = offsetof(classifier_opts, slope),
     .def = 100,
     .lo = 0,
     .hi = 1e6,
     .flags = COM_FF_LO_OPEN},
    {.key = "data_term",
     .doc = "from the mean of |y - label| or of its square",
     .type = COM_F_ENUM,
     .off = offsetof(classifier_opts, data_term),
     .aux = terms,
     .sdef = "l1_squared"},
    {.key = "epochs",
     .doc = "passes over the points per start; 0: 12000 for layers, else 60 after pretraining, 2000 without",
     .unit = "1",
     .type = COM_F_INT,
     .off = offsetof(classifier_opts, epochs),
     .def = 0,
     .lo = 0,
     .hi = 1e8},
    {.key = "batch",
     .doc = "points per optimiser step; 0: all",
     .unit = "1",
     .type = COM_F_INT,
     .off = offsetof(classifier_opts, batch),
     .def = 100,
     .lo = 0,
     .hi = 1e8},
    {.key = "pretrain",
     .doc = "fit the measured points themselves first",
     .type = COM_F_BOOL,
     .off = offsetof(classifier_opts, pretrain),
     .def = 1},
    {.key = "polish",
     .doc = "L-BFGS steps on all points at the end, against the noise of the last mini-batches",
     .unit = "1",
     .type = COM_F_INT,
     .off = offsetof(classifier_opts, polish),
     .def = 10,
     .lo = 0,
     .hi = 1e8},
    {.key = "patience",
     .doc = "epochs after which a start whose output is still constant is given up; 0: never",
     .unit = "1",
     .type = COM_F_INT,
     .off = offsetof(classifier_opts, patience),
     .def = 1000,
     .lo = 0,
     .hi = 1e8},
    {.key = "accept",
     .doc = "no further start once a loss is below this; 0: run all starts",
     .unit = "1",
     .type = COM_F_REAL,
     .off = offsetof(classifier_opts, accept),
     .def = 0,
     .lo = 0,
     .hi = 1},
    {.key = "band",
     .doc = "how points are drawn around a measured curve",
     .type = COM_F_OBJECT,
     .off = offsetof(classifier_opts, band),
     .aux = ads_labels_fields},
    {0}};

typedef struct classifier {
  com_ctx *c;
  classifier_opts o;
  ads_loss_env env;
  char *prefix;
  ads_labels *l;
  size_t batch, per_epoch; /* points per step, steps per epoch */
  size_t perm_start;       /* which permutation is in `perm` */
  long perm_epoch;
  size_t *perm;         /* [n] */
  double *bx, *by, *bl; /* [n] gathered batch */
  double *miss, *slope; /* [n] */
} classifier;

/* Collapsed: D of a constant output on half-and-half labels is 1/2; anything above this share of it has not begun to learn. */
static const double COLLAPSED = 0.8;
static const int GIVE_UP_STEPS = 100; /* Adam stalls after this many steps without a number */

static void destroy(void *self) {
  classifier *l = self;
  if (!l) return;
  ads_labels_destroy(l->l);
  free(l->prefix);
  free(l->perm);
  free(l->bx);
  free(l);
}

static com_status points(classifier *l) {
  char stream[192];
  com_rng *rng = NULL;
  if (l->env.data->kind == ADS_DATASET_LABELLED) return ads_labels_copy(l->c, l->env.data, &l->l);
  snprintf(stream, sizeof stream, "%slabels", l->prefix);
  COM_TRY(com_rng_create(l->c, com_ctx_seed(l->c), stream, &rng));
  const com_status status = ads_labels_draw(l->c, l->env.data, &l->o.band, rng, &l->l);
  com_rng_destroy(rng);
  return status;
}

static com_status prepare(classifier *l) {
  COM_ALLOC(l->c, l->prefix = strdup(l->env.seed_name ? l->env.seed_name : ""));
  COM_TRY(points(l));
  const size_t n = l->l->n;
  COM_CHECK(l->c, n > 0, COM_E_DATA, "dataset %s has no points", l->env.data->name);
  l->batch = l->o.batch > 0 && (size_t)l->o.batch < n ? (size_t)l->o.batch : n;
  l->per_epoch = n / l->batch;
  l->perm_epoch = -1;
  COM_ALLOC(l->c, l->perm = malloc(n * sizeof *l->perm));
  COM_ALLOC(l->c, l->bx = malloc(5 * n * sizeof *l->bx));
  l->by = l->bx + n, l->bl = l->by + n, l->miss = l->bl + n, l->slope = l->miss + n;
  return COM_OK;
}

static com_status create(com_ctx *c, const void *opts, const ads_loss_env *env, void **self) {
  classifier *l;
  *self = NULL;
  COM_ALLOC(c, l = calloc(1, sizeof *l));
  l->c = c, l->o = *(const classifier_opts *)opts, l->env = *env;
  const com_status status = prepare(l);
  l->env.seed_name = l->prefix;
  if (status)
    destroy(l);
  else
    *self = l;
  return status;
}

/* ---- starts and stages ---- */

static int pretrains_first(const classifier *l) {
  return l->env.data->kind == ADS_DATASET_RESPONSE && l->o.pretrain;
}

/* After pretraining a continuous metric a few epochs settle the bump.  A value per layer carries the papers' smoothness
 * penalty, which Adam relaxes slowly. */
static int epochs(const classifier *l) {
  const ads_metric *m = ads_model_metric(l->env.model);
  double first, step;
  if (l->o.epochs > 0) return l->o.epochs;
  const int layers = m->ops->nodes && m->ops->nodes(m->opts, &m->span, 1, &first, &step) > 0;
  return layers ? EPOCHS_LAYERS : pretrains_first(l) ? EPOCHS_PRETRAINED : EPOCHS_PLAIN;
}

/* t(F) = 1/2 at |F| = eps should lie where half of the labels are positive: P(|N(0,1)| noise > |r - f|) = 1/2 is at 0.674 noise;
 * the best threshold for the whole band, tried on the lattice data, is 1.9 noise. */
static const double WIDTH_IN_NOISE = 1.9;

static com_status start(void *self, const unsigned char *free_, double *p) {
  classifier *l = self;
  const ads_dataset *d = l->env.data;
  (void)free_;
  if (!pretrains_first(l)) return COM_OK;
  const ads_labels_band band = ads_labels_resolve(&l->o.band, d);
  ads_dataset with_errors = *d;
  double *error;
  COM_ALLOC(l->c, error = malloc(d->n * sizeof *error));
  for (size_t i = 0; i < d->n; i++)
    error[i] = 0.5 * band.noise; /* the labels know the curve no better than that */
  with_errors.error = error, with_errors.cov = NULL;
  const ads_loss_env env = {.data = &with_errors, .model = l->env.model, .seed_name = l->prefix};
  const com_status status = ads_pretrain_run(l->c, &env, l->o.eps, WIDTH_IN_NOISE * band.noise, p);
  free(error);
  return status;
}

enum { MAIN, POLISH };

static size_t n_stages(const void *self) { return ((const classifier *)self)->o.polish > 0 ? 2 : 1; }

static void stage_of(const void *self, size_t k, ads_loss_stage *out) {
  const classifier *l = self;
  const double steps = k == POLISH ? l->o.polish : epochs(l) * (double)l->per_epoch;
  *out = (ads_loss_stage){.name = k == POLISH ? "all points" : "classifier",
                          .optimizer = k == POLISH ? "lbfgs" : NULL,
                          .penalties = 1,
                          .max_iter = steps < 2e9 ? (int)steps : 2000000000};
}

static int accepted(const void *self, double loss) { return loss < ((const classifier *)self)->o.accept; }

/* ---- value ---- */

/* Data term over a batch, and the weights dl/dF_i. */
static double data_term(const classifier *l, size_t n, const double *F, const double *label, double *w) {
  ads_loss_classifier_simd_bump(n, l->o.eps, l->o.slope, F, label, l->miss, l->slope);
  double sum = 0, sum2 = 0;
  for (size_t i = 0; i < n; i++) sum += l->miss[i], sum2 += l->miss[i] * l->miss[i];
  const double D = sum / (double)n, factor = (l->o.data_term == L1_SQUARED ? 2 * D : 1) / (double)n;
  for (size_t i = 0; i < n; i++)
    w[i] = l->o.data_term == L2 ? 2 / (double)n * l->miss[i] * l->slope[i] : factor * l->slope[i];
  return l->o.data_term == L1_SQUARED ? D * D : l->o.data_term == L1 ? D : sum2 / (double)n;
}

static com_status over(classifier *l, size_t n, const double *x, const double *y, const double *label,
                       const double *p, double *f, double *g, size_t *n_bad) {
  ads_model_eval ev;
  const int what = g ? ADS_MODEL_F : ADS_MODEL_VALUE;
  if (l->l->bulk)
    COM_TRY(ads_model_run_bulk(l->env.model, what, p, n, x, y, &ev));
  else
    COM_TRY(ads_model_run(l->env.model, what, p, n, x, y, &ev));
  *f += data_term(l, n, ev.F, label, l->slope);
  *n_bad += ev.n_frozen;
  return g ? ads_model_gradient(l->env.model, l->slope, g) : COM_OK;
}

/* Shuffled order of one epoch of one start: its own stream, so that a resumed run draws the same batches. */
static com_status shuffle(classifier *l, size_t start_, long epoch) {
  if (l->perm_epoch == epoch && l->perm_start == start_) return COM_OK;
  char stream[192];
  com_rng *rng = NULL;
  snprintf(stream, sizeof stream, "%sbatch/%zu/%ld", l->prefix, start_, epoch);
  COM_TRY(com_rng_create(l->c, com_ctx_seed(l->c), stream, &rng));
  for (size_t i = 0; i < l->l->n; i++) l->perm[i] = i;
  com_rng_shuffle(rng, l->l->n, l->perm);
  com_rng_destroy(rng);
  l->perm_epoch = epoch, l->perm_start = start_;
  return COM_OK;
}

/* Is this one of the steps at which a start that has not begun to learn is given up? */
static com_status hopeless(classifier *l, long step, const double *p, int *out) {
  const long at = (long)l->o.patience * (long)l->per_epoch;
  double f = 0;
  size_t bad = 0;
  *out = 0;
  if (l->o.patience == 0 || step < at || step >= at + GIVE_UP_STEPS) return COM_OK;
  COM_TRY(over(l, l->l->n, l->l->x, l->l->y, l->l->label, p, &f, NULL, &bad));
  const double constant = l->o.data_term == L1_SQUARED ? 0.25 : 0.5;
  *out = f > COLLAPSED * constant;
  return COM_OK;
}

static com_status value(void *self, int stage, size_t start_, long step, const double *p, double *f,
                        double *g, size_t *n_bad) {
  classifier *l = self;
  size_t ignored = 0;
  int give_up = 0;
  *f = 0;
  if (step < 0 || stage == POLISH) return over(l, l->l->n, l->l->x, l->l->y, l->l->label, p, f, g, n_bad);
  COM_TRY(hopeless(l, step, p, &give_up));
  if (give_up) {
    *f = NAN;
    return COM_OK;
  }
  COM_TRY(shuffle(l, start_, step / (long)l->per_epoch));
  const size_t *at = l->perm + (size_t)(step % (long)l->per_epoch) * l->batch;
  for (size_t i = 0; i < l->batch; i++)
    l->bx[i] = l->l->x[at[i]], l->by[i] = l->l->y[at[i]], l->bl[i] = l->l->label[at[i]];
  /* Frozen samples differ from batch to batch: not a reason to reject a step. */
  return over(l, l->batch, l->bx, l->by, l->bl, p, f, g, &ignored);
}

/* t(F_i) and 1 - t(F_i) of all points into t[2][n]: each without cancellation where it is small. */
static com_status both_tails(classifier *l, const double *p, double *t) {
  const ads_labels *at = l->l;
  ads_model_eval ev;
  if (at->bulk)
    COM_TRY(ads_model_run_bulk(l->env.model, ADS_MODEL_VALUE, p, at->n, at->x, at->y, &ev));
  else
    COM_TRY(ads_model_run(l->env.model, ADS_MODEL_VALUE, p, at->n, at->x, at->y, &ev));
  for (int label = 0; label < 2; label++, t += at->n) {
    for (size_t i = 0; i < at->n; i++) l->bl[i] = label;
    ads_loss_classifier_simd_bump(at->n, l->o.eps, l->o.slope, ev.F, l->bl, t, l->slope);
  }
  return COM_OK;
}

/* From t to v, both [2][n].  With m = 1 - t (label 1) or t (label 0):  d(m^2) = dm (2m + dm),  d(D^2) = dD (2D + dD). */
static double change_between(const classifier *l, const double *t, const double *v) {
  com_sum D = {0}, dD = {0};
  const size_t n = l->l->n;
  for (size_t i = 0; i < n; i++) {
    const int off = l->l->label[i] > 0, low = t[i] < 0.5 && v[i] < 0.5;
    const double dt = low ? v[i] - t[i] : t[n + i] - v[n + i];
    const double m = t[off ? n + i : i], dm = off ? -dt : dt;
    com_sum_add(&D, m);
    com_sum_add(&dD, l->o.data_term == L2 ? dm * (2 * m + dm) : dm);
  }
  const double mean = com_sum_value(&D) / (double)n, change = com_sum_value(&dD) / (double)n;
  return l->o.data_term == L1_SQUARED ? change * (2 * mean + change) : change;
}

static com_status change(void *self, const double *from, const double *to, double *df) {
  classifier *l = self;
  const size_t n = l->l->n;
  double *t = NULL;
  COM_ALLOC(l->c, t = malloc(4 * n * sizeof *t));
  com_status status = both_tails(l, from, t);
  if (!status) status = both_tails(l, to, t + 2 * n);
  if (!status) *df = change_between(l, t, t + 2 * n);
  free(t);
  return status;
}

const ads_loss_ops ads_loss_classifier = {
    .c = {.name = "classifier",
          .doc = "on-shell or off-shell: the smoothed bump of the papers on labelled points",
          .ref = "arXiv:1802.08313 eq. (S.38); arXiv:1809.10536",
          .fields = fields,
          .opt_size = sizeof(classifier_opts)},
    .wants = COM_WANT_G,
    .create = create,
    .destroy = destroy,
    .start = start,
    .n_stages = n_stages,
    .stage = stage_of,
    .natural = 1,
    .accepted = accepted,
    .value = value,
    .change = change};
