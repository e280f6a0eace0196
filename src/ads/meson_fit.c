/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/meson_fit.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NP = ADS_PROFILE_PARAMS };
/* A wall this flat has no states below Z_LIMIT; bends beyond MAX_BEND overflow exp(A). */
static const double lower[NP] = {1e-3, -200, 1e-3, -200}, upper[NP] = {50, 200, 50, 200};

size_t ads_meson_fit_n_res(const ads_meson_fit_spec *s) {
  size_t n = 0;
  for (size_t i = 0; i < s->n_targets; i++) n += s->target[i].n;
  return n;
}

com_status ads_meson_fit_residuals(com_ctx *c, const ads_meson_fit_spec *s, const double *par, double *r,
                                   double *J) {
  ads_meson m = {.profile = {.ops = s->profile}};
  memcpy(m.profile.par, par, sizeof m.profile.par);
  size_t row = 0;
  for (size_t i = 0; i < s->n_targets; i++) {
    const ads_meson_target *t = &s->target[i];
    double *m2;
    COM_ALLOC(c, m2 = malloc(t->n * (1 + NP) * sizeof *m2));
    const com_status status = ads_meson_matrix(c, &m, t->sector, s->points, t->n, m2, NULL, m2 + t->n);
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

/* The soft wall whose first two masses have the measured splitting, m_1^2 - m_0^2 = 4 k, then bends on either side. */
static void start_at(const ads_meson_fit_spec *s, int which, double par[NP]) {
  static const double bend[] = {0.1, 2, -2, 6, -6, 12};
  for (int i = 0; i < NP; i++) par[i] = i % 2 ? bend[which % 6] : 0.2;
  for (size_t i = 0; i < s->n_targets; i++) {
    const ads_meson_target *t = &s->target[i];
    if (t->n < 2) continue;
    const int k = t->sector == ADS_MESON_RHO ? 0 : 2;
    par[k] = fmax(0.02, (t->mass[1] * t->mass[1] - t->mass[0] * t->mass[0]) / 4);
  }
}

typedef struct work {
  double par[NP], best[NP], *r, *J;
  double chi2;
} work;

static com_status one_start(com_ctx *c, const ads_meson_fit_spec *s, const com_choice *optimizer, work *w) {
  const size_t m = ads_meson_fit_n_res(s);
  com_optim *o = NULL;
  com_status status = COM_OK;
  com_stop stop = COM_STOP_NONE;
  COM_TRY(com_optim_create(c, optimizer, NP, lower, upper, &o));
  if (!(com_optim_wants(o) & COM_WANT_RJ)) {
    status = COM_FAIL(c, COM_E_CONFIG, "spectrum.optimizer: must be one that takes residuals, e.g. \"lm\"");
    goto done;
  }
  while (stop == COM_STOP_NONE) {
    com_eval e = {.f = INFINITY, .m = m, .r = w->r, .J = w->J};
    if (ads_meson_fit_residuals(c, s, w->par, w->r, w->J) == COM_OK) {
      e.f = 0;
      for (size_t i = 0; i < m; i++) e.f += w->r[i] * w->r[i];
      if (e.f < w->chi2) {
        w->chi2 = e.f;
        memcpy(w->best, w->par, sizeof w->best);
      }
    } else {
      com_ctx_clear(c); /* no discrete states at this point: inadmissible, the optimiser steps back */
    }
    stop = com_optim_step(o, &e, w->par);
    if (stop == COM_STOP_NONE) stop = com_ctx_stop(c);
    COM_GOTO(done, com_ctx_cancelled(c, "spectrum"));
  }
done:
  com_optim_destroy(o);
  return status;
}

com_status ads_meson_fit_run(com_ctx *c, const ads_meson_fit_spec *s, const com_choice *optimizer,
                             ads_profile *out, double *chi2) {
  com_status status = COM_OK;
  const size_t m = ads_meson_fit_n_res(s);
  work w = {.chi2 = INFINITY};
  COM_CHECK(c, s->profile->shape, COM_E_CONFIG,
            "profile.type = \"%s\": has no bend to train; choose another profile, e.g. gauss",
            s->profile->c.name);
  COM_CHECK(c, m > 0, COM_E_CONFIG, "spectrum: no masses to train on; give rho and a2");
  COM_ALLOC(c, w.r = malloc(m * (1 + NP) * sizeof *w.r));
  w.J = w.r + m;
  for (int k = 0; k < s->starts; k++) {
    start_at(s, k, w.par);
    COM_GOTO(done, one_start(c, s, optimizer, &w));
    if (w.chi2 < 1e-8) break; /* as many parameters as masses: nothing lower exists */
  }
  if (!isfinite(w.chi2)) {
    status = COM_FAIL(c, COM_E_NUM, "spectrum: no start of profile %s has discrete states; check the masses",
                      s->profile->c.name);
    goto done;
  }
  out->ops = s->profile;
  memcpy(out->par, w.best, sizeof out->par);
  *chi2 = w.chi2;
done:
  free(w.r);
  return status;
}
