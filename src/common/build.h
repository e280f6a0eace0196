/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file build.h  What was built from what: the only object compiled with the git description. */
#ifndef HOLOGRAD_COMMON_BUILD_H
#define HOLOGRAD_COMMON_BUILD_H
#include "common/json.h"
typedef struct com_build {
  const char *version, *git, *compiler, *cflags, *sundials, *gsl, *blas, *cjson, *mpi;
} com_build;
const com_build *com_build_info(void);
cJSON *com_build_json(void);
#endif
