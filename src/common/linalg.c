/* SPDX-License-Identifier: GPL-3.0-or-later */
/* LAPACK is column-major: it sees the transpose of our row-major arrays.  Each wrapper says what follows from
 * that. */
#include <cblas.h>
#include <float.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include "common/linalg.h"

typedef double complex cplx;

/* Fortran symbols, declared by hand because OpenBLAS's package has no LAPACK header; the trailing size_t are
 * the hidden lengths of the character arguments. */
void dposv_(const char *uplo, const int *n, const int *nrhs, double *a, const int *lda, double *b,
            const int *ldb, int *info, size_t);
void zposv_(const char *uplo, const int *n, const int *nrhs, cplx *a, const int *lda, cplx *b, const int *ldb,
            int *info, size_t);
void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info, size_t);
void dsyevd_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda, double *w,
             double *work, const int *lwork, int *iwork, const int *liwork, int *info, size_t, size_t);
void zheevd_(const char *jobz, const char *uplo, const int *n, cplx *a, const int *lda, double *w, cplx *work,
             const int *lwork, double *rwork, const int *lrwork, int *iwork, const int *liwork, int *info,
             size_t, size_t);
void dgesdd_(const char *jobz, const int *m, const int *n, double *a, const int *lda, double *s, double *u,
             const int *ldu, double *vt, const int *ldvt, double *work, const int *lwork, int *iwork,
             int *info, size_t);
void dgelsy_(const int *m, const int *n, const int *nrhs, double *a, const int *lda, double *b,
             const int *ldb, int *jpvt, const double *rcond, int *rank, double *work, const int *lwork,
             int *info);
void dgetrf_(const int *m, const int *n, double *a, const int *lda, int *ipiv, int *info);
void dgetrs_(const char *trans, const int *n, const int *nrhs, const double *a, const int *lda,
             const int *ipiv, double *b, const int *ldb, int *info, size_t);
void dstevr_(const char *jobz, const char *range, const int *n, double *d, double *e, const double *vl,
             const double *vu, const int *il, const int *iu, const double *abstol, int *m, double *w,
             double *z, const int *ldz, int *isuppz, double *work, const int *lwork, int *iwork,
             const int *liwork, int *info, size_t, size_t);

/* One thread inside OpenBLAS, for the whole process, before its first use here. */
static pthread_once_t pinned = PTHREAD_ONCE_INIT;
static void pin(void) { openblas_set_num_threads(1); }
static void ready(void) { pthread_once(&pinned, pin); }

static int all_finite(size_t n, const double *x) {
  for (size_t i = 0; i < n; i++)
    if (!isfinite(x[i])) return 0;
  return 1;
}

/* LAPACK's iterations may never end on a NaN, so it does not get to see one. */
#define REQUIRE_FINITE(ctx, what, n, x)                                                                      \
  COM_CHECK(ctx, all_finite((n), (x)), COM_E_NUM, what ": the matrix has entries that are not finite")

static CBLAS_TRANSPOSE op(int t) { return t == 0 ? CblasNoTrans : t == 1 ? CblasTrans : CblasConjTrans; }

void com_linalg_gemm(int ta, int tb, size_t m, size_t n, size_t k, double alpha, const double *a, size_t lda,
                     const double *b, size_t ldb, double beta, double *c, size_t ldc) {
  ready();
  cblas_dgemm(CblasRowMajor, op(ta), op(tb), (int)m, (int)n, (int)k, alpha, a, (int)lda, b, (int)ldb, beta, c,
              (int)ldc);
}

void com_linalg_zgemm(int ta, int tb, size_t m, size_t n, size_t k, cplx alpha, const cplx *a, size_t lda,
                      const cplx *b, size_t ldb, cplx beta, cplx *c, size_t ldc) {
  ready();
  cblas_zgemm(CblasRowMajor, op(ta), op(tb), (int)m, (int)n, (int)k, &alpha, a, (int)lda, b, (int)ldb, &beta,
              c, (int)ldc);
}

void com_linalg_syrk(size_t n, size_t k, double alpha, const double *a, double beta, double *c) {
  ready();
  cblas_dsyrk(CblasRowMajor, CblasLower, CblasTrans, (int)n, (int)k, alpha, a, (int)n, beta, c, (int)n);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < i; j++) c[j * n + i] = c[i * n + j];
}

void com_linalg_zherk(size_t n, size_t k, double alpha, const cplx *a, double beta, cplx *c) {
  ready();
  cblas_zherk(CblasRowMajor, CblasLower, CblasConjTrans, (int)n, (int)k, alpha, a, (int)n, beta, c, (int)n);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < i; j++) c[j * n + i] = conj(c[i * n + j]);
}

/* The lower triangle of a row-major matrix is LAPACK's "upper": A = U^T U with U = L^T.  A NaN passes
 * OpenBLAS's pivot test (it is not <= 0) but ends on the diagonal, where it is caught. */
static com_status factor_verdict(com_ctx *c, int info, size_t n, const double *diagonal, size_t stride) {
  for (size_t i = 0; !info && i < n; i++)
    if (!isfinite(diagonal[i * stride])) info = (int)i + 1;
  COM_CHECK(c, info == 0, COM_E_NUM, "Cholesky: the matrix of size %zu is not positive definite (pivot %d)",
            n, info);
  return COM_OK;
}

com_status com_linalg_chol_solve(com_ctx *c, size_t n, double *a, size_t nrhs, double *b) {
  const int ni = (int)n, k = (int)nrhs;
  int info = 0;
  ready();
  dposv_("U", &ni, &k, a, &ni, b, &ni, &info, 1);
  return factor_verdict(c, info, n, a, n + 1);
}

/* LAPACK sees conj(A), so it is given conj(b) and returns conj(x). */
com_status com_linalg_zchol_solve(com_ctx *c, size_t n, cplx *a, size_t nrhs, cplx *b) {
  const int ni = (int)n, k = (int)nrhs;
  int info = 0;
  ready();
  for (size_t i = 0; i < n * nrhs; i++) b[i] = conj(b[i]);
  zposv_("U", &ni, &k, a, &ni, b, &ni, &info, 1);
  for (size_t i = 0; i < n * nrhs; i++) b[i] = conj(b[i]);
  return factor_verdict(c, info, n, (const double *)a, 2 * (n + 1));
}

com_status com_linalg_chol(com_ctx *c, size_t n, double *a) {
  const int ni = (int)n;
  int info = 0;
  ready();
  dpotrf_("U", &ni, a, &ni, &info, 1);
  COM_TRY(factor_verdict(c, info, n, a, n + 1));
  for (size_t i = 0; i < n; i++)
    for (size_t j = i + 1; j < n; j++) a[i * n + j] = 0;
  return COM_OK;
}

void com_linalg_forward(size_t n, const double *l, double *b) {
  ready();
  cblas_dtrsv(CblasRowMajor, CblasLower, CblasNoTrans, CblasNonUnit, (int)n, l, (int)n, b, 1);
}

void com_linalg_backward(size_t n, const double *l, double *b) {
  ready();
  cblas_dtrsv(CblasRowMajor, CblasLower, CblasTrans, CblasNonUnit, (int)n, l, (int)n, b, 1);
}

/* A symmetric matrix is its own transpose, and LAPACK's eigenvector columns are our rows. */
com_status com_linalg_eigh(com_ctx *c, size_t n, double *a, double *w) {
  com_status status = COM_OK;
  REQUIRE_FINITE(c, "eigenvalues", n * n, a);
  const int ni = (int)n, query = -1;
  int info = 0, liwork = 0;
  double size = 0, *work = NULL;
  int *iwork = NULL;
  ready();
  dsyevd_("V", "U", &ni, a, &ni, w, &size, &query, &liwork, &query, &info, 1, 1);
  const int lwork = (int)size;
  work = malloc((size_t)lwork * sizeof *work);
  iwork = malloc((size_t)liwork * sizeof *iwork);
  if (!work || !iwork) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
  dsyevd_("V", "U", &ni, a, &ni, w, work, &lwork, iwork, &liwork, &info, 1, 1);
  if (info) COM_GOTO(done, COM_FAIL(c, COM_E_NUM, "eigenvalues: LAPACK dsyevd stopped with info = %d", info));
done:
  free(iwork);
  free(work);
  return status;
}

/* LAPACK sees conj(A): the same eigenvalues, conjugate eigenvectors. */
com_status com_linalg_zeigh(com_ctx *c, size_t n, cplx *a, double *w) {
  com_status status = COM_OK;
  REQUIRE_FINITE(c, "eigenvalues", 2 * n * n, (const double *)a);
  const int ni = (int)n, query = -1;
  int info = 0, liwork = 0;
  double rsize = 0, *rwork = NULL;
  cplx size = 0, *work = NULL;
  int *iwork = NULL;
  ready();
  zheevd_("V", "U", &ni, a, &ni, w, &size, &query, &rsize, &query, &liwork, &query, &info, 1, 1);
  const int lwork = (int)creal(size), lrwork = (int)rsize;
  work = malloc((size_t)lwork * sizeof *work);
  rwork = malloc((size_t)lrwork * sizeof *rwork);
  iwork = malloc((size_t)liwork * sizeof *iwork);
  if (!work || !rwork || !iwork) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
  zheevd_("V", "U", &ni, a, &ni, w, work, &lwork, rwork, &lrwork, iwork, &liwork, &info, 1, 1);
  if (info) COM_GOTO(done, COM_FAIL(c, COM_E_NUM, "eigenvalues: LAPACK zheevd stopped with info = %d", info));
  for (size_t i = 0; i < n * n; i++) a[i] = conj(a[i]);
done:
  free(iwork);
  free(rwork);
  free(work);
  return status;
}

/* LAPACK sees A^T = V S U^T (n x m): its left vectors as columns are our vt rows, its right ones our u. */
com_status com_linalg_svd(com_ctx *c, size_t m, size_t n, double *a, double *s, double *u, double *vt) {
  com_status status = COM_OK;
  REQUIRE_FINITE(c, "singular values", m * n, a);
  const size_t min = m < n ? m : n;
  const int mi = (int)m, ni = (int)n, k = (int)min, query = -1;
  const char *job = u || vt ? "S" : "N";
  int info = 0, *iwork = NULL;
  double size = 0, *work = NULL, *spare = NULL; /* dgesdd makes both sets of vectors or none */
  ready();
  dgesdd_(job, &ni, &mi, a, &ni, s, vt, &ni, u, &k, &size, &query, &info, &info, 1);
  const int lwork = (int)size;
  work = malloc((size_t)lwork * sizeof *work);
  iwork = malloc(8 * min * sizeof *iwork);
  spare = malloc((m > n ? m : n) * min * sizeof *spare);
  if (!work || !iwork || !spare) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
  dgesdd_(job, &ni, &mi, a, &ni, s, vt ? vt : spare, &ni, u ? u : spare, &k, work, &lwork, iwork, &info, 1);
  if (info)
    COM_GOTO(done, COM_FAIL(c, COM_E_NUM, "singular values: LAPACK dgesdd stopped with info = %d", info));
done:
  free(spare);
  free(iwork);
  free(work);
  return status;
}

com_status com_linalg_lstsq(com_ctx *c, size_t m, size_t n, double *a, double *b, double *x) {
  com_status status = COM_OK;
  COM_CHECK(c, m >= n, COM_E_NUM, "least squares: %zu equations cannot fix %zu unknowns", m, n);
  REQUIRE_FINITE(c, "least squares", m * n, a);
  REQUIRE_FINITE(c, "least squares", m, b);
  const int mi = (int)m, ni = (int)n, one = 1, query = -1;
  const double rcond = DBL_EPSILON * (double)m; /* what rounding leaves of an exactly dependent column */
  int info = 0, rank = 0, *jpvt = NULL;
  double size = 0, *work = NULL, *at = NULL;
  ready();
  dgelsy_(&mi, &ni, &one, a, &mi, b, &mi, &info, &rcond, &rank, &size, &query, &info);
  const int lwork = (int)size;
  work = malloc((size_t)lwork * sizeof *work);
  at = malloc(m * n * sizeof *at);
  jpvt = calloc(n, sizeof *jpvt);
  if (!work || !at || !jpvt) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++) at[j * m + i] = a[i * n + j];
  dgelsy_(&mi, &ni, &one, at, &mi, b, &mi, jpvt, &rcond, &rank, work, &lwork, &info);
  if (info)
    COM_GOTO(done, COM_FAIL(c, COM_E_NUM, "least squares: LAPACK dgelsy stopped with info = %d", info));
  for (size_t j = 0; j < n; j++) x[j] = b[j];
done:
  free(jpvt);
  free(at);
  free(work);
  return status;
}

com_status com_linalg_solve(com_ctx *c, size_t n, double *a, double *b) {
  com_status status = COM_OK;
  REQUIRE_FINITE(c, "linear system", n * n, a);
  const int ni = (int)n, one = 1;
  int info = 0, *pivots = NULL;
  COM_ALLOC(c, pivots = malloc(n * sizeof *pivots));
  ready();
  dgetrf_(&ni, &ni, a, &ni, pivots, &info);
  if (info) COM_GOTO(done, COM_FAIL(c, COM_E_NUM, "linear system: the matrix of size %zu is singular", n));
  dgetrs_("T", &ni, &one, a, &ni, pivots, b, &ni, &info, 1);
done:
  free(pivots);
  return status;
}

com_status com_linalg_tridiag(com_ctx *c, size_t n, double *d, double *e, size_t k, double *w, double *z) {
  com_status status = COM_OK;
  COM_CHECK(c, k >= 1 && k <= n, COM_E_NUM, "tridiagonal: %zu eigenvalues of a matrix of size %zu", k, n);
  REQUIRE_FINITE(c, "tridiagonal", n, d);
  REQUIRE_FINITE(c, "tridiagonal", n - 1, e);
  const int ni = (int)n, first = 1, last = (int)k, lwork = 20 * ni, liwork = 10 * ni; /* dstevr's minimum */
  const double none = 0;
  int info = 0, found = 0, *iwork = NULL, *support = NULL;
  double *work = NULL, *all = NULL, *off = NULL;
  ready();
  work = malloc((size_t)lwork * sizeof *work);
  iwork = malloc((size_t)liwork * sizeof *iwork);
  support = malloc(2 * n * sizeof *support);
  all = malloc(n * sizeof *all); /* dstevr wants room for n even when fewer are asked */
  off = malloc(n * sizeof *off);
  if (!work || !iwork || !support || !all || !off) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
  for (size_t i = 0; i + 1 < n; i++) off[i] = e[i];
  dstevr_(z ? "V" : "N", "I", &ni, d, off, &none, &none, &first, &last, &none, &found, all, z, &ni, support,
          work, &lwork, iwork, &liwork, &info, 1, 1);
  if (info || found != last)
    COM_GOTO(done, COM_FAIL(c, COM_E_NUM, "tridiagonal: LAPACK dstevr found %d of %d, info = %d", found, last,
                            info));
  for (size_t i = 0; i < k; i++) w[i] = all[i];
done:
  free(off);
  free(all);
  free(support);
  free(iwork);
  free(work);
  return status;
}
