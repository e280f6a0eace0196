/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/moves.h"
#include <stdlib.h>

com_status nqs_moves_init(com_ctx *c, size_t cap, size_t cap_sites, nqs_moves *m) {
  *m = (nqs_moves){.cap = cap, .cap_sites = cap_sites};
  m->conf = malloc((cap + 1) * sizeof *m->conf);
  m->first = calloc(cap + 2, sizeof *m->first);
  m->site = malloc((cap_sites + 1) * sizeof *m->site);
  m->to = malloc(cap_sites + 1);
  if (m->conf && m->first && m->site && m->to) return COM_OK;
  nqs_moves_finish(m);
  return COM_FAIL(c, COM_E_MEM, "out of memory");
}

void nqs_moves_finish(nqs_moves *m) {
  free(m->conf);
  free(m->first);
  free(m->site);
  free(m->to);
  *m = (nqs_moves){0};
}

void nqs_moves_apply(const nqs_moves *m, size_t k, size_t n_sites, int8_t *s) {
  int8_t *at = s + m->conf[k] * n_sites;
  for (uint32_t i = m->first[k]; i < m->first[k + 1]; i++) at[m->site[i]] = m->to[i];
}
