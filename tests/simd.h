/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file simd.h  For a test program that compiles a *_simd.c of its own, included after this: its kernels then take the widest registers
 *  that the processor has up to `level`, 0 to 2. */
#ifndef HOLOGRAD_TESTS_SIMD_H
#define HOLOGRAD_TESTS_SIMD_H
#include <string.h>
#include "common/simd.h"

enum { TEST_LEVELS = 3 };
static int level = TEST_LEVELS - 1;
__attribute__((unused)) static int test_has(const char *name) {
#ifdef COM_X86_LEVELS
  if (!strcmp(name, "x86-64-v4")) return level >= 2 && __builtin_cpu_supports("x86-64-v4");
  if (!strcmp(name, "x86-64-v3")) return level >= 1 && __builtin_cpu_supports("x86-64-v3");
#endif
  return !name;
}
#define __builtin_cpu_supports(name) test_has(name)
#endif
