/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/sr_solve.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "common/linalg.h"

void nqs_sr_solve_finish(nqs_sr_work *w) {
  free(w->matrix);
  free(w->vec);
  *w = (nqs_sr_work){0};
}

static int all_finite(const double *x, size_t n) {
  for (size_t k = 0; k < n; k++)
    if (!isfinite(x[k])) return 0;
  return 1;
}

static void add_diagonal(const nqs_sr_system *y, const double *R, void *S) {
  for (size_t k = 0; k < y->np; k++) {
    if (y->holo) {
      ((double complex *)S)[k * y->np + k] += R[k];
    } else {
      ((double *)S)[k * y->np + k] += R[k];
    }
  }
}

/* x = sum_k v_k (v_k^H F)/w_k over eigenvalues above the rounding level of the largest. */
static com_status eigen_solve(com_ctx *c, const nqs_sr_system *y, void *S, void *x) {
  const size_t n = y->np;
  double *w;
  double complex *f;
  COM_ALLOC(c, w = malloc(n * (sizeof *w + sizeof *f) + sizeof *f));
  f = (double complex *)(w + n + n % 2);
  com_status status = y->holo ? com_linalg_zeigh(c, n, S, w) : com_linalg_eigh(c, n, S, w);
  const double cut = (double)n * 2.2e-16 * (status ? 0 : w[n - 1]);
  for (size_t i = 0; i < n && !status; i++) f[i] = y->holo ? ((double complex *)x)[i] : ((double *)x)[i];
  if (!status) memset(x, 0, n * y->elem);
  for (size_t k = 0; k < n && !status; k++) {
    if (w[k] <= cut) continue;
    double complex overlap = 0;
    if (y->holo) {
      const double complex *v = (double complex *)S + k * n;
      for (size_t i = 0; i < n; i++) overlap += conj(v[i]) * f[i];
      for (size_t i = 0; i < n; i++) ((double complex *)x)[i] += v[i] * overlap / w[k];
    } else {
      const double *v = (double *)S + k * n;
      for (size_t i = 0; i < n; i++) overlap += v[i] * creal(f[i]);
      for (size_t i = 0; i < n; i++) ((double *)x)[i] += v[i] * creal(overlap) / w[k];
    }
  }
  free(w);
  return status;
}

static com_status cholesky(com_ctx *c, nqs_sr_system *y, const double *R, const void *eps, nqs_sr_work *w,
                           void *x, nqs_sr_outcome *out) {
  const size_t n = y->np;
  COM_TRY(nqs_sr_system_room(c, n * n * y->elem, &w->cap_matrix, &w->matrix));
  COM_TRY(nqs_sr_system_matrix(c, y, w->matrix));
  add_diagonal(y, R, w->matrix);
  COM_TRY(nqs_sr_system_adjoint(c, y, eps, x));
  com_status status =
      y->holo ? com_linalg_zchol_solve(c, n, w->matrix, 1, x) : com_linalg_chol_solve(c, n, w->matrix, 1, x);
  if (!status && all_finite(x, n * y->elem / sizeof(double))) return COM_OK;
  com_ctx_clear(c);
  out->fallback = 1, out->solver = "eigen";
  COM_TRY(nqs_sr_system_matrix(c, y, w->matrix));
  add_diagonal(y, R, w->matrix);
  COM_TRY(nqs_sr_system_adjoint(c, y, eps, x));
  return eigen_solve(c, y, w->matrix, x);
}

/* B = A R^-1/2, T = B B^H + 1, x = R^-1/2 B^H T^-1 eps. */
static com_status minsr(com_ctx *c, nqs_sr_system *y, const double *R, const void *eps, nqs_sr_work *w,
                        void *x) {
  const size_t n = y->n, np = y->np, parts = y->elem / sizeof(double);
  COM_TRY(nqs_sr_system_room(c, (n * n + n * np) * y->elem, &w->cap_matrix, &w->matrix));
  COM_TRY(nqs_sr_system_room(c, n * y->elem + np * sizeof(double), &w->cap_vec, &w->vec));
  double *T = w->matrix, *B = T + n * n * parts, *v = w->vec, *scale = v + n * parts;
  const double *A = y->A;
  for (size_t k = 0; k < np; k++) scale[k] = 1 / sqrt(R[k]);
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < np * parts; k++) B[i * np * parts + k] = A[i * np * parts + k] * scale[k / parts];
  COM_TRY(nqs_sr_system_gram(c, y, B, T));
  for (size_t i = 0; i < n; i++) T[(i * n + i) * parts] += 1;
  memcpy(v, eps, n * y->elem);
  COM_TRY(y->holo ? com_linalg_zchol_solve(c, n, w->matrix, 1, w->vec)
                  : com_linalg_chol_solve(c, n, T, 1, v));
  COM_TRY(nqs_sr_system_adjoint(c, y, v, x));
  for (size_t k = 0; k < np; k++)
    for (size_t q = 0; q < parts; q++) ((double *)x)[k * parts + q] *= scale[k] * scale[k];
  return COM_OK;
}

/* Re a^H b over n entries seen as doubles: enough for conjugate gradients on a Hermitian system. */
static double dot(const double *a, const double *b, size_t n) {
  double s = 0;
  for (size_t k = 0; k < n; k++) s += a[k] * b[k];
  return s;
}

static com_status cg(com_ctx *c, nqs_sr_system *y, const double *R, const void *eps, double tol, int max_iter,
                     nqs_sr_work *w, void *xv, nqs_sr_outcome *out) {
  const size_t parts = y->elem / sizeof(double), m = y->np * parts;
  COM_TRY(nqs_sr_system_room(c, (5 * m + y->n * parts) * sizeof(double), &w->cap_vec, &w->vec));
  double *x = xv, *r = w->vec, *z = r + m, *p = z + m, *q = p + m, *pre = q + m, *v = pre + m;
  COM_TRY(nqs_sr_system_diagonal(c, y, z));
  for (size_t k = m; k-- > 0;) pre[k] = 1 / (z[k / parts] + R[k / parts]);
  COM_TRY(nqs_sr_system_adjoint(c, y, eps, r));
  memset(x, 0, m * sizeof *x);
  for (size_t k = 0; k < m; k++) p[k] = z[k] = pre[k] * r[k];
  double rz = dot(r, z, m);
  const double stop = tol * tol * rz;
  for (out->iterations = 0; out->iterations < max_iter && rz > stop; out->iterations++) {
    COM_TRY(nqs_sr_system_apply(c, y, p, v));
    COM_TRY(nqs_sr_system_adjoint(c, y, v, q));
    for (size_t k = 0; k < m; k++) q[k] += R[k / parts] * p[k];
    const double a = rz / dot(p, q, m);
    for (size_t k = 0; k < m; k++) x[k] += a * p[k], r[k] -= a * q[k], z[k] = pre[k] * r[k];
    const double next = dot(r, z, m), b = next / rz;
    rz = next;
    for (size_t k = 0; k < m; k++) p[k] = z[k] + b * p[k];
  }
  out->residual = stop > 0 ? tol * sqrt(rz / stop) : 0;
  return COM_OK;
}

com_status nqs_sr_solve(com_ctx *c, nqs_sr_system *y, nqs_sr_solver kind, const double *R, const void *eps,
                        double tol, int max_iter, nqs_sr_work *w, void *x, nqs_sr_outcome *out) {
  if (kind == NQS_SR_AUTO) kind = y->np > y->n ? NQS_SR_MINSR : NQS_SR_CHOLESKY;
  *out = (nqs_sr_outcome){.solver = "cholesky"};
  if (kind == NQS_SR_CG) {
    out->solver = "cg";
    COM_TRY(cg(c, y, R, eps, tol, max_iter, w, x, out));
  } else if (kind == NQS_SR_MINSR) {
    out->solver = "minsr";
    COM_TRY(minsr(c, y, R, eps, w, x));
  } else {
    COM_TRY(cholesky(c, y, R, eps, w, x, out));
  }
  COM_CHECK(
      c, all_finite(x, y->np * y->elem / sizeof(double)), COM_E_NUM,
      "stochastic reconfiguration: the step of solver %s is not finite; raise optimizer.lambda_min or shift",
      out->solver);
  return COM_OK;
}
