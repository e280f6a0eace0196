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
enum { NQS_PROBE_STATE = 65 }; /* bytes of the state of a random stream, with its end */

/** What one probe found. */
typedef struct nqs_finding {
  double complex eloc;
  double
      log_weight; /**< log of |psi|^2 over the typical |psi|^2 of the running chains (their mean of log|psi|^2) */
  int summit;     /**< it started from a configuration of the largest diagonal energy (summit.h) */
} nqs_finding;

typedef struct nqs_probe nqs_probe;
/** @param h [keep]  @param stream name of the random streams  @param n probes, >= 1 */
com_status nqs_probe_create(com_ctx *c, const nqs_hamiltonian *h, const nqs_ansatz *a, const char *stream,
                            size_t n, nqs_probe **out);
void nqs_probe_destroy(nqs_probe *p);
size_t nqs_probe_n(const nqs_probe *p);
/** Probes work in groups, which may run at the same time; their number depends on that of the probes only. */
size_t nqs_probe_groups(const nqs_probe *p);
size_t nqs_probe_first(const nqs_probe *p, size_t g); /**< first probe of a group; g = groups: all of them */
/** [groups] states of the random streams after their last reading. Processes that divide the groups exchange them here before one
 *  of them saves. */
char (*nqs_probe_states(nqs_probe *p))[NQS_PROBE_STATE];
/** What probes need before they start: finds the summits, once.  Many samplers never send a probe. */
com_status nqs_probe_prepare(com_ctx *c, nqs_probe *p);
void nqs_probe_start(
    nqs_probe *p,
    size_t g); /**< after nqs_probe_prepare, at random, with the present weights of the ansatz */
/** Up to so many sweeps after the start. @return 1 when the last sweep was done in this call */
int nqs_probe_advance(nqs_probe *p, size_t g, size_t until);
/** @param found [out] [probes of the group] log_weight is that of |psi|^2 itself: the typical one is still to be subtracted
 *  @param O [out] their row sets, or NULL */
void nqs_probe_read(nqs_probe *p, size_t g, nqs_finding *found, void *O);
/** The share of a finding's row in the system: 1 where psi matters, falling with |psi|^2 where it is too small to, so that such a
 *  place does not hold up the steps. */
double nqs_probe_share(const nqs_finding *f);
/** By how much the local energy lies above that of the running chains where it is no fluctuation of theirs and psi matters;
 *  else 0.  Imaginary time would lower log psi there at this rate. */
double nqs_probe_excess(const nqs_finding *f, double energy, double variance);
com_status nqs_probe_save(com_ctx *c, const nqs_probe *p, cJSON **out);
com_status nqs_probe_load(com_ctx *c, nqs_probe *p, const cJSON *in);
#endif
