/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every gradient of a fit against D = [8 (v(1) - v(-1)) - (v(2) - v(-2))] / (12 step), error O(step^4), each parameter with a step of its
 * own: in a potential with phi^16 a change of 1e-4 in one coupling is a small step and in another the end of the solution.
 * Where the loss is flat to its last digit (the classifier in saturation) the differences are those of ads_fit_change.
 * A residual of a sample without an answer (no root, run away) is a constant: such rows prove nothing, so they are counted, and the
 * residuals of the response direction are looked at where training reaches them, at the start improved by the loss's basin search. */
#include "ads/gradcheck.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ads/evaluate.h"

static const double TIGHT = 1e-12;
static const double STEP =
    1e-3; /* the first, of max(|p|, 0.1): fourth-order differences balance (1e-3)^4 against 1e-12/1e-3 */
static const double GOOD = 1e-7;

/* A vector function v[m] of n variables x and its analytic Jacobian J[m][n], for one quantity. */
typedef struct probe probe;
typedef com_status (*probe_difference)(probe *p, const double *from, const double *to, double *dv);
typedef com_status (*probe_jac)(probe *p, const double *x0, double *J);
struct probe {
  char name[128];
  com_ctx *c;
  ads_fit *f;
  const ads_task *task; /* task probes, else NULL */
  size_t m, n;
  size_t missing; /* samples without an answer at x0 */
  int crossed;    /* the last difference met another number of them: no derivative leads across that */
  double *D;      /* [m][n] differences */
  size_t group;
  int stage;
  int axis;                    /* model probes: PARAMETERS, or factors of the data */
  const double *full;          /* model probes along the data: the parameters */
  const double *at;            /* where: x0 */
  const char *place;           /* the same in words */
  com_choices penalty;         /* penalty probes: the one */
  probe_difference difference; /* dv[m] = v(to) - v(from) */
  probe_jac jac;
};
enum { PARAMETERS, SOURCE, RESPONSE };

/* ---- the quantities ---- */

static void answered(probe *p, size_t from, size_t to) {
  p->crossed = from != p->missing || to != p->missing;
}

static com_status loss_difference(probe *p, const double *from, const double *to, double *dv) {
  size_t n_bad[2];
  COM_TRY(ads_fit_change(p->f, from, to, dv, n_bad));
  if (ads_fit_wants(p->f) & COM_WANT_RJ) answered(p, n_bad[0], n_bad[1]);
  return COM_OK;
}
static com_status loss_jac(probe *p, const double *x0, double *J) {
  double v = 0;
  return ads_fit_value(p->f, ADS_LOSS_PROPER, 1, -1, x0, &v, J, &p->missing);
}

static com_status residual_difference(probe *p, const double *from, const double *to, double *dv) {
  size_t before = 0, after = 0;
  double *v = malloc((p->m + 1) * sizeof *v);
  if (!v) return COM_E_MEM;
  com_status status = ads_fit_residuals(p->f, p->stage, from, v, NULL, &before);
  if (!status) status = ads_fit_residuals(p->f, p->stage, to, dv, NULL, &after);
  for (size_t i = 0; i < p->m && !status; i++) dv[i] -= v[i];
  answered(p, before, after);
  free(v);
  return status;
}
static com_status residual_jac(probe *p, const double *x0, double *J) {
  double *v = malloc((p->m + 1) * sizeof *v);
  if (!v) return COM_E_MEM;
  const com_status status = ads_fit_residuals(p->f, p->stage, x0, v, J, &p->missing);
  free(v);
  return status;
}

/* F of all points of a group; x = the parameters, or one factor of all sources or responses. */
static com_status model_run(probe *p, int what, const double *x, ads_model_eval *ev) {
  const ads_group *q = ads_fit_group(p->f, p->group);
  const ads_dataset *d = q->data;
  const int labelled = d->kind == ADS_DATASET_LABELLED;
  const size_t n = d->n;
  double *par = malloc((q->np + 2 * n + 1) * sizeof *par);
  if (!par) return COM_E_MEM;
  double *s = par + q->np, *r = s + n;
  ads_fit_gather(p->f, p->group, p->axis == PARAMETERS ? x : p->full, par);
  for (size_t i = 0; i < n; i++) {
    s[i] = (labelled ? d->phi : d->source)[i] * (p->axis == SOURCE ? *x : 1);
    r[i] = (labelled ? d->pi : d->response)[i] * (p->axis == RESPONSE ? *x : 1);
  }
  const com_status status = labelled ? ads_model_run_bulk(q->model, what, par, n, s, r, ev)
                                     : ads_model_run(q->model, what, par, n, s, r, ev);
  free(par);
  return status;
}
static com_status model_difference(probe *p, const double *from, const double *to, double *dv) {
  ads_model_eval ev;
  COM_TRY(model_run(p, ADS_MODEL_F, from, &ev));
  const size_t before = ev.n_frozen;
  for (size_t i = 0; i < p->m; i++) dv[i] = -ev.F[i];
  COM_TRY(model_run(p, ADS_MODEL_F, to, &ev));
  for (size_t i = 0; i < p->m; i++) dv[i] += ev.F[i];
  answered(p, before, ev.n_frozen);
  return COM_OK;
}
static com_status model_jac(probe *p, const double *x0, double *J) {
  const ads_group *q = ads_fit_group(p->f, p->group);
  const ads_dataset *d = q->data;
  const int labelled = d->kind == ADS_DATASET_LABELLED;
  ads_model_eval ev;
  COM_TRY(model_run(p, ADS_MODEL_JAC, x0, &ev));
  p->missing = ev.n_frozen;
  for (size_t i = 0; i < p->m; i++) {
    if (p->axis == SOURCE)
      J[i] = ev.Fs[i] * (labelled ? d->phi : d->source)[i];
    else if (p->axis == RESPONSE)
      J[i] = ev.Fr[i] * (labelled ? d->pi : d->response)[i];
    else
      for (size_t k = 0; k < ev.np; k++) J[i * p->n + q->map[k]] = ev.Fp[i * ev.np + k];
  }
  return COM_OK;
}

static com_status penalty_run(probe *p, const double *x, double *v, double *J) {
  const ads_group *q = ads_fit_group(p->f, p->group);
  const ads_metric *metric = ads_model_metric(q->model);
  const size_t nt = metric->n_theta;
  com_status status = COM_E_MEM;
  double *par = malloc((q->np + 1) * sizeof *par), *Jt = malloc((p->m * nt + 1) * sizeof *Jt);
  if (par && Jt) {
    ads_fit_gather(p->f, p->group, x, par);
    status = ads_penalty_eval(NULL, &p->penalty, metric, par, v, J ? Jt : NULL);
    for (size_t i = 0; J && i < p->m; i++)
      for (size_t k = 0; k < nt; k++) J[i * p->n + q->map[k]] = Jt[i * nt + k];
  }
  free(par);
  free(Jt);
  return status;
}
static com_status penalty_difference(probe *p, const double *from, const double *to, double *dv) {
  double *v = malloc((p->m + 1) * sizeof *v);
  if (!v) return COM_E_MEM;
  com_status status = penalty_run(p, from, v, NULL);
  if (!status) status = penalty_run(p, to, dv, NULL);
  for (size_t i = 0; i < p->m && !status; i++) dv[i] -= v[i];
  free(v);
  return status;
}
static com_status penalty_jac(probe *p, const double *x0, double *J) {
  double *v = malloc((p->m + 1) * sizeof *v);
  if (!v) return COM_E_MEM;
  const com_status status = penalty_run(p, x0, v, J);
  free(v);
  return status;
}

/* ---- comparison ---- */

static double largest(size_t n, const double *x) {
  double most = 0;
  for (size_t i = 0; i < n; i++) most = isnan(x[i]) ? INFINITY : fmax(most, fabs(x[i]));
  return most;
}

/* max|a - b|; infinite when an entry is not a number. */
static double distance(size_t n, const double *a, const double *b) {
  double worst = 0;
  for (size_t i = 0; i < n; i++) worst = isnan(a[i] - b[i]) ? INFINITY : fmax(worst, fabs(a[i] - b[i]));
  return worst;
}

/* One column of D on the way to its step. */
typedef struct column {
  probe *p;
  size_t k;
  double *from, *to; /* [n] x0, shifted in entry k */
  double *wide, *near,
      *was;              /* [m] central differences at the longer and the shorter step, and the D before */
  double *D;             /* [m] the best */
  double moved, scatter; /* |D - was| of the last step; what D is uncertain by, the least met */
} column;

/* near <- [v(x + step) - v(x - step)] / (2 step). */
static com_status central(column *q, double step) {
  const double x = q->p->at[q->k];
  q->from[q->k] = x - step, q->to[q->k] = x + step;
  q->p->crossed = 0;
  COM_TRY(q->p->difference(q->p, q->from, q->to, q->near));
  for (size_t i = 0; i < q->p->m; i++) q->near[i] /= 2 * step;
  return COM_OK;
}

static double miss_of(const column *q, const double *J) {
  double miss = 0;
  for (size_t i = 0; i < q->p->m; i++) {
    const double d = J[i * q->p->n + q->k] - q->D[i];
    miss = isnan(d) ? INFINITY : fmax(miss, fabs(d));
  }
  return miss;
}

/* D in place of `wide`, and whether it is the best so far: the middle of three that lie closest together. */
static int combine(column *q, double ratio, int seen) {
  const size_t m = q->p->m;
  const double r2 = ratio * ratio;
  for (size_t i = 0; i < m; i++) q->wide[i] = (r2 * q->near[i] - q->wide[i]) / (r2 - 1);
  const double moved = seen > 1 ? distance(m, q->was, q->wide) : INFINITY, rest = fmax(moved, q->moved);
  const int better = seen == 1 || (seen > 2 && rest < q->scatter);
  if (better) memcpy(q->D, seen == 1 ? q->wide : q->was, m * sizeof *q->D);
  if (seen > 2) q->scatter = fmin(q->scatter, rest);
  q->moved = moved;
  memcpy(q->was, q->wide, m * sizeof *q->was);
  return better;
}

/* The first D will do where J agrees.  Otherwise the step is shortened until D rests: truncation falls as step^4, noise grows as 1/step,
 * and the differences alone say where they meet (J has no say in it: it may be wrong).  While D is not even near itself the step falls
 * by LONG; a step that ends where another number of samples has an answer is too long as well.  A positive variable stays positive
 * (couplings are kept as logarithms). */
static com_status settle(column *q, const double *J, double good) {
  enum { LATER = 3, LONG = 8, SHORT = 2 }; /* steps without improvement before the end; factors of the step */
  static const double NEAR = 0.1;
  const double x = q->p->at[q->k], size = fmax(fabs(x), 0.1), least = x == 0 ? 1e-30 : 1e-14 * fabs(x);
  double step = x > 0 ? fmin(2 * STEP * size, 0.4 * x) : 2 * STEP * size, ratio = SHORT;
  int seen = 0, stale = 0, settled = 0;
  q->scatter = q->moved = INFINITY;
  for (; step > least && stale < LATER; step /= ratio) {
    COM_TRY(com_ctx_cancelled(q->p->c, "gradcheck"));
    COM_TRY(central(q, step));
    if (q->p->crossed) {
      seen = 0, ratio = LONG;
      continue;
    }
    const int better = seen > 0 && combine(q, ratio, seen);
    if (seen == 1 && miss_of(q, J) <= good) return COM_OK;
    if (q->scatter <= good) return COM_OK;
    settled |= seen > 1 && q->moved <= NEAR * largest(q->p->m, q->was);
    if (settled) stale = better ? 0 : stale + 1;
    ratio = seen < 2 || settled ? SHORT : LONG;
    memcpy(q->wide, q->near, q->p->m * sizeof *q->wide);
    seen++;
  }
  if (!settled) q->scatter = largest(q->p->m, q->D); /* nothing but noise */
  return COM_OK;
}

/* D of a probe, all columns; *scatter: the most that any is uncertain by. */
static com_status differences(probe *p, const double *J, double *scatter) {
  double *work = malloc((2 * p->n + 4 * p->m + 1) * sizeof *work);
  if (!work) return COM_E_MEM;
  column q = {.p = p, .from = work, .to = work + p->n, .wide = work + 2 * p->n};
  q.near = q.wide + p->m, q.was = q.near + p->m, q.D = q.was + p->m;
  const double good = GOOD * largest(p->m * p->n, J);
  com_status status = COM_OK;
  *scatter = 0;
  for (q.k = 0; q.k < p->n && !status; q.k++) {
    memcpy(q.from, p->at, p->n * sizeof *q.from);
    memcpy(q.to, p->at, p->n * sizeof *q.to);
    memset(q.D, 0, p->m * sizeof *q.D);
    status = settle(&q, J, good);
    for (size_t i = 0; i < p->m; i++) p->D[i * p->n + q.k] = q.D[i];
    if (isfinite(q.scatter)) *scatter = fmax(*scatter, q.scatter);
  }
  free(work);
  return status;
}

/* *error = max|J - D| / max|D|.  Where J itself is no larger than ten times what the differences at two steps disagree by (the loss at a
 * perfect fit: its gradient vanishes to the last bit), nothing can be judged, and *error is NAN. */
static com_status compare(probe *p, const double *known, double *error) {
  static const double RESOLVED = 10;
  const size_t mn = p->m * p->n;
  double scatter = 0, *J = calloc(mn + 1, sizeof *J);
  if (!J) return COM_E_MEM;
  com_status status = p->jac(p, p->at, J);
  if (!status && !known) status = differences(p, J, &scatter);
  if (!status) {
    const double *D = known ? known : p->D, miss = distance(mn, J, D);
    *error = miss > 0 ? miss / largest(mn, D) : 0;
    if (*error > GOOD && largest(mn, J) <= RESOLVED * scatter) *error = NAN;
  }
  free(J);
  return status;
}

/* ---- the list ---- */

typedef struct check {
  com_ctx *c;
  ads_fit *f;
  const double *given, *basin; /* [n] parameters as given, and improved (the same where nothing is gained) */
  probe *p;                    /* [n_probes] */
  size_t n_probes;
} check;

static probe *new_probe(check *k, const char *what, const ads_group *q) {
  probe *p = &k->p[k->n_probes++];
  *p = (probe){
      .c = k->c, .f = k->f, .n = com_params_n(ads_fit_params(k->f)), .at = k->given, .place = "as given"};
  if (q && *q->name)
    snprintf(p->name, sizeof p->name, "%s [%s]", what, q->name);
  else
    snprintf(p->name, sizeof p->name, "%s", what);
  return p;
}

static void list_model(check *k, size_t g) {
  static const double one = 1;
  static const char *const names[] = {"dF/dparameters", "dF/dsource", "dF/dresponse"};
  const ads_group *q = ads_fit_group(k->f, g);
  if (ads_loss_operations(q->loss)->predict) return; /* not by F: its derivatives are among the residuals */
  for (int axis = PARAMETERS; axis <= RESPONSE; axis++) {
    probe *p = new_probe(k, names[axis], q);
    p->group = g, p->axis = axis, p->full = k->given;
    p->m = q->data->n;
    p->difference = model_difference, p->jac = model_jac;
    if (axis != PARAMETERS) p->n = 1, p->at = &one;
  }
}

static void list_penalties(check *k, size_t g) {
  const ads_group *q = ads_fit_group(k->f, g);
  const com_choices *all = &ads_fit_config(k->f)->penalties;
  if (q->owner != g) return;
  for (size_t i = 0; i < all->n; i++) {
    char name[64];
    snprintf(name, sizeof name, "penalty %s", all->v[i].type->name);
    const com_choices one = {1, &all->v[i]};
    if (((const ads_penalty_shared *)all->v[i].shared)->weight == 0) continue;
    probe *p = new_probe(k, name, q);
    p->group = g, p->penalty = one;
    p->m = ads_penalty_count(&one, ads_model_metric(q->model));
    p->difference = penalty_difference, p->jac = penalty_jac;
  }
}

static void list_residuals(check *k, const char *name, int stage, const double *at, const char *place) {
  probe *p = new_probe(k, name, NULL);
  p->stage = stage;
  p->m = ads_fit_n_res(k->f, stage);
  p->at = at, p->place = place;
  p->difference = residual_difference, p->jac = residual_jac;
}

static com_status list_all(check *k) {
  enum { ONCE = 3, PER_GROUP = 3 };
  const size_t most = ONCE + ads_fit_n_groups(k->f) * (PER_GROUP + ads_fit_config(k->f)->penalties.n);
  COM_ALLOC(k->c, k->p = calloc(most, sizeof *k->p));
  probe *loss = new_probe(k, "loss", NULL);
  loss->m = 1;
  loss->difference = loss_difference, loss->jac = loss_jac;
  for (size_t g = 0; g < ads_fit_n_groups(k->f); g++) list_model(k, g);
  if (ads_fit_wants(k->f) & COM_WANT_RJ) {
    const size_t n = ads_fit_n_stages(k->f);
    list_residuals(k, "residuals (source)", ADS_LOSS_PROPER, k->given, "as given");
    list_residuals(k, "residuals (response)", n ? (int)n - 1 : ADS_LOSS_PROPER, k->basin,
                   k->basin == k->given ? "as given" : "basin start");
  }
  for (size_t g = 0; g < ads_fit_n_groups(k->f); g++) list_penalties(k, g);
  return COM_OK;
}

/* ---- both tolerances ---- */

static com_status unanswered(ads_fit *f, int stage, const double *full, size_t *n) {
  double *r = malloc((ads_fit_n_res(f, stage) + 1) * sizeof *r);
  if (!r) return COM_E_MEM;
  const com_status status = ads_fit_residuals(f, stage, full, r, NULL, n);
  free(r);
  return status;
}

/* basin <- the given parameters, improved if the last stage has residuals without a root there and fewer of them afterwards. */
static com_status find_basin(ads_fit *f, const double *given, double *basin) {
  const size_t bytes = com_params_n(ads_fit_params(f)) * sizeof *basin, n_stages = ads_fit_n_stages(f);
  size_t before = 0, after = 0;
  memcpy(basin, given, bytes);
  if (!(ads_fit_wants(f) & COM_WANT_RJ) || n_stages == 0) return COM_OK;
  COM_TRY(unanswered(f, (int)n_stages - 1, given, &before));
  if (before == 0) return COM_OK;
  COM_TRY(ads_fit_improve(f, basin));
  COM_TRY(unanswered(f, (int)n_stages - 1, basin, &after));
  if (after >= before) memcpy(basin, given, bytes);
  return COM_OK;
}

/* One column of the table: errors with one flow; the differences are those of `known`, or are made. */
static com_status measure(check *k, const probe *known, double *error) {
  for (size_t i = 0; i < k->n_probes; i++) {
    probe *p = &k->p[i];
    if (!known) COM_ALLOC(k->c, p->D = calloc(p->m * p->n + 1, sizeof *p->D));
    COM_TRY(compare(p, known ? known[i].D : NULL, &error[i]));
  }
  return COM_OK;
}

static void forget(check *k) {
  for (size_t i = 0; k->p && i < k->n_probes; i++) free(k->p[i].D);
  free(k->p);
  k->p = NULL;
}

static com_status write_table(const check *k, const double *tight, const double *own, com_table **out) {
  const size_t n = k->n_probes;
  com_status status = COM_OK;
  const char **text = malloc(2 * n * sizeof *text), **place = text ? text + n : NULL;
  double *rows = malloc(2 * n * sizeof *rows), *missing = rows ? rows + n : NULL;
  if (!text || !rows) COM_GOTO(done, COM_FAIL(k->c, COM_E_MEM, "out of memory"));
  for (size_t i = 0; i < n; i++) {
    text[i] = k->p[i].name, place[i] = k->p[i].place;
    rows[i] = (double)k->p[i].m, missing[i] = (double)k->p[i].missing;
  }
  COM_GOTO(done, com_table_create(k->c, out));
  COM_GOTO(done, com_table_add_text(k->c, *out, "quantity", n, text));
  COM_GOTO(done, com_table_add(k->c, *out, "error", "1", NULL, n, tight, NULL));
  COM_GOTO(done, com_table_add(k->c, *out, "error_at_config_tolerance", "1", NULL, n, own, NULL));
  COM_GOTO(done, com_table_add(k->c, *out, "rows", "1", NULL, n, rows, NULL));
  COM_GOTO(done, com_table_add(k->c, *out, "without_answer", "1", NULL, n, missing, NULL));
  COM_GOTO(done, com_table_add_text(k->c, *out, "at", n, place));
done:
  free(text);
  free(rows);
  return status;
}

/* errors[2][n_probes]: of the gradients at TIGHT, and of those at the config's own tolerance against the same differences. */
static com_status both(check *k, ads_fit *fits[2], double **errors) {
  check own = {.c = k->c, .f = fits[1], .given = k->given, .basin = k->basin};
  com_status status = COM_OK;
  k->f = fits[0];
  COM_GOTO(done, list_all(k));
  COM_GOTO(done, list_all(&own));
  *errors = calloc(2 * k->n_probes, sizeof **errors);
  if (!*errors) COM_GOTO(done, COM_FAIL(k->c, COM_E_MEM, "out of memory"));
  COM_GOTO(done, measure(k, NULL, *errors));
  COM_GOTO(done, measure(&own, k->p, *errors + k->n_probes));
  for (size_t i = 0; i < k->n_probes; i++) /* what cannot be judged, cannot at any tolerance */
    if (isnan((*errors)[i])) (*errors)[i + k->n_probes] = NAN;
done:
  forget(&own);
  return status;
}

static void warn_unchecked(const check *k, const double *error) {
  for (size_t i = 0; i < k->n_probes; i++) {
    const probe *p = &k->p[i];
    if (p->missing > 0 && p->axis == PARAMETERS) /* those along the data say the same */
      com_ctx_warn(k->c, "unchecked",
                   "%s: %zu samples have no answer here (no root, or run away): their derivatives are zero "
                   "by definition and not checked",
                   p->name, p->missing);
    if (isnan(error[i]))
      com_ctx_warn(
          k->c, "unresolved",
          "%s: its gradient vanishes here to the rounding of its differences (a perfect fit): not judged",
          p->name);
  }
}

com_status ads_gradcheck_run(com_ctx *c, const ads_config *cfg, const char *file, const cJSON *parameters,
                             com_table **table, double *worst) {
  com_choice flow = {0};
  ads_fit *fits[2] = {NULL, NULL};
  double *full = NULL, *errors = NULL;
  check k = {.c = c};
  com_status status = COM_OK;
  *table = NULL;
  *worst = 0;
  COM_TRY(ads_fit_tight_flow(c, &cfg->flow, TIGHT, &flow));
  COM_GOTO(done, ads_fit_create(c, cfg, &flow, &fits[0]));
  COM_GOTO(done, ads_fit_create(c, cfg, NULL, &fits[1]));
  const size_t n = com_params_n(ads_fit_params(fits[0]));
  full = malloc((2 * n + 1) * sizeof *full);
  if (!full) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
  COM_GOTO(done, ads_evaluate_parameters(c, fits[0], file, parameters, full));
  COM_GOTO(done, find_basin(fits[0], full, full + n));
  k.given = full;
  k.basin = memcmp(full, full + n, n * sizeof *full) == 0 ? full : full + n;
  COM_GOTO(done, both(&k, fits, &errors));
  for (size_t i = 0; i < k.n_probes; i++) *worst = fmax(*worst, errors[i]); /* NAN: not judged */
  warn_unchecked(&k, errors);
  COM_GOTO(done, write_table(&k, errors, errors + k.n_probes, table));
done:
  if (status) {
    com_table_destroy(*table);
    *table = NULL;
  }
  forget(&k);
  free(errors);
  free(full);
  ads_fit_destroy(fits[0]);
  ads_fit_destroy(fits[1]);
  com_field_choice_finish(&ads_flow_kind, &flow);
  return status;
}

/* ---- tasks that know no tolerance ---- */

static com_status task_run(probe *p, const double *x, double *v, double *J, size_t *n_bad) {
  const ads_task_ops *ops = p->task->ops;
  if (p->m > 1) return ops->residuals(p->task->self, p->stage, x, v, J, n_bad);
  return ops->value(p->task->self, p->stage, 1, -1, x, v, J, n_bad);
}
static com_status task_difference(probe *p, const double *from, const double *to, double *dv) {
  size_t n_bad[2];
  double *v = malloc(p->m * sizeof *v);
  if (!v) return COM_E_MEM;
  com_status status = task_run(p, from, v, NULL, &n_bad[0]);
  if (!status) status = task_run(p, to, dv, NULL, &n_bad[1]);
  for (size_t i = 0; i < p->m && !status; i++) dv[i] -= v[i];
  free(v);
  if (!status) answered(p, n_bad[0], n_bad[1]);
  return status;
}
static com_status task_jac(probe *p, const double *x0, double *J) {
  double *v = malloc(p->m * sizeof *v);
  if (!v) return COM_E_MEM;
  const com_status status = task_run(p, x0, v, J, &p->missing);
  free(v);
  return status;
}

static void list_task(check *k, const ads_task *t, const double *at) {
  const int last = t->n_stages ? (int)t->n_stages - 1 : ADS_LOSS_PROPER;
  const size_t m[2] = {1, t->ops->n_res(t->self, last)};
  static const char *const what[2] = {"objective", "residuals"};
  for (int i = 0; i < 2; i++) {
    probe *p = &k->p[k->n_probes++];
    *p = (probe){.c = k->c, .task = t, .m = m[i], .n = com_params_n(t->params), .stage = last};
    p->at = at, p->place = "start 1";
    p->difference = task_difference, p->jac = task_jac;
    snprintf(p->name, sizeof p->name, "%s%s%s%s", what[i], t->name ? " [" : "", t->name ? t->name : "",
             t->name ? "]" : "");
  }
}

com_status ads_gradcheck_tasks(com_ctx *c, size_t n, const ads_task *task, com_table **table, double *worst) {
  com_status status = COM_OK;
  check k = {.c = c};
  size_t width = 1;
  *table = NULL;
  *worst = 0;
  for (size_t i = 0; i < n; i++)
    width = com_params_n(task[i].params) > width ? com_params_n(task[i].params) : width;
  double *at = malloc((n * (width + 2) + 1) * sizeof *at), *errors = at + n * width;
  COM_ALLOC(c, at);
  k.p = calloc(2 * n + 1, sizeof *k.p);
  if (!k.p) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
  for (size_t i = 0; i < n; i++) {
    COM_GOTO(done, task[i].ops->start(task[i].self, 1, at + i * width));
    list_task(&k, &task[i], at + i * width);
  }
  COM_GOTO(done, measure(&k, NULL, errors));
  for (size_t i = 0; i < k.n_probes; i++) *worst = fmax(*worst, errors[i]); /* NAN: not judged */
  warn_unchecked(&k, errors);
  COM_GOTO(done, write_table(&k, errors, errors, table));
done:
  forget(&k);
  free(at);
  return status;
}
