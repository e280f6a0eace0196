/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/meson.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "common/linalg.h"
#include "common/ode.h"
#include "common/quad.h"

const char *const ads_meson_names[] = {"rho", "a2", "a1", "f0", NULL};

/* DECAY: a wave function has fallen by exp(-DECAY) at the end of the interval; STEP: of the search for that end, GeV^-1. */
#define DECAY 34.0
#define STEP 0.02
#define Z_LIMIT 200.0

static int spin(ads_meson_sector s) { return s == ADS_MESON_RHO || s == ADS_MESON_A1 ? 1 : 2; }

/* f0: the mass -3 of the scalar lowers nu^2 = 4 of B_2 to 1. */
double ads_meson_nu(ads_meson_sector s) { return s == ADS_MESON_A2 ? 2 : 1; }

static void vev(const ads_meson_chiral *c, double z, double v[3]) {
  const double num = c->alpha * z + c->beta * z * z * z, dn = c->alpha + 3 * c->beta * z * z,
               ddn = 6 * c->beta * z;
  const double t = 1 / c->zc, den = 1 + z * z * z * t * t * t, dd = 3 * z * z * t * t * t,
               ddd = 6 * z * t * t * t;
  v[0] = num / den;
  v[1] = (dn - v[0] * dd) / den;
  v[2] = (ddn - 2 * v[1] * dd - v[0] * ddd) / den;
}

/* U = B'^2/4 - B''/2 with B' = (2S-1)/z + beta:  (S^2 - 1/4)/z^2 + (2S-1) beta/(2z) + beta^2/4 - beta'/2.
 *   a1: + g5^2 e^(2A) v^2;   f0: B_2, + e^(2A) (-3 - 2 k1 v - 3 k2 v^2), of which -3/z^2 is in nu (arXiv:2512.16450). */
double ads_meson_potential(const ads_meson *m, ads_meson_sector s, double z) {
  const int S = spin(s);
  double b[3], A[3], phi[3], v[3];
  ads_profile_beta(&m->profile, S, z, b);
  double U = (2 * S - 1) * b[0] / (2 * z) + 0.25 * b[0] * b[0] - 0.5 * b[1];
  if (s == ADS_MESON_RHO || s == ADS_MESON_A2) return U;
  ads_profile_fields(&m->profile, z, A, phi);
  vev(&m->chiral, z, v);
  const double warp = exp(2 * A[0]) / (z * z);
  if (s == ADS_MESON_A1) return U + m->chiral.g5sq * warp * v[0] * v[0];
  return U - 3 * expm1(2 * A[0]) / (z * z) - warp * v[0] * (2 * m->chiral.k1 + 3 * m->chiral.k2 * v[0]);
}

double ads_meson_chiral_residual(const ads_meson *m, double z) {
  double b[3], A[3], phi[3], v[3];
  ads_profile_beta(&m->profile, 2, z, b);
  ads_profile_fields(&m->profile, z, A, phi);
  vev(&m->chiral, z, v);
  const double drag = (3 / z + b[0]) * v[1], warp = exp(2 * A[0]) / (z * z);
  const double force = warp * v[0] * (3 + v[0] * (m->chiral.k1 + m->chiral.k2 * v[0]));
  return (v[2] - drag + force) / (fabs(v[2]) + fabs(drag) + fabs(force));
}

static double full_potential(const ads_meson *m, ads_meson_sector s, double z) {
  const double nu = ads_meson_nu(s);
  return (nu * nu - 0.25) / (z * z) + ads_meson_potential(m, s, z);
}

/* Where a state of m^2 = E has decayed; E from the soft wall, m^2 ~ 4 k (n + nu), and then from what was found. */
static com_status far_end(com_ctx *c, const ads_meson *m, ads_meson_sector s, double E, double *end) {
  double decay = 0, z = STEP;
  for (; z < Z_LIMIT && decay < DECAY; z += STEP) {
    const double U = full_potential(m, s, z);
    COM_CHECK(c, isfinite(U), COM_E_NUM, "spectrum: the potential of %s is not finite at z = %g",
              ads_meson_names[s], z);
    decay = U > E && z > 1 / (1 + sqrt(E)) ? decay + STEP * sqrt(U - E) : 0;
  }
  COM_CHECK(c, z < Z_LIMIT, COM_E_NUM,
            "spectrum: the potential of %s does not rise above m^2 = %.4g GeV^2 before z = %g GeV^-1: no "
            "discrete state "
            "there; is k positive?",
            ads_meson_names[s], E, Z_LIMIT);
  *end = z;
  return COM_OK;
}

static double energy_guess(const ads_meson *m, ads_meson_sector s, size_t n) {
  const double k = m->profile.par[2 * (spin(s) - 1)];
  return 4 * k * ((double)n + 2) + 2;
}

/* ---- matrix ---- */
/* psi = z^(nu + 1/2) u:  -(P u')' + P U u = m^2 P u,  P = z^(2 nu + 1).  u is even and analytic, so cells of width h with their
 * centres at z_i = (i + 1/2) h have errors in powers of h^2, which Richardson's rule removes; P = 0 at z = 0 is the boundary
 * condition.  Scaled to a symmetric tridiagonal matrix by sqrt(P_i). */
typedef struct grid {
  size_t n;
  double h, *diag, *off, *vec; /* vec[k][n], orthonormal */
} grid;

static void grid_finish(grid *g) {
  free(g->diag);
  *g = (grid){0};
}

static com_status solve(com_ctx *c, const ads_meson *m, ads_meson_sector s, double end, size_t n, size_t k,
                        int vectors, grid *g, double *w) {
  const double power = 2 * ads_meson_nu(s) + 1, h = end / (double)n;
  *g = (grid){.n = n, .h = h};
  COM_ALLOC(c, g->diag = malloc((2 * n + (vectors ? k * n : 0)) * sizeof *g->diag));
  g->off = g->diag + n;
  g->vec = vectors ? g->diag + 2 * n : NULL;
  /* in units of h: P at the centre i + 1/2 and on the faces i, i + 1 */
  double face = 0;
  for (size_t i = 0; i < n; i++) {
    const double x = (double)i + 0.5, P = pow(x, power), next = pow(x + 0.5, power);
    g->diag[i] = (face + next) / (h * h * P) + ads_meson_potential(m, s, x * h);
    if (i + 1 < n) g->off[i] = -next / (h * h * sqrt(P * pow(x + 1, power)));
    face = next;
  }
  return com_linalg_tridiag(c, n, g->diag, g->off, k, w, g->vec);
}

/* d m^2/dp = int psi^2 dU/dp. */
static void hellmann_feynman(const ads_meson *m, ads_meson_sector s, const grid *g, size_t k, double *grad) {
  const int S = spin(s);
  for (size_t j = 0; j < k; j++) {
    double dk = 0, da = 0;
    for (size_t i = 0; i < g->n; i++) {
      const double z = ((double)i + 0.5) * g->h, w = g->vec[j * g->n + i] * g->vec[j * g->n + i];
      double b[3], bk[2], ba[2];
      ads_profile_beta(&m->profile, S, z, b);
      ads_profile_beta_jac(&m->profile, S, z, bk, ba);
      dk += w * ((2 * S - 1) * bk[0] / (2 * z) + 0.5 * b[0] * bk[0] - 0.5 * bk[1]);
      da += w * ((2 * S - 1) * ba[0] / (2 * z) + 0.5 * b[0] * ba[0] - 0.5 * ba[1]);
    }
    memset(grad + ADS_PROFILE_PARAMS * j, 0, ADS_PROFILE_PARAMS * sizeof *grad);
    grad[ADS_PROFILE_PARAMS * j + 2 * (size_t)(S - 1)] = dk;
    grad[ADS_PROFILE_PARAMS * j + 2 * (size_t)(S - 1) + 1] = da;
  }
}

/* One table of Richardson's rule for errors h^2, h^4: t0 at h, t1 at h/2, t2 at h/4. */
static double richardson(double t0, double t1, double t2, double *err) {
  const double a = t1 + (t1 - t0) / 3, b = t2 + (t2 - t1) / 3;
  *err = fabs(b - a) / 15;
  return b + (b - a) / 15;
}

static com_status check_request(com_ctx *c, const ads_meson *m, ads_meson_sector s) {
  COM_CHECK(c, isfinite(m->profile.par[0]) && isfinite(m->profile.par[2]), COM_E_CONFIG,
            "spectrum: profile.k is not given; give it, or train it from masses");
  COM_CHECK(c, m->chiral.given || s == ADS_MESON_RHO || s == ADS_MESON_A2, COM_E_CONFIG,
            "spectrum: sector %s needs the chiral condensate; give \"chiral\" in the background",
            ads_meson_names[s]);
  return COM_OK;
}

com_status ads_meson_matrix(com_ctx *c, const ads_meson *m, ads_meson_sector s, size_t points, size_t n,
                            double *m2, double *err, double *grad) {
  com_status status = COM_OK;
  grid g = {0};
  double end, *t = NULL;
  COM_TRY(check_request(c, m, s));
  COM_TRY(far_end(c, m, s, energy_guess(m, s, n), &end));
  const size_t np = ADS_PROFILE_PARAMS, row = n * (1 + np);
  COM_ALLOC(c, t = malloc(3 * row * sizeof *t));
  for (size_t level = 0; level < 3; level++) {
    double *w = t + level * row;
    COM_GOTO(done, solve(c, m, s, end, points << level, n, grad != NULL, &g, w));
    if (grad) hellmann_feynman(m, s, &g, n, w + n);
    grid_finish(&g);
  }
  for (size_t i = 0; i < n; i++) {
    double e;
    m2[i] = richardson(t[i], t[row + i], t[2 * row + i], &e);
    if (err) err[i] = e;
  }
  for (size_t i = 0; grad && i < n * np; i++) {
    double e;
    grad[i] = richardson(t[n + i], t[row + n + i], t[2 * row + n + i], &e);
  }
done:
  grid_finish(&g);
  free(t);
  return status;
}

com_status ads_meson_wave(com_ctx *c, const ads_meson *m, ads_meson_sector s, size_t points, size_t k,
                          size_t *n, double **z, double **psi) {
  com_status status = COM_OK;
  grid g = {0};
  double end, *w = NULL;
  *z = *psi = NULL;
  COM_TRY(check_request(c, m, s));
  COM_TRY(far_end(c, m, s, energy_guess(m, s, k + 1), &end));
  COM_ALLOC(c, w = malloc((k + 1) * sizeof *w));
  COM_GOTO(done, solve(c, m, s, end, points, k + 1, 1, &g, w));
  *z = malloc(points * sizeof **z);
  *psi = malloc(points * sizeof **psi);
  if (!*z || !*psi) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
  for (size_t i = 0; i < points; i++) {
    (*z)[i] = ((double)i + 0.5) * g.h;
    (*psi)[i] = g.vec[k * points + i] / sqrt(g.h);
  }
  *n = points;
done:
  if (status) {
    free(*z);
    free(*psi);
    *z = *psi = NULL;
  }
  grid_finish(&g);
  free(w);
  return status;
}

/* ---- shooting ---- */
/* Prufer angle: psi = r sin theta, psi' = s r cos theta:
 *   theta' = s cos^2 theta + ((E - U)/s) sin^2 theta.
 * From both ends to z_match; state n where theta_left - theta_right = n pi.  The difference rises monotonically with E. */
typedef struct shot {
  const ads_meson *m;
  ads_meson_sector sector;
  com_ode *ode;
  double E, s, start, match, end;
  size_t state;
  com_status status;
} shot;

static int angle_rhs(double z, const double *y, double *f, void *user) {
  const shot *t = user;
  const double sn = sin(y[0]), cs = cos(y[0]);
  f[0] = t->s * cs * cs + (t->E - full_potential(t->m, t->sector, z)) / t->s * sn * sn;
  return isfinite(f[0]) ? 0 : -1;
}

static double mismatch(double E, void *user) {
  shot *t = user;
  const double nu = ads_meson_nu(t->sector), U0 = ads_meson_potential(t->m, t->sector, t->start);
  double left, right;
  t->E = E;
  /* psi'/psi at the lower end: u = 1 + (U - E) z^2/(2 (2 nu + 2)); at the upper end WKB, whose error dies on the way */
  const double low = (nu + 0.5) / t->start + (U0 - E) * t->start / (2 * nu + 2);
  const double high = -sqrt(fmax(full_potential(t->m, t->sector, t->end) - E, 1e-6));
  const double a = atan2(t->s, low), b = atan2(t->s, high);
  com_status st = com_ode_forward(t->ode, 1, t->start, t->match, &a, &left, 0);
  if (!st) st = com_ode_forward(t->ode, 1, t->end, t->match, &b, &right, 0);
  if (st) {
    t->status = st;
    return NAN;
  }
  return left - right - M_PI * (double)t->state;
}

/* Deepest point of U: both solutions grow towards it. */
static double valley(const ads_meson *m, ads_meson_sector s, double end) {
  double best = INFINITY, at = 0.5 * end;
  for (int i = 1; i < 400; i++) {
    const double z = end * i / 400, U = full_potential(m, s, z);
    if (U < best) best = U, at = z;
  }
  return at;
}

com_status ads_meson_shoot(com_ctx *c, const ads_meson *m, ads_meson_sector s, double rel_tol, size_t n,
                           double *m2) {
  const com_ode_opts opts = {.rel_tol = rel_tol, .abs_tol = rel_tol, .max_steps = 100000};
  com_status status = COM_OK;
  shot t = {.m = m, .sector = s};
  double lo = -1;
  COM_TRY(check_request(c, m, s));
  COM_TRY(far_end(c, m, s, energy_guess(m, s, n), &t.end));
  t.match = valley(m, s, t.end);
  t.start = 1e-4 * t.match;
  t.s = sqrt(energy_guess(m, s, n));
  COM_TRY(com_ode_create(c, &opts, angle_rhs, NULL, NULL, &t, &t.ode));
  for (t.state = 0; t.state < n && !t.status; t.state++) {
    double hi = fmax(lo, 0) + t.s * t.s / (double)(n + 1);
    for (int i = 0; i < 60 && mismatch(hi, &t) < 0; i++) hi += hi - lo;
    for (int i = 0; i < 60 && t.state == 0 && mismatch(lo, &t) > 0; i++) lo *= 2;
    if (t.status) break;
    COM_GOTO(done, com_quad_root(c, lo, hi, 1e-13, &m2[t.state], mismatch, &t));
    lo = m2[t.state];
  }
  status = t.status;
done:
  com_ode_destroy(t.ode);
  return status;
}
