/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/renyi.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "common/linalg.h"

enum { CHUNK = 64, MAX_SIDE = 2048 }; /* pairs per pool task; smaller dimension of an exact entropy */

/* Number of a configuration among those of the sites with part == inside. */
static size_t part_index(const nqs_hilbert *h, const unsigned char *part, int inside, const int8_t *s) {
  size_t index = 0;
  for (size_t i = 0; i < h->n; i++)
    if (part[i] == inside) index = index * (size_t)h->d + (size_t)((s[i] - h->lo) / h->step);
  return index;
}

/* psi as a matrix M[A][B] on the smaller of the two sides first: tr rho_A^2 = |M M^H|^2 (Frobenius). */
static com_status renyi_vector(com_ctx *c, const nqs_hilbert *h, const nqs_source *x,
                               const unsigned char *part, const double complex *psi, double *s2) {
  double side[2] = {1, 1};
  for (size_t i = 0; i < h->n; i++) side[part[i]] *= h->d;
  const int rows_inside = side[1] <= side[0];
  COM_CHECK(c, fmin(side[0], side[1]) <= MAX_SIDE && side[0] * side[1] < 1e8, COM_E_CONFIG,
            "measure.observables: renyi2 of %zu sites is too large for full summation; use a sampler", h->n);
  const size_t m = (size_t)side[rows_inside], n = (size_t)side[!rows_inside];
  double complex *M = calloc(m * n, sizeof *M), *G = calloc(m * m, sizeof *G);
  const com_status status = M && G ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
  double purity = 0, norm = 0;
  for (size_t k = 0; k < x->n_time && !status; k++) {
    const int8_t *s = x->s + k * h->n;
    M[part_index(h, part, rows_inside, s) * n + part_index(h, part, !rows_inside, s)] = psi[k];
  }
  if (!status) com_linalg_zgemm(0, 2, m, m, n, 1, M, n, M, n, 0, G, m);
  for (size_t k = 0; k < m && !status; k++) norm += creal(G[k * m + k]);
  for (size_t k = 0; k < m * m && !status; k++)
    purity += creal(G[k]) * creal(G[k]) + cimag(G[k]) * cimag(G[k]);
  *s2 = -log(purity / (norm * norm));
  free(M);
  free(G);
  return status;
}

typedef struct swap_job {
  const nqs_source *x;
  const unsigned char *part;
  const nqs_hilbert *space;
  size_t n_pairs, n_time;   /* replicas are chains 2p and 2p+1; of a single chain its two halves */
  double complex *value;    /* [n_pairs][n_time] */
  void **work;              /* per worker */
  int8_t **s;               /* [4 CHUNK][sites] */
  double complex **log_psi; /* [4 CHUNK] */
} swap_job;

static size_t total_fits(const nqs_hilbert *h, const int8_t *s) {
  long sum = 0;
  for (size_t i = 0; i < h->n; i++) sum += s[i];
  return !h->fixed || sum == h->total;
}

/* Swap estimator (Hastings et al., arXiv:1001.2335): tr rho_A^2 = < psi(a' b) psi(a b') / (psi(a b) psi(a' b')) >. */
static com_status swap_task(size_t task, size_t worker, void *user) {
  const swap_job *j = user;
  const size_t n = j->n_pairs * j->n_time, first = task * CHUNK, sites = j->x->n_sites;
  const size_t m = n - first < CHUNK ? n - first : CHUNK;
  int8_t *s = j->s[worker];
  double complex *lp = j->log_psi[worker];
  for (size_t k = 0; k < m; k++) {
    const size_t pair = (first + k) / j->n_time, t = (first + k) % j->n_time;
    const size_t one = j->x->n_chains == 1 ? t : 2 * pair * j->n_time + t;
    const int8_t *a = j->x->s + one * sites, *b = a + j->n_time * sites;
    int8_t *to = s + 4 * k * sites;
    memcpy(to, a, sites);
    memcpy(to + sites, b, sites);
    for (size_t i = 0; i < sites; i++) {
      const int inside = j->part[i];
      to[2 * sites + i] = inside ? b[i] : a[i];
      to[3 * sites + i] = inside ? a[i] : b[i];
    }
  }
  j->x->a->ops->log_psi_of(j->x->a->self, 4 * m, s, j->work[worker], lp);
  for (size_t k = 0; k < m; k++) {
    const double complex *l = lp + 4 * k;
    const size_t fits = total_fits(j->space, s + (4 * k + 2) * sites); /* else psi = 0: outside the sector */
    j->value[first + k] = fits ? cexp(l[2] + l[3] - l[0] - l[1]) : 0;
  }
  return COM_OK;
}

static com_status run_swap(com_ctx *c, swap_job *j) {
  const size_t workers = com_pool_threads(j->x->pool), n = j->n_pairs * j->n_time;
  const nqs_ansatz_ops *ops = j->x->a->ops;
  const size_t bytes = ops->work_size ? ops->work_size(j->x->a->self, 4 * CHUNK) : 0;
  COM_CHECK(c, n > 0, COM_E_CONFIG, "measure.observables: renyi2 needs at least two samples");
  COM_ALLOC(c, j->value = malloc(n * sizeof *j->value));
  COM_ALLOC(c, j->work = calloc(workers, sizeof *j->work));
  COM_ALLOC(c, j->s = calloc(workers, sizeof *j->s));
  COM_ALLOC(c, j->log_psi = calloc(workers, sizeof *j->log_psi));
  for (size_t k = 0; k < workers; k++) {
    COM_ALLOC(c, j->work[k] = malloc(bytes + 1));
    COM_ALLOC(c, j->s[k] = malloc(4 * CHUNK * j->x->n_sites));
    COM_ALLOC(c, j->log_psi[k] = malloc(4 * CHUNK * sizeof **j->log_psi));
  }
  return com_pool_run(j->x->pool, (n + CHUNK - 1) / CHUNK, swap_task, j);
}

static com_status renyi_swap(com_ctx *c, const nqs_hilbert *h, const nqs_source *x, const unsigned char *part,
                             nqs_estimate *e) {
  const int single = x->n_chains == 1;
  swap_job j = {.x = x,
                .part = part,
                .space = h,
                .n_pairs = single ? 1 : x->n_chains / 2,
                .n_time = single ? x->n_time / 2 : x->n_time};
  const com_status status = run_swap(c, &j);
  if (!status) {
    nqs_estimate_series(j.n_pairs, j.n_time, j.value, NULL, e);
    e->error /= fabs(e->mean); /* of the logarithm */
    e->mean = -log(e->mean);
  }
  for (size_t k = 0; k < com_pool_threads(x->pool); k++) {
    if (j.work) free(j.work[k]);
    if (j.s) free(j.s[k]);
    if (j.log_psi) free(j.log_psi[k]);
  }
  free(j.work);
  free(j.s);
  free(j.log_psi);
  free(j.value);
  return status;
}

com_status nqs_renyi_measure(com_ctx *c, const nqs_hilbert *h, const unsigned char *part, const nqs_source *x,
                             nqs_estimate *e) {
  *e = (nqs_estimate){.tau = NAN, .rhat = NAN};
  if (x->psi) {
    COM_TRY(renyi_vector(c, h, x, part, x->psi, &e->mean));
  } else if (!x->weight) {
    COM_TRY(renyi_swap(c, h, x, part, e));
  } else { /* full summation: the vector itself, scaled by its largest entry */
    const size_t n = x->n_time, bytes = x->a->ops->work_size ? x->a->ops->work_size(x->a->self, n) : 0;
    double complex *psi = malloc(n * sizeof *psi);
    void *work = malloc(bytes + 1);
    com_status status = psi && work ? COM_OK : COM_FAIL(c, COM_E_MEM, "out of memory");
    double top = -INFINITY;
    if (!status) x->a->ops->log_psi_of(x->a->self, n, x->s, work, psi);
    for (size_t k = 0; k < n && !status; k++) top = fmax(top, creal(psi[k]));
    for (size_t k = 0; k < n && !status; k++) psi[k] = cexp(psi[k] - top);
    if (!status) status = renyi_vector(c, h, x, part, psi, &e->mean);
    free(psi);
    free(work);
    COM_TRY(status);
  }
  return COM_OK;
}
