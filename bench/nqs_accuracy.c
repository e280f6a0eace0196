/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Accuracy of variational Monte Carlo from random starts: one JSON line per case and seed, energy measured after the state is
 * frozen, against the exact one; the bound is what the project promises.  `make bench-nqs` runs everything (hours on one core).
 *   bench/nqs_accuracy [CASE-SUBSTRING|all [FIRST-SEED LAST-SEED [THREADS]]]      without arguments: one seed of the first case */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "nqs/driver.h"

typedef struct accuracy_case {
  const char *name, *config;
  double exact; /* total, Pauli units; 0: closed form or diagonalisation */
  double bound; /* on the relative error */
  int seeds;
} accuracy_case;

#define CHAIN "\"lattice\":{\"type\":\"chain\",\"n\":40},"
#define SQUARE(l) "\"lattice\":{\"type\":\"square\",\"lx\":" #l ",\"ly\":" #l "},"
#define TFI "\"hamiltonian\":{\"type\":\"tfim\"},"
#define AFH "\"hamiltonian\":{\"type\":\"heisenberg\"},"
#define RBM(alpha, symmetry)                                                                                 \
  "\"ansatz\":{\"type\":\"rbm\",\"alpha\":" #alpha ",\"symmetry\":\"" symmetry "\"},"
#define SR(rate, after) "\"optimizer\":{\"type\":\"sr\",\"rate\":" #rate ",\"rate_after\":" #after "},"
#define RUN(iterations, sweeps, measure)                                                                     \
  "\"iterations\":" #iterations ",\"sampler\":{\"type\":\"metropolis\",\"sweeps\":" #sweeps "},"             \
  "\"measure\":{\"sweeps\":" #measure "}"

/* 6x6: exact diagonalisation quoted by VarBench; 10x10: quantum Monte Carlo, -0.67155266(2) per site (arXiv:2601.20189). */
static const double exact_6x6 = -97.7575895972, exact_10x10 = -268.621064;
static const accuracy_case cases[] = {
    {"tfi40-alpha1", "{" CHAIN TFI RBM(1, "translation") SR(0.05, 0) RUN(300, 1000, 50000) "}", 0, 3.6e-4,
     10},
    {"tfi40-alpha2", "{" CHAIN TFI RBM(2, "translation") SR(0.05, 150) RUN(400, 1000, 100000) "}", 0, 5e-5,
     10},
    {"tfi40-alpha4", "{" CHAIN TFI RBM(4, "translation") SR(0.05, 150) RUN(400, 1000, 200000) "}", 0, 1e-5,
     10},
    {"afh40-alpha1", "{" CHAIN AFH RBM(1, "translation") SR(0.05, 0) RUN(400, 1000, 100000) "}", 0, 1.2e-4,
     10},
    {"afh40-alpha2", "{" CHAIN AFH RBM(2, "translation") SR(0.05, 150) RUN(400, 1000, 100000) "}", 0, 3e-5,
     10},
    {"afh40-alpha4", "{" CHAIN AFH RBM(4, "translation") SR(0.05, 150) RUN(400, 2000, 200000) "}", 0, 5e-6,
     10},
    {"afh6x6-alpha1", "{" SQUARE(6) AFH RBM(1, "translation") SR(0.05, 150) RUN(400, 2000, 50000) "}",
     exact_6x6, 6.6e-3, 3},
    {"afh6x6-space-alpha4", "{" SQUARE(6) AFH RBM(4, "space") SR(0.05, 150) RUN(300, 1000, 50000) "}",
     exact_6x6, 2e-3, 3},
    {"afh10x10-alpha2", "{" SQUARE(10) AFH RBM(2, "translation") SR(0.03, 150) RUN(300, 1000, 20000) "}",
     exact_10x10, 3.2e-3, 2},
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
    *relative = (e->mean - exact) / fabs(exact);
    printf("{\"bench\":\"nqs_accuracy\",\"case\":\"%s\",\"seed\":%d,\"energy\":%.7f,\"error\":%.2g,\"exact\":"
           "%.7f,"
           "\"relative_error\":%.3g,\"bound\":%.3g,\"rhat\":%.3f,\"variance\":%.4g,\"seconds\":%.1f}\n",
           k->name, seed, e->mean, e->error, exact, *relative, k->bound, e->rhat, e->variance,
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

int main(int argc, char **argv) {
  const char *which = argc > 1 && strcmp(argv[1], "all") != 0 ? argv[1] : argc > 1 ? "" : cases[0].name;
  const int threads = argc > 4 ? atoi(argv[4]) : 1;
  int missed = 0;
  for (const accuracy_case *k = cases; k->name; k++) {
    if (!strstr(k->name, which)) continue;
    const int first = argc > 3 ? atoi(argv[2]) : 1, last = argc > 3 ? atoi(argv[3]) : argc > 1 ? k->seeds : 1;
    for (int seed = first; seed <= last; seed++) {
      double relative = NAN;
      if (run_seed(k, seed, threads, &relative) || !(relative <= k->bound)) missed++;
    }
  }
  if (missed) fprintf(stderr, "nqs_accuracy: %d runs missed their bound\n", missed);
  return missed ? EXIT_FAILURE : EXIT_SUCCESS;
}
