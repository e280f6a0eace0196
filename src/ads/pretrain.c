/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Residuals of the second step, k = 1..RAMP:  the response loss of one stage, and for every point
 *     ln(|dF/dr|_i width/eps) - (1 - k/RAMP) g_i,   g_i its value at the beginning:
 * the band edge r*(s) +- width is carried to |F| = eps.  dF/dr is differenced in the parameters (a dozen of them). */
#include "ads/pretrain.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "common/optim.h"

static const double PRIOR_UV = 0.3, PRIOR_THETA = 100, PRIOR_SCALAR = 1;
static const double WEIGHT = 10; /* slope residuals against sigmas and priors: 10 % counts as one */
enum { /*LAST: the loss proper of the response loss */ RAMP = 12,
       RAMP_STEPS = 40,
       LAST = 4 }; /* STAGE: true errors, compressed, with weak priors */

typedef struct run {
  com_ctx *c;
  const ads_loss_env *env;
  ads_loss *loss;
  com_params *params;
  com_choice lm;
  size_t np, nx, n, m_max;
  double *full, *x, *centre, *lo, *hi, *r, *Jf, *J, *gap, *slope;
} run;

static const ads_loss_ops *ops_of(const run *w) { return ads_loss_operations(w->loss); }

static com_status read_choice(com_ctx *c, const com_kind *k, const char *type, com_choice *out) {
  cJSON *j = com_json_object();
  com_status status = com_json_add(c, j, "type", com_json_string(type));
  if (!status) status = com_field_choice_read(c, COM_E_CONFIG, k, "pretrain", k->name, j, out);
  com_json_free(j);
  return status;
}

static const ads_trainable *row_of(const ads_model *m, const char *name) {
  const ads_bulk_ops *b = ads_model_bulk(m)->ops;
  const ads_dictionary_ops *d = ads_model_dictionary(m)->ops;
  for (size_t k = 0; k < b->n_kappa; k++)
    if (!strncmp(name, "bulk.", 5) && !strcmp(name + 5, b->kappa[k].name)) return b->kappa + k;
  for (size_t k = 0; k < d->n_par; k++)
    if (!strncmp(name, "dictionary.", 11) && !strcmp(name + 11, d->par[k].name)) return d->par + k;
  return NULL;
}

/* The model's parameters, with the coordinates and bounds of the trainable tables whatever the run itself uses: least
 * squares wants logarithms of scales.  A coupling that has changed sign stays as it is. */
static com_status table_params(run *w, const double *p) {
  com_params *own = NULL;
  com_status status = com_params_create(w->c, &own);
  if (!status) status = ads_model_params(w->c, w->env->model, NULL, own);
  for (size_t i = 0; !status && i < com_params_n_blocks(own); i++) {
    com_block b = *com_params_block(own, i);
    const ads_trainable *t = row_of(w->env->model, b.name);
    if (t && t->log && p[b.off] > 0) b.log = 1, b.lo = t->lo;
    status = com_params_add(w->c, w->params, &b);
  }
  com_params_destroy(own);
  return status;
}

static com_status allocate(run *w) {
  com_ctx *c = w->c;
  const size_t n_stages = ops_of(w)->n_stages(ads_loss_self(w->loss));
  w->np = ads_model_n_params(w->env->model), w->nx = com_params_n_trained(w->params), w->n = w->env->data->n;
  for (size_t s = 0; s < n_stages; s++) {
    const size_t m = ops_of(w)->n_res(ads_loss_self(w->loss), (int)s);
    if (m > w->m_max) w->m_max = m;
  }
  w->m_max += w->n + 1 + w->nx;
  COM_ALLOC(c, w->full =
                   calloc(w->np + 4 * w->nx + w->m_max * (1 + w->np + w->nx) + 4 * w->n + 1, sizeof(double)));
  w->x = w->full + w->np, w->centre = w->x + w->nx, w->lo = w->centre + w->nx, w->hi = w->lo + w->nx;
  w->r = w->hi + w->nx, w->Jf = w->r + w->m_max, w->J = w->Jf + w->m_max * w->np;
  w->gap = w->J + w->m_max * w->nx, w->slope = w->gap + w->n; /* slope: [3][n] */
  com_params_bounds(w->params, w->lo, w->hi);
  return COM_OK;
}

/* dF/dr width/eps of every data point at the parameters `full`; NAN where the sample froze. */
static com_status slopes(run *w, double scale, const double *full, double *out) {
  ads_model_eval ev;
  COM_TRY(ads_model_run(w->env->model, ADS_MODEL_SR, full, w->n, w->env->data->source, w->env->data->response,
                        &ev));
  for (size_t i = 0; i < w->n; i++) out[i] = ev.frozen[i] ? NAN : ev.Fr[i] * scale;
  return COM_OK;
}

/* The slope residuals and their rows in x, after the residuals of the stage.  Near a zero mode dF/dr itself is smooth where its
 * logarithm is not, so the difference quotient is of dF/dr. */
static com_status slope_rows(run *w, double scale, double left, size_t m, int *bad) {
  static const double STEP =
      1e-2; /* dF/dr of an adaptive flow carries noise; its third derivative is harmless */
  COM_TRY(slopes(w, scale, w->full, w->slope));
  for (size_t i = 0; i < w->n; i++) {
    w->r[m + i] = WEIGHT * (log(fabs(w->slope[i])) - left * w->gap[i]);
    *bad |= !isfinite(w->r[m + i]);
  }
  for (size_t k = 0; k < w->nx; k++) {
    const double keep = w->x[k], h = STEP;
    for (int side = 0; side < 2; side++) {
      w->x[k] = keep + (side ? -h : h);
      com_params_unpack(w->params, w->x, w->full);
      COM_TRY(slopes(w, scale, w->full, w->slope + (size_t)(1 + side) * w->n));
    }
    w->x[k] = keep;
    for (size_t i = 0; i < w->n; i++) {
      const double d = (w->slope[w->n + i] - w->slope[2 * w->n + i]) / (2 * h * w->slope[i]);
      w->J[(m + i) * w->nx + k] = isfinite(d) ? WEIGHT * d : 0;
    }
  }
  com_params_unpack(w->params, w->x, w->full);
  return COM_OK;
}

/* Weak priors of the second step: h(eta_uv) = d, every trained parameter near where the first step left it. */
static void prior_rows(run *w, size_t m) {
  const ads_metric *metric = ads_model_metric(w->env->model);
  double h[16];
  memset(w->J + m * w->nx, 0, (1 + w->nx) * w->nx * sizeof *w->J);
  memset(w->Jf, 0, w->np * sizeof *w->Jf);
  ads_metric_eval(metric, w->full, 1, &metric->span.eta_uv, h, NULL);
  ads_metric_jac(metric, w->full, 1, &metric->span.eta_uv, w->Jf);
  w->r[m] = (h[0] - metric->span.d) / PRIOR_UV;
  com_params_chain(w->params, w->full, w->Jf, w->J + m * w->nx);
  for (size_t k = 0; k < w->nx; k++) {
    const double width =
        com_params_trained_index(w->params, k) < metric->n_theta ? PRIOR_THETA : PRIOR_SCALAR;
    w->J[m * w->nx + k] /= PRIOR_UV;
    w->r[m + 1 + k] = (w->x[k] - w->centre[k]) / width;
    w->J[(m + 1 + k) * w->nx + k] = 1 / width;
  }
}

/* Objective of a stage at x; scale > 0 adds the slope residuals. */
static com_status evaluate(run *w, int stage, double scale, double left, com_eval *e, size_t *n_bad) {
  size_t m = ops_of(w)->n_res(ads_loss_self(w->loss), stage);
  int bad = 0;
  com_params_unpack(w->params, w->x, w->full);
  *n_bad = 0;
  COM_TRY(ops_of(w)->residuals(ads_loss_self(w->loss), stage, w->full, w->r, w->Jf, n_bad));
  for (size_t i = 0; i < m; i++) com_params_chain(w->params, w->full, w->Jf + i * w->np, w->J + i * w->nx);
  if (scale > 0) {
    COM_TRY(slope_rows(w, scale, left, m, &bad));
    m += w->n;
    prior_rows(w, m);
    m += 1 + w->nx;
  }
  *e = (com_eval){.m = m, .r = w->r, .J = w->J};
  for (size_t i = 0; i < m; i++) e->f += w->r[i] * w->r[i];
  if (bad || !isfinite(e->f)) e->f = INFINITY;
  return COM_OK;
}

/* One run of Levenberg-Marquardt; a step that loses a sample is rejected. */
static com_status minimise(run *w, int stage, double scale, double left, int max_iter, double step_tol,
                           double grad_tol) {
  com_optim *opt = NULL;
  com_optim_shared shared = *(const com_optim_shared *)w->lm.shared;
  shared.max_iter = max_iter;
  if (step_tol > 0) shared.step_tol = step_tol;
  if (grad_tol > 0) shared.grad_tol = grad_tol;
  const com_choice which = {w->lm.type, w->lm.opts, &shared};
  com_status status = com_optim_create(w->c, &which, w->nx, w->lo, w->hi, &opt);
  size_t ref = SIZE_MAX, n_bad = 0;
  double best = INFINITY;
  while (!status) {
    com_eval e;
    COM_GOTO(done, evaluate(w, stage, scale, left, &e, &n_bad));
    if (ref == SIZE_MAX) ref = n_bad;
    if (n_bad > ref) e.f = INFINITY;
    if (e.f < best) best = e.f, ref = n_bad;
    if (com_optim_step(opt, &e, w->x)) break;
  }
done:
  com_optim_destroy(opt);
  return status;
}

static com_status follow(run *w, double eps, double width) {
  const size_t n_stages = ops_of(w)->n_stages(ads_loss_self(w->loss));
  const double scale = width / eps;
  for (size_t s = 0; s < n_stages && s <= LAST; s++) {
    ads_loss_stage st;
    ops_of(w)->stage(ads_loss_self(w->loss), s, &st);
    COM_TRY(minimise(w, (int)s, 0, 0, st.max_iter, st.step_tol, st.grad_tol));
  }
  com_params_unpack(w->params, w->x, w->full);
  memcpy(w->centre, w->x, w->nx * sizeof *w->x);
  COM_TRY(slopes(w, scale, w->full, w->gap));
  for (size_t i = 0; i < w->n; i++) {
    w->gap[i] = log(fabs(w->gap[i]));
    if (!isfinite(w->gap[i])) return COM_OK; /* no slope to ramp */
  }
  for (int k = 1; k <= RAMP; k++)
    COM_TRY(minimise(w, LAST, scale, 1 - k / (double)RAMP, RAMP_STEPS, 1e-5, 0));
  com_params_unpack(w->params, w->x, w->full);
  return COM_OK;
}

com_status ads_pretrain_run(com_ctx *c, const ads_loss_env *env, double eps, double width, double *p) {
  run w = {.c = c, .env = env};
  com_choice response = {0};
  com_status status = read_choice(c, &ads_loss_kind, "response", &response);
  if (status) return status;
  unsigned char *free_ = NULL;
  COM_GOTO(done, read_choice(c, &com_optim_kind, "lm", &w.lm));
  COM_GOTO(done, ads_loss_create(c, &response, env, &w.loss));
  COM_GOTO(done, com_params_create(c, &w.params));
  COM_GOTO(done, table_params(&w, p));
  COM_GOTO(done, allocate(&w));
  free_ = calloc(w.np + 1, 1);
  if (!free_) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
  for (size_t k = 0; k < w.nx; k++) free_[com_params_trained_index(w.params, k)] = 1;
  memcpy(w.full, p, w.np * sizeof *p);
  memcpy(com_params_data(w.params), p, w.np * sizeof *p); /* untrained entries */
  if (ops_of(&w)->start) COM_GOTO(done, ops_of(&w)->start(ads_loss_self(w.loss), free_, w.full));
  com_params_pack(w.params, w.full, w.x);
  for (size_t k = 0; k < w.nx; k++) w.x[k] = fmin(fmax(w.x[k], w.lo[k]), w.hi[k]);
  COM_GOTO(done, follow(&w, eps, width));
  memcpy(p, w.full, w.np * sizeof *p);
done:
  free(free_);
  free(w.full);
  com_params_destroy(w.params);
  ads_loss_destroy(w.loss);
  com_field_choice_finish(&com_optim_kind, &w.lm);
  com_field_choice_finish(&ads_loss_kind, &response);
  return status;
}
