/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file replicas.h
 *  Numbered jobs that do not know of each other (replicas of a fit, calibration datasets, starts): job k fills row k.  They are spread
 *  over a pool and over processes; a row depends on k alone, so any number of threads and processes gives the same digits.  Finished
 *  rows can be kept in a checkpoint and are not computed again on resume. */
#ifndef HOLOGRAD_COMMON_REPLICAS_H
#define HOLOGRAD_COMMON_REPLICAS_H
#include "common/json.h"
#include "common/pool.h"

/** Fill row[width] of job k (NAN entries are allowed).  Runs in any thread: no shared state but what is guarded.  COM_E_INTERRUPTED:
 *  the row is not there yet. */
typedef com_status (*com_replicas_fn)(size_t k, size_t worker, double *row, void *user);

typedef struct com_replicas_spec {
  const char *what;       /**< for the progress line and the checkpoint, "study" */
  size_t n, width;        /**< jobs, numbers per job */
  com_pool *pool;         /**< [keep] NULL: one thread */
  const char *checkpoint; /**< file, replaced again and again; NULL: none */
  const char *resume;     /**< file to start from; NULL: none */
} com_replicas_spec;

/** @param rows [out] [n][width]
 *  @return COM_E_INTERRUPTED when the context asks to stop; the checkpoint then holds what is done */
com_status com_replicas_run(com_ctx *c, const com_replicas_spec *spec, double *rows, com_replicas_fn fn,
                            void *user);
#endif
