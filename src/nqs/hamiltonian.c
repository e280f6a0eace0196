/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/hamiltonian.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NQS_HAM(n) extern const nqs_ham_ops nqs_ham_##n;
#include "nqs/ham_list.h"
#undef NQS_HAM

static const com_component *const *all(void) {
#define NQS_HAM(n) &nqs_ham_##n.c,
  static const com_component *const list[] = {
#include "nqs/ham_list.h"
      NULL};
#undef NQS_HAM
  return list;
}

static const char *const conventions[] = {"pauli", "spin", NULL};
static const char *const sectors[] = {"auto", "free", "fixed", NULL};
static const com_field shared_fields[] = {
    {.key = "convention",
     .doc = "Pauli matrices, or spin operators S = sigma/2",
     .type = COM_F_ENUM,
     .off = offsetof(nqs_ham_shared, spin),
     .aux = conventions,
     .sdef = "pauli"},
    {.key = "sector",
     .doc = "free, or fixed total S^z (auto: fixed for antiferromagnets)",
     .type = COM_F_ENUM,
     .off = offsetof(nqs_ham_shared, sector),
     .aux = sectors,
     .sdef = "auto"},
    {.key = "sz",
     .doc = "total S^z of the fixed sector (default 0, or 1/2 for an odd number of sites)",
     .type = COM_F_REAL,
     .off = offsetof(nqs_ham_shared, sz),
     .def = NAN},
    {0}};
const com_kind nqs_hamiltonian_kind = {.name = "hamiltonian",
                                       .plural = "hamiltonians",
                                       .doc = "the boundary model",
                                       .all = all,
                                       .shared = shared_fields,
                                       .shared_size = sizeof(nqs_ham_shared)};

static com_status make_strings(com_ctx *c, const com_choice *ch, char field_op, double field,
                               nqs_hamiltonian *h) {
  const nqs_ham_shared *sh = ch->shared;
  const size_t n = h->lattice->n;
  COM_TRY(nqs_pauli_create(c, n, &h->pauli));
  COM_TRY(h->ops->strings(c, ch->opts, h->lattice, sh->spin ? 0.5 : 1.0, h->pauli));
  const char letter[2] = {field_op, 0};
  for (size_t i = 0; i < n && field_op; i++) COM_TRY(nqs_pauli_add(c, h->pauli, -field, letter, &i));
  if (h->ops->rotation) {
    COM_ALLOC(c, h->rotation = malloc(n));
    if (h->ops->rotation(ch->opts, h->lattice, h->rotation)) {
      nqs_pauli_rotate(h->pauli, h->rotation);
    } else {
      free(h->rotation);
      h->rotation = NULL;
    }
  }
  COM_TRY(nqs_pauli_close(c, h->pauli));
  h->trace = nqs_pauli_trace(h->pauli);
  h->max_moves = nqs_pauli_groups(h->pauli);
  h->max_sites = nqs_pauli_flip_sites(h->pauli);
  return COM_OK;
}

static com_status spin_space(com_ctx *c, const com_choice *ch, nqs_hamiltonian *h) {
  const nqs_ham_shared *sh = ch->shared;
  const size_t n = h->lattice->n;
  const int conserved = nqs_pauli_conserves(h->pauli);
  const int wanted =
      sh->sector == 2 || (sh->sector == 0 && conserved &&
                          (!isnan(sh->sz) || (h->ops->fixed_sector && h->ops->fixed_sector(ch->opts))));
  COM_CHECK(c, !wanted || conserved, COM_E_CONFIG,
            "hamiltonian.sector = fixed: this Hamiltonian does not conserve S^z; use \"free\"");
  const double twice = isnan(sh->sz) ? (double)(n % 2) : 2 * sh->sz;
  COM_CHECK(
      c, !wanted || (twice == floor(twice) && fabs(twice) <= (double)n && ((long)twice - (long)n) % 2 == 0),
      COM_E_CONFIG, "hamiltonian.sz = %g: not a possible total S^z of %zu spins", sh->sz, n);
  return nqs_hilbert_create(c, n, 2, -1, 2, wanted, (long)twice, &h->space);
}

com_status nqs_hamiltonian_create(com_ctx *c, const com_choice *ch, const nqs_lattice *l, char field_op,
                                  double field, nqs_hamiltonian **out) {
  com_status status = COM_OK;
  nqs_hamiltonian *h;
  *out = NULL;
  COM_CHECK(c, ch->type, COM_E_CONFIG,
            "hamiltonian: missing; give {\"type\":\"tfim\",\"h\":1} or another type");
  COM_ALLOC(c, h = calloc(1, sizeof *h));
  h->ops = (const nqs_ham_ops *)ch->type;
  h->lattice = l;
  if (h->ops->strings) {
    COM_GOTO(done, make_strings(c, ch, field_op, field, h));
    COM_GOTO(done, spin_space(c, ch, h));
  } else {
    if (field_op) {
      status = COM_FAIL(c, COM_E_CONFIG, "hamiltonian.type = %s: has no spins that a source could couple to",
                        h->ops->c.name);
      goto done;
    }
    COM_GOTO(done, h->ops->space(c, ch->opts, l, &h->space));
    COM_GOTO(done, h->ops->create(c, ch->opts, l, h->space, &h->self));
    h->trace = h->ops->trace(h->self);
    h->max_moves = h->ops->max_moves(h->self);
    h->max_sites = 2 * h->max_moves;
  }
  *out = h, h = NULL;
done:
  nqs_hamiltonian_destroy(h);
  return status;
}

void nqs_hamiltonian_destroy(nqs_hamiltonian *h) {
  if (!h) return;
  if (h->self) h->ops->destroy(h->self);
  nqs_pauli_destroy(h->pauli);
  nqs_hilbert_destroy(h->space);
  free(h->rotation);
  free(h);
}

void nqs_hamiltonian_connected(const nqs_hamiltonian *h, size_t n, const int8_t *s, double complex *diag,
                               nqs_moves *m, double complex *mel) {
  nqs_moves_clear(m);
  if (h->pauli) {
    nqs_pauli_connected(h->pauli, n, s, diag, m, mel);
  } else {
    h->ops->connected(h->self, n, s, diag, m, mel);
  }
}

int nqs_hamiltonian_reference(const nqs_hamiltonian *h, const com_choice *ch, double *energy,
                              const char **source) {
  const nqs_ham_shared *sh = ch->shared;
  if (!h->ops->reference || !isnan(sh->sz)) return 0;
  return h->ops->reference(ch->opts, h->lattice, sh->spin ? 0.5 : 1.0, energy, source);
}
