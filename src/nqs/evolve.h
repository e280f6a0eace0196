/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file evolve.h
 *  A run in real or imaginary time: the state of a driver (optimised, or loaded) moves under evolve.hamiltonian; observables
 *  at equidistant outputs, beside them the exact evolution of the same start when the space is small.
 *    create; while (!nqs_evolve_done(e)) nqs_evolve_step(e); nqs_evolve_result(e, &json). */
#ifndef HOLOGRAD_NQS_EVOLVE_H
#define HOLOGRAD_NQS_EVOLVE_H
#include "nqs/driver.h"

typedef struct nqs_evolve nqs_evolve;
/** @param d [keep] its parameters move; records the output at t = 0  @param file for messages  @param out [out] */
com_status nqs_evolve_create(com_ctx *c, const char *file, nqs_driver *d, nqs_evolve **out);
void nqs_evolve_destroy(nqs_evolve *e);
com_status
nqs_evolve_step(nqs_evolve *e); /**< to the next output; COM_E_INTERRUPTED keeps what was recorded */
int nqs_evolve_done(const nqs_evolve *e);
double nqs_evolve_fraction(const nqs_evolve *e);
const nqs_tdvp_point *nqs_evolve_point(const nqs_evolve *e); /**< the latest output */
/** {"stop","final","columns","rows","snapshots","parameters"}: t, energy, variance, residual, rank and every scalar observable
 *  with its error (NAME_exact and fidelity beside), tables of other observables as snapshots. */
com_status nqs_evolve_result(nqs_evolve *e, cJSON **out);
#endif
