/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "common/linalg.h"
#include "common/optim.h"
#include "common/optim_state.h"

/* Levenberg-Marquardt for f = |r|^2 with bounds.  Step h at damping mu and scaling D (running maximum of the
 * column norms of J; Marquardt 1963, More 1978):
 *     min_h |J h + r|^2 + mu |D h|^2,
 * solved by pivoted QR of the stacked matrix, so that the condition of J is not squared:
 *     [J D^-1; sqrt(mu)] y = [-r; 0],   h = D^-1 y.
 * The gain ratio rho = (f(x) - f(x+h)) / (|r|^2 - |r + J h|^2) drives mu (Madsen, Nielsen, Tingleff, Methods for
 * Non-Linear Least Squares Problems, 2004, eq. 2.21).  Variables at a bound with the gradient pointing outwards
 * are frozen; a step that leaves the box is cut at the bound and solved again for the others. */

typedef struct lm_opts {
  double damping, grow, shrink, accept, f_tol;
} lm_opts;

typedef struct lm {
  com_ctx *ctx; /* [keep] records out of memory */
  lm_opts o;
  double grad_tol, step_tol;
  size_t n, m, room;            /* room: residuals that the arrays can hold */
  double *lo, *hi;              /* [n] */
  double *x, *next, *h, *D, *y; /* [n] accepted point, proposal, step, scaling, scaled step */
  int *held;                    /* [n] h[j] is given: frozen or cut at a bound */
  double *r, *J, *A, *b, *Jh;   /* [m], [m][n], [m+n][n], [m+n], [m] */
  double f, mu, nu, predicted;  /* predicted decrease of f by h */
  int started, rejected;        /* rejected: the last proposal was not accepted */
} lm;

/* Below the square of the rounding unit damping changes no digit. */
static const double mu_least = DBL_EPSILON * DBL_EPSILON;

static void destroy(void *self) {
  lm *s = self;
  if (!s) return;
  double *const all[] = {s->lo, s->hi, s->x, s->next, s->h, s->D, s->y, s->r, s->J, s->A, s->b, s->Jh};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
  free(s->held);
  free(s);
}

static com_status create(com_ctx *c, const void *opts, const com_optim_shared *sh, size_t n, const double *lo,
                         const double *hi, void **self) {
  com_status status = COM_OK;
  lm *s = NULL;
  COM_ALLOC(c, s = calloc(1, sizeof *s));
  s->ctx = c;
  s->o = *(const lm_opts *)opts;
  s->grad_tol = sh->grad_tol;
  s->step_tol = sh->step_tol;
  s->n = n;
  s->mu = s->o.damping;
  s->nu = s->o.grow;
  COM_GOTO(done, com_optim_state_bounds(c, n, lo, -INFINITY, &s->lo));
  COM_GOTO(done, com_optim_state_bounds(c, n, hi, INFINITY, &s->hi));
  double **const vectors[] = {&s->x, &s->next, &s->h, &s->D, &s->y};
  for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
    if (!(*vectors[i] = calloc(n, sizeof(double)))) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
  if (!(s->held = calloc(n, sizeof *s->held))) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
  *self = s;
  s = NULL;
done:
  destroy(s);
  return status;
}

/* The number of residuals is known only at the first evaluation. */
static com_status reserve(com_ctx *c, lm *s, size_t m) {
  if (m <= s->room && s->room) return COM_OK;
  const size_t n = s->n, sizes[] = {m, m * n, (m + n) * n, m + n, m};
  double **const arrays[] = {&s->r, &s->J, &s->A, &s->b, &s->Jh};
  for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
    double *bigger;
    COM_ALLOC(c, bigger = realloc(*arrays[i], (sizes[i] + 1) * sizeof *bigger));
    *arrays[i] = bigger;
  }
  s->room = m;
  return COM_OK;
}

static double column_dot(const lm *s, size_t j, const double *v) {
  double sum = 0;
  for (size_t i = 0; i < s->m; i++) sum += s->J[i * s->n + j] * v[i];
  return sum;
}

static double column_norm(const lm *s, size_t j) {
  double sum = 0;
  for (size_t i = 0; i < s->m; i++) sum += s->J[i * s->n + j] * s->J[i * s->n + j];
  return sqrt(sum);
}

/* A column that has been zero so far cannot be scaled; its step is zero in any case. */
static double scaling(const lm *s, size_t j) { return s->D[j] > 0 ? s->D[j] : 1; }

static com_status accept(lm *s, const com_eval *e, const double *x) {
  COM_TRY(reserve(s->ctx, s, e->m));
  s->m = e->m;
  s->f = e->f;
  memcpy(s->x, x, s->n * sizeof *x);
  memcpy(s->r, e->r, s->m * sizeof *s->r);
  memcpy(s->J, e->J, s->m * s->n * sizeof *s->J);
  for (size_t j = 0; j < s->n; j++) s->D[j] = fmax(s->D[j], column_norm(s, j));
  return COM_OK;
}

/* Largest cosine between the residual and a column of a variable that is free to move. */
static double gradient_cosine(const lm *s) {
  const double length = sqrt(com_optim_state_dot(s->m, s->r, s->r));
  double largest = 0;
  for (size_t j = 0; j < s->n; j++) {
    const double g = column_dot(s, j, s->r), norm = column_norm(s, j) * length;
    if (norm > 0 && !com_optim_state_active(s->x[j], g, s->lo[j], s->hi[j]))
      largest = fmax(largest, fabs(g) / norm);
  }
  return largest;
}

static void freeze_active(lm *s) {
  for (size_t j = 0; j < s->n; j++) {
    s->h[j] = 0;
    s->held[j] = com_optim_state_active(s->x[j], column_dot(s, j, s->r), s->lo[j], s->hi[j]);
  }
}

/* The damped least-squares problem for the variables that are not held. */
static com_status solve_free(lm *s) {
  const size_t n = s->n, m = s->m;
  size_t k = 0;
  for (size_t j = 0; j < n; j++) k += !s->held[j];
  if (!k) return COM_OK;
  for (size_t i = 0; i < m; i++) {
    double *row = s->A + i * k;
    s->b[i] = -s->r[i];
    for (size_t j = 0; j < n; j++)
      if (s->held[j])
        s->b[i] -= s->J[i * n + j] * s->h[j];
      else
        *row++ = s->J[i * n + j] / scaling(s, j);
  }
  memset(s->A + m * k, 0, k * k * sizeof *s->A);
  memset(s->b + m, 0, k * sizeof *s->b);
  for (size_t j = 0; j < k; j++) s->A[(m + j) * k + j] = sqrt(s->mu);
  COM_TRY(com_linalg_lstsq(s->ctx, m + k, k, s->A, s->b, s->y));
  const double *y = s->y;
  for (size_t j = 0; j < n; j++)
    if (!s->held[j]) s->h[j] = *y++ / scaling(s, j);
  return COM_OK;
}

/* |r|^2 - |r + J h|^2 without the cancellation. */
static void predict(lm *s) {
  s->predicted = 0;
  for (size_t i = 0; i < s->m; i++) {
    s->Jh[i] = com_optim_state_dot(s->n, s->J + i * s->n, s->h);
    s->predicted -= s->Jh[i] * (2 * s->r[i] + s->Jh[i]);
  }
}

/* Minimum of the linear model along the scaled steepest descent, inside the box. */
static void cauchy(lm *s) {
  double slope = 0, curvature = 0, longest = INFINITY;
  freeze_active(s);
  for (size_t j = 0; j < s->n; j++) {
    if (s->held[j]) continue;
    s->h[j] = -column_dot(s, j, s->r) / (scaling(s, j) * scaling(s, j));
    if (s->h[j] > 0) longest = fmin(longest, (s->hi[j] - s->x[j]) / s->h[j]);
    if (s->h[j] < 0) longest = fmin(longest, (s->lo[j] - s->x[j]) / s->h[j]);
  }
  predict(s);
  for (size_t i = 0; i < s->m; i++) {
    slope += s->r[i] * s->Jh[i];
    curvature += s->Jh[i] * s->Jh[i];
  }
  const double t = curvature > 0 ? fmin(longest, -slope / curvature) : 0;
  for (size_t j = 0; j < s->n; j++) s->h[j] *= t;
  predict(s);
}

static com_status damped_step(lm *s) {
  freeze_active(s);
  int cut = 1, bounded = 0;
  while (cut) {
    COM_TRY(solve_free(s));
    cut = 0;
    for (size_t j = 0; j < s->n; j++) {
      const double to = s->x[j] + s->h[j], at = com_optim_state_clamp(to, s->lo[j], s->hi[j]);
      if (s->held[j] || at == to) continue;
      s->h[j] = at - s->x[j];
      s->held[j] = cut = bounded = 1;
    }
  }
  predict(s);
  if (bounded && s->predicted <= 0) cauchy(s); /* cutting several variables at once can point uphill */
  return COM_OK;
}

/* Next proposal.  Damping is lowered until the step promises a decrease that counts: with badly determined
 * directions a small damped step does not mean that the minimum is near. */
static com_stop propose(lm *s, double *x) {
  for (;;) {
    if (damped_step(s)) return COM_STOP_STALLED;
    if (s->predicted > s->o.f_tol * s->f) break;
    if (s->rejected || s->mu <= mu_least) return COM_STOP_STEP_TOL;
    s->mu *= s->o.shrink;
  }
  double step = 0, size = 0;
  for (size_t j = 0; j < s->n; j++) {
    const double d = scaling(s, j);
    s->next[j] = com_optim_state_clamp(s->x[j] + s->h[j], s->lo[j], s->hi[j]);
    step += (s->next[j] - s->x[j]) * d * (s->next[j] - s->x[j]) * d;
    size += s->x[j] * d * s->x[j] * d;
  }
  if (step <= s->step_tol * s->step_tol * size) return COM_STOP_STEP_TOL;
  memcpy(x, s->next, s->n * sizeof *x);
  return COM_STOP_NONE;
}

static int admissible(const lm *s, const com_eval *e) {
  return isfinite(e->f) && com_optim_state_finite(e->m, e->r) && com_optim_state_finite(e->m * s->n, e->J);
}

static com_stop step(void *self, const com_eval *e, double *x) {
  lm *s = self;
  const int good = admissible(s, e);
  if (!s->started) {
    if (!good || accept(s, e, x)) return COM_STOP_STALLED;
    s->started = 1;
  } else {
    const double gain = good ? (s->f - e->f) / s->predicted : -INFINITY;
    s->rejected = !(gain > s->o.accept);
    if (s->rejected) {
      s->mu = fmax(s->mu, mu_least) * s->nu;
      s->nu *= s->o.grow;
    } else {
      if (accept(s, e, x)) return COM_STOP_STALLED;
      s->mu = fmax(mu_least, s->mu * fmax(s->o.shrink, 1 - pow(2 * gain - 1, 3)));
      s->nu = s->o.grow;
    }
  }
  if (!s->rejected && gradient_cosine(s) <= s->grad_tol) return COM_STOP_GRAD_TOL;
  return propose(s, x);
}

static com_status save(com_ctx *c, const void *self, cJSON **out) {
  com_status status = COM_OK;
  const lm *s = self;
  cJSON *j = com_json_object();
  const double flags[] = {s->started, s->rejected, (double)s->m};
  const double numbers[] = {s->f, s->mu, s->nu, s->predicted};
  COM_GOTO(done, com_optim_state_put(c, j, "flags", 3, flags));
  COM_GOTO(done, com_optim_state_put(c, j, "numbers", 4, numbers));
  COM_GOTO(done, com_optim_state_put(c, j, "x", s->n, s->x));
  COM_GOTO(done, com_optim_state_put(c, j, "D", s->n, s->D));
  COM_GOTO(done, com_optim_state_put(c, j, "r", s->m, s->r));
  COM_GOTO(done, com_optim_state_put(c, j, "J", s->m * s->n, s->J));
  *out = j;
  j = NULL;
done:
  com_json_free(j);
  return status;
}

static com_status load(com_ctx *c, void *self, const cJSON *in) {
  lm *s = self;
  double flags[3], numbers[4];
  COM_TRY(com_optim_state_take(c, in, "flags", 3, flags));
  COM_TRY(com_optim_state_take(c, in, "numbers", 4, numbers));
  const double m = flags[2];
  COM_CHECK(c, m == 1 || m == (double)com_json_size(com_json_get(in, "r")), COM_E_DATA,
            "optimiser state: r: must be %g numbers; the checkpoint belongs to another run", m);
  COM_TRY(reserve(c, s, (size_t)m));
  s->m = (size_t)m;
  s->started = flags[0] != 0;
  s->rejected = flags[1] != 0;
  s->f = numbers[0];
  s->mu = numbers[1];
  s->nu = numbers[2];
  s->predicted = numbers[3];
  COM_TRY(com_optim_state_take(c, in, "x", s->n, s->x));
  COM_TRY(com_optim_state_take(c, in, "D", s->n, s->D));
  COM_TRY(com_optim_state_take(c, in, "r", s->m, s->r));
  return com_optim_state_take(c, in, "J", s->m * s->n, s->J);
}

#define ROW(key, doc, member, def, lo, hi, flags)                                                            \
  { key, doc, "1", COM_F_REAL, offsetof(lm_opts, member), def, lo, hi, NULL, NULL, flags }
static const com_field fields[] = {
    ROW("damping", "first damping, relative to the scaled Jacobian", damping, 1e-3, 0, 1e6, COM_FF_LO_OPEN),
    ROW("grow", "damping is multiplied by this, its square, ... at each rejection in a row", grow, 2, 1, 1e3,
        COM_FF_LO_OPEN),
    ROW("shrink", "damping falls by at most this at a good step", shrink, 1.0 / 3, 0, 1,
        COM_FF_LO_OPEN | COM_FF_HI_OPEN),
    ROW("accept", "least ratio of actual to predicted decrease", accept, 1e-4, 0, 1, COM_FF_HI_OPEN),
    ROW("f_tol", "converged when no step promises a relative decrease above this", f_tol, 1e-12, 0, 1,
        COM_FF_HI_OPEN),
    {0}};

const com_optim_ops com_optim_lm = {
    .c = {.name = "lm",
          .doc = "Levenberg-Marquardt: for sums of squares, second order at first-order cost",
          .ref = "More, Lect. Notes Math. 630 (1978) 105; Madsen, Nielsen, Tingleff, IMM DTU (2004)",
          .fields = fields,
          .opt_size = sizeof(lm_opts)},
    .wants = COM_WANT_F | COM_WANT_RJ,
    .create = create,
    .step = step,
    .save = save,
    .load = load,
    .destroy = destroy,
    .keeps_best = 1};
