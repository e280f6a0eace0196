/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/onshell.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NEWTON = 40, GRID = 64 };
static const double CLAMP = 0.2;  /* Newton steps in r change it by at most this fraction: F is cubic in r */
static const double NOISE = 1e-4; /* largest relative step that may be taken for integration noise */
static const double ESCAPE = 1e3; /* a source root further than this many times the largest guess is none */

/* One Newton solve over a batch: x is the direction that moves (s or r), fixed the other.  clamp = 0: free steps. */
typedef struct newton {
  ads_model *m;
  const double *p, *fixed;
  size_t n;
  int source;
  double clamp, rel_tol, limit;
} newton;

static com_status run_sr(const newton *w, const double *x, ads_model_eval *ev) {
  return w->source ? ads_model_run(w->m, ADS_MODEL_SR, w->p, w->n, x, w->fixed, ev)
                   : ads_model_run(w->m, ADS_MODEL_SR, w->p, w->n, w->fixed, x, ev);
}

/* Done at rel_tol, or when the steps are small and no longer shrink: then they are the integrator's own rounding. */
static int converged(const newton *w, double x, double step, double last) {
  const double a = fabs(step), tol = w->rel_tol * fabs(x);
  return a <= tol || (a <= fmax(NOISE * fabs(x), tol) && a >= 0.5 * fabs(last));
}

/* x <- x - F / F_x until |step| <= rel_tol |x|.  Converged or failed samples stay where they are. */
static com_status solve(const newton *w, double *x, unsigned char *ok) {
  size_t open = w->n;
  unsigned char *done = calloc(w->n + 1, 1);
  double *last = malloc((w->n + 1) * sizeof *last);
  com_status status = done && last ? COM_OK : COM_E_MEM;
  memset(ok, 0, w->n);
  for (size_t i = 0; i < w->n && last; i++) last[i] = INFINITY;
  for (int it = 0; it < MAX_NEWTON && open && !status; it++) {
    ads_model_eval ev;
    COM_GOTO(out, run_sr(w, x, &ev));
    for (size_t i = 0; i < w->n; i++) {
      if (done[i]) continue;
      const double slope = w->source ? ev.Fs[i] : ev.Fr[i];
      double step = -ev.F[i] / slope;
      if (ev.frozen[i] || slope == 0 || !isfinite(step)) {
        done[i] = 1;
        open--;
        continue;
      }
      if (w->clamp > 0 && fabs(step) > w->clamp * fabs(x[i])) step = copysign(w->clamp * fabs(x[i]), step);
      x[i] += step;
      if (w->limit > 0 && fabs(x[i]) > w->limit) {
        done[i] = 1;
        open--;
      } else if (converged(w, x[i], step, last[i])) {
        done[i] = ok[i] = 1;
        open--;
      }
      last[i] = step;
    }
  }
out:
  free(last);
  free(done);
  return status;
}

static double largest(size_t n, const double *x) {
  double a = 0;
  for (size_t i = 0; i < n; i++) a = fmax(a, fabs(x[i]));
  return a;
}

com_status ads_onshell_source(ads_model *m, const double *p, size_t n, const double *r, double rel_tol,
                              double *s, unsigned char *ok) {
  double *guess = malloc((n ? n : 1) * sizeof *guess);
  if (!guess) return COM_E_MEM;
  memcpy(guess, s, n * sizeof *s);
  const newton w = {m, p, r, n, 1, 0, rel_tol, ESCAPE * largest(n, s)};
  const com_status status = solve(&w, s, ok);
  for (size_t i = 0; i < n; i++)
    if (!ok[i]) s[i] = guess[i];
  free(guess);
  return status;
}

com_status ads_onshell_response(ads_model *m, const double *p, size_t n, const double *s, double rel_tol,
                                double *r, unsigned char *ok) {
  const newton w = {m, p, s, n, 0, CLAMP, rel_tol, 0};
  return solve(&w, r, ok);
}

/* Work space of the bracketing search of one point: GRID factors on either side of the guess. */
typedef struct grid {
  double r[2 * GRID + 1], s[2 * GRID + 1], F[2 * GRID + 1];
  unsigned char bad[2 * GRID + 1];
} grid;

/* F on r = guess * reach^(k/GRID), k = -GRID..GRID.  Frozen samples have no value. */
static com_status scan(ads_model *m, const double *p, double s, double guess, double reach, grid *g) {
  ads_model_eval ev;
  for (int k = -GRID; k <= GRID; k++) {
    g->r[k + GRID] = guess * pow(reach, (double)k / GRID);
    g->s[k + GRID] = s;
  }
  COM_TRY(ads_model_run(m, ADS_MODEL_F, p, 2 * GRID + 1, g->s, g->r, &ev));
  memcpy(g->F, ev.F, sizeof g->F);
  memcpy(g->bad, ev.frozen, sizeof g->bad);
  return COM_OK;
}

/* The sign change nearest the centre of the grid; 0 when there is none. */
static int nearest_bracket(const grid *g, double *lo, double *hi) {
  for (int k = 0; k < GRID; k++)
    for (int side = 0; side < 2; side++) {
      const int a = GRID + (side ? -k - 1 : k), b = a + 1;
      if (g->bad[a] || g->bad[b] || g->F[a] * g->F[b] > 0) continue;
      *lo = g->r[a];
      *hi = g->r[b];
      return 1;
    }
  return 0;
}

/* Safeguarded Newton inside a bracket (bisection whenever Newton leaves it): F(lo) F(hi) <= 0 stays true. */
static com_status polish(ads_model *m, const double *p, double s, double lo, double hi, double rel_tol,
                         double *root, int *ok) {
  ads_model_eval ev;
  double x[1] = {lo}, sv[1] = {s};
  COM_TRY(ads_model_run(m, ADS_MODEL_SR, p, 1, sv, x, &ev));
  const double sign_lo = ev.F[0] > 0 ? 1 : -1;
  *ok = 0;
  x[0] = 0.5 * (lo + hi);
  for (int it = 0; it < 100; it++) {
    COM_TRY(ads_model_run(m, ADS_MODEL_SR, p, 1, sv, x, &ev));
    if (ev.frozen[0]) return COM_OK;
    if (ev.F[0] * sign_lo > 0)
      lo = x[0];
    else
      hi = x[0];
    double next = x[0] - ev.F[0] / ev.Fr[0];
    if (!(next > fmin(lo, hi) && next < fmax(lo, hi))) next = 0.5 * (lo + hi);
    const double step = fabs(next - x[0]);
    x[0] = next;
    if (step <= rel_tol * fabs(next)) {
      *ok = 1;
      break;
    }
  }
  *root = x[0];
  return COM_OK;
}

com_status ads_onshell_nearest(ads_model *m, const double *p, size_t n, const double *s, double reach,
                               double rel_tol, double *r, unsigned char *ok) {
  if (reach <= 1) reach = 20;
  for (size_t i = 0; i < n; i++) {
    grid g;
    double lo = 0, hi = 0;
    int found = 0;
    ok[i] = 0;
    const com_status scanned = scan(m, p, s[i], r[i], reach, &g);
    if (scanned == COM_E_NUM) continue; /* no integration, no root */
    COM_TRY(scanned);
    if (!nearest_bracket(&g, &lo, &hi)) continue;
    double root = r[i];
    COM_TRY(polish(m, p, s[i], lo, hi, rel_tol, &root, &found));
    if (!found) continue;
    r[i] = root;
    ok[i] = 1;
  }
  return COM_OK;
}
