/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file nqs.h
 *  The boundary side, typed: the ground state of a spin or boson model by a neural-network wave function, whose loop you own. */
#ifndef HOLOGRAD_HOLOGRAD_NQS_H
#define HOLOGRAD_HOLOGRAD_NQS_H
#include <holograd/common.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A variational Monte Carlo run.  create, then iterate while stop is ::HOLOGRAD_STOP_NONE, then measure, then result. */
typedef struct holograd_nqs holograd_nqs;

/** An energy is never without its error.  Totals, not per site. */
typedef struct holograd_nqs_estimate {
  double mean;     /**< expectation value of the Hamiltonian */
  double error;    /**< one standard deviation of `mean`; 0 for full summation */
  double variance; /**< of the local energy: zero for an eigenstate */
  double tau;      /**< autocorrelation time in sweeps; NaN when unknown */
  double rhat;     /**< split R-hat of the chains; NaN when unknown */
} holograd_nqs_estimate;

/** Read a configuration and make everything ready.
 *  @param c      [keep]
 *  @param name   [in] as for holograd_run()
 *  @param config [in] a document holograd/nqs/1 or holograd/nqs-result/1
 *  @param out    [out] holograd_nqs_destroy() it */
HOLOGRAD_API holograd_status holograd_nqs_create(holograd_ctx *c, const char *name, const char *config,
                                                 holograd_nqs **out);
HOLOGRAD_API void holograd_nqs_destroy(holograd_nqs *q); /**< NULL is fine */
HOLOGRAD_API holograd_status
holograd_nqs_iterate(holograd_nqs *q); /**< sample, local energies, one step of the optimiser */
HOLOGRAD_API holograd_stop holograd_nqs_stop(const holograd_nqs *q); /**< why it ended; NONE: go on */
HOLOGRAD_API long holograd_nqs_iteration(const holograd_nqs *q);     /**< steps so far */
HOLOGRAD_API size_t holograd_nqs_n_sites(const holograd_nqs *q);     /**< of the lattice */
/** Of the last iteration; after holograd_nqs_measure() of the frozen state.
 *  @param q   [in]
 *  @param out [out] */
HOLOGRAD_API void holograd_nqs_energy(const holograd_nqs *q, holograd_nqs_estimate *out);
HOLOGRAD_API holograd_status
holograd_nqs_measure(holograd_nqs *q); /**< freeze the state; energy and observables from fresh samples */
/** The document holograd/nqs-result/1, after holograd_nqs_measure().
 *  @param q    [in]
 *  @param text [out] holograd_text_free() it */
HOLOGRAD_API holograd_status holograd_nqs_result(holograd_nqs *q, char **text);
/** The complete state: a run made of the same configuration goes on from it to the same digits.
 *  @param q    [in]
 *  @param text [out] holograd_text_free() it */
HOLOGRAD_API holograd_status holograd_nqs_save(holograd_nqs *q, char **text);
HOLOGRAD_API holograd_status holograd_nqs_load(holograd_nqs *q, const char *state); /**< what save gave */

#ifdef __cplusplus
}
#endif
#endif
