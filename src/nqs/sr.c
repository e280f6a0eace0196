/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/sr.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "nqs/sr_solve.h"

/* Stochastic reconfiguration (Sorella; Carleo, Troyer, arXiv:1606.02318): w(p+1) = w(p) - rate x, (S + R) x = F + R mu x_prev,
 * R_k = lambda(p) S_kk + shift, lambda(p) = max(lambda0 decay^p, lambda_min).  mu > 0 is SPRING (arXiv:2401.10190). */
typedef struct sr_opts {
  double rate, rate_final, lambda0, decay, lambda_min, shift, momentum, max_step, cg_tol, guard, inertia,
      average;
  int solver, cg_iter, rate_after;
} sr_opts;
typedef struct adam_opts {
  double rate, beta1, beta2, eps, average;
} adam_opts;

static const com_component sr_component, adam_component;
static const double settled =
    0.1; /* lambda: below it the steps follow imaginary time, their noise and slow modes matter */
/* Largest change of a parameter in one step: derivatives of order 1 hold no further.  The length |A x| cannot see to that: a
 * direction in which psi does not change to first order (a bias between small weights, a unit that is saturated) costs no
 * length, becomes as long as it likes, and ends where all derivatives vanish. */
static const double far = 1;
static const double first_floor = 1e-8, next_floor = 100; /* of the largest S_kk; times the last one */

struct nqs_sr {
  const nqs_ansatz *a;
  int adam;
  sr_opts o;
  adam_opts ao;
  nqs_sr_system system;
  nqs_sr_work work;
  double *diag, *R;     /* [n_params] */
  double *x, *previous; /* [n_reals] direction, SPRING memory */
  double *m, *v;        /* [n_reals] Adam; m also the last step of sr */
  void *shifted;        /* right-hand side in sample space with momentum */
  size_t cap_shifted;
  long steps;
  double boost; /* extra factor on lambda after a rollback, decays back to 1 */
};

com_status nqs_sr_create(com_ctx *c, const com_choice *ch, const nqs_ansatz *a, com_pool *pool,
                         nqs_sr **out) {
  nqs_sr *s;
  *out = NULL;
  COM_ALLOC(c, s = calloc(1, sizeof *s));
  s->a = a, s->boost = 1;
  s->adam = ch->type == &adam_component;
  if (s->adam) {
    s->ao = *(const adam_opts *)ch->opts;
  } else {
    s->o = *(const sr_opts *)ch->opts;
  }
  nqs_sr_system_init(a, pool, &s->system);
  s->system.guard = s->adam ? 0 : s->o.guard;
  const size_t n = a->n_reals + 1;
  s->diag = calloc(n, sizeof(double)), s->R = calloc(n, sizeof(double));
  s->x = calloc(n, sizeof(double)), s->previous = calloc(n, sizeof(double));
  s->m = calloc(n, sizeof(double)), s->v = calloc(n, sizeof(double));
  if (!s->diag || !s->R || !s->x || !s->previous || !s->m || !s->v) {
    nqs_sr_destroy(s);
    return COM_FAIL(c, COM_E_MEM, "out of memory");
  }
  *out = s;
  return COM_OK;
}

void nqs_sr_destroy(nqs_sr *s) {
  if (!s) return;
  nqs_sr_system_finish(&s->system);
  nqs_sr_solve_finish(&s->work);
  free(s->diag);
  free(s->R);
  free(s->x);
  free(s->previous);
  free(s->m);
  free(s->v);
  free(s->shifted);
  free(s);
}

static double norm(const double *x, size_t n) {
  double s = 0;
  for (size_t k = 0; k < n; k++) s += x[k] * x[k];
  return sqrt(s);
}

/* R_k; a parameter that does not change psi on the samples (S_kk = 0: for example a visible bias in a fixed sector) must
 * not move, so it gets the largest entry instead of 0.  @param floor added to all, in units of that  */
static void regularise(const nqs_sr *s, double lambda, double floor) {
  const size_t n = s->a->n_params;
  double top = 0;
  for (size_t k = 0; k < n; k++) top = fmax(top, s->diag[k]);
  if (top == 0) top = 1;
  const double tiny = 1e-13 * top; /* centring leaves rounding of this size in a column that should vanish */
  for (size_t k = 0; k < n; k++)
    s->R[k] = s->diag[k] > tiny ? lambda * s->diag[k] + floor * top + s->o.shift : top;
}

static double largest(const nqs_sr *s) {
  double top = 0;
  for (size_t k = 0; k < s->a->n_reals; k++) top = fmax(top, fabs(s->x[k]));
  return top;
}

/* The step rate: constant, then going to rate_final with 1/p so that the noise of the last steps averages out. */
static double rate_now(const nqs_sr *s) {
  const double late = (double)(s->steps - s->o.rate_after);
  if (isnan(s->o.rate_final) || s->o.rate_after <= 0 || late <= 0) return s->o.rate;
  return fmax(s->o.rate_final, s->o.rate / (1 + late / (double)s->o.rate_after));
}

static com_status with_momentum(com_ctx *c, nqs_sr *s, const void **rhs) {
  nqs_sr_system *y = &s->system;
  const size_t len = y->n * y->elem / sizeof(double);
  if (s->o.momentum == 0) {
    *rhs = y->eps;
    return COM_OK;
  }
  if (len > s->cap_shifted) {
    free(s->shifted);
    s->cap_shifted = 0;
    COM_ALLOC(c, s->shifted = malloc(len * sizeof(double)));
    s->cap_shifted = len;
  }
  /* x = mu x_prev + z gives (S + R) z = A^H (eps - mu A x_prev) */
  COM_TRY(nqs_sr_system_apply(c, y, s->previous, s->shifted));
  double *v = s->shifted;
  const double *eps = y->eps;
  for (size_t k = 0; k < len; k++) v[k] = eps[k] - s->o.momentum * v[k];
  *rhs = s->shifted;
  return COM_OK;
}

/* Heavy ball: the direction plus a share of the last one, which shortens the way along slow modes.  The last one is
 * forgotten when the new direction opposes it (O'Donoghue, Candes, arXiv:1204.3982), and while lambda still says that the
 * state changes fast.  @param length [out] Fubini-Study length |A x| of the sum. */
static com_status roll_on(com_ctx *c, nqs_sr *s, double lambda, double *length) {
  nqs_sr_system *y = &s->system;
  const size_t len = y->n * y->elem / sizeof(double), n = s->a->n_reals;
  const int rolls = s->o.inertia > 0 && lambda < settled;
  double *u, *v, along = 0, square = 0;
  COM_ALLOC(c, u = calloc(2 * len + 1, sizeof *u));
  v = u + len;
  com_status status = nqs_sr_system_apply(c, y, s->x, u);
  if (!status && rolls) status = nqs_sr_system_apply(c, y, s->m, v);
  for (size_t k = 0; k < len; k++) along += u[k] * v[k];
  const double keep = rolls && along > 0 ? s->o.inertia : 0;
  for (size_t k = 0; k < n; k++) s->x[k] += keep * s->m[k];
  for (size_t k = 0; k < len; k++) square += (u[k] + keep * v[k]) * (u[k] + keep * v[k]);
  memcpy(s->m, s->x, n * sizeof *s->x);
  free(u);
  *length = sqrt(square);
  return status;
}

static com_status sr_step(com_ctx *c, nqs_sr *s, double *dw, nqs_sr_report *rep) {
  nqs_sr_system *y = &s->system;
  const size_t n = s->a->n_reals;
  const void *rhs = NULL;
  nqs_sr_outcome how;
  double floor = 0;
  rep->lambda = fmax(s->o.lambda0 * pow(s->o.decay, (double)s->steps), s->o.lambda_min) * s->boost;
  COM_TRY(nqs_sr_system_diagonal(c, y, s->diag));
  COM_TRY(with_momentum(c, s, &rhs));
  for (;; floor = fmax(first_floor, next_floor * floor)) {
    regularise(s, rep->lambda, floor);
    COM_TRY(nqs_sr_solve(c, y, (nqs_sr_solver)s->o.solver, s->R, rhs, s->o.cg_tol, s->o.cg_iter, &s->work,
                         s->x, &how));
    if (rate_now(s) * largest(s) <= far || floor > 1) break;
  }
  for (size_t k = 0; k < n && s->o.momentum > 0; k++) s->x[k] += s->o.momentum * s->previous[k];
  memcpy(s->previous, s->x, n * sizeof *s->x);
  rep->solver = how.solver, rep->fallback = how.fallback, rep->residual = how.residual;
  double scale = rate_now(s), length = 0;
  COM_TRY(roll_on(c, s, rep->lambda, &length));
  length *= scale;
  if (length > s->o.max_step) {
    scale *= s->o.max_step / length;
    memset(s->m, 0, n * sizeof *s->m); /* an emergency: the next direction stands for itself */
  }
  rep->step_norm = fmin(length, s->o.max_step);
  for (size_t k = 0; k < n; k++) dw[k] = -scale * s->x[k];
  s->boost = fmax(1, s->boost * s->o.decay);
  return COM_OK;
}

/* Adam (Kingma, Ba, arXiv:1412.6980) on the real gradient 2 Re F (and 2 Im F for complex parameters). */
static com_status adam_step(com_ctx *c, nqs_sr *s, double *dw, nqs_sr_report *rep) {
  const adam_opts *o = &s->ao;
  COM_TRY(nqs_sr_system_adjoint(c, &s->system, s->system.eps, s->x));
  const double t = (double)s->steps + 1, rate = o->rate / s->boost;
  for (size_t k = 0; k < s->a->n_reals; k++) {
    const double g = 2 * s->x[k];
    s->m[k] = o->beta1 * s->m[k] + (1 - o->beta1) * g;
    s->v[k] = o->beta2 * s->v[k] + (1 - o->beta2) * g * g;
    dw[k] = -rate * s->m[k] / (1 - pow(o->beta1, t)) / (sqrt(s->v[k] / (1 - pow(o->beta2, t))) + o->eps);
  }
  rep->solver = "adam";
  rep->step_norm = norm(dw, s->a->n_reals);
  s->boost = fmax(1, 0.9 * s->boost);
  return COM_OK;
}

com_status nqs_sr_step(com_ctx *c, nqs_sr *s, nqs_samples *samples, double *dw, nqs_sr_report *rep) {
  *rep = (nqs_sr_report){.lambda = NAN, .residual = NAN, .gradient_norm = NAN};
  COM_TRY(nqs_sr_system_load(c, &s->system, samples));
  COM_TRY(s->adam ? adam_step(c, s, dw, rep) : sr_step(c, s, dw, rep));
  s->steps++;
  for (size_t k = 0; k < s->a->n_reals; k++)
    COM_CHECK(c, isfinite(dw[k]), COM_E_NUM, "optimizer: the step is not finite");
  return COM_OK;
}

double nqs_sr_average(const nqs_sr *s) { return s->adam ? s->ao.average : s->o.average; }

void nqs_sr_forget(nqs_sr *s) {
  const size_t bytes = s->a->n_reals * sizeof(double);
  memset(s->previous, 0, bytes);
  memset(s->m, 0, bytes);
  memset(s->v, 0, bytes);
}

void nqs_sr_backoff(nqs_sr *s) {
  nqs_sr_forget(s);
  s->boost *= 10;
}

com_status nqs_sr_system_of(com_ctx *c, const nqs_ansatz *a, com_pool *pool, nqs_samples *samples, void *S,
                            void *F, double *var) {
  nqs_sr_system y;
  nqs_sr_system_init(a, pool, &y);
  com_status status = nqs_sr_system_load(c, &y, samples);
  if (!status) status = nqs_sr_system_matrix(c, &y, S);
  if (!status) status = nqs_sr_system_adjoint(c, &y, y.eps, F);
  *var = y.variance;
  nqs_sr_system_finish(&y);
  return status;
}

com_status nqs_sr_save(com_ctx *c, const nqs_sr *s, cJSON **out) {
  const size_t n = s->a->n_reals;
  COM_ALLOC(c, *out = com_json_object());
  COM_TRY(com_json_add(c, *out, "steps", com_json_int(s->steps)));
  COM_TRY(com_json_add(c, *out, "boost", com_json_real(s->boost)));
  COM_TRY(com_json_add(c, *out, "previous", com_json_reals(s->previous, n)));
  COM_TRY(com_json_add(c, *out, "m", com_json_reals(s->m, n)));
  return com_json_add(c, *out, "v", com_json_reals(s->v, n));
}

static com_status load_vector(com_ctx *c, const cJSON *in, const char *key, size_t n, double *to) {
  double *x = NULL;
  size_t got = 0;
  COM_TRY(com_json_read_reals(c, "checkpoint", key, com_json_get(in, key), &x, &got));
  if (got == n) memcpy(to, x, n * sizeof *x);
  free(x);
  COM_CHECK(c, got == n, COM_E_DATA, "checkpoint: optimizer.%s: %zu numbers, expected %zu", key, got, n);
  return COM_OK;
}

com_status nqs_sr_load(com_ctx *c, nqs_sr *s, const cJSON *in) {
  const size_t n = s->a->n_reals;
  s->steps = com_json_count(com_json_get(in, "steps"), 0);
  s->boost = com_json_num(com_json_get(in, "boost"), 1);
  COM_TRY(load_vector(c, in, "previous", n, s->previous));
  COM_TRY(load_vector(c, in, "m", n, s->m));
  return load_vector(c, in, "v", n, s->v);
}

static const char *const solvers[] = {"auto", "cholesky", "minsr", "cg", NULL};
static const com_field sr_fields[] = {
    {.key = "rate",
     .doc = "step size",
     .type = COM_F_REAL,
     .off = offsetof(sr_opts, rate),
     .def = 0.05,
     .hi = 10,
     .flags = COM_FF_LO_OPEN},
    {.key = "rate_after",
     .doc = "from this step on the rate falls like 1/step (0: never)",
     .type = COM_F_INT,
     .off = offsetof(sr_opts, rate_after),
     .def = 150,
     .lo = 0,
     .hi = 1e9},
    {.key = "rate_final",
     .doc = "but not below this",
     .type = COM_F_REAL,
     .off = offsetof(sr_opts, rate_final),
     .def = 0.005,
     .hi = 10,
     .flags = COM_FF_LO_OPEN},
    {.key = "lambda0",
     .doc = "relative diagonal shift at the first step",
     .type = COM_F_REAL,
     .off = offsetof(sr_opts, lambda0),
     .def = 100,
     .lo = 0,
     .hi = 1e9},
    {.key = "decay",
     .doc = "factor on the relative shift per step",
     .type = COM_F_REAL,
     .off = offsetof(sr_opts, decay),
     .def = 0.9,
     .lo = 0,
     .hi = 1},
    {.key = "lambda_min",
     .doc = "smallest relative shift",
     .type = COM_F_REAL,
     .off = offsetof(sr_opts, lambda_min),
     .def = 1e-4,
     .lo = 0,
     .hi = 1e3},
    {.key = "shift",
     .doc = "absolute diagonal shift",
     .type = COM_F_REAL,
     .off = offsetof(sr_opts, shift),
     .def = 0,
     .lo = 0,
     .hi = 1e3},
    {.key = "momentum",
     .doc = "SPRING momentum mu",
     .type = COM_F_REAL,
     .off = offsetof(sr_opts, momentum),
     .def = 0,
     .lo = 0,
     .hi = 1,
     .flags = COM_FF_HI_OPEN},
    {.key = "max_step",
     .doc = "largest Fubini-Study length of one step",
     .type = COM_F_REAL,
     .off = offsetof(sr_opts, max_step),
     .def = 0.2,
     .hi = 1e9,
     .flags = COM_FF_LO_OPEN},
    {.key = "inertia",
     .doc = "share of the last step that is kept (heavy ball), once lambda is below 0.1",
     .type = COM_F_REAL,
     .off = offsetof(sr_opts, inertia),
     .def = 0.8,
     .lo = 0,
     .hi = 1,
     .flags = COM_FF_HI_OPEN},
    {.key = "guard",
     .doc = "weight of the sampler's probes in the step: keeps psi small where no chain looks (0: off)",
     .type = COM_F_REAL,
     .off = offsetof(sr_opts, guard),
     .def = 1e-2,
     .lo = 0,
     .hi = 1},
    {.key = "solver",
     .doc = "auto: minsr when there are more parameters than samples, else cholesky",
     .type = COM_F_ENUM,
     .off = offsetof(sr_opts, solver),
     .aux = solvers,
     .sdef = "auto"},
    {.key = "cg_tol",
     .doc = "relative residual of cg",
     .type = COM_F_REAL,
     .off = offsetof(sr_opts, cg_tol),
     .def = 1e-4,
     .lo = 1e-15,
     .hi = 0.5},
    {.key = "cg_iter",
     .doc = "most iterations of cg",
     .type = COM_F_INT,
     .off = offsetof(sr_opts, cg_iter),
     .def = 300,
     .lo = 1,
     .hi = 1e6},
    {.key = "average",
     .doc = "the final state has the mean parameters of this share of the last iterations (0: the last)",
     .type = COM_F_REAL,
     .off = offsetof(sr_opts, average),
     .def = 0.25,
     .lo = 0,
     .hi = 1},
    {0}};
static const com_field adam_fields[] = {
    {.key = "rate",
     .doc = "step size",
     .type = COM_F_REAL,
     .off = offsetof(adam_opts, rate),
     .def = 0.01,
     .hi = 10,
     .flags = COM_FF_LO_OPEN},
    {.key = "beta1",
     .doc = "memory of the gradient",
     .type = COM_F_REAL,
     .off = offsetof(adam_opts, beta1),
     .def = 0.9,
     .lo = 0,
     .hi = 1,
     .flags = COM_FF_HI_OPEN},
    {.key = "beta2",
     .doc = "memory of its square",
     .type = COM_F_REAL,
     .off = offsetof(adam_opts, beta2),
     .def = 0.999,
     .lo = 0,
     .hi = 1,
     .flags = COM_FF_HI_OPEN},
    {.key = "eps",
     .doc = "added to the root of the square",
     .type = COM_F_REAL,
     .off = offsetof(adam_opts, eps),
     .def = 1e-8,
     .lo = 0,
     .hi = 1},
    {.key = "average",
     .doc = "the final state has the mean parameters of this share of the last iterations (0: the last)",
     .type = COM_F_REAL,
     .off = offsetof(adam_opts, average),
     .def = 0.25,
     .lo = 0,
     .hi = 1},
    {0}};
static const com_component sr_component = {.name = "sr",
                                           .doc = "stochastic reconfiguration",
                                           .ref = "Carleo, Troyer, Science 355, 602 (2017); arXiv:1606.02318",
                                           .fields = sr_fields,
                                           .opt_size = sizeof(sr_opts)};
static const com_component adam_component = {.name = "adam",
                                             .doc = "Adam on the energy gradient",
                                             .ref = "Kingma, Ba, arXiv:1412.6980",
                                             .fields = adam_fields,
                                             .opt_size = sizeof(adam_opts)};
static const com_component *const *all(void) {
  static const com_component *const list[] = {&sr_component, &adam_component, NULL};
  return list;
}
const com_kind nqs_sr_kind = {
    .name = "nqs-optimizer", .plural = "nqs-optimizers", .doc = "updates of the wave function", .all = all};
