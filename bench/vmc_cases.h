/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file vmc_cases.h  The cases of bench/vmc and bench/vmc_threads, as drivers. */
#ifndef HOLOGRAD_BENCH_VMC_CASES_H
#define HOLOGRAD_BENCH_VMC_CASES_H
#include <stdio.h>
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
static const vmc_case vmc_cases[] = {
    {"tfi40-complex", CHAIN40, "{\"type\":\"tfim\"}", RBM(1, "complex")},
    {"tfi40-real", CHAIN40, "{\"type\":\"tfim\"}", RBM(1, "real")},
    {"tfi40-complex-alpha4", CHAIN40, "{\"type\":\"tfim\"}", RBM(4, "complex")},
    {"afh40-complex", CHAIN40, "{\"type\":\"heisenberg\"}", RBM(1, "complex")},
    {"afh40-real", CHAIN40, "{\"type\":\"heisenberg\"}", RBM(1, "real")},
    {"afh6x6-complex", SQUARE(6), "{\"type\":\"heisenberg\"}", RBM(1, "complex")},
    {"afh10x10-complex", SQUARE(10), "{\"type\":\"heisenberg\"}", RBM(1, "complex")},
    {"afh10x10-real", SQUARE(10), "{\"type\":\"heisenberg\"}", RBM(1, "real")},
    {"tfi40-complex-plain", CHAIN40, "{\"type\":\"tfim\"}", "{\"type\":\"rbm\",\"alpha\":1}"},
    {"tfi40-ffn", CHAIN40, "{\"type\":\"tfim\"}", "{\"type\":\"ffn\",\"hidden\":[40]}"},
    {0}};

static inline double vmc_seconds(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/** A driver that runs for ever. @param sampler block of the config, NULL: as it comes */
static inline com_status vmc_driver(com_ctx *c, const vmc_case *k, const char *sampler, nqs_driver **out) {
  char text[2048];
  cJSON *config = NULL;
  *out = NULL;
  snprintf(text, sizeof text,
           "{\"lattice\":%s,\"hamiltonian\":%s,\"ansatz\":%s,\"sampler\":%s,\"iterations\":1000000}",
           k->lattice, k->hamiltonian, k->ansatz, sampler ? sampler : "{\"type\":\"metropolis\"}");
  com_status status = com_json_parse(c, k->name, text, strlen(text), &config);
  if (!status) status = nqs_driver_create(c, k->name, config, out);
  com_json_free(config);
  return status;
}
#endif
