/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file boltzmann_sample.h  Sampling a machine of the bulk field: block Gibbs (even layers against odd) or Hamiltonian Monte Carlo. */
#ifndef HOLOGRAD_ADS_BOLTZMANN_SAMPLE_H
#define HOLOGRAD_ADS_BOLTZMANN_SAMPLE_H
#include "ads/boltzmann.h"

typedef struct ads_boltzmann_sample_opts {
  size_t chains, draws, warmup;
  int hmc;       /**< 0: block Gibbs; 1: NUTS */
  double N;      /**< P ~ exp(-N E): large N is the saddle point */
  double source; /**< phi_0 held here; NAN: the visible layer is free */
} ads_boltzmann_sample_opts;

typedef struct ads_boltzmann_sample_result {
  double two_point,
      two_point_error;  /**< <phi_0 phi_0> of a free visible layer, = 1/(N K_0) without a quartic term */
  double *mean, *error; /**< [n+1] <phi_k>; caller frees both */
} ads_boltzmann_sample_result;

/** COM_E_CONFIG when the sampled field has no normalisable distribution. */
com_status ads_boltzmann_sample_run(com_ctx *c, const ads_boltzmann *b, const ads_boltzmann_sample_opts *o,
                                    ads_boltzmann_sample_result *out);
void ads_boltzmann_sample_finish(ads_boltzmann_sample_result *r);
#endif
