/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bodies of the kernels in rbm_simd.c, for each width of registers: common/simd_levels.h.
 * Eight units are in flight, in one register or two; products are formed in the same order either way.
 * Macros, not functions: a vector argument would tie the ABI to one instruction set. */
#define PARTS (8 / WIDTH)
#define AT(ptr) (*(const VEC_MEM *)(ptr))
#define PUT(ptr) (*(VEC_MEM *)(ptr))
#define CMUL(type, xr, xi, yr, yi)                                                                           \
  do {                                                                                                       \
    const type t_ = (xr) * (yr) - (xi) * (yi);                                                               \
    (xi) = (xr) * (yi) + (xi) * (yr);                                                                        \
    (xr) = t_;                                                                                               \
  } while (0)
/* E of the rows of a move at unit j */
#define ROWS_Z(j, er, ei)                                                                                    \
  VEC er = AT(e + (j)), ei = AT(e + mp + (j));                                                               \
  for (const uint32_t *r_ = row + 1; r_ < end; r_++) {                                                       \
    const double *d_ = b->table + (size_t)*r_ * 2 * mp;                                                      \
    CMUL(VEC, er, ei, AT(d_ + (j)), AT(d_ + mp + (j)));                                                      \
  }
#define ROWS_D(j, er)                                                                                        \
  VEC er = AT(e + (j));                                                                                      \
  for (const uint32_t *r_ = row + 1; r_ < end; r_++) er *= AT(b->table + (size_t)*r_ * mp + (j));
/* x *= p + E q */
#define FACTOR_Z(j, xr, xi)                                                                                  \
  do {                                                                                                       \
    ROWS_Z(j, er_, ei_)                                                                                      \
    const VEC qr_ = AT(q + (j)), qi_ = AT(q + mp + (j));                                                     \
    const VEC fr_ = AT(p + (j)) + er_ * qr_ - ei_ * qi_, fi_ = AT(p + mp + (j)) + er_ * qi_ + ei_ * qr_;     \
    CMUL(VEC, xr, xi, fr_, fi_);                                                                             \
  } while (0)
/* Product over the lanes of a register: l with l + 4, then l + 2, l + 1. */
#define HALVE(xr, xi, ...)                                                                                   \
  do {                                                                                                       \
    const VEC sr_ = __builtin_shufflevector(xr, xr, __VA_ARGS__),                                            \
              si_ = __builtin_shufflevector(xi, xi, __VA_ARGS__);                                            \
    CMUL(VEC, xr, xi, sr_, si_);                                                                             \
  } while (0)
#if WIDTH == 8
#define FOLD(xr, xi)                                                                                         \
  do {                                                                                                       \
    HALVE(xr, xi, 4, 5, 6, 7, 0, 1, 2, 3);                                                                   \
    HALVE(xr, xi, 2, 3, 0, 1, 6, 7, 4, 5);                                                                   \
    HALVE(xr, xi, 1, 0, 3, 2, 5, 4, 7, 6);                                                                   \
  } while (0)
#elif WIDTH == 4
#define FOLD(xr, xi)                                                                                         \
  do {                                                                                                       \
    HALVE(xr, xi, 2, 3, 0, 1);                                                                               \
    HALVE(xr, xi, 1, 0, 3, 2);                                                                               \
  } while (0)
#else
#define FOLD(xr, xi) HALVE(xr, xi, 1, 0)
#endif

KERNEL(ratio_z)(const nqs_rbm_batch *b, const double *walk, double *out) {
  const size_t mp = b->mp;
  for (size_t k = 0; k < b->n; k++) {
    const double *p = walk + b->conf[k] * 4 * mp, *q = p + 2 * mp;
    const uint32_t *row = b->row + b->first[k], *end = b->row + b->first[k + 1];
    const double *e = b->table + (size_t)row[0] * 2 * mp;
    VEC x[PARTS], y[PARTS];
    for (int h = 0; h < PARTS; h++) y[h] = (VEC){0}, x[h] = y[h] + 1;
    for (size_t j = 0; j < mp; j += 8)
      for (int h = 0; h < PARTS; h++) FACTOR_Z(j + (size_t)h * WIDTH, x[h], y[h]);
    for (int n = PARTS / 2; n > 0; n /= 2)
      for (int h = 0; h < n; h++) CMUL(VEC, x[h], y[h], x[h + n], y[h + n]);
    FOLD(x[0], y[0]);
    double re = x[0][0], im = y[0][0];
    for (const uint32_t *r = row; r < end; r++) CMUL(double, re, im, b->pref[2 * *r], b->pref[2 * *r + 1]);
    out[2 * k] = re;
    out[2 * k + 1] = im;
  }
}

KERNEL(ratio_d)(const nqs_rbm_batch *b, const double *walk, double *out) {
  const size_t mp = b->mp;
  for (size_t k = 0; k < b->n; k++) {
    const double *p = walk + b->conf[k] * 2 * mp, *q = p + mp;
    const uint32_t *row = b->row + b->first[k], *end = b->row + b->first[k + 1];
    const double *e = b->table + (size_t)row[0] * mp;
    VEC x[PARTS];
    for (int h = 0; h < PARTS; h++) x[h] = (VEC){0} + 1;
    for (size_t j = 0; j < mp; j += 8)
      for (int h = 0; h < PARTS; h++) {
        const size_t i = j + (size_t)h * WIDTH;
        ROWS_D(i, er)
        x[h] *= AT(p + i) + er * AT(q + i);
      }
    double z[8];
    for (int h = 0; h < PARTS; h++) PUT(z + h * WIDTH) = x[h];
    double y = ((z[0] * z[1]) * (z[2] * z[3])) * ((z[4] * z[5]) * (z[6] * z[7]));
    for (const uint32_t *r = row; r < end; r++) y *= b->pref[*r];
    out[2 * k] = y;
    out[2 * k + 1] = 0;
  }
}

KERNEL(commit_z)(const nqs_rbm_batch *b, size_t k, double *walk) {
  const size_t mp = b->mp;
  double *p = walk + b->conf[k] * 4 * mp, *q = p + 2 * mp;
  const uint32_t *row = b->row + b->first[k], *end = b->row + b->first[k + 1];
  const double *e = b->table + (size_t)row[0] * 2 * mp;
  for (size_t j = 0; j < mp; j += WIDTH) {
    ROWS_Z(j, er, ei)
    VEC pr = AT(p + j), pi = AT(p + mp + j);
    CMUL(VEC, er, ei, AT(q + j), AT(q + mp + j)); /* now E q */
    const VEC fr = pr + er, fi = pi + ei, inv = 1 / (fr * fr + fi * fi);
    const VEC gr = fr * inv, gi = -fi * inv; /* 1/f */
    CMUL(VEC, pr, pi, gr, gi);
    CMUL(VEC, er, ei, gr, gi);
    PUT(p + j) = pr;
    PUT(p + mp + j) = pi;
    PUT(q + j) = er;
    PUT(q + mp + j) = ei;
  }
}

KERNEL(commit_d)(const nqs_rbm_batch *b, size_t k, double *walk) {
  const size_t mp = b->mp;
  double *p = walk + b->conf[k] * 2 * mp, *q = p + mp;
  const uint32_t *row = b->row + b->first[k], *end = b->row + b->first[k + 1];
  const double *e = b->table + (size_t)row[0] * mp;
  for (size_t j = 0; j < mp; j += WIDTH) {
    ROWS_D(j, er)
    const VEC eq = er * AT(q + j), inv = 1 / (AT(p + j) + eq);
    PUT(p + j) = AT(p + j) * inv;
    PUT(q + j) = eq * inv;
  }
}

#undef FOLD
