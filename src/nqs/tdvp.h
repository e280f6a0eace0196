/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file tdvp.h
 *  Time-dependent variational Monte Carlo: S dw/dt = -i F in real time, S dw/dtau = -F in imaginary time; real parameters
 *  take real parts (McLachlan).  S is inverted in its eigenbasis with a smooth cut-off
 *      1/s -> 1/s [1 + (cutoff s_max/s)^6]^{-1} [1 + (snr/SNR)^6]^{-1},
 *  SNR the signal-to-noise ratio of the force along the direction (Schmitt, Heyl, PRL 125, 100503; sampling only). */
#ifndef HOLOGRAD_NQS_TDVP_H
#define HOLOGRAD_NQS_TDVP_H
#include "nqs/estimate.h"

/** "evolve" block. */
typedef struct nqs_tdvp_opts {
  com_choice hamiltonian; /**< that drives the motion; type NULL: the one of the config */
  double time;            /**< end; the start is 0 */
  int points;             /**< outputs after the one at t = 0 */
  int imaginary, heun;    /**< heun: fixed steps instead of CVODES */
  double step;            /**< of heun */
  double rel_tol, abs_tol;
  double cutoff, snr;
  int max_steps;
  cJSON *observables; /**< raw, see observables.h */
  int exact;          /**< follow the exact evolution of the start beside, when the space is small */
} nqs_tdvp_opts;
extern const com_field nqs_tdvp_fields[];

typedef struct nqs_tdvp nqs_tdvp;
/** @param sampler [keep] bound to the Hamiltonian that drives the motion  @param a [keep] its parameters move
 *  COM_E_CONFIG for real time with a positive wave function. */
com_status nqs_tdvp_create(com_ctx *c, const nqs_tdvp_opts *o, nqs_ansatz *a, nqs_sampler *sampler,
                           com_pool *pool, nqs_tdvp **out);
void nqs_tdvp_destroy(nqs_tdvp *t);
/** Move the parameters of the ansatz from the present time to `time`. COM_E_INTERRUPTED when the context says stop. */
com_status nqs_tdvp_advance(nqs_tdvp *t, double time);

/** What the present state looks like. */
typedef struct nqs_tdvp_point {
  double time;
  nqs_estimate energy;
  /** Distance of the variational from the exact infinitesimal step, squared, over the length of the latter:
   *  |A x - eps|^2/|eps|^2 = 1 + (x^H S x - 2 Re x^H F)/Var(H); 0 = exact, 1 = no motion. */
  double residual;
  double rank; /**< directions that move: sum over the eigenvectors of the cut-off factors */
  long rhs;    /**< collections so far */
} nqs_tdvp_point;
com_status nqs_tdvp_measure(nqs_tdvp *t, nqs_tdvp_point *out);
#endif
