/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Accuracy of variational Monte Carlo from random starts: one JSON line per case and seed, energy measured after the state is
 * frozen, against the exact one; the bound is what the project promises.  `make bench-nqs` runs everything (hours on one core).
 *   bench/nqs_accuracy [CASE-SUBSTRING|all [FIRST-SEED LAST-SEED [THREADS]]]      without arguments: one seed of the first case */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "nqs/driver.h"

enum { MAX_SEEDS = 100 };
typedef struct accuracy_case {
  const char *name, *config;
  double exact;    /* total, Pauli units; 0: closed form or diagonalisation */
  double bound;    /* on the relative error */
  int seeds, best; /* best: one of the seeds must keep the bound, else all */
} accuracy_case;

#define CHAIN "\"lattice\":{\"type\":\"chain\",\"n\":40},"
#define SQUARE(l) "\"lattice\":{\"type\":\"square\",\"lx\":" #l ",\"ly\":" #l "},"
#define TFI "\"hamiltonian\":{\"type\":\"tfim\"},"
#define AFH "\"hamiltonian\":{\"type\":\"heisenberg\"},"
#define RBM(alpha, symmetry)                                                                                 \
  "\"ansatz\":{\"type\":\"rbm\",\"alpha\":" #alpha ",\"symmetry\":\"" symmetry "\"},"
#define SR(rate, after) "\"optimizer\":{\"type\":\"sr\",\"rate\":" #rate ",\"rate_after\":" #after "},"
/* The same number of parameters, with the sign of all spins as one more symmetry of the weights. */
#define FLIPPED(alpha)                                                                                       \
  "\"ansatz\":{\"type\":\"rbm\",\"alpha\":" #alpha ",\"symmetry\":\"translation\",\"spin_flip\":true},"
/* A smaller shift, for states so near the exact one that soft directions make the rest of the error. */
#define SR_SOFT(rate, after)                                                                                 \
  "\"optimizer\":{\"type\":\"sr\",\"rate\":" #rate ",\"rate_after\":" #after ",\"lambda_min\":1e-6},"
#define RUN(iterations, sweeps, measure)                                                                     \
  "\"iterations\":" #iterations ",\"sampler\":{\"type\":\"metropolis\",\"sweeps\":" #sweeps "},"             \
  "\"measure\":{\"sweeps\":" #measure "}"

/* J1-J2 model at J2 = 0.5 on the 4x4 torus, by sums over the orbits of a symmetry that the state has. */
#define J1J2(marshall, ansatz, orbits, iterations)                                                           \
  "{" SQUARE(4) "\"hamiltonian\":{\"type\":\"heisenberg\",\"J2\":0.5,\"marshall\":\"" marshall "\"},"        \
                "\"ansatz\":{" ansatz "},\"sampler\":{\"type\":\"sum\"," orbits                              \
                "},\"iterations\":" #iterations ","                                                          \
                "\"measure\":{\"observables\":[]}}"
#define ORBITS(group) "\"symmetry\":\"" group "\""
#define FLIP ",\"spin_flip\":true"
#define SHARED(alpha, group) "\"type\":\"rbm\",\"alpha\":" #alpha ",\"symmetry\":\"" group "\""
#define PROJECTED(inner)                                                                                     \
  "\"type\":\"projected\",\"symmetry\":\"translation\",\"spin_flip\":1,\"ansatz\":{" inner "}"

/* 6x6: exact diagonalisation quoted by VarBench; 10x10: quantum Monte Carlo, -0.67155266(2) per site (arXiv:2601.20189);
 * 4x4: 0.5286202095 * 64, diagonalisation. */
static const double exact_6x6 = -97.7575895972, exact_10x10 = -268.621064, exact_4x4 = -33.831693408;
static const accuracy_case cases[] = {
    {"tfi40-alpha1", "{" CHAIN TFI RBM(1, "translation") SR(0.05, 0) RUN(300, 1000, 50000) "}", 0, 3.6e-4, 10,
     0},
    {"tfi40-alpha2", "{" CHAIN TFI RBM(2, "translation") SR(0.05, 150) RUN(400, 1000, 100000) "}", 0, 5e-5,
     10, 0},
    {"tfi40-alpha4", "{" CHAIN TFI RBM(4, "translation") SR(0.05, 300) RUN(800, 1000, 200000) "}", 0, 1e-5,
     10, 0},
    {"afh40-alpha1", "{" CHAIN AFH RBM(1, "translation") SR(0.05, 150) RUN(400, 4000, 1600000) "}", 0, 1.2e-4,
     10, 0},
    {"afh40-flip-alpha1", "{" CHAIN AFH FLIPPED(1) SR(0.05, 150) RUN(400, 4000, 400000) "}", 0, 8e-5, 10, 0},
    {"afh40-alpha2", "{" CHAIN AFH RBM(2, "translation") SR(0.05, 300) RUN(800, 1000, 100000) "}", 0, 3e-5,
     10, 0},
    {"afh40-alpha4", "{" CHAIN AFH RBM(4, "translation") SR_SOFT(0.05, 300) RUN(600, 4000, 1000000) "}", 0,
     5e-6, 10, 0},
    {"afh6x6-alpha1", "{" SQUARE(6) AFH RBM(1, "translation") SR(0.05, 150) RUN(400, 2000, 1000000) "}",
     exact_6x6, 6.6e-3, 3, 0},
    {"afh6x6-flip-alpha1", "{" SQUARE(6) AFH FLIPPED(1) SR(0.05, 150) RUN(400, 2000, 1000000) "}", exact_6x6,
     6.6e-3, 3, 0},
    {"afh6x6-space-alpha4", "{" SQUARE(6) AFH RBM(4, "space") SR(0.05, 150) RUN(300, 1000, 50000) "}",
     exact_6x6, 2e-3, 3, 0},
    {"afh10x10-alpha2", "{" SQUARE(10) AFH RBM(2, "translation") SR(0.03, 200) RUN(400, 2000, 100000) "}",
     exact_10x10, 3.2e-3, 2, 0},
    {"j1j2-alpha8", J1J2("on", SHARED(8, "translation"), ORBITS("translation"), 400), exact_4x4, 1e-2, 2, 0},
    {"j1j2-alpha8-signs", J1J2("off", SHARED(8, "translation"), ORBITS("translation"), 400), exact_4x4, 2e-2,
     5, 1},
    {"j1j2-space-alpha8", J1J2("on", SHARED(8, "space") FLIP, ORBITS("space") FLIP, 300), exact_4x4, 1e-3, 2,
     0},
    {"j1j2-projected", J1J2("on", PROJECTED("\"type\":\"rbm\",\"alpha\":2"), ORBITS("translation") FLIP, 200),
     exact_4x4, 1, 1, 0},
    {"j1j2-ffn",
     J1J2("on", "\"type\":\"ffn\",\"hidden\":[32,16],\"symmetry\":\"translation\"", ORBITS("translation"),
          200),
     exact_4x4, 1, 1, 0},
    {0}};

static com_status run_seed(const accuracy_case *k, int seed, int threads, double *relative) {
  com_ctx *c = NULL;
  cJSON *config = NULL;
  nqs_driver *d = NULL;
  const com_ctx_opts o = {.seed = (uint64_t)seed, .threads = threads, .err = stderr, .log_level = COM_WARN};
  com_status s = com_ctx_create(&o, &c);
  if (s) return s;
  s = com_json_parse(c, k->name, k->config, strlen(k->config), &config);
  if (!s) s = nqs_driver_create(c, k->name, config, &d);
  while (!s && !nqs_driver_stop(d)) s = nqs_driver_iterate(d);
  if (!s) s = nqs_driver_measure(d);
  if (!s) {
    const nqs_estimate *e = nqs_driver_measured(d);
    double exact = k->exact;
    const char *source;
    if (exact == 0)
      nqs_hamiltonian_reference(nqs_driver_hamiltonian(d), &nqs_driver_options(d)->hamiltonian, &exact,
                                &source);
    char rhat[32] = "null"; /* full summation has no chains */
    if (isfinite(e->rhat)) snprintf(rhat, sizeof rhat, "%.3f", e->rhat);
    *relative = (e->mean - exact) / fabs(exact);
    printf("{\"bench\":\"nqs_accuracy\",\"case\":\"%s\",\"seed\":%d,\"energy\":%.7f,\"error\":%.2g,\"exact\":"
           "%.7f,"
           "\"relative_error\":%.3g,\"bound\":%.3g,\"rhat\":%s,\"variance\":%.4g,\"seconds\":%.1f}\n",
           k->name, seed, e->mean, e->error, exact, *relative, k->bound, rhat, e->variance,
           com_ctx_elapsed(c));
    fflush(stdout);
  } else {
    fprintf(stderr, "%s: %s\n", k->name, com_ctx_error(c));
  }
  nqs_driver_destroy(d);
  com_json_free(config);
  com_ctx_destroy(c);
  return s;
}

static int by_size(const void *x, const void *y) {
  const double a = *(const double *)x, b = *(const double *)y;
  return (a > b) - (a < b);
}

/* All seeds of a case, and a line on them together. @return runs that missed the bound */
static int run_case(const accuracy_case *k, int first, int last, int threads) {
  double relative[MAX_SEEDS];
  const int n = last - first + 1;
  int missed = 0;
  for (int i = 0; i < n; i++) {
    relative[i] = INFINITY; /* a run that fails is the worst */
    run_seed(k, first + i, threads, relative + i);
    missed += !(relative[i] <= k->bound);
  }
  qsort(relative, (size_t)n, sizeof *relative, by_size);
  if (k->best) missed = !(relative[0] <= k->bound);
  if (n > 1)
    printf("{\"bench\":\"nqs_accuracy\",\"case\":\"%s\",\"seeds\":%d,\"least\":%.3g,\"median\":%.3g,"
           "\"largest\":%.3g,"
           "\"bound\":%.3g,\"missed\":%d}\n",
           k->name, n, relative[0], (relative[(n - 1) / 2] + relative[n / 2]) / 2, relative[n - 1], k->bound,
           missed);
  fflush(stdout);
  return missed;
}

int main(int argc, char **argv) {
  const char *which = argc > 1 && strcmp(argv[1], "all") != 0 ? argv[1] : argc > 1 ? "" : cases[0].name;
  const int threads = argc > 4 ? atoi(argv[4]) : 1;
  int missed = 0;
  for (const accuracy_case *k = cases; k->name; k++) {
    if (!strstr(k->name, which)) continue;
    const int first = argc > 3 ? atoi(argv[2]) : 1, last = argc > 3 ? atoi(argv[3]) : argc > 1 ? k->seeds : 1;
    if (last - first >= MAX_SEEDS) return EXIT_FAILURE;
    missed += run_case(k, first, last, threads);
  }
  if (missed) fprintf(stderr, "nqs_accuracy: %d runs missed their bound\n", missed);
  return missed ? EXIT_FAILURE : EXIT_SUCCESS;
}
