/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The engine of the fixed-step flows: who works on which block, what is taped, how the sums are reduced.
 *     dl/dtheta = sum_e (dl/dh_e) dh(eta_e)/dtheta,
 * with the sums over samples made per block in fixed lanes, then over blocks in order, and one pull-back through the metric. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "ads/flow_fixed.h"
#include "ads/flow_fixed_any.h"
#include "ads/flow_fixed_simd.h"

enum { LANES = ADS_FLOW_FIXED_LANES };

typedef struct buffer {
  void *v;
  size_t bytes;
} buffer;

struct ads_flow_fixed {
  com_ctx *ctx;
  const ads_problem *p;
  const ads_flow_fixed_method *method;
  size_t n_steps, stride, n_eta, n_theta, n_kappa, n_params, dim, workers;
  int fused, mass, fresh; /* mass: a kappa moves the linear coefficient; fresh: h and coef belong to params */
  double *eta, *eta_h, *w, *h, *params, *scale, *g_eta; /* [n_eta] each, params [n_params] */
  double c[3], *dc; /* cubic coefficients and their derivatives [3][n_kappa] */
  ads_flow_fixed_coef *coef;
  buffer tape, alive, sums, lam, work, jac;
  size_t n, block, ld, n_blocks, ring, n_sum, n_work;
  const double *y0, *lam1; /* arguments of the running call */
  double *y1, *lam0, *J;
  unsigned char *frozen;
  int taped;
  ads_flow_stats st;
};
typedef struct ads_flow_fixed fixed;

/* Buffers only grow, so that training does not allocate in its loop. */
static com_status reserve(com_ctx *ctx, buffer *b, size_t bytes) {
  bytes = (bytes + 63) / 64 * 64;
  if (bytes <= b->bytes) return COM_OK;
  free(b->v);
  b->bytes = 0;
  COM_ALLOC(ctx, b->v = aligned_alloc(64, bytes));
  b->bytes = bytes;
  return COM_OK;
}

/* ---------------------------------------------------------------- grid and coefficients */

/* Where h is taken.  A metric of one value per layer is piecewise constant in a network of Euler layers: each layer uses the
 * value of the node at or before it, also when the network has more layers than the metric. */
static void hold_layers(fixed *f) {
  const ads_metric *m = &f->p->metric;
  const double slack = 1e-9;
  double first = 0, step = 0;
  memcpy(f->eta_h, f->eta, f->n_eta * sizeof *f->eta);
  if (f->method->n_stages != 1 || !m->ops->nodes || !m->ops->nodes(m->opts, &m->span, 1, &first, &step))
    return;
  for (size_t e = 0; e < f->n_eta; e++)
    f->eta_h[e] = first + step * floor((f->eta[e] - first) / step + slack);
}

/* eta at the h-points; w = (x1 - x0)/N * deta/dx there. */
static void fill_grid(fixed *f, int log_grid) {
  const double uv = f->p->at->eta_uv, ir = f->p->at->eta_ir, n = (double)f->n_steps;
  const double dx = (log_grid ? log(ir / uv) : ir - uv) / n;
  for (size_t e = 0; e < f->n_eta; e++) {
    const double at = (double)(e / f->stride) + f->method->c[e % f->stride];
    f->eta[e] = log_grid ? uv * exp(dx * at) : uv + dx * at;
    if (f->method->share && e + 1 == f->n_eta) f->eta[e] = ir;
    f->w[e] = log_grid ? dx * f->eta[e] : dx;
  }
  hold_layers(f);
}

static com_status allocate(fixed *f) {
  com_ctx *ctx = f->ctx;
  COM_ALLOC(ctx, f->eta = calloc(6 * f->n_eta + f->n_params + 1, sizeof(double)));
  f->w = f->eta + f->n_eta, f->h = f->w + f->n_eta, f->scale = f->h + f->n_eta;
  f->g_eta = f->scale + f->n_eta, f->eta_h = f->g_eta + f->n_eta, f->params = f->eta_h + f->n_eta;
  COM_ALLOC(ctx, f->coef = calloc(f->n_steps * f->method->n_stages, sizeof *f->coef));
  COM_ALLOC(ctx, f->dc = calloc(3 * f->n_kappa + 1, sizeof(double)));
  return COM_OK;
}

com_status ads_flow_fixed_create(com_ctx *ctx, const ads_problem *p, const ads_flow_fixed_method *m,
                                 size_t n_steps, int log_grid, void **out) {
  *out = NULL;
  const ads_bulk_ops *ops = p->bulk.ops;
  COM_CHECK(ctx, !log_grid || (p->at->eta_uv > 0 && p->at->eta_ir > 0), COM_E_CONFIG,
            "flow.grid = \"log\": needs eta_uv > 0 and eta_ir > 0; use \"uniform\"");
  COM_CHECK(ctx, !m->kick || ops->dim == 2, COM_E_CONFIG,
            "flow.rule = \"euler_new\": needs a bulk equation of two components (phi, pi), %s has %zu; use "
            "\"euler_old\"",
            ops->c.name, ops->dim);
  fixed *f;
  COM_ALLOC(ctx, f = calloc(1, sizeof *f));
  f->ctx = ctx, f->p = p, f->method = m, f->n_steps = n_steps, f->dim = ops->dim;
  f->stride = m->n_nodes - (m->share ? 1 : 0);
  f->n_eta = n_steps * f->stride + (m->share ? 1 : 0);
  f->n_theta = p->metric.n_theta, f->n_kappa = ops->n_kappa, f->n_params = f->n_theta + f->n_kappa;
  f->fused = ops->cubic != NULL && f->dim == 2;
  f->workers = p->pool ? com_pool_threads(p->pool) : 1;
  com_status status = allocate(f);
  if (status) {
    ads_flow_fixed_destroy(f);
    return status;
  }
  fill_grid(f, log_grid);
  *out = f;
  return COM_OK;
}

void ads_flow_fixed_destroy(void *self) {
  fixed *f = self;
  if (!f) return;
  free(f->eta), free(f->coef), free(f->dc);
  free(f->tape.v), free(f->alive.v), free(f->sums.v), free(f->lam.v), free(f->work.v), free(f->jac.v);
  free(f);
}

/* h at the h-points; for a cubic oscillator the stage coefficients with the step width folded in. */
static void set_params(fixed *f, const double *params) {
  if (f->fresh && !memcmp(f->params, params, f->n_params * sizeof *params)) return;
  memcpy(f->params, params, f->n_params * sizeof *params);
  f->fresh = 1;
  ads_metric_eval(&f->p->metric, params, f->n_eta, f->eta_h, f->h, NULL);
  for (size_t e = 0; e < f->n_eta; e++) f->scale[e] = 1;
  if (!f->fused) return;
  f->p->bulk.ops->cubic(f->p->bulk.opts, params + f->n_theta, f->c, f->dc);
  f->mass = 0;
  for (size_t j = 0; j < f->n_kappa; j++) f->mass |= f->dc[f->n_kappa + j] != 0;
  for (size_t e = 0; e < f->n_eta; e++) f->scale[e] = f->c[0] * f->w[e];
  const ads_flow_fixed_method *m = f->method;
  for (size_t s = 0; s < f->n_steps; s++)
    for (size_t t = 0; t < m->n_stages; t++) {
      const size_t e = s * f->stride + m->node[t];
      f->coef[s * m->n_stages + t] = (ads_flow_fixed_coef){
          .w = f->w[e], .a = f->w[e] * f->c[0] * f->h[e], .m = f->w[e] * f->c[1], .c = f->w[e] * f->c[2]};
    }
}

static ads_flow_fixed_plan plan_of(const fixed *f) {
  return (ads_flow_fixed_plan){
      .method = f->method, .n_steps = f->n_steps, .stride = f->stride, .coef = f->coef, .cap = f->p->at->cap};
}
static ads_flow_fixed_any any_of(const fixed *f) {
  return (ads_flow_fixed_any){.method = f->method,
                              .bulk = &f->p->bulk,
                              .kappa = f->params + f->n_theta,
                              .n_steps = f->n_steps,
                              .stride = f->stride,
                              .dim = f->dim,
                              .eta = f->eta,
                              .h = f->h,
                              .w = f->w,
                              .cap = f->p->at->cap};
}
static int is_rk4(const fixed *f) { return f->method->n_stages == 4 && f->method->n_nodes == 3; }
static int is_euler(const fixed *f) { return f->method->n_stages == 1; }

/* ---------------------------------------------------------------- forward */

static size_t block_size(const fixed *f, size_t k) {
  const size_t left = f->n - k * f->block;
  return left < f->block ? left : f->block;
}
static double *tape_of(const fixed *f, size_t k) {
  return (double *)f->tape.v + k * f->ring * f->dim * f->ld;
}
static int64_t *alive_of(const fixed *f, size_t k) { return (int64_t *)f->alive.v + k * f->ld; }
static size_t rows_of(const fixed *f) { return f->taped ? f->n_steps + 1 : 2; }

/* Samples off .. off + n of a batch of N into the first row of a block; padding lanes hold zeros. */
static void gather(const fixed *f, size_t k, const double *from, double *to) {
  const size_t n = block_size(f, k);
  for (size_t c = 0; c < f->dim; c++) {
    memcpy(to + c * f->ld, from + c * f->n + k * f->block, n * sizeof *to);
    for (size_t i = n; i < f->ld; i++) to[c * f->ld + i] = 0;
  }
}
static void scatter(const fixed *f, size_t k, const double *from, double *to) {
  for (size_t c = 0; c < f->dim; c++)
    memcpy(to + c * f->n + k * f->block, from + c * f->ld, block_size(f, k) * sizeof *to);
}

static com_status forward_block(size_t k, size_t worker, void *user) {
  fixed *f = user;
  double *tape = tape_of(f, k);
  int64_t *alive = alive_of(f, k);
  const size_t n = block_size(f, k), row = f->dim * f->ld;
  gather(f, k, f->y0, tape);
  for (size_t i = 0; i < f->ld; i++) {
    alive[i] = -1;
    for (size_t c = 0; c < f->dim; c++)
      if (!(fabs(tape[c * f->ld + i]) <= f->p->at->cap)) alive[i] = 0;
  }
  if (f->fused) {
    const ads_flow_fixed_plan pl = plan_of(f);
    ads_flow_fixed_simd_forward run = is_rk4(f)     ? ads_flow_fixed_simd_rk4
                                      : is_euler(f) ? ads_flow_fixed_simd_euler
                                                    : ads_flow_fixed_simd_tableau;
    run(&pl, n, f->ld, tape, f->ring, alive);
  } else {
    const ads_flow_fixed_any any = any_of(f);
    ads_flow_fixed_any_forward(&any, f->ld, tape, f->ring, alive, (double *)f->work.v + worker * f->n_work);
  }
  scatter(f, k, tape + (f->n_steps % f->ring) * row, f->y1);
  size_t n_frozen = 0;
  for (size_t i = 0; i < n; i++) n_frozen += f->frozen[k * f->block + i] = !alive[i];
  /* A frozen sample has no gradient: its tape is zeroed, so that the reverse sweep meets only finite numbers. */
  if (n_frozen && f->taped) ads_flow_fixed_simd_mask(f->ring * f->dim, f->ld, alive, tape);
  return COM_OK;
}

/* Sample-stages (about 0.6 ns each) below which waking a worker (30 us, docs/numerics.md) costs more than it saves. */
static const size_t WORTH_SHARING = 150000;

static com_status run_blocks(fixed *f, com_pool_fn fn) {
  const size_t work = f->n * f->n_steps * f->method->n_stages;
  if (f->p->pool && f->n_blocks > 1 && work >= WORTH_SHARING)
    return com_pool_run(f->p->pool, f->n_blocks, fn, f);
  for (size_t k = 0; k < f->n_blocks; k++) COM_TRY(fn(k, 0, f));
  return COM_OK;
}

/* Cut n samples into blocks and size the buffers. */
static com_status divide(fixed *f, size_t n, int tape) {
  f->n = n, f->taped = tape != 0;
  f->block = (size_t)f->p->at->block;
  if (f->block > n) f->block = n;
  f->ld = (f->block + LANES - 1) / LANES * LANES;
  f->n_blocks = n ? (n + f->block - 1) / f->block : 0;
  f->ring = rows_of(f);
  COM_TRY(reserve(f->ctx, &f->tape, f->n_blocks * f->ring * f->dim * f->ld * sizeof(double)));
  COM_TRY(reserve(f->ctx, &f->alive, f->n_blocks * f->ld * sizeof(int64_t)));
  if (f->fused) return COM_OK;
  const ads_flow_fixed_any any = any_of(f);
  f->n_work = (ads_flow_fixed_any_scratch(&any, f->ld) + LANES - 1) / LANES * LANES;
  return reserve(f->ctx, &f->work, f->workers * f->n_work * sizeof(double));
}

com_status ads_flow_fixed_forward(void *self, size_t n, const double *params, const double *y0, double *y1,
                                  unsigned char *frozen, int tape) {
  fixed *f = self;
  COM_TRY(divide(f, n, tape));
  set_params(f, params);
  f->y0 = y0, f->y1 = y1, f->frozen = frozen;
  f->st.steps += (long)f->n_steps, f->st.rhs += (long)(f->n_steps * f->method->n_stages),
      f->st.forward_calls++;
  return run_blocks(f, forward_block);
}

/* ---------------------------------------------------------------- backward */

/* lam1 into the block, zero for frozen samples. */
static void gather_lam(const fixed *f, size_t k, double *lam) {
  gather(f, k, f->lam1, lam);
  ads_flow_fixed_simd_mask(f->dim, f->ld, alive_of(f, k), lam);
}

/* Adjoint of one block in the fused kernels: block sums gh[n_eta][LANES], gm[LANES], gc[LANES]. */
static void backward_fused(fixed *f, size_t k, double *lam, double *sum) {
  const ads_flow_fixed_plan pl = plan_of(f);
  ads_flow_fixed_simd_backward run = is_rk4(f)     ? ads_flow_fixed_simd_rk4_adj
                                     : is_euler(f) ? ads_flow_fixed_simd_euler_adj
                                                   : ads_flow_fixed_simd_tableau_adj;
  run(&pl, block_size(f, k), f->ld, tape_of(f, k), lam, sum, f->mass ? sum + f->n_eta * LANES : NULL,
      sum + (f->n_eta + 1) * LANES);
}

/* Per-sample sums of one block: gh[n_eta][ld], gk[n_kappa][ld]; gm, gc are folded into gk for a cubic oscillator. */
static void each_sample(fixed *f, size_t k, double *lam, double *gh, double *gk, double *work) {
  memset(gh, 0, (f->n_eta + f->n_kappa) * f->ld * sizeof *gh);
  if (!f->fused) {
    const ads_flow_fixed_any any = any_of(f);
    ads_flow_fixed_any_backward(&any, f->ld, tape_of(f, k), lam, gh, gk, work);
    return;
  }
  const ads_flow_fixed_plan pl = plan_of(f);
  double *gm = work, *gc = work + f->ld;
  memset(work, 0, 2 * f->ld * sizeof *work);
  ads_flow_fixed_simd_backward run =
      is_euler(f) ? ads_flow_fixed_simd_euler_jac : ads_flow_fixed_simd_tableau_jac;
  run(&pl, block_size(f, k), f->ld, tape_of(f, k), lam, gh, f->mass ? gm : NULL, gc);
  for (size_t j = 0; j < f->n_kappa; j++) {
    double *out = gk + j * f->ld;
    const double d0 = f->dc[j], d1 = f->dc[f->n_kappa + j], d2 = f->dc[2 * f->n_kappa + j];
    for (size_t i = 0; i < f->ld; i++) out[i] = d1 * gm[i] + d2 * gc[i];
    for (size_t e = 0; d0 != 0 && e < f->n_eta; e++)
      for (size_t i = 0; i < f->ld; i++) out[i] += d0 * f->w[e] * f->h[e] * gh[e * f->ld + i];
  }
}

/* Scratch of one worker: lam | gh | gk | jt | scratch of the kernels. */
static size_t worker_doubles(const fixed *f) {
  const size_t own = f->fused ? 2 * f->ld : f->n_work;
  return (f->dim + f->n_eta + f->n_kappa + f->n_theta) * f->ld + own;
}

static com_status backward_block(size_t k, size_t worker, void *user) {
  fixed *f = user;
  double *lam = (double *)f->lam.v + worker * worker_doubles(f), *sum = (double *)f->sums.v + k * f->n_sum;
  gather_lam(f, k, lam);
  memset(sum, 0, f->n_sum * sizeof *sum);
  if (f->fused) {
    backward_fused(f, k, lam, sum);
  } else {
    double *gh = lam + f->dim * f->ld, *gk = gh + f->n_eta * f->ld;
    each_sample(f, k, lam, gh, gk, gk + (f->n_kappa + f->n_theta) * f->ld);
    for (size_t r = 0; r < f->n_eta + f->n_kappa; r++)
      for (size_t i = 0; i < f->ld; i++) sum[r * LANES + i % LANES] += gh[r * f->ld + i];
  }
  if (f->lam0) scatter(f, k, lam, f->lam0);
  return COM_OK;
}

/* One number per row from lanes and blocks, in a fixed order. */
static double reduce(const fixed *f, size_t row) {
  double lane[LANES] = {0}, s = 0;
  for (size_t k = 0; k < f->n_blocks; k++) {
    const double *v = (const double *)f->sums.v + k * f->n_sum + row * LANES;
    for (size_t l = 0; l < LANES; l++) lane[l] += v[l];
  }
  for (size_t l = 0; l < LANES; l++) s += lane[l];
  return s;
}

static com_status prepare_backward(fixed *f, const double *lam1, double *lam0) {
  COM_CHECK(f->ctx, f->taped, COM_E_NUM, "backward without a taped forward pass");
  f->lam1 = lam1, f->lam0 = lam0;
  f->st.steps_back += (long)f->n_steps, f->st.rhs_back += (long)(f->n_steps * f->method->n_stages),
      f->st.backward_calls++;
  return reserve(f->ctx, &f->lam, f->workers * worker_doubles(f) * sizeof(double));
}

com_status ads_flow_fixed_backward(void *self, const double *lam1, double *lam0, double *g) {
  fixed *f = self;
  f->n_sum = (f->n_eta + (f->fused ? 2 : f->n_kappa)) * LANES;
  COM_TRY(prepare_backward(f, lam1, lam0));
  COM_TRY(reserve(f->ctx, &f->sums, f->n_blocks * f->n_sum * sizeof(double)));
  COM_TRY(run_blocks(f, backward_block));
  double *w = f->g_eta, s0 = 0;
  for (size_t e = 0; e < f->n_eta; e++) {
    const double v = reduce(f, e);
    w[e] = f->scale[e] * v;
    s0 += f->w[e] * f->h[e] * v;
  }
  ads_metric_vjp(&f->p->metric, f->params, f->n_eta, f->eta_h, w, NULL, g);
  const double gm = f->fused ? reduce(f, f->n_eta) : 0, gc = f->fused ? reduce(f, f->n_eta + 1) : 0;
  for (size_t j = 0; j < f->n_kappa; j++)
    g[f->n_theta + j] += f->fused
                             ? f->dc[j] * s0 + f->dc[f->n_kappa + j] * gm + f->dc[2 * f->n_kappa + j] * gc
                             : reduce(f, f->n_eta + j);
  return COM_OK;
}

static com_status jacobian_block(size_t k, size_t worker, void *user) {
  fixed *f = user;
  double *lam = (double *)f->lam.v + worker * worker_doubles(f), *gh = lam + f->dim * f->ld,
         *gk = gh + f->n_eta * f->ld;
  double *jt = gk + f->n_kappa * f->ld;
  gather_lam(f, k, lam);
  each_sample(f, k, lam, gh, gk, jt + f->n_theta * f->ld);
  ads_flow_fixed_simd_chain(f->n_eta, f->n_theta, f->ld, f->scale, f->jac.v, gh, jt);
  for (size_t i = 0; i < block_size(f, k); i++) {
    double *row = f->J + (k * f->block + i) * f->n_params;
    for (size_t t = 0; t < f->n_theta; t++) row[t] = jt[t * f->ld + i];
    for (size_t j = 0; j < f->n_kappa; j++) row[f->n_theta + j] = gk[j * f->ld + i];
  }
  if (f->lam0) scatter(f, k, lam, f->lam0);
  return COM_OK;
}

com_status ads_flow_fixed_jacobian(void *self, const double *lam1, double *lam0, double *J) {
  fixed *f = self;
  COM_TRY(prepare_backward(f, lam1, lam0));
  COM_TRY(reserve(f->ctx, &f->jac, (f->n_eta * f->n_theta + 1) * sizeof(double)));
  ads_metric_jac(&f->p->metric, f->params, f->n_eta, f->eta_h, f->jac.v);
  f->J = J;
  return run_blocks(f, jacobian_block);
}

void ads_flow_fixed_stats(const void *self, ads_flow_stats *out) { *out = ((const fixed *)self)->st; }
