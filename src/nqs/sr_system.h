/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file sr_system.h
 *  The centred, weighted log-derivatives as one matrix: row i of A is sqrt(w_i) (O_i - <O>), eps_i = sqrt(w_i) (E_i - <E>), so
 *      S = A^H A,   F = A^H eps,   Var(E) = |eps|^2.
 *  NQS_HOLO: complex; NQS_REAL: real parts; NQS_SPLIT: two real rows per sample (real and imaginary parts), which gives
 *  Re S and Re F.  Probes (probe.h) become one more group of rows, of total weight `guard`, with O - <O> of the running
 *  chains and eps = nqs_probe_excess: the step then also lowers psi where probes find what no chain sees.
 *  All sums run over groups of sampler blocks in fixed order, so digits do not depend on threads. */
#ifndef HOLOGRAD_NQS_SR_SYSTEM_H
#define HOLOGRAD_NQS_SR_SYSTEM_H
#include "nqs/sampler.h"

enum { NQS_SR_GROUPS = 16 };
typedef struct nqs_sr_system {
  const nqs_ansatz *a;
  com_pool *pool;
  int holo;                                  /**< entries are double complex, else double */
  size_t np, n;                              /**< parameters (columns), rows of A */
  size_t n_groups, first[NQS_SR_GROUPS + 2]; /**< rows of each group */
  size_t elem;                               /**< bytes of an entry */
  void *A, *eps;                             /**< [n][np] (the samples' own storage), [n] */
  double energy, variance, guard;
  void *partial; /**< [n_groups][np] or [n_groups][np][np] */
  double *mean;  /**< [n_groups+1][row doubles] */
  size_t cap_eps, cap_partial;
  /* arguments of the running pool tasks */
  const void *in;
  void *out;
  size_t n_tasks;
  nqs_samples *samples;
} nqs_sr_system;

void nqs_sr_system_init(const nqs_ansatz *a, com_pool *pool, nqs_sr_system *y);
void nqs_sr_system_finish(nqs_sr_system *y);
/** Centre and scale samples->O in place and point at it. COM_E_NUM when something is not finite. */
com_status nqs_sr_system_load(com_ctx *c, nqs_sr_system *y, nqs_samples *s);
com_status nqs_sr_system_matrix(com_ctx *c, nqs_sr_system *y, void *S); /**< S[np][np], full */
com_status nqs_sr_system_gram(com_ctx *c, nqs_sr_system *y, const void *B,
                              void *T); /**< T[n][n] = B B^H of rows B[n][np] */
com_status nqs_sr_system_adjoint(com_ctx *c, nqs_sr_system *y, const void *v, void *x); /**< x[np] = A^H v */
com_status nqs_sr_system_apply(com_ctx *c, nqs_sr_system *y, const void *x, void *v);   /**< v[n] = A x */
com_status nqs_sr_system_diagonal(com_ctx *c, nqs_sr_system *y, double *d);             /**< d[np] = S_kk */
/** At least `want` bytes behind *slot, of which *cap are there; what was in it is lost. @param slot pointer to the pointer */
com_status nqs_sr_system_room(com_ctx *c, size_t want, size_t *cap, void *slot);
#endif
