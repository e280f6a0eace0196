/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models as a user describes them, solved by Monte Carlo, by full summation and by `nqs exact`, against matrices that are
 * built and diagonalised here (GSL) from the formulas of the models alone, and against free fermions. */
#include <gsl/gsl_complex_math.h>
#include <gsl/gsl_eigen.h>
#include <gsl/gsl_sort_vector.h>
#include "../nqs.h"

enum { MAX_SITES = 8 };

/* A model written down once more: H[r][k] between configurations, which number(config) orders. */
typedef struct matrix {
  size_t n;
  double *re, *im;
} matrix;

static matrix matrix_make(size_t n) {
  const matrix m = {n, calloc(n * n, sizeof(double)), calloc(n * n, sizeof(double))};
  ck_assert(m.re && m.im);
  return m;
}

/* Ascending eigenvalues. */
static double *levels_of(matrix *m) {
  gsl_matrix_complex *a = gsl_matrix_complex_alloc(m->n, m->n);
  gsl_vector *w = gsl_vector_alloc(m->n);
  gsl_eigen_herm_workspace *work = gsl_eigen_herm_alloc(m->n);
  double *out = malloc(m->n * sizeof *out);
  for (size_t r = 0; r < m->n; r++)
    for (size_t k = 0; k < m->n; k++)
      gsl_matrix_complex_set(a, r, k, gsl_complex_rect(m->re[r * m->n + k], m->im[r * m->n + k]));
  ck_assert_int_eq(gsl_eigen_herm(a, w, work), 0);
  gsl_sort_vector(w);
  for (size_t k = 0; k < m->n; k++) out[k] = gsl_vector_get(w, k);
  gsl_eigen_herm_free(work);
  gsl_vector_free(w);
  gsl_matrix_complex_free(a);
  free(m->re);
  free(m->im);
  return out;
}

/* ---- spins: bit i of a number is site i, 1 = up ---- */

typedef struct term {
  double c;
  const char *letters;
  int site[3];
} term;

/* All 2^n states, or those with `up` spins up. */
static matrix spins(int n, int up, size_t n_terms, const term *t) {
  int code[1 << MAX_SITES], at[1 << MAX_SITES];
  size_t dim = 0;
  for (int s = 0; s < 1 << n; s++) {
    at[s] = (int)dim;
    if (up < 0 || __builtin_popcount((unsigned)s) == up) code[dim++] = s;
  }
  matrix m = matrix_make(dim);
  for (size_t k = 0; k < dim; k++)
    for (size_t q = 0; q < n_terms; q++) {
      int s = code[k];
      double complex v = t[q].c;
      for (size_t l = strlen(t[q].letters); l-- > 0;) {
        const int bit = 1 << t[q].site[l], is_up = (s & bit) != 0;
        if (t[q].letters[l] == 'Z') v *= is_up ? 1 : -1;
        if (t[q].letters[l] == 'Y') v *= is_up ? I : -I; /* Y|up> = i|down>, Y|down> = -i|up> */
        if (t[q].letters[l] != 'Z') s ^= bit;
      }
      if (up >= 0 && __builtin_popcount((unsigned)s) != up) continue; /* cancels against another term */
      m.re[(size_t)at[s] * dim + k] += creal(v), m.im[(size_t)at[s] * dim + k] += cimag(v);
    }
  return m;
}

static size_t bond(term *t, size_t n, int i, int j, double xy, double z) {
  t[n++] = (term){xy, "XX", {i, j, 0}};
  t[n++] = (term){xy, "YY", {i, j, 0}};
  t[n++] = (term){z, "ZZ", {i, j, 0}};
  return n;
}

/* Two legs of four rungs, periodic along the legs: sites x + 4 y. */
static double *ladder(void) {
  term t[64];
  size_t n = 0;
  for (int x = 0; x < 4; x++) {
    n = bond(t, n, x, (x + 1) % 4, 1, 1);
    n = bond(t, n, x + 4, (x + 1) % 4 + 4, 1, 1);
    n = bond(t, n, x, x + 4, 1, 1);
  }
  matrix m = spins(8, 4, n, t);
  return levels_of(&m);
}

static double *xxz(void) {
  term t[32];
  size_t n = 0;
  for (int x = 0; x < 8; x++) n = bond(t, n, x, (x + 1) % 8, 1, 0.6);
  matrix m = spins(8, 4, n, t);
  return levels_of(&m);
}

static const term cluster_terms[] = {
    {-0.9, "ZXZ", {0, 1, 2}}, {-0.7, "ZXZ", {1, 2, 3}}, {-1.1, "ZXZ", {2, 3, 4}},
    {-0.8, "ZXZ", {3, 4, 5}}, {0.31, "XYY", {0, 2, 4}}, {-0.4, "X", {0, 0, 0}},
    {-0.6, "X", {5, 0, 0}},   {0.2385, "Y", {3, 0, 0}}, {-0.45, "ZZ", {0, 5, 0}}};
static double *cluster(void) {
  matrix m = spins(6, -1, sizeof cluster_terms / sizeof *cluster_terms, cluster_terms);
  return levels_of(&m);
}

/* ---- bosons on a ring, counted in a base of N + 1 ---- */

static double *bosons(void) {
  enum { SITES = 5, N = 4, BASE = N + 1, ALL = BASE * BASE * BASE * BASE * BASE };
  const double hop = 0.7, U = 2.3, mu = 0.3;
  static int at[ALL], code[ALL];
  size_t dim = 0;
  for (int s = 0; s < ALL; s++) {
    int sum = 0;
    for (int rest = s; rest; rest /= BASE) sum += rest % BASE;
    at[s] = (int)dim;
    if (sum == N) code[dim++] = s;
  }
  matrix m = matrix_make(dim);
  for (size_t k = 0; k < dim; k++) {
    int n[SITES], unit[SITES];
    for (int i = 0, u = 1, rest = code[k]; i < SITES; i++, u *= BASE, rest /= BASE)
      n[i] = rest % BASE, unit[i] = u;
    for (int i = 0; i < SITES; i++) {
      m.re[k * dim + k] += U / 2 * n[i] * (n[i] - 1) - mu * n[i];
      for (int side = 1; side < SITES; side += SITES - 2) { /* from i to i + 1 and i - 1 */
        const int j = (i + side) % SITES;
        if (n[i] == 0) continue;
        m.re[(size_t)at[code[k] - unit[i] + unit[j]] * dim + k] -= hop * sqrt(n[i] * (n[j] + 1.0));
      }
    }
  }
  return levels_of(&m);
}

#define RING(n) "\"lattice\":{\"type\":\"chain\",\"n\":" #n "}"
static const struct {
  const char *name, *model;
  double *(*levels)(void);
  const char *ansatz;
  double room; /* relative error that this ansatz must stay below */
} models[] = {
    {"ladder",
     "\"lattice\":{\"type\":\"ladder\",\"lx\":4,\"ly\":2},\"hamiltonian\":{\"type\":\"heisenberg\"}", ladder,
     "{\"type\":\"rbm\",\"alpha\":2}", 1e-3},
    {"three-body cluster",
     RING(6) ",\"hamiltonian\":{\"type\":\"pauli\",\"terms\":[[-0.9,\"ZXZ\",[0,1,2]],[-0.7,\"ZXZ\",[1,2,3]],"
             "[-1.1,\"ZXZ\",[2,3,4]],[-0.8,\"ZXZ\",[3,4,5]],[0.31,\"XYY\",[0,2,4]],[-0.4,\"X\",[0]],"
             "[-0.6,\"X\",[5]],[0.2385,\"Y\",[3]],[-0.45,\"ZZ\",[0,5]]]}",
     cluster, "{\"type\":\"rbm\",\"alpha\":3,\"sigma\":0.1}", 2e-3},
    {"xxz", RING(8) ",\"hamiltonian\":{\"type\":\"xxz\",\"delta\":0.6}", xxz,
     "{\"type\":\"rbm\",\"alpha\":2}", 1e-3},
    {"bosons",
     RING(5) ",\"hamiltonian\":{\"type\":\"bose_hubbard\",\"t\":0.7,\"U\":2.3,\"mu\":0.3,\"particles\":4}",
     bosons, "{\"type\":\"rbm\",\"alpha\":2}", 2e-3}};
enum { MODELS = sizeof models / sizeof *models };

static nqs_run make(size_t k, const char *more) {
  char text[1400];
  snprintf(text, sizeof text, "{%s,\"ansatz\":%s%s}", models[k].model, models[k].ansatz, more);
  return nqs_run_make(text, 7, 1);
}

/* All levels of the program's own diagonalisation. */
START_TEST(spectra) {
  for (size_t k = 0; k < MODELS; k++) {
    nqs_run r = make(k, "");
    double *want = models[k].levels(), *got = NULL;
    TEST_OK(r.c, nqs_exact_spectrum(r.c, nqs_driver_hamiltonian(r.d), &got, NULL));
    for (size_t i = 0; i < (size_t)nqs_driver_hamiltonian(r.d)->space->dim; i++)
      ck_assert_msg(fabs(got[i] - want[i]) < 1e-11, "%s: level %zu: %.13g, want %.13g", models[k].name, i,
                    got[i], want[i]);
    free(got);
    free(want);
    nqs_run_finish(&r);
  }
}
END_TEST

/* Variational energies: not below the exact one, and close to it; sampled ones within their error of that bound. */
static void check_ground(size_t k, const char *ansatz, const char *more, double exact, double room) {
  char text[1400];
  snprintf(text, sizeof text, "{%s,\"ansatz\":%s%s}", models[k].model, ansatz, more);
  nqs_run r = nqs_run_make(text, 7, 1);
  while (!nqs_driver_stop(r.d)) TEST_OK(r.c, nqs_driver_iterate(r.d));
  TEST_OK(r.c, nqs_driver_measure(r.d));
  const nqs_estimate *e = nqs_driver_measured(r.d);
  const double noise = e->error > 0 ? 4 * e->error : 1e-10, above = e->mean - exact;
  ck_assert_msg(above > -noise && above < room * fabs(exact) + noise, "%s, %s%s: %.8g +- %.1g, exact %.8g",
                models[k].name, ansatz, more, e->mean, e->error, exact);
  nqs_run_finish(&r);
}

#define SUMMED                                                                                               \
  ",\"sampler\":{\"type\":\"sum\"},\"iterations\":400,\"optimizer\":{\"type\":\"sr\",\"rate\":0.1}"
#define SAMPLED                                                                                              \
  ",\"sampler\":{\"type\":\"metropolis\",\"sweeps\":300},\"iterations\":250,\"optimizer\":{\"type\":\"sr\"," \
  "\"rate\":0.1},\"measure\":{\"sweeps\":10000}"
START_TEST(ground_states) {
  for (size_t k = 0; k < MODELS; k++) {
    double *want = models[k].levels();
    check_ground(k, models[k].ansatz, SUMMED, want[0], models[k].room);
    check_ground(k, models[k].ansatz, SAMPLED, want[0], 3e-3);
    free(want);
  }
}
END_TEST

/* Directions that psi does not feel to first order must not become long steps: with the point group the bias moved by a
 * thousand at once and psi stayed constant; the network saturated and lost the state it had (both 13 to 79 % off). */
START_TEST(steps_stay_short) {
  double *want = ladder();
  check_ground(0, "{\"type\":\"rbm\",\"alpha\":2,\"symmetry\":\"space\"}", SUMMED, want[0], 1e-9);
  check_ground(0, "{\"type\":\"ffn\"}", SUMMED, want[0], 1e-9);
  free(want);
}
END_TEST

/* ---- the TFI ring as free fermions ---- */

static int by_size(const void *x, const void *y) {
  const double a = *(const double *)x, b = *(const double *)y;
  return (a > b) - (a < b);
}

/* Both parities (Pfeuty, Ann. Phys. 57, 79 (1970)): E = sum_k e_k (n_k - 1/2), e_k = 2 sqrt(1 + h^2 - 2 h cos k); parity even:
 * k = pi (2m+1)/N and an even number of fermions; odd: k = 2 pi m/N, an odd number, and e_0 = 2 (h - 1) with its sign. */
static void fermion_levels(int n, double h, double *out) {
  size_t count = 0;
  for (int odd = 0; odd < 2; odd++)
    for (int s = 0; s < 1 << n; s++) {
      double e = 0;
      if (__builtin_popcount((unsigned)s) % 2 != odd) continue;
      for (int m = 0; m < n; m++) {
        const double k = M_PI * (2 * m + (odd ? 0 : 1)) / n;
        const double size = 2 * sqrt(1 + h * h - 2 * h * cos(k));
        e += (odd && m == 0 ? 2 * (h - 1) : size) * ((s >> m & 1) - 0.5);
      }
      out[count++] = e;
    }
  qsort(out, count, sizeof *out, by_size);
}

START_TEST(free_fermions) {
  enum { N = 8, DIM = 1 << N };
  static const double fields[] = {0.7, 1, 1.3};
  for (size_t f = 0; f < 3; f++) {
    com_ctx *c = test_ctx();
    char text[80];
    double want[DIM], *got = NULL;
    snprintf(text, sizeof text, "{\"type\":\"tfim\",\"h\":%g}", fields[f]);
    nqs_model m = nqs_model_make(c, "{\"type\":\"chain\",\"n\":8}", text);
    TEST_OK(c, nqs_exact_spectrum(c, m.h, &got, NULL));
    fermion_levels(N, fields[f], want);
    for (size_t k = 0; k < DIM; k++)
      ck_assert_msg(fabs(got[k] - want[k]) < 1e-11, "h = %g: level %zu: %.13g, want %.13g", fields[f], k,
                    got[k], want[k]);
    /* thermal averages: sums over the fermions' levels, written out */
    for (double T = 0.2; T < 5; T *= 2.385) {
      double z = 0, e = 0, e2 = 0;
      nqs_exact_thermal t;
      for (size_t k = 0; k < DIM; k++) {
        const double p = exp(-(want[k] - want[0]) / T);
        z += p, e += p * want[k], e2 += p * want[k] * want[k];
      }
      e /= z, e2 /= z;
      nqs_exact_average(DIM, got, T, &t);
      TEST_NEAR(t.energy, e, 1e-10);
      TEST_NEAR(t.heat, (e2 - e * e) / (T * T), 1e-9);
      TEST_NEAR(t.free, want[0] - T * log(z), 1e-10);
      TEST_NEAR(t.entropy, log(z) + (e - want[0]) / T, 1e-10);
    }
    free(got);
    nqs_model_finish(&m);
    com_ctx_destroy(c);
  }
}
END_TEST

TEST_MAIN("nqs_energies", spectra, ground_states, steps_stay_short, free_fermions)
