/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file moves.h
 *  Moves are described, not applied: move m of configuration conf[m] sets site[first[m]..first[m+1]) to the values `to`.
 *  Capacity is fixed at creation so that inner loops never allocate. */
#ifndef HOLOGRAD_NQS_MOVES_H
#define HOLOGRAD_NQS_MOVES_H
#include <stdint.h>
#include "common/ctx.h"

typedef struct nqs_moves {
  size_t n, cap, cap_sites;
  uint32_t *conf;  /**< [cap] configuration (chain of the block) the move belongs to */
  uint32_t *first; /**< [cap+1]; first[0] = 0 */
  uint32_t *site;  /**< [cap_sites] distinct within a move */
  int8_t *to;      /**< [cap_sites] new values */
} nqs_moves;

com_status nqs_moves_init(com_ctx *c, size_t cap, size_t cap_sites, nqs_moves *m);
void nqs_moves_finish(nqs_moves *m);
void nqs_moves_apply(const nqs_moves *m, size_t k, size_t n_sites, int8_t *s); /**< s[n_conf][n_sites] */

/** Append one changed site to the move under construction, then close it. The caller respects the capacity. */
static inline void nqs_moves_site(nqs_moves *m, uint32_t site, int to) {
  const uint32_t k = m->first[m->n + 1];
  m->site[k] = site;
  m->to[k] = (int8_t)to;
  m->first[m->n + 1] = k + 1;
}
static inline void nqs_moves_close(nqs_moves *m, uint32_t conf) {
  m->conf[m->n++] = conf;
  m->first[m->n + 1] = m->first[m->n];
}
static inline void nqs_moves_clear(nqs_moves *m) { m->n = 0, m->first[0] = m->first[1] = 0; }
#endif
