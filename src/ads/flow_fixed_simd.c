/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cubic oscillator, step width folded into the coefficients of each stage:
 *     k_phi = w pi,   k_pi = a pi + (m + c phi^2) phi.
 * Loops run over samples; every stage of a step stays in registers.  The classical fourth-order method and the Euler layers
 * are written out, because they are the hot paths; any other tableau goes through the sparse loops of the second half.
 * Sums over samples go to eight fixed lanes, so that the digits do not depend on the vector width. */
#include "ads/flow_fixed_simd.h"
#include "common/simd.h"

enum { LANES = ADS_FLOW_FIXED_LANES, MAX = ADS_FLOW_FIXED_MAX_STAGES };
typedef double v8 __attribute__((vector_size(64), may_alias));
typedef long long m8 __attribute__((vector_size(64), may_alias));
typedef ads_flow_fixed_coef coef;
#define INLINE static inline __attribute__((always_inline))

/* A sample that passes the cap keeps its last state for good.  Magnitudes of doubles order like their bit patterns, with
 * infinities and NaN above every finite number, so the test needs integer arithmetic only (gcc 12 turns comparisons of
 * vector-extension types into scalar code); alive is -1 or 0. */
INLINE void hold(double cap, const v8 *y, const v8 *yq, const v8 *y1, const v8 *yq1, m8 *alive, v8 *z,
                 v8 *zq) {
  const v8 zero = {0}, vcap = zero + cap;
  const m8 magnitude = (m8){0} + 0x7fffffffffffffffLL, above = (m8)vcap + 1;
  /* The arithmetic shift spreads the sign bit over the lane (gcc and clang define it so). */
  // cppcheck-suppress shiftTooManyBitsSigned
  const m8 ok = ((((m8)*y1 & magnitude) - above) & (((m8)*yq1 & magnitude) - above) & *alive) >> 63;
  *z = (v8)(((m8)*y1 & ok) | ((m8)*y & ~ok));
  *zq = (v8)(((m8)*yq1 & ok) | ((m8)*yq & ~ok));
  *alive = ok;
}

/* ---------------------------------------------------------------- classical Runge-Kutta of order 4 */

COM_CLONES
void ads_flow_fixed_simd_rk4(const ads_flow_fixed_plan *pl, size_t n, size_t ld, double *tape, size_t ring,
                             int64_t *alive) {
  for (size_t s = 0; s < pl->n_steps; s++) {
    const coef *k = pl->coef + 4 * s, A = k[0], B = k[1], D = k[3];
    const double cap = pl->cap;
    const double *y = tape + (s % ring) * 2 * ld;
    double *z = tape + ((s + 1) % ring) * 2 * ld;
    for (size_t i = 0; i < n; i += LANES) {
      const v8 p = *(const v8 *)(y + i), q = *(const v8 *)(y + ld + i);
      const v8 k1 = A.a * q + (A.m + A.c * (p * p)) * p;
      const v8 p2 = p + 0.5 * A.w * q, q2 = q + 0.5 * k1;
      const v8 k2 = B.a * q2 + (B.m + B.c * (p2 * p2)) * p2;
      const v8 p3 = p + 0.5 * B.w * q2, q3 = q + 0.5 * k2;
      const v8 k3 = B.a * q3 + (B.m + B.c * (p3 * p3)) * p3;
      const v8 p4 = p + B.w * q3, q4 = q + k3;
      const v8 k4 = D.a * q4 + (D.m + D.c * (p4 * p4)) * p4;
      const v8 p1 = p + (A.w / 6) * q + (B.w / 3) * (q2 + q3) + (D.w / 6) * q4;
      const v8 q1 = q + (k1 + k4) * (1.0 / 6) + (k2 + k3) * (1.0 / 3);
      hold(cap, &p, &q, &p1, &q1, (m8 *)(alive + i), (v8 *)(z + i), (v8 *)(z + ld + i));
    }
  }
}

/* Reverse sweep: K_s = dl/dk_s, Y_s = J_s^T K_s; U is w_s K_s,phi (the only way it is needed). */
INLINE void rk4_reverse(const ads_flow_fixed_plan *pl, int mass, size_t n, size_t ld, const double *tape,
                        double *lam, double *gh, double *gm, double *gc) {
  for (size_t s = pl->n_steps; s-- > 0;) {
    const coef *k = pl->coef + 4 * s, A = k[0], B = k[1], D = k[3];
    const double *y = tape + s * 2 * ld;
    v8 h1 = {0}, h2 = {0}, h4 = {0}, m1 = {0}, m2 = {0}, m4 = {0}, c1 = {0}, c2 = {0}, c4 = {0};
    for (size_t i = 0; i < n; i += LANES) {
      const v8 p = *(const v8 *)(y + i), q = *(const v8 *)(y + ld + i);
      const v8 s1 = p * p;
      const v8 p2 = p + 0.5 * A.w * q, q2 = q + 0.5 * (A.a * q + (A.m + A.c * s1) * p), s2 = p2 * p2;
      const v8 p3 = p + 0.5 * B.w * q2, q3 = q + 0.5 * (B.a * q2 + (B.m + B.c * s2) * p2), s3 = p3 * p3;
      const v8 p4 = p + B.w * q3, q4 = q + (B.a * q3 + (B.m + B.c * s3) * p3), s4 = p4 * p4;
      v8 lp = *(v8 *)(lam + i), lq = *(v8 *)(lam + ld + i);
      const v8 l6 = lq * (1.0 / 6), l3 = lq * (1.0 / 3);
      const v8 yp4 = (D.m + 3 * D.c * s4) * l6, yq4 = (D.w / 6) * lp + D.a * l6;
      const v8 k3 = l3 + yq4;
      const v8 yp3 = (B.m + 3 * B.c * s3) * k3, yq3 = (B.w / 3) * lp + B.w * yp4 + B.a * k3;
      const v8 k2 = l3 + 0.5 * yq3;
      const v8 yp2 = (B.m + 3 * B.c * s2) * k2, yq2 = (B.w / 3) * lp + 0.5 * B.w * yp3 + B.a * k2;
      const v8 k1 = l6 + 0.5 * yq2;
      const v8 yp1 = (A.m + 3 * A.c * s1) * k1, yq1 = (A.w / 6) * lp + 0.5 * A.w * yp2 + A.a * k1;
      const v8 u4 = l6 * p4, u3 = k3 * p3, u2 = k2 * p2, u1 = k1 * p;
      h4 += l6 * q4, h2 += k3 * q3, h2 += k2 * q2, h1 += k1 * q;
      if (mass) m4 += u4, m2 += u3 + u2, m1 += u1;
      c4 += u4 * s4, c2 += u3 * s3, c2 += u2 * s2, c1 += u1 * s1;
      *(v8 *)(lam + i) = lp + (yp1 + yp2) + (yp3 + yp4);
      *(v8 *)(lam + ld + i) = lq + (yq1 + yq2) + (yq3 + yq4);
    }
    v8 *h = (v8 *)(gh + s * pl->stride * LANES);
    h[2] += h4, h[1] += h2, h[0] += h1;
    if (mass) *(v8 *)gm += A.w * m1 + B.w * m2 + D.w * m4;
    *(v8 *)gc += A.w * c1 + B.w * c2 + D.w * c4;
  }
}

COM_CLONES
void ads_flow_fixed_simd_rk4_adj(const ads_flow_fixed_plan *pl, size_t n, size_t ld, const double *tape,
                                 double *lam, double *gh, double *gm, double *gc) {
  if (gm)
    rk4_reverse(pl, 1, n, ld, tape, lam, gh, gm, gc);
  else
    rk4_reverse(pl, 0, n, ld, tape, lam, gh, NULL, gc);
}

/* ---------------------------------------------------------------- forward Euler layers (ResNet) */

INLINE void euler_forward(const ads_flow_fixed_plan *pl, int kick, size_t n, size_t ld, double *tape,
                          size_t ring, int64_t *alive) {
  for (size_t s = 0; s < pl->n_steps; s++) {
    const coef A = pl->coef[s];
    const double *y = tape + (s % ring) * 2 * ld;
    double *z = tape + ((s + 1) % ring) * 2 * ld;
    for (size_t i = 0; i < n; i += LANES) {
      const v8 p = *(const v8 *)(y + i), q = *(const v8 *)(y + ld + i);
      const v8 p1 = p + A.w * q, x = p + (kick ? A.w : 0.0) * q;
      const v8 q1 = q + (A.a * q + (A.m + A.c * (x * x)) * x);
      hold(pl->cap, &p, &q, &p1, &q1, (m8 *)(alive + i), (v8 *)(z + i), (v8 *)(z + ld + i));
    }
  }
}

COM_CLONES
void ads_flow_fixed_simd_euler(const ads_flow_fixed_plan *pl, size_t n, size_t ld, double *tape, size_t ring,
                               int64_t *alive) {
  if (pl->method->kick)
    euler_forward(pl, 1, n, ld, tape, ring, alive);
  else
    euler_forward(pl, 0, n, ld, tape, ring, alive);
}

INLINE void euler_reverse(const ads_flow_fixed_plan *pl, int kick, int each, size_t n, size_t ld,
                          const double *tape, double *lam, double *gh, double *gm, double *gc) {
  for (size_t s = pl->n_steps; s-- > 0;) {
    const coef A = pl->coef[s];
    const double *y = tape + s * 2 * ld;
    double *h = gh + s * (each ? ld : LANES);
    v8 sh = {0}, sm = {0}, sc = {0};
    for (size_t i = 0; i < n; i += LANES) {
      const v8 p = *(const v8 *)(y + i), q = *(const v8 *)(y + ld + i);
      const v8 lp = *(v8 *)(lam + i), lq = *(v8 *)(lam + ld + i);
      const v8 x = p + (kick ? A.w : 0.0) * q, xx = x * x, f = (A.m + 3 * A.c * xx) * lq, u = lq * x;
      if (each) {
        *(v8 *)(h + i) += lq * q, *(v8 *)(gc + i) += A.w * (u * xx);
        if (gm) *(v8 *)(gm + i) += A.w * u;
      } else {
        sh += lq * q, sm += u, sc += u * xx;
      }
      *(v8 *)(lam + i) = lp + f;
      *(v8 *)(lam + ld + i) = lq + A.a * lq + A.w * (lp + (kick ? 1.0 : 0.0) * f);
    }
    if (!each) *(v8 *)h += sh, *(v8 *)gc += A.w * sc;
    if (!each && gm) *(v8 *)gm += A.w * sm;
  }
}

COM_CLONES
void ads_flow_fixed_simd_euler_adj(const ads_flow_fixed_plan *pl, size_t n, size_t ld, const double *tape,
                                   double *lam, double *gh, double *gm, double *gc) {
  if (pl->method->kick)
    euler_reverse(pl, 1, 0, n, ld, tape, lam, gh, gm, gc);
  else
    euler_reverse(pl, 0, 0, n, ld, tape, lam, gh, gm, gc);
}
COM_CLONES
void ads_flow_fixed_simd_euler_jac(const ads_flow_fixed_plan *pl, size_t n, size_t ld, const double *tape,
                                   double *lam, double *gh, double *gm, double *gc) {
  if (pl->method->kick)
    euler_reverse(pl, 1, 1, n, ld, tape, lam, gh, gm, gc);
  else
    euler_reverse(pl, 0, 1, n, ld, tape, lam, gh, gm, gc);
}

/* ---------------------------------------------------------------- any explicit tableau */

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

INLINE void stages(const coef *k, size_t S, const sparse *a, const v8 *p, const v8 *q, v8 *P, v8 *Q, v8 *K) {
  for (size_t s = 0; s < S; s++) {
    v8 x = *p, v = *q;
    for (size_t j = a->first[s]; j < a->first[s + 1]; j++) {
      const size_t t = a->at[j];
      x += a->v[j] * k[t].w * Q[t], v += a->v[j] * K[t];
    }
    P[s] = x, Q[s] = v;
    K[s] = k[s].a * v + (k[s].m + k[s].c * (x * x)) * x;
  }
}

COM_CLONES
void ads_flow_fixed_simd_tableau(const ads_flow_fixed_plan *pl, size_t n, size_t ld, double *tape,
                                 size_t ring, int64_t *alive) {
  const size_t S = pl->method->n_stages;
  const double *b = pl->method->b;
  sparse a;
  sparse_rows(pl->method, 0, &a);
  for (size_t s = 0; s < pl->n_steps; s++) {
    const coef *k = pl->coef + S * s;
    const double *y = tape + (s % ring) * 2 * ld;
    double *z = tape + ((s + 1) % ring) * 2 * ld;
    for (size_t i = 0; i < n; i += LANES) {
      const v8 p = *(const v8 *)(y + i), q = *(const v8 *)(y + ld + i);
      v8 P[MAX], Q[MAX], K[MAX], p1 = p, q1 = q;
      stages(k, S, &a, &p, &q, P, Q, K);
      for (size_t t = 0; t < S; t++) p1 += b[t] * k[t].w * Q[t], q1 += b[t] * K[t];
      hold(pl->cap, &p, &q, &p1, &q1, (m8 *)(alive + i), (v8 *)(z + i), (v8 *)(z + ld + i));
    }
  }
}

INLINE void tableau_reverse(const ads_flow_fixed_plan *pl, int each, size_t n, size_t ld, const double *tape,
                            double *lam, double *gh, double *gm, double *gc) {
  const size_t S = pl->method->n_stages, width = each ? ld : LANES;
  const double *b = pl->method->b;
  sparse a, at;
  sparse_rows(pl->method, 0, &a);
  sparse_rows(pl->method, 1, &at);
  for (size_t s = pl->n_steps; s-- > 0;) {
    const coef *k = pl->coef + S * s;
    const double *y = tape + s * 2 * ld;
    double *h = gh + s * pl->stride * width;
    for (size_t i = 0; i < n; i += LANES) {
      const v8 p = *(const v8 *)(y + i), q = *(const v8 *)(y + ld + i);
      const v8 lp = *(v8 *)(lam + i), lq = *(v8 *)(lam + ld + i);
      v8 P[MAX], Q[MAX], K[MAX], X[MAX], Y[MAX], sp = lp, sq = lq;
      const size_t o = each ? i : 0;
      stages(k, S, &a, &p, &q, P, Q, K);
      for (size_t t = S; t-- > 0;) {
        v8 kp = b[t] * lp, kq = b[t] * lq;
        for (size_t j = at.first[t]; j < at.first[t + 1]; j++)
          kp += at.v[j] * X[at.at[j]], kq += at.v[j] * Y[at.at[j]];
        const v8 xx = P[t] * P[t], u = kq * P[t];
        X[t] = (k[t].m + 3 * k[t].c * xx) * kq, Y[t] = k[t].w * kp + k[t].a * kq;
        sp += X[t], sq += Y[t];
        *(v8 *)(h + pl->method->node[t] * width + o) += kq * Q[t];
        *(v8 *)(gc + o) += k[t].w * (u * xx);
        if (gm) *(v8 *)(gm + o) += k[t].w * u;
      }
      *(v8 *)(lam + i) = sp, *(v8 *)(lam + ld + i) = sq;
    }
  }
}

COM_CLONES
void ads_flow_fixed_simd_tableau_adj(const ads_flow_fixed_plan *pl, size_t n, size_t ld, const double *tape,
                                     double *lam, double *gh, double *gm, double *gc) {
  tableau_reverse(pl, 0, n, ld, tape, lam, gh, gm, gc);
}
COM_CLONES
void ads_flow_fixed_simd_tableau_jac(const ads_flow_fixed_plan *pl, size_t n, size_t ld, const double *tape,
                                     double *lam, double *gh, double *gm, double *gc) {
  tableau_reverse(pl, 1, n, ld, tape, lam, gh, gm, gc);
}

COM_CLONES
void ads_flow_fixed_simd_chain(size_t n_eta, size_t n_theta, size_t ld, const double *scale,
                               const double *jac, const double *gh, double *jt) {
  enum { ROWS = 4 }; /* sums that are in flight at the same time */
  for (size_t t0 = 0; t0 < n_theta; t0 += ROWS) {
    const size_t m = n_theta - t0 < ROWS ? n_theta - t0 : ROWS;
    for (size_t i = 0; i < ld; i += LANES) {
      v8 sum[ROWS] = {0};
      for (size_t e = 0; e < n_eta; e++) {
        const v8 g = *(const v8 *)(gh + e * ld + i) * scale[e];
        const double *row = jac + e * n_theta + t0;
        if (m == ROWS)
          for (size_t t = 0; t < ROWS; t++) sum[t] += row[t] * g;
        else
          for (size_t t = 0; t < m; t++) sum[t] += row[t] * g;
      }
      for (size_t t = 0; t < m; t++) *(v8 *)(jt + (t0 + t) * ld + i) = sum[t];
    }
  }
}

COM_CLONES
void ads_flow_fixed_simd_mask(size_t rows, size_t ld, const int64_t *alive, double *v) {
  for (size_t r = 0; r < rows; r++)
    for (size_t i = 0; i < ld; i += LANES) {
      v8 *x = (v8 *)(v + r * ld + i);
      *x = (v8)((m8)*x & *(const m8 *)(alive + i));
    }
}
