/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>
#include "nqs/hamiltonian.h"

/* Any sum of Pauli strings: "terms": [[coefficient, "ZXZ", [0,1,2]], ...], letter k acts on site list[k]. */
typedef struct {
  cJSON *terms;
  int marshall;
} opts;

static com_status add_term(com_ctx *c, size_t k, const cJSON *t, double factor, nqs_pauli *p) {
  const char *letters = com_json_str(com_json_at(t, 1), NULL);
  const cJSON *sites = com_json_at(t, 2);
  const size_t len = letters ? strlen(letters) : 0;
  COM_CHECK(c,
            com_json_size(t) == 3 && com_json_is_number(com_json_at(t, 0)) && letters &&
                com_json_is_array(sites),
            COM_E_CONFIG, "hamiltonian.terms[%zu]: must be [coefficient, \"XYZ...\", [sites]]", k);
  COM_CHECK(c, com_json_size(sites) == len, COM_E_CONFIG, "hamiltonian.terms[%zu]: %zu letters but %zu sites",
            k, len, com_json_size(sites));
  size_t *at;
  COM_ALLOC(c, at = malloc((len + 1) * sizeof *at));
  double coef = com_json_num(com_json_at(t, 0), 0);
  com_status status = COM_OK;
  for (size_t i = 0; i < len && !status; i++) {
    const double x = com_json_num(com_json_at(sites, i), -1);
    if (!(x >= 0 && x < 1e9 && x == (double)(size_t)x))
      status = COM_FAIL(c, COM_E_CONFIG, "hamiltonian.terms[%zu]: sites must be integers from 0", k);
    else
      at[i] = (size_t)x;
    if (letters[i] != 'I') coef *= factor;
  }
  if (!status) status = nqs_pauli_add(c, p, coef, letters, at);
  free(at);
  return status ? com_ctx_while(c, status, "reading hamiltonian.terms[%zu]", k) : COM_OK;
}

static com_status strings(com_ctx *c, const void *op, const nqs_lattice *l, double factor, nqs_pauli *p) {
  const opts *o = op;
  (void)l;
  const size_t n = com_json_size(o->terms);
  COM_CHECK(c, com_json_is_array(o->terms) && n > 0, COM_E_CONFIG,
            "hamiltonian.terms: must be a non-empty array");
  for (size_t k = 0; k < n; k++) COM_TRY(add_term(c, k, com_json_at(o->terms, k), factor, p));
  return COM_OK;
}

static int rotation(const void *op, const nqs_lattice *l, int8_t *sign) {
  if (!((const opts *)op)->marshall || !l->sublattice) return 0;
  memcpy(sign, l->sublattice, l->n);
  return 1;
}

static const com_field fields[] = {
    {.key = "terms",
     .doc = "[[coefficient, \"ZXZ\", [0,1,2]], ...]: letter k acts on site list[k]",
     .type = COM_F_RAW,
     .off = offsetof(opts, terms),
     .flags = COM_FF_REQUIRED},
    {.key = "marshall",
     .doc = "rotate X and Y on one sublattice (needs a bipartite lattice)",
     .type = COM_F_BOOL,
     .off = offsetof(opts, marshall),
     .def = 0},
    {0}};
const nqs_ham_ops nqs_ham_pauli = {.c = {.name = "pauli",
                                         .doc = "any sum of Pauli strings",
                                         .ref = "docs/formats.md",
                                         .fields = fields,
                                         .opt_size = sizeof(opts)},
                                   .strings = strings,
                                   .rotation = rotation};
