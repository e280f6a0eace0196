/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file comm.h
 *  Processes that share one run; the only MPI user.  A plain build (without MPI=1) is one process and every call is
 *  trivial.  Work is cut into items (blocks of chains, tiles of a matrix) whose number does not depend on the number of
 *  processes; each process computes a contiguous share and com_comm_gather completes the array everywhere, so sums over
 *  items in order have the same digits with any number of processes. */
#ifndef HOLOGRAD_COMMON_COMM_H
#define HOLOGRAD_COMMON_COMM_H
#include "common/ctx.h"

typedef struct com_comm com_comm;
/** Joins the processes that mpirun started (MPI_Init on first use; one object per process). @param out [out] */
com_status com_comm_create(com_ctx *c, com_comm **out);
void com_comm_destroy(com_comm *m); /**< ends MPI; NULL is fine */
/** End all processes with this exit code after a failure that the others may not know of (they would wait for ever).
 *  Process 0 does it at once, the others leave it two seconds to say what it has to say. Alone: does nothing. */
void com_comm_abort(com_comm *m, int exit_code);
/* Everything below takes m = NULL as "one process". */
size_t com_comm_rank(const com_comm *m);
size_t com_comm_size(const com_comm *m);
/** Items first..last-1 of n are the share of this process: contiguous, in rank order; item 0 belongs to process 0. */
void com_comm_share(const com_comm *m, size_t n_items, size_t *first, size_t *last);
/** The same with shares of nearly equal cost. @param cost [in] [n_items] > 0, or NULL: all alike */
void com_comm_share_cost(const com_comm *m, size_t n_items, const double *cost, size_t *first, size_t *last);
/** data holds n_items items; item i is bytes offset[i]..offset[i+1) and is valid on the process that has it in its share.
 *  Afterwards all are valid everywhere. @param offset [in] [n_items+1] */
com_status com_comm_gather(com_ctx *c, com_comm *m, size_t n_items, const size_t *offset, void *data);
/** The same for shares by cost. @param cost [in] as given to com_comm_share_cost */
com_status com_comm_gather_cost(com_ctx *c, com_comm *m, size_t n_items, const double *cost,
                                const size_t *offset, void *data);
/** The same for items of equal size and cost. */
com_status com_comm_gather_even(com_ctx *c, com_comm *m, size_t n_items, size_t item_bytes, void *data);
/** Bytes of process 0, everywhere (decisions that depend on clocks and signals). */
com_status com_comm_broadcast(com_ctx *c, com_comm *m, size_t bytes, void *data);
/** All processes learn whether one failed: returns `mine` when it is a failure, the status of the first process that
 *  failed with its text otherwise.  Call it at the same place everywhere before a gather that a failure would skip. */
com_status com_comm_agree(com_ctx *c, com_comm *m, com_status mine);
com_stop
com_comm_stop(com_ctx *c); /**< com_ctx_stop of process 0, everywhere; call it at the same place everywhere */
void com_comm_library(char *out, size_t n); /**< "Open MPI v4.1.4 ..." or "none" */
#endif
