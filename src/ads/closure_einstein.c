/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Einstein-dilaton equations: h alone fixes f, g, Phi and V(Phi).  Action R - (4/(d-1)) (d Phi)^2 + V; g = e^(2a), f = e^(2a) F;
 * G = sqrt(f g^(d-1)) = exp int h; dot = d/deta (Gursoy, Kiritsis, Nitti 0812.0792 in the gauge g_eta_eta = 1; d = 4 there):
 *   q := (log F)' = C/G, C = 2 lim_(eta->0) G/eta   =>  q = 2 d exp(-I)/sinh(d eta)
 *   d a = log G - (1/2) log F,  F(boundary) = 1
 *   Phi'^2 = ((d-1)^2/(4 d)) (-h' - q^2/4)          must be >= 0: the null energy condition
 *   V = ((d-1)/d) (h^2 + h')
 * the last two from Phi'^2 = ((d-1)^2/4) (-a'' + a' q/2), V = d(d-1) a'^2 + (d-1) a'' + ((d-1)/2) a' q with
 * a' = (h - q/2)/d, q' = -h q. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "ads/closure.h"
#include "common/cheb.h"

/* NOISE: h' and q^2/4 both grow like 1/eta^2 and cancel; below this fraction of them Phi'^2 is rounding.
 * ROUNDING: many metrics know h' to some units in the last place of h^2 only.
 * PHI_TOL: what that noise leaves in Phi. */
#define ROUNDING 1e-14
#define NOISE 1e-12
#define PHI_TOL 1e-9
enum { NEC_SAMPLES = 800 };

typedef struct closure {
  const ads_curve *curve;
  double d, lnk;
  com_cheb *Y; /* (log F - log tanh^2(d eta/2))' over eta; regular at the horizon */
  com_cheb *
      phi; /* -dPhi/ds over s = sqrt(eta), in which Phi is smooth even where h has a constant next to its pole */
  double Y_far, phi_far;
  char why[200]; /* why there is no Phi; empty when there is */
} closure;

/* Y' = q - q(I = 0) */
static double excess(double eta, void *user) {
  const closure *s = user;
  double h, integral;
  ads_curve_at(s->curve, eta, &h, NULL, &integral);
  return 2 * s->d * expm1(-integral) / sinh(s->d * eta);
}

static double slope_of_log_F(const closure *s, double eta, double *h, double *dh) {
  double integral;
  ads_curve_at(s->curve, eta, h, dh, &integral);
  return 2 * s->d * exp(-integral) / sinh(s->d * eta);
}

/* Phi'^2 (may be negative), zero where it is rounding; *size: what it must be compared with. */
static double kinetic(const closure *s, double eta, double *size) {
  double h, dh;
  const double q = slope_of_log_F(s, eta, &h, &dh), unit = (s->d - 1) * (s->d - 1) / (4 * s->d);
  const double sum = unit * (-dh - 0.25 * q * q), noise = unit * ROUNDING * h * h;
  *size = unit * (fabs(dh) + 0.25 * q * q);
  return fabs(sum) <= NOISE * *size + noise ? 0 : sum;
}

static double phi_per_s(double s_, void *user) {
  const closure *s = user;
  double size;
  const double k = kinetic(s, s_ * s_, &size);
  return k > 0 ? 2 * s_ * sqrt(k) : 0;
}

/* Scans for -h' - q^2/4 < 0 and says where. */
static void look_for_violation(closure *s) {
  const double far = ads_curve_facts(s->curve)->far, lo = 1e-4;
  double first = NAN, last = NAN, worst = 0, worst_at = NAN;
  for (int i = 0; i <= NEC_SAMPLES; i++) {
    const double eta = lo * pow(far / lo, (double)i / NEC_SAMPLES);
    double size;
    const double k = kinetic(s, eta, &size);
    if (k >= -1e-9 * size) continue;
    if (isnan(first)) first = eta;
    last = eta;
    if (k < worst) worst = k, worst_at = eta;
  }
  if (!isnan(first))
    snprintf(s->why, sizeof s->why,
             "the null energy condition is violated between eta = %.4g and %.4g (Phi'^2 = %.4g at eta = "
             "%.4g): Phi "
             "would be imaginary",
             first, last, worst, worst_at);
}

static com_status make_dilaton(com_ctx *ctx, closure *s) {
  size_t n;
  const double *eta = ads_curve_breaks(s->curve, &n);
  double *root;
  look_for_violation(s);
  if (s->why[0]) return COM_OK;
  COM_ALLOC(ctx, root = malloc(n * sizeof *root));
  for (size_t i = 0; i < n; i++) root[i] = sqrt(eta[i]);
  const com_status status = com_cheb_create(ctx, n, root, PHI_TOL, PHI_TOL, &s->phi, phi_per_s, s);
  if (status == COM_OK) s->phi_far = com_cheb_integral(s->phi, root[n - 1]);
  free(root);
  return status;
}

static void destroy(void *self) {
  closure *s = self;
  com_cheb_destroy(s->Y);
  com_cheb_destroy(s->phi);
  free(s);
}

static com_status create(com_ctx *ctx, const void *opts, const ads_curve *curve, double tl, void **self) {
  (void)opts;
  com_status status = COM_OK;
  const ads_curve_info *o = ads_curve_facts(curve);
  size_t n;
  const double *breaks = ads_curve_breaks(curve, &n);
  closure *s;
  COM_ALLOC(ctx, s = calloc(1, sizeof *s));
  s->curve = curve;
  s->d = o->d;
  COM_GOTO(done, com_cheb_create(ctx, n, breaks, 1e-14, 1e-14, &s->Y, excess, s));
  s->Y_far = com_cheb_integral(s->Y, o->far);
  /* F -> F2 eta^2 and f = e^(2a) F -> (2 pi T L eta)^2 fix K:
   * (2/d) (log(K d) - (1/2) log F2) + log F2 = 2 log(2 pi T L) */
  const double ln_f2 = 2 * log(0.5 * s->d) - s->Y_far;
  s->lnk = 0.5 * s->d * (2 * log(2 * M_PI * tl) - ln_f2) + 0.5 * ln_f2 - log(s->d);
  COM_GOTO(done, make_dilaton(ctx, s));
  *self = s;
  s = NULL;
done:
  if (s) destroy(s);
  return status;
}

static void at(const void *self, double eta, ads_geometry *out) {
  const closure *s = self;
  const double far = ads_curve_facts(s->curve)->far;
  double h, dh;
  const double q = slope_of_log_F(s, eta, &h, &dh), t = tanh(0.5 * s->d * eta);
  const double Y = eta < far ? com_cheb_integral(s->Y, eta) - s->Y_far : 0, ln_F = 2 * log(t) + Y;
  const double ln_G = s->lnk + 0.5 * ads_closure_log_volume(s->curve, eta, &h, &dh);
  out->lng = 2 / s->d * (ln_G - 0.5 * ln_F);
  out->dlng = 2 / s->d * (h - 0.5 * q);
  out->d2lng = 2 / s->d * (dh + 0.5 * h * q);
  out->lnf = out->lng + ln_F;
  out->dlnf = out->dlng + q;
  out->d2lnf = out->d2lng - h * q;
  out->lnn = 0;
}

static size_t constants(const void *self, ads_constant out[ADS_CLOSURE_CONSTANTS]) {
  const closure *s = self;
  out[0] = (ads_constant){"K", "sqrt(f g^(d-1)) = K sinh(d eta) exp I", exp(s->lnk)};
  out[1] = (ads_constant){"Phi_horizon", "Phi at the horizon, 0 at the boundary", s->phi ? s->phi_far : NAN};
  return 2;
}

static const char *no_dilaton(const void *self) {
  const closure *s = self;
  return s->why[0] ? s->why : NULL;
}

static void dilaton(const void *self, double eta, ads_dilaton *out) {
  const closure *s = self;
  double size, h, dh;
  ads_curve_at(s->curve, eta, &h, &dh, NULL);
  out->phi = eta < ads_curve_facts(s->curve)->far ? s->phi_far - com_cheb_integral(s->phi, sqrt(eta)) : 0;
  out->dphi = -sqrt(fmax(kinetic(s, eta, &size), 0));
  out->V = (s->d - 1) / s->d * (h * h + dh);
}

const ads_closure_ops ads_closure_einstein = {
    .c = {.name = "einstein",
          .doc = "the Einstein-dilaton equations: f, g, Phi and V(Phi) from h alone",
          .ref = "arXiv:0812.0792, arXiv:2209.04638"},
    .create = create,
    .destroy = destroy,
    .at = at,
    .constants = constants,
    .dilaton = dilaton,
    .no_dilaton = no_dilaton};
