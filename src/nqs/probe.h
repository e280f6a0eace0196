/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file probe.h
 *  Chains that start at random at every collection and run a few sweeps only.  Chains that run on forget how they began, and
 *  tempering enters a region only once it weighs something; a fresh start falls into whatever attracts it.  Where that is a
 *  region that the running chains do not see, although psi is as large there as where they are, its local energies give it
 *  away, and the optimiser pushes psi down there (docs/nqs.md, "Weight that no chain sees"). */
#ifndef HOLOGRAD_NQS_PROBE_H
#define HOLOGRAD_NQS_PROBE_H
#include "nqs/ansatz.h"
#include "nqs/hamiltonian.h"

enum { NQS_PROBE_SWEEPS = 20 };

/** What one probe found. */
typedef struct nqs_finding {
  double complex eloc;
  double
      log_weight; /**< log of |psi|^2 over the typical |psi|^2 of the running chains (their mean of log|psi|^2) */
} nqs_finding;

typedef struct nqs_probe nqs_probe;
/** @param stream name of the random stream  @param n probes, >= 1 */
com_status nqs_probe_create(com_ctx *c, const nqs_hamiltonian *h, const nqs_ansatz *a, const char *stream,
                            size_t n, nqs_probe **out);
void nqs_probe_destroy(nqs_probe *p);
size_t nqs_probe_n(const nqs_probe *p);
void nqs_probe_start(nqs_probe *p);                 /**< at random, with the present weights of the ansatz */
void nqs_probe_advance(nqs_probe *p, size_t until); /**< up to so many sweeps after the start */
/** @param typical [in] mean of log|psi|^2 over the running chains  @param found [out] [n]  @param O [out] n row sets, or NULL */
void nqs_probe_read(nqs_probe *p, double typical, nqs_finding *found, void *O);
/** By how much the local energy lies above that of the running chains where it is no fluctuation of theirs and psi matters;
 *  else 0.  Imaginary time would lower log psi there at this rate. */
double nqs_probe_excess(const nqs_finding *f, double energy, double variance);
com_status nqs_probe_save(com_ctx *c, const nqs_probe *p, cJSON **out);
com_status nqs_probe_load(com_ctx *c, nqs_probe *p, const cJSON *in);
#endif
