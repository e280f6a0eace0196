/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/rbm_simd.h"
#include "common/simd.h"

typedef double lanes __attribute__((vector_size(8 * NQS_RBM_LANES)));
typedef lanes lanes_mem __attribute__((aligned(8), may_alias)); /* the same in memory, any alignment */

#define AT(ptr) (*(const lanes_mem *)(ptr))
#define PUT(ptr) (*(lanes_mem *)(ptr))
#define ONES ((lanes){1, 1, 1, 1, 1, 1, 1, 1})
/* Macros, not functions: a vector argument would tie the ABI to one instruction set. */
#define CMUL(xr, xi, yr, yi)                                                                                 \
  do {                                                                                                       \
    const lanes t_ = (xr) * (yr) - (xi) * (yi);                                                              \
    (xi) = (xr) * (yi) + (xi) * (yr);                                                                        \
    (xr) = t_;                                                                                               \
  } while (0)
#define HALVE(xr, xi, ...)                                                                                   \
  do {                                                                                                       \
    const lanes r_ = __builtin_shufflevector(xr, xr, __VA_ARGS__),                                           \
                i_ = __builtin_shufflevector(xi, xi, __VA_ARGS__);                                           \
    CMUL(xr, xi, r_, i_);                                                                                    \
  } while (0)

COM_CLONES void nqs_rbm_simd_ratio_z(const nqs_rbm_batch *b, const double *walk, double *out) {
  const size_t mp = b->mp;
  for (size_t k = 0; k < b->n; k++) {
    const double *p = walk + b->conf[k] * 4 * mp, *q = p + 2 * mp;
    const uint32_t *row = b->row + b->first[k], *end = b->row + b->first[k + 1];
    const double *e = b->table + (size_t)row[0] * 2 * mp;
    lanes xr = ONES, xi = xr - xr;
    if (end - row == 1) {
      for (size_t j = 0; j < mp; j += NQS_RBM_LANES) {
        const lanes er = AT(e + j), ei = AT(e + mp + j), qr = AT(q + j), qi = AT(q + mp + j);
        const lanes fr = AT(p + j) + er * qr - ei * qi, fi = AT(p + mp + j) + er * qi + ei * qr;
        CMUL(xr, xi, fr, fi);
      }
    } else {
      for (size_t j = 0; j < mp; j += NQS_RBM_LANES) {
        lanes er = AT(e + j), ei = AT(e + mp + j);
        for (const uint32_t *r = row + 1; r < end; r++) {
          const double *d = b->table + (size_t)*r * 2 * mp;
          CMUL(er, ei, AT(d + j), AT(d + mp + j));
        }
        const lanes qr = AT(q + j), qi = AT(q + mp + j);
        const lanes fr = AT(p + j) + er * qr - ei * qi, fi = AT(p + mp + j) + er * qi + ei * qr;
        CMUL(xr, xi, fr, fi);
      }
    }
    HALVE(xr, xi, 4, 5, 6, 7, 0, 1, 2, 3);
    HALVE(xr, xi, 2, 3, 0, 1, 6, 7, 4, 5);
    HALVE(xr, xi, 1, 0, 3, 2, 5, 4, 7, 6);
    double yr = xr[0], yi = xi[0];
    for (const uint32_t *r = row; r < end; r++) {
      const double cr = b->pref[2 * *r], ci = b->pref[2 * *r + 1], t = yr * cr - yi * ci;
      yi = yr * ci + yi * cr;
      yr = t;
    }
    out[2 * k] = yr;
    out[2 * k + 1] = yi;
  }
}

COM_CLONES void nqs_rbm_simd_ratio_d(const nqs_rbm_batch *b, const double *walk, double *out) {
  const size_t mp = b->mp;
  for (size_t k = 0; k < b->n; k++) {
    const double *p = walk + b->conf[k] * 2 * mp, *q = p + mp;
    const uint32_t *row = b->row + b->first[k], *end = b->row + b->first[k + 1];
    const double *e = b->table + (size_t)row[0] * mp;
    lanes x = ONES;
    if (end - row == 1) {
      for (size_t j = 0; j < mp; j += NQS_RBM_LANES) x *= AT(p + j) + AT(e + j) * AT(q + j);
    } else {
      for (size_t j = 0; j < mp; j += NQS_RBM_LANES) {
        lanes er = AT(e + j);
        for (const uint32_t *r = row + 1; r < end; r++) er *= AT(b->table + (size_t)*r * mp + j);
        x *= AT(p + j) + er * AT(q + j);
      }
    }
    double y = ((x[0] * x[1]) * (x[2] * x[3])) * ((x[4] * x[5]) * (x[6] * x[7]));
    for (const uint32_t *r = row; r < end; r++) y *= b->pref[*r];
    out[2 * k] = y;
    out[2 * k + 1] = 0;
  }
}

COM_CLONES void nqs_rbm_simd_commit_z(const nqs_rbm_batch *b, size_t k, double *walk) {
  const size_t mp = b->mp;
  double *p = walk + b->conf[k] * 4 * mp, *q = p + 2 * mp;
  const uint32_t *row = b->row + b->first[k], *end = b->row + b->first[k + 1];
  const double *e = b->table + (size_t)row[0] * 2 * mp;
  for (size_t j = 0; j < mp; j += NQS_RBM_LANES) {
    lanes er = AT(e + j), ei = AT(e + mp + j);
    for (const uint32_t *r = row + 1; r < end; r++) {
      const double *d = b->table + (size_t)*r * 2 * mp;
      CMUL(er, ei, AT(d + j), AT(d + mp + j));
    }
    lanes pr = AT(p + j), pi = AT(p + mp + j);
    CMUL(er, ei, AT(q + j), AT(q + mp + j)); /* now E q */
    const lanes fr = pr + er, fi = pi + ei, inv = ONES / (fr * fr + fi * fi);
    const lanes gr = fr * inv, gi = -fi * inv; /* 1/f */
    CMUL(pr, pi, gr, gi);
    CMUL(er, ei, gr, gi);
    PUT(p + j) = pr;
    PUT(p + mp + j) = pi;
    PUT(q + j) = er;
    PUT(q + mp + j) = ei;
  }
}

COM_CLONES void nqs_rbm_simd_commit_d(const nqs_rbm_batch *b, size_t k, double *walk) {
  const size_t mp = b->mp;
  double *p = walk + b->conf[k] * 2 * mp, *q = p + mp;
  const uint32_t *row = b->row + b->first[k], *end = b->row + b->first[k + 1];
  const double *e = b->table + (size_t)row[0] * mp;
  for (size_t j = 0; j < mp; j += NQS_RBM_LANES) {
    lanes er = AT(e + j);
    for (const uint32_t *r = row + 1; r < end; r++) er *= AT(b->table + (size_t)*r * mp + j);
    const lanes eq = er * AT(q + j), inv = ONES / (AT(p + j) + eq);
    PUT(p + j) = AT(p + j) * inv;
    PUT(q + j) = eq * inv;
  }
}

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
