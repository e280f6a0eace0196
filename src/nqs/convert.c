/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/convert.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "common/linalg.h"

static const double spin_of[2] = {-1, 1}; /* level -> s */

void nqs_convert_rbm_finish(nqs_convert_rbm *r) {
  free(r->a);
  free(r->b);
  free(r->W);
  *r = (nqs_convert_rbm){0};
}

void nqs_convert_mps_finish(nqs_convert_mps *m) {
  free(m->A);
  *m = (nqs_convert_mps){0};
}

static com_status make_mps(com_ctx *c, size_t n, size_t units, nqs_convert_mps *out) {
  size_t bond = 1;
  *out = (nqs_convert_mps){0};
  for (size_t j = 0; j < units && bond <= NQS_CONVERT_MAX_BOND; j++) bond *= 2;
  COM_CHECK(
      c, bond <= NQS_CONVERT_MAX_BOND, COM_E_CONFIG,
      "conversion to a matrix product state: bond 2^%zu, at most %d is supported; use a more local machine",
      units, (int)NQS_CONVERT_MAX_BOND);
  COM_ALLOC(c, out->A = calloc(n * 2 * bond * bond, sizeof *out->A));
  out->n = n, out->bond = bond;
  return COM_OK;
}

static double bit_spin(size_t u, size_t k) { return u >> k & 1 ? 1.0 : -1.0; }

/* A_i^s(u,u) = exp(s a_i + s sum_j W_ji u_j), and exp(sum_j b_j u_j) on site 0: the trace is the sum over u. */
com_status nqs_convert_to_diagonal(com_ctx *c, const nqs_convert_rbm *r, nqs_convert_mps *out) {
  COM_TRY(make_mps(c, r->n, r->m, out));
  const size_t d = out->bond;
  for (size_t i = 0; i < r->n; i++)
    for (size_t u = 0; u < d; u++) {
      double complex theta = r->a[i], bias = 0;
      for (size_t j = 0; j < r->m; j++) theta += r->W[j * r->n + i] * bit_spin(u, j);
      for (size_t j = 0; j < r->m && i == 0; j++) bias += r->b[j] * bit_spin(u, j);
      for (size_t v = 0; v < 2; v++) out->A[((i * 2 + v) * d + u) * d + u] = cexp(spin_of[v] * theta + bias);
    }
  return COM_OK;
}

/* ---- machines of finite range ---- */

typedef struct range {
  size_t first, last; /* sites with W != 0; a unit without any sits on site 0 */
} range;

static range range_of(const nqs_convert_rbm *r, size_t j) {
  range x = {r->n, 0};
  for (size_t i = 0; i < r->n; i++) {
    if (r->W[j * r->n + i] == 0) continue;
    if (x.first == r->n) x.first = i;
    x.last = i;
  }
  if (x.first == r->n) x = (range){0, 0};
  return x;
}

/* Position of unit j among those that cross the bond to the right of `site` (site = -1: none do), or m. */
static size_t slot(const range *x, size_t m, size_t j, size_t site, int left_of_all) {
  size_t k = 0;
  if (left_of_all || !(x[j].first <= site && site < x[j].last)) return m;
  for (size_t i = 0; i < j; i++) k += x[i].first <= site && site < x[i].last;
  return k;
}

static size_t crossing(const range *x, size_t m, size_t site) {
  size_t k = 0;
  for (size_t j = 0; j < m; j++) k += x[j].first <= site && site < x[j].last;
  return k;
}

/* Entry (left, right) of site i for spin s: 0 unless units on both bonds agree; the unit's value comes from whichever bond
 * carries it, and a unit that touches only this site is summed here. */
static double complex entry(const nqs_convert_rbm *r, const range *x, size_t i, double s, size_t left,
                            size_t right) {
  double complex log_value = s * r->a[i], local = 1;
  for (size_t j = 0; j < r->m; j++) {
    if (i < x[j].first || i > x[j].last) continue;
    const size_t l = slot(x, r->m, j, i - 1, i == 0), q = slot(x, r->m, j, i, 0);
    const double complex theta = s * r->W[j * r->n + i] + (i == x[j].first ? r->b[j] : 0);
    if (l == r->m && q == r->m) {
      local *= 2 * ccosh(theta);
      continue;
    }
    if (l < r->m && q < r->m && (left >> l & 1) != (right >> q & 1)) return 0;
    log_value += theta * (l < r->m ? bit_spin(left, l) : bit_spin(right, q));
  }
  return cexp(log_value) * local;
}

com_status nqs_convert_to_mps(com_ctx *c, const nqs_convert_rbm *r, nqs_convert_mps *out) {
  range *x;
  size_t widest = 0;
  COM_ALLOC(c, x = calloc(r->m + 1, sizeof *x));
  for (size_t j = 0; j < r->m; j++) x[j] = range_of(r, j);
  for (size_t i = 0; i + 1 < r->n; i++)
    if (crossing(x, r->m, i) > widest) widest = crossing(x, r->m, i);
  const com_status status = make_mps(c, r->n, widest, out);
  const size_t d = out->bond;
  for (size_t i = 0; i < r->n && !status; i++) {
    const size_t rows = i == 0 ? 1 : (size_t)1 << crossing(x, r->m, i - 1);
    const size_t cols = (size_t)1 << crossing(x, r->m, i); /* 1 on the last site */
    for (size_t v = 0; v < 2; v++)
      for (size_t left = 0; left < rows; left++)
        for (size_t right = 0; right < cols; right++)
          out->A[((i * 2 + v) * d + left) * d + right] = entry(r, x, i, spin_of[v], left, right);
  }
  free(x);
  return status;
}

/* ---- and back ---- */

/* Parts of one site: with f_v(u) = A^v(u,u), every ratio f_v(u with u_j = +1)/f_v(u with u_j = -1) must not depend on the
 * other bits and equals exp(2 (s W_j + b_j)).  A logarithm's branch only shifts W_j and b_j by multiples of i pi/2, which
 * a, fixed afterwards from f_1/f_0 at u = 0, and a constant factor absorb. */
static com_status read_site(com_ctx *c, const nqs_convert_mps *m, size_t i, double tol,
                            nqs_convert_rbm *out) {
  const size_t d = m->bond;
  const double complex *f0 = m->A + (i * 2) * d * d, *f1 = f0 + d * d;
  double complex at_zero = clog(f1[0] / f0[0]) / 2;
  for (size_t j = 0; j < out->m; j++) {
    const size_t bit = (size_t)1 << j;
    const double complex up = f1[bit * (d + 1)] / f1[0], down = f0[bit * (d + 1)] / f0[0];
    const double complex w = clog(up / down) / 4;
    out->W[j * m->n + i] = w;
    out->b[j] += clog(up) / 2 - w;
    at_zero += w; /* u = 0 has every hidden unit at -1 */
    for (size_t u = 0; u < d; u++) {
      if (u & bit) continue;
      const double complex up_here = f1[(u | bit) * (d + 1)] / f1[u * (d + 1)];
      const double complex down_here = f0[(u | bit) * (d + 1)] / f0[u * (d + 1)];
      COM_CHECK(
          c, cabs(up_here - up) <= tol * cabs(up) && cabs(down_here - down) <= tol * cabs(down), COM_E_DATA,
          "conversion to a Boltzmann machine: site %zu, bit %zu: the matrices do not factorise over the bond "
          "index; only such states have an exact machine of this size",
          i, j);
    }
  }
  out->a[i] = at_zero;
  return COM_OK;
}

static com_status check_diagonal(com_ctx *c, const nqs_convert_mps *m) {
  const size_t d = m->bond;
  COM_CHECK(c, d > 0 && (d & (d - 1)) == 0, COM_E_DATA,
            "conversion to a Boltzmann machine: bond %zu is not a power of two", d);
  for (size_t k = 0; k < 2 * m->n; k++)
    for (size_t e = 0; e < d * d; e++) {
      const int diagonal = e % (d + 1) == 0;
      COM_CHECK(c, diagonal == (m->A[k * d * d + e] != 0), COM_E_DATA,
                "conversion to a Boltzmann machine: site %zu: needs diagonal matrices without zeros", k / 2);
    }
  return COM_OK;
}

com_status nqs_convert_to_rbm(com_ctx *c, const nqs_convert_mps *m, double rel_tol, nqs_convert_rbm *out) {
  *out = (nqs_convert_rbm){.n = m->n};
  COM_TRY(check_diagonal(c, m));
  while (((size_t)1 << out->m) < m->bond) out->m++;
  com_status status = COM_OK;
  out->a = calloc(m->n, sizeof *out->a);
  out->b = calloc(out->m + 1, sizeof *out->b);
  out->W = calloc(out->m * m->n + 1, sizeof *out->W);
  if (!out->a || !out->b || !out->W) status = COM_FAIL(c, COM_E_MEM, "out of memory");
  for (size_t i = 0; i < m->n && !status; i++) status = read_site(c, m, i, rel_tol, out);
  if (status) nqs_convert_rbm_finish(out);
  return status;
}

/* ---- entanglement ---- */

/* X = R + iI has the singular values of [[R, -I], [I, R]], there each twice. */
com_status nqs_convert_schmidt(com_ctx *c, size_t rows, size_t cols, const double complex *psi, double *s) {
  const size_t k = rows < cols ? rows : cols;
  double *x = malloc(4 * rows * cols * sizeof *x), *twice = malloc(2 * k * sizeof *twice);
  com_status status = x && twice ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  for (size_t i = 0; i < rows && !status; i++)
    for (size_t j = 0; j < cols; j++) {
      const double complex z = psi[i * cols + j];
      x[i * 2 * cols + j] = x[(rows + i) * 2 * cols + cols + j] = creal(z);
      x[i * 2 * cols + cols + j] = -cimag(z);
      x[(rows + i) * 2 * cols + j] = cimag(z);
    }
  if (!status) status = com_linalg_svd(c, 2 * rows, 2 * cols, x, twice, NULL, NULL);
  for (size_t i = 0; i < k && !status; i++) s[i] = twice[2 * i];
  free(x);
  free(twice);
  return status;
}

void nqs_convert_transfer(size_t levels, size_t bond, const double complex *A, double complex *E) {
  const size_t d = bond;
  memset(E, 0, d * d * d * d * sizeof *E);
  for (size_t v = 0; v < levels; v++, A += d * d)
    for (size_t a = 0; a < d; a++)
      for (size_t ac = 0; ac < d; ac++)
        for (size_t b = 0; b < d; b++)
          for (size_t bc = 0; bc < d; bc++)
            E[(a * d + ac) * d * d + b * d + bc] += A[a * d + b] * conj(A[ac * d + bc]);
}
