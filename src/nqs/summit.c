/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/summit.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "nqs/propose.h"

/* Temperatures fall geometrically from `hot` to `cold` times the spread of the diagonal energy, which on a ring of 40 sites is
 * some three steps of it. */
enum { SWEEPS = 100 };
static const double hot = 1, cold = 0.02;

typedef struct climb {
  const nqs_hamiltonian *ham;
  nqs_propose propose;
  com_rng *rng;
  size_t n, sites;
  int8_t *s, *next; /* [n][sites] */
  double complex *diag, *mel;
  double *energy, *draw; /* [n]; [n][n_draws + 1] */
  nqs_moves move, connected;
} climb;

static com_status init(com_ctx *c, const nqs_hamiltonian *h, const char *stream, size_t n, int8_t *s,
                       climb *k) {
  *k = (climb){.ham = h, .n = n, .sites = h->space->n, .s = s};
  COM_TRY(nqs_propose_init(c, h, nqs_propose_far(h), 1, &k->propose));
  COM_TRY(com_rng_create(c, com_ctx_seed(c), stream, &k->rng));
  COM_TRY(nqs_moves_init(c, n, 2 * n, &k->move));
  COM_TRY(nqs_moves_init(c, n * h->max_moves, n * h->max_sites, &k->connected));
  COM_ALLOC(c, k->next = malloc(n * k->sites));
  COM_ALLOC(c, k->diag = malloc(n * sizeof *k->diag));
  COM_ALLOC(c, k->mel = malloc((n * h->max_moves + 1) * sizeof *k->mel));
  COM_ALLOC(c, k->energy = malloc(n * sizeof *k->energy));
  COM_ALLOC(c, k->draw = malloc(n * (k->propose.n_draws + 1) * sizeof *k->draw));
  return COM_OK;
}

static void finish(climb *k) {
  com_rng_destroy(k->rng);
  nqs_moves_finish(&k->move);
  nqs_moves_finish(&k->connected);
  free(k->next);
  free(k->diag);
  free(k->mel);
  free(k->energy);
  free(k->draw);
}

static void energies(climb *k, const int8_t *s) {
  nqs_hamiltonian_connected(k->ham, k->n, s, k->diag, &k->connected, k->mel);
}

static void random_start(climb *k) {
  for (size_t i = 0; i < k->n; i++) nqs_hilbert_random(k->ham->space, k->rng, k->s + i * k->sites);
  energies(k, k->s);
  for (size_t i = 0; i < k->n; i++) k->energy[i] = creal(k->diag[i]);
}

/* Spread of the diagonal energy of the random starts. */
static double spread(const climb *k) {
  double mean = 0, square = 0;
  for (size_t i = 0; i < k->n; i++) mean += k->energy[i] / (double)k->n;
  for (size_t i = 0; i < k->n; i++) square += pow(k->energy[i] - mean, 2) / (double)k->n;
  return sqrt(square);
}

/* One proposal for each, upwards always, downwards with exp(dE/T). */
static void step(climb *k, double temperature) {
  const size_t per = k->propose.n_draws + 1;
  com_rng_fill(k->rng, k->n * per, k->draw);
  nqs_moves_clear(&k->move);
  for (size_t i = 0; i < k->n; i++)
    nqs_propose_move(&k->propose, k->s + i * k->sites, k->draw + i * per, (uint32_t)i, &k->move);
  memcpy(k->next, k->s, k->n * k->sites);
  for (size_t m = 0; m < k->move.n; m++) nqs_moves_apply(&k->move, m, k->sites, k->next);
  energies(k, k->next);
  for (size_t i = 0; i < k->n; i++) {
    const double e = creal(k->diag[i]);
    if (!(exp((e - k->energy[i]) / temperature) > k->draw[i * per + per - 1])) continue;
    memcpy(k->s + i * k->sites, k->next + i * k->sites, k->sites);
    k->energy[i] = e;
  }
}

com_status nqs_summit_find(com_ctx *c, const nqs_hamiltonian *h, const char *stream, size_t n, int8_t *s) {
  climb k;
  const com_status status = init(c, h, stream, n, s, &k);
  if (!status) {
    random_start(&k);
    const double scale = spread(&k);
    for (size_t t = 0; t < SWEEPS && scale > 0; t++)
      for (size_t p = 0; p < k.sites; p++) step(&k, scale * hot * pow(cold / hot, (double)t / (SWEEPS - 1)));
  }
  finish(&k);
  return status;
}
