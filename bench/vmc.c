/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Speed of variational Monte Carlo: one JSON line per case with seconds of one iteration (1000 recorded + 100 discarded
 * sweeps, local energies, derivatives, stochastic reconfiguration) and nanoseconds per proposal of sampling alone.
 *   bench/vmc [threads [iterations [case-substring]]] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "nqs/driver.h"

typedef struct vmc_case {
  const char *name, *lattice, *hamiltonian, *ansatz;
} vmc_case;
#define CHAIN40 "{\"type\":\"chain\",\"n\":40}"
#define SQUARE(l) "{\"type\":\"square\",\"lx\":" #l ",\"ly\":" #l "}"
#define RBM(alpha, weights)                                                                                  \
  "{\"type\":\"rbm\",\"alpha\":" #alpha ",\"weights\":\"" weights "\",\"symmetry\":\"translation\"}"
static const vmc_case cases[] = {
    {"tfi40-complex", CHAIN40, "{\"type\":\"tfim\"}", RBM(1, "complex")},
    {"tfi40-real", CHAIN40, "{\"type\":\"tfim\"}", RBM(1, "real")},
    {"tfi40-complex-alpha4", CHAIN40, "{\"type\":\"tfim\"}", RBM(4, "complex")},
    {"afh40-complex", CHAIN40, "{\"type\":\"heisenberg\"}", RBM(1, "complex")},
    {"afh40-real", CHAIN40, "{\"type\":\"heisenberg\"}", RBM(1, "real")},
    {"afh6x6-complex", SQUARE(6), "{\"type\":\"heisenberg\"}", RBM(1, "complex")},
    {"afh10x10-complex", SQUARE(10), "{\"type\":\"heisenberg\"}", RBM(1, "complex")},
    {"afh10x10-real", SQUARE(10), "{\"type\":\"heisenberg\"}", RBM(1, "real")},
    {"tfi40-complex-plain", CHAIN40, "{\"type\":\"tfim\"}", "{\"type\":\"rbm\",\"alpha\":1}"},
    {0}};

static double seconds(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static com_status run_case(com_ctx *c, const vmc_case *k, int iterations) {
  char text[1024];
  cJSON *config = NULL;
  nqs_driver *d = NULL;
  snprintf(text, sizeof text, "{\"lattice\":%s,\"hamiltonian\":%s,\"ansatz\":%s,\"iterations\":100000}",
           k->lattice, k->hamiltonian, k->ansatz);
  com_status status = com_json_parse(c, k->name, text, strlen(text), &config);
  if (!status) status = nqs_driver_create(c, k->name, config, &d);
  if (!status) status = nqs_driver_iterate(d); /* warm-up of the chains */
  double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
  for (int i = 0; i < iterations && !status; i++) status = nqs_driver_iterate(d);
  wall = seconds(CLOCK_MONOTONIC) - wall, cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
  nqs_samples s = {0};
  double sampling = seconds(CLOCK_MONOTONIC);
  if (!status) status = nqs_sampler_collect(c, nqs_driver_sampler(d), 0, 0, &s);
  sampling = seconds(CLOCK_MONOTONIC) - sampling;
  if (!status)
    printf("{\"bench\":\"vmc\",\"case\":\"%s\",\"threads\":%d,\"s_per_iteration\":%.5f,\"cpu_s_per_"
           "iteration\":%.5f,"
           "\"ns_per_proposal_with_local_energy\":%.1f,\"energy\":%.6f,\"error\":%.2g,\"accept\":%.3f,"
           "\"tau\":%.2f}\n",
           k->name, com_ctx_threads(c), wall / iterations, cpu / iterations,
           1e9 * sampling / (double)((s.n + 112) * s.n_sites), nqs_driver_energy(d)->mean,
           nqs_driver_energy(d)->error, s.accept, nqs_driver_energy(d)->tau);
  nqs_sampler_samples_finish(&s);
  nqs_driver_destroy(d);
  com_json_free(config);
  return status;
}

int main(int argc, char **argv) {
  const int threads = argc > 1 ? atoi(argv[1]) : 1, iterations = argc > 2 ? atoi(argv[2]) : 20;
  com_ctx *c = NULL;
  const com_ctx_opts o = {.seed = 1, .threads = threads, .err = stderr, .log_level = COM_WARN};
  if (com_ctx_create(&o, &c)) return EXIT_FAILURE;
  int bad = 0;
  for (const vmc_case *k = cases; k->name; k++) {
    if (argc > 3 && !strstr(k->name, argv[3])) continue;
    if (run_case(c, k, iterations)) {
      fprintf(stderr, "%s: %s\n", k->name, com_ctx_error(c));
      bad = 1;
    }
  }
  com_ctx_destroy(c);
  return bad ? EXIT_FAILURE : EXIT_SUCCESS;
}
