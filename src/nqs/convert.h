/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file convert.h
 *  Restricted Boltzmann machines as matrix product states and back, where that is exact (Chen et al., arXiv:1701.04831;
 *  Clark, arXiv:1710.03545).  Matrices are stored A[site][level][bond][bond] like the parameters of ansatz "mps" (ring form,
 *  psi = tr A_0^{s_0} A_1^{s_1} ...), level 0 is s = -1; an RBM is a[n], b[m], W[m][n] like those of ansatz "rbm". */
#ifndef HOLOGRAD_NQS_CONVERT_H
#define HOLOGRAD_NQS_CONVERT_H
#include <complex.h>
#include "common/ctx.h"

enum { NQS_CONVERT_MAX_BOND = 1024 };

typedef struct nqs_convert_rbm {
  size_t n, m;
  double complex *a, *b, *W;
} nqs_convert_rbm;
typedef struct nqs_convert_mps {
  size_t n, bond;
  double complex *A;
} nqs_convert_mps;

void nqs_convert_rbm_finish(nqs_convert_rbm *r); /**< {0} is a valid empty value */
void nqs_convert_mps_finish(nqs_convert_mps *m);

/** The bond index is the configuration of all hidden units: diagonal matrices, bond 2^m.  COM_E_CONFIG above
 *  NQS_CONVERT_MAX_BOND. @param r [in]  @param out [out] finish it */
com_status nqs_convert_to_diagonal(com_ctx *c, const nqs_convert_rbm *r, nqs_convert_mps *out);
/** A hidden unit lives on the bonds between its first and last site with W != 0, so a machine of range R needs a bond of at
 *  most 2^(units straddling a cut): exact, and small for local machines.  Errors and arguments as above. */
com_status nqs_convert_to_mps(com_ctx *c, const nqs_convert_rbm *r, nqs_convert_mps *out);
/** The way back exists for diagonal matrices of bond 2^m whose entries factorise over the bits of the bond index; psi is
 *  reproduced up to one constant factor.  COM_E_DATA when the state is not of this form within rel_tol. */
com_status nqs_convert_to_rbm(com_ctx *c, const nqs_convert_mps *m, double rel_tol, nqs_convert_rbm *out);

/** Schmidt coefficients across a cut: singular values of psi[rows][cols], descending into s[min(rows, cols)]. */
com_status nqs_convert_schmidt(com_ctx *c, size_t rows, size_t cols, const double complex *psi, double *s);
/** Transfer matrix E[(a,a'),(b,b')] = sum_levels A[a][b] conj(A[a'][b']), of bond^2 x bond^2. */
void nqs_convert_transfer(size_t levels, size_t bond, const double complex *A, double complex *E);
#endif
