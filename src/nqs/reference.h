/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file reference.h  Exact ground-state energies of rings of any length, in Pauli units. */
#ifndef HOLOGRAD_NQS_REFERENCE_H
#define HOLOGRAD_NQS_REFERENCE_H
#include "common/ctx.h"

/** Transverse-field Ising ring -J sum ZZ - h sum X: E0 = -sum_m sqrt(J^2 + h^2 + 2 J h cos k_m), k_m = (2m+1) pi/n,
 *  the even-parity sector (n even, or J > 0); J, h enter by modulus.  (Pfeuty 1970.) */
double nqs_reference_tfi_ring(size_t n, double j, double h);
/** Heisenberg ring sum (XX + YY + ZZ), n even: Bethe equations solved by Newton, E0 = n - sum_j 8/(1 + 4 x_j^2)
 *  (Bethe 1931; Karbach, Hu, Mueller, cond-mat/9809163).  COM_E_NUM if Newton does not converge. */
com_status nqs_reference_bethe(com_ctx *c, size_t n, double *energy);
#endif
