/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/pathint.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "common/linalg.h"
#include "common/sample.h"
#include "common/sample_stats.h"

static const char *const nets[] = {"step", "relu", "cosine", NULL};
static const char *const rules[] = {"midpoint", "trapezoid", NULL};

#define AT(member) offsetof(nqs_pathint_opts, member)
const com_field nqs_pathint_fields[] = {
    {"m", "mass", "1", COM_F_REAL, AT(system.m), 1, 0, 1e6, NULL, NULL, COM_FF_LO_OPEN},
    {"k", "V = k x^2/2 + lambda x^4", "1", COM_F_REAL, AT(system.k), 1, 0, 1e6, NULL, NULL, COM_FF_LO_OPEN},
    {"lambda", "quartic coupling", "1", COM_F_REAL, AT(system.lambda), 0, 0, 1e6, NULL, NULL, 0},
    {"hbar", "Planck's constant", "1", COM_F_REAL, AT(system.hbar), 1, 0, 1e6, NULL, NULL, COM_FF_LO_OPEN},
    {"net", "what the weights are: step, relu or cosine", NULL, COM_F_ENUM, AT(net), 0, 0, 0, nets, "step",
     0},
    {"rule", "where the action takes V: midpoint or trapezoid", NULL, COM_F_ENUM, AT(rule), 0, 0, 0, rules,
     "midpoint", 0},
    {"time", "total Euclidean time", "1", COM_F_REAL, AT(time), 20, 0, 1e4, NULL, NULL, COM_FF_LO_OPEN},
    {"steps", "intervals D to run", "1", COM_F_REALS, AT(steps), 0, 0, 100, NULL, NULL,
     COM_FF_REQUIRED | COM_FF_LO_OPEN},
    {"chains", "independent chains", NULL, COM_F_INT, AT(chains), 4, 1, 1000, NULL, NULL, 0},
    {"draws", "paths recorded per chain", NULL, COM_F_INT, AT(draws), 4000, 8, 1e8, NULL, NULL, 0},
    {"warmup", "paths thrown away per chain", NULL, COM_F_INT, AT(warmup), 500, 0, 1e8, NULL, NULL, 0},
    {"reference", "stiffness of the oscillator that whitens the weights", "1", COM_F_REAL, AT(reference), NAN,
     0, 1e9, NULL, NULL, COM_FF_LO_OPEN},
    {0}};
#undef AT

/* ---- networks ---- */

static double cosine(size_t n, size_t k, size_t j) {
  return cos(M_PI * (double)(k * j % (2 * n)) / (double)n);
}

void nqs_pathint_path(nqs_pathint_net net, size_t n, double step, const double *w, double *x) {
  if (net == NQS_PATHINT_COSINE) {
    for (size_t j = 0; j <= n; j++) {
      x[j] = 0;
      for (size_t k = 0; k <= n; k++) x[j] += w[k] * cosine(n, k, j);
    }
    return;
  }
  double velocity = 0;
  x[0] = w[0];
  for (size_t j = 1; j <= n; j++) {
    velocity = net == NQS_PATHINT_RELU ? velocity + w[j] : w[j];
    x[j] = x[j - 1] + step * velocity;
  }
}

void nqs_pathint_pull(nqs_pathint_net net, size_t n, double step, const double *gx, double *gw) {
  if (net == NQS_PATHINT_COSINE) {
    for (size_t k = 0; k <= n; k++) {
      gw[k] = 0;
      for (size_t j = 0; j <= n; j++) gw[k] += gx[j] * cosine(n, k, j);
    }
    return;
  }
  double tail = 0, twice = 0;
  for (size_t j = n; j >= 1; j--) {
    tail += gx[j], twice += tail;
    gw[j] = step * (net == NQS_PATHINT_RELU ? twice : tail);
  }
  gw[0] = tail + gx[0];
}

/* ---- action ---- */

static double potential(const nqs_pathint_system *s, double x, double *force) {
  const double x2 = x * x;
  *force = s->k * x + 4 * s->lambda * x2 * x;
  return 0.5 * s->k * x2 + s->lambda * x2 * x2;
}

double nqs_pathint_action(const nqs_pathint_system *s, nqs_pathint_rule rule, size_t n, double step,
                          const double *x, double *g) {
  double S = 0, force;
  if (g) memset(g, 0, (n + 1) * sizeof *g);
  for (size_t j = 0; j < n; j++) {
    const double v = (x[j + 1] - x[j]) / step;
    S += 0.5 * s->m * step * v * v;
    if (g) g[j + 1] += s->m * v, g[j] -= s->m * v;
    if (rule == NQS_PATHINT_MIDPOINT) {
      S += step * potential(s, 0.5 * (x[j] + x[j + 1]), &force);
      if (g) g[j] += 0.5 * step * force, g[j + 1] += 0.5 * step * force;
    } else {
      for (size_t e = j; e <= j + 1; e++) {
        S += 0.5 * step * potential(s, x[e], &force);
        if (g) g[e] += 0.5 * step * force;
      }
    }
  }
  return S;
}

/* ---- oracles ---- */

/* int prod_{j=1}^{n-1} dx_j (m/(2 pi hbar D))^{n/2} e^{-S/hbar}; with dx = D^{n-1} dW of the step net.  The inner Hessian is
 * tridiagonal: 2A on the diagonal, -B beside it, A = m/D + kD/4, B = m/D - kD/4; eliminated from one end. */
com_status nqs_pathint_kernel(com_ctx *c, const nqs_pathint_system *s, size_t n, double step, double xf,
                              double xi, double *log_k) {
  COM_CHECK(c, n >= 1 && s->lambda == 0, COM_E_CONFIG, "path: the closed kernel is that of the oscillator");
  const double A = s->m / step + 0.25 * s->k * step, B = s->m / step - 0.25 * s->k * step;
  double pivot = A, pull = B * xi, S = 0.5 * A * xi * xi, log_det = 0;
  for (size_t j = 1; j < n; j++) {
    pivot += A; /* one A from either interval, less what elimination took */
    S -= 0.5 * pull * pull / pivot;
    log_det += log(pivot);
    pull = B * pull / pivot;
    pivot = A - B * B / pivot;
  }
  S += 0.5 * pivot * xf * xf - pull * xf;
  const double d = (double)n, two_pi_h = 2 * M_PI * s->hbar;
  *log_k =
      0.5 * d * log(s->m / (two_pi_h * step)) + 0.5 * (d - 1) * log(two_pi_h) - 0.5 * log_det - S / s->hbar;
  return COM_OK;
}

double nqs_pathint_kernel_closed(const nqs_pathint_system *s, size_t n, double step, double xf, double xi) {
  const double omega = sqrt(s->k / s->m), half = 0.5 * omega * step, angle = 2 * (double)n * atanh(half);
  const double mw = s->m * omega, sh = sinh(angle);
  return -0.5 * (double)n * log1p(-half * half) + 0.5 * log(mw / (2 * M_PI * s->hbar * sh)) -
         mw / (2 * s->hbar * sh) * ((xf * xf + xi * xi) * cosh(angle) - 2 * xf * xi);
}

/* H in the basis of the oscillator (m, k): x = sqrt(hbar/2 m omega) (a + a^+). */
com_status nqs_pathint_levels(com_ctx *c, const nqs_pathint_system *s, size_t n_levels, double *out) {
  enum { BASIS = 120 };
  const double omega = sqrt(s->k / s->m), unit = s->hbar / (2 * s->m * omega);
  double *x2 = calloc((size_t)BASIS * BASIS, sizeof *x2), *h = calloc((size_t)BASIS * BASIS, sizeof *h),
         w[BASIS];
  com_status status = x2 && h ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  if (!status && n_levels > BASIS / 4)
    status = COM_FAIL(c, COM_E_CONFIG, "path: at most %d levels", BASIS / 4);
  for (size_t i = 0; i < BASIS && !status; i++) {
    x2[i * BASIS + i] = unit * (2 * (double)i + 1);
    if (i + 2 < BASIS)
      x2[i * BASIS + i + 2] = x2[(i + 2) * BASIS + i] = unit * sqrt((double)(i + 1) * (double)(i + 2));
  }
  if (!status) com_linalg_gemm(0, 0, BASIS, BASIS, BASIS, s->lambda, x2, BASIS, x2, BASIS, 0, h, BASIS);
  for (size_t i = 0; i < BASIS && !status; i++) h[i * BASIS + i] += s->hbar * omega * ((double)i + 0.5);
  if (!status) status = com_linalg_eigh(c, BASIS, h, w);
  if (!status) memcpy(out, w, n_levels * sizeof *out);
  free(x2);
  free(h);
  return status;
}

com_status nqs_pathint_extrapolate(com_ctx *c, nqs_pathint_rule rule, size_t n, const nqs_pathint_result *r,
                                   double *e0, double *error) {
  enum { MAX = 64 };
  const size_t np = n >= 3 ? 3 : 2;
  COM_CHECK(c, n >= 2 && n <= MAX, COM_E_CONFIG, "path: an extrapolation needs 2 to %d steps", MAX);
  double N[9] = {0}, b[3] = {0}, unit[3] = {1, 0, 0}, M[9];
  for (size_t i = 0; i < n; i++) {
    const double d = r[i].step, u = rule == NQS_PATHINT_MIDPOINT ? d : d * d, row[3] = {1, u, u * u};
    const double weight = 1 / (r[i].energy_error * r[i].energy_error);
    for (size_t j = 0; j < np; j++) {
      b[j] += weight * row[j] * r[i].energy;
      for (size_t k = 0; k < np; k++) N[j * np + k] += weight * row[j] * row[k];
    }
  }
  memcpy(M, N, sizeof M);
  COM_TRY(com_linalg_chol_solve(c, np, M, 1, b));
  COM_TRY(com_linalg_chol_solve(c, np, N, 1, unit)); /* first column of the covariance */
  *e0 = b[0], *error = sqrt(unit[0]);
  return COM_OK;
}

/* ---- sampling ---- */

/* Weights are whitened by a reference oscillator: S_ref/hbar = w^T H w/2, H = L L^T, w = L^-T xi, so that xi is close to a unit normal
 * whatever the network; the Jacobian is constant. */
typedef struct job {
  const nqs_pathint_opts *o;
  size_t n;
  double step;
  double *L; /* [n+1][n+1] */
  double *w, *x, *gx;
} job;

static com_status whiten(com_ctx *c, job *j) {
  const size_t n1 = j->n + 1;
  const nqs_pathint_system *s = &j->o->system;
  /* <x^2> of the oscillator sets the mean-field stiffness k + 12 lambda <x^2>, halved: the path is softer than that once lambda counts */
  const double guess = s->k + 6 * s->lambda * s->hbar / sqrt(s->k * s->m);
  nqs_pathint_system ref = *s;
  ref.lambda = 0, ref.k = isnan(j->o->reference) ? guess : j->o->reference;
  for (size_t k = 0; k < n1; k++) { /* columns of the Hessian: the gradient at unit weights is linear */
    memset(j->w, 0, n1 * sizeof *j->w);
    j->w[k] = 1;
    nqs_pathint_path((nqs_pathint_net)j->o->net, j->n, j->step, j->w, j->x);
    nqs_pathint_action(&ref, (nqs_pathint_rule)j->o->rule, j->n, j->step, j->x, j->gx);
    nqs_pathint_pull((nqs_pathint_net)j->o->net, j->n, j->step, j->gx, j->L + k * n1);
    for (size_t i = 0; i < n1; i++) j->L[k * n1 + i] /= s->hbar;
  }
  return com_linalg_chol(c, n1, j->L);
}

static com_status density(size_t chain, const double *xi, double *logp, double *gradient, void *user) {
  const job *j = user;
  const size_t n1 = j->n + 1;
  const nqs_pathint_net net = (nqs_pathint_net)j->o->net;
  (void)chain; /* one thread: the scratch is shared */
  memcpy(j->w, xi, n1 * sizeof *xi);
  com_linalg_backward(n1, j->L, j->w);
  nqs_pathint_path(net, j->n, j->step, j->w, j->x);
  *logp = -nqs_pathint_action(&j->o->system, (nqs_pathint_rule)j->o->rule, j->n, j->step, j->x, j->gx) /
          j->o->system.hbar;
  nqs_pathint_pull(net, j->n, j->step, j->gx, gradient);
  for (size_t k = 0; k < n1; k++) gradient[k] /= -j->o->system.hbar;
  com_linalg_forward(n1, j->L, gradient);
  return COM_OK;
}

enum { X2, ENERGY, NEAR, FAR, N_OBS, BINS = 10 }; /* NEAR, FAR: correlator at one and two correlation times */

/* Means over the middle half of the path, where both ends are forgotten. */
static void observe(const job *j, size_t lag, double *obs, size_t stride) {
  const size_t from = j->n / 4, to = j->n - from, count = to - from + 1;
  double sum[N_OBS] = {0}, force;
  for (size_t k = from; k <= to; k++) {
    const double x = j->x[k];
    sum[X2] += x * x;
    sum[ENERGY] += potential(&j->o->system, x, &force);
    sum[ENERGY] += 0.5 * x * force;
    if (k + 2 * lag <= to) sum[NEAR] += x * j->x[k + lag], sum[FAR] += x * j->x[k + 2 * lag];
  }
  for (size_t q = 0; q < N_OBS; q++) obs[q * stride] = sum[q] / (double)(q < NEAR ? count : count - 2 * lag);
}

static com_status run_chains(com_ctx *c, job *j, size_t lag, double *obs) {
  const size_t n1 = j->n + 1, draws = (size_t)j->o->draws, total = draws * (size_t)j->o->chains;
  const com_sample_opts o = {
      .n = n1, .chains = (size_t)j->o->chains, .warmup = (size_t)j->o->warmup, .draws = draws};
  com_sample *s = NULL;
  double *start = calloc(n1, sizeof *start);
  com_status status = start ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  if (!status) status = com_sample_create(c, &o, "path", NULL, NULL, &s, density, j);
  for (size_t k = 0; k < o.chains && !status; k++) com_sample_start(s, k, start);
  while (!status && com_sample_progress(s) < 1) {
    status = com_sample_advance(s, 50);
    if (!status && com_ctx_stop(c))
      status = COM_FAIL(c, COM_E_INTERRUPTED, "path: interrupted while sampling");
  }
  if (!status) status = com_sample_gather(s);
  for (size_t t = 0; t < total && !status; t++) {
    memcpy(j->w, com_sample_draws(s, t / draws) + (t % draws) * n1, n1 * sizeof *j->w);
    com_linalg_backward(n1, j->L, j->w);
    nqs_pathint_path((nqs_pathint_net)j->o->net, j->n, j->step, j->w, j->x);
    observe(j, lag, obs + t, total);
  }
  com_sample_destroy(s);
  free(start);
  return status;
}

static com_status mean_of(com_ctx *c, const nqs_pathint_opts *o, const double *x, double *mean, double *error,
                          double *rhat) {
  com_sample_stats st;
  double ess;
  COM_TRY(com_sample_stats_of(c, (size_t)o->chains, (size_t)o->draws, x, &st));
  COM_TRY(com_sample_stats_ess(c, (size_t)o->chains, (size_t)o->draws, x, &ess));
  *mean = st.mean, *error = st.sd / sqrt(ess), *rhat = st.rhat;
  return COM_OK;
}

/* log(C_near/C_far)/(lag D), its error by leaving out one stretch of a chain after the other. */
static void gap_of(const nqs_pathint_opts *o, const double *obs, double span, nqs_pathint_result *out) {
  const size_t total = (size_t)o->draws * (size_t)o->chains, bins = BINS * (size_t)o->chains,
               length = total / bins;
  const double *near_ = obs + NEAR * total, *far_ = obs + FAR * total;
  double sum[2] = {0, 0}, mean = 0, square = 0;
  for (size_t t = 0; t < bins * length; t++) sum[0] += near_[t], sum[1] += far_[t];
  for (size_t b = 0; b < bins; b++) {
    double left[2] = {sum[0], sum[1]};
    for (size_t t = b * length; t < (b + 1) * length; t++) left[0] -= near_[t], left[1] -= far_[t];
    const double g = log(left[0] / left[1]) / span, d = g - mean;
    mean += d / (double)(b + 1), square += d * (g - mean);
  }
  out->gap = log(sum[0] / sum[1]) / span;
  out->gap_error = sqrt(square * (double)(bins - 1) / (double)bins);
}

com_status nqs_pathint_sample(com_ctx *c, const nqs_pathint_opts *o, double step, nqs_pathint_result *out) {
  const size_t n = (size_t)(o->time / step + 0.5), n1 = n + 1, total = (size_t)o->draws * (size_t)o->chains;
  const double omega = sqrt(o->system.k / o->system.m);
  const size_t lag = (size_t)fmax(1, floor(0.7 / (omega * step) + 0.5));
  COM_CHECK(c, n >= 8 && n <= 2000, COM_E_CONFIG,
            "path.steps: D = %g makes %zu intervals of time %g; 8 to 2000 work", step, n, o->time);
  COM_CHECK(c, 8 * lag < n, COM_E_CONFIG, "path.time = %g: too short for the correlator; give at least %g",
            o->time, 8 * (double)lag * step);
  COM_CHECK(c, o->rule == NQS_PATHINT_TRAPEZOID || omega * step < 2, COM_E_CONFIG,
            "path.steps: D = %g: the midpoint rule needs omega D < 2", step);
  COM_CHECK(c, o->draws >= BINS, COM_E_CONFIG, "path.draws: at least %d", BINS);
  job j = {.o = o, .n = n, .step = step};
  double rhat, *obs = malloc(N_OBS * total * sizeof *obs), *mem = malloc((n1 * n1 + 3 * n1) * sizeof *mem);
  com_status status = obs && mem ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  *out = (nqs_pathint_result){.n = n, .step = step};
  if (!status) {
    j.L = mem, j.w = mem + n1 * n1, j.x = j.w + n1, j.gx = j.x + n1;
    status = whiten(c, &j);
  }
  if (!status) status = run_chains(c, &j, lag, obs);
  if (!status) status = mean_of(c, o, obs + X2 * total, &out->x2, &out->x2_error, &out->rhat);
  if (!status) status = mean_of(c, o, obs + ENERGY * total, &out->energy, &out->energy_error, &rhat);
  if (!status) gap_of(o, obs, (double)lag * step, out);
  free(obs);
  free(mem);
  return status;
}
