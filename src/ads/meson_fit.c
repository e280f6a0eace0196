/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/meson_fit.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "ads/report.h"

enum { NP = ADS_PROFILE_PARAMS };
/* A wall this flat has no states below Z_LIMIT; bends beyond MAX_BEND overflow exp(A). */
static const double MIN_WALL = 1e-3, MAX_WALL = 50, MAX_BEND = 200;
/* With as many parameters as masses nothing lower exists: another start could only repeat it. */
static const double EXACT = 1e-8;
/* profile.k[0], profile.k[1], profile.a[0], profile.a[1] of the task in k_1, a_1, k_2, a_2 of a profile */
static const size_t place[NP] = {0, 2, 1, 3};

struct ads_meson_fit {
  com_ctx *c;
  ads_meson_fit_spec s;
  com_params *params;
  double *J; /* [n_res][NP], work */
};

/* ---- residuals ---- */

size_t ads_meson_fit_n_res(const ads_meson_fit_spec *s) {
  size_t n = 0;
  for (size_t i = 0; i < s->n_targets; i++) n += s->target[i].n;
  return n;
}

com_status ads_meson_fit_residuals(com_ctx *c, const ads_meson_fit_spec *s, const double *par, double *r,
                                   double *J) {
  ads_meson m = {.profile = {.ops = s->given->ops}};
  memcpy(m.profile.par, par, sizeof m.profile.par);
  size_t row = 0;
  for (size_t i = 0; i < s->n_targets; i++) {
    const ads_meson_target *t = &s->target[i];
    double *m2;
    COM_ALLOC(c, m2 = malloc(t->n * (1 + NP) * sizeof *m2));
    const com_status status =
        ads_meson_matrix(c, &m, t->sector, s->points, t->n, m2, NULL, J ? m2 + t->n : NULL);
    for (size_t k = 0; k < t->n && !status; k++, row++) {
      const double unit = s->rel_error * t->mass[k];
      const int bound = m2[k] > 0; /* a tachyon: pushed back by its distance */
      const double mass = bound ? sqrt(m2[k]) : m2[k];
      r[row] = (mass - t->mass[k]) / unit;
      for (size_t p = 0; J && p < NP; p++)
        J[row * NP + p] = m2[t->n + k * NP + p] / (bound ? 2 * mass * unit : unit);
    }
    free(m2);
    COM_TRY(status);
  }
  return COM_OK;
}

/* ---- the task ---- */

/* The soft wall whose first two masses have the measured splitting, m_1^2 - m_0^2 = 4 k, with bends on either side. */
static void wall(const ads_meson_fit_spec *s, size_t k, double par[NP]) {
  static const double bend[ADS_MESON_FIT_STARTS] = {0.1, 2, -2, 6, -6, 12};
  for (int i = 0; i < NP; i++) par[i] = i % 2 ? bend[k - 1] : 0.2;
  for (size_t i = 0; i < s->n_targets; i++) {
    const ads_meson_target *t = &s->target[i];
    if (t->n < 2) continue;
    const int at = t->sector == ADS_MESON_RHO ? 0 : 2;
    par[at] = fmax(0.02, (t->mass[1] * t->mass[1] - t->mass[0] * t->mass[0]) / 4);
  }
}

static com_status start(void *self, size_t k, double *full) {
  const ads_meson_fit_spec *s = &((const ads_meson_fit *)self)->s;
  const double *given = s->given->par;
  double par[NP];
  wall(s, k, par);
  if (k == 1 && isfinite(given[0]) && isfinite(given[2])) memcpy(par, given, sizeof par);
  for (size_t i = 0; i < NP; i++) full[i] = par[place[i]];
  return COM_OK;
}

static void stage(const void *self, size_t k, ads_loss_stage *out) {
  (void)self, (void)k;
  *out = (ads_loss_stage){.name = "masses", .max_iter = 2000, .penalties = 1};
}

static size_t n_res(const void *self, int which) {
  (void)which;
  return ads_meson_fit_n_res(&((const ads_meson_fit *)self)->s);
}

void ads_meson_fit_profile(const ads_meson_fit *f, const double *full, ads_profile *out) {
  out->ops = f->s.given->ops;
  for (size_t i = 0; i < NP; i++) out->par[place[i]] = full[i];
}

static com_status residuals(void *self, int which, const double *full, double *r, double *J, size_t *n_bad) {
  ads_meson_fit *f = self;
  ads_profile p;
  (void)which;
  *n_bad = 0;
  ads_meson_fit_profile(f, full, &p);
  COM_TRY(ads_meson_fit_residuals(f->c, &f->s, p.par, r, J ? f->J : NULL));
  for (size_t i = 0; J && i < n_res(f, 0); i++)
    for (size_t k = 0; k < NP; k++) J[i * NP + k] = f->J[i * NP + place[k]];
  return COM_OK;
}

static com_status value(void *self, int which, size_t k, long step, const double *full, double *chi2,
                        double *g, size_t *n_bad) {
  ads_meson_fit *f = self;
  const size_t m = n_res(f, which);
  double *r = malloc(m * (1 + NP) * sizeof *r);
  (void)k, (void)step; /* the same in every start; no mini-batches */
  COM_ALLOC(f->c, r);
  const com_status status = residuals(f, which, full, r, g ? r + m : NULL, n_bad);
  *chi2 = 0;
  if (g) memset(g, 0, NP * sizeof *g);
  if (!status) ads_loss_add_squares(m, NP, r, r + m, chi2, g);
  free(r);
  return status;
}

static com_status judge(void *self, const double *full, ads_start_row *row) {
  COM_TRY(value(self, 0, 1, -1, full, &row->loss, NULL, &row->n_bad));
  row->chi2 = row->loss;
  row->rootless = 0;
  return COM_OK;
}

static int accepted(const void *self, double loss) {
  (void)self;
  return loss < EXACT;
}

static com_status identity(const void *self, cJSON **out) {
  const ads_meson_fit *f = self;
  com_ctx *c = f->c;
  cJSON *o = NULL, *j = com_json_object();
  com_status s = com_json_add(c, j, "profile", com_json_string(f->s.given->ops->c.name));
  if (!s) s = com_json_add(c, j, "given", com_json_reals(f->s.given->par, NP));
  for (size_t i = 0; i < f->s.n_targets && !s; i++)
    s = com_json_add(c, j, ads_meson_names[f->s.target[i].sector],
                     com_json_reals(f->s.target[i].mass, f->s.target[i].n));
  if (!s) s = com_json_add(c, j, "rel_error", com_json_real(f->s.rel_error));
  if (!s) s = com_json_add(c, j, "points", com_json_int((long long)f->s.points));
  if (!s) s = com_json_add(c, j, "starts", com_json_int(f->s.starts));
  if (!s) s = com_field_choice_write(c, &com_optim_kind, f->s.optimizer, &o);
  if (!s) s = com_json_add(c, j, "optimizer", o);
  if (s) com_json_free(j);
  *out = s ? NULL : j;
  return s;
}

static com_status fill(const ads_meson_fit *f, const ads_report *r, double chi2, cJSON *j) {
  com_ctx *c = f->c;
  COM_TRY(com_json_add(c, j, "stop", com_json_string(com_status_stop_name(r->stop))));
  COM_TRY(com_json_add(c, j, "iterations", com_json_int(r->iterations)));
  COM_TRY(com_json_add(c, j, "chi2", com_json_real(chi2)));
  COM_TRY(com_json_add(c, j, "n_data", com_json_int((long long)n_res(f, 0))));
  COM_TRY(com_json_add(c, j, "n_trained", com_json_int(NP)));
  COM_TRY(com_json_add(c, j, "parameters", com_params_json(f->params, r->full)));
  COM_TRY(ads_report_starts(c, f->params, r, j));
  return ads_report_history(c, r, j);
}

static com_status result(void *self, const ads_report *r, cJSON **out) {
  ads_meson_fit *f = self;
  double chi2 = NAN;
  size_t n_bad = 0;
  com_status s = value(f, 0, 1, -1, r->full, &chi2, NULL, &n_bad);
  if (s == COM_E_NUM)
    s = COM_FAIL(f->c, COM_E_NUM, "spectrum: no start of profile %s has discrete states; check the masses",
                 f->s.given->ops->c.name);
  COM_TRY(s);
  cJSON *j = com_json_object();
  s = fill(f, r, chi2, j);
  ads_report_warn_stop(f->c, r);
  ads_report_warn_starts(f->c, r);
  if (s) com_json_free(j);
  *out = s ? NULL : j;
  return s;
}

static const ads_task_ops ops = {.start = start,
                                 .stage = stage,
                                 .n_res = n_res,
                                 .residuals = residuals,
                                 .value = value,
                                 .judge = judge,
                                 .accepted = accepted,
                                 .identity = identity,
                                 .result = result};

ads_task ads_meson_fit_task(ads_meson_fit *f) {
  return (ads_task){.ops = &ops,
                    .self = f,
                    .file = f->s.file,
                    .name = f->s.given->ops->c.name,
                    .params = f->params,
                    .optimizer = f->s.optimizer,
                    .wants = COM_WANT_RJ,
                    .n_starts = (size_t)f->s.starts,
                    .n_stages = 1,
                    .n_points = n_res(f, 0)};
}

com_status ads_meson_fit_create(com_ctx *c, const ads_meson_fit_spec *s, ads_meson_fit **out) {
  const com_block k = {.name = "profile.k", .n = 2, .trained = 1, .lo = MIN_WALL, .hi = MAX_WALL},
                  a = {.name = "profile.a", .n = 2, .trained = 1, .lo = -MAX_BEND, .hi = MAX_BEND};
  com_status status = COM_OK;
  *out = NULL;
  COM_CHECK(c, s->given->ops->shape, COM_E_CONFIG,
            "profile.type = \"%s\": has no bend to train; choose another profile, e.g. gauss",
            s->given->ops->c.name);
  COM_CHECK(c, ads_meson_fit_n_res(s) > 0, COM_E_CONFIG, "spectrum: no masses to train on; give rho and a2");
  ads_meson_fit *f = calloc(1, sizeof *f);
  COM_ALLOC(c, f);
  f->c = c;
  f->s = *s;
  COM_GOTO(fail, com_params_create(c, &f->params));
  COM_GOTO(fail, com_params_add(c, f->params, &k));
  COM_GOTO(fail, com_params_add(c, f->params, &a));
  f->J = malloc(ads_meson_fit_n_res(s) * NP * sizeof *f->J);
  if (!f->J) COM_GOTO(fail, COM_FAIL(c, COM_E_MEM, "out of memory"));
  *out = f;
  return COM_OK;
fail:
  ads_meson_fit_destroy(f);
  return status;
}

void ads_meson_fit_destroy(ads_meson_fit *f) {
  if (!f) return;
  com_params_destroy(f->params);
  free(f->J);
  free(f);
}
