/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ads/datacurve.h"
#include <math.h>
#include <stdlib.h>

struct ads_datacurve {
  size_t m; /* knots with the origin */
  double *s, *r, *slope;
};

void ads_datacurve_destroy(ads_datacurve *g) {
  if (!g) return;
  free(g->s);
  free(g);
}

/* Knots by rising |s|, signs folded; equal sources share their mean. */
static void knots(ads_datacurve *g, size_t n, const double *s, const double *r) {
  g->m = 1;
  for (size_t i = 0; i < n; i++) {
    const double x = fabs(s[i]), y = s[i] < 0 ? -r[i] : r[i];
    size_t k = g->m++;
    for (; k > 1 && g->s[k - 1] > x; k--) g->s[k] = g->s[k - 1], g->r[k] = g->r[k - 1];
    g->s[k] = x, g->r[k] = y;
  }
  size_t kept = 0;
  for (size_t i = 1, run = 1; i < g->m; i++) {
    if (g->s[i] == g->s[kept]) { /* mean of the run; the origin stays */
      if (kept > 0) g->r[kept] += (g->r[i] - g->r[kept]) / (double)++run;
      continue;
    }
    kept++, run = 1;
    g->s[kept] = g->s[i], g->r[kept] = g->r[i];
  }
  g->m = kept + 1;
}

/* Slopes of the monotone cubic (Fritsch, Butland, SIAM J. Sci. Stat. Comput. 5, 300 (1984)): the weighted harmonic mean of the chords on
 * either side, the chord itself at the ends; not below a tenth of r/s, so that noise that flattens the curve blinds no point. */
static void slopes(ads_datacurve *g) {
  const size_t m = g->m;
  for (size_t i = 0; i < m; i++) {
    const double h0 = i > 0 ? g->s[i] - g->s[i - 1] : 0, h1 = i + 1 < m ? g->s[i + 1] - g->s[i] : 0;
    const double d0 = i > 0 ? (g->r[i] - g->r[i - 1]) / h0 : 0,
                 d1 = i + 1 < m ? (g->r[i + 1] - g->r[i]) / h1 : 0;
    if (i == 0 || i + 1 == m)
      g->slope[i] = i == 0 ? d1 : d0;
    else
      g->slope[i] = d0 * d1 > 0 ? 3 * (h0 + h1) / ((2 * h1 + h0) / d0 + (h1 + 2 * h0) / d1) : 0;
    if (i > 0) g->slope[i] = fmax(g->slope[i], 0.1 * fabs(g->r[i] / g->s[i]));
  }
}

com_status ads_datacurve_create(com_ctx *c, size_t n, const double *s, const double *r, ads_datacurve **out) {
  ads_datacurve *g;
  *out = NULL;
  COM_ALLOC(c, g = calloc(1, sizeof *g));
  g->s = calloc(3 * (n + 1), sizeof *g->s);
  if (!g->s) {
    free(g);
    return COM_FAIL(c, COM_E_MEM, "out of memory");
  }
  g->r = g->s + n + 1, g->slope = g->r + n + 1;
  knots(g, n, s, r);
  slopes(g);
  *out = g;
  return COM_OK;
}

double ads_datacurve_at(const ads_datacurve *g, double s, double *slope) {
  const double x = fabs(s), sign = s < 0 ? -1 : 1;
  size_t k = 0;
  while (k + 1 < g->m && g->s[k + 1] < x) k++;
  double y, d;
  if (k + 1 < g->m) { /* Hermite on [s_k, s_k+1] */
    const double h = g->s[k + 1] - g->s[k], t = (x - g->s[k]) / h, rise = g->r[k + 1] - g->r[k];
    const double m0 = h * g->slope[k], m1 = h * g->slope[k + 1], c2 = 3 * rise - 2 * m0 - m1,
                 c3 = m0 + m1 - 2 * rise;
    y = g->r[k] + t * (m0 + t * (c2 + t * c3));
    d = (m0 + t * (2 * c2 + t * 3 * c3)) / h;
  } else if (g->m == 1) {
    y = x, d = 1; /* no point but the origin */
  } else {
    const double last = g->s[k], p = g->slope[k] * last / g->r[k];
    y = g->r[k] * pow(x / last, p);
    d = p * y / x;
  }
  if (slope) *slope = d;
  return sign * y;
}

void ads_datacurve_start(const ads_datacurve *g, double *a, double *b) {
  const size_t mid = g->m / 2;
  if (g->m < 2 || g->r[1] == 0) return;
  *a = g->s[1] / g->r[1];
  *b = g->r[mid] != 0 ? (g->s[mid] / g->r[mid] - *a) / (g->r[mid] * g->r[mid]) : 0;
}
