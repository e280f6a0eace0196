/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/potential_model.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "ads/background_file.h"
#include "ads/units.h"
#include "ads/wilson.h"
#include "ads/wilson_variation.h"
#include "common/quad.h"

enum { MAX_SCAN = 128 };
/* Step of the differences of the background, relative: its logarithms are good to 1e-14, nearly linear in theta. */
#define STEP 3e-5
/* Next turning point of the scan: this much nearer to the end of the branch. */
#define SHRINK 0.75

struct ads_potential_model {
  com_ctx *c;
  cJSON *doc; /* background document with L = 1, without theta and T */
  size_t n_theta;
};

com_status ads_potential_model_create(com_ctx *c, const ads_config *cfg, size_t n_theta,
                                      ads_potential_model **out) {
  ads_potential_model *m = calloc(1, sizeof *m);
  *out = NULL;
  COM_ALLOC(c, m);
  m->c = c;
  m->n_theta = n_theta;
  com_status s = ads_background_file_template(c, cfg, &m->doc);
  if (!s) s = com_json_add(c, m->doc, "L", com_json_real(1));
  if (s)
    ads_potential_model_destroy(m);
  else
    *out = m;
  return s;
}

void ads_potential_model_destroy(ads_potential_model *m) {
  if (!m) return;
  com_json_free(m->doc);
  free(m);
}

static com_status make(const ads_potential_model *m, const double *theta, double T, ads_background **out) {
  com_ctx *c = m->c;
  cJSON *doc = com_json_copy(m->doc);
  COM_ALLOC(c, doc);
  com_status s = com_json_add(c, com_json_edit(doc, "metric"), "theta", com_json_reals(theta, m->n_theta));
  if (!s) s = com_json_add(c, doc, "T", com_json_real(T));
  if (!s) s = ads_background_create(c, "potential", doc, out);
  com_json_free(doc);
  return s;
}

/* ---- V(r) ---- */

/* Turning points from the boundary inwards, as far as connected strings are the cheaper ones. */
typedef struct scan {
  com_ctx *c;
  const ads_background *b;
  size_t n;
  double end; /* of the branch */
  ads_wilson_point p[MAX_SCAN];
  double d; /* of a root that is looked for */
  com_status status;
} scan;

static double end_of_branch(const ads_background *b) {
  double wall;
  const ads_background_info *o = ads_background_facts(b);
  return ads_background_wall(b, &wall) ? wall : isfinite(o->lo) ? o->lo : o->known_lo;
}

static com_status fill_scan(scan *s, double shortest, double longest) {
  const double end = s->end = end_of_branch(s->b);
  double x = fmax(1, 1 - log(shortest) - end);
  for (int i = 0; i < 40; i++, x += 1) { /* f g = const exp(4 eta) with any constant */
    COM_TRY(ads_wilson_at(s->c, s->b, end + x, &s->p[0]));
    if (s->p[0].d < shortest) break;
  }
  COM_CHECK(s->c, s->p[0].d < shortest, COM_E_NUM, "potential: no string is as short as d = %g", shortest);
  for (s->n = 1; s->n < MAX_SCAN; s->n++) {
    ads_wilson_point *q = s->p + s->n, *last = q - 1;
    x *= SHRINK;
    COM_TRY(ads_wilson_at(s->c, s->b, end + x, q));
    if (!(q->d > last->d)) break; /* beyond the longest string, or at the end of the branch */
    if (q->V >= 0 || q->d > longest) {
      s->n++;
      break;
    }
  }
  return COM_OK;
}

/* x = log(eta0 - end) at log d by the cubic through four turning points of the scan around i, and its slope.  x is smooth in both regimes:
 * d ~ exp(-eta0) near the boundary, d ~ -x next to a minimum of f g. */
static double guess(const scan *s, size_t i, double log_d, double *slope) {
  const size_t m = s->n < 4 ? s->n : 4, half = i < 2 ? 0 : i - 2, first = half + m > s->n ? s->n - m : half;
  double x = 0;
  *slope = 0;
  for (size_t a = 0; a < m; a++) {
    const double la = log(s->p[first + a].d), xa = log(s->p[first + a].eta0 - s->end);
    double basis = 1, change = 0;
    for (size_t b = 0; b < m; b++) {
      if (b == a) continue;
      const double lb = log(s->p[first + b].d);
      change = (change * (log_d - lb) + basis) / (la - lb);
      basis *= (log_d - lb) / (la - lb);
    }
    x += basis * xa;
    *slope += change * xa;
  }
  return x;
}

static double log_excess(double eta0, void *user) {
  scan *s = user;
  ads_wilson_point p;
  const com_status st = ads_wilson_at(s->c, s->b, eta0, &p);
  if (st) s->status = st;
  return log(p.d / s->d);
}

/* From the string that was found to one longer by a factor exp(miss), eta0 moved by `shift`: dV/dd = force = sqrt(f0 g0). */
static void lengthen(const scan *s, double miss, double shift, ads_wilson_point *p) {
  ads_geometry g;
  ads_background_at(s->b, p->eta0, &g);
  const double force = p->force * exp(0.5 * (g.dlnf + g.dlng) * shift), longer = p->d * expm1(miss);
  p->V += 0.5 * (p->force + force) * longer;
  p->d += longer;
  p->force = force;
  p->eta0 += shift;
}

/* The string of length d between points i - 1 and i of the scan: interpolation, then secant steps; where they do not settle, bracketing. */
static com_status hang(scan *s, size_t i, double d, ads_wilson_point *out) {
  static const double CLOSE = 1e-8; /* of log d; lengthen, with a slope good to a per cent, does the rest */
  double slope, x = guess(s, i, log(d), &slope), eta0;
  for (int k = 0; k < 6; k++) {
    COM_TRY(ads_wilson_at(s->c, s->b, s->end + exp(x), out));
    const double miss = log(d / out->d);
    if (fabs(miss) < CLOSE) {
      lengthen(s, miss, exp(x) * slope * miss, out);
      return COM_OK;
    }
    if (!isfinite(miss)) break;
    x += slope * miss;
  }
  s->d = d;
  COM_TRY(com_quad_root(s->c, s->p[i].eta0, s->p[i - 1].eta0, 1e-12, &eta0, log_excess, s));
  COM_TRY(s->status);
  return ads_wilson_at(s->c, s->b, eta0, out);
}

/* The string of length d; *out has V = 0 where two straight ones are cheaper or no other hangs. */
static com_status string_at(scan *s, double d, ads_wilson_point *out) {
  size_t i = 1;
  *out = (ads_wilson_point){.eta0 = NAN, .d = d};
  while (i < s->n && s->p[i].d < d) i++;
  if (i == s->n) return COM_OK;
  COM_TRY(hang(s, i, d, out));
  if (!(out->V < 0)) *out = (ads_wilson_point){.eta0 = NAN, .d = d};
  return COM_OK;
}

/* ---- derivatives ---- */

/* Backgrounds on either side of every theta. */
static com_status make_pairs(const ads_potential_model *m, const double *at, double T,
                             ads_wilson_variation_pair *pair, ads_background **side) {
  const size_t n = m->n_theta;
  double *theta = malloc((n + 1) * sizeof *theta);
  COM_ALLOC(m->c, theta);
  com_status s = COM_OK;
  if (n > 0) memcpy(theta, at, n * sizeof *theta); /* a metric without parameters has no array */
  for (size_t k = 0; k < n && !s; k++) {
    const double step = STEP * fmax(1, fabs(at[k]));
    theta[k] = at[k] + step;
    s = make(m, theta, T, side + 2 * k);
    theta[k] = at[k] - step;
    if (!s) s = make(m, theta, T, side + 2 * k + 1);
    theta[k] = at[k];
    pair[k] = (ads_wilson_variation_pair){side[2 * k], side[2 * k + 1], 2 * step};
  }
  free(theta);
  return s;
}

/* Rows of dV/d(theta, T); T dV/dT = V + d dV/dd, as V/T depends on d T. */
static com_status derivatives(const ads_potential_model *m, const ads_background *b, const double *theta,
                              double T, size_t n, const ads_wilson_point *p, double *J) {
  const size_t nt = m->n_theta;
  ads_wilson_variation_pair *pair = calloc(nt + 1, sizeof *pair);
  ads_background **side = calloc(2 * nt + 1, sizeof(ads_background *));
  com_status s =
      pair && side ? make_pairs(m, theta, T, pair, side) : COM_FAIL(m->c, COM_E_MEM, "out of memory");
  for (size_t i = 0; i < n && !s; i++) {
    double *row = J + i * (nt + 1);
    memset(row, 0, (nt + 1) * sizeof *row);
    if (isnan(p[i].eta0)) continue; /* two straight strings */
    s = ads_wilson_variation(m->c, b, p[i].eta0, nt, pair, row);
    row[nt] = (p[i].V + p[i].d * p[i].force) / T;
  }
  for (size_t k = 0; side && k < 2 * nt; k++) ads_background_destroy(side[k]);
  free(side);
  free(pair);
  return s;
}

com_status ads_potential_model_eval(const ads_potential_model *m, const double *theta, double T, size_t n,
                                    const double *r, double *V, double *J) {
  com_ctx *c = m->c;
  double lo = INFINITY, hi = 0;
  ads_background *b = NULL;
  com_status status = COM_OK;
  ads_wilson_point *p = malloc((n + 1) * sizeof *p);
  scan s = {.c = c};
  COM_ALLOC(c, p);
  for (size_t i = 0; i < n; i++) { /* L = 1 GeV^-1 */
    lo = fmin(lo, r[i] / ADS_UNITS_HBARC);
    hi = fmax(hi, r[i] / ADS_UNITS_HBARC);
  }
  COM_GOTO(done, make(m, theta, T, &b));
  s.b = b;
  COM_GOTO(done, fill_scan(&s, lo, hi));
  for (size_t i = 0; i < n; i++) {
    COM_GOTO(done, string_at(&s, r[i] / ADS_UNITS_HBARC, p + i));
    V[i] = p[i].V;
  }
  if (J) status = derivatives(m, b, theta, T, n, p, J);
done:
  ads_background_destroy(b);
  free(p);
  return status;
}
