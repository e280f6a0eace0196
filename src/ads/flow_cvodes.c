/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bulk flow as a neural ODE: CVODES forward, its adjoint for the gradient.
 *     y' = f(eta, y; h(eta; theta), kappa),           y(eta_uv) = y0,
 *     lam' = -(df/dy)^T lam,                          lam(eta_ir) = dl/dy1,
 *     dl/dtheta_j = int_uv^ir [sum_i lam_i^T df/dh] dh/dtheta_j deta,   dl/dkappa likewise     (docs/physics.md, adjoint)
 * One solver per block of samples and per smooth piece of the metric, so that no step crosses a knot of h. */
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "ads/flow.h"
#include "ads/flow_runaway.h"
#include "common/ode.h"
#include "common/ode_simd.h"

typedef struct options {
  double rel_tol, abs_tol, rel_tol_b, abs_tol_b;
  int method, quad_control, max_steps;
} options;

static const char *const methods[] = {"adams", "bdf", NULL};
static const com_field fields[] = {
    {"rel_tol", "relative tolerance of the integration", "1", COM_F_REAL, offsetof(options, rel_tol), 1e-8,
     1e-14, 1e-1, NULL, NULL, COM_FF_LO_OPEN},
    {"abs_tol", "absolute tolerance of the integration", "1", COM_F_REAL, offsetof(options, abs_tol), 1e-10,
     0, 1, NULL, NULL, COM_FF_LO_OPEN},
    {"rel_tol_b", "relative tolerance of the adjoint; absent: 10 rel_tol", "1", COM_F_REAL,
     offsetof(options, rel_tol_b), NAN, 1e-14, 1e-1, NULL, NULL, COM_FF_LO_OPEN},
    {"abs_tol_b", "absolute tolerance of the adjoint, relative to the size of dl/dy1; absent: as abs_tol",
     "1", COM_F_REAL, offsetof(options, abs_tol_b), NAN, 0, 1, NULL, NULL, COM_FF_LO_OPEN},
    {"method", "multistep family; the fixed-point solver serves both", NULL, COM_F_ENUM,
     offsetof(options, method), 0, 0, 0, methods, "adams", 0},
    {"quad_control", "gradient integrals take part in the error test", NULL, COM_F_BOOL,
     offsetof(options, quad_control), 1, 0, 0, NULL, NULL, 0},
    {"max_steps", "steps allowed per block and direction", "1", COM_F_INT, offsetof(options, max_steps), 5000,
     10, 100000000, NULL, NULL, 0},
    {0}};

/* Default looseness of the adjoint.  On 2000 samples at rel_tol 1e-8 it takes a quarter less time, and the error of the
 * gradient (8e-8 against 2e-7) does not grow: the forward pass dominates it. */
/* Errors per step add up over the integration, and the norm of a batch is a mean over its samples: the solver gets a fraction of what is asked. */
static const double LOCAL = 0.2, TIGHTEST = 1e-14;
static const double LOOSER = 10;

typedef struct flow flow;
enum { SUMMED, PER_SAMPLE }; /* what the quadratures accumulate */

/* A block of samples: its solvers (tapes live in them), its copies of the data, its work arrays. */
typedef struct block {
  flow *f;
  size_t n, off, room; /* samples; index of the first; samples allocated */
  com_ode **ode;       /* [n_seg], made when first needed */
  double *mem;         /* holds the arrays below */
  double *y0, *y, *lam, *fh, *fk, *row, *g;
  double *q; /* [room][np], per-sample integrals of one segment, for jacobians only */
  size_t q_room;
  ads_flow_runaway run; /* who has run away */
  double eta, h;        /* last value asked of the metric; eta NAN = none */
  int mode;
} block;

struct flow {
  com_ctx *ctx;
  const ads_problem *p;
  com_ode_opts ode;
  size_t dim, nt, nk, np;
  size_t n_seg;
  double *eta;             /* [n_seg + 1]: eta_uv, knots, eta_ir */
  size_t n_blocks, n_made; /* in use; allocated */
  block **blocks;
  double *params; /* [np], of the last forward */
  size_t n;       /* samples of the last forward */
  int taped;
  ads_flow_stats calls; /* only the *_calls members */
  /* arguments of the running call */
  const double *in, *lam1;
  double *out, *J;
  unsigned char *frozen;
  int tape, want_g;
};

/* ---- callbacks of the solver ---- */

static double metric_at(block *b, double eta) {
  if (eta != b->eta) {
    double h[ADS_FLOW_RUNAWAY_MAX_FN];
    ads_metric_eval(&b->f->p->metric, b->f->params, 1, &eta, h, NULL);
    b->eta = eta;
    b->h = h[0];
  }
  return b->h;
}

static int rhs(double eta, const double *y, double *ydot, void *user) {
  block *b = user;
  const ads_bulk *bulk = &b->f->p->bulk;
  int code = ads_flow_runaway_check(&b->run, y);
  if (code) return code;
  code = bulk->ops->rhs(bulk->opts, b->f->params + b->f->nt, eta, metric_at(b, eta), b->n, y, ydot);
  ads_flow_runaway_hold(&b->run, ydot);
  return code;
}

static int adjoint(double eta, const double *y, const double *lam, double *lamdot, void *user) {
  block *b = user;
  const ads_bulk *bulk = &b->f->p->bulk;
  int code = bulk->ops->vjp(bulk->opts, b->f->params + b->f->nt, eta, metric_at(b, eta), b->n, y, lam, lamdot,
                            NULL, NULL);
  com_ode_simd_scale(b->f->dim * b->n, -1, lamdot, lamdot);
  return code;
}

static int integrand(double eta, const double *y, const double *lam, double *qdot, void *user) {
  block *b = user;
  const flow *f = b->f;
  const ads_bulk *bulk = &f->p->bulk;
  int code = bulk->ops->vjp(bulk->opts, f->params + f->nt, eta, metric_at(b, eta), b->n, y, lam, NULL,
                            f->nt ? b->fh : NULL, f->nk ? b->fk : NULL);
  if (f->nt) ads_metric_jac(&f->p->metric, f->params, 1, &eta, b->row);
  if (b->mode == PER_SAMPLE) {
    for (size_t j = 0; j < f->nt; j++) com_ode_simd_scale(b->n, b->row[j], b->fh, qdot + j * b->n);
    if (f->nk) memcpy(qdot + f->nt * b->n, b->fk, f->nk * b->n * sizeof *qdot);
    return code;
  }
  double s = f->nt ? com_ode_simd_sum(b->n, b->fh) : 0;
  for (size_t j = 0; j < f->nt; j++) qdot[j] = s * b->row[j];
  for (size_t k = 0; k < f->nk; k++) qdot[f->nt + k] = com_ode_simd_sum(b->n, b->fk + k * b->n);
  return code;
}

/* ---- blocks ---- */

static void block_destroy(block *b, size_t n_seg) {
  if (!b) return;
  for (size_t s = 0; b->ode && s < n_seg; s++) com_ode_destroy(b->ode[s]);
  ads_flow_runaway_finish(&b->run);
  free(b->ode);
  free(b->mem);
  free(b->q);
  free(b);
}

/* Arrays for n samples; they only grow, so that training does not allocate in its loop. */
static com_status block_size(block *b, size_t off, size_t n) {
  const flow *f = b->f;
  if (n > b->room) {
    free(b->mem);
    b->room = 0;
    size_t total = n * (3 * f->dim + 1 + f->nk) + 2 * f->np;
    COM_ALLOC(f->ctx, b->mem = calloc(total + 1, sizeof(double)));
    COM_TRY(ads_flow_runaway_init(f->ctx, f->p, n, &b->run));
    b->room = n;
    b->y0 = b->mem;
    b->y = b->y0 + f->dim * n;
    b->lam = b->y + f->dim * n;
    b->fh = b->lam + f->dim * n;
    b->fk = b->fh + n;
    b->row = b->fk + f->nk * n;
    b->g = b->row + f->np;
  }
  b->off = off;
  b->n = n;
  return COM_OK;
}

static com_status block_create(flow *f, block **out) {
  block *b = NULL;
  COM_ALLOC(f->ctx, b = calloc(1, sizeof *b));
  b->f = f;
  *out = b; /* now owned by the flow, finished or not */
  COM_ALLOC(f->ctx, b->ode = calloc(f->n_seg, sizeof(com_ode *)));
  for (size_t s = 0; s < f->n_seg; s++)
    COM_TRY(com_ode_create(NULL, &f->ode, rhs, adjoint, integrand, b, &b->ode[s]));
  return COM_OK;
}

/* Cut n samples into equal blocks of at most `block` (equal: the last worker does not wait for a full one). */
static com_status cut(flow *f, size_t n) {
  size_t most = (size_t)f->p->at->block, nb = (n + most - 1) / most;
  if (nb > f->n_made) {
    block **more = NULL;
    COM_ALLOC(f->ctx, more = realloc(f->blocks, nb * sizeof *more));
    f->blocks = more;
    while (f->n_made < nb) {
      f->blocks[f->n_made] = NULL;
      COM_TRY(block_create(f, &f->blocks[f->n_made++]));
    }
  }
  f->n_blocks = nb;
  f->n = n;
  for (size_t k = 0; k < nb; k++)
    COM_TRY(block_size(f->blocks[k], n * k / nb, n * (k + 1) / nb - n * k / nb));
  return COM_OK;
}

static void gather(const block *b, const double *from, double *to) {
  for (size_t c = 0; c < b->f->dim; c++)
    memcpy(to + c * b->n, from + c * b->f->n + b->off, b->n * sizeof *to);
}

static void scatter(const block *b, const double *from, double *to) {
  for (size_t c = 0; c < b->f->dim; c++)
    memcpy(to + c * b->f->n + b->off, from + c * b->n, b->n * sizeof *to);
}

static com_status run(flow *f, com_pool_fn fn) {
  if (f->p->pool) return com_pool_run(f->p->pool, f->n_blocks, fn, f);
  for (size_t k = 0; k < f->n_blocks; k++) COM_TRY(fn(k, 0, f));
  return COM_OK;
}

/* ---- the three functions of a flow ---- */

static com_status forward_block(size_t task, size_t worker, void *user) {
  (void)worker;
  flow *f = user;
  block *b = f->blocks[task];
  com_status status = COM_OK;
  gather(b, f->in, b->y0);
  b->eta = NAN;
  ads_flow_runaway_start(&b->run, f->params, b->n, b->y0);
  do { /* again, without the samples found to run away */
    size_t s = 0;
    memcpy(b->y, b->y0, f->dim * b->n * sizeof *b->y);
    ads_flow_runaway_hold(&b->run, b->y);
    for (status = COM_OK; s < f->n_seg && !status; s++)
      status = com_ode_forward(b->ode[s], f->dim * b->n, f->eta[s], f->eta[s + 1], b->y, b->y, f->tape);
    if (status && !ads_flow_runaway_again(&b->run))
      return COM_FAIL(f->ctx, status, "flow.cvodes: %s", com_ode_error(b->ode[s - 1]));
  } while (status);
  ads_flow_runaway_result(&b->run, b->y, f->frozen + b->off);
  scatter(b, b->y, f->out);
  return COM_OK;
}

static com_status forward(void *self, size_t n, const double *params, const double *y0, double *y1,
                          unsigned char *frozen, int tape) {
  flow *f = self;
  f->taped = 0;
  f->calls.forward_calls++;
  COM_TRY(cut(f, n));
  memcpy(f->params, params, f->np * sizeof *params);
  f->in = y0;
  f->out = y1;
  f->frozen = frozen;
  f->tape = tape;
  COM_TRY(run(f, forward_block));
  f->taped = tape;
  return COM_OK;
}

/* The adjoint is linear: it is integrated in a unit near the size of its start, a power of two so that no digit changes. */
static double unit_of(double scale) {
  int e = 0;
  if (!(scale > 0) || !isfinite(scale)) return 1;
  frexp(scale, &e);
  return ldexp(1, e < -1000 ? -1000 : e);
}

/* Adjoint of a block: lam0 into b->lam, integrals into b->g (SUMMED) or straight into J (PER_SAMPLE).  Those of one
 * segment come out in q; `row` can serve because the integrand has done with it by then. */
static com_status backward_block(size_t task, size_t worker, void *user) {
  (void)worker;
  flow *f = user;
  block *b = f->blocks[task];
  gather(b, f->lam1, b->lam);
  ads_flow_runaway_hold(&b->run, b->lam);
  double scale = com_ode_simd_max_abs(f->dim * b->n, b->lam);
  const double unit = unit_of(scale); /* the weights of a saturated classifier reach down to 1e-304 */
  com_ode_simd_scale(f->dim * b->n, 1 / unit, b->lam, b->lam);
  scale /= unit;
  size_t per = b->mode == PER_SAMPLE ? b->n : 1, nq = f->want_g ? f->np * per : 0;
  double *q = b->mode == PER_SAMPLE ? b->q : b->row,
         *sum = b->mode == PER_SAMPLE ? f->J + b->off * f->np : b->g;
  if (f->want_g) memset(sum, 0, f->np * per * sizeof *sum);
  b->eta = NAN;
  for (size_t s = f->n_seg; s-- > 0 && scale > 0;) {
    com_status status = com_ode_backward(b->ode[s], b->lam, scale, b->lam, nq, q);
    if (status) return COM_FAIL(f->ctx, status, "flow.cvodes: %s", com_ode_error(b->ode[s]));
    for (size_t j = 0; f->want_g && j < f->np; j++)
      for (size_t i = 0; i < per; i++) sum[i * f->np + j] += unit * q[j * per + i];
  }
  com_ode_simd_scale(f->dim * b->n, unit, b->lam, b->lam);
  if (f->out) scatter(b, b->lam, f->out);
  return COM_OK;
}

static com_status reverse(flow *f, int mode, const double *lam1, double *lam0) {
  COM_CHECK(f->ctx, f->taped, COM_E_NUM, "flow.cvodes: backward pass without a recorded forward pass");
  f->calls.backward_calls++;
  f->lam1 = lam1;
  f->out = lam0;
  for (size_t k = 0; k < f->n_blocks; k++) {
    block *b = f->blocks[k];
    b->mode = mode;
    if (mode == PER_SAMPLE && b->n * f->np > b->q_room) {
      free(b->q);
      b->q_room = 0;
      COM_ALLOC(f->ctx, b->q = calloc(b->n * f->np, sizeof *b->q));
      b->q_room = b->n * f->np;
    }
  }
  return run(f, backward_block);
}

static com_status backward(void *self, const double *lam1, double *lam0, double *g) {
  flow *f = self;
  f->want_g = g && f->np > 0;
  COM_TRY(reverse(f, SUMMED, lam1, lam0));
  for (size_t k = 0; k < f->n_blocks && f->want_g;
       k++) /* in block order: the same digits with any number of threads */
    for (size_t j = 0; j < f->np; j++) g[j] += f->blocks[k]->g[j];
  return COM_OK;
}

static com_status jacobian(void *self, const double *lam1, double *lam0, double *J) {
  flow *f = self;
  f->want_g = f->np > 0;
  f->J = J;
  return reverse(f, PER_SAMPLE, lam1, lam0);
}

static void stats(const void *self, ads_flow_stats *out) {
  const flow *f = self;
  *out = f->calls;
  for (size_t k = 0; k < f->n_made; k++)
    for (size_t s = 0; s < f->n_seg; s++) {
      com_ode_stats o;
      com_ode_statistics(f->blocks[k]->ode[s], &o);
      out->steps += o.steps;
      out->rhs += o.rhs;
      out->steps_back += o.steps_back;
      out->rhs_back += o.rhs_back;
      out->checkpoints += o.checkpoints;
    }
}

/* ---- life ---- */

static void destroy(void *self) {
  flow *f = self;
  if (!f) return;
  for (size_t k = 0; k < f->n_made; k++) block_destroy(f->blocks[k], f->n_seg);
  free(f->blocks);
  free(f->params);
  free(f->eta);
  free(f);
}

static int farther(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Segment ends: eta_uv, the knots of the metric in the order met, eta_ir. */
static com_status segments(flow *f) {
  enum { MOST = 1024 };
  const ads_metric *m = &f->p->metric;
  double uv = f->p->at->eta_uv, ir = f->p->at->eta_ir, *eta = NULL;
  const double apart = 1e-9 * fabs(ir - uv); /* closer knots are one knot */
  COM_ALLOC(f->ctx, f->eta = calloc(MOST + 2, sizeof *f->eta));
  eta = f->eta + 1;
  size_t n = m->ops->kinks ? m->ops->kinks(m->opts, &m->span, MOST, eta) : 0, kept = 0;
  for (size_t k = 0; k < n; k++) eta[k] = (eta[k] - uv) * (ir > uv ? 1 : -1); /* distance from the UV end */
  qsort(eta, n, sizeof *eta, farther);
  double last = 0;
  for (size_t k = 0; k < n; k++) {
    if (eta[k] - last < apart || fabs(ir - uv) - eta[k] < apart) continue;
    last = eta[k];
    eta[kept++] = uv + last * (ir > uv ? 1 : -1);
  }
  f->eta[0] = uv;
  f->eta[kept + 1] = ir;
  f->n_seg = kept + 1;
  return COM_OK;
}

static com_status create(com_ctx *ctx, const void *opts, const ads_problem *p, void **self) {
  const options *o = opts;
  flow *f = NULL;
  com_status status = COM_OK;
  *self = NULL;
  COM_ALLOC(ctx, f = calloc(1, sizeof *f));
  f->ctx = ctx;
  f->p = p;
  f->ode = (com_ode_opts){.bdf = o->method == 1,
                          .rel_tol = fmax(LOCAL * o->rel_tol, TIGHTEST),
                          .abs_tol = LOCAL * o->abs_tol,
                          .rel_tol_b = isnan(o->rel_tol_b) ? fmin(LOOSER * o->rel_tol, 0.1) : o->rel_tol_b,
                          .abs_tol_b = isnan(o->abs_tol_b) ? 0 : o->abs_tol_b,
                          .quad_control = o->quad_control,
                          .max_steps = o->max_steps};
  f->ode.abs_tol_q = f->ode.abs_tol_b;
  f->dim = p->bulk.ops->dim;
  f->nt = p->metric.n_theta;
  f->nk = p->bulk.ops->n_kappa;
  f->np = f->nt + f->nk;
  COM_GOTO(done, segments(f));
  f->params = calloc(f->np + 1, sizeof *f->params);
  if (!f->params) status = COM_FAIL(ctx, COM_E_MEM, "out of memory");
done:
  if (status) {
    destroy(f);
    return status;
  }
  *self = f;
  return COM_OK;
}

const ads_flow_ops ads_flow_cvodes = {
    .c = {.name = "cvodes",
          .doc = "adaptive multistep integration with adjoint sensitivities",
          .ref = "arXiv:1806.07366; Hindmarsh et al., ACM TOMS 31, 363 (2005)",
          .fields = fields,
          .opt_size = sizeof(options)},
    .exact_gradient = 0,
    .create = create,
    .forward = forward,
    .backward = backward,
    .jacobian = jacobian,
    .stats = stats,
    .destroy = destroy};
