/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "common/optim.h"
#include "common/optim_state.h"

/* Limited-memory BFGS (Nocedal, Math. Comp. 35 (1980) 773) with a strong-Wolfe line search by bracketing and
 * cubic zoom (Nocedal, Wright, Numerical Optimization, alg. 3.5 and 3.6).  Bounds by projection: x(a) = P(x +
 * a d), variables at a bound with the gradient pointing outwards are frozen, products run over the free ones
 * (Bertsekas 1982). Each step call tells the line search one value; when that ends, the next direction is
 * made at once. */

typedef struct lbfgs_opts {
  int memory, line_max;
  double c1, c2, f_tol;
} lbfgs_opts;

/* A point of the line search: x(a), value, slope along the projected path. */
typedef struct probe {
  double a, f, slope;
} probe;

typedef struct lbfgs {
  com_ctx *ctx;
  lbfgs_opts o;
  double grad_tol, step_tol;
  size_t n, memory;
  double *lo, *hi;         /* [n] */
  double *x, *g, *d, *glo; /* [n] accepted point, its gradient, direction, gradient at probe lo */
  double *next, *q;        /* [n] scratch */
  double *S, *Y, *alpha;   /* [memory][n], [memory][n], [memory] */
  size_t pairs, head;      /* pairs held; head: where the next one goes */
  double f, slope;         /* at x, along d */
  probe low, high;         /* the bracket; low fulfils the sufficient decrease */
  double a;                /* of the evaluation that is awaited */
  int started, bracketed, high_known, probes;
} lbfgs;

static void destroy(void *self) {
  lbfgs *s = self;
  if (!s) return;
  double *const all[] = {s->lo, s->hi, s->x, s->g, s->d, s->glo, s->next, s->q, s->S, s->Y, s->alpha};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
  free(s);
}

static com_status create(com_ctx *c, const void *opts, const com_optim_shared *sh, size_t n, const double *lo,
                         const double *hi, void **self) {
  com_status status = COM_OK;
  lbfgs *s = NULL;
  COM_ALLOC(c, s = calloc(1, sizeof *s));
  s->ctx = c;
  s->o = *(const lbfgs_opts *)opts;
  s->grad_tol = sh->grad_tol;
  s->step_tol = sh->step_tol;
  s->n = n;
  s->memory = (size_t)s->o.memory;
  COM_GOTO(done, com_optim_state_bounds(c, n, lo, -INFINITY, &s->lo));
  COM_GOTO(done, com_optim_state_bounds(c, n, hi, INFINITY, &s->hi));
  double **const vectors[] = {&s->x, &s->g, &s->d, &s->glo, &s->next, &s->q, &s->S, &s->Y, &s->alpha};
  for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
    const size_t room = i < 6 ? n : i < 8 ? n * s->memory : s->memory;
    if (!(*vectors[i] = calloc(room, sizeof(double))))
      COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
  }
  *self = s;
  s = NULL;
done:
  destroy(s);
  return status;
}

static int frozen(const lbfgs *s, size_t i) {
  return com_optim_state_active(s->x[i], s->g[i], s->lo[i], s->hi[i]);
}

static double free_dot(const lbfgs *s, const double *a, const double *b) {
  double sum = 0;
  for (size_t i = 0; i < s->n; i++)
    if (!frozen(s, i)) sum += a[i] * b[i];
  return sum;
}

/* q <- H q by the two-loop recursion over the free variables; k = 0 is the newest pair. */
static void apply_inverse_hessian(lbfgs *s, double *q) {
  double gamma = 1;
  int scaled = 0;
  for (size_t k = 0; k < s->pairs; k++) {
    const size_t p = (s->head + s->memory - 1 - k) % s->memory;
    const double *S = s->S + p * s->n, *Y = s->Y + p * s->n, sy = free_dot(s, S, Y), yy = free_dot(s, Y, Y);
    s->alpha[k] = 0;
    if (!(sy > DBL_EPSILON * yy)) continue; /* no curvature left among the free variables */
    if (!scaled) gamma = sy / yy;
    scaled = 1;
    s->alpha[k] = free_dot(s, S, q) / sy;
    for (size_t i = 0; i < s->n; i++) q[i] -= s->alpha[k] * Y[i];
  }
  for (size_t i = 0; i < s->n; i++) q[i] *= gamma;
  for (size_t k = s->pairs; k-- > 0;) {
    const size_t p = (s->head + s->memory - 1 - k) % s->memory;
    const double *S = s->S + p * s->n, *Y = s->Y + p * s->n, sy = free_dot(s, S, Y);
    if (!(sy > DBL_EPSILON * free_dot(s, Y, Y))) continue;
    const double beta = free_dot(s, Y, q) / sy;
    for (size_t i = 0; i < s->n; i++) q[i] += (s->alpha[k] - beta) * S[i];
  }
}

/* d = -H g on the free variables; a direction that is hardly downhill, or that runs out of the box at once,
 * is replaced by the steepest descent. */
static void choose_direction(lbfgs *s) {
  for (int retry = 0; retry < 2; retry++) {
    for (size_t i = 0; i < s->n; i++) s->q[i] = frozen(s, i) ? 0 : s->g[i];
    apply_inverse_hessian(s, s->q);
    for (size_t i = 0; i < s->n; i++) {
      const int outwards = (s->x[i] <= s->lo[i] && s->q[i] > 0) || (s->x[i] >= s->hi[i] && s->q[i] < 0);
      s->d[i] = frozen(s, i) || outwards ? 0 : -s->q[i];
    }
    s->slope = com_optim_state_dot(s->n, s->g, s->d);
    const double size = sqrt(com_optim_state_dot(s->n, s->d, s->d) * free_dot(s, s->g, s->g));
    if (s->slope < -DBL_EPSILON * size) return;
    s->pairs = 0;
  }
}

static com_stop propose(lbfgs *s, double a, double *x) {
  s->a = a;
  for (size_t i = 0; i < s->n; i++) x[i] = com_optim_state_clamp(s->x[i] + a * s->d[i], s->lo[i], s->hi[i]);
  return COM_STOP_NONE;
}

static double projected_gradient(const lbfgs *s) {
  double largest = 0;
  for (size_t i = 0; i < s->n; i++)
    if (!frozen(s, i)) largest = fmax(largest, fabs(s->g[i]));
  return largest;
}

static com_stop start_search(lbfgs *s, double *x) {
  if (projected_gradient(s) <= s->grad_tol * fmax(1, fabs(s->f))) return COM_STOP_GRAD_TOL;
  choose_direction(s);
  if (!(s->slope < 0)) return COM_STOP_STALLED;
  s->low = (probe){0, s->f, s->slope};
  memcpy(s->glo, s->g, s->n * sizeof *s->g);
  s->bracketed = s->high_known = s->probes = 0;
  /* the quasi-Newton step has natural length 1; a steepest descent is at most of length 1 */
  return propose(s, s->pairs ? 1 : fmin(1, 1 / sqrt(com_optim_state_dot(s->n, s->d, s->d))), x);
}

/* The line search ended at x, f, g: remember the pair, test, go on. */
static com_stop finish_search(lbfgs *s, double f, const double *g, double *x) {
  double *S = s->S + s->head * s->n, *Y = s->Y + s->head * s->n, moved = 0, size = 0;
  for (size_t i = 0; i < s->n; i++) {
    S[i] = x[i] - s->x[i];
    Y[i] = g[i] - s->g[i];
    moved += S[i] * S[i];
    size += s->x[i] * s->x[i];
  }
  if (com_optim_state_dot(s->n, S, Y) >
      DBL_EPSILON * com_optim_state_dot(s->n, Y, Y)) { /* else H would lose its sign */
    s->head = (s->head + 1) % s->memory;
    if (s->pairs < s->memory) s->pairs++;
  }
  const double decrease = s->f - f;
  s->f = f;
  memcpy(s->x, x, s->n * sizeof *x);
  memcpy(s->g, g, s->n * sizeof *g);
  if (projected_gradient(s) <= s->grad_tol * fmax(1, fabs(f))) return COM_STOP_GRAD_TOL;
  if (moved <= s->step_tol * s->step_tol * size || decrease <= s->o.f_tol * fabs(f)) return COM_STOP_STEP_TOL;
  return start_search(s, x);
}

/* Minimum of the cubic through two values and slopes (Nocedal, Wright eq. 3.59), or of the parabola when only
 * the value at hi is of use; kept a tenth of the bracket away from its ends. */
static double interpolate(const lbfgs *s) {
  const probe l = s->low, h = s->high;
  const double w = h.a - l.a;
  double t = 0.5;
  if (s->high_known) {
    const double d1 = l.slope + h.slope - 3 * (l.f - h.f) / (l.a - h.a), disc = d1 * d1 - l.slope * h.slope;
    const double d2 = copysign(sqrt(fmax(disc, 0)), w);
    t = 1 - (h.slope + d2 - d1) / (h.slope - l.slope + 2 * d2);
    if (!isfinite(t)) t = 0.5;
  } else {
    t = 0.25; /* the far end is inadmissible: stay near the good one */
  }
  return l.a + w * fmin(0.9, fmax(0.1, t));
}

/* Slope of f along the projected path: variables that the box has stopped do not count. */
static double path_slope(const lbfgs *s, const double *g, const double *x) {
  double sum = 0;
  for (size_t i = 0; i < s->n; i++) {
    const int stopped = (x[i] <= s->lo[i] && s->d[i] < 0) || (x[i] >= s->hi[i] && s->d[i] > 0);
    if (!stopped) sum += g[i] * s->d[i];
  }
  return sum;
}

/* Decrease that the gradient at x promises for the displacement actually made
 * (Bertsekas, SIAM J. Control Optim. 20 (1982) 221). */
static double promised(const lbfgs *s, const double *x) {
  double sum = 0;
  for (size_t i = 0; i < s->n; i++) sum += s->g[i] * (x[i] - s->x[i]);
  return sum < 0 ? sum : s->a * s->slope;
}

/* The search found nothing better than its best point so far: take that, or start again from steepest
 * descent. */
static com_stop give_up(lbfgs *s, double *x) {
  if (s->low.a > 0) {
    propose(s, s->low.a, x);
    memcpy(s->q, s->glo, s->n * sizeof *s->q);
    return finish_search(s, s->low.f, s->q, x);
  }
  if (!s->pairs) return COM_STOP_STALLED;
  s->pairs = 0;
  return start_search(s, x);
}

static com_stop search(lbfgs *s, const com_eval *e, double *x) {
  const probe p = {s->a, e->f, path_slope(s, e->g, x)};
  const int good = isfinite(p.f) && isfinite(p.slope) && com_optim_state_finite(s->n, e->g);
  const int flat = fabs(p.slope) <= -s->o.c2 * s->slope;
  /* near the minimum the decrease drowns in the rounding of f, here a few units, while the slope is still
   * good (the approximate Wolfe condition of Hager, Zhang, SIAM J. Optim. 16 (2005) 170) */
  const int level = p.f <= s->f + 4 * DBL_EPSILON * fabs(s->f) && flat;
  const int lower = p.f <= s->f + s->o.c1 * promised(s, x) && (s->low.a == 0 || p.f < s->low.f);
  if (good && flat && (level || lower)) return finish_search(s, p.f, e->g, x);

  if (!good || !lower) {
    s->high = p;
    s->high_known = good;
    s->bracketed = 1;
  } else {
    if (s->bracketed ? p.slope * (s->high.a - s->low.a) >= 0 : p.slope >= 0) {
      s->high = s->low;
      s->high_known = s->bracketed = 1;
    }
    s->low = p;
    memcpy(s->glo, e->g, s->n * sizeof *s->glo);
  }
  const double width = s->bracketed ? fabs(s->high.a - s->low.a) : INFINITY;
  if (++s->probes >= s->o.line_max || width <= DBL_EPSILON * s->low.a) return give_up(s, x);
  return propose(s, s->bracketed ? interpolate(s) : 4 * s->a, x);
}

static com_stop step(void *self, const com_eval *e, double *x) {
  lbfgs *s = self;
  if (s->started) return search(s, e, x);
  if (!isfinite(e->f) || !com_optim_state_finite(s->n, e->g)) return COM_STOP_STALLED;
  s->started = 1;
  s->f = e->f;
  memcpy(s->x, x, s->n * sizeof *x);
  memcpy(s->g, e->g, s->n * sizeof *x);
  return start_search(s, x);
}

enum { N_COUNTS = 6, N_NUMBERS = 9 };

static com_status save(com_ctx *c, const void *self, cJSON **out) {
  com_status status = COM_OK;
  const lbfgs *s = self;
  cJSON *j = com_json_object();
  const double counts[N_COUNTS] = {s->started, s->bracketed,     s->high_known,
                                   s->probes,  (double)s->pairs, (double)s->head};
  const int known = s->high_known; /* an inadmissible far end has only a place */
  const double numbers[N_NUMBERS] = {s->f,
                                     s->slope,
                                     s->a,
                                     s->low.a,
                                     s->low.f,
                                     s->low.slope,
                                     s->high.a,
                                     known ? s->high.f : 0,
                                     known ? s->high.slope : 0};
  COM_GOTO(done, com_optim_state_put(c, j, "counts", N_COUNTS, counts));
  COM_GOTO(done, com_optim_state_put(c, j, "numbers", N_NUMBERS, numbers));
  const struct {
    const char *key;
    const double *v;
    size_t n;
  } arrays[] = {{"x", s->x, s->n},
                {"g", s->g, s->n},
                {"d", s->d, s->n},
                {"g_lo", s->glo, s->n},
                {"S", s->S, s->n * s->memory},
                {"Y", s->Y, s->n * s->memory}};
  for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
    COM_GOTO(done, com_optim_state_put(c, j, arrays[i].key, arrays[i].n, arrays[i].v));
  *out = j;
  j = NULL;
done:
  com_json_free(j);
  return status;
}

static com_status load(com_ctx *c, void *self, const cJSON *in) {
  lbfgs *s = self;
  double k[N_COUNTS], v[N_NUMBERS];
  COM_TRY(com_optim_state_take(c, in, "counts", N_COUNTS, k));
  COM_TRY(com_optim_state_take(c, in, "numbers", N_NUMBERS, v));
  const struct {
    const char *key;
    double *v;
    size_t n;
  } arrays[] = {{"x", s->x, s->n},
                {"g", s->g, s->n},
                {"d", s->d, s->n},
                {"g_lo", s->glo, s->n},
                {"S", s->S, s->n * s->memory},
                {"Y", s->Y, s->n * s->memory}};
  for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
    COM_TRY(com_optim_state_take(c, in, arrays[i].key, arrays[i].n, arrays[i].v));
  COM_CHECK(c, k[4] >= 0 && k[4] <= (double)s->memory && k[5] >= 0 && k[5] < (double)s->memory, COM_E_DATA,
            "optimiser state: counts: do not fit a memory of %zu pairs; the checkpoint is damaged",
            s->memory);
  s->started = k[0] != 0;
  s->bracketed = k[1] != 0;
  s->high_known = k[2] != 0;
  s->probes = (int)k[3];
  s->pairs = (size_t)k[4];
  s->head = (size_t)k[5];
  s->f = v[0];
  s->slope = v[1];
  s->a = v[2];
  s->low = (probe){v[3], v[4], v[5]};
  s->high = (probe){v[6], v[7], v[8]};
  return COM_OK;
}

#define ROW(key, doc, type, member, def, lo, hi, flags)                                                      \
  { key, doc, "1", type, offsetof(lbfgs_opts, member), def, lo, hi, NULL, NULL, flags }
static const com_field fields[] = {
    ROW("memory", "pairs of steps and gradient changes that are kept", COM_F_INT, memory, 10, 1, 1000, 0),
    ROW("line_max", "evaluations of one line search", COM_F_INT, line_max, 25, 2, 1000, 0),
    ROW("c1", "sufficient decrease of the Wolfe conditions", COM_F_REAL, c1, 1e-4, 0, 0.5,
        COM_FF_LO_OPEN | COM_FF_HI_OPEN),
    ROW("c2", "curvature of the Wolfe conditions", COM_F_REAL, c2, 0.9, 0, 1,
        COM_FF_LO_OPEN | COM_FF_HI_OPEN),
    ROW("f_tol", "converged when a step lowers the loss by less than this, relatively", COM_F_REAL, f_tol,
        1e-15, 0, 1, COM_FF_HI_OPEN),
    {0}};

const com_optim_ops com_optim_lbfgs = {.c = {.name = "lbfgs",
                                             .doc = "limited-memory BFGS: smooth losses with many parameters",
                                             .ref = "Nocedal, Math. Comp. 35 (1980) 773",
                                             .fields = fields,
                                             .opt_size = sizeof(lbfgs_opts)},
                                       .wants = COM_WANT_F | COM_WANT_G,
                                       .create = create,
                                       .step = step,
                                       .save = save,
                                       .load = load,
                                       .destroy = destroy,
                                       .keeps_best = 1};
