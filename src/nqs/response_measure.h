/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file response_measure.h  The mean of one operator in a frozen state, sampled until its error is small enough. */
#ifndef HOLOGRAD_NQS_RESPONSE_MEASURE_H
#define HOLOGRAD_NQS_RESPONSE_MEASURE_H
#include "nqs/driver.h"

typedef struct nqs_response_measure_opts {
  double target;      /**< error of the observable to reach */
  const char *stream; /**< prefix of the random streams of the chains; [keep] during the call */
} nqs_response_measure_opts;

/** Means over equal stretches of the chains in the order sampled; the same stretches of two scans with the same streams
 *  were made of the same random numbers. */
typedef struct nqs_response_measure_bins {
  size_t n;
  double *mean; /**< [n]; caller frees */
} nqs_response_measure_bins;

/** Of one frozen state. */
typedef struct nqs_response_measure_result {
  nqs_estimate value, energy;
  nqs_estimate drift; /**< -d<P>/dt under exp(-t H), = 2 Re(<P H> - <P><H>): 0 in an eigenstate */
} nqs_response_measure_result;

/** @param p [in] closed operator  @param out [out]  @param bins [out] replaced */
com_status nqs_response_measure_run(com_ctx *c, nqs_driver *d, const nqs_pauli *p,
                                    const nqs_response_measure_opts *o, nqs_response_measure_result *out,
                                    nqs_response_measure_bins *bins);
#endif
