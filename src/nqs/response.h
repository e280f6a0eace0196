/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file response.h
 *  The answer of a ground state (or thermal state) to a source: H - v sum_t c_t P_t for a scan of values v, each state warm-started
 *  from the last, the conjugate order parameter measured per site with errors.  The outcome is a dataset holograd/dataset/1, the only
 *  thing that the holographic side sees.  The caller owns the loop: create -> while (!done) iterate -> dataset. */
#ifndef HOLOGRAD_NQS_RESPONSE_H
#define HOLOGRAD_NQS_RESPONSE_H
#include "nqs/driver.h"

/** "response" block of an nqs config. */
typedef struct nqs_response_opts {
  cJSON *source;     /**< "Z": every site, "ZZ": every nearest bond, or [[c,"ZXZ",[0,1,2]],...] */
  cJSON *observable; /**< likewise, divided by the number of sites; absent: the source */
  int staggered;     /**< one-letter sources and observables alternate between the sublattices */
  com_reals values;
  int method;          /**< 0 vmc, 1 exact */
  double temperature;  /**< NAN: ground state; else thermal averages of the full spectrum (exact only) */
  double target_error; /**< measure on until the error of the observable is below this */
  double relax;        /**< imaginary time over which the response of a finished state would still move */
  int extend;          /**< most optimisation of a point, in budgets of `iterations` */
  double floor;        /**< least error stated: what the wave function cannot represent */
  int shared;          /**< all scan points use the same random numbers; the dataset then has a covariance */
  char *name;          /**< of the dataset */
} nqs_response_opts;
extern const com_field nqs_response_fields[];

/** One point of the scan. */
typedef struct nqs_response_point {
  double value;
  int done;
  double mean, error, tau, rhat;
  double stat;               /**< the part of error that comes from sampling */
  double drift, drift_error; /**< how far imaginary time `relax` would still move the mean; part of error */
  double energy, energy_error, variance;
  double exact, exact_energy; /**< by Lanczos where that is cheap, else NAN */
  size_t samples;
  long iterations;
  int off; /**< the state is visibly not the ground state: mean and error are not to be used */
} nqs_response_point;

typedef struct nqs_response nqs_response;
/** @param config [in] nqs config with a "response" block, or a result with one inside  @param out [out] */
com_status nqs_response_create(com_ctx *c, const char *file, const cJSON *config, nqs_response **out);
void nqs_response_destroy(nqs_response *r);
/** One optimisation step, or the measurement of one scan point. */
com_status nqs_response_iterate(nqs_response *r);
int nqs_response_done(const nqs_response *r);
size_t nqs_response_n(const nqs_response *r);
const nqs_response_point *nqs_response_points(const nqs_response *r); /**< in the order given; borrowed */
double nqs_response_progress(const nqs_response *r);                  /**< 0 .. 1 */
const char *nqs_response_label(const nqs_response *r);                /**< "h_Z", name of the source */
/** The dataset, after the last iterate. @param out [out] */
com_status nqs_response_dataset(nqs_response *r, cJSON **out);
#endif
