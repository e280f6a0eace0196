/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernels of the restricted Boltzmann machine at every register width that this processor has (a run uses one of them), against the
 * products of rbm_simd.h written out in long double. */
#include "../test.h"
#include "../simd.h"
#include <complex.h>
#include "common/rng.h"
#include "nqs/rbm_simd.c"

enum { MP = 24, MOVES = 7, ROWS = 5, CONFS = 3 };

/* Everything drawn at random; arrays begin at an odd double, as the kernels must allow. */
static double walk[1 + CONFS * 4 * MP], table[1 + ROWS * 2 * MP], pref[2 * ROWS];
static const uint32_t conf[MOVES] = {0, 1, 2, 0, 1, 2, 0}, first[MOVES + 1] = {0, 1, 3, 6, 7, 9, 10, 12},
                      row[12] = {0, 1, 2, 2, 3, 4, 3, 0, 4, 1, 2, 1};
static const nqs_rbm_batch batch = {MOVES, MP, conf, first, row, table + 1, pref};

static void draw(void) {
  com_rng *g = NULL;
  ck_assert_int_eq(com_rng_create(NULL, 11, "kernels", &g), COM_OK);
  com_rng_fill(g, sizeof walk / sizeof *walk, walk);
  com_rng_fill(g, sizeof table / sizeof *table, table);
  com_rng_fill(g, sizeof pref / sizeof *pref, pref);
  com_rng_destroy(g);
}

/* Number j of a pair of planes; of a single plane when the weights are real. */
static long double complex at(const double *x, size_t j, int z) { return x[j] + (z ? I * x[MP + j] : 0); }

static long double complex e_of(size_t k, size_t j, int z) {
  long double complex e = 1;
  for (uint32_t r = first[k]; r < first[k + 1]; r++)
    e *= at(batch.table + row[r] * (size_t)(1 + z) * MP, j, z);
  return e;
}

static void near(const char *what, double re, double im, long double complex want) {
  const double off = (double)cabsl(re + I * im - want), size = (double)cabsl(want);
  ck_assert_msg(off <= 1e-13 * size, "%s, level %d: %.17g %+.17g i is off by %.2g of its size", what, level,
                re, im, off / size);
}

static void check_ratio(int z) {
  double out[2 * MOVES];
  (z ? nqs_rbm_simd_ratio_z : nqs_rbm_simd_ratio_d)(&batch, walk + 1, out);
  for (size_t k = 0; k < MOVES; k++) {
    const double *p = walk + 1 + conf[k] * (size_t)(2 + 2 * z) * MP, *q = p + (1 + z) * MP;
    long double complex want = 1;
    for (size_t j = 0; j < MP; j++) want *= at(p, j, z) + e_of(k, j, z) * at(q, j, z);
    for (uint32_t r = first[k]; r < first[k + 1]; r++)
      want *= z ? pref[2 * row[r]] + I * pref[2 * row[r] + 1] : pref[row[r]];
    near("ratio", out[2 * k], out[2 * k + 1], want);
  }
}

static void check_commit(int z) {
  static double old[sizeof walk / sizeof *walk];
  for (size_t k = 0; k < MOVES; k++) {
    const size_t off = 1 + conf[k] * (size_t)(2 + 2 * z) * MP, half = (size_t)(1 + z) * MP;
    memcpy(old, walk, sizeof walk);
    (z ? nqs_rbm_simd_commit_z : nqs_rbm_simd_commit_d)(&batch, k, walk + 1);
    for (size_t j = 0; j < MP; j++) {
      const long double complex p = at(old + off, j, z), eq = e_of(k, j, z) * at(old + off + half, j, z);
      const double *now = walk + off + j;
      near("p after a move", now[0], z ? now[MP] : 0, p / (p + eq));
      near("q after a move", now[half], z ? now[half + MP] : 0, eq / (p + eq));
    }
    for (size_t i = 0; i < sizeof walk / sizeof *walk; i++) /* the other configurations stay */
      if (i < off || i >= off + 2 * half) ck_assert_double_eq(walk[i], old[i]);
  }
}

START_TEST(every_width) {
  for (level = 0; level < TEST_LEVELS; level++)
    for (int z = 0; z < 2; z++) {
      draw();
      check_ratio(z);
      check_commit(z);
    }
}
END_TEST

TEST_MAIN("nqs_simd", every_width)
