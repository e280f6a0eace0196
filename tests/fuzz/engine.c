/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer's entry points.  The family is the argument --family=NAME; without it they are listed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t room, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t n, size_t room); /* the engine's */

static const fuzz_family *family; /* the engine hands nothing through */

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  const char *name = NULL;
  for (int i = 1; i < *argc; i++)
    if (!strncmp((*argv)[i], "--family=", 9)) name = (*argv)[i] + 9;
  for (const fuzz_family *f = fuzz_families; f->name; f++) {
    if (!name) printf("%s\n", f->name);
    if (name && !strcmp(f->name, name)) family = f;
  }
  if (!name) exit(0);
  if (!family) {
    fprintf(stderr, "fuzz: no family %s\n", name);
    exit(64);
  }
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
  char *text = malloc(n + 1);
  if (!text) return 0;
  memcpy(text, data, n);
  text[n] = '\0';
  family->one(text, n);
  free(text);
  return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t room, unsigned seed) {
  const size_t size = family->json && seed % 4 ? fuzz_mutate_json(data, n, room, seed) : 0;
  return size ? size : LLVMFuzzerMutate(data, n, room);
}
