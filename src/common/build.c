/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/build.h"
#include <gsl/gsl_version.h>
#include <pthread.h>
#include "common/ode.h"

/* Declared here, so that this file includes neither <cjson/cJSON.h> nor OpenBLAS's own <cblas.h>. */
char *openblas_get_config(void);
const char *cJSON_Version(void);

#if defined(__clang__)
#define COMPILER __VERSION__
#elif defined(__GNUC__)
#define COMPILER "gcc " __VERSION__
#else
#define COMPILER "unknown"
#endif
#ifdef HOLOGRAD_MPI
#define MPI_USE "enabled"
#else
#define MPI_USE "none"
#endif

/* Filled once, constant afterwards: only running code knows which libraries were loaded. */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static char sundials[64];
static com_build info = {.version = HOLOGRAD_VERSION,
                         .git = HOLOGRAD_GIT,
                         .compiler = COMPILER,
                         .cflags = HOLOGRAD_CFLAGS,
                         .sundials = sundials,
                         .mpi = MPI_USE};

static void fill(void) {
  com_ode_library(sundials, sizeof sundials);
  info.gsl = gsl_version;
  info.blas = openblas_get_config();
  info.cjson = cJSON_Version();
}

const com_build *com_build_info(void) {
  pthread_once(&once, fill);
  return &info;
}

cJSON *com_build_json(void) {
  const com_build *b = com_build_info();
  const char *const rows[][2] = {
      {"version", b->version}, {"git", b->git},           {"compiler", b->compiler},
      {"cflags", b->cflags},   {"sundials", b->sundials}, {"gsl", b->gsl},
      {"blas", b->blas},       {"cjson", b->cjson},       {"mpi", b->mpi}};
  cJSON *o = com_json_object();
  for (size_t i = 0; o && i < sizeof rows / sizeof *rows; i++)
    if (com_json_add(NULL, o, rows[i][0], com_json_string(rows[i][1]))) {
      com_json_free(o);
      o = NULL;
    }
  return o;
}
