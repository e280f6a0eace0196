/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/ladder.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct nqs_ladder {
  size_t n, sites;
  nqs_ladder_levels levels;
  size_t near; /* level next to beta = 1 */
  nqs_propose propose;
  nqs_walkers *walkers; /* replica i, not ordered by temperature */
  const nqs_hilbert *space;
  com_rng *rng;
  size_t *at, *level; /* replica at level k; level of replica i: temperatures move, configurations stay */
  double *draw;
  nqs_moves moves;
  double complex *ratio, *log_psi;
  double *log_abs; /* [n] log|psi| */
  unsigned char *accepted;
  int8_t *s;
  size_t *tried, *swapped; /* [n-1] exchanges of levels k, k+1 */
};

static double beta(const nqs_ladder *l, size_t level) {
  return l->levels.first + (double)level * l->levels.step;
}

com_status nqs_ladder_create(com_ctx *c, const nqs_hamiltonian *h, const nqs_ansatz *a, const char *stream,
                             nqs_ladder_levels levels, nqs_ladder **out) {
  com_status status = COM_OK;
  nqs_ladder *l;
  *out = NULL;
  COM_ALLOC(c, l = calloc(1, sizeof *l));
  const size_t n = levels.n;
  l->n = n, l->levels = levels, l->sites = h->space->n, l->space = h->space;
  l->near = levels.first < 1 ? n - 1 : 0;
  const nqs_move_kind kind = h->space->fixed && h->space->d == 2 ? NQS_MOVE_MIXED : NQS_MOVE_AUTO;
  status = nqs_propose_init(c, h, kind, 1, &l->propose);
  if (!status) status = com_rng_create(c, com_ctx_seed(c), stream, &l->rng);
  if (!status) status = nqs_ansatz_walkers(c, a, n, n, &l->walkers);
  if (!status) status = nqs_moves_init(c, n, 2 * n, &l->moves);
  l->at = calloc(n, sizeof *l->at), l->level = calloc(n, sizeof *l->level);
  l->draw = malloc(n * l->sites * (l->propose.n_draws + 1) * sizeof *l->draw);
  l->ratio = calloc(n, sizeof *l->ratio), l->log_psi = calloc(n, sizeof *l->log_psi);
  l->log_abs = calloc(n, sizeof *l->log_abs);
  l->accepted = calloc(n, 1), l->s = malloc(n * l->sites);
  l->tried = calloc(n, sizeof *l->tried), l->swapped = calloc(n, sizeof *l->swapped);
  if (!status && (!l->at || !l->level || !l->draw || !l->ratio || !l->log_psi || !l->log_abs ||
                  !l->accepted || !l->s || !l->tried || !l->swapped))
    status = COM_FAIL(c, COM_E_MEM, "out of memory");
  if (status) {
    nqs_ladder_destroy(l);
    return status;
  }
  nqs_ladder_restart(l);
  *out = l;
  return COM_OK;
}

void nqs_ladder_destroy(nqs_ladder *l) {
  if (!l) return;
  com_rng_destroy(l->rng);
  nqs_ansatz_walkers_destroy(l->walkers);
  nqs_moves_finish(&l->moves);
  free(l->at);
  free(l->level);
  free(l->draw);
  free(l->ratio);
  free(l->log_psi);
  free(l->log_abs);
  free(l->accepted);
  free(l->s);
  free(l->tried);
  free(l->swapped);
  free(l);
}

/* Exact caches and log|psi| of the present configurations (s NULL) or of new ones. */
static void set(nqs_ladder *l, const int8_t *s) {
  nqs_ansatz_set(l->walkers, s);
  nqs_ansatz_log_psi(l->walkers, l->log_psi);
  for (size_t i = 0; i < l->n; i++) l->log_abs[i] = creal(l->log_psi[i]);
}

void nqs_ladder_restart(nqs_ladder *l) {
  for (size_t i = 0; i < l->n; i++) {
    nqs_hilbert_random(l->space, l->rng, l->s + i * l->sites);
    l->at[i] = l->level[i] = i;
  }
  set(l, l->s);
}

void nqs_ladder_refresh(nqs_ladder *l) { set(l, NULL); }

/* Accept with min(1, |psi'/psi|^(2 beta)); log|psi| follows the accepted moves. */
static void one_sweep(nqs_ladder *l) {
  const size_t per = l->propose.n_draws + 1, len = l->sites * per;
  const int8_t *s = nqs_ansatz_conf(l->walkers);
  com_rng_fill(l->rng, l->n * len, l->draw);
  for (size_t p = 0; p < l->sites; p++) {
    nqs_moves_clear(&l->moves);
    for (size_t i = 0; i < l->n; i++)
      nqs_propose_move(&l->propose, s + i * l->sites, l->draw + i * len + p * per, (uint32_t)i, &l->moves);
    if (l->moves.n == 0) continue;
    nqs_ansatz_ratio(l->walkers, &l->moves, l->ratio);
    for (size_t q = 0; q < l->moves.n; q++) {
      const size_t i = l->moves.conf[q];
      const double re = creal(l->ratio[q]), im = cimag(l->ratio[q]), u = l->draw[i * len + p * per + per - 1];
      const double gain = log(re * re + im * im);
      l->accepted[q] = exp(beta(l, l->level[i]) * gain) > u;
      if (l->accepted[q]) l->log_abs[i] += 0.5 * gain;
    }
    nqs_ansatz_commit(l->walkers, &l->moves, l->accepted);
  }
}

/* Exchange levels k and k+1 with min(1, exp(2 (beta_k+1 - beta_k)(log|psi_k| - log|psi_k+1|))), even pairs, then odd ones. */
static void swap_neighbours(nqs_ladder *l) {
  for (size_t parity = 0; parity < 2; parity++)
    for (size_t k = parity; k + 1 < l->n; k += 2) {
      const size_t i = l->at[k], j = l->at[k + 1];
      const double gain = 2 * l->levels.step * (l->log_abs[i] - l->log_abs[j]);
      l->tried[k]++;
      if (!(exp(gain) > com_rng_uniform(l->rng))) continue;
      l->swapped[k]++;
      l->at[k] = j, l->at[k + 1] = i;
      l->level[j] = k, l->level[i] = k + 1;
    }
}

void nqs_ladder_sweep(nqs_ladder *l) {
  one_sweep(l);
  swap_neighbours(l);
}

void nqs_ladder_grad(nqs_ladder *l, void *O) { nqs_ansatz_grad(l->walkers, O); }

size_t nqs_ladder_replicas(const nqs_ladder *l) { return l->n; }

/* Exchange the replica at the level k next to 1 with a chain: min(1, exp(2 (1 - beta_k)(log|psi_k| - log|psi_chain|))). */
static int trade(nqs_ladder *l, int8_t *s, double complex *log_psi) {
  const size_t r = l->at[l->near];
  const double gain = 2 * (1 - beta(l, l->near)) * (creal(l->log_psi[r]) - creal(*log_psi));
  if (!(exp(gain) > com_rng_uniform(l->rng))) return 0;
  int8_t *mine = l->s + r * l->sites;
  for (size_t i = 0; i < l->sites; i++) {
    const int8_t t = s[i];
    s[i] = mine[i], mine[i] = t;
  }
  const double complex t = *log_psi;
  *log_psi = l->log_psi[r], l->log_psi[r] = t;
  return 1;
}

void nqs_ladder_exchange(nqs_ladder *l, size_t n, int8_t *s, double complex *log_psi,
                         unsigned char *changed) {
  int moved = 0;
  memcpy(l->s, nqs_ansatz_conf(l->walkers), l->n * l->sites);
  nqs_ansatz_log_psi(l->walkers, l->log_psi);
  for (size_t c = 0; c < n; c++) {
    if (!trade(l, s + c * l->sites, log_psi + c)) continue;
    changed[c] = 1;
    moved = 1;
  }
  if (moved) set(l, l->s);
}

double nqs_ladder_acceptance(const nqs_ladder *l) {
  double worst = 1;
  for (size_t k = 0; k + 1 < l->n; k++)
    if (l->tried[k]) worst = fmin(worst, (double)l->swapped[k] / (double)l->tried[k]);
  return worst;
}

com_status nqs_ladder_save(com_ctx *c, const nqs_ladder *l, cJSON **out) {
  const size_t len = l->n * l->sites;
  char hex[65];
  double *x;
  com_rng_state(l->rng, hex);
  COM_ALLOC(c, *out = com_json_object());
  COM_ALLOC(c, x = malloc((len + l->n) * sizeof *x));
  for (size_t k = 0; k < len; k++) x[k] = nqs_ansatz_conf(l->walkers)[k];
  for (size_t k = 0; k < l->n; k++) x[len + k] = (double)l->at[k];
  com_status s = com_json_add(c, *out, "stream", com_json_string(hex));
  if (!s) s = com_json_add(c, *out, "configurations", com_json_reals(x, len));
  if (!s) s = com_json_add(c, *out, "at", com_json_reals(x + len, l->n));
  free(x);
  return s;
}

com_status nqs_ladder_load(com_ctx *c, nqs_ladder *l, const cJSON *in) {
  double *x = NULL, *at = NULL;
  size_t n = 0, m = 0;
  com_status s = com_json_read_reals(c, "checkpoint", "ladder.configurations",
                                     com_json_get(in, "configurations"), &x, &n);
  if (!s) s = com_json_read_reals(c, "checkpoint", "ladder.at", com_json_get(in, "at"), &at, &m);
  if (!s && (n != l->n * l->sites || m != l->n))
    s = COM_FAIL(c, COM_E_DATA,
                 "checkpoint: the ladder has another size; resume with the same configuration");
  for (size_t k = 0; k < n && !s; k++) l->s[k] = (int8_t)x[k];
  for (size_t k = 0; k < m && !s; k++) {
    if (!(at[k] >= 0 && at[k] < (double)m)) {
      s = COM_FAIL(c, COM_E_DATA, "checkpoint: ladder.at[%zu]: damaged", k);
      break;
    }
    l->at[k] = (size_t)at[k];
    l->level[l->at[k]] = k;
  }
  for (size_t i = 0; i < l->n && !s; i++)
    if (!nqs_hilbert_contains(l->space, l->s + i * l->sites))
      s = COM_FAIL(c, COM_E_DATA, "checkpoint: ladder.configurations: not a configuration of this model");
  if (!s) s = com_rng_restore(c, com_json_str(com_json_get(in, "stream"), ""), l->rng);
  if (!s) set(l, l->s);
  free(x);
  free(at);
  return s;
}
