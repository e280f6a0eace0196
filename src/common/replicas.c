/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rounds of a few jobs per thread; after each the processes agree on failures and on stopping, exchange rows, and process 0 saves. */
#include "common/replicas.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "common/checkpoint.h"
#include "common/comm.h"
#include "common/progress.h"

enum { ROUND = 4 }; /* jobs per thread and round */

typedef struct job {
  com_ctx *c;
  const com_replicas_spec *spec;
  double *rows;
  unsigned char *done;
  size_t first; /* of this round */
  com_replicas_fn fn;
  void *user;
} job;

static com_status one(size_t task, size_t worker, void *user) {
  job *w = user;
  const size_t k = w->first + task;
  if (w->done[k] || com_ctx_stop(w->c)) return COM_OK;
  const com_status s = w->fn(k, worker, w->rows + k * w->spec->width, w->user);
  if (s == COM_E_INTERRUPTED) return COM_OK;
  w->done[k] = s == COM_OK;
  return s;
}

/* ---- checkpoint ---- */

static com_status save(job *w) {
  const com_replicas_spec *o = w->spec;
  cJSON *state = com_json_object(), *list = com_json_object();
  com_status s = com_json_add(w->c, state, "jobs", com_json_int((long long)o->n));
  if (!s) s = com_json_add(w->c, state, "width", com_json_int((long long)o->width));
  for (size_t k = 0; k < o->n && !s; k++) {
    char key[32];
    snprintf(key, sizeof key, "%zu", k);
    if (w->done[k]) s = com_json_add(w->c, list, key, com_json_reals(w->rows + k * o->width, o->width));
  }
  if (s)
    com_json_free(list);
  else
    s = com_json_add(w->c, state, "rows", list);
  if (!s) s = com_checkpoint_save(w->c, o->checkpoint, o->what, state);
  com_json_free(state);
  return s;
}

static com_status load(job *w) {
  const com_replicas_spec *o = w->spec;
  com_ctx *c = w->c;
  cJSON *state = NULL;
  COM_TRY(com_checkpoint_load(c, o->resume, o->what, &state));
  com_status s = COM_OK;
  if (com_json_num(com_json_get(state, "jobs"), 0) != (double)o->n ||
      com_json_num(com_json_get(state, "width"), 0) != (double)o->width)
    s = COM_FAIL(c, COM_E_DATA, "%s: a checkpoint of another run: %g jobs, not %zu; use the same config",
                 o->resume, com_json_num(com_json_get(state, "jobs"), 0), o->n);
  for (const cJSON *e = com_json_first(com_json_get(state, "rows")); e && !s; e = com_json_next(e)) {
    const size_t k = strtoul(com_json_key(e), NULL, 10);
    size_t i = 0;
    if (k >= o->n || com_json_size(e) != o->width) continue;
    for (const cJSON *v = com_json_first(e); v; v = com_json_next(v))
      w->rows[k * o->width + i++] = com_json_num(v, NAN);
    w->done[k] = 1;
  }
  com_json_free(state);
  return s;
}

/* ---- loop ---- */

static com_status exchange(job *w) {
  com_comm *m = com_ctx_comm(w->c);
  COM_TRY(com_comm_gather_even(w->c, m, w->spec->n, w->spec->width * sizeof *w->rows, w->rows));
  return com_comm_gather_even(w->c, m, w->spec->n, 1, w->done);
}

static size_t count(const job *w) {
  size_t n = 0;
  for (size_t k = 0; k < w->spec->n; k++) n += w->done[k];
  return n;
}

static com_status rounds(job *w, com_progress *bar) {
  com_ctx *c = w->c;
  com_comm *m = com_ctx_comm(c);
  const com_replicas_spec *o = w->spec;
  const size_t size = com_comm_size(m), most = (o->n + size - 1) / size; /* largest share */
  const size_t per = ROUND * (o->pool ? com_pool_threads(o->pool) : 1);
  size_t begin = 0, end = 0;
  com_comm_share(m, o->n, &begin, &end);
  for (size_t at = 0; at < most; at += per) {
    w->first = begin + at < end ? begin + at : end;
    const size_t n = end - w->first < per ? end - w->first : per;
    com_status s = COM_OK;
    if (o->pool)
      s = com_pool_run(o->pool, n, one, w);
    else
      for (size_t k = 0; k < n && !s; k++) s = one(k, 0, w);
    COM_TRY(com_comm_agree(c, m, s));
    COM_TRY(exchange(w));
    com_progress_update(bar, (double)count(w) / (double)o->n, "%zu of %zu", count(w), o->n);
    const com_stop stop = com_comm_stop(c);
    if (o->checkpoint && com_comm_rank(m) == 0) COM_TRY(save(w));
    if (stop && count(w) < o->n)
      return COM_FAIL(c, COM_E_INTERRUPTED, "%s: stopped after %zu of %zu%s%s", o->what, count(w), o->n,
                      o->checkpoint ? "; go on with --resume " : "; nothing is kept without --checkpoint",
                      o->checkpoint ? o->checkpoint : "");
  }
  return COM_OK;
}

com_status com_replicas_run(com_ctx *c, const com_replicas_spec *spec, double *rows, com_replicas_fn fn,
                            void *user) {
  job w = {.c = c, .spec = spec, .rows = rows, .fn = fn, .user = user};
  com_progress *bar = NULL;
  com_status status = COM_OK;
  COM_ALLOC(c, w.done = calloc(spec->n + 1, 1));
  for (size_t i = 0; i < spec->n * spec->width; i++) rows[i] = NAN;
  if (spec->resume) COM_GOTO(done, load(&w));
  COM_GOTO(done, com_progress_create(c, spec->what, &bar));
  status = rounds(&w, bar);
done:
  com_progress_destroy(bar);
  free(w.done);
  return status;
}
