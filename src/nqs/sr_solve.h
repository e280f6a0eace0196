/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file sr_solve.h
 *  Solvers of (A^H A + R) x = A^H eps with a positive diagonal R:
 *    cholesky  dense, falling back to a cut-off eigen-decomposition;
 *    minsr     the same x by the kernel identity x = R^-1 A^H (A R^-1 A^H + 1)^-1 eps (arXiv:2310.05715), for more
 *              parameters than samples;
 *    cg        conjugate gradients with Jacobi preconditioning, matrix-free. */
#ifndef HOLOGRAD_NQS_SR_SOLVE_H
#define HOLOGRAD_NQS_SR_SOLVE_H
#include "nqs/sr_system.h"

typedef enum nqs_sr_solver { NQS_SR_AUTO, NQS_SR_CHOLESKY, NQS_SR_MINSR, NQS_SR_CG } nqs_sr_solver;
typedef struct nqs_sr_work {
  void *matrix, *vec;
  size_t cap_matrix, cap_vec;
} nqs_sr_work; /**< {0} is valid */
typedef struct nqs_sr_outcome {
  const char *solver;
  int fallback, iterations;
  double residual;
} nqs_sr_outcome;

void nqs_sr_solve_finish(nqs_sr_work *w);
/** @param R [np] > 0  @param eps [n] right-hand side in sample space  @param tol, max_iter of cg
 *  @param x [np] out, finite on COM_OK */
com_status nqs_sr_solve(com_ctx *c, nqs_sr_system *y, nqs_sr_solver kind, const double *R, const void *eps,
                        double tol, int max_iter, nqs_sr_work *w, void *x, nqs_sr_outcome *out);
#endif
