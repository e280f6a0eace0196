/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file simd.h
 *  Run-time dispatch for the kernels in *_simd.c (compiled -O3 with contraction).  COM_CLONES makes gcc emit one body per
 *  instruction set and choose at load time.  Empty where that does not work: other compilers and machines, and the
 *  sanitised or coverage builds (gcc 12's clones crash at start under ThreadSanitizer). */
#ifndef HOLOGRAD_COMMON_SIMD_H
#define HOLOGRAD_COMMON_SIMD_H
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && !defined(COM_NO_CLONES) &&            \
    !defined(__SANITIZE_THREAD__)
#define COM_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#define COM_X86_LEVELS 1 /* simd_levels.h has them, too */
#else
#define COM_CLONES
#endif
#endif
