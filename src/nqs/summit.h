/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file summit.h
 *  Configurations of the largest diagonal energy <s|H|s>, for example two ferromagnetic domains on the Heisenberg ring.  They are
 *  what a ground state contains least and what its samples therefore never show: probes (probe.h) start from them. */
#ifndef HOLOGRAD_NQS_SUMMIT_H
#define HOLOGRAD_NQS_SUMMIT_H
#include "nqs/hamiltonian.h"

/** n runs of simulated annealing from random configurations; a run may end beside the top.
 *  @param stream name of the random stream  @param s [out] [n][sites]; COM_E_MEM */
com_status nqs_summit_find(com_ctx *c, const nqs_hamiltonian *h, const char *stream, size_t n, int8_t *s);
#endif
