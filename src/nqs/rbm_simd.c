/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/rbm_simd.h"
#include "common/simd.h"

/* gcc moves a vector that is wider than the registers element by element through the stack, so clones of one body are not
 * enough here: each instruction set gets the body in the width that it has. */
typedef double lanes2 __attribute__((vector_size(16)));
typedef lanes2 lanes2_mem __attribute__((aligned(8), may_alias));
#define KERNEL(name) static void name##_any
#define LANES lanes2
#define LANES_MEM lanes2_mem
#define WIDTH 2
#include "nqs/rbm_simd_body.h"
#ifdef COM_X86_LEVELS
typedef double lanes4 __attribute__((vector_size(32)));
typedef lanes4 lanes4_mem __attribute__((aligned(8), may_alias));
typedef double lanes8 __attribute__((vector_size(64)));
typedef lanes8 lanes8_mem __attribute__((aligned(8), may_alias));
#define KERNEL(name) __attribute__((target("arch=x86-64-v3"))) static void name##_v3
#define LANES lanes4
#define LANES_MEM lanes4_mem
#define WIDTH 4
#include "nqs/rbm_simd_body.h"
#define KERNEL(name) __attribute__((target("arch=x86-64-v4"))) static void name##_v4
#define LANES lanes8
#define LANES_MEM lanes8_mem
#define WIDTH 8
#include "nqs/rbm_simd_body.h"
#define CHOOSE(name, ...)                                                                                    \
  (__builtin_cpu_supports("x86-64-v4")   ? name##_v4(__VA_ARGS__)                                            \
   : __builtin_cpu_supports("x86-64-v3") ? name##_v3(__VA_ARGS__)                                            \
                                         : name##_any(__VA_ARGS__))
#else
#define CHOOSE(name, ...) name##_any(__VA_ARGS__)
#endif

void nqs_rbm_simd_ratio_z(const nqs_rbm_batch *b, const double *walk, double *out) {
  CHOOSE(ratio_z, b, walk, out);
}
void nqs_rbm_simd_ratio_d(const nqs_rbm_batch *b, const double *walk, double *out) {
  CHOOSE(ratio_d, b, walk, out);
}
void nqs_rbm_simd_commit_z(const nqs_rbm_batch *b, size_t k, double *walk) { CHOOSE(commit_z, b, k, walk); }
void nqs_rbm_simd_commit_d(const nqs_rbm_batch *b, size_t k, double *walk) { CHOOSE(commit_d, b, k, walk); }

COM_CLONES void nqs_rbm_simd_axpy(size_t n, double a, const double *restrict x, double *restrict y) {
  for (size_t i = 0; i < n; i++) y[i] += a * x[i];
}

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
