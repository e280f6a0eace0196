/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../test.h"
#include "common/linalg.h"
#include "common/rng.h"

typedef double complex cplx;
static const cplx I_unit = I;

static double *reals(com_rng *r, size_t n) {
  double *x = malloc(n * sizeof *x);
  for (size_t i = 0; i < n; i++) x[i] = com_rng_normal(r);
  return x;
}
static cplx *complexes(com_rng *r, size_t n) { return (cplx *)reals(r, 2 * n); }
static void *copy(const void *from, size_t bytes) { return memcpy(malloc(bytes), from, bytes); }

static com_rng *stream(com_ctx *c, const char *name) {
  com_rng *r;
  TEST_OK(c, com_rng_create(c, 11, name, &r));
  return r;
}

static cplx opc(int t, const cplx *a, size_t ld, size_t i, size_t j) {
  return t == 0 ? a[i * ld + j] : t == 1 ? a[j * ld + i] : conj(a[j * ld + i]);
}

/* Against the definition, for every transpose flag, with leading dimensions above the width. */
START_TEST(products) {
  com_ctx *c = test_ctx();
  com_rng *r = stream(c, "products");
  enum { M = 5, N = 4, K = 3, LD = 7 };
  cplx *a = complexes(r, LD * LD), *b = complexes(r, LD * LD), *c0 = complexes(r, LD * LD);
  const cplx alpha = 0.7 - 0.2 * I_unit, beta = -0.3 + 1.1 * I_unit;
  for (int ta = 0; ta < 3; ta++)
    for (int tb = 0; tb < 3; tb++) {
      cplx *z = copy(c0, LD * LD * sizeof *z);
      com_linalg_zgemm(ta, tb, M, N, K, alpha, a, LD, b, LD, beta, z, LD);
      for (size_t i = 0; i < M; i++)
        for (size_t j = 0; j < N; j++) {
          cplx want = beta * c0[i * LD + j];
          for (size_t k = 0; k < K; k++) want += alpha * opc(ta, a, LD, i, k) * opc(tb, b, LD, k, j);
          ck_assert(cabs(z[i * LD + j] - want) < 1e-13);
        }
      ck_assert(z[M * LD] == c0[M * LD] && z[N] == c0[N]); /* nothing outside is touched */
      free(z);
    }
  double *x = reals(r, LD * LD), *y = reals(r, LD * LD), *s0 = reals(r, LD * LD);
  for (int t = 0; t < 4; t++) {
    const int ta = t & 1, tb = t >> 1;
    double *s = copy(s0, LD * LD * sizeof *s);
    com_linalg_gemm(ta, tb, M, N, K, 0.7, x, LD, y, LD, -0.3, s, LD);
    for (size_t i = 0; i < M; i++)
      for (size_t j = 0; j < N; j++) {
        double want = -0.3 * s0[i * LD + j];
        for (size_t k = 0; k < K; k++)
          want += 0.7 * (ta ? x[k * LD + i] : x[i * LD + k]) * (tb ? y[j * LD + k] : y[k * LD + j]);
        TEST_NEAR(s[i * LD + j], want, 1e-13);
      }
    free(s);
  }
  free(a), free(b), free(c0), free(x), free(y), free(s0);
  com_rng_destroy(r);
  com_ctx_destroy(c);
}
END_TEST

START_TEST(rank_k) {
  com_ctx *c = test_ctx();
  com_rng *r = stream(c, "rank_k");
  enum { N = 6, K = 9 };
  double *a = reals(r, K * N), s[N * N] = {0}, want[N * N];
  cplx *z = complexes(r, K * N), h[N * N] = {0}, hwant[N * N];
  com_linalg_gemm(1, 0, N, N, K, 1.3, a, N, a, N, 0, want, N);
  com_linalg_syrk(N, K, 1.3, a, 0, s);
  com_linalg_syrk(N, K, 1.3, a, 0.5, s);
  com_linalg_zgemm(2, 0, N, N, K, 1.3, z, N, z, N, 0, hwant, N);
  com_linalg_zherk(N, K, 1.3, z, 0, h);
  com_linalg_zherk(N, K, 1.3, z, 0.5, h);
  for (size_t i = 0; i < N * N; i++) {
    TEST_NEAR(s[i], 1.5 * want[i], 1e-13);
    ck_assert(cabs(h[i] - 1.5 * hwant[i]) < 1e-12);
  }
  free(a), free(z);
  com_rng_destroy(r);
  com_ctx_destroy(c);
}
END_TEST

/* Positive definite matrices from A^H A; solutions are put back into the equation. */
START_TEST(cholesky) {
  com_ctx *c = test_ctx();
  com_rng *r = stream(c, "cholesky");
  enum { N = 8, K = 12, RHS = 3 };
  double *a = reals(r, K * N), s[N * N], l[N * N], work[N * N], *b = reals(r, RHS * N), x[RHS * N];
  com_linalg_syrk(N, K, 1, a, 0, s);
  memcpy(work, s, sizeof s);
  memcpy(x, b, sizeof x);
  TEST_OK(c, com_linalg_chol_solve(c, N, work, RHS, x));
  for (size_t k = 0; k < RHS; k++)
    for (size_t i = 0; i < N; i++) {
      double sum = 0;
      for (size_t j = 0; j < N; j++) sum += s[i * N + j] * x[k * N + j];
      TEST_NEAR(sum, b[k * N + i], 1e-11);
    }
  memcpy(l, s, sizeof s);
  TEST_OK(c, com_linalg_chol(c, N, l));
  com_linalg_gemm(0, 1, N, N, N, 1, l, N, l, N, 0, work, N);
  for (size_t i = 0; i < N; i++)
    for (size_t j = 0; j < N; j++) {
      TEST_NEAR(work[i * N + j], s[i * N + j], 1e-13);
      if (j > i) ck_assert(l[i * N + j] == 0);
    }
  double y[N];
  memcpy(y, b, sizeof y);
  com_linalg_forward(N, l, y);
  com_linalg_backward(N, l, y);
  for (size_t i = 0; i < N; i++) TEST_NEAR(y[i], x[i], 1e-11);

  cplx *az = complexes(r, K * N), h[N * N], hw[N * N], *bz = complexes(r, RHS * N), z[RHS * N];
  com_linalg_zherk(N, K, 1, az, 0, h);
  memcpy(hw, h, sizeof h);
  memcpy(z, bz, sizeof z);
  TEST_OK(c, com_linalg_zchol_solve(c, N, hw, RHS, z));
  for (size_t k = 0; k < RHS; k++)
    for (size_t i = 0; i < N; i++) {
      cplx sum = 0;
      for (size_t j = 0; j < N; j++) sum += h[i * N + j] * z[k * N + j];
      ck_assert(cabs(sum - bz[k * N + i]) < 1e-11);
    }
  free(a), free(b), free(az), free(bz);
  com_rng_destroy(r);
  com_ctx_destroy(c);
}
END_TEST

/* a v = w v, orthonormal rows, ascending; the 2x2 complex case fixes the conjugation. */
START_TEST(eigen) {
  com_ctx *c = test_ctx();
  com_rng *r = stream(c, "eigen");
  enum { N = 9 };
  double *g = reals(r, N * N), a[N * N], v[N * N], w[N];
  cplx *gz = complexes(r, N * N), h[N * N], u[N * N];
  for (size_t i = 0; i < N; i++)
    for (size_t j = 0; j < N; j++) {
      a[i * N + j] = g[i * N + j] + g[j * N + i];
      h[i * N + j] = gz[i * N + j] + conj(gz[j * N + i]);
    }
  memcpy(v, a, sizeof a);
  TEST_OK(c, com_linalg_eigh(c, N, v, w));
  for (size_t k = 0; k < N; k++) {
    if (k) ck_assert(w[k] > w[k - 1]);
    double norm = 0;
    for (size_t i = 0; i < N; i++) {
      double sum = 0;
      for (size_t j = 0; j < N; j++) sum += a[i * N + j] * v[k * N + j];
      TEST_NEAR(sum, w[k] * v[k * N + i], 1e-13);
      norm += v[k * N + i] * v[k * N + i];
    }
    TEST_NEAR(norm, 1, 1e-14);
  }
  memcpy(u, h, sizeof h);
  TEST_OK(c, com_linalg_zeigh(c, N, u, w));
  for (size_t k = 0; k < N; k++)
    for (size_t i = 0; i < N; i++) {
      cplx sum = 0;
      for (size_t j = 0; j < N; j++) sum += h[i * N + j] * u[k * N + j];
      ck_assert(cabs(sum - w[k] * u[k * N + i]) < 1e-12);
    }
  free(g), free(gz);
  com_rng_destroy(r);
  com_ctx_destroy(c);
}
END_TEST

static void check_svd(com_ctx *c, com_rng *r, size_t m, size_t n) {
  const size_t k = m < n ? m : n;
  double *a = reals(r, m * n), *work = copy(a, m * n * sizeof *a), *u = calloc(m * k, sizeof *u),
         *vt = calloc(k * n, sizeof *vt), *s = calloc(k, sizeof *s), *s2 = calloc(k, sizeof *s2);
  TEST_OK(c, com_linalg_svd(c, m, n, work, s, u, vt));
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++) {
      double sum = 0;
      for (size_t q = 0; q < k; q++) sum += u[i * k + q] * s[q] * vt[q * n + j];
      TEST_NEAR(sum, a[i * n + j], 1e-13);
    }
  for (size_t q = 1; q < k; q++) ck_assert(s[q] <= s[q - 1] && s[q] > 0);
  double *vt2 = calloc(k * n, sizeof *vt2), *u2 = calloc(m * k, sizeof *u2);
  memcpy(work, a, m * n * sizeof *a);
  TEST_OK(c, com_linalg_svd(c, m, n, work, s2, NULL, vt2));
  for (size_t i = 0; i < k * n; i++) TEST_NEAR(vt2[i], vt[i], 1e-13);
  memcpy(work, a, m * n * sizeof *a);
  TEST_OK(c, com_linalg_svd(c, m, n, work, s2, u2, NULL));
  for (size_t i = 0; i < m * k; i++) TEST_NEAR(u2[i], u[i], 1e-13);
  memcpy(work, a, m * n * sizeof *a);
  TEST_OK(c, com_linalg_svd(c, m, n, work, s2, NULL, NULL));
  for (size_t q = 0; q < k; q++) TEST_NEAR(s2[q], s[q], 1e-13);
  free(a), free(work), free(u), free(vt), free(s), free(s2), free(vt2), free(u2);
}

START_TEST(singular_values) {
  com_ctx *c = test_ctx();
  com_rng *r = stream(c, "svd");
  check_svd(c, r, 7, 4);
  check_svd(c, r, 4, 7);
  check_svd(c, r, 5, 5);
  check_svd(c, r, 1, 3);
  check_svd(c, r, 60, 3); /* dgesdd takes its QR path */
  com_rng_destroy(r);
  com_ctx_destroy(c);
}
END_TEST

/* x is known: Hilbert-like columns of condition 1e10 with a consistent right-hand side, then a dependent
 * column. */
START_TEST(least_squares) {
  com_ctx *c = test_ctx();
  enum { M = 20, N = 7 };
  double a[M * N], b[M] = {0}, x[N], want[N], work[M * N];
  for (size_t j = 0; j < N; j++) want[j] = 0.3 + 0.2385 * (double)j * (j % 2 ? -1 : 1);
  for (size_t i = 0; i < M; i++)
    for (size_t j = 0; j < N; j++) {
      a[i * N + j] = 1 / (1 + (double)i / 3 + (double)j);
      b[i] += a[i * N + j] * want[j];
    }
  memcpy(work, a, sizeof a);
  double rhs[M];
  memcpy(rhs, b, sizeof b);
  TEST_OK(c, com_linalg_lstsq(c, M, N, work, rhs, x));
  double s[N];
  memcpy(work, a, sizeof a);
  TEST_OK(c, com_linalg_svd(c, M, N, work, s, NULL, NULL));
  const double condition = s[0] / s[N - 1];
  ck_assert(condition > 1e7);
  for (size_t j = 0; j < N; j++) TEST_NEAR(x[j], want[j], 20 * condition * 2.2e-16);

  for (size_t i = 0; i < M; i++)
    a[i * N + 6] = a[i * N + 2]; /* rank 6: the least-norm solution shares equally */
  memcpy(work, a, sizeof a);
  memset(rhs, 0, sizeof rhs);
  for (size_t i = 0; i < M; i++) rhs[i] = 3 * a[i * N + 2];
  TEST_OK(c, com_linalg_lstsq(c, M, N, work, rhs, x));
  TEST_NEAR(x[2], 1.5, 1e-6);
  TEST_NEAR(x[6], 1.5, 1e-6);
  TEST_FAILS(c, COM_E_NUM, "cannot fix", com_linalg_lstsq(c, 2, 3, work, rhs, x));
  com_ctx_destroy(c);
}
END_TEST

START_TEST(general_solve) {
  com_ctx *c = test_ctx();
  com_rng *r = stream(c, "solve");
  enum { N = 6 };
  double *a = reals(r, N * N), *b = reals(r, N), lu[N * N], x[N];
  a[0] = 0; /* needs pivoting */
  memcpy(lu, a, sizeof lu);
  memcpy(x, b, sizeof x);
  TEST_OK(c, com_linalg_solve(c, N, lu, x));
  for (size_t i = 0; i < N; i++) {
    double sum = 0;
    for (size_t j = 0; j < N; j++) sum += a[i * N + j] * x[j];
    TEST_NEAR(sum, b[i], 1e-12);
  }
  memset(lu, 0, sizeof lu);
  TEST_FAILS(c, COM_E_NUM, "singular", com_linalg_solve(c, N, lu, x));
  free(a), free(b);
  com_rng_destroy(r);
  com_ctx_destroy(c);
}
END_TEST

/* The chain -psi'' : d = 2, e = -1 has w_k = 2 - 2 cos(pi k/(n+1)), z_k(i) ~ sin(pi k i/(n+1)). */
START_TEST(tridiagonal) {
  com_ctx *c = test_ctx();
  enum { N = 30 };
  const double pi = acos(-1.0);
  const size_t ks[] = {1, 4, N};
  for (int t = 0; t < 3; t++) {
    const size_t k = ks[t];
    double d[N], e[N], w[N], z[N * N];
    for (int pass = 0; pass < 2; pass++) {
      for (int i = 0; i < N; i++) d[i] = 2, e[i] = -1;
      TEST_OK(c, com_linalg_tridiag(c, N, d, e, k, w, pass ? z : NULL));
      for (size_t q = 0; q < k; q++) TEST_NEAR(w[q], 2 - 2 * cos(pi * (double)(q + 1) / (N + 1)), 1e-14);
    }
    for (size_t q = 0; q < k; q++) {
      double overlap = 0;
      for (size_t i = 0; i < N; i++)
        overlap += z[q * N + i] * sqrt(2.0 / (N + 1)) * sin(pi * (double)((q + 1) * (i + 1)) / (N + 1));
      TEST_NEAR(fabs(overlap), 1, 1e-12);
    }
  }
  double d[1] = {0.2385}, w[1], z[1];
  TEST_OK(c, com_linalg_tridiag(c, 1, d, NULL, 1, w, z));
  ck_assert(w[0] == 0.2385 && fabs(z[0]) == 1);
  TEST_FAILS(c, COM_E_NUM, "2 eigenvalues", com_linalg_tridiag(c, 1, d, NULL, 2, w, z));
  com_ctx_destroy(c);
}
END_TEST

START_TEST(not_finite_is_refused) {
  com_ctx *c = test_ctx();
  double a[4] = {1, NAN, NAN, 2}, w[2], x[2], b[2] = {1, 2}, e[1] = {INFINITY};
  cplx z[4] = {1, 0.5 * I_unit, -0.5 * I_unit, INFINITY}, bz[2] = {1, 2};
  TEST_FAILS(c, COM_E_NUM, "not finite", com_linalg_eigh(c, 2, a, w));
  TEST_FAILS(c, COM_E_NUM, "not finite", com_linalg_zeigh(c, 2, z, w));
  TEST_FAILS(c, COM_E_NUM, "not finite", com_linalg_svd(c, 2, 2, a, w, NULL, NULL));
  TEST_FAILS(c, COM_E_NUM, "not finite", com_linalg_lstsq(c, 2, 2, a, b, x));
  TEST_FAILS(c, COM_E_NUM, "not finite", com_linalg_solve(c, 2, a, b));
  TEST_FAILS(c, COM_E_NUM, "not finite", com_linalg_tridiag(c, 2, b, e, 1, w, NULL));
  TEST_FAILS(c, COM_E_NUM, "not positive definite", com_linalg_chol_solve(c, 2, a, 1, b));
  TEST_FAILS(c, COM_E_NUM, "not positive definite", com_linalg_zchol_solve(c, 2, z, 1, bz));
  double m[4] = {1, 2, 2, 1};
  TEST_FAILS(c, COM_E_NUM, "(pivot 2)", com_linalg_chol(c, 2, m));
  com_ctx_destroy(c);
}
END_TEST

TEST_MAIN("linalg", products, rank_k, cholesky, eigen, singular_values, least_squares, general_solve,
          tridiagonal, not_finite_is_refused)
