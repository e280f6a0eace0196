/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Speed of variational Monte Carlo: one JSON line per case with seconds of one iteration (1000 recorded + 100 discarded
 * sweeps, local energies, derivatives, stochastic reconfiguration) and nanoseconds per proposal of sampling alone.
 *   bench/vmc [threads [iterations [case-substring [sampler-json]]]] */
#include <stdlib.h>
#include "vmc_cases.h"

static com_status run_case(com_ctx *c, const vmc_case *k, const char *sampler, int iterations) {
  nqs_driver *d = NULL;
  com_status status = vmc_driver(c, k, sampler, &d);
  if (!status) status = nqs_driver_iterate(d); /* warm-up of the chains */
  double wall = vmc_seconds(CLOCK_MONOTONIC), cpu = vmc_seconds(CLOCK_PROCESS_CPUTIME_ID);
  for (int i = 0; i < iterations && !status; i++) status = nqs_driver_iterate(d);
  wall = vmc_seconds(CLOCK_MONOTONIC) - wall, cpu = vmc_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
  nqs_samples s = {0};
  double sampling = vmc_seconds(CLOCK_MONOTONIC);
  if (!status) status = nqs_sampler_collect(c, nqs_driver_sampler(d), 0, 0, &s);
  sampling = vmc_seconds(CLOCK_MONOTONIC) - sampling;
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
  return status;
}

int main(int argc, char **argv) {
  const int threads = argc > 1 ? atoi(argv[1]) : 1, iterations = argc > 2 ? atoi(argv[2]) : 20;
  com_ctx *c = NULL;
  const com_ctx_opts o = {.seed = 1, .threads = threads, .err = stderr, .log_level = COM_WARN};
  if (com_ctx_create(&o, &c)) return EXIT_FAILURE;
  int bad = 0;
  for (const vmc_case *k = vmc_cases; k->name; k++) {
    if (argc > 3 && !strstr(k->name, argv[3])) continue;
    if (run_case(c, k, argc > 4 ? argv[4] : NULL, iterations)) {
      fprintf(stderr, "%s: %s\n", k->name, com_ctx_error(c));
      bad = 1;
    }
  }
  com_ctx_destroy(c);
  return bad ? EXIT_FAILURE : EXIT_SUCCESS;
}
