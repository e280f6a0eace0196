/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file share.h  Pool tasks that the processes of a run divide among themselves (com_ctx_comm; alone: all of them). */
#ifndef HOLOGRAD_NQS_SHARE_H
#define HOLOGRAD_NQS_SHARE_H
#include "common/comm.h"
#include "common/pool.h"

/** Run this process's share of the tasks. All processes learn of a failure. @param cost [in] [n_tasks] or NULL, see com_comm_share_cost */
com_status nqs_share_run(com_ctx *c, com_pool *p, size_t n_tasks, const double *cost, com_pool_fn fn,
                         void *user);
/** The same, then data[n_tasks] of item_bytes each, written by the tasks, is completed everywhere. */
com_status nqs_share_all(com_ctx *c, com_pool *p, size_t n_tasks, com_pool_fn fn, void *user,
                         size_t item_bytes, void *data);
#endif
