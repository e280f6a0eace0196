/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/ladder.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct nqs_ladder {
  nqs_replicas r; /* replica i, not ordered by temperature */
  size_t *at;     /* [n] replica at level k: temperatures move, configurations stay */
  int traded;     /* r.s is newer than the walkers */
};

/* Level k of n: beta = k/n. */
static void place(nqs_ladder *l, size_t replica, size_t level) {
  l->at[level] = replica;
  l->r.beta[replica] = (double)level / (double)l->r.n;
}

com_status nqs_ladder_create(com_ctx *c, const nqs_hamiltonian *h, const nqs_ansatz *a, const char *stream,
                             size_t n, nqs_ladder **out) {
  nqs_ladder *l;
  *out = NULL;
  COM_ALLOC(c, l = calloc(1, sizeof *l));
  com_status status = nqs_replicas_init(c, h, a, stream, n, 0, &l->r);
  if (!status && !(l->at = calloc(n, sizeof *l->at))) status = COM_FAIL(c, COM_E_MEM, "out of memory");
  if (status) {
    nqs_ladder_destroy(l);
    return status;
  }
  for (size_t i = 0; i < n; i++) place(l, i, i);
  *out = l;
  return COM_OK;
}

void nqs_ladder_destroy(nqs_ladder *l) {
  if (!l) return;
  nqs_replicas_finish(&l->r);
  free(l->at);
  free(l);
}

void nqs_ladder_restart(nqs_ladder *l) {
  nqs_replicas_random(&l->r);
  for (size_t i = 0; i < l->r.n; i++) place(l, i, i);
  l->traded = 0;
}

void nqs_ladder_begin(nqs_ladder *l, int new_weights) {
  if (new_weights || l->traded) nqs_replicas_set(&l->r, l->traded ? l->r.s : NULL);
  l->traded = 0;
}

void nqs_ladder_end(nqs_ladder *l) {
  memcpy(l->r.s, nqs_ansatz_conf(l->r.walkers), l->r.n * l->r.sites);
  nqs_replicas_logs(&l->r);
}

/* Exchange levels k and k+1 with min(1, exp(2 (beta_k+1 - beta_k)(log|psi_k| - log|psi_k+1|))), even pairs, then odd ones. */
static void swap_neighbours(nqs_ladder *l) {
  for (size_t parity = 0; parity < 2; parity++)
    for (size_t k = parity; k + 1 < l->r.n; k += 2) {
      const size_t i = l->at[k], j = l->at[k + 1];
      const double gain = 2 * (l->r.beta[j] - l->r.beta[i]) * (l->r.log_abs[i] - l->r.log_abs[j]);
      if (!(exp(gain) > com_rng_uniform(l->r.rng))) continue;
      place(l, j, k);
      place(l, i, k + 1);
    }
}

void nqs_ladder_sweep(nqs_ladder *l) {
  nqs_replicas_sweep(&l->r);
  swap_neighbours(l);
}

size_t nqs_ladder_replicas(const nqs_ladder *l) { return l->r.n; }

/* Exchange the replica at the highest level k with a chain: min(1, exp(2 (1 - beta_k)(log|psi_k| - log|psi_chain|))). */
static int trade(nqs_ladder *l, int8_t *s, double complex *log_psi) {
  const size_t r = l->at[l->r.n - 1];
  const double gain = 2 * (1 - l->r.beta[r]) * (creal(l->r.log_psi[r]) - creal(*log_psi));
  if (!(exp(gain) > com_rng_uniform(l->r.rng))) return 0;
  int8_t *mine = l->r.s + r * l->r.sites;
  for (size_t i = 0; i < l->r.sites; i++) {
    const int8_t t = s[i];
    s[i] = mine[i], mine[i] = t;
  }
  const double complex t = *log_psi;
  *log_psi = l->r.log_psi[r], l->r.log_psi[r] = t;
  return 1;
}

void nqs_ladder_exchange(nqs_ladder *l, size_t n, int8_t *s, double complex *log_psi,
                         unsigned char *changed) {
  for (size_t c = 0; c < n; c++) {
    if (!trade(l, s + c * l->r.sites, log_psi + c)) continue;
    changed[c] = 1;
    l->traded = 1;
  }
}

com_status nqs_ladder_save(com_ctx *c, const nqs_ladder *l, cJSON **out) {
  const size_t len = l->r.n * l->r.sites;
  char hex[65];
  double *x;
  com_rng_state(l->r.rng, hex);
  COM_ALLOC(c, *out = com_json_object());
  COM_ALLOC(c, x = malloc((len + l->r.n) * sizeof *x));
  const int8_t *conf = l->traded ? l->r.s : nqs_ansatz_conf(l->r.walkers);
  for (size_t k = 0; k < len; k++) x[k] = conf[k];
  for (size_t k = 0; k < l->r.n; k++) x[len + k] = (double)l->at[k];
  com_status s = com_json_add(c, *out, "stream", com_json_string(hex));
  if (!s) s = com_json_add(c, *out, "configurations", com_json_reals(x, len));
  if (!s) s = com_json_add(c, *out, "at", com_json_reals(x + len, l->r.n));
  free(x);
  return s;
}

com_status nqs_ladder_load(com_ctx *c, nqs_ladder *l, const cJSON *in) {
  double *x = NULL, *at = NULL;
  size_t n = 0, m = 0;
  com_status s = com_json_read_reals(c, "checkpoint", "ladder.configurations",
                                     com_json_get(in, "configurations"), &x, &n);
  if (!s) s = com_json_read_reals(c, "checkpoint", "ladder.at", com_json_get(in, "at"), &at, &m);
  if (!s && (n != l->r.n * l->r.sites || m != l->r.n))
    s = COM_FAIL(c, COM_E_DATA,
                 "checkpoint: the ladder has another size; resume with the same configuration");
  for (size_t k = 0; k < n && !s; k++) l->r.s[k] = (int8_t)x[k];
  for (size_t k = 0; k < m && !s; k++) {
    if (!(at[k] >= 0 && at[k] < (double)m)) {
      s = COM_FAIL(c, COM_E_DATA, "checkpoint: ladder.at[%zu]: damaged", k);
      break;
    }
    place(l, (size_t)at[k], k);
  }
  for (size_t i = 0; i < l->r.n && !s; i++)
    if (!nqs_hilbert_contains(l->r.space, l->r.s + i * l->r.sites))
      s = COM_FAIL(c, COM_E_DATA, "checkpoint: ladder.configurations: not a configuration of this model");
  if (!s) s = com_rng_restore(c, com_json_str(com_json_get(in, "stream"), ""), l->r.rng);
  if (!s) nqs_replicas_set(&l->r, l->r.s);
  l->traded = 0;
  free(x);
  free(at);
  return s;
}
