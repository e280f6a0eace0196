/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/potential_model.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "ads/background_file.h"
#include "ads/units.h"
#include "ads/wilson.h"
#include "ads/wilson_variation.h"

enum { MAX_SCAN = 256 };
/* Step of the differences of the background, relative: its logarithms are good to 1e-14, nearly linear in theta. */
#define STEP 3e-5
/* Next turning point of the scan: this much nearer to the end of the branch. */
#define SHRINK 0.75
/* The scan ends here at the latest: a string this near to a horizon is short again. */
#define NEAREST 1e-3

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

/* Turning points from the boundary inwards.  d need not rise all the way: where f g has a plateau above its minimum it falls in between, so that
 * up to three strings (or more) hang at one distance, one of them unstable.  V is the lowest of them: along the branch dV = sqrt(f0 g0) dd with
 * ever smaller sqrt(f0 g0), hence the lowest V is continuous in d, with a kink where two branches cross, and reaches 0 before strings end. */
typedef struct scan {
  com_ctx *c;
  const ads_background *b;
  size_t n;
  double end; /* of the branch */
  ads_wilson_point p[MAX_SCAN];
} scan;

static double end_of_branch(const ads_background *b, int *wall) {
  double at;
  const ads_background_info *o = ads_background_facts(b);
  *wall = ads_background_wall(b, &at);
  return *wall ? at : isfinite(o->lo) ? o->lo : o->known_lo;
}

/* Next to a wall d = A - B log x: has the scan come to where every step adds the same?  Three steps, as two are alike at an inflection. */
static int settled(const scan *s) {
  static const double EVEN = 0.05;
  if (s->n < 4) return 0;
  const ads_wilson_point *p = s->p + s->n - 4;
  const double a = p[1].d - p[0].d, b = p[2].d - p[1].d, step = p[3].d - p[2].d;
  return step > 0 && fabs(step - b) < EVEN * step && fabs(b - a) < EVEN * step;
}

/* Is all that follows of no interest?  Beyond this point V only grows with d, or strings are shorter than any that is asked for. */
static int complete(const scan *s, int wall, double shortest, double longest) {
  const ads_wilson_point *q = s->p + s->n - 1;
  if (wall) return settled(s) && (q->V >= 0 || q->d > longest);
  return q->eta0 - s->end < NEAREST || (s->n > 1 && q->d < shortest && q->d < q[-1].d);
}

/* Between points i - 1 and i, at the geometric mean of their distances from the end; points from i on move up. */
static com_status insert(scan *s, size_t i) {
  ads_wilson_point q;
  const double x = sqrt((s->p[i - 1].eta0 - s->end) * (s->p[i].eta0 - s->end));
  COM_TRY(ads_wilson_at(s->c, s->b, s->end + x, &q));
  memmove(s->p + i + 1, s->p + i, (s->n - i) * sizeof *s->p);
  s->p[i] = q;
  s->n++;
  return COM_OK;
}

/* d log d/d log x between i - 1 and i */
static double slope_at(const scan *s, size_t i) {
  const ads_wilson_point *p = s->p + i;
  return log(p->d / p[-1].d) / log((p->eta0 - s->end) / (p[-1].eta0 - s->end));
}

/* More points where d(eta0) turns, or all but turns, until what is not seen of a loop of branches is too small to matter: the jump of V is
 * about sqrt(f0 g0) d times the cube of the spacing in log x. */
static com_status refine(scan *s) {
  static const double FINEST = 0.05, CHANGE = 3;
  for (size_t i = 1; i + 1 < s->n && s->n + 2 < MAX_SCAN;) {
    const double before = slope_at(s, i), after = slope_at(s, i + 1),
                 wide = log((s->p[i - 1].eta0 - s->end) / (s->p[i + 1].eta0 - s->end));
    const int turns =
        !(before * after > 0 && fabs(before) < CHANGE * fabs(after) && fabs(after) < CHANGE * fabs(before));
    if (!turns || wide < 2 * FINEST) {
      i++;
      continue;
    }
    COM_TRY(insert(s, i + 1));
    COM_TRY(insert(s, i));
    if (i > 1) i--; /* the pair before has a new neighbour */
  }
  return COM_OK;
}

static com_status fill_scan(scan *s, double shortest, double longest) {
  int wall = 0;
  const double end = s->end = end_of_branch(s->b, &wall);
  double x = fmax(1, 1 - log(shortest) - end);
  for (int i = 0; i < 40; i++, x += 1) { /* f g = const exp(4 eta) with any constant */
    COM_TRY(ads_wilson_at(s->c, s->b, end + x, &s->p[0]));
    if (s->p[0].d < shortest) break;
  }
  COM_CHECK(s->c, s->p[0].d < shortest, COM_E_NUM, "potential: no string is as short as d = %g", shortest);
  for (s->n = 1; s->n < MAX_SCAN / 2 && !complete(s, wall, shortest, longest); s->n++) {
    x *= SHRINK;
    COM_TRY(ads_wilson_at(s->c, s->b, end + x, s->p + s->n));
    if (!isfinite(s->p[s->n].d)) break; /* the end of the branch */
  }
  return refine(s);
}

/* log(eta0 - end) at log d by the cubic through four turning points of the scan around i, and its slope; where d does not rise through all of
 * them, by the line through i - 1 and i. */
static double guess(const scan *s, size_t i, double log_d, double *slope) {
  size_t m = s->n < 4 ? s->n : 4, half = i < 2 ? 0 : i - 2, first = half + m > s->n ? s->n - m : half;
  for (size_t a = 1; a < m; a++)
    if (!(s->p[first + a].d > s->p[first + a - 1].d)) {
      first = i - 1, m = 2;
      break;
    }
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

/* The string of length d between points i - 1 and i of the scan, d[i - 1] <= d <= d[i]: secant steps in log(eta0 - end) from an interpolation,
 * halving the bracket where a step leaves it or the last one did not gain a factor of two. */
static com_status hang(scan *s, size_t i, double d, ads_wilson_point *out) {
  enum { STEPS = 100 };
  /* Of log d.  lengthen does the rest: with the slope of the interpolation, good to a per cent, or that of the last secant, good to 1e-3. */
  static const double CLOSE = 1e-8, CLOSE_SECANT = 1e-6;
  double far = log(s->p[i - 1].eta0 - s->end), near = log(s->p[i].eta0 - s->end); /* too short, too long */
  double slope, x = guess(s, i, log(d), &slope), last_x = NAN, last = NAN;
  for (int k = 0; k < STEPS; k++) {
    if (!(x < far && x > near)) x = 0.5 * (far + near);
    COM_TRY(ads_wilson_at(s->c, s->b, s->end + exp(x), out));
    const double miss = log(d / out->d);
    COM_CHECK(s->c, isfinite(miss), COM_E_NUM, "potential: no string hangs at eta0 = %.12g", s->end + exp(x));
    if (k > 0 && miss != last) slope = (last_x - x) / (miss - last);
    if (fabs(miss) < (k > 0 ? CLOSE_SECANT : CLOSE) || far - near < 1e-13) {
      lengthen(s, miss, exp(x) * slope * miss, out);
      return COM_OK;
    }
    if (miss > 0)
      far = x;
    else
      near = x;
    const int slow = k > 0 && fabs(miss) > 0.5 * fabs(last);
    last = miss;
    last_x = x;
    x = slow ? 0.5 * (far + near) : x + slope * miss;
  }
  return COM_FAIL(s->c, COM_E_NUM, "potential: no string of length d = %.12g was found near eta0 = %.6g", d,
                  out->eta0);
}

/* A string that was found is a turning point more for the guesses of the next ones, unless it is so close to another that their difference is
 * rounding.  @return 1 when it was put at i */
static int keep(scan *s, size_t i, const ads_wilson_point *q) {
  static const double APART = 1e-3;
  if (s->n == MAX_SCAN || log(q->d / s->p[i - 1].d) < APART || log(s->p[i].d / q->d) < APART) return 0;
  memmove(s->p + i + 1, s->p + i, (s->n - i) * sizeof *s->p);
  s->p[i] = *q;
  s->n++;
  return 1;
}

/* The cheapest string of length d; *out has V = 0 where two straight ones are cheaper or no other hangs. */
static com_status string_at(scan *s, double d, ads_wilson_point *out) {
  *out = (ads_wilson_point){.eta0 = NAN, .d = d};
  for (size_t i = 1; i < s->n; i++) {
    ads_wilson_point p = s->p[i - 1];
    if (!(p.d <= d && d < s->p[i].d)) continue; /* where d falls inwards a string is unstable */
    if (p.d < d) COM_TRY(hang(s, i, d, &p));
    if (p.V < out->V) *out = p;
    i += (size_t)keep(s, i, &p);
  }
  return COM_OK;
}

/* ---- derivatives ---- */

/* Backgrounds on either side of every theta. */
static com_status make_pairs(const ads_potential_model *m, const double *at, double T,
                             ads_wilson_shift_pair *pair, ads_background **side) {
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
    pair[k] = (ads_wilson_shift_pair){side[2 * k], side[2 * k + 1], 2 * step};
  }
  free(theta);
  return s;
}

/* Rows of dV/d(theta, T); T dV/dT = V + d dV/dd, as V/T depends on d T.  Two straight strings: 0. */
static com_status rows(const ads_potential_model *m, const ads_background *b, double T, size_t n,
                       const ads_wilson_point *p, const ads_wilson_shift_pair *pair, double *J) {
  const size_t nt = m->n_theta;
  double lo = INFINITY, hi = -INFINITY;
  ads_wilson_shift *shift = NULL;
  memset(J, 0, n * (nt + 1) * sizeof *J);
  for (size_t i = 0; i < n; i++) {
    lo = fmin(lo, p[i].eta0); /* fmin ignores the NAN of straight strings */
    hi = fmax(hi, p[i].eta0);
  }
  if (!(lo <= hi)) return COM_OK;
  COM_TRY(ads_wilson_shift_create(m->c, b, nt, pair, lo, hi + ads_wilson_variation_reach(), &shift));
  com_status s = COM_OK;
  for (size_t i = 0; i < n && !s; i++) {
    double *row = J + i * (nt + 1);
    if (isnan(p[i].eta0)) continue;
    s = ads_wilson_variation(m->c, b, p[i].eta0, shift, row);
    row[nt] = (p[i].V + p[i].d * p[i].force) / T;
  }
  ads_wilson_shift_destroy(shift);
  return s;
}

static com_status derivatives(const ads_potential_model *m, const ads_background *b, const double *theta,
                              double T, size_t n, const ads_wilson_point *p, double *J) {
  const size_t nt = m->n_theta;
  ads_wilson_shift_pair *pair = calloc(nt + 1, sizeof *pair);
  ads_background **side = calloc(2 * nt + 1, sizeof(ads_background *));
  com_status s =
      pair && side ? make_pairs(m, theta, T, pair, side) : COM_FAIL(m->c, COM_E_MEM, "out of memory");
  if (!s) s = rows(m, b, T, n, p, pair, J);
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
