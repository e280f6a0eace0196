/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CVODES behind our contract.  Choices and their reasons (measurements: docs/numerics.md):
 *  - Adams with the fixed-point solver: the flows are not stiff, Newton is pure cost.
 *  - CV_HERMITE: CV_POLYNOMIAL fails, or silently returns garbage, when t decreases (6.4.1 and later).
 *  - The tape holds more points than there are steps, so that no checkpoint is ever re-integrated; it grows when it must.
 *  - Own vector operations: the library's serial loops are not vectorised. */
#include "common/ode.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <cvodes/cvodes.h>
#include <nvector/nvector_serial.h>
#include <sundials/sundials_context.h>
#include <sundials/sundials_version.h>
#include <sunnonlinsol/sunnonlinsol_fixedpoint.h>
#include "common/ode_simd.h"

#if SUNDIALS_VERSION_MAJOR >= 7
#define NO_COMM SUN_COMM_NULL
#else
#define NO_COMM NULL
#endif

/* Steps below this part of the span would creep towards a wall (a singularity) for ever without reaching it. */
static const double STEP_FLOOR = 1e-13;
enum { TAPE_START = 128, TAPE_GROWTH = 2 }; /* points: a smooth flow takes about 85 steps at 1e-8 */

struct com_ode {
  com_ctx *c;
  com_ode_opts opts;
  com_ode_rhs f;
  com_ode_adj adj;
  com_ode_quad quad;
  void *user;
  SUNContext sun;
  void *mem; /* forward solver; owns the backward one */
  SUNNonlinearSolver solver, solver_b;
  N_Vector y, yb, q, q_tol;
  size_t n, nq; /* lengths of y and q; 0 = not there */
  long nd;      /* points the tape holds */
  int which, has_tape, has_backward, has_quad;
  int taped;     /* a backward may follow */
  int gave_up;   /* a callback returned < 0 in this pass */
  int no_memory; /* a clone was not to be had: what is computed means nothing */
  double t0, t1;
  com_ode_stats stats;
  char message[256], error[512]; /* SUNDIALS' own words; ours */
};

/* ---- vector operations ---- */

static size_t length(N_Vector v) { return (size_t)NV_LENGTH_S(v); }
static double *data(N_Vector v) { return NV_DATA_S(v); }

static void v_linear_sum(sunrealtype a, N_Vector x, sunrealtype b, N_Vector y, N_Vector z) {
  com_ode_simd_axpby(length(z), a, data(x), b, data(y), data(z));
}
static void v_const(sunrealtype a, N_Vector z) { com_ode_simd_fill(length(z), a, data(z)); }
static void v_prod(N_Vector x, N_Vector y, N_Vector z) {
  com_ode_simd_product(length(z), data(x), data(y), data(z));
}
static void v_div(N_Vector x, N_Vector y, N_Vector z) {
  com_ode_simd_quotient(length(z), data(x), data(y), data(z));
}
static void v_scale(sunrealtype a, N_Vector x, N_Vector z) {
  com_ode_simd_scale(length(z), a, data(x), data(z));
}
static void v_abs(N_Vector x, N_Vector z) { com_ode_simd_abs(length(z), data(x), data(z)); }
static void v_inv(N_Vector x, N_Vector z) { com_ode_simd_inverse(length(z), data(x), data(z)); }
static void v_add_const(N_Vector x, sunrealtype a, N_Vector z) {
  com_ode_simd_shift(length(z), a, data(x), data(z));
}
static sunrealtype v_dot(N_Vector x, N_Vector y) { return com_ode_simd_dot(length(x), data(x), data(y)); }
static sunrealtype v_max_norm(N_Vector x) { return com_ode_simd_max_abs(length(x), data(x)); }
static sunrealtype v_min(N_Vector x) { return com_ode_simd_min(length(x), data(x)); }
static sunrealtype v_wrms(N_Vector x, N_Vector w) {
  return sqrt(com_ode_simd_sum_squares(length(x), data(x), data(w)) / (double)length(x));
}

static int v_combine(int m, sunrealtype *c, N_Vector *x, N_Vector z) {
  enum { MOST = 32 }; /* CVODES combines at most order + 2 vectors */
  const double *p[MOST];
  if (m > MOST) return -1;
  for (int k = 0; k < m; k++) {
    p[k] = data(x[k]);
    if (k >= 4 && p[k] == data(z)) return -1; /* the kernel cannot, and CVODES does not */
  }
  com_ode_simd_combine(length(z), (size_t)m, c, p, data(z));
  return 0;
}

static int v_scale_add_multi(int m, sunrealtype *a, N_Vector x, N_Vector *y, N_Vector *z) {
  for (int k = 0; k < m; k++) com_ode_simd_axpby(length(x), a[k], data(x), 1, data(y[k]), data(z[k]));
  return 0;
}

/* N_VClone() of 6.4.1 writes through whatever the clone operation returns, so that a clone may not fail: when memory has
 * ended it is the spare of the vector that new_vector() made, and the pass ends as out of memory. */
typedef struct content {
  struct _N_VectorContent_Serial serial; /* first: what SUNDIALS' macros and functions see */
  com_ode *o;
  N_Vector spare;
} content;
static content *of(N_Vector v) { return v->content; }

static void v_destroy(N_Vector v) {
  if (v != of(v)->spare) N_VDestroy_Serial(v);
}

static N_Vector v_clone(N_Vector w);
static void give_operations(N_Vector_Ops ops) {
  ops->nvclone = v_clone;
  ops->nvdestroy = v_destroy;
  ops->nvlinearsum = v_linear_sum;
  ops->nvconst = v_const;
  ops->nvprod = v_prod;
  ops->nvdiv = v_div;
  ops->nvscale = v_scale;
  ops->nvabs = v_abs;
  ops->nvinv = v_inv;
  ops->nvaddconst = v_add_const;
  ops->nvdotprod = v_dot;
  ops->nvmaxnorm = v_max_norm;
  ops->nvmin = v_min;
  ops->nvwrmsnorm = v_wrms;
  ops->nvlinearcombination = v_combine;
  ops->nvscaleaddmulti = v_scale_add_multi;
}

/* A serial vector with our operations; NULL when memory has ended. */
static N_Vector make_vector(com_ode *o, size_t n, N_Vector spare) {
  N_Vector v = N_VNewEmpty_Serial((sunindextype)n, o->sun);
  content *k = v ? realloc(v->content, sizeof *k) : NULL;
  if (k) v->content = k;
  /* whole cache lines: a 64-byte load from malloc's 16-byte alignment would touch two of them */
  double *p = k ? aligned_alloc(64, (n * sizeof *p + 63) / 64 * 64) : NULL;
  if (!p) {
    if (v) N_VDestroy_Serial(v);
    return NULL;
  }
  NV_DATA_S(v) = p;
  NV_OWN_DATA_S(v) = 1;
  k->o = o;
  k->spare = spare;
  give_operations(v->ops);
  return v;
}

static N_Vector v_clone(N_Vector w) {
  N_Vector v = make_vector(of(w)->o, length(w), of(w)->spare);
  if (v) return v;
  of(w)->o->no_memory = 1;
  return of(w)->spare;
}

static N_Vector new_vector(com_ode *o, size_t n) {
  N_Vector spare = make_vector(o, n, NULL), v = spare ? make_vector(o, n, spare) : NULL;
  if (spare && !v) N_VDestroy_Serial(spare);
  if (v) of(spare)->spare = spare;
  return v;
}

/* Its clones are gone by now. */
static void free_vector(N_Vector *v) {
  if (*v) {
    N_VDestroy_Serial(of(*v)->spare);
    N_VDestroy_Serial(*v);
  }
  *v = NULL;
}

/* ---- callbacks ---- */

/* With the fixed-point solver 6.4.1 takes a negative return for "smaller step, please" and creeps on; so it is repeated
 * until the solver has no more tries. */
static int answer(com_ode *o, int code) {
  if (code < 0) o->gave_up = 1;
  return code;
}
static int call_rhs(sunrealtype t, N_Vector y, N_Vector ydot, void *user) {
  com_ode *o = user;
  return o->gave_up ? -1 : answer(o, o->f(t, data(y), data(ydot), o->user));
}
static int call_adj(sunrealtype t, N_Vector y, N_Vector lam, N_Vector lamdot, void *user) {
  com_ode *o = user;
  return o->gave_up ? -1 : answer(o, o->adj(t, data(y), data(lam), data(lamdot), o->user));
}
static int call_quad(sunrealtype t, N_Vector y, N_Vector lam, N_Vector qdot, void *user) {
  com_ode *o = user;
  return o->gave_up ? -1 : answer(o, o->quad(t, data(y), data(lam), data(qdot), o->user));
}

/* ---- errors: kept, never printed ---- */

static void keep(com_ode *o, const char *text) {
  strncpy(o->message, text, sizeof o->message - 1);
  for (char *p = o->message; *p; p++)
    if (*p == '\n') *p = ' ';
}

#if SUNDIALS_VERSION_MAJOR >= 7
static void on_error(int line, const char *func, const char *file, const char *msg, SUNErrCode code,
                     void *user, SUNContext sun) {
  (void)line, (void)func, (void)file, (void)code, (void)sun;
  keep(user, msg ? msg : "");
}
static int listen_context(com_ode *o) {
  return SUNContext_ClearErrHandlers(o->sun) || SUNContext_PushErrHandler(o->sun, on_error, o);
}
static int listen_solver(com_ode *o, void *mem) { return (void)o, (void)mem, 0; }
#else
static void on_error(int code, const char *module, const char *func, char *msg, void *user) {
  (void)code, (void)module, (void)func;
  keep(user, msg);
}
static int listen_context(com_ode *o) { return (void)o, 0; }
static int listen_solver(com_ode *o, void *mem) { return CVodeSetErrHandlerFn(mem, on_error, o); }
#endif

static void forget(com_ode *o) {
  if (o->mem) CVodeFree(&o->mem);
  if (o->solver) SUNNonlinSolFree(o->solver);
  if (o->solver_b) SUNNonlinSolFree(o->solver_b);
  free_vector(&o->y);
  free_vector(&o->yb);
  free_vector(&o->q);
  free_vector(&o->q_tol);
  o->solver = o->solver_b = NULL;
  o->n = o->nq = 0;
  o->no_memory = 0;
  o->has_tape = o->has_backward = o->has_quad = o->taped = 0;
}

/* What came of a call after which vectors may be spares. */
static int settled(const com_ode *o, int flag) { return o->no_memory ? CV_MEM_FAIL : flag; }

/* Turn a CVODES flag into a status.  `where` says which pass, `t` how far it came. */
static com_status failed(com_ode *o, int flag, const char *where, double t) {
  char *e = o->error;
  size_t n = sizeof o->error;
  com_status code = COM_E_NUM;
  switch (settled(o, o->gave_up ? CV_RHSFUNC_FAIL : flag)) {
  case CV_TOO_MUCH_WORK:
    snprintf(e, n,
             "CVODES: more than %ld steps in the %s pass, at t = %.6g; loosen rel_tol or raise max_steps",
             o->opts.max_steps, where, t);
    break;
  case CV_TOO_MUCH_ACC:
    snprintf(e, n, "CVODES: tolerances too tight for the %s pass at t = %.6g; loosen rel_tol", where, t);
    break;
  case CV_ERR_FAILURE:
  case CV_CONV_FAILURE:
    snprintf(e, n,
             "CVODES: step size vanished in the %s pass at t = %.6g (stiff or singular); try method bdf or "
             "loosen rel_tol and abs_tol",
             where, t);
    break;
  case CV_RHSFUNC_FAIL:
    snprintf(e, n, "CVODES: the right-hand side gave up in the %s pass at t = %.6g", where, t);
    break;
  case CV_FIRST_RHSFUNC_ERR:
  case CV_REPTD_RHSFUNC_ERR:
  case CV_UNREC_RHSFUNC_ERR:
    snprintf(e, n, "CVODES: the right-hand side is not defined in the %s pass at t = %.6g", where, t);
    break;
  case CV_MEM_FAIL:
    code = COM_E_MEM;
    snprintf(e, n, "CVODES: out of memory in the %s pass", where);
    break;
  default: snprintf(e, n, "CVODES: flag %d in the %s pass at t = %.6g: %.200s", flag, where, t, o->message);
  }
  if (code == COM_E_MEM) forget(o); /* what was made of spares */
  return COM_FAIL(o->c, code, "%s", e);
}

/* ---- life ---- */

com_status com_ode_create(com_ctx *c, const com_ode_opts *opts, com_ode_rhs f, com_ode_adj adj,
                          com_ode_quad quad, void *user, com_ode **out) {
  com_ode *o = NULL;
  COM_ALLOC(c, o = calloc(1, sizeof *o));
  *o = (com_ode){.c = c, .opts = *opts, .f = f, .adj = adj, .quad = quad, .user = user, .nd = TAPE_START};
  if (SUNContext_Create(NO_COMM, &o->sun) || listen_context(o)) {
    com_ode_destroy(o);
    return COM_FAIL(c, COM_E_MEM, "out of memory");
  }
  *out = o;
  return COM_OK;
}

void com_ode_destroy(com_ode *o) {
  if (!o) return;
  forget(o);
  if (o->sun) SUNContext_Free(&o->sun);
  free(o);
}

const char *com_ode_error(const com_ode *o) { return o->error; }
void com_ode_statistics(const com_ode *o, com_ode_stats *out) { *out = o->stats; }

void com_ode_library(char *out, size_t n) {
  char version[32] = "?";
  SUNDIALSGetVersion(version, (int)sizeof version);
  snprintf(out, n, "SUNDIALS %s", version);
}

static int method(const com_ode *o) { return o->opts.bdf ? CV_BDF : CV_ADAMS; }

/* A solver for vectors of length n; kept as long as n stays. */
static com_status prepare(com_ode *o, size_t n) {
  if (o->mem && o->n == n) return COM_OK;
  forget(o);
  int flag = 0;
  o->n = n;
  if (!(o->y = new_vector(o, n)) || !(o->solver = SUNNonlinSol_FixedPoint(o->y, 0, o->sun)) ||
      !(o->mem = CVodeCreate(method(o), o->sun)))
    flag = CV_MEM_FAIL;
  if (!flag) flag = listen_solver(o, o->mem);
  if (!flag) flag = CVodeInit(o->mem, call_rhs, 0, o->y);
  if (!flag) flag = CVodeSetUserData(o->mem, o);
  if (!flag) flag = CVodeSStolerances(o->mem, o->opts.rel_tol, o->opts.abs_tol);
  if (!flag) flag = settled(o, CVodeSetNonlinearSolver(o->mem, o->solver));
  if (!flag) return COM_OK;
  com_status status = failed(o, flag, "forward", 0);
  forget(o);
  return status;
}

/* ---- forward ---- */

static int restart(com_ode *o, double t0, double t1, const double *y0, long max_steps) {
  o->gave_up = 0;
  memcpy(data(o->y), y0, o->n * sizeof *y0);
  int flag = CVodeReInit(o->mem, t0, o->y);
  if (!flag) flag = CVodeSetStopTime(o->mem, t1); /* beyond t1 the right-hand side may be singular */
  if (!flag) flag = CVodeSetMinStep(o->mem, STEP_FLOOR * fabs(t1 - t0));
  if (!flag) flag = CVodeSetMaxNumSteps(o->mem, max_steps);
  return flag;
}

static void count_forward(com_ode *o) {
  long steps = 0, rhs = 0;
  CVodeGetNumSteps(o->mem, &steps);
  CVodeGetNumRhsEvals(o->mem, &rhs);
  o->stats.steps += steps;
  o->stats.rhs += rhs;
}

/* One recorded integration; *full says that the tape was too short (then the flag means nothing). */
static int record(com_ode *o, double t0, double t1, const double *y0, int *full) {
  sunrealtype t = t0;
  int points = 0;
  long steps = 0, limit = o->nd - 1 < o->opts.max_steps ? o->nd - 1 : o->opts.max_steps;
  int flag = restart(o, t0, t1, y0, limit);
  if (!flag) flag = o->has_tape ? CVodeAdjReInit(o->mem) : CVodeAdjInit(o->mem, o->nd, CV_HERMITE);
  if (flag) return flag;
  o->has_tape = 1;
  flag = CVodeF(o->mem, t1, o->y, &t, CV_NORMAL, &points);
  CVodeGetNumSteps(o->mem, &steps);
  *full =
      !o->gave_up && steps >= limit && limit < o->opts.max_steps && (flag == CV_TOO_MUCH_WORK || points > 0);
  return flag;
}

com_status com_ode_forward(com_ode *o, size_t n, double t0, double t1, const double *y0, double *y1,
                           int tape) {
  int flag = 0, full = 0;
  sunrealtype t = t0;
  o->message[0] = o->error[0] = '\0';
  o->taped = 0;
  do {
    COM_TRY(prepare(o, n));
    full = 0;
    if (tape)
      flag = record(o, t0, t1, y0, &full);
    else if (!(flag = restart(o, t0, t1, y0, o->opts.max_steps)))
      flag = CVode(o->mem, t1, o->y, &t, CV_NORMAL);
    flag = settled(o, flag);
    if (!full || flag == CV_MEM_FAIL) { /* an aborted recording is not counted: a resumed run repeats it */
      count_forward(o);
      break;
    }
    forget(o); /* rebuilt with the longer tape */
    o->nd *= TAPE_GROWTH;
  } while (full);
  if (flag < 0) {
    CVodeGetCurrentTime(o->mem, &t);
    return failed(o, flag, "forward", t);
  }
  o->t0 = t0;
  o->t1 = t1;
  o->taped = tape;
  memcpy(y1, data(o->y), n * sizeof *y1);
  return COM_OK;
}

com_status com_ode_path(com_ode *o, size_t n, size_t n_out, const double *t, const double *y0, double *y) {
  o->message[0] = o->error[0] = '\0';
  o->taped = 0;
  if (n_out == 0) return COM_OK;
  memcpy(y, y0, n * sizeof *y);
  COM_TRY(prepare(o, n));
  int flag = n_out > 1 ? restart(o, t[0], t[n_out - 1], y0, o->opts.max_steps) : 0;
  sunrealtype reached = t[0];
  for (size_t k = 1; k < n_out && flag >= 0; k++) {
    if (t[k] != t[k - 1]) flag = CVode(o->mem, t[k], o->y, &reached, CV_NORMAL);
    memcpy(y + k * n, data(o->y), n * sizeof *y);
  }
  if (n_out > 1) count_forward(o);
  flag = settled(o, flag);
  return flag < 0 ? failed(o, flag, "forward", reached) : COM_OK;
}

/* ---- backward ---- */

static double or_else(double x, double otherwise) { return x > 0 ? x : otherwise; }

/* Create the backward problem on the tape, or start it again. */
static int backward_problem(com_ode *o, const double *lam1, double scale) {
  int flag = 0;
  double rel = or_else(o->opts.rel_tol_b, o->opts.rel_tol),
         abs = or_else(o->opts.abs_tol_b, o->opts.abs_tol) * scale;
  if (!o->yb && !(o->yb = new_vector(o, o->n))) return CV_MEM_FAIL;
  memcpy(data(o->yb), lam1, o->n * sizeof *lam1);
  if (o->has_backward) {
    flag = CVodeReInitB(o->mem, o->which, o->t1, o->yb);
    return flag ? flag : CVodeSStolerancesB(o->mem, o->which, rel, abs);
  }
  if (!(o->solver_b = SUNNonlinSol_FixedPoint(o->yb, 0, o->sun))) return CV_MEM_FAIL;
  flag = CVodeCreateB(o->mem, method(o), &o->which);
  if (!flag) flag = listen_solver(o, CVodeGetAdjCVodeBmem(o->mem, o->which));
  if (!flag) flag = CVodeInitB(o->mem, o->which, call_adj, o->t1, o->yb);
  if (!flag) flag = CVodeSetUserDataB(o->mem, o->which, o);
  if (!flag) flag = CVodeSStolerancesB(o->mem, o->which, rel, abs);
  if (!flag) flag = CVodeSetMaxNumStepsB(o->mem, o->which, o->opts.max_steps);
  if (!flag) flag = CVodeSetNonlinearSolverB(o->mem, o->which, o->solver_b);
  o->has_backward = !flag;
  return flag;
}

/* Absolute tolerances of the integrals: relative to `scale`, or to STEEP times what the integrand at t1 alone would make of the span.
 * The integrals start at 0, so that a common tolerance would ask for a vanishing first step where one sample of many is steep. */
static const double STEEP = 1e-3;
static int quad_tolerances(com_ode *o, const double *lam1, double scale) {
  const double abs = or_else(o->opts.abs_tol_q, o->opts.abs_tol), span = fabs(o->t1 - o->t0);
  double *tol = data(o->q_tol);
  if (o->quad(o->t1, data(o->y), lam1, tol, o->user)) return CV_RHSFUNC_FAIL;
  for (size_t i = 0; i < o->nq; i++) {
    const double size = STEEP * span * fabs(tol[i]);
    tol[i] = abs * (size > scale && isfinite(size) ? size : scale);
  }
  return CVodeQuadSVtolerancesB(o->mem, o->which, or_else(o->opts.rel_tol_b, o->opts.rel_tol), o->q_tol);
}

/* Quadratures of length nq; another length than last time means new ones. */
static int quadratures(com_ode *o, size_t nq, const double *lam1, double scale) {
  void *mem_b = CVodeGetAdjCVodeBmem(o->mem, o->which);
  int flag = 0;
  if (o->has_quad && o->nq != nq) {
    CVodeQuadFree(mem_b);
    free_vector(&o->q);
    free_vector(&o->q_tol);
    o->has_quad = 0;
  }
  if (nq == 0) return 0;
  o->nq = nq;
  if (!o->q && !(o->q = new_vector(o, nq))) return CV_MEM_FAIL;
  if (!o->q_tol && !(o->q_tol = new_vector(o, nq))) return CV_MEM_FAIL;
  N_VConst(0, o->q);
  flag = o->has_quad ? CVodeQuadReInitB(o->mem, o->which, o->q)
                     : CVodeQuadInitB(o->mem, o->which, call_quad, o->q);
  o->has_quad = 1;
  if (!flag) flag = CVodeSetQuadErrConB(o->mem, o->which, o->opts.quad_control != 0);
  return flag || !o->opts.quad_control ? flag : quad_tolerances(o, lam1, scale);
}

static void count_backward(com_ode *o) {
  void *mem_b = CVodeGetAdjCVodeBmem(o->mem, o->which);
  long steps = 0, rhs = 0;
  CVodeGetNumSteps(mem_b, &steps);
  CVodeGetNumRhsEvals(mem_b, &rhs);
  o->stats.steps_back += steps;
  o->stats.rhs_back += rhs;
}

com_status com_ode_backward(com_ode *o, const double *lam1, double scale, double *lam0, size_t nq,
                            double *q) {
  COM_CHECK(o->c, o->taped && o->adj && (nq == 0 || o->quad), COM_E_NUM,
            "backward pass without a recorded forward pass or without an adjoint");
  o->message[0] = o->error[0] = '\0';
  sunrealtype t = o->t1;
  o->gave_up = 0;
  int flag = backward_problem(o, lam1, scale > 0 ? scale : 1);
  if (!flag) flag = CVodeSetMinStepB(o->mem, o->which, STEP_FLOOR * fabs(o->t1 - o->t0));
  if (!flag) flag = settled(o, quadratures(o, nq, lam1, scale > 0 ? scale : 1));
  if (!flag) {
    flag = settled(o, CVodeB(o->mem, o->t0, CV_NORMAL));
    count_backward(o);
  }
  if (flag >= 0) flag = CVodeGetB(o->mem, o->which, &t, o->yb);
  if (flag >= 0 && nq > 0) flag = CVodeGetQuadB(o->mem, o->which, &t, o->q);
  if (flag < 0) {
    if (o->has_backward) CVodeGetCurrentTime(CVodeGetAdjCVodeBmem(o->mem, o->which), &t);
    return failed(o, flag, "backward", t);
  }
  if (lam0) memcpy(lam0, data(o->yb), o->n * sizeof *lam0);
  if (nq > 0) com_ode_simd_scale(nq, -1, data(o->q), q); /* the quadrature ran from t1 to t0 */
  return COM_OK;
}
