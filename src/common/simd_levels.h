/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file simd_levels.h
 *  Kernels in the register width of each instruction set, chosen at run time.  A *_simd.c file names their bodies and
 *  includes this once:
 *      #define SIMD_BODY "nqs/rbm_simd_body.h"
 *      #include "common/simd_levels.h"
 *  gcc moves a vector that is wider than the registers element by element through the stack, so COM_CLONES of one body are
 *  not enough.  The bodies are included once for each level, with
 *      WIDTH           doubles in a register
 *      VEC, MASK       a register of doubles, or of as many 64-bit integers; VEC_MEM is VEC in memory, any alignment
 *      NAME(name)      what the level calls it       KERNEL(name), HELPER(name)   heads of functions
 *  and WIDEST(name) is, afterwards, what the highest level of this processor calls it: WIDEST(kernel)(arguments),
 *  WIDEST(width).  A macro that the bodies define by WIDTH must be undefined at their end. */
#include "common/simd.h"

#define VEC NAME(simd_vec)
#define VEC_MEM NAME(simd_vec_mem)
#define MASK NAME(simd_mask)
#define KERNEL(name) TARGET static void NAME(name)
#define HELPER(name) TARGET static inline __attribute__((always_inline)) void NAME(name)
#define TYPES                                                                                                \
  typedef double VEC __attribute__((vector_size(8 * WIDTH), may_alias));                                     \
  typedef VEC VEC_MEM __attribute__((aligned(8)));                                                           \
  typedef long long MASK __attribute__((vector_size(8 * WIDTH), may_alias));                                 \
  enum { NAME(width) = WIDTH }

#define WIDTH 2
#define NAME(name) name##_any
#define TARGET
TYPES;
#include SIMD_BODY
#ifdef COM_X86_LEVELS
#undef WIDTH
#undef NAME
#undef TARGET
#define WIDTH 4
#define NAME(name) name##_v3
#define TARGET __attribute__((target("arch=x86-64-v3")))
TYPES;
#include SIMD_BODY
#undef WIDTH
#undef NAME
#undef TARGET
#define WIDTH 8
#define NAME(name) name##_v4
#define TARGET __attribute__((target("arch=x86-64-v4")))
TYPES;
#include SIMD_BODY
#define WIDEST(name)                                                                                         \
  (__builtin_cpu_supports("x86-64-v4")   ? name##_v4                                                         \
   : __builtin_cpu_supports("x86-64-v3") ? name##_v3                                                         \
                                         : name##_any)
#else
#define WIDEST(name) name##_any
#endif
