/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nqs/share.h"

typedef struct job {
  com_pool_fn fn;
  void *user;
  size_t first;
} job;

static com_status shifted(size_t task, size_t worker, void *user) {
  const job *j = user;
  return j->fn(j->first + task, worker, j->user);
}

com_status nqs_share_run(com_ctx *c, com_pool *p, size_t n_tasks, const double *cost, com_pool_fn fn,
                         void *user) {
  com_comm *m = com_ctx_comm(c);
  size_t last = n_tasks;
  job j = {.fn = fn, .user = user};
  com_comm_share_cost(m, n_tasks, cost, &j.first, &last);
  return com_comm_agree(c, m, com_pool_run(p, last - j.first, shifted, &j));
}

com_status nqs_share_all(com_ctx *c, com_pool *p, size_t n_tasks, com_pool_fn fn, void *user,
                         size_t item_bytes, void *data) {
  COM_TRY(nqs_share_run(c, p, n_tasks, NULL, fn, user));
  return com_comm_gather_even(c, com_ctx_comm(c), n_tasks, item_bytes, data);
}
