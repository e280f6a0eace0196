/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/dbm_chains.h"
#include <complex.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct series {
  size_t chains, time;
  double complex *energy, *z, *corr; /* [chains][time]; corr [n][chains][time] */
  double *row;                       /* [n] correlations of one sweep */
} series;

size_t nqs_dbm_chains_root(size_t *root, size_t i) {
  while (root[i] != i) i = root[i] = root[root[i]];
  return i;
}

static void record(const nqs_dbm_chains *d, series *q, size_t chain, size_t t) {
  const size_t at = chain * q->time + t, stride = q->chains * q->time;
  double energy, z;
  d->measure(d->machine, &energy, &z, q->row);
  q->energy[at] = energy, q->z[at] = z;
  for (size_t i = 0; i < d->n; i++) q->corr[i * stride + at] = q->row[i];
}

static com_status run_chain(com_ctx *c, const nqs_dbm_chains *d, const nqs_dbm_exact_sample_opts *o,
                            size_t chain, series *q) {
  char name[48];
  com_rng *r = NULL;
  snprintf(name, sizeof name, "dbm/%zu", chain);
  COM_TRY(com_rng_create(c, com_ctx_seed(c), name, &r));
  d->start(d->machine, r);
  for (size_t t = 0; t < o->discard + o->sweeps && !com_ctx_stop(c); t++) {
    d->sweep(d->machine, r);
    if (t >= o->discard) record(d, q, chain, t - o->discard);
  }
  com_rng_destroy(r);
  COM_CHECK(c, !com_ctx_stop(c), COM_E_INTERRUPTED, "dbm: interrupted while sampling");
  return COM_OK;
}

com_status nqs_dbm_chains_run(com_ctx *c, const nqs_dbm_chains *d, const nqs_dbm_exact_sample_opts *o,
                              nqs_dbm_exact_sample_result *out) {
  const size_t n = d->n, all = o->chains * o->sweeps;
  series q = {.chains = o->chains, .time = o->sweeps};
  com_status status = COM_OK;
  *out = (nqs_dbm_exact_sample_result){0};
  q.row = malloc(n * sizeof *q.row);
  q.energy = malloc((n + 2) * all * sizeof *q.energy);
  out->correlation = calloc(n, sizeof *out->correlation);
  if (!q.row || !q.energy || !out->correlation) status = COM_FAIL(c, COM_E_MEM, "out of memory");
  if (!status) q.z = q.energy + all, q.corr = q.z + all;
  for (size_t k = 0; k < o->chains && !status; k++) status = run_chain(c, d, o, k, &q);
  if (!status) {
    nqs_estimate_series(o->chains, o->sweeps, q.energy, NULL, &out->energy);
    nqs_estimate_series(o->chains, o->sweeps, q.z, NULL, &out->z);
    for (size_t i = 0; i < n; i++)
      nqs_estimate_series(o->chains, o->sweeps, q.corr + i * all, NULL, out->correlation + i);
  } else {
    free(out->correlation);
    out->correlation = NULL;
  }
  free(q.energy);
  free(q.row);
  return status;
}
