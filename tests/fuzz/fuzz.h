/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file fuzz.h  What the readers are asked (families.c), and how inputs are changed (mutate.c); engine: libFuzzer. */
#ifndef HOLOGRAD_TESTS_FUZZ_H
#define HOLOGRAD_TESTS_FUZZ_H
#include <stddef.h>
#include <stdint.h>

/** A family of readers. */
typedef struct fuzz_family {
  const char *name, *doc;
  int json;                                /**< inputs are JSON: mutated as trees, too */
  void (*one)(const char *text, size_t n); /**< text[n] is NUL; aborts when a promise is broken */
} fuzz_family;
extern const fuzz_family fuzz_families[]; /**< ends with {0} */

/** Change a JSON text as a tree: one or two values replaced by hostile ones, members dropped, doubled or exchanged.
 *  @return the new size, at most `room`; 0 when the text is no JSON or does not fit */
size_t fuzz_mutate_json(uint8_t *data, size_t n, size_t room, unsigned seed);
#endif
