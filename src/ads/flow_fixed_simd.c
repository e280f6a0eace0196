/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cubic oscillator, step width folded into the coefficients of each stage:
 *     k_phi = w pi,   k_pi = a pi + (m + c phi^2) phi.
 * Loops run over samples; every stage of a step stays in registers.  The classical fourth-order method and the Euler layers
 * are written out, because they are the hot paths; any other tableau goes through the sparse loops of the second half.
 * Sums over samples go to eight fixed lanes, so that the digits do not depend on the vector width. */
#include "ads/flow_fixed_simd.h"
#include <stddef.h>

enum { LANES = ADS_FLOW_FIXED_LANES, MAX = ADS_FLOW_FIXED_MAX_STAGES };
typedef ads_flow_fixed_coef coef;

/* The non-zero entries of a row (from, value): stage s starts at first[s]. */
typedef struct sparse {
  size_t first[MAX + 1];
  unsigned char at[MAX * MAX];
  double v[MAX * MAX];
} sparse;

static void sparse_rows(const ads_flow_fixed_method *m, int transpose, sparse *out) {
  const size_t S = m->n_stages;
  size_t k = 0;
  for (size_t s = 0; s < S; s++) {
    out->first[s] = k;
    for (size_t t = 0; t < S; t++) {
      const double v = transpose ? m->a[t * S + s] : m->a[s * S + t];
      if (v != 0) out->at[k] = (unsigned char)t, out->v[k++] = v;
    }
  }
  out->first[S] = k;
}

#define SIMD_BODY "ads/flow_fixed_simd_body.h"
#include "common/simd_levels.h"
/* A kernel on the lanes o .. o + width - 1 of every group, for all o. */
#define EACH(name, ...)                                                                                      \
  for (size_t o = 0; o < LANES; o += WIDEST(width)) WIDEST(name)(__VA_ARGS__)

void ads_flow_fixed_simd_rk4(const ads_flow_fixed_plan *pl, size_t n, size_t ld, double *tape, size_t ring,
                             int64_t *alive) {
  EACH(rk4, pl, n, ld, tape + o, ring, alive + o);
}
void ads_flow_fixed_simd_rk4_adj(const ads_flow_fixed_plan *pl, size_t n, size_t ld, const double *tape,
                                 double *lam, double *gh, double *gm, double *gc) {
  EACH(rk4_adj, pl, n, ld, tape + o, lam + o, gh + o, gm ? gm + o : NULL, gc + o);
}
void ads_flow_fixed_simd_euler(const ads_flow_fixed_plan *pl, size_t n, size_t ld, double *tape, size_t ring,
                               int64_t *alive) {
  EACH(euler, pl, n, ld, tape + o, ring, alive + o);
}
void ads_flow_fixed_simd_euler_adj(const ads_flow_fixed_plan *pl, size_t n, size_t ld, const double *tape,
                                   double *lam, double *gh, double *gm, double *gc) {
  EACH(euler_adj, pl, n, ld, tape + o, lam + o, gh + o, gm ? gm + o : NULL, gc + o);
}
void ads_flow_fixed_simd_euler_jac(const ads_flow_fixed_plan *pl, size_t n, size_t ld, const double *tape,
                                   double *lam, double *gh, double *gm, double *gc) {
  EACH(euler_jac, pl, n, ld, tape + o, lam + o, gh + o, gm ? gm + o : NULL, gc + o);
}
void ads_flow_fixed_simd_tableau(const ads_flow_fixed_plan *pl, size_t n, size_t ld, double *tape,
                                 size_t ring, int64_t *alive) {
  EACH(tableau, pl, n, ld, tape + o, ring, alive + o);
}
void ads_flow_fixed_simd_tableau_adj(const ads_flow_fixed_plan *pl, size_t n, size_t ld, const double *tape,
                                     double *lam, double *gh, double *gm, double *gc) {
  EACH(tableau_adj, pl, n, ld, tape + o, lam + o, gh + o, gm ? gm + o : NULL, gc + o);
}
void ads_flow_fixed_simd_tableau_jac(const ads_flow_fixed_plan *pl, size_t n, size_t ld, const double *tape,
                                     double *lam, double *gh, double *gm, double *gc) {
  EACH(tableau_jac, pl, n, ld, tape + o, lam + o, gh + o, gm ? gm + o : NULL, gc + o);
}
void ads_flow_fixed_simd_chain(size_t n_eta, size_t n_theta, size_t ld, const double *scale,
                               const double *jac, const double *gh, double *jt) {
  EACH(chain, n_eta, n_theta, ld, scale, jac, gh + o, jt + o);
}
void ads_flow_fixed_simd_mask(size_t rows, size_t ld, const int64_t *alive, double *v) {
  EACH(mask, rows, ld, alive + o, v + o);
}
