/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/ham_heisenberg.h"
#include <string.h>
#include "nqs/reference.h"

typedef nqs_ham_heisenberg_opts opts;

static com_status bonds(com_ctx *c, size_t n, const nqs_bond *b, double j, double delta, nqs_pauli *p) {
  for (size_t k = 0; k < n && j != 0; k++) {
    const size_t at[] = {b[k].i, b[k].j};
    COM_TRY(nqs_pauli_add(c, p, j, "XX", at));
    COM_TRY(nqs_pauli_add(c, p, j, "YY", at));
    COM_TRY(nqs_pauli_add(c, p, j * delta, "ZZ", at));
  }
  return COM_OK;
}

com_status nqs_ham_heisenberg_strings(com_ctx *c, const void *op, const nqs_lattice *l, double factor,
                                      nqs_pauli *p) {
  const opts *o = op;
  COM_TRY(bonds(c, l->n_near, l->near, o->J * factor * factor, o->delta, p));
  return bonds(c, l->n_next, l->next, o->J2 * factor * factor, o->delta, p);
}

/* Marshall's rule: on a bipartite lattice with J > 0 the rotation makes every nearest-bond element negative, so that the
 * ground state is positive (exact at J2 = 0). */
int nqs_ham_heisenberg_rotation(const void *op, const nqs_lattice *l, int8_t *sign) {
  const opts *o = op;
  if (!l->sublattice || o->marshall == 2 || (o->marshall == 0 && o->J <= 0)) return 0;
  memcpy(sign, l->sublattice, l->n);
  return 1;
}

/* The ground state has S^z = 0 unless the coupling is an easy-axis ferromagnet. */
int nqs_ham_heisenberg_fixed(const void *op) {
  const opts *o = op;
  return o->J > 0 ? o->delta > -1 : o->delta < 1;
}

int nqs_ham_heisenberg_reference(const void *op, const nqs_lattice *l, double factor, double *energy,
                                 const char **source) {
  const opts *o = op;
  if (l->ly != 1 || !l->periodic || l->n % 2 || o->J <= 0 || o->J2 != 0 || o->delta != 1) return 0;
  if (nqs_reference_bethe(NULL, l->n, energy)) return 0;
  *energy *= o->J * factor * factor;
  *source = "Bethe ansatz (Bethe 1931)";
  return 1;
}

static const char *const marshall_names[] = {"auto", "on", "off", NULL};
const com_field nqs_ham_heisenberg_fields[] = {
    {.key = "J",
     .doc = "coupling of nearest bonds; J > 0 antiferromagnetic",
     .type = COM_F_REAL,
     .off = offsetof(opts, J),
     .def = 1},
    {.key = "J2",
     .doc = "coupling of next-nearest bonds",
     .type = COM_F_REAL,
     .off = offsetof(opts, J2),
     .def = 0},
    {.key = "delta", .doc = "anisotropy of ZZ", .type = COM_F_REAL, .off = offsetof(opts, delta), .def = 1},
    {.key = "marshall",
     .doc = "sign rotation by the two-colouring (auto: when bipartite and J > 0)",
     .type = COM_F_ENUM,
     .off = offsetof(opts, marshall),
     .aux = marshall_names,
     .sdef = "auto"},
    {0}};
const nqs_ham_ops nqs_ham_heisenberg = {.c = {.name = "heisenberg",
                                              .doc = "Heisenberg, XXZ and J1-J2 models of spin 1/2",
                                              .ref = "Marshall 1955 (sign rule)",
                                              .fields = nqs_ham_heisenberg_fields,
                                              .opt_size = sizeof(opts)},
                                        .strings = nqs_ham_heisenberg_strings,
                                        .rotation = nqs_ham_heisenberg_rotation,
                                        .fixed_sector = nqs_ham_heisenberg_fixed,
                                        .reference = nqs_ham_heisenberg_reference};
