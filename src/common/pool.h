/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file pool.h
 *  A small pthread pool over blocks of work.  Results must be stored per task and reduced by the caller in task order,
 *  so that 1 thread and N threads give the same digits. Sleeping workers block on a condition variable (no spinning). */
#ifndef HOLOGRAD_COMMON_POOL_H
#define HOLOGRAD_COMMON_POOL_H
#include "common/ctx.h"

typedef struct com_pool com_pool;
/** task in 0..n_tasks-1, worker in 0..threads-1 (index of the workspace to use). */
typedef com_status (*com_pool_fn)(size_t task, size_t worker, void *user);
com_status com_pool_create(com_ctx *c, int threads, com_pool **out); /**< threads >= 1; 1 runs inline */
void com_pool_destroy(com_pool *p);
size_t com_pool_threads(const com_pool *p);
/** Runs all tasks; the status of the lowest-numbered failing task wins, and after a failure no further task is
 *  started.  Not re-entrant. */
com_status com_pool_run(com_pool *p, size_t n_tasks, com_pool_fn fn, void *user);

#endif
