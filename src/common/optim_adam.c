/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include "common/optim.h"
#include "common/optim_state.h"

static const char *const schedules[] = {"constant", "cosine", "step", "exponential", NULL};
enum { CONSTANT, COSINE, STEP, EXPONENTIAL };

typedef struct adam_opts {
  double rate, beta1, beta2, eps, period, factor, clip;
  int schedule, max_skip;
} adam_opts;

typedef struct adam {
  adam_opts o;
  double grad_tol, step_tol;
  size_t n;
  double *lo, *hi, *m, *v;           /* [n]: bounds, running mean of g and of g^2 */
  double t, skipped, skipped_in_row; /* counts, kept as doubles for the JSON state */
} adam;

static void destroy(void *self) {
  adam *a = self;
  if (!a) return;
  free(a->lo);
  free(a->hi);
  free(a->m);
  free(a->v);
  free(a);
}

static com_status create(com_ctx *c, const void *opts, const com_optim_shared *sh, size_t n, const double *lo,
                         const double *hi, void **self) {
  com_status status = COM_OK;
  adam *a = NULL;
  COM_ALLOC(c, a = calloc(1, sizeof *a));
  a->o = *(const adam_opts *)opts;
  if (isnan(a->o.period)) a->o.period = sh->max_iter;
  a->grad_tol = sh->grad_tol;
  a->step_tol = sh->step_tol;
  a->n = n;
  a->m = calloc(n, sizeof *a->m);
  a->v = calloc(n, sizeof *a->v);
  if (!a->m || !a->v) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
  COM_GOTO(done, com_optim_state_bounds(c, n, lo, -INFINITY, &a->lo));
  COM_GOTO(done, com_optim_state_bounds(c, n, hi, INFINITY, &a->hi));
  *self = a;
  a = NULL;
done:
  destroy(a);
  return status;
}

/* Rate at step t = 1, 2, ...; cosine falls to factor*rate at t = period and stays there. */
static double rate(const adam *a, double t) {
  const double p = (t - 1) / a->o.period, factor = a->o.factor;
  switch (a->o.schedule) {
  case COSINE: return a->o.rate * (factor + (1 - factor) * 0.5 * (1 + cos(acos(-1.0) * fmin(p, 1))));
  case STEP: return a->o.rate * pow(factor, floor(p));
  case EXPONENTIAL: return a->o.rate * pow(factor, p);
  default: return a->o.rate;
  }
}

/* m = b1 m + (1-b1) g,  v = b2 v + (1-b2) g^2,  x -= rate (m/(1-b1^t)) / (sqrt(v/(1-b2^t)) + eps):
 * Kingma and Ba, arXiv:1412.6980, algorithm 1.  Returns the length of the step, *size that of x. */
static double move(adam *a, const double *g, double scale, double *x, double *size) {
  const double b1 = a->o.beta1, b2 = a->o.beta2, r = rate(a, a->t);
  const double c1 = 1 - pow(b1, a->t), c2 = 1 - pow(b2, a->t);
  double moved = 0;
  *size = 0;
  for (size_t i = 0; i < a->n; i++) {
    const double gi = scale * g[i], before = x[i];
    a->m[i] = b1 * a->m[i] + (1 - b1) * gi;
    a->v[i] = b2 * a->v[i] + (1 - b2) * gi * gi;
    x[i] = com_optim_state_clamp(before - r * (a->m[i] / c1) / (sqrt(a->v[i] / c2) + a->o.eps), a->lo[i],
                                 a->hi[i]);
    moved += (x[i] - before) * (x[i] - before);
    *size += before * before;
  }
  *size = sqrt(*size);
  return sqrt(moved);
}

static com_stop step(void *self, const com_eval *e, double *x) {
  adam *a = self;
  if (!isfinite(e->f) || !com_optim_state_finite(a->n, e->g)) {
    a->skipped++;
    return ++a->skipped_in_row >= a->o.max_skip ? COM_STOP_STALLED : COM_STOP_NONE;
  }
  a->skipped_in_row = 0;

  double largest = 0;
  for (size_t i = 0; i < a->n; i++)
    if (!com_optim_state_active(x[i], e->g[i], a->lo[i], a->hi[i])) largest = fmax(largest, fabs(e->g[i]));
  if (largest <= a->grad_tol * fmax(1, fabs(e->f))) return COM_STOP_GRAD_TOL;

  const double norm = sqrt(com_optim_state_dot(a->n, e->g, e->g));
  const double scale = a->o.clip > 0 && norm > a->o.clip ? a->o.clip / norm : 1;
  double size;
  a->t++;
  return move(a, e->g, scale, x, &size) <= a->step_tol * size ? COM_STOP_STEP_TOL : COM_STOP_NONE;
}

static com_status save(com_ctx *c, const void *self, cJSON **out) {
  com_status status = COM_OK;
  const adam *a = self;
  cJSON *s = com_json_object();
  COM_GOTO(done, com_optim_state_put(c, s, "t", 1, &a->t));
  COM_GOTO(done, com_optim_state_put(c, s, "skipped", 1, &a->skipped));
  COM_GOTO(done, com_optim_state_put(c, s, "skipped_in_row", 1, &a->skipped_in_row));
  COM_GOTO(done, com_optim_state_put(c, s, "m", a->n, a->m));
  COM_GOTO(done, com_optim_state_put(c, s, "v", a->n, a->v));
  *out = s;
  s = NULL;
done:
  com_json_free(s);
  return status;
}

static com_status load(com_ctx *c, void *self, const cJSON *in) {
  adam *a = self;
  COM_TRY(com_optim_state_take(c, in, "t", 1, &a->t));
  COM_TRY(com_optim_state_take(c, in, "skipped", 1, &a->skipped));
  COM_TRY(com_optim_state_take(c, in, "skipped_in_row", 1, &a->skipped_in_row));
  COM_TRY(com_optim_state_take(c, in, "m", a->n, a->m));
  return com_optim_state_take(c, in, "v", a->n, a->v);
}

#define ROW(key, doc, type, member, def, lo, hi, aux, sdef, flags)                                           \
  { key, doc, "1", type, offsetof(adam_opts, member), def, lo, hi, aux, sdef, flags }
static const com_field fields[] = {
    ROW("rate", "length of a step in each parameter", COM_F_REAL, rate, 1e-3, 0, 1e6, NULL, NULL,
        COM_FF_LO_OPEN),
    ROW("beta1", "memory of the gradient", COM_F_REAL, beta1, 0.9, 0, 1, NULL, NULL, COM_FF_HI_OPEN),
    ROW("beta2", "memory of the squared gradient", COM_F_REAL, beta2, 0.999, 0, 1, NULL, NULL,
        COM_FF_HI_OPEN),
    ROW("eps", "added to the root of the squared gradient", COM_F_REAL, eps, 1e-8, 0, 1, NULL, NULL, 0),
    ROW("schedule", "how the rate changes", COM_F_ENUM, schedule, 0, 0, 0, schedules, "constant", 0),
    ROW("period", "steps of the schedule (default: max_iter)", COM_F_REAL, period, NAN, 1, 1e9, NULL, NULL,
        0),
    ROW("factor", "rate is multiplied by this per period (cosine: at its end)", COM_F_REAL, factor, 0.1, 0, 1,
        NULL, NULL, 0),
    ROW("clip", "longest gradient that is used in full (0: any)", COM_F_REAL, clip, 0, 0, 1e300, NULL, NULL,
        0),
    ROW("max_skip", "give up after this many evaluations in a row that are not finite", COM_F_INT, max_skip,
        100, 1, 1e9, NULL, NULL, 0),
    {0}};

const com_optim_ops com_optim_adam = {
    .c = {.name = "adam",
          .doc = "adaptive moments: first order, fit for mini-batches and noise",
          .ref = "Kingma, Ba, arXiv:1412.6980",
          .fields = fields,
          .opt_size = sizeof(adam_opts)},
    .wants = COM_WANT_F | COM_WANT_G,
    .create = create,
    .step = step,
    .save = save,
    .load = load,
    .destroy = destroy,
    .keeps_best = 0};
