/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/training.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "common/checkpoint.h"
#include "common/progress.h"

static const double CHECKPOINT_SECONDS = 0.5;

typedef struct run {
  com_ctx *c;
  const char *kind, *path; /* of the checkpoint; path NULL: none */
  size_t n;
  ads_trainer *const *t;
  com_progress *bar;
  double saved; /* when the last checkpoint was written */
} run;

/* ---- checkpoints: the state of a single training, or {"trainings": [...]} ---- */

static com_status state_of(const run *r, cJSON **out) {
  if (r->n == 1) return ads_trainer_save(r->t[0], out);
  cJSON *list = com_json_array(), *j = com_json_object();
  com_status s = list ? COM_OK : COM_FAIL(r->c, COM_E_MEM, "out of memory");
  for (size_t k = 0; k < r->n && !s; k++) {
    cJSON *state = NULL;
    s = ads_trainer_save(r->t[k], &state);
    if (!s) s = com_json_push(r->c, list, state);
  }
  if (s)
    com_json_free(list);
  else
    s = com_json_add(r->c, j, "trainings", list);
  if (s) com_json_free(j);
  *out = s ? NULL : j;
  return s;
}

static com_status save(run *r) {
  cJSON *state = NULL;
  if (!r->path) return COM_OK;
  COM_TRY(state_of(r, &state));
  const com_status s = com_checkpoint_save(r->c, r->path, r->kind, state);
  com_json_free(state);
  r->saved = com_ctx_elapsed(r->c);
  return s;
}

static com_status load(const run *r, const char *path) {
  cJSON *state = NULL;
  COM_TRY(com_checkpoint_load(r->c, path, r->kind, &state));
  const cJSON *list = com_json_get(state, "trainings");
  com_status s = COM_OK;
  if (com_json_size(list) != (r->n == 1 ? 0 : r->n))
    s = COM_FAIL(r->c, COM_E_CONFIG, "%s: holds %zu trainings: this run has %zu; resume with its own file",
                 path, list ? com_json_size(list) : 1, r->n);
  for (size_t k = 0; k < r->n && !s; k++)
    s = ads_trainer_load(r->t[k], path, list ? com_json_at(list, k) : state);
  com_json_free(state);
  return s;
}

/* ---- the loop ---- */

static void show(const run *r, size_t k) {
  ads_trainer_progress s;
  char which[64] = "";
  ads_trainer_state(r->t[k], &s);
  const double done = ((double)(s.start - 1) * (double)s.n_stages + (double)s.stage) /
                      ((double)s.n_starts * (double)s.n_stages);
  if (r->n > 1) snprintf(which, sizeof which, "training %zu/%zu  ", k + 1, r->n);
  com_progress_update(r->bar, ((double)k + fmin(done, 1)) / (double)r->n,
                      "%sstart %zu/%zu  %s  iteration %ld  objective %.5g", which, s.start, s.n_starts,
                      s.stage_name, s.iteration, s.best);
}

/* Steps until a stop reason, checkpoints on the way. */
static com_status loop(run *r, size_t k) {
  ads_trainer *t = r->t[k];
  while (!ads_trainer_stop(t)) {
    const com_stop why = com_ctx_stop(r->c);
    if (why) {
      ads_trainer_interrupt(t, why);
      break;
    }
    COM_TRY(ads_trainer_iterate(t));
    show(r, k);
    if (com_ctx_elapsed(r->c) - r->saved > CHECKPOINT_SECONDS) COM_TRY(save(r));
  }
  return COM_OK;
}

static com_status interrupted(const cli_env *env, run *r) {
  const char *o = env->common->output;
  char path[4096];
  if (!r->path) { /* nothing is lost */
    if (o && strcmp(o, "-") != 0)
      snprintf(path, sizeof path, "%s.checkpoint", o);
    else
      snprintf(path, sizeof path, "holograd-%s.checkpoint", r->kind);
    r->path = path;
    COM_TRY(save(r));
  }
  return COM_FAIL(r->c, COM_E_INTERRUPTED, "interrupted; go on with --resume %s", r->path);
}

com_status cli_training_run(const cli_env *env, const cli_training *o, const char *kind, size_t n,
                            ads_trainer *const *t) {
  com_ctx *c = env->ctx;
  run r = {.c = c, .kind = kind, .path = o->checkpoint, .n = n, .t = t, .saved = com_ctx_elapsed(c)};
  com_status status = COM_OK;
  COM_CHECK(c, n > 0 || !(o->checkpoint || o->resume), COM_E_USAGE,
            "%s: nothing is trained; remove --checkpoint and --resume, or switch the training on",
            env->files[0]);
  if (n == 0) return COM_OK;
  if (o->resume) COM_TRY(load(&r, o->resume));
  COM_TRY(com_progress_create(c, kind, &r.bar));
  COM_GOTO(done, save(&r));
  for (size_t k = 0; k < n; k++) {
    COM_GOTO(done, loop(&r, k));
    if (ads_trainer_stop(t[k]) == COM_STOP_INTERRUPTED) break;
  }
  COM_GOTO(done, save(&r));
done:
  com_progress_destroy(r.bar);
  for (size_t k = 0; k < n && !status; k++)
    if (ads_trainer_stop(t[k]) == COM_STOP_INTERRUPTED) return interrupted(env, &r);
  return status;
}

com_status cli_training_verdict(com_ctx *c, const cli_training *o, size_t n, ads_trainer *const *t) {
  for (size_t k = 0; o->require_converged && k < n; k++)
    if (!ads_trainer_converged(t[k]))
      return COM_FAIL(
          c, COM_E_NEGATIVE,
          "training did not converge: stopped by %s; raise optimizer.max_iter or --max-time, or resume",
          com_status_stop_name(ads_trainer_stop(t[k])));
  return COM_OK;
}
