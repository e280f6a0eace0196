/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/local.h"
#include <stdlib.h>

struct nqs_local {
  const nqs_hamiltonian *ham; /* or */
  const nqs_pauli *pauli;
  nqs_moves moves;
  double complex *diag, *mel, *ratio; /* [n_max], [moves.cap], [moves.cap] */
};

static com_status make(com_ctx *c, const nqs_hamiltonian *h, const nqs_pauli *p, size_t moves, size_t sites,
                       size_t n_max, nqs_local **out) {
  nqs_local *l;
  *out = NULL;
  COM_ALLOC(c, l = calloc(1, sizeof *l));
  l->ham = h, l->pauli = p;
  com_status status = nqs_moves_init(c, n_max * moves, n_max * sites, &l->moves);
  l->diag = malloc((n_max + 1) * sizeof *l->diag);
  l->mel = malloc((n_max * moves + 1) * sizeof *l->mel);
  l->ratio = malloc((n_max * moves + 1) * sizeof *l->ratio);
  if (!status && (!l->diag || !l->mel || !l->ratio)) status = COM_FAIL(c, COM_E_MEM, "out of memory");
  if (status) nqs_local_destroy(l), l = NULL;
  *out = l;
  return status;
}

com_status nqs_local_create(com_ctx *c, const nqs_hamiltonian *h, size_t n_max, nqs_local **out) {
  return make(c, h, NULL, h->max_moves, h->max_sites, n_max, out);
}
com_status nqs_local_create_for(com_ctx *c, const nqs_pauli *p, size_t n_max, nqs_local **out) {
  return make(c, NULL, p, nqs_pauli_groups(p), nqs_pauli_flip_sites(p), n_max, out);
}

void nqs_local_destroy(nqs_local *l) {
  if (!l) return;
  nqs_moves_finish(&l->moves);
  free(l->diag);
  free(l->mel);
  free(l->ratio);
  free(l);
}

size_t nqs_local_max_moves(const nqs_local *l) { return l->moves.cap; }

void nqs_local_energy(nqs_local *l, nqs_walkers *w, double complex *eloc) {
  const size_t n = nqs_ansatz_walkers_n(w);
  const int8_t *s = nqs_ansatz_conf(w);
  if (l->ham) {
    nqs_hamiltonian_connected(l->ham, n, s, l->diag, &l->moves, l->mel);
  } else {
    nqs_moves_clear(&l->moves);
    nqs_pauli_connected(l->pauli, n, s, l->diag, &l->moves, l->mel);
  }
  nqs_ansatz_ratio(w, &l->moves, l->ratio);
  for (size_t k = 0; k < n; k++) eloc[k] = l->diag[k];
  for (size_t k = 0; k < l->moves.n; k++) eloc[l->moves.conf[k]] += l->mel[k] * l->ratio[k];
}
