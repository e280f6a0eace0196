/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>
#include "nqs/hamiltonian.h"
#include "nqs/reference.h"

/* H = -J sum_<ij> Z_i Z_j - h sum_i X_i - hz sum_i Z_i */
typedef struct {
  double J, h, hz;
} opts;

static com_status strings(com_ctx *c, const void *op, const nqs_lattice *l, double factor, nqs_pauli *p) {
  const opts *o = op;
  for (size_t k = 0; k < l->n_near; k++)
    COM_TRY(nqs_pauli_add(c, p, -o->J * factor * factor, "ZZ", (const size_t[]){l->near[k].i, l->near[k].j}));
  for (size_t i = 0; i < l->n; i++) {
    COM_TRY(nqs_pauli_add(c, p, -o->h * factor, "X", &i));
    COM_TRY(nqs_pauli_add(c, p, -o->hz * factor, "Z", &i));
  }
  return COM_OK;
}

/* h < 0: prod Z over all sites turns X into -X, so that the ground state is positive again. */
static int rotation(const void *op, const nqs_lattice *l, int8_t *sign) {
  memset(sign, 1, l->n);
  return ((const opts *)op)->h < 0;
}

static int reference(const void *op, const nqs_lattice *l, double factor, double *energy,
                     const char **source) {
  const opts *o = op;
  if (l->ly != 1 || !l->periodic || o->hz != 0 || (l->n % 2 && o->J < 0)) return 0;
  *energy = nqs_reference_tfi_ring(l->n, o->J * factor * factor, o->h * factor);
  *source = "free fermions (Pfeuty 1970)";
  return 1;
}

static const com_field fields[] = {
    {.key = "J",
     .doc = "ferromagnetic coupling of nearest bonds",
     .type = COM_F_REAL,
     .off = offsetof(opts, J),
     .def = 1},
    {.key = "h", .doc = "transverse field", .type = COM_F_REAL, .off = offsetof(opts, h), .def = 1},
    {.key = "hz", .doc = "longitudinal field", .type = COM_F_REAL, .off = offsetof(opts, hz), .def = 0},
    {0}};
const nqs_ham_ops nqs_ham_tfim = {.c = {.name = "tfim",
                                        .doc = "transverse-field Ising model -J ZZ - h X - hz Z",
                                        .ref = "Pfeuty, Ann. Phys. 57, 79 (1970)",
                                        .fields = fields,
                                        .opt_size = sizeof(opts)},
                                  .strings = strings,
                                  .rotation = rotation,
                                  .reference = reference};
