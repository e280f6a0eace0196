/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file rbm_simd.h
 *  Vector kernels of the restricted Boltzmann machine.  Per configuration and hidden unit j the walker keeps
 *      p_j = 1/(1 + u_j),  q_j = u_j/(1 + u_j),  u_j = exp(-2 theta_j)          (tanh theta_j = p_j - q_j)
 *  so that a change theta_j -> theta_j + delta_j needs no transcendental and has no cancellation for real weights:
 *      cosh(theta_j + delta_j)/cosh(theta_j) = exp(delta_j) f_j,   f_j = p_j + E_j q_j,   E_j = exp(-2 delta_j),
 *      p_j' = p_j/f_j,  q_j' = E_j q_j/f_j.
 *  The product of exp(delta_j) over j is one number per table row ("pref").  Units are padded to a multiple of
 *  NQS_RBM_LANES with p = 1, q = 0, E = 1.  Arrays are planes: [re | im] of `mp` doubles each, re only for real weights. */
#ifndef HOLOGRAD_NQS_RBM_SIMD_H
#define HOLOGRAD_NQS_RBM_SIMD_H
#include <stddef.h>
#include <stdint.h>

enum { NQS_RBM_LANES = 8 };

/** A batch of moves in terms of table rows: move k multiplies the rows row[first[k]..first[k+1]) (at least one). */
typedef struct nqs_rbm_batch {
  size_t n, mp;
  const uint32_t *conf, *first, *row;
  const double *table; /**< row r: E planes at table + r*planes*mp */
  const double *pref;  /**< row r: pref[2r], pref[2r+1] (real: pref[r]) */
} nqs_rbm_batch;

/** out[k] = psi'/psi (re, im pairs). walk: planes p, q of configuration c at walk + c*2*planes*mp */
void nqs_rbm_simd_ratio_z(const nqs_rbm_batch *b, const double *walk, double *out);
void nqs_rbm_simd_ratio_d(const nqs_rbm_batch *b, const double *walk, double *out); /**< im = 0 */
/** Follow move k in the caches of its configuration. */
void nqs_rbm_simd_commit_z(const nqs_rbm_batch *b, size_t k, double *walk);
void nqs_rbm_simd_commit_d(const nqs_rbm_batch *b, size_t k, double *walk);
/** Orbit sums o[i] = sum_g s[perm[g*n+i]] t[g] for the real and the imaginary part of t (t_im = o_im = NULL: real). */
void nqs_rbm_simd_orbit(size_t n_group, size_t n, const uint32_t *perm, const double *s, const double *t_re,
                        const double *t_im, double *o_re, double *o_im);
#endif
