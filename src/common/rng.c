/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/rng.h"
#include "common/sha256.h"

__extension__ typedef unsigned __int128 u128;

struct com_rng {
  uint64_t s[4];
  gsl_rng gsl; /* a view of s, so that GSL's distributions draw from the same sequence */
};

static inline uint64_t rotl(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

/* xoshiro256++ 1.0: result = rotl(s0 + s3, 23) + s0, then the linear engine of period 2^256 - 1.
 * Blackman and Vigna, ACM Trans. Math. Softw. 47 (2021) 36.  From s = {1,2,3,4} the first outputs are
 * 41943041, 58720359, 3588806011781223, 3591011842654386, 9228616714210784205. */
static inline uint64_t next(uint64_t s[4]) {
  const uint64_t result = rotl(s[0] + s[3], 23) + s[0], t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotl(s[3], 45);
  return result;
}

static inline double uniform(uint64_t s[4]) { return (double)(next(s) >> 11) * 0x1p-53; }

/* GSL sees the upper 32 bits, because its unsigned long has only these on some machines. */
static unsigned long gsl_get(void *state) { return (unsigned long)(next(state) >> 32); }
static double gsl_get_double(void *state) { return uniform(state); }
/* Only gsl_rng_set calls this, and a stream is keyed by com_rng_create alone. */
static void gsl_set(void *state, unsigned long seed) {
  (void)state;
  (void)seed;
}
static const gsl_rng_type xoshiro_type = {.name = "xoshiro256++",
                                          .max = 0xffffffffUL,
                                          .min = 0,
                                          .size = 4 * sizeof(uint64_t),
                                          .set = gsl_set,
                                          .get = gsl_get,
                                          .get_double = gsl_get_double};

com_status com_rng_create(com_ctx *c, uint64_t seed, const char *stream, com_rng **out) {
  com_rng *r = NULL;
  char *name = NULL;
  *out = NULL;
  const size_t room = strlen(stream) + 40; /* "holograd:", 20 digits, ":", NUL */
  COM_ALLOC(c, name = malloc(room));
  const int n = snprintf(name, room, "holograd:%" PRIu64 ":%s", seed, stream);
  unsigned char key[32];
  com_sha256_raw(name, (size_t)n, key);
  free(name);

  COM_ALLOC(c, r = calloc(1, sizeof *r));
  for (size_t i = 0; i < 32; i++) r->s[i / 8] = r->s[i / 8] << 8 | key[i];
  r->gsl = (gsl_rng){.type = &xoshiro_type, .state = r->s};
  *out = r;
  return COM_OK;
}

void com_rng_destroy(com_rng *r) { free(r); }

uint64_t com_rng_bits(com_rng *r) { return next(r->s); }
double com_rng_uniform(com_rng *r) { return uniform(r->s); }
double com_rng_normal(com_rng *r) { return gsl_ran_gaussian_ziggurat(&r->gsl, 1.0); }

/* Multiply-shift with rejection of the short first interval: Lemire, ACM Trans. Model. Comput. Simul. 29
 * (2019) 3. */
size_t com_rng_below(com_rng *r, size_t n) {
  u128 product = (u128)next(r->s) * n;
  if ((uint64_t)product < n) {
    const uint64_t reject = (0 - (uint64_t)n) % n;
    while ((uint64_t)product < reject) product = (u128)next(r->s) * n;
  }
  return (size_t)(product >> 64);
}

void com_rng_fill(com_rng *r, size_t n, double *u) {
  uint64_t s[4]; /* a local copy stays in registers */
  memcpy(s, r->s, sizeof s);
  for (size_t i = 0; i < n; i++) u[i] = uniform(s);
  memcpy(r->s, s, sizeof s);
}

void com_rng_shuffle(com_rng *r, size_t n, size_t *index) {
  for (size_t i = n; i > 1; i--) {
    const size_t j = com_rng_below(r, i), t = index[i - 1];
    index[i - 1] = index[j];
    index[j] = t;
  }
}

void com_rng_state(const com_rng *r, char hex[65]) {
  for (size_t i = 0; i < 4; i++) snprintf(hex + 16 * i, 17, "%016" PRIx64, r->s[i]);
}

com_status com_rng_restore(com_ctx *c, const char *hex, com_rng *r) {
  const char *const digits = "0123456789abcdef";
  uint64_t s[4] = {0};
  size_t n = 0;
  for (const char *d; hex[n] && (d = strchr(digits, hex[n])) != NULL; n++)
    if (n < 64) s[n / 16] = s[n / 16] << 4 | (uint64_t)(d - digits);
  COM_CHECK(c, n == 64 && !hex[n], COM_E_DATA,
            "random state '%.70s': must be 64 lower-case hex digits; the checkpoint is damaged", hex);
  COM_CHECK(c, s[0] | s[1] | s[2] | s[3], COM_E_DATA,
            "random state: all zero is no state of xoshiro256++; the checkpoint is damaged");
  memcpy(r->s, s, sizeof s);
  return COM_OK;
}
