/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include "common/pool.h"

typedef struct worker {
  com_pool *pool;
  size_t index;
  pthread_t thread;
} worker;

struct com_pool {
  size_t threads;  /* the caller is worker 0, so threads - 1 are started */
  worker *workers; /* [threads - 1] */
  size_t started;
  pthread_mutex_t lock; /* guards what follows, up to the atomics */
  pthread_cond_t wake, idle;
  atomic_ulong round; /* counts com_pool_run calls; like busy, written under the lock, also read without it */
  atomic_size_t busy; /* workers that have not finished this round */
  int quit;
  size_t failed; /* lowest task that failed so far, n_tasks when none */
  com_status status;
  com_pool_fn fn;
  void *user;
  size_t n_tasks;
  atomic_size_t next; /* tasks are claimed in order */
  atomic_int stop; /* a task failed: all lower tasks have been claimed already, the others need not start */
};

static void work(com_pool *p, size_t index) {
  while (!atomic_load(&p->stop)) {
    const size_t task = atomic_fetch_add(&p->next, 1);
    if (task >= p->n_tasks) break;
    const com_status status = p->fn(task, index, p->user);
    if (!status) continue;
    atomic_store(&p->stop, 1);
    pthread_mutex_lock(&p->lock);
    if (task < p->failed) {
      p->failed = task;
      p->status = status;
    }
    pthread_mutex_unlock(&p->lock);
  }
}

/* Rounds of the samplers last some 100 us and follow each other as quickly; to sleep and be woken costs half as much on
 * each side.  So whoever waits looks this often, and lets others run in between, before it sleeps. */
enum { LOOKS = 200 };

static void await_round(com_pool *p, unsigned long seen) {
  for (int i = 0; i < LOOKS && atomic_load(&p->round) == seen; i++) sched_yield();
}

static void await_workers(com_pool *p) {
  for (int i = 0; i < LOOKS && atomic_load(&p->busy) > 0; i++) sched_yield();
}

static void *worker_main(void *arg) {
  worker *w = arg;
  com_pool *p = w->pool;
  unsigned long seen = 0;
  for (;;) {
    await_round(p, seen);
    pthread_mutex_lock(&p->lock);
    while (!p->quit && p->round == seen) pthread_cond_wait(&p->wake, &p->lock);
    const int quit = p->quit;
    seen = p->round;
    pthread_mutex_unlock(&p->lock);
    if (quit) return NULL;
    work(p, w->index);
    pthread_mutex_lock(&p->lock);
    if (--p->busy == 0) pthread_cond_signal(&p->idle);
    pthread_mutex_unlock(&p->lock);
  }
}

com_status com_pool_create(com_ctx *c, int threads, com_pool **out) {
  com_status status = COM_OK;
  com_pool *p = NULL;
  *out = NULL;
  COM_CHECK(c, threads >= 1, COM_E_CONFIG, "threads = %d: must be at least 1", threads);
  COM_ALLOC(c, p = calloc(1, sizeof *p));
  pthread_mutex_init(&p->lock, NULL);
  pthread_cond_init(&p->wake, NULL);
  pthread_cond_init(&p->idle, NULL);
  p->threads = (size_t)threads;
  p->workers = calloc(p->threads, sizeof *p->workers);
  if (!p->workers) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
  for (size_t i = 0; i + 1 < p->threads; i++) {
    worker *w = &p->workers[i];
    *w = (worker){.pool = p, .index = i + 1};
    if (pthread_create(&w->thread, NULL, worker_main, w))
      COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "thread %zu of %d cannot be started; use fewer --threads", i + 2,
                              threads));
    p->started++;
  }
  *out = p;
  p = NULL;
done:
  com_pool_destroy(p);
  return status;
}

void com_pool_destroy(com_pool *p) {
  if (!p) return;
  pthread_mutex_lock(&p->lock);
  p->quit = 1;
  pthread_cond_broadcast(&p->wake);
  pthread_mutex_unlock(&p->lock);
  for (size_t i = 0; i < p->started; i++) pthread_join(p->workers[i].thread, NULL);
  pthread_cond_destroy(&p->idle);
  pthread_cond_destroy(&p->wake);
  pthread_mutex_destroy(&p->lock);
  free(p->workers);
  free(p);
}

size_t com_pool_threads(const com_pool *p) { return p->threads; }

com_status com_pool_run(com_pool *p, size_t n_tasks, com_pool_fn fn, void *user) {
  pthread_mutex_lock(&p->lock);
  p->fn = fn;
  p->user = user;
  p->n_tasks = p->failed = n_tasks;
  p->status = COM_OK;
  atomic_store(&p->next, 0);
  atomic_store(&p->stop, 0);
  const int shared = p->started > 0 && n_tasks > 1; /* waking somebody for a single task only costs time */
  if (shared) {
    p->busy = p->started;
    p->round++;
    pthread_cond_broadcast(&p->wake);
  }
  pthread_mutex_unlock(&p->lock);

  work(p, 0);

  if (shared) await_workers(p);
  pthread_mutex_lock(&p->lock);
  while (shared && p->busy > 0) pthread_cond_wait(&p->idle, &p->lock);
  const com_status status = p->status;
  pthread_mutex_unlock(&p->lock);
  return status;
}
