/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a second thread or process brings to an iteration of variational Monte Carlo: one JSON line per case with medians over
 * rounds.  A round times the same iterations on one thread, on two, and twice at once on one thread each: the last says what
 * the machine gives to two programs that share nothing.  A build with MPI=1 times the processes that mpirun started instead.
 *   bench/vmc_threads [ROUNDS [ITERATIONS [CASE-SUBSTRING [SAMPLER-JSON]]]]      default: 9 rounds of 10 iterations */
#include <pthread.h>
#include <stdlib.h>
#include "vmc_cases.h"
#include "common/comm.h"

enum { MAX_ROUNDS = 1000, WARM_UP = 3 };

typedef struct run {
  com_ctx *c;
  nqs_driver *d;
  int iterations;
  com_status status;
} run;

static com_status prepare(const vmc_case *k, const char *sampler, int threads, com_comm *comm, run *r) {
  const com_ctx_opts o = {.seed = 1, .threads = threads, .err = stderr, .log_level = COM_WARN, .comm = comm};
  if ((r->status = com_ctx_create(&o, &r->c))) return r->status;
  r->status = vmc_driver(r->c, k, sampler, &r->d);
  for (int i = 0; i < WARM_UP && !r->status; i++) r->status = nqs_driver_iterate(r->d);
  return r->status;
}

static void finish(run *r) {
  if (r->status && r->c) fprintf(stderr, "%s\n", com_ctx_error(r->c));
  nqs_driver_destroy(r->d);
  com_ctx_destroy(r->c);
}

static void *iterate(void *arg) {
  run *r = arg;
  for (int i = 0; i < r->iterations && !r->status; i++) r->status = nqs_driver_iterate(r->d);
  return NULL;
}

/* Seconds of an iteration of n runs at the same time. */
static double timed(run *r, size_t n, int iterations) {
  const double start = vmc_seconds(CLOCK_MONOTONIC);
  pthread_t other;
  const int two = n == 2;
  for (size_t i = 0; i < n; i++) r[i].iterations = iterations;
  const int alone = two && pthread_create(&other, NULL, iterate, r + 1) != 0;
  iterate(r);
  if (alone) r[1].status = COM_E_MEM;
  if (two && !alone) pthread_join(other, NULL);
  return (vmc_seconds(CLOCK_MONOTONIC) - start) / iterations;
}

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double quantile(double *x, int n, double q) {
  qsort(x, (size_t)n, sizeof *x, ascending);
  return x[(int)(q * (n - 1) + 0.5)];
}

static int threads_case(const vmc_case *k, const char *sampler, int rounds, int iterations) {
  static double one[MAX_ROUNDS], two[MAX_ROUNDS], gain[MAX_ROUNDS], host[MAX_ROUNDS];
  run r[4] = {0}; /* one thread, two threads, and the pair */
  int bad = 0;
  for (size_t i = 0; i < 4 && !bad; i++) bad = prepare(k, sampler, i == 1 ? 2 : 1, NULL, r + i) != COM_OK;
  for (int i = 0; i < rounds && !bad; i++) {
    one[i] = timed(r, 1, iterations);
    two[i] = timed(r + 1, 1, iterations);
    gain[i] = one[i] / two[i];
    host[i] = 2 * one[i] / timed(r + 2, 2, iterations);
    for (size_t j = 0; j < 4; j++) bad |= r[j].status != COM_OK;
  }
  if (!bad && nqs_driver_energy(r[0].d)->mean != nqs_driver_energy(r[1].d)->mean) {
    fprintf(stderr, "%s: one and two threads have different digits\n", k->name);
    bad = 1;
  }
  if (!bad)
    printf("{\"bench\":\"vmc_threads\",\"case\":\"%s\",\"rounds\":%d,\"s_one_thread\":%.5f,\"s_two_threads\":"
           "%.5f,"
           "\"gain\":%.3f,\"gain_10\":%.3f,\"gain_90\":%.3f,\"two_programs\":%.3f,\"two_programs_10\":%.3f,"
           "\"two_programs_90\":%.3f}\n",
           k->name, rounds, quantile(one, rounds, 0.5), quantile(two, rounds, 0.5),
           quantile(gain, rounds, 0.5), quantile(gain, rounds, 0.1), quantile(gain, rounds, 0.9),
           quantile(host, rounds, 0.5), quantile(host, rounds, 0.1), quantile(host, rounds, 0.9));
  fflush(stdout);
  for (size_t i = 0; i < 4; i++) finish(r + i);
  return bad;
}

static int processes_case(const vmc_case *k, const char *sampler, int rounds, int iterations,
                          com_comm *comm) {
  static double s[MAX_ROUNDS];
  run r = {0};
  int bad = prepare(k, sampler, 1, comm, &r) != COM_OK;
  for (int i = 0; i < rounds && !bad; i++) {
    s[i] = timed(&r, 1, iterations);
    bad = r.status != COM_OK;
  }
  if (!bad && com_comm_rank(comm) == 0)
    printf(
        "{\"bench\":\"vmc_threads\",\"case\":\"%s\",\"rounds\":%d,\"processes\":%zu,\"s_per_iteration\":%.5f,"
        "\"s_10\":%.5f,\"s_90\":%.5f,\"energy\":%.15g}\n",
        k->name, rounds, com_comm_size(comm), quantile(s, rounds, 0.5), quantile(s, rounds, 0.1),
        quantile(s, rounds, 0.9), nqs_driver_energy(r.d)->mean);
  finish(&r);
  return bad;
}

int main(int argc, char **argv) {
  const int rounds = argc > 1 ? atoi(argv[1]) : 9, iterations = argc > 2 ? atoi(argv[2]) : 10;
  const char *sampler = argc > 4 ? argv[4] : NULL;
  com_comm *comm = NULL;
  if (rounds < 1 || rounds > MAX_ROUNDS || iterations < 1 || com_comm_create(NULL, &comm))
    return EXIT_FAILURE;
  char library[128];
  com_comm_library(library, sizeof library);
  const int processes = strcmp(library, "none") != 0;
  int bad = 0;
  for (const vmc_case *k = vmc_cases; k->name && !bad; k++) {
    if (argc > 3 && !strstr(k->name, argv[3])) continue;
    bad = processes ? processes_case(k, sampler, rounds, iterations, comm)
                    : threads_case(k, sampler, rounds, iterations);
  }
  com_comm_destroy(comm);
  return bad ? EXIT_FAILURE : EXIT_SUCCESS;
}
