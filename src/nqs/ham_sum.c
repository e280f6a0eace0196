/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>
#include "nqs/hamiltonian.h"

/* H = sum of other Hamiltonians on the same lattice: a model with a source, a defect or a perturbation added to it.
 * Keys that all Hamiltonians share (convention, sector, sz) belong to the outer block.  The frame (Marshall rotation) and
 * the sector are those of the first part. */
typedef struct {
  cJSON *parts;
} opts;

static com_status read_part(com_ctx *c, const opts *o, size_t k, com_choice *out) {
  COM_TRY(com_field_choice_read(c, COM_E_CONFIG, &nqs_hamiltonian_kind, "config", "hamiltonian.parts",
                                com_json_at(o->parts, k), out));
  if (out->type && ((const nqs_ham_ops *)(const void *)out->type)->strings) return COM_OK;
  com_field_choice_finish(&nqs_hamiltonian_kind, out);
  return COM_FAIL(c, COM_E_CONFIG, "hamiltonian.parts[%zu]: must be a model of spins", k);
}

static com_status strings(com_ctx *c, const void *op, const nqs_lattice *l, double factor, nqs_pauli *p) {
  const opts *o = op;
  const size_t n = com_json_size(o->parts);
  COM_CHECK(c, com_json_is_array(o->parts) && n > 0, COM_E_CONFIG,
            "hamiltonian.parts: must be a non-empty array of hamiltonians");
  for (size_t k = 0; k < n; k++) {
    com_choice part;
    COM_TRY(read_part(c, o, k, &part));
    const nqs_ham_shared *sh = part.shared;
    com_status s = COM_OK;
    if (sh->spin || sh->sector || sh->sz == sh->sz)
      s = COM_FAIL(c, COM_E_CONFIG,
                   "hamiltonian.parts[%zu]: convention, sector and sz belong to the outer block", k);
    if (!s) s = ((const nqs_ham_ops *)(const void *)part.type)->strings(c, part.opts, l, factor, p);
    com_field_choice_finish(&nqs_hamiltonian_kind, &part);
    if (s) return s;
  }
  return COM_OK;
}

/* The parts were read once by `strings`, which reports what is wrong with them. */
static int rotation(const void *op, const nqs_lattice *l, int8_t *sign) {
  com_choice part;
  if (read_part(NULL, op, 0, &part)) return 0;
  const nqs_ham_ops *ops = (const nqs_ham_ops *)(const void *)part.type;
  const int rotated = ops->rotation ? ops->rotation(part.opts, l, sign) : 0;
  com_field_choice_finish(&nqs_hamiltonian_kind, &part);
  return rotated;
}

static int fixed_sector(const void *op) {
  com_choice part;
  if (read_part(NULL, op, 0, &part)) return 0;
  const nqs_ham_ops *ops = (const nqs_ham_ops *)(const void *)part.type;
  const int fixed = ops->fixed_sector ? ops->fixed_sector(part.opts) : 0;
  com_field_choice_finish(&nqs_hamiltonian_kind, &part);
  return fixed;
}

static const com_field fields[] = {{.key = "parts",
                                    .doc = "[{\"type\":\"tfim\",...}, {\"type\":\"pauli\",...}, ...]",
                                    .type = COM_F_RAW,
                                    .off = offsetof(opts, parts),
                                    .flags = COM_FF_REQUIRED},
                                   {0}};
const nqs_ham_ops nqs_ham_sum = {.c = {.name = "sum",
                                       .doc = "sum of other spin Hamiltonians: a model with a source",
                                       .ref = "docs/boundary.md",
                                       .fields = fields,
                                       .opt_size = sizeof(opts)},
                                 .strings = strings,
                                 .rotation = rotation,
                                 .fixed_sector = fixed_sector};
