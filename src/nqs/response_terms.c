/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/response_terms.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static com_status push_term(com_ctx *c, cJSON *terms, double coefficient, const char *letters, size_t n,
                            const size_t *sites) {
  cJSON *t = com_json_array(), *at = com_json_array();
  com_status s = t && at ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  for (size_t i = 0; i < n && !s; i++) s = com_json_push(c, at, com_json_int((long long)sites[i]));
  if (!s) s = com_json_push(c, t, com_json_real(coefficient));
  if (!s) s = com_json_push(c, t, com_json_string(letters));
  if (!s) {
    s = com_json_push(c, t, at);
    at = NULL;
  }
  if (!s) return com_json_push(c, terms, t);
  com_json_free(at);
  com_json_free(t);
  return s;
}

static com_status one_letter(com_ctx *c, const char *key, const char *letters, int staggered,
                             const nqs_lattice *l, double scale, cJSON *out) {
  COM_CHECK(c, !staggered || l->sublattice, COM_E_CONFIG,
            "response.staggered: the lattice has no two sublattices; give %s as explicit terms", key);
  for (size_t i = 0; i < l->n; i++)
    COM_TRY(push_term(c, out, staggered ? scale * l->sublattice[i] : scale, letters, 1, &i));
  return COM_OK;
}

static com_status given(com_ctx *c, const char *key, const cJSON *spec, double scale, cJSON *out) {
  for (size_t k = 0; k < com_json_size(spec); k++) {
    const cJSON *t = com_json_at(spec, k);
    COM_CHECK(c, com_json_size(t) == 3 && com_json_is_number(com_json_at(t, 0)), COM_E_CONFIG,
              "%s[%zu]: must be [coefficient, \"XYZ...\", [sites]]", key, k);
    cJSON *scaled = com_json_array();
    com_status s = com_json_push(c, scaled, com_json_real(scale * com_json_num(com_json_at(t, 0), 0)));
    for (size_t i = 1; i < 3 && !s; i++) s = com_json_push(c, scaled, com_json_copy(com_json_at(t, i)));
    if (!s) {
      s = com_json_push(c, out, scaled);
      scaled = NULL;
    }
    com_json_free(scaled);
    COM_TRY(s);
  }
  return COM_OK;
}

static int is_pauli(const char *letters) {
  const size_t n = strlen(letters);
  return n >= 1 && n <= 2 && strspn(letters, "XYZ") == n;
}

com_status nqs_response_terms_expand(com_ctx *c, const char *key, const cJSON *spec, int staggered,
                                     const nqs_lattice *l, double scale, char label[48], cJSON **out) {
  const char *letters = com_json_str(spec, NULL);
  com_status s = COM_OK;
  COM_CHECK(c, com_json_is_array(spec) ? com_json_size(spec) > 0 : letters && is_pauli(letters), COM_E_CONFIG,
            "%s: must be a letter X, Y or Z (every site), two letters (every nearest bond), or "
            "[[coefficient, \"ZXZ\", [0,1,2]], ...]",
            key);
  COM_ALLOC(c, *out = com_json_array());
  if (!letters) {
    snprintf(label, 48, "source");
    s = given(c, key, spec, scale, *out);
  } else if (!letters[1]) {
    snprintf(label, 48, "%s%s", staggered ? "staggered " : "", letters);
    s = one_letter(c, key, letters, staggered, l, scale, *out);
  } else {
    snprintf(label, 48, "%s", letters);
    for (size_t k = 0; k < l->n_near && !s; k++)
      s = push_term(c, *out, scale, letters, 2, (const size_t[]){l->near[k].i, l->near[k].j});
  }
  if (s) com_json_free(*out), *out = NULL;
  return s;
}

/* A Hamiltonian of type pauli knows how to read terms. */
com_status nqs_response_terms_operator(com_ctx *c, const cJSON *terms, double factor,
                                       const nqs_hamiltonian *h, nqs_pauli **out) {
  cJSON *j = com_json_object();
  com_choice ch = {0};
  nqs_pauli *p = NULL;
  com_status status = j ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  *out = NULL;
  if (!status) status = com_json_add(c, j, "type", com_json_string("pauli"));
  if (!status) status = com_json_add(c, j, "terms", com_json_copy(terms));
  if (!status)
    status = com_field_choice_read(c, COM_E_CONFIG, &nqs_hamiltonian_kind, "config", "response", j, &ch);
  if (!status) status = nqs_pauli_create(c, h->lattice->n, &p);
  if (!status)
    status = ((const nqs_ham_ops *)(const void *)ch.type)->strings(c, ch.opts, h->lattice, factor, p);
  if (!status && h->rotation) nqs_pauli_rotate(p, h->rotation);
  if (!status) status = nqs_pauli_close(c, p);
  if (!status && h->space->fixed && !nqs_pauli_conserves(p))
    status = COM_FAIL(c, COM_E_CONFIG,
                      "response.observable: does not conserve the total S^z that the Hamiltonian fixes; use "
                      "hamiltonian.sector = free");
  if (status) nqs_pauli_destroy(p), p = NULL;
  com_field_choice_finish(&nqs_hamiltonian_kind, &ch);
  com_json_free(j);
  *out = p;
  return status;
}
