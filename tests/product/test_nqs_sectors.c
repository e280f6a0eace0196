/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Excited states as ground states of symmetry sectors, against free fermions and against diagonalisation within the sector;
 * sampled energies of such states against sums. */
#include "../nqs.h"
#include "common/linalg.h"
#include "nqs/exact.h"

/* Critical TFI ring, odd under the spin flip, momentum 2 pi m/N: one fermion above the odd vacuum,
 * E = -2 cot(pi/2N) + 4 sin(pi m/N) (Pfeuty, Ann. Phys. 57, 79 (1970)). */
START_TEST(excitations_of_the_critical_ring) {
  enum { N = 8 };
  for (int m = 0; m <= 2; m++) {
    com_ctx *c = test_ctx();
    nqs_driver *d = NULL;
    cJSON *j = NULL;
    char text[400];
    const int len = snprintf(
        text, sizeof text,
        "{\"lattice\":{\"type\":\"chain\",\"n\":%d},\"hamiltonian\":{\"type\":\"tfim\"},"
        "\"ansatz\":{\"type\":\"projected\",\"ansatz\":{\"type\":\"rbm\"},\"spin_flip\":-1,\"kx\":%d},"
        "\"sampler\":{\"type\":\"sum\"},\"iterations\":120}",
        (int)N, m);
    TEST_OK(c, com_json_parse(c, "test", text, (size_t)len, &j));
    TEST_OK(c, nqs_driver_create(c, "test", j, &d));
    com_json_free(j);
    while (!nqs_driver_stop(d)) TEST_OK(c, nqs_driver_iterate(d));
    TEST_OK(c, nqs_driver_measure(d));
    const double want = -2 / tan(M_PI / (2 * N)) + 4 * sin(M_PI * m / N), got = nqs_driver_measured(d)->mean;
    ck_assert_msg(got > want - 1e-9 && got - want < 1e-3, "momentum %d: %.6f, exact %.6f", m, got, want);
    nqs_driver_destroy(d);
    com_ctx_destroy(c);
  }
}
END_TEST

/* ---- any sector, by a projector made of configurations alone ---- */

typedef struct sector {
  const char *lattice, *hamiltonian;
  int lx, ly, steps_y; /* translations along y; 1: open across */
  int kx, ky, flip;    /* flip 0: both parities */
  double exact;        /* the lowest energy of the sector where it is published, or 0 */
} sector;

enum { MAX_SITES = 16 };

/* P[s][g s] = conj(chi_g)/|G| over translations by (a, b), site (x, y) = x + lx y, and the spin flip: P psi = psi is
 * psi(g s) = chi_g psi(s), chi_g = e^{2 pi i (kx a/lx + ky b/ly)} times the parity. */
static void fill_projector(const sector *k, const nqs_hilbert *h, double complex *P) {
  const size_t dim = (size_t)h->dim, n = h->n;
  const int flips = k->flip ? 2 : 1, images = flips * k->lx * k->steps_y;
  int8_t s[MAX_SITES], moved[MAX_SITES];
  memset(P, 0, dim * dim * sizeof *P);
  for (size_t i = 0; i < dim; i++) {
    nqs_hilbert_unrank(h, i, s);
    for (int image = 0; image < images; image++) {
      const int f = image % flips, a = image / flips % k->lx, b = image / flips / k->lx;
      for (int site = 0; site < (int)n; site++) {
        const int x = (site % k->lx + a) % k->lx, y = (site / k->lx + b) % k->ly;
        moved[x + k->lx * y] = (int8_t)(f ? -s[site] : s[site]);
      }
      const double angle = 2 * M_PI * (k->kx * (double)a / k->lx + k->ky * (double)b / k->ly);
      P[i * dim + nqs_hilbert_rank(h, moved)] += (f ? k->flip : 1) * cexp(-I * angle) / images;
    }
  }
}

/* The two lowest energies within the sector: those of P H P + far (1 - P). */
static void lowest_two(com_ctx *c, const sector *k, double e[2]) {
  static const double far = 1e3;
  nqs_model m = nqs_model_make(c, k->lattice, k->hamiltonian);
  const size_t dim = (size_t)m.h->space->dim;
  double complex *H = NULL, *P = malloc(dim * dim * sizeof *P), *HP = malloc(dim * dim * sizeof *HP);
  double *w = malloc(dim * sizeof *w);
  TEST_OK(c, nqs_exact_dense(c, m.h, &H));
  fill_projector(k, m.h->space, P);
  com_linalg_zgemm(0, 0, dim, dim, dim, 1, H, dim, P, dim, 0, HP, dim);
  for (size_t i = 0; i < dim; i++)
    for (size_t j = 0; j < dim; j++) /* P commutes with H exactly when H P is Hermitian */
      ck_assert_msg(cabs(HP[i * dim + j] - conj(HP[j * dim + i])) < 1e-12, "H has not this symmetry");
  for (size_t i = 0; i < dim * dim; i++) HP[i] += far * ((i % (dim + 1) == 0) - P[i]);
  TEST_OK(c, com_linalg_zeigh(c, dim, HP, w));
  e[0] = w[0], e[1] = w[1];
  ck_assert(e[1] < far / 2);
  free(H);
  free(P);
  free(HP);
  free(w);
  nqs_model_finish(&m);
}

static void config_of(const sector *k, const char *rest, char text[600]) {
  snprintf(
      text, 600,
      "{\"lattice\":%s,\"hamiltonian\":%s,\"ansatz\":{\"type\":\"projected\",\"ansatz\":{\"type\":\"rbm\"},"
      "\"kx\":%d,\"ky\":%d,\"spin_flip\":%d%s}",
      k->lattice, k->hamiltonian, k->kx, k->ky, k->flip, rest);
}

#define RING(n) "{\"type\":\"chain\",\"n\":" #n "}"
#define TFI "{\"type\":\"tfim\",\"h\":0.7}"
#define AFH "{\"type\":\"heisenberg\"}"
#define GRID(type) "{\"type\":\"" type "\",\"lx\":4,\"ly\":2}"

/* The Marshall rotation multiplies a translation of the ring of 10 sites by -1: kx = 0 below is momentum pi (the ground
 * state, E/N = -0.4515446354 in units of S.S). */
static const sector sectors[] = {
    {RING(8), TFI, 8, 1, 1, 0, 0, 1, 0},
    {RING(8), TFI, 8, 1, 1, 1, 0, 1, 0},
    {RING(8), TFI, 8, 1, 1, 4, 0, 1, 0},
    {RING(8), TFI, 8, 1, 1, 0, 0, -1, 0},
    {RING(8), TFI, 8, 1, 1, 1, 0, -1, 0},
    {RING(8), TFI, 8, 1, 1, 4, 0, -1, 0},
    {RING(10), AFH, 10, 1, 1, 0, 0, 1, -18.061785416},
    {RING(8), AFH, 8, 1, 1, 1, 0, 1, 0},
    {RING(8), AFH, 8, 1, 1, 4, 0, 1, 0},
    {RING(8), AFH, 8, 1, 1, 0, 0, -1, 0},
    {RING(8), AFH, 8, 1, 1, 1, 0, -1, 0},
    {RING(8), AFH, 8, 1, 1, 4, 0, -1, 0},
    {GRID("ladder"), TFI, 4, 2, 1, 0, 0, 1, 0},
    {GRID("ladder"), TFI, 4, 2, 1, 1, 0, -1, 0},
    {GRID("ladder"), AFH, 4, 2, 1, 1, 0, 0, 0},
    {GRID("ladder"), AFH, 4, 2, 1, 2, 0, 0, 0},
    {GRID("square"), TFI, 4, 2, 2, 1, 1, -1, 0},
    {GRID("square"), AFH, 4, 2, 2, 2, 0, 0, 0},
    {GRID("square"), AFH, 4, 2, 2, 1, 1, 0, 0},
};

/* A start with sigma 0.1: with 0.01 the complex weights hardly tell the images of a configuration apart, and some sectors take
 * hundreds of iterations. */
START_TEST(lowest_energies_of_sectors) {
  for (size_t i = 0; i < sizeof sectors / sizeof *sectors; i++) {
    const sector *k = sectors + i;
    char text[600];
    double e[2];
    config_of(
        k, ",\"sigma\":0.1},\"sampler\":{\"type\":\"sum\",\"symmetry\":\"translation\"},\"iterations\":100",
        text);
    nqs_run r = nqs_run_make(text, 1, 1);
    lowest_two(r.c, k, e);
    if (k->exact != 0) ck_assert(fabs(e[0] - k->exact) < 1e-8);
    while (!nqs_driver_stop(r.d)) TEST_OK(r.c, nqs_driver_iterate(r.d));
    TEST_OK(r.c, nqs_driver_measure(r.d));
    const double got = nqs_driver_measured(r.d)->mean;
    ck_assert_msg(got > e[0] - 1e-9 && got < e[0] + 1e-4, "sector %zu: %.7f, exact %.7f, next %.7f", i, got,
                  e[0], e[1]);
    nqs_run_finish(&r);
  }
}
END_TEST

/* Chains walk with the caches of every image; the sum takes amplitudes from scratch.  Same seed, same parameters. */
START_TEST(sampled_energies_of_sectors) {
  static const int picks[] = {4, 10, 13, 18};
  for (size_t i = 0; i < sizeof picks / sizeof *picks; i++) {
    const sector *k = sectors + picks[i];
    char text[600];
    nqs_estimate e[2];
    for (int sum = 0; sum < 2; sum++) {
      config_of(k,
                sum ? ",\"sigma\":0.2},\"sampler\":{\"type\":\"sum\"},\"iterations\":0"
                    : ",\"sigma\":0.2},\"measure\":{\"sweeps\":4000},\"iterations\":0",
                text);
      nqs_run r = nqs_run_make(text, 3, 1);
      TEST_OK(r.c, nqs_driver_measure(r.d));
      e[sum] = *nqs_driver_measured(r.d);
      nqs_run_finish(&r);
    }
    const double z = (e[0].mean - e[1].mean) / e[0].error;
    ck_assert_msg(fabs(z) < 4 && e[0].error < 0.1 * sqrt(e[1].variance), "sector %d: %.4f +- %.4f, sum %.4f",
                  picks[i], e[0].mean, e[0].error, e[1].mean);
  }
}
END_TEST

TEST_MAIN("nqs_sectors", excitations_of_the_critical_ring, lowest_energies_of_sectors,
          sampled_energies_of_sectors)
