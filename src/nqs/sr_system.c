/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/sr_system.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "common/linalg.h"
#include "nqs/share.h"

enum {
  SMALL = 256,
  TILE = 128
}; /* up to SMALL parameters every group makes its own S; beyond, tiles of S are the tasks */

void nqs_sr_system_init(const nqs_ansatz *a, com_pool *pool, nqs_sr_system *y) {
  *y = (nqs_sr_system){.a = a, .pool = pool, .holo = a->scalar == NQS_HOLO, .np = a->n_params};
  y->elem = y->holo ? sizeof(double complex) : sizeof(double);
}

void nqs_sr_system_finish(nqs_sr_system *y) {
  free(y->eps);
  free(y->partial);
  free(y->mean);
  *y = (nqs_sr_system){0};
}

com_status nqs_sr_system_room(com_ctx *c, size_t want, size_t *cap, void *slot) {
  void **p = slot;
  if (want <= *cap) return COM_OK;
  free(*p);
  *cap = 0;
  COM_ALLOC(c, *p = malloc(want));
  *cap = want;
  return COM_OK;
}

static void *part(const nqs_sr_system *y, size_t g, size_t entries) {
  return (char *)y->partial + g * entries * y->elem;
}

/* out[k] = sum over groups, in order. */
static void reduce(const nqs_sr_system *y, size_t entries, double *out) {
  const size_t len = entries * y->elem / sizeof(double);
  memcpy(out, y->partial, len * sizeof *out);
  for (size_t g = 1; g < y->n_groups; g++) {
    const double *p = part(y, g, entries);
    for (size_t k = 0; k < len; k++) out[k] += p[k];
  }
}

/* ---- centring ---- */

static size_t row_len(const nqs_sr_system *y) {
  return y->a->row_bytes / sizeof(double);
} /* doubles of one sample */

static double weight(const nqs_samples *s, size_t k) {
  return k >= s->n   ? nqs_probe_share(s->probe + (k - s->n)) / (double)s->n_probe
         : s->weight ? s->weight[k]
                     : 1 / (double)s->n;
}

static com_status sum_rows(size_t g, size_t worker, void *user) {
  (void)worker;
  nqs_sr_system *y = user;
  const nqs_samples *s = y->samples;
  const size_t len = row_len(y);
  double *sum = y->mean + (g + 1) * len;
  const double *O = s->O;
  memset(sum, 0, len * sizeof *sum);
  for (size_t i = y->first[g]; i < y->first[g + 1]; i++) {
    const double w = weight(s, i);
    for (size_t k = 0; k < len; k++) sum[k] += w * O[i * len + k];
  }
  return COM_OK;
}

static com_status centre_rows(size_t g, size_t worker, void *user) {
  (void)worker;
  nqs_sr_system *y = user;
  const nqs_samples *s = y->samples;
  const size_t len = row_len(y);
  double *O = s->O;
  for (size_t i = y->first[g]; i < y->first[g + 1]; i++) {
    const double r = sqrt(weight(s, i) * (i >= s->n ? y->guard : 1));
    for (size_t k = 0; k < len; k++) O[i * len + k] = r * (O[i * len + k] - y->mean[k]);
  }
  return COM_OK;
}

static void set_eps(nqs_sr_system *y, size_t i, double complex x) {
  if (y->a->scalar == NQS_REAL) {
    ((double *)y->eps)[i] = creal(x);
  } else {
    ((double complex *)y->eps)[i] = x; /* NQS_SPLIT reads it as two real rows */
  }
}

static void load_energies(nqs_sr_system *y, const nqs_samples *s, int probes) {
  double complex mean = 0;
  for (size_t i = 0; i < s->n; i++) mean += weight(s, i) * s->eloc[i];
  y->energy = creal(mean), y->variance = 0;
  for (size_t i = 0; i < s->n; i++) {
    const double complex d = sqrt(weight(s, i)) * (s->eloc[i] - mean);
    y->variance += creal(d) * creal(d) + cimag(d) * cimag(d);
    set_eps(y, i, d);
  }
  for (size_t k = 0; k < s->n_probe && probes; k++)
    set_eps(y, s->n + k,
            sqrt(y->guard * weight(s, s->n + k)) * nqs_probe_excess(s->probe + k, y->energy, y->variance));
}

com_status nqs_sr_system_load(com_ctx *c, nqs_sr_system *y, nqs_samples *s) {
  const size_t len = row_len(y), rows = y->a->scalar == NQS_SPLIT ? 2 : 1;
  const int probes = s->n_probe > 0 && y->guard > 0;
  const size_t chains = s->n_blocks < NQS_SR_GROUPS ? s->n_blocks : NQS_SR_GROUPS,
               all = s->n + (probes ? s->n_probe : 0);
  y->samples = s;
  for (size_t g = 0; g <= chains; g++) y->first[g] = s->block[s->n_blocks * g / chains];
  y->first[chains + 1] = all;
  y->n_groups = chains + (size_t)probes;
  if (!y->mean) COM_ALLOC(c, y->mean = malloc((NQS_SR_GROUPS + 2) * len * sizeof *y->mean));
  COM_TRY(nqs_sr_system_room(c, all * sizeof(double complex), &y->cap_eps, &y->eps));
  memset(y->eps, 0, all * sizeof(double complex));
  COM_TRY(com_pool_run(y->pool, y->n_groups, sum_rows, y));
  memcpy(y->mean, y->mean + len, len * sizeof *y->mean);
  for (size_t g = 1; g < chains; g++)
    for (size_t k = 0; k < len; k++) y->mean[k] += y->mean[(g + 1) * len + k];
  int finite = 1;
  for (size_t k = 0; k < len; k++)
    finite &= isfinite(y->mean[k]) && (!probes || isfinite(y->mean[(chains + 1) * len + k]));
  load_energies(y, s, probes);
  COM_CHECK(c, finite && isfinite(y->variance), COM_E_NUM,
            "stochastic reconfiguration: a local energy or a derivative is not finite");
  COM_TRY(com_pool_run(y->pool, y->n_groups, centre_rows, y));
  for (size_t g = 0; g <= y->n_groups; g++) y->first[g] *= rows; /* from here on: rows of A */
  y->n = all * rows, y->A = s->O;
  return COM_OK;
}

/* ---- products ---- */

static const void *row(const nqs_sr_system *y, size_t i) { return (const char *)y->A + i * y->np * y->elem; }

static com_status group_matrix(size_t g, size_t worker, void *user) {
  (void)worker;
  nqs_sr_system *y = user;
  const size_t n = y->first[g + 1] - y->first[g];
  void *out = part(y, g, y->np * y->np);
  if (y->holo) {
    com_linalg_zherk(y->np, n, 1, row(y, y->first[g]), 0, out);
  } else {
    com_linalg_syrk(y->np, n, 1, row(y, y->first[g]), 0, out);
  }
  return COM_OK;
}

/* Rows k0..k1 of S up to the diagonal tile. */
static com_status tile_matrix(size_t t, size_t worker, void *user) {
  (void)worker;
  nqs_sr_system *y = user;
  const size_t np = y->np, k0 = t * TILE, k1 = k0 + TILE < np ? k0 + TILE : np;
  if (y->holo) {
    const double complex *a = y->A;
    double complex *s = y->out;
    com_linalg_zgemm(2, 0, k1 - k0, k1, y->n, 1, a + k0, np, a, np, 0, s + k0 * np, np);
  } else {
    const double *a = y->A;
    double *s = y->out;
    com_linalg_gemm(1, 0, k1 - k0, k1, y->n, 1, a + k0, np, a, np, 0, s + k0 * np, np);
  }
  return COM_OK;
}

static void mirror(const nqs_sr_system *y, size_t n, void *S) {
  for (size_t k = 0; k < n; k++)
    for (size_t l = 0; l < k; l++) {
      if (y->holo) {
        ((double complex *)S)[l * n + k] = conj(((double complex *)S)[k * n + l]);
      } else {
        ((double *)S)[l * n + k] = ((double *)S)[k * n + l];
      }
    }
}

/* All tiles of the lower triangle of a matrix of size n, divided by their areas, then the upper triangle. */
static com_status tiles(com_ctx *c, nqs_sr_system *y, size_t n, com_pool_fn fn) {
  const size_t n_tiles = (n + TILE - 1) / TILE;
  double *cost = malloc(n_tiles * sizeof *cost);
  size_t *offset = malloc((n_tiles + 1) * sizeof *offset);
  com_status status = cost && offset ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  for (size_t t = 0; t <= n_tiles && !status; t++) {
    if (t < n_tiles) cost[t] = (double)t + 0.5;
    offset[t] = (t < n_tiles ? t * TILE : n) * n * y->elem;
  }
  if (!status) status = nqs_share_run(c, y->pool, n_tiles, cost, fn, y);
  if (!status) status = com_comm_gather_cost(c, com_ctx_comm(c), n_tiles, cost, offset, y->out);
  if (!status) mirror(y, n, y->out);
  free(cost);
  free(offset);
  return status;
}

com_status nqs_sr_system_matrix(com_ctx *c, nqs_sr_system *y, void *S) {
  const size_t bytes = y->np * y->np * y->elem;
  y->out = S;
  if (y->np > SMALL) return tiles(c, y, y->np, tile_matrix);
  COM_TRY(nqs_sr_system_room(c, y->n_groups * bytes, &y->cap_partial, &y->partial));
  COM_TRY(nqs_share_all(c, y->pool, y->n_groups, group_matrix, y, bytes, y->partial));
  reduce(y, y->np * y->np, S);
  return COM_OK;
}

/* Rows i0..i1 of B B^H up to the diagonal tile. */
static com_status tile_gram(size_t t, size_t worker, void *user) {
  (void)worker;
  nqs_sr_system *y = user;
  const size_t np = y->np, n = y->n, i0 = t * TILE, i1 = i0 + TILE < n ? i0 + TILE : n;
  if (y->holo) {
    const double complex *b = y->in;
    double complex *g = y->out;
    com_linalg_zgemm(0, 2, i1 - i0, i1, np, 1, b + i0 * np, np, b, np, 0, g + i0 * n, n);
  } else {
    const double *b = y->in;
    double *g = y->out;
    com_linalg_gemm(0, 1, i1 - i0, i1, np, 1, b + i0 * np, np, b, np, 0, g + i0 * n, n);
  }
  return COM_OK;
}

com_status nqs_sr_system_gram(com_ctx *c, nqs_sr_system *y, const void *B, void *T) {
  y->in = B, y->out = T;
  return tiles(c, y, y->n, tile_gram);
}

static com_status group_adjoint(size_t g, size_t worker, void *user) {
  (void)worker;
  nqs_sr_system *y = user;
  const size_t i0 = y->first[g], n = y->first[g + 1] - i0;
  void *out = part(y, g, y->np);
  if (y->holo) {
    com_linalg_zgemm(2, 0, y->np, 1, n, 1, row(y, i0), y->np, (const double complex *)y->in + i0, 1, 0, out,
                     1);
  } else {
    com_linalg_gemm(1, 0, y->np, 1, n, 1, row(y, i0), y->np, (const double *)y->in + i0, 1, 0, out, 1);
  }
  return COM_OK;
}

com_status nqs_sr_system_adjoint(com_ctx *c, nqs_sr_system *y, const void *v, void *x) {
  y->in = v;
  COM_TRY(nqs_sr_system_room(c, y->n_groups * y->np * y->elem, &y->cap_partial, &y->partial));
  COM_TRY(com_pool_run(y->pool, y->n_groups, group_adjoint, y));
  reduce(y, y->np, x);
  return COM_OK;
}

static com_status group_apply(size_t g, size_t worker, void *user) {
  (void)worker;
  nqs_sr_system *y = user;
  const size_t i0 = y->first[g], n = y->first[g + 1] - i0;
  if (y->holo) {
    com_linalg_zgemm(0, 0, n, 1, y->np, 1, row(y, i0), y->np, y->in, 1, 0, (double complex *)y->out + i0, 1);
  } else {
    com_linalg_gemm(0, 0, n, 1, y->np, 1, row(y, i0), y->np, y->in, 1, 0, (double *)y->out + i0, 1);
  }
  return COM_OK;
}

com_status nqs_sr_system_apply(com_ctx *c, nqs_sr_system *y, const void *x, void *v) {
  (void)c;
  y->in = x, y->out = v;
  return com_pool_run(y->pool, y->n_groups, group_apply, y);
}

static com_status group_diagonal(size_t g, size_t worker, void *user) {
  (void)worker;
  nqs_sr_system *y = user;
  const size_t parts = y->holo ? 2 : 1;
  double *d = part(y, g, y->np);
  memset(d, 0, y->np * y->elem);
  for (size_t i = y->first[g]; i < y->first[g + 1]; i++) {
    const double *a = row(y, i);
    for (size_t k = 0; k < y->np * parts; k++) d[k] += a[k] * a[k];
  }
  return COM_OK;
}

com_status nqs_sr_system_diagonal(com_ctx *c, nqs_sr_system *y, double *d) {
  COM_TRY(nqs_sr_system_room(c, y->n_groups * y->np * y->elem, &y->cap_partial, &y->partial));
  COM_TRY(com_pool_run(y->pool, y->n_groups, group_diagonal, y));
  for (size_t k = 0; k < y->np; k++) {
    d[k] = 0;
    for (size_t g = 0; g < y->n_groups; g++) {
      const double *p = part(y, g, y->np);
      d[k] += y->holo ? p[2 * k] + p[2 * k + 1] : p[k];
    }
  }
  return COM_OK;
}
