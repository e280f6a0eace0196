/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bodies of the kernels in flow_fixed_simd.c, for each width of registers: common/simd_levels.h.
 * Samples stand in groups of LANES, whatever the width: a call does WIDTH lanes of every group, its pointers are moved to the
 * first of them, and so every lane sums in the same order on every machine. */

/* A sample that passes the cap keeps its last state for good.  Magnitudes of doubles order like their bit patterns, with
 * infinities and NaN above every finite number, so the test needs integer arithmetic only (gcc 12 turns comparisons of
 * vector-extension types into scalar code); alive is -1 or 0. */
HELPER(hold)
(double cap, const VEC *y, const VEC *yq, const VEC *y1, const VEC *yq1, MASK *alive, VEC *z, VEC *zq) {
  const VEC zero = {0}, vcap = zero + cap;
  const MASK magnitude = (MASK){0} + 0x7fffffffffffffffLL, above = (MASK)vcap + 1;
  /* The arithmetic shift spreads the sign bit over the lane (gcc and clang define it so). */
  // cppcheck-suppress shiftTooManyBitsSigned
  const MASK ok = ((((MASK)*y1 & magnitude) - above) & (((MASK)*yq1 & magnitude) - above) & *alive) >> 63;
  *z = (VEC)(((MASK)*y1 & ok) | ((MASK)*y & ~ok));
  *zq = (VEC)(((MASK)*yq1 & ok) | ((MASK)*yq & ~ok));
  *alive = ok;
}

/* ---------------------------------------------------------------- classical Runge-Kutta of order 4 */

KERNEL(rk4)(const ads_flow_fixed_plan *pl, size_t n, size_t ld, double *tape, size_t ring, int64_t *alive) {
  for (size_t s = 0; s < pl->n_steps; s++) {
    const coef *k = pl->coef + 4 * s, A = k[0], B = k[1], D = k[3];
    const double cap = pl->cap;
    const double *y = tape + (s % ring) * 2 * ld;
    double *z = tape + ((s + 1) % ring) * 2 * ld;
    for (size_t i = 0; i < n; i += LANES) {
      const VEC p = *(const VEC *)(y + i), q = *(const VEC *)(y + ld + i);
      const VEC k1 = A.a * q + (A.m + A.c * (p * p)) * p;
      const VEC p2 = p + 0.5 * A.w * q, q2 = q + 0.5 * k1;
      const VEC k2 = B.a * q2 + (B.m + B.c * (p2 * p2)) * p2;
      const VEC p3 = p + 0.5 * B.w * q2, q3 = q + 0.5 * k2;
      const VEC k3 = B.a * q3 + (B.m + B.c * (p3 * p3)) * p3;
      const VEC p4 = p + B.w * q3, q4 = q + k3;
      const VEC k4 = D.a * q4 + (D.m + D.c * (p4 * p4)) * p4;
      const VEC p1 = p + (A.w / 6) * q + (B.w / 3) * (q2 + q3) + (D.w / 6) * q4;
      const VEC q1 = q + (k1 + k4) * (1.0 / 6) + (k2 + k3) * (1.0 / 3);
      NAME(hold)(cap, &p, &q, &p1, &q1, (MASK *)(alive + i), (VEC *)(z + i), (VEC *)(z + ld + i));
    }
  }
}

/* Reverse sweep: K_s = dl/dk_s, Y_s = J_s^T K_s; U is w_s K_s,phi (the only way it is needed). */
HELPER(rk4_reverse)
(const ads_flow_fixed_plan *pl, int mass, size_t n, size_t ld, const double *tape, double *lam, double *gh,
 double *gm, double *gc) {
  for (size_t s = pl->n_steps; s-- > 0;) {
    const coef *k = pl->coef + 4 * s, A = k[0], B = k[1], D = k[3];
    const double *y = tape + s * 2 * ld;
    VEC h1 = {0}, h2 = {0}, h4 = {0}, m1 = {0}, m2 = {0}, m4 = {0}, c1 = {0}, c2 = {0}, c4 = {0};
    for (size_t i = 0; i < n; i += LANES) {
      const VEC p = *(const VEC *)(y + i), q = *(const VEC *)(y + ld + i);
      const VEC s1 = p * p;
      const VEC p2 = p + 0.5 * A.w * q, q2 = q + 0.5 * (A.a * q + (A.m + A.c * s1) * p), s2 = p2 * p2;
      const VEC p3 = p + 0.5 * B.w * q2, q3 = q + 0.5 * (B.a * q2 + (B.m + B.c * s2) * p2), s3 = p3 * p3;
      const VEC p4 = p + B.w * q3, q4 = q + (B.a * q3 + (B.m + B.c * s3) * p3), s4 = p4 * p4;
      VEC lp = *(VEC *)(lam + i), lq = *(VEC *)(lam + ld + i);
      const VEC l6 = lq * (1.0 / 6), l3 = lq * (1.0 / 3);
      const VEC yp4 = (D.m + 3 * D.c * s4) * l6, yq4 = (D.w / 6) * lp + D.a * l6;
      const VEC k3 = l3 + yq4;
      const VEC yp3 = (B.m + 3 * B.c * s3) * k3, yq3 = (B.w / 3) * lp + B.w * yp4 + B.a * k3;
      const VEC k2 = l3 + 0.5 * yq3;
      const VEC yp2 = (B.m + 3 * B.c * s2) * k2, yq2 = (B.w / 3) * lp + 0.5 * B.w * yp3 + B.a * k2;
      const VEC k1 = l6 + 0.5 * yq2;
      const VEC yp1 = (A.m + 3 * A.c * s1) * k1, yq1 = (A.w / 6) * lp + 0.5 * A.w * yp2 + A.a * k1;
      const VEC u4 = l6 * p4, u3 = k3 * p3, u2 = k2 * p2, u1 = k1 * p;
      h4 += l6 * q4, h2 += k3 * q3, h2 += k2 * q2, h1 += k1 * q;
      if (mass) m4 += u4, m2 += u3 + u2, m1 += u1;
      c4 += u4 * s4, c2 += u3 * s3, c2 += u2 * s2, c1 += u1 * s1;
      *(VEC *)(lam + i) = lp + (yp1 + yp2) + (yp3 + yp4);
      *(VEC *)(lam + ld + i) = lq + (yq1 + yq2) + (yq3 + yq4);
    }
    double *h = gh + s * pl->stride * LANES;
    *(VEC *)(h + 2 * LANES) += h4, *(VEC *)(h + LANES) += h2, *(VEC *)h += h1;
    if (mass) *(VEC *)gm += A.w * m1 + B.w * m2 + D.w * m4;
    *(VEC *)gc += A.w * c1 + B.w * c2 + D.w * c4;
  }
}

KERNEL(rk4_adj)
(const ads_flow_fixed_plan *pl, size_t n, size_t ld, const double *tape, double *lam, double *gh, double *gm,
 double *gc) {
  if (gm)
    NAME(rk4_reverse)(pl, 1, n, ld, tape, lam, gh, gm, gc);
  else
    NAME(rk4_reverse)(pl, 0, n, ld, tape, lam, gh, NULL, gc);
}

/* ---------------------------------------------------------------- forward Euler layers (ResNet) */

HELPER(euler_forward)
(const ads_flow_fixed_plan *pl, int kick, size_t n, size_t ld, double *tape, size_t ring, int64_t *alive) {
  for (size_t s = 0; s < pl->n_steps; s++) {
    const coef A = pl->coef[s];
    const double *y = tape + (s % ring) * 2 * ld;
    double *z = tape + ((s + 1) % ring) * 2 * ld;
    for (size_t i = 0; i < n; i += LANES) {
      const VEC p = *(const VEC *)(y + i), q = *(const VEC *)(y + ld + i);
      const VEC p1 = p + A.w * q, x = p + (kick ? A.w : 0.0) * q;
      const VEC q1 = q + (A.a * q + (A.m + A.c * (x * x)) * x);
      NAME(hold)(pl->cap, &p, &q, &p1, &q1, (MASK *)(alive + i), (VEC *)(z + i), (VEC *)(z + ld + i));
    }
  }
}

KERNEL(euler)(const ads_flow_fixed_plan *pl, size_t n, size_t ld, double *tape, size_t ring, int64_t *alive) {
  if (pl->method->kick)
    NAME(euler_forward)(pl, 1, n, ld, tape, ring, alive);
  else
    NAME(euler_forward)(pl, 0, n, ld, tape, ring, alive);
}

HELPER(euler_reverse)
(const ads_flow_fixed_plan *pl, int kick, int each, size_t n, size_t ld, const double *tape, double *lam,
 double *gh, double *gm, double *gc) {
  for (size_t s = pl->n_steps; s-- > 0;) {
    const coef A = pl->coef[s];
    const double *y = tape + s * 2 * ld;
    double *h = gh + s * (each ? ld : LANES);
    VEC sh = {0}, sm = {0}, sc = {0};
    for (size_t i = 0; i < n; i += LANES) {
      const VEC p = *(const VEC *)(y + i), q = *(const VEC *)(y + ld + i);
      const VEC lp = *(VEC *)(lam + i), lq = *(VEC *)(lam + ld + i);
      const VEC x = p + (kick ? A.w : 0.0) * q, xx = x * x, f = (A.m + 3 * A.c * xx) * lq, u = lq * x;
      if (each) {
        *(VEC *)(h + i) += lq * q, *(VEC *)(gc + i) += A.w * (u * xx);
        if (gm) *(VEC *)(gm + i) += A.w * u;
      } else {
        sh += lq * q, sm += u, sc += u * xx;
      }
      *(VEC *)(lam + i) = lp + f;
      *(VEC *)(lam + ld + i) = lq + A.a * lq + A.w * (lp + (kick ? 1.0 : 0.0) * f);
    }
    if (!each) *(VEC *)h += sh, *(VEC *)gc += A.w * sc;
    if (!each && gm) *(VEC *)gm += A.w * sm;
  }
}

KERNEL(euler_adj)
(const ads_flow_fixed_plan *pl, size_t n, size_t ld, const double *tape, double *lam, double *gh, double *gm,
 double *gc) {
  if (pl->method->kick)
    NAME(euler_reverse)(pl, 1, 0, n, ld, tape, lam, gh, gm, gc);
  else
    NAME(euler_reverse)(pl, 0, 0, n, ld, tape, lam, gh, gm, gc);
}
KERNEL(euler_jac)
(const ads_flow_fixed_plan *pl, size_t n, size_t ld, const double *tape, double *lam, double *gh, double *gm,
 double *gc) {
  if (pl->method->kick)
    NAME(euler_reverse)(pl, 1, 1, n, ld, tape, lam, gh, gm, gc);
  else
    NAME(euler_reverse)(pl, 0, 1, n, ld, tape, lam, gh, gm, gc);
}

/* ---------------------------------------------------------------- any explicit tableau */

HELPER(stages)(const coef *k, size_t S, const sparse *a, const VEC *p, const VEC *q, VEC *P, VEC *Q, VEC *K) {
  for (size_t s = 0; s < S; s++) {
    VEC x = *p, v = *q;
    for (size_t j = a->first[s]; j < a->first[s + 1]; j++) {
      const size_t t = a->at[j];
      x += a->v[j] * k[t].w * Q[t], v += a->v[j] * K[t];
    }
    P[s] = x, Q[s] = v;
    K[s] = k[s].a * v + (k[s].m + k[s].c * (x * x)) * x;
  }
}

KERNEL(tableau)
(const ads_flow_fixed_plan *pl, size_t n, size_t ld, double *tape, size_t ring, int64_t *alive) {
  const size_t S = pl->method->n_stages;
  const double *b = pl->method->b;
  sparse a;
  sparse_rows(pl->method, 0, &a);
  for (size_t s = 0; s < pl->n_steps; s++) {
    const coef *k = pl->coef + S * s;
    const double *y = tape + (s % ring) * 2 * ld;
    double *z = tape + ((s + 1) % ring) * 2 * ld;
    for (size_t i = 0; i < n; i += LANES) {
      const VEC p = *(const VEC *)(y + i), q = *(const VEC *)(y + ld + i);
      VEC P[MAX], Q[MAX], K[MAX], p1 = p, q1 = q;
      NAME(stages)(k, S, &a, &p, &q, P, Q, K);
      for (size_t t = 0; t < S; t++) p1 += b[t] * k[t].w * Q[t], q1 += b[t] * K[t];
      NAME(hold)(pl->cap, &p, &q, &p1, &q1, (MASK *)(alive + i), (VEC *)(z + i), (VEC *)(z + ld + i));
    }
  }
}

HELPER(tableau_reverse)
(const ads_flow_fixed_plan *pl, int each, size_t n, size_t ld, const double *tape, double *lam, double *gh,
 double *gm, double *gc) {
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
      const VEC p = *(const VEC *)(y + i), q = *(const VEC *)(y + ld + i);
      const VEC lp = *(VEC *)(lam + i), lq = *(VEC *)(lam + ld + i);
      VEC P[MAX], Q[MAX], K[MAX], X[MAX], Y[MAX], sp = lp, sq = lq;
      const size_t o = each ? i : 0;
      NAME(stages)(k, S, &a, &p, &q, P, Q, K);
      for (size_t t = S; t-- > 0;) {
        VEC kp = b[t] * lp, kq = b[t] * lq;
        for (size_t j = at.first[t]; j < at.first[t + 1]; j++)
          kp += at.v[j] * X[at.at[j]], kq += at.v[j] * Y[at.at[j]];
        const VEC xx = P[t] * P[t], u = kq * P[t];
        X[t] = (k[t].m + 3 * k[t].c * xx) * kq, Y[t] = k[t].w * kp + k[t].a * kq;
        sp += X[t], sq += Y[t];
        *(VEC *)(h + pl->method->node[t] * width + o) += kq * Q[t];
        *(VEC *)(gc + o) += k[t].w * (u * xx);
        if (gm) *(VEC *)(gm + o) += k[t].w * u;
      }
      *(VEC *)(lam + i) = sp, *(VEC *)(lam + ld + i) = sq;
    }
  }
}

KERNEL(tableau_adj)
(const ads_flow_fixed_plan *pl, size_t n, size_t ld, const double *tape, double *lam, double *gh, double *gm,
 double *gc) {
  NAME(tableau_reverse)(pl, 0, n, ld, tape, lam, gh, gm, gc);
}
KERNEL(tableau_jac)
(const ads_flow_fixed_plan *pl, size_t n, size_t ld, const double *tape, double *lam, double *gh, double *gm,
 double *gc) {
  NAME(tableau_reverse)(pl, 1, n, ld, tape, lam, gh, gm, gc);
}

KERNEL(chain)
(size_t n_eta, size_t n_theta, size_t ld, const double *scale, const double *jac, const double *gh,
 double *jt) {
  enum { ROWS = 4 }; /* sums that are in flight at the same time */
  for (size_t t0 = 0; t0 < n_theta; t0 += ROWS) {
    const size_t m = n_theta - t0 < ROWS ? n_theta - t0 : ROWS;
    for (size_t i = 0; i < ld; i += LANES) {
      VEC sum[ROWS] = {0};
      for (size_t e = 0; e < n_eta; e++) {
        const VEC g = *(const VEC *)(gh + e * ld + i) * scale[e];
        const double *row = jac + e * n_theta + t0;
        if (m == ROWS)
          for (size_t t = 0; t < ROWS; t++) sum[t] += row[t] * g;
        else
          for (size_t t = 0; t < m; t++) sum[t] += row[t] * g;
      }
      for (size_t t = 0; t < m; t++) *(VEC *)(jt + (t0 + t) * ld + i) = sum[t];
    }
  }
}

KERNEL(mask)(size_t rows, size_t ld, const int64_t *alive, double *v) {
  for (size_t r = 0; r < rows; r++)
    for (size_t i = 0; i < ld; i += LANES) {
      VEC *x = (VEC *)(v + r * ld + i);
      *x = (VEC)((MASK)*x & *(const MASK *)(alive + i));
    }
}
