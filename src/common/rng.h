/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file rng.h
 *  Named random streams: one root seed and a name ("init/3", "chain/0") give an independent stream, so that adding a
 *  consumer does not shift the others.  The generator is xoshiro256++ (Blackman, Vigna 2021) wrapped as a GSL generator
 *  type, keyed by sha256(seed, name); its whole state is 64 hex digits.  No clock, no environment, no global. */
#ifndef HOLOGRAD_COMMON_RNG_H
#define HOLOGRAD_COMMON_RNG_H
#include <stdint.h>
#include "common/ctx.h"

typedef struct com_rng com_rng;
com_status com_rng_create(com_ctx *c, uint64_t seed, const char *stream, com_rng **out);
void com_rng_destroy(com_rng *r);
uint64_t com_rng_bits(com_rng *r);
double com_rng_uniform(com_rng *r);                        /**< [0,1), 53 bits */
double com_rng_normal(com_rng *r);                         /**< N(0,1), GSL ziggurat */
size_t com_rng_below(com_rng *r, size_t n);                /**< uniform in 0..n-1, unbiased; n > 0 */
void com_rng_fill(com_rng *r, size_t n, double *u);        /**< n uniforms, same sequence as single draws */
void com_rng_shuffle(com_rng *r, size_t n, size_t *index); /**< Fisher-Yates of the given entries */
void com_rng_state(const com_rng *r, char hex[65]);        /**< for checkpoints */
com_status com_rng_restore(com_ctx *c, const char *hex, com_rng *r);

#endif
