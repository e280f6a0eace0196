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
  double mean, error; /**< <H> and one standard deviation of it */
  double variance;    /**< <H^2> - <H>^2: zero for an eigenstate */
  double tau, rhat;   /**< autocorrelation time in sweeps; split R-hat of the chains */
} holograd_nqs_estimate;

/** @param c [keep]  @param name [in] as for holograd_run()  @param config [in] a document holograd/nqs/1 or holograd/nqs-result/1
 *  @param out [out] holograd_nqs_destroy() it */
HOLOGRAD_API holograd_status holograd_nqs_create(holograd_ctx *c, const char *name, const char *config,
                                                 holograd_nqs **out);
HOLOGRAD_API void holograd_nqs_destroy(holograd_nqs *q); /**< NULL is fine */
HOLOGRAD_API holograd_status
holograd_nqs_iterate(holograd_nqs *q); /**< sample, local energies, one step of the optimiser */
HOLOGRAD_API holograd_stop holograd_nqs_stop(const holograd_nqs *q); /**< asks the context, too */
HOLOGRAD_API long holograd_nqs_iteration(const holograd_nqs *q);     /**< steps so far */
HOLOGRAD_API size_t holograd_nqs_n_sites(const holograd_nqs *q);
/** Of the last iteration; after holograd_nqs_measure() of the frozen state.  @param out [out] */
HOLOGRAD_API void holograd_nqs_energy(const holograd_nqs *q, holograd_nqs_estimate *out);
/** Freeze the state; energy and observables from fresh samples. */
HOLOGRAD_API holograd_status holograd_nqs_measure(holograd_nqs *q);
/** The document holograd/nqs-result/1, after holograd_nqs_measure().  @param text [out] holograd_text_free() it */
HOLOGRAD_API holograd_status holograd_nqs_result(holograd_nqs *q, char **text);
/** The complete state, and going on from it.  @param text [out] holograd_text_free() it */
HOLOGRAD_API holograd_status holograd_nqs_save(holograd_nqs *q, char **text);
HOLOGRAD_API holograd_status holograd_nqs_load(holograd_nqs *q, const char *state); /**< what save gave */

#ifdef __cplusplus
}
#endif
#endif
