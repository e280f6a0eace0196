/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/probe.h"
#include <math.h>
#include <stdlib.h>
#include "nqs/local.h"
#include "nqs/replicas.h"

/* A local energy that many standard deviations above the mean is no fluctuation; beyond the cap it pushes no harder.  Below
 * e^-12 of the typical |psi|^2 a region is light enough: on the 40-site ring it then holds less than 1e-6 of the weight, and to
 * push it further down would cost energy elsewhere. */
static const double outlier = 10, cap = 100, light = -12;

struct nqs_probe {
  nqs_replicas r;
  nqs_local *local;
  double complex *eloc; /* [n] */
  size_t done;          /* sweeps since the start */
};

com_status nqs_probe_create(com_ctx *c, const nqs_hamiltonian *h, const nqs_ansatz *a, const char *stream,
                            size_t n, nqs_probe **out) {
  nqs_probe *p;
  *out = NULL;
  COM_ALLOC(c, p = calloc(1, sizeof *p));
  com_status status = nqs_local_create(c, h, n, &p->local);
  if (!status) status = nqs_replicas_init(c, h, a, stream, n, nqs_local_max_moves(p->local), &p->r);
  if (!status && !(p->eloc = calloc(n, sizeof *p->eloc))) status = COM_FAIL(c, COM_E_MEM, "out of memory");
  if (status) nqs_probe_destroy(p), p = NULL;
  *out = p;
  return status;
}

void nqs_probe_destroy(nqs_probe *p) {
  if (!p) return;
  nqs_replicas_finish(&p->r);
  nqs_local_destroy(p->local);
  free(p->eloc);
  free(p);
}

size_t nqs_probe_n(const nqs_probe *p) { return p->r.n; }

void nqs_probe_start(nqs_probe *p) {
  nqs_replicas_random(&p->r);
  p->done = 0;
}

void nqs_probe_advance(nqs_probe *p, size_t until) {
  if (p->done == NQS_PROBE_SWEEPS) return;
  for (; p->done < until && p->done < NQS_PROBE_SWEEPS; p->done++) nqs_replicas_sweep(&p->r);
  if (p->done < NQS_PROBE_SWEEPS) return;
  nqs_local_energy(p->local, p->r.walkers, p->eloc);
  nqs_replicas_logs(&p->r);
}

void nqs_probe_read(nqs_probe *p, double typical, nqs_finding *found, void *O) {
  for (size_t i = 0; i < p->r.n; i++)
    found[i] = (nqs_finding){p->eloc[i], 2 * creal(p->r.log_psi[i]) - typical};
  if (O) nqs_ansatz_grad(p->r.walkers, O);
}

double nqs_probe_excess(const nqs_finding *f, double energy, double variance) {
  const double sd = sqrt(variance), above = creal(f->eloc) - energy;
  if (!(f->log_weight > light) || !(above > outlier * sd)) return 0;
  return fmin(above, cap * sd);
}

/* Configurations are drawn anew at every start: the stream is all there is to keep. */
com_status nqs_probe_save(com_ctx *c, const nqs_probe *p, cJSON **out) {
  char hex[65];
  com_rng_state(p->r.rng, hex);
  COM_ALLOC(c, *out = com_json_string(hex));
  return COM_OK;
}

com_status nqs_probe_load(com_ctx *c, nqs_probe *p, const cJSON *in) {
  return com_rng_restore(c, com_json_str(in, ""), p->r.rng);
}
