/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file sr.h
 *  Parameter updates as components: sr (stochastic reconfiguration, S x = F) and adam.  S_kk' = <O_k^* O_k'> - <O_k^*><O_k'>,
 *  F_k = <E_loc O_k^*> - <E_loc><O_k^*>; real parameters use the real parts (docs/physics.md).  Regularised as
 *  S_kk (1 + lambda(p)) + shift, lambda(p) = max(lambda0 decay^p, lambda_min). */
#ifndef HOLOGRAD_NQS_SR_H
#define HOLOGRAD_NQS_SR_H
#include "nqs/sampler.h"

extern const com_kind nqs_sr_kind; /**< "optimizer" block */

typedef struct nqs_sr nqs_sr;
typedef struct nqs_sr_report {
  double lambda, gradient_norm, step_norm, residual;
  int fallback;
  const char *solver;
} nqs_sr_report;

com_status nqs_sr_create(com_ctx *c, const com_choice *ch, const nqs_ansatz *a, com_pool *pool,
                         nqs_sr **out); /**< [keep] */
void nqs_sr_destroy(nqs_sr *s);
/** Direction and step for the samples (with O): dw[n_reals], to be *added* to the parameters.  Centres and scales
 *  samples->O in place. COM_E_NUM when no solver gives a finite step. */
com_status nqs_sr_step(com_ctx *c, nqs_sr *s, nqs_samples *samples, double *dw, nqs_sr_report *rep);
void nqs_sr_forget(nqs_sr *s); /**< momenta: the parameters were changed by somebody else */
/** After a rollback: forget momentum, raise lambda tenfold for the coming steps. */
void nqs_sr_backoff(nqs_sr *s);
double
nqs_sr_average(const nqs_sr *s); /**< share of the last iterations whose parameters are averaged at the end */
com_status nqs_sr_save(com_ctx *c, const nqs_sr *s, cJSON **out);
com_status nqs_sr_load(com_ctx *c, nqs_sr *s, const cJSON *in);

/** The linear system itself, for real time: S[np][np] (row-major; double for real parameters, double complex for
 *  NQS_HOLO) and F[np], var = Var(E_loc).  Centres samples->O in place. */
com_status nqs_sr_system_of(com_ctx *c, const nqs_ansatz *a, com_pool *pool, nqs_samples *samples, void *S,
                            void *F, double *var);
#endif
