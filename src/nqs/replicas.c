/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/replicas.h"
#include <math.h>
#include <stdlib.h>

com_status nqs_replicas_init(com_ctx *c, const nqs_hamiltonian *h, const nqs_ansatz *a, const char *stream,
                             size_t n, size_t max_moves, nqs_replicas *r) {
  *r = (nqs_replicas){.n = n, .sites = h->space->n, .space = h->space};
  COM_TRY(nqs_propose_init(c, h, nqs_propose_far(h), 1, &r->propose));
  COM_TRY(com_rng_create(c, com_ctx_seed(c), stream, &r->rng));
  COM_TRY(nqs_ansatz_walkers(c, a, n, max_moves > n ? max_moves : n, &r->walkers));
  COM_TRY(nqs_moves_init(c, n, 2 * n, &r->moves));
  COM_ALLOC(c, r->beta = calloc(n, sizeof *r->beta));
  COM_ALLOC(c, r->draw = malloc(n * r->sites * (r->propose.n_draws + 1) * sizeof *r->draw));
  COM_ALLOC(c, r->ratio = calloc(n, sizeof *r->ratio));
  COM_ALLOC(c, r->log_psi = calloc(n, sizeof *r->log_psi));
  COM_ALLOC(c, r->log_abs = calloc(n, sizeof *r->log_abs));
  COM_ALLOC(c, r->accepted = calloc(n, 1));
  COM_ALLOC(c, r->s = malloc(n * r->sites));
  for (size_t i = 0; i < n; i++) r->beta[i] = 1;
  nqs_replicas_random(r);
  return COM_OK;
}

void nqs_replicas_finish(nqs_replicas *r) {
  com_rng_destroy(r->rng);
  nqs_ansatz_walkers_destroy(r->walkers);
  nqs_moves_finish(&r->moves);
  free(r->beta);
  free(r->draw);
  free(r->ratio);
  free(r->log_psi);
  free(r->log_abs);
  free(r->accepted);
  free(r->s);
  *r = (nqs_replicas){0};
}

void nqs_replicas_draw(nqs_replicas *r) {
  for (size_t i = 0; i < r->n; i++) nqs_hilbert_random(r->space, r->rng, r->s + i * r->sites);
}

void nqs_replicas_random(nqs_replicas *r) {
  nqs_replicas_draw(r);
  nqs_replicas_set(r, r->s);
}

void nqs_replicas_logs(nqs_replicas *r) { nqs_ansatz_log_psi(r->walkers, r->log_psi); }

void nqs_replicas_set(nqs_replicas *r, const int8_t *s) {
  nqs_ansatz_set(r->walkers, s);
  nqs_replicas_logs(r);
  for (size_t i = 0; i < r->n; i++) r->log_abs[i] = creal(r->log_psi[i]);
}

/* log|psi| follows the accepted moves. */
void nqs_replicas_sweep(nqs_replicas *r) {
  const size_t per = r->propose.n_draws + 1, len = r->sites * per;
  const int8_t *s = nqs_ansatz_conf(r->walkers);
  com_rng_fill(r->rng, r->n * len, r->draw);
  for (size_t p = 0; p < r->sites; p++) {
    nqs_moves_clear(&r->moves);
    for (size_t i = 0; i < r->n; i++)
      nqs_propose_move(&r->propose, s + i * r->sites, r->draw + i * len + p * per, (uint32_t)i, &r->moves);
    if (r->moves.n == 0) continue;
    nqs_ansatz_ratio(r->walkers, &r->moves, r->ratio);
    for (size_t q = 0; q < r->moves.n; q++) {
      const size_t i = r->moves.conf[q];
      const double re = creal(r->ratio[q]), im = cimag(r->ratio[q]), u = r->draw[i * len + p * per + per - 1];
      const double gain = log(re * re + im * im);
      r->accepted[q] = exp(r->beta[i] * gain) > u;
      if (r->accepted[q]) r->log_abs[i] += 0.5 * gain;
    }
    nqs_ansatz_commit(r->walkers, &r->moves, r->accepted);
  }
}
