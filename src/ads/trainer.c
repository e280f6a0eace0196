/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/trainer.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "common/log.h"
#include "common/sha256.h"

struct ads_trainer {
  com_ctx *c;
  ads_task task;
  size_t n, nt;        /* all parameters, trained ones */
  size_t start, stage; /* 1-based start, 0-based stage */
  long iteration, stage_iteration, start_iteration;
  long budget;    /* iterations after which training stops: optimizer.max_iter */
  com_optim *opt; /* of the running stage; NULL between stages */
  int wants;
  size_t bad_ref;          /* unanswered samples of the best accepted point of this stage */
  double stage_best, last; /* lowest objective of the stage, last objective */
  double mark;             /* stage_best at the last multiple of WINDOW steps */
  double *x_best;          /* [nt] where stage_best was met */
  double *x, *full, *g_full, *g, *r, *J_full, *J;
  double *lo, *hi;
  double *ends; /* [n_starts][n] final parameters of the finished starts */
  double *best; /* [n] parameters of the best finished start (or of the running one) */
  double best_score;
  ads_history *history;
  ads_start_row *rows; /* [n_starts] */
  com_stop stop, last_stop;
  char fingerprint[65];
};

static int squares(const ads_trainer *t) { return (t->task.wants & COM_WANT_RJ) != 0; }

/* A task without stages has one, the objective proper. */
static size_t n_stages(const ads_trainer *t) { return t->task.n_stages ? t->task.n_stages : 1; }
static int id_of(const ads_trainer *t, size_t stage) {
  return t->task.n_stages ? (int)stage : ADS_LOSS_PROPER;
}

/* ---- construction ---- */

static com_status fingerprint(ads_trainer *t) {
  cJSON *cfg = NULL;
  char *text = NULL;
  COM_TRY(t->task.ops->identity(t->task.self, &cfg));
  /* The iteration budget may be raised on resume; everything else must be the same run. */
  com_json_remove((cJSON *)com_json_get(cfg, "optimizer"), "max_iter");
  const com_status status = com_json_text(t->c, cfg, &text);
  if (!status) com_sha256_hex(text, strlen(text), t->fingerprint);
  free(text);
  com_json_free(cfg);
  return status;
}

static com_status allocate(ads_trainer *t) {
  size_t m = 1;
  for (size_t s = 0; squares(t) && s < n_stages(t); s++) {
    const size_t ms = t->task.ops->n_res(t->task.self, id_of(t, s));
    if (ms > m) m = ms;
  }
  const size_t n = t->n ? t->n : 1, nt = t->nt ? t->nt : 1;
  COM_ALLOC(t->c, t->x = calloc(nt, sizeof(double)));
  COM_ALLOC(t->c, t->x_best = calloc(nt, sizeof(double)));
  COM_ALLOC(t->c, t->full = calloc(n, sizeof(double)));
  COM_ALLOC(t->c, t->g_full = calloc(n, sizeof(double)));
  COM_ALLOC(t->c, t->g = calloc(nt, sizeof(double)));
  COM_ALLOC(t->c, t->best = calloc(n, sizeof(double)));
  COM_ALLOC(t->c, t->lo = calloc(nt, sizeof(double)));
  COM_ALLOC(t->c, t->hi = calloc(nt, sizeof(double)));
  COM_ALLOC(t->c, t->r = calloc(m, sizeof(double)));
  COM_ALLOC(t->c, t->J_full = calloc(m * n, sizeof(double)));
  COM_ALLOC(t->c, t->J = calloc(m * nt, sizeof(double)));
  COM_ALLOC(t->c, t->ends = calloc(t->task.n_starts * n, sizeof(double)));
  COM_ALLOC(t->c, t->rows = calloc(t->task.n_starts, sizeof *t->rows));
  COM_TRY(ads_history_create(t->c, &t->history));
  com_params_bounds(t->task.params, t->lo, t->hi);
  return fingerprint(t);
}

/* 0: as many as the stages of the loss ask for. */
static long max_iter(const ads_trainer *t) {
  const int n = ((const com_optim_shared *)t->task.optimizer->shared)->max_iter;
  return n > 0 ? n : LONG_MAX / 2;
}

com_status ads_trainer_create(com_ctx *c, ads_task task, ads_trainer **out) {
  *out = NULL;
  COM_CHECK(c, com_params_n_trained(task.params) > 0, COM_E_CONFIG,
            "%s: nothing is trained: set metric.train, or name trainables in bulk.train or dictionary.train",
            task.file);
  ads_trainer *t = calloc(1, sizeof *t);
  COM_ALLOC(c, t);
  t->c = c;
  t->task = task;
  t->n = com_params_n(task.params);
  t->nt = com_params_n_trained(task.params);
  t->budget = max_iter(t);
  t->start = 1;
  t->best_score = INFINITY;
  const com_status status = allocate(t);
  if (status) ads_trainer_destroy(t);
  *out = status ? NULL : t;
  return status;
}

void ads_trainer_destroy(ads_trainer *t) {
  if (!t) return;
  com_optim_destroy(t->opt);
  ads_history_destroy(t->history);
  free(t->rows);
  free(t->ends);
  free(t->x);
  free(t->x_best);
  free(t->full);
  free(t->g_full);
  free(t->g);
  free(t->best);
  free(t->lo);
  free(t->hi);
  free(t->r);
  free(t->J_full);
  free(t->J);
  free(t);
}

/* ---- stages ---- */

static void stage_of(const ads_trainer *t, ads_loss_stage *s) {
  *s = (ads_loss_stage){.name = "loss", .penalties = 1};
  if (t->task.n_stages) t->task.ops->stage(t->task.self, t->stage, s);
}

/* The optimiser of a stage: the config's, or the one the stage names with its defaults, with the stage's limits. */
static com_status make_optimizer(ads_trainer *t) {
  const com_choice *cfg = t->task.optimizer;
  ads_loss_stage s;
  com_choice own = {0};
  com_status status = COM_OK;
  stage_of(t, &s);
  const int foreign = s.optimizer && strcmp(s.optimizer, cfg->type->name) != 0;
  if (foreign) {
    cJSON *j = com_json_object();
    status = com_json_add(t->c, j, "type", com_json_string(s.optimizer));
    if (!status)
      status = com_field_choice_read(t->c, COM_E_CONFIG, &com_optim_kind, s.name, "optimizer", j, &own);
    com_json_free(j);
    COM_TRY(status);
  }
  const com_choice *use = foreign ? &own : cfg;
  com_optim_shared shared = *(const com_optim_shared *)use->shared;
  shared.max_iter = s.max_iter > 0 ? s.max_iter : INT_MAX;
  if (s.step_tol > 0) shared.step_tol = s.step_tol;
  if (s.grad_tol > 0) shared.grad_tol = s.grad_tol;
  const com_choice which = {use->type, use->opts, &shared};
  status = com_optim_create(t->c, &which, t->nt, t->lo, t->hi, &t->opt);
  com_field_choice_finish(&com_optim_kind, &own);
  if (!status) t->wants = (int)com_optim_wants(t->opt);
  return status;
}

static com_status begin_stage(ads_trainer *t) {
  const com_params *p = t->task.params;
  if (t->stage == 0) {
    COM_TRY(t->task.ops->start(t->task.self, t->start, t->full));
    if (t->task.ops->improve) COM_TRY(t->task.ops->improve(t->task.self, t->full));
    t->start_iteration = 0;
  }
  com_params_pack(p, t->full, t->x);
  for (size_t k = 0; k < t->nt; k++) t->x[k] = fmin(fmax(t->x[k], t->lo[k]), t->hi[k]);
  com_params_unpack(p, t->x, t->full);
  t->stage_iteration = 0;
  t->bad_ref = SIZE_MAX;
  t->stage_best = t->mark = INFINITY;
  return make_optimizer(t);
}

/* Objective of the running stage at t->x, in x: value, gradient, residuals and Jacobian as the optimiser wants them. */
static com_status evaluate(ads_trainer *t, com_eval *e, size_t *n_bad) {
  const com_params *p = t->task.params;
  const ads_task_ops *ops = t->task.ops;
  *e = (com_eval){0};
  com_params_unpack(p, t->x, t->full);
  if (!squares(t)) {
    COM_TRY(ops->value(t->task.self, id_of(t, t->stage), t->start, t->stage_iteration, t->full, &e->f,
                       t->g_full, n_bad));
    com_params_chain(p, t->full, t->g_full, t->g);
    e->g = t->g;
    return COM_OK;
  }
  e->m = ops->n_res(t->task.self, id_of(t, t->stage));
  COM_TRY(ops->residuals(t->task.self, id_of(t, t->stage), t->full, t->r, t->J_full, n_bad));
  memset(t->g, 0, t->nt * sizeof *t->g);
  for (size_t i = 0; i < e->m; i++) {
    double *row = t->J + i * t->nt;
    com_params_chain(p, t->full, t->J_full + i * t->n, row);
    e->f += t->r[i] * t->r[i];
    for (size_t k = 0; k < t->nt; k++) t->g[k] += 2 * t->r[i] * row[k];
  }
  e->r = t->r;
  e->J = t->J;
  e->g = t->g;
  return COM_OK;
}

/* ---- the end of a stage and of a start ---- */

/* Rank of a finished start: the objective of its last stage, behind every start that predicts all its data. */
static com_status score_of(ads_trainer *t, ads_start_row *row, double *score) {
  size_t n_bad = 0;
  COM_TRY(t->task.ops->judge(t->task.self, t->full, row));
  COM_TRY(t->task.ops->value(t->task.self, id_of(t, n_stages(t) - 1), t->start, -1, t->full, score, NULL,
                             &n_bad));
  if (row->rootless) *score += 1e12;
  return COM_OK;
}

static com_status finish_start(ads_trainer *t, com_stop why) {
  ads_start_row *row = t->rows + t->start - 1;
  double score = 0;
  const com_status status = score_of(t, row, &score);
  if (status == COM_E_NUM) { /* it ended where nothing can be integrated: last of all */
    com_ctx_clear(t->c);
    *row = (ads_start_row){.loss = INFINITY, .chi2 = NAN, .rootless = 1};
    score = 1e300;
  } else {
    COM_TRY(status);
  }
  row->stop = why;
  row->iterations = t->start_iteration;
  row->done = 1;
  double *end = t->ends + (t->start - 1) * t->n;
  memcpy(end, t->full, t->n * sizeof *end);
  row->full = end;
  com_log(t->c, COM_DEBUG, "train.start", "start %zu: %s, loss = %.6g, chi2 = %.6g", t->start,
          com_status_stop_name(why), row->loss, row->chi2);
  if (!isfinite(t->best_score) || score < t->best_score) {
    t->best_score = score;
    t->last_stop = why;
    memcpy(t->best, t->full, t->n * sizeof *t->best);
  }
  return COM_OK;
}

/* Is the start that has just ended good enough? */
static int accepted(const ads_trainer *t) {
  return t->task.ops->accepted(t->task.self, t->rows[t->start - 2].loss);
}

static com_status finish_stage(ads_trainer *t, com_stop why) {
  com_params_unpack(t->task.params, t->x, t->full);
  com_optim_destroy(t->opt);
  t->opt = NULL;
  if (++t->stage < n_stages(t)) return COM_OK;
  COM_TRY(finish_start(t, why));
  t->stage = 0;
  if (++t->start > t->task.n_starts || accepted(t)) t->stop = t->last_stop;
  return COM_OK;
}

/* Has the stage stopped gaining anything that the data could tell?  Looked at every WINDOW steps. */
static int insignificant(ads_trainer *t) {
  enum { WINDOW = 10 };
  static const double FRACTION =
      0.02; /* of the objective: noise-free data go on to the optimiser's tolerances */
  ads_loss_stage s;
  stage_of(t, &s);
  if (t->stage_iteration == 1) t->mark = t->stage_best;
  if (!(s.significance > 0) || t->stage_iteration % WINDOW != 0) return 0;
  const double gain = t->mark - t->stage_best;
  t->mark = t->stage_best;
  return gain < s.significance && gain < FRACTION * t->stage_best;
}

com_status ads_trainer_iterate(ads_trainer *t) {
  com_eval e;
  size_t n_bad = 0;
  if (t->stop) return COM_OK;
  if (t->iteration >= t->budget) {
    t->stop = COM_STOP_MAX_ITER;
    return COM_OK;
  }
  if (!t->opt) COM_TRY(begin_stage(t));
  com_status status = evaluate(t, &e, &n_bad);
  if (status == COM_E_NUM) { /* a trial point that cannot be integrated is rejected like one that blows up */
    com_ctx_clear(t->c);
    e = (com_eval){.f = INFINITY, .g = t->g, .m = e.m, .r = t->r, .J = t->J};
    n_bad = t->task.n_points;
    status = COM_OK;
  }
  COM_TRY(status);
  if (t->bad_ref == SIZE_MAX) t->bad_ref = n_bad;
  if (n_bad > t->bad_ref || !isfinite(e.f))
    e.f = INFINITY; /* blow-up is never rewarded */
  else if (e.f < t->stage_best) {
    t->stage_best = e.f;
    t->bad_ref = n_bad;
    memcpy(t->x_best, t->x, t->nt * sizeof *t->x);
  }
  t->last = e.f;
  const com_stop why = com_optim_step(t->opt, &e, t->x);
  COM_TRY(com_ctx_enough_memory(t->c)); /* or a stop would be taken for convergence */
  t->iteration++;
  t->stage_iteration++;
  t->start_iteration++;
  COM_TRY(ads_history_add(t->c, t->history, t->iteration, t->start, t->stage, e.f, n_bad));
  if (why) return finish_stage(t, why);
  if (!insignificant(t)) return COM_OK;
  memcpy(t->x, t->x_best, t->nt * sizeof *t->x); /* the optimiser's next trial is not wanted */
  return finish_stage(t, COM_STOP_LOSS_TOL);
}

/* ---- queries ---- */

com_status ads_trainer_run(ads_trainer *t) {
  while (!t->stop) {
    t->stop = com_ctx_stop(t->c);
    if (!t->stop) COM_TRY(ads_trainer_iterate(t));
  }
  return COM_OK;
}

const ads_task *ads_trainer_task(const ads_trainer *t) { return &t->task; }
com_stop ads_trainer_stop(const ads_trainer *t) { return t->stop; }
int ads_trainer_converged(const ads_trainer *t) {
  return t->stop == COM_STOP_LOSS_TOL || t->stop == COM_STOP_GRAD_TOL || t->stop == COM_STOP_STEP_TOL ||
         t->stop == COM_STOP_STALLED;
}

void ads_trainer_interrupt(ads_trainer *t, com_stop why) { t->stop = why; }

void ads_trainer_state(const ads_trainer *t, ads_trainer_progress *out) {
  ads_loss_stage s;
  stage_of(t, &s);
  *out = (ads_trainer_progress){t->iteration, t->start, t->task.n_starts, t->stage,
                                n_stages(t),  t->last,  t->stage_best,    s.name};
}

const double *ads_trainer_best(const ads_trainer *t) { return t->best; }
double ads_trainer_score(const ads_trainer *t) { return t->best_score; }

com_status ads_trainer_result(ads_trainer *t, cJSON **out) {
  if (!isfinite(t->best_score)) { /* stopped inside the first start: report where it stands */
    if (t->opt)
      com_params_unpack(t->task.params, t->x, t->full);
    else if (t->iteration == 0)
      COM_TRY(t->task.ops->start(t->task.self, 1, t->full));
    const size_t stage = t->stage;
    COM_TRY(finish_start(t, t->stop));
    t->stage = stage;
  }
  const ads_report r = {t->best, t->stop, t->rows, t->task.n_starts, t->history, t->iteration};
  return t->task.ops->result(t->task.self, &r, out);
}

/* ---- checkpoints ---- */

static com_status save_rows(const ads_trainer *t, cJSON *j) {
  cJSON *rows = com_json_array();
  for (size_t i = 0; i < t->task.n_starts; i++) {
    const ads_start_row *q = t->rows + i;
    const double v[] = {q->done, q->stop, (double)q->iterations, q->rootless,
                        q->loss, q->chi2, (double)q->n_bad};
    com_status s = com_json_push(t->c, rows, com_json_reals(v, sizeof v / sizeof *v));
    if (s) {
      com_json_free(rows);
      return s;
    }
  }
  return com_json_add(t->c, j, "starts", rows);
}

com_status ads_trainer_save(const ads_trainer *t, cJSON **state) {
  com_ctx *c = t->c;
  com_status status = COM_OK;
  cJSON *opt = NULL, *history = NULL, *j = com_json_object();
  *state = NULL;
  COM_GOTO(fail, com_json_add(c, j, "fingerprint", com_json_string(t->fingerprint)));
  COM_GOTO(fail, com_json_add(c, j, "iteration", com_json_int(t->iteration)));
  COM_GOTO(fail, com_json_add(c, j, "stage_iteration", com_json_int(t->stage_iteration)));
  COM_GOTO(fail, com_json_add(c, j, "start_iteration", com_json_int(t->start_iteration)));
  COM_GOTO(fail, com_json_add(c, j, "start", com_json_int((long long)t->start)));
  COM_GOTO(fail, com_json_add(c, j, "stage", com_json_int((long long)t->stage)));
  COM_GOTO(fail,
           com_json_add(c, j, "bad_ref", com_json_real(t->bad_ref == SIZE_MAX ? -1 : (double)t->bad_ref)));
  COM_GOTO(fail, com_json_add(c, j, "stage_best", com_json_real(t->stage_best)));
  COM_GOTO(fail, com_json_add(c, j, "mark", com_json_real(t->mark)));
  COM_GOTO(fail, com_json_add(c, j, "x_best", com_json_reals(t->x_best, t->nt)));
  COM_GOTO(fail, com_json_add(c, j, "last", com_json_real(t->last)));
  COM_GOTO(fail, com_json_add(c, j, "best_score", com_json_real(t->best_score)));
  COM_GOTO(fail, com_json_add(c, j, "last_stop", com_json_int(t->last_stop)));
  COM_GOTO(fail, com_json_add(c, j, "x", com_json_reals(t->x, t->nt)));
  COM_GOTO(fail, com_json_add(c, j, "full", com_json_reals(t->full, t->n)));
  COM_GOTO(fail, com_json_add(c, j, "best", com_json_reals(t->best, t->n)));
  COM_GOTO(fail, com_json_add(c, j, "ends", com_json_reals(t->ends, t->task.n_starts * t->n)));
  if (t->task.ops->save) COM_GOTO(fail, t->task.ops->save(t->task.self, j));
  COM_GOTO(fail, save_rows(t, j));
  COM_GOTO(fail, ads_history_save(c, t->history, &history));
  COM_GOTO(fail, com_json_add(c, j, "history", history));
  if (t->opt) {
    COM_GOTO(fail, com_optim_save(c, t->opt, &opt));
    COM_GOTO(fail, com_json_add(c, j, "optimizer", opt));
  }
  *state = j;
  return COM_OK;
fail:
  com_json_free(j);
  return status;
}

static com_status load_reals(com_ctx *c, const char *file, const cJSON *j, const char *key, size_t n,
                             double *out) {
  double *v = NULL;
  size_t m = 0;
  COM_TRY(com_json_read_reals(c, file, key, com_json_get(j, key), &v, &m));
  if (m == n) memcpy(out, v, n * sizeof *v);
  free(v);
  COM_CHECK(c, m == n, COM_E_DATA,
            "%s: state.%s has %zu values: must have %zu; the checkpoint is of another run", file, key, m, n);
  return COM_OK;
}

static com_status load_rows(ads_trainer *t, const char *file, const cJSON *rows) {
  enum { WIDTH = 7 };
  COM_CHECK(t->c, com_json_size(rows) == t->task.n_starts, COM_E_DATA, "%s: state.starts: must have %zu rows",
            file, t->task.n_starts);
  for (size_t i = 0; i < t->task.n_starts; i++) {
    const cJSON *row = com_json_at(rows, i);
    double v[WIDTH];
    for (size_t k = 0; k < WIDTH; k++) v[k] = com_json_num(com_json_at(row, k), NAN);
    t->rows[i] = (ads_start_row){.done = v[0] == 1,
                                 .stop = (com_stop)v[1],
                                 .iterations = (long)v[2],
                                 .rootless = v[3] == 1,
                                 .loss = v[4],
                                 .chi2 = v[5],
                                 .n_bad = (size_t)v[6],
                                 .full = v[0] == 1 ? t->ends + i * t->n : NULL};
  }
  return COM_OK;
}

com_status ads_trainer_load(ads_trainer *t, const char *file, const cJSON *s) {
  com_ctx *c = t->c;
  COM_CHECK(c, strcmp(com_json_str(com_json_get(s, "fingerprint"), ""), t->fingerprint) == 0, COM_E_CONFIG,
            "%s: belongs to another config or dataset; resume with the config of that run (only "
            "optimizer.max_iter may differ)",
            file);
  t->iteration = com_json_count(com_json_get(s, "iteration"), 0);
  if (t->iteration >= t->budget) t->budget = t->iteration + max_iter(t); /* used up: the same again */
  t->stage_iteration = com_json_count(com_json_get(s, "stage_iteration"), 0);
  t->start_iteration = com_json_count(com_json_get(s, "start_iteration"), 0);
  t->start = (size_t)com_json_count(com_json_get(s, "start"), 1);
  t->stage = (size_t)com_json_count(com_json_get(s, "stage"), 0);
  const long bad = com_json_count(com_json_get(s, "bad_ref"), -1);
  t->bad_ref = bad < 0 ? SIZE_MAX : (size_t)bad;
  t->stage_best = com_json_num(com_json_get(s, "stage_best"), INFINITY);
  t->mark = com_json_num(com_json_get(s, "mark"), INFINITY);
  t->last = com_json_num(com_json_get(s, "last"), INFINITY);
  t->best_score = com_json_num(com_json_get(s, "best_score"), INFINITY);
  t->last_stop = (com_stop)com_json_count(com_json_get(s, "last_stop"), 0);
  COM_TRY(load_reals(c, file, s, "x", t->nt, t->x));
  COM_TRY(load_reals(c, file, s, "x_best", t->nt, t->x_best));
  COM_TRY(load_reals(c, file, s, "full", t->n, t->full));
  COM_TRY(load_reals(c, file, s, "best", t->n, t->best));
  COM_TRY(load_reals(c, file, s, "ends", t->task.n_starts * t->n, t->ends));
  COM_TRY(load_rows(t, file, com_json_get(s, "starts")));
  COM_TRY(ads_history_load(c, t->history, file, com_json_get(s, "history")));
  if (t->task.ops->load) t->task.ops->load(t->task.self, s);
  com_optim_destroy(t->opt);
  t->opt = NULL;
  const int between = t->stage == 0 && !com_json_get(s, "optimizer");
  if (t->start > t->task.n_starts || (between && t->start > 1 && accepted(t))) {
    t->stop = t->last_stop;
    return COM_OK;
  }
  COM_CHECK(c, t->start >= 1 && t->stage < n_stages(t), COM_E_DATA,
            "%s: state.start or state.stage is out of range", file);
  if (!com_json_get(s, "optimizer")) return COM_OK;
  COM_TRY(make_optimizer(t));
  return com_optim_load(c, t->opt, com_json_get(s, "optimizer"));
}
