/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/tdvp.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "common/comm.h"
#include "common/linalg.h"
#include "common/ode.h"
#include "nqs/sr_system.h"

struct nqs_tdvp {
  com_ctx *ctx;
  nqs_tdvp_opts o;
  nqs_ansatz *a;
  nqs_sampler *sampler;
  com_pool *pool;
  com_ode *ode;
  nqs_samples samples;
  nqs_sr_system system;
  double time;
  double *S, *F, *x, *values; /* [np^2], [np], [np] entries of the system's scalar; [np] eigenvalues */
  double *turned;             /* rows of A in the eigenbasis, for the noise of the force */
  size_t cap_turned;
  double *k1, *k2, *w; /* [n_reals] */
  com_status status;   /* of the last right-hand side */
  nqs_tdvp_point point;
};

static int rhs(double time, const double *w, double *wdot, void *user);

void nqs_tdvp_destroy(nqs_tdvp *t) {
  if (!t) return;
  com_ode_destroy(t->ode);
  nqs_sampler_samples_finish(&t->samples);
  nqs_sr_system_finish(&t->system);
  free(t->S);
  free(t->F);
  free(t->x);
  free(t->values);
  free(t->turned);
  free(t->k1);
  free(t->k2);
  free(t->w);
  free(t);
}

com_status nqs_tdvp_create(com_ctx *c, const nqs_tdvp_opts *o, nqs_ansatz *a, nqs_sampler *sampler,
                           com_pool *pool, nqs_tdvp **out) {
  const size_t n = a->n_params, two = a->scalar == NQS_HOLO ? 2 : 1;
  nqs_tdvp *t;
  *out = NULL;
  COM_CHECK(c, o->imaginary || a->scalar != NQS_REAL, COM_E_CONFIG,
            "evolve: a positive wave function cannot move in real time; use complex weights (ansatz %s)",
            a->ops->c.name);
  COM_ALLOC(c, t = calloc(1, sizeof *t));
  *t = (nqs_tdvp){.ctx = c, .o = *o, .a = a, .sampler = sampler, .pool = pool};
  nqs_sr_system_init(a, pool, &t->system);
  t->S = malloc(n * n * two * sizeof *t->S);
  t->F = malloc(n * two * sizeof *t->F);
  t->x = malloc(n * two * sizeof *t->x);
  t->values = malloc(n * sizeof *t->values);
  t->k1 = malloc(a->n_reals * sizeof *t->k1);
  t->k2 = malloc(a->n_reals * sizeof *t->k2);
  t->w = malloc(a->n_reals * sizeof *t->w);
  com_status status = t->S && t->F && t->x && t->values && t->k1 && t->k2 && t->w
                          ? COM_OK
                          : COM_FAIL(c, COM_E_MEM, "out of memory");
  t->o.hamiltonian = (com_choice){0}, t->o.observables = NULL; /* the caller's */
  const com_ode_opts ode = {.rel_tol = o->rel_tol, .abs_tol = o->abs_tol, .max_steps = o->max_steps};
  if (!status) status = com_ode_create(c, &ode, rhs, NULL, NULL, t, &t->ode);
  if (status) nqs_tdvp_destroy(t), t = NULL;
  *out = t;
  return status;
}

/* ---- the linear system ---- */

/* The force turned by the time direction: A x is to follow eps = -i (E_loc - <E>), or minus it in imaginary time. */
static void turn(const nqs_tdvp *t, nqs_samples *s) {
  const double complex factor = t->o.imaginary ? -1 : -I;
  for (size_t k = 0; k < s->n; k++) s->eloc[k] *= factor;
}

/* Rows of A against all eigenvectors: turned[row][k] = sum_j A[row][j] v_k[j]. */
static com_status turn_rows(nqs_tdvp *t) {
  const nqs_sr_system *y = &t->system;
  const size_t n = y->np, want = y->n * n * (y->elem / sizeof(double));
  if (want > t->cap_turned) {
    free(t->turned);
    t->cap_turned = 0;
    COM_ALLOC(t->ctx, t->turned = malloc(want * sizeof *t->turned));
    t->cap_turned = want;
  }
  if (y->holo) {
    com_linalg_zgemm(0, 1, y->n, n, n, 1, y->A, n, (const double complex *)t->S, n, 0,
                     (double complex *)t->turned, n);
  } else {
    com_linalg_gemm(0, 1, y->n, n, n, 1, y->A, n, t->S, n, 0, t->turned, n);
  }
  return COM_OK;
}

/* (signal/noise)^2 of the force along eigenvector k: the force is a sum over the rows of A, so its variance is the sum of
 * squares minus the square of the mean. */
static double signal2(const nqs_tdvp *t, size_t k) {
  const nqs_sr_system *y = &t->system;
  double complex sum = 0;
  double squares = 0;
  for (size_t i = 0; i < y->n; i++) {
    double complex q;
    if (y->holo) {
      q = conj(((const double complex *)t->turned)[i * y->np + k]) * ((const double complex *)y->eps)[i];
    } else {
      q = t->turned[i * y->np + k] * ((const double *)y->eps)[i];
    }
    sum += q;
    squares += creal(q) * creal(q) + cimag(q) * cimag(q);
  }
  const double signal = creal(sum) * creal(sum) + cimag(sum) * cimag(sum);
  const double noise = squares - signal / (double)y->n;
  return noise > 0 ? signal / noise : INFINITY;
}

static double sixth(double x2) { return x2 * x2 * x2; }

/* x = sum_k v_k (v_k^H F) g_k; S holds the eigenvectors as rows. */
static com_status invert(nqs_tdvp *t) {
  const nqs_sr_system *y = &t->system;
  const size_t n = y->np;
  const int noisy = t->o.snr > 0 && !t->samples.weight;
  com_ctx *c = t->ctx;
  if (y->holo) {
    COM_TRY(com_linalg_zeigh(c, n, (double complex *)t->S, t->values));
  } else {
    COM_TRY(com_linalg_eigh(c, n, t->S, t->values));
  }
  if (noisy) COM_TRY(turn_rows(t));
  const double top = t->values[n - 1];
  memset(t->x, 0, n * y->elem);
  t->point.rank = 0;
  for (size_t k = 0; k < n; k++) {
    const double s = t->values[k];
    if (!(s > 0)) continue;
    double keep = 1 / (1 + sixth(t->o.cutoff * top / s * (t->o.cutoff * top / s)));
    if (noisy) keep /= 1 + sixth(t->o.snr * t->o.snr / signal2(t, k));
    t->point.rank += keep;
    if (y->holo) {
      const double complex *v = (const double complex *)t->S + k * n, *F = (const double complex *)t->F;
      double complex *x = (double complex *)t->x, dot = 0;
      for (size_t j = 0; j < n; j++) dot += conj(v[j]) * F[j];
      for (size_t j = 0; j < n; j++) x[j] += keep / s * dot * v[j];
    } else {
      const double *v = t->S + k * n;
      double dot = 0;
      for (size_t j = 0; j < n; j++) dot += v[j] * t->F[j];
      for (size_t j = 0; j < n; j++) t->x[j] += keep / s * dot * v[j];
    }
  }
  return COM_OK;
}

/* |A x - eps|^2 / |eps|^2 from its definition, which does not lose digits when it is small. */
static com_status find_residual(nqs_tdvp *t) {
  nqs_sr_system *y = &t->system;
  const size_t len = y->n * (y->elem / sizeof(double));
  double *v, sum = 0;
  COM_ALLOC(t->ctx, v = malloc(len * sizeof *v));
  const com_status status = nqs_sr_system_apply(t->ctx, y, t->x, v);
  for (size_t k = 0; k < len && !status; k++) {
    const double d = v[k] - ((const double *)y->eps)[k];
    sum += d * d;
  }
  free(v);
  t->point.residual = y->variance > 0 ? sum / y->variance : 0;
  return status;
}

/* Collect at the present parameters and solve for the velocity x. */
static com_status solve(nqs_tdvp *t) {
  com_ctx *c = t->ctx;
  nqs_samples *s = &t->samples;
  COM_TRY(nqs_sampler_collect(c, t->sampler, 0, NQS_WANT_O, s));
  COM_CHECK(c, s->n_bad == 0, COM_E_NUM, "evolve: t = %g: %zu of %zu local energies are not finite", t->time,
            s->n_bad, s->n);
  nqs_estimate_series(s->n_chains, s->n_time, s->eloc, s->weight, &t->point.energy);
  turn(t, s);
  COM_TRY(nqs_sr_system_load(c, &t->system, s));
  COM_TRY(nqs_sr_system_matrix(c, &t->system, t->S));
  COM_TRY(nqs_sr_system_adjoint(c, &t->system, t->system.eps, t->F));
  t->point.rhs++;
  return invert(t);
}

/* com_ode callback: 0 good, 1 smaller step, -1 give up. */
static int rhs(double time, const double *w, double *wdot, void *user) {
  nqs_tdvp *t = user;
  (void)time;
  if (com_comm_stop(t->ctx)) {
    t->status = COM_FAIL(t->ctx, COM_E_INTERRUPTED,
                         "evolve: interrupted at t = %g; what was reached is written", t->time);
    return -1;
  }
  t->status = nqs_ansatz_load(t->ctx, t->a, w);
  if (!t->status) t->status = solve(t);
  if (t->status) return t->status == COM_E_NUM ? 1 : -1;
  memcpy(wdot, t->x, t->a->n_reals * sizeof *wdot);
  return 0;
}

/* ---- integration ---- */

/* Heun: w' = w + h/2 (k1 + k2), k1 = f(w), k2 = f(w + h k1); the last step is cut to end at `time`. */
static com_status heun(nqs_tdvp *t, double time) {
  const size_t n = t->a->n_reals;
  const double length = time - t->time, steps = ceil(fabs(length) / t->o.step - 1e-9), h = length / steps;
  const double from = t->time;
  for (double k = 0; k < steps; k++) {
    memcpy(t->w, t->a->w, n * sizeof *t->w);
    if (rhs(t->time, t->w, t->k1, t)) return t->status;
    for (size_t i = 0; i < n; i++) t->k2[i] = t->w[i] + h * t->k1[i];
    if (rhs(t->time + h, t->k2, t->k2, t)) return t->status;
    for (size_t i = 0; i < n; i++) t->w[i] += h / 2 * (t->k1[i] + t->k2[i]);
    COM_TRY(nqs_ansatz_load(t->ctx, t->a, t->w));
    t->time = from + (k + 1) * h;
  }
  t->time = time;
  return COM_OK;
}

com_status nqs_tdvp_advance(nqs_tdvp *t, double time) {
  const size_t n = t->a->n_reals;
  if (time == t->time) return COM_OK;
  if (t->o.heun) return heun(t, time);
  memcpy(t->k1, t->a->w, n * sizeof *t->k1);
  t->status = COM_OK;
  const com_status status = com_ode_forward(t->ode, n, t->time, time, t->k1, t->w, 0);
  if (status && t->status == COM_E_INTERRUPTED) /* in place of the integrator's complaint */
    return COM_FAIL(t->ctx, t->status, "evolve: interrupted at t = %g; what was reached is written", t->time);
  if (status && t->status) return t->status; /* the reason is the right-hand side's */
  COM_CHECK(t->ctx, !status, COM_E_NUM,
            "evolve: the integrator stopped between t = %g and %g: %s; a larger evolve.cutoff makes the "
            "equations less stiff",
            t->time, time, com_ode_error(t->ode));
  t->time = time;
  return nqs_ansatz_load(t->ctx, t->a, t->w);
}

com_status nqs_tdvp_measure(nqs_tdvp *t, nqs_tdvp_point *out) {
  COM_TRY(solve(t));
  COM_TRY(find_residual(t));
  t->point.time = t->time;
  *out = t->point;
  return COM_OK;
}

static const char *const schemes[] = {"cvodes", "heun", NULL};
const com_field nqs_tdvp_fields[] = {
    {.key = "hamiltonian",
     .doc = "what drives the motion (default: the hamiltonian of the config)",
     .type = COM_F_COMPONENT,
     .off = offsetof(nqs_tdvp_opts, hamiltonian),
     .aux = &nqs_hamiltonian_kind},
    {.key = "time",
     .doc = "end of the evolution that starts at 0, hbar = 1",
     .type = COM_F_REAL,
     .off = offsetof(nqs_tdvp_opts, time),
     .def = 1,
     .hi = 1e6,
     .flags = COM_FF_LO_OPEN},
    {.key = "points",
     .doc = "equidistant outputs after the start",
     .type = COM_F_INT,
     .off = offsetof(nqs_tdvp_opts, points),
     .def = 20,
     .lo = 1,
     .hi = 1e6},
    {.key = "imaginary",
     .doc = "imaginary time (cooling) instead of real time",
     .type = COM_F_BOOL,
     .off = offsetof(nqs_tdvp_opts, imaginary)},
    {.key = "scheme",
     .doc = "cvodes (adaptive), or heun with fixed steps, which tolerates sampling noise",
     .type = COM_F_ENUM,
     .off = offsetof(nqs_tdvp_opts, heun),
     .aux = schemes,
     .sdef = "cvodes"},
    {.key = "step",
     .doc = "step of heun",
     .type = COM_F_REAL,
     .off = offsetof(nqs_tdvp_opts, step),
     .def = 0.01,
     .hi = 10,
     .flags = COM_FF_LO_OPEN},
    {.key = "rel_tol",
     .doc = "relative tolerance of cvodes on the parameters",
     .type = COM_F_REAL,
     .off = offsetof(nqs_tdvp_opts, rel_tol),
     .def = 1e-5,
     .lo = 1e-12,
     .hi = 0.1},
    {.key = "abs_tol",
     .doc = "absolute tolerance of cvodes on the parameters",
     .type = COM_F_REAL,
     .off = offsetof(nqs_tdvp_opts, abs_tol),
     .def = 1e-5,
     .lo = 1e-14,
     .hi = 0.1},
    {.key = "cutoff",
     .doc = "smooth cut-off of the inverse of S relative to its largest eigenvalue",
     .type = COM_F_REAL,
     .off = offsetof(nqs_tdvp_opts, cutoff),
     .def = 1e-7,
     .hi = 0.5,
     .flags = COM_FF_LO_OPEN},
    {.key = "snr",
     .doc = "signal-to-noise ratio below which a direction is frozen when sampling (0: none)",
     .type = COM_F_REAL,
     .off = offsetof(nqs_tdvp_opts, snr),
     .def = 2,
     .lo = 0,
     .hi = 1e6},
    {.key = "max_steps",
     .doc = "most steps of cvodes between two outputs",
     .type = COM_F_INT,
     .off = offsetof(nqs_tdvp_opts, max_steps),
     .def = 100000,
     .lo = 1,
     .hi = 1e9},
    {.key = "observables",
     .doc = "what to measure at each output (default: magnetisation)",
     .type = COM_F_RAW,
     .off = offsetof(nqs_tdvp_opts, observables)},
    {.key = "exact",
     .doc = "give the exact evolution of the same start beside, for small real-time runs",
     .type = COM_F_BOOL,
     .off = offsetof(nqs_tdvp_opts, exact),
     .def = 1},
    {0}};
