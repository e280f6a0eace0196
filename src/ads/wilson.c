/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nambu-Goto string in ds^2 = -f dt^2 + n^2 deta^2 + g dx^2, 0 = at the turning point (arXiv:1809.10536 eqs. 36-37; eq. 37 prints f0 g0
 * where f g must stand):
 *   d = 2 int_eta0^inf (n/sqrt g) sqrt(f0 g0/(f g - f0 g0)) deta
 *   V = 2 int_eta0^inf n sqrt f (sqrt(f g/(f g - f0 g0)) - 1) deta - 2 int_lo^eta0 n sqrt f deta
 * With w = log(f g) - log(f0 g0) and eta = eta0 + u^2 both are smooth in u:
 *   sqrt(f0 g0/(f g - f0 g0)) = expm1(w)^(-1/2),   sqrt(f g/(f g - f0 g0)) = (-expm1(-w))^(-1/2). */
#include "ads/wilson.h"
#include <math.h>
#include <stddef.h>
#include "common/linalg.h"
#include "common/quad.h"

/* U_MAX: exp(-3 u^2) is 1e-47 there.  TOL: of each integral; TINY: below this fraction of the local scale log(f g) is expanded. */
#define U_MAX 6.0
#define TOL 1e-12
#define TINY 1e-2
enum { KRONROD = 21, MAX_BREAKS = 512, MAX_DEPTH = 40 };

/* Gauss-Kronrod 10-21 (QUADPACK qk21): positive nodes, Kronrod weights, Gauss weights of the odd ones. */
static const double node[11] = {0.995657163025808080735527280689003,
                                0.973906528517171720077964012084452,
                                0.930157491355708226001207180059508,
                                0.865063366688984510732096688423493,
                                0.780817726586416897063717578345042,
                                0.679409568299024406234327365114874,
                                0.562757134668604683339000099272694,
                                0.433395394129247190799265943165784,
                                0.294392862701460198131126603103866,
                                0.148874338981631210884826001129720,
                                0.0};
static const double kronrod[11] = {0.011694638867371874278064396062192, 0.032558162307964727478818972459390,
                                   0.054755896574351996031381300244580, 0.075039674810919952767043140916190,
                                   0.093125454583697605535065465083366, 0.109387158802297641899210590325805,
                                   0.123491976262065851077958109585166, 0.134709217311473325928054001771707,
                                   0.142775938577060080797094273138717, 0.147739104901338491374841515972068,
                                   0.149445554002916905664936468389821};
static const double gauss[5] = {0.066671344308688137593568809893332, 0.149451349150580593145863396957632,
                                0.219086362515982043995534934228163, 0.269266719309996355091226921569469,
                                0.295524224714752870173815619188769};

typedef struct string_ {
  const ads_background *b;
  double eta0, lw0, dw0; /* log(f0 g0) and its slope */
  double tiny;           /* below this eta - eta0, w from the slope */
  int broken;            /* f g <= f0 g0 somewhere above: no string */
} string_;

typedef struct pair {
  double d, V;
} pair;

/* w = int (log f g)' by the three-point Gauss rule, free of the cancellation in log(f g) - log(f0 g0). */
static double small_w(const string_ *s, double x) {
  static const double at[3] = {0.11270166537925831, 0.5, 0.88729833462074169}, weight[3] = {5, 8, 5};
  double sum = 0;
  for (int i = 0; i < 3; i++) {
    ads_geometry g;
    ads_background_at(s->b, s->eta0 + at[i] * x, &g);
    sum += weight[i] * (g.dlnf + g.dlng);
  }
  return x / 18 * sum;
}

static pair integrand(string_ *s, double u) {
  ads_geometry g;
  const double x = u * u;
  ads_background_at(s->b, s->eta0 + x, &g);
  const double w = x < s->tiny ? small_w(s, x) : g.lnf + g.lng - s->lw0;
  if (!(w > 0)) {
    s->broken = 1;
    return (pair){0, 0};
  }
  const double e = exp(-w),
               q = sqrt(-expm1(-w)); /* expm1(w)^(-1/2) = exp(-w/2)/q;  1/q - 1 = e/(q (1 + q)) */
  return (pair){4 * u * exp(g.lnn - 0.5 * g.lng - 0.5 * w) / q,
                4 * u * exp(g.lnn + 0.5 * g.lnf) * e / (q * (1 + q))};
}

static void panel(string_ *s, double a, double b, pair *value, pair *error) {
  const double c = 0.5 * (a + b), h = 0.5 * (b - a);
  pair k = {0, 0}, g = {0, 0};
  for (int i = 0; i < 11 && !s->broken; i++) {
    pair f = integrand(s, c + h * node[i]);
    if (i < 10) {
      const pair left = integrand(s, c - h * node[i]);
      f.d += left.d;
      f.V += left.V;
    }
    k.d += kronrod[i] * f.d;
    k.V += kronrod[i] * f.V;
    if (i % 2) {
      g.d += gauss[i / 2] * f.d;
      g.V += gauss[i / 2] * f.V;
    }
  }
  *value = (pair){h * k.d, h * k.V};
  *error = (pair){h * fabs(k.d - g.d), h * fabs(k.V - g.V)};
}

/* The Gauss rule is that much worse than Kronrod's: QUADPACK's (200 |K - G|/scale)^1.5. */
static int good(pair error, pair scale) {
  const double ed = 200 * error.d / scale.d, ev = 200 * error.V / scale.V;
  return ed * sqrt(ed) <= TOL && ev * sqrt(ev) <= TOL;
}

/* Adds the integral over [a, b], of which v, e is the first estimate, halving where it is not good enough. */
static com_status refine(com_ctx *c, string_ *s, double a, double b, pair v, pair e, pair scale, int depth,
                         pair *sum) {
  const double m = 0.5 * (a + b);
  pair vl, el, vr, er;
  if (good(e, scale)) {
    sum->d += v.d;
    sum->V += v.V;
    return COM_OK;
  }
  COM_CHECK(c, depth < MAX_DEPTH, COM_E_NUM,
            "potential: the string at eta0 = %.12g is not resolved near eta = %.6g: f g is too flat or too "
            "rough there",
            s->eta0, s->eta0 + a * a);
  panel(s, a, m, &vl, &el);
  panel(s, m, b, &vr, &er);
  if (s->broken) return COM_OK;
  COM_TRY(refine(c, s, a, m, vl, el, scale, depth + 1, sum));
  return refine(c, s, m, b, vr, er, scale, depth + 1, sum);
}

/* Panel edges in u: a few fixed ones, and the kinks of the background. */
static size_t edges(const string_ *s, double u[MAX_BREAKS]) {
  static const double fixed[] = {0, 0.7, 1.4, 2.4, U_MAX};
  size_t n_kinks, n = 0, k = 0;
  const double *kink = ads_background_breaks(s->b, &n_kinks);
  while (k < n_kinks && kink[k] <= s->eta0) k++;
  for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
    for (; i > 0 && k < n_kinks && n < MAX_BREAKS - 8; k++) {
      const double at = sqrt(kink[k] - s->eta0);
      if (at >= fixed[i]) break;
      u[n++] = at;
    }
    u[n++] = fixed[i];
  }
  return n;
}

static com_status integrate(com_ctx *c, string_ *s, pair *out) {
  double u[MAX_BREAKS];
  pair v[MAX_BREAKS], e[MAX_BREAKS], scale = {0, 0}, sum = {0, 0};
  const size_t n = edges(s, u);
  for (size_t i = 0; i + 1 < n && !s->broken; i++) {
    panel(s, u[i], u[i + 1], &v[i], &e[i]);
    scale.d += v[i].d;
    scale.V += v[i].V;
  }
  scale.V += ads_background_length(s->b, s->eta0);
  for (size_t i = 0; i + 1 < n && !s->broken; i++)
    COM_TRY(refine(c, s, u[i], u[i + 1], v[i], e[i], scale, 0, &sum));
  *out = sum;
  return COM_OK;
}

/* Thermal fluctuations of the string (Noronha, Dumitru 0907.3062; general metrics: Finazzo, Noronha 1306.2613), with the areal radius
 * r = sqrt g as coordinate, A = f g and ' = d/dr:
 *   2 pi alpha' Im V = -(pi/sqrt 2) sqrt(f g_rr) (A'/(2 A'') - A/A')   at the turning point, where the bracket is positive. */
static double imaginary(const ads_geometry *g) {
  const double dw = g->dlnf + g->dlng, ddw = g->d2lnf + g->d2lng;
  const double rr = 0.5 * g->dlng + g->d2lng / g->dlng; /* (d^2r/deta^2)/(dr/deta) */
  const double second = dw * dw + ddw - dw * rr;        /* A'' (dr/deta)^2/A */
  const double bracket = dw / (2 * second) - 1 / dw;    /* of the formula, over dr/deta */
  return second > 0 && bracket > 0 ? -M_PI / sqrt(2.0) * exp(g->lnn + 0.5 * g->lnf) * bracket : NAN;
}

com_status ads_wilson_at(com_ctx *c, const ads_background *b, double eta0, ads_wilson_point *out) {
  const ads_background_info *o = ads_background_facts(b);
  ads_geometry g;
  pair sum = {NAN, NAN};
  *out = (ads_wilson_point){.eta0 = eta0, .d = NAN, .V = NAN, .force = NAN, .im_V = NAN};
  if (!(eta0 > o->lo) || !isfinite(eta0)) return COM_OK;
  ads_background_at(b, eta0, &g);
  string_ s = {.b = b, .eta0 = eta0, .lw0 = g.lnf + g.lng, .dw0 = g.dlnf + g.dlng};
  s.tiny = TINY * (isfinite(o->lo) ? fmin(1, eta0 - o->lo) : 1);
  if (!(s.dw0 > 0)) return COM_OK;
  COM_TRY(integrate(c, &s, &sum));
  if (s.broken) return COM_OK;
  out->d = sum.d;
  out->V = sum.V - 2 * ads_background_length(b, eta0);
  out->force = exp(0.5 * s.lw0);
  if (o->horizon) out->im_V = imaginary(&g);
  return COM_OK;
}

/* ---- landmarks ---- */
enum { SCAN = 96 };
/* Relative distance to a wall at which its own rounding begins to matter. */
#define NEAREST 1e-11

typedef struct grid {
  double lowest, top;
  int wall;
} grid;

typedef struct scan {
  com_ctx *c;
  const ads_background *b;
  com_status status;
  double d; /* of a turning point that is looked for */
} scan;

static ads_wilson_point probe(scan *s, double eta0) {
  ads_wilson_point p;
  const com_status st = ads_wilson_at(s->c, s->b, eta0, &p);
  if (st) s->status = st;
  return p;
}

/* dd/deta0 by a sixth-order difference: d is known to 1e-13, so the root of this is good to about 1e-10. */
static double slope_of_d(double eta0, void *user) {
  scan *s = user;
  const double lo = ads_background_facts(s->b)->lo, h = 0.01 * (isfinite(lo) ? fmin(1, eta0 - lo) : 1);
  double sum = 0;
  static const double weight[3] = {3.0 / 4, -3.0 / 20, 1.0 / 60};
  for (int k = 1; k <= 3; k++) sum += weight[k - 1] * (probe(s, eta0 + k * h).d - probe(s, eta0 - k * h).d);
  return sum / h;
}

static double potential(double eta0, void *user) { return probe(user, eta0).V; }
static double distance_excess(double eta0, void *user) { return probe(user, eta0).d - ((scan *)user)->d; }

/* Grid from the boundary inwards, dense where the branch ends: quadratically at a horizon, geometrically at a wall, to which d is the
 * logarithm of the distance. */
static double grid_at(const grid *g, int i) {
  const double x = 1 - (double)i / (SCAN - 1); /* 1 ... 0 */
  const double span = g->top - g->lowest;
  if (g->wall) return g->lowest + span * pow(NEAREST, 1 - x);
  return g->lowest + span * (x * x * (1 - 1e-4) + 1e-4 * fmax(x, 0.1));
}

static com_status find_maximum(scan *s, const grid *g, const ads_wilson_point *p, int n,
                               ads_wilson_landmarks *out) {
  for (int i = 1; i + 1 < n; i++) {
    if (!(p[i].d > p[i - 1].d && p[i].d > p[i + 1].d)) continue;
    com_status st =
        com_quad_root(s->c, grid_at(g, i + 1), grid_at(g, i - 1), 1e-14, &out->d_max_eta0, slope_of_d, s);
    if (st || (st = s->status)) return st;
    out->d_max = probe(s, out->d_max_eta0).d;
    out->lowest = out->d_max_eta0;
    for (int k = i + 1; k < n; k++) out->other_branch |= p[k].d > p[k - 1].d;
    break;
  }
  return s->status;
}

/* The first change of sign of V (from below) along the physical branch, coming from the boundary.  When V < 0 still where the grid meets
 * a wall, the rest is linear: V = V_end + slope (d - d_end), up to NEAREST. */
static com_status find_screening(scan *s, const ads_wilson_point *p, int n, ads_wilson_landmarks *out) {
  for (int i = 1; i < n; i++) {
    ads_wilson_point low = p[i];
    if (low.eta0 < out->lowest) low = probe(s, out->lowest);
    if (p[i - 1].V < 0 && low.V >= 0) {
      const com_status st =
          com_quad_root(s->c, low.eta0, p[i - 1].eta0, 1e-14, &out->screening_eta0, potential, s);
      if (st || s->status) return st ? st : s->status;
      out->screening = probe(s, out->screening_eta0).d;
      return s->status;
    }
    if (p[i].eta0 < out->lowest) return s->status;
  }
  if (n == SCAN && out->lowest == out->wall && p[n - 1].V < 0) {
    out->screening_eta0 = out->wall;
    out->screening = p[n - 1].d - p[n - 1].V / out->slope;
  }
  return s->status;
}

/* Im V sets in: the bracket of imaginary() changes sign. Bisection on whether it is defined. */
static void find_onset(scan *s, const ads_wilson_point *p, int n, ads_wilson_landmarks *out) {
  for (int i = 1; i < n && p[i - 1].eta0 > out->lowest; i++) {
    if (isnan(p[i].im_V) || !isnan(p[i - 1].im_V)) continue;
    double in = p[i].eta0, none = p[i - 1].eta0;
    for (int k = 0; k < 60 && none - in > 1e-14; k++) {
      ads_geometry g;
      const double mid = 0.5 * (in + none);
      ads_background_at(s->b, mid, &g);
      if (isnan(imaginary(&g)))
        none = mid;
      else
        in = mid;
    }
    if (in < out->lowest) return;
    out->im_onset_eta0 = in;
    out->im_onset = probe(s, in).d;
    return;
  }
}

com_status ads_wilson_find(com_ctx *c, const ads_background *b, ads_wilson_landmarks *out) {
  const ads_background_info *o = ads_background_facts(b);
  scan s = {.c = c, .b = b};
  ads_wilson_point p[SCAN];
  *out = (ads_wilson_landmarks){NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, .lowest = o->lo};
  if (ads_background_wall(b, &out->wall)) {
    ads_geometry g;
    ads_background_at(b, out->wall, &g);
    out->slope = exp(0.5 * (g.lnf + g.lng));
    out->lowest = out->wall;
  }
  const double lowest = isfinite(out->lowest) ? out->lowest : o->known_lo;
  if (!isfinite(lowest)) return COM_OK; /* closed form without horizon: one branch, d and V scale */
  const grid g = {lowest, fmax(lowest, isfinite(o->known_hi) ? o->known_hi : 1) + 2.5,
                  out->lowest == out->wall};
  int n = 0;
  for (; n < SCAN; n++) {
    p[n] = probe(&s, grid_at(&g, n));
    if (s.status) return s.status;
    if (isnan(p[n].d)) break;
  }
  COM_TRY(find_maximum(&s, &g, p, n, out));
  /* a straight string must have an end to compare with */
  if (o->horizon || !isfinite(o->lo)) COM_TRY(find_screening(&s, p, n, out));
  find_onset(&s, p, n, out);
  return s.status;
}

com_status ads_wilson_turning_point(com_ctx *c, const ads_background *b, const ads_wilson_landmarks *at,
                                    double d, ads_wilson_point *out) {
  const ads_background_info *o = ads_background_facts(b);
  const double lowest = isfinite(at->lowest) ? at->lowest : isfinite(o->known_lo) ? o->known_lo - 20 : -30;
  const double lo = lowest + (at->lowest == at->d_max_eta0 ? 0 : 1e-9 * fmax(1, fabs(lowest)));
  scan s = {.c = c, .b = b, .d = d};
  double eta0;
  const double hi = fmax(lo, -log(d)) + 3; /* d < 2 exp(-eta0), once f g > exp(4 eta) */
  double top = hi;
  for (int i = 0; i < 20 && !(probe(&s, top).d < d); i++) top += 1;
  const ads_wilson_point low = probe(&s, lo);
  if (!s.status && at->lowest == at->wall &&
      d > low.d) { /* turns within rounding of the wall: V is linear there */
    *out = low;
    out->eta0 = at->wall;
    out->d = d;
    out->V = low.V + at->slope * (d - low.d);
    return COM_OK;
  }
  COM_CHECK(c, s.status || (d > 0 && low.d >= d), COM_E_NUM,
            "potential: no connected string at d = %g: the largest distance is %g", d, low.d);
  if (s.status) return s.status;
  COM_TRY(com_quad_root(c, lo, top, 1e-13, &eta0, distance_excess, &s));
  *out = probe(&s, eta0);
  return s.status;
}

/* ---- screened Cornell form ---- */
enum { FIT_POINTS = 32, FIT_TERMS = 3, MU_GRID = 40 };

typedef struct debye {
  com_ctx *c;
  double d[FIT_POINTS], V[FIT_POINTS], coef[FIT_TERMS];
} debye;

/* Sum of squares of V - (C - (alpha/d) e^(-mu d) + (sigma/mu) (1 - e^(-mu d))) at the best alpha, sigma, C; log mu given. */
static double misfit(double log_mu, void *user) {
  debye *f = user;
  const double mu = exp(log_mu);
  double A[FIT_POINTS * FIT_TERMS], b[FIT_POINTS], sum = 0;
  for (int i = 0; i < FIT_POINTS; i++) {
    A[FIT_TERMS * i] = -exp(-mu * f->d[i]) / f->d[i];
    A[FIT_TERMS * i + 1] = -expm1(-mu * f->d[i]) / mu;
    A[FIT_TERMS * i + 2] = 1;
    b[i] = f->V[i];
  }
  if (com_linalg_lstsq(f->c, FIT_POINTS, FIT_TERMS, A, b, f->coef)) return INFINITY;
  for (int i = 0; i < FIT_POINTS; i++) {
    const double r = f->V[i] - f->coef[2] + f->coef[0] * exp(-mu * f->d[i]) / f->d[i] +
                     f->coef[1] * expm1(-mu * f->d[i]) / mu;
    sum += r * r;
  }
  return sum;
}

com_status ads_wilson_debye_fit(com_ctx *c, const ads_background *b, const ads_wilson_landmarks *at,
                                ads_wilson_debye *out) {
  debye f = {.c = c};
  double best = INFINITY, log_mu;
  int k = 0;
  *out = (ads_wilson_debye){NAN, NAN, NAN, NAN, NAN};
  if (isnan(at->screening)) return COM_OK;
  for (int i = 0; i < FIT_POINTS; i++) {
    ads_wilson_point p;
    f.d[i] = at->screening * (0.2 + 0.8 * i / (FIT_POINTS - 1));
    COM_TRY(ads_wilson_turning_point(c, b, at, f.d[i], &p));
    f.V[i] = p.V;
  }
  const double lo = log(0.02 / at->screening), step = log(1e3) / MU_GRID;
  for (int i = 0; i <= MU_GRID; i++) {
    const double m = misfit(lo + i * step, &f);
    if (m < best) best = m, k = i;
  }
  COM_TRY(com_ctx_enough_memory(c));         /* or what found none would be taken for no fit */
  if (k == 0 || k == MU_GRID) return COM_OK; /* no scale of its own: a plain Cornell form is as good */
  COM_TRY(com_quad_minimum(c, lo + (k - 1) * step, lo + (k + 1) * step, 1e-6, &log_mu, misfit, &f));
  out->rms = sqrt(misfit(log_mu, &f) / FIT_POINTS);
  out->mu = exp(log_mu);
  out->alpha = f.coef[0];
  out->sigma = f.coef[1];
  out->constant = f.coef[2];
  return com_ctx_enough_memory(c);
}
