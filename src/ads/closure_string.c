/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Einstein-dilaton equations with h in the string frame: the probe scalar that h was learned from is taken to feel the string-frame
 * metric e^(2 sigma) (-e^(2a) F dt^2 + ... + e^(2a) dx^2), sigma = 2 Phi/3, d = 4, eta its proper length, ' = d/deta.  With p = sigma',
 * m = (log F)' the equations of closure einstein become
 *   h = 4 (a' + p) + m/2,   m' = m (3 p - h),   4 p' = h' + h p + m^2/4,
 *   V = e^(2 sigma) (12 a'^2 + 3 (a'' + p a') + (3/2) a' m).
 * So sigma is always real, whatever h does: no null energy condition on h.  m = (8 e^(-I)/sinh 4 eta) e^(3 P), P = int_0^eta p, is
 * 2/eta at the horizon; there p -> 2 c/7 (h = 1/eta + c + ...), and at the boundary the mode p ~ e^eta must be absent: a two-point boundary
 * value problem, solved by the box scheme over log eta, Newton and Richardson, by continuation from the black brane h = 4 coth 4 eta. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "ads/closure.h"
#include "common/cheb.h"
#include "common/spline.h"

enum { COARSE = 1501, FINE = 2 * COARSE - 1, BAND = 7, NEWTON = 30 };
/* START: where the series at the horizon is left; REACH: the growing mode has e^REACH beyond the learned range to show itself.
 * STEP_MIN: continuation gives up below it; NEWTON_TOL: of the last step, relative. */
#define START 1e-4
#define REACH 4.0
#define STEP_MIN 1e-3
#define NEWTON_TOL 1e-11

typedef struct closure {
  const ads_curve *curve;
  double end, lnk, P_end;
  com_spline *p, *P; /* over log eta */
  com_cheb *Y;       /* m - 8/sinh 4 eta */
  double Y_end;
  char why[160];
} closure;

static double bare_m(const closure *s, double eta, double *h, double *dh) {
  double integral;
  ads_curve_at(s->curve, eta, h, dh, &integral);
  return 8 * exp(-integral) / sinh(4 * eta);
}

/* ---- the boundary value problem ---- */
/* In u = 4 p - r, r = h - 1/eta, no derivative of h appears, so that its kinks do no harm:
 *   u' = h p + m^2/4 - 1/eta^2,   P' = p = (u + r)/4.
 * y = u_0, P_0, u_1, P_1, ...; equation 0: P at the horizon, then two per interval, then p at the boundary. */
typedef struct box {
  int n;                                            /* nodes */
  double eta[FINE], r_metric[FINE], integral[FINE]; /* of the metric; the brane's part is closed */
  double y[2 * FINE], keep[2 * FINE], r[2 * FINE];
  double A[2 * FINE][BAND]; /* row i holds columns i-2 .. i+4 (fill-in of pivoting included) */
  double step;              /* in log eta */
} box;

/* 4 coth 4 eta - 1/eta. */
static double brane_r(double eta) {
  const double x = 4 * eta;
  return x < 0.02 ? 4 * x / 3 * (1 - x * x / 15) : 4 / tanh(x) - 1 / eta;
}

/* r at node i for a fraction t of the deformation. */
static double r_at(const box *b, double t, int i) {
  const double brane = brane_r(b->eta[i]);
  return brane + t * (b->r_metric[i] - brane);
}

/* du/dx, dP/dx over x = log eta at node i, and their derivatives with respect to u and P. */
static void node(const box *b, double t, const double *y, int i, double f[2], double jac[2][2]) {
  const double eta = b->eta[i], r = r_at(b, t, i), h = r + 1 / eta, p = 0.25 * (y[2 * i] + r);
  /* log(m eta/2); m^2/4 - 1/eta^2 = expm1(2 log)/eta^2 */
  const double log_m = log(4 * eta / sinh(4 * eta)) + 3 * y[2 * i + 1] - t * b->integral[i];
  f[0] = eta * (h * p + expm1(2 * log_m) / (eta * eta));
  f[1] = eta * p;
  jac[0][0] = eta * h / 4;
  jac[0][1] = 6 * exp(2 * log_m) / eta;
  jac[1][0] = eta / 4;
  jac[1][1] = 0;
}

static void put(box *b, int row, int col, double v) { b->A[row][col - row + 2] += v; }

static void assemble(box *b, double t, double p_horizon, double p_boundary) {
  const int last = 2 * b->n - 1;
  double f0[2], f1[2], j0[2][2], j1[2][2];
  for (int i = 0; i <= last; i++)
    for (int k = 0; k < BAND; k++) b->A[i][k] = 0;
  b->r[0] = b->y[1] - 0.5 * START * (t * p_horizon + 0.25 * (b->y[0] + r_at(b, t, 0)));
  put(b, 0, 0, -0.125 * START);
  put(b, 0, 1, 1);
  node(b, t, b->y, 0, f0, j0);
  for (int i = 0; i + 1 < b->n; i++) {
    node(b, t, b->y, i + 1, f1, j1);
    for (int k = 0; k < 2; k++) {
      const int row = 1 + 2 * i + k;
      b->r[row] = b->y[2 * i + 2 + k] - b->y[2 * i + k] - 0.5 * b->step * (f0[k] + f1[k]);
      put(b, row, 2 * i + k, -1);
      put(b, row, 2 * i + 2 + k, 1);
      for (int c = 0; c < 2; c++) {
        put(b, row, 2 * i + c, -0.5 * b->step * j0[k][c]);
        put(b, row, 2 * i + 2 + c, -0.5 * b->step * j1[k][c]);
      }
    }
    for (int k = 0; k < 2; k++) {
      f0[k] = f1[k];
      j0[k][0] = j1[k][0];
      j0[k][1] = j1[k][1];
    }
  }
  b->r[last] = b->y[last - 1] + r_at(b, t, b->n - 1) - 4 * t * p_boundary;
  put(b, last, last - 1, 1);
}

/* Gauss with partial pivoting within the band (two below the diagonal, two above, two more by exchanges); r -> A^(-1) r. */
static int solve_band(box *b) {
  const int n = 2 * b->n;
  for (int i = 0; i < n; i++) {
    int best = i;
    for (int k = i + 1; k < n && k <= i + 2; k++)
      if (fabs(b->A[k][i - k + 2]) > fabs(b->A[best][i - best + 2])) best = k;
    if (!(fabs(b->A[best][i - best + 2]) > 0)) return 0;
    for (int c = i; best != i && c <= i + 4 && c < n; c++) {
      const double keep = b->A[i][c - i + 2];
      b->A[i][c - i + 2] = b->A[best][c - best + 2];
      b->A[best][c - best + 2] = keep;
    }
    if (best != i) {
      const double keep = b->r[i];
      b->r[i] = b->r[best];
      b->r[best] = keep;
    }
    for (int k = i + 1; k < n && k <= i + 2; k++) {
      const double factor = b->A[k][i - k + 2] / b->A[i][2];
      for (int c = i; c <= i + 4 && c < n && c - k + 2 < BAND; c++)
        b->A[k][c - k + 2] -= factor * b->A[i][c - i + 2];
      b->r[k] -= factor * b->r[i];
    }
  }
  for (int i = n - 1; i >= 0; i--) {
    for (int c = i + 1; c <= i + 4 && c < n; c++) b->r[i] -= b->A[i][c - i + 2] * b->r[c];
    b->r[i] /= b->A[i][2];
  }
  return 1;
}

/* Newton at fraction t from b->y; 1 and b->y updated when it converges. */
static int newton(box *b, double t, double p_horizon, double p_boundary) {
  double before = INFINITY;
  for (int i = 0; i < 2 * b->n; i++) b->keep[i] = b->y[i];
  for (int it = 0; it < NEWTON; it++) {
    double size = 0, step = 0;
    assemble(b, t, p_horizon, p_boundary);
    if (!solve_band(b)) break;
    for (int i = 0; i < 2 * b->n; i++) {
      b->y[i] -= b->r[i];
      step = fmax(step, fabs(b->r[i]));
      size = fmax(size, fabs(b->y[i]));
    }
    if (!isfinite(step) || (it > 6 && step > before)) break;
    before = step;
    if (step <= NEWTON_TOL * (1 + size)) return 1;
  }
  for (int i = 0; i < 2 * b->n; i++) b->y[i] = b->keep[i];
  return 0;
}

/* p that decays: 4 p' = h' + 4 p with h' = c4 c3 exp(-c4 eta) gives p = -h'/(4 (1 + c4)). */
static double decaying(const closure *s) {
  double h, dh;
  const ads_curve_info *o = ads_curve_facts(s->curve);
  ads_curve_at(s->curve, s->end, &h, &dh, NULL);
  return isfinite(o->c4) ? -dh / (4 * (1 + o->c4)) : 0;
}

static void lay_grid(const closure *s, box *b, int n) {
  double h;
  b->n = n;
  b->step = (log(s->end) - log(START)) / (n - 1);
  for (int i = 0; i < n; i++) {
    b->eta[i] = exp(log(START) + b->step * i);
    ads_curve_at(s->curve, b->eta[i], &h, NULL, &b->integral[i]);
    b->r_metric[i] = h - 1 / b->eta[i];
  }
}

/* From the black brane to this h in steps, on the coarse grid; then once more on the fine one, and Richardson's rule for the error
 * step^2: b->y on the coarse nodes. */
static com_status continuation(com_ctx *c, const closure *s, box *b, double *coarse) {
  double h, t = 0, dt = 0.25;
  ads_curve_at(s->curve, START, &h, NULL, NULL);
  const double p_horizon = 2 * (h - 1 / START) / 7, p_boundary = decaying(s);
  lay_grid(s, b, COARSE);
  for (int i = 0; i < COARSE; i++) b->y[2 * i] = -brane_r(b->eta[i]); /* p = 0 */
  while (t < 1) {
    const double to = fmin(1, t + dt);
    const int good = newton(b, to, p_horizon, p_boundary);
    if (good) t = to;
    dt *= good ? 1.5 : 0.5;
    COM_CHECK(c, dt > STEP_MIN, COM_E_NUM,
              "closure string: no dilaton joins this horizon to its boundary: the solution that starts from "
              "the black "
              "brane ends at %.0f %% of the way to this h",
              100 * t);
  }
  for (int i = 0; i < 2 * COARSE; i++) coarse[i] = b->y[i];
  lay_grid(s, b, FINE);
  for (int i = 0; i < FINE; i++)
    for (int k = 0; k < 2; k++)
      b->y[2 * i + k] = 0.5 * (coarse[2 * (i / 2) + k] + coarse[2 * ((i + 1) / 2) + k]);
  COM_CHECK(c, newton(b, 1, p_horizon, p_boundary), COM_E_NUM,
            "closure string: Newton fails on the fine grid");
  for (int i = 0; i < COARSE; i++)
    for (int k = 0; k < 2; k++)
      coarse[2 * i + k] = b->y[4 * i + k] + (b->y[4 * i + k] - coarse[2 * i + k]) / 3;
  return COM_OK;
}

static com_status tabulate(com_ctx *c, closure *s) {
  com_status status = COM_OK;
  double *y = NULL;
  box *b;
  COM_ALLOC(c, b = calloc(1, sizeof *b));
  if (!(y = malloc(5 * COARSE * sizeof *y))) COM_GOTO(done, COM_FAIL(c, COM_E_MEM, "out of memory"));
  double *x = y + 2 * COARSE, *p = y + 3 * COARSE, *P = y + 4 * COARSE;
  COM_GOTO(done, continuation(c, s, b, y));
  for (int i = 0; i < COARSE; i++) {
    x[i] = log(b->eta[2 * i]);
    p[i] = 0.25 * (y[2 * i] + b->r_metric[2 * i]);
    P[i] = y[2 * i + 1];
  }
  s->P_end = P[COARSE - 1];
  COM_GOTO(done, com_spline_create(c, COARSE, x, p, &s->p));
  status = com_spline_create(c, COARSE, x, P, &s->P);
done:
  free(y);
  free(b);
  return status;
}

/* P and p = P'. */
static double sigma_sum(const closure *s, double eta, double *p) {
  if (eta >= s->end) {
    *p = 0;
    return s->P_end;
  }
  const double x = log(fmax(eta, START));
  *p = com_spline_at(s->p, x, NULL, NULL);
  return eta < START ? *p * eta : com_spline_at(s->P, x, NULL, NULL);
}

static double excess(double eta, void *user) {
  const closure *s = user;
  double h, p, P, integral;
  ads_curve_at(s->curve, eta, &h, NULL, &integral);
  P = sigma_sum(s, eta, &p);
  return 8 * expm1(3 * P - integral) / sinh(4 * eta);
}

/* Reversals of Phi below this fraction of its range are made by the kink of h where it is continued, and let pass. */
#define REVERSAL 0.01

static void look_for_turn(closure *s) {
  double p, range = 0, top = 0, sign = 0, back = 0, at = NAN;
  for (int i = 0; i < COARSE; i++)
    range = fmax(range, fabs(sigma_sum(s, s->end * i / COARSE, &p) - s->P_end));
  if (range < 1e-7) return;               /* constant to the accuracy of the solution */
  for (int i = COARSE - 1; i >= 0; i--) { /* from the boundary inwards */
    const double eta = s->end * i / COARSE, sigma = sigma_sum(s, eta, &p) - s->P_end;
    if (sign == 0 && fabs(sigma) > REVERSAL * range) sign = sigma < 0 ? -1 : 1;
    top = fmax(top, sign * sigma);
    if (top - sign * sigma > back) back = top - sign * sigma, at = eta;
  }
  if (back > REVERSAL * range)
    snprintf(s->why, sizeof s->why,
             "Phi turns back (by %.2g of its range %.3g, deepest at eta = %.3g), so that V is not a function "
             "of Phi",
             back / range, 1.5 * range, at);
}

static void destroy(void *self) {
  closure *s = self;
  com_spline_destroy(s->p);
  com_spline_destroy(s->P);
  com_cheb_destroy(s->Y);
  free(s);
}

static com_status solve(com_ctx *c, closure *s) {
  const double ends[2] = {0, s->end};
  COM_TRY(tabulate(c, s));
  return com_cheb_create(c, 2, ends, 1e-9, 1e-9, &s->Y, excess, s);
}

static com_status create(com_ctx *ctx, const void *opts, const ads_curve *curve, double tl, void **self) {
  const ads_curve_info *o = ads_curve_facts(curve);
  closure *s;
  com_status status;
  (void)opts;
  COM_CHECK(ctx, o->d == 4, COM_E_CONFIG, "closure string: d = %g: is written for d = 4", o->d);
  COM_ALLOC(ctx, s = calloc(1, sizeof *s));
  s->curve = curve;
  s->end = fmin(o->far, fmin(o->known_hi, 4) + REACH);
  if ((status = solve(ctx, s))) {
    destroy(s);
    return com_ctx_while(ctx, status, "solving the Einstein-dilaton equations in the string frame");
  }
  s->Y_end = com_cheb_integral(s->Y, s->end);
  const double ln_f2 = 2 * log(2.0) - s->Y_end; /* as in closure einstein, d = 4 */
  s->lnk = 4 * log(2 * M_PI * tl) - 1.5 * ln_f2 - log(4.0);
  look_for_turn(s);
  *self = s;
  return COM_OK;
}

static void at(const void *self, double eta, ads_geometry *out) {
  const closure *s = self;
  double h, dh, p;
  const double P = sigma_sum(s, eta, &p), m = bare_m(s, eta, &h, &dh) * exp(3 * P);
  const double Y = eta < s->end ? com_cheb_integral(s->Y, eta) - s->Y_end : 0,
               ln_F = 2 * log(tanh(2 * eta)) + Y;
  const double ln_G = s->lnk + 0.5 * ads_closure_log_volume(s->curve, eta, &h, &dh), dm = m * (3 * p - h);
  out->lng = 0.5 * (ln_G - 0.5 * ln_F);
  out->dlng = 0.5 * (h - 0.5 * m);
  out->d2lng = 0.5 * (dh - 0.5 * dm);
  out->lnf = out->lng + ln_F;
  out->dlnf = out->dlng + m;
  out->d2lnf = out->d2lng + dm;
  out->lnn = 0;
}

static size_t constants(const void *self, ads_constant out[ADS_CLOSURE_CONSTANTS]) {
  const closure *s = self;
  out[0] = (ads_constant){"K", "sqrt(f g^3) = K sinh(4 eta) exp I", exp(s->lnk)};
  out[1] = (ads_constant){"Phi_horizon", "Phi at the horizon, 0 at the boundary", -1.5 * s->P_end};
  return 2;
}

static const char *no_dilaton(const void *self) {
  return ((const closure *)self)->why[0] ? ((const closure *)self)->why : NULL;
}

static void dilaton(const void *self, double eta, ads_dilaton *out) {
  const closure *s = self;
  double h, dh, p;
  const double P = sigma_sum(s, eta, &p), m = bare_m(s, eta, &h, &dh) * exp(3 * P), dm = m * (3 * p - h);
  const double dp = (dh + h * p + 0.25 * m * m) / 4, sigma = P - s->P_end;
  const double a1 = 0.25 * (h - 0.5 * m) - p, a2 = 0.25 * (dh - 0.5 * dm) - dp;
  out->phi = 1.5 * sigma;
  out->dphi = 1.5 * p;
  out->V = exp(2 * sigma) * (12 * a1 * a1 + 3 * (a2 + p * a1) + 1.5 * a1 * m);
}

const ads_closure_ops ads_closure_string = {
    .c = {.name = "string",
          .doc = "the Einstein-dilaton equations with h in the string frame (d = 4)",
          .ref = "arXiv:0707.1349, arXiv:2209.04638"},
    .create = create,
    .destroy = destroy,
    .at = at,
    .constants = constants,
    .dilaton = dilaton,
    .no_dilaton = no_dilaton,
    .string_frame = 1};
