/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file driver.h
 *  The body of the VMC loop; the caller owns the loop:
 *    create; while (!nqs_driver_stop(d)) nqs_driver_iterate(d); nqs_driver_measure(d); nqs_driver_result(d, &json). */
#ifndef HOLOGRAD_NQS_DRIVER_H
#define HOLOGRAD_NQS_DRIVER_H
#include "nqs/exact.h"
#include "nqs/measure.h"
#include "nqs/sr.h"
#include "nqs/tdvp.h"

/** The whole config, schema holograd/nqs/1. */
typedef struct nqs_config {
  char *schema;
  com_choice lattice, hamiltonian, ansatz, sampler, optimizer;
  int iterations, preset; /**< preset: index of a tier; its values are filled in already */
  com_seed seed;
  nqs_measure_opts measure;
  nqs_exact_opts exact;
  cJSON *response; /**< block of `nqs response` */
  nqs_tdvp_opts evolve;
} nqs_config;
extern const com_field nqs_driver_fields[];

typedef struct nqs_driver nqs_driver;
/** @param config [in] whole JSON document (or a result: its "config" is used)  @param file for messages */
com_status nqs_driver_create(com_ctx *c, const char *file, const cJSON *config, nqs_driver **out);
void nqs_driver_destroy(nqs_driver *d);
com_status
nqs_driver_iterate(nqs_driver *d); /**< sample -> local energy -> S, F -> update; counts rollbacks itself */
void nqs_driver_interrupt(nqs_driver *d, com_stop why); /**< end the loop for this reason */
void nqs_driver_extend(nqs_driver *d, int iterations);  /**< so many more than asked for at first */
com_stop nqs_driver_stop(const nqs_driver *d);          /**< COM_STOP_NONE = go on */
long nqs_driver_iteration(const nqs_driver *d);
long nqs_driver_max_iterations(const nqs_driver *d);
const nqs_estimate *
nqs_driver_energy(const nqs_driver *d);      /**< of the last iteration; never a mean without its error */
com_status nqs_driver_freeze(nqs_driver *d); /**< take the mean parameters of the last iterations */
com_status
nqs_driver_measure(nqs_driver *d); /**< freeze the state, energy and observables from fresh samples */
const nqs_estimate *nqs_driver_measured(const nqs_driver *d); /**< NULL before measure */
com_status nqs_driver_result(nqs_driver *d, cJSON **out);     /**< "result" object of holograd/nqs-result/1 */
com_status nqs_driver_config(nqs_driver *d, cJSON **out);     /**< resolved, re-runnable */
com_status nqs_driver_checkpoint(nqs_driver *d, cJSON **out);
com_status nqs_driver_resume(nqs_driver *d, const cJSON *state);

/* Parts, for evolve, response and the tests; borrowed. */
const nqs_lattice *nqs_driver_lattice(const nqs_driver *d);
nqs_hamiltonian *nqs_driver_hamiltonian(const nqs_driver *d);
nqs_ansatz *nqs_driver_ansatz(const nqs_driver *d);
nqs_sampler *nqs_driver_sampler(const nqs_driver *d);
com_pool *nqs_driver_pool(const nqs_driver *d);
const nqs_config *nqs_driver_options(const nqs_driver *d);
#endif
