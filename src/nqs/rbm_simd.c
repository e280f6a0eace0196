/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/rbm_simd.h"
#define SIMD_BODY "nqs/rbm_simd_body.h"
#include "common/simd_levels.h"

void nqs_rbm_simd_ratio_z(const nqs_rbm_batch *b, const double *walk, double *out) {
  WIDEST(ratio_z)(b, walk, out);
}
void nqs_rbm_simd_ratio_d(const nqs_rbm_batch *b, const double *walk, double *out) {
  WIDEST(ratio_d)(b, walk, out);
}
void nqs_rbm_simd_commit_z(const nqs_rbm_batch *b, size_t k, double *walk) { WIDEST(commit_z)(b, k, walk); }
void nqs_rbm_simd_commit_d(const nqs_rbm_batch *b, size_t k, double *walk) { WIDEST(commit_d)(b, k, walk); }

COM_CLONES void nqs_rbm_simd_orbit(size_t n_group, size_t n, const uint32_t *perm, const double *s,
                                   const double *t_re, const double *t_im, double *restrict o_re,
                                   double *restrict o_im) {
  for (size_t i = 0; i < n; i++) o_re[i] = 0;
  if (t_im == NULL) {
    for (size_t g = 0; g < n_group; g++) {
      const uint32_t *at = perm + g * n;
      for (size_t i = 0; i < n; i++) o_re[i] += s[at[i]] * t_re[g];
    }
    return;
  }
  for (size_t i = 0; i < n; i++) o_im[i] = 0;
  for (size_t g = 0; g < n_group; g++) {
    const uint32_t *at = perm + g * n;
    for (size_t i = 0; i < n; i++) {
      const double v = s[at[i]];
      o_re[i] += v * t_re[g];
      o_im[i] += v * t_im[g];
    }
  }
}
