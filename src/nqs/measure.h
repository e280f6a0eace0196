/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file measure.h  Measuring a frozen state: energy with an honest error from fresh samples. */
#ifndef HOLOGRAD_NQS_MEASURE_H
#define HOLOGRAD_NQS_MEASURE_H
#include "nqs/estimate.h"

/** "measure" block. */
typedef struct nqs_measure_opts {
  int sweeps;          /**< recorded sweeps over all chains, 0 = 50 x sampler.sweeps */
  double target_error; /**< go on (up to 100 times as long) until the error is below this; NAN = once */
  cJSON *observables;  /**< raw; see observable.h */
} nqs_measure_opts;
extern const com_field nqs_measure_fields[];

/** Samples until the error target is met. @param want also NQS_WANT_S for observables  @param s [out] the last collection */
com_status nqs_measure_energy(com_ctx *c, nqs_sampler *sampler, const nqs_measure_opts *o, unsigned want,
                              nqs_samples *s, nqs_estimate *e);
#endif
